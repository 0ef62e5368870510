"""What a payment provider's refusal is told as: by name and text; and, in the earlier revisions, inside a success."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.vendors.hyperswitch.credentials import Caller
from mockserver.vendors.hyperswitch.revisions import DOCS, OLD, PAYMENTS, revision_of

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.core.refusals import Refusal

REJECTED = ("invalid_client", "invalid_client", "Client Authentication failed")
REJECTED_BY_STRIPE = ("invalid_api_key", "Invalid API Key provided", "Invalid API Key provided")
OF_TOKEN = "The payment provider refused the access token"
EXPIRED = {"globalpay": "Invalid access token", "paypal": "invalid_token"}
OTHERWISE = {"getnet": "Token expired", "paypal": "invalid_token"}
IN_USE = frozenset(("token.expired", "token.revoked", "token.unknown", "binding.wrong_connector"))
"""Reasons for which a provider refuses a token that it is shown."""
INLINE_STATUS = {400: "INVALID_REQUEST", 401: "AUTHENTICATION_FAILED", 403: "AUTHENTICATION_FAILED"} | {
    404: "INVALID_REQUEST",
    429: "RATE_LIMITED",
}
UNTOKENED = frozenset(("token.missing", "token.malformed"))
NO_AUTHENTICATION = (500, "INTERNAL_SERVER_ERROR", "Failed to obtain authentication type")
NO_TOKEN = (400, "BAD_REQUEST", "Missing required field: access_token")
"""What 2026.03.12 says of a payment without a token: status, code, message."""
UNANSWERED = {"upstream.timeout": 504, "upstream.unreadable": 500}
OK, UNAUTHORIZED = 200, 401


class Failure(NamedTuple):
    """A provider's answer: HTTP status, code, message, description."""

    status: int
    code: str
    message: str
    description: str

    @property
    def error_info(self) -> dict[str, Any]:
        """It in the words of an `ErrorInfo`."""
        return {
            "unified_details": {"code": self.code, "message": self.message, "description": self.description},
            "connector_details": self.details,
        }

    @property
    def details(self) -> dict[str, str]:
        """What the connector itself says."""
        return {"code": self.code, "message": self.message, "reason": self.description}


def told(refusal: Refusal, case: Case) -> Failure | None:
    """The provider's answer behind this refusal, if there is one."""
    connector = case.caller.connector if isinstance(case.caller, Caller) else ""
    status = refusal.facts.get("status", UNAUTHORIZED)
    if refusal.reason == "credential.rejected":
        by_stripe = connector == "stripe" and revision_of(case) is DOCS
        return Failure(status, *(REJECTED_BY_STRIPE if by_stripe else REJECTED))
    if refusal.reason in IN_USE and case.operation_name in PAYMENTS:
        texts, usual = (
            (EXPIRED, "Token expired")
            if refusal.reason in ("token.expired", "token.revoked")
            else (OTHERWISE, "Invalid access token")
        )
        return Failure(UNAUTHORIZED, "invalid_token", texts.get(connector, usual), OF_TOKEN)
    number = refusal.reason.partition(".")[2]
    if refusal.reason.startswith("upstream.") and number.isdecimal():
        text = f"mock PSP answered {number}"
        return Failure(int(number), f"mock_{number}", text, text)
    if refusal.reason == "upstream.inband":
        return Failure(OK, "mock_inband", "mock PSP answered 200", "an error in the body of a success")
    return None


def in_band(refusal: Refusal, case: Case) -> dict[str, Any] | None:
    """The message that tells of this refusal, where the call itself succeeds; nothing where it fails."""
    revision, failure = revision_of(case), told(refusal, case)
    if case.operation is None:
        return None
    if case.operation_name in PAYMENTS:
        return _payment(refusal, case, failure) if revision is OLD else None
    if refusal.reason == "upstream.inband" and revision is not DOCS:
        details = failure.details if failure else {}
        status = {"status": "OPERATION_STATUS_FAILURE", "status_code": OK}
        # The message of 2026.03.04 has no member for it.
        return status if case.call.path.startswith("/ucs.v2.PaymentService/") else _with_error(status, details)
    return _page(refusal, case, failure) if revision is DOCS else None


def _with_error(status: dict[str, Any], details: dict[str, str]) -> dict[str, Any]:
    return {"status": status["status"], "error": {"connector_details": details}, "status_code": status["status_code"]}


def _unanswered(refusal: Refusal) -> Failure | None:
    """What stands for a provider's answer where there is none of use."""
    if refusal.reason not in UNANSWERED:
        return None
    code = refusal.reason.partition(".")[2]
    text = f"mock PSP: {code}"
    return Failure(UNANSWERED[refusal.reason], code, text, text)


def _page(refusal: Refusal, case: Case, failure: Failure | None) -> dict[str, Any] | None:
    failure = failure or _unanswered(refusal)
    if failure is None:
        return None
    answer = {"error": failure.error_info, "status_code": failure.status}
    if case.operation_name == "hyperswitch.docs_create_session_token":
        return answer
    named = case.fields.get("merchant_access_token_id")
    echo = {} if named is None else {"merchant_access_token_id": named}
    return {"status": INLINE_STATUS.get(failure.status, "FAILURE"), **answer, **echo}


def _payment(refusal: Refusal, case: Case, failure: Failure | None) -> dict[str, Any] | None:
    if refusal.reason in UNTOKENED:
        status, code, message = refusal.facts.get("in_band", NO_AUTHENTICATION)
        return {
            "status": "FAILURE",
            "error": {"connector_details": {"code": code, "message": message}},
            "status_code": status,
        }
    failure = failure or _unanswered(refusal)
    if failure is None or refusal.facts.get("fetching"):
        return None
    state = case.fields.get("state")
    echo = {} if state is None else {"state": state}
    return {
        "status": "FAILURE",
        "error": {"connector_details": failure.details},
        "status_code": failure.status,
        **echo,
    }
