"""A BigCommerce store, and whoever calls its storefront: a backend, a page, a shopper's browser."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockserver.core import jsontext, jws
from mockserver.core.clock import seconds
from mockserver.vendors.bigcommerce.places import IMPERSONATION, PRIVATE, SIMPLE
from mockserver.vendors.bigcommerce.records import (
    LOGIN_SCOPE,
    ApiAccount,
    BigCommerceRecords,
    Cart,
    CartLine,
    Channel,
    Customer,
    Product,
    Store,
)
from mockserver.vendors.bigcommerce.tokens import ring

if TYPE_CHECKING:
    from mockserver.core.sandbox import Sandbox
    from tests.support.wire import Got, Wire

SID = 1001234567
SHOP = "https://shop.example"
CLIENT = "abcdefghijklmnopqrstuvwxyz01234"
SECRET = "client-secret-of-the-tests-and-of-nobody-else"
NO_LOGINS = "nologinsnologinsnologinsnologin"
GUEST_CART = "bc218c65-7a32-4ab7-8082-68730c074d02"
OWN_CART = "aaaaaaaa-7a32-4ab7-8082-68730c074d02"
EMAIL, PASSWORD = "ada@shop.example", "correct horse"
STORE = Store(
    "abc123",
    SID,
    name="Analytical Engines",
    vanity_hosts=("www.engines.example",),
    channels=(Channel(1), Channel(2, live=False), Channel(12)),
    customers=(
        Customer(21, EMAIL, PASSWORD, "Ada", "Lovelace", group_id=6),
        Customer(22, "flagged@shop.example", PASSWORD, force_reset=True),
        Customer(23, "owner@shop.example", PASSWORD),
    ),
    carts=(
        Cart(GUEST_CART, lines=(CartLine(77, 2),)),
        Cart(OWN_CART, customer_id=23, lines=(CartLine(77), CartLine(78))),
    ),
    products=(
        Product(77, "Wheel", "W-1", "/wheel/", "A wheel.", Decimal("12.50")),
        Product(78, "Axle", "A-1", "/axle/", "An axle."),
        Product(79, "Crank", "C-1", "/crank/", "A crank."),
    ),
)
OTHER = Store("other1", 1007654321)
ACCOUNT = ApiAccount(CLIENT, "abc123", SECRET, "access-token")
RECORDS = BigCommerceRecords(
    stores={STORE.id: STORE, OTHER.id: OTHER},
    api_accounts={
        CLIENT: ACCOUNT,
        NO_LOGINS: replace(ACCOUNT, id=NO_LOGINS, scopes=("store_storefront_api",)),
        "of-the-other-store": replace(ACCOUNT, id="of-the-other-store", store_hash="other1"),
    },
)
TOKEN_TYPES = {SIMPLE: 1, IMPERSONATION: 2, PRIVATE: 3}
LOGIN = "mutation Login($email: String!, $password: String!) { login(email: $email, password: $password) { %s } }"
WITH_TOKEN = "customer { entityId } customerAccessToken { value expiresAt }"
assert LOGIN_SCOPE in ACCOUNT.scopes


@dataclass
class Storefront:
    """Calls one channel of the store, below its alias."""

    wire: Wire
    sandbox: Sandbox
    channel: int = 1
    store: str = "abc123"
    base: str = field(default="")

    def __post_init__(self) -> None:
        self.base = f"/bigcommerce/_sf/{self.store}-{self.channel}"

    def token(self, kind: str = PRIVATE, **changes: Any) -> str:
        """A storefront token, under the store's key, for an hour."""
        now = seconds(self.sandbox.clock.now())
        claims: dict[str, Any] = {
            "cid": [self.channel],
            "cors": [SHOP] if kind == SIMPLE else [],
            "eat": now + 3600,
            "iat": now,
            "iss": "BC",
            "sid": SID,
            "sub": CLIENT,
            "sub_type": 2,
            "token_type": TOKEN_TYPES[kind],
        }
        if kind == PRIVATE:
            claims["scopes"] = ["Unauthenticated", "Customer", "B2B"]
        return ring(self.sandbox).active.sign(dict(sorted({**claims, **changes}.items())))

    def ask(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        kind: str = PRIVATE,
        scopes: list[str] | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> Got:
        """Ask `/graphql`, with a token of this kind."""
        own = {"Origin": SHOP} if kind == SIMPLE else {}
        token = self.token(kind, **({"scopes": scopes} if scopes is not None else {}))
        body = {"query": query, **({"variables": variables} if variables is not None else {}), **more}
        return self.wire.post(f"{self.base}/graphql", body, headers={**own, **(headers or {})}, bearer=token)

    def log_in(self, email: str = EMAIL, password: str = PASSWORD, selection: str = WITH_TOKEN, **keywords: Any) -> Got:
        """Log in by e-mail and password."""
        return self.ask(LOGIN % selection, {"email": email, "password": password}, **keywords)

    def access_token(self, email: str = EMAIL) -> str:
        """A customer access token."""
        return str(self.log_in(email).json["data"]["login"]["customerAccessToken"]["value"])

    def customer(self, access_token: str | None = None, **headers: str) -> Got:
        """Ask who is asking."""
        own = {} if access_token is None else {"X-Bc-Customer-Access-Token": access_token}
        return self.ask("{ customer { entityId email } }", headers={**own, **headers})

    def get(self, path: str, **keywords: Any) -> Got:
        """Get a page of the store: a path below it, or a URL of its own."""
        if not path.startswith("/") or path.startswith("/bigcommerce"):
            url = urlsplit(path)
            return self.wire.get(f"{url.path}?{url.query}" if url.query else url.path, **keywords)
        return self.wire.get(self.base + path, **keywords)

    def login_claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a good login JWT, with *changes*; one changed to nothing is left out."""
        claims = {
            "iss": CLIENT,
            "iat": seconds(self.sandbox.clock.now()),
            "jti": self.sandbox.entropy.uuid(),
            "operation": "customer_login",
            "store_hash": self.store,
            "customer_id": 21,
            "channel_id": self.channel,
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def login_jwt(self, *, secret: str = SECRET, header: dict[str, str] | None = None, **changes: Any) -> str:
        """A login JWT as an integrator signs it."""
        first = jws.encoded_header(**(header or {"alg": "HS256", "typ": "JWT"}))
        text = f"{first}.{jws.encode(jsontext.write(self.login_claims(**changes)))}"
        return f"{text}.{jws.encode(hmac.digest(secret.encode(), text.encode(), 'sha256'))}"


def cookies_of(got: Got) -> list[str]:
    """The names of the cookies that an answer sets, in order."""
    return [line.partition("=")[0] for line in got.headers.getlist("Set-Cookie")]


def cookie_header(got: Got) -> dict[str, str]:
    """What a browser that got this answer sends from then on."""
    crumbs = [line.partition(";")[0] for line in got.headers.getlist("Set-Cookie")]
    return {"Cookie": "; ".join(crumbs)}
