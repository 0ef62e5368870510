"""The Flask application: emulated addresses go to the engine, `/_mock/` to the emulator's own API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, request
from flask.json.provider import DefaultJSONProvider

from mockserver.core import engine
from mockserver.core.sandbox import UnknownSandboxError
from mockserver.web import admin, wire
from mockserver.web.addressing import Address, Addressing
from mockserver.web.problems import PROBLEM_JSON, nobody, problem
from mockserver.web.routing import PREFLIGHT_METHOD, Router

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.wrappers import Response

    from mockserver.core.calls import Headers
    from mockserver.core.sandbox import Sandboxes
    from mockserver.core.vendor import Vendor


def create_app(
    vendors: Sequence[Vendor],
    sandboxes: Sandboxes,
    *,
    annotate: bool = True,
    public_url: str | None = None,
    loopback_only: bool = True,
    version: str = "",
    describe: admin.Describe = lambda _url: {},
) -> Flask:
    """An ordinary Flask application around these sandboxes.

    Every call that is not for the emulator itself is answered before Flask looks at its own routes.
    """
    app = Flask("mockserver", static_folder=None)
    app.json = _ReadableJson(app)
    app.url_map.merge_slashes = False
    addressing = Addressing(vendors, public_url)
    emulate = Emulation(vendors, sandboxes, annotate=annotate)
    paths = admin.Paths(vendors, sandboxes, loopback_only=loopback_only, version=version, describe=describe)

    @app.before_request
    def answer() -> Response | None:
        environ = request.environ
        fields = wire.headers(environ)
        address = addressing.read(wire.target(environ), fields, wire.origin(environ))
        if address.is_admin:
            return paths.guard(environ, address)
        return emulate(environ, fields, address)

    app.register_blueprint(paths.blueprint(), url_prefix="/_mock")
    app.register_blueprint(paths.blueprint(), url_prefix="/~<_sandbox>/_mock", name="sandboxed")
    app.register_error_handler(404, admin.not_found)
    app.register_error_handler(405, admin.method_not_allowed)
    return app


class _ReadableJson(DefaultJSONProvider):
    """The emulator's own answers are read by people too: indented, members in their own order."""

    compact = False
    sort_keys = False
    ensure_ascii = False


class Emulation:
    """From a WSGI environment to a vendor's answer."""

    def __init__(self, vendors: Sequence[Vendor], sandboxes: Sandboxes, *, annotate: bool) -> None:
        paths = [operation.path for vendor in vendors for operation in vendor.operations]
        self._router = Router(vendors, nobody(paths))
        self._sandboxes = sandboxes
        self._annotate = annotate

    def __call__(self, environ: wire.Environ, fields: Headers, address: Address) -> Response:
        """Answer this request."""
        try:
            sandbox = self._sandboxes.find(address.sandbox)
        except UnknownSandboxError as error:
            return wire.PlainResponse(problem(404, str(error)), 404, content_type=PROBLEM_JSON)
        call = wire.call(environ, fields, address)
        if call.method == "OPTIONS" and "Origin" in fields and PREFLIGHT_METHOD in fields:
            method = fields.get(PREFLIGHT_METHOD) or ""
            route = self._router.find(method, address.path, sandbox, address.vendor)
            exchange = engine.preflight(call, sandbox, route)
        else:
            route = self._router.find(call.method, address.path, sandbox, address.vendor)
            exchange = engine.answer(call, sandbox, route)
        return wire.response(environ, exchange, annotate=self._annotate)
