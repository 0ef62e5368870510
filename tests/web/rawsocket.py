"""Callers who speak in bytes."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass

HANG_GUARD = 20


@dataclass(frozen=True)
class Received:
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Caller:
    """One connection."""

    def __init__(self, address, context=None):
        self.socket = socket.create_connection(address, timeout=HANG_GUARD)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost", suppress_ragged_eofs=False)
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *parts):
        self.socket.sendall(b"".join(parts))

    def ask(self, *parts, method="GET"):
        self.send(*parts)
        return self.receive(method=method)

    def receive(self, method="GET"):
        head = self._until(b"\r\n\r\n").decode("latin-1")
        status_line, *lines = head.split("\r\n")[:-2]
        status = int(status_line.split(" ")[1])
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        has_body = method != "HEAD" and status >= 200
        length = int(headers.get("content-length", 0)) if has_body else 0
        return Received(status, headers, self._exactly(length))

    def receive_bytes(self, count):
        """So many bytes, whatever they are."""
        return self._exactly(count)

    def receive_all(self):
        """Everything until the end of the connection."""
        while self._more():
            pass
        received, self.received = self.received, b""
        return received

    def _until(self, mark):
        while mark not in self.received:
            assert self._more(), f"the connection ended after {self.received!r}"
        return self._exactly(self.received.index(mark) + len(mark))

    def _exactly(self, count):
        while len(self.received) < count:
            assert self._more(), f"the connection ended after {self.received!r}"
        taken, self.received = self.received[:count], self.received[count:]
        return taken

    def _more(self):
        data = self.socket.recv(65536)
        self.received += data
        return bool(data)


def echo(environ, start_response):
    """Tell what of the request arrived."""
    seen = {key: value for key, value in environ.items() if isinstance(value, str)}
    seen |= {"headers": environ["mockserver.headers"], "body": environ["wsgi.input"].read().decode("latin-1")}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(seen).encode()]


def request(line, *fields, body=b""):
    """The bytes of a request; without a Host among the *fields*, of one to localhost."""
    if not any(each.lower().startswith("host:") for each in fields):
        fields = ("Host: localhost", *fields)
    return "\r\n".join([line, *fields, "", ""]).encode("latin-1") + body
