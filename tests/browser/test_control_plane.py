"""What pages of other sites can do to the emulator's own API in a real browser: nothing."""

from __future__ import annotations

import json

import pytest
import requests

from tests.browser.chromium import REBOUND

NETWORK_ERROR = {"error": "TypeError"}
OPAQUE = {"type": "opaque", "status": 0, "headers": {}, "body": None}
"""All that script learns of an answer that it asked not to read."""


@pytest.fixture
def untouched(emulator):
    """Fails the test if a page has changed anything."""
    emulator.sandbox.clock.freeze()
    before = emulator.sandbox.clock.now()
    yield
    assert (emulator.sandbox.clock.now(), emulator.sandbox.clock.frozen) == (before, True)
    assert [sandbox.name for sandbox in emulator.sandboxes] == ["default"]


@pytest.mark.usefixtures("untouched")
def test_a_page_of_another_site_changes_nothing_and_reads_nothing(visit):
    seen = visit("reachForControl")

    assert seen.pop("beacon") is True
    assert seen == {
        "json": NETWORK_ERROR,
        "text": OPAQUE,
        "form": OPAQUE,
        "blob": OPAQUE,
        "put": NETWORK_ERROR,
        "delete": NETWORK_ERROR,
        "read": NETWORK_ERROR,
        "stream": "error",
    }


@pytest.mark.usefixtures("untouched")
def test_a_page_whose_name_was_rebound_to_this_machine_is_refused(visit, emulator, shop):
    """To the browser, such a page is of the emulator's own origin: only the `Host` gives it away."""
    script = """
      const ask = async (path, init) => (await fetch(path, init)).status;
      const json = {method: "POST", headers: {"Content-Type": "application/json"}, body: '{"seconds":3600}'};
      const seen = {
        read: await ask("/_mock/credentials"),
        journal: await ask("/_mock/journal"),
        advance: await ask("/_mock/clock/advance", json),
        create: await ask("/_mock/sandboxes", {...json, body: "{}"}),
        reset: await ask("/_mock/clock", {method: "DELETE"}),
      };
      await fetch(SHOP + "/findings", {method: "POST", mode: "no-cors", body: JSON.stringify(seen)});
      location.replace(SHOP + "/page.html");
    """.replace("SHOP", json.dumps(shop.origin))
    page = f'<!doctype html><script type="module">{script}</script>'
    answer = {"status": 200, "headers": {"Content-Type": "text/html"}, "body": page}
    rule = {"when": {"path": "/rebound"}, "then": {"answer": answer}}
    assert requests.post(f"{emulator.url}/_mock/rules", json=rule, timeout=10).status_code == 201
    port = emulator.url.rsplit(":", 1)[1]

    seen = visit("", page=f"http://{REBOUND}:{port}/rebound")

    assert seen == dict.fromkeys(["read", "journal", "advance", "create", "reset"], 403)
