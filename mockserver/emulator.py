"""The one place where the parts are put together; start, stop, `with`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from marshmallow import ValidationError

from mockserver import __version__, scenarios
from mockserver.core.sandbox import Sandboxes, Scenario
from mockserver.rpc.door import HOW, Door, PortTakenError
from mockserver.schema import problems, problems_below, unknown_name
from mockserver.settings import Settings, read
from mockserver.vendors import discover
from mockserver.yamltext import FileError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from flask import Flask

    from mockserver.core.journal import Exchange
    from mockserver.core.sandbox import Sandbox
    from mockserver.core.vendor import Vendor
    from mockserver.web.server import Server


GRACE = timedelta(milliseconds=800)
"""How long what is in flight may take once the server is told to stop: it ends within a second."""


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
        from mockserver.web.admin.desk import House  # noqa: PLC0415  (Flask is loaded on first use)
        from mockserver.web.admin.gate import Gate  # noqa: PLC0415
        from mockserver.web.app import create_app as web_app  # noqa: PLC0415

        self.settings = settings or Settings()
        self.vendors = chosen_vendors(self.settings.vendors)
        self.sandboxes = Sandboxes(
            _scenario(self.settings, self.vendors),
            auto=self.settings.auto_sandboxes,
            limit=self.settings.sandbox_limit,
            on_exchange=on_exchange,
        )
        self._door = Door(
            self.vendors,
            self.sandboxes,
            self.settings.host,
            self.settings.grpc_ports,
            annotate=self.settings.annotate,
        )
        house = House(self.vendors, self.sandboxes, __version__, self.openapi, self.world, rpc=self)
        self.app: Flask = web_app(
            house,
            Gate(self.settings.loopback_only, self.settings.admin_token),
            annotate=self.settings.annotate,
            public_url=self.settings.public_url,
        )
        self._server: Server | None = None
        self._port = self.settings.port
        self._eager = self.settings.port != 0 or self.settings.grpc_port is not None

    @property
    def sandbox(self) -> Sandbox:
        """The default sandbox."""
        return self.sandboxes.default

    @property
    def url(self) -> str:
        """Where it is called: `public_url` if it is set, else where it listens."""
        host = "localhost" if self.settings.host == "0.0.0.0" else self.settings.host  # noqa: S104  (compared, not bound)
        if self.settings.public_url:
            return self.settings.public_url.rstrip("/")
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}"

    @property
    def rpc_is_ready(self) -> bool:
        """Whether gRPC callers are accepted, or will not be for as long as nobody asks where."""
        return self._door.is_ready or not self._eager

    @property
    def rpc_problem(self) -> str:
        """Why there is no gRPC although somebody speaks it, in a sentence; empty where all is well."""
        if self._door.is_wanted and self._door.is_off:
            return HOW
        return self._door.problem

    def rpc_address(self, url: str | None = None, *, wanted: bool = True) -> str:
        """Host and port at which gRPC is called; empty where it is off.

        A server that is up accepts there now, if it is *wanted*. The host is that of *url*, where one is given: the one
        by which this emulator was reached.
        """
        if self._door.is_off:
            return ""
        if wanted:
            self._door.open()
        ports = self._door.ports or self.settings.grpc_ports
        host = urlsplit(url or self.url).hostname or "localhost"
        return f"{f'[{host}]' if ':' in host else host}:{ports[0]}"

    def bind(self, on_ready: Callable[[], None] | None = None) -> Server:
        """A server on the port of the settings, bound but not running; gRPC starts beside it.

        Raises `OSError` if the port is taken, `PortTakenError` if one of gRPC's is.
        """
        self._eager = True
        return self._bound(on_ready)

    def _bound(self, on_ready: Callable[[], None] | None = None) -> Server:
        from mockserver.web.server import Limits, Listener, Server, bind  # noqa: PLC0415  (not needed by `flask run`)

        listening = bind(self.settings.host, self.settings.port)
        self._port = listening.getsockname()[1]
        try:
            self._door.hold()
        except PortTakenError:
            listening.close()
            raise

        def ready() -> None:
            if on_ready:
                on_ready()
            if self._eager:
                self._door.open_soon()

        limits = Limits(grace=GRACE)
        return Server(
            self.app, [Listener(listening)], limits=limits, on_ready=ready, on_stop=lambda: self._door.close(GRACE)
        )

    def start(self) -> None:
        """Serve in a thread of its own; returns when it accepts.

        Where nobody has said a gRPC port and the HTTP port is a free one, gRPC starts when its address is first asked
        for: most tests never do, and grpcio takes longer to load than all else together.
        """
        self._server = self._bound()
        self._server.start()
        if self._eager:
            self._door.open()

    def stop(self) -> None:
        """Stop serving."""
        if self._server:
            self._server.stop()
            self._server = None
        self.see_rpc_out()

    def see_rpc_out(self) -> None:
        """Wait until the last gRPC calls are over, once the server has stopped."""
        self._door.wait(GRACE)

    def environment(self, vendor: Vendor | str, url: str | None = None) -> Mapping[str, str]:
        """What an integrator of *vendor* (or of the one with this name) configures to use the default sandbox."""
        chosen = chosen_vendors([vendor])[0] if isinstance(vendor, str) else vendor
        base = (url or self.url).rstrip("/")
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
    path = settings.scenario
    scenario = scenarios.load(Path(path), vendors) if path else scenarios.demo_world(vendors)
    try:
        scenario = scenarios.with_options(scenario, settings.options or {}, vendors)
    except ValidationError as error:
        raise FileError(*(f"options: {'.'.join(map(str, place))}: {text}" for place, text in problems(error))) from None
    return replace(scenario, seed=settings.seed) if settings.seed is not None else scenario
