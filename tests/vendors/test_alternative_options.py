"""Every option of Alternative's sheet, section 6, does what it says; and successes, records, accounts and magic."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from marshmallow import ValidationError

from mockserver.core.calls import PLAYED, Delivery, Fault
from mockserver.core.case import Case
from mockserver.core.entropy import Entropy
from mockserver.core.refusals import Refusal
from mockserver.core.rules import Rule, Then, When
from mockserver.core.tokens import TokenFilter
from mockserver.keypool import KeyPool
from mockserver.scenarios import own_world
from mockserver.vendors.alternative import VENDOR
from mockserver.vendors.alternative.ledger import KEPT, Ledger, Payment
from mockserver.vendors.alternative.options import AlternativeOptions
from mockserver.vendors.alternative.records import (
    AlternativeRecords,
    AlternativeRecordsSchema,
    ApiClient,
    Customer,
    Invoice,
    LineItem,
    Partner,
    PaymentMethod,
)
from mockserver.vendors.alternative.steps import token_ask
from mockserver.web.stage import EngineStage, example_stage
from tests.vendors.alternative_handoff import (
    BARE_INIT,
    CA_BANK,
    CARD,
    CVV,
    FROM_A_PAGE,
    INIT,
    NO_STORE,
    ORIGIN,
    PAGE_CALLS,
    READABLE,
    TOKEN,
    US_BANK,
    Handoff,
    basic,
    bearer,
    claims_of,
    decoded,
    h,
    headers_of,
)

FORBIDDEN_CLIENT = {
    "credential.missing": {},
    "credential.malformed": {"headers": [("Authorization", "Basic !")]},
    "credential.unknown": {"headers": [basic("client_nobody")]},
    "credential.wrong_secret": {"headers": [basic(secret="guess")]},
}


@pytest.fixture
def alternative(wire, sandbox) -> Handoff:
    return Handoff(wire, sandbox)


@pytest.mark.parametrize(
    ("form", "statuses"), [("both", [200, 200]), ("v1", [200, 404]), ("bare", [404, 200])], ids=["both", "v1", "bare"]
)
def test_init_path_says_where_checkout_tokens_are_minted(alternative, form, statuses):
    alternative.choose(init_path=form)
    token = alternative.oauth_token()

    assert [alternative.init(token, path=path).status for path in (INIT, BARE_INIT)] == statuses


@pytest.mark.parametrize("name", PAGE_CALLS)
@pytest.mark.parametrize(("form", "there", "gone"), [("bare", False, True), ("v1", True, False)], ids=["bare", "v1"])
def test_checkout_path_switches_a_prefix_off_and_pages_can_read_that(alternative, name, form, there, gone):
    token = alternative.checkout_token()
    alternative.choose(checkout_path=form)

    found = alternative.page(name, token, v1=there)
    lost = alternative.page(name, token, v1=gone, headers=FROM_A_PAGE)

    assert found.outcome == (200, "")
    assert (lost.outcome, lost.body.decode()) == ((404, "route.not_found"), h("not_found", "404 page not found"))
    assert headers_of(lost) == READABLE


def test_a_token_that_was_minted_on_either_path_is_good_below_both_prefixes(alternative):
    oauth = alternative.oauth_token()
    tokens = [alternative.init(oauth, path=path).json["token"] for path in (INIT, BARE_INIT)]

    statuses = {alternative.page("invoice", token, v1=v1).status for token in tokens for v1 in (False, True)}

    assert statuses == {200}


def test_oauth_style_guide_is_a_jwt_of_type_bearer_with_a_capital(alternative):
    alternative.choose(oauth_style="guide")

    got = alternative.token()

    token = got.json["access_token"]
    header, payload = decoded(token)
    jti = claims_of(token)["jti"]
    now = alternative.now
    assert got.body.decode() == f'{{"access_token":"{token}","expires_in":3600,"token_type":"Bearer"}}'
    assert header == '{"typ":"JWT","alg":"HS256"}'
    assert payload == (
        f'{{"sub":"client_demo","partner_id":"partner_demo","iat":{now},"exp":{now + 3600},"jti":"{jti}"}}'
    )


@pytest.mark.parametrize("styles", [("reference", "guide"), ("guide", "reference")], ids="-then-".join)
def test_an_oauth_token_of_either_style_outlives_a_change_of_the_option(alternative, styles):
    before, after = styles
    alternative.choose(oauth_style=before)
    token = alternative.oauth_token()
    alternative.choose(oauth_style=after)

    assert alternative.init(token).outcome == (200, "")


@pytest.mark.parametrize("style", ["reference", "guide"])
def test_an_oauth_token_lives_for_an_hour(alternative, style):
    alternative.choose(oauth_style=style)
    token = alternative.oauth_token()

    alternative.sandbox.clock.advance(timedelta(seconds=3599))
    alive = alternative.init(token)
    alternative.sandbox.clock.advance(timedelta(seconds=1))

    assert alive.status == 200
    assert alternative.init(token).outcome == (401, "token.expired")


@pytest.mark.parametrize("reason", FORBIDDEN_CLIENT)
@pytest.mark.parametrize("challenged", [True, False], ids=["challenge", "silent"])
def test_bad_client_401_answers_as_the_rfc_has_it(alternative, choose, reason, challenged):
    choose(AlternativeOptions, bad_client=401, www_authenticate=challenged)
    form = "application/x-www-form-urlencoded"

    got = alternative.call(TOKEN, b"grant_type=client_credentials", kind=form, **FORBIDDEN_CLIENT[reason])

    challenge = {"WWW-Authenticate": 'Basic realm="token"'} if challenged else {}
    assert (got.outcome, got.body.decode()) == ((401, reason), '{"error":"invalid_client"}')
    assert headers_of(got) == {**NO_STORE, **challenge}


def test_bad_client_401_holds_for_a_disabled_client_and_for_nothing_else(alternative):
    alternative.choose(bad_client=401)
    token = alternative.oauth_token()
    twice = alternative.token(client_secret="secret_demo")
    alternative.change_client(enabled=False)

    assert alternative.token().outcome == (401, "credential.disabled")
    assert twice.outcome == (400, "credential.multiple")
    assert alternative.init(token).body.decode() == h("unauthorized", "token is invalid")


@pytest.mark.parametrize("value", ["", 7, None])
def test_without_require_invoice_only_an_absent_invoice_is_none(alternative, value):
    alternative.choose(require_invoice=False)
    body = json.dumps({"customer_id": "cus_demo", "invoice_id": value}).encode()

    got = alternative.call(INIT, body, headers=bearer(alternative.oauth_token()))

    assert (got.outcome, got.body.decode()) == ((400, "request.invalid"), h("bad_request", "invalid invoice id"))


def test_without_require_invoice_a_customer_is_needed_and_an_invoice_is_checked(alternative):
    alternative.choose(require_invoice=False)
    token = alternative.oauth_token()

    assert alternative.init(token, customer_id=None).body.decode() == h("bad_request", "invalid customer id")
    assert alternative.init(token, invoice_id="inv_other").outcome == (404, "binding.wrong_customer")
    assert claims_of(alternative.init(token).json["token"])["invoice_id"] == "inv_demo"


@pytest.mark.parametrize("seconds", [1, 60, 86_400])
def test_checkout_ttl_is_how_long_a_checkout_token_lives(alternative, seconds):
    alternative.choose(checkout_ttl=timedelta(seconds=seconds))

    got = alternative.init(alternative.oauth_token())

    token = got.json["token"]
    assert got.json["expires_at"] == claims_of(token)["exp"] == alternative.now + seconds
    alternative.sandbox.clock.advance(timedelta(seconds=seconds))
    assert alternative.page("invoice", token).outcome == (401, "token.expired")


def test_claims_documented_are_exactly_five_and_two_mints_in_a_second_are_one_token(alternative):
    alternative.choose(claims="documented")
    oauth = alternative.oauth_token()

    first, second = (alternative.init(oauth).json["token"] for _ in range(2))

    assert list(claims_of(first)) == ["partner_id", "client_id", "customer_id", "invoice_id", "exp"]
    assert first == second
    assert [token.kind for token in alternative.sandbox.tokens] == ["oauth", "checkout"]
    alternative.sandbox.clock.advance(timedelta(seconds=1))
    assert alternative.init(oauth).json["token"] != first


def test_claims_full_make_every_token_another_and_earlier_ones_live_on(alternative):
    first, second = alternative.checkout_token(), alternative.checkout_token()

    assert first != second
    assert [alternative.page("invoice", token).status for token in (first, second)] == [200, 200]


def test_rate_limit_counts_all_calls_of_a_client_and_its_pages_together_within_a_second(alternative):
    alternative.choose(rate_limit=3)
    token = alternative.checkout_token()

    statuses = [alternative.page("invoice", token).status for _ in range(2)]
    at_token, at_init = alternative.token(), alternative.init(None)
    other = alternative.token(basic("client_demo_401once"))
    alternative.sandbox.clock.advance(timedelta(seconds=1))

    assert statuses == [200, 429]
    assert at_token.outcome == (429, "rate.limited")
    assert at_init.outcome == (401, "token.missing")
    assert other.status == 200
    assert alternative.page("invoice", token).status == 200


def test_rate_limit_counts_nothing_that_the_emulator_plays_itself(alternative):
    alternative.choose(rate_limit=1)
    stage = EngineStage(VENDOR, alternative.sandbox, "http://localhost/alternative", PLAYED)

    token = [VENDOR.tokens["checkout"](stage) for _ in range(3)][-1]

    assert [alternative.page("invoice", token).status for _ in range(2)] == [200, 429]


def test_rate_limit_is_off_unless_it_is_chosen(alternative):
    token = alternative.checkout_token()

    assert {alternative.page("invoice", token).status for _ in range(50)} == {200}


def test_without_challenges_a_401_stays_what_it_was(alternative, choose):
    choose(AlternativeOptions, www_authenticate=False)

    got = alternative.page("invoice", None)

    assert (got.outcome, headers_of(got)) == ((401, "token.missing"), READABLE)


@pytest.mark.parametrize("path", [TOKEN, INIT])
def test_a_guard_that_records_answers_and_finds(alternative, choose, path):
    choose(AlternativeOptions, browser_guard="record")

    got = (
        alternative.token(headers=FROM_A_PAGE)
        if path == TOKEN
        else alternative.init(alternative.oauth_token(), headers=FROM_A_PAGE)
    )

    assert got.outcome == (200, "")
    assert alternative.findings(got) == ["browser.secret_exposed"]
    assert "Access-Control-Allow-Origin" not in got.headers


def test_a_listed_origin_is_named_and_another_is_found(alternative, choose):
    choose(AlternativeOptions, cors_origins=(ORIGIN,))
    token = alternative.checkout_token()

    listed = alternative.page("invoice", token, headers=FROM_A_PAGE)
    other = alternative.page("invoice", token, headers=[("Origin", "http://elsewhere.test")])

    assert listed.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Origin" not in other.headers
    assert (other.status, alternative.findings(other)) == (200, ["origin.not_allowed"])


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("theme", '{"partner_name":"Demo Partner","theme":{"color":"#0B5FFF","logo_url":""}}'),
        ("pdf-link", '{"url":"files.example.test/inv_demo.pdf"}'),
        (
            "payment-methods",
            (
                '{"data":[{"id":"pm_card","type":"card","last4":"4242","default":true,"brand":"visa","exp_month":12,'
                '"exp_year":2030},{"id":"pm_bank","type":"ach","last4":"6789","default":false}]}'
            ),
        ),
        ("card-form", '{"team_id":"team_emulator","app_id":"app_emulator"}'),
        ("cvv", '{"success":true}'),
        ("payments", '{"status":"processing","message":"Payment is being processed"}'),
        (
            "autocomplete",
            (
                '{"data":[{"place_id":"pl_demo","description":"1 Main St, Springfield","structured_formatting":'
                '{"main_text":"1 Main St","secondary_text":"Springfield"}}]}'
            ),
        ),
        (
            "details",
            (
                '{"data":{"result":{"address_components":[{"long_name":"Springfield","short_name":"Springfield",'
                '"types":["locality"]}]}}}'
            ),
        ),
    ],
)
def test_a_page_is_answered_to_the_byte(alternative, name, body):
    got = alternative.page(name, alternative.checkout_token())

    assert (got.outcome, got.body.decode()) == ((200, ""), body)
    assert headers_of(got) == READABLE


@pytest.mark.parametrize(
    ("name", "changes", "last4"),
    [
        ("card", {}, "4242"),
        ("card", {"card_provider_token": '{"last4":"1111"}'}, "1111"),
        ("card", {"card_provider_token": "[1]"}, "4242"),
        ("card", {"card_provider_token": '{"last4":"12345"}'}, "4242"),
        ("bank", {}, "4321"),
        ("bank", {**CA_BANK, "us_account_data": None}, "4321"),
    ],
    ids=["card", "card-with-last4", "card-without-object", "card-with-five", "us", "ca"],
)
def test_an_added_method_is_listed_for_its_customer_alone(alternative, name, changes, last4):
    token = alternative.checkout_token()
    other = alternative.checkout_token(customer_id="cus_other", invoice_id="inv_other")

    added = alternative.page(name, token, **changes)

    kind = {"type": "card", "brand": "visa", "exp_month": 12, "exp_year": 2030} if name == "card" else {"type": "ach"}
    assert added.json == {"id": added.json["id"], "last4": last4, "default": False, **kind}
    assert alternative.page("payment-methods", token).json["data"][-1] == added.json
    assert added.json not in alternative.page("payment-methods", other).json["data"]


@pytest.mark.parametrize("value", [None, "junk", 7, {}, {"account_number": "x"}], ids=str)
@pytest.mark.parametrize(
    ("body", "foreign"), [(US_BANK, "ca_account_data"), (CA_BANK, "us_account_data")], ids=["us", "ca"]
)
def test_only_the_account_that_fits_its_type_has_rules(alternative, body, foreign, value):
    data = json.dumps({**body, foreign: value}).encode()
    headers = bearer(alternative.checkout_token())

    got = alternative.call("/checkout/payment-methods/bank", data, headers=headers)

    assert got.outcome == (200, "")


def test_a_customer_pays_with_a_method_that_was_just_added(alternative):
    token = alternative.checkout_token()
    added = alternative.page("bank", token).json["id"]

    got = alternative.pay(token, payment_method="standard_ach", payment_method_id=added)

    assert got.outcome == (200, "")
    assert alternative.ledger.payments[0].asked["payment_method_id"] == added


def test_a_payment_leaves_the_invoice_as_it_was(alternative):
    token = alternative.checkout_token()
    before = alternative.page("invoice", token).body

    alternative.pay(token)

    assert alternative.page("invoice", token).body == before


def test_a_key_counts_for_one_customer_and_invoice(alternative):
    own, other = (
        alternative.checkout_token(),
        alternative.checkout_token(customer_id="cus_other", invoice_id="inv_other"),
    )

    first = alternative.pay(own, "key-1")
    second = alternative.pay(other, "key-1", payment_method_id="pm_other")

    assert (first.status, second.status) == (200, 200)
    assert len(alternative.ledger.payments) == 2


@pytest.mark.parametrize(
    "moment",
    [
        "2030-01-01",
        "2030-01-01T10:00:00Z",
        "2030-01-01T10:00",
        "2030-01-01T10:00:00.000Z",
        "2030-01-01T10:00:00.123456789+02:00",
    ],
)
def test_a_payment_date_is_a_date_or_a_date_time(alternative, moment):
    assert alternative.pay(alternative.checkout_token(), payment_date=moment).outcome == (200, "")


def test_payments_without_a_key_are_made_each_time(alternative):
    token = alternative.checkout_token()

    assert {alternative.pay(token).status for _ in range(2)} == {200}
    assert len(alternative.ledger.payments) == 2


def test_a_key_is_free_again_for_another_customer_of_the_same_invoice(alternative):
    alternative.pay(alternative.checkout_token(), "key-1")
    alternative.change_invoice(customer_id="cus_other")

    got = alternative.pay(alternative.checkout_token(customer_id="cus_other"), "key-1", payment_method_id="pm_other")

    assert got.outcome == (200, "")


def test_a_repeated_payment_is_answered_as_it_was_though_the_invoice_has_been_paid_since(alternative):
    token = alternative.checkout_token()
    first = alternative.pay(token, "key-1")
    alternative.change_invoice(status="PAID")

    assert alternative.pay(token, "key-1").body == first.body


def test_a_refused_payment_leaves_its_key_free(alternative):
    token = alternative.checkout_token()

    refused, made = alternative.pay(token, "key-1", amount="999.00"), alternative.pay(token, "key-1")

    assert (refused.status, made.status) == (422, 200)


def test_one_key_raced_by_many_is_one_payment(alternative):
    token = alternative.checkout_token()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: alternative.pay(token, "key-1"), range(24)))

    assert {got.outcome for got in answers} == {(200, "")}
    assert len(alternative.ledger.payments) == 1


def test_a_ledger_forgets_the_oldest_first():
    ledger = Ledger()
    for number in range(KEPT + 1):
        ledger = ledger.with_payment(Payment("cus", "inv", {}, b"", str(number)))
        ledger = ledger.with_method(PaymentMethod(f"pm_{number}", "cus", "ach", "1"))

    assert len(ledger.payments) == len(ledger.by_key) == len(ledger.methods) == KEPT
    assert ledger.payments[0].key == "1"
    assert next(iter(ledger.methods)) == "pm_1"


@pytest.mark.parametrize("value", ["", 7, True, None, ["inv_demo"], {"id": "inv_demo"}], ids=str)
@pytest.mark.parametrize("member", ["customer_id", "invoice_id"])
def test_an_id_of_any_type_that_is_not_the_tokens_is_found(alternative, member, value):
    body = json.dumps({**CVV, member: value}).encode()
    headers = bearer(alternative.checkout_token())

    got = alternative.call("/checkout/payment-methods/pm_card/cvv", body, headers=headers)

    assert (got.outcome, alternative.findings(got)) == ((200, ""), ["binding.wrong_customer"])


@pytest.mark.parametrize(
    ("query", "findings"),
    [
        ("?invoice_id=inv_demo&invoice_id=inv_other", ["binding.wrong_customer"]),
        ("?customer_id=cus_demo&customer_id=", ["binding.wrong_customer"]),
        ("?customer_id=x&invoice_id=y", ["binding.wrong_customer"] * 2),
        ("?invoice_id=inv_demo&invoice_id=inv_demo", []),
    ],
)
def test_every_id_in_a_query_is_held_against_the_tokens(alternative, query, findings):
    got = alternative.page("invoice", alternative.checkout_token(), query=query)

    assert (got.outcome, alternative.findings(got)) == ((200, ""), findings)


@pytest.mark.parametrize("member", ["customer_id", "invoice_id"])
def test_an_id_in_a_body_that_is_not_the_tokens_is_ignored_and_found(alternative, member):
    token = alternative.checkout_token()

    foreign = alternative.page("cvv", token, **{member: "other"})
    own = alternative.page("cvv", token, customer_id="cus_demo", invoice_id="inv_demo")

    assert (foreign.outcome, alternative.findings(foreign)) == ((200, ""), ["binding.wrong_customer"])
    assert (own.outcome, alternative.findings(own)) == ((200, ""), [])


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC "])
def test_a_secret_may_hold_an_umlaut_in_either_encoding_and_the_scheme_any_case(alternative, charset, scheme):
    alternative.change_client(secret="gehäuse")
    name, value = basic(secret="gehäuse", charset=charset)

    assert alternative.token((name, value.replace("Basic", scheme))).outcome == (200, "")


def test_a_form_encoded_id_is_the_client_it_spells(alternative):
    client = ApiClient("a client", "s", "partner_demo")
    alternative.sandbox.put(replace(alternative.records, clients={client.id: client}))

    assert alternative.token(basic("a+client", "s")).outcome == (200, "")
    assert alternative.token(basic("a client", "s")).outcome == (200, "")


WORLD = AlternativeRecords(
    clients={"c": ApiClient("c", "s", "p", enabled=False)},
    partners={"p": Partner("p", "Name", "#000000", "http://logo.test/x.png")},
    customers={"cus": Customer("cus", "p")},
    invoices={
        "inv": Invoice(
            "inv",
            "cus",
            "INV-9",
            "OVERDUE",
            Decimal("12.34"),
            Decimal("10.0"),
            "EUR",
            date(2031, 2, 3),
            (LineItem("Thing", 2, Decimal("6.17")),),
            datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
        )
    },
    payment_methods={
        "pm": PaymentMethod("pm", "cus", "card", "1234", True, "amex", 1, 2032),
        "pm2": PaymentMethod("pm2", "cus", "ach", "99"),
    },
)


def test_records_survive_being_written_and_read(alternative):
    schema = AlternativeRecordsSchema()

    for world in (WORLD, alternative.records, AlternativeRecords()):
        written = json.loads(json.dumps(schema.dump(world)))
        assert schema.load(written) == world


@pytest.mark.parametrize(
    "section",
    [
        {"clients": [{"id": "a:b", "client_secret": "s", "partner_id": "p"}]},
        {"clients": [{"id": "a", "client_secret": "", "partner_id": "p"}]},
        {"invoices": [{"id": "i", "customer_id": "c", "total": "100.00"}]},
        {"invoices": [{"id": "i", "customer_id": "c", "total": 1.001}]},
        {"invoices": [{"id": "i", "customer_id": "c", "total": -1}]},
        {"invoices": [{"id": "i", "customer_id": "c", "status": "paid"}]},
        {"invoices": [{"id": "i", "customer_id": "c", "due_date": "soon"}]},
        {"payment_methods": [{"id": "pm", "customer_id": "c", "type": "cheque", "last4": "1"}]},
        {"customers": [{"id": "c", "partner_id": "p"}, {"id": "c", "partner_id": "q"}]},
    ],
)
def test_records_that_nothing_can_be_made_of_are_refused(section):
    with pytest.raises(ValidationError):
        AlternativeRecordsSchema().load(section)


def test_a_fresh_client_is_handed_out_first_and_works(emulator, alternative, wire):
    scenario = own_world(emulator.sandboxes.scenario, "own", emulator.vendors, seed="again")
    own = Handoff(wire, emulator.sandboxes.create("own", scenario))
    handed = VENDOR.environment(own.sandbox, "http://mock")

    got = own.token(basic(handed["ALTERNATIVE_CLIENT_ID"], handed["ALTERNATIVE_CLIENT_SECRET"]))

    assert handed["ALTERNATIVE_CLIENT_ID"] not in alternative.records.clients
    assert handed["ALTERNATIVE_CLIENT_ID"] in scenario.credentials
    names = {"customer_id": handed["ALTERNATIVE_CUSTOMER_ID"], "invoice_id": handed["ALTERNATIVE_INVOICE_ID"]}
    assert own.init(got.json["access_token"], **names).outcome == (200, "")
    again = VENDOR.fresh(
        emulator.sandboxes.scenario.records[AlternativeRecords], KeyPool(Entropy("again/own/alternative"))
    )
    assert again.credentials == (handed["ALTERNATIVE_CLIENT_ID"],)


def test_a_token_of_a_sandbox_with_its_own_client_finds_it_without_an_address(emulator, wire):
    scenario = own_world(emulator.sandboxes.scenario, "own", emulator.vendors, seed="again")
    sandbox = emulator.sandboxes.create("own", scenario)
    handed = VENDOR.environment(sandbox, "")
    plain = Handoff(wire, emulator.sandbox)

    got = plain.token(basic(handed["ALTERNATIVE_CLIENT_ID"], handed["ALTERNATIVE_CLIENT_SECRET"]))
    minted = plain.init(got.json["access_token"])

    assert (got.status, minted.status) == (200, 200)
    assert plain.page("invoice", minted.json["token"]).status == 200
    assert len(sandbox.journal) == 3


@pytest.mark.parametrize("kind", ["oauth", "checkout"])
@pytest.mark.parametrize("options", [{}, {"init_path": "bare", "oauth_style": "guide"}], ids=["usual", "others"])
def test_a_token_of_each_kind_is_handed_out(emulator, kind, options):
    stage = example_stage(VENDOR, emulator.sandboxes.scenario)
    stage.sandbox.put(replace(stage.sandbox.get(AlternativeOptions), **options))

    value = VENDOR.tokens[kind](stage)

    assert stage.sandbox.tokens.find(value).kind == kind


def test_a_client_of_the_token_services_is_told_by_basic_and_refused_like_any_other(alternative):
    got, wrong = alternative.token(), alternative.token(basic(secret="guess"))
    cases = [case_of(alternative, each) for each in (got, wrong)]

    assert VENDOR.authorization.client(cases[0]) == "client_demo"
    with pytest.raises(Refusal) as refused:
        VENDOR.authorization.client(cases[1])
    assert refused.value.reason == "credential.wrong_secret"
    assert VENDOR.authorization.token_path(AlternativeOptions()) == TOKEN


def case_of(alternative, got):
    """The case of a call that was made before."""
    sandbox = alternative.sandbox
    return Case(
        call=alternative.journalled(got).call,
        sandbox=sandbox,
        vendor=VENDOR,
        operation=None,
        parameters={},
        options=sandbox.get(AlternativeOptions),
        now=sandbox.clock.now(),
    )


@pytest.mark.parametrize(
    ("suffix", "outcome"),
    [
        ("expired", (401, "token.expired")),
        ("ratelimited", (429, "rate.limited")),
        ("down", (503, "fault.injected")),
        ("badsignature", (401, "token.unknown")),
    ],
)
def test_a_magic_client_is_what_its_name_says(alternative, suffix, outcome):
    got = alternative.token(basic(f"client_demo_{suffix}"))

    if got.status == 200:
        got = alternative.init(got.json["access_token"])

    assert got.outcome == outcome


@pytest.mark.parametrize(
    ("suffix", "delivery"),
    [("slow", Delivery(delay=timedelta(seconds=3))), ("dropped", Delivery(fault=Fault.DROP_BEFORE))],
    ids=["slow", "dropped"],
)
def test_a_magic_client_is_slow_or_dropped_from_the_first_call(emulator, suffix, delivery):
    stage = example_stage(VENDOR, emulator.sandboxes.scenario)

    exchange = stage.exchange(token_ask(f"client_demo_{suffix}"))

    assert exchange.reply.status == 200
    assert exchange.reply.delivery == delivery


def test_the_first_use_of_a_token_of_401once_fails_and_the_next_works(alternative):
    token = alternative.oauth_token("client_demo_401once")

    outcomes = [alternative.init(token).outcome for _ in range(2)]

    assert outcomes == [(401, "token.expired"), (200, "")]


def test_a_rule_about_a_client_meets_its_pages_too(alternative):
    token = alternative.checkout_token()
    alternative.sandbox.rules.add(Rule(When(credential="client_demo", token="checkout"), Then(refuse="token.expired")))

    assert alternative.page("invoice", token).outcome == (401, "token.expired")


def test_a_checkout_token_belongs_to_the_client_that_minted_it(alternative):
    alternative.checkout_token()

    expired = alternative.sandbox.tokens.expire(
        alternative.sandbox.clock.now(), TokenFilter(kind="checkout", subject="client_demo")
    )

    assert expired == 1


def test_secrets_of_pages_are_not_shown_whole_in_the_journal(alternative, wire):
    token = alternative.checkout_token()
    alternative.page("card", token, **{**CARD, "card_provider_token": '{"number":"4111111111111111"}'})
    alternative.page("cvv", token, cvv_secret="ev:very-secret-cvv")
    alternative.page("bank", token)

    shown = wire.get("/_mock/journal").body.decode()

    for secret in ("4111111111111111", "ev:very-secret-cvv", "123454321", "secret_demo"):
        assert secret not in shown
