"""BigCommerce's hand-offs of a login: every rule of the login JWT, the current customer, session sync, the pages."""

from __future__ import annotations

import base64
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import jwt
import pytest

from mockserver.core import jws
from mockserver.vendors.bigcommerce.tokens import ring
from tests.support.wire import Wire
from tests.vendors.storefront import (
    CLIENT,
    EMAIL,
    GUEST_CART,
    NO_LOGINS,
    RECORDS,
    SECRET,
    SID,
    Storefront,
    cookie_header,
    cookies_of,
)

FLASH = b"<p>Invalid login. Please attempt to log in again.</p>"
SYNC = (
    "mutation($to: String!, $cart: String, $ip: IpAddress, $visit: UUID) { generateSessionSyncJwt(redirectTo: $to, "
    'cartId: $cart, ipAddress: $ip, visitId: $visit, visitorId: "v-2", paymentWalletData: {providerId: "p"}) '
    "{ result { token url } } }"
)
COOKIES = ["SHOP_TOKEN", "SHOP_SESSION_TOKEN", "SHOP_SESSION_ROTATION_TOKEN"]


@pytest.fixture
def shop(wire, sandbox):
    sandbox.put(RECORDS)
    return Storefront(wire, sandbox)


def customer_of(page):
    return page.body.partition(b'<meta name="customer-id" content="')[2].partition(b'"')[0].decode()


def claims_of(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


# The login JWT.


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("token.malformed", {"header": {"alg": "HS256"}}),
        ("token.malformed", {"header": {"alg": "HS512", "typ": "JWT"}}),
        ("token.malformed", {"header": {"alg": "none", "typ": "JWT"}}),
        ("credential.unknown", {"iss": "nobody"}),
        ("credential.unknown", {"iss": None}),
        ("credential.unknown", {"iss": ["a"]}),
        ("credential.unknown", {"iss": "of-the-other-store"}),
        ("token.bad_signature", {"secret": "wrong"}),
        ("scope.insufficient", {"iss": NO_LOGINS}),
        ("token.bad_payload", {"iat": None}),
        ("token.bad_payload", {"iat": "1"}),
        ("token.bad_payload", {"iat": True}),
        ("token.bad_payload", {"iat": 1.5}),
        ("token.bad_payload", {"jti": None}),
        ("token.bad_payload", {"jti": ""}),
        ("token.bad_payload", {"jti": 7}),
        ("token.bad_payload", {"operation": None}),
        ("token.bad_payload", {"operation": "customer_logout"}),
        ("token.bad_payload", {"store_hash": 1}),
        ("token.bad_payload", {"customer_id": "21"}),
        ("token.bad_payload", {"channel_id": "1"}),
        ("token.bad_payload", {"request_ip": 1}),
        ("token.expired", {"iat": 0}),
        ("token.not_yet_valid", {"iat": 2**40}),
        ("store.mismatch", {"store_hash": "other1"}),
        ("channel.mismatch", {"channel_id": 12}),
        ("customer.unknown", {"customer_id": 99}),
        ("ip.mismatch", {"request_ip": "192.0.2.7"}),
    ],
    ids=lambda value: "-".join(f"{name}={each}" for name, each in value.items()) if isinstance(value, dict) else value,
)
def test_a_login_jwt_is_refused_for_its_first_fault(shop, sandbox, reason, changes):
    got = shop.get(f"/login/token/{shop.login_jwt(**changes)}")

    assert got.outcome == (302, reason)
    assert (got.headers["Location"], got.body, cookies_of(got)) == (f"{shop.base}/login.php", b"", [])
    assert [check.reason for check in sandbox.journal.find(got.exchange).checks if not check.passed] == [reason]


@pytest.mark.parametrize("claim", ["channel_id", "request_ip", "redirect_to"])
def test_an_optional_claim_of_a_login_jwt_may_be_null(shop, claim):
    token = jwt.encode({**shop.login_claims(), claim: None}, SECRET, "HS256")

    got = shop.get(f"/login/token/{token}")

    assert got.outcome == (302, "")
    assert got.headers["Location"] == f"{shop.base}/account.php"


@pytest.mark.parametrize("text", ["undefined", "a.b.c", "a.b", "%00", "e30.e30.", "%FF"])
def test_what_is_no_jwt_is_malformed(shop, text):
    assert shop.get(f"/login/token/{text}").outcome == (302, "token.malformed")


def test_a_payload_that_is_no_object_is_malformed(shop):
    signed = f"{jws.encoded_header(alg='HS256', typ='JWT')}.{jws.encode(b'[]')}"
    token = f"{signed}.{jws.encode(hmac.digest(SECRET.encode(), signed.encode(), 'sha256'))}"

    assert shop.get(f"/login/token/{token}").outcome == (302, "token.malformed")


def test_nobody_logs_in_on_a_channel_that_is_not_live(wire, sandbox, shop):
    closed = Storefront(wire, sandbox, channel=2)

    assert closed.get(f"/login/token/{closed.login_jwt()}").outcome == (302, "channel.not_live")


@pytest.mark.parametrize(("step", "reason"), [(-30, ""), (-31, "token.expired"), (30, ""), (31, "token.not_yet_valid")])
def test_a_login_jwt_is_good_for_30_seconds_either_way(shop, sandbox, step, reason):
    now = int(sandbox.clock.now().timestamp())

    assert shop.get(f"/login/token/{shop.login_jwt(iat=now + step)}").reason == reason


def test_a_jti_is_used_up_once_its_signature_is_good_and_not_before(shop):
    forged = shop.login_jwt(jti="one", secret="wrong")
    faulty = shop.login_jwt(jti="one", customer_id=99)
    good = shop.login_jwt(jti="one")

    reasons = [shop.get(f"/login/token/{token}").reason for token in (forged, faulty, good)]

    assert reasons == ["token.bad_signature", "customer.unknown", "assertion.replayed"]


def test_an_old_jti_is_known_as_used_before_it_is_too_old(shop, sandbox):
    token = shop.login_jwt()
    shop.get(f"/login/token/{token}")
    sandbox.clock.advance(timedelta(hours=1))

    assert shop.get(f"/login/token/{token}").reason == "assertion.replayed"


def test_of_50_threads_with_one_jti_one_logs_in(shop, emulator, contract):
    token, start = shop.login_jwt(), Barrier(50)

    def attempt(_):
        own = Storefront(Wire(emulator.app, contract), emulator.sandbox)
        start.wait()
        got = own.get(f"/login/token/{token}")
        return got.reason, len(cookies_of(got))

    with ThreadPoolExecutor(50) as threads:
        outcomes = sorted(threads.map(attempt, range(50)))

    assert outcomes == [("", 3), *[("assertion.replayed", 0)] * 49]


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        (None, "/account.php"),
        ("/cart.php?a=b", "/cart.php?a=b"),
        ("https://elsewhere.example", "/account.php"),
        ("//elsewhere.example", "/account.php"),
        ("/\\elsewhere.example", "/account.php"),
        ("cart.php", "/account.php"),
        ("/a\r\nSet-Cookie: x=y", "/account.php"),
        (7, "/account.php"),
        ("/login.php?action=logout", "/login.php?action=logout"),
    ],
)
def test_a_login_leads_to_a_path_of_the_store_only(shop, wanted, location):
    got = shop.get(f"/login/token/{shop.login_jwt(redirect_to=wanted)}")

    assert got.outcome == (302, "")
    assert got.headers["Location"] == shop.base + location


def test_claims_of_older_clients_are_ignored(shop):
    token = shop.login_jwt(exp=1, redirect_url="/x", impersonator_id=3, enable_persistent_cart=True)

    assert shop.get(f"/login/token/{token}").outcome == (302, "")


def test_a_login_may_be_bound_to_an_address(shop):
    bound = {"request_ip": "192.0.2.7"}

    from_there = shop.get(f"/login/token/{shop.login_jwt(**bound)}", headers={"True-Client-IP": "192.0.2.7"})
    from_elsewhere = shop.get(f"/login/token/{shop.login_jwt(**bound)}", headers={"True-Client-IP": "192.0.2.8"})

    assert (from_there.reason, from_elsewhere.reason) == ("", "ip.mismatch")


def test_the_default_channel_is_the_first(shop):
    assert shop.get(f"/login/token/{shop.login_jwt(channel_id=None)}").outcome == (302, "")


def test_a_login_on_the_stores_own_host_leads_to_a_bare_path(shop, wire):
    got = wire.get(f"/login/token/{shop.login_jwt()}", base_url="http://store-abc123-1.mybigcommerce.com")

    assert (got.outcome, got.headers["Location"]) == ((302, ""), "/account.php")


def test_a_page_link_that_a_browser_opens_is_let_through(shop):
    got = shop.get(f"/login/token/{shop.login_jwt()}", headers={"Sec-Fetch-Site": "cross-site"})

    assert got.outcome == (302, "")


def test_the_login_page_says_once_that_a_login_was_refused(shop):
    shop.get("/login/token/undefined")

    first, second = shop.get("/login.php"), shop.get("/login.php")

    assert FLASH in first.body
    assert FLASH not in second.body
    assert first.headers["Content-Type"] == "text/html; charset=UTF-8"


# The current customer.


def test_an_app_is_told_who_is_logged_in(shop, sandbox):
    session = cookie_header(shop.get(f"/login/token/{shop.login_jwt()}"))
    now = int(sandbox.clock.now().timestamp())

    got = shop.get(f"/customer/current.jwt?app_client_id={CLIENT}", headers=session)

    assert got.headers["Content-Type"] == "text/plain; charset=UTF-8"
    header, payload, _ = got.body.decode().split(".")
    assert base64.urlsafe_b64decode(header + "==") == b'{"alg":"HS256","typ":"JWT"}'
    assert base64.urlsafe_b64decode(payload + "==").decode() == (
        f'{{"customer":{{"id":21,"email":"{EMAIL}","group_id":"6"}},"iss":"bc/apps","sub":"abc123","iat":{now},'
        f'"exp":{now + 900},"version":1,"aud":"{CLIENT}","application_id":"{CLIENT}","store_hash":"abc123",'
        '"operation":"current_customer"}'
    )
    options = {"verify_exp": False, "verify_iat": False}
    assert jwt.decode(got.body, SECRET, algorithms=["HS256"], audience=CLIENT, options=options)["version"] == 1


def test_an_app_that_accepts_json_gets_it(shop):
    session = cookie_header(shop.get(f"/login/token/{shop.login_jwt()}"))
    accept = {"Accept": "text/plain, application/json"}

    got = shop.get(f"/customer/current.jwt?app_client_id={CLIENT}", headers={**session, **accept})

    assert got.headers["Content-Type"] == "application/json"
    assert list(got.json) == ["token"]


@pytest.mark.parametrize("cookie", [{}, {"Cookie": "SHOP_TOKEN=dead"}, {"Cookie": ';;=;"'}])
def test_of_a_guest_nothing_is_told(shop, cookie):
    got = shop.get(f"/customer/current.jwt?app_client_id={CLIENT}", headers=cookie)

    assert got.outcome == (404, "session.missing")
    assert got.body == b'{"errors":[{"message":"No customer is signed in"}]}'


@pytest.mark.parametrize("query", ["", "?app_client_id=", "?app_client_id=nobody", "?app_client_id=of-the-other-store"])
def test_a_stranger_is_told_nothing(shop, query):
    session = cookie_header(shop.get(f"/login/token/{shop.login_jwt()}"))

    got = shop.get(f"/customer/current.jwt{query}", headers=session)

    assert got.outcome == (400, "credential.unknown")
    assert got.body == b'{"errors":[{"message":"Invalid app_client_id"}]}'


# Session sync.


def synced(shop, to="/checkout", access_token=None, **variables):
    headers = {} if access_token is None else {"X-Bc-Customer-Access-Token": access_token}
    got = shop.ask(SYNC, {"to": to, **variables}, headers=headers)
    return got.json["data"]["generateSessionSyncJwt"]["result"]


def test_a_session_sync_jwt_has_the_vendors_claims_in_order(shop, sandbox):
    now = int(sandbox.clock.now().timestamp())

    token = synced(shop, access_token=shop.access_token(), cart=GUEST_CART, ip="192.0.2.7", visit="v-1")["token"]

    assert token.startswith("eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.")
    claims = claims_of(token)
    assert list(claims.items()) == [
        ("iss", "BC"),
        ("iat", now),
        ("eat", now + 30),
        ("jti", claims["jti"]),
        ("operation", "session_sync"),
        ("sid", SID),
        (
            "session_payload",
            {
                "cart_id": GUEST_CART,
                "customer_id": 21,
                "visitor_id": "v-2",
                "visit_id": "v-1",
                "cart_locale": None,
                "payment_wallet_data": {"providerId": "p"},
            },
        ),
        ("request_ip", "192.0.2.7"),
        ("redirect_to", f"http://localhost{shop.base}/checkout"),
    ]
    assert list(claims["session_payload"])[:2] == ["cart_id", "customer_id"]


def test_a_session_is_taken_along_and_the_one_before_goes_on(shop):
    access_token = shop.access_token()
    link = synced(shop, access_token=access_token)

    got = shop.get(link["url"])

    assert link["url"] == f"http://localhost{shop.base}/session-sync?jwt={link['token']}"
    assert (got.outcome, got.headers["Location"]) == ((302, ""), f"http://localhost{shop.base}/checkout")
    assert cookies_of(got) == COOKIES
    assert customer_of(shop.get("/checkout", headers=cookie_header(got))) == "21"
    assert shop.customer(access_token).json["data"]["customer"]["entityId"] == 21


def test_a_logout_ends_the_session_that_was_taken_along(shop):
    access_token = shop.access_token()
    session = cookie_header(shop.get(synced(shop, access_token=access_token)["url"]))
    shop.ask("mutation { logout { result } }", headers={"X-Bc-Customer-Access-Token": access_token})

    assert customer_of(shop.get("/checkout", headers=session)) == "guest"


def test_a_guests_session_sets_no_cookies(shop):
    got = shop.get(synced(shop)["url"])

    assert (got.status, cookies_of(got)) == (302, [])


@pytest.mark.parametrize(
    "to",
    [
        "https://www.engines.example/cart",
        "http://store-abc123-12.mybigcommerce.com/",
        "https://STORE-ABC123.example:8443/x",
    ],
)
def test_a_session_goes_to_any_host_of_the_store(shop, to):
    got = shop.get(synced(shop, to)["url"])

    assert (got.outcome, got.headers["Location"]) == ((302, ""), to)


@pytest.mark.parametrize(
    "to",
    [
        "https://elsewhere.example/",
        "https://store-other1-1.mybigcommerce.com/",
        "javascript://localhost/",
        "http://localhost\r\nx: y",
        "http://[",
        "https://www.engines.example@elsewhere.example/",
    ],
)
def test_a_session_goes_nowhere_else(shop, to):
    got = shop.get(synced(shop, to)["url"])

    assert got.outcome == (400, "origin.not_allowed")
    assert got.body == b"Invalid session sync token"
    assert got.headers["Content-Type"] == "text/plain; charset=UTF-8"


@pytest.fixture
def changed(shop, sandbox):
    """A session-sync JWT under our key with these claims changed."""
    usual = claims_of(synced(shop)["token"])
    return lambda **changes: ring(sandbox).active.sign({**usual, **changes})


@pytest.mark.parametrize("text", ["", "undefined", "a.b.c"])
def test_a_session_is_not_taken_along_by_what_is_no_jwt(shop, text):
    got = shop.get(f"/session-sync?jwt={text}")

    assert got.outcome == (400, "token.malformed")
    assert got.body == b"Invalid session sync token"


def test_a_session_is_not_taken_along_by_a_jwt_of_others(shop):
    broken = synced(shop)["token"][:-8] + "AAAAAAAA"

    reasons = [shop.get(f"/session-sync?jwt={text}").reason for text in (shop.login_jwt(), broken)]

    assert reasons == ["token.bad_signature"] * 2


def test_a_storefront_token_takes_no_session_along(shop):
    assert shop.get(f"/session-sync?jwt={shop.token()}").outcome == (400, "token.bad_payload")


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("token.bad_payload", {"operation": "x"}),
        ("token.bad_payload", {"eat": "x"}),
        ("token.bad_payload", {"eat": 2**70}),
        ("token.bad_payload", {"session_payload": None}),
        ("token.expired", {"eat": 1}),
        ("store.mismatch", {"sid": 1}),
    ],
)
def test_a_session_sync_jwt_is_refused_for_its_first_fault(shop, changed, reason, changes):
    assert shop.get(f"/session-sync?jwt={changed(**changes)}").outcome == (400, reason)


def test_a_session_sync_jwt_lives_for_30_seconds_and_once(shop, sandbox):
    first, second = synced(shop)["url"], synced(shop)["url"]
    sandbox.clock.advance(timedelta(seconds=29))

    reasons = [shop.get(first).reason, shop.get(first).reason]
    sandbox.clock.advance(timedelta(seconds=1))

    assert reasons == ["", "assertion.replayed"]
    assert shop.get(second).reason == "token.expired"


# The pages.


@pytest.mark.parametrize("path", ["/account.php", "/checkout", "/cart.php", "/login.php"])
def test_pages_say_who_is_logged_in(shop, path):
    session = cookie_header(shop.get(f"/login/token/{shop.login_jwt()}"))

    guests, own = shop.get(path), shop.get(path, headers=session)

    assert (guests.status, customer_of(guests)) == (200, "guest")
    assert (own.status, customer_of(own)) == (200, "21")
    assert own.headers["Content-Type"] == "text/html; charset=UTF-8"


def test_a_link_to_a_cart_leads_to_the_checkout(shop):
    got = shop.get(f"/cart.php?action=loadInCheckout&id={GUEST_CART}&token=x")

    assert (got.status, got.headers["Location"]) == (302, f"{shop.base}/checkout")


def test_the_login_page_logs_out(shop):
    session = cookie_header(shop.get(f"/login/token/{shop.login_jwt()}"))

    got = shop.get("/login.php?action=logout", headers=session)

    assert cookies_of(got) == COOKIES
    assert all("Max-Age=0" in line for line in got.headers.getlist("Set-Cookie"))
    assert customer_of(shop.get("/account.php", headers=session)) == "guest"


def test_a_store_that_is_not_there_has_no_pages(wire, shop):
    got = wire.get("/bigcommerce/_sf/nowhere-1/checkout")

    assert got.outcome == (404, "store.unknown")
    assert got.body == b"Not Found"


def test_an_access_token_can_be_asked_for_beside_the_vendors_calls(wire, sandbox):
    got = wire.post("/_mock/tokens", {"vendor": "bigcommerce", "kind": "customer_access"})

    assert sandbox.tokens.find(got.json["token"]).kind == "customer_access"


def test_access_tokens_can_be_expired_by_their_kind(shop, wire):
    token = shop.access_token()

    changed = wire.post("/_mock/tokens/expire", {"kind": "customer_access"}).json

    assert changed == {"changed": 1}
    assert shop.customer(token).json == {"data": {"customer": None}}
