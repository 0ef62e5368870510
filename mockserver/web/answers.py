"""Answers, in the bytes that go over the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .heads import TurnedAway

STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}" for status in HTTPStatus}
WITHOUT_BODY = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer but for its empty line, the body, and whether it *closes* the connection."""

    head: bytes
    body: bytes
    closes: bool

    def wire(self, *, is_last: bool) -> bytes:
        """All of it, saying so if it *is_last* of its connection."""
        announcement = b"Connection: close\r\n" if is_last and not self.closes else b""
        return b"".join((self.head, announcement, b"\r\n", self.body))

    def first_half(self) -> bytes:
        """The head, and half of the body."""
        return b"".join((self.head, b"\r\n", self.body[: len(self.body) // 2]))


def answer_to(method: str, status: int, headers: list[tuple[str, str]], body: bytes) -> Answer:
    """Write out an answer to a request of this *method*, whatever it says about the length of its body."""
    if status in WITHOUT_BODY:
        return written(status, without_length(headers), b"")
    if method == "HEAD":
        return written(status, headers, b"")
    return written(status, [*without_length(headers), ("Content-Length", str(len(body)))], body)


def refusal_of(reason: TurnedAway) -> Answer:
    """Write out the answer to whoever is turned away."""
    title = reason.status.phrase
    body = json.dumps({"type": "about:blank", "title": title, "status": reason.status, "detail": str(reason)})
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    return written(reason.status, headers, body.encode())


def written(status: int, headers: list[tuple[str, str]], body: bytes) -> Answer:
    lines = [STATUS_LINES.get(status) or f"HTTP/1.1 {status} "]
    lines += [f"{name}: {value}" for name, value in headers]
    head = "\r\n".join(lines)
    if head.count("\r") + head.count("\n") != 2 * len(headers):
        raise ValueError("A header field of the answer contains the end of a line.")
    return Answer(f"{head}\r\n".encode("latin-1"), body, closes=says_close(headers))


def without_length(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() != "content-length"]


def says_close(headers: list[tuple[str, str]]) -> bool:
    return any(name.lower() == "connection" and "close" in value.lower() for name, value in headers)
