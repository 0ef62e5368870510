"""Pages and preflights, for every operation of every vendor."""

from __future__ import annotations

from dataclasses import replace

from tests.conformance.plays import success_of
from tests.support.stage import WireStage

ORIGIN = "http://localhost:3000"


def test_a_preflight_tells_pages_what_they_may_send(operation, vendor, emulator, wire):
    path = success_of(vendor, operation).ask(WireStage(vendor, emulator.sandbox, wire)).path
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": operation.method}

    got = wire("OPTIONS", f"/{vendor.name}{path}", headers=asked)

    told = {name.lower(): value for name, value in got.headers if name.lower().startswith("access-control")}
    if operation.cors is None and not vendor.preflights:
        assert (got.status, told) == (405, {})
    elif operation.cors is None:
        assert (got.status, told) == (204, {})
        assert emulator.sandbox.journal.find(got.exchange).findings[0].reason == "browser.secret_exposed"
    else:
        assert operation.method in told["access-control-allow-methods"]
        assert "*" not in told["access-control-allow-headers"]


def test_a_mint_call_from_a_browser_makes_no_token(operation, vendor, emulator, wire):
    stage = WireStage(vendor, emulator.sandbox, wire)
    ask = success_of(vendor, operation).ask(stage)
    emulator.sandbox.put(replace(emulator.sandbox.get(vendor.options), browser_guard="refuse"))
    before = len(emulator.sandbox.tokens)

    got = wire(ask.method, f"/{vendor.name}{ask.path}", body=ask.body, headers=[*ask.headers, ("Origin", ORIGIN)])

    if operation.mints and operation.cors is None:
        assert got.reason == "browser.secret_exposed"
        assert len(emulator.sandbox.tokens) == before


def test_a_page_can_read_every_refusal_of_a_browser_endpoint(vendor, example, emulator, wire):
    operation = next(each for each in vendor.operations if each.name == example.operation)
    stage = WireStage(vendor, emulator.sandbox, wire)
    ask = example.ask(stage)
    origin = [] if any(name == "Origin" for name, _ in ask.headers) else [("Origin", ORIGIN)]

    got = wire(ask.method, f"/{vendor.name}{ask.path}", body=ask.body, headers=[*ask.headers, *origin])

    readable = "Access-Control-Allow-Origin" in got.headers
    if operation.cors and operation.cors.by_token:
        # The token says who may read; of one that is no good nobody believes the list, and everybody may.
        assert readable or got.status != 401
    else:
        assert readable == (operation.cors is not None)
    assert "X-Mock" not in got.headers.get("Access-Control-Expose-Headers", "")
