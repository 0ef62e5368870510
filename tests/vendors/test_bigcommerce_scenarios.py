"""The acceptance scenarios 1 to 30 of BigCommerce's sheet, each under its number; 27 takes a browser."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from mockserver.core import jws
from mockserver.core.entropy import Entropy
from mockserver.core.keys import Hs256Key, SigningKey
from mockserver.vendors.bigcommerce.options import BigCommerceOptions
from mockserver.vendors.bigcommerce.records import BigCommerceRecords
from tests.vendors.bigcommerce_handoff import (
    CLIENT_ID,
    DEMO,
    FAMILIES,
    FOREIGN_ORIGIN,
    HEADER,
    IMPERSONATION,
    LOGIN_ONLY,
    NOT_FOUND_PAGE,
    OTHER,
    PRIVATE,
    RULE,
    SECOND,
    SHOP,
    SID,
    SIMPLE,
    STOREFRONT_ONLY,
    Handoff,
    cors_of,
    decoded,
    origin,
    problem,
    told,
)

SECOND_ = timedelta(seconds=1)


@pytest.fixture
def bigcommerce(wire, sandbox) -> Handoff:
    return Handoff(wire, sandbox)


@pytest.fixture
def at(sandbox):
    """Let it be this instant, and stay so."""
    return lambda text: sandbox.clock.set(datetime.fromisoformat(text), frozen=True)


def test_scenario_01_a_storefront_token_is_minted_to_the_byte(bigcommerce):
    got = bigcommerce.mint()

    token = got.json["data"]["token"]
    header, claims = decoded(token)
    assert got.body == f'{{"data":{{"token":"{token}"}},"meta":{{}}}}'.encode()
    assert token.split(".")[0] == HEADER
    assert header == {"typ": "JWT", "alg": "ES256"}
    assert list(claims.items()) == [
        ("cid", [1]),
        ("cors", [SHOP]),
        ("eat", bigcommerce.now + 3600),
        ("iat", bigcommerce.now),
        ("iss", "BC"),
        ("sid", SID),
        ("sub", CLIENT_ID),
        ("sub_type", 2),
        ("token_type", 1),
    ]


@pytest.mark.parametrize(("family", "number"), [(SIMPLE, 1), (IMPERSONATION, 2), (PRIVATE, 3)])
def test_scenario_01_every_family_has_its_type(bigcommerce, family, number):
    _, claims = decoded(bigcommerce.token(family))

    assert claims["token_type"] == number
    assert claims["cors"] == ([SHOP] if family == SIMPLE else [])
    assert claims.get("scopes") == (["Unauthenticated"] if family == PRIVATE else None)


def test_scenario_02_a_token_counts_at_every_channel_that_it_was_minted_for(bigcommerce):
    token = bigcommerce.token(channel_ids=[1, 2])

    hosts = ["store-demostore.mybigcommerce.com", "store-demostore-1.localhost:8443", "STORE-demostore-2.localhost"]
    answers = [bigcommerce.ask_host(host, token, origin()) for host in hosts]

    assert decoded(token)[1]["cid"] == [1, 2]
    assert [got.outcome for got in answers] == [(200, "")] * 3
    assert [bigcommerce.ask(token, origin(), place=f"demostore-{channel}").status for channel in (1, 2)] == [200, 200]


def test_scenario_02_a_host_name_of_the_stores_own_is_its_first_channel(bigcommerce):
    token = bigcommerce.token()

    got = bigcommerce.ask_host("shop.demostore.example", token, origin())

    assert got.json == {"data": {"site": {"settings": {"storeName": "Demo Store"}}}}


def test_scenario_03_a_slash_after_an_origin_is_refused(bigcommerce):
    key = "allowed_cors_origins:has_invalid_suffix"
    text = (
        "A supplied origin has a trailing slash or other special character following the end of the domain. "
        "Please remove any trailing characters in supplied origins."
    )

    got = bigcommerce.mint(allowed_cors_origins=["https://shop.example/"])

    assert got.body.decode() == problem(422, RULE + key, {key: text})


def test_scenario_04_two_origins_are_the_most(bigcommerce, choose):
    key = "allowed_cors_origins:invalid_length"
    origins = [f"https://{name}.example" for name in "abc"]

    refused = bigcommerce.mint(allowed_cors_origins=origins)
    choose(BigCommerceOptions, max_cors_origins=3)

    text = "Allowed CORS origins list length should not be greater than 2"
    assert refused.body.decode() == problem(422, RULE + key, {key: text})
    assert bigcommerce.mint(allowed_cors_origins=origins).status == 200


@pytest.mark.parametrize("wildcard", ["https://*.shop.example", "*"])
def test_scenario_05_no_origin_is_a_wildcard(bigcommerce, wildcard):
    key = "allowed_cors_origins:has_wildcard"

    got = bigcommerce.mint(allowed_cors_origins=[wildcard])

    assert got.body.decode() == problem(422, RULE + key, {key: "A supplied origin is not valid."})


def test_scenario_06_a_token_without_origins_is_for_no_page(bigcommerce):
    minted = bigcommerce.mint(without=["allowed_cors_origins"])
    token = minted.json["data"]["token"]

    assert decoded(token)[1]["cors"] == []
    assert bigcommerce.ask(token, origin()).outcome == (403, "origin.not_allowed")
    assert bigcommerce.findings(minted) == ["origin.not_allowed"]


@pytest.mark.parametrize("expires_at", [1_893_456_000_000, "1893456000", 1_000_000_000, 0])
def test_scenario_07_a_time_is_in_seconds_and_ahead(bigcommerce, expires_at):
    assert bigcommerce.mint(expires_at=expires_at).outcome == (422, "request.invalid")


def test_scenario_08_exactly_one_of_the_channel_fields(bigcommerce, choose):
    neither, both = {"without": ["channel_id"]}, {"channel_id": 1, "channel_ids": [2]}

    refused = [bigcommerce.mint(**changes).status for changes in (neither, both)]
    choose(BigCommerceOptions, channel_rule="lenient")
    tokens = [bigcommerce.token(**changes) for changes in (neither, both)]

    assert refused == [422, 422]
    assert [decoded(token)[1]["cid"] for token in tokens] == [[1, 2, 3, 4], [2]]


def test_scenario_09_the_access_token_decides_and_the_client_header_does_not(bigcommerce):
    assert [bigcommerce.mint(token=sent).outcome for sent in (None, "wrong", OTHER)] == [
        (401, "credential.missing"),
        (401, "credential.unknown"),
        (401, "credential.unknown"),
    ]
    extra = [("X-Auth-Client", "wrong")]
    assert bigcommerce.rest("POST", "/v3/storefront/api-token", bigcommerce.request(), headers=extra).status == 200


def test_scenario_10_scopes_are_each_for_themselves(bigcommerce):
    title = "You don't have a required scope to access the endpoint"

    assert bigcommerce.mint(token=LOGIN_ONLY).body.decode() == problem(403, title)
    assert bigcommerce.mint(token=STOREFRONT_ONLY).status == 200
    assert bigcommerce.mint(IMPERSONATION, token=STOREFRONT_ONLY).outcome == (403, "scope.insufficient")


@pytest.mark.parametrize("changes", [{"without": ["scopes"]}, {"scopes": []}, {"scopes": ["customer"]}])
def test_scenario_11_a_private_token_needs_scopes_to_the_letter(bigcommerce, changes):
    assert bigcommerce.mint(PRIVATE, **changes).outcome == (422, "request.invalid")


def test_scenario_11_scopes_are_not_repeated(bigcommerce):
    token = bigcommerce.token(PRIVATE, scopes=["B2B", "Customer", "B2B"])

    assert decoded(token)[1]["scopes"] == ["B2B", "Customer"]


def test_scenario_12_an_unknown_store_is_a_page(bigcommerce):
    got = bigcommerce.rest("POST", "/v3/storefront/api-token", {}, store="nosuchstore")

    assert got.outcome == (404, "store.unknown")
    assert (got.headers["Content-Type"], got.body.decode()) == ("text/html", NOT_FOUND_PAGE)


def test_scenario_13_the_rest_api_knows_no_pages(bigcommerce):
    path = "/bigcommerce/stores/demostore/v3/storefront/api-token"
    asked = {"Origin": SHOP, "Access-Control-Request-Method": "POST"}

    minted = bigcommerce.rest("POST", "/v3/storefront/api-token", bigcommerce.request(), headers=[origin()])
    preflights = [bigcommerce.wire("OPTIONS", path, headers=fields) for fields in (asked, {"Origin": SHOP}, {})]

    assert (minted.status, cors_of(minted)) == (200, {})
    assert bigcommerce.findings(minted) == ["browser.secret_exposed"]
    assert [(got.outcome, cors_of(got)) for got in preflights] == [((405, "method.not_allowed"), {})] * 3


def test_scenario_14_the_call_after_the_quota_is_refused_until_the_window_is_over(bigcommerce, choose, sandbox):
    choose(BigCommerceOptions, rest_quota=3)

    answers = [bigcommerce.mint() for _ in range(4)]
    sandbox.clock.advance(timedelta(seconds=29))
    late = bigcommerce.mint()
    sandbox.clock.advance(SECOND_)

    assert [got.status for got in answers] == [200, 200, 200, 429]
    left = [got.headers["X-Rate-Limit-Requests-Left"] for got in answers]
    assert left == ["2", "1", "0", "0"]
    rates = {name: value for name, value in answers[3].headers if name.startswith(("X-Rate", "X-Retry"))}
    assert rates == {
        "X-Rate-Limit-Time-Window-Ms": "30000",
        "X-Rate-Limit-Time-Reset-Ms": "30000",
        "X-Rate-Limit-Requests-Quota": "3",
        "X-Rate-Limit-Requests-Left": "0",
        "X-Retry-After": "30",
    }
    assert (late.status, late.headers["X-Retry-After"]) == (429, "1")
    assert bigcommerce.mint().status == 200


def test_scenario_14_each_account_has_a_quota_of_its_own(bigcommerce, choose):
    choose(BigCommerceOptions, rest_quota=1)

    assert [bigcommerce.mint(token=account).status for account in (DEMO, SECOND, DEMO)] == [200, 200, 429]


def test_scenario_15_a_revoked_token_is_unknown(bigcommerce):
    token = bigcommerce.token()

    revoked = bigcommerce.revoke(token, account=SECOND)
    got = bigcommerce.ask(token, origin())

    assert (revoked.status, revoked.body) == (200, b"{}")
    assert (got.outcome, got.body.decode()) == ((401, "token.revoked"), told("Unknown JWT token"))
    assert (bigcommerce.revoke(token).status, bigcommerce.revoke(token).body) == (200, b"{}")


def test_scenario_16_a_revocation_takes_its_time(bigcommerce, choose, sandbox):
    choose(BigCommerceOptions, revocation_delay=timedelta(seconds=60))
    token = bigcommerce.token()

    bigcommerce.revoke(token)
    sandbox.clock.advance(timedelta(seconds=59))
    before = bigcommerce.ask(token, origin())
    sandbox.clock.advance(SECOND_)

    assert before.status == 200
    assert bigcommerce.ask(token, origin()).outcome == (401, "token.revoked")


def test_scenario_17_what_an_account_revokes_is_its_own(bigcommerce):
    own = {family: bigcommerce.token(family) for family in FAMILIES}
    others = bigcommerce.token(PRIVATE, account=SECOND)
    jti = bigcommerce.listed(PRIVATE).json["data"][0]["jti"]

    foreign = bigcommerce.rest("DELETE", f"/v3/storefront/{PRIVATE}/{jti}", token=SECOND)
    revoked = bigcommerce.rest("POST", f"/v3/storefront/{PRIVATE}/revoke-all")

    assert foreign.outcome == (404, "token.unknown")
    assert (revoked.status, revoked.body) == (204, b"")
    assert bigcommerce.ask(own[PRIVATE]).reason == "token.revoked"
    assert [bigcommerce.ask(token).status for token in (own[IMPERSONATION], others)] == [200, 200]
    assert bigcommerce.ask(own[SIMPLE], origin()).status == 200


def test_scenario_18_without_a_token_there_is_no_data(bigcommerce):
    got = bigcommerce.ask(None)

    assert (got.status, got.json) == (
        401,
        {"errors": [{"message": "GraphQL credentials were missing. No token was sent."}]},
    )


@pytest.mark.parametrize("text", ["undefined", DEMO])
def test_scenario_19_what_is_no_jwt_is_told_so(bigcommerce, text):
    got = bigcommerce.ask(text)

    assert (got.status, got.json["errors"][0]["message"]) == (
        401,
        "GraphQL invalid credentials. String is not a JWT",
    )
    assert DEMO not in str(bigcommerce.journalled(got).carried)


@pytest.mark.parametrize("before", [" ", "  ", "\t ", " \t  "])
def test_scenario_20_any_run_of_blanks_before_a_token(bigcommerce, before):
    token = bigcommerce.token()
    fields = [("Authorization", f"bEARER{before}{token}"), origin()]

    assert bigcommerce.ask(None, *fields).status == 200


def _tampered(token: str) -> str:
    head, payload, signature = token.split(".")
    return f"{head}.{payload[:-4]}AAAA.{signature}"


@pytest.mark.parametrize(
    "spoil",
    [
        _tampered,
        lambda token: token[:-4] + "abcd",
        lambda token: token[:-1] + "z",
        lambda token: SigningKey.draw_unnamed(Entropy("foreign")).sign(decoded(token)[1]),
        lambda token: Hs256Key.draw(Entropy("foreign")).sign(decoded(token)[1]),
        lambda token: f"{jws.encoded_header(alg='none')}.{token.split('.')[1]}.",
    ],
    ids=["payload", "end of the signature", "last character", "foreign key", "HS256", "none"],
)
def test_scenario_21_what_our_key_did_not_sign_is_refused(bigcommerce, spoil):
    got = bigcommerce.ask(spoil(bigcommerce.token()), origin())

    assert got.outcome == (401, "token.bad_signature")
    assert got.body.decode() == told("GraphQL invalid credentials. JWT signature is invalid")


def test_scenario_22_a_token_dies_at_its_eat(bigcommerce, sandbox):
    token = bigcommerce.token()

    sandbox.clock.advance(timedelta(seconds=3599))
    before = bigcommerce.ask(token, origin())
    sandbox.clock.advance(SECOND_)
    after = bigcommerce.ask(token, origin())

    assert before.status == 200
    assert (after.outcome, after.body.decode()) == (
        (401, "token.expired"),
        told("GraphQL invalid credentials. JWT is expired"),
    )


def test_scenario_23_a_token_is_for_its_channels_and_its_store(bigcommerce):
    channel, store = bigcommerce.token(channel_id=2), bigcommerce.token()

    assert bigcommerce.ask(channel, origin()).body.decode() == told(
        "GraphQL invalid credentials. JWT channel id doesn't match channel id of the URL"
    )
    assert bigcommerce.ask(store, origin(), place="otherstore-1").body.decode() == told(
        "GraphQL invalid credentials. JWT store id doesn't match store id of the URL"
    )


def test_scenario_24_a_page_of_a_listed_origin_reads_the_answer(bigcommerce):
    got = bigcommerce.ask(bigcommerce.token(), origin())

    assert got.status == 200
    assert cors_of(got) == {
        "Access-Control-Allow-Origin": SHOP,
        "Access-Control-Allow-Credentials": "true",
        "Vary": "Origin",
    }


def test_scenario_25_a_page_of_another_origin_is_refused_and_cannot_read_why(bigcommerce, choose):
    token, other = bigcommerce.token(), "http://localhost:3000"

    refused = bigcommerce.ask(token, origin(other))
    choose(BigCommerceOptions, refused_origin_cors_headers="echo")
    shown = bigcommerce.ask(token, origin(other))

    assert (refused.outcome, refused.body.decode()) == ((403, "origin.not_allowed"), FOREIGN_ORIGIN)
    assert (cors_of(refused), shown.status) == ({}, 403)
    assert cors_of(shown)["Access-Control-Allow-Origin"] == other


@pytest.mark.parametrize("page", [SHOP, "http://localhost:3000", "null"])
def test_scenario_26_a_preflight_passes_from_anywhere(bigcommerce, page):
    asked = [("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,x-own")]

    got = bigcommerce.ask(None, origin(page), *asked, method="OPTIONS")

    assert (got.status, got.body) == (200, b"")
    assert cors_of(got) == {
        "Access-Control-Allow-Origin": page,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "POST, OPTIONS",
        "Access-Control-Allow-Headers": "authorization,x-own",
        "Vary": "Origin",
    }


def test_scenario_28_a_shoppers_cookie_makes_a_call_a_browsers(bigcommerce):
    token = bigcommerce.token(IMPERSONATION)

    assert bigcommerce.ask(token, ("Cookie", "SHOP_TOKEN=x")).outcome == (403, "browser.server_only_token")
    assert bigcommerce.ask(token, ("Cookie", "other=x; SHOP=y")).status == 200
    assert bigcommerce.ask(token).status == 200


def test_scenario_29_a_private_token_is_a_servers(bigcommerce, choose):
    token = bigcommerce.token(PRIVATE)
    signals = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "cors"), origin()]

    usual = [bigcommerce.ask(token, signal).status for signal in signals]
    choose(BigCommerceOptions, browser_rule="strict")

    assert usual == [403, 200, 200]
    assert [bigcommerce.ask(token, signal).status for signal in signals] == [403, 200, 403]


def test_scenario_30_storefront_tokens_leave_servers_by_the_documented_dates(bigcommerce, at, sandbox):
    never = {"expires_at": 2147483647}
    at("2026-06-30T23:59:59+00:00")
    old = bigcommerce.token(**never)
    tokens_at_once = bigcommerce.ask(old)
    sandbox.clock.advance(SECOND_)
    new = bigcommerce.token(**never)

    refused_at_once = bigcommerce.ask(new)
    at("2027-03-31T23:59:59+00:00")
    last = bigcommerce.ask(old)
    sandbox.clock.advance(SECOND_)
    after = bigcommerce.ask(old)

    assert (tokens_at_once.status, last.status) == (200, 200)
    assert bigcommerce.findings(last) == ["server.browser_only_token"]
    assert [got.outcome for got in (refused_at_once, after)] == [(403, "server.browser_only_token")] * 2
    assert [bigcommerce.ask(token, origin()).status for token in (old, new)] == [200, 200]


def test_a_token_survives_a_restart_with_the_same_key(bigcommerce, emulator):
    sandbox = emulator.sandboxes.create("again")
    there = Handoff(bigcommerce.wire, sandbox)
    path = "/~again/bigcommerce"
    body = {"channel_id": 1, "expires_at": there.now + 3600, "scopes": ["Customer"]}
    minted = there.wire.post(
        f"{path}/stores/demostore/v3/storefront/api-token-private", body, headers={"X-Auth-Token": DEMO}
    )
    token = minted.json["data"]["token"]

    emulator.sandboxes.reset("again")
    got = there.wire.post(f"{path}/_sf/demostore-1/graphql", {"query": "{ __typename }"}, bearer=token)

    assert (got.status, len(emulator.sandboxes.find("again").tokens)) == (200, 0)


def test_a_sandbox_of_its_own_is_found_by_its_store(wire, emulator):
    made = wire.post("/_mock/sandboxes", {"name": "mine"}).json["credentials"]["bigcommerce"]
    records = emulator.sandboxes.find("mine").get(BigCommerceRecords)
    hash_, secret = made["BIGCOMMERCE_STORE_HASH"], made["BIGCOMMERCE_ACCESS_TOKEN"]

    time = wire.get(f"/stores/{hash_}/v2/time", headers={"X-Auth-Token": secret})
    preflight = wire(
        "OPTIONS",
        "/graphql",
        headers={"Origin": SHOP, "Access-Control-Request-Method": "POST"},
        base_url=f"http://store-{hash_}-1.localhost",
    )
    miss = wire.get("/graphql", base_url=f"http://store-{hash_}.localhost")

    assert next(iter(records.stores)) == hash_
    assert time.exchange.startswith("mine-")
    assert preflight.exchange.startswith("mine-")
    assert (miss.status, miss.exchange.partition("-")[0]) == (405, "mine")
    assert secret not in str([exchange.carried for exchange in emulator.sandboxes.find("mine").journal])
