"""How Hyperswitch says no: a gRPC status with or without details, a message with an error in it, or HTTP's two members.

Which of them, the revision says; which code and text, the tables in `texts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext
from mockserver.core.bodies import JSON
from mockserver.core.calls import Message, Reply, RpcStatus
from mockserver.core.reasons import REASONS
from mockserver.core.refusals import row
from mockserver.vendors.hyperswitch.inband import UNTOKENED, in_band, told
from mockserver.vendors.hyperswitch.options import HyperswitchOptions
from mockserver.vendors.hyperswitch.revisions import AUTHORIZE, NEW, SESSIONS, revision_of
from mockserver.vendors.hyperswitch.texts import (
    CODE_OF_PROVIDER,
    DENIED,
    EXHAUSTED,
    HTTP_OF,
    INTERNAL,
    INVALID,
    NOT_FOUND,
    TEXTS,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNIMPLEMENTED,
    UNKNOWN,
    Text,
)

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.core.refusals import Refusal

DOC_URL = "https://docs.hyperswitch.io/prism/architecture/concepts/error-codes"
ANY_REASON = {
    "assertion": UNAUTHENTICATED,
    "binding": DENIED,
    "browser": DENIED,
    "channel": DENIED,
    "credential": UNAUTHENTICATED,
    "customer": NOT_FOUND,
    "fault": INTERNAL,
    "ip": DENIED,
    "login": UNAUTHENTICATED,
    "method": UNIMPLEMENTED,
    "origin": DENIED,
    "rate": EXHAUSTED,
    "resource": NOT_FOUND,
    "route": UNIMPLEMENTED,
    "scope": DENIED,
    "server": DENIED,
    "session": UNAUTHENTICATED,
    "store": NOT_FOUND,
    "token": UNAUTHENTICATED,
    "upstream": UNAVAILABLE,
}
"""The codes of reasons that Hyperswitch never has by itself, by family; all others are INVALID_ARGUMENT."""
MALFORMED = {
    "malformed": "Failed to parse the request body as JSON",
    "types": "Failed to deserialize the JSON body into the target type",
}
UNDECODED = "Exception deserializing request!"
"""As grpcio says it of a message that is none."""
MEDIA_TYPE = "Expected request with `Content-Type: application/json`"


def refuse(refusal: Refusal, case: Case) -> Reply:
    """The answer to a refusal, for HTTP and for gRPC."""
    nothing_there = _NOTHING_THERE.get(refusal.reason)
    if nothing_there and case.operation is None:
        allowed = ", ".join(refusal.facts.get("allowed", ()))
        return Reply(nothing_there, (("Allow", allowed),) if allowed else (), rpc=RpcStatus(UNIMPLEMENTED))
    if refusal.reason.startswith("request.m"):
        return _unreadable(refusal, case)
    answer = in_band(refusal, case)
    if answer is not None:
        return Reply(200, _JSON, jsontext.write(answer), rpc=RpcStatus())
    if revision_of(case) is NEW:
        failed = told(refusal, case)
        if failed is not None:
            code = CODE_OF_PROVIDER.get(failed.status, UNKNOWN)
            return _reply(
                case, code, failed.message, _connector_error(failed.status, failed.message, failed.error_info)
            )
    text = _text(refusal, case)
    message = text.message.format_map(_Facts(refusal.facts))
    return _reply(case, text.code, message, _details(refusal, case, text, message))


_NOTHING_THERE = {"route.not_found": 404, "method.not_allowed": 405}
_JSON = (("Content-Type", JSON),)


_USUAL = {
    "part": "x-auth",
    "field": "amount",
    "kind": "certificate-auth",
    "connector": "paypal",
    "flow": "server_authentication_token",
    "what": "this method",
}
"""What stands in a text where a rule asked for it: a rule says a reason, and no facts."""


class _Facts(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return _USUAL[name]


_FIRST = {
    "connector.unsupported": "flow.n",
    "credential.incomplete": "{header}.incomplete",
    "credential.malformed": "{header}.unreadable",
    "credential.mismatch": "kind.unfit",
    "credential.missing": "part.missing",
    "request.invalid": "field.missing",
    "request.not_emulated": "not_emulated",
}


def _text(refusal: Refusal, case: Case) -> Text:
    texts = TEXTS[revision_of(case).name]
    problem = _problem(refusal, case)
    own = f"session.{problem}" if case.operation_name in SESSIONS else problem
    found = texts.get(own) or texts.get(problem) or texts.get(problem.partition(".")[0])
    if found:
        return found
    # Nobody but a rule gives this one.
    return Text(row(ANY_REASON, refusal.reason, INVALID), f"Emulator: {REASONS[refusal.reason].meaning}")


def _problem(refusal: Refusal, case: Case) -> str:
    """What the tables call it. A rule says a reason and nothing more: then it is the first of that reason's."""
    if "problem" in refusal.facts:
        return str(refusal.facts["problem"])
    if case.operation_name == AUTHORIZE and refusal.reason in UNTOKENED:
        return "authentication.missing"
    header = revision_of(case).typed_headers(case)[0]
    return _FIRST.get(refusal.reason, refusal.reason).format(header=header)


def _unreadable(refusal: Refusal, case: Case) -> Reply:
    problem = refusal.facts.get("problem") or ("types" if _is_other_json(case.call.body) else "malformed")
    message = MEDIA_TYPE if refusal.reason == "request.media_type" else MALFORMED[problem]
    return Reply(400, _JSON, _body(400, message), rpc=RpcStatus(INTERNAL, UNDECODED))


def _is_other_json(body: bytes) -> bool:
    """Whether it is JSON, but no object: its syntax is right."""
    try:
        return not isinstance(jsontext.read(body), dict)
    except jsontext.JsonTextError:
        return False


def _reply(case: Case, code: int, message: str, details: Message | None) -> Reply:
    options = case.sandbox.get(HyperswitchOptions)
    status = HTTP_OF[code]
    kept = None if options.error_details == "none" else details
    rpc = RpcStatus(code, message, kept, wrapped=options.error_details == "rpc_status")
    return Reply(status, _JSON, _body(status, message), rpc=rpc)


def _body(status: int, message: str) -> bytes:
    return jsontext.write({"error": {"message": message, "code": str(status)}})


def _details(refusal: Refusal, case: Case, text: Text, message: str) -> Message | None:
    if revision_of(case) is not NEW:
        return None
    if refusal.reason == "upstream.unreadable":
        return _error("RESPONSE_DESERIALIZATION_FAILED", message, 200)
    if not text.error:
        return None
    fields = {"error_message": message, "error_code": text.error, "doc_url": DOC_URL}
    return Message("types.IntegrationError", fields)


def _connector_error(status: int, message: str, error_info: dict[str, Any]) -> Message:
    return _error("CONNECTOR_ERROR_RESPONSE", message, status, error_info=error_info)


def _error(code: str, message: str, status: int, **more: Any) -> Message:
    fields = {"error_message": message, "error_code": code, "http_status_code": status, **more}
    return Message("types.ConnectorError", fields)
