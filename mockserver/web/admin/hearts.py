"""A sign of life for those who follow a journal in which nothing happens: proxies and clients give up on silence."""

from __future__ import annotations

from datetime import timedelta
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

PAUSE = timedelta(seconds=15)


class Listening(Protocol):
    """Whoever wants to be told."""

    @property
    def beat(self) -> Callable[[], None]:
        """Give the sign."""
        ...


class Hearts:
    """Gives everyone a sign every now and then, in one thread, which is there as long as somebody is."""

    def __init__(self, pause: timedelta = PAUSE) -> None:
        self._pause = pause
        self._listening: set[Listening] = set()
        self._lock = Lock()
        self._is_beating = False

    def add(self, somebody: Listening) -> None:
        """From now on, a sign for this one."""
        with self._lock:
            self._listening.add(somebody)
            starts, self._is_beating = not self._is_beating, True
        if starts:
            Thread(target=self._go_on, name="mockserver-hearts", daemon=True).start()

    def remove(self, somebody: Listening) -> None:
        """No more."""
        with self._lock:
            self._listening.discard(somebody)

    def _go_on(self) -> None:
        never = Event()
        while True:
            never.wait(self._pause.total_seconds())
            with self._lock:
                listening = list(self._listening)
                self._is_beating = bool(listening)
            if not listening:
                return
            for somebody in listening:
                somebody.beat()
