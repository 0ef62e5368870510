"""The Customer Login JWT: made by an integrator, signed with an API account's secret, good for one login."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mockserver.core import jws
from mockserver.core.clock import seconds
from mockserver.core.journal import Bound
from mockserver.core.refusals import Refusal
from mockserver.vendors.bigcommerce.records import DEFAULT_CHANNEL, LOGIN_SCOPE, BigCommerceRecords
from mockserver.vendors.bigcommerce.sessions.shoppers import Shop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.case import Case
    from mockserver.core.jws import CompactJws
    from mockserver.vendors.bigcommerce.places import Place
    from mockserver.vendors.bigcommerce.records import ApiAccount, Customer

REFUSALS = (
    "token.malformed",
    "credential.unknown",
    "token.bad_signature",
    "assertion.replayed",
    "scope.insufficient",
    "token.bad_payload",
    "token.expired",
    "token.not_yet_valid",
    "store.mismatch",
    "channel.mismatch",
    "customer.unknown",
    "ip.mismatch",
    "channel.not_live",
)
"""In the order in which they are looked for."""
LEEWAY = timedelta(seconds=30)
"""So old may one be, and so far ahead of the clock."""
REMEMBERED = timedelta(days=1)
"""So long a used one is known as used; it is too old long before."""
REQUIRED = {"iat": int, "jti": str, "operation": str, "store_hash": str, "customer_id": int}
OPTIONAL = {"channel_id": int, "request_ip": str}
"""Claims by their types. `redirect_to` is not among them: one that is no path counts as none."""
OPERATION = "customer_login"
AFTER_LOGIN = "/account.php"
_PATH = re.compile(r"/(?![/\\])[\x21-\x7e]*")
PEER = "True-Client-IP"


@dataclass(frozen=True, slots=True)
class AcceptedLogin:
    """Who logs in, and the path to go on to."""

    customer: Customer
    redirect_to: str


def accept(case: Case, place: Place, text: str) -> AcceptedLogin:
    """Judge a login JWT, and use it up as soon as its signature is found good."""
    parsed, claims = _read(case, text)
    account = _account(case, place, claims)
    _check_signature(case, account, parsed)
    _use_up(case, account, claims)
    case.require(LOGIN_SCOPE in account.scopes, "scope.insufficient", seen=list(account.scopes), wanted=LOGIN_SCOPE)
    _check_payload(case, claims)
    _check_time(case, claims["iat"])
    _check_place(case, place, claims)
    customer = Shop(case.sandbox, place.store).customer(claims["customer_id"])
    found = case.found(customer, "customer.unknown", seen=claims["customer_id"], claim="customer_id")
    _check_address(case, claims)
    case.require(place.channel.live, "channel.not_live", seen=place.channel.id, wanted="a channel that is live")
    return AcceptedLogin(found, _redirect(claims.get("redirect_to")))


def issuer(text: str) -> str:
    """The client id that a JWT names, good or not. Proves nothing."""
    try:
        named = jws.parse(text).claims().get("iss")
    except jws.MalformedJwsError:
        return ""
    return named if isinstance(named, str) else ""


def _read(case: Case, text: str) -> tuple[CompactJws, Mapping[str, Any]]:
    try:
        parsed = jws.parse(text)
        claims = parsed.claims()
    except jws.MalformedJwsError as error:
        case.note("token.malformed", passed=False, seen=str(error), wanted="a compact JWT")
        raise Refusal("token.malformed", hint=str(error)) from None
    form = {name: parsed.header.get(name) for name in ("alg", "typ")}
    case.require(form == {"alg": "HS256", "typ": "JWT"}, "token.malformed", seen=form, wanted="HS256, and typ JWT")
    return parsed, claims


def _account(case: Case, place: Place, claims: Mapping[str, Any]) -> ApiAccount:
    named = claims.get("iss")
    accounts = case.sandbox.get(BigCommerceRecords).api_accounts
    account = accounts.get(named) if isinstance(named, str) else None
    own = account if account and account.store_hash == place.store.id else None
    return case.found(own, "credential.unknown", seen=named, wanted="an API account of this store", claim="iss")


def _check_signature(case: Case, account: ApiAccount, parsed: CompactJws) -> None:
    made = hmac.digest(account.client_secret.encode(), parsed.signing_input, "sha256")
    right = hmac.compare_digest(made, parsed.signature)
    case.require(right, "token.bad_signature", wanted="this account's client secret")


def _use_up(case: Case, account: ApiAccount, claims: Mapping[str, Any]) -> None:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        return
    key, until = f"bigcommerce/login/{account.id}/{jti}", case.now + REMEMBERED
    fresh = case.sandbox.replays.accept(key, until=until, now=case.now)
    case.require(fresh, "assertion.replayed", seen=jti, wanted="one that was not used before", claim="jti")


def _check_payload(case: Case, claims: Mapping[str, Any]) -> None:
    for name, kind in REQUIRED.items():
        value = claims.get(name)
        case.require(_is(value, kind), "token.bad_payload", seen=value, wanted=kind.__name__, claim=name)
    for name, kind in OPTIONAL.items():
        value = claims.get(name)
        case.require(
            value is None or _is(value, kind), "token.bad_payload", seen=value, wanted=kind.__name__, claim=name
        )
    case.require(bool(claims["jti"]), "token.bad_payload", seen="", wanted="a text", claim="jti")
    operation = claims["operation"]
    case.require(operation == OPERATION, "token.bad_payload", seen=operation, wanted=OPERATION, claim="operation")


def _check_time(case: Case, iat: int) -> None:
    now, leeway = seconds(case.now), int(LEEWAY.total_seconds())
    hint = case.moved_clock_hint().removeprefix("; ")
    oldest, latest = Bound("not before", now - leeway), Bound("not after", now + leeway)
    case.require(iat >= now - leeway, "token.expired", seen=iat, wanted=oldest, claim="iat", hint=hint)
    case.require(iat <= now + leeway, "token.not_yet_valid", seen=iat, wanted=latest, claim="iat", hint=hint)


def _check_place(case: Case, place: Place, claims: Mapping[str, Any]) -> None:
    store, named = claims["store_hash"], claims.get("channel_id")
    channel = DEFAULT_CHANNEL if named is None else named
    case.require(store == place.store.id, "store.mismatch", seen=store, wanted=place.store.id, claim="store_hash")
    here = place.channel.id
    case.require(channel == here, "channel.mismatch", seen=channel, wanted=here, claim="channel_id")


def _check_address(case: Case, claims: Mapping[str, Any]) -> None:
    bound, caller = claims.get("request_ip"), case.call.headers.get(PEER) or case.call.peer
    case.require(bound in (None, caller), "ip.mismatch", seen=caller, wanted=bound, claim="request_ip")


def _redirect(wanted: object) -> str:
    return wanted if isinstance(wanted, str) and _PATH.fullmatch(wanted) else AFTER_LOGIN


def _is(value: object, kind: type) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)
