"""Ingrid: a service account's RS256 assertion, a service token, a site access token, delivery options.

Where to look: `operations` for what each endpoint does, `errors` for the body of every refusal, `schemas` for
the bodies of requests and answers, `options` for the switches, `records` for accounts and sites.
"""

from mockserver.core.bodies import JSON
from mockserver.core.examples import examples_in
from mockserver.core.keys import SigningKey
from mockserver.core.problems import PROBLEM_JSON
from mockserver.core.vendor import Vendor
from mockserver.vendors.ingrid.accounts import AUTHORIZATION, fresh, service_token, site_token
from mockserver.vendors.ingrid.environment import environment, greeting
from mockserver.vendors.ingrid.errors import FIELD_REASONS, refuse, stamp
from mockserver.vendors.ingrid.operations import GET_DELIVERY_OPTIONS, MINT_SERVICE_TOKEN, MINT_SITE_TOKEN
from mockserver.vendors.ingrid.options import IngridOptions
from mockserver.vendors.ingrid.records import IngridRecordsSchema
from mockserver.vendors.ingrid.schemas import OAuthError, Problem
from mockserver.vendors.ingrid.tokens import OPAQUE

VENDOR = Vendor(
    name="ingrid",
    title="Ingrid",
    summary="Service-account assertion to site access token.",
    hosts=("api.ingrid.com",),
    operations=(MINT_SERVICE_TOKEN, MINT_SITE_TOKEN, GET_DELIVERY_OPTIONS),
    refuse=refuse,
    errors={PROBLEM_JSON: Problem(), JSON: OAuthError()},
    field_reasons=FIELD_REASONS,
    stamp=stamp,
    options=IngridOptions,
    records=IngridRecordsSchema(),
    environment=environment,
    greeting=greeting,
    examples=examples_in("mockserver.vendors.ingrid.examples"),
    fresh=fresh,
    tokens={"service": service_token, "site": site_token},
    keyrings={"ingrid": SigningKey.draw},
    authorization=AUTHORIZATION,
    secrets=frozenset({"assertion", "accessToken", "access_token"}),
    token_shapes=(OPAQUE,),
)
