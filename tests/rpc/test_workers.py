"""Threads that answer calls, where the machine has none to give."""

from __future__ import annotations

import threading

import pytest

from mockserver.rpc import workers
from mockserver.rpc.workers import Workers

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
