"""One query for every answer that is given behind the door of `/graphql`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from mockserver.core.vendor import Ask, Example
from mockserver.vendors.bigcommerce.graphql import steps
from mockserver.vendors.bigcommerce.options import BigCommerceOptions

if TYPE_CHECKING:
    from mockserver.core.vendor import Stage

QUERY = "bigcommerce.query"
DEAD = f"{'0' * 64}_1"
PRODUCTS = "products(first: 50) { edges { node { id entityId name sku path description } } }"
TOO_COMPLEX = f"{{ site {{ {' '.join(f'p{number}: {PRODUCTS}' for number in range(30))} }} }}"
TOO_DEEP = "{ site" + " { a" * 16 + " }" * 16 + " }"
COMPANY = (
    'mutation { company { registerCompany(input: {name: "Demo", email: "shopper@example.com", phone: "1"}) '
    "{ entityId status } } }"
)
CREATE_CART = (
    "mutation { cart { createCart(input: {lineItems: [{quantity: 1, productEntityId: 1}]}) "
    "{ cart { amount { value } } } } }"
)


def examples() -> tuple[Example, ...]:
    """Every outcome of a query whose token is good."""
    of = partial(Example, QUERY)
    return (
        of("", steps.query(steps.STORE_NAME), title="The store's name"),
        of("", steps.login(), title="A login from a server"),
        of("", steps.query(CREATE_CART), title="A new cart"),
        of("request.malformed", _malformed),
        of("query.invalid", steps.query("{ site { nosuchfield } }")),
        of("query.too_deep", steps.query(TOO_DEEP)),
        of("query.too_complex", steps.query(TOO_COMPLEX)),
        of("scope.insufficient", steps.query(COMPANY, scopes=("Unauthenticated",))),
        of("session.invalid", steps.query(steps.WHO, None, (steps.ACCESS, DEAD), steps.STRICT)),
        of("session.missing", steps.query(steps.WHO, None, steps.STRICT)),
        of("channel.not_live", steps.before(partial(steps.change_store, change=steps.closed), steps.login())),
        of("login.bad_credentials", steps.login(password="wrong")),
        of("login.reset_required", steps.before(partial(steps.change_store, change=steps.flagged), steps.login())),
        of("login.wrong_context", steps.before(_cookies_only, steps.login())),
        of("login.bad_jwt", steps.query(steps.BY_JWT, {"jwt": "undefined"})),
    )


def _malformed(stage: Stage) -> Ask:
    return replace(steps.query(steps.STORE_NAME)(stage), body=b"query")


def _cookies_only(stage: Stage) -> None:
    stage.sandbox.put(replace(stage.sandbox.get(BigCommerceOptions), cat_delivery="cookie_only"))
