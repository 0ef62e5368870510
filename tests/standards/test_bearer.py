"""Bearer tokens in use: rows B1 to B8 of the standards sheet, at both of Ingrid's endpoints that take one."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from mockserver.vendors.ingrid.options import IngridOptions
from tests.vendors.ingrid_handoff import (
    DELIVERY,
    FORM,
    INVALID_TOKEN,
    JSON,
    P401,
    P403,
    bearer,
    item,
    p400,
    written,
)

MINT = "/v1/sites/site_demo/access-tokens"
BODY = {"scopes": ["view"]}
"""Good for both endpoints: the second one takes any object."""

LITERALS = ["null", "undefined", "[object Object]"]


@pytest.fixture(params=["jwt", "opaque"], autouse=True)
def token_format(request, choose):
    choose(IngridOptions, token_format=request.param)
    return request.param


@pytest.fixture(params=[MINT, DELIVERY], ids=["mint", "delivery"])
def path(request):
    return request.param


@pytest.fixture
def token(ingrid, path):
    """A token that is good at this endpoint."""
    return {MINT: ingrid.service_token, DELIVERY: ingrid.site_token}[path]()


def test_b1_a_bare_call_is_challenged_without_an_error(ingrid, path):
    got = ingrid.call(path, BODY)

    assert got.outcome == (401, "token.missing")
    assert written(got) == P401
    assert got.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("credentials", ["Basic eDp5", "Digest x", "Bearertoken", "Token x", ""])
def test_b1_another_scheme_is_no_token(ingrid, path, credentials):
    got = ingrid.call(path, BODY, headers=[("Authorization", credentials)])

    assert got.outcome == (401, "token.missing")
    assert got.headers["WWW-Authenticate"] == "Bearer"


def test_b2_an_expired_token_is_invalid(ingrid, path, token):
    ingrid.sandbox.clock.advance(timedelta(hours=1))

    got = ingrid.call(path, BODY, headers=bearer(token))

    assert got.outcome == (401, "token.expired")
    assert written(got) == P401
    assert got.headers["WWW-Authenticate"] == INVALID_TOKEN


def test_b2_a_revoked_token_is_invalid(ingrid, path, token):
    ingrid.sandbox.tokens.revoke(ingrid.sandbox.clock.now())

    got = ingrid.call(path, BODY, headers=bearer(token))

    assert got.outcome == (401, "token.revoked")
    assert written(got) == P401
    assert got.headers["WWW-Authenticate"] == INVALID_TOKEN


@pytest.mark.parametrize("text", ["a,b", "x", "a.b.c", "e30.e30", "sat_short"])
def test_b2_a_malformed_token_is_invalid(ingrid, path, text):
    got = ingrid.call(path, BODY, headers=bearer(text))

    assert got.outcome == (401, "token.malformed")
    assert written(got) == P401
    assert got.headers["WWW-Authenticate"] == INVALID_TOKEN


def test_b2_a_token_that_was_never_issued_is_invalid(ingrid, path, token, token_format):
    forged = {"jwt": f"{token[:-6]}{'A' if token[-6] != 'A' else 'B'}{token[-5:]}", "opaque": "sit_" + "A" * 43}

    got = ingrid.call(path, BODY, headers=bearer(forged[token_format]))

    assert got.outcome == (401, {"jwt": "token.bad_signature", "opaque": "token.unknown"}[token_format])
    assert written(got) == P401
    assert got.headers["WWW-Authenticate"] == INVALID_TOKEN


@pytest.mark.parametrize(
    ("before_expiry", "reason"), [(timedelta(microseconds=1), ""), (timedelta(), "token.expired")], ids=["last", "over"]
)
def test_b2_a_token_is_good_until_its_expiry_without_leeway(ingrid, before_expiry, reason):
    token = ingrid.site_token(ttlSeconds=30)
    ingrid.sandbox.clock.advance(timedelta(seconds=30) - before_expiry)

    got = ingrid.use(token)

    assert got.reason == reason


def test_b2_a_lifetime_counts_from_the_whole_second(ingrid):
    ingrid.sandbox.clock.advance(timedelta(seconds=0.75))
    minted = ingrid.mint(ingrid.service_token(), ttlSeconds=30)
    ingrid.sandbox.clock.advance(timedelta(seconds=29.25))

    got = ingrid.use(minted.json["accessToken"])

    assert minted.json["expiresAt"] == "2026-01-02T03:04:35Z"
    assert got.outcome == (401, "token.expired")


def test_b3_a_valid_token_of_another_family_lacks_the_scope(ingrid):
    token = ingrid.edit_token()

    got = ingrid.use(token)

    assert got.outcome == (403, "scope.insufficient")
    assert written(got) == P403
    assert got.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="view"'


def test_b4_a_token_sent_two_ways_is_an_invalid_request(ingrid, path, token):
    twice = p400(item("error.accessToken.multiple", ""))

    got = ingrid.call(f"{path}?access_token={token}", BODY, headers=bearer(token))

    assert got.outcome == (400, "token.multiple")
    assert written(got, like=twice) == twice


def test_b5_a_token_in_the_query_alone_does_not_count(ingrid, path, token):
    got = ingrid.call(f"{path}?access_token={token}", BODY)

    assert got.outcome == (401, "token.missing")
    assert got.headers["WWW-Authenticate"] == "Bearer"
    assert "query" in ingrid.hint(got)


@pytest.mark.parametrize("kind", [FORM, JSON], ids=["form", "json"])
def test_b5_a_token_in_the_body_alone_does_not_count(ingrid, path, token, kind):
    body = urlencode({"access_token": token}).encode() if kind == FORM else {**BODY, "access_token": token}

    got = ingrid.call(path, body, kind=kind)

    assert got.outcome == (401, "token.missing")
    assert "body" in ingrid.hint(got)


@pytest.mark.parametrize("credentials", [None, "Bearer null", "Bearer x.y.z", "Basic eDp5"])
def test_b6_every_401_has_a_challenge(ingrid, path, credentials):
    headers = [("Authorization", credentials)] if credentials else []

    got = ingrid.call(path, BODY, headers=headers)

    assert got.status == 401
    assert got.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("prefix", ["Bearer ", "bearer ", "BEARER ", "bEaReR ", "Bearer  ", "Bearer    "])
def test_b7_the_scheme_has_any_case_and_any_number_of_blanks(ingrid, path, token, prefix):
    got = ingrid.call(path, BODY, headers=[("Authorization", prefix + token)])

    assert got.outcome == (200, "")


@pytest.mark.parametrize("text", LITERALS)
def test_b8_a_literal_of_client_code_is_called_that(ingrid, path, text):
    got = ingrid.call(path, BODY, headers=bearer(text))

    assert got.outcome == (401, "token.malformed")
    assert got.headers["WWW-Authenticate"] == INVALID_TOKEN
    assert ingrid.hint(got) == "literal from client code"


@pytest.mark.parametrize("credentials", ["Bearer", "Bearer ", "bearer   "])
def test_b8_a_scheme_with_nothing_behind_it_is_malformed(ingrid, path, credentials):
    got = ingrid.call(path, BODY, headers=[("Authorization", credentials)])

    assert got.outcome == (401, "token.malformed")
    assert got.headers["WWW-Authenticate"] == INVALID_TOKEN


@pytest.mark.parametrize("mark", ["{t},{t}", '"{t}"', "{t} {t}", "{t};x", "={t}", "{t}=x", "{t}\u00e4", "<{t}>"])
def test_b8_a_character_that_no_token_has_is_malformed(ingrid, path, token, mark):
    got = ingrid.call(path, BODY, headers=bearer(mark.format(t=token)))

    assert got.outcome == (401, "token.malformed")
    assert "literal" not in ingrid.hint(got)


@pytest.mark.parametrize("text", ["A-z0.9_~+/", "A=", "A=="])
def test_b8_the_whole_alphabet_may_be_sent_yet_is_no_token_of_ours(ingrid, path, text):
    got = ingrid.call(path, BODY, headers=bearer(text))

    assert got.outcome == (401, "token.malformed")
    assert got.headers["WWW-Authenticate"] == INVALID_TOKEN
