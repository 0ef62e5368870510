"""Issued tokens and spent assertions: what is remembered, for how long, and by whom it is changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from mockserver.core.tokens import ReplayGuard, Token, TokenFilter, Tokens

NOW = datetime(2030, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def token(token_id: str, **changes: object) -> Token:
    usual = Token(token_id, "toy", "site", "sa_demo", NOW, NOW + 5 * MINUTE)
    return replace(usual, **changes)


SHELF = {
    "one": token("one"),
    "two": token("two", kind="service"),
    "three": token("three", vendor="other"),
    "four": token("four", subject="sa_edit"),
}
FILTERS = {
    "all": (TokenFilter(), {"one", "two", "three", "four"}),
    "by-vendor": (TokenFilter(vendor="toy"), {"one", "two", "four"}),
    "by-kind": (TokenFilter(kind="site"), {"one", "three", "four"}),
    "by-id": (TokenFilter(id="two"), {"two"}),
    "by-subject": (TokenFilter(subject="sa_demo"), {"one", "two", "three"}),
    "by-two-things": (TokenFilter(vendor="toy", kind="site"), {"one", "four"}),
    "by-being-alive": (TokenFilter(alive_at=NOW), {"one", "two", "three", "four"}),
    "by-being-alive-later": (TokenFilter(alive_at=NOW + 5 * MINUTE), set()),
    "by-an-unknown-id": (TokenFilter(id="five"), set()),
}
every_filter = pytest.mark.parametrize(("which", "meant"), FILTERS.values(), ids=FILTERS)


@pytest.fixture
def tokens():
    tokens = Tokens()
    for value, each in SHELF.items():
        tokens.remember(value, each)
    return tokens


def changed(tokens: Tokens) -> set[str]:
    return {each.id for each in tokens if each != SHELF[each.id]}


class TestTokens:
    def test_a_token_is_found_by_its_exact_text(self, tokens):
        assert tokens.find("one") == SHELF["one"]

    @pytest.mark.parametrize("value", ["One", "one ", "on", "", "\ud800", "x" * 100_000])
    def test_another_text_finds_nothing(self, tokens, value):
        assert tokens.find(value) is None

    def test_all_are_listed_in_the_order_they_were_issued(self, tokens):
        assert [each.id for each in tokens] == list(SHELF)
        assert len(tokens) == 4

    @every_filter
    def test_those_that_are_meant_expire_now(self, tokens, which, meant):
        count = tokens.expire(NOW + MINUTE, which)

        assert (count, changed(tokens)) == (len(meant), meant)
        assert {each.expires_at for each in tokens if each.id in meant} <= {NOW + MINUTE}

    def test_expiring_never_gives_a_dead_token_more_life(self, tokens):
        count = tokens.expire(NOW + 10 * MINUTE)

        assert (count, changed(tokens)) == (0, set())

    @every_filter
    def test_those_that_are_meant_are_revoked(self, tokens, which, meant):
        count = tokens.revoke(NOW, which)

        assert (count, changed(tokens)) == (len(meant), meant)
        assert {each.revoked_at for each in tokens if each.id in meant} <= {NOW}

    def test_revoking_twice_keeps_the_first_moment(self, tokens):
        tokens.revoke(NOW)

        assert tokens.revoke(NOW + MINUTE) == 0
        assert {each.revoked_at for each in tokens} == {NOW}

    @every_filter
    def test_those_that_are_meant_grow_older(self, tokens, which, meant):
        count = tokens.age(MINUTE, which)

        assert (count, changed(tokens)) == (len(meant), meant)
        older = {(each.issued_at, each.expires_at) for each in tokens if each.id in meant}
        assert older <= {(NOW - MINUTE, NOW + 4 * MINUTE)}

    def test_beyond_the_capacity_the_oldest_are_forgotten(self):
        tokens = Tokens(capacity=2)

        for value in ("one", "two", "three"):
            tokens.remember(value, SHELF[value])

        assert [tokens.find(value) is not None for value in ("one", "two", "three")] == [False, True, True]
        assert len(tokens) == 2

    def test_a_list_that_was_begun_is_not_disturbed_by_a_new_token(self, tokens):
        listed = iter(tokens)
        next(listed)

        tokens.remember("five", token("five"))

        assert [each.id for each in listed] == ["two", "three", "four"]

    def test_a_token_gives_its_grant_as_what_it_is_only(self):
        granted = token("one", grant="a text")

        assert granted.granted(str) == "a text"
        with pytest.raises(TypeError, match="a site token carries no int"):
            granted.granted(int)


class TestReplayGuard:
    @pytest.fixture
    def guard(self):
        return ReplayGuard()

    def test_a_key_is_accepted_once(self, guard):
        answers = [guard.accept("jti", until=NOW + MINUTE, now=NOW) for _ in range(3)]

        assert answers == [True, False, False]

    def test_another_key_is_another_matter(self, guard):
        guard.accept("one", until=NOW + MINUTE, now=NOW)

        assert guard.accept("two", until=NOW + MINUTE, now=NOW)

    @pytest.mark.parametrize(
        ("now", "accepted"),
        [(NOW + MINUTE - timedelta.resolution, False), (NOW + MINUTE, True), (NOW + 2 * MINUTE, True)],
        ids=["just-before", "at-the-end", "after"],
    )
    def test_a_key_is_remembered_until_its_end(self, guard, now, accepted):
        guard.accept("jti", until=NOW + MINUTE, now=NOW)

        assert guard.accept("jti", until=NOW + 9 * MINUTE, now=now) is accepted

    @pytest.mark.parametrize("attempt", range(20))
    def test_of_fifty_threads_with_one_key_exactly_one_is_accepted(self, guard, attempt):
        start = Barrier(50)
        answers = []

        def race() -> None:
            start.wait()
            answers.append(guard.accept(f"jti-{attempt}", until=NOW + MINUTE, now=NOW))

        threads = [Thread(target=race) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(answers) == [False] * 49 + [True]

    def test_many_keys_later_those_that_live_still_count(self, guard):
        live = [f"live-{number}" for number in range(600)]
        for key in live:
            guard.accept(key, until=NOW + 60 * MINUTE, now=NOW)

        for number in range(5000):
            guard.accept(f"dead-{number}", until=NOW + MINUTE, now=NOW)

        assert [key for key in live if guard.accept(key, until=NOW + 60 * MINUTE, now=NOW + 2 * MINUTE)] == []

    def test_many_keys_later_those_that_are_over_are_forgotten(self, guard):
        for number in range(5000):
            now = NOW + number * MINUTE
            guard.accept(f"jti-{number}", until=now + MINUTE, now=now)

        assert len(guard._seen) <= 1024
