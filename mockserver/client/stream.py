"""What happens, as server-sent events (WHATWG HTML, section 9.2); by asking again where no stream is to be had."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import requests

from mockserver.client.wire import MockserverError
from mockserver.core.clock import wait

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockserver.client.wire import Members, Wire

PAUSE = timedelta(seconds=1)
"""How long to wait before asking again, if the server does not say."""


@dataclass
class _Place:
    """How far somebody has read, and how long to wait before asking again."""

    last: str
    pause: timedelta = PAUSE
    lines: list[str] = field(default_factory=list)


def events(wire: Wire, which: Mapping[str, Any], since: str) -> Iterator[Members]:
    """Exchanges behind the one with the id *since*, without end. Raises `MockserverError` when the server is gone."""
    place = _Place(since)
    while True:
        try:
            yield from _streamed(wire, which, place)
        except MockserverError as error:
            if error.status != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            yield from _polled(wire, which, place)
        except requests.RequestException:
            pass  # a broken connection
        place.lines.clear()  # what is half told is told again
        wait(place.pause)


def _streamed(wire: Wire, which: Mapping[str, Any], place: _Place) -> Iterator[Members]:
    asked = {"Accept": "text/event-stream", "Accept-Encoding": "identity", "Last-Event-ID": place.last}
    with wire.stream("journal", "stream", headers=asked, **which) as answer:
        # A line must not wait until some buffer is full.
        yield from _read((line.decode() for line in answer.iter_lines(chunk_size=1)), place)


def _read(lines: Iterable[str], place: _Place) -> Iterator[Members]:
    for line in lines:
        if line:
            place.lines.append(line)
            continue
        members = _members(place.lines)
        place.lines.clear()
        if members.get("retry", "").isdecimal():
            place.pause = timedelta(milliseconds=int(members["retry"]))
        place.last = members.get("id", place.last)
        if members.get("event") == "exchange":
            yield json.loads(members["data"])


def _members(lines: Iterable[str]) -> dict[str, str]:
    """The fields of an event; a line that begins with a colon is a comment."""
    pairs = (line.partition(":") for line in lines if not line.startswith(":"))
    return {name: value.removeprefix(" ") for name, _, value in pairs}


def _polled(wire: Wire, which: Mapping[str, Any], place: _Place) -> Iterator[Members]:
    for found in wire.get("journal", **which, after=place.last)["items"]:
        place.last = found["id"]
        yield found
