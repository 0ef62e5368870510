"""Whatever is sent, the answer is well formed, in the vendor's shape, and never a 500."""

from __future__ import annotations

import json

import pytest

from tests.vendors.ingrid_handoff import (
    AUTH,
    DELIVERY,
    FORM,
    GRANT,
    JSON,
    MALFORMED,
    TRACE,
    b64,
    bearer,
    compact,
    p400,
    p_none,
    rs256,
    written,
)

MINT = "/v1/sites/site_demo/access-tokens"
PATHS = [AUTH, MINT, DELIVERY]
BODIES_THAT_ARE_NO_OBJECT = {
    "empty": b"",
    "blank": b" \n",
    "text": b"hello",
    "cut-short": b'{"scopes":["view"',
    "trailing-comma": b'{"scopes":["view"],}',
    "two-documents": b"{}{}",
    "single-quotes": b"{'scopes':['view']}",
    "comment": b"{/**/}",
    "array": b"[]",
    "number": b"5",
    "null": b"null",
    "nan": b'{"a":NaN}',
    "infinity": b'{"a":-Infinity}',
    "too-large-a-number": b'{"a":1e400}',
    "number-of-5000-digits": b'{"a":' + b"9" * 5000 + b"}",
    "nested-100-deep": b'{"a":' + b"[" * 100 + b"]" * 100 + b"}",
    "nested-100000-deep": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "never-closed": b'{"a":' * 100_000,
    "not-utf-8": b'{"a":"\xff"}',
    "utf-16": '{"a":1}'.encode("utf-16"),
    "byte-order-mark": b'\xef\xbb\xbf{"a":1}',
    "half-a-surrogate-pair": b'{"a":"\\ud800"}',
    "half-in-a-name": b'{"\\udfff":1}',
    "control-character": b'{"a":"\x00"}',
    "zero-bytes": b"\x00" * 1000,
    "xml": b"<scopes/>",
}
TYPES = [
    "",
    "text/plain",
    "text/json",
    "application/jsonp",
    "application/xml",
    "application/problem+json",
    "multipart/form-data; boundary=x",
    "application/json, application/json",
    "json",
    ";",
    "/",
    "\u00e4",
    "x" * 10_000,
]


def assert_well_formed(got):
    """An answer in the vendor's shape that is no failure of ours."""
    assert got.status < 500
    assert TRACE.fullmatch(got.headers["X-Trace-Id"])
    if got.headers["Content-Type"] == "application/problem+json":
        assert got.status >= 400
        assert got.json["status"] == got.status
        assert {"type", "title", "status", "instance"} <= set(got.json)
    else:
        assert got.headers["Content-Type"] == "application/json"
        assert ("error" in got.json) == (got.status >= 400)


@pytest.fixture(params=PATHS, ids=["auth", "mint", "delivery"])
def endpoint(request, ingrid):
    """Each endpoint, with what gets a call as far as its body."""
    token = {AUTH: lambda: None, MINT: ingrid.service_token, DELIVERY: ingrid.site_token}[request.param]()

    def call(body, *, kind=JSON, headers=(), path=request.param, method="POST"):
        return ingrid.call(path, body, kind=kind, headers=[*bearer(token), *headers], method=method)

    return call


@pytest.mark.parametrize("name", BODIES_THAT_ARE_NO_OBJECT)
def test_a_body_that_is_no_json_object_is_called_that(endpoint, name):
    got = endpoint(BODIES_THAT_ARE_NO_OBJECT[name])

    assert got.outcome == (400, "request.malformed")
    assert written(got) == p400(MALFORMED)


@pytest.mark.parametrize("kind", TYPES, ids=range(len(TYPES)))
def test_a_wrong_content_type_is_called_that(endpoint, kind):
    got = endpoint(b"{}", kind=kind)

    assert got.outcome == (415, "request.media_type")
    assert written(got) == p_none(415)


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"])
def test_a_content_type_has_any_case_and_parameters(endpoint, kind):
    got = endpoint({"grantType": GRANT, "scopes": ["view"], "assertion": "x"}, kind=kind)

    assert got.status in (200, 401)
    assert_well_formed(got)


@pytest.mark.parametrize("name", ["\u0000", "a" * 100_000, "__proto__", "$ref", "a.b[0]", "\U0001f600", ""])
def test_unknown_members_are_ignored(ingrid, name):
    body = {"scopes": ["view"], name: {"deep": [1, {"er": None}]}}

    got = ingrid.call(MINT, body, headers=bearer(ingrid.service_token()))

    assert got.outcome == (200, "")


@pytest.mark.parametrize(
    ("ttls", "outcome", "granted"),
    [("5,60", (200, ""), 60), ('"x",60', (200, ""), 60), ("60,0", (400, "request.invalid"), None)],
    ids=["both-good", "last-good", "last-bad"],
)
def test_of_a_repeated_member_the_last_one_counts(ingrid, ttls, outcome, granted):
    first, last = ttls.split(",")
    body = f'{{"scopes":["view"],"ttlSeconds":{first},"ttlSeconds":{last}}}'.encode()

    got = ingrid.call(MINT, body, headers=bearer(ingrid.service_token()))

    assert got.outcome == outcome
    assert got.json.get("expiresIn") == granted


@pytest.mark.parametrize("number", ["9" * 400, "-" + "9" * 400, "1e300", "-0", "0.1", "1E2", "4" * 19])
def test_an_outlandish_number_is_out_of_range(ingrid, number):
    body = f'{{"scopes":["view"],"ttlSeconds":{number}}}'.encode()

    got = ingrid.call(MINT, body, headers=bearer(ingrid.service_token()))

    assert got.outcome == (400, "request.invalid")
    assert [error["code"] for error in got.json["errors"]] == ["error.ttlSeconds.range"]


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("number", ["9" * 400, "-" + "9" * 400, "1e300", "-1e300", "-1", "0", "-0.0", "5e-324"])
def test_an_outlandish_time_in_an_assertion_is_no_failure(ingrid, claim, number):
    claims = {name: value for name, value in ingrid.claims().items() if name != claim}
    payload = json.dumps(claims).encode()[:-1] + f',"{claim}":{number}}}'.encode()

    got = ingrid.auth(compact({"alg": "RS256"}, payload, rs256(ingrid.private_key())))

    assert got.status in (200, 401)
    assert_well_formed(got)


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e400"])
@pytest.mark.parametrize("claim", ["exp", "x"])
def test_a_number_that_json_does_not_have_makes_an_assertion_malformed(ingrid, claim, literal):
    payload = json.dumps(ingrid.claims()).encode()[:-1] + f',"{claim}":{literal}}}'.encode()

    got = ingrid.auth(compact({"alg": "RS256"}, payload, rs256(ingrid.private_key())))

    assert got.outcome == (401, "assertion.malformed")


@pytest.mark.parametrize("hop", ["auth", "auth_form"])
@pytest.mark.parametrize("filler", ["a" * 1_000_000, "." * 1_000_000, "eyJh." * 200_000])
def test_a_megabyte_that_is_no_assertion_is_called_that(ingrid, hop, filler):
    got = getattr(ingrid, hop)(filler)

    assert got.reason == "assertion.malformed"
    assert_well_formed(got)


def test_a_megabyte_of_assertion_is_judged_like_any_other(ingrid):
    answers = [ingrid.auth(ingrid.signed(account, x="a" * 1_000_000)) for account in ("sa_demo", "sa_edit")]

    assert [got.outcome for got in answers] == [(200, ""), (401, "assertion.bad_signature")]


def test_an_assertion_nested_too_deep_is_malformed(ingrid):
    payload = b'{"sub":' + b"[" * 50_000 + b"]" * 50_000 + b"}"

    got = ingrid.auth(compact({"alg": "RS256"}, payload, rs256(ingrid.private_key())))

    assert got.outcome == (401, "assertion.malformed")


@pytest.mark.parametrize("hop", ["mint", "use"])
@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, ".." * 500_000, "\u00e4" * 1000, "%00", "\t", "sat_" + "A" * 42 + "\u0131"]
)
def test_an_outlandish_token_is_malformed(ingrid, hop, text):
    got = getattr(ingrid, hop)(text)

    assert got.outcome == (401, "token.malformed")
    assert_well_formed(got)


@pytest.mark.parametrize("body", [b"&", b"=", b"&&&=&", b"%", b"%zz=%zz", b"\xff\xfe", b"a" * 1_000_000, b"a=1;b=2"])
def test_a_garbled_form_is_an_invalid_request(ingrid, body):
    got = ingrid.call(AUTH, body, kind=FORM)

    assert got.status == 400
    assert got.json["error"] == "invalid_request"
    assert_well_formed(got)


def test_a_form_of_very_many_parameters_is_refused(ingrid):
    body = "&".join(f"p{number}=1" for number in range(100_000)).encode()

    got = ingrid.call(AUTH, body, kind=FORM)

    assert got.status == 400
    assert_well_formed(got)


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ("/v1/sites/site%5Fdemo/access-tokens", (200, "")),
        ("/v1/sites/site%2Fdemo/access-tokens", (403, "resource.not_found")),
        ("/v1/sites/%2e%2e/access-tokens", (403, "resource.not_found")),
        ("/v1/sites/../access-tokens", (403, "resource.not_found")),
        ("/v1/sites/%00/access-tokens", (403, "resource.not_found")),
        ("/v1/sites/%ff/access-tokens", (403, "resource.not_found")),
        ("/v1/sites/%/access-tokens", (403, "resource.not_found")),
        ("/v1/sites/SITE_DEMO/access-tokens", (403, "resource.not_found")),
        ("/v1/sites/site_demo%20/access-tokens", (403, "resource.not_found")),
        ("/v1/sites/" + "x" * 10_000 + "/access-tokens", (403, "resource.not_found")),
        ("/v1/sites//access-tokens", (404, "route.not_found")),
        ("/v1/sites/./site_demo/access-tokens", (404, "route.not_found")),
        ("/v1/x/../sites/site_demo/access-tokens", (404, "route.not_found")),
        ("/v1/sites/site_demo/access-tokens/..", (404, "route.not_found")),
        ("/v1//sites/site_demo/access-tokens", (404, "route.not_found")),
        ("/V1/sites/site_demo/access-tokens", (404, "route.not_found")),
        ("/v1/sites/site_demo%2Faccess-tokens", (404, "route.not_found")),
        ("/v1/sites/site_demo/access-tokens;x=1", (404, "route.not_found")),
    ],
)
def test_a_path_is_taken_as_it_is_sent(ingrid, path, outcome):
    token = ingrid.service_token()

    got = ingrid.call(path, {"scopes": ["view"]}, headers=bearer(token))

    assert got.outcome == outcome
    assert_well_formed(got)


@pytest.mark.parametrize("query", ["?", "?%", "?&&=", "?access%5Ftoken", "?" + "a=b&" * 10_000, "?%ff=%ff", "?a;b"])
def test_an_outlandish_query_is_no_failure(ingrid, query):
    got = ingrid.call(AUTH + query, {"grantType": GRANT, "assertion": ingrid.signed()})

    assert got.outcome == (200, "")


@pytest.mark.parametrize(
    "second",
    ["Bearer {token}", "Bearer null", "Basic eDp5", "", "Bearer"],
    ids=["same", "null", "basic", "empty", "bare"],
)
@pytest.mark.parametrize("path", [MINT, DELIVERY])
def test_a_repeated_authorization_is_a_token_sent_twice(ingrid, path, second):
    token = {MINT: ingrid.service_token, DELIVERY: ingrid.site_token}[path]()
    headers = [*bearer(token), ("Authorization", second.format(token=token))]

    got = ingrid.call(path, {"scopes": ["view"]}, headers=headers)

    assert got.outcome == (400, "token.multiple")
    assert_well_formed(got)


@pytest.mark.parametrize("name", ["authorization", "AUTHORIZATION", "aUtHoRiZaTiOn"])
def test_header_names_have_any_case(ingrid, name):
    token = ingrid.service_token()

    got = ingrid.call(MINT, {"scopes": ["view"]}, headers=[(name, f"Bearer {token}")])

    assert got.outcome == (200, "")


@pytest.mark.parametrize("name", ["origin", "ORIGIN", "sec-fetch-site", "SEC-FETCH-SITE"])
def test_a_browser_is_known_by_header_names_in_any_case(ingrid, name):
    got = ingrid.auth(ingrid.signed(), headers=[(name, "cross-site")])

    assert got.outcome == (403, "browser.secret_exposed")


@pytest.mark.parametrize("path", PATHS)
def test_head_is_no_method_here_and_has_no_body(ingrid, path):
    got = ingrid.call(path, method="HEAD", kind="")

    assert got.outcome == (405, "method.not_allowed")
    assert got.headers["Allow"] == "POST"
    assert got.body == b""
    assert got.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["BREW", "TRACE", "PROPFIND", "CONNECT", "QUERY", "X" * 100])
def test_an_unknown_method_is_not_allowed(ingrid, path, method):
    got = ingrid.call(path, method=method, kind="")

    assert got.outcome == (405, "method.not_allowed")
    assert got.headers["Allow"] == "POST"
    assert written(got) == p_none(405)
    assert_well_formed(got)


@pytest.mark.parametrize("method", ["HEAD", "BREW", "OPTIONS", "GET"])
def test_an_unknown_path_is_not_found_by_any_method(ingrid, method):
    got = ingrid.call("/v1/nowhere", method=method, kind="")

    assert got.outcome == (404, "route.not_found")


@pytest.mark.parametrize(
    "value", [None, True, 5, 1.5, [], {}, [[]], "\u0000", "\ud7ff", "\U0001f600" * 100, "x" * 100_000], ids=range(11)
)
@pytest.mark.parametrize("member", ["grantType", "assertion", "scopes", "ttlSeconds", "externalRef", "siteId"])
def test_a_member_of_any_type_is_judged(endpoint, member, value):
    body = {"grantType": GRANT, "assertion": "x", "scopes": ["view"], "ttlSeconds": 60, "externalRef": "r"}

    got = endpoint({**body, member: value})

    assert got.status in (200, 400, 401, 403)
    assert_well_formed(got)


@pytest.mark.parametrize("claim", ["sub", "iss", "aud", "jti", "exp", "iat", "nbf", "x"])
@pytest.mark.parametrize(
    "value", [None, True, 5, -1.5, [], {}, [[]], "", "\u0000", "\U0001f600", {"$ref": "#"}], ids=range(11)
)
def test_a_claim_of_any_type_is_judged(ingrid, claim, value):
    got = ingrid.auth(ingrid.signed(**{claim: value}))

    assert got.status in (200, 401)
    assert_well_formed(got)


@pytest.mark.parametrize("name", ["alg", "kid", "typ", "crit", "jwk", "x5c", "b64", "zip"])
@pytest.mark.parametrize("value", [None, True, 5, -1.5, [], {}, [[]], "", "\u0000", "\U0001f600"], ids=range(10))
def test_a_jose_header_of_any_type_is_judged(ingrid, name, value):
    got = ingrid.auth(ingrid.signed(header={name: value}))

    assert got.status in (200, 401)
    assert_well_formed(got)


@pytest.mark.parametrize("half", ["\\ud800", "\\udfff"])
@pytest.mark.parametrize("part", ["header", "payload"])
def test_half_a_surrogate_pair_makes_an_assertion_malformed(ingrid, part, half):
    texts = {"header": b'{"alg":"RS256"}', "payload": json.dumps(ingrid.claims()).encode()}
    texts[part] = texts[part][:-1] + f',"kid":"{half}"}}'.encode()
    signing_input = f"{b64(texts['header'])}.{b64(texts['payload'])}"
    signature = rs256(ingrid.private_key())(signing_input.encode())

    got = ingrid.auth(f"{signing_input}.{b64(signature)}")

    assert got.outcome == (401, "assertion.malformed")
