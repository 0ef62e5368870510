from __future__ import annotations

import socket
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from mockserver.web.server import Limits, Listener, Server, bind
from tests.clients.tools import missing
from tests.web.rawsocket import Caller, echo, request

pytest_plugins = ("tests.web.serving",)

GET = request("GET / HTTP/1.1")


def test_port_0_is_any_free_port():
    with bind("127.0.0.1", 0) as listening:
        assert listening.getsockname()[1] > 0


def test_a_port_that_is_taken_is_an_os_error():
    with bind("127.0.0.1", 0) as listening, pytest.raises(OSError, match="in use"):
        bind("127.0.0.1", listening.getsockname()[1])


def test_ipv6_is_listened_on_where_there_is_any(combination):
    try:
        listening = bind("::1", 0)
    except OSError:
        missing("an IPv6 loopback", "enable IPv6 on this machine")
    address = listening.getsockname()[:2]

    with Server(echo, [Listener(listening)], **combination), Caller(address) as caller:
        seen = caller.ask(GET).json

    assert (seen["SERVER_NAME"], seen["REMOTE_ADDR"]) == ("::1", "::1")


def test_one_server_listens_on_several_sockets_with_and_without_tls(combination, certificates):
    plain, secure = bind("127.0.0.1", 0), bind("127.0.0.1", 0)
    addresses = plain.getsockname(), secure.getsockname()

    with (
        Server(echo, [Listener(plain), Listener(secure, certificates.server)], **combination),
        Caller(addresses[0]) as one,
        Caller(addresses[1], certificates.client) as other,
    ):
        schemes = [caller.ask(GET).json["wsgi.url_scheme"] for caller in (one, other)]

    assert schemes == ["http", "https"]


def test_it_says_when_it_is_ready(combination):
    ready = threading.Event()

    with Server(echo, [Listener(bind("127.0.0.1", 0))], on_ready=ready.set, **combination):
        was_ready = ready.is_set()

    assert was_ready


def test_a_failure_to_start_is_raised_where_it_was_started(combination):
    closed = bind("127.0.0.1", 0)
    closed.close()
    server = Server(echo, [Listener(closed)], **combination)

    with pytest.raises((OSError, ValueError)):
        server.start()


def test_nobody_is_accepted_after_the_end(combination):
    listening = bind("127.0.0.1", 0)
    address = listening.getsockname()
    with Server(echo, [Listener(listening)], **combination):
        pass

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


def test_fifty_rounds_leave_no_thread_and_no_descriptor(combination):
    def one_round():
        listening = bind("127.0.0.1", 0)
        with Caller(listening.getsockname()) as idle, Server(echo, [Listener(listening)], **combination):
            idle.ask(GET)

    assert leftovers(one_round, times=50) == (0, 0)


def test_callers_who_are_not_done_leave_no_thread_and_no_descriptor(combination, certificates):
    limits = Limits(grace=timedelta(milliseconds=1))

    def one_round():
        plain, secure = bind("127.0.0.1", 0), bind("127.0.0.1", 0)
        listeners = [Listener(plain), Listener(secure, certificates.server)]
        addresses = plain.getsockname(), secure.getsockname()
        with (
            Caller(addresses[0]) as half,
            Caller(addresses[1]) as silent_on_tls,
            Server(echo, listeners, limits=limits, **combination),
            Caller(addresses[1], certificates.client) as idle_on_tls,
        ):
            half.send(b"GET")
            silent_on_tls.send(b"\x16")
            idle_on_tls.ask(GET)

    assert leftovers(one_round, times=3) == (0, 0)


def leftovers(play, *, times):
    play()
    threads, descriptors = held()
    for _ in range(times):
        play()
    return held()[0] - threads, held()[1] - descriptors


def held():
    return threading.active_count(), sum(1 for _ in Path("/proc/self/fd").iterdir())
