"""Surfboard Payments: API keys and a provider certificate, a client token, payments and what belongs to them.

Where to look: `families` for the table of calls, `callers` for who may make them, `operations` for the mint call and
how rows become operations, `errors` for the body of every refusal, `options` for the switches, `records` for partners.
"""

from mockserver.core.bodies import JSON
from mockserver.core.examples import examples_in
from mockserver.core.keys import Hs256Key
from mockserver.core.vendor import Vendor
from mockserver.vendors.surfboard.accounts import client_token, fresh
from mockserver.vendors.surfboard.environment import environment, greeting
from mockserver.vendors.surfboard.errors import CONTENT_TYPE, refuse
from mockserver.vendors.surfboard.operations import OPERATIONS
from mockserver.vendors.surfboard.options import SurfboardOptions
from mockserver.vendors.surfboard.records import SurfboardRecordsSchema
from mockserver.vendors.surfboard.schemas import Failure
from mockserver.vendors.surfboard.tokens import CLIENT_KEYS, INTER_APP_KEYS, OPAQUE

VENDOR = Vendor(
    name="surfboard",
    title="Surfboard",
    summary="API keys and provider certificate to client token.",
    operations=OPERATIONS,
    refuse=refuse,
    errors={JSON: Failure()},
    options=SurfboardOptions,
    records=SurfboardRecordsSchema(),
    environment=environment,
    greeting=greeting,
    examples=examples_in("mockserver.vendors.surfboard.examples"),
    fresh=fresh,
    tokens={"client": client_token},
    keyrings={CLIENT_KEYS: Hs256Key.draw, INTER_APP_KEYS: Hs256Key.draw},
    wrong_method="route.not_found",
    content_type=CONTENT_TYPE,
    server_headers=frozenset({"API-SECRET"}),
    secrets=frozenset({"API-KEY", "API-SECRET", "providerCertificate", "interAppJWT"}),
    token_shapes=(OPAQUE.shape,),
)
