"""Hand-offs of a shopper's login: by an integrator's JWT, to an app, and from a storefront to the store's pages.

Where to look: `operations` for the endpoints, `login_jwt`, `current` and `sync` for their JWTs, `access` for customer
access tokens, `shoppers` for what calls leave behind, `pages` for the stubs, `errors` for the body of every refusal.
"""

import re

from mockserver.vendors.bigcommerce.sessions.access import SHAPE
from mockserver.vendors.bigcommerce.sessions.operations import OPERATIONS

SECRETS = frozenset({"x-bc-customer-access-token", "jwt"})
"""Header fields and members whose values the journal must not show whole."""
CART_TOKEN = re.compile(r"(?<=token=)[0-9a-f]{64}\b")
TOKEN_SHAPES = (SHAPE, CART_TOKEN)
"""Secrets that stand within other texts: customer access tokens, links to carts."""

__all__ = ["OPERATIONS", "SECRETS", "TOKEN_SHAPES"]
