"""Who may call and what there is to pay: API clients, partners, customers, invoices and payment methods."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, post_load, validate

from mockserver.schema import Collection, Instant, Records, StrictSchema, TrueOrFalse, WholeNumber

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUSES = ("UPCOMING", "OVERDUE", "RECEIVED", "PAID", "ARCHIVED")
METHOD_TYPES = ("card", "ach")
HUNDRED = Decimal("100.00")
MOST = Decimal("999999999.99")
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ApiClient:
    """Who trades a secret for OAuth tokens, on behalf of its partner."""

    id: str
    secret: str = field(repr=False)
    partner_id: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Partner:
    """Whose invoices are paid, and how its pages look."""

    id: str
    name: str = ""
    color: str = "#0B5FFF"
    logo_url: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """Who pays a partner's invoices."""

    id: str
    partner_id: str


@dataclass(frozen=True, slots=True)
class LineItem:
    """What an invoice asks money for."""

    description: str
    quantity: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Invoice:
    """What a customer owes."""

    id: str
    customer_id: str
    invoice_number: str = "INV-1"
    status: str = "UPCOMING"
    total: Decimal = HUNDRED
    sub_total: Decimal = HUNDRED
    currency: str = "USD"
    due_date: date = date(2030, 1, 1)
    line_items: tuple[LineItem, ...] = (LineItem("Service", 1, HUNDRED),)
    created_at: datetime = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """What a customer pays with. *brand* and the expiry are a card's."""

    id: str
    customer_id: str
    type: str
    last4: str
    default: bool = False
    brand: str | None = None
    exp_month: int | None = None
    exp_year: int | None = None


@dataclass(frozen=True, slots=True)
class AlternativeRecords:
    """Everything that is there before the first call, by id."""

    clients: Mapping[str, ApiClient] = field(default_factory=dict)
    partners: Mapping[str, Partner] = field(default_factory=dict)
    customers: Mapping[str, Customer] = field(default_factory=dict)
    invoices: Mapping[str, Invoice] = field(default_factory=dict)
    payment_methods: Mapping[str, PaymentMethod] = field(default_factory=dict)


class Money(fields.Decimal):
    """An amount of money, on the wire as a number with at most two decimals."""

    default_error_messages = {"invalid": "not an amount of money from 0 to 999999999.99"}  # noqa: RUF012

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        del attr, obj, kwargs
        return None if value is None else float(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        del attr, data, kwargs
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.make_error("invalid")
        amount = Decimal(str(value))
        if not amount.is_finite() or not 0 <= amount <= MOST or amount % CENT:
            raise self.make_error("invalid")
        return amount


def _name(**keywords: Any) -> fields.String:
    return fields.String(required=True, validate=validate.Length(min=1), **keywords)


class ApiClientSchema(StrictSchema):
    """An API client."""

    id = _name(metadata={"description": "the client_id"})
    client_secret = _name(attribute="secret")
    partner_id = _name()
    enabled = TrueOrFalse()

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> ApiClient:
        del kwargs
        # RFC 7617 section 2: a user-id with a colon in it cannot be told from its password.
        if ":" in data["id"]:
            raise ValidationError("no client id holds a colon", "id")
        return ApiClient(**data)


class PartnerSchema(StrictSchema):
    """A partner."""

    id = _name()
    name = fields.String()
    color = fields.String()
    logo_url = fields.String()

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Partner:
        del kwargs
        return Partner(**data)


class CustomerSchema(StrictSchema):
    """A customer of a partner."""

    id = _name()
    partner_id = _name()

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Customer:
        del kwargs
        return Customer(**data)


class LineItemSchema(StrictSchema):
    """A line of an invoice."""

    description = fields.String(required=True)
    quantity = WholeNumber(required=True)
    amount = Money(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> LineItem:
        del kwargs
        return LineItem(**data)


class InvoiceSchema(StrictSchema):
    """An invoice of a customer. What is not said of it is as on the demo invoice."""

    id = _name()
    customer_id = _name()
    invoice_number = fields.String()
    status = fields.String(validate=validate.OneOf(STATUSES))
    total = Money()
    sub_total = Money()
    currency = fields.String()
    due_date = fields.Date(metadata={"example": "2030-01-01"})
    line_items = fields.List(fields.Nested(LineItemSchema))
    created_at = Instant()

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Invoice:
        del kwargs
        lists = {name: tuple(value) for name, value in data.items() if isinstance(value, list)}
        return Invoice(**{**data, **lists})


class PaymentMethodSchema(StrictSchema):
    """A payment method of a customer."""

    id = _name()
    customer_id = _name()
    type = fields.String(required=True, validate=validate.OneOf(METHOD_TYPES))
    last4 = fields.String(required=True)
    default = TrueOrFalse()
    brand = fields.String(allow_none=True)
    exp_month = WholeNumber(allow_none=True, validate=validate.Range(1, 12))
    exp_year = WholeNumber(allow_none=True)

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> PaymentMethod:
        del kwargs
        return PaymentMethod(**data)


class AlternativeRecordsSchema(Records):
    """Alternative's part of a scenario."""

    kind = AlternativeRecords

    clients = Collection(ApiClientSchema)
    partners = Collection(PartnerSchema)
    customers = Collection(CustomerSchema)
    invoices = Collection(InvoiceSchema)
    payment_methods = Collection(PaymentMethodSchema)
