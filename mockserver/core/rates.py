"""How often somebody may call: counted over a sliding window, on the sandbox's own clock."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

SWEEP_AT = 10_000
"""So many callers are counted before those who have not called lately are forgotten."""


class Rates:
    """The latest calls of everyone who is counted, in one sandbox."""

    __slots__ = ("_lock", "_seen", "_sweep_at")

    def __init__(self) -> None:
        self._seen: dict[str, list[datetime]] = {}
        self._sweep_at = SWEEP_AT
        self._lock = Lock()

    def accept(self, caller: str, *, limit: int, per: timedelta, now: datetime) -> bool:
        """Count a call of *caller*; false, and not counted, where it would be more than *limit* within *per*.

        After the clock was set back, what lies ahead of it does not count.
        """
        with self._lock:
            calls = [then for then in self._seen.get(caller, ()) if timely(then, now, per)]
            if len(calls) >= limit:
                return False
            self._seen[caller] = [*calls, now]
            if len(self._seen) > self._sweep_at:
                self._seen = {name: seen for name, seen in self._seen.items() if timely(seen[-1], now, per)}
                self._sweep_at = max(SWEEP_AT, 2 * len(self._seen))
            return True


def timely(then: datetime, now: datetime, per: timedelta) -> bool:
    """Whether *then* lies within the window that ends *now*."""
    return now - per < then <= now
