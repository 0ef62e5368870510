"""Session-sync JWTs: they take a shopper and their cart from a storefront of one's own to the store's pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockserver.core.clock import instant, seconds
from mockserver.core.journal import Bound
from mockserver.vendors.bigcommerce.hosts import STORE_HOST
from mockserver.vendors.bigcommerce.sessions.shoppers import Shop
from mockserver.vendors.bigcommerce.tokens import sign, verified_claims

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.case import Case
    from mockserver.vendors.bigcommerce.places import Place
    from mockserver.vendors.bigcommerce.records import Customer

REFUSALS = (
    "token.malformed",
    "token.bad_signature",
    "token.bad_payload",
    "token.expired",
    "assertion.replayed",
    "store.mismatch",
    "origin.not_allowed",
)
"""In the order in which they are looked for."""
LIFETIME = timedelta(seconds=30)
LATEST = 9_999_999_999
"""What is more are milliseconds."""
OPERATION = "session_sync"
REQUIRED = {"iat": int, "eat": int, "jti": str, "sid": int, "session_payload": dict, "redirect_to": str}
_URL = re.compile(r"https?://[\x21-\x7e]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SyncedSession:
    """What is to be taken along, and where to. What is not given of a visit is made up."""

    redirect_to: str
    cart_id: str | None = None
    customer_id: int | None = None
    visitor_id: object = None
    visit_id: object = None
    payment_wallet_data: Mapping[str, Any] | None = None
    request_ip: object = None


@dataclass(frozen=True, slots=True)
class AcceptedSync:
    """The URL to go on to, and who is logged in there, if anybody is."""

    redirect_to: str
    customer: Customer | None


def session_sync_url(case: Case, place: Place, session: SyncedSession) -> tuple[str, str]:
    """A JWT for this session, and the link with it."""
    issued_at, draw = seconds(case.now), case.sandbox.entropy.uuid
    claims = {
        "iss": "BC",
        "iat": issued_at,
        "eat": issued_at + int(LIFETIME.total_seconds()),
        "jti": draw(),
        "operation": OPERATION,
        "sid": place.store.sid,
        "session_payload": {
            "cart_id": session.cart_id,
            "customer_id": session.customer_id,
            "visitor_id": _text(session.visitor_id) or draw(),
            "visit_id": _text(session.visit_id) or draw(),
            "cart_locale": None,
            "payment_wallet_data": session.payment_wallet_data,
        },
        "request_ip": _text(session.request_ip) or case.call.peer,
        "redirect_to": session.redirect_to,
    }
    token = sign(case, claims)
    return token, f"{place.url}/session-sync?jwt={token}"


def accept(case: Case, place: Place, text: str) -> AcceptedSync:
    """Judge a session-sync JWT, and use it up."""
    claims = _claims(case, text)
    eat = claims["eat"]
    case.require(
        seconds(case.now) < eat, "token.expired", seen=eat, wanted=Bound("later than", seconds(case.now)), claim="eat"
    )
    until = max(instant(eat), case.now)
    fresh = case.sandbox.replays.accept(f"bigcommerce/session-sync/{claims['jti']}", until=until, now=case.now)
    case.require(fresh, "assertion.replayed", seen=claims["jti"], wanted="one that was not used before", claim="jti")
    sid, store = claims["sid"], place.store
    case.require(sid == store.sid, "store.mismatch", seen=sid, wanted=store.sid, claim="sid")
    _check_target(case, place, claims["redirect_to"])
    number = claims["session_payload"].get("customer_id")
    customer = Shop(case.sandbox, store).customer(number) if isinstance(number, int) else None
    return AcceptedSync(claims["redirect_to"], customer)


def _claims(case: Case, text: str) -> Mapping[str, Any]:
    claims = verified_claims(case, text)
    for name, kind in REQUIRED.items():
        value = claims.get(name)
        fits = isinstance(value, kind) and not isinstance(value, bool)
        case.require(fits, "token.bad_payload", seen=value, wanted=kind.__name__, claim=name)
    eat = claims["eat"]
    case.require(0 <= eat <= LATEST, "token.bad_payload", seen=eat, wanted="seconds since 1970", claim="eat")
    operation = claims.get("operation")
    case.require(operation == OPERATION, "token.bad_payload", seen=operation, wanted=OPERATION, claim="operation")
    return claims


def _check_target(case: Case, place: Place, url: str) -> None:
    allowed = bool(_URL.fullmatch(url)) and _is_own(place, url)
    case.require(allowed, "origin.not_allowed", seen=url, wanted="a URL of this store", claim="redirect_to")


def _is_own(place: Place, url: str) -> bool:
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return False
    own = {(urlsplit(place.url).hostname or "").lower(), *(each.lower() for each in place.store.vanity_hosts)}
    named = STORE_HOST.match(host)
    return host in own or (named is not None and named[1] == place.store.id)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
