"""Which scope of a private token a root field needs. They stand side by side: none includes another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.vendors.bigcommerce.places import PRIVATE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver.vendors.bigcommerce.places import StorefrontGrant

UNAUTHENTICATED, CUSTOMER, B2B = "Unauthenticated", "Customer", "B2B"
NEEDED = {
    ("query", "site"): UNAUTHENTICATED,
    ("query", "customer"): CUSTOMER,
    ("mutation", "cart"): UNAUTHENTICATED,
    ("mutation", "login"): CUSTOMER,
    ("mutation", "loginWithCustomerLoginJwt"): CUSTOMER,
    ("mutation", "logout"): CUSTOMER,
    ("mutation", "generateSessionSyncJwt"): CUSTOMER,
    ("mutation", "customer"): CUSTOMER,
    ("mutation", "company"): B2B,
}


def lacking(grant: StorefrontGrant, operation: str, names: Iterable[str]) -> dict[str, str]:
    """The scopes that these root fields need and the token does not have; tokens of other kinds need none."""
    if grant.kind != PRIVATE:
        return {}
    needed = {name: NEEDED[operation, name] for name in names}
    return {name: scope for name, scope in needed.items() if scope not in grant.scopes}
