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
    from collections.abc import Iterable, Iterator, Sequence

    from mockserver.core.options import Options
    from mockserver.core.sandbox import Sandbox
    from mockserver.core.vendor import Operation, Vendor

Segments = tuple[str, ...]
PREFLIGHT_METHOD = "Access-Control-Request-Method"
TAIL = "*}"
"""How a template ends that takes any number of further segments."""
TABLES = 1_000
"""So many tables are kept; there is one for each choice of options in use."""


class RouteTable:
    """The paths of one vendor, as its options have them."""

    def __init__(self, vendor: Vendor, options: Options) -> None:
        self.vendor = vendor
        paths = [(path, operation) for operation in vendor.operations for path in operation.paths_for(options)]
        self._templates = [(split(path), operation) for path, operation in paths if not path.endswith(TAIL)]
        # A page that calls where an option has switched a path off must be able to read that 404, too.
        usual = [(split(each.path), each) for each in vendor.operations if not each.path.endswith(TAIL)]
        self._known = [*self._templates, *usual]
        self._tails = [(split(path), operation) for path, operation in paths if path.endswith(TAIL)]
        self._exact = {
            (operation.method, path): Route(vendor, operation) for path, operation in paths if "{" not in path
        }

    def find(self, method: str, path: str) -> Route:
        """The route of this call, or a miss that says what the path does have. HEAD goes where GET does."""
        method = "GET" if method == "HEAD" else method
        return self._exact.get((method, path)) or self._search(method, split(path))

    def _search(self, method: str, segments: Segments) -> Route:
        matches = self._matches(segments)
        for operation, parameters in matches:
            if operation.method == method:
                return Route(self.vendor, operation, parameters)
        allowed = tuple(dict.fromkeys(operation.method for operation, _ in matches))
        candidates = [operation for operation, _ in matches] or self._beside(segments)
        return Route(self.vendor, allowed=allowed, neighbour=next(iter(candidates), None))

    def _matches(self, segments: Segments) -> list[tuple[Operation, dict[str, str]]]:
        """The operations of a path: those that name most of it; where none has it, those that take what is below."""
        found = [*_fitting(self._templates, segments)]
        fewest = min((len(parameters) for _, parameters in found), default=0)
        return [each for each in found if len(each[1]) == fewest] or [*_fitting(self._tails, segments)]

    def _beside(self, segments: Segments) -> list[Operation]:
        """The browser endpoints whose prefix this path has: its misses must be readable by pages too."""
        return [
            operation
            for template, operation in self._known
            if operation.cors and _is_below(segments, template[:-1] or template)
        ]


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
            return self._beside(vendor, self._table(vendor, sandbox).find(method, path), method, path)
        routes = [self._table(each, sandbox).find(method, path) for each in self._vendors]
        return _best([*routes, *self._served(method, path)], self._nobody)

    def _served(self, method: str, path: str) -> list[Route]:
        return [self._services.find(method, path)] if self._services else []

    def _beside(self, vendor: Vendor, own: Route, method: str, path: str) -> Route:
        if own.operation or own.allowed:
            return own
        found = [route for route in self._served(method, path) if route.operation or route.allowed]
        return replace(found[0], parameters={**found[0].parameters, "vendor": vendor.name}) if found else own

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


def _fitting(
    templates: Sequence[tuple[Segments, Operation]], segments: Segments
) -> Iterator[tuple[Operation, dict[str, str]]]:
    for template, operation in templates:
        parameters = match(template, segments)
        if parameters is not None:
            yield operation, parameters


def _is_below(segments: Segments, prefix: Segments) -> bool:
    return match(prefix, segments[: len(prefix)]) is not None


def _is_parameter(part: str) -> bool:
    return part.startswith("{")


def _best(routes: Sequence[Route], nobody: Vendor) -> Route:
    return (
        next((route for route in routes if route.operation), None)
        or next((route for route in routes if route.allowed), None)
        or next((route for route in routes if route.neighbour), None)
        or Route(nobody)
    )
