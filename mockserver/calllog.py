"""A line for each call, printed from a thread of its own: a reader who stalls or leaves holds up no call."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from io import StringIO
from threading import Event, Thread
from typing import TYPE_CHECKING, Self, TextIO

from mockserver.core import redaction

if TYPE_CHECKING:
    from mockserver.core.journal import Exchange

PAUSE = timedelta(milliseconds=50)
"""How long a line may wait to be printed."""
BACKLOG = 10_000
"""So many exchanges wait for a reader who stalls; then the oldest are not printed."""
FAREWELL = timedelta(seconds=1)
"""How long the last lines may take."""


class CallLog:
    """Prints exchanges to *stream* while it is open, by `with`; to nobody where there is none, as under `>&-`."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream or StringIO()
        self._waiting: deque[Exchange] = deque(maxlen=BACKLOG)
        self._closing = Event()
        self._thread = Thread(target=self._print_on, name="mockserver-calllog", daemon=True)

    def __call__(self, exchange: Exchange) -> None:
        """Print this one soon."""
        self._waiting.append(exchange)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join(FAREWELL.total_seconds())

    def _print_on(self) -> None:
        while not self._closing.wait(PAUSE.total_seconds()):
            self._print()
        self._print()

    def _print(self) -> None:
        lines = []
        while self._waiting:
            lines.append(line(self._waiting.popleft()))
        try:
            self._stream.write("".join(lines))
            self._stream.flush()
        except (OSError, ValueError):
            self._closing.set()


def line(exchange: Exchange) -> str:
    """When, which, what was asked, what was answered, and why."""
    time = exchange.at.isoformat(timespec="seconds")[11:19]
    path = redaction.text(exchange.call.path)
    why = f" {exchange.reason}" if exchange.reason else ""
    hint = f" ({exchange.hint})" if exchange.hint else ""
    return f"{time} {exchange.id} {exchange.call.method} {path} {exchange.reply.status}{why}{hint}\n"
