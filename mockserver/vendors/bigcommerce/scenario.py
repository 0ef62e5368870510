"""BigCommerce's part of a scenario: stores with all that belongs to them, and API accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import fields, post_load, validate

from mockserver.schema import Collection, Records, StrictSchema, TrueOrFalse, WholeNumber
from mockserver.vendors.bigcommerce.records import (
    ACCOUNT_SCOPES,
    STATUSES,
    ApiAccount,
    BigCommerceRecords,
    Cart,
    CartLine,
    Channel,
    Customer,
    Product,
    Store,
)

LARGEST = 2**31 - 1
_FILLED = validate.Length(min=1)


def _number(**keywords: Any) -> WholeNumber:
    return WholeNumber(validate=validate.Range(1, LARGEST), **keywords)


class _Record(StrictSchema):
    """Loads into *kind*, lists as tuples."""

    kind: type[Any]

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Any:
        del kwargs
        lists = {name: tuple(value) for name, value in data.items() if isinstance(value, list)}
        return self.kind(**{**data, **lists})


class ChannelSchema(_Record):
    """A sales channel."""

    kind = Channel

    id = _number(required=True)
    live = TrueOrFalse(metadata={"description": "false: nobody logs in"})
    has_site = TrueOrFalse(metadata={"description": "false: it cannot be called"})


class CustomerSchema(_Record):
    """A shopper."""

    kind = Customer

    id = _number(required=True)
    email = fields.String(required=True, validate=_FILLED)
    password = fields.String(required=True)
    first_name = fields.String()
    last_name = fields.String()
    group_id = WholeNumber(validate=validate.Range(0, LARGEST))
    force_reset = TrueOrFalse(metadata={"description": "true: no login by password"})


class CartLineSchema(_Record):
    """So many of a product."""

    kind = CartLine

    product_id = _number(required=True)
    quantity = _number()


class CartSchema(_Record):
    """A cart: a customer's, or nobody's."""

    kind = Cart

    id = fields.String(required=True, validate=_FILLED)
    customer_id = _number(allow_none=True)
    currency_code = fields.String()
    lines = fields.List(fields.Nested(CartLineSchema))


class ProductSchema(_Record):
    """Something for sale."""

    kind = Product

    id = _number(required=True)
    name = fields.String(required=True)
    sku = fields.String()
    path = fields.String()
    description = fields.String()
    price = fields.String(validate=validate.Regexp(r"[0-9]{1,12}(?:\.[0-9]{1,4})?\Z"), metadata={"example": "10.00"})
    currency_code = fields.String()

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Product:
        del kwargs
        price = {"price": Decimal(data["price"])} if "price" in data else {}
        return Product(**{**data, **price})


class StoreSchema(_Record):
    """A store, by its hash."""

    kind = Store

    id = fields.String(
        required=True, validate=validate.Regexp(r"[a-z0-9]{1,40}\Z"), metadata={"description": "the store hash"}
    )
    sid = _number(required=True, metadata={"description": "its number, which tokens carry"})
    name = fields.String()
    vanity_hosts = fields.List(
        fields.String(validate=validate.Regexp(r"[a-z0-9.-]+\Z", error="not a host name in lower case")),
        metadata={"description": "host names of its own"},
    )
    status = fields.String(validate=validate.OneOf(STATUSES))
    channels = fields.List(fields.Nested(ChannelSchema), validate=_FILLED)
    customers = fields.List(fields.Nested(CustomerSchema))
    carts = fields.List(fields.Nested(CartSchema))
    products = fields.List(fields.Nested(ProductSchema))


class ApiAccountSchema(_Record):
    """Who mints tokens for a store; its id is the client id."""

    kind = ApiAccount

    id = fields.String(required=True, validate=_FILLED)
    store_hash = fields.String(required=True, validate=_FILLED)
    client_secret = fields.String(required=True, validate=_FILLED)
    access_token = fields.String(required=True, validate=_FILLED)
    scopes = fields.List(fields.String(validate=validate.OneOf(ACCOUNT_SCOPES)))


class BigCommerceRecordsSchema(Records):
    """BigCommerce's part of a scenario."""

    kind = BigCommerceRecords

    stores = Collection(StoreSchema)
    api_accounts = Collection(ApiAccountSchema)
