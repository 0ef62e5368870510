"""JWT-bearer assertions, checked claim by claim against the sandbox clock (RFC 7523 section 3).

The order is Ingrid's: form, algorithm, subject, key, signature, then the claims. Types come before values, and
no JOSE library decides about time. Every check is noted on the case, passed or failed.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from mockserver.core import jws
from mockserver.core.clock import instant, seconds
from mockserver.core.journal import Bound
from mockserver.core.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from mockserver.core.case import Case
    from mockserver.core.keys import VerifyingKey

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
"""RFC 7523 section 2.1."""
MILLISECONDS = 1e11
"""A NumericDate from here on is no time in seconds: it lies 3,000 years ahead."""
SECONDS_AT_MOST = Bound("less than", int(MILLISECONDS))


TIMES: tuple[str, ...] = ("exp", "iat", "nbf")


class AccountKey(Protocol):
    """A key of an account, as its assertions may name it."""

    @property
    def kid(self) -> str | None:
        """The id that its owner gave it, if any."""
        ...

    @property
    def verifying(self) -> VerifyingKey:
        """The public key."""
        ...


class Subject(Protocol):
    """An account that signs assertions."""

    @property
    def id(self) -> str:
        """What it calls itself in `sub`."""
        ...

    @property
    def active_keys(self) -> Sequence[AccountKey]:
        """Its keys that count; retired ones do not."""
        ...

    @property
    def assertion_max_lifetime(self) -> timedelta:
        """How far ahead `exp` may lie."""
        ...


@dataclass(frozen=True, slots=True)
class AssertionPolicy:
    """What an assertion is held against.

    *audiences* are the accepted values of `aud`, compared as exact strings. *replay* is `jti` (single use
    where it carries one), `always` (by its text), or `off`.
    """

    algorithm: str
    audiences: tuple[str, ...]
    skew: timedelta
    replay: str = "jti"


AccountT = TypeVar("AccountT", bound=Subject)


def verify(case: Case, text: str, policy: AssertionPolicy, account_of: Callable[[str], AccountT]) -> AccountT:
    """The account that signed this assertion, or a refusal. *account_of* refuses subjects it does not know."""
    parsed, claims = _form(case, text)
    case.require(
        parsed.algorithm == policy.algorithm,
        "assertion.unsupported_algorithm",
        seen=parsed.algorithm,
        wanted=policy.algorithm,
    )
    account = account_of(_subject(case, claims))
    _check_signature(case, parsed, account)
    times = _check_claims(case, claims, account.id)
    _check_audience(case, claims["aud"], policy.audiences)
    _check_times(case, times, account.assertion_max_lifetime, policy.skew)
    _check_replay(case, claims, text, account.id, policy)
    return account


def usual_claims(subject: str, audience: str, issued_at: datetime, lifetime: timedelta) -> dict[str, Any]:
    """The claims of an assertion as Ingrid's guide builds it: `sub`, `iat`, `exp`, `aud`, and nothing else."""
    return {"sub": subject, "iat": seconds(issued_at), "exp": seconds(issued_at + lifetime), "aud": audience}


def unverified_subject(text: object) -> tuple[str, ...]:
    """The account an assertion speaks of, to find its sandbox and the rules about it. Proves nothing."""
    if not isinstance(text, str):
        return ()
    try:
        subject = jws.parse(text).claims().get("sub")
    except jws.MalformedJwsError:
        return ()
    return (subject,) if isinstance(subject, str) else ()


def _form(case: Case, text: str) -> tuple[jws.CompactJws, dict[str, Any]]:
    try:
        parsed = jws.parse(text)
        claims = parsed.claims()
    except jws.MalformedJwsError as error:
        case.note("assertion.malformed", passed=False, seen=str(error))
        raise Refusal("assertion.malformed", hint=str(error)) from None
    case.note("assertion.malformed", passed=True)
    return parsed, claims


def _subject(case: Case, claims: dict[str, Any]) -> str:
    case.require("sub" in claims, "assertion.missing_claim", claim="sub", seen=None, wanted="sub")
    subject = claims["sub"]
    sound = isinstance(subject, str) and bool(subject)
    case.require(sound, "assertion.invalid_claim", claim="sub", seen=subject, wanted="a non-empty string")
    return str(subject)


def _check_signature(case: Case, parsed: jws.CompactJws, account: Subject) -> None:
    keys = account.active_keys
    if "kid" in parsed.header:
        kid = parsed.header["kid"]
        keys = [key for key in keys if key.kid is not None and key.kid == kid]
        known = [key.kid for key in account.active_keys if key.kid is not None]
        case.require(bool(keys), "assertion.unknown_key", seen=kid, wanted=known)
    verified = any(key.verifying.verifies(parsed.signature, parsed.signing_input) for key in keys)
    case.require(verified, "assertion.bad_signature", seen=f"{len(keys)} active keys tried", wanted="one verifies")


def _check_claims(case: Case, claims: dict[str, Any], subject: str) -> dict[str, float]:
    """Hold every claim against its type; the times among them come back as numbers that can be reckoned with."""
    for name in ("aud", "exp"):
        case.require(name in claims, "assertion.missing_claim", claim=name, seen=list(claims), wanted=name)
    times = {name: _numeric_date(case, name, claims[name]) for name in TIMES if name in claims}
    if "iss" in claims:
        same = claims["iss"] == subject
        case.require(same, "assertion.invalid_claim", claim="iss", seen=claims["iss"], wanted=subject)
    textual = all(isinstance(value, str) for value in _listed(claims["aud"]))
    case.require(
        textual, "assertion.invalid_claim", claim="aud", seen=claims["aud"], wanted="a string or an array of strings"
    )
    return times


def _numeric_date(case: Case, name: str, value: Any) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    case.require(number, "assertion.invalid_claim", claim=name, seen=value, wanted="a number of seconds")
    case.require(
        value < MILLISECONDS,
        "assertion.invalid_claim",
        claim=name,
        hint=f"{name} looks like milliseconds; RFC 7519 counts seconds",
        seen=value,
        wanted=SECONDS_AT_MOST,
    )
    try:
        return float(value)
    except OverflowError:  # an integer of hundreds of digits, before the beginning of time
        return -math.inf


def _check_audience(case: Case, audience: object, accepted: tuple[str, ...]) -> None:
    matches = any(value in accepted for value in _listed(audience))
    hint = "" if matches else _difference(audience, accepted)
    case.require(matches, "assertion.wrong_audience", hint=hint, seen=audience, wanted=list(accepted))


def _difference(audience: object, accepted: tuple[str, ...]) -> str:
    """What keeps an audience from being the first one accepted, for those who have nearly got it right."""
    if not (isinstance(audience, str) and accepted):
        return ""
    if audience.rstrip("/") == accepted[0].rstrip("/"):
        return "only the slash at the end differs"
    parts = zip(("scheme", "host and port", "path"), _parts(audience), _parts(accepted[0]), strict=True)
    differing = [f"{name} is '{seen}', not '{wanted}'" for name, seen, wanted in parts if seen != wanted]
    return "; ".join(differing)


def _parts(url: str) -> tuple[str, str, str]:
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return scheme, host, slash + path


def _check_times(case: Case, times: dict[str, float], longest: timedelta, skew: timedelta) -> None:
    now, leeway, expires = case.now.timestamp(), skew.total_seconds(), times["exp"]
    case.require(
        now < expires + leeway,
        "assertion.expired",
        claim="exp",
        hint=lambda: f"exp was {now - expires:.0f} s ago{case.moved_clock_hint()}",
        seen=expires,
        wanted=Bound("later than", int(now - leeway)),
    )
    for name in ("nbf", "iat"):
        if name in times:
            _check_start(case, name, times[name], now, leeway)
    lifetime, most = expires - times.get("iat", now), longest.total_seconds()
    case.require(
        lifetime <= most, "assertion.lifetime_too_long", seen=lifetime, wanted=Bound("at most, in seconds,", most)
    )


def _check_start(case: Case, name: str, start: float, now: float, leeway: float) -> None:
    case.require(
        start <= now + leeway,
        "assertion.not_yet_valid",
        claim=name,
        hint=lambda: f"{name} is {start - now:.0f} s ahead{case.moved_clock_hint()}",
        seen=start,
        wanted=Bound("not later than", int(now + leeway)),
    )


def _check_replay(case: Case, claims: dict[str, Any], text: str, subject: str, policy: AssertionPolicy) -> None:
    single_use = policy.replay == "always" or (policy.replay == "jti" and "jti" in claims)
    if not single_use:
        return
    key = hashlib.sha256(text.encode()).hexdigest() if policy.replay == "always" else f"{subject} {claims['jti']!r}"
    until = instant(claims["exp"]) + policy.skew
    entry, seen = f"{case.vendor.name} {key}", case.sandbox.replays
    fresh = not seen.has(entry, now=case.now) if case.rehearsal else seen.accept(entry, until=until, now=case.now)
    case.require(fresh, "assertion.replayed", seen=claims.get("jti"), wanted="an assertion not seen before")


def _listed(audience: object) -> list[Any]:
    return audience if isinstance(audience, list) else [audience]
