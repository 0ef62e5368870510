"""One call for every answer of a storefront's GraphQL endpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from mockserver.core import jsontext
from mockserver.core.bodies import JSON
from mockserver.core.examples import Ask, Example, Stage
from mockserver.core.keys import SigningKey
from mockserver.vendors.bigcommerce.browsers import SITE
from mockserver.vendors.bigcommerce.callers import AUTH_HEADER
from mockserver.vendors.bigcommerce.operations import IMPERSONATION_FAMILY, PRIVATE_FAMILY
from mockserver.vendors.bigcommerce.options import BigCommerceOptions
from mockserver.vendors.bigcommerce.storefront import QUERY
from mockserver.vendors.bigcommerce.tokens import ring

Token = Callable[..., str]
Make = Callable[[Stage], Ask]
Pairs = tuple[tuple[str, str], ...]

PLACE, OTHER_CHANNEL, NOT_LIVE, OTHER_STORE, NOWHERE = (
    f"/_sf/{name}" for name in ("demostore-1", "demostore-2", "demostore-3", "otherstore-1", "nosuchstore-1")
)
ORIGIN = ("Origin", "https://shop.example")
FOREIGN = ("Origin", "http://localhost:3000")
NAME = "{ site { settings { storeName } } }"
TOO_DEEP = 17
LOGIN = 'mutation { login(email: "%s", password: "%s") { result%s } }'
DEMO_LOGIN = LOGIN % ("shopper@example.com", "demo-password", "")
LOGIN_JWT = 'mutation { loginWithCustomerLoginJwt(jwt: "x") { result } }'
STRICT = ("X-Bc-Error-On-Invalid-Customer-Access-Token", "true")
DEAD_CAT = ("X-Bc-Customer-Access-Token", f"{'0' * 64}_1")


def storefront_examples(token: Token) -> tuple[Example, ...]:
    """Every outcome of a query; *token* mints what it needs."""
    return (*_door_examples(token), *_query_examples(token))


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
    refused = partial(of, in_band=True)

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
        refused("scope.insufficient", asked(NAME, scopes=["B2B"])),
        refused("session.invalid", asked("{ customer { entityId } }", STRICT, DEAD_CAT)),
        refused("session.missing", asked("{ customer { entityId } }", STRICT)),
        refused("channel.not_live", asked(DEMO_LOGIN, place=NOT_LIVE)),
        refused("login.bad_credentials", asked(LOGIN % ("shopper@example.com", "wrong", ""))),
        refused("login.reset_required", asked(LOGIN % ("reset@example.com", "demo-password", ""))),
        refused(
            "login.wrong_context",
            in_a_page(LOGIN % ("shopper@example.com", "demo-password", " customerAccessToken { value }")),
        ),
        refused("login.bad_jwt", asked(LOGIN_JWT)),
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
