"""Chance that a seed repeats, and sources that do not disturb each other."""

from __future__ import annotations

from uuid import UUID

import pytest

from mockserver.core.entropy import Entropy

DRAWS = {
    "data": lambda entropy: entropy.data(16),
    "uuid": lambda entropy: entropy.uuid(),
    "base64url": lambda entropy: entropy.base64url(32),
    "letters": lambda entropy: entropy.letters("ABCDEFGH", 24),
    "chance": lambda entropy: entropy.chance(),
}
every_draw = pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)


@every_draw
def test_the_same_seed_draws_the_same(draw):
    first, second = Entropy("seed"), Entropy("seed")

    assert [draw(first) for _ in range(5)] == [draw(second) for _ in range(5)]


@every_draw
def test_another_seed_draws_something_else(draw):
    assert draw(Entropy("seed")) != draw(Entropy("Seed"))


@every_draw
def test_two_draws_differ(draw):
    entropy = Entropy("seed")

    assert draw(entropy) != draw(entropy)


@every_draw
def test_without_a_seed_nothing_repeats(draw):
    assert draw(Entropy()) != draw(Entropy())


def test_an_empty_seed_is_a_seed():
    assert Entropy("").data(16) == Entropy("").data(16)


def test_a_child_draws_its_own_and_repeats():
    assert Entropy("seed").child("rules").data(16) == Entropy("seed").child("rules").data(16)
    assert Entropy("seed").child("rules").data(16) != Entropy("seed").child("keys").data(16)
    assert Entropy("seed").child("rules").data(16) != Entropy("seed").data(16)


def test_drawing_from_a_child_leaves_the_parents_order_alone():
    undisturbed, disturbed = Entropy("seed"), Entropy("seed")

    disturbed.child("rules").data(1000)

    assert undisturbed.data(16) == disturbed.data(16)


def test_drawing_from_the_parent_leaves_a_childs_order_alone():
    early, late = Entropy("seed"), Entropy("seed")

    late.data(1000)

    assert early.child("rules").data(16) == late.child("rules").data(16)


def test_the_child_of_an_unseeded_source_is_unseeded():
    assert Entropy().child("rules").data(16) != Entropy().child("rules").data(16)


def test_a_uuid_is_one_of_version_4():
    value = Entropy("seed").uuid()

    assert (str(UUID(value)), UUID(value).version) == (value, 4)


def test_base64url_comes_without_padding():
    assert len(Entropy("seed").base64url(32)) == 43
    assert "=" not in Entropy("seed").base64url(32)


def test_letters_are_of_the_alphabet_only():
    letters = Entropy("seed").letters("AB", 200)

    assert len(letters) == 200
    assert set(letters) == {"A", "B"}


def test_chances_lie_between_nothing_and_one():
    entropy = Entropy("seed")
    chances = [entropy.chance() for _ in range(2000)]

    assert all(0 <= chance < 1 for chance in chances)
    assert 900 < sum(chance < 0.5 for chance in chances) < 1100
