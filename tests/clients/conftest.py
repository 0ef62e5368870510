"""The emulator on a socket, on the machine's time; and what its clients are configured with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.clients import serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver import Emulator


@pytest.fixture
def emulator(contract) -> Iterator[Emulator]:
    """An emulator of this test's own, listening on loopback."""
    with serving.served(contract) as emulator:
        yield emulator


@pytest.fixture
def environment(emulator: Emulator) -> Mapping[str, str]:
    """All that a client is told."""
    return serving.environment(emulator)
