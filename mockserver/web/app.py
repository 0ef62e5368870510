"""The Flask application: the emulator's own API below `/_mock/`, and in front of it the emulation."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication

    from mockserver.web.admin.desk import House
    from mockserver.web.admin.gate import Gate


class Application(Flask):
    """An ordinary Flask application: `flask --app mockserver run`, `app.test_client()`."""

    def __init__(self, emulation: WSGIApplication, house: House, gate: Gate) -> None:
        super().__init__("mockserver", static_folder=None)
        self.json = _ReadableJson(self)
        self.url_map.merge_slashes = False
        self._emulation = emulation
        self._house = house
        self._gate = gate
        self._is_mounted = False
        self._lock = Lock()

    def wsgi_app(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer this request, whomever it is for."""
        return self._emulation(environ, start_response)

    def own(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request for the emulator itself. Its API is put together when it is first asked for."""
        with self._lock:
            if not self._is_mounted:
                from mockserver.web.admin.api import Admin  # noqa: PLC0415  (the first token need not wait for it)

                Admin(self._house, self._gate).mount(self)
                self._is_mounted = True
        answer: Iterable[bytes] = super().wsgi_app(environ, start_response)
        return answer


class _ReadableJson(DefaultJSONProvider):
    """The emulator's own answers are read by people too: indented, members in their own order."""

    compact = False
    sort_keys = False
    ensure_ascii = False
