"""Problem details (RFC 9457), for where the emulator itself says no, and no vendor."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from mockserver.core import jsontext

PROBLEM_JSON = "application/problem+json"


def problem(status: int, detail: str, **more: Any) -> bytes:
    """A body that says what is wrong; *more* are members of our own."""
    title = HTTPStatus(status).phrase
    return jsontext.write({"type": "about:blank", "title": title, "status": status, "detail": detail, **more})
