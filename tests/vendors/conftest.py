"""A backend on the line to Hyperswitch, for whoever asks for one."""

from __future__ import annotations

import pytest

from mockserver import Emulator, Settings
from tests.conftest import MOMENT
from tests.vendors.hyperswitch_handoff import Handoff


@pytest.fixture
def served():
    """An emulator with its gRPC side up, on a frozen clock."""
    emulator = Emulator(Settings(seed="tests", port=0, grpc_port=(0,)))
    emulator.sandbox.clock.set(MOMENT, frozen=True)
    with emulator:
        yield emulator
    for each in emulator.sandboxes:
        assert each.failures == []


@pytest.fixture
def handoff(served):
    made = Handoff(served)
    yield made
    made.close()
