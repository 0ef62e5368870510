"""How often somebody may call, within a window that slides on the sandbox's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core import rates
from mockserver.core.rates import Rates
from tests.core.worlds import STEADY

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def calls(seconds, limit=2, per=10):
    """Which calls at these seconds are accepted."""
    counted = Rates()
    return [counted.accept("x", limit=limit, per=per * SECOND, now=NOW + at * SECOND) for at in seconds]


@pytest.mark.parametrize(
    ("seconds", "accepted"),
    [
        ([0, 0, 0], [True, True, False]),
        ([0, 1, 9.999], [True, True, False]),
        ([0, 1, 10], [True, True, True]),
        ([0, 1, 10, 10], [True, True, True, False]),
        ([0, 1, 5, 10, 11], [True, True, False, True, True]),
        ([0, 0, -1], [True, True, True]),
        ([50, 100, 60, 60, 61], [True, True, True, True, False]),
        ([0, 0, -3600, -3600, -3600], [True, True, True, True, False]),
    ],
    ids=str,
)
def test_so_many_within_the_window_and_no_more(seconds, accepted):
    assert calls(seconds) == accepted


def test_callers_are_counted_apart():
    counted = Rates()

    accepted = [counted.accept(name, limit=1, per=SECOND, now=NOW) for name in ("a", "b", "a")]

    assert accepted == [True, True, False]


def test_of_many_at_once_so_many_get_through():
    counted, barrier, accepted = Rates(), Barrier(20), []

    def call():
        barrier.wait()
        accepted.append(counted.accept("x", limit=7, per=SECOND, now=NOW))

    threads = [Thread(target=call) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert accepted.count(True) == 7


def test_who_has_not_called_lately_is_forgotten():
    counted = Rates()
    for number in range(rates.SWEEP_AT):
        counted.accept(str(number), limit=1, per=SECOND, now=NOW)

    counted.accept("late", limit=1, per=SECOND, now=NOW + SECOND)

    assert list(counted._seen) == ["late"]


def test_who_may_never_call_is_refused_and_breaks_nobody_else():
    counted = Rates()
    refused = counted.accept("nobody", limit=0, per=SECOND, now=NOW)

    accepted = [counted.accept(str(number), limit=1, per=SECOND, now=NOW) for number in range(rates.SWEEP_AT + 1)]

    assert refused is False
    assert all(accepted)


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(1, 4), st.integers(1, 20))
@STEADY
def test_while_time_goes_on_no_window_holds_more_than_the_limit(steps, limit, per):
    times = [sum(steps[:end]) for end in range(1, len(steps) + 1)]

    accepted = [at for at, good in zip(times, calls(times, limit, per), strict=True) if good]

    for at in times:
        inside = [each for each in accepted if at - per < each <= at]
        assert len(inside) <= limit
        assert at in accepted or len(inside) == limit
