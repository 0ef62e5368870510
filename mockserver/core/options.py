"""Options: the switches of a vendor, for what its documents leave open or contradict.

An option is declared once, as a field of a frozen dataclass. What it accepts and why it exists stand in the
field's metadata; the strict schema, the error texts, the JSON Schema and the reference are made from there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words or numbers."""

    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Switch:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Span:
    """A duration, written as whole seconds within bounds, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class AutoSpan:
    """A duration like `Span`, or the word auto, which is nothing: whoever asks has one of its own."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Wholes:
    """A list of whole numbers within bounds, both included; one alone may stand for a list of one."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Text:
    """A text that matches a pattern, described in words by *form*; or nothing, where that is the default."""

    pattern: str = r".+"
    form: str = "a text"


@dataclass(frozen=True, slots=True)
class Words:
    """A list of texts; one text alone may stand for a list of one."""

    pattern: str = r".+"
    form: str = "a text or a list of texts"


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping, looked into by whoever uses it."""


@dataclass(frozen=True, slots=True)
class Entries:
    """One of a few words; or a list of mappings, which the schema that *entry* gives reads and writes."""

    words: tuple[str, ...]
    entry: Callable[[], Any]


Kind = Choice | Switch | Whole | Span | AutoSpan | Wholes | Text | Words | Table | Entries


def plain(kind: Kind, value: Any) -> bool:
    """Whether *value* is right as it stands, with nothing to convert; only a schema can tell of what is not plain."""
    match kind:
        case Whole(low, high):
            return type(value) is int and low <= value <= high
        case Switch():
            return isinstance(value, bool)
        case Choice(values):
            return isinstance(value, str) and value in values
        case Text(pattern):
            return isinstance(value, str) and re.fullmatch(pattern, value) is not None
    return False


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is known of one option: its name on the outside, its attribute, what it accepts, and why it exists."""

    name: str
    attribute: str
    kind: Kind
    default: Any
    why: str


def option(default: Any, kind: Kind, why: str, *, name: str = "") -> Any:
    """A dataclass field that is an option. *name* is what users write, where it differs from the attribute."""
    return field(default=default, metadata={"kind": kind, "why": why, "name": name})


def choice(default: str | int, *others: str | int, why: str) -> Any:
    """An option that takes one of these values."""
    return option(default, Choice((default, *others)), why)


def switch(default: bool, *, why: str) -> Any:  # noqa: FBT001  (the default reads well in first place)
    """An option that is on or off."""
    return option(default, Switch(), why)


def span(name: str, default: int, low: int, high: int, *, why: str) -> Any:
    """An option that is a duration, called *name* on the outside and given in seconds."""
    return option(timedelta(seconds=default), Span(low, high), why, name=name)


def declarations(kind: type) -> Iterator[Declaration]:
    """Every option that this dataclass declares, in order."""
    for each in fields(kind):
        if "kind" in each.metadata:
            name = each.metadata["name"] or each.name
            yield Declaration(name, each.name, each.metadata["kind"], each.default, each.metadata["why"])


URL = r"https?://[^/?#\s]+[^?#\s]*"
ORIGIN = r"https?://[^/?#\s]+"


@dataclass(frozen=True, slots=True)
class Options:
    """The options that all vendors share."""

    browser_guard: str = choice(
        "refuse",
        "record",
        "off",
        why="refuse a long-lived secret that comes from a browser, only record it, or look away",
    )
    cors_origins: tuple[str, ...] = option(
        ("*",),
        Words(rf"\*|{ORIGIN}", "* or origins like http://localhost:3000"),
        "who may read browser endpoints",
    )
    cors_credentials: bool = switch(default=False, why="allow cookies across origins; tokens travel in headers")
    cors_on_errors: bool = switch(default=True, why="off: a page sees a 401 as a network error")
    cors_expose: bool = switch(default=True, why="off: page scripts cannot read Retry-After and its like")
    skew: timedelta = span("skew_s", 5, 0, 300, why="leeway for the clocks of those who sign assertions")
    www_authenticate: bool = switch(default=True, why="send a challenge with every 401, as RFC 9110 asks")
    base_url: str | None = option(
        None, Text(URL, "an absolute http or https URL"), "issuer, audiences and links; as called when absent"
    )
