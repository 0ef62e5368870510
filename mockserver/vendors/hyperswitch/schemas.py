"""The bodies of requests and answers in JSON. Secrets are plain texts, enums full names (or numbers, when sent)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from mockserver.core.operations import InvalidFieldsError
from mockserver.core.refusals import Refusal
from mockserver.schema import RequestBody, ResponseBody, TrueOrFalse, WholeNumber
from mockserver.vendors.hyperswitch.enums import AUTHENTICATION_TYPES, CAPTURE_METHODS, CONNECTORS, CURRENCIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.case import Case

INT64 = validate.Range(-(2**63), 2**63 - 1)
INT32 = range(-(2**31), 2**31)


class Named(fields.Raw):
    """A member of an enum, by its full name or its number."""

    def __init__(self, names: tuple[str, ...], **keywords: Any) -> None:
        super().__init__(
            allow_none=True, metadata={"description": "full name, or number", "example": names[1]}, **keywords
        )
        self._names = names

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if isinstance(value, int) and not isinstance(value, bool) and value in INT32:
            return self._names[value] if 0 <= value < len(self._names) else value
        if isinstance(value, str) and value in self._names:
            return value
        raise self.make_error("validator_failed")


def _text() -> fields.String:
    return fields.String(allow_none=True)


def _number() -> WholeNumber:
    return WholeNumber(allow_none=True, validate=INT64)


def _switch() -> TrueOrFalse:
    return TrueOrFalse(allow_none=True)


def _without_nulls(fields_: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _without_nulls(value) if isinstance(value, dict) else value
        for name, value in fields_.items()
        if value is not None
    }


class MessageBody(RequestBody):
    """A message in JSON. A member that is null counts as unset, wherever it stands."""

    def read(self, payload: Any, case: Case) -> Mapping[str, Any]:
        """The fields of a message; those that have been decoded need no more looking at."""
        if case.call.payload is not None:
            return case.call.payload
        try:
            return _without_nulls(super().read(payload, case))
        except InvalidFieldsError as error:
            wrong = ", ".join(each.pointer for each in error.errors)
            case.note("request.malformed", passed=False, seen=wrong)
            raise Refusal("request.malformed", hint=f"of the wrong type: {wrong}", problem="types") from None


class Money(MessageBody):
    """An amount in the currency's smallest unit."""

    minor_amount = _number()
    currency = Named(CURRENCIES)


class AccessToken(MessageBody):
    """A token as payment calls carry it. Only its text is looked at."""

    token = _text()
    expires_in_seconds = _number()
    token_type = _text()


class ConnectorState(MessageBody):
    """What a caller keeps for a connector between calls."""

    access_token = fields.Nested(AccessToken, allow_none=True)
    connector_customer_id = _text()


class TokenRequest(MessageBody):
    """What an access token is asked for with. The headers decide; this connector is ignored."""

    merchant_access_token_id = _text()
    connector = Named(CONNECTORS)
    metadata = _text()
    connector_feature_data = _text()
    test_mode = _switch()
    merchant_request_id = _text()


class TokenAnswer(ResponseBody):
    """An access token; or, where the provider fails inside a success, its error."""

    access_token = fields.String()
    token_type = fields.String()
    expires_in_seconds = fields.Integer()
    status = fields.String(required=True)
    error = fields.Dict()
    status_code = fields.Integer(required=True)
    merchant_access_token_id = fields.String()


class PaymentContext(MessageBody):
    """A payment that a session is for."""

    amount = fields.Nested(Money, allow_none=True)
    metadata = _text()


class ServerSessionRequest(MessageBody):
    """What a server's session token is asked for with."""

    merchant_server_session_id = _text()
    connector_feature_data = _text()
    state = fields.Nested(ConnectorState, allow_none=True)
    test_mode = _switch()
    payment = fields.Nested(PaymentContext, allow_none=True)


class SessionRequest(MessageBody):
    """The same before 2026.05."""

    merchant_session_id = _text()
    amount = fields.Nested(Money, allow_none=True)
    metadata = _text()
    connector_feature_data = _text()
    state = fields.Nested(ConnectorState, allow_none=True)
    test_mode = _switch()


class SessionAnswer(ResponseBody):
    """A session token."""

    error = fields.Dict()
    status_code = fields.Integer(required=True)
    session_token = fields.String()


class ClientTokenAnswer(ResponseBody):
    """What a page needs to talk to the provider by itself."""

    session_data = fields.Dict()
    status_code = fields.Integer(required=True)


class GetRequest(MessageBody):
    """Which payment, and the token to ask with."""

    merchant_transaction_id = _text()
    connector_transaction_id = _text()
    capture_method = Named(CAPTURE_METHODS)
    amount = fields.Nested(Money, allow_none=True)
    state = fields.Nested(ConnectorState, allow_none=True)
    metadata = _text()
    connector_feature_data = _text()
    test_mode = _switch()
    merchant_request_id = _text()


class AuthorizeRequest(MessageBody):
    """A payment to authorize. Any payment method will do."""

    merchant_transaction_id = _text()
    amount = fields.Nested(Money, allow_none=True)
    payment_method = fields.Dict(allow_none=True)
    capture_method = Named(CAPTURE_METHODS)
    auth_type = Named(AUTHENTICATION_TYPES)
    metadata = _text()
    connector_feature_data = _text()
    test_mode = _switch()
    state = fields.Nested(ConnectorState, allow_none=True)


class PaymentAnswer(ResponseBody):
    """How it went with a payment."""

    connector_transaction_id = fields.String()
    status = fields.String(required=True)
    error = fields.Dict()
    status_code = fields.Integer(required=True)
    amount = fields.Dict()
    state = fields.Dict()


class HealthAnswer(ResponseBody):
    """That the server is there."""

    status = fields.String(required=True)
    service = fields.String(required=True)


class PlainMessage(ResponseBody):
    """A message that is told as it is: gRPC only."""

    def write(self, fields_: Mapping[str, Any]) -> Mapping[str, Any]:
        """All of them."""
        return fields_


class Failure(ResponseBody):
    """A text and a status."""

    message = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "the HTTP status, as a text"})


class Refused(ResponseBody):
    """How it says no over HTTP."""

    error = fields.Nested(Failure, required=True)
