"""Figures: what was measured, what it is held against, and the budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HEADINGS = ("figure", "value", "baseline", "ratio", "budget", "")


@dataclass(frozen=True, slots=True)
class Budget:
    """The bound of a figure, or of its ratio to the baseline where it *is_ratio*."""

    sign: Literal["≤", "≥"]
    limit: float
    is_ratio: bool = False

    def holds(self, measured: float) -> bool:
        """Whether this is within the bound."""
        return measured <= self.limit if self.sign == "≤" else measured >= self.limit

    def text(self, unit: str) -> str:
        """The bound in words."""
        return f"{self.sign} {self.limit:g} {'x' if self.is_ratio else unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Baseline:
    """Something else, measured in the same run and in the same unit; *value* is missing where it was not there."""

    name: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table."""

    name: str
    value: float
    unit: str
    baseline: Baseline | None = None
    budget: Budget | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the baseline it is."""
        return self.value / self.baseline.value if self.baseline and self.baseline.value else None

    @property
    def verdict(self) -> str:
        """Whether the budget holds."""
        if self.budget is None:
            return ""
        measured = self.ratio if self.budget.is_ratio else self.value
        if measured is None:
            return "not compared"
        return "ok" if self.budget.holds(measured) else "OVER"

    def cells(self) -> Sequence[str]:
        """The row, as texts."""
        return (
            self.name,
            _amount(self.value, self.unit),
            self._baseline(),
            "" if self.ratio is None else f"{self.ratio:.2f}",
            self.budget.text(self.unit) if self.budget else "",
            self.verdict,
        )

    def _baseline(self) -> str:
        if self.baseline is None:
            return ""
        if self.baseline.value is None:
            return f"{self.baseline.name}: not installed"
        return f"{self.baseline.name}: {_amount(self.baseline.value, self.unit)}"


def table(figures: Iterable[Figure]) -> Iterator[str]:
    """The lines of a table that is one in Markdown too."""
    rows = [HEADINGS, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for number, row in enumerate(rows):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        if number == 0:
            yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"


def _amount(value: float, unit: str) -> str:
    digits = next(digits for digits, least in enumerate((100, 10, 1, 0.1, 0)) if value >= least)
    return f"{value:,.{digits}f} {unit}".rstrip()
