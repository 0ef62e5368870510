"""How Surfboard says no: one table from reasons to statuses, and few texts.

There is no code in a body, so very different reasons look the same; no 403 and no 429 stand in the vendor's table.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from mockserver.core import jsontext
from mockserver.core.bearer import sends_bearer
from mockserver.core.calls import Reply
from mockserver.core.refusals import row
from mockserver.vendors.surfboard.options import SurfboardOptions

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.core.refusals import FieldError, Refusal

CONTENT_TYPE = "application/json; charset=utf-8"

STATUS = {
    "assertion": 401,
    "binding": 401,
    "credential": 401,
    "credential.multiple": 400,
    "fault.injected": 500,
    "method.not_allowed": 404,  # the vendor's table has no 405
    "origin.not_allowed": 401,
    "rate.limited": 429,
    "resource.not_found": 404,
    "route.not_found": 404,
    "token": 401,
    "token.multiple": 400,
    "upstream": 502,
}
"""A reason's status: its own row, else its family's, else 400."""

DENIED = ("browser", "scope")
"""Families of reasons whose status an option has; so have bindings of a client token."""

UNAUTHORIZED = "Unauthorized access. Please provide valid credentials to access this endpoint."
ADJUSTMENTS = ("/adjustments/", "Authentication failed")
"""The one path with a text of its own for whoever may not call it."""

EXPOSED = "Emulator: API credentials came from a browser."
"""A text of our own, where the vendor would not have noticed."""

TEXTS = {
    400: "Malformed request",
    401: UNAUTHORIZED,
    403: UNAUTHORIZED,
    404: "Not found",
    429: "Too many requests",
    500: "Internal server error",
    502: "Bad gateway",
}

INVALID_TOKEN = 'Bearer error="invalid_token"'
INSUFFICIENT_SCOPE = 'Bearer error="insufficient_scope"'


def refuse(refusal: Refusal, case: Case) -> Reply:
    """The answer to a refusal: the one place where Surfboard's error bodies are made."""
    options = case.sandbox.get(SurfboardOptions)
    status = _status(refusal, case, options)
    body = jsontext.write({"status": "ERROR", "message": _message(status, refusal, case)})
    if options.errors_as_200 and _of_a_family(case):
        return Reply(200, (("Content-Type", CONTENT_TYPE),), body)
    headers = [("Content-Type", CONTENT_TYPE)]
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers.append(("Retry-After", "1"))
    challenge = _challenge(status, refusal, case)
    if challenge and options.www_authenticate:
        headers.append(("WWW-Authenticate", challenge))
    return Reply(status, tuple(headers), body)


def _status(refusal: Refusal, case: Case, options: SurfboardOptions) -> int:
    if _denied(refusal, case):
        return options.denied_status
    return row(STATUS, refusal.reason, 400)


def _denied(refusal: Refusal, case: Case) -> bool:
    """Whether the credentials are good, and not for this."""
    return _family(refusal) in DENIED or (_family(refusal) == "binding" and sends_bearer(case.call))


def _message(status: int, refusal: Refusal, case: Case) -> str:
    errors: tuple[FieldError, ...] = refusal.facts.get("errors", ())
    if _family(refusal) == "browser":
        return EXPOSED
    if refusal.reason == "request.invalid" and errors:
        return f"Invalid request: {errors[0].path[0]} is {errors[0].problem}"
    prefix, text = ADJUSTMENTS
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) and case.call.path.startswith(prefix):
        return text
    return TEXTS[status]


def _challenge(status: int, refusal: Refusal, case: Case) -> str:
    if status == HTTPStatus.FORBIDDEN:
        return "" if _family(refusal) == "browser" else INSUFFICIENT_SCOPE
    if status != HTTPStatus.UNAUTHORIZED:
        return ""
    of_the_token = _family(refusal) == "token" or (_denied(refusal, case) and _family(refusal) != "browser")
    spoken_for = of_the_token and refusal.reason != "token.missing" and _of_a_family(case)
    return INVALID_TOKEN if spoken_for else "Bearer"


def _of_a_family(case: Case) -> bool:
    return case.operation is not None and case.operation.cors is not None


def _family(refusal: Refusal) -> str:
    return refusal.reason.partition(".")[0]
