"""Every refusal of BigCommerce's sheet, sections 3.4, 5.2, 5.3: its answer to the byte, its place in the order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mockserver.core.keys import SigningKey
from mockserver.core.rules import MintChange, Rule, Then, When
from mockserver.vendors.bigcommerce.options import BigCommerceOptions
from mockserver.vendors.bigcommerce.tokens import ring
from tests.vendors.bigcommerce_handoff import (
    DEMO,
    FAMILIES,
    FOREIGN_ORIGIN,
    IMPERSONATION,
    IMPERSONATION_IN_BROWSER,
    INVALID,
    JSON,
    LOGIN_ONLY,
    NO_STORE,
    NO_TOKEN,
    NOT_FOUND_PAGE,
    ON_A_SERVER,
    OTHER,
    PRIVATE,
    PRIVATE_IN_BROWSER,
    PROBLEM,
    RULE,
    SECOND,
    SHAPE,
    SHOP,
    SIMPLE,
    TEXT,
    Handoff,
    T,
    decoded,
    headers_of,
    origin,
    problem,
    readable,
    told,
)

MINT = f"/v3/storefront/{SIMPLE}"
RATES = ["X-Rate-Limit-Time-Window-Ms", "X-Rate-Limit-Time-Reset-Ms", "X-Rate-Limit-Requests-Quota"]
NUMBER, ARRAY, STRING, MISSING = (
    "error.expected.jsnumber",
    "error.expected.jsarray",
    "error.expected.jsstring",
    "error.path.missing",
)
INVALID_ORIGIN = "A supplied origin is not valid."
SUFFIX = (
    "A supplied origin has a trailing slash or other special character following the end of the domain. "
    "Please remove any trailing characters in supplied origins."
)
NO_JTI = "00000000-0000-4000-8000-000000000000"
INVALID_HEADER = "Invalid JWT Token provided or missing JWT token header"


@pytest.fixture
def bigcommerce(wire, sandbox) -> Handoff:
    return Handoff(wire, sandbox)


def test_an_unknown_store_comes_before_everything(bigcommerce):
    for method, path in (("POST", MINT), ("PATCH", MINT), ("GET", "/v3/nope"), ("OPTIONS", MINT)):
        got = bigcommerce.rest(method, path, b"{", token=None, store="nosuchstore")

        assert got.outcome == (404, "store.unknown")
        assert (got.headers["Content-Type"], got.body.decode()) == ("text/html", NOT_FOUND_PAGE)


@pytest.mark.parametrize("path", ["/v3/nope", "/v3/storefront", "/graphql", ""])
def test_whatever_is_below_stores_is_the_apis_on_any_host(wire, path):
    got = wire.get(f"/stores/demostore{path}", headers={"Host": "gateway.internal:8080"})

    assert (got.outcome, got.body.decode()) == ((404, "route.not_found"), f'{{"status":404,"type":"{T}"}}')


@pytest.mark.parametrize("path", ["/v3/nope", "/v3/storefront", "/graphql", f"{MINT}/"])
def test_an_unknown_path_comes_before_the_caller(bigcommerce, path):
    got = bigcommerce.rest("GET", path, token=None)

    assert (got.outcome, got.body.decode()) == ((404, "route.not_found"), f'{{"status":404,"type":"{T}"}}')
    assert headers_of(got) == PROBLEM


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS"])
def test_a_wrong_method_comes_before_the_caller(bigcommerce, method):
    got = bigcommerce.rest(method, MINT, token=None)

    assert (got.outcome, got.body.decode()) == ((405, "method.not_allowed"), problem(405, "Method Not Allowed"))
    assert headers_of(got) == {**PROBLEM, "Allow": "POST, DELETE, GET"}


@pytest.mark.parametrize(
    ("token", "reason", "status", "title"),
    [
        (None, "credential.missing", 401, "X-Auth-Token header is required"),
        ("", "credential.missing", 401, "X-Auth-Token header is required"),
        ("wrong", "credential.unknown", 401, "Unauthorized"),
        (OTHER, "credential.unknown", 401, "Unauthorized"),
        (LOGIN_ONLY, "scope.insufficient", 403, "You don't have a required scope to access the endpoint"),
    ],
)
@pytest.mark.parametrize("family", FAMILIES)
def test_the_caller_comes_before_the_body(bigcommerce, family, token, reason, status, title):
    got = bigcommerce.rest("POST", f"/v3/storefront/{family}", b"{", token=token)

    assert (got.outcome, got.body.decode()) == ((status, reason), problem(status, title))
    assert headers_of(got) == {**PROBLEM, **NO_STORE}
    assert all(name in got.headers for name in RATES) == (status == 403)


def test_the_rate_comes_before_the_scope(bigcommerce, choose):
    choose(BigCommerceOptions, rest_quota=1)

    reasons = [bigcommerce.mint(token=LOGIN_ONLY).reason for _ in range(2)]

    assert reasons == ["scope.insufficient", "rate.limited"]


def test_a_body_that_a_rule_finds_invalid_is_refused_as_others_are(bigcommerce, sandbox):
    sandbox.rules.add(Rule(When(vendor="bigcommerce"), Then(refuse="request.invalid")))

    got = bigcommerce.mint()

    assert (got.status, got.body.decode()) == (422, problem(422, "JSON data is missing or invalid"))


def test_a_platform_that_is_busy_says_nothing_of_rates(bigcommerce, sandbox):
    sandbox.rules.add(Rule(When(vendor="bigcommerce"), Then(refuse="rate.limited")))

    got = bigcommerce.mint()

    assert (got.status, got.body.decode()) == (429, problem(429, "Too Many Requests"))
    assert [name for name, _ in got.headers if name.startswith(("X-Rate", "X-Retry"))] == []


@pytest.mark.parametrize(
    ("body", "media_type", "status", "reason", "title"),
    [
        (b"{}", "application/x-www-form-urlencoded", 415, "request.media_type", "Unsupported Media Type"),
        (b"{", "multipart/form-data; boundary=x", 415, "request.media_type", "Unsupported Media Type"),
        (b"<a/>", "application/xml", 415, "request.media_type", "Unsupported Media Type"),
        (b"<a/>", "text/xml; charset=utf-8", 415, "request.media_type", "Unsupported Media Type"),
        (b"{", "application/json", 400, "request.malformed", "Input is invalid"),
        (b"[]", "application/json", 400, "request.malformed", "Input is invalid"),
        (b"null", "text/plain", 400, "request.malformed", "Input is invalid"),
        (b'{"expires_at":NaN}', "", 400, "request.malformed", "Input is invalid"),
    ],
)
def test_what_is_no_json_object_is_refused(bigcommerce, body, media_type, status, reason, title):
    got = bigcommerce.rest("POST", MINT, body, headers=[("Content-Type", media_type)])

    assert (got.outcome, got.body.decode()) == ((status, reason), problem(status, title))
    assert headers_of(got) == {**PROBLEM, **NO_STORE}


@pytest.mark.parametrize("media_type", ["text/plain", "application/vnd.api+json", "nonsense"])
def test_a_body_is_json_whatever_it_is_said_to_be(bigcommerce, media_type):
    body = bigcommerce.request()

    assert bigcommerce.rest("POST", MINT, body, headers=[("Content-Type", media_type)]).status == 200


def test_no_body_is_an_empty_object(bigcommerce):
    got = bigcommerce.rest("POST", MINT)

    assert got.body.decode() == problem(422, SHAPE, {"expires_at": MISSING})


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"without": ["expires_at"]}, {"expires_at": MISSING}),
        ({"expires_at": "1893456000"}, {"expires_at": NUMBER}),
        ({"expires_at": None}, {"expires_at": NUMBER}),
        ({"expires_at": True}, {"expires_at": NUMBER}),
        ({"expires_at": 1893456000.5}, {"expires_at": NUMBER}),
        ({"expires_at": []}, {"expires_at": NUMBER}),
        ({"channel_ids": 1}, {"channel_ids": ARRAY}),
        ({"channel_ids": None}, {"channel_ids": ARRAY}),
        ({"channel_ids": {"a": 1}}, {"channel_ids": ARRAY}),
        ({"channel_ids": ["1"]}, {"channel_ids": NUMBER}),
        ({"channel_id": "1"}, {"channel_id": NUMBER}),
        ({"channel_id": None}, {"channel_id": NUMBER}),
        ({"allowed_cors_origins": SHOP}, {"allowed_cors_origins": ARRAY}),
        ({"allowed_cors_origins": [1]}, {"allowed_cors_origins": STRING}),
        ({"name": 1}, {"name": STRING}),
        (
            {"expires_at": "x", "name": 1, "channel_id": []},
            {"expires_at": NUMBER, "channel_id": NUMBER, "name": STRING},
        ),
        # Where the shape is wrong, the rules are not told: these origins break two.
        ({"expires_at": "x", "allowed_cors_origins": ["*", ""]}, {"expires_at": NUMBER}),
    ],
)
def test_a_body_of_the_wrong_shape_is_told_so(bigcommerce, changes, errors):
    got = bigcommerce.mint(**changes)

    assert (got.outcome, got.body.decode()) == ((422, "request.invalid"), problem(422, SHAPE, errors))
    assert headers_of(got) == {**PROBLEM, **NO_STORE}


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"without": ["scopes"]}, {"scopes": MISSING}),
        ({"scopes": "Customer"}, {"scopes": ARRAY}),
        ({"scopes": None}, {"scopes": ARRAY}),
        ({"scopes": [1]}, {"scopes": STRING}),
    ],
)
def test_scopes_of_the_wrong_shape_are_told_so(bigcommerce, changes, errors):
    assert bigcommerce.mint(PRIVATE, **changes).body.decode() == problem(422, SHAPE, errors)


PAST = ("expires_at:in_the_past", "expires_at must be in the future.")
NOT_SECONDS = ("expires_at:not_in_seconds", "expires_at must be a unix timestamp in seconds.")
REQUIRED = ("channel_ids:required", "Either channel_id or channel_ids must be supplied.")
CONFLICT = ("channel_ids:conflict", "channel_id and channel_ids can not be used together.")
NO_CHANNEL = ("channel_ids:not_found", "One or more channel IDs do not exist on this store.")
BAD_SUFFIX = ("allowed_cors_origins:has_invalid_suffix", SUFFIX)
BAD_PREFIX = ("allowed_cors_origins:has_invalid_prefix", INVALID_ORIGIN)
WILDCARD = ("allowed_cors_origins:has_wildcard", INVALID_ORIGIN)
EMPTY = ("allowed_cors_origins:is_empty", INVALID_ORIGIN)
TOO_MANY = (
    "allowed_cors_origins:invalid_length",
    "Allowed CORS origins list length should not be greater than 2",
)


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"expires_at": 0}, [PAST]),
        ({"expires_at": -1}, [PAST]),
        ({"expires_at": 1767323045}, [PAST]),  # the very second that it is
        ({"expires_at": 1.0}, [PAST]),
        ({"expires_at": 10_000_000_000}, [NOT_SECONDS]),
        ({"expires_at": 1e300}, [NOT_SECONDS]),
        ({"without": ["channel_id"]}, [REQUIRED]),
        ({"channel_ids": []}, [REQUIRED]),
        ({"channel_id": 1, "channel_ids": [1]}, [CONFLICT]),
        ({"channel_ids": [1, 99]}, [NO_CHANNEL]),
        ({"channel_id": 0}, [NO_CHANNEL]),
        ({"allowed_cors_origins": []}, [EMPTY]),
        ({"allowed_cors_origins": [""]}, [EMPTY]),
        ({"allowed_cors_origins": ["*"]}, [WILDCARD]),
        ({"allowed_cors_origins": ["https://*.shop.example/"]}, [WILDCARD]),
        ({"allowed_cors_origins": ["shop.example"]}, [BAD_PREFIX]),
        ({"allowed_cors_origins": ["ftp://shop.example"]}, [BAD_PREFIX]),
        ({"allowed_cors_origins": ["https://"]}, [BAD_PREFIX]),
        ({"allowed_cors_origins": ["null"]}, [BAD_PREFIX]),
        ({"allowed_cors_origins": ["https://shop.example/"]}, [BAD_SUFFIX]),
        ({"allowed_cors_origins": ["https://shop.example/a"]}, [BAD_SUFFIX]),
        ({"allowed_cors_origins": ["https://shop.example?a"]}, [BAD_SUFFIX]),
        ({"allowed_cors_origins": ["https://shop.example#a"]}, [BAD_SUFFIX]),
        ({"allowed_cors_origins": ["https://shop.example:80/"]}, [BAD_SUFFIX]),
        ({"allowed_cors_origins": ["https://shop.example:"]}, [BAD_SUFFIX]),
        ({"allowed_cors_origins": ["https://shop.example "]}, [BAD_SUFFIX]),
        ({"allowed_cors_origins": ["https://a", "https://b", "https://c"]}, [TOO_MANY]),
        ({"allowed_cors_origins": ["https://a/", "https://b/", "*"]}, [BAD_SUFFIX, WILDCARD, TOO_MANY]),
        (
            {"expires_at": 1, "channel_id": 99, "allowed_cors_origins": ["x"]},
            [PAST, NO_CHANNEL, BAD_PREFIX],
        ),
    ],
)
def test_every_rule_that_a_body_breaks_is_told_at_once(bigcommerce, changes, broken):
    got = bigcommerce.mint(**changes)

    title = RULE + ", ".join(key for key, _ in broken)
    assert (got.outcome, got.body.decode()) == ((422, "request.invalid"), problem(422, title, dict(broken)))
    assert headers_of(got) == {**PROBLEM, **NO_STORE}


@pytest.mark.parametrize("scopes", [[], ["customer"], ["Customer", "Nothing"]])
def test_scopes_are_of_the_catalogue(bigcommerce, scopes):
    rule = ("scopes:invalid", "At least one valid scope is required: Unauthenticated, Customer, B2B.")

    assert bigcommerce.mint(PRIVATE, scopes=scopes).body.decode() == problem(422, RULE + rule[0], dict([rule]))


@pytest.mark.parametrize(
    "changes",
    [
        {"allowed_cors_origins": None},
        {"allowed_cors_origins": ["http://localhost:3000", "https://[::1]:8443"]},
        {"allowed_cors_origins": ["https://SHOP.example"]},
        {"expires_at": 9_999_999_999},
        {"expires_at": 2_147_483_647.0},
        {"channel_id": 1.0},
        {"dev_mode": "whatever", "scopes": 7, "unknown": {}},
    ],
)
def test_what_is_fine_is_fine(bigcommerce, changes):
    assert bigcommerce.mint(**changes).status == 200


def test_fields_of_other_families_are_ignored(bigcommerce):
    claims = decoded(bigcommerce.token(IMPERSONATION, allowed_cors_origins="x", scopes=1))[1]

    assert (claims["cors"], "scopes" in claims) == ([], False)


class TestRevoking:
    @pytest.mark.parametrize("family", [SIMPLE, IMPERSONATION])
    @pytest.mark.parametrize("sent", [None, "undefined", "eyJhbGciOiJub25lIn0.e30."])
    def test_a_header_without_a_token_of_ours(self, bigcommerce, family, sent):
        got = bigcommerce.revoke(sent, family)

        assert (got.outcome, got.body.decode()) == ((422, "token.malformed"), problem(422, INVALID_HEADER))

    @pytest.mark.parametrize(
        ("kind", "family"), [(IMPERSONATION, SIMPLE), (SIMPLE, IMPERSONATION), (PRIVATE, IMPERSONATION)]
    )
    def test_a_token_of_another_family(self, bigcommerce, kind, family):
        assert bigcommerce.revoke(bigcommerce.token(kind), family).outcome == (422, "token.malformed")

    def test_a_private_token_among_storefront_tokens(self, bigcommerce):
        token = bigcommerce.token(PRIVATE)

        assert bigcommerce.revoke(token).status == 200
        assert bigcommerce.ask(token).reason == "token.revoked"

    def test_a_token_of_another_store(self, bigcommerce):
        foreign = ring(bigcommerce.sandbox).active.sign({**decoded(bigcommerce.token())[1], "sid": 7})

        assert bigcommerce.revoke(foreign).outcome == (422, "token.malformed")

    def test_one_that_nobody_remembers_is_revoked_all_the_same(self, bigcommerce):
        text = ring(bigcommerce.sandbox).active.sign({**decoded(bigcommerce.token())[1], "jti": "x"})
        before = bigcommerce.ask(text, origin()).status

        assert (before, bigcommerce.revoke(text).status) == (200, 200)
        assert bigcommerce.ask(text, origin()).reason == "token.revoked"

    def test_an_expired_one_is_revoked_all_the_same(self, bigcommerce, sandbox):
        token = bigcommerce.token()
        sandbox.clock.advance(timedelta(days=1))

        assert bigcommerce.revoke(token).status == 200

    @pytest.mark.parametrize("family", FAMILIES)
    def test_an_id_that_is_none_and_one_of_nobody(self, bigcommerce, family):
        path = f"/v3/storefront/{family}"
        malformed, unknown = (bigcommerce.rest("DELETE", f"{path}/{jti}") for jti in ("x", NO_JTI))

        assert (malformed.outcome, malformed.body.decode()) == (
            (400, "request.invalid"),
            problem(400, "Input is invalid"),
        )
        assert (unknown.outcome, unknown.body.decode()) == ((404, "token.unknown"), problem(404, "Not Found"))

    def test_an_id_of_another_family(self, bigcommerce):
        bigcommerce.token(PRIVATE)
        jti = bigcommerce.listed(PRIVATE).json["data"][0]["jti"]

        assert bigcommerce.rest("DELETE", f"{MINT}/{jti}").outcome == (404, "token.unknown")
        assert bigcommerce.rest("DELETE", f"/v3/storefront/{PRIVATE}/{jti.upper()}").status == 204

    def test_all_leaves_the_dead_as_they_are(self, bigcommerce, sandbox):
        bigcommerce.token()
        sandbox.clock.advance(timedelta(days=1))
        alive = bigcommerce.token()

        assert bigcommerce.rest("POST", f"{MINT}/revoke-all").status == 204
        assert bigcommerce.ask(alive, origin()).reason == "token.revoked"
        assert [row["is_revoked"] for row in bigcommerce.listed().json["data"]] == [True, False]


class TestListing:
    def test_a_token_is_shown_to_the_byte_and_never_its_text(self, bigcommerce):
        token = bigcommerce.token(name="x")
        (kept,) = bigcommerce.sandbox.tokens

        got = bigcommerce.listed()

        now = bigcommerce.now
        assert got.body.decode() == (
            f'{{"data":[{{"jti":"{kept.id}","type":"simple","name":"x","channel_ids":[1],"allowed_cors_origins":["{SHOP}"],'
            '"scopes":[],"is_revoked":false,"is_expired":false,"principal":{"id":"bcdemoclient0000000000000000000",'
            f'"type":"api_account"}},"issued_at":{now},"expires_at":{now + 3600},"revoked_at":null}}],'
            '"meta":{"pagination":{"total":1,"count":1,"per_page":50,"current_page":1,"total_pages":1}}}'
        )
        assert token not in got.body.decode()

    def test_pages_sort_and_direction(self, bigcommerce, sandbox):
        for number in range(3):
            bigcommerce.token(name=str(number), expires_at=bigcommerce.now + 100 + number)
            sandbox.clock.advance(timedelta(seconds=1))

        def names(query: str) -> list[str]:
            return [row["name"] for row in bigcommerce.listed(query=query).json["data"]]

        assert names("") == ["2", "1", "0"]
        assert names("?direction=asc") == ["0", "1", "2"]
        assert names("?sort=expires_at&direction=asc") == ["0", "1", "2"]
        assert names("?page=2&limit=2") == ["0"]
        assert bigcommerce.listed(query="?page=2&limit=2").json["meta"]["pagination"] == {
            "total": 3,
            "count": 1,
            "per_page": 2,
            "current_page": 2,
            "total_pages": 2,
        }

    def test_others_tokens_are_not_shown(self, bigcommerce):
        bigcommerce.token(account=SECOND)
        bigcommerce.token(PRIVATE)

        assert bigcommerce.listed().json["data"] == []

    @pytest.mark.parametrize(
        ("query", "name", "problem_"),
        [
            ("?page=0", "page", NUMBER),
            ("?page=x", "page", NUMBER),
            ("?page=", "page", NUMBER),
            ("?limit=251", "limit", NUMBER),
            ("?limit=-1", "limit", NUMBER),
            ("?sort=name", "sort", STRING),
            ("?direction=up", "direction", STRING),
        ],
    )
    def test_a_bad_parameter(self, bigcommerce, query, name, problem_):
        got = bigcommerce.listed(query=query)

        assert (got.outcome, got.body.decode()) == ((422, "request.invalid"), problem(422, SHAPE, {name: problem_}))


def _claims(bigcommerce: Handoff, **changes: object) -> str:
    """A token under our key with other claims; one changed to nothing is left out."""
    claims = decoded(bigcommerce.token())[1] | {"jti": "other"} | changes
    return str(ring(bigcommerce.sandbox).active.sign({name: each for name, each in claims.items() if each is not None}))


class TestTheTokenOfAQuery:
    @pytest.mark.parametrize(
        ("headers", "reason", "text"),
        [
            ([], "token.missing", NO_TOKEN),
            ([("Authorization", "Bearer")], "token.missing", NO_TOKEN),
            ([("Authorization", "Bearer   ")], "token.missing", NO_TOKEN),
            ([("Authorization", "Basic YTpi")], "token.missing", NO_TOKEN),
            ([("Authorization", "Bearer undefined")], "token.malformed", f"{INVALID}String is not a JWT"),
            ([("Authorization", "Bearer a.b")], "token.malformed", f"{INVALID}String is not a JWT"),
            ([("Authorization", "Bearer a.b.c.d.e")], "token.malformed", f"{INVALID}String is not a JWT"),
            ([("Authorization", "Bearer bm8.e30.AA")], "token.malformed", f"{INVALID}String is not a JWT"),
        ],
    )
    def test_what_is_no_token(self, bigcommerce, headers, reason, text):
        got = bigcommerce.ask(None, *headers)

        assert (got.outcome, got.body.decode()) == ((401, reason), told(text))
        assert headers_of(got) == JSON

    def test_a_payload_that_is_no_json(self, bigcommerce):
        key = ring(bigcommerce.sandbox).active
        assert isinstance(key, SigningKey)

        got = bigcommerce.ask(key.sign_payload(b"{"), origin())

        assert (got.outcome, got.body.decode()) == (
            (401, "token.bad_payload"),
            told(f"{INVALID}JWT has no valid Json"),
        )
        assert headers_of(got) == {**JSON, **readable(SHOP)}

    @pytest.mark.parametrize("payload", [b"[]", b"null", b"{}"])
    def test_a_payload_of_another_kind(self, bigcommerce, payload):
        key = ring(bigcommerce.sandbox).active
        assert isinstance(key, SigningKey)

        got = bigcommerce.ask(key.sign_payload(payload))

        text = f"{INVALID}JWT has Json of an unknown format"
        assert (got.outcome, got.body.decode()) == ((401, "token.bad_payload"), told(text))

    @pytest.mark.parametrize(
        "changes",
        [
            *({name: None} for name in ("cid", "cors", "eat", "iat", "iss", "sid", "sub", "sub_type", "token_type")),
            {"cid": ["1"]},
            {"cid": "1"},
            {"cors": SHOP},
            {"eat": "2000000000"},
            {"eat": True},
            {"iat": 1.5},
            {"sid": "1001234567"},
            {"sub": 1},
            {"token_type": 4},
            {"token_type": 3},
            {"jti": 1},
            {"eat": 10**18},
        ],
        ids=str,
    )
    def test_every_claim_with_its_type(self, bigcommerce, changes):
        assert bigcommerce.ask(_claims(bigcommerce, **changes), origin()).outcome == (401, "token.bad_payload")

    def test_another_issuer_is_a_bad_signature(self, bigcommerce):
        assert bigcommerce.ask(_claims(bigcommerce, iss="AC"), origin()).outcome == (401, "token.bad_signature")

    @pytest.mark.parametrize("changes", [{}, {"cid": 1}, {"cid": [2, 1]}, {"jti": None, "sub": "other"}], ids=str)
    def test_claims_that_are_good_need_no_record(self, bigcommerce, changes):
        assert bigcommerce.ask(_claims(bigcommerce, **changes), origin()).status == 200

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"eat": 1767323045, "sid": 7}, "token.expired"),
            ({"sid": 7, "cid": [2]}, "store.mismatch"),
            ({"cid": [2], "cors": []}, "channel.mismatch"),
            ({"cors": []}, "origin.not_allowed"),
        ],
    )
    def test_the_first_thing_wrong_is_the_one_told(self, bigcommerce, changes, reason):
        assert bigcommerce.ask(_claims(bigcommerce, **changes), origin()).reason == reason

    @pytest.mark.parametrize("place", ["nosuchstore-1", "demostore-9", "demostore-4", "demostore-0", "DEMOSTORE-x"])
    def test_a_storefront_that_is_not_there(self, bigcommerce, place):
        for method in ("POST", "GET", "OPTIONS"):
            got = bigcommerce.ask(None, origin(), place=place, method=method)

            assert (got.outcome, got.body) == ((404, "store.unknown"), b"Not Found")
            assert headers_of(got) == {"Content-Type": "text/plain"}

    def test_get_is_not_post(self, bigcommerce):
        got = bigcommerce.ask(None, method="GET")

        assert (got.outcome, got.body) == ((405, "method.not_allowed"), b"")
        assert headers_of(got) == {"Allow": "POST, OPTIONS"}

    @pytest.mark.parametrize(
        ("family", "headers", "reason", "text"),
        [
            (SIMPLE, [origin("http://localhost:3000")], "origin.not_allowed", FOREIGN_ORIGIN),
            (SIMPLE, [origin("null")], "origin.not_allowed", FOREIGN_ORIGIN),
            (SIMPLE, [origin("https://SHOP.example")], "origin.not_allowed", FOREIGN_ORIGIN),
            (SIMPLE, [origin("https://shop.example:443")], "origin.not_allowed", FOREIGN_ORIGIN),
            (IMPERSONATION, [("Sec-Fetch-Site", "none")], "browser.server_only_token", IMPERSONATION_IN_BROWSER),
            (PRIVATE, [("Sec-Fetch-Site", "none")], "browser.server_only_token", PRIVATE_IN_BROWSER),
            (SIMPLE, [], "server.browser_only_token", ON_A_SERVER),
        ],
    )
    def test_who_may_use_what_from_where(self, bigcommerce, choose, family, headers, reason, text):
        choose(BigCommerceOptions, storefront_s2s="refused")

        got = bigcommerce.ask(bigcommerce.token(family), *headers)

        assert (got.outcome, got.body.decode()) == ((403, reason), text)
        assert headers_of(got) == TEXT


class TestRulesAtWork:
    def test_tokens_of_a_rule_are_short_or_old_by_their_own_claims(self, bigcommerce, sandbox):
        sandbox.rules.add(
            Rule(then=Then(mint=MintChange(lifetime=timedelta(seconds=60), backdate=timedelta(seconds=61))))
        )

        token = bigcommerce.token()

        claims = decoded(token)[1]
        assert (claims["iat"], claims["eat"]) == (bigcommerce.now - 61, bigcommerce.now - 1)
        assert bigcommerce.ask(token, origin()).reason == "token.expired"

    @pytest.mark.parametrize(
        ("claims", "reason"),
        [({"sid": 7}, "store.mismatch"), ({"cid": "x"}, "token.bad_payload"), ({"cors": []}, "origin.not_allowed")],
        ids=str,
    )
    def test_changed_claims_count(self, bigcommerce, sandbox, claims, reason):
        sandbox.rules.add(Rule(then=Then(mint=MintChange(claims=claims))))

        assert bigcommerce.ask(bigcommerce.token(), origin()).reason == reason

    def test_a_broken_signature_is_no_signature(self, bigcommerce, sandbox):
        sandbox.rules.add(Rule(then=Then(mint=MintChange(broken_signature=True))))

        assert bigcommerce.ask(bigcommerce.token(), origin()).reason == "token.bad_signature"

    @pytest.mark.parametrize(
        ("ending", "reason"),
        [("expired", "token.expired"), ("401once", "token.expired"), ("badsignature", "token.bad_signature")],
    )
    def test_magic_accounts_have_magic_tokens(self, bigcommerce, ending, reason):
        token = bigcommerce.token(account=f"{DEMO}_{ending}", expires_at=2_147_483_647)

        first, second = (bigcommerce.ask(token, origin()) for _ in range(2))

        assert first.reason == reason
        assert second.reason == ("" if ending == "401once" else reason)

    def test_a_credential_is_known_by_its_client_id_alone(self, bigcommerce, sandbox):
        sandbox.rules.add(Rule(When(credential="bcdemoclientsecond*"), Then(refuse="rate.limited")))

        assert [bigcommerce.mint(token=token).reason for token in (DEMO, SECOND)] == ["", "rate.limited"]
        assert all(SECOND not in exchange.carried.names for exchange in sandbox.journal)

    @pytest.mark.parametrize(
        ("deed", "reason"), [("expire", "token.expired"), ("revoke", "token.revoked"), ("age", "token.expired")]
    )
    def test_test_controls_act_on_tokens(self, bigcommerce, wire, deed, reason):
        token = bigcommerce.token()

        wire.post(f"/_mock/tokens/{deed}", {"vendor": "bigcommerce", **({"seconds": 4000} if deed == "age" else {})})

        assert bigcommerce.ask(token, origin()).reason == reason

    @pytest.mark.parametrize("kind", ["simple", "private", "customer_impersonation", "stencil"])
    def test_test_controls_hand_tokens_out_and_explain_them(self, bigcommerce, wire, kind):
        token = wire.post("/_mock/tokens", {"vendor": "bigcommerce", "kind": kind}).json["token"]
        headers = {"simple": [origin("http://localhost:3000")], "stencil": [origin("http://localhost")]}.get(kind, [])

        explained = wire.post("/_mock/explain", {"token": token}).json["results"]
        asked = {"token": token[:-4] + "AAAA", "operation": "bigcommerce.query"}
        wrong = wire.post("/_mock/explain", asked).json["results"]

        assert bigcommerce.ask(token, *headers).status == 200
        assert [(each["operation"], each["accepted"]) for each in explained] == [("bigcommerce.query", True)]
        assert [each["reason"] for each in wrong] == ["token.bad_signature"]

    def test_a_stencil_token_is_nobodys(self, wire):
        token = wire.post("/_mock/tokens", {"vendor": "bigcommerce", "kind": "stencil"}).json["token"]

        claims = decoded(token)[1]
        assert (claims["sub"], claims["sub_type"], claims["token_type"]) == ("BC", 0, 1)
        assert claims["eat"] == claims["iat"] + 172_800

    def test_a_rotated_key_takes_its_tokens_along(self, bigcommerce, wire):
        token = bigcommerce.token()
        wire.post("/_mock/keys/bigcommerce/rotate", {"overlap": 0})

        assert bigcommerce.ask(token, origin()).reason == "token.bad_signature"

    def test_no_secret_stands_whole_in_the_journal(self, bigcommerce, wire):
        token = bigcommerce.token()
        bigcommerce.revoke(token)
        bigcommerce.ask(DEMO, ("X-BC-Trusted-Proxy-Secret", "proxy-secret"), ("Cookie", "SHOP_TOKEN=a-cookie"))

        shown = "".join(str(wire.get(f"/_mock/journal/{each.id}").json) for each in bigcommerce.sandbox.journal)

        for secret in (token.rpartition(".")[2], DEMO, "proxy-secret", "a-cookie"):
            assert secret not in shown
