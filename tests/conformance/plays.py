"""What the suite plays: a vendor's own examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.calls import Call
from mockserver.core.case import Case
from mockserver.scenarios import demo_world
from mockserver.vendors import discover
from mockserver.web.stage import example_stage

if TYPE_CHECKING:
    from mockserver.core.examples import Ask, Example
    from mockserver.core.operations import Operation
    from mockserver.core.sandbox import Sandbox
    from mockserver.core.vendor import Vendor
    from tests.support.wire import Got

WORLD = demo_world(discover())


def success_of(vendor: Vendor, operation: Operation) -> Example:
    """How to get this operation to answer normally."""
    return next(
        example
        for example in vendor.examples()
        if example.operation == operation.name and not example.reason and example.transport != "grpc"
    )


def case_of(vendor: Vendor, sandbox: Sandbox) -> Case:
    """A case that leads nowhere, as a miss would have it."""
    case = Case(
        call=Call("GET", "http://localhost", "/"),
        sandbox=sandbox,
        vendor=vendor,
        operation=None,
        parameters={},
        options=sandbox.get(vendor.options),
        now=sandbox.clock.now(),
    )
    case.stamp = vendor.stamp(case)
    return case


def is_shaped(vendor: Vendor, got: Got, within: Operation | None = None) -> bool:
    """Whether a refusal looks like this vendor's: JSON by its schema, or a text, or nothing at all.

    One that is told *within* a success of an operation may look like that as well.
    """
    if within and got.body and within.response.validate(got.json) == {}:
        return True
    if not got.media_type.endswith("json"):
        return not got.body or got.media_type.startswith("text/")
    return vendor.errors[got.media_type].validate(got.json) == {}


def takes_bearer(vendor: Vendor, operation: Operation) -> bool:
    """Whether it answers those who send a bearer token normally."""
    ask = success_of(vendor, operation).ask(example_stage(vendor, WORLD))
    return any(value.startswith("Bearer ") for name, value in ask.headers if name.lower() == "authorization")


def bearer_of(ask: Ask) -> str:
    """The token that a call carries."""
    value = next(value for name, value in ask.headers if name.lower() == "authorization")
    return value.removeprefix("Bearer ")
