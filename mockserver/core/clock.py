"""The only module that reads the machine's time."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from threading import RLock

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def machine_now() -> datetime:
    """The machine's time, with its zone."""
    return datetime.now(UTC)


def wait(duration: timedelta) -> None:
    """Block this thread for so long."""
    time.sleep(duration.total_seconds())


@dataclass(frozen=True, slots=True)
class _Setting:
    """How a clock departs from the machine's: by an offset, or by standing still."""

    offset: timedelta = timedelta()
    frozen_at: datetime | None = None


class Clock:
    """The one clock of a sandbox: it issues, verifies, stamps the journal and dates every answer."""

    __slots__ = ("_lock", "_setting")

    def __init__(self) -> None:
        self._setting = _Setting()
        self._lock = RLock()

    def now(self) -> datetime:
        """The instant it is in this sandbox, in UTC."""
        setting = self._setting
        return setting.frozen_at or machine_now() + setting.offset

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._setting.frozen_at is not None

    @property
    def ahead(self) -> timedelta:
        """How far it is ahead of the machine's time; negative when it is behind."""
        setting = self._setting
        return setting.frozen_at - machine_now() if setting.frozen_at else setting.offset

    def set(self, now: datetime, *, frozen: bool = False) -> None:
        """Make it *now*; the clock goes on from there unless *frozen*."""
        instant = now.astimezone(UTC)
        with self._lock:
            self._setting = _Setting(frozen_at=instant) if frozen else _Setting(offset=instant - machine_now())

    def freeze(self) -> None:
        """Stand still at the present instant."""
        with self._lock:
            self.set(self.now(), frozen=True)

    def advance(self, step: timedelta) -> None:
        """Move by *step*, backwards if it is negative, frozen or not.

        Raises `OverflowError`, and stays where it is, if that is off the calendar.
        """
        with self._lock:
            setting, then = self._setting, self.now() + step
            if setting.frozen_at:
                self._setting = replace(setting, frozen_at=then)
            else:
                self._setting = replace(setting, offset=setting.offset + step)

    def reset(self) -> None:
        """Follow the machine's time again."""
        with self._lock:
            self._setting = _Setting()


def seconds(instant: datetime) -> int:
    """Whole seconds since 1970, as a NumericDate counts them (RFC 7519 section 2)."""
    return (instant - EPOCH) // timedelta(seconds=1)


def instant(numeric_date: float) -> datetime:
    """The instant of a NumericDate."""
    return EPOCH + timedelta(seconds=numeric_date)


def whole_second(moment: datetime) -> datetime:
    """The second in which *moment* lies."""
    return moment.replace(microsecond=0)


def compact(moment: datetime) -> str:
    """`20260102030405`."""
    return _compact(whole_second(moment))


@lru_cache(maxsize=16)
def _compact(moment: datetime) -> str:
    return f"{moment.year:04}{moment:%m%d%H%M%S}"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def http_date(moment: datetime) -> str:
    """The form of the Date header (RFC 9110 section 5.6.7), whatever the locale."""
    return _http_date(whole_second(moment))


@lru_cache(maxsize=16)
def _http_date(moment: datetime) -> str:
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02} {month} {moment.year:04} {moment:%H:%M:%S} GMT"
