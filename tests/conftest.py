"""What every test stands on: a world of its own, and a client that holds each answer against the documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from mockserver import Emulator, Settings
from mockserver.web.admin.document import document
from tests.support.contract import Contract
from tests.support.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.core.sandbox import Sandbox

pytest_plugins = ["pytester"]

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The published documents: the vendors', and the emulator's own."""
    emulator = Emulator()
    return Contract(emulator.openapi("http://localhost"), document(emulator.vendors, ""))


@pytest.fixture
def settings() -> Settings:
    """The settings of this test's emulator; a test module may have its own."""
    return Settings(seed="tests")


@pytest.fixture
def emulator(settings: Settings) -> Iterator[Emulator]:
    """An emulator on a frozen clock. A bug of ours that it met fails the test."""
    emulator = Emulator(settings)
    emulator.sandbox.clock.set(MOMENT, frozen=True)
    yield emulator
    for sandbox in emulator.sandboxes:
        assert sandbox.failures == []


@pytest.fixture
def sandbox(emulator: Emulator) -> Sandbox:
    """The default sandbox: clock, tokens, rules, journal, options, records."""
    return emulator.sandbox


@pytest.fixture
def wire(emulator: Emulator, contract: Contract) -> Wire:
    """HTTP without a socket; every answer is checked against the published document."""
    return Wire(emulator.app, contract)


@pytest.fixture
def plain_wire(contract: Contract) -> tuple[Emulator, Wire]:
    """An emulator without annotations, and its client."""
    emulator = Emulator(Settings(seed="tests", annotate=False))
    emulator.sandbox.clock.set(MOMENT, frozen=True)
    return emulator, Wire(emulator.app, contract)


@pytest.fixture
def choose(sandbox: Sandbox):
    """Switch options of a vendor: `choose(IngridOptions, token_format="opaque")`."""

    def switch(kind: type, **values: object) -> None:
        sandbox.put(replace(sandbox.get(kind), **values))

    return switch
