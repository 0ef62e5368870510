"""Carts: read, made, and handed over to the checkout."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mockserver.vendors.bigcommerce.graphql.catalog import money
from mockserver.vendors.bigcommerce.places import IMPERSONATION
from mockserver.vendors.bigcommerce.records import Cart, CartLine
from mockserver.vendors.bigcommerce.sessions.shoppers import MOST_LINES
from mockserver.vendors.bigcommerce.sessions.sync import SyncedSession, session_sync_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.vendors.bigcommerce.graphql.asking import Asking
    from mockserver.vendors.bigcommerce.sessions.shoppers import Shop

USUAL_CURRENCY = "USD"
NOT_FOUND = {"__typename": "NotFoundError", "message": "Cart not found"}


def cart(asking: Asking, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    """The cart with this id, or the customer's own; nothing where it is somebody else's."""
    cart_id = arguments.get("entityId")
    if cart_id is None:
        own = asking.shop.cart_of(asking.shopper.id) if asking.shopper and asking.by_session else None
        return told(asking.shop, own) if own else None
    found = readable(asking, cart_id)
    return told(asking.shop, found) if found else None


def readable(asking: Asking, cart_id: str) -> Cart | None:
    """The cart with this id, unless whoever asks must not see it.

    An impersonation token sees the customer's alone; otherwise nobody's is anybody's.
    """
    found = asking.shop.cart(cart_id)
    owner = asking.shopper.id if asking.shopper else None
    if found is None or found.customer_id == owner:
        return found
    return None if asking.visit.grant.kind == IMPERSONATION or found.customer_id is not None else found


def create_cart(asking: Asking, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A new cart: the customer's, where one is known. None is made of more lines than one may have."""
    wanted = arguments["input"]
    if len(wanted.get("lineItems") or ()) > MOST_LINES:
        return {"cart": None}
    lines = tuple(CartLine(each["productEntityId"], each["quantity"]) for each in wanted.get("lineItems") or ())
    owner = asking.shopper.id if asking.shopper else None
    made = Cart(asking.case.sandbox.entropy.uuid(), owner, wanted.get("currencyCode") or USUAL_CURRENCY, lines)
    return {"cart": told(asking.shop, asking.shop.keep(made))}


def create_cart_redirect_urls(asking: Asking, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Where a browser goes on to the checkout: a link to the cart, or one that brings the customer's session along."""
    wanted = arguments["input"]
    found = readable(asking, wanted["cartEntityId"])
    if found is None:
        return {"redirectUrls": None, "errors": [NOT_FOUND]}
    more = [(each["key"], each["value"]) for each in wanted.get("queryParams") or ()]
    urls = [_checkout_url(asking, [*first, *_load(asking, found), *more]) for first in ([], [EMBEDDED])]
    if asking.shopper and asking.by_session:
        urls = [_synced(asking, found, url, wanted) for url in urls]
    redirected, embedded = urls
    return {"redirectUrls": {"redirectedCheckoutUrl": redirected, "embeddedCheckoutUrl": embedded}, "errors": []}


def told(shop: Shop, shown: Cart) -> dict[str, Any]:
    """A cart as it is shown; its lines are looked at where they are asked for."""
    return {
        "entityId": shown.id,
        "currencyCode": shown.currency_code,
        "isTaxIncluded": False,
        "amount": lambda _info: money(_total(shop, shown), shown.currency_code),
        "lineItems": {
            "physicalItems": lambda _info: [_item(shop, shown, line) for line in shown.lines],
            "digitalItems": [],
            "giftCertificates": [],
            "customItems": [],
        },
    }


def _total(shop: Shop, shown: Cart) -> Decimal:
    return sum((shop.product(line.product_id).price * line.quantity for line in shown.lines), start=Decimal())


def _item(shop: Shop, shown: Cart, line: CartLine) -> dict[str, Any]:
    return {
        "entityId": f"{shown.id}-{line.product_id}",
        "name": shop.product(line.product_id).name,
        "quantity": line.quantity,
        "productEntityId": line.product_id,
    }


def _load(asking: Asking, found: Cart) -> list[tuple[str, str]]:
    return [("action", "loadInCheckout"), ("id", found.id), ("token", asking.case.sandbox.entropy.hexadecimal(32))]


def _checkout_url(asking: Asking, parameters: list[tuple[str, str]]) -> str:
    return f"{asking.visit.place.url}/cart.php?{urlencode(parameters)}"


def _synced(asking: Asking, found: Cart, url: str, wanted: Mapping[str, Any]) -> str:
    session = SyncedSession(
        redirect_to=url,
        cart_id=found.id,
        customer_id=asking.shopper.id if asking.shopper else None,
        visitor_id=wanted.get("visitorId"),
        visit_id=wanted.get("visitId"),
    )
    return session_sync_url(asking.case, asking.visit.place, session)[1]


EMBEDDED = ("embedded", "1")
