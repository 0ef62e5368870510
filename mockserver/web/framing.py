"""Where a request begins and ends in a stream of bytes, and what is turned away before it is a call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
REQUEST_LINE = re.compile(rf"({WORD}) (\*|/[!-~]*|[A-Za-z]+://[!-~]+) HTTP/(1\.[01])\r\n".encode())
BEGINNING = re.compile(rb"[!-~][ -~]*\r?")
AUTHORITY = re.compile(r"[A-Za-z]+://[^/?#]*")
FIELD = re.compile(rf"^({WORD}):([^\r\n]*+)\r\n", re.MULTILINE)
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")

DECISIVE = frozenset({"host", "content-length", "transfer-encoding", "expect", "upgrade"})
TO_HIDE = re.compile(
    r"^(?=(?:Content-Length|Transfer-Encoding|Expect|Upgrade):)", re.IGNORECASE | re.MULTILINE
)


class Stage(Enum):
    """How far the next request has come."""

    IDLE = "nothing of it is here"
    HEAD = "a part of its head is here"
    BODY = "its head is here, and perhaps a part of its body"


@dataclass(frozen=True, slots=True)
class Limits:
    """What callers may ask of the server: how much, how slowly, and how long once it is told to stop."""

    head_bytes: int = 64 * 1024
    header_count: int = 200
    body_bytes: int = 8 * 1024 * 1024
    head_deadline: timedelta = timedelta(seconds=10)
    body_deadline: timedelta = timedelta(seconds=30)
    grace: timedelta = timedelta(seconds=2)

    def deadline(self, stage: Stage) -> timedelta:
        """How long a request may stay in this *stage*."""
        return self.head_deadline if stage is Stage.HEAD else self.body_deadline


class TurnedAway(Exception):  # noqa: N818
    """No call comes of this: an HTTP status, and a sentence for whoever sent it."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Head:
    """A request without its body.

    *target* is in origin form; *headers* are as sent: any case, in order, repeats kept apart; *length*
    is nothing for a body in chunks; *bodiless* is the same head for a parser that must neither look
    for a body nor leave HTTP for an `Upgrade`.
    """

    method: str
    target: str
    version: str
    headers: list[tuple[str, str]]
    length: int | None
    expects_continue: bool
    bodiless: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """A request, all of it."""

    head: Head
    body: bytes


class RequestReader:
    """Takes whole requests, one by one, out of the bytes of a connection."""

    def __init__(self, limits: Limits) -> None:
        self.stage = Stage.IDLE
        self.awaits_continue = False
        self._limits = limits
        self._buffer = bytearray()
        self._requests = self._read()

    @property
    def backlog(self) -> int:
        """How many bytes are here that no request was made of."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def take(self) -> Request | None:
        """Hand over the next request once all of it is here; raise *TurnedAway* if that can never be."""
        return next(self._requests)

    def _read(self) -> Iterator[Request | None]:
        while True:
            yield from self._beginning()
            self.stage = Stage.HEAD
            head = yield from self._head()
            self.stage = Stage.BODY
            body = yield from self._body(head)
            self.stage = Stage.IDLE
            yield Request(head, body)

    def _beginning(self) -> Iterator[None]:
        # RFC 9112, 2.2: empty lines before the request line are ignored.
        while not self._buffer or self._buffer[0] in b"\r\n":
            self._buffer = self._buffer.lstrip(b"\r\n")
            if not self._buffer:
                yield

    def _head(self) -> Generator[None, None, Head]:
        while (end := self._buffer.find(b"\r\n\r\n", 0, self._limits.head_bytes)) < 0:
            if len(self._buffer) >= self._limits.head_bytes:
                raise TurnedAway(
                    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                    f"The head of the request is longer than {self._limits.head_bytes} bytes.",
                )
            require_a_beginning(self._buffer)
            yield
        head = read_head(bytes(self._buffer[: end + 2]), self._limits)
        del self._buffer[: end + 4]
        return head

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
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _line(self) -> Generator[None, None, bytes]:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > self._limits.head_bytes:
                raise malformed("A line between the chunks of the body does not end.")
            yield
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line


def malformed(detail: str) -> TurnedAway:
    return TurnedAway(HTTPStatus.BAD_REQUEST, detail)


def require_a_beginning(buffer: bytearray) -> None:
    """Whoever speaks TLS or HTTP/0.9 waits for an answer; they need not wait for the deadline."""
    line, newline, _ = buffer.partition(b"\n")
    if not (REQUEST_LINE.match(buffer) if newline else BEGINNING.fullmatch(line)):
        raise malformed("This is not the beginning of an HTTP/1 request.")


def require_room(size: int, limits: Limits) -> None:
    if size > limits.body_bytes:
        raise TurnedAway(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The body of the request is longer than {limits.body_bytes} bytes.",
        )


def read_head(raw: bytes, limits: Limits) -> Head:
    line = REQUEST_LINE.match(raw)
    if line is None:
        raise malformed("The request line is not `METHOD target HTTP/1.1`.")
    method, target, version = line.group().decode().split()
    fields = raw[line.end() :].decode("latin-1")
    headers = read_fields(fields, limits)
    decisive = decisive_fields(headers)
    require_one_host(decisive.get("host", []), version)
    target = origin_form(target)
    return Head(
        method=method,
        target=target,
        version=version.removeprefix("HTTP/"),
        headers=headers,
        length=body_length(decisive, limits),
        expects_continue=[value.lower() for value in decisive.get("expect", [])] == ["100-continue"],
        bodiless=f"{method} {target} {version}\r\n{hidden(fields, decisive)}\r\n".encode("latin-1"),
    )


def read_fields(fields: str, limits: Limits) -> list[tuple[str, str]]:
    found = FIELD.findall(fields)
    if len(found) > limits.header_count:
        raise TurnedAway(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            f"The request has more than {limits.header_count} header fields.",
        )
    if len(found) != fields.count("\n"):
        raise malformed("A line of the head is not a header field.")
    return [(name, value.strip(" \t")) for name, value in found]


def decisive_fields(headers: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Pick the fields that decide what the request is and where it ends."""
    decisive: dict[str, list[str]] = {}
    for name, value in headers:
        lowered = name.lower()
        if lowered in DECISIVE:
            decisive.setdefault(lowered, []).append(value)
    return decisive


def require_one_host(hosts: list[str], version: str) -> None:
    if len(hosts) > 1:
        raise malformed("The request has more than one Host.")
    if not hosts and version == "HTTP/1.1":
        raise malformed("The request has no Host.")


def body_length(decisive: dict[str, list[str]], limits: Limits) -> int | None:
    # RFC 9112, 6.3: told twice is not told. A proxy before us may believe the other one.
    lengths = decisive.get("content-length", [])
    codings = decisive.get("transfer-encoding", [])
    if len(lengths) + len(codings) > 1:
        raise malformed("The request says more than once how long its body is.")
    if codings:
        if codings[0].lower() != "chunked":
            raise malformed("The body of the request has a transfer coding other than chunked.")
        return None
    if not lengths:
        return 0
    if not (lengths[0].isascii() and lengths[0].isdigit()):
        raise malformed("The Content-Length of the request is not a number.")
    length = int(lengths[0][:20])
    require_room(length, limits)
    return length


def chunk_size(line: bytes) -> int:
    size = CHUNK_SIZE.fullmatch(line)
    if size is None:
        raise malformed("A chunk of the body does not begin with its size.")
    return int(size[1], 16)


def origin_form(target: str) -> str:
    """Reduce a target that may be a whole URL to its path and query."""
    if target[0] in "/*":
        return target
    below = AUTHORITY.sub("", target, count=1)
    return below if below.startswith("/") else "/" + below


def hidden(fields: str, decisive: dict[str, list[str]]) -> str:
    """Rename the fields that would make a parser wait for a body or leave HTTP."""
    return TO_HIDE.sub("X-", fields) if decisive.keys() - {"host"} else fields
