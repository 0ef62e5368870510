"""The clock of a sandbox, from afar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mockserver.client import moments

if TYPE_CHECKING:
    from mockserver.client.wire import Wire


@dataclass(frozen=True, slots=True)
class Time:
    """What time it is in a sandbox; *ahead* of the machine's time by so much, negative when it is behind."""

    now: datetime
    frozen: bool
    ahead: timedelta


class Clock:
    """Reads and moves a sandbox's clock. When a call has returned, it has happened."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    @property
    def now(self) -> datetime:
        """The instant it is there."""
        return self.read().now

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self.read().frozen

    @property
    def ahead(self) -> timedelta:
        """How far it is ahead of the machine's time."""
        return self.read().ahead

    def read(self) -> Time:
        """All three at once."""
        return _time(self._wire.get("clock"))

    def set(self, now: datetime | str, *, frozen: bool = False) -> Time:
        """Make it *now*, a datetime with its zone or RFC 3339 text; it goes on from there unless *frozen*."""
        return self._put(now=moments.written(now), frozen=frozen)

    def advance(self, step: timedelta | None = None, **parts: float) -> Time:
        """Move it, backwards if negative: `advance(minutes=6)`."""
        return _time(self._wire.post("clock", "advance", body={"seconds": moments.duration(step, parts)}))

    def freeze(self) -> Time:
        """Stand still at the present instant."""
        return self._put(frozen=True)

    def unfreeze(self) -> Time:
        """Go on from where it stands."""
        return self._put(frozen=False)

    def reset(self) -> Time:
        """Follow the machine's time again."""
        return _time(self._wire.delete("clock"))

    def _put(self, **members: Any) -> Time:
        return _time(self._wire.put("clock", body=members))


def _time(found: dict[str, Any]) -> Time:
    return Time(moments.instant(found["now"]), found["frozen"], timedelta(seconds=found["ahead_seconds"]))
