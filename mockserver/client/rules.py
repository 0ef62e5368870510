"""The rules of a sandbox, from afar: what a test asks for, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

from mockserver.client.names import unknown
from mockserver.client.wire import MockserverError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.client.wire import Members, Wire

WHEN = ("vendor", "operation", "credential", "token", "path", "header", "transport", "nth")
THEN = ("refuse", "answer", "delay", "drop", "truncate", "garble", "mint", "hold")
COUNTS = ("times", "after", "probability", "per_credential")


@dataclass(frozen=True, slots=True)
class RecentCall:
    """A recent call, and whether the rule struck it; if not, why not."""

    exchange: str
    struck: bool
    why: str


class Rule:
    """A rule in force; taken out of force at the end of a `with`.

    *written* is how it could have been written: `when`, `then`, and its counts.
    """

    def __init__(self, wire: Wire, found: Members) -> None:
        self._wire = wire
        self.id: str = found["id"]
        self.from_scenario: bool = found["from_scenario"]
        self.written = {name: found[name] for name in ("when", "then", *COUNTS) if name in found}

    def __repr__(self) -> str:
        return f"<Rule {self.id}: {self.written}>"

    @property
    def matches(self) -> int:
        """How many calls agreed with its `when` until now."""
        count: int = self._read()["matches"]
        return count

    @property
    def strikes(self) -> int:
        """How often it struck until now."""
        count: int = self._read()["strikes"]
        return count

    @property
    def recent(self) -> tuple[RecentCall, ...]:
        """The latest calls, the last first, and why it left alone those that it left alone."""
        calls = self._read()["recent"]
        return tuple(RecentCall(each["exchange"], each["struck"], each["why"]) for each in calls)

    def remove(self) -> None:
        """Take it out of force."""
        self._wire.delete("rules", self.id)

    def _read(self) -> Members:
        found: Members = self._wire.get("rules", self.id)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.remove()
        except MockserverError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise


class Rules:
    """Puts rules in force; iteration gives those of now, in their order."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def __iter__(self) -> Iterator[Rule]:
        return (Rule(self._wire, each) for each in self._wire.get("rules")["items"])

    def add(self, when: Mapping[str, Any] | None = None, then: Mapping[str, Any] | None = None, **flat: Any) -> Rule:
        """Put a rule in force: `add(refuse="rate.limited", operation="ingrid.mint_site_token", times=1)`.

        What is given by name goes where it belongs: into `when`, into `then`, or beside them. Durations are timedelta
        or seconds. Raises `TypeError` for a name that belongs nowhere.
        """
        return Rule(self._wire, self._wire.post("rules", body=sorted_out(when, then, flat)))

    def find(self, rule_id: str) -> Rule:
        """The rule with this id. Raises `MockserverError` where there is none."""
        return Rule(self._wire, self._wire.get("rules", rule_id))

    def clear(self) -> int:
        """Take out of force what was added; how many it were. What the scenario has stays."""
        count: int = self._wire.delete("rules")["changed"]
        return count


def sorted_out(
    when: Mapping[str, Any] | None, then: Mapping[str, Any] | None, flat: Mapping[str, Any]
) -> dict[str, Any]:
    """A rule as the admin API reads it. Raises `TypeError` for a name that belongs nowhere."""
    for name in flat:
        if name not in (*WHEN, *THEN, *COUNTS):
            raise TypeError(unknown(name, (*WHEN, *THEN, *COUNTS)))
    return {
        "when": {**(when or {}), **_among(flat, WHEN)},
        "then": {**(then or {}), **_among(flat, THEN)},
        **_among(flat, COUNTS),
    }


def _among(flat: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in flat.items() if name in names}
