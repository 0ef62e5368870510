"""Hyperswitch by clients that we did not write: `buf curl` by reflection, and the vendor's own message classes."""

from __future__ import annotations

import json
import subprocess
import sys
from types import ModuleType

import grpc
import pytest

from mockserver import Emulator, Settings
from mockserver.vendors.hyperswitch.options import HyperswitchOptions
from tests.clients.installed import from_npm, from_pypi

TOKENS = "types.MerchantAuthenticationService"
NEW = f"{TOKENS}/CreateServerAuthenticationToken"
OLD = f"{TOKENS}/CreateAccessToken"
DOCS = "ucs.v2.MerchantAuthenticationService/CreateAccessToken"
PAYPAL = ("x-connector-config", '{"config":{"Paypal":{"client_id":"id","client_secret":"s"}}}')
OLD_PAYPAL = ("x-connector-auth", '{"auth_type":{"Paypal":{"client_id":"id","client_secret":"s"}}}')
PAGE = [("x-connector", "stripe"), ("x-connector-auth", '{"Stripe":{"api_key":"k"}}')]
ASKED = {"merchant_access_token_id": "token_001", "connector": "STRIPE", "test_mode": True}
PATIENCE = 60


@pytest.fixture
def emulator():
    with Emulator(Settings(port=0, grpc_port=(0,), vendors=("hyperswitch",))) as emulator:
        yield emulator
    for sandbox in emulator.sandboxes:
        assert sandbox.failures == []


@pytest.fixture(scope="session")
def buf(pytestconfig):
    """The program."""
    return from_npm(pytestconfig, "@bufbuild/buf@1.75.0") / "node_modules" / ".bin" / "buf"


@pytest.fixture
def curl(buf, emulator):
    """`buf curl` on this emulator: what it prints, and its exit code."""

    def run(path, *arguments, headers=()):
        # It reads each header as a line of CSV.
        fields = [part for name, value in headers for part in ("-H", '"' + f"{name}: {value}".replace('"', '""') + '"')]
        url = f"http://{emulator.rpc_address()}{path}"
        command = [str(buf), "curl", "--protocol", "grpc", "--http2-prior-knowledge", *fields, *arguments, url]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)

    return run


def test_buf_lists_the_services_and_methods(curl):
    services, methods = curl("", "--list-services"), curl("", "--list-methods")

    assert {"types.PaymentService", "ucs.v2.PaymentService", TOKENS} <= set(services.stdout.split())
    assert {NEW, OLD, DOCS, "types.PaymentService/Authorize"} <= set(methods.stdout.split())


def test_buf_makes_the_pages_call_and_prints_the_pages_keys(curl):
    ran = curl(f"/{DOCS}", "-d", json.dumps(ASKED), headers=PAGE)

    printed = json.loads(ran.stdout)
    assert printed["access_token"].startswith("pk_test_")
    assert (printed["status"], printed["merchant_access_token_id"]) == ("SUCCESS", "token_001")


def test_buf_makes_a_strict_call_and_prints_the_servers_keys(curl):
    ran = curl(f"/{NEW}", "-d", "{}", headers=[PAYPAL])

    printed = json.loads(ran.stdout)
    assert printed.pop("accessToken")["value"].startswith("A21AA")
    assert printed == {"expiresInSeconds": "32400", "status": "OPERATION_STATUS_SUCCESS", "statusCode": 200}


def test_buf_shows_an_error_of_the_older_server(curl):
    ran = curl(f"/{OLD}", "-d", "{}")

    assert ran.returncode == 3 * 8  # buf's exit code is eight times the status
    told = {"code": "invalid_argument", "message": "Missing x-connector in request metadata"}
    assert json.loads(ran.stderr) == told


def test_buf_chokes_on_raw_details_and_reads_wrapped_ones(curl, emulator):
    raw = curl(f"/{NEW}", "-d", "{}")
    emulator.sandbox.put(HyperswitchOptions(error_details="rpc_status"))
    wrapped = curl(f"/{NEW}", "-d", "{}")

    # Go's clients take the bytes for a google.rpc.Status, whatever they are: so they do at the real server.
    assert json.loads(raw.stderr)["code"] != "invalid_argument"
    told = json.loads(wrapped.stderr)
    assert (told["code"], told["message"]) == ("invalid_argument", "Missing required field: x-connector")
    assert told["details"][0]["type"] == "types.IntegrationError"


@pytest.fixture(scope="session")
def real(pytestconfig):
    """The vendor's generated modules. The package itself does not import on Linux: only its folder is made known."""
    folder = from_pypi(pytestconfig, "hyperswitch-prism==0.3.0")
    package = ModuleType("payments")
    package.__path__ = [str(folder / "payments")]
    sys.modules["payments"] = package
    from payments.generated import payment_pb2, sdk_config_pb2  # noqa: PLC0415  (it is here now)

    return payment_pb2, sdk_config_pb2


@pytest.fixture
def channel(emulator):
    with grpc.insecure_channel(emulator.rpc_address()) as channel:
        yield channel


def _method(channel, path, kinds):
    asked, answered = kinds
    return channel.unary_unary(f"/{path}", asked.SerializeToString, answered.FromString)


def _kinds(messages):
    name = "MerchantAuthenticationServiceCreateServerAuthenticationToken"
    return getattr(messages, f"{name}Request"), getattr(messages, f"{name}Response")


@pytest.mark.parametrize(
    ("path", "headers", "prefix", "seconds"),
    [
        (NEW, [PAYPAL], "A21AA", 32400),
        (OLD, [OLD_PAYPAL], "A21AA", 32400),
        (DOCS, PAGE, "pk_test_", None),
    ],
)
def test_scenario_27_the_vendors_own_classes_read_every_path(real, channel, path, headers, prefix, seconds):
    messages, _ = real
    kinds = _kinds(messages)
    asked = kinds[0](merchant_access_token_id="token_001", connector=messages.Connector.STRIPE, test_mode=True)

    got = _method(channel, path, kinds)(asked, metadata=headers, timeout=PATIENCE)

    assert got.access_token.value.startswith(prefix)
    assert got.status == messages.OperationStatus.OPERATION_STATUS_SUCCESS
    assert got.status_code == 200
    assert seconds in (None, got.expires_in_seconds)
    assert got.merchant_access_token_id == ("token_001" if path == DOCS else "")


def test_scenario_27_the_vendors_own_classes_decode_the_details(real, channel):
    messages, errors = real
    kinds = _kinds(messages)

    with pytest.raises(grpc.RpcError) as refused:
        _method(channel, NEW, kinds)(kinds[0](), timeout=PATIENCE)

    details = dict(refused.value.trailing_metadata())["grpc-status-details-bin"]
    error = errors.IntegrationError.FromString(details)
    assert (error.error_message, error.error_code) == (refused.value.details(), "MISSING_REQUIRED_FIELD")


def test_scenario_27_a_payment_with_the_vendors_own_classes(real, channel):
    messages, _ = real
    kinds = _kinds(messages)
    token = _method(channel, NEW, kinds)(kinds[0](), metadata=[PAYPAL], timeout=PATIENCE).access_token.value
    asked = messages.PaymentServiceGetRequest(connector_transaction_id="txn_1")
    asked.amount.minor_amount = 1000
    asked.amount.currency = messages.Currency.USD
    asked.state.access_token.token.value = token
    method = _method(
        channel, "types.PaymentService/Get", (messages.PaymentServiceGetRequest, messages.PaymentServiceGetResponse)
    )

    got = method(asked, metadata=[PAYPAL], timeout=PATIENCE)

    assert got.status == messages.PaymentStatus.CHARGED
    assert got.state.access_token.token.value == token
    assert got.amount.currency == messages.Currency.USD
