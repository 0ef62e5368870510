"""Every refusal of Alternative's sheet, sections 3.1 to 3.4: its answer to the byte, and its place in the order."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.vendors.alternative.tokens import CHECKOUT_RING, KEYRINGS, OAUTH_RING
from tests.vendors.alternative_handoff import (
    ADDRESS,
    CA_BANK,
    CHALLENGE,
    FORM,
    FROM_A_PAGE,
    INIT,
    INVALID_TOKEN,
    JSON,
    NO_STORE,
    PAGE_CALLS,
    READABLE,
    TOKEN,
    US_BANK,
    Handoff,
    basic,
    bearer,
    decoded,
    h,
    headers_of,
    hv,
    jwt,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.wire import Got

GRANT = b"grant_type=client_credentials"
IN_BODY = GRANT + b"&client_id=client_demo&client_secret=secret_demo"
FORBIDDEN = h("forbidden", "Invalid credentials")
INVALID_BODY = h("bad_request", "invalid request body")
DEAD = h("unauthorized", "token is invalid")
GONE = h("not_found", "invoice not found")
NO_METHOD = h("not_found", "payment method not found")
WITH_BODY = [name for name, (_, body) in PAGE_CALLS.items() if body]
FOR_AN_INVOICE = ["invoice", "pdf-link", "payments"]


@pytest.fixture
def alternative(wire, sandbox) -> Handoff:
    return Handoff(wire, sandbox)


@dataclass(frozen=True)
class Row:
    """A row of the sheet: how to meet it, and the answer."""

    name: str
    reason: str
    status: int
    body: str
    meet: Callable[[Handoff], Got]
    headers: dict[str, str] | None = None

    def holds(self, got: Got, usual: dict[str, str]) -> None:
        """Hold an answer against it."""
        assert got.outcome == (self.status, self.reason)
        assert got.body.decode() == self.body
        assert headers_of(got) == {**usual, **(self.headers or {})}


def rows(*table: Row) -> Any:
    return pytest.mark.parametrize("row", [pytest.param(row, id=f"{row.reason}-{row.name}") for row in table])


def asked(body: bytes = GRANT, *headers: tuple[str, str], kind: str = FORM) -> Callable[[Handoff], Got]:
    """Ask for an OAuth token."""
    return lambda alternative: alternative.call(TOKEN, body, kind=kind, headers=headers)


def authorized(value: str) -> Callable[[Handoff], Got]:
    return asked(GRANT, ("Authorization", value))


def disabled(alternative: Handoff) -> Got:
    alternative.change_client(enabled=False)
    return alternative.token()


def too_often(call: Callable[[Handoff], Got]) -> Callable[[Handoff], Got]:
    def meet(alternative: Handoff) -> Got:
        alternative.choose(rate_limit=1)
        call(alternative)
        return call(alternative)

    return meet


TOKEN_ROWS = (
    Row(
        "origin",
        "browser.secret_exposed",
        403,
        h("forbidden", "Emulator: client credentials came from a browser."),
        asked(GRANT, basic(), *FROM_A_PAGE),
    ),
    Row("none", "credential.missing", 403, FORBIDDEN, asked()),
    Row("bearer", "credential.missing", 403, FORBIDDEN, authorized("Bearer abc")),
    Row("in-body", "credential.missing", 403, FORBIDDEN, asked(IN_BODY)),
    Row("not-base64", "credential.malformed", 403, FORBIDDEN, authorized("Basic a:b")),
    Row("nothing", "credential.malformed", 403, FORBIDDEN, authorized("Basic")),
    Row("no-colon", "credential.malformed", 403, FORBIDDEN, authorized("Basic Y2xpZW50")),
    Row(
        "body-secret",
        "credential.multiple",
        400,
        h("bad_request", "only one client authentication method is allowed"),
        asked(IN_BODY, basic()),
    ),
    Row(
        "two-fields",
        "credential.multiple",
        400,
        h("bad_request", "only one client authentication method is allowed"),
        asked(GRANT, basic(), basic()),
    ),
    Row("nobody", "credential.unknown", 403, FORBIDDEN, asked(GRANT, basic("client_nobody"))),
    Row("guess", "credential.wrong_secret", 403, FORBIDDEN, asked(GRANT, basic(secret="guess"))),
    Row("empty", "credential.wrong_secret", 403, FORBIDDEN, asked(GRANT, basic(secret=""))),
    Row("off", "credential.disabled", 403, FORBIDDEN, disabled),
    Row(
        "second",
        "rate.limited",
        429,
        h("too_many_requests", "rate limit exceeded"),
        too_often(asked(GRANT, basic())),
        {"Retry-After": "1"},
    ),
    Row(
        "text",
        "request.media_type",
        400,
        h("bad_request", "unsupported content type"),
        asked(GRANT, basic(), kind="text/plain"),
    ),
    Row(
        "untyped",
        "request.media_type",
        400,
        h("bad_request", "unsupported content type"),
        asked(GRANT, basic(), kind=""),
    ),
    Row("array", "request.malformed", 400, INVALID_BODY, asked(b"[]", basic(), kind=JSON)),
    Row("half", "request.malformed", 400, INVALID_BODY, asked(b"{", basic(), kind=JSON)),
    Row(
        "grant-type",
        "request.duplicate_parameter",
        400,
        h("bad_request", "duplicate parameter"),
        asked(GRANT + b"&" + GRANT, basic()),
    ),
    *(
        Row(
            name,
            "request.invalid",
            400,
            hv("bad_request", "invalid request", {"grant_type": "is required"}),
            asked(body, basic(), kind=kind),
        )
        for name, body, kind in (
            ("absent", b"scope=all", FORM),
            ("empty", b"grant_type=", FORM),
            ("json-absent", b"{}", JSON),
            ("json-empty", b'{"grant_type":""}', JSON),
            ("json-null", b'{"grant_type":null}', JSON),
        )
    ),
    *(
        Row(
            name,
            "request.unsupported_grant",
            400,
            hv("bad_request", "unsupported grant type", {"grant_type": "must be client_credentials"}),
            asked(body, basic(), kind=kind),
        )
        for name, body, kind in (
            ("password", b"grant_type=password", FORM),
            ("json", b'{"grant_type":"authorization_code"}', JSON),
            *((f"json-{value}", json.dumps({"grant_type": value}).encode(), JSON) for value in (5, False, [], {})),
        )
    ),
)


@rows(*TOKEN_ROWS)
def test_the_token_endpoint_refuses_as_its_row_says(alternative, row):
    got = row.meet(alternative)

    row.holds(got, NO_STORE)
    assert len(alternative.sandbox.tokens) == (1 if row.reason == "rate.limited" else 0)


def test_of_everything_that_is_wrong_with_a_token_call_the_first_row_wins(alternative):
    alternative.choose(rate_limit=1)
    alternative.token()
    wrong = basic(secret="guess")
    steps = [
        asked(IN_BODY, ("Authorization", "Basic !"), *FROM_A_PAGE, kind="text/plain"),
        asked(IN_BODY, kind="text/plain"),
        asked(IN_BODY, ("Authorization", "Basic !")),
        asked(IN_BODY, wrong),
        asked(b"x", wrong, kind="text/plain"),
        asked(b"x", basic(), kind="text/plain"),
    ]

    reasons = [step(alternative).reason for step in steps]
    alternative.choose(rate_limit=0)
    later = [
        asked(b"grant_type=a&grant_type=b", basic(), kind="text/plain"),
        asked(b"grant_type=a&grant_type=b", basic()),
        asked(b"grant_type=a", basic()),
    ]

    assert reasons == [
        "browser.secret_exposed",
        "credential.missing",
        "credential.malformed",
        "credential.multiple",
        "credential.wrong_secret",
        "rate.limited",
    ]
    assert [step(alternative).reason for step in later] == [
        "request.media_type",
        "request.duplicate_parameter",
        "request.unsupported_grant",
    ]


def test_no_secret_stands_in_the_journal(alternative):
    got = alternative.call(TOKEN, IN_BODY, kind=FORM, headers=[basic("secret_demo", "client_demo")])
    swapped = alternative.token(basic("secret_demo", "client_demo"))

    checks = [alternative.journalled(each).checks for each in (got, swapped)]
    hints = [alternative.journalled(each).hint for each in (got, swapped)]
    assert "secret_demo" not in repr(checks) + repr(hints)
    assert swapped.reason == "credential.unknown"


def init(**changes: Any) -> Callable[[Handoff], Got]:
    return lambda alternative: alternative.init(alternative.oauth_token(), **changes)


def init_with(token: Callable[[Handoff], str | None]) -> Callable[[Handoff], Got]:
    return lambda alternative: alternative.init(token(alternative))


def raw_init(body: bytes, kind: str = JSON) -> Callable[[Handoff], Got]:
    def meet(alternative: Handoff) -> Got:
        return alternative.call(INIT, body, kind=kind, headers=bearer(alternative.oauth_token()))

    return meet


def in_guides_style(token: Callable[[Handoff], str]) -> Callable[[Handoff], Got]:
    def meet(alternative: Handoff) -> Got:
        alternative.choose(oauth_style="guide")
        return alternative.init(token(alternative))

    return meet


def after(change: Callable[[Handoff], object], kind: str = "oauth") -> Callable[[Handoff], str]:
    """A token, and then something happens."""

    def token(alternative: Handoff) -> str:
        value = alternative.oauth_token() if kind == "oauth" else alternative.checkout_token()
        change(alternative)
        return value

    return token


def expire(alternative: Handoff) -> None:
    alternative.sandbox.tokens.expire(alternative.sandbox.clock.now())


def revoke(alternative: Handoff) -> None:
    alternative.sandbox.tokens.revoke(alternative.sandbox.clock.now())


def expire_and_revoke(alternative: Handoff) -> None:
    expire(alternative)
    revoke(alternative)


def strangers(alternative: Handoff) -> str:
    return jwt({"alg": "HS256", "typ": "JWT"}, {"exp": alternative.now + 60})


def unsigned(alternative: Handoff) -> str:
    return jwt({"alg": "none"}, {"exp": alternative.now + 60}, signature=b"")


def well_signed(ring: str) -> Callable[[Handoff], str]:
    def token(alternative: Handoff) -> str:
        return alternative.sandbox.keyring(ring, KEYRINGS[ring]).active.sign({"exp": alternative.now + 60})

    return token


def once_too_often(alternative: Handoff) -> Got:
    token = alternative.oauth_token()
    alternative.choose(rate_limit=1)
    alternative.init(token)
    return alternative.init(token)


INIT_ROWS = (
    Row(
        "origin",
        "browser.secret_exposed",
        403,
        h("forbidden", "Emulator: a backend call came from a browser."),
        lambda alternative: alternative.init(alternative.oauth_token(), headers=FROM_A_PAGE),
    ),
    Row("none", "token.missing", 401, h("unauthorized", "token is missing"), init_with(lambda _: None), CHALLENGE),
    Row(
        "basic",
        "token.missing",
        401,
        h("unauthorized", "token is missing"),
        lambda alternative: alternative.init(None, headers=[basic()]),
        CHALLENGE,
    ),
    Row(
        "query",
        "token.multiple",
        400,
        h("bad_request", "token sent twice"),
        init(path=INIT + "?access_token=x"),
    ),
    Row("undefined", "token.malformed", 401, DEAD, init_with(lambda _: "undefined"), INVALID_TOKEN),
    Row("upper-case", "token.malformed", 401, DEAD, init_with(lambda _: "A" * 56), INVALID_TOKEN),
    Row("too-short", "token.malformed", 401, DEAD, init_with(lambda _: "a" * 55), INVALID_TOKEN),
    Row("made-up", "token.unknown", 401, DEAD, init_with(lambda _: "a" * 56), INVALID_TOKEN),
    Row("guide", "token.bad_signature", 401, DEAD, in_guides_style(strangers), INVALID_TOKEN),
    Row("guide-none", "token.bad_signature", 401, DEAD, in_guides_style(unsigned), INVALID_TOKEN),
    Row("guide", "token.unknown", 401, DEAD, in_guides_style(well_signed(OAUTH_RING)), INVALID_TOKEN),
    Row("guide-hex", "token.malformed", 401, DEAD, in_guides_style(lambda _: "a" * 56), INVALID_TOKEN),
    Row("revoked", "token.revoked", 401, DEAD, init_with(after(revoke)), INVALID_TOKEN),
    Row("expired-too", "token.revoked", 401, DEAD, init_with(after(expire_and_revoke)), INVALID_TOKEN),
    Row(
        "expired",
        "token.expired",
        401,
        h("unauthorized", "token is expired"),
        init_with(after(expire)),
        INVALID_TOKEN,
    ),
    Row("checkout", "token.wrong_kind", 401, DEAD, init_with(Handoff.checkout_token), INVALID_TOKEN),
    Row(
        "off",
        "credential.disabled",
        401,
        DEAD,
        init_with(after(lambda alternative: alternative.change_client(enabled=False))),
        INVALID_TOKEN,
    ),
    Row(
        "second",
        "rate.limited",
        429,
        h("too_many_requests", "rate limit exceeded"),
        once_too_often,
        {"Retry-After": "1"},
    ),
    Row("form", "request.media_type", 400, INVALID_BODY, raw_init(b"customer_id=cus_demo", FORM)),
    Row("untyped", "request.media_type", 400, INVALID_BODY, raw_init(b"{}", "")),
    Row("array", "request.malformed", 400, INVALID_BODY, raw_init(b"[]")),
    Row("empty", "request.malformed", 400, INVALID_BODY, raw_init(b"")),
    *(
        Row(
            f"{field.partition('_')[0]}-{json.dumps(value)}",
            "request.invalid",
            400,
            h("bad_request", f"invalid {field.replace('_', ' ')}"),
            raw_init(json.dumps({"customer_id": "cus_demo", "invoice_id": "inv_demo", field: value}).encode()),
        )
        for field in ("customer_id", "invoice_id")
        for value in ("", 1, None, ["inv_demo"])
    ),
    Row(
        "no-customer",
        "request.invalid",
        400,
        h("bad_request", "invalid customer id"),
        init(customer_id=None, invoice_id=None),
    ),
    Row("no-invoice", "request.invalid", 400, h("bad_request", "invalid invoice id"), init(invoice_id=None)),
    Row(
        "customer",
        "resource.not_found",
        404,
        h("not_found", "customer not found"),
        init(customer_id="cus_nobody", invoice_id="inv_nowhere"),
    ),
    Row("far", "binding.wrong_partner", 404, h("not_found", "customer not found"), init(customer_id="cus_far")),
    Row("invoice", "resource.not_found", 404, GONE, init(invoice_id="inv_nowhere")),
    Row("other", "binding.wrong_customer", 404, GONE, init(invoice_id="inv_other")),
)


@rows(*INIT_ROWS)
def test_init_refuses_as_its_row_says(alternative, row):
    got = row.meet(alternative)

    row.holds(got, NO_STORE)


def test_init_looks_at_the_token_before_the_rate_and_the_body_and_the_body_before_what_is_there(alternative):
    token = alternative.oauth_token()
    garbled = {"body": b"{", "headers": bearer(token)}

    dead = alternative.call(INIT, b"{", headers=bearer("null"))
    unread = alternative.call(INIT, **garbled)
    invalid = alternative.init(token, customer_id="cus_nobody", invoice_id="")
    alternative.choose(rate_limit=1)
    alternative.init(token)
    limited = alternative.call(INIT, **garbled)

    assert [got.reason for got in (dead, unread, invalid, limited)] == [
        "token.malformed",
        "request.malformed",
        "request.invalid",
        "rate.limited",
    ]


TOKEN_OF_PAGE = (
    Row("none", "token.missing", 401, h("unauthorized", "token is missing"), lambda _: None, CHALLENGE),
    Row("null", "token.malformed", 401, DEAD, lambda _: "null", INVALID_TOKEN),
    Row("no-jwt", "token.malformed", 401, DEAD, lambda _: "a" * 56, INVALID_TOKEN),
    Row("forged", "token.bad_signature", 401, DEAD, strangers, INVALID_TOKEN),
    Row("none", "token.bad_signature", 401, DEAD, unsigned, INVALID_TOKEN),
    Row(
        "rs256",
        "token.bad_signature",
        401,
        DEAD,
        lambda alternative: jwt({"alg": "RS256"}, {"exp": alternative.now + 60}),
        INVALID_TOKEN,
    ),
    Row("of-the-other-key", "token.bad_signature", 401, DEAD, well_signed(OAUTH_RING), INVALID_TOKEN),
    Row("never-issued", "token.unknown", 401, DEAD, well_signed(CHECKOUT_RING), INVALID_TOKEN),
    Row("revoked", "token.revoked", 401, DEAD, after(revoke, "checkout"), INVALID_TOKEN),
    Row("expired-too", "token.revoked", 401, DEAD, after(expire_and_revoke, "checkout"), INVALID_TOKEN),
    Row(
        "expired",
        "token.expired",
        401,
        h("unauthorized", "token is expired"),
        after(expire, "checkout"),
        INVALID_TOKEN,
    ),
    Row("oauth", "token.wrong_kind", 401, DEAD, Handoff.oauth_token, INVALID_TOKEN),
)


@pytest.mark.parametrize("v1", [False, True], ids=["bare", "v1"])
@pytest.mark.parametrize("name", PAGE_CALLS)
@rows(*TOKEN_OF_PAGE)
def test_a_page_without_a_good_token_is_refused_as_its_row_says(alternative, row, name, v1):
    got = alternative.page(name, row.meet(alternative), v1=v1)

    row.holds(got, READABLE)


@pytest.mark.parametrize("name", PAGE_CALLS)
def test_a_page_must_not_have_the_backends_token(alternative, name):
    got = alternative.page(name, alternative.oauth_token(), headers=FROM_A_PAGE)

    assert (got.outcome, got.body.decode()) == ((401, "browser.server_only_token"), DEAD)
    assert headers_of(got) == {**READABLE, **INVALID_TOKEN}


@pytest.mark.parametrize("name", PAGE_CALLS)
def test_a_page_sends_its_token_in_one_place(alternative, name):
    got = alternative.page(name, alternative.checkout_token(), query="?access_token=x")

    assert (got.outcome, got.body.decode()) == ((400, "token.multiple"), h("bad_request", "token sent twice"))
    assert headers_of(got) == READABLE


@pytest.mark.parametrize("name", PAGE_CALLS)
def test_a_page_that_calls_too_often_is_refused_before_its_body_is_read(alternative, name):
    token = alternative.checkout_token()
    alternative.choose(rate_limit=1)
    path, body = PAGE_CALLS[name]

    first = alternative.page("invoice", token)
    got = alternative.call(f"/checkout{path}", b"{", method="POST" if body else "GET", headers=bearer(token))

    assert first.status == 200
    assert got.outcome == (429, "rate.limited")
    assert got.body.decode() == h("too_many_requests", "rate limit exceeded")
    assert headers_of(got) == {**READABLE, "Retry-After": "1"}


@pytest.mark.parametrize("name", WITH_BODY)
@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        (FORM, b"{}", "request.media_type"),
        ("", b"{}", "request.media_type"),
        (JSON, b"", "request.malformed"),
        (JSON, b"[1]", "request.malformed"),
        (JSON, b'{"a":NaN}', "request.malformed"),
    ],
)
def test_a_page_posts_a_json_object(alternative, name, kind, body, reason):
    headers = bearer(alternative.checkout_token())

    got = alternative.call("/checkout" + PAGE_CALLS[name][0], body, kind=kind, headers=headers)

    assert (got.outcome, got.body.decode()) == ((400, reason), INVALID_BODY)
    assert headers_of(got) == READABLE


@pytest.mark.parametrize("name", PAGE_CALLS)
@pytest.mark.parametrize("gone", ["customer", "invoice"])
def test_a_page_whose_customer_or_invoice_is_no_more_is_told_so(alternative, name, gone):
    token = alternative.checkout_token()
    alternative.sandbox.put(replace(alternative.records, **{f"{gone}s": {}}))

    got = alternative.page(name, token)

    check = alternative.journalled(got).checks[-1]
    assert (got.outcome, got.body.decode()) == ((404, "resource.not_found"), GONE)
    assert headers_of(got) == READABLE
    assert (check.claim, check.passed) == (f"{gone}_id", False)


@pytest.mark.parametrize("name", PAGE_CALLS)
def test_a_token_without_an_invoice_is_good_for_what_needs_none(alternative, name):
    alternative.choose(require_invoice=False)
    token = alternative.checkout_token(invoice_id=None)

    got = alternative.page(name, token)

    if name in FOR_AN_INVOICE:
        assert (got.outcome, got.body.decode()) == ((404, "resource.not_found"), GONE)
    else:
        assert got.outcome == (200, "")


EVERVAULT, STRING, REQUIRED = "must be evervault", "must be a string", "is required"
DIGITS, KNOWN = "must have the right number of digits", "is not one of the known values"
MONEY = "must be a string with a positive amount and at most two decimals"
DATE = "must be an ISO date or date-time"
US, CA = US_BANK["us_account_data"], CA_BANK["ca_account_data"]

BAD_FIELDS = [
    ("card", {"card_provider_token": "not json"}, {"card_provider_token": "must be a string that holds JSON"}),
    ("card", {"card_provider_token": {"last4": "1"}}, {"card_provider_token": STRING}),
    ("card", {"provider": "stripe"}, {"provider": EVERVAULT}),
    ("card", {"provider": None, "address": None}, {"provider": REQUIRED, "address": REQUIRED}),
    ("card", {"address": {**ADDRESS, "city": 1}}, {"address.city": STRING}),
    ("card", {"address": {}}, {f"address.{name}": REQUIRED for name in ADDRESS}),
    ("card", {"address": "here"}, {"address": "is invalid"}),
    ("bank", {"account_data_type": "uk"}, {"account_data_type": KNOWN}),
    ("bank", {"account_data_type": "ca"}, {"ca_account_data": REQUIRED}),
    ("bank", {"us_account_data": None}, {"us_account_data": REQUIRED}),
    ("bank", {"us_account_data": {**US, "routing_number": "12345678"}}, {"us_account_data.routing_number": DIGITS}),
    ("bank", {"us_account_data": {**US, "routing_number": "12345678\n"}}, {"us_account_data.routing_number": DIGITS}),
    ("bank", {"us_account_data": {**US, "account_number": "x"}}, {"us_account_data.account_number": DIGITS}),
    (
        "bank",
        {"account_data_type": "ca", "ca_account_data": {**CA, "institution_code": "1", "transit_number": "1"}},
        {"ca_account_data.institution_code": DIGITS, "ca_account_data.transit_number": DIGITS},
    ),
    ("bank", {"subtype": "checking", "type": "loan"}, {"subtype": KNOWN, "type": KNOWN}),
    ("bank", {"receiver_name": 1, "institution_name": None}, {"institution_name": REQUIRED, "receiver_name": STRING}),
    ("cvv", {"cvv_secret": ""}, {"cvv_secret": REQUIRED}),
    ("cvv", {"cvv_secret": 123, "provider": "x"}, {"cvv_secret": STRING, "provider": EVERVAULT}),
    *(
        ("payments", {"amount": amount}, {"amount": MONEY})
        for amount in (100, 100.0, "", "0", "0.00", "1.000", "-1", "1e3", "1,00", "\u0661", "1.00\n", True)
    ),
    *(
        ("payments", {"payment_date": date}, {"payment_date": DATE})
        for date in ("today", "2030-02-30", "20300101", "2030-W01-1", "2030-01-01T25:00", "01/01/2030")
    ),
    ("payments", {"payment_method": "ach"}, {"payment_method": KNOWN}),
    ("payments", {"payment_method_id": None}, {"payment_method_id": REQUIRED}),
    (
        "payments",
        {"amount": None, "payment_date": 1, "payment_method": None, "payment_method_id": ""},
        {"amount": REQUIRED, "payment_date": STRING, "payment_method": REQUIRED, "payment_method_id": REQUIRED},
    ),
    ("autocomplete", {"q": "", "country": 1}, {"q": REQUIRED, "country": STRING}),
    ("details", {"id": None, "sessiontoken": 1}, {"id": REQUIRED, "sessiontoken": STRING}),
]


@pytest.mark.parametrize(("name", "changes", "errors"), BAD_FIELDS)
def test_every_bad_field_is_named_in_the_order_of_the_schema(alternative, name, changes, errors):
    token = alternative.checkout_token()

    got = alternative.page(name, token, **changes)

    assert got.outcome == (400, "request.invalid")
    assert got.body.decode() == hv("bad_request", "invalid request", errors)
    assert headers_of(got) == READABLE
    assert alternative.ledger.payments == ()
    assert alternative.ledger.methods == {}


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_an_idempotency_key_has_1_to_255_characters(alternative, key):
    got = alternative.pay(alternative.checkout_token(), key)

    assert got.outcome == (400, "request.invalid")
    text = "must be 1 to 255 characters long"
    assert got.body.decode() == hv("bad_request", "invalid request", {"Idempotency-Key": text})


@pytest.mark.parametrize("second", ["key-1", "key-2", ""])
def test_an_idempotency_key_is_sent_once(alternative, second):
    headers = [("Idempotency-Key", "key-1"), ("Idempotency-Key", second)]

    got = alternative.page("payments", alternative.checkout_token(), headers=headers)

    assert got.outcome == (400, "request.invalid")
    assert got.body.decode() == hv("bad_request", "invalid request", {"Idempotency-Key": "must be sent once"})
    assert alternative.ledger.payments == ()


def test_a_bad_idempotency_key_is_one_of_the_bad_fields(alternative):
    got = alternative.pay(alternative.checkout_token(), "", amount=1, payment_method_id="")

    assert got.outcome == (400, "request.invalid")
    assert got.json["validation_errors"] == {
        "amount": MONEY,
        "payment_method_id": REQUIRED,
        "Idempotency-Key": "must be 1 to 255 characters long",
    }


def test_the_idempotency_key_is_judged_before_the_invoice_is_looked_for(alternative):
    alternative.choose(require_invoice=False)

    got = alternative.pay(alternative.checkout_token(invoice_id=None), "")

    assert got.outcome == (400, "request.invalid")


@pytest.mark.parametrize("amount", ["1000000000000", "9" * 5_000, "9" * 400 + ".99"], ids=["13", "5000", "cents"])
def test_an_amount_of_many_digits_is_well_written_and_too_much(alternative, amount):
    got = alternative.pay(alternative.checkout_token(), amount=amount)

    assert got.outcome == (422, "request.unprocessable")
    assert got.json["validation_errors"] == {"amount": "is more than the invoice's total"}
    assert alternative.journalled(got).checks[-1].claim == "amount"


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ("pm_nowhere", "resource.not_found"),
        ("pm_bank", "resource.not_found"),
        ("pm_other", "binding.wrong_customer"),
    ],
    ids=["unknown", "no-card", "anothers"],
)
def test_only_the_customers_own_cards_have_a_cvv(alternative, method, reason):
    got = alternative.at(f"/payment-methods/{method}/cvv", alternative.checkout_token(), PAGE_CALLS["cvv"][1])

    assert (got.outcome, got.body.decode()) == ((404, reason), NO_METHOD)
    assert headers_of(got) == READABLE


@pytest.mark.parametrize(
    ("method", "reason"), [("pm_nowhere", "resource.not_found"), ("pm_other", "binding.wrong_customer")]
)
def test_only_the_customers_own_methods_pay(alternative, method, reason):
    got = alternative.pay(alternative.checkout_token(invoice_id="inv_paid"), payment_method_id=method, amount="999.00")

    assert (got.outcome, got.body.decode()) == ((404, reason), NO_METHOD)


@pytest.mark.parametrize(
    ("invoice", "changes", "errors"),
    [
        ({"status": "PAID"}, {"amount": "999.00"}, {"invoice_id": "is paid or archived already"}),
        ({"status": "ARCHIVED"}, {}, {"invoice_id": "is paid or archived already"}),
        ({}, {"amount": "100.01"}, {"amount": "is more than the invoice's total"}),
        ({}, {"payment_method": "standard_ach"}, {"payment_method": "does not fit the payment method"}),
        ({}, {"payment_method_id": "pm_bank"}, {"payment_method": "does not fit the payment method"}),
    ],
    ids=["paid", "archived", "over", "ach-with-card", "card-with-bank"],
)
def test_a_payment_that_breaks_a_rule_of_business_is_not_made(alternative, invoice, changes, errors):
    token = alternative.checkout_token()
    alternative.change_invoice(**invoice)

    got = alternative.pay(token, **changes)

    assert got.outcome == (422, "request.unprocessable")
    assert got.body.decode() == hv("unprocessable_entity", "payment not allowed", errors)
    assert headers_of(got) == READABLE
    assert alternative.ledger.payments == ()


@pytest.mark.parametrize("path", [TOKEN, INIT, "/checkout/payments", "/checkout/v1/payments"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_method_is_refused_with_those_that_are_allowed(alternative, path, method):
    got = alternative.call(path, method=method)

    assert got.outcome == (405, "method.not_allowed")
    assert got.body.decode() == h("method_not_allowed", "method not allowed")
    assert got.headers["Allow"] == "POST"


@pytest.mark.parametrize("path", ["/checkout/invoice/", "/checkout/v2/invoice", "/checkout/payment-methods/x/y"])
def test_a_page_can_read_that_there_is_nothing(alternative, path):
    got = alternative.call(path, method="GET", headers=FROM_A_PAGE)

    assert (got.outcome, got.body.decode()) == ((404, "route.not_found"), h("not_found", "404 page not found"))
    assert headers_of(got) == READABLE


def test_the_issued_token_opens_with_its_documented_header(alternative):
    assert decoded(alternative.checkout_token())[0] == '{"alg":"HS256","typ":"JWT"}'
