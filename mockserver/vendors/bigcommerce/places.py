"""Where a storefront is called, and with what right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.vendors.bigcommerce.records import Channel, Store

SIMPLE, PRIVATE, IMPERSONATION = "simple", "private", "customer_impersonation"
"""The kinds of storefront tokens, as the list API names them."""


@dataclass(frozen=True, slots=True)
class Place:
    """A storefront: a channel of a store, and the base URL that generated links start with (scheme, host, alias)."""

    store: Store
    channel: Channel
    url: str


@dataclass(frozen=True, slots=True)
class StorefrontGrant:
    """What a storefront token allows. *scopes* are a private token's; the other kinds have none and need none."""

    kind: str
    sid: int
    channel_ids: tuple[int, ...]
    allowed_cors_origins: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """A `/graphql` call whose token was found good: where, what the token allows, and whether a browser makes it.

    *browser_login* says whether a login is one from a browser (its token becomes a cookie), by the rule of the
    option `cat_delivery`.
    """

    case: Case
    place: Place
    grant: StorefrontGrant
    is_browser: bool
    browser_login: bool
