"""What pages in a real browser can do and see, from an origin that is not the emulator's."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests

from mockserver.vendors.ingrid import IngridOptions
from tests.clients.serving import outcomes

SITE_TOKEN_LIFETIME = timedelta(seconds=300)
NETWORK_ERROR = {"error": "TypeError"}
"""All that script learns of an answer that it may not read."""

AUTH = "ingrid.mint_service_token"
MINT = "ingrid.mint_site_token"
USE = "ingrid.get_delivery_options"
HAND_OFF = [(AUTH, 200, ""), (MINT, 200, "")]


@pytest.fixture
def later(shop, emulator):
    """When a page asks for it, its site token has expired."""
    shop.later = lambda: emulator.sandbox.clock.advance(SITE_TOKEN_LIFETIME)


def preflights(emulator):
    """The preflights so far."""
    return [exchange for exchange in emulator.sandbox.journal if exchange.preflight]


def findings(exchange):
    """The codes of what the integrator should know about this exchange."""
    return [finding.reason for finding in exchange.findings]


def kinds(emulator):
    """The kinds of the tokens that were issued."""
    return [token.kind for token in emulator.sandbox.tokens]


@pytest.mark.usefixtures("later")
def test_a_page_sees_its_401_renews_its_token_and_retries_once(visit, emulator, shop):
    first, refused, retried = visit("renew")

    assert [step["status"] for step in (first, refused, retried)] == [200, 401, 200]
    assert first["body"]["siteId"] == "site_demo"
    assert refused["body"]["title"] == "Unauthorized"
    assert refused["body"]["status"] == 401
    assert outcomes(emulator) == [
        *HAND_OFF,
        (USE, 200, ""),
        (USE, 401, "token.expired"),
        (MINT, 200, ""),
        (USE, 200, ""),
    ]
    uses = [exchange.call.headers for exchange in emulator.sandbox.journal if exchange.operation == USE]
    assert {headers.get("Origin") for headers in uses} == {shop.origin}


@pytest.mark.usefixtures("later")
def test_script_reads_the_vendors_headers_of_a_401_and_never_the_emulators(visit, emulator):
    _, refused, _ = visit("renew")

    (exchange,) = [exchange for exchange in emulator.sandbox.journal if exchange.reason]
    assert refused["headers"] == {
        "content-length": str(len(exchange.reply.body)),
        "content-type": "application/problem+json",
        "www-authenticate": 'Bearer error="invalid_token"',
        "x-trace-id": dict(exchange.reply.headers)["X-Trace-Id"],
    }


def test_the_header_that_script_cannot_read_is_sent_to_pages_all_the_same(emulator, shop):
    with requests.Session() as http:
        http.trust_env = False
        url = f"{emulator.url}/ingrid/v1/delivery/options"
        answer = http.post(url, json={}, headers={"Origin": shop.origin}, timeout=30)

    assert (answer.status_code, answer.headers["X-Mock-Reason"]) == (401, "token.missing")
    assert answer.headers["Access-Control-Expose-Headers"] == "X-Trace-Id, WWW-Authenticate"


@pytest.mark.usefixtures("later")
def test_script_reads_a_401_but_neither_challenge_nor_trace_where_nothing_is_exposed(visit, choose):
    choose(IngridOptions, cors_expose=False)

    _, refused, _ = visit("renew")

    assert refused["status"] == 401
    assert set(refused["headers"]) == {"content-length", "content-type"}


@pytest.mark.usefixtures("later")
def test_a_401_without_cors_headers_is_a_network_error_to_its_page(visit, emulator, choose):
    choose(IngridOptions, cors_on_errors=False)

    first, refused = visit("renew")

    assert first["status"] == 200
    assert refused == NETWORK_ERROR
    assert outcomes(emulator) == [*HAND_OFF, (USE, 200, ""), (USE, 401, "token.expired")]


def test_a_page_that_makes_the_hand_off_itself_fails_at_the_preflights(visit, emulator):
    seen = visit("handOff")

    assert seen == {"auth": NETWORK_ERROR, "mint": NETWORK_ERROR}
    assert [(each.operation, findings(each)) for each in preflights(emulator)] == [
        (AUTH, ["browser.secret_exposed"]),
        (MINT, ["browser.secret_exposed"]),
    ]
    assert outcomes(emulator) == [(AUTH, 200, "")]  # the backend's own; of the page's calls none was sent
    assert kinds(emulator) == ["service"]


def test_a_form_needs_no_preflight_yet_gets_no_token_for_a_page(visit, emulator):
    read, sent_blindly = visit("handOffByForm")

    assert read == NETWORK_ERROR
    assert (sent_blindly["type"], sent_blindly["status"]) == ("opaque", 0)
    assert preflights(emulator) == []
    assert outcomes(emulator) == [(AUTH, 403, "browser.secret_exposed")] * 2
    assert kinds(emulator) == []


def test_a_guard_that_only_records_lets_a_page_mint_a_token_that_it_cannot_read(visit, emulator, choose):
    choose(IngridOptions, browser_guard="record")

    read, _ = visit("handOffByForm")

    assert read == NETWORK_ERROR
    assert outcomes(emulator) == [(AUTH, 200, "")] * 2
    assert [findings(each) for each in emulator.sandbox.journal] == [["browser.secret_exposed"]] * 2


def test_a_page_of_an_origin_on_the_list_reads_its_answer(visit, choose, shop):
    choose(IngridOptions, cors_origins=(shop.origin,))

    assert visit("use")["status"] == 200


def test_a_page_of_an_origin_that_is_not_on_the_list_gets_a_network_error(visit, emulator, choose, shop):
    choose(IngridOptions, cors_origins=(shop.origin,))

    seen = visit("use", origin=shop.origin_at("localhost"))

    assert seen == NETWORK_ERROR
    (preflight,) = preflights(emulator)
    assert preflight.call.headers.get("Origin") == shop.origin_at("localhost")
    assert outcomes(emulator) == HAND_OFF


def test_a_call_without_preflight_from_an_origin_not_on_the_list_is_processed_and_found(visit, emulator, choose, shop):
    choose(IngridOptions, cors_origins=(shop.origin,))

    seen = visit("ask", origin=shop.origin_at("localhost"))

    assert seen == NETWORK_ERROR
    assert outcomes(emulator) == [(USE, 401, "token.missing")]
    (exchange,) = emulator.sandbox.journal
    assert findings(exchange) == ["origin.not_allowed"]


@pytest.mark.parametrize(("allowed", "seen"), [(False, None), (True, 200)], ids=["not-allowed", "allowed"])
def test_a_page_that_sends_cookies_reads_its_answer_only_where_they_are_allowed(visit, choose, allowed, seen):
    choose(IngridOptions, cors_credentials=allowed)

    assert visit("useWithCookies").get("status") == seen


def test_a_page_reads_the_404_of_a_misspelt_address(visit, emulator):
    seen = visit("useElsewhere")

    assert (seen["status"], seen["body"]["title"]) == (404, "Not Found")
    assert outcomes(emulator) == [*HAND_OFF, ("", 404, "route.not_found")]


def test_a_sandboxed_frame_reads_its_answer_while_any_origin_may(visit):
    seen = visit("useInFrame")

    assert seen["origin"] == "null"
    assert seen["answer"]["status"] == 200


def test_a_sandboxed_frame_is_on_no_list(visit, emulator, choose, shop):
    choose(IngridOptions, cors_origins=(shop.origin,))

    seen = visit("useInFrame")

    assert seen == {"origin": "null", "answer": NETWORK_ERROR}
    (preflight,) = preflights(emulator)
    assert preflight.call.headers.get("Origin") == "null"


def test_a_page_that_was_handed_a_service_token_reads_that_it_must_not_have_it(visit, emulator):
    seen = visit("useServiceToken")

    assert seen["status"] == 403
    assert seen["body"]["detail"] == "Emulator: a service token reached a browser."
    assert outcomes(emulator) == [(AUTH, 200, ""), (USE, 403, "browser.server_only_token")]
