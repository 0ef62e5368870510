"""Ingrid's two kinds of token. The vendor promises no format, so clients must treat both as opaque."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mockserver.core import minting
from mockserver.vendors.ingrid.options import IngridOptions

if TYPE_CHECKING:
    from datetime import timedelta

    from mockserver.core.case import Case

PREFIX = {"service": "sat_", "site": "sit_"}
OPAQUE = re.compile(r"(?:sat|sit)_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class SiteGrant:
    """What a site token allows: one site, some scopes; and the caller's own reference."""

    site: str
    scopes: tuple[str, ...]
    external_ref: str | None


def form(case: Case, kind: Literal["service", "site"] = "service") -> minting.Form:
    """The form in which tokens of this kind are issued now."""
    if case.sandbox.get(IngridOptions).token_format == "opaque":
        return minting.Opaque(PREFIX[kind], OPAQUE)
    return minting.Signed(case.sandbox.keyring(case.vendor.name))


def mint(
    case: Case,
    *,
    kind: Literal["service", "site"],
    subject: str,
    lifetime: timedelta,
    grant: SiteGrant | None = None,
) -> minting.Minted:
    """Issue a token of this kind to the account *subject*."""

    def claims(iat: int, exp: int, jti: str) -> dict[str, Any]:
        issuer = case.base_url
        common = {
            "iss": issuer,
            "sub": subject,
            "aud": issuer,
            "iat": iat,
            "exp": exp,
            "jti": jti,
            "tokenUse": kind,
        }
        return common | _site_claims(grant)

    draft = minting.Draft(kind=kind, subject=subject, lifetime=lifetime, claims=claims, grant=grant)
    return minting.mint(case, draft, form(case, kind))


def _site_claims(grant: SiteGrant | None) -> dict[str, Any]:
    if grant is None:
        return {}
    reference = {} if grant.external_ref is None else {"externalRef": grant.external_ref}
    return {"siteId": grant.site, "scopes": grant.scopes, **reference}
