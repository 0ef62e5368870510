"""Magic accounts: what the end of an account's id makes of the hand-off, with no admin call."""

from __future__ import annotations

from datetime import timedelta

import pytest
from werkzeug.test import Client

from mockserver.core.calls import AT_ONCE, Delivery, Fault
from mockserver.vendors.ingrid.records import IngridRecords
from tests.support.backend import Backend
from tests.web.rawsocket import Caller, request

pytest_plugins = ("tests.web.serving",)


@pytest.fixture
def magic(wire):
    """A backend under the demo account with this ending."""

    def backend(ending: str) -> Backend:
        made = Backend(wire, wire.get("/_mock/credentials").json["ingrid"])
        made.account = f"sa_demo_{ending}"
        return made

    return backend


@pytest.fixture
def told(emulator):
    """How the answers of a backend's calls travel, as our own server is told."""
    deliveries = []
    client = Client(emulator.app)

    def ask(backend: Backend) -> list[Delivery]:
        body = {"grantType": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": backend.assertion()}
        environ = {"mockserver.deliver": deliveries.append}
        client.post("/ingrid/v1/auth/token", json=body, base_url="http://localhost", environ_overrides=environ)
        return deliveries

    return ask


def test_every_ending_has_an_account_and_a_rule(sandbox):
    accounts = {name.removeprefix("sa_demo_") for name in sandbox.get(IngridRecords).accounts if name.count("_") == 2}
    endings = {planned.rule.when.credential.removeprefix("*_") for planned in sandbox.rules}

    assert accounts == endings == {"expired", "401once", "ratelimited", "down", "slow", "dropped", "badsignature"}


def test_the_tokens_of_expired_are_born_expired(magic, wire):
    backend = magic("expired")

    service = backend.service()

    assert service.status == 200
    assert backend.site(service.json["accessToken"]).outcome == (401, "token.expired")
    assert [token["state"] for token in wire.get("/_mock/tokens").json["items"]] == ["expired"]


def test_the_tokens_of_401once_fail_once_at_every_hop_and_then_work(magic):
    backend = magic("401once")
    service = backend.service_token()

    sites = [backend.site(service) for _ in range(3)]
    token = sites[1].json["accessToken"]
    uses = [backend.use(token).outcome for _ in range(3)]

    assert [got.outcome for got in sites] == [(401, "token.expired"), (200, ""), (200, "")]
    assert uses == [(401, "token.expired"), (200, ""), (200, "")]


def test_whoever_refreshes_after_the_401_gets_through(magic):
    backend = magic("401once")
    first = backend.service_token()

    assert backend.site(first).status == 401
    assert backend.site(backend.service_token()).status == 200


def test_ratelimited_is_over_its_rate(magic):
    got = magic("ratelimited").service()

    assert got.outcome == (429, "rate.limited")
    assert got.headers["Content-Type"] == "application/problem+json"


def test_down_is_answered_as_by_a_proxy_before_a_dead_backend(magic):
    got = magic("down").service()

    assert (got.status, got.body, got.headers["Content-Type"], got.headers["Retry-After"]) == (
        503,
        b"Service Unavailable\n",
        "text/plain",
        "1",
    )


def test_slow_is_answered_after_three_seconds(magic, told):
    assert told(magic("slow")) == [Delivery(delay=timedelta(seconds=3))]


def test_an_ordinary_account_is_answered_at_once(magic, told):
    backend = magic("slow")
    backend.account = "sa_demo"

    assert [each for each in told(backend) if each is not AT_ONCE] == []


def test_dropped_is_closed_without_an_answer(magic, told):
    assert told(magic("dropped")) == [Delivery(fault=Fault.DROP_BEFORE)]


def test_on_the_wire_the_connection_of_dropped_is_closed_and_the_exchange_is_kept(magic, emulator, serve, combination):
    served = serve(emulator.app, **combination)
    backend = magic("dropped")
    text = backend.assertion(aud="http://localhost/ingrid/v1/auth/token")
    body = f'{{"grantType":"urn:ietf:params:oauth:grant-type:jwt-bearer","assertion":"{text}"}}'.encode()
    fields = ("Content-Type: application/json", f"Content-Length: {len(body)}")

    with Caller(served.address) as caller:
        caller.send(request("POST /ingrid/v1/auth/token HTTP/1.1", *fields, body=body))
        received = caller.receive_all()

    (exchange,) = emulator.sandbox.journal
    assert received == b""
    assert exchange.reply.status == 200
    assert exchange.rules == ("scenario-6",)


@pytest.mark.parametrize(("form", "reason"), [("jwt", "token.bad_signature"), ("opaque", "token.unknown")])
def test_the_tokens_of_badsignature_do_not_verify(magic, wire, form, reason):
    wire("PATCH", "/_mock/options/ingrid", json_body={"token_format": form})
    backend = magic("badsignature")

    assert backend.site(backend.service_token()).outcome == (401, reason)


@pytest.mark.parametrize("ending", ["expired", "401once", "ratelimited", "down", "badsignature"])
def test_magic_is_for_its_own_account_only(magic, ending):
    magic(ending).service()
    backend = magic(ending)
    backend.account = "sa_demo"

    assert backend.use(backend.site_token()).status == 200


def test_any_account_with_such_an_end_is_magic(magic, wire):
    (demo, *_) = wire.get("/_mock/records/ingrid/service_accounts").json["items"]
    keys = [{"public_key": demo["keys"][0]["public_key"]}]
    wire("PUT", "/_mock/records/ingrid/service_accounts/mine_ratelimited", json_body={"keys": keys})
    backend = magic("ratelimited")
    backend.account = "mine_ratelimited"

    assert backend.service().reason == "rate.limited"


def test_magic_can_be_taken_out_of_force(magic, wire):
    wire("DELETE", "/_mock/rules/scenario-3")

    assert magic("ratelimited").service().status == 200
