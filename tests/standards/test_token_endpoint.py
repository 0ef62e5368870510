"""The token endpoint: rows T1 to T9 of the standards sheet, as far as Ingrid has them.

Ingrid's clients authenticate by nothing but the assertion, so rows T3 to T5 have no place here.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest

from tests.vendors.ingrid_handoff import AUTH, FORM, GRANT, TRACE, headers_of, oauth_error, p_none, written

OAUTH_HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-store", "X-Trace-Id": "<trace>"}
DESCRIPTION = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+")


def form(pairs):
    return urlencode(pairs).encode()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_t1_a_token_is_asked_for_by_post_only(ingrid, method):
    body = form({"grant_type": GRANT, "assertion": ingrid.signed()})

    got = ingrid.call(AUTH, body, method=method, kind=FORM)

    assert got.outcome == (405, "method.not_allowed")
    assert got.headers["Allow"] == "POST"
    assert written(got) == p_none(405)


def test_t1_a_grant_in_the_query_is_none(ingrid):
    query = urlencode({"grant_type": GRANT, "assertion": ingrid.signed()})

    got = ingrid.call(f"{AUTH}?{query}", b"", kind=FORM)

    assert got.outcome == (400, "request.invalid")


@pytest.mark.parametrize("name", ["grant_type", "assertion", "scope"])
@pytest.mark.parametrize("again", ["same", "other", "empty"])
def test_t2_a_repeated_parameter_is_an_error(ingrid, name, again):
    sound = {"grant_type": GRANT, "assertion": ingrid.signed(), "scope": "view"}
    second = {"same": sound[name], "other": "x", "empty": ""}[again]

    got = ingrid.call(AUTH, form([*sound.items(), (name, second)]), kind=FORM)

    assert got.outcome == (400, "request.duplicate_parameter")
    assert written(got) == oauth_error("invalid_request", "request.duplicate_parameter")
    assert headers_of(got) == OAUTH_HEADERS


@pytest.mark.parametrize(("empty", "reason"), [("grant_type", "request.invalid"), ("assertion", "assertion.missing")])
def test_t2_an_empty_parameter_is_an_omitted_one(ingrid, empty, reason):
    sound = {"grant_type": GRANT, "assertion": ingrid.signed()}

    emptied = ingrid.call(AUTH, form({**sound, empty: ""}), kind=FORM)
    omitted = ingrid.call(AUTH, form({name: value for name, value in sound.items() if name != empty}), kind=FORM)

    assert [emptied.outcome, omitted.outcome] == [(400, reason)] * 2
    assert emptied.body == omitted.body


def test_t2_an_unknown_parameter_is_ignored(ingrid):
    body = form({"grant_type": GRANT, "assertion": ingrid.signed(), "resource": "x", "": "", "ä": "ö"})

    got = ingrid.call(AUTH, body, kind=FORM)

    assert got.outcome == (200, "")


@pytest.mark.parametrize(
    "more",
    [
        {"body": {"scope": "fly"}},
        {"body": {"client_id": "x", "client_secret": "y"}},
        {"headers": [("Authorization", "Basic eDp5")]},
        {"headers": [("Authorization", "Basic eDp5")], "body": {"client_id": "x", "client_secret": "y"}},
    ],
    ids=["scope", "secret-in-body", "basic", "both"],
)
def test_scope_and_client_authentication_are_ignored(ingrid, more):
    body = form({"grant_type": GRANT, "assertion": ingrid.signed(), **more.get("body", {})})

    got = ingrid.call(AUTH, body, kind=FORM, headers=more.get("headers", ()))

    assert got.outcome == (200, "")


@pytest.mark.parametrize("grant", ["password", "client_credentials", "authorization_code", GRANT + " ", GRANT.upper()])
def test_t6_another_grant_is_an_unsupported_grant_type(ingrid, grant):
    got = ingrid.call(AUTH, form({"grant_type": grant, "assertion": ingrid.signed()}), kind=FORM)

    assert got.outcome == (400, "request.unsupported_grant")
    assert written(got) == oauth_error("unsupported_grant_type", "request.unsupported_grant")
    assert headers_of(got) == OAUTH_HEADERS


def test_t6_a_bad_assertion_is_an_invalid_grant(ingrid):
    got = ingrid.auth_form(ingrid.signed("sa_edit"))

    assert got.outcome == (400, "assertion.bad_signature")
    assert written(got) == oauth_error("invalid_grant", "assertion.bad_signature")
    assert headers_of(got) == OAUTH_HEADERS


def test_t6_a_missing_parameter_is_an_invalid_request(ingrid):
    got = ingrid.call(AUTH, b"", kind=FORM)

    assert got.outcome == (400, "request.invalid")
    assert written(got) == oauth_error("invalid_request", "request.invalid")
    assert headers_of(got) == OAUTH_HEADERS


def test_t7_success_has_the_members_of_rfc_6749_and_is_not_stored(ingrid):
    got = ingrid.auth_form(ingrid.signed())

    assert got.status == 200
    assert list(got.json)[:3] == ["access_token", "token_type", "expires_in"]
    assert (got.json["token_type"], got.json["expires_in"]) == ("Bearer", 3600)
    assert headers_of(got) == OAUTH_HEADERS
    assert TRACE.fullmatch(got.headers["X-Trace-Id"])


@pytest.mark.parametrize("hop", ["auth", "auth_form", "mint"])
def test_t8_there_is_never_a_refresh_token(ingrid, hop):
    credential = {"mint": ingrid.service_token}.get(hop, ingrid.signed)()

    got = getattr(ingrid, hop)(credential)

    assert got.status == 200
    assert not [name for name in got.json if "refresh" in name.lower()]


@pytest.mark.parametrize(
    "changes",
    [{"sub": "sa_ü"}, {"sub": 'sa_"quoted"\\'}, {"aud": "http://ü.test/"}, {"iss": "\n"}],
    ids=["umlaut", "quotes", "audience", "newline"],
)
def test_t9_a_description_is_printable_ascii_without_quotes(ingrid, changes):
    got = ingrid.auth_form(ingrid.signed(**changes))

    assert got.status == 400
    assert DESCRIPTION.fullmatch(got.json["error_description"])


def test_t9_a_grant_with_an_umlaut_is_not_echoed(ingrid):
    got = ingrid.call(AUTH, form({"grant_type": "grün", "assertion": "x"}), kind=FORM)

    assert got.status == 400
    assert DESCRIPTION.fullmatch(got.json["error_description"])
