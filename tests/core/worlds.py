"""Small worlds to test the core in: a vendor that is nobody's, and calls to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hypothesis import settings

from mockserver.core import engine, jsontext
from mockserver.core.calls import Call, Carried, Headers, Reply
from mockserver.core.case import Case
from mockserver.core.operations import Answer, Body, InvalidFieldsError, Operation
from mockserver.core.refusals import FieldError
from mockserver.core.sandbox import Sandbox, Scenario
from mockserver.core.vendor import Vendor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockserver.core.journal import Exchange
    from mockserver.core.refusals import Refusal

STEADY = settings(deadline=None, derandomize=True, database=None)
"""The same examples in every run, however busy the machine is."""

NAME_REQUIRED = FieldError(("name",), "required")


class NamedBody:
    """A body with one rule: it has a name."""

    def read(self, payload: Any, case: Case) -> Mapping[str, Any]:
        del case
        if "name" not in payload:
            raise InvalidFieldsError((NAME_REQUIRED,))
        return payload


class AsItIs:
    """An answer whose members are the operation's fields."""

    def write(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        return fields


def refuse(refusal: Refusal, case: Case) -> Reply:
    body = jsontext.write({"refused": refusal.reason})
    return Reply(400, (("Content-Type", "application/json"),), body)


def greet(case: Case) -> Answer:
    return Answer({"hello": case.fields.get("name", "you")})


def operation(**changes: Any) -> Operation:
    usual: dict[str, Any] = {
        "name": "toy.greet",
        "summary": "Say hello",
        "method": "POST",
        "path": "/greetings",
        "run": greet,
        "response": AsItIs(),
        "refusals": (),
        "source": "",
        "bodies": (Body("application/json", NamedBody()),),
    }
    return Operation(**{**usual, **changes})


def vendor(*operations: Operation, **changes: Any) -> Vendor:
    usual: dict[str, Any] = {"name": "toy", "title": "Toy", "summary": "", "refuse": refuse}
    return Vendor(operations=operations, **{**usual, **changes})


@dataclass
class World:
    """A sandbox, and one operation to call in it."""

    operation: Operation = field(default_factory=operation)
    sandbox: Sandbox = field(default_factory=lambda: Sandbox("world", Scenario(seed="world")))
    vendor_changes: dict[str, Any] = field(default_factory=dict)

    @property
    def vendor(self) -> Vendor:
        return vendor(self.operation, **self.vendor_changes)

    def call(self, body: bytes = b'{"name":"Ada"}', **changes: Any) -> Exchange:
        """Call the operation by its route."""
        headers = Headers([("Content-Type", "application/json"), *changes.pop("headers", ())])
        call = Call("POST", "http://toy.test", "/greetings", headers=headers, body=body, **changes)
        return engine.answer(call, self.sandbox, engine.Route(self.vendor, self.operation))

    def case(self, *, carries: tuple[str, ...] = (), kind: str = "", **changes: Any) -> Case:
        """A case of the operation, of a call that carries these accounts and tokens, a token of this *kind*."""
        headers = Headers(changes.pop("headers", ()))
        return Case(
            call=Call("POST", "http://toy.test", "/greetings", headers=headers, **changes),
            sandbox=self.sandbox,
            vendor=self.vendor,
            operation=self.operation,
            parameters={},
            options=self.sandbox.get(self.vendor.options),
            now=self.sandbox.clock.now(),
            carried=Carried(carries, kind),
        )


def failing(error: Exception) -> Callable[..., Any]:
    """Something with a bug in it."""

    def fail(*_: object) -> Any:
        raise error

    return fail
