"""The rules that all vendors share, tried on Ingrid."""

from __future__ import annotations

import pytest

from tests.vendors.ingrid_handoff import Handoff


@pytest.fixture
def ingrid(wire, sandbox) -> Handoff:
    return Handoff(wire, sandbox)
