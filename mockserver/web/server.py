"""uvicorn around the WSGI application: one process, one event loop, and an orderly end."""

from __future__ import annotations

import asyncio
import signal
import socket
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING, Literal, Self

from uvicorn.config import Config

from .connection import House, connection_class
from .framing import Limits
from .gateway import Gateway

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from wsgiref.types import WSGIApplication

__all__ = ["Limits", "Listener", "Server", "bind"]

BACKLOG = 2048
KEEP_ALIVE = timedelta(seconds=75)
LAST_REQUESTS = timedelta(milliseconds=20)
"""How long callers on open connections may go on sending once a signal has come."""
FAREWELL = timedelta(milliseconds=50)
"""How long an idle TLS client may take to answer that the connection is closed."""


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
    """Serves a WSGI application on some listeners: here with *run*, or in a thread with `with`."""

    def __init__(  # noqa: PLR0913  # the last two are for tests of all combinations
        self,
        app: WSGIApplication,
        listeners: Sequence[Listener],
        *,
        limits: Limits = Limits(),
        on_ready: Callable[[], None] | None = None,
        http: Literal["auto", "httptools", "h11"] = "auto",
        loop: Literal["auto", "uvloop", "asyncio"] = "auto",
    ) -> None:
        self._listeners = listeners
        self._limits = limits
        self._on_ready = on_ready
        self._config = Config(
            Gateway(app),
            http=connection_class(http),
            loop=loop,
            ...
        )
