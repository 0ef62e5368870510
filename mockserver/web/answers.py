"""Answers, in the bytes that go over the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .heads import TurnedAway

STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}
WITHOUT_BODY = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer but for the empty line; *closes* if it says itself that it is the last."""

    head: bytes
    body: bytes
    closes: bool


def answer_to(method: str, status: int, headers: list[tuple[str, str]], body: bytes) -> Answer:
    """Write out an answer to a request of this *method*, with the one length that its body has."""
    lines = [STATUS_LINES.get(status) or f"HTTP/1.1 {status} \r\n"]
    ...
