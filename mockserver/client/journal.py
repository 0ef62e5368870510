"""The journal of a sandbox, from afar: what was asked, what was answered, and why."""

from __future__ import annotations

from dataclasses import dataclass, fields
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from mockserver.client import moments, words
from mockserver.client.stream import events
from mockserver.client.wire import MockserverError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from mockserver.client.wire import Members, Wire

EXPLAINED = 20
"""A text tells the reasons of so many refusals, the latest ones."""


class WhichExchanges(TypedDict, total=False):
    """Which exchanges: all that agree in what is given; `*` stands for any text.

    *outcome* is `ok`, `refused`, `failed` (a bug of the emulator), or a reason code.
    """

    vendor: str
    operation: str
    outcome: str
    status: int
    method: str
    path: str
    credential: str
    preflight: bool
    played: bool


class Expected(WhichExchanges, total=False):
    """Which exchanges, and how many; at least one if no number is given."""

    exactly: int
    at_least: int
    at_most: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call and its answer, in short. *reason* is empty where it was answered normally."""

    id: str
    at: datetime
    sandbox: str
    vendor: str
    operation: str
    method: str
    path: str
    status: int
    reason: str
    outcome: str
    preflight: bool
    hint: str
    played: bool


class Journal:
    """Reads a sandbox's journal; iteration gives the exchanges of now, the oldest first."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.list())

    def list(self, **which: Unpack[WhichExchanges]) -> tuple[Exchange, ...]:
        """All that are kept and agree in what is given."""
        return tuple(map(exchange, self._summaries(dict(which))))

    def count(self, **which: Unpack[WhichExchanges]) -> int:
        """How many these are. Preflights do not count, nor what the emulator has played itself for `tokens.issue`.

        Unless they are asked for, by `preflight=True` and `played=True`.
        """
        which.setdefault("preflight", False)
        which.setdefault("played", False)
        return len(self.list(**which))

    def last(self, **which: Unpack[WhichExchanges]) -> Exchange:
        """The latest of these. Raises `LookupError` where there is none."""
        found = self.list(**which)
        if not found:
            given = ", ".join(f"{name} {value}" for name, value in which.items())
            raise LookupError(f"no exchange{f' with {given}' if given else ''}; the journal has {len(self.list())}")
        return found[-1]

    def explain(self, which: Exchange | str) -> Members:
        """The whole entry: request, answer, and every check behind it, with the values compared."""
        entry: Members = self._wire.get("journal", which if isinstance(which, str) else which.id)
        return entry

    def clear(self) -> int:
        """Forget the exchanges; how many it were."""
        count: int = self._wire.delete("journal")["changed"]
        return count

    def follow(self, *, after: str | None = None, **which: Unpack[WhichExchanges]) -> Iterator[Exchange]:
        """Exchanges as they happen, without end: from this call on, or from behind the one with the id *after*."""
        return map(exchange, events(self._wire, dict(which), self._latest() if after is None else after))

    def verify(self, **expected: Unpack[Expected]) -> tuple[str, ...]:
        """The ids of the exchanges that are expected; preflights do not count, unless asked for.

        Raises `AssertionError`, with the nearest misses, where there are not so many.
        """
        result = self._wire.post("verify", body=expected)["results"][0]
        if not result["met"]:
            misses = [f"\n  {miss['exchange']}: {'; '.join(miss['differences'])}" for miss in result["nearest"]]
            raise AssertionError(result["detail"] + "".join(misses))
        return tuple(result["matched"])

    def text(self, **which: Unpack[WhichExchanges]) -> str:
        """A line for each exchange; below a refused one its hint, and what the failed check saw and wanted."""
        found = self.list(**which)
        refused = [each.id for each in found if each.outcome != "ok"][-EXPLAINED:]
        return "\n".join(line for each in found for line in self._told(each, explained=each.id in refused))

    def _told(self, which: Exchange, *, explained: bool) -> Iterator[str]:
        yield words.line(which)
        try:
            entry = self.explain(which) if explained else None
        except MockserverError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return  # the journal has gone on
        if entry:
            yield from (f"    {line}" for line in words.why(entry))

    def _latest(self) -> str:
        # Ids count up within a sandbox, so that what follows 0 is everything.
        return next((each["id"] for each in reversed(tuple(self._summaries({})))), "0")

    def _summaries(self, which: Mapping[str, Any]) -> Iterator[Members]:
        query = dict(which)
        while True:
            page = self._wire.get("journal", **query)
            yield from page["items"]
            if page["next"] is None:
                return
            query["after"] = page["next"]


def exchange(found: Members) -> Exchange:
    """An exchange as the admin API tells it in lists."""
    return Exchange(**{name: found[name] for name in _NAMES}, at=moments.instant(found["at"]))


_NAMES = tuple(field.name for field in fields(Exchange) if field.name != "at")
