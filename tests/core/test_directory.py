"""Which sandbox a credential or token belongs to: whoever claimed it last, until it is given up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.directory import Directory, digest
from tests.core.worlds import STEADY

NAMES = st.sampled_from(["a", "b", "c"])
STEPS = st.lists(st.tuples(st.integers(0, 3), st.booleans(), NAMES))


def test_what_nobody_claims_has_no_owner():
    assert Directory().owner(["a", "b"]) is None


def test_of_several_names_the_first_that_is_claimed_decides():
    directory = Directory()
    directory.claims("one").enter(digest("b"))
    directory.claims("two").enter(digest("c"))

    assert directory.owner(["a", "b", "c"]) == "one"


def test_a_later_namesake_keeps_what_the_earlier_one_gives_up():
    directory = Directory()
    old, new = directory.claims("team"), directory.claims("team")
    old.enter(digest("a"))
    new.enter(digest("a"))

    old.give_up(digest("a"))

    assert directory.owner(["a"]) == "team"


def test_secrets_themselves_are_not_kept():
    directory = Directory()

    directory.claims("team").enter(digest("secret"))

    assert list(directory._owners) == [digest("secret")]


@given(st.text(), st.text())
@STEADY
def test_two_texts_have_one_digest_only_if_they_are_the_same(first, second):
    assert (digest(first) == digest(second)) == (first == second)


def test_any_text_has_a_digest():
    assert len(digest("\ud800")) == len(digest("")) == 16


@given(STEPS)
@STEADY
def test_the_last_to_claim_owns_until_it_gives_up(steps):
    directory = Directory()
    hands = [directory.claims(f"s{number}") for number in range(4)]
    owners: dict[str, int] = {}

    for hand, enters, name in steps:
        if enters:
            hands[hand].enter(digest(name))
            owners[name] = hand
        else:
            hands[hand].give_up(digest(name))
            if owners.get(name) == hand:
                del owners[name]

    assert len(directory) == len(owners)
    assert {name: directory.owner([name]) for name in "abc"} == {
        name: f"s{owners[name]}" if name in owners else None for name in "abc"
    }


def test_what_another_sandbox_has_claimed_is_not_free():
    directory = Directory()
    first, second = directory.claims("first"), directory.claims("second")
    first.enter(digest("sa_one"))

    assert not second.enter_if_free(digest("sa_one"))
    assert directory.owner(["sa_one"]) == "first"


def test_a_successor_of_the_same_name_may_claim_what_is_its_own():
    directory = Directory()
    before, after = directory.claims("team"), directory.claims("team")
    before.enter(digest("sa_one"))

    assert after.enter_if_free(digest("sa_one"))
    before.give_up(digest("sa_one"))
    assert directory.owner(["sa_one"]) == "team"


def test_claims_that_are_closed_enter_nothing():
    directory = Directory()
    claims = directory.claims("team")

    claims.close()
    claims.enter(digest("sa_late"))

    assert directory.owner(["sa_late"]) is None
