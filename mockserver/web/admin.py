"""The emulator's own API under `/_mock/`, relative to a sandbox prefix."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, jsonify, request

from mockserver.core.problems import PROBLEM_JSON, problem
from mockserver.core.sandbox import DEFAULT
from mockserver.web import exchanges
from mockserver.web.wire import PlainResponse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue
    from werkzeug.exceptions import HTTPException

    from mockserver.core.sandbox import Sandbox, Sandboxes, UnknownSandboxError
    from mockserver.core.vendor import Vendor
    from mockserver.web.addressing import Address

ADDRESS = "mockserver.address"
"""Where the WSGI environment holds the address that was read from the URL."""

Describe = Callable[[str], Mapping[str, Any]]
"""From a base URL to the OpenAPI document of what is served there."""

_LOCAL_HOST = re.compile(r"(?:(?:[\w-]+\.)*localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?", re.IGNORECASE)


class Paths:
    """The admin API around these sandboxes."""

    def __init__(
        self, vendors: Sequence[Vendor], sandboxes: Sandboxes, *, loopback_only: bool, version: str, describe: Describe
    ) -> None:
        self._sandboxes = sandboxes
        self._loopback_only = loopback_only
        self._version = version
        self._describe = describe
        self._secrets = frozenset(name for vendor in vendors for name in vendor.secrets)
        self._sources = {each.name: each.source for vendor in vendors for each in vendor.operations}

    def guard(self) -> PlainResponse | None:
        """Refuse a foreign `Host` while bound to loopback (DNS rebinding)."""
        address: Address = request.environ[ADDRESS]
        host = request.environ.get("HTTP_HOST", "localhost")
        if self._loopback_only and not _LOCAL_HOST.fullmatch(host):
            return _problem(403, f"Host '{host}' is not this machine's; the admin API answers to localhost only.")
        g.base_url = address.base_url
        g.sandbox_name = DEFAULT if address.sandbox is None else address.sandbox
        return None

    def blueprint(self) -> Blueprint:
        """The routes. Their views take the sandbox prefix, if there is one, and leave it to the guard."""
        routes = Blueprint("admin", __name__)
        routes.add_url_rule("/health/live", view_func=_alive, endpoint="live")
        routes.add_url_rule("/health/ready", view_func=_alive, endpoint="ready")
        routes.add_url_rule("/version", view_func=self._about, endpoint="version")
        routes.add_url_rule("/openapi.json", view_func=self._openapi, endpoint="openapi")
        routes.add_url_rule("/journal", view_func=self._journal, endpoint="journal")
        routes.add_url_rule("/journal/<exchange_id>", view_func=self._exchange, endpoint="exchange")
        return routes

    def _sandbox(self) -> Sandbox:
        return self._sandboxes.existing(g.sandbox_name)

    def _about(self, _sandbox: str = "") -> ResponseReturnValue:
        del _sandbox
        return jsonify({"name": "mockserver", "version": self._version})

    def _openapi(self, _sandbox: str = "") -> ResponseReturnValue:
        del _sandbox
        return jsonify(self._describe(g.base_url))

    def _journal(self, _sandbox: str = "") -> ResponseReturnValue:
        del _sandbox
        return jsonify({"items": [exchanges.summary(exchange) for exchange in self._sandbox().journal], "next": None})

    def _exchange(self, exchange_id: str, _sandbox: str = "") -> ResponseReturnValue:
        del _sandbox
        sandbox = self._sandbox()
        exchange = sandbox.journal.find(exchange_id)
        if exchange is None:
            return _problem(404, f"No exchange '{exchange_id}' is kept in sandbox '{sandbox.name}'.")
        return jsonify(exchanges.rendered(exchange, self._secrets, self._sources.get(exchange.operation, "")))


def no_sandbox(error: UnknownSandboxError) -> ResponseReturnValue:
    """The answer below a sandbox that was not made yet: asking about it does not make it."""
    return _problem(404, str(error))


def not_found(error: HTTPException) -> ResponseReturnValue:
    """The answer where `/_mock/` has no such path."""
    del error
    return _problem(404, f"The emulator has no {request.path}.")


def method_not_allowed(error: HTTPException) -> ResponseReturnValue:
    """The answer where `/_mock/` has the path, but not for this method."""
    answer = _problem(405, f"{request.path} does not take {request.method}.")
    answer.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return answer


def _alive(_sandbox: str = "") -> ResponseReturnValue:
    del _sandbox
    return jsonify({"status": "ok"})


def _problem(status: int, detail: str, **more: Any) -> PlainResponse:
    return PlainResponse(problem(status, detail, **more), status, content_type=PROBLEM_JSON)
