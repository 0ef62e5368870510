"""gRPC beside HTTP: every vendor that speaks it keeps the same promises on both."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from mockserver import Emulator, Settings
from mockserver.core.calls import GRPC
from mockserver.core.reasons import REASONS
from mockserver.core.rules import Rule, Then, When
from mockserver.vendors import discover
from tests.conftest import MOMENT
from tests.support import protos
from tests.support.rpc import Line, RpcStage

SPEAKERS = [vendor for vendor in discover() if vendor.rpc]
ON_BOTH = [
    (vendor, operation)
    for vendor in SPEAKERS
    for operation in vendor.rpc.operations
    if operation in vendor.operations and operation.mints
]


@pytest.fixture
def emulator():
    """One with its gRPC side up, on a frozen clock. A bug of ours that it met fails the test."""
    emulator = Emulator(Settings(seed="tests", port=0, grpc_port=(0,)))
    emulator.sandbox.clock.set(MOMENT, frozen=True)
    with emulator:
        yield emulator
    for sandbox in emulator.sandboxes:
        assert sandbox.failures == []


@pytest.fixture
def line(emulator):
    with Line(emulator.rpc_address()) as line:
        yield line


@pytest.fixture
def stage(vendor, emulator, line, wire):
    return RpcStage(vendor, emulator.sandbox, wire, line)


def test_every_example_has_its_outcome_over_grpc(rpc_example, stage):
    got = stage.called(rpc_example.ask(stage))

    assert got.reason == rpc_example.reason
    assert (got.code == "OK") == (rpc_example.reason == "" or rpc_example.in_band)


def test_every_answer_over_grpc_is_journalled_with_the_checks_behind_it(rpc_example, stage, emulator):
    got = stage.called(rpc_example.ask(stage))

    exchange = emulator.sandbox.journal.find(got.exchange)
    failed = [check.reason for check in exchange.checks if not check.passed]
    assert (exchange.call.transport, exchange.reason) == (GRPC, got.reason)
    assert failed == ([rpc_example.reason] if rpc_example.reason else [])


def test_every_refusal_of_a_method_has_an_example(vendor, rpc_operation):
    shown = {
        example.reason
        for example in vendor.examples()
        if example.operation == rpc_operation.name and example.transport == GRPC
    }
    http_only = {"request.media_type"}

    assert shown - {""} == set(rpc_operation.refusals) - http_only
    assert "" in shown or rpc_operation.refusals == ("browser.secret_exposed", "request.not_emulated")


def test_every_refusal_of_a_method_is_listed_once_and_known(vendor, rpc_operation):
    assert [reason for reason, times in Counter(rpc_operation.refusals).items() if times > 1] == []
    assert set(rpc_operation.refusals) <= set(REASONS)
    assert rpc_operation.name.startswith(f"{vendor.name}.")


@pytest.mark.parametrize("reason", ["rate.limited", "token.expired", "fault.injected"])
def test_a_rule_makes_any_method_refuse_for_any_reason(rpc_operation, vendor, reason, emulator, stage):
    ask = _some_ask(vendor, rpc_operation, stage)
    emulator.sandbox.rules.add(Rule(When(operation=rpc_operation.name, transport=GRPC), Then(refuse=reason), times=1))

    refused, answered = stage.called(ask), stage.called(ask)

    assert (refused.reason, refused.trailing["x-mock-injected"]) == (reason, "rule-1")
    assert answered.reason != reason


def test_a_call_of_a_method_leaves_other_sandboxes_alone(rpc_operation, vendor, emulator, stage):
    ask = _some_ask(vendor, rpc_operation, stage)
    before = len(emulator.sandbox.journal)
    stage.called(replace(ask, headers=(*ask.headers, ("x-mock-sandbox", "other"))))

    assert len(emulator.sandbox.journal) == before
    assert len(emulator.sandboxes.find("other").journal) == 1


def _some_ask(vendor, operation, stage):
    own = [each for each in vendor.examples() if each.operation == operation.name and each.transport == GRPC]
    return min(own, key=lambda each: (each.reason.startswith("browser."), each.reason)).ask(stage)


def test_no_two_vendors_claim_the_same_method():
    claims = Counter(
        method.path
        for vendor in SPEAKERS
        for operation in vendor.rpc.operations
        for method in operation.methods(vendor.options())
    )

    assert [path for path, times in claims.items() if times > 1] == []


@pytest.mark.parametrize("path", sorted(protos.SETS), ids=lambda path: path.parent.name)
def test_the_checked_in_descriptors_are_those_of_the_proto_files(path):
    assert path.read_bytes() == protos.compiled(path.parent), "run `make protos`"


@pytest.mark.parametrize(("vendor", "operation"), ON_BOTH, ids=lambda each: each.name)
def test_both_transports_give_the_same_token_record(vendor, operation, emulator, stage):
    asks = [
        next(
            each
            for each in vendor.examples()
            if each.operation == operation.name and each.transport == transport and not each.reason
        ).ask(stage)
        for transport in ("http", GRPC)
    ]

    for ask in asks:
        stage.play(ask)

    told = [replace(token, id="") for token in emulator.sandbox.tokens]
    assert len(set(told)) <= 1
    assert len(told) in (0, 2)
