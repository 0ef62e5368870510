"""Which sandbox is a call for? The one that its address names; else the one that its credential or token belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core import engine
from mockserver.core.sandbox import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.core.calls import Call
    from mockserver.core.sandbox import Sandbox, Sandboxes

    Reading = Callable[[Sandbox], tuple[Call, engine.Route]]


def lodged(sandboxes: Sandboxes, name: str | None, read: Reading) -> tuple[Call, Sandbox, engine.Route]:
    """A call, the sandbox in which it is judged, and its route there.

    *name* is the sandbox that the address says, if it does; *read* gives the call and its route as a sandbox has them.
    Raises `UnknownSandboxError` and `SandboxNameError`.
    """
    sandbox = sandboxes.find(DEFAULT if name is None else name)
    call, route = read(sandbox)
    if name is None and sandboxes.any_owned:
        owner = sandboxes.owner(engine.identified(call, route))
        if owner is not sandbox:
            sandbox, (call, route) = owner, read(owner)
    return call, sandbox, route
