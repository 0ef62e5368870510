"""A load generator: some keep-alive connections, requests as ready bytes, every answer checked.

It runs in the process that measures, never in the one that serves. Each connection asks again as soon as it
was answered, so there are always as many calls in flight as connections.
"""

from __future__ import annotations

import gc
import json
import math
import re
import selectors
import socket
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from statistics import median
from time import perf_counter, perf_counter_ns
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONNECTIONS = 16
HOST = "127.0.0.1"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r", re.IGNORECASE)
_ANSWER_BYTES = 64 * 1024


class UnexpectedAnswerError(RuntimeError):
    """A server answered something else than the target promises."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send what, again and again, and the status that every answer must have."""

    name: str
    port: int
    requests: tuple[bytes, ...]
    status: int = 200


@dataclass(frozen=True, slots=True)
class Round:
    """How one round of load went: its length in seconds, and each call's latency in nanoseconds."""

    seconds: float
    latencies: Sequence[int]

    @property
    def rate(self) -> float:
        """Calls in a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that this share of the calls did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1e6


@dataclass(frozen=True, slots=True)
class Rounds:
    """Several rounds of one target: of each figure, the median."""

    rounds: Sequence[Round]

    @property
    def rate(self) -> float:
        """Calls in a second."""
        return median(each.rate for each in self.rounds)

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that this share of the calls did not exceed."""
        return median(each.percentile(share) for each in self.rounds)


class Line:
    """One keep-alive connection, with at most one call in flight."""

    __slots__ = ("_answer", "_status", "_target", "sent_at", "socket")

    def __init__(self, target: Target, timeout: float | None = 10) -> None:
        self._target = target
        self._status = b" %d " % target.status
        self._answer = bytearray()
        self.sent_at = 0
        self.socket = socket.create_connection((HOST, target.port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, request: bytes) -> None:
        """Make a call."""
        self.sent_at = perf_counter_ns()
        self.socket.sendall(request)

    def receive(self) -> bytes | None:
        """The body of the answer once all of it is here; nothing before."""
        data = self.socket.recv(_ANSWER_BYTES)
        if not data:
            raise UnexpectedAnswerError(f"{self._target.name}: hung up after {bytes(self._answer)!r}")
        self._answer += data
        end = self._answer.find(b"\r\n\r\n")
        if end < 0:
            return None
        whole = end + 4 + self._length(end)
        if len(self._answer) < whole:
            return None
        body = bytes(self._answer[end + 4 :])
        self._answer.clear()
        return body

    def _length(self, end: int) -> int:
        found = _LENGTH.search(self._answer, 0, end + 2)
        if self._answer[8:13] != self._status or found is None:
            raise UnexpectedAnswerError(f"{self._target.name}: {bytes(self._answer)!r}")
        return int(found[1])


def request(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """A whole request, ready to send. Header names are written with underscores."""
    fields = {"Host": f"{HOST}:{port}", "Accept": "application/json", **headers}
    if body:
        fields["Content-Length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def ask(target: Target) -> Any:
    """The JSON that one call is answered with."""
    with Line(target) as line:
        line.send(target.requests[0])
        while (body := line.receive()) is None:
            pass
        return json.loads(body)


def drive(
    target: Target, *, calls: float = math.inf, seconds: float = math.inf, connections: int = CONNECTIONS
) -> Round:
    """Load *target* until so many *calls* were sent or so many *seconds* are over, and wait for the last answer."""
    with ExitStack() as stack:
        stack.enter_context(_undisturbed())
        lines = [stack.enter_context(Line(target)) for _ in range(connections)]
        selector = stack.enter_context(selectors.DefaultSelector())
        for line in lines:
            selector.register(line.socket, selectors.EVENT_READ, line)
        return _run(lines, selector, target, calls, seconds)


def _run(lines: list[Line], selector: selectors.BaseSelector, target: Target, calls: float, seconds: float) -> Round:
    requests = cycle(target.requests)
    latencies: list[int] = []
    began = perf_counter()
    until = began + seconds
    for line in lines:
        line.send(next(requests))
    sent = len(lines)
    while len(latencies) < sent:
        for key, _ in selector.select():
            line = key.data
            if line.receive() is None:
                continue
            latencies.append(perf_counter_ns() - line.sent_at)
            if sent < calls and perf_counter() < until:
                line.send(next(requests))
                sent += 1
    return Round(perf_counter() - began, latencies)


@contextmanager
def _undisturbed() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
