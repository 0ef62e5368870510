"""Access tokens: what each connector's look like, how long they live, and whether one counts in a payment call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mockserver.core import minting
from mockserver.core.clock import seconds
from mockserver.core.journal import Bound
from mockserver.vendors.hyperswitch.options import HyperswitchOptions
from mockserver.vendors.hyperswitch.provider import mark
from mockserver.vendors.hyperswitch.revisions import DOCS, Revision

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.core.entropy import Entropy
    from mockserver.core.minting import Minted
    from mockserver.core.tokens import Token
    from mockserver.vendors.hyperswitch.credentials import Caller

KIND = "access"
HOUR = timedelta(hours=1)
KEY_ID_BYTES, TEXT_BYTES = 8, 24


@dataclass(frozen=True, slots=True)
class Look:
    """What a connector's tokens look like: their type if one is told, their lifetime, how they begin."""

    token_type: str | None
    lifetime: timedelta
    prefix: str


def _look(token_type: str | None, lifetime: int, prefix: str) -> Look:
    return Look(token_type, timedelta(seconds=lifetime), prefix)


LOOKS = {
    "airwallex": _look("Bearer", 1800, "eyJhbGciOiJIUzI1NiJ9."),
    "fiservcommercehub": _look(None, 604800, ""),
    "getnet": _look("Bearer", 3600, "gn_"),
    "globalpay": _look("Bearer", 86399, "gp_"),
    "iatapay": _look("Bearer", 3600, "ia_"),
    "itaubank": _look("Bearer", 300, "itau_"),
    "jpmorgan": _look("Bearer", 3599, "jpm_"),
    "paypal": _look(None, 32400, "A21AA"),
    "pinelabs_online": _look(None, 3540, "pl_"),
    "truelayer": _look("Bearer", 3600, "tl_"),
    "trustpay": _look("client_credentials", 1799, "tp_"),
    "volt": _look("Bearer", 86400, "volt_"),
}
SHAPES = (
    re.compile(r"(?:eyJhbGciOiJIUzI1NiJ9\.|gn_|gp_|ia_|itau_|jpm_|A21AA|pl_|tl_|tp_|volt_)[0-9a-f]{32}"),
    re.compile(r"[0-9a-f]{16}\|\|\|[A-Za-z0-9+/_=-]{32}"),
    re.compile(r"\b(?:[a-z0-9_]+_)?(?:test|live)_[0-9a-f]{16}"),
    re.compile(r"\bsess_[0-9a-f]{16}"),
    re.compile(r"\bpi_[0-9a-f]{24}_secret_[0-9a-f]{24}"),
)
"""For the journal, which shows none of them whole."""


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """What is remembered of a token: whose provider's it is, who issued it, and for testing or not."""

    connector: str
    behaviour: str
    test_mode: bool


def issue(case: Case, caller: Caller, revision: Revision, *, test_mode: bool) -> dict[str, Any]:
    """A new token, as answers tell of it."""
    look = _page_look(caller.connector, test_mode=test_mode) if revision is DOCS else LOOKS[caller.connector]
    minted = _mint(case, caller, look, TokenGrant(caller.connector, revision.name, test_mode))
    told: dict[str, Any] = {"access_token": minted.value}
    if look.token_type and not mark(caller, "notype"):
        told["token_type"] = look.token_type
    expires = _told(case, minted, _lifetime(case, look), revision)
    if expires is not None and not mark(caller, "noexpiry"):
        told["expires_in_seconds"] = expires
    return told


def _mint(case: Case, caller: Caller, look: Look, grant: TokenGrant) -> Minted:
    # Born expired is what counts; what is told of it is what is told of any.
    lifetime = timedelta() if mark(caller, "expired") else _lifetime(case, look)
    draft = minting.Draft(kind=KIND, subject=caller.connector, lifetime=lifetime, claims=lambda *_: {}, grant=grant)
    return minting.mint(case, draft, _form(look))


def _form(look: Look) -> minting.Form:
    if not look.prefix:
        return minting.Opaque("", SHAPES[1], write=_key_and_text)
    size = 8 if look.prefix.endswith(("_test_", "_live_")) or look.prefix in ("test_", "live_") else 16
    return minting.Opaque(look.prefix, SHAPES[0], size, lambda entropy, count: entropy.hexadecimal(count))


def _key_and_text(entropy: Entropy, size: int) -> str:
    """A key's id, three bars, and what stands for the key itself."""
    del size
    return f"{entropy.hexadecimal(KEY_ID_BYTES)}|||{entropy.base64url(TEXT_BYTES)}"


def _page_look(connector: str, *, test_mode: bool) -> Look:
    mode = "test" if test_mode else "live"
    names = {"stripe": f"pk_{mode}_", "adyen": f"{mode}_"}
    return Look("Bearer", HOUR, names.get(connector, f"{connector}_{mode}_"))


def _lifetime(case: Case, look: Look) -> timedelta:
    chosen = case.sandbox.get(HyperswitchOptions).token_ttl
    return look.lifetime if chosen is None else chosen


def _told(case: Case, minted: Minted, lifetime: timedelta, revision: Revision) -> int | None:
    """What `expires_in_seconds` says: seconds from now, or since 1970; nothing where an option wants none."""
    form = case.sandbox.get(HyperswitchOptions).expires_in
    if form == "absent":
        return None
    # A rule's lifetime is told, as any: clients that look at it are what such a rule is for.
    told = minted.lifetime if case.mint and case.mint.lifetime is not None else lifetime
    if form == "epoch" or (form == "auto" and revision is DOCS):
        return seconds(minted.token.issued_at + told)
    return told // timedelta(seconds=1)


def judged(case: Case, text: str, connector: str | None) -> Token:
    """The token with this text, if it counts for this connector; or a refusal, whatever its caller says of it."""
    token = case.token(text)
    known = token if token and token.vendor == case.vendor.name and token.kind == KIND else None
    if known is None:
        return case.found(None, "token.unknown", hint="never issued in this sandbox, or to nobody")
    now = case.now
    case.require(now < known.expires_at, "token.expired", seen=known.expires_at, wanted=Bound("later than", now))
    case.require(known.revoked_at is None, "token.revoked", seen=known.revoked_at)
    grant = known.granted(TokenGrant)
    fits = connector in (None, grant.connector)
    case.require(fits, "binding.wrong_connector", seen=grant.connector, wanted=connector)
    return known
