"""The one place where the parts are put together; start, stop, `with`."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from marshmallow import ValidationError

from mockserver import __version__, scenarios
from mockserver.core.sandbox import Sandboxes, Scenario
from mockserver.doors import Doors
from mockserver.schema import problems, problems_below, unknown_name
from mockserver.settings import Settings, read
from mockserver.vendors import discover
from mockserver.yamltext import FileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType
    from wsgiref.types import StartResponse, WSGIEnvironment

    from flask import Flask

    from mockserver.core.journal import Exchange
    from mockserver.core.sandbox import Sandbox
    from mockserver.core.vendor import Vendor
    from mockserver.web.app import Application
    from mockserver.web.server import Server


class Emulator:
    """Vendors, sandboxes and the application around them; a server of its own when started.

    >>> with Emulator(Settings(port=0)) as emulator:
    ...     emulator.url  # doctest: +ELLIPSIS
    'http://127.0.0.1:...'

    *on_exchange* is called with every exchange of every sandbox. Raises `FileError` where the settings or the
    scenario they name cannot be used.
    """

    def __init__(
        self, settings: Settings | None = None, *, on_exchange: Callable[[Exchange], None] | None = None
    ) -> None:
        from mockserver.web.emulation import Emulation  # noqa: PLC0415  (werkzeug is loaded on first use)

        self.settings = settings or Settings()
        self.vendors = chosen_vendors(self.settings.vendors)
        self.sandboxes = Sandboxes(
            _scenario(self.settings, self.vendors),
            auto=self.settings.auto_sandboxes,
            limit=self.settings.sandbox_limit,
            on_exchange=on_exchange,
        )
        self._doors = Doors(self.settings, self.vendors, self.sandboxes)
        self.wsgi = Emulation(
            self._own,
            self.vendors,
            self.sandboxes,
            annotate=self.settings.annotate,
            public_url=self.settings.public_url,
        )
        """What is served, as a WSGI application. Flask is loaded when `/_mock/` is first asked for."""
        self._server: Server | None = None

    @cached_property
    def app(self) -> Application:
        """The Flask application: the emulation, and the emulator's own API. Made when somebody wants it."""
        from mockserver.web.admin.desk import House  # noqa: PLC0415  (Flask is loaded on first use)
        from mockserver.web.admin.gate import Gate  # noqa: PLC0415
        from mockserver.web.app import Application  # noqa: PLC0415

        house = House(self.vendors, self.sandboxes, __version__, self.openapi, self.world, self._doors)
        return Application(self.wsgi, house, Gate(self.settings.loopback_only, self.settings.admin_token))

    def _own(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.app.own(environ, start_response)

    @property
    def sandbox(self) -> Sandbox:
        """The default sandbox."""
        return self.sandboxes.default

    @property
    def url(self) -> str:
        """Where it is called: `public_url` if it is set, else where it listens."""
        return self._doors.url

    @property
    def tls_url(self) -> str | None:
        """Where it is called over TLS, if it is."""
        return self._doors.tls_url

    @property
    def ca_pem(self) -> bytes | None:
        """The certificate that callers over TLS are to trust, where it is a throw-away one."""
        return self._doors.ca_pem

    @property
    def rpc_problem(self) -> str:
        """Why there is no gRPC although somebody speaks it, in a sentence; empty where all is well."""
        return self._doors.rpc_problem

    def rpc_address(self, url: str | None = None, *, wanted: bool = True) -> str:
        """Host and port at which gRPC is called, by the host of *url* if one is given; empty where it is off.

        It accepts callers there now, if it is *wanted* and the server is up.
        """
        return self._doors.rpc_address(url, wanted=wanted)

    def bind(self, on_ready: Callable[[], None] | None = None) -> Server:
        """A server on the ports of the settings, bound but not running; gRPC starts beside it.

        Raises `CannotListenError` if a port is taken.
        """
        return self._doors.bind(self.wsgi, on_ready, eager=True)

    def start(self) -> None:
        """Serve in a thread of its own; returns when it accepts.

        Where nobody has said a gRPC port and the HTTP port is a free one, gRPC starts when its address is first asked
        for: most tests never do, and grpcio takes longer to load than all else together.
        """
        self._server = self._doors.bind(self.wsgi, eager=False)
        self._server.start()
        self._doors.open()

    def stop(self) -> None:
        """Stop serving."""
        if self._server:
            self._server.stop()
            self._server = None
        self.see_out()

    def see_out(self) -> None:
        """Wait until the last gRPC calls are over, once the server has stopped."""
        self._doors.see_out()

    def environment(self, vendor: Vendor | str, url: str | None = None) -> Mapping[str, str]:
        """What an integrator of *vendor* (or of the one with this name) configures to use the default sandbox."""
        chosen = chosen_vendors([vendor])[0] if isinstance(vendor, str) else vendor
        base = (url or (self._doors.over_tls(self.url) if chosen.insists_on_tls else self.url)).rstrip("/")
        found = chosen.environment(self.sandbox, f"{base}/{chosen.name}")
        address = self.rpc_address(base) if chosen.rpc else ""
        return {**found, **chosen.rpc.environment(self.sandbox, address)} if chosen.rpc and address else found

    def openapi(self, server: str) -> Mapping[str, Any]:
        """The OpenAPI document of all vendors here, for a server at this URL."""
        return {**self._document, "servers": [{"url": server}]}

    def world(
        self,
        name: str,
        data: Mapping[str, Any] | None = None,
        *,
        seed: str | None = None,
        options: Mapping[str, Any] | None = None,
        fresh_keys: bool = False,
    ) -> Scenario:
        """The scenario of a sandbox of this name, with credentials of its own in it: `sandboxes.create(name, world)`.

        *data* is a scenario as a file has it, in place of this emulator's. Raises `marshmallow.ValidationError`.
        """
        scenario = self.sandboxes.scenario
        if data is not None:
            with problems_below("scenario"):
                scenario = scenarios.prepared(data, self.vendors)
        with problems_below("options"):
            scenario = scenarios.with_options(scenario, options or {}, self.vendors)
        return scenarios.own_world(scenario, name, self.vendors, seed=seed, generate_keys=fresh_keys)

    @cached_property
    def _document(self) -> Mapping[str, Any]:
        from mockserver.web import openapi  # noqa: PLC0415  (apispec is loaded on first use)

        return openapi.document(self.vendors, scenarios.demo_world(self.vendors), version=__version__)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def create_app(**settings: Any) -> Flask:
    """An ordinary Flask application: `flask --app mockserver run`, `create_app().test_client()`.

    *settings* come before those of the environment and of the file.
    """
    return Emulator(read(settings)).app


def chosen_vendors(names: Sequence[str] | None) -> tuple[Vendor, ...]:
    """The vendors with these names; all of them when there are none. Raises `FileError` for an unknown one."""
    known = {vendor.name: vendor for vendor in discover()}
    for name in names or ():
        if name not in known:
            raise FileError(f"vendors: '{name}': {unknown_name(name, list(known))}")
    return tuple(vendor for vendor in known.values() if not names or vendor.name in names)


def _scenario(settings: Settings, vendors: Sequence[Vendor]) -> Scenario:
    scenario = _named_scenario(settings, vendors)
    try:
        scenario = scenarios.with_options(scenario, settings.options or {}, vendors)
    except ValidationError as error:
        raise FileError(*(f"options: {'.'.join(map(str, place))}: {text}" for place, text in problems(error))) from None
    return replace(scenario, seed=settings.seed) if settings.seed is not None else scenario


def _named_scenario(settings: Settings, vendors: Sequence[Vendor]) -> Scenario:
    if settings.scenario and settings.scenario_yaml:
        raise FileError("scenario_yaml: stands beside scenario; only one can count")
    if settings.scenario_yaml:
        return scenarios.loads(settings.scenario_yaml, "scenario_yaml", vendors)
    return scenarios.load(Path(settings.scenario), vendors) if settings.scenario else scenarios.demo_world(vendors)
