"""One call for every answer of a shopper's hand-offs and of the store's pages."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext, jws
from mockserver.core.bodies import JSON
from mockserver.core.clock import seconds
from mockserver.core.entropy import Entropy
from mockserver.core.examples import Ask, Example, Stage
from mockserver.core.keys import SigningKey
from mockserver.vendors.bigcommerce import sessions
from mockserver.vendors.bigcommerce.storefront_examples import NOT_LIVE, NOWHERE, PLACE
from mockserver.vendors.bigcommerce.tokens import ring

if TYPE_CHECKING:
    from mockserver.core.operations import Operation

Make = Callable[[Stage], Ask]
DEMO_SECRET = "bc_demo_client_secret"
LOGIN = "bigcommerce.login_by_jwt"
"""Its refusals are redirects."""


def page_examples() -> tuple[Example, ...]:
    """Every outcome of these operations."""
    return tuple(example for operation in sessions.OPERATIONS for example in _page_examples(operation))


def _page_examples(operation: Operation) -> tuple[Example, ...]:
    path = operation.path
    usual, own = _PAGES.get(operation.name, (lambda _: _opened(path), {}))
    nowhere = Example(operation.name, "store.unknown", lambda stage: _moved(usual(stage), NOWHERE))
    redirects = operation.name == LOGIN
    refused = (Example(operation.name, reason, ask, in_band=redirects) for reason, ask in own.items())
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
    LOGIN: (
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
