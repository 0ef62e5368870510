"""Every option of Ingrid's sheet, section 6, and of the standards sheet, 7.4, does what it says; records too."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from mockserver.core.keys import thumbprint
from mockserver.vendors.ingrid.options import IngridOptions
from tests.vendors.ingrid_handoff import (
    AUTH,
    FROM_A_PAGE,
    GRANT,
    INSUFFICIENT_SCOPE,
    ORIGIN,
    P403,
    UUID,
    Handoff,
    bearer,
    decoded,
    p_none,
    written,
)

ISSUER = "https://api.ingrid.test/merchant"


@pytest.fixture
def ingrid(wire, sandbox) -> Handoff:
    return Handoff(wire, sandbox)


def test_auth_path_moves_hop_one(ingrid, choose):
    choose(IngridOptions, auth_path="/v2/oauth/token")
    assertion = ingrid.signed(aud=ingrid.base_url + "/v2/oauth/token")

    got = ingrid.auth(assertion, path="/v2/oauth/token")

    assert got.outcome == (200, "")


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_auth_path_leaves_nothing_where_hop_one_was(ingrid, choose, method):
    choose(IngridOptions, auth_path="/v2/oauth/token")

    got = ingrid.call(AUTH, {"grantType": GRANT, "assertion": ingrid.signed()}, method=method)

    assert got.outcome == (404, "route.not_found")
    assert written(got) == p_none(404)


def test_a_moved_auth_path_still_has_one_method(ingrid, choose):
    choose(IngridOptions, auth_path="/v2/oauth/token")

    got = ingrid.call("/v2/oauth/token", method="GET")

    assert got.outcome == (405, "method.not_allowed")
    assert got.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    ("audience", "accepted"),
    [
        (("request",), {"called": True, "first": False, "second": False}),
        (("https://first.test/t",), {"called": False, "first": True, "second": False}),
        (("https://first.test/t", "https://second.test/t"), {"called": False, "first": True, "second": True}),
        (("request", "https://second.test/t"), {"called": True, "first": False, "second": True}),
    ],
    ids=["request", "one-url", "two-urls", "request-and-url"],
)
def test_audience_lists_what_an_assertion_may_be_meant_for(ingrid, choose, audience, accepted):
    choose(IngridOptions, audience=audience)
    urls = {"called": ingrid.auth_url, "first": "https://first.test/t", "second": "https://second.test/t"}

    answers = {name: ingrid.auth(ingrid.signed(aud=url)) for name, url in urls.items()}

    assert {name: got.status == 200 for name, got in answers.items()} == accepted
    refused = {got.reason for got in answers.values() if got.status != 200}
    assert refused == {"assertion.wrong_audience"}


@pytest.mark.parametrize("base_url", ["http://mock:8080", "https://localhost", "http://localhost:8081"])
def test_the_audience_request_is_scheme_host_port_and_path_without_query(ingrid, base_url):
    assertion = ingrid.signed(aud=f"{base_url}/ingrid/v1/auth/token")
    body = {"grantType": GRANT, "assertion": assertion}

    got = ingrid.wire.post("/ingrid/v1/auth/token?trace=1", body, base_url=base_url)

    assert got.outcome == (200, "")


def test_token_format_jwt_has_the_claims_of_a_service_token_in_order(ingrid):
    token = ingrid.service_token()

    header, claims = decoded(token)

    jwk = ingrid.sandbox.keyring("ingrid").active.verifying.public_jwk()
    assert list(header.items()) == [("alg", "ES256"), ("typ", "JWT"), ("kid", thumbprint(jwk))]
    assert UUID.fullmatch(claims["jti"])
    assert list(claims.items()) == [
        ("iss", ingrid.base_url),
        ("sub", "sa_demo"),
        ("aud", ingrid.base_url),
        ("iat", ingrid.now),
        ("exp", ingrid.now + 3600),
        ("jti", claims["jti"]),
        ("tokenUse", "service"),
    ]


@pytest.mark.parametrize(
    ("reference", "last"), [({}, []), ({"externalRef": "order-1"}, [("externalRef", "order-1")])], ids=["none", "sent"]
)
def test_token_format_jwt_has_the_claims_of_a_site_token_in_order(ingrid, reference, last):
    token = ingrid.site_token(**reference)

    header, claims = decoded(token)

    assert (header["alg"], header["typ"]) == ("ES256", "JWT")
    assert list(claims.items()) == [
        ("iss", ingrid.base_url),
        ("sub", "sa_demo"),
        ("aud", ingrid.base_url),
        ("iat", ingrid.now),
        ("exp", ingrid.now + 300),
        ("jti", claims["jti"]),
        ("tokenUse", "site"),
        ("siteId", "site_demo"),
        ("scopes", ["view"]),
        *last,
    ]


def test_token_format_opaque_tells_the_kind_and_nothing_else(ingrid, choose):
    choose(IngridOptions, token_format="opaque")

    tokens = [ingrid.service_token(), ingrid.site_token()]

    assert re.fullmatch(r"sat_[A-Za-z0-9_-]{43}", tokens[0])
    assert re.fullmatch(r"sit_[A-Za-z0-9_-]{43}", tokens[1])


@pytest.mark.parametrize("token_format", ["jwt", "opaque"])
def test_several_live_tokens_of_one_site_are_fine(ingrid, choose, token_format):
    choose(IngridOptions, token_format=token_format)

    tokens = [ingrid.site_token() for _ in range(3)]

    assert len(set(tokens)) == 3
    assert [ingrid.use(token).status for token in tokens] == [200] * 3


@pytest.mark.parametrize("status", [200, 201])
def test_mint_status_is_the_status_of_hop_two_only(ingrid, choose, status):
    choose(IngridOptions, mint_status=status)
    authenticated = ingrid.auth(ingrid.signed())

    got = ingrid.mint(authenticated.json["accessToken"])

    assert (authenticated.status, got.status) == (200, status)
    assert got.json["expiresIn"] == 300


def test_replay_always_makes_every_assertion_single_use(ingrid, choose):
    choose(IngridOptions, replay="always")
    assertion = ingrid.signed()

    answers = [ingrid.auth(assertion), ingrid.auth(assertion), ingrid.auth(ingrid.signed(iat=ingrid.now - 1))]

    assert [got.outcome for got in answers] == [(200, ""), (401, "assertion.replayed"), (200, "")]


def test_replay_off_lets_a_jti_return(ingrid, choose):
    choose(IngridOptions, replay="off")
    assertion = ingrid.signed(jti="only-once")

    answers = [ingrid.auth(assertion) for _ in range(2)]

    assert [got.outcome for got in answers] == [(200, ""), (200, "")]


@pytest.mark.parametrize(
    ("later", "outcome"),
    [(64, (401, "assertion.replayed")), (65, (200, ""))],
    ids=["before-exp-and-leeway", "after"],
)
def test_a_jti_is_remembered_until_its_expiry_and_the_leeway(ingrid, later, outcome):
    ingrid.auth(ingrid.signed(jti="only-once"))
    ingrid.sandbox.clock.advance(timedelta(seconds=later))

    got = ingrid.auth(ingrid.signed(jti="only-once"))

    assert got.outcome == outcome


def test_a_refused_assertion_does_not_use_up_its_jti(ingrid):
    refused = ingrid.auth(ingrid.signed("sa_edit", jti="only-once"))

    got = ingrid.auth(ingrid.signed(jti="only-once"))

    assert [refused.outcome, got.outcome] == [(401, "assertion.bad_signature"), (200, "")]


@pytest.mark.parametrize(
    ("guard", "outcome", "findings"),
    [
        ("refuse", (403, "browser.secret_exposed"), []),
        ("record", (200, ""), ["browser.secret_exposed"]),
        ("off", (200, ""), []),
    ],
)
@pytest.mark.parametrize("signal", [("Origin", "null"), ("Sec-Fetch-Site", "none")], ids=["origin", "sec-fetch-site"])
@pytest.mark.parametrize("hop", ["auth", "mint"])
def test_browser_guard_decides_about_mint_calls_of_pages(ingrid, choose, hop, signal, guard, outcome, findings):
    choose(IngridOptions, browser_guard=guard)
    credential = {"auth": ingrid.signed, "mint": ingrid.service_token}[hop]()

    got = getattr(ingrid, hop)(credential, headers=[signal])

    assert got.outcome == outcome
    assert ingrid.findings(got) == findings


@pytest.mark.parametrize(
    ("guard", "reason", "findings"),
    [
        ("refuse", "browser.server_only_token", []),
        ("record", "token.wrong_kind", ["browser.server_only_token"]),
        ("off", "token.wrong_kind", []),
    ],
)
def test_browser_guard_decides_about_service_tokens_in_pages(ingrid, choose, guard, reason, findings):
    choose(IngridOptions, browser_guard=guard)
    service_token = ingrid.service_token()

    got = ingrid.use(service_token, headers=FROM_A_PAGE)

    assert got.outcome == (403, reason)
    assert ingrid.findings(got) == findings


@pytest.mark.parametrize("name", ["Sec-Fetch-Mode", "Sec-Fetch-Dest", "User-Agent", "Referer", "Cookie"])
def test_nothing_else_makes_a_caller_a_browser(ingrid, name):
    got = ingrid.auth(ingrid.signed(), headers=[(name, "http://localhost:3000/ Mozilla/5.0")])

    assert got.outcome == (200, "")


def test_the_browser_guard_says_what_to_stop_forwarding(ingrid):
    got = ingrid.auth(ingrid.signed(), headers=FROM_A_PAGE)

    assert ingrid.hint(got) == "Origin/Sec-Fetch-Site present: stop forwarding browser headers"


def test_cors_origins_lists_who_may_read(ingrid, choose):
    choose(IngridOptions, cors_origins=(ORIGIN,))
    site_token = ingrid.site_token()

    listed = ingrid.use(site_token, headers=FROM_A_PAGE)
    other = ingrid.use(site_token, headers=[("Origin", "http://localhost:3001")])

    assert listed.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Origin" not in other.headers


def test_an_origin_that_is_not_listed_is_answered_and_found(ingrid, choose):
    choose(IngridOptions, cors_origins=(ORIGIN,))
    site_token = ingrid.site_token()

    got = ingrid.use(site_token, headers=[("Origin", "http://localhost:3001")])

    assert got.outcome == (200, "")
    assert not [name for name, _ in got.headers if name.startswith("Access-Control-")]
    assert ingrid.findings(got) == ["origin.not_allowed"]


def test_an_origin_that_is_listed_is_no_finding(ingrid, choose):
    choose(IngridOptions, cors_origins=(ORIGIN,))
    site_token = ingrid.site_token()

    got = ingrid.use(site_token, headers=FROM_A_PAGE)

    assert ingrid.findings(got) == []


def test_cors_credentials_names_the_origin_and_allows_them(ingrid, choose):
    choose(IngridOptions, cors_credentials=True)

    got = ingrid.use(ingrid.site_token(), headers=FROM_A_PAGE)

    assert got.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert got.headers["Access-Control-Allow-Credentials"] == "true"


@pytest.mark.parametrize(("on_errors", "readable"), [(True, [True, True]), (False, [True, False])], ids=["on", "off"])
def test_cors_on_errors_off_hides_errors_and_only_them(ingrid, choose, on_errors, readable):
    choose(IngridOptions, cors_on_errors=on_errors)

    answers = [ingrid.use(ingrid.site_token(), headers=FROM_A_PAGE), ingrid.use("null", headers=FROM_A_PAGE)]

    assert [got.status for got in answers] == [200, 401]
    assert ["Access-Control-Allow-Origin" in got.headers for got in answers] == readable


@pytest.mark.parametrize(
    ("expose", "names"), [(True, "X-Trace-Id, WWW-Authenticate"), (False, None)], ids=["on", "off"]
)
def test_cors_expose_off_hides_headers_from_pages(ingrid, choose, expose, names):
    choose(IngridOptions, cors_expose=expose)

    got = ingrid.use(ingrid.site_token(), headers=FROM_A_PAGE)

    assert got.headers["Access-Control-Allow-Origin"] == "*"
    assert got.headers.get("Access-Control-Expose-Headers") == names


@pytest.mark.parametrize("skew", [0, 5, 300])
def test_skew_s_is_the_leeway_on_both_sides(ingrid, choose, skew):
    choose(IngridOptions, skew=timedelta(seconds=skew))
    now = ingrid.now
    assertions = {
        "just alive": ingrid.signed(exp=now - skew + 1, iat=now - 600),
        "expired": ingrid.signed(exp=now - skew, iat=now - 600),
        "just begun": ingrid.signed(nbf=now + skew),
        "not yet": ingrid.signed(nbf=now + skew + 1),
        "just issued": ingrid.signed(iat=now + skew),
        "issued too late": ingrid.signed(iat=now + skew + 1),
    }

    reasons = {name: ingrid.auth(assertion).reason for name, assertion in assertions.items()}

    assert reasons == {
        "just alive": "",
        "expired": "assertion.expired",
        "just begun": "",
        "not yet": "assertion.not_yet_valid",
        "just issued": "",
        "issued too late": "assertion.not_yet_valid",
    }


def test_skew_s_gives_no_leeway_to_tokens_we_issued(ingrid, choose):
    choose(IngridOptions, skew=timedelta(seconds=300))
    site_token = ingrid.site_token(ttlSeconds=1)
    ingrid.sandbox.clock.advance(timedelta(seconds=1))

    got = ingrid.use(site_token)

    assert got.outcome == (401, "token.expired")


def test_base_url_is_the_issuer_and_the_audience_of_tokens(ingrid, choose):
    choose(IngridOptions, base_url=ISSUER)
    assertion = ingrid.signed(aud=ISSUER + AUTH)

    got = ingrid.auth(assertion)

    _, claims = decoded(got.json["accessToken"])
    assert (claims["iss"], claims["aud"]) == (ISSUER, ISSUER)


def test_base_url_replaces_the_url_as_called_as_audience(ingrid, choose):
    choose(IngridOptions, base_url=ISSUER)

    answers = [ingrid.auth(ingrid.signed(aud=audience)) for audience in (ISSUER + AUTH, ingrid.auth_url)]

    assert [got.outcome for got in answers] == [(200, ""), (401, "assertion.wrong_audience")]


def test_a_sites_delivery_body_is_answered_as_it_is(ingrid):
    body = {"z": [1, 2.5, None], "a": {"ü": True}}
    ingrid.change_site(delivery_body=body)

    got = ingrid.use(ingrid.site_token())

    assert got.status == 200
    assert json.dumps(got.json) == json.dumps(body)
    assert got.headers["Content-Type"] == "application/json"


def test_a_placeholder_has_no_reference_where_none_was_sent(ingrid):
    got = ingrid.use(ingrid.site_token())

    assert got.json["externalRef"] is None


def test_a_sites_limits_bound_the_lifetime_of_its_tokens(ingrid):
    ingrid.change_site(ttl_default=timedelta(seconds=30), ttl_max=timedelta(seconds=60))
    service_token = ingrid.service_token()

    answers = [ingrid.mint(service_token), *(ingrid.mint(service_token, ttlSeconds=ttl) for ttl in (60, 61))]

    assert [got.outcome for got in answers] == [(200, ""), (200, ""), (400, "request.invalid")]
    assert [got.json.get("expiresIn") for got in answers] == [30, 60, None]


def test_an_accounts_service_tokens_live_as_long_as_it_says(ingrid):
    ingrid.change_account(service_ttl=timedelta(seconds=90))

    got = ingrid.auth(ingrid.signed())

    assert (got.json["expiresIn"], got.json["expiresAt"]) == (90, "2026-01-02T03:05:35Z")


def test_an_account_may_be_held_to_shorter_assertions(ingrid):
    ingrid.change_account(assertion_max_lifetime=timedelta(seconds=60))
    lifetimes = [60, 61]

    answers = [ingrid.auth(ingrid.signed(exp=ingrid.now + lifetime)) for lifetime in lifetimes]

    assert [got.outcome for got in answers] == [(200, ""), (401, "assertion.lifetime_too_long")]


def test_an_account_may_serve_more_sites_and_grant_more_scopes(ingrid):
    ingrid.change_account(sites=("site_demo", "site_other"), scopes=("view", "edit"))
    service_token = ingrid.service_token()

    got = ingrid.mint(service_token, site="site_other", scopes=["edit", "view"])

    _, claims = decoded(got.json["accessToken"])
    assert (claims["siteId"], claims["scopes"]) == ("site_other", ["edit", "view"])


def test_a_token_of_one_site_is_no_good_for_another(ingrid):
    ingrid.change_account(sites=("site_demo", "site_other"))
    other = ingrid.mint(ingrid.service_token(), site="site_other").json["accessToken"]

    got = ingrid.use(other, {"siteId": "site_demo"})

    assert got.outcome == (403, "binding.wrong_site")
    assert written(got) == P403
    assert got.headers["WWW-Authenticate"] == INSUFFICIENT_SCOPE


def test_the_request_log_returns_the_external_reference(ingrid):
    minted = ingrid.mint(ingrid.service_token(), externalRef="order-1")

    got = ingrid.wire.get(f"/_mock/journal/{minted.exchange}")

    assert got.json["request"]["body"]["externalRef"] == "order-1"


def test_the_paths_are_served_at_the_root_too(ingrid):
    root = "http://localhost"
    assertion = ingrid.signed(aud=root + AUTH)

    authenticated = ingrid.wire.post(AUTH, {"grantType": GRANT, "assertion": assertion})
    headers = bearer(authenticated.json["accessToken"])
    minted = ingrid.wire.post("/v1/sites/site_demo/access-tokens", {"scopes": ["view"]}, headers=headers)

    assert [authenticated.status, minted.status] == [200, 200]
