"""BigCommerce's hand-off as backends and pages make it, and the sheet's own words for its answers."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from mockserver.core.clock import seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver.core.journal import Exchange
    from mockserver.core.sandbox import Sandbox
    from tests.support.wire import Got, Wire

    Pairs = Iterable[tuple[str, str]]

STORE, OTHER_STORE = "demostore", "otherstore"
SID = 1001234567
DEMO, SECOND, STOREFRONT_ONLY, LOGIN_ONLY, OTHER = (
    f"bc_{name}_access_token" for name in ("demo", "second", "storefront", "login", "other")
)
CLIENT_ID = "bcdemoclient0000000000000000000"
SIMPLE, PRIVATE, IMPERSONATION = "api-token", "api-token-private", "api-token-customer-impersonation"
FAMILIES = (SIMPLE, PRIVATE, IMPERSONATION)
SHOP = "https://shop.example"
HEADER = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9"
NAME = "{ site { settings { storeName } } }"

T = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"
SHAPE, RULE = "JSON data is missing or invalid", "The following fields are invalid: "
NOT_FOUND_PAGE = (
    "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center><hr>"
    "<center>openresty</center></body></html>"
)
NO_TOKEN = "GraphQL credentials were missing. No token was sent."
INVALID = "GraphQL invalid credentials. "
FOREIGN_ORIGIN = (
    "'Origin' header invalid: The 'Origin' request header value did not match the allowed origin set in the JWT auth "
    "token. Please generate a token that is valid for this origin."
)
IMPERSONATION_IN_BROWSER = (
    "Request not allowed: Detected that request originated from a browser script and is using a customer impersonation "
    "jwt token. Customer impersonation tokens are not allowed with frontend requests."
)
PRIVATE_IN_BROWSER = (
    "Request not allowed: Detected that request originated from a browser script and is using a private jwt token. "
    "Private tokens are not allowed with frontend requests."
)
ON_A_SERVER = (
    "Request not allowed: Detected a server-to-server request that is using a storefront jwt token. "
    "Use a private token for server-to-server requests."
)
TEXT, JSON = {"Content-Type": "text/plain; charset=UTF-8"}, {"Content-Type": "application/json"}
PROBLEM = {"Content-Type": "application/problem+json"}
NO_STORE = {"Cache-Control": "no-store"}


def problem(status: int, title: str, errors: dict[str, str] | None = None) -> str:
    """The REST API's error body."""
    told = json.dumps(errors or {}, separators=(",", ":"))
    return f'{{"status":{status},"title":"{title}","type":"{T}","errors":{told}}}'


def told(message: str) -> str:
    """The error body of `/graphql`."""
    return f'{{"errors":[{{"message":"{message}"}}]}}'


def readable(origin: str) -> dict[str, str]:
    """The three headers by which a page may read an answer."""
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true", "Vary": "Origin"}


def headers_of(got: Got) -> dict[str, str]:
    """The header fields of an answer but for its length, its date, the rate and the emulator's own notes."""
    ours = ("Content-Length", "Date")
    fields = {
        name: value
        for name, value in got.headers
        if name not in ours and not name.startswith(("X-Mock-", "X-Rate-Limit-"))
    }
    assert len(fields) == len([name for name, _ in got.headers if name in fields]), "a header field is repeated"
    return fields


def cors_of(got: Got) -> dict[str, str]:
    """The CORS headers of an answer."""
    return {name: value for name, value in got.headers if name.startswith("Access-Control-") or name == "Vary"}


def decoded(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a JWT, members in their order."""
    header, payload, _ = token.split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (header, payload))


class Handoff:
    """BigCommerce on the wire, below `/bigcommerce` of the default sandbox, with the demo account's credentials."""

    def __init__(self, wire: Wire, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.wire = wire

    @property
    def now(self) -> int:
        return seconds(self.sandbox.clock.now())

    def rest(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = DEMO,
        store: str = STORE,
        headers: Pairs = (),
    ) -> Got:
        """A REST call below the store's path: a body of bytes as it is, all else as JSON, nothing as none."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        named = {name for name, _ in headers}
        typed = [] if body is None or "Content-Type" in named else [("Content-Type", "application/json")]
        auth = [] if token is None else [("X-Auth-Token", token)]
        return self.wire(method, f"/bigcommerce/stores/{store}{path}", body=data, headers=[*auth, *typed, *headers])

    def request(self, family: str = SIMPLE, *, without: Iterable[str] = (), **changes: Any) -> dict[str, Any]:
        """The body of a mint call."""
        usual = {"channel_id": 1, "expires_at": self.now + 3600}
        own = {SIMPLE: {"allowed_cors_origins": [SHOP]}, PRIVATE: {"scopes": ["Unauthenticated"]}}.get(family, {})
        several = "channel_ids" in changes and "channel_id" not in changes
        left = {*without, *(("channel_id",) if several else ())}
        return {name: value for name, value in {**usual, **own, **changes}.items() if name not in left}

    def mint(
        self, family: str = SIMPLE, *, token: str | None = DEMO, without: Iterable[str] = (), **changes: Any
    ) -> Got:
        """The mint call of a family."""
        body = self.request(family, without=without, **changes)
        return self.rest("POST", f"/v3/storefront/{family}", body, token=token)

    def token(self, family: str = SIMPLE, *, account: str = DEMO, **changes: Any) -> str:
        """A token of this family."""
        got = self.mint(family, token=account, **changes)
        assert got.status == 200, got.body
        return str(got.json["data"]["token"])

    def revoke(self, token: str | None, family: str = SIMPLE, account: str = DEMO) -> Got:
        """Revoke by header."""
        sent = [] if token is None else [("Sf-Api-Token", token)]
        return self.rest("DELETE", f"/v3/storefront/{family}", token=account, headers=sent)

    def listed(self, family: str = SIMPLE, query: str = "", account: str = DEMO) -> Got:
        """The list of a family's tokens."""
        return self.rest("GET", f"/v3/storefront/{family}{query}", token=account)

    def ask(
        self, token: str | None, *headers: tuple[str, str], place: str = "demostore-1", method: str = "POST"
    ) -> Got:
        """A query for the store's name, below the alias of a storefront."""
        bearer = [] if token is None else [("Authorization", f"Bearer {token}")]
        body = json.dumps({"query": NAME}).encode() if method == "POST" else None
        path = f"/bigcommerce/_sf/{place}/graphql"
        return self.wire(method, path, body=body, headers=[("Content-Type", "application/json"), *bearer, *headers])

    def ask_host(self, host: str, token: str, *headers: tuple[str, str]) -> Got:
        """The same at a storefront's own host."""
        fields = [("Content-Type", "application/json"), ("Authorization", f"Bearer {token}"), *headers]
        return self.wire("POST", "/graphql", json_body={"query": NAME}, headers=fields[1:], base_url=f"http://{host}")

    def journalled(self, got: Got) -> Exchange:
        """What the journal keeps of this call."""
        exchange = self.sandbox.journal.find(got.exchange)
        assert exchange is not None
        return exchange

    def findings(self, got: Got) -> list[str]:
        """The codes of what the integrator should know about this call."""
        return [finding.reason for finding in self.journalled(got).findings]


def origin(value: str = SHOP) -> tuple[str, str]:
    """The header field that a page's call carries."""
    return ("Origin", value)
