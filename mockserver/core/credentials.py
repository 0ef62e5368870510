"""Long-lived secrets, compared and handed out."""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext
from mockserver.core.vendor import NothingToHandOutError

if TYPE_CHECKING:
    from mockserver.core.examples import Ask, Stage

SUCCESS = range(200, 300)
HEX = "0123456789abcdef"
"""The letters of most ids."""


def same(sent: str, kept: str) -> bool:
    """Whether they are the same secret, found out in a time that tells nothing about it."""
    return hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), kept.encode("utf-8", "surrogatepass"))


def basic_user(authorization: str | None) -> tuple[str, ...]:
    """The id in an Authorization field of the scheme Basic (RFC 7617), if it is one. Proves nothing."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return ()
    try:
        return (base64.b64decode(encoded.strip(), validate=True).decode("utf-8", "replace").partition(":")[0],)
    except ValueError:
        return ()


def handed_out(stage: Stage, ask: Ask, *members: str) -> str:
    """The token in the answer to a call of the hand-off, at this place in it.

    Raises `NothingToHandOutError` where the call is refused, or a rule has spoilt its answer.
    """
    reply = stage.play(ask)
    if reply.status not in SUCCESS:
        raise NothingToHandOutError(f"{ask.method} {ask.path} answered {reply.status}; the journal says why")
    try:
        found: Any = jsontext.read(reply.body)
        for member in members:
            found = found[member]
    except (jsontext.JsonTextError, LookupError, TypeError):
        found = None
    if not isinstance(found, str):
        raise NothingToHandOutError(f"{ask.method} {ask.path} answered something without {'.'.join(members)}")
    return found
