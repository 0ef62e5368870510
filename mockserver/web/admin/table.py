"""Which endpoint does a method and a path below `/_mock` mean?

Flask's own map compiles each of its rules at start, which takes longer than everything else together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mockserver.web.admin.desk import AdminProblem
from mockserver.web.routing import Segments, match, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mockserver.web.admin.desk import Endpoint

PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
"""A parameter in an endpoint's path; `path:` takes any number of segments, `uuid:` only what looks like one."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Entry(NamedTuple):
    """An endpoint, its path taken apart, and those of its parameters that must be a UUID."""

    endpoint: Endpoint
    template: Segments
    uuids: tuple[str, ...]


class Table:
    """The endpoints by their paths."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._entries = [_entry(endpoint) for endpoint in endpoints]

    def find(self, method: str, path: str, called: str) -> tuple[Endpoint, Mapping[str, str]]:
        """The endpoint of a call and the parameters in its path; HEAD goes where GET does.

        Raises `AdminProblem`, in which the path is as it was *called*.
        """
        found = [(entry.endpoint, parameters) for entry, parameters in self._matching(split(path))]
        for endpoint, parameters in found:
            if endpoint.method == ("GET" if method == "HEAD" else method):
                return endpoint, parameters
        if not found:
            raise AdminProblem(404, f"The emulator has no {called}.", documents="/_mock/docs")
        allowed = {endpoint.method for endpoint, _ in found}
        allowed |= {"HEAD"} if "GET" in allowed else set()
        raise AdminProblem(405, f"{called} does not take {method}.", headers={"Allow": ", ".join(sorted(allowed))})

    def _matching(self, segments: Segments) -> Iterable[tuple[Entry, Mapping[str, str]]]:
        for entry in self._entries:
            parameters = match(entry.template, segments)
            if parameters is None or not all(parameters.values()):
                continue
            if all(_UUID.fullmatch(parameters[name]) for name in entry.uuids):
                yield entry, {**parameters, **{name: parameters[name].lower() for name in entry.uuids}}


def _entry(endpoint: Endpoint) -> Entry:
    uuids = tuple(name for kind, name in PARAMETER.findall(endpoint.path) if kind == "uuid")
    return Entry(endpoint, split(PARAMETER.sub(_spelt, endpoint.path)), uuids)


def _spelt(parameter: re.Match[str]) -> str:
    return f"{{{parameter[2]}{'*' if parameter[1] == 'path' else ''}}}"
