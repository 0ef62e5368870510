"""BigCommerce: an API account's storefront, private and impersonation tokens, and the GraphQL host that judges them.

Where to look: `operations` for the REST API, `storefront` for who may call `/graphql`, `graphql` for what it answers,
`sessions` for a shopper's hand-offs, `errors` for the body of every refusal, `hosts` for addresses, `tokens` and
`claims` for the JWT, `options` for the switches, `records` for stores and API accounts.
"""

from mockserver.core.bodies import JSON
from mockserver.core.examples import examples_in
from mockserver.core.keys import SigningKey
from mockserver.core.problems import PROBLEM_JSON
from mockserver.core.vendor import Vendor
from mockserver.vendors.bigcommerce import hosts, operations, passwords, sessions
from mockserver.vendors.bigcommerce.accounts import TOKENS, fresh
from mockserver.vendors.bigcommerce.callers import AUTH_HEADER, known_as
from mockserver.vendors.bigcommerce.environment import environment, greeting
from mockserver.vendors.bigcommerce.errors import refuse
from mockserver.vendors.bigcommerce.options import BigCommerceOptions
from mockserver.vendors.bigcommerce.scenario import BigCommerceRecordsSchema
from mockserver.vendors.bigcommerce.schemas import Problem, QueryErrors
from mockserver.vendors.bigcommerce.storefront import QUERY
from mockserver.vendors.bigcommerce.tokens import RING

VENDOR = Vendor(
    name="bigcommerce",
    title="BigCommerce",
    summary="API account to storefront token to GraphQL.",
    hosts=(hosts.API_HOST, hosts.STORE_HOST),
    territory=hosts.TERRITORY,
    addressed=hosts.addressed,
    locate=hosts.check_address,
    known_as=known_as,
    preflights=False,
    operations=(*operations.OPERATIONS, QUERY, *sessions.OPERATIONS),
    refuse=refuse,
    errors={PROBLEM_JSON: Problem(), JSON: QueryErrors()},
    options=BigCommerceOptions,
    records=BigCommerceRecordsSchema(),
    environment=environment,
    greeting=greeting,
    examples=examples_in("mockserver.vendors.bigcommerce.examples"),
    fresh=fresh,
    tokens=TOKENS,
    keyrings={RING: SigningKey.draw_unnamed},
    secrets=frozenset({AUTH_HEADER, operations.TOKEN_HEADER, "X-BC-Trusted-Proxy-Secret", *sessions.SECRETS}),
    server_headers=frozenset({AUTH_HEADER}),
    token_shapes=(*sessions.TOKEN_SHAPES, passwords.IN_A_QUERY),
    veiled=passwords.veiled,
    insists_on_tls=True,
)
