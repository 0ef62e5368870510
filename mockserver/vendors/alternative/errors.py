"""How Alternative says no: one table from reasons to statuses, codes and messages.

Every body is the vendor's `HttpError`. Its browser SDK shows `message` and nothing else, so that one must do alone.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from mockserver.core import jsontext
from mockserver.core.bodies import JSON
from mockserver.core.calls import Reply
from mockserver.core.refusals import row as refusal_row
from mockserver.vendors.alternative.options import AlternativeOptions

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.core.refusals import FieldError, Refusal

FETCH_TOKEN, INIT = "alternative.fetch_oauth_token", "alternative.init_checkout"


class Row(NamedTuple):
    """An answer: status and message."""

    status: int
    message: str


CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    422: "unprocessable_entity",
    429: "too_many_requests",
    500: "internal_server_error",
}
"""`code` by status; of these only `bad_request` was seen in live answers."""

ROWS = {
    "binding": Row(404, "not found"),
    "browser": Row(403, "forbidden"),
    "browser.server_only_token": Row(401, "token is invalid"),
    "credential": Row(403, "Invalid credentials"),
    "credential.multiple": Row(400, "only one client authentication method is allowed"),
    "fault.injected": Row(500, "internal server error"),
    "method.not_allowed": Row(405, "method not allowed"),
    "origin.not_allowed": Row(403, "forbidden"),
    "rate.limited": Row(429, "rate limit exceeded"),
    "request": Row(400, "invalid request"),
    "request.duplicate_parameter": Row(400, "duplicate parameter"),
    "request.idempotency_conflict": Row(422, "idempotency key reused"),
    "request.malformed": Row(400, "invalid request body"),
    "request.media_type": Row(400, "invalid request body"),
    "request.unprocessable": Row(422, "payment not allowed"),
    "request.unsupported_grant": Row(400, "unsupported grant type"),
    "resource.not_found": Row(404, "not found"),
    "route.not_found": Row(404, "404 page not found"),
    "scope": Row(403, "forbidden"),
    "token": Row(401, "token is invalid"),
    "token.expired": Row(401, "token is expired"),
    "token.missing": Row(401, "token is missing"),
    "token.multiple": Row(400, "token sent twice"),
    "upstream": Row(500, "internal server error"),
}
"""A reason's answer: its own row, else its family's, else 400."""

ROWS_AT = {
    (FETCH_TOKEN, "browser.secret_exposed"): Row(403, "Emulator: client credentials came from a browser."),
    (FETCH_TOKEN, "request.media_type"): Row(400, "unsupported content type"),
    (INIT, "browser.secret_exposed"): Row(403, "Emulator: a backend call came from a browser."),
    (INIT, "credential.disabled"): Row(401, "token is invalid"),
}
"""Where an operation has an answer of its own."""

MISSING = {
    "customer_id": "invoice not found",  # of pages: the vendor documents their 404 for the invoice alone
    "invoice_id": "invoice not found",
    "payment_method_id": "payment method not found",
}
"""The message of a 404, by the id that leads nowhere: the same whether it does not exist or is somebody else's."""

MISSING_AT = {(INIT, "customer_id"): "customer not found"}
"""Where an operation has a message of its own for it."""

INIT_MESSAGES = {"customer_id": "invalid customer id", "invoice_id": "invalid invoice id"}
"""At init a bad field is told by the message alone."""

TEXTS = {
    "closed": "is paid or archived already",
    "date": "must be an ISO date or date-time",
    "digits": "must have the right number of digits",
    "evervault": "must be evervault",
    "json": "must be a string that holds JSON",
    "length": "must be 1 to 255 characters long",
    "mismatch": "does not fit the payment method",
    "money": "must be a string with a positive amount and at most two decimals",
    "over": "is more than the invoice's total",
    "repeated": "must be sent once",
    "required": "is required",
    "text": "must be a string",
    "unknown": "is not one of the known values",
    "unsupported": "must be client_credentials",
}
"""The texts of `validation_errors`, by problem."""

FIELD_REASONS = {"grant_type.unsupported": "request.unsupported_grant"}
"""Field errors that have a reason of their own; all others are `request.invalid`."""

FORBIDDEN_CLIENT = frozenset(
    {
        "credential.missing",
        "credential.malformed",
        "credential.unknown",
        "credential.wrong_secret",
        "credential.disabled",
    }
)
"""What RFC 6749 section 5.2 would answer with 401 `invalid_client`, and the vendor does not."""


def refuse(refusal: Refusal, case: Case) -> Reply:
    """The answer to a refusal: the one place where Alternative's error bodies are made."""
    if _as_the_rfc_has_it(refusal, case):
        return _reply(HTTPStatus.UNAUTHORIZED, {"error": "invalid_client"}, _challenged(case, 'Basic realm="token"'))
    row = _row(refusal, case)
    body: dict[str, object] = {"code": CODES[row.status], "message": _message(row, refusal, case)}
    errors = _validation_errors(refusal, case)
    if errors:
        body["validation_errors"] = errors
    return _reply(row.status, body, _headers(row.status, refusal, case))


def _as_the_rfc_has_it(refusal: Refusal, case: Case) -> bool:
    at_token_url = case.operation_name == FETCH_TOKEN and refusal.reason in FORBIDDEN_CLIENT
    return at_token_url and case.sandbox.get(AlternativeOptions).bad_client == HTTPStatus.UNAUTHORIZED


def _reply(status: int, body: dict[str, object], headers: list[tuple[str, str]]) -> Reply:
    return Reply(status, (("Content-Type", JSON), *headers), jsontext.write(body))


def _row(refusal: Refusal, case: Case) -> Row:
    own = ROWS_AT.get((case.operation_name, refusal.reason))
    return own or refusal_row(ROWS, refusal.reason, Row(400, "invalid request"))


def _message(row: Row, refusal: Refusal, case: Case) -> str:
    errors = _errors(refusal)
    if case.operation_name == INIT and refusal.reason == "request.invalid" and errors:
        return INIT_MESSAGES[str(errors[0].path[0])]
    if row.status != HTTPStatus.NOT_FOUND:
        return row.message
    claim = refusal.facts.get("claim", "")
    return MISSING_AT.get((case.operation_name, claim)) or MISSING.get(claim, row.message)


def _validation_errors(refusal: Refusal, case: Case) -> dict[str, str]:
    """Each bad field once, with the first thing that is wrong with it."""
    if case.operation_name == INIT:
        return {}
    errors = [(".".join(map(str, error.path)), error.problem) for error in _errors(refusal) if error.path]
    texts: dict[str, str] = {}
    for field, problem in errors:
        texts.setdefault(field, TEXTS.get(problem, "is invalid"))
    return texts


def _errors(refusal: Refusal) -> tuple[FieldError, ...]:
    errors: tuple[FieldError, ...] = refusal.facts.get("errors", ())
    return errors


def _headers(status: int, refusal: Refusal, case: Case) -> list[tuple[str, str]]:
    if refusal.reason == "method.not_allowed":
        return [("Allow", ", ".join(refusal.facts.get("allowed", ())))]
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return [("Retry-After", "1")]
    if status == HTTPStatus.UNAUTHORIZED:
        return _challenged(case, "Bearer" if refusal.reason == "token.missing" else 'Bearer error="invalid_token"')
    return []


def _challenged(case: Case, challenge: str) -> list[tuple[str, str]]:
    return [("WWW-Authenticate", challenge)] if case.options.www_authenticate else []
