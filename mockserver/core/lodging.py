"""Which sandbox is a call for? The one that its address names; else the one that its credential or token belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core import engine
from mockserver.core.sandbox import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.core.calls import Call
    from mockserver.core.sandbox import Sandbox, Sandboxes


def lodged(
    call: Call, sandboxes: Sandboxes, name: str | None, find: Callable[[Sandbox], engine.Route]
) -> tuple[Sandbox, engine.Route]:
    """The sandbox in which this call is judged, and its route there. *find* gives the route in a sandbox.

    *name* is the one that the address says, if it does. Raises `UnknownSandboxError` and `SandboxNameError`.
    """
    sandbox = sandboxes.find(DEFAULT if name is None else name)
    route = find(sandbox)
    if name is None and sandboxes.any_owned:
        owner = sandboxes.owner(engine.identified(call, route))
        if owner is not sandbox:
            return owner, find(owner)
    return sandbox, route
