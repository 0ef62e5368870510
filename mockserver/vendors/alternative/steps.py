"""The calls that examples are made of, and what can happen in between."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mockserver.core import jsontext
from mockserver.core.bodies import FORM, JSON
from mockserver.core.entropy import Entropy
from mockserver.core.examples import Ask
from mockserver.core.keys import Hs256Key
from mockserver.vendors.alternative.operations import INIT_PATHS, TOKEN_PATH
from mockserver.vendors.alternative.options import AlternativeOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.core.examples import Stage

    Asking = Callable[[Stage], Ask]

INIT_PATH = INIT_PATHS["v1"]
DEMO = ("client_demo", "secret_demo")
FROM_A_PAGE = ("Origin", "http://localhost:3000")


def basic(client_id: str, secret: str) -> tuple[str, str]:
    """The header field by which a client tells who it is."""
    return ("Authorization", "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode())


def bearer(token: str) -> tuple[str, str]:
    """The header field that carries a token."""
    return ("Authorization", f"Bearer {token}")


def with_header(ask: Ask, header: tuple[str, str]) -> Ask:
    """The same call with one header field more."""
    return replace(ask, headers=(*ask.headers, header))


def token_ask(client_id: str = DEMO[0], secret: str = DEMO[1]) -> Ask:
    """Ask for an OAuth token, by form."""
    headers = (("Content-Type", FORM), basic(client_id, secret))
    return Ask("POST", TOKEN_PATH, headers, urlencode({"grant_type": "client_credentials"}).encode())


def oauth_token(stage: Stage) -> str:
    """An OAuth token of client_demo."""
    return str(jsontext.read_object(stage.play(token_ask()).body)["access_token"])


def init_body(**changes: Any) -> bytes:
    """The demo invoice, with *changes*; a member changed to nothing is left out."""
    members = {"customer_id": "cus_demo", "invoice_id": "inv_demo", **changes}
    return jsontext.write({name: value for name, value in members.items() if value is not None})


def init_ask(stage: Stage, **changes: Any) -> Ask:
    """Ask for a checkout token."""
    return Ask("POST", INIT_PATH, (("Content-Type", JSON), bearer(oauth_token(stage))), init_body(**changes))


def checkout_token(stage: Stage, **changes: Any) -> str:
    """A checkout token for the demo invoice, or for another."""
    return str(jsontext.read_object(stage.play(init_ask(stage, **changes)).body)["token"])


def forged(stage: Stage) -> str:
    """A JWT that fits in all but its signature."""
    del stage
    return Hs256Key.draw(Entropy("stranger"), alg="HS256", typ="JWT").sign({"sub": "client_demo", "exp": 2**32})


def after(change: Callable[[Stage], object], asking: Asking) -> Asking:
    """Get ready to ask, then let something happen."""

    def ask(stage: Stage) -> Ask:
        ready = asking(stage)
        change(stage)
        return ready

    return ask


def with_option(asking: Asking, **values: Any) -> Asking:
    """Ask where these options are chosen."""

    def ask(stage: Stage) -> Ask:
        choose(stage, **values)
        return asking(stage)

    return ask


def choose(stage: Stage, **values: Any) -> None:
    """Choose these options."""
    stage.sandbox.put(replace(stage.sandbox.get(AlternativeOptions), **values))


def over_the_rate(asking: Asking) -> Asking:
    """Ask once more than the rate allows."""

    def use_up(stage: Stage, ask: Ask) -> Ask:
        choose(stage, rate_limit=1)
        stage.play(ask)
        return ask

    return lambda stage: use_up(stage, asking(stage))


def expire(stage: Stage) -> None:
    """Let every token have expired."""
    stage.sandbox.tokens.expire(stage.sandbox.clock.now())


def revoke(stage: Stage) -> None:
    """Revoke every token."""
    stage.sandbox.tokens.revoke(stage.sandbox.clock.now())
