"""Companies that shoppers register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.vendors.bigcommerce.graphql.asking import Asking

NO_CUSTOMER = {"__typename": "ValidationError", "message": "Customer not authenticated", "path": ["input"]}


def register_company(asking: Asking, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A company of the customer's, which the merchant has yet to approve."""
    del arguments
    if asking.shopper is None:
        return {"entityId": None, "status": None, "errors": [NO_CUSTOMER]}
    return {"entityId": asking.shop.register_company(), "status": "PENDING", "errors": []}
