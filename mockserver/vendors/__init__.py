"""The emulated vendors, one folder each. A folder is its own registration."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from mockserver.core.vendor import Vendor


@cache
def discover() -> tuple[Vendor, ...]:
    """Every vendor, in alphabetical order."""
    names = sorted(module.name for module in iter_modules(__path__) if module.ispkg)
    return tuple(_vendor(name) for name in names)


def _vendor(name: str) -> Vendor:
    value = import_module(f"{__name__}.{name}").VENDOR
    if not isinstance(value, Vendor) or value.name != name:
        raise TypeError(f"vendors/{name}/__init__.py must hold VENDOR, the Vendor named '{name}'")
    return value
