"""A shop on one origin, the emulator on another, and a browser that visits the shop's pages one after the other."""

from __future__ import annotations

from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.chromium import HOW_TO_GET_IT, PATIENCE, Chromium
from tests.browser.shop import BLANK, Shop
from tests.clients import serving
from tests.clients.handoff import Backend
from tests.clients.tools import found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver import Emulator


@pytest.fixture
def emulator(contract) -> Iterator[Emulator]:
    """An emulator of this test's own, listening on loopback."""
    with serving.served(contract) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """The shop's server."""
    shop = Shop()
    yield shop
    shop.addresses.put(BLANK)
    shop.close()


@pytest.fixture(scope="module")
def chromium(shop, tmp_path_factory) -> Iterator[Chromium]:
    """A browser in the shop's waiting room."""
    program = found("chromium", HOW_TO_GET_IT)
    with Chromium(program, tmp_path_factory.mktemp("chromium"), shop.page()) as chromium:
        yield chromium


@pytest.fixture
def offers(emulator, shop) -> Iterator[dict[str, Callable[[], Any]]]:
    """What pages may ask of the shop's backend; a module of tests about another vendor has its own."""
    shop.backend = Backend(serving.environment(emulator))
    yield {"/token": shop.backend.site_token}
    shop.backend.close()


@pytest.fixture
def addresses(emulator) -> dict[str, str]:
    """What the shop's pages are told in their address; likewise."""
    environment = serving.environment(emulator)
    return {
        "api": environment["MERCHANTS_API_BASE"],
        "auth": environment["MERCHANTS_AUTH_URL"],
        "control": f"{emulator.url}/_mock",
        "site": environment["SITE_ID"],
    }


@pytest.fixture
def visit(offers, addresses, shop, chromium) -> Iterator[Callable[..., Any]]:
    """Let the browser try something: `visit("renew")` is what the page of this trial could see."""
    shop.offers = offers

    def visit(trial: str, *, origin: str = "", page: str = "") -> Any:
        shop.addresses.put(page or shop.page(origin, trial=trial, **addresses))
        try:
            findings = shop.findings.get(timeout=PATIENCE)
        except Empty:
            chromium.close()
            shop.addresses, shop.findings = Queue(), Queue()
            chromium.open()
            raise AssertionError(f"the page told nothing. Chromium's log: {chromium.last_words()}") from None
        assert "broken" not in findings, findings["broken"]
        return findings

    yield visit
    assert shop.failures == []
