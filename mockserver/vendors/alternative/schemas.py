"""The bodies of Alternative's requests. Error messages are problems, which `errors` turns into texts."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, validate

from mockserver.core import jsontext
from mockserver.core.operations import InvalidFieldsError
from mockserver.core.refusals import FieldError
from mockserver.schema import RequestBody
from mockserver.vendors.alternative.options import AlternativeOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.case import Case

GRANT = "client_credentials"
# `$` alone lets a newline pass in Python; this means the same to it and to JSON Schema.
END = r"$(?!\n)"
AMOUNT = rf"^[0-9]+(\.[0-9]{{1,2}})?{END}"
DATE = rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(T[0-9:]{{2,8}}(\.[0-9]{{1,9}})?(Z|[+-][0-9:]{{2,8}})?)?{END}"
IDEMPOTENCY_KEY = "Idempotency-Key"
MAX_KEY = 255


def _messages(invalid: str) -> dict[str, Any]:
    return {"required": "required", "null": "required", "invalid": invalid}


def _string(*rules: Any, required: bool = True, invalid: str = "text", **keywords: Any) -> fields.String:
    return fields.String(required=required, error_messages=_messages(invalid), validate=rules, **keywords)


def _text(*rules: Any, **keywords: Any) -> fields.String:
    return _string(validate.Length(min=1, error="required"), *rules, **keywords)


def _one_of(*words: str, error: str = "unknown") -> fields.String:
    return _string(validate.OneOf(words, error=error))


def _evervault() -> fields.String:
    return _one_of("evervault", error="evervault")


def _digits(times: str) -> fields.String:
    return _text(validate.Regexp(rf"^[0-9]{{{times}}}{END}", error="digits"))


def _account_number() -> fields.String:
    return _digits("4,17")


def _nested(schema: type[RequestBody]) -> fields.Nested:
    return fields.Nested(schema, required=True, error_messages={"required": "required", "null": "required"})


class TokenRequest(RequestBody):
    """The client credentials grant (RFC 6749 section 4.4.2). Scopes and all else are ignored."""

    grant_type = _text(validate.OneOf((GRANT,), error="unsupported"), invalid="unsupported")


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
    provider = _evervault()
    address = _nested(Address)


class UsAccount(RequestBody):
    """An account in the United States."""

    account_number = _account_number()
    routing_number = _digits("9")


class CaAccount(RequestBody):
    """An account in Canada."""

    account_number = _account_number()
    institution_code = _digits("3")
    transit_number = _digits("5")


class _Bank(RequestBody):
    """What a bank account has wherever it is."""

    account_data_type = _one_of("us", "ca")
    institution_name = _string()
    receiver_name = _string()
    subtype = _one_of("checkings", "savings")
    type = _one_of("depository")


class UsBank(_Bank):
    """A bank account in the United States."""

    us_account_data = _nested(UsAccount)


class CaBank(_Bank):
    """A bank account in Canada."""

    ca_account_data = _nested(CaAccount)


class BankRequest(_Bank):
    """A bank account, American or Canadian: only the member that fits `account_data_type` has rules."""

    us_account_data = fields.Raw(
        allow_none=True,
        metadata={
            "description": "for us: account_number of 4 to 17 digits, routing_number of 9",
            "example": {"account_number": "123456789012", "routing_number": "110000000"},
        },
    )
    ca_account_data = fields.Raw(
        allow_none=True,
        metadata={
            "description": "for ca: account_number of 4 to 17 digits, institution_code of 3, transit_number of 5",
            "example": {"account_number": "1234567", "institution_code": "001", "transit_number": "00012"},
        },
    )

    def read(self, payload: Any, case: Case) -> Mapping[str, Any]:
        """The fields of *payload*, by the rules of where it says that the account is."""
        where = payload.get("account_data_type")
        bank = _BANKS.get(where) if isinstance(where, str) else None
        return bank.read(payload, case) if bank else super().read(payload, case)


_BANKS: dict[str, RequestBody] = {"us": UsBank(), "ca": CaBank()}


class CvvRequest(RequestBody):
    """The number on the back of a card, encrypted."""

    cvv_secret = _text()
    provider = _evervault()


def _positive(text: str) -> None:
    if re.match(AMOUNT, text) and not Decimal(text):
        raise ValidationError("money")


def _a_date(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValidationError("date") from None


class PaymentRequest(RequestBody):
    """What to pay, when, and with what. The header that makes it happen once is judged with it."""

    amount = _string(validate.Regexp(AMOUNT, error="money"), _positive, invalid="money", metadata={"example": "100.00"})
    payment_date = _text(validate.Regexp(DATE, error="date"), _a_date, metadata={"example": "2030-01-01"})
    payment_method = _one_of("card", "standard_ach")
    payment_method_id = _text(metadata={"example": "pm_card"})

    def read(self, payload: Any, case: Case) -> Mapping[str, Any]:
        """The fields of *payload*. A bad key is told behind the members that are bad."""
        wrong = _wrong_with(case.call.headers.all(IDEMPOTENCY_KEY))
        of_the_key = (FieldError((IDEMPOTENCY_KEY,), wrong),) if wrong else ()
        try:
            loaded = super().read(payload, case)
        except InvalidFieldsError as error:
            raise InvalidFieldsError((*error.errors, *of_the_key)) from None
        if of_the_key:
            raise InvalidFieldsError(of_the_key)
        return loaded


def _wrong_with(keys: list[str]) -> str:
    if len(keys) > 1:
        return "repeated"
    return "" if all(1 <= len(key) <= MAX_KEY for key in keys) else "length"


class AutocompleteRequest(RequestBody):
    """What somebody has typed of an address."""

    q = _text()
    country = _string()
    sessiontoken = _string()


class AddressDetailsRequest(RequestBody):
    """A place that was suggested."""

    id = _string()
    sessiontoken = _string()
