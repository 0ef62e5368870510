"""The switches of BigCommerce that the door has, each in all its positions."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from mockserver.vendors.bigcommerce.options import BigCommerceOptions
from tests.vendors.bigcommerce_handoff import (
    FAMILIES,
    FOREIGN_ORIGIN,
    JSON,
    PRIVATE,
    SHOP,
    SIMPLE,
    Handoff,
    cors_of,
    decoded,
    headers_of,
    origin,
)

OLD, NEW = "2026-06-30T12:00:00+00:00", "2026-07-01T00:00:00+00:00"


@pytest.fixture
def bigcommerce(wire, sandbox) -> Handoff:
    return Handoff(wire, sandbox)


@pytest.mark.parametrize(
    ("guard", "outcome", "findings"),
    [
        ("record", (200, ""), ["browser.secret_exposed"]),
        ("refuse", (403, "browser.secret_exposed"), []),
        ("off", (200, ""), []),
    ],
)
@pytest.mark.parametrize("signal", [origin(), ("Sec-Fetch-Site", "same-origin")])
def test_browser_guard(bigcommerce, choose, guard, outcome, findings, signal):
    choose(BigCommerceOptions, browser_guard=guard)

    got = bigcommerce.rest("GET", "/v2/time", headers=[signal])

    assert (got.outcome, bigcommerce.findings(got), cors_of(got)) == (outcome, findings, {})


@pytest.mark.parametrize(
    ("rule", "minted", "outcome"),
    [
        ("allowed", NEW, (200, "")),
        ("allowed", OLD, (200, "")),
        ("refused", OLD, (403, "server.browser_only_token")),
        ("cutoff", OLD, (200, "")),
        ("cutoff", NEW, (403, "server.browser_only_token")),
    ],
)
def test_storefront_s2s(bigcommerce, choose, sandbox, rule, minted, outcome):
    choose(BigCommerceOptions, storefront_s2s=rule)
    sandbox.clock.set(datetime.fromisoformat(minted), frozen=True)
    token = bigcommerce.token()

    assert bigcommerce.ask(token).outcome == outcome
    assert bigcommerce.ask(token, origin()).status == 200


def test_storefront_s2s_is_about_stencils_tokens_too(bigcommerce, choose, wire):
    token = wire.post("/_mock/tokens", {"vendor": "bigcommerce", "kind": "stencil"}).json["token"]

    before = bigcommerce.ask(token)
    choose(BigCommerceOptions, storefront_s2s="refused")

    assert before.status == 200
    assert bigcommerce.ask(token).reason == "server.browser_only_token"


@pytest.mark.parametrize("most", [1, 2, 5])
def test_max_cors_origins(bigcommerce, choose, most):
    choose(BigCommerceOptions, max_cors_origins=most)

    def minted(count: int) -> int:
        return bigcommerce.mint(allowed_cors_origins=[f"https://{number}.example" for number in range(count)]).status

    assert [minted(most), minted(most + 1)] == [200, 422]
    assert f"greater than {most}" in bigcommerce.mint(allowed_cors_origins=["https://a"] * 9).body.decode()


@pytest.mark.parametrize("family", FAMILIES)
def test_channel_rule_lenient(bigcommerce, choose, family):
    choose(BigCommerceOptions, channel_rule="lenient")

    assert decoded(bigcommerce.token(family, without=["channel_id"]))[1]["cid"] == [1, 2, 3, 4]
    assert bigcommerce.mint(family, channel_ids=[]).status == 422
    assert bigcommerce.mint(family, channel_id=99).status == 422


@pytest.mark.parametrize("delay", [0, 60])
def test_revocation_delay(bigcommerce, choose, sandbox, delay):
    choose(BigCommerceOptions, revocation_delay=timedelta(seconds=delay))
    token = bigcommerce.token()
    bigcommerce.revoke(token)
    (row,) = bigcommerce.listed().json["data"]

    at_once = bigcommerce.ask(token, origin()).status
    sandbox.clock.advance(timedelta(seconds=delay))

    assert (row["is_revoked"], row["revoked_at"]) == (True, bigcommerce.now - delay)
    assert at_once == (401 if delay == 0 else 200)
    assert bigcommerce.ask(token, origin()).status == 401


@pytest.mark.parametrize("family", FAMILIES)
def test_jti_in_token(bigcommerce, choose, family):
    without = decoded(bigcommerce.token(family))[1]
    choose(BigCommerceOptions, jti_in_token=True)
    claims = decoded(bigcommerce.token(family, name="second"))[1]

    (jti,) = [row["jti"] for row in bigcommerce.listed(family).json["data"] if row["name"] == "second"]
    assert ("jti" in without, claims["jti"]) == (False, jti)
    assert list(claims) == sorted(claims)


def test_graphql_403_body(bigcommerce, choose):
    choose(BigCommerceOptions, graphql_403_body="json")

    got = bigcommerce.ask(bigcommerce.token(), origin("http://localhost:3000"))

    assert (got.status, got.json) == (403, {"errors": [{"message": FOREIGN_ORIGIN}]})
    assert headers_of(got) == JSON


def test_rest_quota_of_nothing_refuses_nothing(bigcommerce, choose):
    choose(BigCommerceOptions, rest_quota=0)

    answers = [bigcommerce.rest("GET", "/v2/time") for _ in range(160)]

    assert {got.status for got in answers} == {200}
    assert answers[-1].headers["X-Rate-Limit-Requests-Left"] == "0"


def test_rest_quota_is_150(bigcommerce):
    answers = [bigcommerce.rest("GET", "/v2/time").status for _ in range(151)]

    assert (answers.count(200), answers[-1]) == (150, 429)


def test_a_clock_set_back_opens_a_new_window(bigcommerce, choose, sandbox):
    choose(BigCommerceOptions, rest_quota=1)
    bigcommerce.rest("GET", "/v2/time")

    sandbox.clock.advance(timedelta(hours=-1))

    assert [bigcommerce.rest("GET", "/v2/time").status for _ in range(2)] == [200, 429]


@pytest.mark.parametrize("on", [True, False])
def test_cors_on_errors(bigcommerce, choose, on):
    choose(BigCommerceOptions, cors_on_errors=on)

    got = bigcommerce.ask("undefined", origin())

    assert ("Access-Control-Allow-Origin" in cors_of(got)) == on


@pytest.mark.parametrize("delivery", ["by_context", "cookie_only"])
def test_options_of_shoppers_leave_the_door_alone(bigcommerce, choose, delivery):
    choose(BigCommerceOptions, cat_delivery=delivery, cors_origins=("https://elsewhere.example",))

    assert bigcommerce.ask(bigcommerce.token(PRIVATE)).status == 200
    assert cors_of(bigcommerce.ask(bigcommerce.token(SIMPLE), origin()))["Access-Control-Allow-Origin"] == SHOP


def test_the_time_and_the_store(bigcommerce):
    time, store = (bigcommerce.rest("GET", f"/v2/{name}") for name in ("time", "store"))

    assert time.body.decode() == f'{{"time":{bigcommerce.now}}}'
    assert store.json == {
        "id": "demostore",
        "domain": "shop.demostore.example",
        "secure_url": "http://localhost/bigcommerce/_sf/demostore-1",
    }
