"""Alternative Payments: client credentials, an OAuth token, a checkout token, one invoice to be paid by a page.

Where to look: `operations` for what backends call, `checkout` and `payments` for what pages call, `errors` for the
body of every refusal, `schemas` and `answers` for the other bodies, `options` for the switches, `records` for
clients, customers, invoices and payment methods, `ledger` for what calls leave behind.
"""

from mockserver.core.bodies import JSON
from mockserver.core.examples import examples_in
from mockserver.core.vendor import Vendor
from mockserver.vendors.alternative.accounts import AUTHORIZATION, checkout_token, fresh, oauth_token
from mockserver.vendors.alternative.answers import HttpError
from mockserver.vendors.alternative.environment import environment, greeting
from mockserver.vendors.alternative.errors import FIELD_REASONS, refuse
from mockserver.vendors.alternative.operations import OPERATIONS
from mockserver.vendors.alternative.options import AlternativeOptions
from mockserver.vendors.alternative.records import AlternativeRecordsSchema
from mockserver.vendors.alternative.tokens import KEYRINGS, OPAQUE

VENDOR = Vendor(
    name="alternative",
    title="Alternative Payments",
    summary="Client credentials to checkout token.",
    hosts=("public-api.alternativepayments.io", "public-api.demo.alternativepayments.io"),
    operations=OPERATIONS,
    refuse=refuse,
    errors={JSON: HttpError()},
    field_reasons=FIELD_REASONS,
    options=AlternativeOptions,
    records=AlternativeRecordsSchema(),
    environment=environment,
    greeting=greeting,
    examples=examples_in("mockserver.vendors.alternative.examples"),
    fresh=fresh,
    tokens={"oauth": oauth_token, "checkout": checkout_token},
    keyrings=KEYRINGS,
    authorization=AUTHORIZATION,
    secrets=frozenset({"card_provider_token", "cvv_secret", "account_number"}),
    token_shapes=(OPAQUE.shape,),
)
