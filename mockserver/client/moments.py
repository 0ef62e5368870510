"""Instants and durations as the admin API writes them, and as Python has them."""

from __future__ import annotations

from datetime import datetime, timedelta


def instant(text: str) -> datetime:
    """The instant that an RFC 3339 text means."""
    return datetime.fromisoformat(text)


def written(moment: datetime | str) -> str:
    """An instant in RFC 3339; a text is taken for one. Raises `ValueError` for a datetime without its zone."""
    if isinstance(moment, str):
        return moment
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone; datetime(..., tzinfo=UTC) has one")
    return moment.isoformat()


def duration(step: timedelta | None, parts: dict[str, float]) -> timedelta:
    """A duration given as one, or by the keywords of `timedelta`, or both."""
    if step is None and not parts:
        raise TypeError("how long? Give a timedelta, or its keywords, as in minutes=6")
    return (step or timedelta()) + timedelta(**parts)
