"""One connection: uvicorn's protocol, handed only requests that are whole and acceptable."""

from __future__ import annotations

import json
import socket
import struct
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from uvicorn.config import HTTP_PROTOCOLS
from uvicorn.importer import import_from_string
from uvicorn.protocols.http.flow_control import CLOSE_HEADER, HIGH_WATER_LIMIT

from mockserver.core.calls import Fault

from .framing import RequestReader, Stage
from .heads import TurnedAway, malformed

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from uvicorn.config import Config
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as UvicornProtocol

    from .callers import Callers
    from .framing import Request
else:
    UvicornProtocol = object

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
NO_LINGERING = struct.pack("ii", 1, 0)
"""The value of SO_LINGER by which closing a socket resets its connection."""
LAST_LOOK = timedelta(seconds=1)
"""How long whoever was turned away has to read why, and to hang up."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to a caller. *body* is empty where the method or the status allows none."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Parcel:
    """A transport, as far as uvicorn's response cycle can see, that keeps head and body together."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.is_closing = transport.is_closing
        self.is_last = False
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.parts.append(data)

    def close(self) -> None:
        self.is_last = True


class Connection(UvicornProtocol):
    """Stands between the wire and the protocol class of uvicorn's that it is mixed into.

    Requests are handed on one at a time, the next when the last was answered: *request* and uvicorn's
    *cycle* are always about the same one. *gone* is done once the caller is.
    """

    server_state: Callers
    request: Request
    gone: asyncio.Future[None]

    def __init__(self, config: Config, callers: Callers) -> None:
        super().__init__(config, callers, app_state={"connection": self})
        self.gone = self.loop.create_future()
        self._reader = RequestReader(callers.limits)
        self._expected = Stage.IDLE
        self._alarm: asyncio.TimerHandle | None = None
        self._is_answering = False
        self._is_over = False

    @property
    def is_busy(self) -> bool:
        """Whether a request is on its way in, or its answer on its way out."""
        return not self._is_over and (self._is_answering or self._reader.stage is not Stage.IDLE)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._unset_alarm()
        self.app_state.clear()
        self.gone.set_result(None)
        self.server_state.note_departure()

    def data_received(self, data: bytes) -> None:
        if self._is_over:
            return
        self._reader.feed(data)
        if not self._is_answering:
            self._proceed()
        elif self._reader.backlog > HIGH_WATER_LIMIT:
            self.flow.pause_reading()

    def send_400_response(self, msg: str) -> None:
        self._turn_away(malformed(msg))

    async def send(self, answer: Answer) -> None:
        """Answer the request with head and body in one write, and go on to the next."""
        wire, is_last = await self._pack(answer)
        if self.gone.done():
            return
        self.transport.write(wire)
        if is_last:
            self.transport.close()
        self._is_answering = False
        self.on_response_complete()
        if not self.transport.is_closing():
            self._proceed()

    async def send_broken(self, answer: Answer, fault: Fault) -> None:
        """Answer the request as far as *fault* lets it come, and end the connection."""
        wire, _ = await self._pack(answer)
        self._is_over = True
        if self.gone.done():
            return
        if fault is not Fault.DROP_BEFORE:
            self.transport.set_write_buffer_limits(high=0)
            self.transport.write(wire[: len(wire) - (len(answer.body) + 1) // 2])
        if fault is Fault.DROP_MIDWAY:
            await self.flow.drain()
            self._reset()
        self.transport.close()

    async def _pack(self, answer: Answer) -> tuple[bytes, bool]:
        cycle, parcel = self.cycle, Parcel(self.transport)
        headers = [*answer.headers, CLOSE_HEADER] if self.server_state.are_leaving else answer.headers
        cycle.transport, cycle.on_response = cast("asyncio.Transport", parcel), lambda: None
        try:
            await cycle.send({"type": "http.response.start", "status": answer.status, "headers": headers})
            await cycle.send({"type": "http.response.body", "body": answer.body})
        finally:
            cycle.transport = self.transport
        return b"".join(parcel.parts), parcel.is_last

    def _reset(self) -> None:
        wire: socket.socket = self.transport.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGERING)
        self.transport.abort()

    def _proceed(self) -> None:
        try:
            request = self._reader.take()
        except TurnedAway as reason:
            self._turn_away(reason)
            return
        if request is None:
            self._expect_rest()
            return
        self._expected = Stage.IDLE
        self._unset_alarm()
        self._is_answering = True
        self.request = request
        super().data_received(request.head.bodiless)

    def _expect_rest(self) -> None:
        stage = self._reader.stage
        if stage is self._expected:
            return
        self._expected = stage
        self._unset_keepalive_if_required()
        self._set_alarm(self.server_state.limits.deadline(stage), self._lose_patience)
        if stage is Stage.BODY and self._reader.awaits_continue:
            self.transport.write(CONTINUE)

    def _lose_patience(self) -> None:
        detail = f"Nothing more came of the request in time: {self._expected.value}."
        self._turn_away(TurnedAway(HTTPStatus.REQUEST_TIMEOUT, detail))

    def _turn_away(self, reason: TurnedAway) -> None:
        self._is_over = True
        self._unset_alarm()
        self.transport.write(spelled(reason))
        # A socket closed on unread bytes resets its connection, and the answer may go down with it.
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._set_alarm(LAST_LOOK, self.transport.close)
        else:
            self.transport.close()

    def _set_alarm(self, after: timedelta, then: Callable[[], None]) -> None:
        self._unset_alarm()
        self._alarm = self.loop.call_later(after.total_seconds(), then)

    def _unset_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None


def connection_class(http: str) -> type[Connection]:
    """Mix the connection into uvicorn's protocol class of this name; `auto` is the best one installed."""
    protocol = import_from_string(HTTP_PROTOCOLS[http])
    return cast("type[Connection]", type("Connection", (Connection, protocol), {}))


def spelled(reason: TurnedAway) -> bytes:
    """Write out the answer to whoever is turned away."""
    status, phrase = reason.status, reason.status.phrase
    body = json.dumps({"type": "about:blank", "title": phrase, "status": status, "detail": reason.detail})
    return (
        f"HTTP/1.1 {status} {phrase}\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Connection: close\r\n"
        "\r\n"
        f"{body}"
    ).encode("ascii")
