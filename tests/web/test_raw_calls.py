"""Calls in bytes, through the server and the engine: whatever comes in, what comes out is well formed and Ingrid's."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from mockserver import Emulator, Settings
from mockserver.core.rules import Hold, Rule, Then
from tests.web.rawsocket import Caller, request

PROBLEM = {"type", "title", "status", "instance"}
DELIVERY = "POST /ingrid/v1/delivery/options"
JSON = "Content-Type: application/json"


@pytest.fixture(scope="module")
def emulator():
    with Emulator(Settings(port=0)) as emulator:
        yield emulator
    assert emulator.sandbox.failures == []


@pytest.fixture
def caller(emulator):
    host, port = emulator.url.removeprefix("http://").split(":")
    with Caller((host, int(port))) as caller:
        yield caller


@pytest.mark.parametrize(
    ("line", "fields", "outcome"),
    [
        (f"{DELIVERY} HTTP/1.0", (), (401, "token.missing")),
        (f"{DELIVERY} HTTP/1.1", ("AUTHORIZATION: bearer null",), (401, "token.malformed")),
        (f"{DELIVERY} HTTP/1.1", ("authorization: Bearer x", "Authorization: Bearer y"), (400, "token.multiple")),
        (f"{DELIVERY}/ HTTP/1.1", (), (404, "route.not_found")),
        ("POST /ingrid//v1/delivery/options HTTP/1.1", (), (404, "route.not_found")),
        ("POST /ingrid/v1/../v1/delivery/options HTTP/1.1", (), (404, "route.not_found")),
        ("POST /ingrid/v1/%64elivery/options HTTP/1.1", (), (401, "token.missing")),
        ("POST /ingrid/v1%2Fdelivery/options HTTP/1.1", (), (404, "route.not_found")),
        ("POST /ingrid/%ff%00%zz HTTP/1.1", (), (404, "route.not_found")),
        ("POST http://elsewhere.test/ingrid/v1/delivery/options HTTP/1.1", (), (401, "token.missing")),
        ("PROPFIND /ingrid/v1/delivery/options HTTP/1.1", (), (405, "method.not_allowed")),
        ("post /ingrid/v1/delivery/options HTTP/1.1", (), (405, "method.not_allowed")),
        ("CONNECT /ingrid/v1/delivery/options HTTP/1.1", (), (405, "method.not_allowed")),
        ("OPTIONS /ingrid/v1/delivery/options HTTP/1.1", (), (405, "method.not_allowed")),
        ("GET /ingrid/v1/delivery/options HTTP/1.1", (JSON,), (405, "method.not_allowed")),
    ],
)
def test_an_odd_call_is_refused_in_the_vendors_words(caller, line, fields, outcome):
    answer = caller.ask(request(line, *fields))

    assert (answer.status, answer.headers["x-mock-reason"]) == outcome
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == answer.status
    assert set(answer.json) >= PROBLEM


def test_http_1_0_without_a_host_is_answered_by_the_address_it_reached(caller, emulator):
    caller.send(f"{DELIVERY} HTTP/1.0\r\n\r\n".encode())

    answer = caller.receive()

    exchange = emulator.sandbox.journal.find(answer.headers["x-mock-exchange"])
    assert answer.status == 401
    assert exchange.call.base_url == emulator.url + "/ingrid"


def test_head_is_refused_without_a_body(caller):
    answer = caller.ask(request("HEAD /ingrid/v1/delivery/options HTTP/1.1"), method="HEAD")

    assert (answer.status, answer.headers["allow"], answer.body) == (405, "POST", b"")
    assert int(answer.headers["content-length"]) > 0


def test_pipelined_calls_are_answered_in_their_order(caller):
    calls = [
        request(f"{DELIVERY} HTTP/1.1"),
        request("GET /ingrid/nowhere HTTP/1.1"),
        request(f"{DELIVERY} HTTP/1.1", "Authorization: Bearer null"),
    ]

    caller.send(*calls)

    reasons = [caller.receive().headers["x-mock-reason"] for _ in calls]
    assert reasons == ["token.missing", "route.not_found", "token.malformed"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "request.malformed"),
        (b"[" * 100_000, "request.malformed"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "request.malformed"),
        (b'{"grantType": NaN}', "request.malformed"),
        (b'{"grantType": 1e400}', "request.malformed"),
        (b'{"grantType": ' + b"9" * 5_000 + b"}", "request.malformed"),
        (b'{"grantType": "\\ud800"}', "request.malformed"),
        ('{"grantType": "x"}'.encode("utf-16"), "request.malformed"),
        (b'{"grantType": ' + b"9" * 400 + b"}", "request.invalid"),
        (b'{"grantType": "x", "grantType": "y"}', "request.unsupported_grant"),
        (
            b'{"grantType":"urn:ietf:params:oauth:grant-type:jwt-bearer","assertion":"' + b"a" * 1_000_000 + b'"}',
            "assertion.malformed",
        ),
        (
            b'{"grantType":"urn:ietf:params:oauth:grant-type:jwt-bearer","assertion":"' + b"a." * 500_000 + b'"}',
            "assertion.malformed",
        ),
    ],
    ids=lambda value: f"{value[:24]!r}-{len(value)}" if isinstance(value, bytes) else value,
)
def test_an_odd_body_is_refused_in_the_vendors_words(caller, body, reason):
    answer = caller.ask(request("POST /ingrid/v1/auth/token HTTP/1.1", JSON, f"Content-Length: {len(body)}", body=body))

    assert answer.headers["x-mock-reason"] == reason
    assert answer.status in {400, 401}
    assert json.loads(answer.body)["status"] == answer.status


def test_a_slow_answer_leaves_other_callers_alone(emulator, caller):
    host, port = emulator.url.removeprefix("http://").split(":")
    held = emulator.sandboxes.find("held")
    held.rules.add(Rule(then=Then(hold=Hold(callers=2, timeout=timedelta(seconds=20)))))

    with Caller((host, int(port))) as waiting:
        waiting.send(request("POST /~held/ingrid/v1/delivery/options HTTP/1.1"))
        served = [caller.ask(request(f"{DELIVERY} HTTP/1.1")).status for _ in range(50)]
        second = caller.ask(request("POST /~held/ingrid/v1/delivery/options HTTP/1.1"))
        first = waiting.receive()

    assert served == [401] * 50
    assert (first.headers["x-mock-injected"], second.headers["x-mock-injected"]) == ("rule-1", "rule-1")
