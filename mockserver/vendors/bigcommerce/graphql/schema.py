"""The schema that is served, with what answers each of its fields; built when it is first asked for."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from graphql import build_schema
from graphql.type import GraphQLObjectType

from mockserver.vendors.bigcommerce.graphql import carts, catalog, companies, customers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphql import GraphQLResolveInfo, GraphQLSchema

    from mockserver.vendors.bigcommerce.graphql.asking import Asking

    Resolver = Callable[[Asking, Mapping[str, Any]], object]

RESOLVERS: Mapping[tuple[str, str], Resolver] = {
    ("Query", "site"): catalog.site,
    ("Query", "customer"): customers.customer,
    ("Site", "products"): catalog.products,
    ("Site", "cart"): carts.cart,
    ("Mutation", "login"): customers.login,
    ("Mutation", "loginWithCustomerLoginJwt"): customers.login_with_jwt,
    ("Mutation", "logout"): customers.logout,
    ("Mutation", "generateSessionSyncJwt"): customers.generate_session_sync_jwt,
    ("Mutation", "cart"): lambda _asking, _arguments: {},
    ("Mutation", "customer"): lambda _asking, _arguments: {},
    ("Mutation", "company"): lambda _asking, _arguments: {},
    ("CartMutations", "createCart"): carts.create_cart,
    ("CartMutations", "createCartRedirectUrls"): carts.create_cart_redirect_urls,
    ("CustomerMutations", "registerCustomer"): customers.register_customer,
    ("CompanyMutations", "registerCompany"): companies.register_company,
    ("CustomerAttributes", "attribute"): customers.attribute,
}
"""What answers a field, where its parent's record does not say it already."""


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """The schema."""
    text = files("mockserver.vendors.bigcommerce.graphql").joinpath("schema.graphql").read_text(encoding="utf-8")
    built = build_schema(text)
    for (kind, name), resolver in RESOLVERS.items():
        holder = built.get_type(kind)
        if not isinstance(holder, GraphQLObjectType):
            raise TypeError(f"{kind} is no object of the schema")
        holder.fields[name].resolve = _called(resolver)
    return built


def _called(resolver: Resolver) -> Callable[..., object]:
    def resolve(source: object, info: GraphQLResolveInfo[Asking], **arguments: Any) -> object:
        del source
        return resolver(info.context, arguments)

    return resolve
