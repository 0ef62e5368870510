"""Surfboard's client tokens, and the interAppJWT, which looks like one and is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mockserver.core import minting
from mockserver.core.clock import seconds
from mockserver.core.keys import Hs256Key
from mockserver.vendors.surfboard.options import SurfboardOptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mockserver.core.case import Case
    from mockserver.core.entropy import Entropy
    from mockserver.core.keyring import KeyRing
    from mockserver.vendors.surfboard.records import AuthProvider

CLIENT_KEYS = "surfboard.client"
INTER_APP_KEYS = "surfboard.inter_app"
ISSUED_BY = "sb.ps"


def upper_hexadecimal(entropy: Entropy, size: int) -> str:
    """So many random bytes as the reference spells them."""
    return entropy.hexadecimal(size).upper()


OPAQUE = minting.Opaque("", re.compile(r"[0-9A-F]{96}"), size=48, write=upper_hexadecimal)
"""The reference's form."""


@dataclass(frozen=True, slots=True)
class ClientGrant:
    """What a client token allows: the partner's business for one user, at one merchant if it is bound to one."""

    partner_id: str
    merchant_id: str | None
    external_user_id: str
    email: str | None


@dataclass(frozen=True, slots=True)
class ClientJwt:
    """The guide's form: an HS256 JWT. It knows an interAppJWT, which opens no door, when it sees one."""

    client: minting.Signed
    inter_app: minting.Signed

    @property
    def kid(self) -> str:
        """The id of the key that signs now, for our own books: the header names none."""
        return self.client.kid

    def make(self, claims: Mapping[str, Any], entropy: Entropy) -> str:
        """A new token's text."""
        return self.client.make(claims, entropy)

    def examine(self, value: str, now: datetime) -> tuple[str, str]:
        """The reason to refuse a text that is no client token we know."""
        if self.inter_app.examine(value, now)[0] == "token.unknown":
            return "token.wrong_kind", "an interAppJWT, which is for the payment app and not for this API"
        return self.client.examine(value, now)


def form(case: Case) -> minting.Form:
    """The form in which client tokens are issued now."""
    if case.sandbox.get(SurfboardOptions).token_format == "opaque":
        return OPAQUE
    return ClientJwt(minting.Signed(_keys(case, CLIENT_KEYS)), minting.Signed(_keys(case, INTER_APP_KEYS)))


def has_current_shape(case: Case, text: str) -> bool:
    """Whether a client token's text is of the form in which they are issued now."""
    is_opaque = OPAQUE.shape.fullmatch(text) is not None
    return is_opaque == (case.sandbox.get(SurfboardOptions).token_format == "opaque")


def mint(case: Case, provider: AuthProvider, grant: ClientGrant, through: tuple[str, ...]) -> minting.Minted:
    """Issue a client token. Rules know it by its provider, and by the API keys that it was minted *through*."""

    def claims(iat: int, exp: int, jti: str) -> dict[str, Any]:
        bound = {} if grant.merchant_id is None else {"merchantId": grant.merchant_id}
        whose = {"sub": grant.external_user_id, "partnerId": grant.partner_id, **bound}
        return {**whose, "iat": iat, "exp": exp, "jti": jti}

    lifetime = case.sandbox.get(SurfboardOptions).token_ttl
    draft = minting.Draft("client", provider.id, lifetime, claims, grant, through)
    return minting.mint(case, draft, form(case))


def inter_app_jwt(case: Case, *, order: str, terminal: str, payment: str, method: str) -> str:
    """What a payment app gets with an order or a payment: under a key of its own, without an expiry."""
    claims = {
        "oid": order,
        "tid": terminal,
        "pid": payment,
        "pm": method,
        "a": 0,
        "c": "",
        "controlFunctionsEncoder": "",
        "issuedBy": ISSUED_BY,
        "iat": seconds(case.now) * 1000 + case.now.microsecond // 1000,
    }
    return _keys(case, INTER_APP_KEYS).active.sign(claims)


def _keys(case: Case, ring: str) -> KeyRing:
    return case.sandbox.keyring(ring, Hs256Key.draw)
