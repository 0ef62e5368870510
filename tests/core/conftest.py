"""What the core's tests share: the demo world, and a stage to play Ingrid's calls on."""

from __future__ import annotations

import pytest

from mockserver.scenarios import demo_world
from mockserver.vendors import discover
from mockserver.vendors.ingrid import VENDOR as INGRID
from mockserver.web.stage import example_stage


@pytest.fixture(scope="session")
def demo():
    """The demo world; it is frozen, so one is enough."""
    return demo_world(discover())


@pytest.fixture
def stage(demo):
    """Ingrid, called on the engine itself; a bug of ours that it met fails the test."""
    stage = example_stage(INGRID, demo)
    yield stage
    assert stage.sandbox.failures == []
