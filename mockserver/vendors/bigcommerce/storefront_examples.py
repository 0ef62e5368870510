"""One call for every answer of a storefront: its GraphQL endpoint, a shopper's hand-offs, its pages."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext, jws
from mockserver.core.bodies import JSON
from mockserver.core.clock import seconds
from mockserver.core.entropy import Entropy
from mockserver.core.keys import SigningKey
from mockserver.core.vendor import Ask, Example, Stage
from mockserver.vendors.bigcommerce import sessions
from mockserver.vendors.bigcommerce.browsers import SITE
from mockserver.vendors.bigcommerce.callers import AUTH_HEADER
from mockserver.vendors.bigcommerce.operations import IMPERSONATION_FAMILY, PRIVATE_FAMILY
from mockserver.vendors.bigcommerce.options import BigCommerceOptions
from mockserver.vendors.bigcommerce.storefront import QUERY
from mockserver.vendors.bigcommerce.tokens import ring

if TYPE_CHECKING:
    from mockserver.core.vendor import Operation

Token = Callable[..., str]
Make = Callable[[Stage], Ask]
Pairs = tuple[tuple[str, str], ...]

PLACE, OTHER_CHANNEL, NOT_LIVE, OTHER_STORE, NOWHERE = (
    f"/_sf/{name}" for name in ("demostore-1", "demostore-2", "demostore-3", "otherstore-1", "nosuchstore-1")
)
ORIGIN = ("Origin", "https://shop.example")
FOREIGN = ("Origin", "http://localhost:3000")
NAME = "{ site { settings { storeName } } }"
DEMO_SECRET = "bc_demo_client_secret"
TOO_DEEP = 17
LOGIN = 'mutation { login(email: "%s", password: "%s") { result%s } }'
DEMO_LOGIN = LOGIN % ("shopper@example.com", "demo-password", "")
LOGIN_JWT = 'mutation { loginWithCustomerLoginJwt(jwt: "x") { result } }'
STRICT = ("X-Bc-Error-On-Invalid-Customer-Access-Token", "true")
DEAD_CAT = ("X-Bc-Customer-Access-Token", f"{'0' * 64}_1")


def storefront_examples(token: Token) -> tuple[Example, ...]:
    """Every outcome of a storefront's operations; *token* mints what they need."""
    pages = (example for operation in sessions.OPERATIONS for example in _page_examples(operation))
    return (*_door_examples(token), *_query_examples(token), *pages)


def query(text: str | None, *headers: tuple[str, str], place: str = PLACE, query: str = NAME) -> Ask:
    """A query with this token."""
    bearer = () if text is None else (("Authorization", f"Bearer {text}"),)
    return Ask(
        "POST", f"{place}/graphql", (("Content-Type", JSON), *bearer, *headers), jsontext.write({"query": query})
    )


def _door_examples(token: Token) -> tuple[Example, ...]:
    of = partial(Example, QUERY.name)

    def spoilt(stage: Stage) -> str:
        text = token(stage)
        return f"{text[:-8]}AAAAAAAA" if not text.endswith("AAAAAAAA") else f"{text[:-8]}BBBBBBBA"

    def dead(stage: Stage) -> Ask:
        text = token(stage)
        stage.sandbox.tokens.expire(stage.sandbox.clock.now())
        return query(text, ORIGIN)

    def revoked(stage: Stage) -> Ask:
        text = token(stage)
        stage.sandbox.tokens.revoke(stage.sandbox.clock.now())
        return query(text, ORIGIN)

    def exposed(stage: Stage) -> Ask:
        text = token(stage)
        _where(stage, browser_guard="refuse")
        return query(text, ORIGIN, (AUTH_HEADER, "bc_demo_access_token"))

    def as_json(stage: Stage) -> Ask:
        _where(stage, graphql_403_body="json")
        return query(token(stage), FOREIGN)

    def from_server(stage: Stage) -> Ask:
        text = token(stage)
        _where(stage, storefront_s2s="refused")
        return query(text)

    private, impersonating = partial(token, family=PRIVATE_FAMILY), partial(token, family=IMPERSONATION_FAMILY)
    return (
        of("", lambda stage: query(private(stage)), title="A private token, from a server"),
        of("", lambda stage: query(token(stage), ORIGIN), title="A storefront token, from a page"),
        of("store.unknown", lambda stage: query(token(stage), ORIGIN, place=NOWHERE)),
        of("browser.secret_exposed", exposed),
        of("token.missing", lambda _: query(None, ORIGIN)),
        of("token.malformed", lambda _: query("undefined", ORIGIN)),
        of("token.bad_signature", lambda stage: query(spoilt(stage), ORIGIN)),
        of("token.bad_payload", lambda stage: query(_signed(stage, b"no JSON"), ORIGIN)),
        of(
            "token.bad_payload",
            lambda stage: query(ring(stage.sandbox).active.sign({"iss": "BC"}), ORIGIN),
            title="token.bad_payload, claims missing",
        ),
        of("token.expired", dead),
        of("token.revoked", revoked),
        of("store.mismatch", lambda stage: query(token(stage), ORIGIN, place=OTHER_STORE)),
        of("channel.mismatch", lambda stage: query(token(stage), ORIGIN, place=OTHER_CHANNEL)),
        of("origin.not_allowed", lambda stage: query(token(stage), FOREIGN)),
        of("origin.not_allowed", as_json, title="origin.not_allowed, graphql_403_body json"),
        of("browser.server_only_token", lambda stage: query(private(stage), (SITE, "cross-site"))),
        of(
            "browser.server_only_token",
            lambda stage: query(impersonating(stage), ("Cookie", "SHOP_TOKEN=x")),
            title="browser.server_only_token, impersonation token",
        ),
        of("server.browser_only_token", from_server),
    )


def _query_examples(token: Token) -> tuple[Example, ...]:
    of = partial(Example, QUERY.name)

    def asked(text: str, *headers: tuple[str, str], scopes: list[str] | None = None, **more: Any) -> Make:
        changes = {} if scopes is None else {"scopes": scopes}

        def make(stage: Stage) -> Ask:
            channels = [1, 3]
            return query(token(stage, PRIVATE_FAMILY, channel_ids=channels, **changes), *headers, query=text, **more)

        return make

    def in_a_page(text: str) -> Make:
        return lambda stage: query(token(stage), ORIGIN, query=text)

    usual = asked(NAME)
    return (
        of("request.malformed", lambda stage: replace(usual(stage), body=b"[]")),
        of("query.invalid", asked("{ nothing }")),
        of("query.too_deep", asked(_deep())),
        of("query.too_complex", asked(_wide())),
        of("scope.insufficient", asked(NAME, scopes=["B2B"])),
        of("session.invalid", asked("{ customer { entityId } }", STRICT, DEAD_CAT)),
        of("session.missing", asked("{ customer { entityId } }", STRICT)),
        of("channel.not_live", asked(DEMO_LOGIN, place=NOT_LIVE)),
        of("login.bad_credentials", asked(LOGIN % ("shopper@example.com", "wrong", ""))),
        of("login.reset_required", asked(LOGIN % ("reset@example.com", "demo-password", ""))),
        of(
            "login.wrong_context",
            in_a_page(LOGIN % ("shopper@example.com", "demo-password", " customerAccessToken { value }")),
        ),
        of("login.bad_jwt", asked(LOGIN_JWT)),
        of(
            "",
            asked(LOGIN % ("shopper@example.com", "demo-password", " customerAccessToken { value expiresAt }")),
            title="A login from a server",
        ),
    )


def _deep() -> str:
    """Seventeen levels of fields, whether or not there are such fields."""
    return "{ site " * TOO_DEEP + "}" * TOO_DEEP


def _wide() -> str:
    fields = "products(first: 50) { edges { node { id entityId name sku path description } } }"
    return "{ site { " + " ".join(f"p{number}: {fields}" for number in range(30)) + " } }"


def _where(stage: Stage, **options: Any) -> None:
    stage.sandbox.put(replace(stage.sandbox.get(BigCommerceOptions), **options))


def _signed(stage: Stage, payload: bytes) -> str:
    """A JWT under the sandbox's key whose payload is these bytes."""
    key = ring(stage.sandbox).active
    if not isinstance(key, SigningKey):
        raise TypeError("storefront tokens are signed with ES256")
    return key.sign_payload(payload)


def _page_examples(operation: Operation) -> tuple[Example, ...]:
    path = operation.path
    usual, own = _PAGES.get(operation.name, (lambda _: _opened(path), {}))
    nowhere = Example(operation.name, "store.unknown", lambda stage: _moved(usual(stage), NOWHERE))
    refused = (Example(operation.name, reason, ask) for reason, ask in own.items())
    more = (Example(operation.name, "", ask, title) for title, ask in _MORE.get(operation.name, {}).items())
    return (Example(operation.name, "", usual), *more, nowhere, *refused)


def _opened(path: str, *headers: tuple[str, str], place: str = PLACE) -> Ask:
    return Ask("GET", place + path, headers)


def _moved(ask: Ask, place: str) -> Ask:
    return replace(ask, path=ask.path.replace(PLACE, place))


def _login(place: str = PLACE, secret: str = DEMO_SECRET, **changes: Any) -> Make:
    """A login by JWT, these claims changed."""

    def make(stage: Stage) -> Ask:
        now = seconds(stage.sandbox.clock.now())
        claims = {
            "iss": "bcdemoclient0000000000000000000",
            "iat": now,
            "jti": stage.sandbox.entropy.uuid(),
            "operation": "customer_login",
            "store_hash": "demostore",
            "customer_id": 1,
            **changes,
        }
        claims["iat"] = now + changes.get("iat", 0)
        signing_input = f"{jws.encoded_header(alg='HS256', typ='JWT')}.{jws.encode(jsontext.write(claims))}"
        signature = jws.encode(hmac.digest(secret.encode(), signing_input.encode(), "sha256"))
        return _opened(f"/login/token/{signing_input}.{signature}", place=place)

    return make


def _sync(key: SigningKey | None = None, **changes: Any) -> Make:
    """A session taken along, these claims changed."""

    def make(stage: Stage) -> Ask:
        now = seconds(stage.sandbox.clock.now())
        claims = {
            "iss": "BC",
            "iat": now,
            "eat": now + 30,
            "jti": stage.sandbox.entropy.uuid(),
            "operation": "session_sync",
            "sid": 1001234567,
            "session_payload": {"cart_id": None, "customer_id": 1, "visitor_id": "v", "visit_id": "v"},
            "request_ip": "",
            "redirect_to": f"{stage.base_url}{PLACE}/checkout",
            **changes,
        }
        claims["eat"] = now + changes.get("eat", 30)
        return _opened(f"/session-sync?jwt={(key or ring(stage.sandbox).active).sign(claims)}")

    return make


def _twice(make: Make) -> Make:
    def again(stage: Stage) -> Ask:
        ask = make(stage)
        stage.play(ask)
        return ask

    return again


def _current(
    *, client_id: str = "bcdemoclient0000000000000000000", signed_in: bool = True, accepted: str = JSON
) -> Make:
    """What an app asks of the page that it is in."""

    def make(stage: Stage) -> Ask:
        path = f"/customer/current.jwt?app_client_id={client_id}"
        accept = ("Accept", accepted)
        if not signed_in:
            return _opened(path, accept)
        reply = stage.play(_login()(stage))
        cookies = [value.partition(";")[0] for name, value in reply.headers if name == "Set-Cookie"]
        return _opened(path, accept, ("Cookie", "; ".join(cookies)))

    return make


STOREFRONT_ONLY = {"iss": "bcdemoclientstorefront000000000", "secret": "bc_storefront_client_secret"}
_PAGES: dict[str, tuple[Make, dict[str, Make]]] = {
    "bigcommerce.login_by_jwt": (
        _login(),
        {
            "token.malformed": lambda _: _opened("/login/token/x"),
            "credential.unknown": _login(iss="nobody"),
            "token.bad_signature": _login(secret="guessed"),
            "assertion.replayed": _twice(_login()),
            "scope.insufficient": _login(**STOREFRONT_ONLY),
            "token.bad_payload": _login(operation="login"),
            "token.expired": _login(iat=-31),
            "token.not_yet_valid": _login(iat=31),
            "store.mismatch": _login(store_hash="otherstore"),
            "channel.mismatch": _login(channel_id=2),
            "customer.unknown": _login(customer_id=999),
            "ip.mismatch": _login(request_ip="203.0.113.9"),
            "channel.not_live": _login(NOT_LIVE, channel_id=3),
        },
    ),
    "bigcommerce.current_customer": (
        _current(),
        {
            "session.missing": _current(signed_in=False),
            "credential.unknown": _current(client_id="nobody"),
        },
    ),
    "bigcommerce.sync_session": (
        _sync(),
        {
            "token.malformed": lambda _: _opened("/session-sync?jwt=x"),
            "token.bad_signature": _sync(SigningKey.draw_unnamed(Entropy("foreign"))),
            "token.bad_payload": _sync(operation="login"),
            "token.expired": _sync(eat=0),
            "assertion.replayed": _twice(_sync()),
            "store.mismatch": _sync(sid=1),
            "origin.not_allowed": _sync(redirect_to="https://elsewhere.example/"),
        },
    ),
}
GUEST = {"cart_id": None, "customer_id": None, "visitor_id": "v", "visit_id": "v"}
CART_LINK = "/cart.php?action=loadInCheckout&id=bc218c65-7a32-4ab7-8082-68730c074d02&token=x"
_MORE: dict[str, dict[str, Make]] = {
    "bigcommerce.current_customer": {"As text": _current(accepted="*/*")},
    "bigcommerce.sync_session": {"A guest's session": _sync(session_payload=GUEST)},
    "bigcommerce.cart_page": {"A link that loads a cart": lambda _: _opened(CART_LINK)},
}
"""Other ways for them to answer normally, by title."""
