"""The acceptance scenarios of BigCommerce that are about shoppers and queries, by their numbers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from mockserver.vendors.bigcommerce.places import IMPERSONATION, SIMPLE
from tests.vendors.storefront import (
    CLIENT,
    EMAIL,
    GUEST_CART,
    OWN_CART,
    RECORDS,
    SECRET,
    Storefront,
    cookie_header,
    cookies_of,
)

SITE = "{ site { settings { storeName } } }"
SITE_DATA = {"site": {"settings": {"storeName": "Analytical Engines"}}}
COMPANY = 'mutation { company { registerCompany(input: {name: "A", email: "a@b.c", phone: "1"}) { entityId } } }'
COOKIES = ["SHOP_TOKEN", "SHOP_SESSION_TOKEN", "SHOP_SESSION_ROTATION_TOKEN"]
STRICT = {"X-Bc-Error-On-Invalid-Customer-Access-Token": "true"}
FLASH = b"Invalid login. Please attempt to log in again."


@pytest.fixture
def shop(wire, sandbox):
    sandbox.put(RECORDS)
    return Storefront(wire, sandbox)


def test_scenario_31_a_private_token_needs_the_scope_of_each_root_field(shop):
    site = shop.ask(SITE, scopes=["Unauthenticated"])
    customer = shop.ask("{ customer { email } }", scopes=["Unauthenticated"])
    company = shop.ask(COMPANY, scopes=["Unauthenticated"])

    assert (site.outcome, site.json) == ((200, ""), {"data": SITE_DATA})
    assert customer.outcome == company.outcome == (200, "scope.insufficient")
    assert customer.json["data"] == {"customer": None}
    assert customer.json["errors"][0]["extensions"] == {
        "code": "INSUFFICIENT_ACCESS_SCOPE",
        "requiredScopes": ["Customer"],
    }
    assert company.body == (
        b'{"data":null,"errors":[{"message":"The provided token does not include the scopes required to resolve this '
        b'field.","path":["company"],"extensions":{"code":"INSUFFICIENT_ACCESS_SCOPE","requiredScopes":["B2B"]}}]}'
    )


def test_scenario_32_a_login_from_a_server_hands_over_a_customer_access_token(shop, sandbox):
    got = shop.log_in(scopes=["Customer"])

    token = got.json["data"]["login"]["customerAccessToken"]
    expires_at = datetime.fromisoformat(token["expiresAt"])
    assert re.fullmatch(r"[0-9a-f]{64}_[0-9]+", token["value"])
    assert datetime.fromtimestamp(int(token["value"].partition("_")[2]), UTC) == expires_at
    assert expires_at - sandbox.clock.now().replace(microsecond=0) == timedelta(days=7)
    assert cookies_of(got) == []


def test_scenario_33_a_login_from_a_browser_sets_cookies_and_hands_over_no_token(shop):
    got = shop.log_in(selection="customer { entityId }", kind=SIMPLE)
    refused = shop.log_in(kind=SIMPLE)

    assert cookies_of(got) == COOKIES
    assert all(line.endswith("; Path=/; HttpOnly; Secure; SameSite=None") for line in got.headers.getlist("Set-Cookie"))
    assert refused.outcome == (200, "login.wrong_context")
    assert cookies_of(refused) == []
    assert refused.json["data"] is None
    assert refused.json["errors"][0]["message"] == (
        "Customer access token was requested in the body, but it's only returned for server-to-server requests. "
        "For browser requests it's set as an httpOnly cookie instead."
    )


def test_scenario_34_a_wrong_password_and_a_flagged_customer_cannot_log_in(shop):
    wrong = shop.log_in(password="wrong")
    flagged = shop.log_in("flagged@shop.example")

    assert wrong.outcome == (200, "login.bad_credentials")
    assert wrong.json["data"] is None
    assert wrong.json["errors"][0]["message"] == "Invalid credentials"
    assert flagged.outcome == (200, "login.reset_required")
    assert flagged.json["errors"][0]["message"] == "Reset password"


def test_scenario_35_nobody_logs_in_on_a_channel_that_is_not_live(wire, sandbox, shop):
    closed = Storefront(wire, sandbox, channel=2)

    login, site = closed.log_in(), closed.ask(SITE)

    assert login.outcome == (200, "channel.not_live")
    assert login.json["errors"][0]["message"] == "Operation cannot be performed as the storefront channel is not live"
    assert site.json == {"data": SITE_DATA}


def test_scenario_36_a_dead_customer_access_token_is_a_guest_unless_an_error_is_asked_for(shop, sandbox):
    token = shop.access_token()
    sandbox.clock.advance(timedelta(days=7))

    quiet, loud = shop.customer(token), shop.customer(token, **STRICT)
    anonymous = shop.ask(SITE, headers=STRICT)

    assert quiet.json == {"data": {"customer": None}}
    assert loud.outcome == (200, "session.invalid")
    assert loud.json["data"] is None
    assert loud.json["errors"][0]["extensions"] == {"code": "INVALID_CUSTOMER_ACCESS_TOKEN"}
    assert (anonymous.outcome, anonymous.json) == ((200, ""), {"data": SITE_DATA})


def test_scenario_37_a_login_and_a_logout_end_what_was_before(shop):
    first = shop.access_token()
    second = shop.access_token()

    after_login = [shop.customer(token).json["data"]["customer"] is not None for token in (first, second)]
    shop.ask("mutation { logout { result } }", headers={"X-Bc-Customer-Access-Token": second})

    assert after_login == [False, True]
    assert shop.customer(second).json == {"data": {"customer": None}}


def test_scenario_38_an_impersonation_token_speaks_for_the_customer_in_the_header(shop):
    query = "query($id: String) { customer { entityId } site { cart(entityId: $id) { entityId } } }"

    got = shop.ask(query, {"id": GUEST_CART}, kind=IMPERSONATION, headers={"X-Bc-Customer-Id": "21"})

    assert got.json == {"data": {"customer": {"entityId": 21}, "site": {"cart": None}}}


def test_scenario_39_too_complex_a_query_and_two_mutations_are_refused(shop):
    products = "products(first: 50) { edges { node { id entityId name sku path description } } }"
    huge = "{ site { " + " ".join(f"p{number}: {products}" for number in range(30)) + " } }"

    refused, usual = shop.ask(huge), shop.ask(SITE)
    twice = shop.ask("mutation { a: logout { result } b: logout { result } }")

    assert refused.outcome == twice.outcome == (400, "query.too_complex")
    assert refused.body == (
        b'{"errors":[{"message":"The query is too complex as it has a complexity score of 12031 out of 10000. '
        b'Please remove some elements and try again"}]}'
    )
    assert "x-bc-graphql-complexity" not in refused.headers
    assert usual.headers["x-bc-graphql-complexity"] == "3"


def test_scenario_40_a_login_jwt_is_good_for_one_login(shop):
    token = shop.login_jwt(redirect_to="/cart.php")

    first, second = shop.get(f"/login/token/{token}"), shop.get(f"/login/token/{token}")
    current = shop.get(f"/customer/current.jwt?app_client_id={CLIENT}", headers=cookie_header(first))
    page, page_again = shop.get(second.headers["Location"]), shop.get(second.headers["Location"])

    assert (first.status, first.headers["Location"]) == (302, f"{shop.base}/cart.php")
    assert cookies_of(first) == COOKIES
    claims = jwt.decode(
        current.body, SECRET, algorithms=["HS256"], audience=CLIENT, options={"verify_exp": False, "verify_iat": False}
    )
    assert claims["customer"] == {"id": 21, "email": EMAIL, "group_id": "6"}
    assert second.outcome == (302, "assertion.replayed")
    assert (second.headers["Location"], cookies_of(second)) == (f"{shop.base}/login.php", [])
    assert FLASH in page.body
    assert FLASH not in page_again.body


def test_scenario_41_every_fault_of_a_login_jwt_has_a_reason_of_its_own(shop, sandbox, wire):
    twelve = Storefront(wire, sandbox, channel=12)
    now = int(sandbox.clock.now().timestamp())
    faulty = {
        "token.expired": (shop, shop.login_jwt(iat=now - 31)),
        "token.bad_signature": (shop, shop.login_jwt(secret="wrong")),
        "token.malformed": (shop, shop.login_jwt(header={"alg": "HS256"})),
        "channel.mismatch": (twelve, twelve.login_jwt(channel_id=None)),
        "ip.mismatch": (shop, shop.login_jwt(request_ip="192.0.2.7")),
    }

    answers = {reason: where.get(f"/login/token/{token}") for reason, (where, token) in faulty.items()}

    for reason, got in answers.items():
        assert got.outcome == (302, reason)
        assert got.headers["Location"].endswith("/login.php")
        assert (got.body, cookies_of(got)) == (b"", [])


def test_scenario_42_a_checkout_link_takes_the_customer_along(shop):
    query = (
        "mutation($id: String!) { cart { createCartRedirectUrls(input: {cartEntityId: $id}) "
        "{ redirectUrls { redirectedCheckoutUrl } } } }"
    )
    known = {"X-Bc-Customer-Access-Token": shop.access_token("owner@shop.example")}

    def link(cart, headers):
        data = shop.ask(query, {"id": cart}, headers=headers).json["data"]
        return data["cart"]["createCartRedirectUrls"]["redirectUrls"]["redirectedCheckoutUrl"]

    synced, plain = link(OWN_CART, known), link(GUEST_CART, {})
    session = shop.get(synced)
    loaded = shop.get(session.headers["Location"], headers=cookie_header(session))
    guests = shop.get(plain)

    assert "/session-sync?jwt=" in synced
    assert cookies_of(session) == COOKIES
    named = shop.get(loaded.headers["Location"], headers=cookie_header(session))
    assert b'<meta name="customer-id" content="23">' in named.body
    assert re.search(rf"/cart\.php\?action=loadInCheckout&id={GUEST_CART}&token=[0-9a-f]{{64}}$", plain)
    assert (guests.status, guests.headers["Location"]) == (302, f"{shop.base}/checkout")
    assert b'content="guest"' in shop.get(guests.headers["Location"]).body
