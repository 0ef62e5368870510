"""How a query is refused: the body of every reason that `/graphql` has behind its door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext
from mockserver.core.bodies import JSON
from mockserver.core.calls import Reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mockserver.core.case import Case
    from mockserver.core.refusals import Refusal

REQUEST_TEXTS = {
    "request.malformed": "Request body is not a valid GraphQL request",
    "query.invalid": "Syntax Error: Unexpected <EOF>.",
    "query.too_complex": (
        "The query is too complex as it has a complexity score of {score} out of {limit}. "
        "Please remove some elements and try again"
    ),
    "query.too_deep": "The query depth {depth} exceeds the limit of {limit}",
    "rate.limited": "Too many requests",
}
"""Refused before anything is executed."""

STATUS = {"rate.limited": 429}
"""All others of these are 400."""

WRONG_CONTEXT = (
    "Customer access token was requested in the body, but it's only returned for server-to-server requests. "
    "For browser requests it's set as an httpOnly cookie instead."
)
FIELD_TEXTS = {
    "scope.insufficient": "The provided token does not include the scopes required to resolve this field.",
    "session.invalid": "Customer access token is invalid",
    "session.missing": "Customer access token is missing",
    "channel.not_live": "Operation cannot be performed as the storefront channel is not live",
    "login.bad_credentials": "Invalid credentials",
    "login.reset_required": "Reset password",
    "login.wrong_context": WRONG_CONTEXT,
    "login.bad_jwt": "Invalid credentials",
}
"""Refused within an answer of status 200."""

CODES = {
    "scope.insufficient": "INSUFFICIENT_ACCESS_SCOPE",
    "session.invalid": "INVALID_CUSTOMER_ACCESS_TOKEN",
    "session.missing": "MISSING_CUSTOMER_ACCESS_TOKEN",
}
FORCED_FIELDS = {"login.bad_jwt": "loginWithCustomerLoginJwt", "scope.insufficient": "site"}
"""Which field a rule's refusal is about; `customer` of sessions, else `login`."""
LIMITS: Mapping[str, Mapping[str, int]] = {
    "query.too_complex": {"score": 10_001, "limit": 10_000},
    "query.too_deep": {"depth": 17, "limit": 16},
}
"""What a rule's refusal says of scores and depths."""

Errors = list[dict[str, Any]]


def refuse(refusal: Refusal, case: Case) -> Reply | None:
    """The answer to a refusal of ours; nothing for any other."""
    del case
    reason, facts = refusal.reason, refusal.facts
    if "body" in facts:
        return Reply(200, ((_CONTENT_TYPE), *facts["headers"]), facts["body"])
    if reason in REQUEST_TEXTS:
        text = REQUEST_TEXTS[reason].format_map({**LIMITS.get(reason, {}), **facts})
        errors = facts.get("errors") or [{"message": text}]
        return Reply(STATUS.get(reason, 400), (_CONTENT_TYPE,), jsontext.write({"errors": errors}))
    if reason in FIELD_TEXTS:
        return Reply(200, (_CONTENT_TYPE,), written(None, [_forced(reason)]))
    return None


def written(data: Any, errors: Iterable[dict[str, Any]] = ()) -> bytes:
    """The body of an executed query."""
    listed = list(errors)
    return jsontext.write({"data": data, "errors": listed} if listed else {"data": data})


def entry(
    message: str, path: Iterable[str | int], locations: Errors | None = None, extensions: dict[str, Any] | None = None
) -> dict[str, Any]:
    """One error within an answer, members in the vendor's order."""
    members: dict[str, Any] = {"message": message, "path": list(path)}
    if locations:
        members["locations"] = locations
    if extensions:
        members["extensions"] = extensions
    return members


def extensions(reason: str, **more: Any) -> dict[str, Any]:
    """What stands beside a reason's message for programs to read, if anything does."""
    return {"code": CODES[reason], **more} if reason in CODES else {}


def _forced(reason: str) -> dict[str, Any]:
    field = "customer" if reason.startswith("session.") else FORCED_FIELDS.get(reason, "login")
    if reason == "scope.insufficient":
        wanted = extensions(reason, requiredScopes=["Unauthenticated"])
        return entry(FIELD_TEXTS[reason], [field], extensions=wanted)
    return entry(FIELD_TEXTS[reason], [field], [{"line": 1, "column": 1}], extensions(reason))


_CONTENT_TYPE = ("Content-Type", JSON)
