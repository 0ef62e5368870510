"""A web shop on an origin of its own: it serves the pages, keeps the secrets, and listens to what the pages tell."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

    from tests.clients.handoff import Backend

HERE = Path(__file__).parent
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript"}
FILES = {f"/{path.name}": path for path in HERE.iterdir() if path.suffix in TYPES}
JSON = "application/json"
BLANK = "about:blank"

Answer = tuple[int, str, bytes]


class Shop(ThreadingHTTPServer):
    """A server in a thread, on loopback; it has two origins, by its two names."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.backend: Backend | None = None
        self.offers: Mapping[str, Callable[[], requests.Response]] = {}
        self.later: Callable[[], object] = lambda: None
        self.findings: Queue[Any] = Queue()
        self.addresses: Queue[str] = Queue()
        self.failures: list[BaseException | None] = []
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def origin(self) -> str:
        """Where its pages are at home."""
        return self.origin_at("127.0.0.1")

    def origin_at(self, host: str) -> str:
        """The origin of the same pages under another of its names."""
        return f"http://{host}:{self.server_port}"

    def page(self, origin: str = "", *, page: str = "page.html", **query: str) -> str:
        """The address of a page; the waiting room, when the query names no trial."""
        return f"{origin or self.origin}/{page}?{urlencode(query)}"

    def get(self, path: str) -> Answer:
        """A file, or the address of the next page, once there is one."""
        if path == "/next":
            return 200, "text/plain", self.addresses.get().encode()
        if path in FILES:
            return 200, TYPES[FILES[path].suffix], FILES[path].read_bytes()
        return 404, "text/plain", b""

    def post(self, path: str, body: bytes) -> Answer:
        """What pages ask of their backend, also what they should not; and what they tell."""
        if path in self.offers:
            answer = self.offers[path]()
            return answer.status_code, answer.headers["Content-Type"], answer.content
        if path == "/service-token":
            assert self.backend
            return 200, JSON, json.dumps({"accessToken": self.backend.service_token()}).encode()
        if path == "/assertion":
            assert self.backend
            return 200, JSON, json.dumps({"assertion": self.backend.assertion()}).encode()
        if path == "/later":
            self.later()
            return 200, JSON, b"{}"
        assert path == "/findings", path
        self.findings.put(json.loads(body))
        return 200, JSON, b"{}"

    def handle_error(self, *_: Any) -> None:
        """Keep what went wrong; a browser that hangs up is nothing wrong."""
        error = sys.exception()
        if not isinstance(error, ConnectionError):
            self.failures.append(error)

    def close(self) -> None:
        """Stop serving."""
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        self._send(self.server.get(urlsplit(self.path).path))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._send(self.server.post(self.path, body))

    def log_message(self, *_: Any) -> None:
        pass

    def _send(self, answer: Answer) -> None:
        status, kind, body = answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)
