"""Examples played on the wire instead of on the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.calls import Reply

if TYPE_CHECKING:
    from mockserver.core.examples import Ask
    from mockserver.core.sandbox import Sandbox
    from mockserver.core.vendor import Vendor
    from tests.support.wire import Got, Wire


class WireStage:
    """Plays calls of one vendor through HTTP, at an address with or without sandbox."""

    def __init__(
        self, vendor: Vendor, sandbox: Sandbox, wire: Wire, prefix: str = "", *, vendor_prefix: bool = True
    ) -> None:
        self.vendor = vendor
        self.sandbox = sandbox
        self._prefix = f"{prefix}/{vendor.name}" if vendor_prefix else prefix
        self.base_url = f"http://localhost{self._prefix}"
        self._wire = wire

    def play(self, ask: Ask) -> Reply:
        got = self.got(ask)
        return Reply(got.status, tuple(got.headers.items()), got.body)

    def got(self, ask: Ask) -> Got:
        return self._wire(ask.method, self._prefix + ask.path, body=ask.body, headers=list(ask.headers))
