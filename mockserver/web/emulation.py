"""From a WSGI environment to a vendor's answer: all addresses but those below `/_mock/`, which are our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core import engine
from mockserver.core.lodging import lodged
from mockserver.core.problems import PROBLEM_JSON, problem
from mockserver.core.sandbox import SandboxNameError, UnknownSandboxError
from mockserver.oauth import services
from mockserver.web import wire
from mockserver.web.addressing import Addressing
from mockserver.web.routing import PREFLIGHT_METHOD, Router
from mockserver.web.unclaimed import nobody

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from wsgiref.types import StartResponse, WSGIApplication

    from mockserver.core.calls import Call, Headers
    from mockserver.core.journal import Exchange
    from mockserver.core.sandbox import Sandbox, Sandboxes
    from mockserver.core.vendor import Vendor
    from mockserver.web.addressing import Address


class Emulation:
    """A WSGI application that answers as the vendors do; what is for the emulator itself goes on to *own*.

    There is no Flask in it: that knows none of the vendors' paths, would spend more on a miss than the engine does on
    the answer, and takes a tenth of a start to load.
    """

    def __init__(
        self,
        own: WSGIApplication,
        vendors: Sequence[Vendor],
        sandboxes: Sandboxes,
        *,
        annotate: bool,
        public_url: str | None,
    ) -> None:
        paths = [operation.path for vendor in vendors for operation in vendor.operations]
        self._own = own
        self._addressing = Addressing(vendors, public_url)
        self._router = Router(vendors, nobody(paths), services(vendors))
        self._sandboxes = sandboxes
        self._annotate = annotate

    def __call__(self, environ: wire.Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer this request."""
        fields = wire.headers(environ)
        address = self._addressing.read(wire.target(environ), fields, wire.origin(environ))
        if address.is_admin:
            return self._own({**environ, wire.ADDRESS: address}, start_response)
        try:
            exchange = self._exchange(environ, fields, address)
        except UnknownSandboxError as error:
            return _problem(404, error)(environ, start_response)
        except SandboxNameError as error:
            return _problem(400, error)(environ, start_response)
        return wire.respond(environ, start_response, exchange, annotate=self._annotate)

    def _exchange(self, environ: wire.Environ, fields: Headers, address: Address) -> Exchange:
        call = wire.call(environ, fields, address)
        asked = fields.get(PREFLIGHT_METHOD) if call.method == "OPTIONS" and "Origin" in fields else None
        method = asked or call.method

        def read(sandbox: Sandbox) -> tuple[Call, engine.Route]:
            return call, self._router.find(method, address.path, sandbox, address.vendor)

        _, sandbox, route = lodged(self._sandboxes, address.sandbox, read)
        if asked is not None and not (route.vendor.preflights or route.browser_endpoint):
            return engine.answer(call, sandbox, self._router.find(call.method, address.path, sandbox, address.vendor))
        if asked is not None or route.is_preflighted_by(call.method):
            return engine.preflight(call, sandbox, route)
        return engine.answer(call, sandbox, route)


def _problem(status: int, error: Exception) -> wire.PlainResponse:
    return wire.PlainResponse(problem(status, str(error)), status, content_type=PROBLEM_JSON)
