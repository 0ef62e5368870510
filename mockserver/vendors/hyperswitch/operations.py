"""What Hyperswitch does: access tokens in four revisions, session tokens, and the payment calls that use a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.bodies import JSON
from mockserver.core.operations import BODY_BEFORE_CALLER, Answer, Body, Operation
from mockserver.vendors.hyperswitch import schemas
from mockserver.vendors.hyperswitch.connectors import FLOWS, SERVER_TOKEN, shown
from mockserver.vendors.hyperswitch.credentials import Caller, caller, require, values_in
from mockserver.vendors.hyperswitch.methods import of_every_ucs, of_new, of_old, of_page
from mockserver.vendors.hyperswitch.provider import ask, mark
from mockserver.vendors.hyperswitch.revisions import DOCS, revision_of
from mockserver.vendors.hyperswitch.tokens import LOOKS, issue

if TYPE_CHECKING:
    from mockserver.core.case import Case

PAGE = "Hyperswitch Prism page: CreateAccessToken RPC"
SERVER = "juspay/connector-service, release {}"
UPSTREAM = tuple(f"upstream.{status}" for status in (400, 403, 404, 429, 500, 501, 503, 504))
HEADERS = (
    "browser.secret_exposed",
    "request.malformed",
    "override.invalid",
    "connector.missing",
    "connector.unknown",
    "credential.missing",
    "credential.malformed",
    "credential.mismatch",
    "credential.incomplete",
)
"""What is refused before anything is done."""
PROVIDER = ("credential.rejected", *UPSTREAM, "upstream.timeout", "upstream.unreadable")
"""What the provider behind may answer."""


def create_server_token(case: Case) -> Answer:
    """A token of the connector's, as real servers hand it out: never an id, always 200."""
    who, revision = case.called_by(Caller), revision_of(case)
    supported = _supports(case, who)
    letter = "s" if supported else FLOWS[who.connector][SERVER_TOKEN]
    require(
        case,
        supported,
        "connector.unsupported",
        f"flow.{'i' if letter == 'i' else 'n'}",
        flow="server_authentication_token",
        connector=shown(who.connector),
    )
    ask(case, who)
    inband = who.connector == "trustpay" and mark(who, "inband")
    require(case, not inband, "upstream.inband", "upstream.inband", connector=who.connector)
    told = issue(case, who, revision, test_mode=bool(case.fields.get("test_mode")))
    return Answer({**told, "status": "OPERATION_STATUS_SUCCESS", "status_code": 200})


def _supports(case: Case, who: Caller) -> bool:
    return who.connector in LOOKS and who.connector in revision_of(case).connectors


def create_page_token(case: Case) -> Answer:
    """A token as the published page shows it: any connector's, with an epoch, and the id echoed."""
    who = case.called_by(Caller)
    named = case.fields.get("merchant_access_token_id")
    require_field(case, bool(named), "merchant_access_token_id")
    require_field(case, case.fields.get("connector") not in (None, "CONNECTOR_UNSPECIFIED", 0), "connector")
    ask(case, who)
    inband = who.connector == "trustpay" and mark(who, "inband")
    require(case, not inband, "upstream.inband", "upstream.inband", connector=who.connector)
    told = issue(case, who, DOCS, test_mode=bool(case.fields.get("test_mode")))
    return Answer({**told, "status": "SUCCESS", "status_code": 200, "merchant_access_token_id": named})


def require_field(case: Case, there: bool, field: str) -> None:  # noqa: FBT001  (as `Case.require`)
    """Refuse unless a field is there."""
    require(case, there, "request.invalid", "field.missing", field=field)


CREATE_SERVER_TOKEN = Operation(
    name="hyperswitch.create_server_token",
    summary="Have a connector's access token fetched (2026.05)",
    source=SERVER.format("2026.05"),
    method="POST",
    path="/payments/server_authentication_token",
    paths=lambda options: ("/payments/server_authentication_token",) if options.types_new != "off" else (),
    methods=of_new("CreateServerAuthenticationToken"),
    bodies=(Body(JSON, schemas.TokenRequest()),),
    order=BODY_BEFORE_CALLER,
    caller=caller,
    identifies=values_in,
    run=create_server_token,
    response=schemas.TokenAnswer(),
    mints=True,
    refusals=("request.media_type", *HEADERS, "connector.unsupported", *PROVIDER, "upstream.inband"),
)

CREATE_ACCESS_TOKEN = Operation(
    name="hyperswitch.create_access_token",
    summary="Have a connector's access token fetched, before the rename (2026.03.12)",
    source=SERVER.format("2026.03.12"),
    method="POST",
    path="/payments/create_access_token",
    paths=lambda options: ("/payments/create_access_token",) if options.types_old != "off" else (),
    methods=of_old("CreateAccessToken"),
    bodies=(Body(JSON, schemas.TokenRequest()),),
    order=BODY_BEFORE_CALLER,
    caller=caller,
    identifies=values_in,
    run=create_server_token,
    response=schemas.TokenAnswer(),
    mints=True,
    refusals=("request.media_type", *HEADERS, "connector.unsupported", *PROVIDER, "upstream.inband"),
)

UCS_CREATE_ACCESS_TOKEN = Operation(
    name="hyperswitch.ucs_create_access_token",
    summary="Have a connector's access token fetched, in package ucs.v2 (2026.03.04, 2026.03.06)",
    source=SERVER.format("2026.03.06"),
    method="POST",
    path="/ucs.v2.PaymentService/CreateAccessToken",
    methods=of_every_ucs("CreateAccessToken"),
    bodies=(Body(JSON, schemas.TokenRequest()),),
    order=BODY_BEFORE_CALLER,
    caller=caller,
    identifies=values_in,
    run=create_server_token,
    response=schemas.PlainMessage(),
    mints=True,
    refusals=(
        *HEADERS,
        "merchant.missing",
        "connector.mismatch",
        "connector.unsupported",
        *PROVIDER,
        "upstream.inband",
    ),
)

DOCS_CREATE_ACCESS_TOKEN = Operation(
    name="hyperswitch.docs_create_access_token",
    summary="Have a connector's access token fetched, as the published page has it",
    source=PAGE,
    method="POST",
    path="/ucs.v2.MerchantAuthenticationService/CreateAccessToken",
    methods=of_page("CreateAccessToken"),
    bodies=(Body(JSON, schemas.TokenRequest()),),
    order=BODY_BEFORE_CALLER,
    caller=caller,
    identifies=values_in,
    run=create_page_token,
    response=schemas.PlainMessage(),
    mints=True,
    refusals=(
        "browser.secret_exposed",
        "request.malformed",
        "connector.missing",
        "connector.unknown",
        "connector.mismatch",
        "credential.missing",
        "credential.malformed",
        "credential.mismatch",
        "credential.incomplete",
        "request.invalid",
        "credential.rejected",
        *(reason for reason in UPSTREAM if reason != "upstream.403"),
        "upstream.timeout",
        "upstream.unreadable",
        "upstream.inband",
    ),
)
TOKEN_OPERATIONS = (CREATE_SERVER_TOKEN, CREATE_ACCESS_TOKEN, UCS_CREATE_ACCESS_TOKEN, DOCS_CREATE_ACCESS_TOKEN)
