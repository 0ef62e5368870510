"""The assertion grant: rows A1 to A12 of the standards sheet, as Ingrid has them (its own deviations: section 9)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mockserver.vendors.ingrid.options import IngridOptions
from tests.vendors.ingrid_handoff import (
    P401,
    b64,
    hs256,
    oauth_error,
    ps256,
    rs256,
    rs512,
    unb64,
    unsigned,
    written,
)

FORMS = ["auth", "auth_form"]


@pytest.fixture(params=FORMS)
def send(request, ingrid):
    """Hop one in both forms of the grant."""
    return getattr(ingrid, request.param)


def assert_refused(got, reason):
    """Refused for this reason: 401 in the vendor's JSON, 400 `invalid_grant` in the RFC's form."""
    assert got.reason == reason
    expected = {401: P401, 400: oauth_error("invalid_grant", reason)}
    assert written(got) == expected[got.status]


@pytest.mark.parametrize("claim", ["sub", "aud", "exp"])
def test_a1_a_required_claim_must_be_there(ingrid, send, claim):
    assertion = ingrid.signed(without={claim})

    got = send(assertion)

    assert_refused(got, "assertion.missing_claim")


@pytest.mark.parametrize("claim", ["iss", "iat", "nbf", "jti"])
def test_a1_every_other_claim_may_be_left_out(ingrid, send, claim):
    everything = {"iss": "sa_demo", "iat": ingrid.now, "nbf": ingrid.now, "jti": "one"}
    rest = {name: value for name, value in everything.items() if name != claim}
    assertion = ingrid.signed(without={claim}, **rest)

    got = send(assertion)

    assert got.outcome == (200, "")


def test_a1_an_issuer_that_is_sent_is_the_subject(ingrid, send):
    assertion = ingrid.signed(iss="https://issuer.test")

    got = send(assertion)

    assert_refused(got, "assertion.invalid_claim")


@pytest.mark.parametrize(
    "audience",
    [
        "http://localhost/ingrid/v1/auth/token/",
        "https://localhost/ingrid/v1/auth/token",
        "http://127.0.0.1/ingrid/v1/auth/token",
        "http://localhost:80/ingrid/v1/auth/token",
        "http://LOCALHOST/ingrid/v1/auth/token",
        "http://localhost/ingrid/v1/auth/token?",
        "",
        ["http://localhost/ingrid/v1/auth/token/", "http://localhost/ingrid"],
        [],
    ],
    ids=["slash", "https", "loopback", "port", "upper-case", "query", "empty", "array-without", "empty-array"],
)
def test_a2_an_audience_is_compared_to_the_letter(ingrid, send, audience):
    assertion = ingrid.signed(aud=audience)

    got = send(assertion)

    assert_refused(got, "assertion.wrong_audience")


@pytest.mark.parametrize(
    "wrap", [str, lambda url: [url], lambda url: ["https://x.test", url]], ids=["text", "one", "two"]
)
def test_a2_an_audience_is_a_text_or_an_array_that_holds_it(ingrid, send, wrap):
    assertion = ingrid.signed(aud=wrap(ingrid.auth_url))

    got = send(assertion)

    assert got.outcome == (200, "")


@pytest.mark.parametrize(
    ("step", "outcome"),
    [(-60, "assertion.expired"), (-5, "assertion.expired"), (-4.999, ""), (-4, ""), (1, "")],
)
def test_a3_an_assertion_expires_a_small_leeway_after_exp(ingrid, send, step, outcome):
    assertion = ingrid.signed(exp=ingrid.now + step)

    got = send(assertion)

    assert got.reason == outcome
    assert (got.status == 200) == (outcome == "")


@pytest.mark.parametrize(
    ("issued", "expires", "reason"),
    [
        (0, 86_400, "assertion.lifetime_too_long"),
        (0, 3601, "assertion.lifetime_too_long"),
        (0, 3600, ""),
        (-3590, 11, "assertion.lifetime_too_long"),
        (-3590, 10, ""),
        (None, 3601, "assertion.lifetime_too_long"),
        (None, 3600, ""),
    ],
)
def test_a4_an_assertion_lives_no_longer_than_the_maximum(ingrid, send, issued, expires, reason):
    times = {"exp": ingrid.now + expires} | ({} if issued is None else {"iat": ingrid.now + issued})
    assertion = ingrid.signed(without={"iat"}, **times)

    got = send(assertion)

    assert got.reason == reason


@pytest.mark.parametrize("claim", ["nbf", "iat"])
@pytest.mark.parametrize(
    ("step", "reason"), [(300, "assertion.not_yet_valid"), (6, "assertion.not_yet_valid"), (5, ""), (-300, "")]
)
def test_a5_an_assertion_of_the_future_is_refused(ingrid, send, claim, step, reason):
    assertion = ingrid.signed(**{claim: ingrid.now + step})

    got = send(assertion)

    assert got.reason == reason


def test_a6_a_jti_is_good_for_one_use(ingrid, send):
    assertion = ingrid.signed(jti="only-once")

    first, second = send(assertion), send(assertion)

    assert first.outcome == (200, "")
    assert_refused(second, "assertion.replayed")


def test_a6_a_jti_is_remembered_across_forms_and_claims(ingrid):
    ingrid.auth(ingrid.signed(jti="only-once"))

    got = ingrid.auth_form(ingrid.signed(jti="only-once", exp=ingrid.now + 30))

    assert_refused(got, "assertion.replayed")


def test_a6_without_a_jti_nothing_is_remembered(ingrid, send):
    assertion = ingrid.signed()

    answers = [send(assertion) for _ in range(3)]

    assert [got.status for got in answers] == [200] * 3


def test_a7_an_empty_assertion_is_none(send):
    got = send("")

    assert got.outcome == (400, "assertion.missing")


@pytest.mark.parametrize("blank", [" ", ",", "\n", "."], ids=["blank", "comma", "newline", "dot"])
def test_a7_two_assertions_are_one_too_many(ingrid, send, blank):
    assertion = ingrid.signed()

    got = send(assertion + blank + assertion)

    assert_refused(got, "assertion.malformed")


def test_a7_a_json_array_is_no_assertion(ingrid):
    got = ingrid.auth([ingrid.signed()])

    assert got.outcome == (400, "assertion.missing")


@pytest.mark.parametrize("part", [0, 1, 2], ids=["header", "payload", "signature"])
def test_a8_a_changed_byte_breaks_the_signature(ingrid, send, part):
    parts = ingrid.signed(header={"x": "aaaa"}, x="aaaa").split(".")
    data = unb64(parts[part])
    parts[part] = b64(data.replace(b"aaaa", b"aaab") if part < 2 else bytes([data[0] ^ 1]) + data[1:])

    got = send(".".join(parts))

    assert_refused(got, "assertion.bad_signature")


@pytest.mark.parametrize("signature", [b"", b"x", b"x" * 256, b"\x00" * 256], ids=["none", "short", "long", "zero"])
def test_a8_a_made_up_signature_verifies_nothing(ingrid, send, signature):
    assertion = ingrid.signed(sign=lambda _: signature)

    got = send(assertion)

    assert_refused(got, "assertion.bad_signature")


def test_a8_another_accounts_key_verifies_nothing(ingrid, send):
    assertion = ingrid.signed("sa_edit")

    got = send(assertion)

    assert_refused(got, "assertion.bad_signature")


def test_a8_a_retired_key_verifies_nothing(ingrid, send):
    _keep_keys(ingrid, ("sa_demo", None, False), ("sa_edit", None, True))
    assertion = ingrid.signed("sa_demo")

    got = send(assertion)

    assert_refused(got, "assertion.bad_signature")


@pytest.mark.parametrize(
    ("algorithm", "signer"),
    [
        ("none", lambda _: unsigned),
        ("None", lambda _: unsigned),
        ("NONE", lambda _: unsigned),
        ("HS256", lambda ingrid: hs256(ingrid.public_pem())),
        ("RS512", lambda ingrid: rs512(ingrid.private_key())),
        ("PS256", lambda ingrid: ps256(ingrid.private_key())),
        ("rs256", lambda ingrid: rs256(ingrid.private_key())),
        ("", lambda ingrid: rs256(ingrid.private_key())),
        (None, lambda ingrid: rs256(ingrid.private_key())),
        (["RS256"], lambda ingrid: rs256(ingrid.private_key())),
    ],
    ids=lambda value: None if callable(value) else repr(value),
)
def test_a9_no_algorithm_but_the_keys_own_is_tried(ingrid, send, algorithm, signer):
    assertion = ingrid.signed(header={"alg": algorithm}, sign=signer(ingrid))

    got = send(assertion)

    assert_refused(got, "assertion.unsupported_algorithm")


def test_a9_the_algorithm_is_judged_before_any_verification(ingrid, send):
    assertion = ingrid.signed("sa_edit", header={"alg": "RS512", "kid": "unknown"}, sub="sa_nobody")

    got = send(assertion)

    assert_refused(got, "assertion.unsupported_algorithm")


@pytest.mark.parametrize("critical", [["x"], ["exp"], ["b64"], [], "x", None], ids=repr)
def test_a10_an_extension_that_is_not_understood_is_refused(ingrid, send, critical):
    assertion = ingrid.signed(header={"crit": critical, "x": 1, "b64": True})

    got = send(assertion)

    assert_refused(got, "assertion.malformed")


@pytest.mark.parametrize("signer", ["sa_demo", "sa_edit"])
def test_a11_without_a_kid_every_active_key_is_tried(ingrid, send, signer):
    _keep_keys(ingrid, ("sa_demo", "first", True), ("sa_edit", "second", True))

    got = send(ingrid.signed(signer))

    assert got.outcome == (200, "")


@pytest.mark.parametrize(
    ("signer", "kid", "reason"),
    [
        ("sa_demo", "first", ""),
        ("sa_edit", "second", ""),
        ("sa_demo", "second", "assertion.bad_signature"),
        ("sa_demo", "third", "assertion.unknown_key"),
        ("sa_demo", "FIRST", "assertion.unknown_key"),
        ("sa_demo", "", "assertion.unknown_key"),
        ("sa_demo", None, "assertion.unknown_key"),
        ("sa_demo", 1, "assertion.unknown_key"),
        ("sa_demo", ["first"], "assertion.unknown_key"),
    ],
)
def test_a11_a_kid_that_is_sent_names_the_one_key_to_try(ingrid, send, signer, kid, reason):
    _keep_keys(ingrid, ("sa_demo", "first", True), ("sa_edit", "second", True))

    got = send(ingrid.signed(signer, header={"kid": kid}))

    assert got.reason == reason


def test_a11_the_kid_of_a_retired_key_is_unknown(ingrid, send):
    _keep_keys(ingrid, ("sa_demo", "first", False), ("sa_edit", "second", True))

    got = send(ingrid.signed("sa_demo", header={"kid": "first"}))

    assert_refused(got, "assertion.unknown_key")


def test_a12_the_token_url_is_an_audience(ingrid, send):
    got = send(ingrid.signed(aud=ingrid.auth_url))

    assert got.outcome == (200, "")


@pytest.mark.parametrize(
    ("audience", "reason"),
    [
        pytest.param(("request",), "assertion.wrong_audience", id="not-configured"),
        pytest.param(("request", "http://localhost/ingrid"), "", id="configured"),
    ],
)
def test_a12_the_issuer_is_an_audience_only_where_it_is_configured(ingrid, send, choose, audience, reason):
    choose(IngridOptions, audience=audience)

    got = send(ingrid.signed(aud=ingrid.base_url))

    assert got.reason == reason


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", [True, False, "9999999999", None, [], {}], ids=repr)
def test_a_numeric_date_is_a_json_number(ingrid, send, claim, value):
    got = send(ingrid.signed(**{claim: value}))

    assert_refused(got, "assertion.invalid_claim")


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
def test_a_numeric_date_may_have_a_fraction(ingrid, send, claim):
    got = send(ingrid.signed(**{claim: ingrid.now + 0.25}))

    assert got.outcome == (200, "")


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", [100_000_000_000, 1_767_323_105_000, 1e11])
def test_a_numeric_date_from_1e11_on_is_in_milliseconds(ingrid, send, claim, value):
    got = send(ingrid.signed(**{claim: value}))

    assert_refused(got, "assertion.invalid_claim")
    assert "milliseconds" in ingrid.hint(got)


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_a_numeric_date_just_below_1e11_is_in_seconds(ingrid, send, claim):
    got = send(ingrid.signed(**{claim: 99_999_999_999}))

    assert_refused(got, "assertion.not_yet_valid")


@pytest.mark.parametrize(
    ("claim", "reason"), [("exp", "assertion.expired"), ("iat", "assertion.lifetime_too_long"), ("nbf", "")]
)
def test_a_numeric_date_far_in_the_past_is_in_seconds(ingrid, send, claim, reason):
    got = send(ingrid.signed(**{claim: -100_000_000_000}))

    assert got.reason == reason


def test_of_a_repeated_claim_the_last_one_counts(ingrid, send):
    claims = json.dumps(ingrid.claims()).encode()
    doubled = claims[:-1] + b',"sub":"sa_nobody"}'

    got = send(_signed_bytes(ingrid, doubled))

    assert_refused(got, "credential.unknown")


def _signed_bytes(ingrid, payload):
    header = {"alg": "RS256", "typ": "JWT"}
    signing_input = f"{b64(json.dumps(header).encode())}.{b64(payload)}"
    return f"{signing_input}.{b64(rs256(ingrid.private_key())(signing_input.encode()))}"


def _keep_keys(ingrid, *kept):
    """Give sa_demo these keys: whose, under which kid, active or not."""
    accounts = ingrid.records.accounts
    keys = [replace(accounts[owner].keys[0], kid=kid, active=active) for owner, kid, active in kept]
    ingrid.change_account(keys=tuple(keys))
