"""The acceptance scenarios of Surfboard's sheet, section 7, under their numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from mockserver.core.tokens import TokenFilter
from mockserver.vendors.surfboard.options import SurfboardOptions
from tests.vendors.surfboard_handoff import (
    API,
    CONTENT,
    EXPOSED,
    FOREIGN,
    FROM_A_PAGE,
    INSUFFICIENT_SCOPE,
    INVALID_TOKEN,
    KEY,
    M1,
    M2,
    MALFORMED,
    NO_STORE,
    ORDER,
    OTHER_CERTIFICATE,
    OTHER_PARTNER,
    OTHER_PROVIDER,
    PARTNER,
    PAYMENT,
    READABLE,
    SECRET,
    Handoff,
    U,
    bearer,
    headers_of,
    s,
)


@pytest.fixture
def surfboard(wire, sandbox) -> Handoff:
    return Handoff(wire, sandbox)


def test_scenario_01_full_credentials_and_three_fields_buy_the_flat_answer(surfboard):
    got = surfboard.mint()

    token = got.json["token"]
    assert got.status == 200
    assert got.body.decode() == (
        f'{{"token":"{token}","validUntil":"3600","status":"SUCCESS","message":"Token created successfully"}}'
    )
    assert headers_of(got) == CONTENT | NO_STORE
    assert surfboard.findings(got) == []


def test_scenario_02_the_enveloped_answer_has_its_token_under_data(surfboard, choose):
    choose(SurfboardOptions, response_shape="enveloped")

    got = surfboard.mint()

    token = got.json["data"]["token"]
    assert got.status == 200
    assert got.body.decode() == (
        f'{{"status":"SUCCESS","data":{{"token":"{token}","validUntil":"3600"}},'
        '"message":"Auth token fetched successfully"}'
    )
    assert headers_of(got) == CONTENT | NO_STORE


@pytest.mark.parametrize("token_format", ["jwt", "opaque"])
def test_scenario_03_valid_until_is_a_duration(surfboard, choose, token_format):
    choose(SurfboardOptions, token_ttl=timedelta(seconds=900), token_format=token_format)
    got = surfboard.mint()

    surfboard.sandbox.clock.advance(timedelta(seconds=899))
    alive = surfboard.use("GET", "/transactions", got.json["token"])
    surfboard.sandbox.clock.advance(timedelta(seconds=1))
    dead = surfboard.use("GET", "/transactions", got.json["token"])

    assert got.json["validUntil"] == "900"
    assert (alive.outcome, dead.outcome) == ((200, ""), (401, "token.expired"))


def test_scenario_04_a_missing_and_a_wrong_secret_look_alike(surfboard, choose):
    choose(SurfboardOptions, mint_auth="full")

    missing = surfboard.mint([KEY])
    wrong = surfboard.mint([KEY, ("API-SECRET", "guessed")])

    assert missing.outcome == (401, "credential.missing")
    assert wrong.outcome == (401, "credential.wrong_secret")
    assert missing.body == wrong.body == s(U).encode()
    assert headers_of(missing) == headers_of(wrong) == CONTENT | NO_STORE | {"WWW-Authenticate": "Bearer"}


def test_scenario_05_the_guides_call_without_headers_works_and_is_noted(surfboard):
    got = surfboard.mint([])

    assert got.outcome == (200, "")
    assert surfboard.findings(got) == ["credential.missing"]


def test_scenario_05_headers_that_are_sent_are_checked(surfboard):
    got = surfboard.mint([KEY, ("API-SECRET", "guessed")])

    assert got.outcome == (401, "credential.wrong_secret")


def test_scenario_05_headers_may_be_asked_for(surfboard, choose):
    choose(SurfboardOptions, mint_auth="full")

    got = surfboard.mint([])

    assert got.outcome == (401, "credential.missing")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"providerCertificate": OTHER_CERTIFICATE}, "credential.wrong_secret"),
        ({"providerId": "5D0C1E6A-0B1F-4C55-9E0D-7A5E0DE3FFFF"}, "credential.unknown"),
        ({"providerId": OTHER_PROVIDER, "providerCertificate": OTHER_CERTIFICATE}, "binding.wrong_partner"),
    ],
    ids=["certificate", "provider", "partner"],
)
def test_scenario_06_three_wrong_providers_look_alike(surfboard, changes, reason):
    got = surfboard.mint(**changes)

    assert got.outcome == (401, reason)
    assert got.body == s(U).encode()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"without": ["externalUserId"]}, "externalUserId is required"),
        ({"externalUserId": 12345}, "externalUserId is invalid"),
        ({"email": "x"}, "email is invalid"),
    ],
    ids=["no-user", "a-number", "an-email-without-at"],
)
def test_scenario_07_the_first_bad_field_is_named(surfboard, changes, problem):
    got = surfboard.mint(**changes)

    assert got.outcome == (400, "request.invalid")
    assert got.body == s(f"Invalid request: {problem}").encode()
    assert headers_of(got) == CONTENT | NO_STORE


@pytest.mark.parametrize("headers", [API, []], ids=["full", "body-only"])
def test_scenario_08_another_partner_in_the_path_is_refused(surfboard, headers):
    got = surfboard.mint(headers, partner=OTHER_PARTNER)

    assert got.outcome == (401, "binding.wrong_partner")
    assert got.body == s(U).encode()


def test_scenario_09_a_client_token_starts_a_payment(surfboard):
    got = surfboard.use("POST", "/payments", surfboard.token(), PAYMENT)

    data = got.json["data"]
    assert got.status == 201
    assert got.body.decode() == (
        f'{{"status":"SUCCESS","data":{{"paymentId":"{data["paymentId"]}","interAppJWT":"{data["interAppJWT"]}"}},'
        '"message":"Payment initiated successfully"}'
    )
    assert re.fullmatch(r"[0-9a-f]{18}", data["paymentId"])
    assert headers_of(got) == CONTENT | NO_STORE | READABLE


def test_scenario_10_an_order_names_its_terminal(surfboard):
    got = surfboard.use("POST", "/orders", surfboard.token(), {"orderLines": [{}]})

    assert got.outcome == (400, "request.invalid")
    assert got.body == s("Invalid request: terminal$id is required").encode()


@pytest.mark.parametrize("path", [f"/partners/{PARTNER}/merchants", f"/partners/{PARTNER}/merchants/{M1}/stores"])
@pytest.mark.parametrize(("status", "challenge"), [(401, INVALID_TOKEN), (403, INSUFFICIENT_SCOPE)])
def test_scenario_11_a_client_token_does_not_administer(surfboard, choose, path, status, challenge):
    choose(SurfboardOptions, denied_status=status)

    got = surfboard.use("GET", path, surfboard.token())

    assert got.outcome == (status, "scope.insufficient")
    assert got.body == s(U).encode()
    assert headers_of(got) == CONTENT | READABLE | {"WWW-Authenticate": challenge}


SPECIAL = [f"/merchants/{M1}/tips", f"/partners/{PARTNER}/merchants/{M1}/reports"]


@pytest.mark.parametrize("path", SPECIAL, ids=["tips", "reports"])
def test_scenario_12_families_are_no_path_prefixes(surfboard, choose, path):
    token = surfboard.token()

    wide = surfboard.use("GET", path, token)
    choose(SurfboardOptions, client_scope="narrow")
    narrow = surfboard.use("GET", path, token)
    order = surfboard.use("POST", "/orders", token, ORDER)

    assert wide.outcome == (200, "")
    assert narrow.outcome == (401, "scope.insufficient")
    assert order.outcome == (201, "")


def test_scenario_13_a_client_token_does_not_renew_itself(surfboard):
    got = surfboard.mint([bearer(surfboard.token())])

    assert got.outcome == (401, "token.wrong_kind")
    assert got.body == s(U).encode()
    assert headers_of(got) == CONTENT | NO_STORE | {"WWW-Authenticate": "Bearer"}


def test_scenario_14_a_bound_token_is_for_its_merchant_only(surfboard):
    token = surfboard.token(("MERCHANT-ID", M1))

    answers = [
        surfboard.use("GET", f"/merchants/{M1}/tips", token),
        surfboard.use("GET", "/transactions", token, headers=[("MERCHANT-ID", M1)]),
        surfboard.use("GET", f"/merchants/{M2}/tips", token),
        surfboard.use("GET", "/transactions", token, headers=[("MERCHANT-ID", M2)]),
    ]

    assert [got.reason for got in answers] == ["", "", "binding.wrong_merchant", "binding.wrong_merchant"]


def test_scenario_14_a_token_bound_to_none_is_for_all_merchants_of_its_partner(surfboard):
    token = surfboard.token()

    answers = [surfboard.use("GET", f"/merchants/{merchant}/tips", token) for merchant in (M1, M2, FOREIGN)]

    assert [got.reason for got in answers] == ["", "", "binding.wrong_merchant"]


def test_scenario_15_a_page_can_read_that_its_token_expired_and_go_on_with_another(surfboard):
    token = surfboard.token()
    surfboard.sandbox.clock.advance(timedelta(hours=1))

    expired = surfboard.use("POST", "/payments", token, PAYMENT, headers=FROM_A_PAGE)
    again = surfboard.use("POST", "/payments", surfboard.token(), PAYMENT, headers=FROM_A_PAGE)

    assert expired.outcome == (401, "token.expired")
    assert expired.body == s(U).encode()
    assert headers_of(expired) == CONTENT | NO_STORE | READABLE | {"WWW-Authenticate": INVALID_TOKEN}
    assert again.outcome == (201, "")


def test_scenario_16_refusals_may_come_as_success(plain_wire):
    emulator, wire = plain_wire
    surfboard = Handoff(wire, emulator.sandbox)
    options = emulator.sandbox.get(SurfboardOptions)
    emulator.sandbox.put(replace(options, errors_as_200=True, client_scope="narrow"))
    token = surfboard.token()

    family = surfboard.use("POST", "/orders", "undefined", ORDER)
    denied = surfboard.use("GET", f"/merchants/{M1}/tips", token)
    administration = surfboard.use("GET", "/terminals", token)
    mint = surfboard.mint([KEY])

    assert [got.status for got in (family, denied, administration, mint)] == [200, 200, 200, 401]
    assert family.body == denied.body == administration.body == mint.body == s(U).encode()
    assert headers_of(family) == CONTENT | NO_STORE | READABLE
    journal = [exchange.reason for exchange in emulator.sandbox.journal]
    assert journal[-4:] == ["token.malformed", "scope.insufficient", "scope.insufficient", "credential.missing"]


def test_scenario_17_an_opaque_token_is_96_upper_case_hex_digits(surfboard, choose):
    choose(SurfboardOptions, token_format="opaque")
    token = surfboard.token()

    good = surfboard.use("GET", "/transactions", token)
    made_up = surfboard.use("GET", "/transactions", "0F" * 48)

    assert re.fullmatch(r"^[0-9A-F]{96}$", token)
    assert good.outcome == (200, "")
    assert made_up.outcome == (401, "token.unknown")


def test_scenario_18_the_inter_app_jwt_is_no_client_token(surfboard):
    order = surfboard.use("POST", "/orders", surfboard.token(), ORDER)

    got = surfboard.use("GET", "/transactions", order.json["data"]["interAppJWT"])

    assert got.outcome == (401, "token.wrong_kind")
    assert got.body == s(U).encode()
    assert headers_of(got) == CONTENT | READABLE | {"WWW-Authenticate": INVALID_TOKEN}


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_scenario_19_a_preflight_names_what_a_page_may_send(surfboard, method):
    got = surfboard.preflight("/payments", method=method, asks="authorization,content-type,merchant-id")

    named = got.headers["Access-Control-Allow-Headers"].split(", ")
    assert got.status == 204
    assert {"authorization", "content-type", "merchant-id"} <= set(named)
    assert method in got.headers["Access-Control-Allow-Methods"].split(", ")


def test_scenario_19_a_preflight_never_names_the_secret(surfboard):
    got = surfboard.preflight("/payments", asks="api-key,api-secret")

    assert got.status == 204
    assert "api" not in got.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("signal", [("Origin", "http://localhost:3000"), ("Sec-Fetch-Site", "cross-site")])
@pytest.mark.parametrize(("path", "body"), [("/orders", ORDER), (f"/partners/{PARTNER}/token", {})])
def test_scenario_20_a_secret_from_a_browser_is_refused(surfboard, path, body, signal):
    got = surfboard.call("POST", path, body, headers=[*API, signal])

    assert got.outcome == (401, "browser.secret_exposed")
    assert got.body == s(EXPOSED).encode()


def test_scenario_20_nodes_fetch_is_a_server(surfboard):
    node = [("Sec-Fetch-Mode", "cors"), ("User-Agent", "node")]

    order = surfboard.call("POST", "/orders", ORDER, headers=[*API, *node])
    mint = surfboard.mint([*API, *node])

    assert (order.outcome, mint.outcome) == ((201, ""), (200, ""))


@pytest.mark.parametrize("header", [KEY, SECRET], ids=["key", "secret"])
def test_scenario_21_two_kinds_of_credential_are_one_too_many(surfboard, header):
    got = surfboard.use("GET", "/transactions", surfboard.token(), headers=[header])

    assert got.outcome == (400, "credential.multiple")
    assert got.body == s(MALFORMED).encode()


def test_scenario_22_a_list_tells_its_page(surfboard):
    got = surfboard.use("GET", "/transactions", surfboard.token(), headers=[("X-PAGE-NUMBER", "2"), *FROM_A_PAGE])

    assert got.body == b'{"status":"SUCCESS","data":[],"message":"Fetched transactions"}'
    assert headers_of(got) == CONTENT | READABLE | {"x-page-number": "2", "x-total-items": "0"}


@pytest.mark.parametrize(
    "path", ["/nowhere", f"/partners/{PARTNER}/token", "/orders/", "/partners", "/ai", "/terminals"]
)
def test_scenario_23_what_is_not_there_is_not_found(surfboard, path):
    got = surfboard.call("PROPFIND" if path == "/terminals" else "GET", path, headers=API)

    assert got.outcome == (404, "route.not_found")
    assert got.body == s("Not found").encode()


@pytest.mark.parametrize("path", ["/orders", "/payments", "/orders/8381a26eae26f0900b/status"])
def test_scenario_23_a_family_path_with_another_method_is_not_found(surfboard, path):
    got = surfboard.use("PATCH", path, surfboard.token(), {})

    assert got.outcome == (404, "route.not_found")


def test_scenario_24_one_token_of_a_user_is_revoked_and_the_other_lives(surfboard):
    first, second = surfboard.token(), surfboard.token()
    which = TokenFilter(id=surfboard.sandbox.tokens.find(first).id)

    surfboard.sandbox.tokens.revoke(surfboard.sandbox.clock.now(), which)

    assert surfboard.use("GET", "/transactions", first).outcome == (401, "token.revoked")
    assert surfboard.use("GET", "/transactions", second).outcome == (200, "")
