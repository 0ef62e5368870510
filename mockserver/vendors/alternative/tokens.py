"""Alternative's two kinds of token: the backend's OAuth token, and the page's checkout token."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from mockserver.core import minting
from mockserver.core.entropy import Entropy
from mockserver.core.keys import Hs256Key
from mockserver.vendors.alternative.options import AlternativeOptions

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.vendors.alternative.records import ApiClient

HOUR = timedelta(hours=1)
OAUTH_RING, CHECKOUT_RING = "alternative.oauth", "alternative.checkout"
# The guide's sample opens with `typ`, the reference's checkout token with `alg`.
KEYRINGS = {
    OAUTH_RING: partial(Hs256Key.draw, typ="JWT", alg="HS256"),
    CHECKOUT_RING: partial(Hs256Key.draw, alg="HS256", typ="JWT"),
}
"""One key for each kind; neither is ever shown."""

OPAQUE = minting.Opaque("", re.compile(r"[0-9a-f]{56}"), size=28, write=Entropy.hexadecimal)


@dataclass(frozen=True, slots=True)
class CheckoutGrant:
    """What a checkout token is bound to. Without an invoice it only keeps payment methods."""

    partner: str
    client: str
    customer: str
    invoice: str | None


def oauth_form(case: Case) -> minting.Form:
    """The form in which OAuth tokens are issued now."""
    if case.sandbox.get(AlternativeOptions).oauth_style == "guide":
        return minting.Signed(case.sandbox.keyring(OAUTH_RING, KEYRINGS[OAUTH_RING]))
    return OPAQUE


def checkout_form(case: Case) -> minting.Form:
    """The form of checkout tokens: a JWT that nobody outside can verify."""
    return minting.Signed(case.sandbox.keyring(CHECKOUT_RING, KEYRINGS[CHECKOUT_RING]))


def mint_oauth(case: Case, client: ApiClient) -> minting.Minted:
    """Issue an OAuth token to this client."""

    def claims(iat: int, exp: int, jti: str) -> dict[str, Any]:
        return {"sub": client.id, "partner_id": client.partner_id, "iat": iat, "exp": exp, "jti": jti}

    return minting.mint(case, minting.Draft("oauth", client.id, HOUR, claims), oauth_form(case))


def mint_checkout(case: Case, grant: CheckoutGrant) -> minting.Minted:
    """Issue a checkout token for this customer and invoice."""
    options = case.sandbox.get(AlternativeOptions)

    def claims(iat: int, exp: int, jti: str) -> dict[str, Any]:
        bound = {"partner_id": grant.partner, "client_id": grant.client, "customer_id": grant.customer}
        invoice = {} if grant.invoice is None else {"invoice_id": grant.invoice}
        ours = {} if options.claims == "documented" else {"iat": iat, "jti": jti}
        return {**bound, **invoice, "exp": exp, **ours}

    draft = minting.Draft("checkout", grant.client, options.checkout_ttl, claims, grant)
    return minting.mint(case, draft, checkout_form(case))
