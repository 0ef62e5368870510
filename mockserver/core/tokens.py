"""Issued tokens: find, expire, age, revoke."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from mockserver.core.directory import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime, timedelta

    from mockserver.core.directory import Claims

CAPACITY = 250_000
"""A sandbox remembers so many tokens; beyond that the oldest are forgotten and answer as unknown."""

Grant = TypeVar("Grant")


@dataclass(frozen=True, slots=True)
class Token:
    """What is remembered of an issued token. Its text is not: it is known by its digest.

    *subject* is the account it was issued to, *through* any others whose credentials that took: rules know it by all of
    them. *grant* is the vendor's own record of what it allows, *kid* the key that signed it, if one did.
    """

    id: str
    vendor: str
    kind: str
    subject: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    grant: object = None
    kid: str = ""
    through: tuple[str, ...] = ()

    def state(self, now: datetime) -> str:
        """`alive`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "alive" if now < self.expires_at else "expired"

    def granted(self, kind: type[Grant]) -> Grant:
        """The vendor's record of what this token allows."""
        if not isinstance(self.grant, kind):
            raise TypeError(f"a {self.kind} token carries no {kind.__name__}")
        return self.grant


@dataclass(frozen=True, slots=True)
class TokenFilter:
    """Which tokens are meant: those that agree in everything that is given. *alive_at* is an instant."""

    vendor: str | None = None
    kind: str | None = None
    id: str | None = None
    subject: str | None = None
    alive_at: datetime | None = None

    def matches(self, token: Token) -> bool:
        """Whether this one is meant."""
        return (
            self.vendor in (None, token.vendor)
            and self.kind in (None, token.kind)
            and self.id in (None, token.id)
            and self.subject in (None, token.subject)
            and (self.alive_at is None or token.state(self.alive_at) == "alive")
        )


EVERY = TokenFilter()


class Tokens:
    """The tokens of one sandbox, recognised by their exact text."""

    __slots__ = ("_capacity", "_claims", "_known", "_lock")

    def __init__(self, capacity: int = CAPACITY, claims: Claims | None = None) -> None:
        self._known: OrderedDict[bytes, Token] = OrderedDict()
        self._capacity = capacity
        self._lock = Lock()
        self._claims = claims

    def __iter__(self) -> Iterator[Token]:
        with self._lock:
            return iter(list(self._known.values()))

    def __len__(self) -> int:
        return len(self._known)

    def remember(self, value: str, token: Token) -> bytes:
        """Know *value* from now on as *token*; what it is known by."""
        key = digest(value)
        with self._lock:
            self._known[key] = token
            if self._claims:
                self._claims.enter(key)
            if len(self._known) > self._capacity:
                self._forget_oldest()
        return key

    def take_back(self, keys: Iterable[bytes]) -> None:
        """Never have issued these, by what they are known by: nobody has received them."""
        with self._lock:
            for key in keys:
                if self._known.pop(key, None) and self._claims:
                    self._claims.give_up(key)

    def find(self, value: str) -> Token | None:
        """The token with this text, alive or dead."""
        return self._known.get(digest(value))

    def revoke_one(self, value: str, now: datetime) -> None:
        """Revoke the token with this text, if it is known and alive."""
        key = digest(value)
        with self._lock:
            token = self._known.get(key)
            if token and token.revoked_at is None:
                self._known[key] = replace(token, revoked_at=now)

    def by_id(self, token_id: str) -> Token | None:
        """The token with this id, alive or dead."""
        return next((token for token in self if token.id == token_id), None)

    def forget(self, at_most: int) -> int:
        """Forget some of them, the oldest first; how many are left."""
        with self._lock:
            for _ in range(min(at_most, len(self._known))):
                self._forget_oldest()
            return len(self._known)

    def _forget_oldest(self) -> None:
        key, _ = self._known.popitem(last=False)
        if self._claims:
            self._claims.give_up(key)

    def expire(self, now: datetime, which: TokenFilter = EVERY) -> int:
        """Let them have expired *now*; how many were alive."""
        return self._change(
            lambda token: replace(token, expires_at=now),
            lambda token: which.matches(token) and token.expires_at > now,
        )

    def revoke(self, now: datetime, which: TokenFilter = EVERY) -> int:
        """Revoke them; how many were not revoked before."""
        return self._change(
            lambda token: replace(token, revoked_at=now),
            lambda token: which.matches(token) and token.revoked_at is None,
        )

    def age(self, step: timedelta, which: TokenFilter = EVERY) -> int:
        """Make them older by *step*, so that they die sooner; how many."""
        return self._change(
            lambda token: replace(token, issued_at=token.issued_at - step, expires_at=token.expires_at - step),
            which.matches,
        )

    def _change(self, change: Callable[[Token], Token], wanted: Callable[[Token], bool]) -> int:
        with self._lock:
            changed = {key: change(token) for key, token in self._known.items() if wanted(token)}
            self._known.update(changed)
        return len(changed)


class ReplayGuard:
    """Remembers single-use assertions until they would have expired anyway.

    So it is bounded by the longest lifetime that an account allows, and by nothing on a clock that stands still.
    """

    __slots__ = ("_lock", "_seen", "_sweep_at")

    def __init__(self) -> None:
        self._seen: dict[bytes, datetime] = {}
        self._lock = Lock()
        self._sweep_at = 1024

    def accept(self, key: str, *, until: datetime, now: datetime) -> bool:
        """Enter *key*; false when it is there already. Of many callers with one key, exactly one is accepted."""
        entry = digest(key)
        with self._lock:
            if self._seen.get(entry, now) > now:
                return False
            self._seen[entry] = until
            if len(self._seen) >= self._sweep_at:
                self._sweep(now)
            return True

    def has(self, key: str, *, now: datetime) -> bool:
        """Whether *key* is there, without entering it."""
        return self._seen.get(digest(key), now) > now

    def _sweep(self, now: datetime) -> None:
        self._seen = {key: until for key, until in self._seen.items() if until > now}
        self._sweep_at = max(1024, 2 * len(self._seen))
