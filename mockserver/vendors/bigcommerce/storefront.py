"""The storefront's GraphQL endpoint, up to the query: place, token, and who may use which token from where."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mockserver.core.bearer import bearer_text
from mockserver.core.operations import Answer, Operation
from mockserver.core.origins import Cors, TokenList
from mockserver.core.refusals import Refusal
from mockserver.vendors.bigcommerce import browsers, graphql, hosts, schemas, tokens
from mockserver.vendors.bigcommerce.browsers import SITE
from mockserver.vendors.bigcommerce.options import BigCommerceOptions
from mockserver.vendors.bigcommerce.places import SIMPLE, StorefrontGrant, Visit

if TYPE_CHECKING:
    from collections.abc import Collection

    from mockserver.core.case import Case
    from mockserver.core.tokens import Token

LAST_MINT = datetime(2026, 7, 1, tzinfo=UTC)
"""Storefront tokens minted from then on are for browsers only."""
LAST_USE = datetime(2027, 4, 1, tzinfo=UTC)
"""From then on, all of them are."""
CUT_OFF = f"from {LAST_USE:%Y-%m-%d} on a storefront token is refused without an Origin: use a private token on servers"
REFUSALS = (
    "store.unknown",
    "browser.secret_exposed",
    "token.missing",
    "token.malformed",
    "token.bad_signature",
    "token.bad_payload",
    "token.expired",
    "token.revoked",
    "store.mismatch",
    "channel.mismatch",
    "origin.not_allowed",
    "browser.server_only_token",
    "server.browser_only_token",
)


def visit(case: Case) -> Visit | None:
    """Who calls, with which token, where. A token that nobody has sent is judged by itself: there is no visit."""
    place = None if case.rehearsal else hosts.place_of(case)
    sent = bearer_text(case.call, {})
    case.require(bool(sent), "token.missing", seen=_scheme(case), wanted="Bearer and a token")
    token = tokens.accepted(case, sent[0].strip())
    grant = token.granted(StorefrontGrant)
    if place is None:
        return None
    case.require(grant.sid == place.store.sid, "store.mismatch", seen=grant.sid, wanted=place.store.sid, claim="sid")
    here = place.channel.id
    case.require(here in grant.channel_ids, "channel.mismatch", seen=here, wanted=list(grant.channel_ids), claim="cid")
    if grant.kind == SIMPLE:
        _check_page(case, token, grant)
    else:
        _check_server(case, grant)
    is_browser = browsers.is_browser(case)
    from_page = is_browser or (grant.kind == SIMPLE and "Origin" in case.call.headers)
    cookie_only = case.sandbox.get(BigCommerceOptions).cat_delivery == "cookie_only"
    return Visit(case, place, grant, is_browser=is_browser, browser_login=from_page or cookie_only)


def query(case: Case) -> Answer:
    """Answer a query, once it is known who asks."""
    return graphql.answer(case.called_by(Visit))


def _check_page(case: Case, token: Token, grant: StorefrontGrant) -> None:
    """A storefront token is a page's: of an origin that it lists, or of no origin where servers may use it."""
    origin = case.call.headers.get("Origin")
    if origin is not None:
        listed = list(grant.allowed_cors_origins)
        case.require(origin in listed, "origin.not_allowed", seen=origin, wanted=listed, claim="cors")
        return
    signals = browsers.signals_of_any_rule(case)
    if signals:
        case.note("server.browser_only_token", passed=True, seen=signals)
        return
    why = _server_rule(case, token)
    none = f"no Origin, no cookie, no {SITE}"
    case.require(not why, "server.browser_only_token", hint=why, seen=none, wanted="a private token")
    if case.sandbox.get(BigCommerceOptions).storefront_s2s == "cutoff":
        case.find("server.browser_only_token", CUT_OFF)


def _server_rule(case: Case, token: Token) -> str:
    """Why a server may not use this storefront token, or nothing."""
    rule = case.sandbox.get(BigCommerceOptions).storefront_s2s
    if rule != "cutoff":
        return "the option storefront_s2s refuses it" if rule == "refused" else ""
    if token.issued_at >= LAST_MINT:
        return f"it was minted on or after {LAST_MINT:%Y-%m-%d}"
    return f"it is {LAST_USE:%Y-%m-%d} or later" if case.now >= LAST_USE else ""


def _check_server(case: Case, grant: StorefrontGrant) -> None:
    """Private and impersonation tokens are servers' only."""
    signals = browsers.signals(case)
    case.note("browser.server_only_token", passed=not signals, seen=signals, wanted=f"no browser: a {grant.kind} token")
    if signals:
        hint = f"{' and '.join(signals)} make it a browser's: servers must not forward them"
        raise Refusal("browser.server_only_token", hint=hint, kind=grant.kind)


def _scheme(case: Case) -> str | None:
    """The word before the credential; nothing where there is none, since what stands there may be the secret."""
    word, blank, _ = (case.call.headers.get("Authorization") or "").strip().partition(" ")
    return word if blank else None


def _listed(case: Case) -> Collection[str] | None:
    """The origins that the call's storefront token lists; nothing where it carries none that we know."""
    caller = case.caller
    grant = caller.grant if isinstance(caller, Visit) else case.known[1].grant if case.known else None
    return grant.allowed_cors_origins if isinstance(grant, StorefrontGrant) and grant.kind == SIMPLE else None


def _shows_refused(case: Case) -> bool:
    return case.sandbox.get(BigCommerceOptions).refused_origin_cors_headers == "echo"


CORS = Cors(
    methods=("POST", "OPTIONS"),
    headers=("authorization", "content-type"),
    by_token=TokenList(_listed, _shows_refused),
    preflight_status=200,
)

QUERY = Operation(
    name="bigcommerce.query",
    summary="A GraphQL query with a storefront, private or impersonation token",
    source="BigCommerce guide: Authenticating requests to the GraphQL Storefront API",
    method="POST",
    path="/graphql",
    paths=lambda _options: hosts.paths("/graphql"),
    caller=visit,
    identifies=bearer_text,
    run=query,
    response=schemas.QueryAnswer(),
    cors=CORS,
    refusals=(*REFUSALS, *graphql.REFUSALS),
)
