"""An emulator with its gRPC side up, and a client of it."""

from __future__ import annotations

import pytest

from mockserver import Emulator, Settings
from tests.support.rpc import Line

NEW = "types.MerchantAuthenticationService/CreateServerAuthenticationToken"
PAYPAL = [("x-connector-config", '{"config":{"Paypal":{"client_id":"id","client_secret":"s"}}}')]


@pytest.fixture
def served():
    """On the machine's time; a bug of ours that it met fails the test."""
    with Emulator(Settings(seed="tests", port=0, grpc_port=(0,))) as emulator:
        yield emulator
    for sandbox in emulator.sandboxes:
        assert sandbox.failures == []


@pytest.fixture
def line(served):
    with Line(served.rpc_address()) as line:
        yield line
