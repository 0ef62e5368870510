"""An offline stand-in for the merchant and identity backends that a token hand-off talks to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from mockserver.core.sandbox import Sandbox
    from mockserver.emulator import Emulator, create_app
    from mockserver.settings import Settings

__all__ = ["Emulator", "Sandbox", "Settings", "__version__", "create_app"]

_HOMES = {
    "Emulator": "mockserver.emulator",
    "Sandbox": "mockserver.core.sandbox",
    "Settings": "mockserver.settings",
    "create_app": "mockserver.emulator",
}


def __getattr__(name: str) -> Any:
    """The public names, loaded on first use: nothing heavy for those who want the version only."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(_HOMES[name]), name)
