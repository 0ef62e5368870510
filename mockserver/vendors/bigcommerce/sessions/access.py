"""Customer access tokens: who is logged in, in which store, and for how long."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mockserver.core.minting import Draft, mint
from mockserver.vendors.bigcommerce.sessions.shoppers import Shop

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mockserver.core.case import Case
    from mockserver.core.entropy import Entropy
    from mockserver.core.minting import Minted
    from mockserver.vendors.bigcommerce.places import Place
    from mockserver.vendors.bigcommerce.records import Customer, Store

KIND = "customer_access"
LIFETIME = timedelta(seconds=604_800)
"""As one lives that a storefront was seen to hand out."""
SHAPE = re.compile(r"\b[0-9a-f]{64}_[0-9]+")


@dataclass(frozen=True, slots=True)
class ShopperGrant:
    """Who is logged in, and where."""

    store_hash: str
    customer_id: int


@dataclass(frozen=True, slots=True)
class AccessTokenForm:
    """32 random bytes in hexadecimal digits, and the second in which it expires."""

    kid: str = ""

    def make(self, claims: Mapping[str, Any], entropy: Entropy) -> str:
        """A new token's text."""
        return f"{entropy.hexadecimal(32)}_{claims['exp']}"

    def examine(self, value: str, now: datetime) -> tuple[str, str]:
        """Nothing can be read from it but its shape."""
        del now
        shaped = SHAPE.fullmatch(value)
        return ("token.unknown", "never issued here") if shaped else ("token.malformed", "not of its shape")


FORM = AccessTokenForm()


def log_in(case: Case, place: Place, customer: Customer, *, alone: bool = True) -> Minted:
    """A new customer access token. A login ends the customer's earlier ones, a handed-over session does not."""
    draft = Draft(
        kind=KIND,
        subject=f"{place.store.id}/{customer.id}",
        lifetime=LIFETIME,
        claims=lambda iat, exp, jti: {"iat": iat, "exp": exp, "jti": jti},
        grant=ShopperGrant(place.store.id, customer.id),
    )
    minted = mint(case, draft, FORM)
    ended = Shop(case.sandbox, place.store).begin_session(customer.id, minted.value, alone=alone)
    _revoke(case, ended)
    return minted


def log_out(case: Case, store: Store, customer: Customer) -> None:
    """End every login of this customer: on one device is everywhere."""
    _revoke(case, Shop(case.sandbox, store).end_sessions(customer.id))


def logged_in(case: Case, store: Store, value: str | None) -> Customer | None:
    """The customer of this store whom this token speaks for, if it is alive."""
    token = case.sandbox.tokens.find(value) if value else None
    if token is None or token.kind != KIND or token.state(case.now) != "alive":
        return None
    grant = token.granted(ShopperGrant)
    return Shop(case.sandbox, store).customer(grant.customer_id) if grant.store_hash == store.id else None


def expiry(minted: Minted) -> str:
    """When a new token expires, as the vendor writes it."""
    return f"{minted.token.expires_at:%Y-%m-%dT%H:%M:%S}Z"


def _revoke(case: Case, values: tuple[str, ...]) -> None:
    for value in values:
        case.sandbox.tokens.revoke_one(value, case.now)
