"""Hyperswitch Prism: connector credentials, an access token, payment calls that carry it.

gRPC, and an HTTP mode beside it.

Where to look: `operations`, `sessions` and `payments` for what each call does, `revisions` for who behaves like which
release, `credentials` for the headers, `provider` for faults on demand, `texts`, `inband` and `errors` for every
refusal, `methods` and the proto files for what is on the wire, `options` for the switches.
"""

from typing import TYPE_CHECKING

from mockserver.core.bodies import JSON
from mockserver.core.examples import examples_in
from mockserver.core.vendor import Rpc, Vendor
from mockserver.vendors.hyperswitch.accounts import access_token, fresh
from mockserver.vendors.hyperswitch.credentials import SECRET_FIELDS, SECRET_HEADERS
from mockserver.vendors.hyperswitch.environment import environment, greeting, rpc_environment, rpc_greeting
from mockserver.vendors.hyperswitch.errors import refuse
from mockserver.vendors.hyperswitch.methods import descriptors, files
from mockserver.vendors.hyperswitch.operations import CREATE_ACCESS_TOKEN, CREATE_SERVER_TOKEN, TOKEN_OPERATIONS
from mockserver.vendors.hyperswitch.options import HyperswitchOptions
from mockserver.vendors.hyperswitch.payments import HEALTH, PAYMENT_OPERATIONS
from mockserver.vendors.hyperswitch.records import HyperswitchRecordsSchema
from mockserver.vendors.hyperswitch.schemas import Refused
from mockserver.vendors.hyperswitch.sessions import (
    CREATE_SERVER_SESSION_TOKEN,
    CREATE_SESSION_TOKEN,
    SESSION_OPERATIONS,
)
from mockserver.vendors.hyperswitch.tokens import KIND, SHAPES

if TYPE_CHECKING:
    from mockserver.core.case import Case

REQUEST_ID = "x-request-id"


def stamp(case: "Case") -> tuple[tuple[str, str], ...]:
    """What every answer carries: the request's id, or a new one."""
    return ((REQUEST_ID, case.call.headers.get(REQUEST_ID) or case.sandbox.entropy.uuid()),)


VENDOR = Vendor(
    name="hyperswitch",
    title="Hyperswitch Prism",
    summary="Connector credentials to access token, over gRPC.",
    operations=(
        CREATE_SERVER_TOKEN,
        CREATE_ACCESS_TOKEN,
        CREATE_SERVER_SESSION_TOKEN,
        CREATE_SESSION_TOKEN,
        *PAYMENT_OPERATIONS,
        HEALTH,
    ),
    rpc=Rpc(
        operations=(*TOKEN_OPERATIONS, *SESSION_OPERATIONS, *PAYMENT_OPERATIONS),
        files=files,
        descriptors=descriptors,
        environment=rpc_environment,
        greeting=rpc_greeting,
    ),
    refuse=refuse,
    errors={JSON: Refused()},
    stamp=stamp,
    options=HyperswitchOptions,
    records=HyperswitchRecordsSchema(),
    environment=environment,
    greeting=greeting,
    examples=examples_in("mockserver.vendors.hyperswitch.examples"),
    fresh=fresh,
    tokens={KIND: access_token},
    secrets=frozenset((*SECRET_HEADERS, *SECRET_FIELDS)),
    token_shapes=SHAPES,
)
