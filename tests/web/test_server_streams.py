from __future__ import annotations

import logging
import socket
import ssl
import struct
import threading
import tracemalloc
from contextlib import ExitStack, suppress
from datetime import timedelta

import pytest

from mockserver.core.calls import Delivery, Fault, Gate
from mockserver.web.server import Limits, Listener, Server, bind
from tests.web.rawsocket import HANG_GUARD, Caller, request

pytest_plugins = ("tests.web.serving",)

GET = request("GET / HTTP/1.1")
STREAM = request("GET /stream HTTP/1.1")
HALF_POST = request("POST /stream HTTP/1.1", "Content-Length: 5", body=b"12")
BROKEN = (ConnectionResetError, ssl.SSLEOFError)
LONG = timedelta(minutes=5)
KIB = 1024
MIB = 1024 * KIB
LITTLE = 64 * KIB
"""What the machine may keep for a caller, so that soon all the rest waits in the server."""
TLS = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])


class Feed:
    """Pushes what *begin* does at once, later what it is told to, and remembers what became of it."""

    def __init__(self):
        self.begin = self.push = lambda _: None
        self.opened, self.closed = threading.Semaphore(0), threading.Semaphore(0)
        self.openings = self.closings = 0

    def __call__(self, push):
        self.push = push
        self.begin(push)
        self.openings += 1
        self.opened.release()
        return self.close

    def close(self):
        self.closings += 1
        self.push(b"too late")
        self.closed.release()


class Streaming:
    """A server of one feed, which a test may stop, and those who call it."""

    def __init__(self, feed, server, address, context):
        self.feed = feed
        self.callers = ExitStack()
        self._address, self._context = address, context
        self._ending = threading.Thread(target=server.stop)

    def stop(self):
        """Tell the server to end; it may take its time."""
        self._ending.start()

    def end(self):
        """Stop the server, if nobody has, and wait for it."""
        if self._ending.ident is None:
            self.stop()
        self._ending.join(HANG_GUARD)
        assert not self._ending.is_alive()

    def caller(self):
        return self.callers.enter_context(Caller(self._address, self._context))

    def ask(self, *parts):
        with Caller(self._address, self._context) as caller:
            return caller.ask(*parts)

    def listener(self):
        """Somebody to whom the stream has begun."""
        caller = self.caller()
        assert caller.ask(STREAM).status == 200
        assert self.feed.opened.acquire(timeout=HANG_GUARD)
        return caller

    def push(self, data):
        """Push by way of a call."""
        assert self.ask(request("POST /push HTTP/1.1", f"Content-Length: {len(data)}", body=data)).status == 200


@pytest.fixture(autouse=True)
def _no_noise(caplog):
    with caplog.at_level(logging.WARNING):
        yield
    # At this point *records* are those of the teardown only.
    assert caplog.get_records("call") + caplog.records == []


@pytest.fixture
def feed():
    """A feed. Each time that it was opened, it must have been closed when the server has ended."""
    feed = Feed()
    yield feed
    assert feed.closings == feed.openings


@pytest.fixture
def serve(feed, combination, certificates):
    """Start a server of the feed; it ends with the test at the latest."""
    with ExitStack() as stack:

        def start(app=None, *, tls=False):
            listening = bind("127.0.0.1", 0)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LITTLE)
            listeners = [Listener(listening, certificates.server if tls else None)]
            server = Server(app or streaming(feed), listeners, limits=Limits(grace=LONG), **combination)
            server.start()
            served = Streaming(feed, server, listening.getsockname(), certificates.client if tls else None)
            stack.callback(served.end)
            stack.enter_context(served.callers)
            return served

        yield start


def streaming(feed, status="200 OK", body=b"", delivery=None):
    """Answer /stream by the feed, push what is sent to /push, and let the rest be ordinary calls."""

    def app(environ, start_response):
        if environ["PATH_INFO"] == "/push":
            feed.push(environ["wsgi.input"].read())
        if environ["PATH_INFO"] != "/stream":
            start_response("200 OK", [("X-Kind", "ordinary")])
            return []
        environ["mockserver.stream"](feed)
        if delivery:
            environ["mockserver.deliver"](delivery)
        start_response(status, [("X-Kind", "stream"), ("Content-Length", str(len(body)))])
        return [body]

    return app


@TLS
def test_the_head_comes_before_anything_was_pushed_and_says_that_the_connection_ends_with_the_body(serve, tls):
    caller = serve(tls=tls).caller()

    answer = caller.ask(STREAM)

    assert (answer.status, answer.headers) == (200, {"x-kind": "stream", "connection": "close"})


@TLS
def test_what_another_thread_pushes_arrives_as_it_is(serve, feed, tls):
    caller = serve(tls=tls).listener()
    pushed = bytes(range(256))

    feed.push(pushed)
    received = caller.receive_bytes(256)
    feed.push(b"and")
    feed.push(b"")
    feed.push(b" more")

    assert (received, caller.receive_bytes(8)) == (pushed, b"and more")


@TLS
def test_what_a_call_pushes_arrives_too(serve, tls):
    served = serve(tls=tls)
    caller = served.listener()

    received = []
    for pushed in (b"one", b"two"):
        served.push(pushed)
        received.append(caller.receive_bytes(3))

    assert received == [b"one", b"two"]


@TLS
def test_what_is_pushed_at_once_comes_after_the_head_and_in_order_with_what_other_threads_push(serve, feed, tls):
    def begin(push):
        for number in range(100):
            in_a_thread(lambda number=number: push(b"%d in a thread, " % number))
            push(b"%d in the loop, " % number)

    feed.begin = begin
    expected = b"".join(b"%d in a thread, %d in the loop, " % (number, number) for number in range(100))

    caller = serve(tls=tls).listener()

    assert caller.receive_bytes(len(expected)) == expected


def test_each_of_many_threads_keeps_its_order(serve, feed):
    caller = serve().listener()
    threads = [
        threading.Thread(target=lambda name=name: [feed.push(b"%c%03d" % (name, number)) for number in range(1000)])
        for name in b"abcd"
    ]

    for thread in threads:
        thread.start()
    received = caller.receive_bytes(4 * 4000)
    for thread in threads:
        thread.join()

    items = [received[start : start + 4] for start in range(0, len(received), 4)]
    for name in b"abcd":
        assert [item for item in items if item[0] == name] == [b"%c%03d" % (name, number) for number in range(1000)]


@TLS
def test_whoever_reads_may_be_pushed_any_amount(serve, feed, tls):
    caller = serve(tls=tls).listener()
    piece = b"x" * (512 * KIB)

    received = 0
    for _ in range(10):
        feed.push(piece)
        received += len(caller.receive_bytes(len(piece)))

    assert received == 5 * MIB


def test_what_the_application_returns_comes_before_what_is_pushed(serve, feed):
    feed.begin = lambda push: push(b"data: 1\n\n")

    caller = serve(streaming(feed, body=b"retry: 1\n\n")).listener()

    assert caller.receive_bytes(19) == b"retry: 1\n\ndata: 1\n\n"


def test_a_stream_holds_up_nobody_else(serve):
    served = serve()
    served.listener()

    assert served.ask(GET).headers["x-kind"] == "ordinary"


@pytest.mark.parametrize("fields", [[], ["Connection: keep-alive"]])
def test_http_1_0_gets_the_stream_as_well(serve, feed, fields):
    caller = serve().caller()

    answer = caller.ask(request("GET /stream HTTP/1.0", *fields))
    assert feed.opened.acquire(timeout=HANG_GUARD)
    feed.push(b"pushed")

    assert answer.headers == {"x-kind": "stream", "connection": "close"}
    assert caller.receive_bytes(6) == b"pushed"


@TLS
def test_head_gets_the_head_and_no_stream(serve, feed, tls):
    served = serve(tls=tls)
    caller = served.caller()

    answer = caller.ask(request("HEAD /stream HTTP/1.1"), method="HEAD")

    assert answer.headers == {"x-kind": "stream", "connection": "close"}
    assert caller.receive_all() == b""
    assert feed.openings == 0


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_that_allows_no_body_is_no_stream(serve, feed, status):
    caller = serve(streaming(feed, status)).caller()

    answer = caller.ask(STREAM)

    assert answer.status == int(status[:3])
    assert caller.receive_all() == b""
    assert feed.openings == 0


def test_a_mistake_of_the_application_is_a_500_and_no_stream(serve, feed, caplog):
    def app(environ, start_response):
        environ["mockserver.stream"](feed)
        raise RuntimeError("broken")

    caller = serve(app).caller()

    statuses = [caller.ask(STREAM).status for _ in range(2)]

    assert statuses == [500, 500]
    assert feed.openings == 0
    caplog.clear()


def fail(push):
    raise RuntimeError("broken")


@TLS
def test_a_feed_that_fails_ends_the_connection_and_is_logged_and_the_server_goes_on(serve, feed, caplog, tls):
    feed.begin = fail
    served = serve(tls=tls)
    caller = served.caller()

    status = caller.ask(STREAM).status
    received = caller.receive_all()
    feed.push(b"too late")

    assert (status, received) == (200, b"")
    assert served.ask(GET).status == 200
    assert [(record.name, record.levelno) for record in caplog.records] == [("mockserver.server", logging.ERROR)]
    assert "GET /stream" in caplog.text
    caplog.clear()


def close(caller):
    caller.socket.close()


def half_close(caller):
    caller.socket.shutdown(socket.SHUT_WR)


def reset(caller):
    caller.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    caller.socket.close()


def say_goodbye(caller):
    caller.socket.unwrap()


@pytest.mark.parametrize(
    ("leave", "tls"),
    [(close, False), (half_close, False), (reset, False), (close, True), (reset, True), (say_goodbye, True)],
)
def test_a_stream_is_over_when_its_caller_leaves(serve, feed, leave, tls):
    caller = serve(tls=tls).listener()

    leave(caller)

    assert feed.closed.acquire(timeout=HANG_GUARD)


@TLS
def test_a_stream_is_over_when_a_caller_leaves_who_is_pushed_something_all_the_time(serve, feed, tls):
    caller = serve(tls=tls).listener()
    pushing = threading.Thread(target=lambda: [feed.push(b"x") for _ in iter(lambda: feed.closings > 0, True)])
    pushing.start()
    caller.receive_bytes(100)

    caller.socket.close()

    assert feed.closed.acquire(timeout=HANG_GUARD)
    pushing.join()


def test_a_stream_is_over_when_a_caller_leaves_who_did_not_read(serve, feed):
    served = serve()
    caller = served.listener()
    served.push(b"x" * (900 * KIB))
    caller.receive_bytes(1)

    half_close(caller)

    assert feed.closed.acquire(timeout=HANG_GUARD)


def test_a_stream_that_began_late_is_over_when_its_caller_leaves_who_had_sent_more(serve, feed):
    gate = Gate(2)
    served = serve(streaming(feed, delivery=Delivery(gate=gate, patience=LONG)))
    caller = served.caller()
    for part in (STREAM, b"x" * (100 * KIB), b"x"):
        caller.send(part)
        served.ask(GET)

    gate.enter(lambda: None)
    caller.receive()
    assert feed.opened.acquire(timeout=HANG_GUARD)
    caller.socket.close()

    assert feed.closed.acquire(timeout=HANG_GUARD)


@TLS
@pytest.mark.parametrize("fault", Fault)
def test_a_broken_answer_is_no_stream(serve, feed, fault, tls):
    caller = serve(streaming(feed, delivery=Delivery(fault=fault)), tls=tls).caller()

    caller.send(STREAM)
    with suppress(*BROKEN):
        caller.receive_all()

    assert feed.openings == 0


@TLS
def test_what_a_caller_sends_meanwhile_is_ignored_and_kept_nowhere(serve, feed, tls):
    caller = serve(tls=tls).listener()
    calls = STREAM * (MIB // len(STREAM))

    tracemalloc.start()
    try:
        for _ in range(32):
            caller.send(calls)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    feed.push(b"pushed")

    assert caller.receive_bytes(6) == b"pushed"
    assert feed.openings == 1
    assert peak < 8 * MIB


@TLS
def test_a_reader_may_be_almost_a_mebibyte_late(serve, tls):
    served = serve(tls=tls)
    caller = served.listener()
    piece = b"x" * (100 * KIB)

    for _ in range(10):
        served.push(piece)

    assert caller.receive_bytes(1000 * KIB) == piece * 10


@TLS
def test_a_reader_who_stalls_is_cut_off(serve, feed, tls):
    served = serve(tls=tls)
    caller = served.listener()
    piece = b"x" * (100 * KIB)

    pushed = 0
    while not feed.closings and pushed < 8 * MIB:
        served.push(piece)
        pushed += len(piece)
    received = b""
    with suppress(*BROKEN):
        received = caller.receive_all()

    assert feed.closings == 1
    assert MIB < pushed < 4 * MIB
    assert len(received) < pushed - 512 * KIB


@TLS
def test_whoever_pushes_faster_than_the_loop_can_write_fills_no_memory(serve, feed, tls):
    def begin(push):
        # The loop is here, and can write nothing.
        in_a_thread(lambda: [push(piece) for _ in range(100)])
        peaks.append(tracemalloc.get_traced_memory()[1])

    peaks = []
    piece = b"x" * MIB
    feed.begin = begin
    served = serve(tls=tls)

    tracemalloc.start()
    try:
        served.listener()
        assert feed.closed.acquire(timeout=HANG_GUARD)
    finally:
        tracemalloc.stop()

    assert peaks[0] < 8 * MIB


@TLS
def test_the_end_of_the_server_ends_streams_at_once_though_others_are_not_done(serve, feed, tls):
    served = serve(tls=tls)
    half_done = served.caller()
    half_done.send(HALF_POST)
    caller, stalled = served.listener(), served.listener()
    served.push(b"x" * (900 * KIB))
    stalled.receive_bytes(1)

    served.stop()

    assert [feed.closed.acquire(timeout=HANG_GUARD) for _ in range(2)] == [True, True]
    assert caller.receive_all() == b""
    with suppress(*BROKEN):
        assert len(stalled.receive_all()) < 800 * KIB
    assert half_done.ask(b"345").status == 200


def test_a_call_that_ends_after_the_server_was_told_to_is_no_stream(serve, feed):
    served = serve()
    caller, idle = served.caller(), served.caller()
    caller.send(HALF_POST)
    idle.ask(GET)

    served.stop()
    idle.receive_all()
    answer = caller.ask(b"345")

    assert answer.headers == {"x-kind": "stream", "connection": "close"}
    assert caller.receive_all() == b""
    assert feed.openings == 0


@TLS
@pytest.mark.parametrize("last", [STREAM, request("GET / HTTP/1.1", "Connection: close")], ids=["stream", "ordinary"])
def test_callers_who_have_not_left_after_their_last_answer_do_not_hold_up_the_end(serve, feed, caplog, last, tls):
    feed.begin = fail
    served = serve(tls=tls)
    caller = served.caller()
    caller.ask(last)

    served.end()

    assert caller.receive_all() == b""
    caplog.clear()


@TLS
def test_to_push_after_the_end_does_nothing(serve, feed, tls):
    served = serve(tls=tls)
    served.listener().socket.close()
    assert feed.closed.acquire(timeout=HANG_GUARD)

    for _ in range(10):
        feed.push(b"in a thread")
        served.push(b"in the loop")
    served.end()
    for _ in range(10):
        feed.push(b"x" * MIB)


def in_a_thread(play):
    thread = threading.Thread(target=play)
    thread.start()
    thread.join()
