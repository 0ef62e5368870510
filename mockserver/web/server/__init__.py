"""uvicorn around the WSGI application: one process, one event loop, and an orderly end."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from threading import Thread
from typing import TYPE_CHECKING, Literal, Self

from uvicorn.config import Config

from .callers import Callers
from .connection import connection_class
from .gateway import Gateway
from .heads import Limits

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence
    from wsgiref.types import WSGIApplication

__all__ = ["Limits", "Listener", "Server", "bind"]

BACKLOG = 2048
DEFAULT_LIMITS = Limits()
KEEP_ALIVE = timedelta(seconds=75)
LAST_REQUESTS = timedelta(milliseconds=20)
"""How long after a signal a request may still come over a connection that is open."""
BREATH = timedelta(seconds=1)
"""How long to wait for a descriptor when there is none left to accept a caller with."""
BEST_HTTP: Literal["httptools", "h11"] = "httptools" if find_spec("httptools") else "h11"
BEST_LOOP: Literal["uvloop", "asyncio"] = "uvloop" if find_spec("uvloop") else "asyncio"
RARELY = (50_000, 20, 100)
"""Thresholds of the garbage collector. A collection halts every caller for as long as it takes."""
SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening socket, and what it takes to speak TLS on it."""

    socket: socket.socket
    tls: ssl.SSLContext | None = None


def bind(host: str, port: int) -> socket.socket:
    """Listen on this address; port 0 is any free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


class Server:
    """Serves a WSGI application on some listeners, once: here with *run*, or in a thread by `with`."""

    def __init__(
        self,
        app: WSGIApplication,
        listeners: Sequence[Listener],
        *,
        limits: Limits = DEFAULT_LIMITS,
        on_ready: Callable[[], None] | None = None,
        on_stop: Callable[[], None] | None = None,
        http: Literal["httptools", "h11"] = BEST_HTTP,
        loop: Literal["uvloop", "asyncio"] = BEST_LOOP,
    ) -> None:
        self._listeners = listeners
        self._on_ready = on_ready
        self._on_stop = on_stop
        self._callers = Callers(limits)
        self._stopping = asyncio.Event()
        self._connection_class = connection_class(http)
        self._config = Config(
            Gateway(app),
            http=self._connection_class,
            loop=loop,
            ws="none",
            lifespan="off",
            interface="asgi3",
            proxy_headers=False,
            server_header=False,
            date_header=False,
            access_log=False,
            log_config=None,
            timeout_keep_alive=int(KEEP_ALIVE.total_seconds()),
        )
        self._config.load()

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then finish what is in flight; a second signal breaks it off.

        The process is expected to exit after that, and further signals do not disturb it.
        """
        # What is there before the first call stays, and a call leaves no cycles: there is little to collect.
        gc.freeze()
        gc.set_threshold(*RARELY)
        gc.enable()
        with self._runner() as runner:
            runner.run(self._serve_until_signal())
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def start(self) -> None:
        """Serve in a thread; callers are accepted when this returns."""
        started: Future[None] = Future()
        self._thread = Thread(target=self._serve_in_thread, args=(started,), name="mockserver", daemon=True)
        self._thread.start()
        started.result()

    def stop(self) -> None:
        """Finish what is in flight, and end the thread."""
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _runner(self) -> asyncio.Runner:
        return asyncio.Runner(loop_factory=self._config.get_loop_factory())

    def _serve_in_thread(self, started: Future[None]) -> None:
        try:
            with self._runner() as runner:
                runner.run(self._serve(started, last_requests=timedelta()))
        except Exception as failure:
            if started.done():
                raise
            started.set_exception(failure)

    async def _serve_until_signal(self) -> None:
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self._stop)
        await self._serve(Future(), last_requests=LAST_REQUESTS)

    async def _serve(self, started: Future[None], *, last_requests: timedelta) -> None:
        self._loop = asyncio.get_running_loop()
        doors = [await self._opened(listener) for listener in self._listeners]
        if self._on_ready is not None:
            self._on_ready()
        started.set_result(None)
        await self._stopping.wait()
        if self._on_stop is not None:
            self._on_stop()
        for close in doors:
            close()
        await self._callers.see_out(last_requests=last_requests)

    async def _opened(self, listener: Listener) -> Callable[[], object]:
        listener.socket.setblocking(False)
        if listener.tls is not None:
            return asyncio.create_task(accept_over_tls(listener.socket, listener.tls, self._connect)).cancel
        return (await self._loop.create_server(self._connect, sock=listener.socket, backlog=BACKLOG)).close

    def _connect(self) -> asyncio.Protocol:
        return self._connection_class(self._config, self._callers)

    def _stop(self) -> None:
        if self._stopping.is_set():
            self._callers.wait_no_longer()
        self._stopping.set()


async def accept_over_tls(
    listening: socket.socket, context: ssl.SSLContext, connect: Callable[[], asyncio.Protocol]
) -> None:
    """Accept callers until cancelled. Whoever has not finished the handshake then is sent away.

    The loops' own servers keep such callers to themselves, and there is no end to uvloop while it has any.
    """
    loop = asyncio.get_running_loop()

    async def shake_hands(caller: socket.socket) -> None:
        with suppress(OSError):
            await loop.connect_accepted_socket(connect, caller, ssl=context)

    with listening:
        async with asyncio.TaskGroup() as handshakes:
            while True:
                try:
                    caller, _ = await loop.sock_accept(listening)
                except OSError:
                    await asyncio.sleep(BREATH.total_seconds())
                else:
                    handshakes.create_task(shake_hands(caller))
