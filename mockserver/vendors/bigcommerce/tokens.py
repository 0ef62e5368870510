"""Storefront tokens: how they are signed and minted, and what is wrong with one that is no token of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext, jws, minting
from mockserver.core.clock import seconds, whole_second
from mockserver.core.journal import Bound
from mockserver.core.keys import SigningKey
from mockserver.core.refusals import Refusal
from mockserver.core.tokens import Token
from mockserver.vendors.bigcommerce import claims
from mockserver.vendors.bigcommerce.claims import API_ACCOUNT, ISSUER, STENCIL, VENDOR_ITSELF, Flaw
from mockserver.vendors.bigcommerce.options import BigCommerceOptions
from mockserver.vendors.bigcommerce.places import IMPERSONATION, PRIVATE, SIMPLE, StorefrontGrant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mockserver.core.case import Case
    from mockserver.core.entropy import Entropy
    from mockserver.core.keyring import KeyRing
    from mockserver.core.sandbox import Sandbox
    from mockserver.vendors.bigcommerce.records import ApiAccount

RING = "bigcommerce"
"""The ring of the one key pair that signs storefront tokens and session-sync JWTs."""
STENCIL_LIFETIME = timedelta(days=2)
KINDS = (SIMPLE, PRIVATE, IMPERSONATION, STENCIL)
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Form:
    """A storefront token: ES256 over its claims, which stand in alphabetical order."""

    keys: KeyRing

    @property
    def kid(self) -> str:
        """The id of the key that signs, for our own books: no token names it."""
        return self.keys.active.kid

    def make(self, claims: Mapping[str, Any], entropy: Entropy) -> str:
        """A new token's text."""
        del entropy
        return self.keys.active.sign(dict(sorted(claims.items())))

    def examine(self, value: str, now: datetime) -> tuple[str, str]:
        """The reason to refuse a text that nobody here remembers; none where its claims are good."""
        read = _read(value, self.keys, now)
        return (read.reason, read.hint) if isinstance(read, Flaw) else ("", "")


def mint(case: Case, account: ApiAccount, grant: StorefrontGrant, expires_at: datetime) -> minting.Minted:
    """Issue a storefront token to an API account."""
    extra = {"scopes": list(grant.scopes)} if grant.kind == PRIVATE else {}
    own = {**claims.written(grant), **extra, "sub": account.id, "sub_type": API_ACCOUNT}
    named = case.sandbox.get(BigCommerceOptions).jti_in_token

    def made(iat: int, exp: int, jti: str) -> dict[str, Any]:
        return {**own, "iat": iat, "eat": exp, **({"jti": jti} if named else {})}

    draft = minting.Draft(grant.kind, account.id, expires_at - whole_second(case.now), made, grant)
    minted = minting.mint(case, draft, Form(ring(case.sandbox)))
    if case.mint and case.mint.claims and not case.mint.broken_signature:
        _remember_as_it_reads(case, minted)
    return minted


def mint_stencil(sandbox: Sandbox, grant: StorefrontGrant) -> str:
    """A token as the vendor's own page templates carry it: two days long, and nobody's."""
    now = whole_second(sandbox.clock.now())
    whose = {"sub": ISSUER, "sub_type": VENDOR_ITSELF}
    own = {**claims.written(grant), **whose, "iat": seconds(now), "eat": seconds(now + STENCIL_LIFETIME)}
    form = Form(ring(sandbox))
    text = form.make(own, sandbox.entropy)
    token = Token(
        id=sandbox.entropy.uuid(),
        vendor=claims.VENDOR,
        kind=STENCIL,
        subject=ISSUER,
        issued_at=now,
        expires_at=now + STENCIL_LIFETIME,
        grant=grant,
        kid=form.kid,
    )
    sandbox.tokens.remember(text, token)
    return text


def held(case: Case, text: str) -> Token | Flaw:
    """The storefront token that a text is, alive or dead: one that is remembered, or one whose claims are good."""
    known = case.token(text)
    if known is None or known.kind not in KINDS or known.grant is None:
        return claims.token_in(_read(text, ring(case.sandbox), case.now))
    if case.sandbox.gone_keys and case.sandbox.is_over(known.kid, case.now):
        return Flaw("token.bad_signature", "its key was rotated away")
    return known


def accepted(case: Case, text: str) -> Token:
    """The storefront token that a text is, or a refusal: also of one that is expired or revoked."""
    token = held(case, text)
    if isinstance(token, Flaw):
        raise refused(case, token)
    case.note("token.bad_signature", passed=True, seen=token.id or "no record of it: taken by its claims")
    alive = case.now < token.expires_at
    wanted = Bound("later than", case.now)
    case.require(alive, "token.expired", seen=token.expires_at, wanted=wanted, hint=case.moved_clock_hint)
    delay = case.sandbox.get(BigCommerceOptions).revocation_delay
    counts = token.revoked_at is None or case.now < token.revoked_at + delay
    case.require(counts, "token.revoked", seen=token.revoked_at, wanted=None)
    return token


def revoke(case: Case, text: str, token: Token) -> None:
    """Revoke a token, and remember that of one that nobody here remembered."""
    if case.token(text) is None:
        remembered = replace(token, id=case.sandbox.entropy.uuid(), revoked_at=case.now)
        case.sandbox.tokens.remember(text, remembered)
    else:
        case.sandbox.tokens.revoke_one(text, case.now)


def _remember_as_it_reads(case: Case, minted: minting.Minted) -> None:
    """A rule has changed its claims, so that what it allows is what they say, or what is wrong with them."""
    read = claims.token_in(_read(minted.value, ring(case.sandbox), case.now))
    if isinstance(read, Flaw):
        token = replace(minted.token, grant=None)
    else:
        token = replace(read, id=minted.token.id, kid=minted.token.kid, subject=minted.token.subject)
    case.sandbox.tokens.remember(minted.value, token)


def ring(sandbox: Sandbox) -> KeyRing:
    """The keys of this vendor in a sandbox."""
    return sandbox.keyring(RING, SigningKey.draw_unnamed)


def sign(case: Case, claims: Mapping[str, Any]) -> str:
    """A compact JWT under this sandbox's key, its claims in the order given."""
    return ring(case.sandbox).active.sign(claims)


def verified_claims(case: Case, text: str) -> Mapping[str, Any]:
    """The claims of a JWT that this sandbox's key signed.

    Refuses what is no JWT (`token.malformed`), what another key signed (`token.bad_signature`), and a payload that is
    no JSON object (`token.bad_payload`; with a *claim* in its facts where it is JSON all the same).
    """
    read = _read(text, ring(case.sandbox), case.now)
    if isinstance(read, Flaw):
        raise refused(case, read)
    case.note("token.bad_signature", passed=True)
    return read


def refused(case: Case, flaw: Flaw) -> Refusal:
    """The refusal that a flaw is, entered among the checks."""
    case.note(flaw.reason, passed=False, seen=flaw.hint)
    return Refusal(flaw.reason, hint=flaw.hint, claim=flaw.claim)


def _read(text: str, keys: KeyRing, now: datetime) -> Mapping[str, Any] | Flaw:
    try:
        parsed = _parsed(text)
    except jws.MalformedJwsError as error:
        return Flaw("token.malformed", str(error))
    held = [key.verifying for key in keys.verifying(now)]
    if parsed.algorithm != held[0].algorithm:
        return Flaw("token.bad_signature", f"alg is {parsed.algorithm!r}, our key's is {held[0].algorithm}")
    if not any(key.verifies(parsed.signature, parsed.signing_input) for key in held):
        return Flaw("token.bad_signature", "our key did not sign this")
    try:
        payload = jsontext.read(parsed.payload)
    except jsontext.JsonTextError as error:
        return Flaw("token.bad_payload", f"the payload is no JSON: {error}")
    return payload if isinstance(payload, dict) else Flaw("token.bad_payload", "the payload is no object", "payload")


def _parsed(text: str) -> jws.CompactJws:
    try:
        return jws.parse(text)
    except jws.MalformedJwsError:
        # Whoever spoils the end of a signature mostly leaves bits over. It is a JWT all the same, with a bad signature.
        first, _, signature = text.rpartition(".")
        if not _BASE64URL.fullmatch(signature):
            raise
        return jws.parse(f"{first}.")
