"""What a storefront shows to anyone: its settings and its products."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from mockserver.vendors.bigcommerce.graphql.asking import Asking
    from mockserver.vendors.bigcommerce.records import Product

USUAL_LENGTH = 10


def site(asking: Asking, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The storefront. Its products and carts are asked for by their own fields."""
    del arguments
    store = asking.visit.place.store
    return {
        "settings": {
            "storeName": store.name,
            "storeHash": store.id,
            "status": store.status,
            "statusMessage": None,
            "url": {"vanityUrl": asking.visit.place.url},
        }
    }


def products(asking: Asking, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the store's products, in the scenario's order."""
    wanted = arguments.get("entityIds")
    found = [each for each in asking.visit.place.store.products if wanted is None or each.id in wanted]
    begin = _position(arguments.get("after"), -1) + 1
    end = _position(arguments.get("before"), len(found))
    begin, end = _cut(begin, max(begin, min(end, len(found))), arguments)
    edges = [{"cursor": _cursor(begin + each), "node": told(one)} for each, one in enumerate(found[begin:end])]
    return {
        "pageInfo": {
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
            "hasNextPage": end < len(found),
            "hasPreviousPage": begin > 0,
        },
        "edges": edges,
    }


def told(product: Product) -> dict[str, Any]:
    """A product as it is shown."""
    return {
        "id": base64.b64encode(f"Product:{product.id}".encode()).decode(),
        "entityId": product.id,
        "name": product.name,
        "sku": product.sku,
        "path": product.path,
        "description": product.description,
        "defaultImage": None,
        "prices": {"price": money(product.price, product.currency_code), "retailPrice": None},
    }


def money(value: Decimal, currency_code: str) -> dict[str, Any]:
    """An amount in its currency: a number, whole where it can be."""
    whole = value == value.to_integral_value()
    return {"currencyCode": currency_code, "value": int(value) if whole else float(value)}


def _cut(begin: int, end: int, arguments: Mapping[str, Any]) -> tuple[int, int]:
    first, last = arguments.get("first"), arguments.get("last")
    if first is None and last is not None:
        return max(begin, end - max(0, last)), end
    return begin, min(end, begin + max(0, USUAL_LENGTH if first is None else first))


def _cursor(position: int) -> str:
    return base64.b64encode(f"cursor:{position}".encode()).decode()


def _position(cursor: str | None, default: int) -> int:
    """Where a cursor stands; one that is none of ours counts as not given."""
    try:
        found = base64.b64decode(cursor or "", validate=True).decode("ascii").removeprefix("cursor:")
    except ValueError:
        return default
    return int(found) if found.isdecimal() and len(found) <= _LONGEST_NUMBER else default


_LONGEST_NUMBER = 9
