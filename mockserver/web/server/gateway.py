"""A WSGI application behind a connection: called inline on the loop, its answer held and sent as it asks."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from mockserver.core.calls import AT_ONCE

from .answers import answer_to, beginning_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from wsgiref.types import WSGIApplication, WSGIEnvironment

    from uvicorn._types import HTTPScope

    from mockserver.core.calls import Delivery, Gate

    from .answers import Answer
    from .connection import Connection
    from .streams import Feed

LOGGER = logging.getLogger("mockserver.server")

INTERNAL_ERROR = (
    500,
    [("Content-Type", "text/plain; charset=utf-8")],
    b"mockserver: internal error. The emulator failed, not what it stands in for; its log says where.\n",
)


class Gateway:
    """An ASGI application around a WSGI one."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    async def __call__(self, scope: HTTPScope, *_: object) -> None:
        """Answer the request that the connection is at; it knows more ways to do so than ASGI."""
        connection: Connection = scope["state"]["connection"]
        await hand_over(connection, *self.answer(connection))

    def answer(self, connection: Connection) -> tuple[Answer, Delivery]:
        """Call the application about the request that the connection is at: its answer, and how that travels."""
        deliveries = [AT_ONCE]
        feeds: list[Feed] = []
        environ = environ_of(connection, deliver=deliveries.append, stream=feeds.append)
        return answered(self._app, environ, feeds), deliveries[-1]


async def hand_over(connection: Connection, answer: Answer, delivery: Delivery) -> None:
    """Wait as the delivery says, then send the answer, whole or broken."""
    if delivery is not AT_ONCE:
        await wait_out(delivery, connection.gone)
    if delivery.fault is None:
        await connection.send(answer)
    else:
        await connection.send_broken(answer, delivery.fault)


def environ_of(
    connection: Connection, deliver: Callable[[Delivery], None], stream: Callable[[Feed], None]
) -> WSGIEnvironment:
    """Describe the request of *connection* as PEP 3333 asks, and as it was sent."""
    head = connection.head
    path, _, query = head.target.partition("?")
    server_name, server_port = connection.server or ("", "")
    remote_address, remote_port = connection.client or ("", "")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": head.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1") if "%" in path else path,
        "QUERY_STRING": query,
        "RAW_URI": head.target,
        "REQUEST_URI": head.target,
        "SERVER_PROTOCOL": f"HTTP/{head.version}",
        "SERVER_NAME": server_name,
        "SERVER_PORT": str(server_port),
        "REMOTE_ADDR": remote_address,
        "REMOTE_PORT": str(remote_port),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": connection.scheme,
        "wsgi.input": BytesIO(connection.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "mockserver.headers": list(head.headers),
        "mockserver.deliver": deliver,
        "mockserver.stream": stream,
    }
    for name, value in head.headers:
        key = environ_key(name)
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    if connection.body:
        environ["CONTENT_LENGTH"] = str(len(connection.body))
    return environ


@lru_cache(maxsize=1024)
def environ_key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"


def answered(app: WSGIApplication, environ: WSGIEnvironment, feeds: list[Feed]) -> Answer:
    """Call *app*, which may enter a feed. Its mistakes are ours, and must not look like an answer of a vendor."""
    method = environ["REQUEST_METHOD"]
    try:
        told = called(app, environ)
        return beginning_for(method, *told, feeds[-1]) if feeds else answer_to(method, *told)
    except Exception:
        LOGGER.exception("%s %s", method, environ["RAW_URI"])
        return answer_to(method, *INTERNAL_ERROR)


def called(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[int, list[tuple[str, str]], bytes]:
    started: list[tuple[str, list[tuple[str, str]]]] = []
    parts: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: object = None, /) -> Callable[[bytes], object]:
        started.append((status, headers))
        return parts.append

    result = app(environ, start_response)
    try:
        parts.extend(result)
    finally:
        if hasattr(result, "close"):
            result.close()
    status, headers = started[-1]
    return int(status[:3]), headers, b"".join(parts)


async def wait_out(delivery: Delivery, gone: asyncio.Future[None]) -> None:
    """Wait at the gate and then for the delay, or until the caller is *gone*."""
    if delivery.gate is not None:
        await pass_gate(delivery.gate, delivery.patience, gone)
    if delivery.delay:
        await asyncio.wait({gone}, timeout=delivery.delay.total_seconds())


async def pass_gate(gate: Gate, patience: timedelta, gone: asyncio.Future[None]) -> None:
    loop = asyncio.get_running_loop()
    opened = loop.create_future()

    def release() -> None:
        # Whoever makes the number full may be of another thread, and outlive this loop.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(opened.set_result, None)

    gate.enter(release)
    try:
        await asyncio.wait({opened, gone}, timeout=patience.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
    finally:
        gate.leave(release)
