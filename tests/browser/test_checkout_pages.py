"""What a partner's checkout page can do and see in a real browser, from an origin that is not the emulator's.

The page is our own: it keeps to what Alternative documents of its browser SDK, which is not used.
"""

from __future__ import annotations

import pytest

from mockserver.core.tokens import TokenFilter
from mockserver.vendors.alternative.ledger import Ledger
from mockserver.vendors.alternative.options import AlternativeOptions
from tests.clients import alternative, serving
from tests.clients.serving import outcomes

NETWORK_ERROR = {"error": "TypeError"}
"""All that script learns of an answer that it may not read."""

TOKEN = ("alternative.fetch_oauth_token", 200, "")
INIT = ("alternative.init_checkout", 200, "")
INVOICE = "alternative.get_invoice"
THREE = [INVOICE, "alternative.list_payment_methods", "alternative.get_theme"]


@pytest.fixture
def emulator(contract):
    """Alternative on a socket."""
    with serving.served(contract, "alternative") as emulator:
        yield emulator


@pytest.fixture
def offers(emulator):
    """What pages may ask of the partner's backend."""
    backend = alternative.Backend(serving.environment(emulator))
    return {"/checkout-token": backend.checkout_token, "/oauth-token": backend.oauth_token}


@pytest.fixture
def addresses(emulator):
    """Which page, and what it is told."""
    return {"page": "checkout.html", "api": serving.environment(emulator)["ALTERNATIVE_BASE_URL"]}


@pytest.fixture
def expiring(shop, emulator):
    """When a page asks for it, all checkout tokens have expired; the backend's own lives on."""
    sandbox = emulator.sandbox
    shop.later = lambda: sandbox.tokens.expire(sandbox.clock.now(), TokenFilter(kind="checkout"))


def statuses(steps):
    return [step["status"] for step in steps]


@pytest.mark.usefixtures("expiring")
def test_a_page_has_its_token_renewed_on_401_and_repeats_the_call_once(visit, emulator, shop):
    seen = visit("renew")

    assert seen["callbacks"] == 1
    assert statuses(seen["steps"]) == [200, 401, 200]
    assert seen["steps"][1]["body"] == {"code": "unauthorized", "message": "token is expired"}
    assert seen["steps"][2]["body"]["id"] == "inv_demo"
    assert outcomes(emulator) == [
        TOKEN,
        INIT,
        (INVOICE, 200, ""),
        (INVOICE, 401, "token.expired"),
        INIT,
        (INVOICE, 200, ""),
    ]
    calls = [exchange.call.headers for exchange in emulator.sandbox.journal if exchange.operation == INVOICE]
    assert {headers.get("Origin") for headers in calls} == {shop.origin}


@pytest.mark.usefixtures("expiring")
def test_every_get_of_a_page_is_preflighted_since_it_has_a_type_and_a_token(visit, emulator):
    visit("renew")

    preflights = [exchange for exchange in emulator.sandbox.journal if exchange.preflight]
    asked = [exchange.call.headers.get("Access-Control-Request-Headers") for exchange in preflights]
    assert asked == ["authorization,content-type"] * 3


@pytest.mark.usefixtures("expiring")
def test_three_parallel_calls_with_an_expired_token_are_three_callbacks_and_all_repeats_work(visit, emulator):
    seen = visit("renewInParallel")

    assert seen["callbacks"] == 3
    assert [statuses(call) for call in seen["calls"]] == [[401, 200]] * 3
    first, *later = outcomes(emulator)[1:]
    assert first == INIT
    assert later.count(INIT) == 3
    assert sorted(later) == sorted(
        [INIT] * 3 + [(name, 401, "token.expired") for name in THREE] + [(name, 200, "") for name in THREE]
    )
    assert [token.kind for token in emulator.sandbox.tokens].count("checkout") == 4


@pytest.mark.usefixtures("expiring")
def test_a_callback_that_gives_null_sends_bearer_null(visit, emulator):
    seen = visit("renewWithNothing")

    assert (seen["callbacks"], statuses(seen["steps"])) == (1, [401, 401])
    assert seen["steps"][1]["body"] == {"code": "unauthorized", "message": "token is invalid"}
    last = list(emulator.sandbox.journal)[-1]
    assert last.call.headers.get("Authorization") == "Bearer null"
    assert (last.reason, last.hint) == ("token.malformed", "literal from client code")


@pytest.mark.usefixtures("expiring")
def test_a_callback_that_gives_the_same_token_is_asked_once(visit, emulator):
    seen = visit("renewWithTheSame")

    assert (seen["callbacks"], statuses(seen["steps"])) == (1, [401, 401])
    assert outcomes(emulator)[2:] == [(INVOICE, 401, "token.expired")] * 2


@pytest.mark.usefixtures("expiring")
def test_a_401_without_cors_headers_is_a_network_error_and_nothing_is_renewed(visit, emulator, choose):
    choose(AlternativeOptions, cors_on_errors=False)

    seen = visit("renew")

    assert seen == {"steps": [seen["steps"][0], NETWORK_ERROR], "callbacks": 0}
    assert outcomes(emulator)[-1] == (INVOICE, 401, "token.expired")


@pytest.mark.parametrize("exposed", [True, False], ids=["exposed", "hidden"])
def test_script_reads_when_to_come_back_only_where_that_is_exposed(visit, shop, emulator, choose, exposed):
    choose(AlternativeOptions, cors_expose=exposed)
    emulator.sandbox.clock.freeze()
    shop.later = lambda: choose(AlternativeOptions, rate_limit=5)

    *answered, refused = visit("ask")

    assert statuses(answered) == [200] * 5
    assert (refused["status"], refused["body"]["message"]) == (429, "rate limit exceeded")
    assert refused["headers"].get("retry-after") == ("1" if exposed else None)


def test_a_page_sends_an_idempotency_key_and_pays_once(visit, emulator):
    first, again, other = visit("pay")

    assert statuses([first, again, other]) == [200, 200, 422]
    assert first["body"] == again["body"]
    assert other["body"] == {"code": "unprocessable_entity", "message": "idempotency key reused"}
    assert len(emulator.sandbox.get(Ledger).payments) == 1


def test_a_page_reads_the_404_of_a_misspelt_address(visit):
    (seen,) = visit("misspell")

    assert (seen["status"], seen["body"]) == (404, {"code": "not_found", "message": "404 page not found"})


@pytest.mark.parametrize(("form", "status"), [("bare", 200), ("v1", 404)])
def test_a_page_reads_that_its_prefix_is_switched_off(visit, shop, emulator, choose, form, status):
    shop.later = lambda: choose(AlternativeOptions, checkout_path=form)

    seen = visit("ask")

    assert set(statuses(seen)) == {status}


def test_a_page_that_was_handed_the_oauth_token_is_refused(visit, emulator):
    seen = visit("useOAuthToken")

    assert statuses(seen) == [401, 401]
    assert outcomes(emulator)[-1] == (INVOICE, 401, "browser.server_only_token")


def test_a_page_that_makes_the_hand_off_itself_gets_no_token(visit, emulator):
    seen = visit("handOff")

    assert seen == [NETWORK_ERROR, NETWORK_ERROR]
    assert outcomes(emulator) == [TOKEN, ("alternative.fetch_oauth_token", 403, "browser.secret_exposed")]
    (preflight,) = [exchange for exchange in emulator.sandbox.journal if exchange.preflight]
    assert [finding.reason for finding in preflight.findings] == ["browser.secret_exposed"]
    assert [token.kind for token in emulator.sandbox.tokens] == ["oauth"]
