"""The keys with which a vendor signs in one sandbox: the one in use, and those that verify a while longer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from mockserver.core.keys import SigningKey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from mockserver.core.entropy import Entropy
    from mockserver.core.keys import VerifyingKey

RETIRED = 10
"""So many keys that are over are remembered, to say of a token that its key is."""


class Signer(Protocol):
    """A key that signs tokens of ours."""

    @property
    def kid(self) -> str:
        """Its id."""
        ...

    @property
    def verifying(self) -> VerifyingKey:
        """What it takes to verify its signatures."""
        ...

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A compact JWT over *claims*."""
        ...


Draw = Callable[["Entropy"], Signer]
"""How a new key is made."""


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key on a ring: when it came, and from when on it verifies no more, if that is settled."""

    key: Signer
    since: datetime
    until: datetime | None = None

    def verifies_at(self, now: datetime) -> bool:
        """Whether its signatures count."""
        return self.until is None or now < self.until


class KeyRing:
    """Every key of one kind that a vendor has had in a sandbox, the latest first."""

    __slots__ = ("_draw", "_drawn", "_entropy", "_held", "_lock")

    def __init__(self, entropy: Entropy, now: datetime, draw: Draw = SigningKey.draw) -> None:
        self._entropy = entropy
        self._draw = draw
        self._drawn = 1
        self._lock = Lock()
        self._held: tuple[HeldKey, ...] = (HeldKey(draw(entropy), now),)

    @property
    def active(self) -> Signer:
        """The key that signs now."""
        return self._held[0].key

    @property
    def held(self) -> tuple[HeldKey, ...]:
        """All that are remembered, the one in use first."""
        return self._held

    def rotate(self, now: datetime, overlap: timedelta) -> Signer:
        """Sign with a new key from *now* on; the one before, which is returned, verifies for *overlap* longer."""
        with self._lock:
            self._drawn += 1
            fresh = HeldKey(self._draw(self._entropy.child(str(self._drawn))), now)
            before, *older = self._held
            retired = [replace(before, until=now + overlap), *older]
            over = [held for held in retired if not held.verifies_at(now)][RETIRED:]
            self._held = (fresh, *[held for held in retired if held not in over])
        return before.key

    def verifying(self, now: datetime) -> tuple[Signer, ...]:
        """The keys whose signatures count *now*."""
        held = self._held
        return (held[0].key, *(each.key for each in held[1:] if each.verifies_at(now)))
