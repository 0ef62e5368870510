"""Hyperswitch's hand-off as a merchant's backend makes it, over gRPC and over HTTP, and the sheet's own words."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mockserver.core.clock import seconds
from mockserver.vendors.hyperswitch.options import HyperswitchOptions
from tests.support.rpc import Answered, Line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver import Emulator

    Pairs = Iterable[tuple[str, str]]

TOKENS, PAYMENTS = "types.MerchantAuthenticationService", "types.PaymentService"
UCS, UCS_PAYMENTS = "ucs.v2.MerchantAuthenticationService", "ucs.v2.PaymentService"
NEW = f"{TOKENS}/CreateServerAuthenticationToken"
OLD = f"{TOKENS}/CreateAccessToken"
DOCS = f"{UCS}/CreateAccessToken"
EARLIEST = f"{UCS_PAYMENTS}/CreateAccessToken"
GET, AUTHORIZE = f"{PAYMENTS}/Get", f"{PAYMENTS}/Authorize"

AMOUNT = {"minor_amount": 1000, "currency": "USD"}
CREDENTIALS = {
    "airwallex": {"api_key": "k", "client_id": "c"},
    "fiservcommercehub": {"api_key": "k", "secret": "s", "merchant_id": "m", "terminal_id": "t"},
    "getnet": {"api_key": "k", "api_secret": "s", "seller_id": "i"},
    "globalpay": {"app_id": "i", "app_key": "k"},
    "iatapay": {"client_id": "c", "merchant_id": "m", "client_secret": "s"},
    "itaubank": {"client_secret": "s", "client_id": "c"},
    "jpmorgan": {"client_id": "c", "client_secret": "s"},
    "paypal": {"client_id": "id", "client_secret": "s"},
    "pinelabs_online": {"client_id": "c", "client_secret": "s"},
    "truelayer": {"client_id": "c", "client_secret": "s"},
    "trustpay": {"api_key": "k", "project_id": "p", "secret_key": "s"},
    "volt": {"username": "u", "password": "p", "client_id": "c", "client_secret": "s"},
    "stripe": {"api_key": "k"},
    "adyen": {"api_key": "k", "merchant_account": "m"},
}
KEYS = {"pinelabs_online": "PinelabsOnline"}


def key(connector: str) -> str:
    return KEYS.get(connector, connector.capitalize())


def credentials(connector: str, mark: str = "") -> dict[str, str]:
    """Credentials that fit; one of them with a mark."""
    first, *rest = CREDENTIALS.get(connector, {"key": "k"}).items()
    return dict([(first[0], mark or first[1]), *rest])


def config(connector: str = "paypal", mark: str = "", **fields: str) -> list[tuple[str, str]]:
    """Typed credentials as 2026.05 takes them."""
    return [("x-connector-config", json.dumps({"config": {key(connector): fields or credentials(connector, mark)}}))]


def auth(connector: str = "paypal", mark: str = "", **fields: str) -> list[tuple[str, str]]:
    """Typed credentials as those before it take them."""
    return [("x-connector-auth", json.dumps({"auth_type": {key(connector): fields or credentials(connector, mark)}}))]


def page(connector: str = "stripe", mark: str = "", **fields: str) -> list[tuple[str, str]]:
    """The headers of the published page's command."""
    bare = json.dumps({key(connector): fields or credentials(connector, mark)})
    return [("x-connector", connector), ("x-connector-auth", bare)]


LEGACY = [("x-connector", "paypal"), ("x-auth", "body-key"), ("x-api-key", "s"), ("x-key1", "id")]
ASKED = {"merchant_access_token_id": "token_001", "connector": "STRIPE", "test_mode": True}


class Handoff:
    """A backend on the line, and what it stands on."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.sandbox = emulator.sandbox
        self.address = emulator.rpc_address()
        self.line = Line(self.address)

    def close(self) -> None:
        self.line.channel.close()

    @property
    def now(self) -> int:
        return seconds(self.sandbox.clock.now())

    def options(self, **values: Any) -> None:
        """Switch options: descriptors may be others from now on."""
        self.sandbox.put(replace(self.sandbox.get(HyperswitchOptions), **values))
        self.line.channel.close()
        self.line = Line(self.address)

    def call(self, path: str, body: dict[str, Any] | None = None, headers: Pairs = (), **keywords: Any) -> Answered:
        return self.line.call(path, body, headers, **keywords)

    def token(self, connector: str = "paypal", mark: str = "") -> str:
        """A token of 2026.05."""
        got = self.call(NEW, {}, config(connector, mark))
        assert got.code == "OK", got
        return got.message["access_token"]["value"]

    def old_token(self, connector: str = "paypal", mark: str = "") -> str:
        """A token of 2026.03.12."""
        return self.call(OLD, {}, auth(connector, mark)).message["access_token"]["value"]

    def get(self, token: Any = None, connector: str = "paypal", mark: str = "", **changes: Any) -> Answered:
        """Ask how a payment stands."""
        body = {"connector_transaction_id": "txn_1", "amount": AMOUNT, **state(token), **changes}
        kept = {name: value for name, value in body.items() if value is not None}
        return self.call(GET, kept, config(connector, mark))

    def authorize(self, token: Any = None, connector: str = "paypal", mark: str = "", **changes: Any) -> Answered:
        """Authorize a payment."""
        body = {"amount": AMOUNT, "payment_method": {"card": {}}, **state(token), **changes}
        kept = {name: value for name, value in body.items() if value is not None}
        return self.call(AUTHORIZE, kept, config(connector, mark))

    def advance(self, **step: float) -> None:
        self.sandbox.clock.advance(timedelta(**step))

    def detail(self, got: Answered, name: str) -> dict[str, Any]:
        """The raw details of an error, as this message."""
        from google.protobuf import json_format  # noqa: PLC0415

        self.line.describe(f"types.{name}")
        message = self.line.kind(f"types.{name}").FromString(got.details)
        return json_format.MessageToDict(message, preserving_proto_field_name=True)


def state(token: Any) -> dict[str, Any]:
    """What carries a token in a payment call: a text, or what stands in its place."""
    if token is None:
        return {}
    held = {"token": {"value": token}} if isinstance(token, str) else token
    return {"state": {"access_token": held}}
