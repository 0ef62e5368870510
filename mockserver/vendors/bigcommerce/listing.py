"""The list of an API account's tokens: which page of them, in which order, and what it shows of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.core.clock import seconds
from mockserver.core.refusals import FieldError, Refusal
from mockserver.core.tokens import TokenFilter
from mockserver.vendors.bigcommerce.claims import VENDOR
from mockserver.vendors.bigcommerce.places import StorefrontGrant
from mockserver.vendors.bigcommerce.schemas import NUMBER, STRING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver.core.case import Case
    from mockserver.core.tokens import Token

USUAL_LIMIT, LARGEST_LIMIT = 50, 250
LONGEST_NUMBER = 9
SORTS = ("issued_at", "expires_at")
DIRECTIONS = ("desc", "asc")
"""The newest first, unless asked otherwise."""


def tokens_of(case: Case, *, kind: str, subject: str) -> list[Token]:
    """An account's tokens of this kind at the store in the path, dead ones included, in the order of their issue."""
    own = TokenFilter(vendor=VENDOR, kind=kind, subject=subject)
    return [token for token in case.sandbox.tokens if own.matches(token)]


def page(case: Case, tokens: list[Token]) -> dict[str, Any]:
    """The page of the list that a call asks for."""
    number, limit, sort, descending = _asked(case)
    ordered = sorted(tokens, key=lambda token: getattr(token, sort), reverse=descending)
    shown = ordered[(number - 1) * limit : number * limit]
    told = {
        "total": len(ordered),
        "count": len(shown),
        "per_page": limit,
        "current_page": number,
        "total_pages": -(-len(ordered) // limit),
    }
    return {"data": [_row(case, token) for token in shown], "meta": {"pagination": told}}


def _asked(case: Case) -> tuple[int, int, str, bool]:
    problems: list[FieldError] = []

    def number(name: str, usual: int, largest: int) -> int:
        text = case.call.parameter(name)
        if text is None:
            return usual
        if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER and 1 <= int(text) <= largest:
            return int(text)
        problems.append(FieldError((name,), NUMBER))
        return usual

    def word(name: str, known: tuple[str, ...]) -> str:
        text = case.call.parameter(name)
        if text not in (None, *known):
            problems.append(FieldError((name,), STRING))
        return text or known[0]

    asked = (
        number("page", 1, 10**LONGEST_NUMBER),
        number("limit", USUAL_LIMIT, LARGEST_LIMIT),
        word("sort", SORTS),
        word("direction", DIRECTIONS) == DIRECTIONS[0],
    )
    _refuse(case, problems)
    return asked


def _refuse(case: Case, problems: Iterable[FieldError]) -> None:
    found = tuple(problems)
    case.note("request.invalid", passed=not found, seen=[f"{each.pointer}: {each.problem}" for each in found])
    if found:
        raise Refusal("request.invalid", errors=found)


def _row(case: Case, token: Token) -> dict[str, Any]:
    grant = token.grant if isinstance(token.grant, StorefrontGrant) else None
    return {
        "jti": token.id,
        "type": token.kind,
        "name": grant.name if grant else "",
        "channel_ids": list(grant.channel_ids) if grant else [],
        "allowed_cors_origins": list(grant.allowed_cors_origins) if grant else [],
        "scopes": list(grant.scopes) if grant else [],
        "is_revoked": token.revoked_at is not None,
        "is_expired": token.expires_at <= case.now,
        "principal": {"id": token.subject, "type": "api_account"},
        "issued_at": seconds(token.issued_at),
        "expires_at": seconds(token.expires_at),
        "revoked_at": None if token.revoked_at is None else seconds(token.revoked_at),
    }
