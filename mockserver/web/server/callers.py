"""Everyone who is connected to a server, and how they are seen out when it stops."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from uvicorn.server import ServerState

if TYPE_CHECKING:
    from .connection import Connection
    from .heads import Limits

FAREWELL = timedelta(milliseconds=50)
"""How long an idle TLS client has to say goodbye in its turn."""


class Callers(ServerState):
    """The connections of one server. Once *are_leaving*, each answer is the last of its connection."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits
        self.are_leaving = False
        self._are_done_with = asyncio.Event()

    def note_departure(self) -> None:
        if self.are_leaving and not self.connections:
            self._are_done_with.set()

    async def see_out(self, *, last_requests: timedelta) -> None:
        """Let everyone finish, but nobody longer than the limit: first the idle, then the busy go.

        For the time of *last_requests*, a request may still come over a connection that is open.
        """
        self.are_leaving = True
        self.note_departure()
        await self._wait(last_requests)
        for connection in self._idle():
            connection.hang_up()
        await self._wait(FAREWELL)
        for connection in self._idle():
            if connection.is_streaming or connection.transport.get_write_buffer_size() == 0:
                connection.transport.abort()
        await self._wait(self.limits.grace)
        await self._abort()

    def wait_no_longer(self) -> None:
        """Break off what is still in flight."""
        self._are_done_with.set()

    async def _wait(self, at_most: timedelta) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most.total_seconds()):
                await self._are_done_with.wait()

    @property
    def _everyone(self) -> set[Connection]:
        return cast("set[Connection]", self.connections)

    def _idle(self) -> list[Connection]:
        return [connection for connection in self._everyone if not connection.is_busy]

    async def _abort(self) -> None:
        for connection in self._everyone:
            connection.transport.abort()
        await asyncio.gather(*(connection.gone for connection in self._everyone), *self.tasks)
