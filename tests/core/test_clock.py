"""The clock of a sandbox: set, frozen, moved both ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.clock import EPOCH, Clock, http_date, instant, machine_now, seconds, whole_second
from tests.core.worlds import STEADY

MOMENT = datetime(2030, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
HOUR = timedelta(hours=1)
YEAR = timedelta(days=365)
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
STEPS = st.timedeltas(timedelta(days=-9000), timedelta(days=9000))


@pytest.fixture
def clock():
    return Clock()


def test_a_new_clock_follows_the_machine(clock):
    before = machine_now()

    now = clock.now()

    assert before <= now <= machine_now()
    assert not clock.frozen
    assert clock.ahead == timedelta()


def test_a_clock_that_is_set_goes_on_from_there(clock):
    clock.set(MOMENT)

    first = clock.now()
    second = clock.now()

    assert MOMENT <= first <= second
    assert not clock.frozen


def test_a_clock_that_is_set_and_frozen_stands_still(clock):
    clock.set(MOMENT, frozen=True)

    assert clock.frozen
    assert [clock.now() for _ in range(3)] == [MOMENT] * 3


def test_a_frozen_clock_goes_on_when_it_is_set_without_freezing(clock):
    clock.set(MOMENT, frozen=True)

    clock.set(MOMENT + HOUR)

    assert not clock.frozen
    assert clock.now() >= MOMENT + HOUR


def test_a_clock_told_the_time_of_another_zone_says_it_in_utc(clock):
    clock.set(datetime(2030, 1, 2, 5, 4, 5, tzinfo=timezone(2 * HOUR)), frozen=True)

    assert (clock.now(), clock.now().utcoffset()) == (datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC), timedelta())


def test_freezing_keeps_the_present_instant(clock):
    clock.set(MOMENT)

    clock.freeze()

    assert clock.frozen
    assert clock.now() == clock.now() >= MOMENT


@pytest.mark.parametrize("step", [HOUR, -HOUR], ids=["forwards", "backwards"])
def test_a_frozen_clock_moves_by_exactly_the_step(clock, step):
    clock.set(MOMENT, frozen=True)

    clock.advance(step)

    assert clock.now() == MOMENT + step
    assert clock.frozen


@pytest.mark.parametrize("step", [HOUR, -HOUR], ids=["forwards", "backwards"])
def test_a_running_clock_moves_by_exactly_the_step(clock, step):
    clock.advance(step)

    assert clock.ahead == step
    assert not clock.frozen


def test_a_frozen_clock_is_ahead_by_what_the_machine_lacks(clock):
    clock.set(MOMENT, frozen=True)
    before = machine_now()

    ahead = clock.ahead

    assert MOMENT - machine_now() <= ahead <= MOMENT - before


@pytest.mark.parametrize("frozen", [True, False], ids=["frozen", "running"])
@pytest.mark.parametrize("step", [10_000 * YEAR, -10_000 * YEAR], ids=["forwards", "backwards"])
def test_a_step_off_the_calendar_is_refused_and_changes_nothing(clock, frozen, step):
    clock.set(MOMENT, frozen=frozen)

    with pytest.raises(OverflowError):
        clock.advance(step)

    assert timedelta() <= clock.now() - MOMENT < HOUR


def test_a_clock_that_is_reset_follows_the_machine_again(clock):
    clock.set(MOMENT, frozen=True)

    clock.reset()

    assert not clock.frozen
    assert clock.ahead == timedelta()


@STEADY
@given(moment=MOMENTS, steps=st.lists(STEPS, max_size=8))
def test_steps_of_a_frozen_clock_add_up(moment, steps):
    clock = Clock()
    clock.set(moment, frozen=True)

    for step in steps:
        clock.advance(step)

    assert clock.now() == moment + sum(steps, timedelta())


@STEADY
@given(steps=st.lists(STEPS, max_size=8))
def test_steps_of_a_running_clock_add_up(steps):
    clock = Clock()

    for step in steps:
        clock.advance(step)

    assert clock.ahead == sum(steps, timedelta())


@STEADY
@given(moment=MOMENTS)
def test_whole_seconds_are_counted_downwards(moment):
    counted = seconds(moment)

    assert instant(counted) <= moment < instant(counted + 1)
    assert instant(counted) == whole_second(moment)


@STEADY
@given(number=st.integers(-(10**10), 10**11))
def test_a_numeric_date_is_its_instant_and_back(number):
    assert seconds(instant(number)) == number


def test_numeric_dates_count_from_1970():
    assert (seconds(EPOCH), instant(0), instant(0.5) - EPOCH) == (0, EPOCH, timedelta(milliseconds=500))


@STEADY
@given(moment=st.datetimes(timezones=st.just(UTC)))
def test_an_http_date_is_the_one_of_the_standard_library(moment):
    assert http_date(moment) == format_datetime(moment, usegmt=True)
