"""Bodies: from bytes to the fields an operation asked for, or a refusal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from mockserver.core import jsontext
from mockserver.core.calls import GRPC
from mockserver.core.operations import InvalidFieldsError
from mockserver.core.refusals import FieldError, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockserver.core.calls import Call
    from mockserver.core.case import Case
    from mockserver.core.operations import Body, Operation

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MAX_PARAMETERS = 1_000


def media_type(content_type: str | None) -> str:
    """The type and subtype of a Content-Type field, without its parameters."""
    return (content_type or "").partition(";")[0].strip().lower()


def read(case: Case, operation: Operation) -> Mapping[str, Any]:
    """The fields of this call's body; refuses its media type, its syntax, or any field that breaks a rule."""
    body, payload = _sent(case, operation)
    case.note("request.malformed", passed=True)
    try:
        fields = body.schema.read(payload, case)
    except InvalidFieldsError as error:
        raise _field_refusal(case, operation, error.errors) from None
    case.note("request.invalid", passed=True)
    return fields


def _sent(case: Case, operation: Operation) -> tuple[Body, Mapping[str, Any]]:
    """The body in the form it came in; an empty object where none came, and none was needed."""
    if case.call.payload is not None:
        return operation.bodies[0], case.call.payload
    if case.call.transport == GRPC:
        raise _malformed(case, "not the message that this method takes")
    if operation.body_optional and not case.call.body:
        return operation.bodies[0], {}
    body = _acceptable(case, operation)
    return body, _READERS[body.media_type](case)


def peek(call: Call) -> Mapping[str, Any]:
    """What the body says, with nothing refused and nothing checked: to know whom a call speaks of. Proves nothing."""
    if media_type(call.headers.get("Content-Type")) == FORM:
        return dict(parse_qsl(call.body.decode("utf-8", "replace"), errors="replace"))
    try:
        return _json_object(call) if call.payload is None else call.payload
    except jsontext.JsonTextError:
        return {}


def _json_object(call: Call) -> dict[str, Any]:
    """The object that the body is; read once, since those who peek and those who judge both ask."""
    known: dict[str, Any] | None = call.memo.get("json")
    if known is None:
        known = call.memo["json"] = jsontext.read_object(call.body)
    return known


def _acceptable(case: Case, operation: Operation) -> Body:
    for body in operation.bodies:
        if _fits(body, case.media_type) and _offered(case, body):
            case.note("request.media_type", passed=True, seen=case.media_type)
            return body
    offered = [body.media_type for body in operation.bodies if _offered(case, body)]
    return case.found(None, "request.media_type", seen=case.call.headers.get("Content-Type"), wanted=offered)


def _fits(body: Body, sent: str) -> bool:
    return body.media_type == sent or (bool(body.unless) and sent not in body.unless)


def _offered(case: Case, body: Body) -> bool:
    return not body.option or bool(getattr(case.options, body.option))


def _json(case: Case) -> dict[str, Any]:
    try:
        return _json_object(case.call)
    except jsontext.JsonTextError as error:
        raise _malformed(case, str(error)) from None


def _form(case: Case) -> dict[str, str]:
    text = case.call.body.decode("utf-8", "replace")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MAX_PARAMETERS)
    except ValueError as error:
        raise _malformed(case, str(error)) from None
    repeated = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
    case.require(not repeated, "request.duplicate_parameter", seen=repeated, wanted="each parameter once")
    return {name: value for name, value in pairs if value}


def _malformed(case: Case, why: str) -> Refusal:
    case.note("request.malformed", passed=False, seen=why)
    return Refusal("request.malformed", hint=why, errors=(FieldError((), "malformed"),))


def _field_refusal(case: Case, operation: Operation, errors: tuple[FieldError, ...]) -> Refusal:
    first = errors[0]
    reason = case.vendor.field_reasons.get(f"{first.path[0] if first.path else ''}.{first.problem}", "request.invalid")
    listed = errors if operation.lists_every_field_error else errors[:1]
    case.note(reason, passed=False, seen=[f"{error.pointer}: {error.problem}" for error in listed])
    return Refusal(reason, errors=listed)


_READERS: dict[str, Callable[[Case], dict[str, Any]]] = {JSON: _json, FORM: _form}
