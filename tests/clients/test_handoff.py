"""Two clients of our own, in processes of their own, make the whole hand-off over a socket."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mockserver.vendors.ingrid import IngridOptions
from tests.clients import scripts
from tests.clients.serving import outcomes

SITE_TOKEN_LIFETIME = timedelta(seconds=300)
UNAUTHORIZED = "https://docs.ingrid.com/developer-resources/ingrid-api/errors/common/unauthorized"

SERVICE_TOKEN = {"step": "service token", "status": 200, "expiresIn": 3600}
SITE_TOKEN = {"step": "site token", "status": 200, "expiresIn": 300}
SITE_TOKEN_REFUSED = {"step": "site token", "status": 401, "type": UNAUTHORIZED}
ANSWERED = {"step": "delivery options", "status": 200, "siteId": "site_demo"}
REFUSED = {"step": "delivery options", "status": 401, "type": UNAUTHORIZED}

AUTH = "ingrid.mint_service_token"
MINT = "ingrid.mint_site_token"
USE = "ingrid.get_delivery_options"


@pytest.fixture(params=[scripts.node, scripts.python], ids=["node", "requests"])
def client(request, environment):
    """A script that makes the hand-off."""
    with scripts.running(request.param(), environment) as script:
        yield script


def test_a_client_replaces_an_expired_site_token_and_retries_once(client, emulator):
    before = client.until_it_waits()
    emulator.sandbox.clock.advance(SITE_TOKEN_LIFETIME)
    after = client.to_its_end()

    assert before == [SERVICE_TOKEN, SITE_TOKEN, ANSWERED]
    assert after == [REFUSED, SITE_TOKEN, ANSWERED]
    assert outcomes(emulator) == [
        (AUTH, 200, ""),
        (MINT, 200, ""),
        (USE, 200, ""),
        (USE, 401, "token.expired"),
        (MINT, 200, ""),
        (USE, 200, ""),
    ]


def test_a_client_replaces_both_tokens_when_both_have_died(client, emulator):
    client.until_it_waits()
    emulator.sandbox.tokens.revoke(emulator.sandbox.clock.now())
    after = client.to_its_end()

    assert after == [REFUSED, SITE_TOKEN_REFUSED, SERVICE_TOKEN, SITE_TOKEN, ANSWERED]
    assert outcomes(emulator)[3:] == [
        (USE, 401, "token.revoked"),
        (MINT, 401, "token.revoked"),
        (AUTH, 200, ""),
        (MINT, 200, ""),
        (USE, 200, ""),
    ]


def test_a_client_that_takes_tokens_as_they_come_works_with_opaque_ones_and_with_201(client, emulator, choose):
    choose(IngridOptions, token_format="opaque", mint_status=201)

    steps = client.until_it_waits() + client.to_its_end()

    assert [step["status"] for step in steps] == [200, 201, 200, 200]
    assert {exchange.reply.status for exchange in emulator.sandbox.journal if exchange.operation == MINT} == {201}


def test_nodes_fetch_is_taken_for_a_server_though_it_sends_sec_fetch_mode(emulator, environment):
    with scripts.running(scripts.node(), environment) as client:
        client.until_it_waits()
        client.to_its_end()

    calls = [exchange.call.headers for exchange in emulator.sandbox.journal]
    assert [headers.get("Sec-Fetch-Mode") for headers in calls] == ["cors"] * 4
    assert not any("Origin" in headers or "Sec-Fetch-Site" in headers for headers in calls)
    assert outcomes(emulator) == [(AUTH, 200, ""), (MINT, 200, ""), (USE, 200, ""), (USE, 200, "")]
    assert not any(exchange.findings for exchange in emulator.sandbox.journal)
