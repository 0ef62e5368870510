"""One connection: uvicorn's protocol, handed only requests that are whole and acceptable."""

from __future__ import annotations

import socket
import struct
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from uvicorn.config import HTTP_PROTOCOLS
from uvicorn.importer import import_from_string
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT

from mockserver.core.calls import AT_ONCE, Fault

from .answers import refusal_of
from .framing import RequestReader, Stage
from .gateway import hand_over
from .heads import TurnedAway, malformed
from .streams import stream_to

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    import h11
    from uvicorn.config import Config
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as UvicornProtocol

    from .answers import Answer
    from .callers import Callers
    from .gateway import Gateway
    from .heads import Head
else:  # Which of uvicorn's protocol classes it will be is known to connection_class() only.
    UvicornProtocol = object

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
NO_LINGERING = struct.pack("ii", 1, 0)
"""The value of SO_LINGER by which closing a socket resets its connection."""
LAST_LOOK = timedelta(seconds=1)
"""How long whoever was turned away has to read why, and to hang up; and whoever leaves a stream, to be gone."""


class Connection(UvicornProtocol):
    """Stands between the wire and the protocol class of uvicorn's that it is mixed into.

    Requests are handed on one at a time, the next when the last was answered: *head*, *body* and
    uvicorn's *cycle* are about the same one. *gone* is done once the caller is. An answer that is
    *streaming* is the last, ends with the connection, and keeps nobody busy.
    """

    server_state: Callers
    head: Head
    body: bytes
    gone: asyncio.Future[None]

    def __init__(self, config: Config, callers: Callers) -> None:
        super().__init__(config, callers, app_state={"connection": self})
        self.gone = self.loop.create_future()
        self.is_streaming = False
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

    def eof_received(self) -> None:
        """Give whoever leaves a stream a moment to take what is on its way, and to part in good order."""
        if self.is_streaming:
            self._set_alarm(LAST_LOOK, self.transport.abort)

    def hang_up(self) -> None:
        """Close the connection, once: to close it twice takes from asyncio's TLS the means to abort it."""
        if not self.transport.is_closing():
            self.transport.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Leave it at that: the fields were read already, and uvicorn need not collect them again."""

    def send_400_response(self, msg: str) -> None:
        self._turn_away(malformed(msg))

    async def send(self, answer: Answer) -> None:
        """Answer the request with head and body in one write, and go on to the next."""
        await self.flow.drain()
        if self.gone.done():
            return
        self._write(answer)
        self._proceed()

    async def send_broken(self, answer: Answer, fault: Fault) -> None:
        """Answer the request as far as *fault* lets it come, and end the connection."""
        self._is_over = True
        if self.gone.done():
            return
        self._end_cycle()
        if fault is not Fault.DROP_BEFORE:
            self.transport.set_write_buffer_limits(high=0)
            self.transport.write(answer.first_half())
        if fault is Fault.DROP_MIDWAY:
            await self.flow.drain()
            self._reset()
        else:
            self.hang_up()

    def _write(self, answer: Answer) -> None:
        is_last = answer.closes or self.server_state.are_leaving or not self.head.persists
        self.transport.write(answer.wire(is_last=is_last))
        self._end_cycle()
        if not is_last:
            self.on_response_complete()
            return
        self._is_over = True
        if answer.feed is None or self.server_state.are_leaving:
            self.hang_up()
        else:
            self.is_streaming = True
            stream_to(self, answer.feed)

    def _end_cycle(self) -> None:
        self._is_answering = False

    def _reset(self) -> None:
        if not self.gone.done():
            wire: socket.socket = self.transport.get_extra_info("socket")
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGERING)
            self.transport.abort()

    def _proceed(self) -> None:
        while not (self._is_over or self._is_answering):
            try:
                taken = self._reader.take()
            except TurnedAway as reason:
                self._turn_away(reason)
                return
            if taken is None:
                self._expect_rest()
                return
            self._expected = Stage.IDLE
            self._unset_alarm()
            self._is_answering = True
            self.head, self.body = taken
            super().data_received(self.head.bodiless)
            if not self._is_over:
                self._begin_answer()

    def _begin_answer(self) -> None:
        """Leave it to the task that uvicorn has made of the request."""

    def _expect_rest(self) -> None:
        stage = self._reader.stage
        if stage is self._expected:
            return
        self._expected = stage
        self._unset_keepalive_if_required()
        self._set_alarm(self._deadline(stage), self._lose_patience)
        if stage is Stage.BODY and self._reader.awaits_continue:
            self.transport.write(CONTINUE)

    def _deadline(self, stage: Stage) -> timedelta:
        limits = self.server_state.limits
        return limits.head_deadline if stage is Stage.HEAD else limits.body_deadline

    def _lose_patience(self) -> None:
        detail = f"Nothing more came of the request in time: {self._expected.value}."
        self._turn_away(TurnedAway(HTTPStatus.REQUEST_TIMEOUT, detail))

    def _turn_away(self, reason: TurnedAway) -> None:
        self._is_over = True
        self._unset_alarm()
        self.transport.write(refusal_of(reason).wire(is_last=True))
        # A socket closed on unread bytes resets its connection, and the answer may go down with it.
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._set_alarm(LAST_LOOK, self.hang_up)

    def _set_alarm(self, after: timedelta, then: Callable[[], None]) -> None:
        self._unset_alarm()
        self._alarm = self.loop.call_later(after.total_seconds(), then)

    def _unset_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None


class H11Connection(Connection):
    """Stands before h11, which expects to see every answer, and so meets each request anew."""

    conn: h11.Connection

    def on_response_complete(self) -> None:
        self.conn = type(self.conn)(self.conn.our_role)
        super().on_response_complete()

    def _end_cycle(self) -> None:
        super()._end_cycle()
        self.cycle.response_started = self.cycle.response_complete = True


class HttptoolsConnection(Connection):
    """Stands before llhttp, which has only to agree with the head; a request is answered without a task of its own.

    A task and what uvicorn gathers for it cost a fifth of a call, and nearly all answers leave at once.
    """

    app: Gateway

    def on_url(self, url: bytes) -> None:
        """Leave it at that, as with the header fields."""

    def on_headers_complete(self) -> None:
        """Make no task of the request."""

    def on_message_complete(self) -> None:
        """There is nobody to tell."""

    def _begin_answer(self) -> None:
        answer, delivery = self.app.answer(self)
        if delivery is AT_ONCE and not self.flow.write_paused:
            self._write(answer)
            return
        task = self.loop.create_task(hand_over(self, answer, delivery))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)


MIXED_WITH = {"httptools": HttptoolsConnection, "h11": H11Connection}


def connection_class(http: str) -> type[Connection]:
    """Mix a connection into uvicorn's protocol class for this parser."""
    protocol = import_from_string(HTTP_PROTOCOLS[http])
    return cast("type[Connection]", type("Connection", (MIXED_WITH[http], protocol), {}))
