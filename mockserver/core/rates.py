"""How often somebody may call: counted over a sliding window, on the sandbox's own clock."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

SWEEP_AT = 10_000
"""So many callers are counted before those who have not called lately are forgotten."""


class Rates:
    """The latest calls of everyone who is counted, in one sandbox."""

    __slots__ = ("_lock", "_seen")

    def __init__(self) -> None:
        self._seen: dict[str, deque[datetime]] = {}
        self._lock = Lock()

    def accept(self, caller: str, *, limit: int, per: timedelta, now: datetime) -> bool:
        """Count a call of *caller*; false, and not counted, where it would be more than *limit* within *per*.

        A clock that was set back starts the count anew.
        """
        with self._lock:
            calls = self._seen.setdefault(caller, deque())
            while calls and not timely(calls[0], now, per):
                calls.popleft()
            if len(calls) >= limit:
                return False
            calls.append(now)
            if len(self._seen) > SWEEP_AT:
                self._seen = {name: seen for name, seen in self._seen.items() if timely(seen[-1], now, per)}
            return True


def timely(then: datetime, now: datetime, per: timedelta) -> bool:
    """Whether *then* lies within the window that ends *now*."""
    return now - per < then <= now
