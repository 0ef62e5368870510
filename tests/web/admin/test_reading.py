"""GET changes nothing, whatever is asked."""

from __future__ import annotations

import pytest

from mockserver.web.admin import ENDPOINTS

READS = [endpoint for endpoint in ENDPOINTS if not endpoint.writes]


def snapshot(emulator):
    """Everything that a sandbox is, of all sandboxes."""
    return [
        (
            sandbox.name,
            sandbox.clock._setting,
            [(token, token.state(sandbox.clock.now())) for token in sandbox.tokens],
            [(planned.id, planned.rule, planned.matches, planned.strikes) for planned in sandbox.rules],
            list(sandbox.journal),
            set(sandbox.journal.met),
            dict(sandbox._kept),
            {name: ring.held for name, ring in sandbox._keyrings.items()},
            dict(sandbox.replays._seen),
            len(sandbox.failures),
        )
        for sandbox in emulator.sandboxes
    ]


@pytest.fixture
def world(admin, team, backend):
    """Two sandboxes in which something has happened; the names of what is there."""
    admin.post("/rules", {"then": {"delay": 1}, "when": {"path": "/else"}})
    token = backend.site_token()
    backend.use("null")
    team.backend().present(team.backend().assertion(jti="once"))
    admin.post("/keys/ingrid/rotate")
    assert token
    return {
        "vendor": "ingrid",
        "collection": "sites",
        "name": "team",
        "token_id": admin.get("/tokens").json["items"][0]["id"],
        "rule_id": "rule-1",
        "exchange_id": "default-1",
    }


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("endpoint", READS, ids=lambda endpoint: endpoint.name)
def test_asking_changes_nothing(wire, emulator, world, endpoint, method):
    path = endpoint.path
    for name, value in world.items():
        path = path.replace(f"<{name}>", value)
    before = snapshot(emulator)

    streams = endpoint.name == "stream_exchanges"
    got = wire("HEAD" if streams else method, f"/_mock{path}")

    assert got.status == 200
    assert snapshot(emulator) == before


@pytest.mark.parametrize("endpoint", READS, ids=lambda endpoint: endpoint.name)
def test_asking_about_a_sandbox_that_is_not_there_makes_none(wire, emulator, endpoint):
    for name in ("vendor", "collection", "name", "token_id", "rule_id", "exchange_id"):
        path = endpoint.path.replace(f"<{name}>", "ingrid")

    got = wire.get(f"/~ghost/_mock{path}")

    assert got.status in (200, 404)
    assert [sandbox.name for sandbox in emulator.sandboxes] == ["default"]


def test_being_asked_about_does_not_keep_a_sandbox_alive(wire, admin):
    for name in ("one", "two"):
        admin.post("/sandboxes", {"name": name})

    wire.get("/~one/_mock/journal")

    assert [item["name"] for item in admin.get("/sandboxes").json["items"]] == ["default", "one", "two"]
