"""Storefront tokens: how they are signed and minted, and what is wrong with one that is no token of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.core import jsontext, jws, minting
from mockserver.core.clock import instant
from mockserver.core.keys import SigningKey
from mockserver.core.refusals import Refusal
from mockserver.core.tokens import Token
from mockserver.vendors.bigcommerce.options import BigCommerceOptions
from mockserver.vendors.bigcommerce.places import IMPERSONATION, PRIVATE, SIMPLE, StorefrontGrant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from mockserver.core.case import Case
    from mockserver.core.entropy import Entropy
    from mockserver.core.keyring import KeyRing
    from mockserver.core.sandbox import Sandbox
    from mockserver.vendors.bigcommerce.records import ApiAccount

RING = "bigcommerce"
"""The ring of the one key pair that signs storefront tokens and session-sync JWTs."""
ISSUER = "BC"
STENCIL = "stencil"
"""The kind of tokens that the vendor's own page templates carry: storefront tokens of no API account."""
KINDS = (SIMPLE, PRIVATE, IMPERSONATION, STENCIL)
TOKEN_TYPES = {1: SIMPLE, 2: IMPERSONATION, 3: PRIVATE}
"""The claim `token_type`: 1 and 2 observed, 3 our choice."""
_NUMBERS = {kind: number for number, kind in TOKEN_TYPES.items()}
API_ACCOUNT, VENDOR_ITSELF = 2, 0
"""The claim `sub_type`."""
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class Flaw(NamedTuple):
    """What is wrong with a text that should be a token: the reason, in words, and the claim it is about."""

    reason: str
    hint: str
    claim: str = ""


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
        claims = jsontext.read(parsed.payload)
    except jsontext.JsonTextError as error:
        return Flaw("token.bad_payload", f"the payload is no JSON: {error}")
    return claims if isinstance(claims, dict) else Flaw("token.bad_payload", "the payload is no object", "payload")


def _parsed(text: str) -> jws.CompactJws:
    try:
        return jws.parse(text)
    except jws.MalformedJwsError:
        # Whoever spoils the end of a signature mostly leaves bits over. It is a JWT all the same, with a bad signature.
        first, _, signature = text.rpartition(".")
        if not _BASE64URL.fullmatch(signature):
            raise
        return jws.parse(f"{first}.")
