"""What BigCommerce knows in a sandbox: stores with all that belongs to them, and API accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

STOREFRONT_SCOPE = "store_storefront_api"
IMPERSONATION_SCOPE = "store_storefront_api_customer_impersonation"
LOGIN_SCOPE = "store_v2_customers_login"
ACCOUNT_SCOPES = (STOREFRONT_SCOPE, IMPERSONATION_SCOPE, LOGIN_SCOPE)
STATUSES = ("HIBERNATION", "LAUNCHED", "MAINTENANCE", "PRE_LAUNCH")
DEFAULT_CHANNEL = 1


@dataclass(frozen=True, slots=True)
class Channel:
    """A sales channel. Without a site it cannot be called at all, and while it is not live nobody logs in."""

    id: int
    live: bool = True
    has_site: bool = True


@dataclass(frozen=True, slots=True)
class Customer:
    """A shopper. One who is to *force_reset* cannot log in by password."""

    id: int
    email: str
    password: str = field(repr=False)
    first_name: str = "Demo"
    last_name: str = "Shopper"
    group_id: int = 0
    force_reset: bool = False


@dataclass(frozen=True, slots=True)
class CartLine:
    """So many of a product in a cart."""

    product_id: int
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart: a customer's, or nobody's."""

    id: str
    customer_id: int | None = None
    currency_code: str = "USD"
    lines: tuple[CartLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """Something for sale."""

    id: int
    name: str
    sku: str = ""
    path: str = ""
    description: str = ""
    price: Decimal = Decimal("10.00")
    currency_code: str = "USD"


@dataclass(frozen=True, slots=True)
class Store:
    """A store, by its hash. *sid* is its number, *vanity_hosts* are its own host names."""

    id: str
    sid: int
    name: str = "Demo Store"
    vanity_hosts: tuple[str, ...] = ()
    status: str = "LAUNCHED"
    channels: tuple[Channel, ...] = (Channel(DEFAULT_CHANNEL),)
    customers: tuple[Customer, ...] = ()
    carts: tuple[Cart, ...] = ()
    products: tuple[Product, ...] = ()

    def channel(self, number: int) -> Channel | None:
        """Its channel with this number."""
        return next((channel for channel in self.channels if channel.id == number), None)


@dataclass(frozen=True, slots=True)
class ApiAccount:
    """Who mints tokens for a store: *id* is the client id, *access_token* goes into `X-Auth-Token`."""

    id: str
    store_hash: str
    client_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    scopes: tuple[str, ...] = ACCOUNT_SCOPES


@dataclass(frozen=True, slots=True)
class BigCommerceRecords:
    """Every store by its hash, every API account by its client id."""

    stores: Mapping[str, Store] = field(default_factory=dict)
    api_accounts: Mapping[str, ApiAccount] = field(default_factory=dict)
