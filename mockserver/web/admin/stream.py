"""The journal as server-sent events (WHATWG HTML, section 9.2), to so many readers and no more."""

from __future__ import annotations

import json
import weakref
from queue import Empty, Queue
from threading import RLock
from typing import TYPE_CHECKING, Any

from flask import Response

from mockserver.core.sandbox import UnknownSandboxError
from mockserver.web import exchanges, wire
from mockserver.web.admin.desk import STREAMS, AdminProblem, field_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mockserver.core.expectations import ExchangeFilter
    from mockserver.core.journal import Exchange
    from mockserver.web.admin.desk import Desk

    Push = Callable[[bytes], None]

GREETING = b"retry: 1000\n\n"
HEARTBEAT = b": still here\n\n"
PAUSE_SECONDS = 15.0


class Reader:
    """Somebody who reads a journal as it is written. *release* gives the place back, also of one who never began."""

    def __init__(self, desk: Desk, which: ExchangeFilter, since: str | None) -> None:
        self._desk = desk
        self._which = which
        self._since = since
        self._lock = RLock()
        self._replayed: set[str] = set()
        self._push: Push | None = None
        self.release = weakref.finalize(self, desk.house.seats.release)

    def open(self, push: Push) -> Callable[[], None]:
        """Tell what was missed, and then whatever happens; the answer ends it."""
        journal = self._desk.sandbox.journal
        with self._lock:
            # Whoever happens meanwhile waits for its turn, so that nothing is lost between what was and what will be.
            self._push = push
            push(GREETING)
            journal.listen(self._tell)
            for exchange in exchanges.later(journal, self._since) if self._since else ():
                self._tell(exchange)
                self._replayed.add(exchange.id)
        self._desk.house.hearts.add(self)
        return self._close

    def beat(self) -> None:
        """Say that nothing is wrong."""
        if self._push:
            self._push(HEARTBEAT)

    def _tell(self, exchange: Exchange) -> None:
        with self._lock:
            if self._push and exchange.id not in self._replayed and self._which.matches(exchange):
                self._push(self._event(exchange))

    def _event(self, exchange: Exchange) -> bytes:
        """An exchange as an event; a browser that comes back says its id."""
        data = json.dumps(self._desk.house.shown(exchanges.summary(exchange)), ensure_ascii=False)
        return f"id: {exchange.id}\nevent: exchange\ndata: {data}\n\n".encode()

    def _close(self) -> None:
        # After a reset it is the new journal that this reader listens to.
        self._push = None
        self._desk.house.hearts.remove(self)
        try:
            self._desk.sandbox.journal.dismiss(self._tell)
        except UnknownSandboxError:
            pass  # whoever dropped the sandbox has dropped its journal too
        finally:
            self.release()


def marker(since: str | None) -> str | None:
    """The id of an exchange; a 422 where it is none."""
    try:
        exchanges.number("0" if since is None else since)
    except ValueError as error:
        raise field_problem("after", str(error)) from None
    return since


def stream(desk: Desk, fields: Mapping[str, Any]) -> Response:
    """Tell of exchanges as they happen, from now on or from the one that the reader has seen last."""
    since = marker(desk.headers.get("Last-Event-ID") or fields.get("after"))
    answer = Response(mimetype="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
    desk.sandbox  # noqa: B018  (there must be one)
    if desk.environ["REQUEST_METHOD"] == "HEAD":
        return answer
    if not desk.house.seats.acquire(blocking=False):
        raise AdminProblem(503, f"{STREAMS} streams are open, and there are no more; poll the journal with ?after=.")
    reader = Reader(desk, fields["which"], since)
    hand_over = desk.environ.get(wire.STREAM)
    if hand_over:
        hand_over(reader.open)
    else:
        answer.response = _heard(reader)
    return answer


def _heard(reader: Reader) -> Iterator[bytes]:
    """The same for servers that can only iterate: each reader holds a thread of theirs."""
    told: Queue[bytes] = Queue()
    close = reader.open(told.put)
    try:
        while True:
            try:
                yield told.get(timeout=PAUSE_SECONDS)
            except Empty:
                yield HEARTBEAT
    finally:
        close()
