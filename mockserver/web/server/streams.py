"""Answers without an end: what is pushed goes out as it comes, until the caller or the server has had enough."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from .connection import Connection

LOGGER = logging.getLogger("mockserver.server")

Push = Callable[[bytes], None]
"""Writes to the wire, from any thread; it does nothing once the stream is over."""
Feed = Callable[[Push], Callable[[], None]]
"""Begins to push, and gives what is to be called when the stream is over."""

MOST_WAITING = 1024 * 1024
"""How many bytes may wait for a caller who does not read, and how many for a loop that has no time."""


def stream_to(connection: Connection, feed: Feed) -> None:
    """Let *feed* push to the caller of *connection* until it is lost."""
    connection.flow.resume_reading()
    try:
        close = feed(Stream(connection.loop, connection.transport).push)
    except Exception:
        LOGGER.exception("%s %s", connection.head.method, connection.head.target)
        connection.hang_up()
    else:
        connection.gone.add_done_callback(lambda _: close())


class Stream:
    """The way of bytes from whoever pushes to one caller: what is pushed in one turn of the loop is one write."""

    def __init__(self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport) -> None:
        self._loop = loop
        self._transport = transport
        self._lock = Lock()
        self._pushed = bytearray()
        self._is_too_much = False

    def push(self, data: bytes) -> None:
        """Write *data* after all that was pushed before."""
        with self._lock:
            is_first = not self._pushed
            self._is_too_much |= len(self._pushed) > MOST_WAITING
            if not self._is_too_much:
                self._pushed += data
        if is_first:
            # Whoever pushes may be of another thread, and outlive this loop.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._write)

    def _write(self) -> None:
        with self._lock:
            pushed, self._pushed = self._pushed, bytearray()
        if self._transport.is_closing():
            return
        self._transport.write(pushed)
        if self._is_too_much or self._transport.get_write_buffer_size() > MOST_WAITING:
            self._transport.abort()
