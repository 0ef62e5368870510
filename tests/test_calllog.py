"""A line for each call."""

from __future__ import annotations

import io
from threading import Event

import pytest

from mockserver.calllog import CallLog


@pytest.fixture
def exchange(wire, sandbox):
    got = wire.post("/ingrid/v1/delivery/options", bearer="null")
    return sandbox.journal.find(got.exchange)


def test_every_exchange_is_printed_with_its_reason_before_the_log_is_closed(exchange):
    stream = io.StringIO()

    with CallLog(stream) as log:
        log(exchange)
        log(exchange)

    said = "03:04:05 default-1 POST /v1/delivery/options 401 token.malformed (literal from client code)\n"
    assert stream.getvalue() == said * 2


def test_a_token_in_a_path_is_printed_without_its_signature(wire, sandbox):
    got = wire.get("/bigcommerce/_sf/demostore-1/login/token/eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl")
    stream = io.StringIO()

    with CallLog(stream) as log:
        log(sandbox.journal.find(got.exchange))

    assert "/login/token/eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.<signature> 302" in stream.getvalue()


def test_a_reader_who_stalls_holds_up_no_call(exchange):
    stream = Stalled()

    with CallLog(stream) as log:
        log(exchange)
        assert stream.reached.wait(10)
        for _ in range(100):
            log(exchange)
        stream.released.set()

    assert stream.written.count("\n") == 101


def test_a_reader_who_has_gone_is_forgotten(exchange):
    stream = io.StringIO()
    stream.close()

    with CallLog(stream) as log:
        log(exchange)


class Stalled(io.StringIO):
    def __init__(self):
        super().__init__()
        self.reached, self.released, self.written = Event(), Event(), ""

    def write(self, text):
        if text:
            self.reached.set()
            assert self.released.wait(10)
        self.written += text
        return len(text)
