"""One call for every answer that Hyperswitch can give."""

from __future__ import annotations


def examples() -> tuple[()]:
    """Every outcome of every operation."""
    return ()
