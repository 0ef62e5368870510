"""Threads that answer calls, where the machine has none to give; and a caller that does not wait for one."""

from __future__ import annotations

import threading

import pytest

from mockserver import Emulator, Settings
from mockserver.rpc import workers
from mockserver.rpc.server import _Handlers
from mockserver.rpc.workers import Workers
from tests.rpc.conftest import NEW, PAYPAL

PATIENCE = 20


class _NoThread:
    """A thread on a machine that has no more of them."""

    def __init__(self, **keywords: object) -> None:
        del keywords

    def start(self) -> None:
        raise RuntimeError("can't start new thread")


@pytest.fixture
def pool():
    pool = Workers(1)
    yield pool
    pool.shutdown()


def test_what_finds_no_thread_is_done_once_there_is_one(pool, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(workers, "Thread", _NoThread)
        first = pool.submit(lambda: "first")
        assert not first.done()

    second = pool.submit(lambda: "second")

    assert (first.result(PATIENCE), second.result(PATIENCE)) == ("first", "second")


def test_one_that_waits_and_finds_no_other_to_take_its_place_works_on_afterwards(pool, monkeypatch):
    def waits() -> str:
        with monkeypatch.context() as patched:
            patched.setattr(workers, "Thread", _NoThread)
            with pool.waiting():
                pass
        return threading.current_thread().name

    assert pool.submit(waits).result(PATIENCE) == "mockserver-grpc"
    assert pool.submit(lambda: "next").result(PATIENCE) == "next"


class _Gone:
    """grpcio's context of a call whose caller has given up while it was worked on."""

    def invocation_metadata(self) -> list[tuple[str, str]]:
        return PAYPAL

    def peer(self) -> str:
        return "ipv4:127.0.0.1:1"

    def is_active(self) -> bool:
        return False


def test_a_caller_that_is_gone_before_the_answer_is_ready_leaves_no_token(pool):
    emulator = Emulator(Settings(port=0))
    handlers = _Handlers(emulator.vendors, emulator.sandboxes, pool, annotate=True, base_url="grpc://localhost")

    answer = handlers._answer(f"/{NEW}", b"", _Gone())

    assert answer == b""
    assert [exchange.reason for exchange in emulator.sandbox.journal] == [""]
    assert list(emulator.sandbox.tokens) == []
