"""Expectations: how many exchanges of a sort, and in what the others differ."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.calls import PLAYED, Carried
from mockserver.core.expectations import NEAREST, ExchangeFilter, Expectation, check, is_outcome
from tests.core.worlds import STEADY, World

COUNT = st.none() | st.integers(0, 5)


@pytest.fixture
def exchange():
    return replace(World().call(), carried=Carried(("sa_demo", "token-1"), "site"))


MEANT = [
    ExchangeFilter(),
    ExchangeFilter(vendor="toy"),
    ExchangeFilter(operation="toy.*"),
    ExchangeFilter(outcome="ok"),
    ExchangeFilter(status=200),
    ExchangeFilter(method="POST", path="/greet*"),
    ExchangeFilter(credential="sa_demo"),
    ExchangeFilter(credential="token-*"),
    ExchangeFilter(preflight=False),
    ExchangeFilter(played=False),
]
NOT_MEANT = {
    "vendor is 'toy', not 'other'": ExchangeFilter(vendor="other"),
    "operation is 'toy.greet', not 'toy.wave'": ExchangeFilter(operation="toy.wave"),
    "method is 'POST', not 'GET'": ExchangeFilter(method="GET"),
    "path is '/greetings', not '/'": ExchangeFilter(path="/"),
    "outcome is 'ok', not 'refused'": ExchangeFilter(outcome="refused"),
    "outcome is 'ok', not 'token.expired'": ExchangeFilter(outcome="token.expired"),
    "credential is not 'sa_edit'": ExchangeFilter(credential="sa_edit"),
    "status is 200, not 201": ExchangeFilter(status=201),
    "it is no preflight": ExchangeFilter(preflight=True),
    "the emulator has not played it": ExchangeFilter(played=True),
}


@pytest.mark.parametrize("which", MEANT, ids=repr)
def test_an_exchange_that_agrees_in_everything_given_is_meant(exchange, which):
    assert which.differences(exchange) == []


@pytest.mark.parametrize(("difference", "which"), NOT_MEANT.items(), ids=NOT_MEANT)
def test_one_that_does_not_is_told_in_what(exchange, difference, which):
    assert which.differences(exchange) == [difference]
    assert not which.matches(exchange)


def test_all_differences_are_told(exchange):
    which = ExchangeFilter("other", "x", "refused", 1, "GET", "/", "nobody", preflight=True, played=True)

    assert len(which.differences(exchange)) == 9


def test_one_that_the_emulator_has_played_is_known_by_its_transport(exchange):
    played = replace(exchange, call=replace(exchange.call, transport=PLAYED))

    assert ExchangeFilter(played=True).matches(played)
    assert ExchangeFilter(played=False).differences(played) == ["the emulator has played it"]


@pytest.mark.parametrize(
    ("changes", "outcomes"),
    [
        ({}, {"ok"}),
        ({"reason": "token.expired"}, {"refused", "token.expired"}),
        ({"failed": True}, {"failed"}),
    ],
    ids=["answered", "refused", "failed"],
)
def test_an_outcome_is_a_word_or_a_reason(exchange, changes, outcomes):
    seen = replace(exchange, **changes)

    words = ("ok", "refused", "failed", "token.expired", "token.revoked")
    assert {word for word in words if ExchangeFilter(outcome=word).matches(seen)} == outcomes


@pytest.mark.parametrize(
    ("word", "known"), [("ok", True), ("failed", True), ("token.expired", True), ("", False), ("OK", False)]
)
def test_an_outcome_is_known_or_not(word, known):
    assert is_outcome(word) is known


@given(COUNT, COUNT, COUNT, st.integers(0, 6))
@STEADY
def test_a_count_is_met_within_its_bounds(exactly, at_least, at_most, count):
    expectation = Expectation(exactly=exactly, at_least=at_least, at_most=at_most)

    if exactly is not None:
        met = count == exactly
    elif at_least is None and at_most is None:
        met = count >= 1
    else:
        met = (at_least or 0) <= count <= (6 if at_most is None else at_most)
    assert expectation.met_by(count) is met
    assert expectation.wanted


@given(st.lists(st.sampled_from(["/a", "/b", "/c"]), max_size=12))
@STEADY
def test_every_exchange_either_matches_or_is_a_miss(paths):
    usual = World().call()
    exchanges = [
        replace(usual, id=f"x-{number}", call=replace(usual.call, path=path)) for number, path in enumerate(paths)
    ]

    result = check(Expectation(ExchangeFilter(path="/a", method="GET"), exactly=0), exchanges)
    matching = check(Expectation(ExchangeFilter(path="/a")), exchanges)

    assert [each.call.path for each in matching.matched] == ["/a"] * paths.count("/a")
    assert matching.met is ("/a" in paths)
    assert (result.met, result.matched) == (True, [])
    assert [len(miss.differences) for miss in result.nearest] == sorted(1 + (path != "/a") for path in paths)[:NEAREST]
