"""What the suite plays: a vendor's own examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.calls import Call
from mockserver.core.case import Case

if TYPE_CHECKING:
    from mockserver.core.sandbox import Sandbox
    from mockserver.core.vendor import Ask, Example, Operation, Vendor


def success_of(vendor: Vendor, operation: Operation) -> Example:
    """How to get this operation to answer normally."""
    return next(example for example in vendor.examples() if example.operation == operation.name and not example.reason)


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


def takes_bearer(operation: Operation) -> bool:
    return "token.missing" in operation.refusals


def bearer_of(ask: Ask) -> str:
    """The token that a call carries."""
    value = next(value for name, value in ask.headers if name.lower() == "authorization")
    return value.removeprefix("Bearer ")
