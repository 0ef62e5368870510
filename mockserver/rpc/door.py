"""Where gRPC is answered: ports that are held from the start, and a server behind them once it is wanted.

grpcio takes longer to load than all else together, so it is loaded here, when somebody is about to call.
"""

from __future__ import annotations

import logging
import socket
from contextlib import suppress
from datetime import timedelta
from importlib.util import find_spec
from threading import Lock, Thread
from typing import TYPE_CHECKING

from mockserver.core.clock import wait

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

    from mockserver.core.sandbox import Sandboxes
    from mockserver.core.vendor import Vendor
    from mockserver.rpc.server import RpcServer

_LOG = logging.getLogger("mockserver.rpc")
NEEDED = ("grpc", "google.protobuf", "grpc_health", "grpc_reflection")
BREATH = timedelta(milliseconds=100)
"""How long the first HTTP calls have the processor for themselves: to load grpcio takes it for longer than that."""
HOW = "gRPC is off: the extra 'grpc' brings it"


class PortTakenError(OSError):
    """A gRPC port cannot be had: this one."""

    def __init__(self, port: int, error: OSError) -> None:
        super().__init__(error.errno, error.strerror or str(error))
        self.port = port


def is_installed() -> bool:
    """Whether what it takes is there. Nothing is loaded."""
    with suppress(ModuleNotFoundError):
        return all(find_spec(name) for name in NEEDED)
    return False


class Door:
    """The gRPC side of an emulator. No ports, and it is off."""

    def __init__(
        self, vendors: Sequence[Vendor], sandboxes: Sandboxes, host: str, ports: Sequence[int], *, annotate: bool
    ) -> None:
        spoken = any(vendor.rpc for vendor in vendors)
        self._vendors = vendors
        self._sandboxes = sandboxes
        self._host = host
        self._wanted = tuple(ports) if spoken else ()
        self._annotate = annotate
        self._held: list[socket.socket] = []
        self._server: RpcServer | None = None
        self._closing: Event | None = None
        self._lock = Lock()
        self.ports: tuple[int, ...] = ()
        self.problem = ""

    @property
    def is_wanted(self) -> bool:
        """Whether somebody speaks gRPC, and ports are given for it."""
        return bool(self._wanted)

    @property
    def is_off(self) -> bool:
        """Whether nobody will ever answer."""
        return not (self.is_wanted and is_installed())

    @property
    def is_ready(self) -> bool:
        """Whether callers are accepted, or nobody has taken a port to accept them at."""
        return self.is_off or self._server is not None or not self.ports

    def hold(self) -> None:
        """Take the ports, so that nobody else does. Raises `PortTakenError`."""
        if self.is_off:
            return
        with self._lock:
            for port in self._wanted:
                try:
                    self._held.append(_held(self._host, port))
                except OSError as error:
                    self._let_go()
                    raise PortTakenError(port, error) from None
            self.ports = tuple(each.getsockname()[1] for each in self._held)

    def open(self) -> None:
        """Accept callers, if none are yet; returns when they are. Raises `PortTakenError`."""
        with self._lock:
            if self._server is not None or not self.ports or self._closing is not None:
                return
            from mockserver.rpc.server import RpcServer  # noqa: PLC0415  (that is what this class is for)

            self._let_go()
            try:
                server = RpcServer(self._vendors, self._sandboxes, self._host, self.ports, annotate=self._annotate)
                server.start()
            except OSError as error:
                self.problem = str(error)
                raise PortTakenError(self.ports[0], error) from None
            self._server = server

    def open_soon(self) -> None:
        """The same in a thread, beside whatever else there is to do."""
        Thread(target=self._open_or_tell, name="mockserver-grpc-start", daemon=True).start()

    def close(self, grace: timedelta) -> None:
        """Accept no more; what is in flight may take *grace* longer."""
        with self._lock:
            self._let_go()
            if self._server is not None:
                self._closing = self._server.stop(grace)
            self._server = None
            self.ports = ()

    def wait(self, patience: timedelta) -> None:
        """Until all is over."""
        closing, self._closing = self._closing, None
        if closing is not None:
            closing.wait(patience.total_seconds())

    def _open_or_tell(self) -> None:
        wait(BREATH)
        try:
            self.open()
        except Exception:  # noqa: BLE001  (nobody else would tell)
            _LOG.exception("gRPC could not be started")

    def _let_go(self) -> None:
        for each in self._held:
            each.close()
        self._held.clear()


def _held(host: str, port: int) -> socket.socket:
    """A socket on this port that does not listen: nobody else gets it, and callers see that it is not open yet."""
    held = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        # With it, the port may be had while connections of an earlier server are dying; left on, others could have it.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((host, port))
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    except OSError:
        held.close()
        raise
    return held
