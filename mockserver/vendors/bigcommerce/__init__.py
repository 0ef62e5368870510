"""BigCommerce: an API account's storefront, private and impersonation tokens, and the GraphQL host that judges them."""

from mockserver.core.keys import SigningKey
from mockserver.core.vendor import Vendor
from mockserver.vendors.bigcommerce.options import BigCommerceOptions


def _refuse(refusal, case):  # type: ignore[no-untyped-def]
    raise NotImplementedError


VENDOR = Vendor(
    name="bigcommerce",
    title="BigCommerce",
    summary="API account to storefront token to GraphQL.",
    operations=(),
    refuse=_refuse,
    options=BigCommerceOptions,
    keyrings={"bigcommerce": SigningKey.draw},
)
