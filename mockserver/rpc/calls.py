"""gRPC in and out: a call's metadata and message become a `Call`, an exchange becomes status, message and metadata."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

import grpc
from google.protobuf.message import DecodeError

from mockserver.core import jsontext
from mockserver.core.calls import GRPC, Call, Fault, Headers, RpcStatus
from mockserver.rpc.descriptors import STATUS
from mockserver.rpc.messages import Messages, UnfitMessageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver.core.calls import Message, Reply
    from mockserver.core.journal import Exchange
    from mockserver.rpc.routing import Entry

Pairs = tuple[tuple[str, str | bytes], ...]

SANDBOX = "x-mock-sandbox"
DETAILS = "grpc-status-details-bin"
CODES = {code.value[0]: code for code in grpc.StatusCode}
CODE_OF = {
    400: 3,
    401: 16,
    403: 7,
    404: 5,
    408: 1,
    409: 10,
    412: 9,
    416: 11,
    429: 8,
    499: 1,
    500: 13,
    501: 12,
    503: 14,
    504: 4,
}
"""The status code of an HTTP status, for answers that a rule gives; all others are UNKNOWN."""
OK, UNKNOWN, INTERNAL, UNAVAILABLE = 0, 2, 13, 14
_HTTP_ONLY = frozenset({"content-type", "content-length", "cache-control", "www-authenticate", "retry-after"})
_KEY = re.compile(r"(?!grpc-)[0-9a-z_.-]+")
_VALUE = re.compile(r"[ -~]*")
_PEER = re.compile(r"(?:ipv4:|ipv6:\[?)(.*?)\]?:\d+")


class Ending(NamedTuple):
    """How a call ends on the wire: status, the bytes of the message if there is one, and metadata before and after."""

    code: grpc.StatusCode
    text: str = ""
    message: bytes = b""
    initial: Pairs = ()
    trailing: Pairs = ()


def call(path: str, data: bytes, context: grpc.ServicerContext, entry: Entry, base_url: str) -> Call:
    """The call, without its transport. A message that cannot be read leaves it without payload."""
    payload = _payload(data, entry)
    return Call(
        method="POST",
        base_url=base_url,
        path=path,
        headers=headers(context.invocation_metadata()),
        body=data if payload is None else jsontext.write(payload),
        peer=_peer(context.peer()),
        transport=GRPC,
        payload=payload,
    )


def headers(metadata: Iterable[tuple[str, str | bytes]] | None) -> Headers:
    """Metadata as header fields; what is binary, in base64."""
    pairs = metadata or ()
    return Headers(
        (key, base64.b64encode(value).decode() if isinstance(value, bytes) else value) for key, value in pairs
    )


def ending(exchange: Exchange, entry: Entry, *, annotate: bool) -> Ending:
    """How the call ends to which this exchange is the answer."""
    reply = exchange.reply
    status = reply.rpc or _status_of(reply)
    message, status = _message(reply, status, entry) if status.code == OK else (b"", status)
    notes = exchange.notes if annotate else []
    # What a rule says stands where errors have it; what the vendor says comes first, as its servers send it.
    ruled = exchange.reason == "fault.injected"
    fields = _fit(reply.headers)
    return Ending(
        CODES.get(status.code, grpc.StatusCode.UNKNOWN),
        status.message,
        message,
        () if ruled else fields,
        (*(fields if ruled else ()), *_fit(notes), *_details(status, entry)),
    )


def truncated(ended: Ending, entry: Entry) -> Ending:
    """The same with the longest part of its message, up to half of it, that nobody can read."""
    for size in range(len(ended.message) // 2, 0, -1):
        if _payload(ended.message[:size], entry, answer=True) is None:
            return ended._replace(message=ended.message[:size])
    return broken(Fault.TRUNCATE)


def broken(fault: Fault) -> Ending:
    """What a client sees of a connection that breaks: it has no other word for it."""
    return Ending(grpc.StatusCode.UNAVAILABLE, f"the connection broke ({fault.value})")


def _payload(data: bytes, entry: Entry, *, answer: bool = False) -> dict[str, Any] | None:
    if entry.method is None or entry.messages is None:
        return None
    try:
        return entry.messages.read(entry.method.response if answer else entry.method.request, data)
    except DecodeError:
        return None


def _message(reply: Reply, status: RpcStatus, entry: Entry) -> tuple[bytes, RpcStatus]:
    if entry.method is None or entry.messages is None:
        return b"", RpcStatus(INTERNAL, "an answer without a method")
    try:
        fields = jsontext.read_object(reply.body) if reply.body else {}
    except jsontext.JsonTextError:
        return reply.body, status  # garbled: no reader of protobuf takes it either
    try:
        return entry.messages.write(entry.method.response, fields), status
    except UnfitMessageError as error:
        return b"", RpcStatus(INTERNAL, f"the answer is not the method's: {error}")


def _status_of(reply: Reply) -> RpcStatus:
    """The status of an answer that says none in gRPC's own words, unless it has them in header fields."""
    told = {name.lower(): value for name, value in reply.headers}
    if told.get("grpc-status", "").isdecimal():
        return RpcStatus(int(told["grpc-status"]), unquote(told.get("grpc-message", "")))
    if 200 <= reply.status < 300:  # noqa: PLR2004  (what HTTP calls a success)
        return RpcStatus()
    return RpcStatus(CODE_OF.get(reply.status, UNKNOWN), reply.body.decode("utf-8", "replace"))


def _details(status: RpcStatus, entry: Entry) -> Pairs:
    if status.details is None or entry.messages is None:
        return ()
    bare = entry.messages.write(status.details.name, status.details.fields)
    data = _wrapped(status, status.details, bare, entry.messages) if status.wrapped else bare
    return ((DETAILS, data),)


def _wrapped(status: RpcStatus, details: Message, bare: bytes, messages: Messages) -> bytes:
    held = {
        "type_url": f"type.googleapis.com/{details.name}",
        "value": base64.b64encode(bare).decode(),
    }
    return messages.write(STATUS, {"code": status.code, "message": status.message, "details": [held]})


def _fit(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """Header fields as metadata, but for those that only HTTP has a use for or metadata cannot hold."""
    lower = [(name.lower(), value) for name, value in pairs]
    return tuple(
        (name, value)
        for name, value in lower
        if name not in _HTTP_ONLY and _KEY.fullmatch(name) and _VALUE.fullmatch(value) and not name.endswith("-bin")
    )


def _peer(text: str) -> str:
    found = _PEER.fullmatch(unquote(text))
    return found[1] if found else text
