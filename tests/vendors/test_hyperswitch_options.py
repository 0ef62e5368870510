"""Every option of Hyperswitch, and what is told of tokens; faults on demand; worlds of their own."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import requests
from google.protobuf import descriptor_pb2

from mockserver.core.rules import MintChange, Rule, Then, When
from mockserver.vendors.hyperswitch import VENDOR, enums
from mockserver.vendors.hyperswitch.connectors import FLOWS, KEY_OF
from mockserver.vendors.hyperswitch.methods import descriptors
from mockserver.vendors.hyperswitch.tokens import LOOKS
from tests.support.rpc import Line
from tests.vendors.hyperswitch_handoff import (
    AMOUNT,
    ASKED,
    DOCS,
    EARLIEST,
    GET,
    NEW,
    OLD,
    TOKENS,
    UCS,
    auth,
    config,
    credentials,
    page,
)

SHEET = {
    "airwallex": ("Bearer", 1800, r"eyJhbGciOiJIUzI1NiJ9\.[0-9a-f]{32}"),
    "fiservcommercehub": (None, 604800, r"[0-9a-f]{16}\|\|\|[A-Za-z0-9_-]+"),
    "getnet": ("Bearer", 3600, "gn_[0-9a-f]{32}"),
    "globalpay": ("Bearer", 86399, "gp_[0-9a-f]{32}"),
    "iatapay": ("Bearer", 3600, "ia_[0-9a-f]{32}"),
    "itaubank": ("Bearer", 300, "itau_[0-9a-f]{32}"),
    "jpmorgan": ("Bearer", 3599, "jpm_[0-9a-f]{32}"),
    "paypal": (None, 32400, "A21AA[0-9a-f]{32}"),
    "pinelabs_online": (None, 3540, "pl_[0-9a-f]{32}"),
    "truelayer": ("Bearer", 3600, "tl_[0-9a-f]{32}"),
    "trustpay": ("client_credentials", 1799, "tp_[0-9a-f]{32}"),
    "volt": ("Bearer", 86400, "volt_[0-9a-f]{32}"),
}
NEWER = {"fiservcommercehub", "itaubank", "pinelabs_online"}


@pytest.mark.parametrize("connector", SHEET)
def test_a_strict_token_looks_as_its_connectors_do(handoff, connector):
    token_type, lifetime, shape = SHEET[connector]

    got = handoff.call(NEW, {"test_mode": True, "merchant_access_token_id": "t"}, config(connector)).message

    assert re.fullmatch(shape, got["access_token"]["value"])
    assert got.get("token_type") == token_type
    assert got["expires_in_seconds"] == str(lifetime)
    assert (got["status"], got["status_code"]) == ("OPERATION_STATUS_SUCCESS", 200)
    assert "merchant_access_token_id" not in got


@pytest.mark.parametrize("connector", SHEET)
@pytest.mark.parametrize("path", [OLD, EARLIEST])
def test_the_older_servers_know_nine_of_them(handoff, connector, path):
    headers = [*auth(connector), ("x-connector", connector), ("x-merchant-id", "m")]

    assert (handoff.call(path, {}, headers).code == "OK") == (connector not in NEWER)


def test_the_page_knows_every_connector(handoff):
    special = {"stripe": "pk_test_", "adyen": "test_"}

    for connector in FLOWS:
        bare = json.dumps({KEY_OF.get(connector, ""): credentials(connector)})
        typed = [("x-connector", connector), ("x-connector-auth", bare)]
        legacy = [("x-connector", connector), ("x-auth", "no-key")]
        got = handoff.call(DOCS, ASKED, typed if connector in KEY_OF else legacy).message

        assert re.fullmatch(special.get(connector, f"{connector}_test_") + "[0-9a-f]{16}", got["access_token"])


def test_the_page_on_the_later_path(handoff):
    handoff.options(types_old="docs")

    got = handoff.call(OLD, ASKED, page())

    assert (got.message["status"], got.message["merchant_access_token_id"]) == ("SUCCESS", "token_001")
    assert handoff.line.printed(OLD, got)["token_type"] == "Bearer"


def test_session_and_client_tokens(handoff):
    session = {"payment": {"amount": AMOUNT}}
    new = handoff.call(f"{TOKENS}/CreateServerSessionAuthenticationToken", session, config("paytm"))
    old = handoff.call(f"{TOKENS}/CreateSessionToken", {"amount": AMOUNT}, auth("nuvei"))
    docs = handoff.call(f"{UCS}/CreateSessionToken", {"merchant_session_id": "s", "amount": AMOUNT}, page())
    stripe = handoff.call(f"{TOKENS}/CreateClientAuthenticationToken", session, config("stripe"))
    adyen = handoff.call(f"{TOKENS}/CreateClientAuthenticationToken", session, config("adyen"))

    for got in (new, old, docs):
        assert re.fullmatch(r"sess_[0-9a-f]{16}", got.message["session_token"])
        assert got.message["status_code"] == 200
    specific = stripe.message["session_data"]["connector_specific"]["stripe"]
    assert re.fullmatch(r"pi_[0-9a-f]{24}_secret_[0-9a-f]{24}", specific["client_secret"]["value"])
    specific = adyen.message["session_data"]["connector_specific"]["adyen"]
    assert re.fullmatch(r"CS[0-9a-f]{16}", specific["session_id"])


@pytest.mark.parametrize(
    ("form", "path", "headers", "told"),
    [
        ("auto", NEW, config(), 32400),
        ("duration", DOCS, page(), 3600),
        ("absent", NEW, config(), None),
        ("absent", DOCS, page(), None),
    ],
)
def test_expires_in_is_told_as_asked(handoff, form, path, headers, told):
    handoff.options(expires_in=form)

    got = handoff.call(path, ASKED, headers).message

    assert got.get("expires_in_seconds") == (None if told is None else str(told))


def test_a_lifetime_for_all_tokens(handoff):
    handoff.options(token_ttl=timedelta(seconds=60))

    got = handoff.call(NEW, {}, config()).message
    handoff.advance(seconds=61)

    assert got["expires_in_seconds"] == "60"
    assert handoff.get(got["access_token"]["value"]).reason == "token.expired"


def test_tokens_that_are_born_expired(handoff):
    by_mark = handoff.token(mark="mock_expired")
    handoff.options(token_ttl=timedelta())
    by_option = handoff.token()

    assert [handoff.get(token).reason for token in (by_mark, by_option)] == ["token.expired"] * 2


@pytest.mark.parametrize(("written", "kept"), [("auto", None), (0, timedelta()), (90, timedelta(seconds=90))])
def test_the_lifetime_is_written_as_auto_or_seconds(wire, sandbox, written, kept):
    got = wire("PATCH", "/_mock/options/hyperswitch", json_body={"token_ttl": written})

    assert got.status == 200
    assert got.json["token_ttl"] == written
    assert sandbox.get(VENDOR.options).token_ttl == kept


def test_a_lifetime_that_is_neither_is_refused(wire):
    got = wire("PATCH", "/_mock/options/hyperswitch", json_body={"token_ttl": "soon"})

    assert got.status == 422
    assert "not auto, nor whole seconds" in got.json["detail"]


def test_fields_are_left_unset_on_demand(handoff):
    untyped = handoff.call(NEW, {}, config("volt", "mock_notype")).message
    timeless = handoff.call(NEW, {}, config("volt", "mock_noexpiry")).message

    assert "token_type" not in untyped
    assert "expires_in_seconds" not in timeless


def test_details_can_be_left_out(handoff):
    handoff.options(error_details="none")

    assert handoff.call(NEW).details == b""


def test_a_rule_changes_what_is_minted_over_grpc(handoff):
    then = Then(mint=MintChange(lifetime=timedelta(seconds=30)))
    handoff.sandbox.rules.add(Rule(When(operation="hyperswitch.create_server_token", transport="grpc"), then))

    got = handoff.call(NEW, {}, config())
    handoff.advance(seconds=31)

    assert got.message["expires_in_seconds"] == "30"
    assert got.trailing["x-mock-injected"] == "rule-1"
    assert handoff.get(got.message["access_token"]["value"]).reason == "token.expired"


def test_the_admin_api_expires_and_revokes_tokens_of_grpc(served, handoff):
    first, second = handoff.token(), handoff.token()
    listed = requests.get(f"{served.url}/_mock/tokens", timeout=20).json()["items"]
    requests.post(f"{served.url}/_mock/tokens/{listed[0]['id']}/expire", json={}, timeout=20)
    requests.post(f"{served.url}/_mock/tokens/{listed[1]['id']}/revoke", json={}, timeout=20)

    assert [each["vendor"] for each in listed] == ["hyperswitch", "hyperswitch"]
    assert handoff.get(first).reason == "token.expired"
    assert handoff.get(second).reason == "token.revoked"


def test_a_token_of_http_counts_over_grpc_and_the_other_way_round(served, handoff):
    url, headers = f"{served.url}/hyperswitch", dict(config())
    by_http = requests.post(f"{url}/payments/server_authentication_token", json={}, headers=headers, timeout=20).json()
    body = {
        "connector_transaction_id": "t",
        "amount": AMOUNT,
        "state": {"access_token": {"token": handoff.token()}},
    }
    used = requests.post(f"{url}/payments/get", json=body, headers=headers, timeout=20)

    assert handoff.get(by_http["access_token"]).message["status"] == "CHARGED"
    assert (used.status_code, used.json()["status"]) == (200, "CHARGED")
    assert used.json()["state"] == body["state"]


def test_both_transports_give_the_same_token_record(served, handoff):
    handoff.call(NEW, {"test_mode": True}, config())
    url = f"{served.url}/payments/server_authentication_token"
    requests.post(url, json={"test_mode": True}, headers=dict(config()), timeout=20)

    first, second = handoff.sandbox.tokens

    told = [(each.kind, each.subject, each.grant, each.issued_at, each.expires_at) for each in (first, second)]
    assert told[0] == told[1]


def test_a_sandbox_made_by_post_is_found_by_its_credentials_and_tokens(served):
    made = requests.post(f"{served.url}/_mock/sandboxes", json={"name": "own"}, timeout=20).json()
    env = made["credentials"]["hyperswitch"]
    with Line(env["HYPERSWITCH_GRPC_ENDPOINT"]) as line:
        got = line.call(NEW, {}, [("x-connector-config", env["HYPERSWITCH_CONNECTOR_CONFIG"])])
        held = {"access_token": {"token": {"value": got.message["access_token"]["value"]}}}
        used = line.call(GET, {"connector_transaction_id": "t", "amount": AMOUNT, "state": held}, config())

    own = served.sandboxes.find("own")
    assert [exchange.id for exchange in own.journal] == [got.exchange, used.exchange]
    assert used.message["status"] == "CHARGED"
    assert len(served.sandbox.journal) == 0


def test_metadata_names_a_sandbox(served):
    with Line(served.rpc_address(), metadata=[("x-mock-sandbox", "Chosen")]) as line:
        got = line.call(NEW, {}, config())

    assert got.exchange == "chosen-1"


def test_options_of_one_sandbox_leave_the_others_services_alone(served):
    requests.patch(f"{served.url}/~quiet/_mock/options/hyperswitch", json={"ucs_v2": "off"}, timeout=20)
    with (
        Line(served.rpc_address(), metadata=[("x-mock-sandbox", "quiet")]) as quiet,
        Line(served.rpc_address()) as usual,
    ):
        listed = quiet.services(), usual.services()

    assert [UCS in services for services in listed] == [False, True]


def test_a_token_is_explained_without_credentials(wire, handoff):
    token = handoff.token()

    got = requests.post(f"{handoff.emulator.url}/_mock/explain", json={"token": token}, timeout=20).json()

    assert {each["operation"] for each in got["results"]} == {
        "hyperswitch.get_payment",
        "hyperswitch.authorize_payment",
    }
    assert {each["accepted"] for each in got["results"]} == {True}


def test_the_enums_are_those_of_the_proto_files():
    files = {each.name: each for each in descriptor_pb2.FileDescriptorSet.FromString(descriptors()).file}

    def names(file, name):
        found = next(each for each in files[f"mock/{file}.proto"].enum_type if each.name == name)
        assert [value.number for value in found.value] == list(range(len(found.value)))
        return tuple(value.name for value in found.value)

    for file in ("types_common", "ucs_common"):
        assert names(file, "Connector") == enums.CONNECTORS
        assert names(file, "Currency") == enums.CURRENCIES
    assert names("types_payments_common", "CaptureMethod") == enums.CAPTURE_METHODS
    assert names("types_payments_common", "AuthenticationType") == enums.AUTHENTICATION_TYPES
    assert (enums.CURRENCIES[45], enums.CURRENCIES[146], enums.CONNECTORS[75]) == ("EUR", "USD", "STRIPE")


def test_what_is_said_of_connectors_agrees():
    assert set(LOOKS) == {name for name, letters in FLOWS.items() if letters[0] == "s"}
    assert KEY_OF["pinelabs_online"] == "PinelabsOnline"
    assert KEY_OF["twoc_twop_paco"] == "TwocTwopPaco"
    assert json.dumps(sorted(set(FLOWS) - set(KEY_OF))) == '["aci", "checkout", "razorpay", "razorpay_v2"]'
