"""The bodies of Alternative's answers, and of its errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, validate, validates_schema

from mockserver.schema import Instant, ResponseBody, Seconds, TrueOrFalse, WholeNumber
from mockserver.vendors.alternative.records import METHOD_TYPES, STATUSES, Money

if TYPE_CHECKING:
    from collections.abc import Mapping


class OAuthTokenAnswer(ResponseBody):
    """An OAuth token; there is never a refresh token beside it."""

    access_token = fields.String(required=True)
    expires_in = Seconds(required=True)
    token_type = fields.String(required=True, validate=validate.OneOf(("bearer", "Bearer")))


class CheckoutTokenAnswer(ResponseBody):
    """A checkout token, which the backend passes to its page."""

    token = fields.String(required=True)
    expires_at = WholeNumber(required=True, metadata={"description": "Unix time in seconds, not in milliseconds"})


class Theme(ResponseBody):
    """How a partner's pages look."""

    color = fields.String(required=True)
    logo_url = fields.String(required=True)


class ThemeAnswer(ResponseBody):
    """A partner's name and theme."""

    partner_name = fields.String(required=True)
    theme = fields.Nested(Theme, required=True)


class LineItemAnswer(ResponseBody):
    """A line of an invoice."""

    description = fields.String(required=True)
    quantity = WholeNumber(required=True)
    amount = Money(required=True)


class InvoiceAnswer(ResponseBody):
    """The invoice that the token is for."""

    id = fields.String(required=True)
    customer_id = fields.String(required=True)
    invoice_number = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    total = Money(required=True)
    sub_total = Money(required=True)
    currency = fields.String(required=True)
    due_date = fields.Date(required=True)
    line_items = fields.List(fields.Nested(LineItemAnswer), required=True)
    created_at = Instant(required=True)


class PdfLinkAnswer(ResponseBody):
    """Where the invoice can be read."""

    url = fields.String(required=True, metadata={"description": "perhaps without a scheme"})


class PaymentMethodAnswer(ResponseBody):
    """A payment method; the last three members are a card's."""

    id = fields.String(required=True)
    type = fields.String(required=True, validate=validate.OneOf(METHOD_TYPES))
    last4 = fields.String(required=True)
    default = TrueOrFalse(required=True)
    brand = fields.String(allow_none=True)
    exp_month = WholeNumber(allow_none=True)
    exp_year = WholeNumber(allow_none=True)


class PaymentMethodsAnswer(ResponseBody):
    """What the customer can pay with; the browser SDK goes on to add a bank account where there is nothing."""

    data = fields.List(fields.Nested(PaymentMethodAnswer), required=True)


class CardFormAnswer(ResponseBody):
    """What the card form's provider is configured with."""

    team_id = fields.String(required=True)
    app_id = fields.String(required=True)


class DoneAnswer(ResponseBody):
    """It is done."""

    success = TrueOrFalse(required=True)


class PaymentAnswer(ResponseBody):
    """How far a payment is."""

    status = fields.String(required=True)
    message = fields.String(required=True)


class SuggestionText(ResponseBody):
    """A suggestion in two lines."""

    main_text = fields.String(required=True)
    secondary_text = fields.String(required=True)


class Suggestion(ResponseBody):
    """A suggested address."""

    place_id = fields.String(required=True)
    description = fields.String(required=True)
    structured_formatting = fields.Nested(SuggestionText, required=True)


class AutocompleteAnswer(ResponseBody):
    """Addresses that begin like what was typed."""

    data = fields.List(fields.Nested(Suggestion), required=True)


class AddressComponent(ResponseBody):
    """A part of an address."""

    long_name = fields.String(required=True)
    short_name = fields.String(required=True)
    types = fields.List(fields.String(), required=True)


class AddressParts(ResponseBody):
    """The parts of an address."""

    address_components = fields.List(fields.Nested(AddressComponent), required=True)


class AddressResult(ResponseBody):
    """What was found out about a place."""

    result = fields.Nested(AddressParts, required=True)


class AddressDetailsAnswer(ResponseBody):
    """The address of a place."""

    data = fields.Nested(AddressResult, required=True)


class HttpError(ResponseBody):
    """The vendor's error body. Where `bad_client` is 401, a bad client gets `error` alone, as RFC 6749 has it."""

    code = fields.String()
    message = fields.String(metadata={"description": "all that the browser SDK shows"})
    validation_errors = fields.Dict(keys=fields.String(), values=fields.String())
    error = fields.String(validate=validate.Equal("invalid_client"))

    @validates_schema
    def _is_one_of_both(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        del kwargs
        if set(data) - {"validation_errors"} not in ({"code", "message"}, {"error"}):
            raise ValidationError("neither code and message nor error")
