"""A call and its reply: what the engine sees of any transport."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


class Headers:
    """The header fields of a call in the order they came: names in any case, repeats kept apart."""

    __slots__ = ("_values", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs = tuple(pairs)
        self._values: dict[str, list[str]] = {}
        for name, value in self.pairs:
            self._values.setdefault(name.lower(), []).append(value)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._values

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def get(self, name: str) -> str | None:
        """The first value of this field, or nothing."""
        values = self._values.get(name.lower())
        return values[0] if values else None

    def all(self, name: str) -> list[str]:
        """Every value of this field, in order."""
        return self._values.get(name.lower(), [])

    def cookies(self) -> dict[str, str]:
        """The cookies by name, as sent; of a repeated one the first, which is the most specific (RFC 6265)."""
        found: dict[str, str] = {}
        for crumb in ";".join(self.all("Cookie")).split(";"):
            name, _, value = crumb.partition("=")
            if name.strip():
                found.setdefault(name.strip(), value.strip())
        return found


@dataclass(frozen=True, slots=True)
class Call:
    """A request without its transport.

    *path* is what stands below *base_url*, with its percent-encoding as sent and without the query. *payload* is for
    transports that have decoded the body already, and checked its types; HTTP leaves it to the engine, since a vendor
    may have something to refuse first. *memo* is for what is worked out from it once, and asked for twice.
    """

    method: str
    base_url: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = field(default=b"", repr=False)
    peer: str = ""
    transport: str = "http"
    payload: Mapping[str, Any] | None = None
    memo: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def url(self) -> str:
        """The URL as called: scheme, host, port and path, no query."""
        return self.base_url + self.path

    def parameter(self, name: str) -> str | None:
        """The first value of this query parameter, or nothing."""
        if not self.query:
            return None
        pairs = parse_qsl(self.query, keep_blank_values=True, errors="replace")
        return next((value for key, value in pairs if key == name), None)


class Carried(NamedTuple):
    """The accounts, keys and tokens that a call names, good or not; and of which kind its token is, if it is ours."""

    names: tuple[str, ...] = ()
    token: str = ""


CARRIES_NOTHING = Carried()
GRPC = "grpc"
"""The transport of calls whose body is a protobuf message."""
PLAYED = "played"
"""The transport of calls that the emulator makes itself."""


class Fault(Enum):
    """A way for the wire to break."""

    DROP_BEFORE = "drop before"
    """The connection closes and nothing was sent."""
    DROP_MIDWAY = "drop midway"
    """The head and half of the body are sent, then the connection is reset."""
    TRUNCATE = "truncate"
    """Half of the announced body is sent, then the connection closes in good order."""


class Gate:
    """Holds answers back until so many callers wait for one: a stampede barrier."""

    __slots__ = ("_callers", "_lock", "_waiting")

    def __init__(self, callers: int) -> None:
        self._callers = callers
        self._lock = Lock()
        self._waiting: list[Callable[[], None]] = []

    def enter(self, release: Callable[[], None]) -> None:
        """Wait here: *release* is called once, by whichever caller makes the number full."""
        with self._lock:
            self._waiting.append(release)
            if len(self._waiting) < self._callers:
                return
            waiting, self._waiting = self._waiting, []
        for let_go in waiting:
            let_go()

    def leave(self, release: Callable[[], None]) -> None:
        """Stop waiting, because patience ran out or the caller is gone."""
        with self._lock:
            if release in self._waiting:
                self._waiting.remove(release)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an answer travels: what it waits for, and what breaks on the way.

    The wait at the *gate*, at most *patience* long, comes before the *delay*.
    """

    delay: timedelta = timedelta()
    gate: Gate | None = None
    patience: timedelta = timedelta()
    fault: Fault | None = None


AT_ONCE = Delivery()


@dataclass(frozen=True, slots=True)
class Message:
    """A protobuf message: its full name, and its fields as a plain mapping."""

    name: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RpcStatus:
    """How a call ends over gRPC: a status code, a text, and what stands in `grpc-status-details-bin`.

    *details* stand there bare, or *wrapped* in a `google.rpc.Status`.
    """

    code: int = 0
    message: str = ""
    details: Message | None = None
    wrapped: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer ready for its transport.

    *rpc* is how it ends over gRPC, where its vendor says so; HTTP has no use for it. The body of a success is JSON in
    either case: over gRPC, the message that it describes is sent.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    delivery: Delivery = AT_ONCE
    rpc: RpcStatus | None = None
