"""Which operation does a method and a path mean?

Flask's own map is not used for emulated addresses: an option may move a path per sandbox, percent-encoded
slashes belong to a segment, and a miss must be answered in the vendor's words, without redirects.
"""

from __future__ import annotations

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


class RouteTable:
    """The paths of one vendor, as its options have them."""

    def __init__(self, vendor: Vendor, options: Options) -> None:
        self.vendor = vendor
        paths = [(operation.path_for(options), operation) for operation in vendor.operations]
        self._templates = [(split(path), operation) for path, operation in paths]
        self._exact = {
            (operation.method, path): Route(vendor, operation) for path, operation in paths if "{" not in path
        }

    def find(self, method: str, path: str) -> Route:
        """The route of this call, or a miss that says what the path does have."""
        return self._exact.get((method, path)) or self._search(method, split(path))

    def _search(self, method: str, segments: Segments) -> Route:
        matches = [(operation, found) for operation, found in self._matches(segments)]
        for operation, parameters in matches:
            if operation.method == method:
                return Route(self.vendor, operation, parameters)
        allowed = tuple(dict.fromkeys(operation.method for operation, _ in matches))
        candidates = [operation for operation, _ in matches] or self._beside(segments)
        return Route(self.vendor, allowed=allowed, neighbour=next(iter(candidates), None))

    def _matches(self, segments: Segments) -> Iterator[tuple[Operation, dict[str, str]]]:
        for template, operation in self._templates:
            parameters = match(template, segments)
            if parameters is not None:
                yield operation, parameters

    def _beside(self, segments: Segments) -> list[Operation]:
        """The browser endpoints whose prefix this path has: its misses must be readable by pages too."""
        return [
            operation
            for template, operation in self._templates
            if operation.cors and _is_below(segments, template[:-1] or template)
        ]


class Router:
    """The paths of all vendors, in every sandbox."""

    def __init__(self, vendors: Iterable[Vendor], nobody: Vendor) -> None:
        self._vendors = tuple(vendors)
        self._nobody = nobody
        self._moving = {
            vendor.name: [operation.path_option for operation in vendor.operations if operation.path_option]
            for vendor in self._vendors
        }
        self._tables: dict[tuple[str, ...], RouteTable] = {}

    def find(self, method: str, path: str, sandbox: Sandbox, vendor: Vendor | None) -> Route:
        """The route of a call: with a vendor in its address, that vendor's word is final."""
        if vendor:
            return self._table(vendor, sandbox).find(method, path)
        return _best([self._table(each, sandbox).find(method, path) for each in self._vendors], self._nobody)

    def _table(self, vendor: Vendor, sandbox: Sandbox) -> RouteTable:
        options = sandbox.get(vendor.options)
        key = (vendor.name, *[getattr(options, name) for name in self._moving[vendor.name]])
        table = self._tables.get(key)
        return table or self._tables.setdefault(key, RouteTable(vendor, options))


def split(path: str) -> Segments:
    """The segments of a path, each decoded for itself, so that `%2F` is no slash."""
    parts = path[1:].split("/") if path.startswith("/") else [path]
    return tuple(unquote(part, errors="replace") if "%" in part else part for part in parts)


def match(template: Segments, segments: Segments) -> dict[str, str] | None:
    """The parameters with which a path fits a template, or nothing. No parameter is empty."""
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


def _best(routes: Sequence[Route], nobody: Vendor) -> Route:
    return (
        next((route for route in routes if route.operation), None)
        or next((route for route in routes if route.allowed), None)
        or next((route for route in routes if route.neighbour), None)
        or Route(nobody)
    )
