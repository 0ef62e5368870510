"""Every row of the tables of refusals: over gRPC code, message, details and reason; over HTTP status and body."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest
import requests

from mockserver.core.rules import Rule, Then, When
from mockserver.vendors.hyperswitch.records import Account, HyperswitchRecords
from tests.vendors.hyperswitch_handoff import (
    AMOUNT,
    ASKED,
    AUTHORIZE,
    DOCS,
    EARLIEST,
    GET,
    LEGACY,
    NEW,
    OLD,
    TOKENS,
    UCS,
    auth,
    config,
    page,
)

DOC_URL = "https://docs.hyperswitch.io/prism/architecture/concepts/error-codes"
MISSING, FORMAT, CONFIGURED = "MISSING_REQUIRED_FIELD", "INVALID_DATA_FORMAT", "INVALID_CONNECTOR_CONFIG"
INVALID, PRECONDITION = "INVALID_ARGUMENT", "FAILED_PRECONDITION"
HTTP_OF = {
    "INVALID_ARGUMENT": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "FAILED_PRECONDITION": 412,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}


def legacy(*names, **values):
    """Legacy headers with these names; the kind is that of PayPal's."""
    return [(name, dict(LEGACY)[name]) for name in names] + [(name.replace("_", "-"), v) for name, v in values.items()]


def raw(header, text):
    return [(header, text if isinstance(text, str) else json.dumps(text))]


CONFIG, AUTH = "x-connector-config", "x-connector-auth"
UNFIT = [
    "{",
    "[]",
    {"config": []},
    {"config": {"Nobody": {}}},
    {"config": {"paypal": {}}},
    {"config": {"Paypal": {}, "Volt": {}}},
    {"config": {"Paypal": "x"}},
    {"config": {"Paypal": {"client_id": {"value": "x"}, "client_secret": "s"}}},
    {"config": {"Paypal": {"client_id": "i", "client_secret": "s", "base_url": 1}}},
    {"config": {"Paypal": {"client_id": "i", "client_secret": "s", "payer_id": {"value": "x"}}}},
    {"config": {"Adyen": {"api_key": "k", "merchant_account": "m", "review_key": ["x"]}}},
    {"config": {"Truelayer": {"client_id": "i", "client_secret": "s", "kid": 1}}},
    {"config": {"Razorpay": {}}},
]
HALF = {"config": {"Paypal": {"client_id": "x"}}}
NEW_ROWS = [
    ("connector.missing", [], INVALID, "Missing required field: x-connector", MISSING),
    (
        "connector.unknown",
        [("x-connector", "STRIPE")],
        INVALID,
        "Invalid data format: x-connector. Invalid connector: Matching variant not found",
        FORMAT,
    ),
    (
        "connector.unknown",
        [("x-connector", "klarna")],
        INVALID,
        "Invalid data format: x-connector. Invalid connector: Matching variant not found",
        FORMAT,
    ),
    ("credential.missing", legacy("x-connector"), INVALID, "Missing required field: x-auth", MISSING),
    ("credential.missing", legacy("x-connector", "x-auth"), INVALID, "Missing required field: x-api-key", MISSING),
    (
        "credential.missing",
        legacy("x-connector", x_auth="signature-key", x_api_key="k", x_key1="1"),
        INVALID,
        "Missing required field: x-api-secret",
        MISSING,
    ),
    (
        "credential.missing",
        legacy("x-connector", x_auth="multi-auth-key", x_api_key="k", x_key1="1"),
        INVALID,
        "Missing required field: x-key2",
        MISSING,
    ),
    (
        "credential.missing",
        legacy("x-connector", x_auth="currency-auth-key"),
        INVALID,
        "Missing required field: x-auth-key-map",
        MISSING,
    ),
    (
        "credential.malformed",
        legacy("x-connector", x_auth="certificate-auth"),
        PRECONDITION,
        "Invalid connector configuration: x-auth. Invalid auth type: certificate-auth",
        CONFIGURED,
    ),
    (
        "credential.malformed",
        legacy("x-connector", x_auth="currency-auth-key", x_auth_key_map="{"),
        INVALID,
        "Invalid data format: x-auth-key-map. Invalid auth-key-map format",
        FORMAT,
    ),
    (
        "credential.mismatch",
        legacy("x-connector", x_auth="header-key", x_api_key="k"),
        PRECONDITION,
        "Invalid connector configuration: x-auth. Failed to convert legacy auth for connector: paypal",
        CONFIGURED,
    ),
    *[
        (
            "credential.malformed",
            raw(CONFIG, text),
            INVALID,
            (
                "Invalid data format: X-Connector-Config. "
                "Failed to parse X-Connector-Config JSON into ConnectorSpecificConfig"
            ),
            FORMAT,
        )
        for text in UNFIT
    ],
    *[
        ("credential.missing", raw(CONFIG, text), INVALID, "Missing required field: X-Connector-Config.config", MISSING)
        for text in ({}, {"config": None}, {"config": {}}, {"Paypal": {}})
    ],
    (
        "credential.incomplete",
        raw(CONFIG, HALF),
        PRECONDITION,
        (
            "Invalid connector configuration: X-Connector-Config. "
            "Failed to convert connector config from X-Connector-Config header"
        ),
        CONFIGURED,
    ),
    (
        "connector.unsupported",
        config("adyen"),
        PRECONDITION,
        "server_authentication_token flow not supported by adyen connector",
        "FLOW_NOT_SUPPORTED",
    ),
    (
        "connector.unsupported",
        legacy(x_connector="razorpay_v2", x_auth="no-key"),
        PRECONDITION,
        "server_authentication_token flow not supported by razorpayv2 connector",
        "FLOW_NOT_SUPPORTED",
    ),
    (
        "connector.unsupported",
        config("zift"),
        PRECONDITION,
        "This feature is not implemented: server_authentication_token flow for zift",
        "NOT_IMPLEMENTED",
    ),
]
OVER_GRPC_ONLY = [
    *[
        (
            "credential.malformed",
            raw(AUTH, text),
            INVALID,
            (
                "Invalid data format: x-connector-auth. "
                "Failed to parse x-connector-auth JSON into ConnectorSpecificConfig."
                ' Migrate to x-connector-config with {"config":{...}} format.'
            ),
            FORMAT,
        )
        for text in UNFIT
    ],
    (
        "credential.missing",
        raw(AUTH, {"Stripe": {"api_key": "k"}}),
        INVALID,
        "Missing required field: x-connector-auth.config",
        MISSING,
    ),
    (
        "credential.incomplete",
        raw(AUTH, {"auth_type": HALF["config"]}),
        PRECONDITION,
        (
            "Invalid connector configuration: x-connector-auth. "
            "Failed to convert config from deprecated x-connector-auth header"
        ),
        CONFIGURED,
    ),
]


@pytest.mark.parametrize(("reason", "headers", "code", "text", "error"), [*NEW_ROWS, *OVER_GRPC_ONLY])
def test_a_row_of_2026_05(handoff, reason, headers, code, text, error):
    got = handoff.call(NEW, {}, headers)

    assert (got.reason, got.code, got.text) == (reason, code, text)
    assert handoff.detail(got, "IntegrationError") == {"error_message": text, "error_code": error, "doc_url": DOC_URL}
    assert list(handoff.sandbox.tokens) == []


@pytest.mark.parametrize(("reason", "headers", "code", "text", "error"), NEW_ROWS)
def test_a_row_of_2026_05_over_http(wire, reason, headers, code, text, error):
    del error

    got = wire.post("/hyperswitch/payments/server_authentication_token", {}, headers=headers)

    status = HTTP_OF[code]
    assert got.outcome == (status, reason)
    assert got.body == json.dumps({"error": {"message": text, "code": str(status)}}, separators=(",", ":")).encode()


def test_the_older_typed_header_is_not_read_over_http(wire):
    got = wire.post("/hyperswitch/payments/server_authentication_token", {}, headers=auth())

    assert got.outcome == (400, "connector.missing")


def test_the_newer_typed_header_is_not_read_by_the_older_route(wire):
    path = "/hyperswitch/payments/create_access_token"

    assert wire.post(path, {}, headers=config()).outcome == (400, "connector.missing")
    assert wire.post(path, {}, headers=auth()).outcome == (200, "")


@pytest.mark.parametrize("path", [NEW, OLD, EARLIEST])
def test_an_override_that_is_no_object_is_refused_first(handoff, path):
    got = handoff.call(path, {}, [("x-config-override", "[1]")])

    assert (got.reason, got.code, got.details) == ("override.invalid", "INTERNAL", b"")
    assert got.text.startswith("Failed to merge config with override config: ")


def test_the_page_does_not_look_at_overrides(handoff):
    assert handoff.call(DOCS, ASKED, [*page(), ("x-config-override", "[1]")]).message["status"] == "SUCCESS"


OLD_ROWS = [
    ("connector.missing", [], "Missing x-connector in request metadata"),
    ("connector.unknown", [("x-connector", "nobody")], "Invalid connector: Matching variant not found"),
    ("connector.unknown", [("x-connector", "pinelabs_online")], "Invalid connector: Matching variant not found"),
    ("credential.missing", legacy("x-connector"), "Missing x-auth in request metadata"),
    ("credential.missing", legacy("x-connector", "x-auth"), "Missing x-api-key in request metadata"),
    ("credential.missing", LEGACY[:-1], "Missing x-key1 in request metadata"),
    ("credential.malformed", legacy("x-connector", x_auth="certificate-auth"), "Invalid auth type: certificate-auth"),
    (
        "credential.malformed",
        legacy("x-connector", x_auth="currency-auth-key", x_auth_key_map="1"),
        "Invalid auth-key-map format",
    ),
    (
        "credential.mismatch",
        legacy("x-connector", x_auth="no-key"),
        "Failed to convert legacy auth for connector: paypal",
    ),
    ("credential.malformed", raw(AUTH, "{"), "Failed to parse X-Connector-Auth JSON into ConnectorAuth"),
    ("credential.missing", page()[1:], "X-Connector-Auth header missing auth_type"),
    (
        "credential.incomplete",
        raw(AUTH, {"auth_type": HALF["config"]}),
        "Failed to convert auth from X-Connector-Auth header",
    ),
    (
        "credential.malformed",
        raw(CONFIG, "{"),
        "Failed to parse X-Connector-Config JSON into ConnectorSpecificConfig",
    ),
    ("credential.missing", raw(CONFIG, {}), "X-Connector-Config header missing config"),
    (
        "credential.incomplete",
        raw(CONFIG, HALF),
        "Failed to convert connector config from X-Connector-Config header",
    ),
]


@pytest.mark.parametrize(("reason", "headers", "text"), OLD_ROWS)
def test_a_row_of_2026_03_12(handoff, reason, headers, text):
    got = handoff.call(OLD, {}, headers)

    assert (got.reason, got.code, got.text, got.details) == (reason, INVALID, text, b"")


FAILED = "Access Token creation failed: InternalServerError"


@pytest.mark.parametrize("path", [OLD, EARLIEST])
@pytest.mark.parametrize(
    ("reason", "connector", "mark", "text"),
    [
        ("connector.unsupported", "stripe", "", FAILED),
        ("connector.unsupported", "zift", "", FAILED),
        ("credential.rejected", "paypal", "mock_401", "InternalServerError"),
        ("upstream.429", "paypal", "mock_429", "InternalServerError"),
        ("upstream.504", "paypal", "mock_504", "InternalServerError"),
        ("upstream.timeout", "paypal", "mock_timeout", FAILED),
        ("upstream.unreadable", "paypal", "mock_badbody", FAILED),
    ],
)
def test_a_failure_behind_the_older_servers_is_internal(handoff, path, reason, connector, mark, text):
    headers = [*auth(connector, mark), ("x-connector", connector), ("x-merchant-id", "m")]

    got = handoff.call(path, {}, headers)

    assert (got.reason, got.code, got.text, got.details) == (reason, "INTERNAL", text, b"")


BAD, BAD_OVERRIDE = "{", ("x-config-override", "[]")


@pytest.mark.parametrize(
    ("path", "headers", "reason"),
    [
        (NEW, [BAD_OVERRIDE], "override.invalid"),
        (NEW, [(CONFIG, BAD), ("x-connector", "nobody")], "credential.malformed"),
        (NEW, [(CONFIG, BAD), *auth(), *LEGACY], "credential.malformed"),
        (NEW, [(CONFIG, ""), *LEGACY], "credential.malformed"),
        (NEW, [*config("stripe", "mock_429")], "connector.unsupported"),
        (NEW, [*config("paypal", "mock_429 mock_timeout")], "upstream.429"),
        (NEW, [("x-connector", "nobody"), ("x-auth", "nothing")], "connector.unknown"),
        (NEW, [("x-connector", "volt"), ("x-auth", "body-key")], "credential.missing"),
        (NEW, [*config()[:1], (CONFIG, BAD)], ""),
        (NEW, [(CONFIG, BAD), *config()], "credential.malformed"),
        (OLD, [BAD_OVERRIDE], "override.invalid"),
        (OLD, [(CONFIG, BAD), *auth()], "credential.malformed"),
        (OLD, [*config(), (AUTH, BAD)], ""),
        (EARLIEST, [BAD_OVERRIDE, ("x-connector", "nobody")], "override.invalid"),
        (EARLIEST, [("x-connector", "nobody"), (AUTH, BAD)], "connector.unknown"),
        (EARLIEST, [("x-connector", "paypal"), (AUTH, BAD)], "merchant.missing"),
        (EARLIEST, [("x-connector", "paypal"), ("x-merchant-id", "m"), (CONFIG, BAD), *auth()], ""),
        (DOCS, [], "connector.missing"),
        (DOCS, [("x-connector", "nobody"), (AUTH, BAD)], "credential.malformed"),
        (DOCS, [("x-connector", "nobody"), *page()[1:]], "connector.unknown"),
        (DOCS, [("x-connector", "nobody"), ("x-auth", "nothing")], "connector.unknown"),
        (DOCS, [("x-connector", "stripe")], "credential.missing"),
        (DOCS, page("stripe", "mock_401"), "request.invalid"),
        (DOCS, [("x-connector", "stripe"), *page("adyen")[1:]], "connector.mismatch"),
    ],
)
def test_of_two_faults_the_first_in_order_is_told(handoff, path, headers, reason):
    assert handoff.call(path, {}, headers).reason == reason


UCS_ROWS = [
    ("connector.missing", auth(), INVALID, "Missing x-connector in request metadata"),
    ("merchant.missing", LEGACY, INVALID, "Missing merchant ID in request metadata: BadRequest"),
    (
        "connector.missing",
        config(),
        INVALID,
        "Missing x-connector in request metadata",
    ),
]
MERCHANT = [("x-connector", "paypal"), ("x-merchant-id", "m")]
UCS_MERCHANT_ROWS = [
    ("credential.missing", config(), INVALID, "Missing x-auth in request metadata"),
    ("credential.malformed", raw(AUTH, "{"), INVALID, "Failed to parse X-Connector-Auth header as JSON"),
    ("credential.malformed", raw(AUTH, "[]"), INVALID, "Failed to convert auth from X-Connector-Auth header"),
    ("credential.missing", page()[1:], INVALID, "Failed to convert auth from X-Connector-Auth header"),
    (
        "credential.incomplete",
        raw(AUTH, {"auth_type": HALF["config"]}),
        INVALID,
        "Failed to convert auth from X-Connector-Auth header",
    ),
    ("connector.mismatch", auth("volt"), "INTERNAL", FAILED),
]


@pytest.mark.parametrize(
    ("reason", "headers", "code", "text"),
    [*UCS_ROWS, *[(reason, [*MERCHANT, *headers], code, text) for reason, headers, code, text in UCS_MERCHANT_ROWS]],
)
@pytest.mark.parametrize("path", [DOCS, EARLIEST])
def test_a_row_of_package_ucs_v2(handoff, path, reason, headers, code, text):
    handoff.options(ucs_v2="2026.03.06")

    got = handoff.call(path, {}, headers)

    assert (got.reason, got.code, got.text, got.details) == (reason, code, text, b"")


PROVIDER_ROWS = [
    ("upstream.400", "mock_400", INVALID),
    ("upstream.403", "mock_403", "PERMISSION_DENIED"),
    ("upstream.404", "mock_404", "NOT_FOUND"),
    ("upstream.429", "mock_429", "RESOURCE_EXHAUSTED"),
    ("upstream.500", "mock_500", "INTERNAL"),
    ("upstream.501", "mock_501", "UNIMPLEMENTED"),
    ("upstream.503", "mock_503", "UNAVAILABLE"),
    ("upstream.504", "mock_504", "DEADLINE_EXCEEDED"),
]


@pytest.mark.parametrize(("reason", "mark", "code"), PROVIDER_ROWS)
def test_what_the_provider_answers_is_passed_on(handoff, reason, mark, code):
    number = mark.removeprefix("mock_")

    got = handoff.call(NEW, {}, config(mark=mark))

    text = f"mock PSP answered {number}"
    assert (got.reason, got.code, got.text) == (reason, code, text)
    assert handoff.detail(got, "ConnectorError") == {
        "error_message": text,
        "error_code": "CONNECTOR_ERROR_RESPONSE",
        "http_status_code": int(number),
        "error_info": {
            "unified_details": {"code": mark, "message": text, "description": text},
            "connector_details": {"code": mark, "message": text, "reason": text},
        },
    }


@pytest.mark.parametrize("headers", [config(mark="mock_401"), config(client_id="", client_secret="s")])
def test_rejected_credentials_are_told_with_the_providers_words(handoff, headers):
    got = handoff.call(NEW, {}, headers)

    assert (got.reason, got.code, got.text) == ("credential.rejected", "UNAUTHENTICATED", "invalid_client")
    text = "Client Authentication failed"
    assert handoff.detail(got, "ConnectorError") == {
        "error_message": "invalid_client",
        "error_code": "CONNECTOR_ERROR_RESPONSE",
        "http_status_code": 401,
        "error_info": {
            "unified_details": {"code": "invalid_client", "message": "invalid_client", "description": text},
            "connector_details": {"code": "invalid_client", "message": "invalid_client", "reason": text},
        },
    }


def test_credentials_outside_the_listed_accounts_are_rejected(handoff):
    listed = Account("a", "paypal", {"client_id": "id", "client_secret": "right"})
    handoff.sandbox.put(HyperswitchRecords({"a": listed}))
    handoff.options(accounts="listed")

    wrong = handoff.call(NEW, {}, config())
    right = handoff.call(NEW, {}, config(client_id="id", client_secret="right"))
    by_parts = handoff.call(NEW, {}, legacy("x-connector", "x-auth", "x-key1", x_api_key="right"))

    assert (wrong.reason, right.code, by_parts.code) == ("credential.rejected", "OK", "OK")


def test_the_option_may_list_the_credentials_itself(wire):
    entry = {"connector": "paypal", "fields": {"client_id": "id", "client_secret": "right"}}

    def asked(secret):
        config = {"config": {"Paypal": {"client_id": "id", "client_secret": secret}}}
        headers = {"x-connector-config": json.dumps(config)}
        return wire("POST", "/hyperswitch/payments/server_authentication_token", json_body={}, headers=headers)

    said = wire("PATCH", "/_mock/options/hyperswitch", json_body={"accounts": [entry]})
    nonsense = wire("PATCH", "/_mock/options/hyperswitch", json_body={"accounts": [{"conector": "paypal"}]})

    assert (said.status, said.json["accounts"]) == (200, [entry])
    assert (nonsense.status, "did you mean 'connector'?" in nonsense.json["detail"]) == (422, True)
    assert (asked("wrong").outcome, asked("right").outcome) == ((401, "credential.rejected"), (200, ""))


def test_a_provider_that_does_not_answer_or_answers_nonsense(handoff):
    silent = handoff.call(NEW, {}, config(mark="mock_timeout"))
    garbled = handoff.call(NEW, {}, config(mark="mock_badbody"))

    assert (silent.reason, silent.code) == ("upstream.timeout", "DEADLINE_EXCEEDED")
    assert (silent.text, silent.details) == ("Server responded with Request Timeout", b"")
    assert (garbled.reason, garbled.code) == ("upstream.unreadable", "INTERNAL")
    assert handoff.detail(garbled, "ConnectorError") == {
        "error_message": "Failed to deserialize connector response",
        "error_code": "RESPONSE_DESERIALIZATION_FAILED",
        "http_status_code": 200,
    }


@pytest.mark.parametrize(("path", "headers"), [(NEW, config), (OLD, auth)])
def test_trustpay_can_fail_inside_a_success(handoff, path, headers):
    got = handoff.call(path, {}, headers("trustpay", "mock_inband"))
    other = handoff.call(path, {}, headers("paypal", "mock_inband"))

    assert (got.reason, got.code) == ("upstream.inband", "OK")
    assert (got.message["status"], got.message["status_code"]) == ("OPERATION_STATUS_FAILURE", 200)
    assert set(got.message["error"]["connector_details"]) == {"code", "message", "reason"}
    assert "access_token" not in got.message
    assert other.reason == ""


PAGE_ROWS = [
    ("credential.rejected", "mock_401", "AUTHENTICATION_FAILED", 401),
    ("credential.rejected", "mock_403", "AUTHENTICATION_FAILED", 403),
    ("upstream.429", "mock_429", "RATE_LIMITED", 429),
    ("upstream.400", "mock_400", "INVALID_REQUEST", 400),
    ("upstream.404", "mock_404", "INVALID_REQUEST", 404),
    ("upstream.500", "mock_500", "FAILURE", 500),
    ("upstream.501", "mock_501", "FAILURE", 501),
    ("upstream.503", "mock_503", "FAILURE", 503),
    ("upstream.504", "mock_504", "FAILURE", 504),
    ("upstream.timeout", "mock_timeout", "FAILURE", 504),
    ("upstream.unreadable", "mock_badbody", "FAILURE", 500),
]


@pytest.mark.parametrize(("reason", "mark", "status", "number"), PAGE_ROWS)
def test_the_page_tells_failures_inside_a_success(handoff, reason, mark, status, number):
    got = handoff.call(DOCS, ASKED, page(mark=mark))

    error = got.message.pop("error")
    assert (got.reason, got.code) == (reason, "OK")
    assert got.message == {"status": status, "status_code": number, "merchant_access_token_id": "token_001"}
    assert set(error["unified_details"]) == {"code", "message", "description"}
    assert set(error["connector_details"]) == {"code", "message", "reason"}


IN_USE = "Invalid access token"
TOKEN_TEXTS = [
    ("globalpay", IN_USE, IN_USE),
    ("getnet", "Token expired", "Token expired"),
    ("paypal", "invalid_token", "invalid_token"),
    ("volt", "Token expired", IN_USE),
]


@pytest.mark.parametrize(("connector", "when_expired", "otherwise"), TOKEN_TEXTS)
def test_a_dead_token_is_the_providers_401(handoff, connector, when_expired, otherwise):
    token = handoff.token(connector)
    unknown = handoff.get("nobody's", connector)
    empty = handoff.get({"token": {}}, connector)
    foreign = handoff.get(handoff.token("airwallex"), connector)
    handoff.advance(days=9)
    expired = handoff.get(token, connector)

    assert [got.reason for got in (unknown, empty, foreign, expired)] == [
        "token.unknown",
        "token.unknown",
        "binding.wrong_connector",
        "token.expired",
    ]
    assert {got.code for got in (unknown, empty, foreign, expired)} == {"UNAUTHENTICATED"}
    assert [got.text for got in (unknown, empty, foreign, expired)] == [otherwise, otherwise, otherwise, when_expired]
    detail = handoff.detail(expired, "ConnectorError")
    assert (detail["error_code"], detail["http_status_code"]) == ("CONNECTOR_ERROR_RESPONSE", 401)
    assert detail["error_info"]["connector_details"]["code"] == "invalid_token"


def test_a_dead_token_is_told_inside_a_success_before_the_rename(handoff):
    token = handoff.old_token()
    handoff.options(types_new="off")
    handoff.advance(hours=9)

    for got in (handoff.get(token), handoff.authorize(token)):
        assert (got.reason, got.code) == ("token.expired", "OK")
        assert (got.message["status"], got.message["status_code"]) == ("FAILURE", 401)
        assert got.message["error"]["connector_details"]["message"] == "invalid_token"
        assert got.message["state"]["access_token"]["token"]["value"] == token


def test_a_revoked_token_looks_like_an_expired_one(handoff):
    token = handoff.token()
    handoff.sandbox.tokens.revoke(handoff.sandbox.clock.now())

    got = handoff.get(token)

    assert (got.reason, got.code, got.text) == ("token.revoked", "UNAUTHENTICATED", "invalid_token")


def test_a_token_member_without_a_token(handoff):
    got = handoff.get({"token_type": "Bearer"})
    authorized = handoff.authorize({"token_type": "Bearer"})

    text = "Invalid access token: Invalid data format: unknown"
    assert (got.reason, got.code, got.text, got.details) == ("token.malformed", "UNAUTHENTICATED", text, b"")
    assert authorized.reason == "token.missing"


@pytest.mark.parametrize(
    ("connector", "code", "text", "error"),
    [
        ("paypal", "UNAUTHENTICATED", "Failed to obtain authentication type", "FAILED_TO_OBTAIN_AUTH_TYPE"),
        *[
            (connector, INVALID, "Missing required field: access_token", MISSING)
            for connector in ("fiservcommercehub", "trustpay", "volt")
        ],
    ],
)
def test_authorize_without_a_token(handoff, connector, code, text, error):
    got = handoff.authorize(connector=connector)

    assert (got.reason, got.code, got.text) == ("token.missing", code, text)
    assert handoff.detail(got, "IntegrationError")["error_code"] == error


@pytest.mark.parametrize(
    ("connector", "status", "code", "text"),
    [
        ("paypal", 500, "INTERNAL_SERVER_ERROR", "Failed to obtain authentication type"),
        ("volt", 400, "BAD_REQUEST", "Missing required field: access_token"),
        ("trustpay", 400, "BAD_REQUEST", "Missing required field: access_token"),
    ],
)
def test_authorize_without_a_token_before_the_rename(handoff, connector, status, code, text):
    handoff.options(types_new="off")

    got = handoff.authorize(connector=connector)

    assert (got.reason, got.code) == ("token.missing", "OK")
    assert got.message == {
        "status": "FAILURE",
        "status_code": status,
        "error": {"connector_details": {"code": code, "message": text}},
    }


def test_a_server_that_fetches_by_itself_fails_as_its_provider_does(handoff):
    handoff.options(types_new="off")

    missing = handoff.get(mark="mock_401")
    shown = handoff.get(handoff.old_token(), mark="mock_429")

    assert (missing.reason, missing.code) == ("credential.rejected", "INTERNAL")
    assert missing.text == "InternalServerError"
    assert (shown.reason, shown.code, shown.message["status_code"]) == ("upstream.429", "OK", 429)


@pytest.mark.parametrize(
    ("path", "body", "text", "error"),
    [
        (GET, {"connector_transaction_id": "t"}, "Missing required field: amount", MISSING),
        (GET, {"amount": AMOUNT}, "Missing connector transaction ID", "MISSING_CONNECTOR_TRANSACTION_ID"),
        (AUTHORIZE, {"amount": AMOUNT}, "missing request_details in the payload", ""),
        (AUTHORIZE, {"payment_method": {}}, "Missing required field: amount", MISSING),
    ],
)
def test_a_payment_wants_its_fields(handoff, path, body, text, error):
    got = handoff.call(path, body, config())
    details = handoff.detail(got, "IntegrationError").get("error_code", "")
    handoff.options(types_new="off")
    before = handoff.call(path, body, config())

    assert (got.reason, got.code, got.text, details) == ("request.invalid", INVALID, text, error)
    assert (before.reason, before.code, before.text, before.details) == ("request.invalid", INVALID, text, b"")


@pytest.mark.parametrize("connector", ["stripe", "zift"])
def test_connectors_without_tokens_need_none(handoff, connector):
    assert handoff.get(connector=connector).message["status"] == "CHARGED"
    assert handoff.authorize(connector=connector, capture_method="MANUAL").message["status"] == "AUTHORIZED"


def test_trustpay_needs_a_token_only_to_authorize(handoff):
    assert handoff.get(connector="trustpay").message["status"] == "CHARGED"


@pytest.mark.parametrize("path", [NEW, OLD, DOCS, GET])
def test_bytes_that_are_no_message_are_internal(handoff, path):
    got = handoff.line.raw(f"/{path}", b"\xff\xff", config())

    assert (got.reason, got.code, got.details) == ("request.malformed", "INTERNAL", b"")


@pytest.mark.parametrize(
    ("body", "content", "text"),
    [
        (b"{", "application/json", "Failed to parse the request body as JSON"),
        (b'{"test_mode":"yes"}', "application/json", "Failed to deserialize the JSON body into the target type"),
        (b'{"connector":"NOBODY"}', "application/json", "Failed to deserialize the JSON body into the target type"),
        (b"null", "application/json", "Failed to deserialize the JSON body into the target type"),
        (b"[]", "application/json", "Failed to deserialize the JSON body into the target type"),
        (b"", "application/json", "Failed to parse the request body as JSON"),
        (b"{}", "text/plain", "Expected request with `Content-Type: application/json`"),
    ],
)
def test_a_body_that_is_not_the_messages_json(wire, body, content, text):
    got = wire(
        "POST",
        "/hyperswitch/payments/server_authentication_token",
        body=body,
        headers=[("Content-Type", content), *config()],
    )

    assert (got.status, got.json) == (400, {"error": {"message": text, "code": "400"}})


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        (None, "token.missing"),
        ({"access_token": None}, "token.missing"),
        ({"access_token": {"token": None}}, "token.malformed"),
        ({"access_token": {"token": ""}}, "token.unknown"),
    ],
)
def test_a_null_in_json_is_as_good_as_nothing_wherever_it_stands(wire, held, reason):
    body = {"connector_transaction_id": "t", "amount": AMOUNT, "state": held}

    assert wire.post("/hyperswitch/payments/get", body, headers=config()).outcome == (401, reason)


def test_a_null_is_not_echoed(wire):
    body = {"connector_transaction_id": "t", "amount": AMOUNT, "state": {"access_token": None}}

    assert wire.post("/hyperswitch/payments/get", body, headers=config("stripe")).json["state"] == {}


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/payments/get", 405)])
def test_http_says_nothing_of_what_is_not_there(wire, method, path, status):
    got = wire(method, f"/hyperswitch{path}")

    assert (got.status, got.body) == (status, b"")


def test_an_unknown_method_is_unimplemented_and_journalled(handoff):
    got = handoff.line.raw("/no.such.Service/Method", b"anything")

    assert (got.code, got.text, got.reason) == ("UNIMPLEMENTED", "", "route.not_found")
    assert handoff.sandbox.journal.find(got.exchange).call.path == "/no.such.Service/Method"


@pytest.mark.parametrize("path", [f"{TOKENS}/CreateSdkSessionToken", f"{UCS}/CreateSdkSessionToken"])
def test_what_is_declared_only_says_so(handoff, path):
    got = handoff.call(path)

    assert (got.code, got.text) == ("UNIMPLEMENTED", "CreateSdkSessionToken is not emulated")


@pytest.mark.parametrize(
    ("connector", "code", "text"),
    [
        ("adyen", PRECONDITION, "server_session_authentication_token flow not supported by adyen connector"),
        (
            "trustly",
            PRECONDITION,
            "This feature is not implemented: server_session_authentication_token flow for trustly",
        ),
        ("paytm", INVALID, "Missing required field: amount"),
    ],
)
def test_a_session_token_is_refused_in_its_own_words(handoff, connector, code, text):
    got = handoff.call(f"{TOKENS}/CreateServerSessionAuthenticationToken", {}, config(connector))

    assert (got.code, got.text) == (code, text)


@pytest.mark.parametrize(
    ("connector", "code", "text"),
    [
        ("nmi", PRECONDITION, "client_authentication_token flow not supported by nmi connector"),
        ("volt", PRECONDITION, "This feature is not implemented: client_authentication_token flow for volt"),
        ("paypal", "UNIMPLEMENTED", "client_authentication_token for paypal is not emulated"),
        ("cybersource", "UNIMPLEMENTED", "client_authentication_token for cybersource is not emulated"),
        ("stripe", INVALID, "Missing required field: amount"),
    ],
)
def test_a_client_token_is_refused_in_its_own_words(handoff, connector, code, text):
    got = handoff.call(f"{TOKENS}/CreateClientAuthenticationToken", {}, config(connector))

    assert (got.code, got.text) == (code, text)


def test_older_session_tokens_are_two_connectors_business(handoff):
    path, body = f"{TOKENS}/CreateSessionToken", {"amount": AMOUNT}

    assert handoff.call(path, body, auth("nuvei")).message["session_token"].startswith("sess_")
    refused = handoff.call(path, body, auth("paypal"))
    assert (refused.code, refused.text) == ("INTERNAL", "InternalServerError")


@pytest.mark.parametrize(
    ("mark", "reason"), [("mock_timeout", "upstream.timeout"), ("mock_badbody", "upstream.unreadable")]
)
@pytest.mark.parametrize("earlier", [False, True])
def test_older_session_tokens_fail_in_one_way(handoff, earlier, mark, reason):
    handoff.options(ucs_v2="2026.03.06")
    path, body = f"{UCS if earlier else TOKENS}/CreateSessionToken", {"amount": AMOUNT}

    got = handoff.call(path, body, [*auth("nuvei", mark), ("x-connector", "nuvei"), ("x-merchant-id", "m")])

    assert (got.reason, got.code, got.text) == (reason, "INTERNAL", "InternalServerError")


@pytest.mark.parametrize(("mark", "number"), [("mock_timeout", 504), ("mock_badbody", 500), ("mock_503", 503)])
def test_a_provider_that_fails_is_told_inside_a_success_before_the_rename(handoff, mark, number):
    token = handoff.old_token()
    handoff.options(types_new="off")

    for got in (handoff.get(token, mark=mark), handoff.authorize(token, mark=mark)):
        assert (got.code, got.message["status"], got.message["status_code"]) == ("OK", "FAILURE", number)
        assert set(got.message["error"]["connector_details"]) == {"code", "message", "reason"}
        assert got.message["state"]["access_token"]["token"]["value"] == token


def test_a_mark_counts_however_deep_it_stands(handoff):
    for deep in ({"EUR": {"password": "mock_429"}}, ["mock_429"]):
        header = raw(AUTH, {"Cashtocode": {"auth_key_map": deep}})
        assert handoff.call(DOCS, ASKED, header).reason == "upstream.429"


@pytest.mark.parametrize("reason", ["token.missing", "token.malformed"])
def test_a_rule_that_misses_a_token_says_it_as_each_method_does(handoff, reason):
    handoff.sandbox.rules.add(Rule(When(), Then(refuse=reason)))

    got, authorized = handoff.get(), handoff.authorize()
    detail = handoff.detail(authorized, "IntegrationError")
    handoff.options(types_new="off")
    before = handoff.authorize()

    assert got.text.startswith(("Connector requires an access token", "Invalid access token"))
    assert (authorized.code, authorized.text) == ("UNAUTHENTICATED", "Failed to obtain authentication type")
    assert detail["error_code"] == "FAILED_TO_OBTAIN_AUTH_TYPE"
    assert (before.code, before.message["status_code"]) == ("OK", 500)


RULED = [
    ("credential.missing", "INVALID_ARGUMENT", "Missing required field: x-auth"),
    ("credential.malformed", "INVALID_ARGUMENT", NEW_ROWS[11][3]),
    ("credential.incomplete", "FAILED_PRECONDITION", NEW_ROWS[-4][3]),
    (
        "credential.mismatch",
        "FAILED_PRECONDITION",
        "Invalid connector configuration: x-auth. Failed to convert legacy auth for connector: paypal",
    ),
    (
        "connector.unsupported",
        "FAILED_PRECONDITION",
        "server_authentication_token flow not supported by paypal connector",
    ),
    ("connector.missing", "INVALID_ARGUMENT", "Missing required field: x-connector"),
]


@pytest.mark.parametrize(("reason", "code", "text"), RULED)
def test_what_a_rule_refuses_has_the_vendors_words(handoff, reason, code, text):
    handoff.sandbox.rules.add(Rule(When(), Then(refuse=reason)))

    got = handoff.call(NEW, {}, config())

    assert (got.reason, got.code, got.text) == (reason, code, text)
    assert handoff.detail(got, "IntegrationError")["error_message"] == text


def test_no_secret_of_any_kind_stands_in_the_journal(served, handoff):
    page_token = handoff.call(DOCS, ASKED, page("adyen")).message["access_token"]
    handoff.get(connector="stripe", connector_transaction_id=page_token)
    secret = {"value": "feature-that-is-secret"}
    handoff.call(NEW, {"metadata": secret, "connector_feature_data": secret}, config())
    holder = {"card_exp_month": {"value": "month-1"}, "card_holder_name": {"value": "holder-1"}}
    handoff.authorize("t", payment_method={"card": holder})
    handoff.call(NEW, {}, [("x-api-key-bin", b"bytes-that-are-secret")])

    told = "".join(
        requests.get(f"{served.url}/_mock/journal/{exchange.id}", timeout=20).text
        for exchange in served.sandbox.journal
    )

    secrets = [page_token, secret["value"], "month-1", "holder-1", b64encode(b"bytes-that-are-secret").decode()]
    assert [each for each in secrets if each in told] == []


def test_no_secret_stands_in_the_journal(served, handoff):
    token = handoff.token()
    handoff.get(token)
    handoff.call(NEW, {}, config(client_id="id-that-is-secret", client_secret="very-secret-indeed"))
    handoff.call(NEW, {}, [*LEGACY[:2], ("x-api-key", "another-secret"), ("x-key1", "key-one")])

    told = "".join(
        requests.get(f"{served.url}/_mock/journal/{exchange.id}", timeout=20).text
        for exchange in served.sandbox.journal
    )

    for secret in (token, "id-that-is-secret", "very-secret-indeed", "another-secret", "key-one"):
        assert secret not in told
