"""What a test expects to have happened: which exchanges, and how many; held against the journal, misses explained."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mockserver.core.reasons import REASONS
from mockserver.core.rules import fits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver.core.journal import Exchange

OUTCOMES = ("ok", "refused", "failed")
"""Answered normally, refused, or a bug of the emulator; a reason code says which refusal."""
NEAREST = 5
"""So many near misses are told."""


@dataclass(frozen=True, slots=True)
class ExchangeFilter:
    """Which exchanges are meant: those that agree in everything that is given.

    In *operation*, *path* and *credential*, `*` stands for any text. *outcome* is one of `OUTCOMES` or a reason code.
    """

    vendor: str | None = None
    operation: str | None = None
    outcome: str | None = None
    status: int | None = None
    method: str | None = None
    path: str | None = None
    credential: str | None = None
    preflight: bool | None = None
    played: bool | None = None

    def differences(self, exchange: Exchange) -> list[str]:
        """Everything in which this exchange is not the one that is meant."""
        found = [self._text(name, exchange) for name in ("vendor", "operation", "method", "path")]
        found += [self._outcome(exchange), self._credential(exchange)]
        if self.status is not None and self.status != exchange.reply.status:
            found.append(f"status is {exchange.reply.status}, not {self.status}")
        if self.preflight is not None and self.preflight != exchange.preflight:
            found.append("it is a preflight" if exchange.preflight else "it is no preflight")
        if self.played is not None and self.played != exchange.played:
            found.append("the emulator has played it" if exchange.played else "the emulator has not played it")
        return [difference for difference in found if difference]

    def matches(self, exchange: Exchange) -> bool:
        """Whether this exchange is meant."""
        return not self.differences(exchange)

    def _text(self, name: str, exchange: Exchange) -> str:
        wanted = getattr(self, name)
        seen = getattr(exchange.call, name) if name in ("method", "path") else getattr(exchange, name)
        return "" if wanted is None or fits(wanted, seen) else f"{name} is '{seen}', not '{wanted}'"

    def _outcome(self, exchange: Exchange) -> str:
        if self.outcome in (None, exchange.outcome, exchange.reason):
            return ""
        seen = exchange.reason or exchange.outcome
        return f"outcome is '{seen}', not '{self.outcome}'"

    def _credential(self, exchange: Exchange) -> str:
        wanted = self.credential
        if wanted is None or any(fits(wanted, name) for name in exchange.carried.names):
            return ""
        return f"credential is not '{wanted}'"


@dataclass(frozen=True, slots=True)
class Expectation:
    """So many exchanges of a sort. Without a number: at least one."""

    which: ExchangeFilter = field(default_factory=ExchangeFilter)
    exactly: int | None = None
    at_least: int | None = None
    at_most: int | None = None

    def met_by(self, count: int) -> bool:
        """Whether so many are as many as expected."""
        if self.exactly is not None:
            return count == self.exactly
        least = self.at_least if self.at_least is not None else int(self.at_most is None)
        return least <= count <= (count if self.at_most is None else self.at_most)

    @property
    def wanted(self) -> str:
        """How many, in words."""
        if self.exactly is not None:
            return f"exactly {self.exactly}"
        bounds = [f"at least {self.at_least}"] if self.at_least is not None else []
        bounds += [f"at most {self.at_most}"] if self.at_most is not None else []
        return " and ".join(bounds) or "at least 1"


class Miss(NamedTuple):
    """An exchange that was nearly the one that is meant, and in what it is not."""

    exchange: Exchange
    differences: list[str]


class Result(NamedTuple):
    """What came of an expectation."""

    met: bool
    matched: list[Exchange]
    nearest: list[Miss]


def check(expectation: Expectation, exchanges: Iterable[Exchange]) -> Result:
    """Hold an expectation against what happened."""
    misses: list[Miss] = []
    matched: list[Exchange] = []
    for exchange in exchanges:
        differences = expectation.which.differences(exchange)
        if differences:
            misses.append(Miss(exchange, differences))
        else:
            matched.append(exchange)
    nearest = sorted(misses, key=lambda miss: len(miss.differences))[:NEAREST]
    return Result(expectation.met_by(len(matched)), matched, nearest)


def is_outcome(word: str) -> bool:
    """Whether an exchange can have this outcome."""
    return word in OUTCOMES or word in REASONS
