"""One call for every answer of the hand-offs and of the store's own pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockserver.core.clock import seconds
from mockserver.core.credentials import handed_out
from mockserver.core.vendor import Ask, Example
from mockserver.vendors.bigcommerce.graphql import steps
from mockserver.vendors.bigcommerce.sessions import errors
from mockserver.vendors.bigcommerce.sessions.operations import OPERATIONS
from mockserver.vendors.bigcommerce.tokens import ring

if TYPE_CHECKING:
    from mockserver.core.vendor import Stage
    from mockserver.vendors.bigcommerce.graphql.steps import Asking

ELSEWHERE = "https://elsewhere.example/"
SYNC = (
    "mutation($to: String!) { generateSessionSyncJwt(redirectTo: $to) { result { token url } errors { __typename } } }"
)
MINUTE = timedelta(minutes=1)
PAGES = tuple(each for each in OPERATIONS if each.name.endswith("_page"))


def examples() -> tuple[Example, ...]:
    """Every outcome of every operation."""
    return (*_login_examples(), *_current_examples(), *_sync_examples(), *_page_examples(), *_nowhere_examples())


def _login_examples() -> tuple[Example, ...]:
    of = partial(Example, errors.LOGIN)
    return (
        of("", _login(), title="A login"),
        of("token.malformed", lambda _: _get("/login/token/undefined")),
        of("credential.unknown", _login(iss="nobody")),
        of("token.bad_signature", _login(secret="another")),
        of("assertion.replayed", _twice),
        of("scope.insufficient", steps.before(partial(steps.change_account, scopes=()), _login())),
        of("token.bad_payload", _login(customer_id="1")),
        of("token.expired", lambda stage: _login(iat=_second(stage, -MINUTE))(stage)),
        of("token.not_yet_valid", lambda stage: _login(iat=_second(stage, MINUTE))(stage)),
        of("store.mismatch", _login(store_hash="another")),
        of("channel.mismatch", _login(channel_id=2)),
        of("customer.unknown", _login(customer_id=999_999)),
        of("ip.mismatch", _login(request_ip="192.0.2.7")),
        of("channel.not_live", steps.before(partial(steps.change_store, change=steps.closed), _login())),
    )


def _current_examples() -> tuple[Example, ...]:
    of = partial(Example, errors.CURRENT)
    return (
        of("", lambda stage: _current(stage, _cookie(stage), ("Accept", "application/json")), title="As JSON"),
        of("", lambda stage: _current(stage, _cookie(stage)), title="As it is"),
        of("session.missing", _current),
        of("credential.unknown", lambda stage: _get("/customer/current.jwt", _cookie(stage))),
    )


def _sync_examples() -> tuple[Example, ...]:
    of = partial(Example, errors.SYNC)
    return (
        of("", _synced, title="A session taken along"),
        of("token.malformed", lambda _: _get("/session-sync?jwt=undefined")),
        of("token.bad_signature", lambda stage: _get(f"/session-sync?jwt={steps.login_jwt(stage)}")),
        of("token.bad_payload", lambda stage: _get(f"/session-sync?jwt={_forged(stage, {})}")),
        of("token.expired", _late),
        of("assertion.replayed", _synced_twice),
        of("store.mismatch", _of_another_store),
        of("origin.not_allowed", partial(_synced, to=ELSEWHERE)),
    )


def _page_examples() -> tuple[Example, ...]:
    return tuple(Example(each.name, "", partial(_page, each.path), title="A guest's") for each in PAGES)


def _nowhere_examples() -> tuple[Example, ...]:
    return tuple(
        Example(each.name, "store.unknown", partial(_page, each.path, shop=steps.NOWHERE)) for each in OPERATIONS
    )


def _page(path: str, stage: Stage, shop: str = steps.SHOP) -> Ask:
    del stage
    return Ask("GET", shop + path.replace("{jwt}", "x"))


def _get(path: str, *headers: tuple[str, str]) -> Ask:
    return Ask("GET", steps.SHOP + path, headers)


def _login(**changes: Any) -> Asking:
    return lambda stage: _get(f"/login/token/{steps.login_jwt(stage, **changes)}")


def _twice(stage: Stage) -> Ask:
    ask = _login()(stage)
    stage.play(ask)
    return ask


def _cookie(stage: Stage) -> tuple[str, str]:
    return ("Cookie", f"SHOP_TOKEN={steps.access_token(stage)}")


def _current(stage: Stage, *headers: tuple[str, str]) -> Ask:
    return _get(f"/customer/current.jwt?app_client_id={steps.demo_account(stage).id}", *headers)


def _synced(stage: Stage, to: str = "/checkout") -> Ask:
    known = (steps.ACCESS, steps.access_token(stage))
    ask = steps.query(SYNC, {"to": to}, known)(stage)
    url = urlsplit(handed_out(stage, ask, "data", "generateSessionSyncJwt", "result", "url"))
    return _get(f"/session-sync?{url.query}")


def _synced_twice(stage: Stage) -> Ask:
    ask = _synced(stage)
    stage.play(ask)
    return ask


def _late(stage: Stage) -> Ask:
    ask = _synced(stage)
    stage.sandbox.clock.advance(MINUTE)
    return ask


def _of_another_store(stage: Stage) -> Ask:
    ask = _synced(stage)
    steps.change_store(stage, lambda store: replace(store, sid=store.sid + 1))
    return ask


def _forged(stage: Stage, claims: dict[str, Any]) -> str:
    return ring(stage.sandbox).active.sign(claims)


def _second(stage: Stage, step: timedelta) -> int:
    return seconds(stage.sandbox.clock.now() + step)
