"""What a call is over gRPC: metadata, status, trailers, rules, and one journal with HTTP."""

from __future__ import annotations

from datetime import timedelta
from threading import Event, Thread

import grpc
import pytest
import requests

from mockserver import Emulator, Settings
from mockserver.core.calls import Fault, Reply
from mockserver.core.rules import Hold, MintChange, Rule, Then, When
from tests.rpc.conftest import NEW, PAYPAL
from tests.support.rpc import Line

PATIENCE = 20


def rule(served, **then):
    return served.sandbox.rules.add(Rule(When(transport="grpc"), Then(**then), times=1))


def test_both_transports_write_one_journal(served, line):
    line.call(NEW, {}, PAYPAL)
    requests.post(f"{served.url}/payments/server_authentication_token", json={}, timeout=PATIENCE)
    line.call(NEW)

    told = [(exchange.id, exchange.call.transport, exchange.reason) for exchange in served.sandbox.journal]

    assert told == [
        ("default-1", "grpc", ""),
        ("default-2", "http", "connector.missing"),
        ("default-3", "grpc", "connector.missing"),
    ]


def test_the_journal_shows_a_call_as_it_would_any_other(served, line):
    got = line.call(NEW, {"connector": "STRIPE"})

    told = requests.get(f"{served.url}/_mock/journal/{got.exchange}", timeout=PATIENCE).json()

    assert told["request"]["url"] == f"grpc://{served.rpc_address()}/{NEW}"
    assert told["request"]["transport"] == "grpc"
    assert told["request"]["body"] == {"connector": "STRIPE"}
    assert told["request"]["peer"] == "127.0.0.1"
    assert told["response"]["grpc"] == {"code": 3, "message": "Missing required field: x-connector"}
    assert told["explanation"]["meaning"] == "connector not named"


def test_notes_stand_in_trailing_metadata(served, line):
    rule(served, refuse="rate.limited")

    got = line.call(NEW, {}, PAYPAL)

    assert got.code == "RESOURCE_EXHAUSTED"
    notes = {name: value for name, value in got.trailing.items() if name.startswith("x-mock")}
    assert notes == {
        "x-mock-exchange": "default-1",
        "x-mock-reason": "rate.limited",
        "x-mock-injected": "rule-1",
    }
    assert "x-mock-exchange" not in got.initial


def test_without_annotations_there_are_no_notes():
    with (
        Emulator(Settings(port=0, grpc_port=(0,), annotate=False)) as emulator,
        Line(emulator.rpc_address()) as line,
    ):
        answers = line.call(NEW, {}, PAYPAL), line.call(NEW)

    assert [name for got in answers for name in got.trailing if name.startswith("x-mock")] == []


def test_metadata_names_no_sandbox_that_cannot_be(line):
    got = line.call(NEW, {}, [*PAYPAL, ("x-mock-sandbox", "no name")])

    assert got.code == "INVALID_ARGUMENT"


def test_a_sandbox_is_not_made_where_addresses_make_none():
    with (
        Emulator(Settings(port=0, grpc_port=(0,), auto_sandboxes=False)) as emulator,
        Line(emulator.rpc_address()) as line,
    ):
        got = line.call(NEW, {}, [*PAYPAL, ("x-mock-sandbox", "new")])

    assert got.code == "NOT_FOUND"


@pytest.mark.parametrize(
    ("answer", "code", "text"),
    [
        (Reply(503, (), b"later"), "UNAVAILABLE", "later"),
        (Reply(429), "RESOURCE_EXHAUSTED", ""),
        (Reply(418, (), b"teapot"), "UNKNOWN", "teapot"),
        (Reply(200, (("grpc-status", "10"), ("grpc-message", "try%20again"))), "ABORTED", "try again"),
        (Reply(200, (), b'{"no":"field"}'), "INTERNAL", None),
    ],
)
def test_a_rules_answer_is_a_status(served, line, answer, code, text):
    rule(served, answer=answer)

    got = line.call(NEW, {}, PAYPAL)

    assert (got.code, got.reason) == (code, "fault.injected")
    assert text in (got.text, None)


def test_a_rules_answer_can_be_a_message(served, line):
    rule(served, answer=Reply(200, (("x-own", "field"),), b'{"access_token":"mine","status_code":201}'))

    got = line.call(NEW, {}, PAYPAL)

    assert (got.message["access_token"], got.message["status_code"]) == ({"value": "mine"}, 201)
    assert got.trailing["x-own"] == "field"


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_MIDWAY])
def test_a_dropped_call_is_unavailable(served, line, fault):
    rule(served, fault=fault)

    got = line.call(NEW, {}, PAYPAL)

    assert (got.code, got.trailing) == ("UNAVAILABLE", {})
    assert ("x-request-id" in got.initial) == (fault is Fault.DROP_MIDWAY)


@pytest.mark.parametrize("then", [{"fault": Fault.TRUNCATE}, {"garble": True}])
def test_what_is_cut_or_garbled_no_client_reads(served, line, then):
    rule(served, **then)
    path = f"/{NEW}"

    got = line.raw(path, b"", PAYPAL)
    kind = line.channel.unary_unary(path, response_deserializer=_kind(line, path).FromString)

    assert got.code == "OK"
    with pytest.raises(Exception, match="parsing"):
        _kind(line, path).FromString(got.data)
    rule(served, **then)
    with pytest.raises(grpc.RpcError) as failed:
        kind(b"", metadata=PAYPAL, timeout=PATIENCE)
    assert failed.value.code() is grpc.StatusCode.INTERNAL


def _kind(line, path):
    return line.kind(line.method(path).output_type.full_name)


def test_a_broken_token_does_not_count(served, line):
    rule(served, mint=MintChange(broken_signature=True))

    line.call(NEW, {}, PAYPAL)

    assert list(served.sandbox.tokens) == []


def test_a_delay_ends_with_the_callers_deadline_and_leaves_no_token(served, line):
    rule(served, delay=timedelta(minutes=10))

    got = line.call(NEW, {}, PAYPAL, timeout=0.2)
    _until(lambda: len(served.sandbox.tokens) == 0)

    assert got.code == "DEADLINE_EXCEEDED"
    assert len(served.sandbox.journal) == 1


def test_a_cancelled_call_leaves_no_token(served, line):
    rule(served, delay=timedelta(minutes=10))
    call = line.channel.unary_unary(f"/{NEW}").future(b"", metadata=PAYPAL)
    _until(lambda: len(served.sandbox.journal) == 1)

    call.cancel()

    _until(lambda: len(served.sandbox.tokens) == 0)


def test_a_delay_is_waited_out_by_whoever_stays(served, line):
    rule(served, delay=timedelta(milliseconds=30))

    got = line.call(NEW, {}, PAYPAL)

    assert got.code == "OK"
    assert len(served.sandbox.tokens) == 1


def test_answers_are_held_until_so_many_wait(served, line):
    served.sandbox.rules.add(Rule(When(), Then(hold=Hold(3, timedelta(minutes=5)))))
    answers = []
    callers = [Thread(target=lambda: answers.append(line.call(NEW, {}, PAYPAL))) for _ in range(3)]
    line.encoded(NEW, {})

    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(PATIENCE)

    assert [got.code for got in answers] == ["OK"] * 3


def test_who_waits_too_long_at_the_gate_goes_on(served, line):
    rule(served, hold=Hold(2, timedelta(milliseconds=20)))

    assert line.call(NEW, {}, PAYPAL).code == "OK"


def test_a_gate_is_left_by_those_who_give_up(served, line):
    rule(served, hold=Hold(2, timedelta(minutes=5)))

    assert line.call(NEW, {}, PAYPAL, timeout=0.2).code == "DEADLINE_EXCEEDED"
    _until(lambda: len(served.sandbox.tokens) == 0)


def test_a_bug_of_ours_is_not_the_vendors_answer(line, served, monkeypatch):
    broken = served.sandbox.tokens
    monkeypatch.setattr(type(broken), "remember", lambda *_: 1 / 0)

    got = line.call(NEW, {}, PAYPAL)

    assert got.code == "INTERNAL"
    assert "A bug in mockserver" in got.text
    served.sandbox.failures.clear()


def _until(what):
    """Wait for something that happens by itself."""
    pause = Event()
    for _ in range(400):
        if what():
            return
        pause.wait(0.05)
    raise AssertionError("it has not come about")
