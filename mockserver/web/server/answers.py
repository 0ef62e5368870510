"""Answers, in the bytes that go over the wire."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from mockserver.core.problems import PROBLEM_JSON, problem

if TYPE_CHECKING:
    from .heads import TurnedAway
    from .streams import Feed

STATUS_LINES = {code: f"HTTP/1.1 {code} \r\n" for code in range(200, 600)} | {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus
}
WITHOUT_BODY = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer but for its empty line, the body, and whether it *closes* the connection.

    Where there is a *feed*, the body is but the beginning of a stream.
    """

    head: bytes
    body: bytes
    closes: bool
    feed: Feed | None = None

    def wire(self, *, is_last: bool) -> bytes:
        """All of it, saying so if it *is_last* of its connection."""
        announcement = b"Connection: close\r\n" if is_last and not self.closes else b""
        return b"".join((self.head, announcement, b"\r\n", self.body))

    def first_half(self) -> bytes:
        """The head, and half of the body."""
        return b"".join((self.head, b"\r\n", self.body[: len(self.body) // 2]))


def answer_to(method: str, status: int, headers: list[tuple[str, str]], body: bytes) -> Answer:
    """Write out an answer to a request of this *method*, whatever it says about the length of its body."""
    if method == "HEAD" and status not in WITHOUT_BODY:
        return written(status, headers, b"")
    headers = [field for field in headers if field[0].lower() != "content-length"]
    if status in WITHOUT_BODY:
        return written(status, headers, b"")
    headers.append(("Content-Length", str(len(body))))
    return written(status, headers, body)


def beginning_for(method: str, status: int, headers: list[tuple[str, str]], body: bytes, feed: Feed) -> Answer:
    """Write out what comes before the *feed*, to end with the connection. To HEAD this is the same, and all."""
    headers = [field for field in headers if field[0].lower() != "content-length"]
    headers.append(("Connection", "close"))
    if method == "HEAD" or status in WITHOUT_BODY:
        return written(status, headers, b"")
    return replace(written(status, headers, body), feed=feed)


def refusal_of(reason: TurnedAway) -> Answer:
    """Write out the answer to whoever is turned away."""
    body = problem(reason.status, str(reason))
    return answer_to("GET", reason.status, [("Content-Type", PROBLEM_JSON)], body)


def written(status: int, headers: list[tuple[str, str]], body: bytes) -> Answer:
    head = STATUS_LINES[status] + "".join([f"{name}: {value}\r\n" for name, value in headers])
    if head.count("\n") + head.count("\r") != 2 * len(headers) + 2:
        raise ValueError("A header field of the answer contains the end of a line.")
    return Answer(head.encode("latin-1"), body, closes="\nconnection: close" in head.lower())
