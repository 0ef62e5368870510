"""Where an emulator is reached: by HTTP, by HTTPS, by gRPC. Ports, addresses, certificates."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockserver.rpc.door import HOW, Door, PortTakenError
from mockserver.yamltext import FileError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from socket import socket
    from ssl import SSLContext
    from wsgiref.types import WSGIApplication

    from mockserver.core.sandbox import Sandboxes
    from mockserver.core.vendor import Vendor
    from mockserver.settings import Settings
    from mockserver.web.server import Server
    from mockserver.web.server.certificates import Authority

GRACE = timedelta(milliseconds=800)
"""How long what is in flight may take once the server is told to stop: it ends within a second."""
EVERYWHERE = "0.0.0.0"  # noqa: S104  (compared, not bound)


class CannotListenError(OSError):
    """An address cannot be listened on: *setting* names the port that was asked for."""

    def __init__(self, setting: str, host: str, port: int, error: OSError) -> None:
        super().__init__(error.errno, error.strerror)
        self.setting, self.host, self.port = setting, host, port


class Doors:
    """The doors of one emulator. Raises `FileError` where certificate and key of the settings cannot be used."""

    def __init__(self, settings: Settings, vendors: Sequence[Vendor], sandboxes: Sandboxes) -> None:
        self._settings = settings
        self._ports = {"port": settings.port, "tls_port": settings.tls_port}
        self._own_tls = _own_tls(settings)
        self._rpc = Door(vendors, sandboxes, settings.host, settings.grpc_ports, annotate=settings.annotate)
        self._opens_rpc = settings.port != 0 or settings.grpc_port is not None

    @property
    def url(self) -> str:
        """Where it is called: `public_url` if it is set, else where it listens."""
        public = self._settings.public_url
        return public.rstrip("/") if public else self._listening_at("http", "port")

    @property
    def tls_url(self) -> str | None:
        """Where it is called over TLS, if it is."""
        return self._listening_at("https", "tls_port") if self._settings.tls != "off" else None

    def over_tls(self, url: str) -> str:
        """The same URL over TLS, where that is served; what stands behind a `public_url` is not known here."""
        if self._settings.tls == "off" or self._settings.public_url:
            return url
        return f"https://{_bracketed(urlsplit(url).hostname)}:{self._ports['tls_port']}{urlsplit(url).path}"

    @property
    def ca_pem(self) -> bytes | None:
        """The certificate that callers over TLS are to trust, where it is a throw-away one."""
        return self._authority.pem if self._settings.tls == "auto" else None

    @property
    def rpc_is_ready(self) -> bool:
        """Whether gRPC callers are accepted, or will not be for as long as nobody asks where."""
        return self._rpc.is_ready or not self._opens_rpc

    @property
    def rpc_problem(self) -> str:
        """Why there is no gRPC although somebody speaks it, in a sentence; empty where all is well."""
        return HOW if self._rpc.is_wanted and self._rpc.is_off else self._rpc.problem

    def rpc_address(self, url: str | None = None, *, wanted: bool = True) -> str:
        """Host and port at which gRPC is called; empty where it is off.

        A server that is up accepts there now, if it is *wanted*. The host is that of *url*, where one is given: the one
        by which this emulator was reached.
        """
        if self._rpc.is_off:
            return ""
        if wanted:
            self._rpc.open()
        ports = self._rpc.ports or self._settings.grpc_ports
        return f"{_bracketed(urlsplit(url or self.url).hostname)}:{ports[0]}"

    @property
    def listens(self) -> Mapping[str, str]:
        """Where it listens, by protocol: URLs, and for gRPC host and port."""
        where = {"http": self._listening_at("http", "port"), "https": self.tls_url, "grpc": self.rpc_address()}
        return {protocol: address for protocol, address in where.items() if address}

    def bind(self, app: WSGIApplication, on_ready: Callable[[], None] | None = None, *, eager: bool) -> Server:
        """A server of *app* on the ports of the settings, bound but not running; gRPC starts beside it.

        Unless that is *eager*, where nobody has said a gRPC port and the HTTP port is a free one: then gRPC starts when
        its address is first asked for. Who is reached from other machines answers nobody before gRPC is there: all that
        they can wait for may be an open port. Raises `CannotListenError` if a port is taken.
        """
        from mockserver.web.server import Limits, Listener, Server  # noqa: PLC0415  (not needed by `flask run`)

        self._opens_rpc = self._opens_rpc or eager
        with ExitStack() as taken:
            listeners = [Listener(taken.enter_context(self._bound("port")))]
            if self._settings.tls != "off":
                listeners.append(Listener(taken.enter_context(self._bound("tls_port")), self._tls))
            self._take_rpc_ports()
            taken.pop_all()

        def ready() -> None:
            if on_ready:
                on_ready()
            if self._opens_rpc:
                self._rpc.open_soon()

        def stop() -> None:
            self._rpc.close(GRACE)

        return Server(app, listeners, limits=Limits(grace=GRACE), on_ready=ready, on_stop=stop)

    def open(self) -> None:
        """Return when gRPC accepts callers as well, where it is not left until somebody asks for it."""
        if self._opens_rpc:
            self._rpc.open()

    def see_out(self) -> None:
        """Wait until the last gRPC calls are over, once the server has stopped."""
        self._rpc.wait(GRACE)

    def _listening_at(self, scheme: str, setting: str) -> str:
        host = "localhost" if self._settings.host == EVERYWHERE else self._settings.host
        return f"{scheme}://{_bracketed(host)}:{self._ports[setting]}"

    def _bound(self, setting: str) -> socket:
        listening = bound(setting, self._settings.host, getattr(self._settings, setting))
        self._ports[setting] = listening.getsockname()[1]
        return listening

    def _take_rpc_ports(self) -> None:
        try:
            self._rpc.hold()
            if self._opens_rpc and not self._settings.loopback_only:
                self._rpc.open()
        except PortTakenError as error:
            raise CannotListenError("grpc_port", self._settings.host, error.port, error) from None

    @property
    def _tls(self) -> SSLContext:
        return self._own_tls or self._authority.context

    @cached_property
    def _authority(self) -> Authority:
        from mockserver.web.server.certificates import Authority  # noqa: PLC0415  (loaded where TLS is on)

        return Authority()


def bound(setting: str, host: str, port: int) -> socket:
    """A socket that listens there. Raises `CannotListenError`, which names the *setting*."""
    from mockserver.web.server import bind  # noqa: PLC0415  (not needed by `flask run`)

    try:
        return bind(host, port)
    except OSError as error:
        raise CannotListenError(setting, host, port, error) from None


def _bracketed(host: str | None) -> str:
    return f"[{host}]" if host and ":" in host else host or "localhost"


def _own_tls(settings: Settings) -> SSLContext | None:
    files = {"tls_certificate": settings.tls_certificate, "tls_key": settings.tls_key}
    given = {name: file for name, file in files.items() if file is not None}
    if settings.tls != "own":
        for name in given:
            raise FileError(f"{name}: only looked at where tls is 'own'; it is '{settings.tls}'")
        return None
    for name in files.keys() - given.keys():
        raise FileError(f"{name}: needed where tls is 'own'")
    from mockserver.web.server.certificates import own_context  # noqa: PLC0415  (loaded where TLS is on)

    return own_context(Path(given["tls_certificate"]), Path(given["tls_key"]))
