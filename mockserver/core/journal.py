"""What happened: exchanges, with the ordered checks behind each answer."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.core.calls import CARRIES_NOTHING, PLAYED, Carried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from mockserver.core.calls import Call, Reply
    from mockserver.core.origins import Admission

_LOG = logging.getLogger("mockserver.journal")

CAPACITY = 1_000
"""A sandbox keeps so many exchanges."""
BODY_BYTES = 16 * 1024
"""So much of a body is kept."""
VALUE_CHARACTERS = 1024
"""So much of a value that a check compared, where the body is a long one."""


class Bound(NamedTuple):
    """A limit that a value was held against: `Bound("later than", 1795202121)`."""

    words: str
    value: Any

    def __str__(self) -> str:
        return f"{self.words} {self.value}"


class Check(NamedTuple):
    """One thing that was looked at: the reason it could have given, the claim it is about, the values compared."""

    reason: str
    passed: bool
    seen: Any = None
    wanted: Any = None
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the integrator should know about a call that was answered normally."""

    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call and its answer.

    *reason* is empty where the call was answered normally. *admission* is for the transport, which writes the CORS
    headers. *failed* means that the emulator did, and that the answer is not the vendor's. *rules* are the ids of the
    rules that touched the answer, *spared* those that were about the call and let it pass, with the reason. *minted*
    are the tokens that it issued, by what they are known by: a transport that could not hand them over takes them back.
    """

    id: str
    at: datetime
    sandbox: str
    vendor: str
    operation: str
    call: Call
    reply: Reply
    reason: str = ""
    hint: str = ""
    checks: tuple[Check, ...] = ()
    findings: tuple[Finding, ...] = ()
    rules: tuple[str, ...] = ()
    spared: tuple[tuple[str, str], ...] = ()
    carried: Carried = CARRIES_NOTHING
    admission: Admission | None = None
    preflight: bool = False
    failed: bool = False
    minted: tuple[bytes, ...] = ()

    @property
    def vendor_name(self) -> str:
        """Its vendor's name, as a case tells it too."""
        return self.vendor

    @property
    def operation_name(self) -> str:
        """Its operation's name, as a case tells it too."""
        return self.operation

    @property
    def played(self) -> bool:
        """Whether the emulator has made the call itself, because somebody asked it for a token."""
        return self.call.transport == PLAYED

    @property
    def outcome(self) -> str:
        """`failed`, `refused`, or `ok` where it was answered normally."""
        if self.failed:
            return "failed"
        return "refused" if self.reason else "ok"

    @property
    def notes(self) -> list[tuple[str, str]]:
        """Why, beside the answer: this exchange's id, the reason of a refusal, the rules that had a hand in it."""
        pairs = [("X-Mock-Exchange", self.id)]
        if self.reason:
            pairs.append(("X-Mock-Reason", self.reason))
        if self.rules:
            pairs.append(("X-Mock-Injected", ", ".join(self.rules)))
        return pairs


class Journal:
    """The latest exchanges of one sandbox, oldest first.

    *met* are the outcomes that were seen since it began, also of exchanges that are gone: operation and reason.
    """

    __slots__ = ("_entered", "_exchanges", "_listeners", "_lock", "met")

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=capacity)
        self._listeners: tuple[Callable[[Exchange], None], ...] = ()
        self._lock = Lock()
        self._entered = 0
        self.met: set[tuple[str, str]] = set()

    def __iter__(self) -> Iterator[Exchange]:
        return iter(list(self._exchanges))

    def __len__(self) -> int:
        return len(self._exchanges)

    def enter(self, exchange: Exchange) -> None:
        """Keep it, with long bodies cut."""
        kept = _cut(exchange)
        with self._lock:
            self._entered += 1
            self._exchanges.append(kept)
        if not exchange.preflight:
            self.met.add((exchange.operation, exchange.reason))
        for listener in self._listeners:
            _tell(listener, exchange)

    def find(self, exchange_id: str) -> Exchange | None:
        """The exchange with this id, while it is kept."""
        return next((exchange for exchange in self if exchange.id == exchange_id), None)

    @property
    def forgotten(self) -> int:
        """How many exchanges are kept no more, for want of room, since it began or was cleared."""
        with self._lock:
            return self._entered - len(self._exchanges)

    def clear(self) -> int:
        """Forget the exchanges; how many there were."""
        with self._lock:
            kept, self._entered = len(self._exchanges), 0
            self._exchanges.clear()
        return kept

    def listen(self, listener: Callable[[Exchange], None]) -> None:
        """Call *listener* with every exchange from now on."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def dismiss(self, listener: Callable[[Exchange], None]) -> None:
        """Call *listener* no more."""
        with self._lock:
            self._listeners = tuple(each for each in self._listeners if each != listener)

    def adopt_listeners(self, other: Journal) -> None:
        """Tell whoever listens to the *other* journal, in place of those who listen here."""
        with self._lock:
            self._listeners = other._listeners


def _tell(listener: Callable[[Exchange], None], exchange: Exchange) -> None:
    # Whoever listens must not take the answer down: it is journalled, and a token may be minted.
    try:
        listener(exchange)
    except Exception:  # noqa: BLE001  (it is logged, whatever it is)
        _LOG.exception("a listener of the journal failed")


def _cut(exchange: Exchange) -> Exchange:
    call, reply = exchange.call, exchange.reply
    call.memo.clear()
    if len(call.body) <= BODY_BYTES and len(reply.body) <= BODY_BYTES:
        return exchange
    return replace(
        exchange,
        call=replace(call, body=call.body[:BODY_BYTES]),
        reply=replace(reply, body=reply.body[:BODY_BYTES]),
        checks=tuple(check._replace(seen=_short(check.seen), wanted=_short(check.wanted)) for check in exchange.checks),
    )


def _short(value: Any) -> Any:
    """A value as it was, or the beginning of its text: a body of megabytes may hold a claim of megabytes."""
    text = repr(value)
    return value if len(text) <= VALUE_CHARACTERS else text[:VALUE_CHARACTERS] + "..."
