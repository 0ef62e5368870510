from __future__ import annotations

import logging
import ssl
import threading
from datetime import timedelta

import pytest

from mockserver.core.calls import Delivery, Fault, Gate
from tests.web.rawsocket import request

pytest_plugins = ("tests.web.serving",)

GET = request("GET / HTTP/1.1")
BROKEN = (ConnectionResetError, ssl.SSLEOFError)
LONG = timedelta(minutes=5)
SHORT = timedelta(milliseconds=30)
TLS = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])


def delivering(deliveries, body=b"0123456789"):
    """Answer each path by its delivery, others at once, and say which were called."""
    called = threading.Semaphore(0)

    def app(environ, start_response):
        if delivery := deliveries.get(environ["PATH_INFO"]):
            environ["mockserver.deliver"](delivery)
        start_response("200 OK", [("Content-Type", "text/plain")])
        called.release()
        return [body]

    app.called = called
    return app


@pytest.fixture(autouse=True)
def _no_noise(caplog):
    with caplog.at_level(logging.WARNING):
        yield
    assert caplog.get_records("call") + caplog.records == []


def test_a_delayed_answer_holds_up_nobody_else(serve, combination):
    app = delivering({"/late": Delivery(delay=LONG)})
    served = serve(app, **combination)
    late = served.caller()

    late.send(request("GET /late HTTP/1.1"))
    app.called.acquire()

    assert served.ask(GET).body == b"0123456789"


@TLS
def test_a_delayed_answer_comes_whole_and_the_connection_goes_on(serve, combination, tls):
    caller = serve(delivering({"/late": Delivery(delay=SHORT)}), tls=tls, **combination).caller()

    bodies = [caller.ask(request("GET /late HTTP/1.1"), GET).body, caller.receive().body]

    assert bodies == [b"0123456789", b"0123456789"]


@TLS
def test_a_gate_holds_answers_until_all_are_there(serve, combination, tls):
    app = delivering({"/held": Delivery(gate=Gate(3), patience=LONG)})
    served = serve(app, tls=tls, **combination)
    held = [served.caller() for _ in range(3)]

    for caller in held[:2]:
        caller.send(request("GET /held HTTP/1.1"))
        app.called.acquire()
    passed_by = served.ask(GET)
    held[2].send(request("GET /held HTTP/1.1"))

    assert passed_by.status == 200
    assert [caller.receive().status for caller in held] == [200, 200, 200]


def test_a_gate_can_be_filled_from_another_thread(serve, combination):
    gate = Gate(2)
    app = delivering({"/held": Delivery(gate=gate, patience=LONG)})
    caller = serve(app, **combination).caller()
    caller.send(request("GET /held HTTP/1.1"))
    app.called.acquire()
    reached = threading.Event()

    gate.enter(reached.set)

    assert caller.receive().status == 200
    assert reached.wait(20)


def test_patience_at_a_gate_ends_and_a_place_is_free_again(serve, combination):
    gate = Gate(2)
    served = serve(delivering({"/held": Delivery(gate=gate, patience=SHORT)}), **combination)
    reached = threading.Event()

    answer = served.ask(request("GET /held HTTP/1.1"))
    gate.enter(reached.set)

    assert answer.status == 200
    assert not reached.is_set()


def test_the_delay_comes_after_the_gate(serve, combination):
    app = delivering({"/held": Delivery(gate=Gate(2), patience=LONG, delay=SHORT)})
    served = serve(app, **combination)
    held = [served.caller() for _ in range(2)]

    for caller in held:
        caller.send(request("GET /held HTTP/1.1"))

    assert [caller.receive().status for caller in held] == [200, 200]


@TLS
def test_whoever_goes_away_leaves_the_gate(serve, combination, tls):
    gate = LeavingGate(2)
    app = delivering({"/held": Delivery(gate=gate, patience=LONG, delay=LONG)})
    caller = serve(app, tls=tls, **combination).caller()
    caller.send(request("GET /held HTTP/1.1"))
    app.called.acquire()

    caller.socket.close()

    assert gate.left.wait(20)


class LeavingGate(Gate):
    """Tells when somebody left it."""

    def __init__(self, callers):
        super().__init__(callers)
        self.left = threading.Event()

    def leave(self, release):
        super().leave(release)
        self.left.set()


@TLS
def test_drop_before_sends_nothing(serve, combination, tls):
    app = delivering({"/": Delivery(delay=SHORT, fault=Fault.DROP_BEFORE)})
    caller = serve(app, tls=tls, **combination).caller()

    caller.send(GET)

    assert caller.receive_all() == b""


@TLS
@pytest.mark.parametrize("size", [0, 1, 10, 20_001])
def test_drop_midway_sends_the_head_and_half_of_the_body_and_resets(serve, combination, tls, size):
    body = b"x" * size
    caller = serve(delivering({"/": Delivery(fault=Fault.DROP_MIDWAY)}, body), tls=tls, **combination).caller()

    caller.send(GET)
    received, ended_by = received_until_broken(caller)

    head, _, half = received.partition(b"\r\n\r\n")
    assert f"\r\nContent-Length: {size}".encode() in head
    assert half == body[: size // 2]
    assert isinstance(ended_by, BROKEN)


@TLS
def test_drop_midway_breaks_off_a_long_answer_too(serve, combination, tls):
    body = b"x" * 4_000_000
    caller = serve(delivering({"/": Delivery(fault=Fault.DROP_MIDWAY)}, body), tls=tls, **combination).caller()

    caller.send(GET)
    received, ended_by = received_until_broken(caller)

    assert 0 < len(received.partition(b"\r\n\r\n")[2]) <= len(body) // 2
    assert isinstance(ended_by, BROKEN)


def received_until_broken(caller):
    received = b""
    try:
        while data := caller.socket.recv(65536):
            received += data
    except BROKEN as broken:
        return received, broken
    return received, None


@TLS
@pytest.mark.parametrize("size", [0, 1, 10, 4_000_001])
def test_truncate_announces_the_body_sends_half_and_closes(serve, combination, tls, size):
    body = b"x" * size
    caller = serve(delivering({"/": Delivery(fault=Fault.TRUNCATE)}, body), tls=tls, **combination).caller()

    caller.send(GET)

    head, _, received = caller.receive_all().partition(b"\r\n\r\n")
    assert f"\r\nContent-Length: {size}".encode() in head
    assert received == body[: size // 2]


@pytest.mark.parametrize("fault", Fault)
def test_what_is_pipelined_after_a_broken_answer_is_not_called(serve, combination, fault):
    app = delivering({"/": Delivery(fault=fault)})
    served = serve(app, **combination)
    caller = served.caller()

    caller.send(GET, GET)
    received, _ = received_until_broken(caller)

    assert received.count(b"HTTP/1.1 200") == (0 if fault is Fault.DROP_BEFORE else 1)
    assert app.called.acquire(blocking=False)
    assert not app.called.acquire(blocking=False)
