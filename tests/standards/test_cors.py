"""Cross-origin calls: rows C1 to C14 of the standards sheet, at Ingrid's one endpoint for pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mockserver.core.calls import Reply
from mockserver.core.rules import Rule, Then
from mockserver.vendors.ingrid.options import IngridOptions
from tests.vendors.ingrid_handoff import AUTH, DELIVERY, FROM_A_PAGE, ORIGIN, P401, bearer, headers_of, written

MINT = "/v1/sites/site_demo/access-tokens"
OTHER = "http://localhost:3001"


def cors_of(got):
    """The CORS header fields of an answer, and Vary."""
    return {
        name: value for name, value in headers_of(got).items() if name.startswith("Access-Control-") or name == "Vary"
    }


@pytest.mark.parametrize("headers", [(), (("Authorization", "Bearer null"),)], ids=["no-token", "bad-token"])
def test_c1_a_preflight_is_answered_before_any_check(ingrid, headers):
    got = ingrid.preflight(**dict(headers))

    assert got.outcome == (204, "")
    assert got.body == b""
    assert cors_of(got) == {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "authorization, content-type, x-site-id",
        "Access-Control-Max-Age": "0",
    }


def test_c1_a_preflight_comes_before_an_injected_fault(ingrid):
    ingrid.sandbox.rules.add(Rule(then=Then(refuse="fault.injected")))

    got = ingrid.preflight()

    assert got.status == 204


@pytest.mark.parametrize("missing", ["Origin", "Access-Control-Request-Method"])
def test_c1_options_without_either_header_is_no_preflight(ingrid, missing):
    fields = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    del fields[missing]

    got = ingrid.call(DELIVERY, method="OPTIONS", kind="", headers=fields.items())

    assert got.outcome == (405, "method.not_allowed")
    assert got.headers["Allow"] == "POST"


@pytest.mark.parametrize("path", [DELIVERY + "/", "/v1/delivery/unknown", DELIVERY])
def test_c2_a_preflight_is_never_redirected_nor_missed(ingrid, path):
    got = ingrid.preflight(path)

    assert got.status == 204
    assert got.body == b""
    assert "Location" not in got.headers
    assert got.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", [DELIVERY + "/", "/v1/delivery/unknown"])
def test_c2_a_missed_path_is_a_readable_404(ingrid, path):
    got = ingrid.call(path, {}, headers=FROM_A_PAGE)

    assert got.outcome == (404, "route.not_found")
    assert got.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", [AUTH + "/", MINT + "/"])
def test_c2_a_trailing_slash_is_not_redirected_anywhere(ingrid, path):
    got = ingrid.call(path, {})

    assert got.outcome == (404, "route.not_found")


@pytest.mark.parametrize("credentials", [False, True])
def test_c3_allowed_headers_are_named_one_by_one(ingrid, choose, credentials):
    choose(IngridOptions, cors_credentials=credentials)

    got = ingrid.preflight(Access_Control_Request_Headers="authorization,content-type")

    assert got.headers["Access-Control-Allow-Headers"] == "authorization, content-type, x-site-id"


@pytest.mark.parametrize(
    "asked", ["Authorization, Content-Type", "authorization,content-type", "AUTHORIZATION", "content-type,x-site-id"]
)
def test_c4_headers_are_asked_for_in_any_style(ingrid, asked):
    got = ingrid.preflight(Access_Control_Request_Headers=asked)

    named = got.headers["Access-Control-Allow-Headers"].split(", ")
    assert got.status == 204
    assert {name.strip().lower() for name in asked.split(",")} <= set(named)


def test_c4_header_names_of_the_call_itself_have_any_case(ingrid):
    token = ingrid.site_token()
    fields = [("aUTHORIZATION", f"Bearer {token}"), ("content-TYPE", "application/json"), ("oRIGIN", ORIGIN)]

    got = ingrid.call(DELIVERY, {}, kind="", headers=fields)

    assert got.outcome == (200, "")
    assert got.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("body", [b"", b"{"])
def test_c5_the_body_of_a_get_is_not_parsed(ingrid, body):
    got = ingrid.call(DELIVERY, body, method="GET", headers=FROM_A_PAGE)

    assert got.outcome == (405, "method.not_allowed")
    assert got.headers["Allow"] == "POST"


@pytest.mark.parametrize("method", ["patch", "PATCH", "PUT", "DELETE", "post"])
def test_c6_methods_are_listed_in_upper_case_whatever_was_asked(ingrid, method):
    got = ingrid.preflight(method=method)

    assert got.status == 204
    assert got.headers["Access-Control-Allow-Methods"] == "POST"


def test_c7_without_credentials_the_star_passes(ingrid):
    got = ingrid.use(ingrid.site_token(), headers=FROM_A_PAGE)

    assert got.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in got.headers


@pytest.mark.parametrize("preflight", [True, False], ids=["preflight", "call"])
def test_c7_with_credentials_the_origin_is_named_and_true_is_lower_case(ingrid, choose, preflight):
    choose(IngridOptions, cors_credentials=True)

    got = ingrid.preflight() if preflight else ingrid.use(ingrid.site_token(), headers=FROM_A_PAGE)

    assert got.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert got.headers["Access-Control-Allow-Credentials"] == "true"


def test_c8_a_page_sees_that_its_token_expired(ingrid):
    token = ingrid.site_token()
    ingrid.sandbox.clock.advance(timedelta(minutes=5))

    got = ingrid.use(token, headers=FROM_A_PAGE)

    assert got.outcome == (401, "token.expired")
    assert written(got) == P401
    assert cors_of(got) == {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "X-Trace-Id, WWW-Authenticate",
    }


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (lambda ingrid: ingrid.use(ingrid.site_token(), headers=FROM_A_PAGE), 200),
        (lambda ingrid: ingrid.use(ingrid.site_token(), b"[", headers=FROM_A_PAGE), 400),
        (lambda ingrid: ingrid.use(None, headers=FROM_A_PAGE), 401),
        (lambda ingrid: ingrid.use(ingrid.edit_token(), headers=FROM_A_PAGE), 403),
        (lambda ingrid: ingrid.use(ingrid.service_token(), headers=FROM_A_PAGE), 403),
        (lambda ingrid: ingrid.call("/v1/delivery/x", headers=FROM_A_PAGE), 404),
        (lambda ingrid: ingrid.call(DELIVERY, method="DELETE", headers=FROM_A_PAGE), 405),
        (lambda ingrid: _typed(ingrid, "text/plain"), 415),
        (lambda ingrid: _ruled(ingrid, Then(refuse="rate.limited")), 429),
        (lambda ingrid: _ruled(ingrid, Then(refuse="fault.injected")), 500),
        (lambda ingrid: _ruled(ingrid, Then(answer=Reply(503))), 503),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
def test_c8_an_answer_of_any_status_is_readable(ingrid, make, status):
    got = make(ingrid)

    assert got.status == status
    assert got.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("status", [200, 401])
def test_c9_what_pages_may_read_is_exposed(ingrid, status):
    token = {200: ingrid.site_token(), 401: "null"}[status]

    got = ingrid.use(token, headers=FROM_A_PAGE)

    assert got.status == status
    assert got.headers["Access-Control-Expose-Headers"] == "X-Trace-Id, WWW-Authenticate"


def test_c9_nothing_is_exposed_when_that_is_switched_off(ingrid, choose):
    choose(IngridOptions, cors_expose=False)

    got = ingrid.use(ingrid.site_token(), headers=FROM_A_PAGE)

    assert "Access-Control-Expose-Headers" not in got.headers


def test_c9_the_emulators_own_headers_are_not_exposed(ingrid):
    got = ingrid.use("null", headers=FROM_A_PAGE)

    assert "X-Mock-Reason" in got.headers
    assert "X-Mock" not in got.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "values", [{"cors_origins": (ORIGIN,)}, {"cors_credentials": True}], ids=["list", "credentials"]
)
@pytest.mark.parametrize("headers", [[], FROM_A_PAGE, [("Origin", OTHER)]], ids=["no-origin", "listed", "other"])
def test_c10_an_echoed_origin_varies_every_answer(ingrid, choose, values, headers):
    choose(IngridOptions, **values)

    answers = [
        ingrid.use(ingrid.site_token(), headers=headers),
        ingrid.use(None, headers=headers),
        ingrid.call(DELIVERY, method="GET", headers=headers),
        ingrid.call("/v1/delivery/x", headers=headers),
    ]

    assert [got.status for got in answers] == [200, 401, 405, 404]
    assert [got.headers.get("Vary") for got in answers] == ["Origin"] * 4


@pytest.mark.parametrize("origin", [ORIGIN, OTHER])
def test_c10_an_echoed_origin_varies_a_preflight_too(ingrid, choose, origin):
    choose(IngridOptions, cors_origins=(ORIGIN,))

    got = ingrid.preflight(origin=origin)

    assert got.headers["Vary"] == "Origin"


@pytest.mark.parametrize("headers", [[], FROM_A_PAGE], ids=["no-origin", "origin"])
def test_c10_a_static_star_varies_nothing(ingrid, headers):
    got = ingrid.use(ingrid.site_token(), headers=headers)

    assert got.headers["Access-Control-Allow-Origin"] == "*"
    assert "Vary" not in got.headers


def test_c11_a_preflight_is_not_kept_so_a_switched_policy_bites_at_once(ingrid, choose):
    before = ingrid.preflight()
    choose(IngridOptions, cors_origins=(OTHER,))

    after = ingrid.preflight()

    assert before.headers["Access-Control-Max-Age"] == "0"
    assert before.headers["Access-Control-Allow-Origin"] == "*"
    assert cors_of(after) == {"Vary": "Origin"}


@pytest.mark.parametrize(
    ("values", "allowed"),
    [
        ({"cors_origins": (ORIGIN,)}, None),
        ({"cors_origins": ("*",)}, "*"),
        ({"cors_origins": ("*",), "cors_credentials": True}, None),
    ],
    ids=["list", "star", "star-with-credentials"],
)
def test_c12_an_opaque_origin_is_on_no_list(ingrid, choose, values, allowed):
    choose(IngridOptions, **values)

    got = ingrid.use(ingrid.site_token(), headers=[("Origin", "null")])

    assert got.status == 200
    assert got.headers.get("Access-Control-Allow-Origin") == allowed


def test_c13_the_own_origin_is_always_allowed(ingrid, choose):
    choose(IngridOptions, cors_origins=(OTHER,))

    got = ingrid.use(ingrid.site_token(), headers=[("Origin", "http://localhost")])

    assert got.outcome == (200, "")
    assert got.headers["Access-Control-Allow-Origin"] == "http://localhost"
    assert ingrid.findings(got) == []


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000.evil.test",
        "https://localhost:3000",
        "HTTP://LOCALHOST:3000",
        "http://LOCALHOST:3000",
        "http://localhost:30000",
        "http://localhost:300",
        "http://localhost:80",
        "http://sub.localhost:3000",
        "http://evil.test/http://localhost:3000",
        "http://localhost:3000/",
        "http://localhost:3000, http://evil.test",
        "",
    ],
)
def test_c14_an_origin_is_compared_to_the_letter(ingrid, choose, origin):
    choose(IngridOptions, cors_origins=(ORIGIN,))

    got = ingrid.use(ingrid.site_token(), headers=[("Origin", origin)])

    assert cors_of(got) == {"Vary": "Origin"}


@pytest.mark.parametrize("path", [AUTH, MINT])
def test_a_server_only_endpoint_answers_a_preflight_without_any_cors_header(ingrid, path):
    got = ingrid.preflight(path)

    assert got.status == 204
    assert got.body == b""
    assert cors_of(got) == {}
    assert ingrid.findings(got) == ["browser.secret_exposed"]


@pytest.mark.parametrize("path", [AUTH, MINT])
def test_a_server_only_endpoint_has_no_cors_header_on_any_answer(ingrid, path):
    got = ingrid.call(path, {}, headers=FROM_A_PAGE)

    assert got.outcome == (403, "browser.secret_exposed")
    assert cors_of(got) == {}


def test_a_missed_origin_is_processed_and_found(ingrid, choose):
    choose(IngridOptions, cors_origins=(ORIGIN,))

    got = ingrid.use(ingrid.site_token(), headers=[("Origin", OTHER)])

    assert got.outcome == (200, "")
    assert cors_of(got) == {"Vary": "Origin"}
    assert ingrid.findings(got) == ["origin.not_allowed"]


@pytest.mark.parametrize(
    ("origin", "asked", "answer"),
    [
        (ORIGIN, {"Access_Control_Request_Private_Network": "true"}, "true"),
        (ORIGIN, {}, None),
        (OTHER, {"Access_Control_Request_Private_Network": "true"}, None),
    ],
    ids=["asked", "not-asked", "other-origin"],
)
def test_private_networks_are_allowed_only_to_who_asks_and_may_read(ingrid, choose, origin, asked, answer):
    choose(IngridOptions, cors_origins=(ORIGIN,))

    got = ingrid.preflight(origin=origin, **asked)

    assert got.headers.get("Access-Control-Allow-Private-Network") == answer


def _typed(ingrid, kind):
    headers = [*bearer(ingrid.site_token()), *FROM_A_PAGE]
    return ingrid.call(DELIVERY, b"x", kind=kind, headers=headers)


def _ruled(ingrid, then):
    ingrid.sandbox.rules.add(Rule(then=then))
    return ingrid.use("x", headers=FROM_A_PAGE)
