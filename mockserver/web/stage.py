"""Where examples and hand-offs play: straight on the engine, with no wire."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mockserver.core import engine, jsontext
from mockserver.core.calls import GRPC, Call, Headers
from mockserver.core.sandbox import Sandbox
from mockserver.web.routing import RouteTable

if TYPE_CHECKING:
    from mockserver.core.calls import Reply
    from mockserver.core.examples import Ask, Example
    from mockserver.core.journal import Exchange
    from mockserver.core.sandbox import Scenario
    from mockserver.core.vendor import Vendor

BASE_URL = "http://localhost:8080"
RPC_URL = "grpc://localhost:8000"
MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class EngineStage:
    """Plays calls of one vendor in a sandbox, straight on the engine."""

    def __init__(self, vendor: Vendor, sandbox: Sandbox, base_url: str, transport: str = "http") -> None:
        self._transport = transport
        self.vendor = vendor
        self.sandbox = sandbox
        self.base_url = base_url

    def play(self, ask: Ask) -> Reply:
        """Make a call that an example needs beforehand."""
        return self.exchange(ask).reply

    def exchange(self, ask: Ask) -> Exchange:
        """Make a call, and keep what happened."""
        if ask.transport == GRPC:
            return self._over_grpc(ask)
        path, _, query = ask.path.partition("?")
        table = RouteTable(self.vendor, self.sandbox.get(self.vendor.options))
        call = Call(ask.method, self.base_url, path, query, Headers(ask.headers), ask.body, transport=self._transport)
        return engine.answer(call, self.sandbox, table.find(ask.method, path))

    def _over_grpc(self, ask: Ask) -> Exchange:
        """As a gRPC method has it: the message is decoded already, or it is none."""
        options = self.sandbox.get(self.vendor.options)
        operations = self.vendor.rpc.operations if self.vendor.rpc else ()
        methods = {each.path: operation for operation in operations for each in operation.methods(options)}
        call = Call("POST", RPC_URL, ask.path, "", Headers(ask.headers), ask.body, transport=GRPC, payload=_read(ask))
        return engine.answer(call, self.sandbox, engine.Route(self.vendor, methods.get(ask.path)))


def _read(ask: Ask) -> dict[str, Any] | None:
    try:
        return jsontext.read_object(ask.body)
    except jsontext.JsonTextError:
        return None


def example_stage(vendor: Vendor, scenario: Scenario) -> EngineStage:
    """A sandbox for one example, at a moment that never changes."""
    sandbox = Sandbox("examples", replace(scenario, seed="examples", now=MOMENT, frozen=True))
    return EngineStage(vendor, sandbox, f"{BASE_URL}/{vendor.name}")


def played(vendor: Vendor, example: Example, scenario: Scenario) -> Exchange:
    """The exchange that an example leads to."""
    stage = example_stage(vendor, scenario)
    return stage.exchange(example.ask(stage))
