"""Where a request begins and ends in the bytes of a connection."""

from __future__ import annotations

import re
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING

from .heads import TurnedAway, malformed, read_head, require_a_beginning, require_room

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from .heads import Head, Limits

CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")


class Stage(Enum):
    """How far the next request has come."""

    IDLE = "nothing of it is here"
    HEAD = "a part of its head is here"
    BODY = "its head is here, and a part of its body may be"


class RequestReader:
    """Takes whole requests, one by one, out of the bytes of a connection."""

    def __init__(self, limits: Limits) -> None:
        self.stage = Stage.IDLE
        self.awaits_continue = False
        self._limits = limits
        self._buffer = bytearray()
        self._requests = self._read()
        self._last_head: Head | None = None

    @property
    def backlog(self) -> int:
        """How many bytes are here that were not taken."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def take(self) -> tuple[Head, bytes] | None:
        """Hand over a head and its body once both are here; raise *TurnedAway* if they can never be."""
        return next(self._requests)

    def _read(self) -> Iterator[tuple[Head, bytes] | None]:
        while True:
            yield from self._beginning()
            self.stage = Stage.HEAD
            head = yield from self._head()
            self.stage = Stage.BODY
            body = yield from self._body(head)
            self.stage = Stage.IDLE
            yield head, body

    def _beginning(self) -> Iterator[None]:
        # RFC 9112, 2.2: empty lines before the request line are ignored.
        while not self._buffer or self._buffer[0] in b"\r\n":
            self._buffer = self._buffer.lstrip(b"\r\n")
            if not self._buffer:
                yield

    def _head(self) -> Generator[None, None, Head]:
        limit = self._limits.head_bytes
        while (end := self._buffer.find(b"\r\n\r\n", 0, limit)) < 0:
            if len(self._buffer) >= limit:
                raise TurnedAway(
                    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                    f"The head of the request is longer than {limit} bytes.",
                )
            first_line = self._buffer[: self._buffer.find(b"\n") + 1] or self._buffer
            require_a_beginning(first_line.decode("latin-1"))
            yield
        return self._understood(self._cut(end + 4))

    def _understood(self, raw: bytes) -> Head:
        # Who keeps a connection repeats the head, and understanding it is a fifth of the work of a call.
        if self._last_head is None or self._last_head.raw != raw:
            self._last_head = read_head(raw, self._limits)
        return self._last_head

    def _body(self, head: Head) -> Generator[None, None, bytes]:
        if head.length == 0:
            return b""
        self.awaits_continue = head.expects_continue and not self._buffer
        if head.length is None:
            return (yield from self._chunks())
        return (yield from self._bytes(head.length))

    def _chunks(self) -> Generator[None, None, bytes]:
        body = bytearray()
        while size := chunk_size((yield from self._line())):
            require_room(len(body) + size, self._limits)
            body += yield from self._bytes(size)
            if (yield from self._bytes(2)) != b"\r\n":
                raise malformed("A chunk of the body is longer than it says.")
        while (yield from self._line()):
            pass  # RFC 9112, 7.1.2: trailers may be discarded.
        return bytes(body)

    def _bytes(self, count: int) -> Generator[None, None, bytes]:
        while len(self._buffer) < count:
            yield
        return self._cut(count)

    def _line(self) -> Generator[None, None, bytes]:
        while (end := self._buffer.find(b"\r\n", 0, self._limits.head_bytes)) < 0:
            if len(self._buffer) >= self._limits.head_bytes:
                raise malformed("A line between the chunks of the body does not end.")
            yield
        return self._cut(end + 2)[:-2]

    def _cut(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken


def chunk_size(line: bytes) -> int:
    size = CHUNK_SIZE.fullmatch(line)
    if size is None:
        raise malformed("A chunk of the body does not begin with its size.")
    return int(size[1], 16)
