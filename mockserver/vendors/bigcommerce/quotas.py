"""How often an API account may call in half a minute, and the headers that say how often it still may."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mockserver.vendors.bigcommerce.options import BigCommerceOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.case import Case
    from mockserver.vendors.bigcommerce.records import ApiAccount

WINDOW = timedelta(seconds=30)
USUAL_QUOTA = 150
"""What is told where nothing is ever refused."""
MILLISECOND = timedelta(milliseconds=1)
RESET = "X-Rate-Limit-Time-Reset-Ms"


@dataclass(frozen=True, slots=True)
class Window:
    """Half a minute, from the first call in it, and how many there were."""

    since: datetime
    used: int = 0

    def holds(self, now: datetime) -> bool:
        """Whether *now* lies in it; after the clock was set back, it does not."""
        return self.since <= now < self.since + WINDOW


@dataclass(frozen=True, slots=True)
class Windows:
    """The latest window of each store and API account."""

    by_account: Mapping[tuple[str, str], Window] = field(default_factory=dict)


def count(case: Case, account: ApiAccount) -> None:
    """Count a call of this account: its answer tells what is left, and one too many is refused."""
    quota = case.sandbox.get(BigCommerceOptions).rest_quota
    whose = (account.store_hash, account.id)

    def counted(windows: Windows) -> Windows:
        before = windows.by_account.get(whose)
        window = before if before and before.holds(case.now) else Window(case.now)
        return Windows({**windows.by_account, whose: Window(window.since, window.used + 1)})

    window = case.sandbox.change(Windows, counted).by_account[whose]
    case.stamp += _told(window, quota or USUAL_QUOTA, case.now)
    case.require(quota == 0 or window.used <= quota, "rate.limited", seen=window.used, wanted=quota)


def _told(window: Window, quota: int, now: datetime) -> tuple[tuple[str, str], ...]:
    return (
        ("X-Rate-Limit-Time-Window-Ms", str(WINDOW // MILLISECOND)),
        (RESET, str((window.since + WINDOW - now) // MILLISECOND)),
        ("X-Rate-Limit-Requests-Quota", str(quota)),
        ("X-Rate-Limit-Requests-Left", str(max(0, quota - window.used))),
    )
