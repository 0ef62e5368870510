"""The suite runs on every vendor that `discover()` finds; a new one needs no edit here."""

from __future__ import annotations

from mockserver.vendors import discover

VENDORS = discover()


def pytest_generate_tests(metafunc):
    """Fill in `vendor`, `operation` and `example` wherever a test asks for one."""
    if metafunc.definition.get_closest_marker("parametrize") and {"vendor", "operation"} <= _given(metafunc):
        return
    if "rpc_example" in metafunc.fixturenames:
        cases = [
            (vendor, example) for vendor in VENDORS for example in vendor.examples() if example.transport == "grpc"
        ]
        names = [f"{example.operation}-{example.reason or example.title}" for _, example in cases]
        metafunc.parametrize(("vendor", "rpc_example"), cases, ids=names)
    elif "rpc_operation" in metafunc.fixturenames:
        cases = [(vendor, operation) for vendor in VENDORS if vendor.rpc for operation in vendor.rpc.operations]
        metafunc.parametrize(("vendor", "rpc_operation"), cases, ids=[operation.name for _, operation in cases])
    elif "example" in metafunc.fixturenames:
        cases = [
            (vendor, example) for vendor in VENDORS for example in vendor.examples() if example.transport != "grpc"
        ]
        names = [f"{example.operation}-{example.reason or example.title or 'success'}" for _, example in cases]
        metafunc.parametrize(("vendor", "example"), cases, ids=names)
    elif "operation" in metafunc.fixturenames:
        cases = [(vendor, operation) for vendor in VENDORS for operation in vendor.operations]
        metafunc.parametrize(("vendor", "operation"), cases, ids=[operation.name for _, operation in cases])
    elif "vendor" in metafunc.fixturenames:
        metafunc.parametrize("vendor", VENDORS, ids=[vendor.name for vendor in VENDORS])


def _given(metafunc) -> set[str]:
    """What a test's own parametrisation fills in."""
    names: set[str] = set()
    for marker in metafunc.definition.iter_markers("parametrize"):
        first = marker.args[0]
        names |= set(first if isinstance(first, (tuple, list)) else first.replace(" ", "").split(","))
    return names
