"""Every vendor, every promise: what is listed can be produced, and looks like the vendor."""

from __future__ import annotations

from collections import Counter

import pytest

from mockserver.core import jsontext
from mockserver.core.bodies import media_type
from mockserver.core.examples import Ask
from mockserver.core.reasons import REASONS
from mockserver.core.refusals import Refusal
from mockserver.core.rules import Rule, Then, When
from mockserver.vendors import discover
from tests.conformance.plays import case_of, is_shaped, success_of
from tests.support.stage import WireStage

NOTHING_TO_SAY = frozenset(("route.not_found", "method.not_allowed"))
"""Where some vendors answer with a status and no body."""


def test_every_example_has_its_outcome_on_the_wire(vendor, example, emulator, wire):
    stage = WireStage(vendor, emulator.sandbox, wire)

    got = stage.got(example.ask(stage))

    assert got.reason == example.reason
    assert (got.status < 400) == (example.reason == "" or example.in_band)


def test_every_refusal_has_the_vendors_shape(vendor, example, emulator, wire):
    stage = WireStage(vendor, emulator.sandbox, wire)

    got = stage.got(example.ask(stage))

    within = next(each for each in vendor.operations if each.name == example.operation) if example.in_band else None
    assert not example.reason or is_shaped(vendor, got, within)


def test_every_listed_refusal_and_only_those_have_an_example(vendor, operation):
    over_http = [example for example in vendor.examples() if example.transport != "grpc"]
    shown = {example.reason for example in over_http if example.operation == operation.name}

    assert shown == {"", *operation.refusals}


def test_every_refusal_is_listed_once_and_known(operation, vendor):
    assert [reason for reason, times in Counter(operation.refusals).items() if times > 1] == []
    assert set(operation.refusals) <= set(REASONS)
    assert operation.name.startswith(f"{vendor.name}.")
    guarded = "guard" in operation.order and (operation.cors is None or bool(vendor.server_headers))
    assert ("browser.secret_exposed" in operation.refusals) == guarded


@pytest.mark.parametrize("reason", REASONS)
def test_every_vendor_knows_every_refusal(vendor, reason, sandbox):
    reply = vendor.refuse(Refusal(reason), case_of(vendor, sandbox))

    answered = media_type(dict(reply.headers).get("Content-Type"))
    assert 400 <= reply.status < 600
    assert (reply.body == b"") == (answered == "")
    assert jsontext.read(reply.body) if answered.endswith("json") else reply.body or reason in NOTHING_TO_SAY


@pytest.mark.parametrize("reason", ["rate.limited", "token.expired", "fault.injected"])
def test_a_rule_makes_any_operation_refuse_for_any_reason(operation, vendor, reason, emulator, wire):
    stage = WireStage(vendor, emulator.sandbox, wire)
    ask = success_of(vendor, operation).ask(stage)
    emulator.sandbox.rules.add(Rule(When(operation=operation.name), Then(refuse=reason), times=1))

    refused, answered = stage.got(ask), stage.got(ask)

    assert refused.reason == reason
    assert refused.headers["X-Mock-Injected"] == "rule-1"
    assert answered.reason == ""


def test_an_unknown_path_is_answered_in_the_vendors_words(vendor, emulator, wire):
    got = WireStage(vendor, emulator.sandbox, wire).got(Ask("GET", "/no/such/path"))

    assert got.outcome == (404, "route.not_found")
    assert is_shaped(vendor, got)


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "get"])
def test_a_wrong_method_is_answered_in_the_vendors_words(operation, vendor, method, emulator, wire):
    stage = WireStage(vendor, emulator.sandbox, wire)
    path = success_of(vendor, operation).ask(stage).path

    got = stage.got(Ask(method, path))

    assert got.reason in {"method.not_allowed", "route.not_found"}
    assert is_shaped(vendor, got)
    if got.status == 405:
        assert operation.method in got.headers["Allow"]


def test_a_path_without_vendor_prefix_reaches_the_same_operation(operation, vendor, emulator, wire):
    stage = WireStage(vendor, emulator.sandbox, wire, vendor_prefix=False)

    got = stage.got(success_of(vendor, operation).ask(stage))

    assert got.reason == ""
    assert emulator.sandbox.journal.find(got.exchange).operation == operation.name


def test_no_two_vendors_claim_the_same_method_and_path():
    claims = Counter((operation.method, operation.path) for each in discover() for operation in each.operations)

    assert [claim for claim, times in claims.items() if times > 1] == []


def test_a_minted_token_and_its_errors_are_never_stored(vendor, example, emulator, wire):
    operation = next(each for each in vendor.operations if each.name == example.operation)
    stage = WireStage(vendor, emulator.sandbox, wire)

    got = stage.got(example.ask(stage))

    assert ("no-store" in got.headers.get("Cache-Control", "")) == operation.mints


def test_every_answer_is_journalled_with_the_checks_behind_it(vendor, example, emulator, wire):
    stage = WireStage(vendor, emulator.sandbox, wire)

    got = stage.got(example.ask(stage))

    exchange = emulator.sandbox.journal.find(got.exchange)
    failed = [check.reason for check in exchange.checks if not check.passed]
    assert (exchange.reply.status, exchange.reason) == got.outcome
    assert failed == ([example.reason] if example.reason else [])


def test_without_annotations_the_answer_is_the_vendors_alone(vendor, example, plain_wire):
    emulator, wire = plain_wire
    stage = WireStage(vendor, emulator.sandbox, wire)

    got = stage.got(example.ask(stage))

    assert [name for name, _ in got.headers if name.lower().startswith("x-mock")] == []
