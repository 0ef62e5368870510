"""Which operation does a method and a path mean?

Flask's own map is not used for emulated addresses: an option may move a path per sandbox, percent-encoded
slashes belong to a segment, and a miss must be answered in the vendor's words, without redirects.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mockserver.core.engine import Route

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver.core.operations import Operation
    from mockserver.core.options import Options
    from mockserver.core.sandbox import Sandbox
    from mockserver.core.vendor import Vendor

Segments = tuple[str, ...]
PREFLIGHT_METHOD = "Access-Control-Request-Method"
TAIL = "*}"
"""How a template ends that takes any number of further segments."""
TABLES = 1_000
"""So many tables are kept; there is one for each choice of options in use."""


Found = tuple["Operation", dict[str, str]]


class Templates:
    """Templates and their operations, by how they begin: of most paths, few need a closer look."""

    def __init__(self, templates: Iterable[tuple[Segments, Operation]]) -> None:
        self._beginning: dict[str, list[tuple[Segments, Operation]]] = {}
        self._open: list[tuple[Segments, Operation]] = []
        for template, operation in templates:
            first = template[0]
            own = self._open if _is_parameter(first) else self._beginning.setdefault(first, [])
            own.append((template, operation))

    def fitting(self, segments: Segments) -> list[Found]:
        """The operations whose template this path fits, with its parameters."""
        found = []
        for template, operation in (*self._beginning.get(segments[0], ()), *self._open):
            parameters = match(template, segments)
            if parameters is not None:
                found.append((operation, parameters))
        return found


class RouteTable:
    """The paths of one vendor, as its options have them."""

    def __init__(self, vendor: Vendor, options: Options) -> None:
        self.vendor = vendor
        paths = [(path, operation) for operation in vendor.operations for path in operation.paths_for(options)]
        templates = [(split(path), operation) for path, operation in paths if not path.endswith(TAIL)]
        # A page that calls where an option has switched a path off must be able to read that 404, too.
        usual = [(split(each.path), each) for each in vendor.operations if not each.path.endswith(TAIL)]
        self._known = [*templates, *usual]
        self._templates = Templates(templates)
        self._tails = Templates((split(path), operation) for path, operation in paths if path.endswith(TAIL))
        self.switched_off = {each.path for each in vendor.operations} - {path for path, _ in paths}
        self._exact = {
            (operation.method, path): Route(vendor, operation) for path, operation in paths if "{" not in path
        }

    def find(self, method: str, path: str) -> Route:
        """The route of this call, or a miss that says what the path does have."""
        return self.known(method, path) or self.miss(path)

    def known(self, method: str, path: str) -> Route | None:
        """The route of this call, if the path is here at all. HEAD goes where GET does."""
        method = "GET" if method == "HEAD" else method
        return self._exact.get((method, path)) or self._search(method, split(path))

    def miss(self, path: str) -> Route:
        """The route of a call to a path that is not here."""
        return Route(self.vendor, neighbour=self._beside(split(path)))

    def _search(self, method: str, segments: Segments) -> Route | None:
        matches = self._matches(segments)
        if not matches:
            return None
        for operation, parameters in matches:
            if operation.method == method:
                return Route(self.vendor, operation, parameters)
        allowed = tuple(dict.fromkeys(operation.method for operation, _ in matches))
        return Route(self.vendor, allowed=allowed, neighbour=matches[0][0])

    def _matches(self, segments: Segments) -> list[Found]:
        """The operations of a path: those that name most of it; where none has it, those that take what is below."""
        found = self._templates.fitting(segments)
        fewest = min((len(parameters) for _, parameters in found), default=0)
        return [each for each in found if len(each[1]) == fewest] or self._tails.fitting(segments)

    def _beside(self, segments: Segments) -> Operation | None:
        """The browser endpoint whose prefix this path has: its misses must be readable by pages too."""
        beside = (
            operation
            for template, operation in self._known
            if operation.cors and _is_below(segments, template[:-1] or template)
        )
        return next(beside, None)


class Router:
    """The paths of all vendors, in every sandbox; beside each vendor's, and of their own, those of the *services*."""

    def __init__(self, vendors: Iterable[Vendor], nobody: Vendor, services: Vendor | None = None) -> None:
        self._vendors = tuple(vendors)
        self._services = RouteTable(services, services.options()) if services else None
        self._nobody = nobody
        self._tables: dict[tuple[str, int], tuple[Options, RouteTable]] = {}

    def find(self, method: str, path: str, sandbox: Sandbox, vendor: Vendor | None) -> Route:
        """The route of a call: with a vendor in its address, that vendor's word is final."""
        if vendor:
            return self._below(vendor, self._table(vendor, sandbox), method, path)
        tables = [self._table(each, sandbox) for each in self._vendors]
        asked = (*tables, self._services) if self._services else tables
        found = [route for table in asked if (route := table.known(method, path))]
        if not any(route.operation for route in found):
            # What an option has switched off at one vendor may fit a template of another, which knows nothing of it.
            found = [table.miss(path) for table in tables if path in table.switched_off] or found
        if found:
            return next((route for route in found if route.operation), found[0])
        missed = (table.miss(path) for table in tables)
        mine = (route for route in missed if route.neighbour or path.startswith(route.vendor.territory))
        return next(mine, Route(self._nobody))

    def _below(self, vendor: Vendor, table: RouteTable, method: str, path: str) -> Route:
        own = table.known(method, path)
        if own:
            return own
        served = self._services.known(method, path) if self._services else None
        return replace(served, parameters={**served.parameters, "vendor": vendor.name}) if served else table.miss(path)

    def _table(self, vendor: Vendor, sandbox: Sandbox) -> RouteTable:
        # Options never change, sandboxes get others: the same ones have the same table, and are kept alive by it.
        options = sandbox.get(vendor.options)
        key = (vendor.name, id(options))
        known = self._tables.get(key)
        if known is None:
            if len(self._tables) >= TABLES:
                self._tables.clear()
            known = self._tables[key] = (options, RouteTable(vendor, options))
        return known[1]


def split(path: str) -> Segments:
    """The segments of a path, each decoded for itself, so that `%2F` is no slash."""
    parts = path[1:].split("/") if path.startswith("/") else [path]
    return tuple(unquote(part, errors="replace") if "%" in part else part for part in parts)


def match(template: Segments, segments: Segments) -> dict[str, str] | None:
    """The parameters with which a path fits a template, or nothing. No parameter is empty, but for a tail."""
    if template[-1].endswith(TAIL) and len(segments) >= len(template) - 1:
        fixed = len(template) - 1
        found = match(template[:fixed], segments[:fixed]) if fixed else {}
        return None if found is None else {**found, template[-1][1:-2]: "/".join(segments[fixed:])}
    if len(template) != len(segments):
        return None
    parameters = {}
    for part, segment in zip(template, segments, strict=True):
        if _is_parameter(part) and segment:
            parameters[part[1:-1]] = segment
        elif part != segment:
            return None
    return parameters


def _is_below(segments: Segments, prefix: Segments) -> bool:
    return match(prefix, segments[: len(prefix)]) is not None


def _is_parameter(part: str) -> bool:
    return part.startswith("{")
