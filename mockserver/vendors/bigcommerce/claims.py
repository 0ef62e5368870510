"""The claims of a storefront token: what a grant is written as, and what claims allow; every one of them must fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.core.clock import instant
from mockserver.core.tokens import Token
from mockserver.vendors.bigcommerce.places import IMPERSONATION, PRIVATE, SIMPLE, StorefrontGrant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VENDOR = "bigcommerce"
ISSUER = "BC"
STENCIL = "stencil"
"""The kind of tokens that the vendor's own page templates carry: storefront tokens of no API account."""
TOKEN_TYPES = {1: SIMPLE, 2: IMPERSONATION, 3: PRIVATE}
"""The claim `token_type`: 1 and 2 observed, 3 our choice."""
_NUMBERS = {kind: number for number, kind in TOKEN_TYPES.items()}
API_ACCOUNT, VENDOR_ITSELF = 2, 0
"""The claim `sub_type`."""


class Flaw(NamedTuple):
    """What is wrong with a text that should be a token: the reason, in words, and the claim it is about."""

    reason: str
    hint: str
    claim: str = ""


def written(grant: StorefrontGrant) -> dict[str, Any]:
    """What a grant says of itself, whoever it is for."""
    return {
        "cid": list(grant.channel_ids),
        "cors": list(grant.allowed_cors_origins),
        "iss": ISSUER,
        "sid": grant.sid,
        "token_type": _NUMBERS[grant.kind],
    }


def token_in(read: Mapping[str, Any] | Flaw) -> Token | Flaw:
    """The storefront token that these claims make."""
    if isinstance(read, Flaw):
        return read
    wrong = next((name for name, fits in _SHAPES.items() if not fits(read.get(name))), "")
    if not wrong and read["token_type"] == _NUMBERS[PRIVATE] and not _is_texts(read.get("scopes")):
        wrong = "scopes"
    if wrong:
        return Flaw("token.bad_payload", f"the claim {wrong} is missing or of the wrong type", wrong)
    if read["iss"] != ISSUER:
        return Flaw("token.bad_signature", f"iss is {read['iss']!r}, not {ISSUER!r}", "iss")
    try:
        issued_at, expires_at = instant(read["iat"]), instant(read["eat"])
    except OverflowError:
        return Flaw("token.bad_payload", "a time off the calendar", "eat")
    own = read["sub_type"] == API_ACCOUNT
    kind = TOKEN_TYPES[read["token_type"]]
    cid = read["cid"]
    grant = StorefrontGrant(
        kind=kind,
        sid=read["sid"],
        channel_ids=tuple(cid) if isinstance(cid, list) else (cid,),
        allowed_cors_origins=tuple(read["cors"]),
        scopes=tuple(read["scopes"]) if kind == PRIVATE else (),
    )
    return Token("", VENDOR, kind if own else STENCIL, read["sub"], issued_at, expires_at, grant=grant)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(_is_text(item) for item in value)


def _is_channels(value: object) -> bool:
    """A list; or a number by itself, as tokens had it up to early 2024."""
    return all(_is_whole(item) for item in value) if isinstance(value, list) else _is_whole(value)


_SHAPES: Mapping[str, Callable[[Any], bool]] = {
    "cid": _is_channels,
    "cors": _is_texts,
    "eat": _is_whole,
    "iat": _is_whole,
    "iss": _is_text,
    "jti": lambda value: value is None or _is_text(value),
    "sid": _is_whole,
    "sub": _is_text,
    "sub_type": _is_whole,
    "token_type": lambda value: _is_whole(value) and value in TOKEN_TYPES,
}
