"""What is said of a name that nothing has."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def unknown(name: str, known: Iterable[str]) -> str:
    """That it is unknown, and the near one; all that there are where none is near."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    return f"unknown name '{name}'; " + (f"did you mean '{near[0]}'?" if near else f"known are {', '.join(names)}")
