"""What the REST API does: mint tokens of three families, list and revoke them, and tell the time and the store."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from mockserver.core.bodies import FORM, JSON
from mockserver.core.clock import instant, seconds
from mockserver.core.operations import Answer, Body, Operation
from mockserver.core.tokens import TokenFilter
from mockserver.vendors.bigcommerce import listing, schemas, tokens
from mockserver.vendors.bigcommerce.callers import access_token, account, store_of, storefront_url
from mockserver.vendors.bigcommerce.claims import VENDOR, Flaw
from mockserver.vendors.bigcommerce.places import IMPERSONATION, PRIVATE, SIMPLE, StorefrontGrant
from mockserver.vendors.bigcommerce.records import IMPERSONATION_SCOPE, STOREFRONT_SCOPE, ApiAccount

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.core.operations import RequestSchema
    from mockserver.core.tokens import Token

REFERENCE = "BigCommerce REST reference: GraphQL Storefront API tokens"
LIST_CLIENTS = "public clients of the token list; not in the REST reference"
STORE_API = "/stores/{storeHash}"
TOKEN_HEADER = "Sf-Api-Token"
OTHER_TYPES = frozenset({FORM, "multipart/form-data", "application/xml", "text/xml"})
"""What is clearly no JSON; a body of any other type is read as JSON."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
CALLER_REFUSALS = (
    "store.unknown",
    "browser.secret_exposed",
    "credential.missing",
    "credential.unknown",
    "rate.limited",
)
BODY_REFUSALS = ("request.media_type", "request.malformed", "request.invalid")
NO_ORIGINS = "it lists no origin, so no page can use it: any Origin is refused"


@dataclass(frozen=True, slots=True)
class Family:
    """Tokens of one kind: where they are minted, listed and revoked, and which scope that takes."""

    kind: str
    word: str
    segment: str
    scope: str
    schema: RequestSchema

    @property
    def path(self) -> str:
        """Where they are minted."""
        return f"{STORE_API}/v3/storefront/{self.segment}"


STOREFRONT_FAMILY = Family(SIMPLE, "storefront", "api-token", STOREFRONT_SCOPE, schemas.StorefrontTokenRequest())
PRIVATE_FAMILY = Family(PRIVATE, "private", "api-token-private", STOREFRONT_SCOPE, schemas.PrivateTokenRequest())
IMPERSONATION_FAMILY = Family(
    IMPERSONATION,
    "impersonation",
    "api-token-customer-impersonation",
    IMPERSONATION_SCOPE,
    schemas.TokenRequest(),
)
FAMILIES = (STOREFRONT_FAMILY, PRIVATE_FAMILY, IMPERSONATION_FAMILY)


def mint_token(case: Case, *, family: Family) -> Answer:
    """Mint a token of this family for the calling account."""
    grant = StorefrontGrant(
        kind=family.kind,
        sid=store_of(case).sid,
        channel_ids=_channels(case),
        allowed_cors_origins=tuple(case.fields.get("allowed_cors_origins") or ()),
        scopes=tuple(dict.fromkeys(case.fields.get("scopes", ()))),
        name=case.fields.get("name", ""),
    )
    minted = tokens.mint(case, case.called_by(ApiAccount), grant, instant(case.fields["expires_at"]))
    if family.kind == SIMPLE and not grant.allowed_cors_origins:
        case.find("origin.not_allowed", NO_ORIGINS)
    return Answer({"data": {"token": minted.value}, "meta": {}})


def _channels(case: Case) -> tuple[int, ...]:
    several, one = case.fields.get("channel_ids"), case.fields.get("channel_id")
    if several is not None:
        return tuple(several)
    return (one,) if one is not None else tuple(channel.id for channel in store_of(case).channels)


def revoke_by_header(case: Case, *, kinds: tuple[str, ...]) -> Answer:
    """Revoke the token in the header, whichever account of the store it was minted by; again, if that is so."""
    text = case.call.headers.get(TOKEN_HEADER) or ""
    held = tokens.held(case, text)
    why = _why_not(case, held, kinds)
    wanted = f"a token of this store in {TOKEN_HEADER}"
    token = None if why or isinstance(held, Flaw) else held
    tokens.revoke(case, text, case.found(token, "token.malformed", hint=why, seen=why or None, wanted=wanted))
    return Answer()


def _why_not(case: Case, held: Token | Flaw, kinds: tuple[str, ...]) -> str:
    if isinstance(held, Flaw):
        return held.hint
    grant = held.granted(StorefrontGrant)
    if grant.sid != store_of(case).sid:
        return f"a token of store {grant.sid}"
    return "" if grant.kind in kinds else f"a {grant.kind} token"


def list_tokens(case: Case, *, family: Family) -> Answer:
    """A page of the calling account's tokens of this family."""
    own = listing.tokens_of(case, kind=family.kind, subject=case.called_by(ApiAccount).id)
    return Answer(listing.page(case, own))


def revoke_one(case: Case, *, family: Family) -> Answer:
    """Revoke one of the calling account's own tokens, by its id in the list."""
    asked = case.parameters["jti"]
    case.require(bool(_UUID.fullmatch(asked)), "request.invalid", seen=asked, wanted="a UUID")
    own = listing.tokens_of(case, kind=family.kind, subject=case.called_by(ApiAccount).id)
    found = next((token for token in own if token.id == asked.lower()), None)
    token = case.found(found, "token.unknown", seen=asked, wanted=f"a {family.kind} token of this account")
    case.sandbox.tokens.revoke(case.now, TokenFilter(id=token.id))
    return Answer(status=204, verbatim=b"")


def revoke_all(case: Case, *, family: Family) -> Answer:
    """Revoke those of the calling account's own tokens of this family that are alive."""
    own = TokenFilter(VENDOR, family.kind, subject=case.called_by(ApiAccount).id, alive_at=case.now)
    case.sandbox.tokens.revoke(case.now, own)
    return Answer(status=204, verbatim=b"")


def tell_time(case: Case) -> Answer:
    """The time it is in this sandbox."""
    return Answer({"time": seconds(case.now)})


def tell_store(case: Case) -> Answer:
    """The store, with the address of its storefront, which login links begin with."""
    store = store_of(case)
    domain = next(iter(store.vanity_hosts), f"store-{store.id}.mybigcommerce.com")
    return Answer({"id": store.id, "domain": domain, "secure_url": storefront_url(case, store)})


def _of_account(name: str, method: str, path: str, summary: str, **more: Any) -> Operation:
    scope = more.pop("scope", "")
    refusals = more.pop("refusals", ())
    return Operation(
        name=f"{VENDOR}.{name}",
        summary=summary,
        method=method,
        path=path,
        caller=partial(account, scope=scope),
        identifies=access_token,
        refusals=(*CALLER_REFUSALS, *(("scope.insufficient",) if scope else ()), *refusals),
        **{"response": schemas.Nothing(), "source": REFERENCE, **more},
    )


def _minting(family: Family) -> Operation:
    return _of_account(
        f"create_{family.word}_token",
        "POST",
        family.path,
        f"Mint a {family.word} token",
        scope=family.scope,
        bodies=(Body(JSON, family.schema, unless=OTHER_TYPES),),
        body_optional=True,
        run=partial(mint_token, family=family),
        response=schemas.TokenAnswer(),
        mints=True,
        refusals=BODY_REFUSALS,
    )


def _revoking(family: Family, *kinds: str, source: str) -> Operation:
    return _of_account(
        f"revoke_{family.word}_token",
        "DELETE",
        family.path,
        f"Revoke the {' or '.join(kinds)} token in {TOKEN_HEADER}",
        scope=family.scope,
        run=partial(revoke_by_header, kinds=kinds),
        source=source,
        refusals=("token.malformed",),
    )


def _keeping(family: Family) -> tuple[Operation, ...]:
    own = {"scope": family.scope, "source": LIST_CLIENTS}
    return (
        _of_account(
            f"list_{family.word}_tokens",
            "GET",
            family.path,
            f"List the account's own {family.word} tokens",
            run=partial(list_tokens, family=family),
            response=schemas.TokenList(),
            refusals=("request.invalid",),
            **own,
        ),
        _of_account(
            f"revoke_{family.word}_token_by_id",
            "DELETE",
            f"{family.path}/{{jti}}",
            f"Revoke one of the account's own {family.word} tokens",
            run=partial(revoke_one, family=family),
            statuses=(204,),
            refusals=("token.unknown", "request.invalid"),
            **own,
        ),
        _of_account(
            f"revoke_all_{family.word}_tokens",
            "POST",
            f"{family.path}/revoke-all",
            f"Revoke the account's own {family.word} tokens",
            run=partial(revoke_all, family=family),
            statuses=(204,),
            **own,
        ),
    )


OPERATIONS = (
    *(_minting(family) for family in FAMILIES),
    _revoking(STOREFRONT_FAMILY, SIMPLE, PRIVATE, source=REFERENCE),
    _revoking(IMPERSONATION_FAMILY, IMPERSONATION, source="an old page of BigCommerce's REST reference"),
    *(operation for family in FAMILIES for operation in _keeping(family)),
    _of_account("get_time", "GET", f"{STORE_API}/v2/time", "The time", run=tell_time, response=schemas.TimeAnswer()),
    _of_account(
        "get_store", "GET", f"{STORE_API}/v2/store", "The store", run=tell_store, response=schemas.StoreAnswer()
    ),
)
