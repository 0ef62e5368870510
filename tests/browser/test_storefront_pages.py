"""What a storefront's page can do and see in a real browser, from an origin on its token's list and from another."""

from __future__ import annotations

import pytest
import requests

from mockserver.vendors.bigcommerce.options import BigCommerceOptions
from tests.clients import serving
from tests.clients.serving import outcomes

NETWORK_ERROR = {"error": "TypeError"}
"""All that script learns of an answer that it may not read."""

MINTED = ("bigcommerce.create_storefront_token", 200, "")
QUERY = "bigcommerce.query"
PATIENCE = 30


@pytest.fixture
def emulator(contract):
    """BigCommerce on a socket."""
    with serving.served(contract, "bigcommerce") as emulator:
        yield emulator


@pytest.fixture
def offers(environment, shop):
    """The tokens that the page's build puts into it; its list has the shop's first origin only."""
    storefront = f"{environment['BIGCOMMERCE_API_URL']}/stores/{environment['BIGCOMMERCE_STORE_HASH']}/v3/storefront"

    def minted(family, **body):
        return requests.post(
            f"{storefront}/{family}",
            json={"channel_id": 1, "expires_at": 2147483647, **body},
            headers={"X-Auth-Token": environment["BIGCOMMERCE_ACCESS_TOKEN"]},
            timeout=PATIENCE,
        )

    return {
        "/simple": lambda: minted(
            "api-token", allowed_cors_origins=[shop.origin, shop.origin_at("store-demostore-1.localhost")]
        ),
        "/private": lambda: minted("api-token-private", scopes=["Unauthenticated"]),
    }


@pytest.fixture
def environment(emulator):
    """What the page's build is configured with."""
    return serving.environment(emulator)


@pytest.fixture
def addresses(emulator, environment):
    """Where the store is: a host of its own."""
    port = emulator.url.rpartition(":")[2]
    return {
        "page": "storefront.html",
        "graphql": f"http://store-{environment['BIGCOMMERCE_STORE_HASH']}-1.localhost:{port}/graphql",
    }


def headers_of(exchange):
    return {name.lower(): value for name, value in exchange.reply.headers}


def test_scenario_27_a_page_of_an_allowed_origin_renders_the_stores_name(visit, emulator):
    seen = visit("show")

    assert (seen["title"], seen["error"]) == ("Demo Store", False)
    assert seen["answer"]["status"] == 200
    assert outcomes(emulator) == [MINTED, (QUERY, 200, "")]
    assert [exchange.preflight for exchange in emulator.sandbox.journal] == [False, True, False]


def test_scenario_27_a_page_of_another_origin_shows_its_error_and_learns_nothing(visit, emulator, shop):
    seen = visit("show", origin=shop.origin_at("localhost"))

    assert (seen["title"], seen["error"], seen["answer"]) == ("A storefront", True, NETWORK_ERROR)
    assert outcomes(emulator)[1:] == [(QUERY, 403, "origin.not_allowed")]


def test_a_refused_page_reads_the_refusal_where_it_has_cors_headers(visit, choose, shop):
    choose(BigCommerceOptions, refused_origin_cors_headers="echo", graphql_403_body="json")

    seen = visit("show", origin=shop.origin_at("localhost"))

    assert seen["answer"]["status"] == 403
    assert seen["answer"]["body"]["errors"][0]["message"].startswith("'Origin' header invalid:")


def test_a_page_reads_the_401_of_a_token_that_has_died(visit, emulator, shop):
    shop.later = lambda: emulator.sandbox.tokens.revoke(emulator.sandbox.clock.now())

    seen = visit("showLate")

    assert seen["answer"]["status"] == 401
    assert seen["answer"]["body"] == {"errors": [{"message": "Unknown JWT token"}]}


def test_script_reads_no_header_of_ours_and_none_that_the_vendor_does_not_expose(visit):
    seen = visit("show")

    assert set(seen["answer"]["headers"]) <= {"content-type", "content-length"}


def test_a_page_with_a_private_token_sees_only_a_blocked_request(visit, emulator):
    seen = visit("showWithPrivate")

    assert (seen["answer"], seen["error"]) == (NETWORK_ERROR, True)
    assert outcomes(emulator)[1:] == [(QUERY, 403, "browser.server_only_token")]


@pytest.mark.parametrize("attributes", ["vendor", "plain"])
def test_a_page_of_the_stores_site_logs_in_and_its_session_is_a_cookie_that_script_cannot_read(
    visit, choose, shop, attributes
):
    choose(BigCommerceOptions, session_cookie_attributes=attributes)

    seen = visit("logIn", origin=shop.origin_at("store-demostore-1.localhost"))

    assert seen["login"]["body"]["data"]["login"]["customer"] == {"entityId": 1}
    assert seen["customer"]["body"]["data"]["customer"] == {"entityId": 1, "email": "shopper@example.com"}
    assert seen["cookies"] == ""


def test_a_page_that_mints_its_own_token_fails_at_the_preflight(visit, emulator):
    seen = visit("mint")

    assert seen == NETWORK_ERROR
    assert [token.kind for token in emulator.sandbox.tokens] == []
