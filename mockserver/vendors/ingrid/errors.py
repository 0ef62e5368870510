"""How Ingrid says no: one table from reasons to statuses, texts and challenges.

Problem details as RFC 9457 has them; the RFC 7523 form of the assertion grant answers as RFC 6749 section 5.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext
from mockserver.core.bodies import FORM
from mockserver.core.calls import Reply
from mockserver.core.clock import compact
from mockserver.core.problems import PROBLEM_JSON
from mockserver.core.refusals import row
from mockserver.vendors.ingrid.options import IngridOptions

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.core.refusals import FieldError, Refusal

TRACE_ID = "X-Trace-Id"
TRACE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

STATUS = {
    "assertion": 401,
    "assertion.missing": 400,
    "binding": 403,
    "browser": 403,
    "credential": 401,
    "fault.injected": 500,
    "method.not_allowed": 405,
    "origin.not_allowed": 403,
    "rate.limited": 429,
    "request": 400,
    "request.media_type": 415,
    "resource.not_found": 403,  # the wire of binding.wrong_site: which sites exist is nobody's business
    "route.not_found": 404,
    "scope": 403,
    "scope.unknown": 400,
    "token": 401,
    "token.multiple": 400,
    "token.wrong_kind": 403,
    "upstream": 502,
}
"""A reason's status: its own row, else its family's, else 400."""

SCOPE_CHALLENGE = 'Bearer error="insufficient_scope"'
CHALLENGE = {
    "binding.wrong_site": SCOPE_CHALLENGE,
    "resource.not_found": SCOPE_CHALLENGE,
    "scope.escalation": SCOPE_CHALLENGE,
    "scope.insufficient": SCOPE_CHALLENGE + ', scope="{scope}"',
    "token.wrong_kind": SCOPE_CHALLENGE,
    "token.missing": "Bearer",
}
"""`WWW-Authenticate` (RFC 6750 section 3). Every other 401 gets one too, as RFC 9110 section 15.5.2 asks."""

DETAIL = {
    "browser.secret_exposed": "Emulator: a service-account call came from a browser.",
    "browser.server_only_token": "Emulator: a service token reached a browser.",
}
"""Texts of our own, where the vendor would not have noticed."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the error documentation: its slug, and title and detail by language."""

    slug: str
    en: tuple[str, str]
    sv: tuple[str, str]

    def texts(self, language: str) -> tuple[str, str]:
        """Title and detail. The vendor translates them; `type` and `status` stay."""
        return self.sv if language == "sv" else self.en


PAGES = {
    400: Page(
        "validation-error",
        en=("Validation Error", "One or more fields failed validation."),
        sv=("Valideringsfel", "Ett eller flera fält är ogiltiga."),
    ),
    401: Page(
        "unauthorized",
        en=("Unauthorized", "The request requires valid authentication credentials."),
        sv=("Obehörig", "Begäran kräver giltiga autentiseringsuppgifter."),
    ),
    403: Page(
        "forbidden",
        en=("Forbidden", "You do not have permission to access this resource."),
        sv=("Förbjudet", "Du har inte behörighet till den här resursen."),
    ),
}
"""Statuses without a page here get the neutral type of RFC 9457: the vendor publishes no slug for them."""

TYPE_BASE = {
    "current": "https://docs.ingrid.com/developer-resources/ingrid-api/errors/common/",
    "earlier": "https://docs.ingrid.com/ingrid-api/errors/common/",
}

ITEMS = {
    ".malformed": ("error.body.malformed", "The body must be a JSON object."),
    "grantType.required": ("error.grantType.required", "grantType is required."),
    "grantType.unsupported": ("error.grantType.unsupported", "grantType must be the JWT bearer grant."),
    "assertion.required": ("error.assertion.required", "assertion is required."),
    "scopes.required": ("error.scopes.required", "scopes is required."),
    "scopes.invalid": ("error.scopes.invalid", "scopes must be an array of distinct strings."),
    "scopes.unknown": ("error.scopes.unknown", "This scope does not exist."),
    "ttlSeconds.range": (
        "error.ttlSeconds.range",
        "ttlSeconds must be a whole number within the site's limit.",
    ),
    "externalRef.length": ("error.externalRef.length", "externalRef must be 1 to 255 characters long."),
}
"""The items of `errors[]`, by field and problem."""

REASON_ITEMS = {
    "token.multiple": ("error.accessToken.multiple", "The access token was sent more than once."),
}
"""Items that are about no field; any other reason gets `error.request.invalid`."""

FIELD_REASONS = {
    "grantType.unsupported": "request.unsupported_grant",
    "grant_type.unsupported": "request.unsupported_grant",
    "assertion.required": "assertion.missing",
    "scopes.unknown": "scope.unknown",
}
"""Field errors that have a reason of their own; all others are `request.invalid`."""

OAUTH_ERRORS = {
    "assertion": "invalid_grant",
    "assertion.missing": "invalid_request",
    "credential": "invalid_grant",
    "request": "invalid_request",
    "request.unsupported_grant": "unsupported_grant_type",
}
"""The form variant's `error`, by reason or family; reasons without one answer as problems there too."""


def refuse(refusal: Refusal, case: Case) -> Reply:
    """The answer to a refusal: the one place where Ingrid's error bodies are made."""
    status = row(STATUS, refusal.reason, 400)
    oauth_error = row(OAUTH_ERRORS, refusal.reason, "") if _spoke_oauth(case, refusal) else ""
    if oauth_error:
        return _oauth(oauth_error, refusal.reason)
    headers = [("Content-Type", PROBLEM_JSON)]
    if refusal.reason == "method.not_allowed":
        headers.append(("Allow", ", ".join(refusal.facts.get("allowed", ()))))
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers.append(("Retry-After", "1"))
    challenge = _challenge(status, refusal, case)
    if challenge and case.options.www_authenticate:
        headers.append(("WWW-Authenticate", challenge))
    return Reply(status, tuple(headers), jsontext.write(_problem(status, refusal, case)))


def stamp(case: Case) -> tuple[tuple[str, str], ...]:
    """What every answer carries: a trace id, in the older APIs' form."""
    letters = case.sandbox.entropy.letters(TRACE_LETTERS, 16)
    return ((TRACE_ID, f"D{compact(case.now)}{letters}"),)


def _spoke_oauth(case: Case, refusal: Refusal) -> bool:
    grants = case.operation is not None and case.operation.name == "ingrid.mint_service_token"
    return grants and case.media_type == FORM and refusal.reason != "request.media_type"


def _oauth(error: str, reason: str) -> Reply:
    body = {"error": error, "error_description": reason}
    return Reply(400, (("Content-Type", "application/json"),), jsontext.write(body))


def _problem(status: int, refusal: Refusal, case: Case) -> dict[str, Any]:
    options = case.sandbox.get(IngridOptions)
    earlier = options.problem_style == "earlier"
    problem = _texts(status, refusal, case, options)
    if earlier:
        problem["trace_id"] = dict(case.stamp)[TRACE_ID]
    else:
        problem["instance"] = f"urn:ingrid:request:{case.sandbox.entropy.uuid()}"
    if status == HTTPStatus.BAD_REQUEST:
        problem["errors"] = _items(refusal, earlier=earlier)
    return problem


def _texts(status: int, refusal: Refusal, case: Case, options: IngridOptions) -> dict[str, Any]:
    page = PAGES.get(status)
    if page is None:
        return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    title, detail = page.texts(_language(case, options))
    kind = TYPE_BASE[options.problem_style] + page.slug
    return {"type": kind, "title": title, "status": status, "detail": DETAIL.get(refusal.reason, detail)}


def _items(refusal: Refusal, *, earlier: bool) -> list[dict[str, str]]:
    errors: tuple[FieldError, ...] = refusal.facts.get("errors", ())
    if not errors:
        code, text = REASON_ITEMS.get(refusal.reason, ("error.request.invalid", "The request is not valid."))
        return [_item(code, text, "", earlier=earlier)]
    return [
        _item(*ITEMS[_key(error)], _field(error) if earlier else error.pointer, earlier=earlier) for error in errors
    ]


def _item(code: str, text: str, param: str, *, earlier: bool) -> dict[str, str]:
    return {"code": code, "message" if earlier else "detail": text, "param": param}


def _key(error: FieldError) -> str:
    return f"{_field(error)}.{error.problem}"


def _field(error: FieldError) -> str:
    return str(error.path[0]) if error.path else ""


def _challenge(status: int, refusal: Refusal, case: Case) -> str:
    challenge = CHALLENGE.get(refusal.reason, "")
    if challenge or status != HTTPStatus.UNAUTHORIZED:
        return challenge.format(scope=refusal.facts.get("wanted", "view"))
    minting = case.operation is not None and case.operation.name == "ingrid.mint_service_token"
    return "Bearer" if minting else 'Bearer error="invalid_token"'


def _language(case: Case, options: IngridOptions) -> str:
    if options.problem_lang != "auto":
        return options.problem_lang
    return preferred_language(case.call.headers.get("Accept-Language") or "", ("en", "sv"))


def preferred_language(accept: str, offered: tuple[str, ...]) -> str:
    """The offered language that an Accept-Language field likes best; the first one if it likes none."""
    liked = {}
    for part in accept.split(","):
        tag, _, weight = part.partition(";")
        liked[tag.strip().lower().partition("-")[0]] = _quality(weight)
    best = max(offered, key=lambda language: liked.get(language, 0))
    return best if liked.get(best, 0) > 0 else offered[0]


def _quality(weight: str) -> float:
    try:
        return float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0
