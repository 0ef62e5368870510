"""The bodies of Surfboard's requests and answers. Error messages are problems: `required` or `invalid`."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from mockserver.schema import RequestBody, ResponseBody

USER_ID_LENGTH = 255
LISTED_PAYMENT_METHODS = "CARD, CARD_NP, KLARNA, CTOKEN, GIFTCARD are listed; none is enforced"


def _text(*rules: validate.Validator, wrong_type: str = "invalid", **keywords: Any) -> fields.String:
    """A text that must be there; empty and null are as good as absent."""
    messages: dict[str, Any] = {"required": "required", "null": "required", "invalid": wrong_type}
    filled = validate.Length(min=1, error="required")
    return fields.String(required=True, error_messages=messages, validate=(filled, *rules), **keywords)


class TokenRequest(RequestBody):
    """Whom a backend wants a client token for."""

    providerId = _text(metadata={"example": "5D0C1E6A-0B1F-4C55-9E0D-7A5E0DE30001"})  # noqa: N815  (the vendor's names)
    providerCertificate = _text(metadata={"description": "32 hex digits, not a PEM"})  # noqa: N815
    externalUserId = _text(  # noqa: N815
        validate.Length(max=USER_ID_LENGTH, error="invalid"),
        metadata={"description": "the caller's own id of its user", "example": "user_12345"},
    )
    email = fields.String(
        error_messages={"null": "invalid", "invalid": "invalid"},
        validate=validate.Regexp(r"^[^@]+@[^@]+$", error="invalid"),
        metadata={"description": "recorded, not put in the token", "example": "user@example.com"},
    )


class NewOrder(RequestBody):
    """What an order needs; whatever else it holds is taken."""

    terminal_id = _text(wrong_type="required", data_key="terminal$id", metadata={"description": "with the dollar sign"})
    orderLines = fields.List(  # noqa: N815
        fields.Raw(allow_none=True),
        required=True,
        error_messages={"required": "required", "null": "required", "invalid": "required"},
        validate=validate.Length(min=1, error="required"),
    )


class NewPayment(RequestBody):
    """What a payment needs; whatever else it holds is taken."""

    orderId = _text(wrong_type="required")  # noqa: N815
    paymentMethod = _text(wrong_type="required", metadata={"description": LISTED_PAYMENT_METHODS})  # noqa: N815


class AnyObject(RequestBody):
    """Any JSON object: the vendor's members are not judged here."""


class MintedData(ResponseBody):
    """A client token, in the reference's envelope."""

    token = fields.String(required=True)
    valid_until = fields.String(data_key="validUntil", required=True)


class TokenAnswer(ResponseBody):
    """A client token: flat as in the guide, or under `data` as in the reference.

    `validUntil` is a number of seconds, as a text; it is no instant.
    """

    token = fields.String()
    valid_until = fields.String(
        data_key="validUntil", metadata={"description": "a duration: whole seconds, as a text", "pattern": "^[0-9]+$"}
    )
    status = fields.String(required=True, validate=validate.Equal("SUCCESS"))
    data = fields.Nested(MintedData)
    message = fields.String(required=True)


class FamilyData(ResponseBody):
    """An answer to an authorised call. `status` may be ERROR at any HTTP status; there is no `data` then."""

    status = fields.String(required=True, validate=validate.OneOf(("SUCCESS", "ERROR")))
    data = fields.Raw()
    message = fields.String(required=True)


class Failure(ResponseBody):
    """A refusal: no data, and no code that a machine could read."""

    status = fields.String(required=True, validate=validate.Equal("ERROR"))
    message = fields.String(required=True, metadata={"description": "do not match on it"})
