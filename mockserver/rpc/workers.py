"""Threads that answer calls: a few at work, and as many beside them as wait."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Task = tuple[Future[Any], "Callable[..., Any]", tuple[Any, ...], dict[str, Any]]


class Workers(ThreadPoolExecutor):
    """So many threads at work. One that waits is none of them: another takes its place for as long.

    grpcio has no call that waits without a thread but on an event loop, and its loop is shared by the whole process:
    a client of `grpc.aio` beside it would find its own disturbed.
    """

    def __init__(self, count: int) -> None:
        super().__init__(1)  # its own threads are never started: what is submitted goes elsewhere
        self._count = count
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._guard = Lock()
        self._alive = 0
        self._waiting = 0
        self._closed = False

    def submit(self, task: Callable[..., Any], /, *arguments: Any, **keywords: Any) -> Future[Any]:
        """Do this soon."""
        future: Future[Any] = Future()
        self._tasks.put((future, task, arguments, keywords))
        self._fill()
        return future

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """This thread waits in here, and another works."""
        with self._guard:
            self._waiting += 1
        self._fill()
        try:
            yield
        finally:
            with self._guard:
                self._waiting -= 1

    def shutdown(
        self,
        wait: bool = True,  # noqa: FBT001, FBT002  (as the base has it)
        *,
        cancel_futures: bool = False,
    ) -> None:
        """Let the threads end once they are idle."""
        del wait, cancel_futures
        with self._guard:
            self._closed = True
            alive = self._alive
        for _ in range(alive):
            self._tasks.put(None)

    def _fill(self) -> None:
        with self._guard:
            missing = 0 if self._closed else self._count - (self._alive - self._waiting)
            self._alive += max(0, missing)
        for _ in range(missing):
            try:
                Thread(target=self._work, name="mockserver-grpc", daemon=True).start()
            except RuntimeError:
                # The machine has no more threads to give. What is submitted waits for one, or for the next to be tried.
                with self._guard:
                    self._alive -= 1

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            _do(*task)
            del task
            if self._is_one_too_many():
                return
        with self._guard:
            self._alive -= 1

    def _is_one_too_many(self) -> bool:
        with self._guard:
            surplus = self._alive - self._waiting > self._count
            self._alive -= surplus
        return surplus


def _do(future: Future[Any], task: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    try:
        future.set_result(task(*arguments, **keywords))
    except BaseException as error:  # noqa: BLE001  (whoever submitted it is told)
        future.set_exception(error)
