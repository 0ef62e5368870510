"""GET changes nothing, whatever is asked."""

from __future__ import annotations

import re

import pytest

from mockserver import Settings
from mockserver.web.admin.api import ENDPOINTS
from tests.web.admin.conftest import Admin

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
            {
                name: sandbox.keyring(name, draw).held
                for vendor in emulator.vendors
                for name, draw in vendor.keyrings.items()
            },
            dict(sandbox.gone_keys),
            dict(sandbox.replays._seen),
            len(sandbox.failures),
        )
        for sandbox in emulator.sandboxes
    ]


@pytest.fixture
def settings():
    """With an authority to ask for."""
    return Settings(seed="tests", tls="auto")


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
        "uuid:token_id": admin.get("/tokens").json["items"][0]["id"],
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
    path = re.sub(r"<(?:path:)?\w+>", "ingrid", endpoint.path)
    path = path.replace("<uuid:token_id>", "00000000-0000-4000-8000-000000000000")

    got = wire.get(f"/~ghost/_mock{path}")

    assert got.status in (200, 404)
    assert [sandbox.name for sandbox in emulator.sandboxes] == ["default"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/verify", {}),
        ("POST", "/explain", {"token": "x"}),
        ("PATCH", "/options/ingrid", {"tokn_format": "opaque"}),
        ("PATCH", "/options/ingird", {}),
        ("PUT", "/records/ingrid/sites/site_new", {"ttl_max": 1}),
        ("DELETE", "/records/ingrid/sites/site_new", None),
        ("POST", "/tokens", {"vendor": "ingrid", "kind": "sight"}),
        ("POST", "/tokens/expire", {"vendor": "ingird"}),
        ("POST", "/rules", {"then": {}}),
        ("POST", "/keys/ingrid/rotate", {"overlap": -1}),
        ("PUT", "/clock", {"now": "soon"}),
        ("POST", "/clock/advance", {"seconds": -3e9}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_refused_or_only_asked_makes_no_sandbox(wire, emulator, method, path, body):
    got = Admin(wire, "/~ghost")(method, path, body)

    assert got.status in (404, 422)
    assert [sandbox.name for sandbox in emulator.sandboxes] == ["default"]


def test_being_asked_about_does_not_keep_a_sandbox_alive(wire, admin):
    for name in ("one", "two"):
        admin.post("/sandboxes", {"name": name})

    wire.get("/~one/_mock/journal")

    assert [item["name"] for item in admin.get("/sandboxes").json["items"]] == ["default", "one", "two"]
