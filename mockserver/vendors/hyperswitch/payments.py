"""What a token is used for: to ask how a payment stands, and to authorize one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.core.bodies import JSON
from mockserver.core.operations import BODY_BEFORE_CALLER, Answer, Body, Operation
from mockserver.core.refusals import Refusal
from mockserver.vendors.hyperswitch import schemas
from mockserver.vendors.hyperswitch.credentials import Caller, caller, require, values_in
from mockserver.vendors.hyperswitch.inband import NO_AUTHENTICATION, NO_TOKEN
from mockserver.vendors.hyperswitch.methods import PAYMENTS, always, method
from mockserver.vendors.hyperswitch.operations import HEADERS, PROVIDER, SERVER, require_field
from mockserver.vendors.hyperswitch.provider import ask
from mockserver.vendors.hyperswitch.revisions import AUTHORIZE, OLD, revision_of
from mockserver.vendors.hyperswitch.tokens import LOOKS, issue, judged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.case import Case

TRANSACTION_BYTES = 8
BY_REDIRECT = "trustpay"
"""It takes a token to authorize, and none to ask."""
SAY_WHAT_IS_MISSING = frozenset(("fiservcommercehub", "trustpay", "volt"))


def holder(case: Case) -> object:
    """Who calls; in a rehearsal, of a token alone, whether it counts."""
    if case.rehearsal and "token" in case.fields:
        return judged(case, str(case.fields["token"]), None)
    return caller(case)


def get_payment(case: Case) -> Answer:
    """Tell how a payment stands: charged. The token is looked at, not what its holder says of it."""
    who = case.called_by(Caller)
    require_field(case, "amount" in case.fields, "amount")
    named = case.fields.get("connector_transaction_id")
    require(case, bool(named), "request.invalid", "transaction.missing", field="connector_transaction_id")
    state = case.fields.get("state")
    if _takes_token(case, who) and who.connector != BY_REDIRECT:
        state = _shown(case, who, state)
    else:
        ask(case, who)
    told = {"connector_transaction_id": named, "status": "CHARGED", "status_code": 200, "amount": case.fields["amount"]}
    return Answer({**told, **({} if state is None else {"state": state})})


def _shown(case: Case, who: Caller, state: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The state with a token that counts: the one that was sent, or one that the server has fetched by itself."""
    token = (state or {}).get("access_token")
    if revision_of(case) is OLD and (token is None or "token" not in token):
        return _fetched(case, who, state)
    require(case, token is not None, "token.missing", "token.missing", field="state.access_token")
    require(case, "token" in (token or {}), "token.malformed", "token.malformed", field="state.access_token.token")
    ask(case, who)
    judged(case, (token or {})["token"], who.connector)
    return state


def _fetched(case: Case, who: Caller, state: Mapping[str, Any] | None) -> dict[str, Any]:
    try:
        ask(case, who)
    except Refusal as refusal:
        raise Refusal(refusal.reason, hint=refusal.hint, **{**refusal.facts, "fetching": True}) from None
    issued = issue(case, who, OLD, test_mode=bool(case.fields.get("test_mode")))
    token = {"token": issued.pop("access_token"), **issued}
    return {**(state or {}), "access_token": token}


def authorize_payment(case: Case) -> Answer:
    """Authorize a payment; it is captured at once unless that is to be done by hand."""
    who = case.called_by(Caller)
    require(case, "payment_method" in case.fields, "request.invalid", "details.missing", field="payment_method")
    require_field(case, "amount" in case.fields, "amount")
    state = case.fields.get("state")
    token = ((state or {}).get("access_token") or {}).get("token")
    if _takes_token(case, who):
        _require_token(case, who, token)
    ask(case, who)
    if _takes_token(case, who):
        judged(case, token or "", who.connector)
    status = "AUTHORIZED" if case.fields.get("capture_method") == "MANUAL" else "CHARGED"
    name = f"txn_{case.sandbox.entropy.hexadecimal(TRANSACTION_BYTES)}"
    told = {"connector_transaction_id": name, "status": status, "status_code": 200}
    return Answer({**told, **({} if state is None else {"state": state})})


def _takes_token(case: Case, who: Caller) -> bool:
    return who.connector in LOOKS and who.connector in revision_of(case).connectors


def _require_token(case: Case, who: Caller, token: str | None) -> None:
    case.note("token.missing", passed=token is not None, seen=who.connector)
    if token is None:
        says = who.connector in SAY_WHAT_IS_MISSING
        if revision_of(case) is OLD:
            raise Refusal("token.missing", in_band=NO_TOKEN if says else NO_AUTHENTICATION)
        raise Refusal("token.missing", problem="access_token.missing" if says else "authentication.missing")


_IN_USE = ("token.expired", "token.revoked", "token.unknown", "binding.wrong_connector")

GET_PAYMENT = Operation(
    name="hyperswitch.get_payment",
    summary="Use a token: ask how a payment stands",
    source=SERVER.format("2026.05"),
    method="POST",
    path="/payments/get",
    methods=always(method(PAYMENTS, "Get")),
    bodies=(Body(JSON, schemas.GetRequest()),),
    order=BODY_BEFORE_CALLER,
    caller=holder,
    identifies=values_in,
    run=get_payment,
    response=schemas.PaymentAnswer(),
    refusals=(
        "request.media_type",
        *HEADERS,
        "request.invalid",
        "token.missing",
        "token.malformed",
        *PROVIDER,
        *_IN_USE,
    ),
)

AUTHORIZE_PAYMENT = Operation(
    name=AUTHORIZE,
    summary="Use a token: authorize a payment",
    source=SERVER.format("2026.05"),
    method="POST",
    path="/payments/authorize",
    methods=always(method(PAYMENTS, "Authorize")),
    bodies=(Body(JSON, schemas.AuthorizeRequest()),),
    order=BODY_BEFORE_CALLER,
    caller=holder,
    identifies=values_in,
    run=authorize_payment,
    response=schemas.PaymentAnswer(),
    refusals=("request.media_type", *HEADERS, "request.invalid", "token.missing", *PROVIDER, *_IN_USE),
)


def tell_health(case: Case) -> Answer:
    """That the server is there."""
    del case
    return Answer({"status": "healthy", "service": "connector-service"})


HEALTH = Operation(
    name="hyperswitch.health",
    summary="Whether the server is there",
    source=SERVER.format("2026.05"),
    method="GET",
    path="/health",
    run=tell_health,
    response=schemas.HealthAnswer(),
    refusals=("browser.secret_exposed",),
)
PAYMENT_OPERATIONS = (GET_PAYMENT, AUTHORIZE_PAYMENT)
