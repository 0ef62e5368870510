"""The acceptance scenarios of Ingrid's sheet, section 7, under their numbers."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from mockserver.vendors.ingrid.options import IngridOptions
from mockserver.vendors.ingrid.records import AccountKey
from tests.vendors.ingrid_handoff import (
    AUTH,
    FROM_A_PAGE,
    GRANT,
    INSUFFICIENT_SCOPE,
    INVALID_TOKEN,
    NO_GRANT,
    NO_SCOPES,
    P401,
    P403,
    SERVER_TOKEN_DETAIL,
    TRACE,
    Handoff,
    headers_of,
    hs256,
    item,
    p400,
    p403,
    p_none,
    rs512,
    unsigned,
    wire_image,
    written,
)

DAY = 86_400
NO_STORE = {"Cache-Control": "no-store", "X-Trace-Id": "<trace>"}
OK_HEADERS = {"Content-Type": "application/json", **NO_STORE}
PROBLEM_HEADERS = {"Content-Type": "application/problem+json", **NO_STORE}
READABLE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "X-Trace-Id, WWW-Authenticate",
}


@pytest.fixture
def ingrid(wire, sandbox) -> Handoff:
    return Handoff(wire, sandbox)


@pytest.fixture(params=["jwt", "opaque"])
def token_format(request, choose) -> str:
    choose(IngridOptions, token_format=request.param)
    return request.param


def test_scenario_01_the_documented_assertion_buys_a_service_token_for_an_hour(ingrid):
    got = ingrid.auth(ingrid.signed())

    token = got.json["accessToken"]
    assert got.status == 200
    assert got.body.decode() == (
        f'{{"accessToken":"{token}","tokenType":"Bearer","expiresAt":"2026-01-02T04:04:05Z","expiresIn":3600}}'
    )
    assert headers_of(got) == OK_HEADERS
    assert re.fullmatch(r"D20260102030405[A-Z0-9]{16}", got.headers["X-Trace-Id"])


def test_scenario_02_the_rfc_form_is_answered_in_both_spellings(ingrid):
    got = ingrid.auth_form(ingrid.signed())

    token = got.json["access_token"]
    assert got.status == 200
    assert got.body.decode() == (
        f'{{"access_token":"{token}","token_type":"Bearer","expires_in":3600,'
        f'"accessToken":"{token}","tokenType":"Bearer","expiresAt":"2026-01-02T04:04:05Z","expiresIn":3600}}'
    )
    assert headers_of(got) == OK_HEADERS


def test_scenario_02_the_rfc_form_is_an_unsupported_type_when_it_is_switched_off(ingrid, choose):
    choose(IngridOptions, accept_form=False)

    got = ingrid.auth_form(ingrid.signed())

    assert got.outcome == (415, "request.media_type")
    assert written(got) == p_none(415)
    assert headers_of(got) == PROBLEM_HEADERS


def test_scenario_03_the_snake_case_name_of_a_stock_library_is_refused(ingrid):
    got = ingrid.call(AUTH, {"grant_type": GRANT, "assertion": ingrid.signed()})

    assert got.outcome == (400, "request.invalid")
    assert written(got) == p400(NO_GRANT)
    assert headers_of(got) == PROBLEM_HEADERS


@pytest.mark.parametrize(
    "audience",
    [
        pytest.param("http://localhost/ingrid/v1/auth/token/", id="trailing-slash"),
        pytest.param("https://localhost/ingrid/v1/auth/token", id="https-for-http"),
    ],
)
def test_scenario_04_an_audience_that_is_nearly_the_url_is_the_wrong_one(ingrid, audience):
    got = ingrid.auth(ingrid.signed(aud=audience))

    assert got.outcome == (401, "assertion.wrong_audience")
    assert written(got) == P401


def test_scenario_04_an_audience_may_be_an_array_that_holds_the_url(ingrid):
    got = ingrid.auth(ingrid.signed(aud=["https://elsewhere.test/", ingrid.auth_url]))

    assert got.outcome == (200, "")


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        pytest.param({"exp": -60}, "assertion.expired", id="exp-60-s-ago"),
        pytest.param({"nbf": 300}, "assertion.not_yet_valid", id="nbf-300-s-ahead"),
        pytest.param({"exp": DAY}, "assertion.lifetime_too_long", id="exp-a-day-after-iat"),
    ],
)
def test_scenario_05_times_are_held_against_the_sandbox_clock(ingrid, times, reason):
    ingrid.sandbox.clock.advance(timedelta(days=400))
    claims = {name: ingrid.now + step for name, step in times.items()}

    got = ingrid.auth(ingrid.signed(**claims))

    assert got.outcome == (401, reason)
    assert written(got) == P401
    assert headers_of(got) == {**PROBLEM_HEADERS, "WWW-Authenticate": "Bearer"}


def test_scenario_06_an_expiry_in_milliseconds_is_called_that(ingrid):
    got = ingrid.auth(ingrid.signed(exp=(ingrid.now + 60) * 1000))

    assert got.outcome == (401, "assertion.invalid_claim")
    assert "milliseconds" in ingrid.hint(got)


def test_scenario_07_a_foreign_algorithm_is_refused_whatever_the_signature(ingrid):
    pem = ingrid.private_key()
    assertions = [
        ingrid.signed(header={"alg": "none"}, sign=unsigned),
        ingrid.signed(header={"alg": "HS256"}, sign=hs256(ingrid.public_pem())),
        ingrid.signed(header={"alg": "RS512"}, sign=rs512(pem)),
    ]

    answers = [ingrid.auth(assertion) for assertion in assertions]

    assert [got.outcome for got in answers] == [(401, "assertion.unsupported_algorithm")] * 3
    assert [wire_image(got) for got in answers] == [(401, {**PROBLEM_HEADERS, "WWW-Authenticate": "Bearer"}, P401)] * 3


@pytest.mark.parametrize("signer", ["sa_demo", "sa_edit"])
def test_scenario_08_either_of_two_active_keys_signs_without_a_kid(ingrid, signer):
    _give_both_keys(ingrid)

    got = ingrid.auth(ingrid.signed(signer))

    assert got.outcome == (200, "")


def test_scenario_08_a_retired_key_verifies_nothing(ingrid):
    _give_both_keys(ingrid, second_active=False)

    answers = [ingrid.auth(ingrid.signed(signer)) for signer in ("sa_demo", "sa_edit")]

    assert [got.outcome for got in answers] == [(200, ""), (401, "assertion.bad_signature")]


def test_scenario_09_an_unknown_kid_is_refused_though_the_signature_is_good(ingrid):
    got = ingrid.auth(ingrid.signed(header={"kid": "rotated-away"}))

    assert got.outcome == (401, "assertion.unknown_key")


@pytest.mark.parametrize(
    ("issuer", "outcome"),
    [
        pytest.param({}, (200, ""), id="no-iss"),
        pytest.param({"iss": "sa_demo"}, (200, ""), id="iss-is-sub"),
        pytest.param({"iss": "sa_edit"}, (401, "assertion.invalid_claim"), id="iss-is-not-sub"),
    ],
)
def test_scenario_09_an_issuer_need_not_be_sent_but_must_be_the_subject(ingrid, issuer, outcome):
    got = ingrid.auth(ingrid.signed(**issuer))

    assert got.outcome == outcome


@pytest.mark.parametrize(
    ("jti", "outcomes"),
    [
        pytest.param({"jti": "only-once"}, [(200, ""), (401, "assertion.replayed")], id="with-jti"),
        pytest.param({}, [(200, ""), (200, "")], id="without-jti"),
    ],
)
def test_scenario_10_an_assertion_is_single_use_where_it_carries_a_jti(ingrid, jti, outcomes):
    assertion = ingrid.signed(**jti)

    answers = [ingrid.auth(assertion) for _ in range(2)]

    assert [got.outcome for got in answers] == outcomes


@pytest.mark.usefixtures("token_format")
def test_scenario_11_a_service_token_mints_a_site_token_for_five_minutes(ingrid):
    service_token = ingrid.service_token()

    got = ingrid.mint(service_token, scopes=["view"], ttlSeconds=300, externalRef="order-1")

    token = got.json["accessToken"]
    assert got.status == 200
    assert got.body.decode() == (
        f'{{"accessToken":"{token}","tokenType":"Bearer","expiresAt":"2026-01-02T03:09:05Z","expiresIn":300}}'
    )
    assert headers_of(got) == OK_HEADERS


@pytest.mark.usefixtures("token_format")
@pytest.mark.parametrize("ttl", [0, 3601, "300", True], ids=repr)
def test_scenario_12_a_lifetime_out_of_range_is_a_field_error(ingrid, ttl):
    service_token = ingrid.service_token()

    got = ingrid.mint(service_token, ttlSeconds=ttl)

    assert got.outcome == (400, "request.invalid")
    assert written(got, like="<sentence>") == p400(item("error.ttlSeconds.range", "/ttlSeconds"))


@pytest.mark.usefixtures("token_format")
def test_scenario_12_a_lifetime_that_nobody_asked_for_is_five_minutes(ingrid):
    got = ingrid.mint(ingrid.service_token())

    assert got.json["expiresIn"] == 300


@pytest.mark.usefixtures("token_format")
@pytest.mark.parametrize(
    ("scopes", "outcome", "body"),
    [
        pytest.param(["edit"], (403, "scope.escalation"), P403, id="not-grantable"),
        pytest.param(["fly"], (400, "scope.unknown"), p400(item("error.scopes.unknown", "/scopes/0")), id="unknown"),
        pytest.param([], (400, "request.invalid"), p400(NO_SCOPES), id="none"),
    ],
)
def test_scenario_13_an_account_grants_no_scope_but_its_own(ingrid, scopes, outcome, body):
    service_token = ingrid.service_token()

    got = ingrid.mint(service_token, scopes=scopes)

    assert got.outcome == outcome
    assert written(got, like=body) == body


@pytest.mark.usefixtures("token_format")
def test_scenario_14_a_foreign_site_and_an_unknown_one_look_the_same(ingrid):
    service_token = ingrid.service_token()

    answers = [ingrid.mint(service_token, site=site) for site in ("site_other", "site_nowhere")]

    assert [got.outcome for got in answers] == [(403, "binding.wrong_site"), (403, "resource.not_found")]
    assert [wire_image(got) for got in answers] == [
        (403, {**PROBLEM_HEADERS, "WWW-Authenticate": INSUFFICIENT_SCOPE}, P403)
    ] * 2


@pytest.mark.usefixtures("token_format")
def test_scenario_15_a_page_uses_a_site_token(ingrid):
    site_token = ingrid.site_token(externalRef="order-1")

    got = ingrid.use(site_token, headers=FROM_A_PAGE)

    assert got.status == 200
    assert got.body.decode() == (
        '{"placeholder":true,"notice":"Ingrid does not publish this body; set delivery_body on the site.",'
        '"siteId":"site_demo","scopes":["view"],"externalRef":"order-1","deliveryOptions":[]}'
    )
    assert headers_of(got) == {"Content-Type": "application/json", "X-Trace-Id": "<trace>", **READABLE}


@pytest.mark.usefixtures("token_format")
def test_scenario_16_a_page_can_read_that_its_token_expired(ingrid):
    site_token = ingrid.site_token(ttlSeconds=1)
    ingrid.sandbox.clock.advance(timedelta(seconds=1))

    got = ingrid.use(site_token, headers=FROM_A_PAGE)

    assert got.outcome == (401, "token.expired")
    assert written(got) == P401
    assert headers_of(got) == {
        "Content-Type": "application/problem+json",
        "WWW-Authenticate": INVALID_TOKEN,
        "X-Trace-Id": "<trace>",
        **READABLE,
    }


@pytest.mark.usefixtures("token_format")
def test_scenario_16_one_new_token_is_enough_after_a_401(ingrid):
    service_token = ingrid.service_token()
    first = ingrid.mint(service_token, ttlSeconds=1).json["accessToken"]
    ingrid.sandbox.clock.advance(timedelta(seconds=1))
    refused = ingrid.use(first)
    second = ingrid.mint(service_token, ttlSeconds=1).json["accessToken"]

    got = ingrid.use(second)

    assert (refused.status, got.status) == (401, 200)


@pytest.mark.usefixtures("token_format")
def test_scenario_17_a_site_token_mints_nothing(ingrid):
    site_token = ingrid.site_token()

    got = ingrid.mint(site_token)

    assert got.outcome == (403, "token.wrong_kind")
    assert written(got) == P403
    assert headers_of(got) == {**PROBLEM_HEADERS, "WWW-Authenticate": INSUFFICIENT_SCOPE}


@pytest.mark.usefixtures("token_format")
def test_scenario_17_a_service_token_must_not_reach_a_page(ingrid):
    service_token = ingrid.service_token()

    got = ingrid.use(service_token, headers=FROM_A_PAGE)

    assert got.outcome == (403, "browser.server_only_token")
    assert written(got) == p403(SERVER_TOKEN_DETAIL)


@pytest.mark.usefixtures("token_format")
def test_scenario_18_a_token_without_view_sees_no_delivery_options(ingrid):
    edit_token = ingrid.edit_token()

    got = ingrid.use(edit_token)

    assert got.outcome == (403, "scope.insufficient")
    assert written(got) == P403
    assert got.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="view"'


@pytest.mark.usefixtures("token_format")
def test_scenario_19_the_word_null_is_known_as_a_slip_of_client_code(ingrid):
    got = ingrid.use("null")

    assert got.outcome == (401, "token.malformed")
    assert written(got) == P401
    assert got.headers["WWW-Authenticate"] == INVALID_TOKEN
    assert ingrid.hint(got) == "literal from client code"


@pytest.mark.usefixtures("token_format")
def test_scenario_19_a_call_without_a_token_is_challenged_without_an_error(ingrid):
    got = ingrid.use(None)

    assert got.outcome == (401, "token.missing")
    assert written(got) == P401
    assert got.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("hop", ["auth", "mint"])
def test_scenario_20_a_page_gets_no_token_from_a_server_only_endpoint(ingrid, hop):
    credential = {"auth": ingrid.signed, "mint": ingrid.service_token}[hop]()
    before = len(ingrid.sandbox.tokens)

    got = getattr(ingrid, hop)(credential, headers=FROM_A_PAGE)

    assert got.outcome == (403, "browser.secret_exposed")
    assert written(got) == p403("Emulator: a service-account call came from a browser.")
    assert len(ingrid.sandbox.tokens) == before


def test_scenario_20_a_node_backend_is_no_browser(ingrid):
    as_node_sends = [("Sec-Fetch-Mode", "cors"), ("User-Agent", "node")]

    authenticated = ingrid.auth(ingrid.signed(), headers=as_node_sends)
    minted = ingrid.mint(authenticated.json["accessToken"], headers=as_node_sends)

    assert (authenticated.status, minted.status) == (200, 200)


def test_scenario_21_a_preflight_of_the_page_endpoint_names_both_headers(ingrid):
    got = ingrid.preflight()

    assert got.status == 204
    assert got.body == b""
    assert {"authorization", "content-type"} <= set(got.headers["Access-Control-Allow-Headers"].split(", "))


def test_scenario_21_a_preflight_of_the_mint_endpoint_gets_no_cors_header(ingrid):
    got = ingrid.preflight("/v1/sites/site_demo/access-tokens")

    assert got.status == 204
    assert headers_of(got) == {"X-Trace-Id": "<trace>"}


def test_scenario_22_another_language_changes_title_and_detail_only(ingrid, choose):
    english = ingrid.use(None)
    choose(IngridOptions, problem_lang="sv")

    swedish = ingrid.use(None)

    assert (swedish.json["title"], swedish.json["detail"]) == (
        "Obehörig",
        "Begäran kräver giltiga autentiseringsuppgifter.",
    )
    assert (swedish.json["type"], swedish.json["status"]) == (english.json["type"], english.json["status"])


def test_scenario_22_the_earlier_style_has_a_trace_id_and_no_instance(ingrid, choose):
    choose(IngridOptions, problem_style="earlier")

    got = ingrid.use(None)

    assert TRACE.fullmatch(got.json["trace_id"])
    assert "instance" not in got.json


@pytest.mark.parametrize("endpoint", ["mint", "use"])
@pytest.mark.parametrize("prefix", ["sat_", "sit_"])
def test_scenario_23_a_forged_opaque_token_is_unknown(ingrid, choose, endpoint, prefix):
    choose(IngridOptions, token_format="opaque")

    got = getattr(ingrid, endpoint)(prefix + "A" * 43)

    assert got.outcome == (401, "token.unknown")
    assert written(got) == P401
    assert got.headers["WWW-Authenticate"] == INVALID_TOKEN


def _give_both_keys(ingrid: Handoff, *, second_active: bool = True) -> None:
    own, other = (ingrid.records.accounts[name].keys[0] for name in ("sa_demo", "sa_edit"))
    ingrid.change_account(keys=(own, AccountKey(other.verifying, active=second_active)))
