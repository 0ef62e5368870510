"""Surfboard's hand-off as backends and pages make it, and the sheet's own words for its answers."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockserver.core.clock import seconds
from mockserver.vendors.surfboard.records import SurfboardRecords

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver.core.journal import Exchange
    from mockserver.core.sandbox import Sandbox
    from tests.support.wire import Got, Wire

    Pairs = Iterable[tuple[str, str]]

PARTNER, OTHER_PARTNER = "8113d3f8403b380409", "8225e4a9514c491510"
M1, M2, FOREIGN = "81a641f8b3cfd0070e", "818712cdbcb670070e", "82b752a9c4d0e1181f"
PROVIDER, OTHER_PROVIDER = "5D0C1E6A-0B1F-4C55-9E0D-7A5E0DE30001", "5D0C1E6A-0B1F-4C55-9E0D-7A5E0DE30002"
CERTIFICATE, OTHER_CERTIFICATE = "0de30000000000000000000000c0ffee", "0de30000000000000000000000decade"
KEY, SECRET = ("API-KEY", "sb_demo_key"), ("API-SECRET", "sb_demo_secret")
API = [KEY, SECRET]
ORIGIN = "http://localhost:3000"
FROM_A_PAGE = [("Origin", ORIGIN)]

U = "Unauthorized access. Please provide valid credentials to access this endpoint."
MALFORMED = "Malformed request"
EXPOSED = "Emulator: API credentials came from a browser."

INVALID_TOKEN = 'Bearer error="invalid_token"'
INSUFFICIENT_SCOPE = 'Bearer error="insufficient_scope"'

CONTENT = {"Content-Type": "application/json; charset=utf-8"}
NO_STORE = {"Cache-Control": "no-store"}
READABLE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "x-page-number, x-total-items, WWW-Authenticate",
}

ORDER = {"terminal$id": "83b1d2e3f4a5b6c7d8", "orderLines": [{"id": "1", "quantity": 1}]}
PAYMENT = {"orderId": "8381a26eae26f0900b", "paymentMethod": "CARD"}


def s(message: str) -> str:
    """The error body S(m)."""
    return f'{{"status":"ERROR","message":"{message}"}}'


def headers_of(got: Got) -> dict[str, str]:
    """The header fields of an answer but for its length, its date and the emulator's own notes."""
    ours = {"Content-Length", "Date"}
    fields = {name: value for name, value in got.headers if name not in ours and not name.startswith("X-Mock-")}
    assert len(fields) == len([name for name, _ in got.headers if name in fields]), "a header field is repeated"
    return fields


def decoded(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a JWT, members in their order."""
    header, payload, _ = token.split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (header, payload))


def bearer(token: str) -> tuple[str, str]:
    """The header field that carries this token."""
    return ("Authorization", f"Bearer {token}")


class Handoff:
    """Surfboard on the wire, below `/surfboard` of the default sandbox, with the demo partner's credentials."""

    def __init__(self, wire: Wire, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.wire = wire

    @property
    def now(self) -> int:
        return seconds(self.sandbox.clock.now())

    @property
    def records(self) -> SurfboardRecords:
        return self.sandbox.get(SurfboardRecords)

    def call(self, method: str, path: str, body: Any = None, *, headers: Pairs = ()) -> Got:
        """A call with this body: bytes as they are, all else as JSON, nothing as none."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        typed = [] if body is None or any(name == "Content-Type" for name, _ in headers) else [_JSON]
        return self.wire(method, f"/surfboard{path}", body=data, headers=[*typed, *headers])

    def mint(self, headers: Pairs = API, *, partner: str = PARTNER, without: Iterable[str] = (), **changes: Any) -> Got:
        """The mint call, with API headers unless others are given."""
        usual = {"providerId": PROVIDER, "providerCertificate": CERTIFICATE, "externalUserId": "user_12345"}
        body = {name: value for name, value in (usual | changes).items() if name not in without}
        return self.call("POST", f"/partners/{partner}/token", body, headers=headers)

    def token(self, *headers: tuple[str, str], **changes: Any) -> str:
        """A client token, minted with these headers beside the API's."""
        got = self.mint([*API, *headers], **changes)
        assert got.status == 200, got.body
        return (got.json.get("data") or got.json)["token"]

    def use(self, method: str, path: str, token: str, body: Any = None, *, headers: Pairs = ()) -> Got:
        """A page's call."""
        return self.call(method, path, body, headers=[bearer(token), *headers])

    def preflight(self, path: str, *, method: str = "POST", asks: str = "authorization,content-type") -> Got:
        """What a browser asks before a page's call."""
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": asks}
        return self.call("OPTIONS", path, headers=[*FROM_A_PAGE, *asked.items()])

    def switch_off(self, collection: str, name: str) -> None:
        """Disable an API credential or an auth provider."""
        kept = getattr(self.records, collection)
        off = replace(kept[name], enabled=False)
        self.sandbox.put(replace(self.records, **{collection: {**kept, name: off}}))

    def journalled(self, got: Got) -> Exchange:
        """What the journal keeps of this call."""
        exchange = self.sandbox.journal.find(got.exchange)
        assert exchange is not None
        return exchange

    def findings(self, got: Got) -> list[str]:
        """The codes of what the integrator should know about this call."""
        return [finding.reason for finding in self.journalled(got).findings]


_JSON = ("Content-Type", "application/json")
