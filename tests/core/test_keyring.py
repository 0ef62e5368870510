"""Rings of keys: one signs, those before verify for their overlap, whatever the clock does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core import jws
from mockserver.core.entropy import Entropy
from mockserver.core.keyring import RETIRED, KeyRing
from mockserver.core.keys import Hs256Key
from mockserver.core.sandbox import Sandbox, Scenario
from tests.core.worlds import STEADY

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ROTATIONS = st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 100)), max_size=RETIRED)


@pytest.fixture
def ring():
    return KeyRing(Entropy("ring"), NOW)


@pytest.fixture
def sandbox():
    sandbox = Sandbox("ring", Scenario(seed="ring"))
    sandbox.clock.set(NOW, frozen=True)
    return sandbox


def test_a_new_ring_has_one_key_that_signs(ring):
    (held,) = ring.held

    assert held.key is ring.active
    assert (held.since, held.until) == (NOW, None)
    assert ring.verifying(NOW) == (ring.active,)


def test_a_rotation_signs_with_a_new_key(ring):
    before = ring.active

    old = ring.rotate(NOW, 60 * SECOND)

    assert ring.active is not old
    assert old is before
    assert [held.key for held in ring.held] == [ring.active, old]
    assert ring.active.verifying.verifies(*_signed(ring.active))
    assert not old.verifying.verifies(*_signed(ring.active))


def _signed(key):
    parsed = jws.parse(key.sign({"a": 1}))
    return parsed.signature, parsed.signing_input


@pytest.mark.parametrize(("after", "over"), [(0, False), (59.999, False), (60, True), (-1000, False)])
def test_the_old_one_verifies_for_the_overlap(sandbox, after, over):
    ring = sandbox.keyring("ring", Hs256Key.draw)
    old = ring.active
    sandbox.rotate("ring", Hs256Key.draw, 60 * SECOND)

    at = NOW + after * SECOND

    assert sandbox.is_over(old.kid, at) is over
    assert (old in ring.verifying(at)) is not over
    assert not sandbox.is_over(ring.active.kid, at)


def test_a_stranger_was_never_here_and_is_not_over(sandbox, ring):
    assert not sandbox.is_over("nobody", NOW)
    assert ring.active not in sandbox.keyring("ring").verifying(NOW)


def test_a_ring_is_as_old_as_its_sandbox_whenever_it_is_drawn():
    sandbox = Sandbox("ring", Scenario(now=NOW, frozen=True))
    sandbox.clock.advance(60 * SECOND)

    (held,) = sandbox.keyring("ring").held

    assert held.since == NOW


def test_a_seed_repeats_every_key():
    first, second = (KeyRing(Entropy("same"), NOW) for _ in range(2))
    for ring in (first, second):
        for _ in range(3):
            ring.rotate(NOW, SECOND)

    assert [held.key.kid for held in first.held] == [held.key.kid for held in second.held]
    assert len({held.key.kid for held in first.held}) == 4


def test_no_more_than_a_few_retired_ones_are_remembered(ring):
    for _ in range(RETIRED + 5):
        ring.rotate(NOW, timedelta())

    assert len(ring.held) == RETIRED + 1


def test_however_many_follow_a_key_verifies_for_its_whole_overlap(ring):
    first = ring.active

    for _ in range(RETIRED + 5):
        ring.rotate(NOW, 60 * SECOND)

    assert first in ring.verifying(NOW + 59 * SECOND)
    assert ring.verifying(NOW + 60 * SECOND) == (ring.active,)


def test_a_key_that_is_forgotten_is_over_all_the_same(sandbox):
    first = sandbox.keyring("ring", Hs256Key.draw).active

    for _ in range(RETIRED + 5):
        sandbox.rotate("ring", Hs256Key.draw, timedelta())

    assert sandbox.is_over(first.kid, NOW)


def test_keys_of_another_kind_can_be_drawn():
    ring = KeyRing(Entropy("secret"), NOW, Hs256Key.draw)

    ring.rotate(NOW, SECOND)

    assert {held.key.verifying.algorithm for held in ring.held} == {"HS256"}


@given(ROTATIONS, st.integers(-200, 200))
@STEADY
def test_every_key_has_the_overlap_of_the_rotation_that_followed_it(rotations, at):
    sandbox = Sandbox("ring", Scenario(seed="ring"))
    ring = sandbox.keyring("ring", Hs256Key.draw)
    ends = {}
    for moment, overlap in rotations:
        ends[ring.active.kid] = moment + overlap
        sandbox.clock.set(NOW + moment * SECOND, frozen=True)
        sandbox.rotate("ring", Hs256Key.draw, overlap * SECOND)

    now = NOW + at * SECOND

    assert not sandbox.is_over(ring.active.kid, now)
    assert {kid: sandbox.is_over(kid, now) for kid in ends} == {kid: at >= end for kid, end in ends.items()}
    assert {key.kid for key in ring.verifying(now)} == {
        ring.active.kid,
        *(kid for kid, end in ends.items() if at < end),
    }
