"""Examples: how to get each outcome of each operation, as calls to play."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.core.calls import Reply
    from mockserver.core.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as an example makes it: the path stands below the vendor's base URL.

    Over gRPC the path is the method's, header fields are metadata, and the body is the message in JSON.
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    transport: str = "http"


class Stage(Protocol):
    """Where an example plays: a sandbox of its own, frozen and seeded."""

    sandbox: Sandbox
    base_url: str

    def play(self, ask: Ask) -> Reply:
        """Make a call that the example needs beforehand."""
        ...


@dataclass(frozen=True, slots=True)
class Example:
    """How to get one outcome of one operation: a reason, or nothing for success.

    *in_band* means that the answer looks like a success, and tells of the refusal inside. The OpenAPI document shows
    the exchange; the conformance suite plays it on the wire.
    """

    operation: str
    reason: str
    ask: Callable[[Stage], Ask]
    title: str = ""
    in_band: bool = False
    transport: str = "http"


def examples_in(module: str) -> Callable[[], tuple[Example, ...]]:
    """The examples that *module* gives by its `examples()`, loaded when they are asked for: a server never does."""

    def examples() -> tuple[Example, ...]:
        found: tuple[Example, ...] = import_module(module).examples()
        return found

    return examples
