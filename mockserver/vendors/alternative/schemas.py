"""The bodies of Alternative's requests. Error messages are problems, which `errors` turns into texts."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, validate, validates_schema

from mockserver.core import jsontext
from mockserver.schema import RequestBody
from mockserver.vendors.alternative.options import AlternativeOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.case import Case

GRANT = "client_credentials"
# `$` alone lets a newline pass in Python; this means the same to it and to JSON Schema.
END = r"$(?!\n)"
AMOUNT = rf"^[0-9]{{1,12}}(\.[0-9]{{1,2}})?{END}"
DATE = rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(T[0-9:]{{2,8}}(\.[0-9]{{1,9}})?(Z|[+-][0-9:]{{2,8}})?)?{END}"


def _messages() -> dict[str, Any]:
    return {"required": "required", "null": "required", "invalid": "text"}


def _text(*rules: validate.Validator | Any, required: bool = True, **keywords: Any) -> fields.String:
    filled = validate.Length(min=1, error="required")
    return fields.String(required=required, error_messages=_messages(), validate=(filled, *rules), **keywords)


def _string() -> fields.String:
    return fields.String(required=True, error_messages=_messages())


def _one_of(*words: str) -> fields.String:
    return fields.String(required=True, error_messages=_messages(), validate=validate.OneOf(words, error="unknown"))


def _digits(count: int) -> fields.String:
    return _text(validate.Regexp(rf"^[0-9]{{{count}}}{END}", error="digits"))


def _nested(schema: type[RequestBody], *, required: bool) -> fields.Nested:
    return fields.Nested(schema, required=required, error_messages={"required": "required", "null": "required"})


class TokenRequest(RequestBody):
    """The client credentials grant (RFC 6749 section 4.4.2). Scopes and all else are ignored."""

    grant_type = _text(validate.OneOf((GRANT,), error="unsupported"))


class InitRequest(RequestBody):
    """Whose invoice a checkout token is for."""

    customer_id = _text(metadata={"example": "cus_demo"})
    invoice_id = _text(metadata={"example": "inv_demo", "description": "may be absent where require_invoice is off"})

    def read(self, payload: Any, case: Case) -> Mapping[str, Any]:
        """The fields of *payload*, with an invoice or, if the option says so, without."""
        if case.sandbox.get(AlternativeOptions).require_invoice:
            return super().read(payload, case)
        return _WITHOUT_INVOICE.read(payload, case)


class InitWithoutInvoice(RequestBody):
    """The same where a token may be for no invoice: it keeps payment methods, and pays nothing."""

    customer_id = _text()
    invoice_id = _text(required=False)


_WITHOUT_INVOICE = InitWithoutInvoice()


class Address(RequestBody):
    """Where a card is at home."""

    city = _string()
    country = _string()
    country_code = _string()
    postal_code = _string()
    state = _string()
    state_code = _string()
    street_address = _string()


def _holds_json(text: str) -> None:
    try:
        jsontext.read(text.encode("utf-8", "surrogatepass"))
    except jsontext.JsonTextError:
        raise ValidationError("json") from None


class CardRequest(RequestBody):
    """A card, as the provider that saw its number describes it."""

    card_provider_token = _text(_holds_json, metadata={"example": '{"last4":"4242"}'})
    provider = fields.String(
        required=True, error_messages=_messages(), validate=validate.OneOf(("evervault",), error="evervault")
    )
    address = _nested(Address, required=True)


class UsAccount(RequestBody):
    """An account in the United States."""

    account_number = _text(validate.Regexp(rf"^[0-9]{{4,17}}{END}", error="digits"))
    routing_number = _digits(9)


class CaAccount(RequestBody):
    """An account in Canada."""

    account_number = _text(validate.Regexp(rf"^[0-9]{{4,17}}{END}", error="digits"))
    institution_code = _digits(3)
    transit_number = _digits(5)


class BankRequest(RequestBody):
    """A bank account, American or Canadian."""

    account_data_type = _one_of("us", "ca")
    institution_name = _string()
    receiver_name = _string()
    subtype = _one_of("checkings", "savings")
    type = _one_of("depository")
    us_account_data = _nested(UsAccount, required=False)
    ca_account_data = _nested(CaAccount, required=False)

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _has_its_account(self, data: Mapping[str, Any], original: Any, **kwargs: Any) -> None:
        del kwargs
        needed = f"{data.get('account_data_type', '')}_account_data"
        if needed in self.fields and needed not in original:
            raise ValidationError("required", needed)


class CvvRequest(RequestBody):
    """The number on the back of a card, encrypted."""

    cvv_secret = _text()
    provider = fields.String(
        required=True, error_messages=_messages(), validate=validate.OneOf(("evervault",), error="evervault")
    )


def _positive(text: str) -> None:
    if re.match(AMOUNT, text) and not Decimal(text):
        raise ValidationError("money")


def _a_date(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValidationError("date") from None


class PaymentRequest(RequestBody):
    """What to pay, when, and with what."""

    amount = fields.String(
        required=True,
        error_messages={"required": "required", "null": "required", "invalid": "money"},
        validate=(validate.Regexp(AMOUNT, error="money"), _positive),
        metadata={"example": "100.00"},
    )
    payment_date = _text(validate.Regexp(DATE, error="date"), _a_date, metadata={"example": "2030-01-01"})
    payment_method = _one_of("card", "standard_ach")
    payment_method_id = _text(metadata={"example": "pm_card"})


class AutocompleteRequest(RequestBody):
    """What somebody has typed of an address."""

    q = _text()
    country = _string()
    sessiontoken = _string()


class AddressDetailsRequest(RequestBody):
    """A place that was suggested."""

    id = _string()
    sessiontoken = _string()
