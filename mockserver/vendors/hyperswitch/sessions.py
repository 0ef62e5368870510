"""Session tokens for servers and for pages; and what is declared beside them, but not emulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.core.bodies import JSON
from mockserver.core.operations import BODY_BEFORE_CALLER, Answer, Body, Operation
from mockserver.core.refusals import Refusal
from mockserver.vendors.hyperswitch import schemas
from mockserver.vendors.hyperswitch.connectors import CLIENT_TOKEN, FLOWS, SESSION_TOKEN, shown
from mockserver.vendors.hyperswitch.credentials import Caller, caller, require, values_in
from mockserver.vendors.hyperswitch.methods import declared, of_new, of_old, of_page, of_ucs
from mockserver.vendors.hyperswitch.operations import HEADERS, PAGE, PROVIDER, SERVER, UPSTREAM, require_field
from mockserver.vendors.hyperswitch.provider import ask

if TYPE_CHECKING:
    from mockserver.core.case import Case

SESSION_BYTES, CLIENT_BYTES, ADYEN_BYTES = 8, 12, 24
OF_SESSIONS = ("nuvei", "paytm")
"""Those that had session tokens before 2026.05, and have them still."""


def create_server_session_token(case: Case) -> Answer:
    """A session token of 2026.05."""
    who = case.called_by(Caller)
    _check_flow(case, who, SESSION_TOKEN, "server_session_authentication_token")
    require_field(case, "amount" in case.fields.get("payment", {}), "amount")
    ask(case, who)
    return _session(case)


def create_session_token(case: Case) -> Answer:
    """A session token of the revisions before."""
    who = case.called_by(Caller)
    supported = who.connector in OF_SESSIONS
    require(case, supported, "connector.unsupported", "flow.n", connector=shown(who.connector))
    require_field(case, "amount" in case.fields, "amount")
    ask(case, who)
    return _session(case)


def create_page_session_token(case: Case) -> Answer:
    """A session token as the published page has it: any connector's."""
    who = case.called_by(Caller)
    require_field(case, bool(case.fields.get("merchant_session_id")), "merchant_session_id")
    require_field(case, "amount" in case.fields, "amount")
    ask(case, who)
    return _session(case)


def create_client_token(case: Case) -> Answer:
    """What a page needs to talk to the provider by itself: Stripe's secret, Adyen's session."""
    who = case.called_by(Caller)
    _check_flow(case, who, CLIENT_TOKEN, "client_authentication_token")
    make = _CLIENT_TOKENS.get(who.connector)
    what = f"client_authentication_token for {shown(who.connector)}"
    require(case, make is not None, "request.not_emulated", "not_emulated", what=what)
    require_field(case, "amount" in case.fields.get("payment", {}), "amount")
    ask(case, who)
    data = {} if make is None else make(case)
    return Answer({"session_data": {"connector_specific": {who.connector: data}}, "status_code": 200})


def create_sdk_session_token(case: Case) -> Answer:
    """Declared, and nothing more."""
    what = "CreateSdkSessionToken"
    case.note("request.not_emulated", passed=False, seen=what)
    raise Refusal("request.not_emulated", problem="not_emulated", what=what)


def _check_flow(case: Case, who: Caller, flow: int, words: str) -> None:
    letter = FLOWS[who.connector][flow]
    problem = f"flow.{letter}"
    require(case, letter in "se", "connector.unsupported", problem, flow=words, connector=shown(who.connector))


def _session(case: Case) -> Answer:
    return Answer({"status_code": 200, "session_token": f"sess_{case.sandbox.entropy.hexadecimal(SESSION_BYTES)}"})


def _stripe(case: Case) -> dict[str, Any]:
    first, second = (case.sandbox.entropy.hexadecimal(CLIENT_BYTES) for _ in range(2))
    return {"client_secret": f"pi_{first}_secret_{second}"}


def _adyen(case: Case) -> dict[str, Any]:
    name = case.sandbox.entropy.hexadecimal(SESSION_BYTES)
    return {"session_id": f"CS{name}", "session_data": case.sandbox.entropy.base64url(ADYEN_BYTES)}


_CLIENT_TOKENS = {"stripe": _stripe, "adyen": _adyen}
_IN_SESSIONS = ("connector.unsupported", "request.invalid")

CREATE_SERVER_SESSION_TOKEN = Operation(
    name="hyperswitch.create_server_session_token",
    summary="Have a connector's session token fetched (2026.05)",
    source=SERVER.format("2026.05"),
    method="POST",
    path="/payments/server_session_authentication_token",
    paths=lambda options: ("/payments/server_session_authentication_token",) if options.types_new != "off" else (),
    methods=of_new("CreateServerSessionAuthenticationToken"),
    bodies=(Body(JSON, schemas.ServerSessionRequest()),),
    order=BODY_BEFORE_CALLER,
    caller=caller,
    identifies=values_in,
    run=create_server_session_token,
    response=schemas.SessionAnswer(),
    mints=True,
    refusals=("request.media_type", *HEADERS, *_IN_SESSIONS, *PROVIDER),
)

CREATE_SESSION_TOKEN = Operation(
    name="hyperswitch.create_session_token",
    summary="Have a connector's session token fetched, before the rename (2026.03.12)",
    source=SERVER.format("2026.03.12"),
    method="POST",
    path="/payments/create_session_token",
    paths=lambda options: ("/payments/create_session_token",) if options.types_old != "off" else (),
    methods=of_old("CreateSessionToken"),
    bodies=(Body(JSON, schemas.SessionRequest()),),
    order=BODY_BEFORE_CALLER,
    caller=caller,
    identifies=values_in,
    run=create_session_token,
    response=schemas.SessionAnswer(),
    mints=True,
    refusals=("request.media_type", *HEADERS, *_IN_SESSIONS, *PROVIDER),
)

UCS_CREATE_SESSION_TOKEN = Operation(
    name="hyperswitch.ucs_create_session_token",
    summary="Have a connector's session token fetched, in package ucs.v2 (2026.03.06)",
    source=SERVER.format("2026.03.06"),
    method="POST",
    path="/ucs.v2.MerchantAuthenticationService/CreateSessionToken",
    methods=of_ucs("CreateSessionToken"),
    bodies=(Body(JSON, schemas.SessionRequest()),),
    order=BODY_BEFORE_CALLER,
    caller=caller,
    identifies=values_in,
    run=create_session_token,
    response=schemas.PlainMessage(),
    mints=True,
    refusals=(*HEADERS, "merchant.missing", "connector.mismatch", *_IN_SESSIONS, *PROVIDER),
)

DOCS_CREATE_SESSION_TOKEN = Operation(
    name="hyperswitch.docs_create_session_token",
    summary="Have a connector's session token fetched, as the published page has it",
    source=PAGE,
    method="POST",
    path="/ucs.v2.MerchantAuthenticationService/CreateSessionToken",
    methods=of_page("CreateSessionToken"),
    bodies=(Body(JSON, schemas.SessionRequest()),),
    order=BODY_BEFORE_CALLER,
    caller=caller,
    identifies=values_in,
    run=create_page_session_token,
    response=schemas.PlainMessage(),
    mints=True,
    refusals=(
        *(reason for reason in HEADERS if reason != "override.invalid"),
        "connector.mismatch",
        "request.invalid",
        "credential.rejected",
        *(reason for reason in UPSTREAM if reason != "upstream.403"),
        "upstream.timeout",
        "upstream.unreadable",
    ),
)

CREATE_CLIENT_TOKEN = Operation(
    name="hyperswitch.create_client_token",
    summary="Have what a page needs fetched (2026.05)",
    source=SERVER.format("2026.05"),
    method="POST",
    path="/types.MerchantAuthenticationService/CreateClientAuthenticationToken",
    methods=of_new("CreateClientAuthenticationToken"),
    bodies=(Body(JSON, schemas.ServerSessionRequest()),),
    order=BODY_BEFORE_CALLER,
    caller=caller,
    identifies=values_in,
    run=create_client_token,
    response=schemas.PlainMessage(),
    mints=True,
    refusals=(*HEADERS, "connector.unsupported", "request.not_emulated", "request.invalid", *PROVIDER),
)

CREATE_SDK_SESSION_TOKEN = Operation(
    name="hyperswitch.create_sdk_session_token",
    summary="Declared by the vendor, not emulated",
    source=PAGE,
    method="POST",
    path="/types.MerchantAuthenticationService/CreateSdkSessionToken",
    methods=declared("CreateSdkSessionToken"),
    identifies=values_in,
    run=create_sdk_session_token,
    response=schemas.PlainMessage(),
    refusals=("browser.secret_exposed", "request.not_emulated"),
)
SESSION_OPERATIONS = (
    CREATE_SERVER_SESSION_TOKEN,
    CREATE_SESSION_TOKEN,
    UCS_CREATE_SESSION_TOKEN,
    DOCS_CREATE_SESSION_TOKEN,
    CREATE_CLIENT_TOKEN,
    CREATE_SDK_SESSION_TOKEN,
)
