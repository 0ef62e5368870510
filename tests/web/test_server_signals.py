from __future__ import annotations

import signal
import subprocess
import sys
import threading
from contextlib import ExitStack

import pytest

from tests.web.rawsocket import HANG_GUARD, Caller, request

pytest_plugins = ("tests.web.serving",)

GET = request("GET / HTTP/1.1")
HALF_BODY = request("POST / HTTP/1.1", "Content-Length: 5", body=b"12")


class Program:
    """A server in a process of its own."""

    def __init__(self, process, context):
        self.process = process
        self.address = ("127.0.0.1", int(process.stdout.readline()))
        self._context = context

    def caller(self):
        return Caller(self.address, self._context)

    def await_call(self):
        return self.process.stdout.readline().strip()

    def terminate(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    @property
    def status(self):
        return self.process.wait(HANG_GUARD)

    @property
    def errors(self):
        return self.process.stderr.read()


@pytest.fixture
def launch(combination, certificates, tmp_path):
    with ExitStack() as stack:

        def start(*, tls=False, grace=2.0):
            arguments = ["--http", combination["http"], "--loop", combination["loop"], "--grace", str(grace)]
            if tls:
                pem = tmp_path / "leaf.pem"
                certificates.leaf.private_key_and_cert_chain_pem.write_to_path(pem)
                arguments += ["--certificate", str(pem)]
            process = subprocess.Popen(
                [sys.executable, "-W", "error", "-m", "tests.web.served_program", *arguments],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return Program(process, certificates.client if tls else None)

        yield start


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_idle_server_with_exit_status_0_and_without_a_word(launch, number):
    program = launch()

    program.terminate(number)

    assert (program.status, program.errors) == (0, "")


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_sigterm_ends_idle_connections(launch, tls):
    program = launch(tls=tls, grace=1000)
    with program.caller() as idle, program.caller() as silent:
        idle.ask(GET)

        program.terminate()

        assert program.status == 0
        assert silent.receive_all() == b""


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_sigterm_lets_an_answer_that_is_due_come_and_says_that_it_is_the_last(launch, tls):
    program = launch(tls=tls, grace=1000)
    with program.caller() as caller:
        caller.send(request("GET /late?300 HTTP/1.1"))
        assert program.await_call() == "/late"

        program.terminate()
        answer = caller.receive()

    assert (answer.status, answer.body, answer.headers["connection"]) == (200, b"x" * 1000, "close")
    assert (program.status, program.errors) == (0, "")


def test_sigterm_lets_a_body_that_is_on_its_way_come(launch):
    program = launch(grace=1000)
    with program.caller() as caller, program.caller() as witness:
        caller.send(HALF_BODY)
        witness.ask(GET)

        program.terminate()
        witness.receive_all()
        answer = caller.ask(b"345")

    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert program.status == 0


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_sigterm_breaks_off_what_is_not_done_within_the_grace(launch, tls):
    program = launch(tls=tls, grace=0.1)
    with program.caller() as half, program.caller() as late, Caller(program.address) as silent:
        half.send(HALF_BODY)
        late.send(request("GET /late?1000000 HTTP/1.1"))
        program.await_call()

        program.terminate()

        assert (program.status, program.errors) == (0, "")
        silent.socket.close()


def test_a_second_sigterm_breaks_off_everything_at_once(launch):
    program = launch(grace=1000)
    with program.caller() as half, program.caller() as late, program.caller() as witness:
        half.send(HALF_BODY)
        late.send(request("GET /late?1000000 HTTP/1.1"))
        program.await_call()
        witness.ask(GET)

        program.terminate()
        witness.receive_all()
        program.terminate()

        assert (program.status, program.errors) == (0, "")


def test_sigterm_under_load_cuts_no_answer(launch):
    program = launch()
    cut = []
    under_way = threading.Barrier(9)

    def call_on():
        with program.caller() as caller:
            caller.ask(GET)
            under_way.wait(HANG_GUARD)
            while True:
                try:
                    caller.send(GET)
                    received = caller.receive()
                except (ConnectionError, AssertionError):
                    cut.append(caller.received)
                    return
                if received.headers.get("connection") == "close":
                    return

    threads = [threading.Thread(target=call_on) for _ in range(8)]
    drain = threading.Thread(target=program.process.stdout.read)
    for thread in (*threads, drain):
        thread.start()
    under_way.wait(HANG_GUARD)
    program.terminate()
    for thread in (*threads, drain):
        thread.join()

    assert (program.status, cut) == (0, [])
