"""Alternative's hand-off as backends and pages make it, hop by hop, and the sheet's own words for its answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mockserver.core.clock import seconds
from mockserver.vendors.alternative.ledger import Ledger
from mockserver.vendors.alternative.options import AlternativeOptions
from mockserver.vendors.alternative.records import AlternativeRecords

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver.core.journal import Exchange
    from mockserver.core.sandbox import Sandbox
    from tests.support.wire import Got, Wire

    Pairs = Iterable[tuple[str, str]]

TOKEN = "/oauth/token"
INIT = "/v1/checkout-auth/init"
BARE_INIT = "/checkout-auth/init"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
ORIGIN = "http://localhost:3000"
FROM_A_PAGE = [("Origin", ORIGIN)]
GRANT = {"grant_type": "client_credentials"}
DEMO = {"customer_id": "cus_demo", "invoice_id": "inv_demo"}

NO_STORE = {"Content-Type": JSON, "Cache-Control": "no-store"}
READABLE = {
    "Content-Type": JSON,
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After, WWW-Authenticate",
}
CHALLENGE = {"WWW-Authenticate": "Bearer"}
INVALID_TOKEN = {"WWW-Authenticate": 'Bearer error="invalid_token"'}

ADDRESS = {
    "city": "Springfield",
    "country": "United States",
    "country_code": "US",
    "postal_code": "62701",
    "state": "Illinois",
    "state_code": "IL",
    "street_address": "1 Main St",
}
CARD = {"card_provider_token": '{"card":1}', "provider": "evervault", "address": ADDRESS}
US_BANK = {
    "account_data_type": "us",
    "institution_name": "First Bank",
    "receiver_name": "Demo Customer",
    "subtype": "checkings",
    "type": "depository",
    "us_account_data": {"account_number": "123454321", "routing_number": "110000000"},
}
CA_BANK = {
    **{name: value for name, value in US_BANK.items() if name != "us_account_data"},
    "account_data_type": "ca",
    "ca_account_data": {"account_number": "7654321", "institution_code": "001", "transit_number": "00012"},
}
CVV = {"cvv_secret": "ev:encrypted", "provider": "evervault"}
PAYMENT = {"amount": "100.00", "payment_date": "2030-01-01", "payment_method": "card", "payment_method_id": "pm_card"}
AUTOCOMPLETE = {"q": "1 Main", "country": "US", "sessiontoken": "s-1"}
DETAILS = {"id": "pl_demo", "sessiontoken": "s-1"}

PAGE_CALLS = {
    "theme": ("/preferences/theme", None),
    "invoice": ("/invoice", None),
    "pdf-link": ("/invoice/pdf-link", None),
    "payment-methods": ("/payment-methods", None),
    "card-form": ("/card-form/credentials", None),
    "card": ("/payment-methods/card", CARD),
    "bank": ("/payment-methods/bank", US_BANK),
    "cvv": ("/payment-methods/pm_card/cvv", CVV),
    "payments": ("/payments", PAYMENT),
    "autocomplete": ("/address/autocomplete", AUTOCOMPLETE),
    "details": ("/address/details", DETAILS),
}
"""C1 to C11: the path below either prefix, and a sound body where there is one."""


def h(code: str, message: str) -> str:
    """The template H."""
    return f'{{"code":"{code}","message":"{message}"}}'


def hv(code: str, message: str, fields: dict[str, str]) -> str:
    """The template Hv."""
    return json.dumps({"code": code, "message": message, "validation_errors": fields}, separators=(",", ":"))


def headers_of(got: Got) -> dict[str, str]:
    """The header fields of an answer but for its length, its date and the emulator's own notes."""
    ours = {"Content-Length", "Date"}
    fields = {name: value for name, value in got.headers if name not in ours and not name.startswith("X-Mock-")}
    assert len(fields) == len([name for name, _ in got.headers if name in fields]), "a header field is repeated"
    return fields


def decoded(token: str) -> tuple[str, str]:
    """Header and claims of a JWT, as the texts that they are."""
    header, payload, _ = token.split(".")
    return _unb64(header), _unb64(payload)


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a JWT, in their order."""
    return json.loads(decoded(token)[1])


def jwt(header: Any, claims: Any, secret: bytes = b"a stranger's", signature: bytes | None = None) -> str:
    """A JWT under a secret that is not the emulator's."""
    parts = ".".join(_b64(json.dumps(part).encode()) for part in (header, claims))
    signed = hmac.digest(secret, parts.encode(), hashlib.sha256) if signature is None else signature
    return f"{parts}.{_b64(signed)}"


def basic(client: str = "client_demo", secret: str = "secret_demo", *, charset: str = "utf-8") -> tuple[str, str]:
    """A Basic field with this id and secret."""
    return ("Authorization", "Basic " + base64.b64encode(f"{client}:{secret}".encode(charset)).decode())


def bearer(token: str | None) -> list[tuple[str, str]]:
    """The header field that carries this token, if there is one."""
    return [] if token is None else [("Authorization", f"Bearer {token}")]


class Handoff:
    """Alternative on the wire, below `/alternative` of a sandbox, with the demo client."""

    def __init__(self, wire: Wire, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.wire = wire
        self._prefix = "/alternative" if sandbox.name == "default" else f"/~{sandbox.name}/alternative"

    @property
    def now(self) -> int:
        return seconds(self.sandbox.clock.now())

    @property
    def records(self) -> AlternativeRecords:
        return self.sandbox.get(AlternativeRecords)

    @property
    def ledger(self) -> Ledger:
        return self.sandbox.get(Ledger)

    def choose(self, **options: Any) -> None:
        """Switch options."""
        self.sandbox.put(replace(self.sandbox.get(AlternativeOptions), **options))

    def call(self, path: str, body: Any = b"", *, method: str = "POST", kind: str = JSON, headers: Pairs = ()) -> Got:
        """A call with this body: bytes as they are, all else as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        typed = [("Content-Type", kind)] if kind else []
        return self.wire(method, self._prefix + path, body=data, headers=[*typed, *headers])

    def token(self, authorization: tuple[str, str] | None = None, *, headers: Pairs = (), **fields: str) -> Got:
        """Hop one, by form; as the demo client, if no other *authorization* is given."""
        own = [authorization or basic()]
        return self.call(TOKEN, urlencode(GRANT | fields).encode(), kind=FORM, headers=[*own, *headers])

    def init(self, token: str | None, *, path: str = INIT, headers: Pairs = (), **changes: Any) -> Got:
        """Hop two; a member changed to nothing is left out."""
        body = {name: value for name, value in (DEMO | changes).items() if value is not None}
        return self.call(path, body, headers=[*bearer(token), *headers])

    def page(self, name: str, token: str | None, *, v1: bool = False, query: str = "", **more: Any) -> Got:
        """One of the page's calls: *headers* beside the token, other keywords change members of its body."""
        path, body = PAGE_CALLS[name]
        return self.at(path + query, token, body, v1=v1, **more)

    def at(
        self, path: str, token: str | None, body: Any = None, *, v1: bool = False, headers: Pairs = (), **changes: Any
    ) -> Got:
        """A page's call to this path below the prefix."""
        method = "GET" if body is None else "POST"
        data = b"" if body is None else {n: v for n, v in (body | changes).items() if v is not None}
        prefix = "/checkout/v1" if v1 else "/checkout"
        return self.call(prefix + path, data, method=method, headers=[*bearer(token), *headers])

    def pay(self, token: str, key: str | None = None, **changes: Any) -> Got:
        """Pay, perhaps with an idempotency key."""
        return self.page("payments", token, headers=[] if key is None else [("Idempotency-Key", key)], **changes)

    def preflight(self, path: str, *, headers: str = "authorization,content-type", method: str = "POST") -> Got:
        """What a browser asks before a page's call."""
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
        return self.call(path, method="OPTIONS", kind="", headers=({"Origin": ORIGIN} | asked).items())

    def oauth_token(self, client: str = "client_demo") -> str:
        """An OAuth token of this client."""
        got = self.token(basic(client))
        assert got.status == 200, got.body
        return got.json["access_token"]

    def checkout_token(self, **changes: Any) -> str:
        """A checkout token for the demo invoice, or for another."""
        got = self.init(self.oauth_token(), **changes)
        assert got.status == 200, got.body
        return got.json["token"]

    def change_client(self, **changes: Any) -> None:
        """Change what is on record about the demo client."""
        changed = replace(self.records.clients["client_demo"], **changes)
        self.sandbox.put(replace(self.records, clients={**self.records.clients, changed.id: changed}))

    def change_invoice(self, **changes: Any) -> None:
        """Change what is on record about the demo invoice."""
        changed = replace(self.records.invoices["inv_demo"], **changes)
        self.sandbox.put(replace(self.records, invoices={**self.records.invoices, changed.id: changed}))

    def journalled(self, got: Got) -> Exchange:
        """What the journal keeps of this call."""
        exchange = self.sandbox.journal.find(got.exchange)
        assert exchange is not None
        return exchange

    def findings(self, got: Got) -> list[str]:
        """The codes of what the integrator should know about this call."""
        return [finding.reason for finding in self.journalled(got).findings]


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
