"""Which page may read what of `/graphql`, and what makes a call a browser's: every combination of the sheet."""

from __future__ import annotations

from datetime import datetime
from itertools import product

import pytest

from mockserver.core.rules import Rule, Then
from mockserver.vendors.bigcommerce.options import BigCommerceOptions
from tests.vendors.bigcommerce_handoff import (
    FAMILIES,
    IMPERSONATION,
    PRIVATE,
    SHOP,
    SIMPLE,
    Handoff,
    cors_of,
    origin,
    readable,
)

FOREIGN = "http://localhost:3000"
SITE = ("Sec-Fetch-Site", "cross-site")
MODE = ("Sec-Fetch-Mode", "cors")
COOKIES = [
    "SHOP_TOKEN=x",
    "shop_session_token=x",
    "a=b; __Host-SHOP_SESSION_ROTATION_TOKEN=x",
    "__HOST-shop_token=",
]


@pytest.fixture
def bigcommerce(wire, sandbox) -> Handoff:
    return Handoff(wire, sandbox)


def expected(family: str, rule: str, *, cookie: bool, site: bool, page: str | None) -> tuple[int, str]:
    """What the sheet says of a call, in its own words; the mode counts for nothing."""
    if family == SIMPLE:
        if page is not None:
            return (200, "") if page == SHOP else (403, "origin.not_allowed")
        # After the cut-off, only what comes from no server may use it without an Origin.
        return (200, "") if cookie or site else (403, "server.browser_only_token")
    is_browser = {
        "cookie": cookie,
        "cookie_or_site": cookie or site,
        "strict": cookie or site or page is not None,
    }[rule]
    return (403, "browser.server_only_token") if is_browser else (200, "")


@pytest.mark.parametrize("rule", ["cookie", "cookie_or_site", "strict"])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_combination_of_signals(bigcommerce, choose, sandbox, family, rule):
    choose(BigCommerceOptions, browser_rule=rule)
    sandbox.clock.set(datetime.fromisoformat("2026-07-01T00:00:00+00:00"), frozen=True)
    token = bigcommerce.token(family)
    pages = (None, SHOP, FOREIGN)

    for cookie, site, mode, page in product((False, True), (False, True), (False, True), pages):
        headers = [
            *([("Cookie", COOKIES[0])] if cookie else []),
            *([SITE] if site else []),
            *([MODE] if mode else []),
            *([origin(page)] if page else []),
        ]
        got = bigcommerce.ask(token, *headers)

        wanted = expected(family, rule, cookie=cookie, site=site, page=page)
        assert got.outcome == wanted, headers
        listed = family == SIMPLE and page == SHOP
        assert cors_of(got) == (readable(SHOP) if listed else {}), headers


@pytest.mark.parametrize("cookie", COOKIES)
def test_a_cookie_counts_by_its_name_in_any_case(bigcommerce, cookie):
    assert bigcommerce.ask(bigcommerce.token(PRIVATE), ("Cookie", cookie)).reason == "browser.server_only_token"


@pytest.mark.parametrize("cookie", ["MY_SHOP_TOKEN=x", "SHOP=SHOP_TOKEN", "__Secure-SHOP_TOKEN=x", ";;="])
def test_other_cookies_do_not(bigcommerce, cookie):
    assert bigcommerce.ask(bigcommerce.token(PRIVATE), ("Cookie", cookie)).status == 200


def test_what_made_it_a_browsers_is_in_the_journal(bigcommerce):
    got = bigcommerce.ask(bigcommerce.token(PRIVATE), ("Cookie", "SHOP_TOKEN=secret"), SITE)

    check = bigcommerce.journalled(got).checks[-1]
    assert (check.reason, check.passed) == ("browser.server_only_token", False)
    assert check.seen == {"Cookie": "SHOP_TOKEN", "Sec-Fetch-Site": "cross-site"}


def test_which_origin_was_held_against_which_list_is_in_the_journal(bigcommerce):
    got = bigcommerce.ask(bigcommerce.token(), origin(FOREIGN))

    exchange = bigcommerce.journalled(got)
    assert (exchange.checks[-1].seen, exchange.checks[-1].wanted) == (FOREIGN, [SHOP])
    assert exchange.admission is not None
    assert exchange.admission.why == "it was refused"


@pytest.mark.parametrize("page", [SHOP, FOREIGN, "null"])
def test_a_401_can_be_read_by_any_page(bigcommerce, page):
    assert cors_of(bigcommerce.ask("undefined", origin(page))) == readable(page)
    assert cors_of(bigcommerce.ask("undefined")) == {}


@pytest.mark.parametrize("reason", ["rate.limited", "request.malformed"])
def test_a_refused_query_can_be_read_by_a_page_of_the_tokens_list(bigcommerce, sandbox, reason):
    tokens = {family: bigcommerce.token(family) for family in FAMILIES}
    sandbox.rules.add(Rule(then=Then(refuse=reason)))

    answers = [bigcommerce.ask(tokens[family], origin(page)) for family in FAMILIES for page in (SHOP, FOREIGN)]

    assert {got.status for got in answers} == {429 if reason == "rate.limited" else 400}
    assert [cors_of(got) for got in answers] == [readable(SHOP), {}, {}, {}, {}, {}]


@pytest.mark.parametrize("family", [PRIVATE, IMPERSONATION])
def test_what_a_servers_token_opens_no_page_reads(bigcommerce, family):
    got = bigcommerce.ask(bigcommerce.token(family), origin())

    assert (got.status, cors_of(got)) == (200, {})


@pytest.mark.parametrize("family", FAMILIES)
def test_a_403_is_shown_where_an_option_says_so(bigcommerce, choose, family):
    choose(BigCommerceOptions, refused_origin_cors_headers="echo", browser_rule="strict")

    got = bigcommerce.ask(bigcommerce.token(family), origin(FOREIGN))

    assert (got.status, cors_of(got)) == (403, readable(FOREIGN))


class TestPreflights:
    def test_headers_that_nobody_asked_for(self, bigcommerce):
        got = bigcommerce.ask(None, origin(), method="OPTIONS")

        assert (got.status, got.body, got.headers.get("Access-Control-Allow-Headers")) == (
            200,
            b"",
            "authorization, content-type",
        )

    @pytest.mark.parametrize("absent", ["Access-Control-Max-Age", "Access-Control-Expose-Headers", "Content-Type"])
    def test_what_it_does_not_say(self, bigcommerce, absent):
        got = bigcommerce.ask(None, origin(), ("Access-Control-Request-Method", "POST"), method="OPTIONS")

        assert absent not in [name for name, _ in got.headers]

    def test_an_options_of_no_page(self, bigcommerce):
        got = bigcommerce.ask(None, method="OPTIONS")

        assert (got.status, got.body, cors_of(got)) == (200, b"", {})

    def test_at_a_storefronts_own_host(self, wire):
        fields = {"Origin": SHOP, "Access-Control-Request-Method": "POST"}

        got = wire("OPTIONS", "/graphql", headers=fields, base_url="https://store-demostore-2.mybigcommerce.com")

        assert (got.status, got.headers["Access-Control-Allow-Origin"]) == (200, SHOP)
