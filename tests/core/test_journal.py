"""The journal: bounded in exchanges and in bytes, and heard by those who listen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mockserver.core.calls import Call, Reply
from mockserver.core.journal import BODY_BYTES, CAPACITY, Exchange, Journal

EXCHANGE = Exchange(
    id="world-1",
    at=datetime(2030, 1, 1, tzinfo=UTC),
    sandbox="world",
    vendor="toy",
    operation="toy.greet",
    call=Call("POST", "http://toy.test", "/greetings", body=b"asked"),
    reply=Reply(200, body=b"answered"),
)


def numbered(number: int) -> Exchange:
    return replace(EXCHANGE, id=f"world-{number}")


@pytest.fixture
def journal():
    return Journal(capacity=3)


def test_exchanges_are_kept_in_order(journal):
    for number in (1, 2):
        journal.enter(numbered(number))

    assert [exchange.id for exchange in journal] == ["world-1", "world-2"]
    assert len(journal) == 2


def test_beyond_the_capacity_the_oldest_are_dropped(journal):
    for number in range(1, 6):
        journal.enter(numbered(number))

    assert [exchange.id for exchange in journal] == ["world-3", "world-4", "world-5"]


def test_a_journal_keeps_a_thousand_exchanges():
    journal = Journal()
    for number in range(1, CAPACITY + 2):
        journal.enter(numbered(number))

    assert (len(journal), next(iter(journal)).id) == (1000, "world-2")


def test_an_exchange_is_found_by_its_id_while_it_is_kept(journal):
    for number in range(1, 5):
        journal.enter(numbered(number))

    assert journal.find("world-2") == numbered(2)
    assert journal.find("world-1") is None
    assert journal.find("world-9") is None


@pytest.mark.parametrize(
    ("asked", "answered"), [(BODY_BYTES + 1, 10), (10, BODY_BYTES + 1), (BODY_BYTES * 3, BODY_BYTES * 2)]
)
def test_long_bodies_are_cut(journal, asked, answered):
    call, reply = replace(EXCHANGE.call, body=b"a" * asked), replace(EXCHANGE.reply, body=b"b" * answered)

    journal.enter(replace(EXCHANGE, call=call, reply=reply))

    [kept] = journal
    assert kept.call.body == b"a" * min(asked, 16_384)
    assert kept.reply.body == b"b" * min(answered, 16_384)


def test_a_body_of_just_the_limit_is_kept_whole(journal):
    whole = replace(EXCHANGE, reply=replace(EXCHANGE.reply, body=b"b" * BODY_BYTES))

    journal.enter(whole)

    assert journal.find(whole.id) == whole


def test_listeners_hear_every_exchange_from_then_on(journal):
    heard, late = [], []
    journal.listen(heard.append)
    journal.enter(numbered(1))
    journal.listen(late.append)
    journal.enter(numbered(2))

    assert [exchange.id for exchange in heard] == ["world-1", "world-2"]
    assert [exchange.id for exchange in late] == ["world-2"]


def test_a_listener_may_read_the_journal(journal):
    lengths = []
    journal.listen(lambda _: lengths.append(len(journal)))

    journal.enter(EXCHANGE)

    assert lengths == [1]


def test_it_knows_how_many_it_has_forgotten_since_it_was_cleared(journal):
    for number in range(1, 6):
        journal.enter(numbered(number))
    forgotten = journal.forgotten

    journal.clear()
    journal.enter(numbered(6))

    assert (forgotten, journal.forgotten) == (2, 0)


def test_what_was_worked_out_from_a_call_is_not_kept_with_it(journal):
    call = replace(EXCHANGE.call, memo={"json": {"padding": "x" * 1000}})

    journal.enter(replace(EXCHANGE, call=call))

    assert next(iter(journal)).call.memo == {}
