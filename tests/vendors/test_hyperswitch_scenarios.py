"""The acceptance scenarios of the vendor sheet, by number. 27 stands with the real clients (`tests/clients`).

What grpcurl prints is proto3 JSON in the names that reflection gives: the client here prints the same.
"""

from __future__ import annotations

import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from google.rpc import status_pb2

from mockserver import Emulator, Settings
from tests.support.rpc import Line
from tests.vendors.hyperswitch_handoff import (
    AMOUNT,
    ASKED,
    DOCS,
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
PAYPAL_TOKEN = re.compile(r"A21AA[0-9a-f]{32}")


def test_scenario_01_the_pages_command_works(handoff):
    got = handoff.call(DOCS, ASKED, page())

    printed = handoff.line.printed(DOCS, got)
    assert re.fullmatch(r"pk_test_[0-9a-f]{16}", printed.pop("access_token"))
    assert abs(int(printed.pop("expires_in_seconds")) - (handoff.now + 3600)) <= 5
    assert printed == {
        "token_type": "Bearer",
        "status": "SUCCESS",
        "status_code": 200,
        "merchant_access_token_id": "token_001",
    }


def test_scenario_02_grpc_listens_on_more_ports_than_one():
    with Emulator(Settings(port=0, grpc_port=(0, 0))) as emulator:
        ports = emulator._doors._rpc.ports
        for port in ports:
            with Line(f"127.0.0.1:{port}") as line:
                assert line.call(DOCS, ASKED, page()).message["status"] == "SUCCESS"

    assert len(set(ports)) == 2


@pytest.mark.parametrize("test_mode", [{"test_mode": False}, {}])
def test_scenario_03_without_test_mode_the_pages_token_is_a_live_one(handoff, test_mode):
    asked = {name: value for name, value in ASKED.items() if name != "test_mode"}

    got = handoff.call(DOCS, {**asked, **test_mode}, page())

    assert re.fullmatch(r"pk_live_[0-9a-f]{16}", got.message["access_token"])


def test_scenario_04_an_empty_key_is_refused_inside_a_success(handoff):
    got = handoff.call(DOCS, ASKED, page(api_key=""))

    assert (got.code, got.reason) == ("OK", "credential.rejected")
    assert (got.message["status"], got.message["status_code"]) == ("AUTHENTICATION_FAILED", 401)
    assert got.message["error"]["connector_details"]["code"] == "invalid_api_key"
    assert "access_token" not in got.message


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ([("x-connector", "stripe")], "Missing x-connector-auth in request metadata"),
        (
            [("x-connector", "stripe"), ("x-connector-auth", "{")],
            "Failed to parse X-Connector-Auth JSON into ConnectorAuth",
        ),
        (
            [("x-connector", "stripe"), *page("adyen")[1:]],
            "x-connector and x-connector-auth name different connectors",
        ),
    ],
)
def test_scenario_05_the_page_refuses_headers_that_are_missing_broken_or_at_odds(handoff, headers, text):
    got = handoff.call(DOCS, ASKED, headers)

    assert (got.code, got.text) == ("INVALID_ARGUMENT", text)


@pytest.mark.parametrize("headers", [auth("stripe"), config("stripe"), [*config("stripe"), ("x-connector", "stripe")]])
def test_scenario_06_the_page_takes_wrapped_credentials_as_well(handoff, headers):
    assert handoff.call(DOCS, ASKED, headers).message["status"] == "SUCCESS"


@pytest.mark.parametrize("field", ["merchant_access_token_id", "connector"])
def test_scenario_07_the_page_wants_its_required_fields(handoff, field):
    asked = {name: value for name, value in ASKED.items() if name != field}

    got = handoff.call(DOCS, asked, page())

    assert (got.code, got.text) == ("INVALID_ARGUMENT", f"Missing required field: {field}")


def test_scenario_08_a_client_with_secret_strings_reads_the_pages_token(handoff):
    field = descriptor_pb2.FieldDescriptorProto
    pool = DescriptorPool()
    file = descriptor_pb2.FileDescriptorProto(name="real.proto", package="real", syntax="proto3")
    secret, answer = file.message_type.add(name="SecretString"), file.message_type.add(name="Answer")
    secret.field.add(name="value", number=1, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    answer.field.add(
        name="access_token",
        number=1,
        type=field.TYPE_MESSAGE,
        type_name=".real.SecretString",
        label=field.LABEL_OPTIONAL,
    )
    pool.AddSerializedFile(file.SerializeToString())
    kind = GetMessageClass(pool.FindMessageTypeByName("real.Answer"))

    got = handoff.call(DOCS, ASKED, page())

    assert kind.FromString(got.data).access_token.value == got.message["access_token"]


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_scenario_09_reflection_is_enough_to_list_describe_and_call(handoff, version):
    with Line(handoff.address, version) as line:
        services = line.services()
        described = line.describe(f"{TOKENS}.CreateServerAuthenticationToken")
        got = line.call(NEW, {}, config())

    assert services == [
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
        "types.MerchantAuthenticationService",
        "types.PaymentService",
        "ucs.v2.MerchantAuthenticationService",
        "ucs.v2.PaymentService",
    ]
    assert described
    assert got.message["status"] == "OPERATION_STATUS_SUCCESS"


def test_scenario_10_a_strict_paypal_token(handoff):
    got = handoff.call(NEW, {"merchant_access_token_id": "t", "connector": "PAYPAL", "test_mode": True}, config())

    printed = handoff.line.printed(NEW, got)
    assert PAYPAL_TOKEN.fullmatch(printed.pop("accessToken")["value"])
    assert printed == {"expiresInSeconds": "32400", "status": "OPERATION_STATUS_SUCCESS", "statusCode": 200}


def test_scenario_11_legacy_headers_do_the_same(handoff):
    got = handoff.call(NEW, {}, LEGACY)
    short = handoff.call(NEW, {}, LEGACY[:-1])

    assert PAYPAL_TOKEN.fullmatch(got.message["access_token"]["value"])
    assert (short.code, short.text) == ("INVALID_ARGUMENT", "Missing required field: x-key1")


def test_scenario_12_the_pages_bare_header_is_refused_by_a_strict_server(handoff):
    got = handoff.call(NEW, {}, page()[1:])

    assert (got.code, got.text) == ("INVALID_ARGUMENT", "Missing required field: x-connector-auth.config")


def test_scenario_13_a_broken_header_does_not_fall_through(handoff):
    got = handoff.call(NEW, {}, [("x-connector-config", "{"), *LEGACY])

    assert (got.code, got.reason) == ("INVALID_ARGUMENT", "credential.malformed")


@pytest.mark.parametrize(
    ("headers", "text", "error"),
    [
        (
            config("stripe"),
            "server_authentication_token flow not supported by stripe connector",
            "FLOW_NOT_SUPPORTED",
        ),
        (
            [("x-connector", "checkout"), ("x-auth", "header-key"), ("x-api-key", "k")],
            "This feature is not implemented: server_authentication_token flow for checkout",
            "NOT_IMPLEMENTED",
        ),
    ],
)
def test_scenario_14_a_connector_without_the_flow_is_refused(handoff, headers, text, error):
    got = handoff.call(NEW, {}, headers)

    assert (got.code, got.text) == ("FAILED_PRECONDITION", text)
    assert handoff.detail(got, "IntegrationError")["error_code"] == error


def test_scenario_15_the_header_decides_and_not_the_body(handoff):
    got = handoff.call(NEW, {"connector": "STRIPE"}, config())

    assert PAYPAL_TOKEN.fullmatch(got.message["access_token"]["value"])


def test_scenario_16_details_are_raw_or_wrapped(handoff):
    raw = handoff.call(NEW)
    detail = handoff.detail(raw, "IntegrationError")
    handoff.options(error_details="rpc_status")
    wrapped = handoff.call(NEW)
    status = status_pb2.Status.FromString(wrapped.details)

    assert detail == {"error_message": raw.text, "error_code": "MISSING_REQUIRED_FIELD", "doc_url": DOC_URL}
    # What Go's clients (and `rpc_status.from_call`) compare first, and cannot find in the raw bytes:
    assert status_pb2.Status.FromString(raw.details).code != 3
    assert (status.code, status.message) == (3, wrapped.text)
    assert status.details[0].type_url == "type.googleapis.com/types.IntegrationError"
    assert status.details[0].value == raw.details


def test_scenario_17_wrong_credentials_in_each_behaviour(handoff):
    new = handoff.call(NEW, {}, config(mark="mock_401"))
    old = handoff.call(OLD, {}, auth(mark="mock_401"))
    docs = handoff.call(DOCS, ASKED, page(mark="mock_401"))

    assert (new.code, new.text) == ("UNAUTHENTICATED", "invalid_client")
    assert handoff.detail(new, "ConnectorError")["http_status_code"] == 401
    assert (old.code, old.text, old.details) == ("INTERNAL", "InternalServerError", b"")
    assert (docs.code, docs.message["status_code"]) == ("OK", 401)
    assert {got.reason for got in (new, old, docs)} == {"credential.rejected"}


@pytest.mark.parametrize(
    ("mark", "code"),
    [
        ("mock_429", "RESOURCE_EXHAUSTED"),
        ("mock_503", "UNAVAILABLE"),
        ("mock_timeout", "DEADLINE_EXCEEDED"),
    ],
)
def test_scenario_18_faults_on_demand(handoff, mark, code):
    assert handoff.call(NEW, {}, config(mark=mark)).code == code


def test_scenario_19_a_token_counts_until_it_has_expired(handoff):
    token = handoff.token()
    live = handoff.get(token)
    handoff.advance(seconds=32400)
    expired = handoff.get(token)
    handoff.options(types_new="off")
    before = handoff.get(token)

    assert (live.message["status"], live.message["status_code"]) == ("CHARGED", 200)
    assert live.message["state"]["access_token"]["token"]["value"] == token
    assert (expired.code, expired.reason) == ("UNAUTHENTICATED", "token.expired")
    assert (before.code, before.message["status"], before.message["status_code"]) == ("OK", "FAILURE", 401)


def test_scenario_20_without_state_the_new_server_refuses_and_the_old_one_fetches(handoff):
    new = handoff.get()
    handoff.options(types_new="off")
    old = handoff.get()

    text = "Connector requires an access token; provide it via state.access_token"
    assert (new.code, new.text) == ("UNAUTHENTICATED", text)
    assert old.message["status"] == "CHARGED"
    fetched = old.message["state"]["access_token"]["token"]["value"]
    assert handoff.get(fetched).message["status"] == "CHARGED"


@pytest.mark.parametrize(
    ("connector", "code", "text"),
    [
        ("paypal", "UNAUTHENTICATED", "Failed to obtain authentication type"),
        ("volt", "INVALID_ARGUMENT", "Missing required field: access_token"),
    ],
)
def test_scenario_21_nothing_is_authorized_without_a_token(handoff, connector, code, text):
    got = handoff.authorize(connector=connector)

    assert (got.code, got.text, got.reason) == (code, text, "token.missing")


def test_scenario_22_what_the_caller_says_of_expiry_is_not_looked_at(handoff):
    held = {"token": {"value": handoff.token()}, "expires_in_seconds": -5}

    assert handoff.get(held).message["status"] == "CHARGED"


def test_scenario_23_a_token_of_another_connector_is_refused(handoff):
    got = handoff.get(handoff.token(), connector="airwallex")

    assert (got.code, got.reason) == ("UNAUTHENTICATED", "binding.wrong_connector")
    assert handoff.detail(got, "ConnectorError")["http_status_code"] == 401


@pytest.mark.parametrize(("option", "path"), [("types_new", NEW), ("types_old", OLD)])
def test_scenario_24_a_method_that_is_off_is_unimplemented(handoff, option, path):
    data = handoff.line.encoded(path, {})
    handoff.options(**{option: "off"})

    got = handoff.line.raw(f"/{path}", data, config())

    assert (got.code, got.text, got.reason) == ("UNIMPLEMENTED", "", "route.not_found")


def test_scenario_25_the_strict_server_of_package_ucs_v2(handoff):
    handoff.options(ucs_v2="2026.03.06")
    asked = {"merchant_access_token_id": {"id": "t"}}
    headers = [*auth(), ("x-connector", "paypal")]

    got = handoff.call(DOCS, asked, [*headers, ("x-merchant-id", "m")])
    anonymous = handoff.call(DOCS, asked, headers)

    assert PAYPAL_TOKEN.fullmatch(got.message["access_token"]["value"])
    assert "merchant_access_token_id" not in got.message
    assert (anonymous.code, anonymous.reason) == ("INVALID_ARGUMENT", "merchant.missing")


def test_scenario_26_who_adds_an_epoch_to_now_keeps_a_token_for_decades(handoff):
    handoff.options(expires_in="epoch")

    got = handoff.call(NEW, {}, config())

    cached_until = handoff.now + int(got.message["expires_in_seconds"])
    assert cached_until - handoff.now > 20 * 365 * 24 * 3600


def test_scenario_28_the_sdks_headers_are_enough(handoff):
    got = handoff.call(NEW, {}, [("x-connector", "stripe"), *config()])

    assert PAYPAL_TOKEN.fullmatch(got.message["access_token"]["value"])


@pytest.mark.parametrize("headers", [config(), []])
def test_scenario_29_the_requests_id_comes_back_before_the_answer(handoff, headers):
    named = handoff.call(NEW, {}, [*headers, ("x-request-id", "abc")])
    nameless = handoff.call(NEW, {}, headers)

    assert named.initial["x-request-id"] == "abc"
    assert uuid.UUID(nameless.initial["x-request-id"]).version == 4


def test_scenario_30_a_deadline_ends_a_slow_call_and_leaves_no_token(handoff):
    got = handoff.call(NEW, {}, config(mark="mock_slow_3000"), timeout=0.5)
    late = handoff.call(NEW, {}, config())  # by now the server has seen the other end

    assert (got.code, late.code) == ("DEADLINE_EXCEEDED", "OK")
    for _ in range(1_000):
        if len(handoff.sandbox.tokens) > 1:
            handoff.call(NEW)
    assert [token.subject for token in handoff.sandbox.tokens] == ["paypal"]


def test_scenario_31_http_has_the_same_in_flat_json(served):
    url = f"{served.url}/payments/server_authentication_token"
    asked = {"json": {"connector": "PAYPAL", "test_mode": True}, "timeout": 20}

    got = requests.post(url, headers=dict(config()), **asked)
    nobody = requests.post(url, **asked)
    stripe = requests.post(url, headers=dict(config("stripe")), **asked)

    token = got.json()["access_token"]
    assert PAYPAL_TOKEN.fullmatch(token)
    assert got.text == json.dumps(
        {
            "access_token": token,
            "expires_in_seconds": 32400,
            "status": "OPERATION_STATUS_SUCCESS",
            "status_code": 200,
        },
        separators=(",", ":"),
    )
    assert nobody.status_code == 400
    assert nobody.json() == {"error": {"message": "Missing required field: x-connector", "code": "400"}}
    assert stripe.status_code == 412


def test_scenario_32_fifty_at_once_get_fifty_tokens(handoff):
    with ThreadPoolExecutor(50) as pool:
        tokens = list(pool.map(lambda _: handoff.token(), range(50)))
        used = list(pool.map(lambda token: handoff.get(token).message["status"], tokens))

    assert len(set(tokens)) == 50
    assert set(used) == {"CHARGED"}


@pytest.mark.parametrize("name", ["", "types.PaymentService", "no.such.Service"])
def test_scenario_33_health_is_serving_whatever_is_asked(handoff, name):
    got = handoff.call("grpc.health.v1.Health/Check", {"service": name})

    assert got.message == {"status": "SERVING"}


def test_what_a_payment_tells_has_the_servers_names(handoff):
    got = handoff.get(handoff.token())

    printed = handoff.line.printed(GET, got)
    assert printed.pop("state")["accessToken"]["token"]["value"]
    assert printed == {
        "connectorTransactionId": "txn_1",
        "status": "CHARGED",
        "statusCode": 200,
        "amount": {"minorAmount": str(AMOUNT["minor_amount"]), "currency": "USD"},
    }


def test_every_service_that_is_off_is_not_listed(handoff):
    handoff.options(ucs_v2="off")

    assert [name for name in handoff.line.services() if name.startswith("ucs")] == []
    assert UCS not in handoff.line.services()
