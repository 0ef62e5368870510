"""Which operation, and which messages, does a gRPC path mean? Options say so, for each sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mockserver.core.calls import Reply, RpcStatus
from mockserver.core.engine import Route
from mockserver.core.vendor import Vendor
from mockserver.rpc.descriptors import OWN, pool_of
from mockserver.rpc.messages import Messages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.core.case import Case
    from mockserver.core.operations import Method
    from mockserver.core.options import Options
    from mockserver.core.refusals import Refusal
    from mockserver.core.sandbox import Sandbox

TABLES = 200
"""So many tables are kept; there is one for each choice of options in use."""
POOLS = 32
UNIMPLEMENTED = 12


class Entry(NamedTuple):
    """Where a path leads: a route; and the method, with the messages of its vendor, where there is one."""

    route: Route
    method: Method | None = None
    messages: Messages | None = None


class MethodTable:
    """The methods of one vendor, as its options have them."""

    def __init__(self, vendor: Vendor, options: Options, messages: Messages) -> None:
        self.messages = messages
        over_rpc = vendor.rpc.operations if vendor.rpc else ()
        found = [(method, operation) for operation in over_rpc for method in operation.methods(options)]
        self.services = tuple(sorted({method.service for method, _ in found}))
        self.entries = {method.path: Entry(Route(vendor, operation), method, messages) for method, operation in found}


class Methods:
    """The methods of all vendors, in every sandbox."""

    def __init__(self, vendors: Sequence[Vendor]) -> None:
        self._vendors = tuple(vendor for vendor in vendors if vendor.rpc)
        self._tables: dict[tuple[str, int], tuple[Options, MethodTable]] = {}
        self._messages: dict[object, Messages] = {}

    def find(self, path: str, sandbox: Sandbox) -> Entry:
        """Where this path leads. What no vendor has, the only vendor there is refuses, or else nobody in particular."""
        for table in self.tables(sandbox):
            entry = table.entries.get(path)
            if entry:
                return entry
        return Entry(Route(self._vendors[0] if len(self._vendors) == 1 else NOBODY))

    def tables(self, sandbox: Sandbox) -> list[MethodTable]:
        """The methods of each vendor, as this sandbox has them."""
        return [self._table(vendor, sandbox) for vendor in self._vendors]

    def services(self, sandbox: Sandbox) -> list[str]:
        """The full names of all services that are on, this emulator's own among them."""
        return sorted({*OWN, *(name for table in self.tables(sandbox) for name in table.services)})

    def _table(self, vendor: Vendor, sandbox: Sandbox) -> MethodTable:
        # Options never change, sandboxes get others: the same ones have the same table, and are kept alive by it.
        options = sandbox.get(vendor.options)
        key = (vendor.name, id(options))
        known = self._tables.get(key)
        if known is None:
            if len(self._tables) >= TABLES:
                self._tables.clear()
            made = MethodTable(vendor, options, self._messages_of(vendor, options))
            known = self._tables[key] = (options, made)
        return known[1]

    def _messages_of(self, vendor: Vendor, options: Options) -> Messages:
        if vendor.rpc is None:
            raise ValueError(f"{vendor.name} does nothing over gRPC")
        files = vendor.rpc.files(options)
        methods = tuple(method for each in vendor.rpc.operations for method in each.methods(options))
        key = (vendor.name, files, methods)
        known = self._messages.get(key)
        if known is None:
            if len(self._messages) >= POOLS:
                self._messages.clear()
            known = self._messages[key] = Messages(pool_of(vendor.rpc.descriptors(), files, methods))
        return known


def _refuse(refusal: Refusal, case: Case) -> Reply:
    del refusal, case
    return Reply(404, rpc=RpcStatus(UNIMPLEMENTED))


NOBODY = Vendor(name="mockserver", title="mockserver", summary="", operations=(), refuse=_refuse)
"""The vendor of paths that no vendor claims."""
