"""The shop's web site: its page, and what the page may ask of the shop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockserver.core.reasons import REASONS
from mockserver.demo.backend import Backend, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from wsgiref.types import StartResponse, WSGIEnvironment

    from mockserver.client import Sandbox

HERE = Path(__file__).parent / "page"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
}
FILES = {"/": "index.html", "/demo.css": "demo.css", "/demo.mjs": "demo.mjs"}
JSON = "application/json"
ELSEWHERE = ("https://shop.example",)
"""Origins to allow when the page's own is to be refused."""
OWN_NAMES = ("127.0.0.1", "localhost", "::1")

Answered = tuple[str, str, bytes]


class Site:
    """A WSGI application around a backend and the sandbox that it talks to."""

    def __init__(self, sandbox: Sandbox, variables: Mapping[str, str], *, loopback_only: bool = True) -> None:
        self._sandbox = sandbox
        self._variables = variables
        self._loopback_only = loopback_only
        self._backend = Backend(variables, self._now)
        self._asks = {
            "/api/config": self._config,
            "/api/token": lambda _: {"token": self._backend.site_token()},
            "/api/expire": lambda _: {"changed": self._sandbox.tokens.expire(kind="site")},
            "/api/origins": self._origins,
            "/api/leak": self._leak,
            "/api/reset": self._reset,
            "/api/seen": self._seen,
        }

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer a browser."""
        status, kind, body = self._answer(environ)
        api = urlsplit(self._variables["MERCHANTS_API_BASE"])
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
            f"connect-src 'self' {api.scheme}://{api.netloc}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        start(status, list(headers.items()))
        return [body]

    def _answer(self, environ: WSGIEnvironment) -> Answered:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if self._loopback_only and urlsplit(f"//{environ.get('HTTP_HOST', '')}").hostname not in OWN_NAMES:
            return _problem("403 Forbidden", "This host is none of mine.")
        if method in ("GET", "HEAD") and path in FILES:
            file = HERE / FILES[path]
            return "200 OK", TYPES[file.suffix], file.read_bytes()
        if path not in self._asks:
            return _problem("404 Not Found", "There is no such page.")
        # JSON from another site needs a preflight, which nobody answers here.
        if method != "POST" or environ.get("CONTENT_TYPE", "").partition(";")[0] != JSON:
            return _problem("405 Method Not Allowed", "Ask by POST, in JSON.")
        return self._asked(path, environ)

    def _asked(self, path: str, environ: WSGIEnvironment) -> Answered:
        from mockserver.client import MockserverError  # noqa: PLC0415  (requests is loaded on first use)

        try:
            asked = json.loads(environ["wsgi.input"].read() or b"{}")
            return "200 OK", JSON, json.dumps(self._asks[path](asked)).encode()
        except (ValueError, AttributeError):
            return _problem("400 Bad Request", "This is no JSON object.")
        except (RefusedError, MockserverError, OSError) as error:
            return _problem("502 Bad Gateway", str(error))

    def _now(self) -> datetime:
        return self._sandbox.clock.read().now

    def _config(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        del asked
        api = self._variables["MERCHANTS_API_BASE"]
        return {
            "api": api,
            "auth": self._variables["MERCHANTS_AUTH_URL"],
            "journal": f"{self._sandbox.url}/_mock/journal",
        }

    def _origins(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if asked.get("refuse"):
            return self._sandbox.options.set("ingrid", cors_origins=list(ELSEWHERE))
        return self._sandbox.options.reset("ingrid")

    def _leak(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """The mistake that the page is to show: the long-lived secret in a browser."""
        del asked
        names = {"account": "SERVICE_ACCOUNT_ID", "privateKey": "SERVICE_ACCOUNT_PRIVATE_KEY"}
        return {name: self._variables[variable] for name, variable in names.items()}

    def _reset(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        del asked
        self._sandbox.reset()
        self._backend.forget()
        return {}

    def _seen(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the emulator has seen since the exchange *after*, each with its reason and explanation."""
        known = [each.id for each in self._sandbox.journal]
        after = asked.get("after")
        fresh = known[known.index(after) + 1 :] if after in known else known
        return {"items": [_told(self._sandbox.journal.explain(each)) for each in fresh]}


def _told(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    headers = {name.lower() for name, _ in entry["request"]["headers"]}
    # A preflight is answered normally also where the page will not be let through; then it has a finding.
    finding = next(iter(entry["findings"]), {"reason": "", "hint": ""})
    code = entry["reason"] or finding["reason"]
    reason = REASONS.get(code)
    failed = next((check for check in entry["explanation"]["checks"] if not check["passed"]), None)
    return {
        **{name: entry[name] for name in ("id", "method", "path", "status", "preflight")},
        "caller": "page" if "origin" in headers else "backend",
        "reason": code,
        "meaning": reason.meaning if reason else "",
        "hint": entry["hint"] or finding["hint"],
        "clause": reason.clause if reason else "",
        "compared": {name: _text(failed[name]) for name in ("seen", "wanted") if failed[name] is not None}
        if failed
        else {},
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _problem(status: str, detail: str) -> Answered:
    return status, JSON, json.dumps({"detail": detail}).encode()
