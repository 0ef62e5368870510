"""HTTP in and out: a WSGI environment becomes a call, an exchange becomes a response.

The environment is read rather than Flask's request, so that the same code serves whatever stands in front.
"""

from __future__ import annotations

from http import HTTPStatus
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.wrappers import Response
from werkzeug.wsgi import get_input_stream

from mockserver.core import clock
from mockserver.core.calls import AT_ONCE, Call, Delivery, Headers
from mockserver.web import cors

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

    from mockserver.core.journal import Exchange
    from mockserver.web.addressing import Address

Environ = dict[str, Any]

ADDRESS = "mockserver.address"
"""Where the WSGI environment holds the address that was read from the URL."""
RAW_HEADERS = "mockserver.headers"
DELIVER = "mockserver.deliver"
STREAM = "mockserver.stream"


class PlainResponse(Response):
    """A response that carries no header which nobody asked for."""

    default_mimetype = None
    autocorrect_location_header = False


def target(environ: Environ) -> str:
    """Path and query as sent, where the server tells; else put together again."""
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if isinstance(raw, str) and raw.startswith("/"):
        return raw if raw.isascii() else quote(raw.encode("latin-1", "replace"), safe=_AS_SENT)
    path = quote(environ.get("PATH_INFO", "/").encode("latin-1"), safe="/~!$&'()*+,;=:@")
    return f"{path}?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else path


def headers(environ: Environ) -> Headers:
    """The header fields: as sent where the server tells, else as WSGI folded them."""
    raw = environ.get(RAW_HEADERS)
    if raw is not None:
        return Headers(raw)
    folded = [
        (name[5:].replace("_", "-").title(), value) for name, value in environ.items() if name.startswith("HTTP_")
    ]
    entity = [(name, environ[key]) for name, key in _ENTITY.items() if environ.get(key)]
    return Headers(folded + entity)


def origin(environ: Environ) -> str:
    """Scheme, host and port as called."""
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return f"{environ['wsgi.url_scheme']}://{host}"


def call(environ: Environ, fields: Headers, address: Address) -> Call:
    """The request, without its transport."""
    return Call(
        method=environ["REQUEST_METHOD"],
        base_url=address.base_url,
        path=address.path,
        query=address.query,
        headers=fields,
        body=_body(environ),
        peer=environ.get("REMOTE_ADDR", ""),
    )


def respond(
    environ: Environ, start_response: StartResponse, exchange: Exchange, *, annotate: bool
) -> tuple[bytes, ...]:
    """Send the answer, with its date, its CORS headers and, beside the vendor's own, what the emulator has to say."""
    reply = exchange.reply
    deliver(environ, reply.delivery)
    pairs = [*reply.headers, ("Date", clock.http_date(exchange.at)), *cors.headers(exchange)]
    if annotate:
        pairs += exchange.notes
    if reply.status not in _BODILESS:
        pairs.append(("Content-Length", str(len(reply.body))))
    start_response(f"{reply.status} {_PHRASES.get(reply.status, '')}", pairs)
    return () if environ["REQUEST_METHOD"] == "HEAD" else (reply.body,)


def deliver(environ: Environ, delivery: Delivery) -> None:
    """Tell our server how the answer travels; under any other, wait here, and break by raising."""
    if delivery is AT_ONCE:
        return
    tell = environ.get(DELIVER)
    if tell:
        tell(delivery)
        return
    if delivery.gate:
        opened = Event()
        delivery.gate.enter(opened.set)
        if not opened.wait(delivery.patience.total_seconds()):
            delivery.gate.leave(opened.set)
    clock.wait(delivery.delay)
    if delivery.fault:
        raise ConnectionAbortedError(delivery.fault.value)


def _body(environ: Environ) -> bytes:
    # Our server hands over the whole body; of any other, werkzeug knows how far to read.
    stream = environ["wsgi.input"] if RAW_HEADERS in environ else get_input_stream(environ)
    data: bytes = stream.read()
    return data


_AS_SENT = "".join(map(chr, range(0x21, 0x7F)))
_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
_PHRASES = {int(status): status.phrase for status in HTTPStatus}
_ENTITY = {"Content-Type": "CONTENT_TYPE", "Content-Length": "CONTENT_LENGTH"}
