"""The acceptance scenarios of Alternative's sheet, section 7, under their numbers."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from mockserver.core.rules import Rule, Then, When
from mockserver.core.tokens import TokenFilter
from tests.vendors.alternative_handoff import (
    BARE_INIT,
    FORM,
    FROM_A_PAGE,
    INIT,
    INVALID_TOKEN,
    JSON,
    NO_STORE,
    READABLE,
    TOKEN,
    Handoff,
    basic,
    claims_of,
    decoded,
    h,
    headers_of,
    hv,
)

HEX = re.compile(r"[0-9a-f]{56}")
HALF_AN_HOUR = timedelta(seconds=1800)
FORBIDDEN = h("forbidden", "Invalid credentials")
NOT_FOUND = h("not_found", "404 page not found")


@pytest.fixture
def alternative(wire, sandbox) -> Handoff:
    return Handoff(wire, sandbox)


@pytest.mark.parametrize("kind", [FORM, JSON])
def test_scenario_01_client_credentials_buy_an_oauth_token_for_an_hour(alternative, kind):
    body = b"grant_type=client_credentials" if kind == FORM else b'{"grant_type":"client_credentials"}'

    got = alternative.call(TOKEN, body, kind=kind, headers=[basic()])

    token = got.json["access_token"]
    assert got.status == 200
    assert HEX.fullmatch(token)
    assert got.body.decode() == f'{{"access_token":"{token}","expires_in":3600,"token_type":"bearer"}}'
    assert headers_of(got) == NO_STORE


def test_scenario_02_a_bad_client_is_forbidden_in_the_same_words_whatever_is_wrong(alternative):
    wrong, unknown = alternative.token(basic(secret="guess")), alternative.token(basic("client_nobody"))
    missing = alternative.call(TOKEN, b"grant_type=client_credentials", kind=FORM)

    assert [got.outcome for got in (wrong, unknown, missing)] == [
        (403, "credential.wrong_secret"),
        (403, "credential.unknown"),
        (403, "credential.missing"),
    ]
    assert {got.body.decode() for got in (wrong, unknown, missing)} == {FORBIDDEN}
    assert all(headers_of(got) == NO_STORE for got in (wrong, unknown, missing))


def test_scenario_03_id_and_secret_in_the_body_do_not_count(alternative):
    body = b"grant_type=client_credentials&client_id=client_demo&client_secret=secret_demo"

    in_body = alternative.call(TOKEN, body, kind=FORM)
    twice = alternative.call(TOKEN, body, kind=FORM, headers=[basic()])

    assert (in_body.outcome, in_body.body.decode()) == ((403, "credential.missing"), FORBIDDEN)
    assert twice.outcome == (400, "credential.multiple")
    assert twice.body.decode() == h("bad_request", "only one client authentication method is allowed")


@pytest.mark.parametrize("sent", ["a:b%2Bc+d", "a%3Ab%252Bc%2Bd"], ids=["raw", "form-encoded"])
def test_scenario_04_a_secret_may_be_sent_raw_or_form_encoded(alternative, sent):
    alternative.change_client(secret="a:b%2Bc+d")

    assert alternative.token(basic(secret=sent)).outcome == (200, "")


def test_scenario_05_no_other_grant_and_no_parameter_twice(alternative):
    other = alternative.token(grant_type="password")
    twice = alternative.call(TOKEN, b"grant_type=client_credentials&grant_type=x", kind=FORM, headers=[basic()])

    assert other.outcome == (400, "request.unsupported_grant")
    assert other.body.decode() == hv(
        "bad_request", "unsupported grant type", {"grant_type": "must be client_credentials"}
    )
    assert twice.outcome == (400, "request.duplicate_parameter")
    assert twice.body.decode() == h("bad_request", "duplicate parameter")


@pytest.mark.parametrize("path", [INIT, BARE_INIT])
def test_scenario_06_init_mints_a_checkout_token_for_half_an_hour_on_both_paths(alternative, path):
    got = alternative.init(alternative.oauth_token(), path=path)

    token = got.json["token"]
    assert got.status == 200
    assert got.body.decode() == f'{{"token":"{token}","expires_at":{alternative.now + 1800}}}'
    assert claims_of(token)["exp"] == alternative.now + 1800
    assert headers_of(got) == NO_STORE


@pytest.mark.parametrize(("form", "there", "gone"), [("bare", BARE_INIT, INIT), ("v1", INIT, BARE_INIT)])
def test_scenario_07_each_form_of_the_init_path_can_be_switched_off(alternative, form, there, gone):
    alternative.choose(init_path=form)
    token = alternative.oauth_token()

    found, lost = alternative.init(token, path=there), alternative.init(token, path=gone)

    assert found.outcome == (200, "")
    assert (lost.outcome, lost.body.decode()) == ((404, "route.not_found"), NOT_FOUND)


def test_scenario_08_an_invoice_is_required(alternative):
    got = alternative.init(alternative.oauth_token(), invoice_id=None)

    assert got.outcome == (400, "request.invalid")
    assert got.body.decode() == h("bad_request", "invalid invoice id")


def test_scenario_08_an_invoice_may_be_left_out_where_the_option_says_so(alternative):
    alternative.choose(require_invoice=False)

    got = alternative.init(alternative.oauth_token(), invoice_id=None)

    assert got.outcome == (200, "")
    assert list(claims_of(got.json["token"])) == ["partner_id", "client_id", "customer_id", "exp", "iat", "jti"]


def test_scenario_09_what_belongs_to_others_looks_as_if_it_were_not_there(alternative):
    token = alternative.oauth_token()

    other, nowhere = (alternative.init(token, invoice_id=name) for name in ("inv_other", "inv_nowhere"))
    far, nobody = (alternative.init(token, customer_id=name) for name in ("cus_far", "cus_nobody"))

    assert [got.outcome for got in (other, nowhere, far, nobody)] == [
        (404, "binding.wrong_customer"),
        (404, "resource.not_found"),
        (404, "binding.wrong_partner"),
        (404, "resource.not_found"),
    ]
    assert other.body.decode() == nowhere.body.decode() == h("not_found", "invoice not found")
    assert far.body.decode() == nobody.body.decode() == h("not_found", "customer not found")
    assert all(headers_of(got) == NO_STORE for got in (other, nowhere, far, nobody))


def test_scenario_10_a_checkout_token_has_the_documented_claims_in_order(alternative):
    token = alternative.checkout_token()

    header, payload = decoded(token)
    jti = claims_of(token)["jti"]
    assert header == '{"alg":"HS256","typ":"JWT"}'
    assert payload == (
        '{"partner_id":"partner_demo","client_id":"client_demo","customer_id":"cus_demo","invoice_id":"inv_demo",'
        f'"exp":{alternative.now + 1800},"iat":{alternative.now},"jti":"{jti}"}}'
    )


def test_scenario_11_neither_token_does_the_others_work(alternative):
    at_init = alternative.init(alternative.checkout_token())
    in_page = alternative.page("invoice", alternative.oauth_token(), headers=FROM_A_PAGE)

    assert at_init.outcome == (401, "token.wrong_kind")
    assert in_page.outcome == (401, "browser.server_only_token")
    assert {got.body.decode() for got in (at_init, in_page)} == {h("unauthorized", "token is invalid")}


def test_scenario_12_the_invoice_is_the_tokens_on_both_paths_whatever_the_query_says(alternative):
    token = alternative.checkout_token()

    bare, v1 = alternative.page("invoice", token), alternative.page("invoice", token, v1=True)
    asked = alternative.page("invoice", token, query="?invoice_id=inv_other")

    assert bare.body.decode() == (
        '{"id":"inv_demo","customer_id":"cus_demo","invoice_number":"INV-1","status":"UPCOMING","total":100.0,'
        '"sub_total":100.0,"currency":"USD","due_date":"2030-01-01",'
        '"line_items":[{"description":"Service","quantity":1,"amount":100.0}],"created_at":"2025-01-01T00:00:00Z"}'
    )
    assert bare.body == v1.body == asked.body
    assert [alternative.findings(got) for got in (bare, v1, asked)] == [[], [], ["binding.wrong_customer"]]


def test_scenario_13_a_page_can_read_that_its_token_has_expired(alternative):
    token = alternative.checkout_token()
    alternative.sandbox.clock.advance(HALF_AN_HOUR)

    got = alternative.page("invoice", token, headers=FROM_A_PAGE)

    assert got.outcome == (401, "token.expired")
    assert got.body.decode() == h("unauthorized", "token is expired")
    assert headers_of(got) == {**READABLE, **INVALID_TOKEN}


def test_scenario_13_without_cors_on_errors_a_page_cannot(alternative):
    alternative.choose(cors_on_errors=False)
    token = alternative.checkout_token()
    answered = alternative.page("invoice", token, headers=FROM_A_PAGE)
    alternative.sandbox.clock.advance(HALF_AN_HOUR)

    refused = alternative.page("invoice", token, headers=FROM_A_PAGE)

    assert answered.headers["Access-Control-Allow-Origin"] == "*"
    assert refused.outcome == (401, "token.expired")
    assert "Access-Control-Allow-Origin" not in refused.headers


def test_scenario_14_bearer_null_is_told_to_come_from_client_code(alternative):
    got = alternative.page("invoice", "null")

    assert got.outcome == (401, "token.malformed")
    assert got.body.decode() == h("unauthorized", "token is invalid")
    assert alternative.journalled(got).hint == "literal from client code"


@pytest.mark.parametrize("name", ["theme", "invoice", "pdf-link", "payment-methods", "card-form"])
@pytest.mark.parametrize("body", [b"", b"{"], ids=["none", "half"])
def test_scenario_15_a_get_is_answered_whatever_its_content_type_and_body(alternative, name, body):
    path = {"theme": "/preferences/theme", "pdf-link": "/invoice/pdf-link", "card-form": "/card-form/credentials"}
    headers = [("Authorization", f"Bearer {alternative.checkout_token()}")]

    got = alternative.call("/checkout" + path.get(name, f"/{name}"), body, method="GET", kind=JSON, headers=headers)

    assert got.outcome == (200, "")


def test_scenario_16_a_preflight_names_what_a_page_may_send(alternative):
    got = alternative.preflight("/checkout/payments", headers="authorization,content-type,idempotency-key")

    assert (got.status, got.body) == (204, b"")
    assert headers_of(got) == {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": "authorization, content-type, idempotency-key",
        "Access-Control-Max-Age": "0",
    }


@pytest.mark.parametrize("path", [TOKEN, INIT, BARE_INIT])
def test_scenario_16_a_preflight_to_a_backends_endpoint_allows_nothing(alternative, path):
    got = alternative.preflight(path)

    assert (got.status, headers_of(got)) == (204, {})
    assert alternative.findings(got) == ["browser.secret_exposed"]


def test_scenario_17_a_payment_with_a_key_is_made_once(alternative):
    token = alternative.checkout_token()

    first, again = (alternative.pay(token, "key-1") for _ in range(2))
    other = alternative.pay(token, "key-1", amount="1.00")

    assert first.outcome == again.outcome == (200, "")
    assert first.body == again.body == b'{"status":"processing","message":"Payment is being processed"}'
    assert len(alternative.ledger.payments) == 1
    assert other.outcome == (422, "request.idempotency_conflict")
    assert other.body.decode() == h("unprocessable_entity", "idempotency key reused")


def test_scenario_18_an_amount_is_a_string(alternative):
    got = alternative.pay(alternative.checkout_token(), amount=100.0)

    assert got.outcome == (400, "request.invalid")
    assert (got.json["code"], got.json["message"]) == ("bad_request", "invalid request")
    assert list(got.json["validation_errors"]) == ["amount"]


def test_scenario_18_a_paid_invoice_is_not_paid_again(alternative):
    got = alternative.pay(alternative.checkout_token(invoice_id="inv_paid"))

    assert got.outcome == (422, "request.unprocessable")
    assert (got.json["code"], got.json["message"]) == ("unprocessable_entity", "payment not allowed")
    assert list(got.json["validation_errors"]) == ["invoice_id"]


def test_scenario_19_nobody_pays_with_another_customers_method(alternative):
    got = alternative.pay(alternative.checkout_token(), payment_method_id="pm_other")

    assert got.outcome == (404, "binding.wrong_customer")
    assert got.body.decode() == h("not_found", "payment method not found")


def test_scenario_20_a_sixth_call_within_a_second_is_told_when_to_come_back(alternative):
    token = alternative.checkout_token()
    alternative.choose(rate_limit=5)

    *accepted, refused = (alternative.page("invoice", token, headers=FROM_A_PAGE) for _ in range(6))

    assert [got.status for got in accepted] == [200] * 5
    assert refused.outcome == (429, "rate.limited")
    assert refused.body.decode() == h("too_many_requests", "rate limit exceeded")
    assert headers_of(refused) == {**READABLE, "Retry-After": "1"}


def test_scenario_21_three_parallel_refreshes_are_three_mints_and_all_repeats_work(alternative):
    backend, token = alternative.oauth_token(), alternative.checkout_token()
    alternative.sandbox.clock.advance(HALF_AN_HOUR)
    before = len(alternative.sandbox.journal)

    def refreshing(_: int) -> list[int]:
        refused = alternative.page("invoice", token, headers=FROM_A_PAGE)
        fresh = alternative.init(backend).json["token"]
        return [refused.status, alternative.page("invoice", fresh, headers=FROM_A_PAGE).status]

    with ThreadPoolExecutor(3) as threads:
        statuses = list(threads.map(refreshing, range(3)))

    later = list(alternative.sandbox.journal)[before:]
    assert statuses == [[401, 200]] * 3
    assert [exchange.operation for exchange in later].count("alternative.init_checkout") == 3


def test_scenario_22_a_secret_from_a_browser_makes_no_token(alternative):
    got = alternative.token(headers=FROM_A_PAGE)

    assert got.outcome == (403, "browser.secret_exposed")
    assert got.body.decode() == h("forbidden", "Emulator: client credentials came from a browser.")
    assert len(alternative.sandbox.tokens) == 0


def test_scenario_22_what_nodes_fetch_sends_makes_no_browser(alternative):
    got = alternative.token(headers=[("Sec-Fetch-Mode", "cors"), ("User-Agent", "node")])

    assert got.outcome == (200, "")


def test_scenario_23_a_key_whose_call_failed_by_force_is_free_again(alternative):
    token = alternative.checkout_token()
    rule = Rule(When(operation="alternative.pay"), Then(refuse="fault.injected"), times=1)
    alternative.sandbox.rules.add(rule)

    failed, later = (alternative.pay(token, "key-1") for _ in range(2))

    assert (failed.status, failed.body.decode()) == (500, h("internal_server_error", "internal server error"))
    assert later.outcome == (200, "")
    assert len(alternative.ledger.payments) == 1


def test_scenario_24_a_revoked_token_is_dead_and_another_can_be_minted(alternative):
    backend, token = alternative.oauth_token(), alternative.checkout_token()
    revoked = alternative.sandbox.tokens.find(token)
    alternative.sandbox.tokens.revoke(alternative.sandbox.clock.now(), TokenFilter(id=revoked.id))

    refused = alternative.page("invoice", token)
    renewed = alternative.page("invoice", alternative.init(backend).json["token"])

    assert refused.outcome == (401, "token.revoked")
    assert refused.body.decode() == h("unauthorized", "token is invalid")
    assert renewed.outcome == (200, "")
