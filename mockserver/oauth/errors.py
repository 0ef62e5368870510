"""How token services say no: the error body of RFC 6749 section 5.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core import jsontext
from mockserver.core.bodies import JSON
from mockserver.core.calls import Reply
from mockserver.core.refusals import row
from mockserver.oauth.schemas import problems_of

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.core.refusals import Refusal

ANSWERS = {
    "assertion": (401, "invalid_client"),
    "binding.wrong_client": (400, "unauthorized_client"),
    "browser": (403, "access_denied"),
    "credential": (401, "invalid_client"),
    "fault.injected": (500, "server_error"),
    "method.not_allowed": (405, "invalid_request"),
    "rate.limited": (429, "temporarily_unavailable"),
    "resource.not_found": (404, "invalid_request"),
    "route.not_found": (404, "invalid_request"),
    "token": (401, "invalid_token"),
    "upstream": (502, "server_error"),
}
"""Status and `error` by reason, else by its family; anything else is an invalid request."""

CHALLENGE = ("WWW-Authenticate", 'Basic realm="token"')


def refuse(refusal: Refusal, case: Case) -> Reply:
    """The answer to a refusal."""
    del case
    status, error = row(ANSWERS, refusal.reason, (400, "invalid_request"))
    if "unsupported" in problems_of(refusal.facts):
        error = "unsupported_token_type"
    body = {"error": error, "error_description": _described(refusal)}
    return Reply(status, (("Content-Type", JSON), *_beside(status, refusal)), jsontext.write(body))


def _beside(status: int, refusal: Refusal) -> tuple[tuple[str, str], ...]:
    if status == 401:  # noqa: PLR2004  (RFC 9110 section 15.5.2)
        return (CHALLENGE,)
    if status == 429:  # noqa: PLR2004  (RFC 6585 section 4)
        return (("Retry-After", "1"),)
    return (("Allow", ", ".join(refusal.facts["allowed"])),) if refusal.facts.get("allowed") else ()


def _described(refusal: Refusal) -> str:
    """The reason and its hint, in the characters that RFC 6749 section 5.2 allows."""
    text = f"{refusal.reason}: {refusal.hint}" if refusal.hint else refusal.reason
    return "".join(letter if " " <= letter <= "~" and letter not in '"\\' else "?" for letter in text)
