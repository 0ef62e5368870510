"""Sandboxes are worlds of their own: they never see each other, and a seed makes one again."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from mockserver import Emulator, Settings
from mockserver.core import keys
from mockserver.vendors import discover
from tests.conformance.plays import bearer_of, success_of, takes_bearer
from tests.conftest import MOMENT
from tests.support.stage import WireStage
from tests.support.wire import Wire

BEARERS = [(vendor, each) for vendor in discover() for each in vendor.operations if takes_bearer(vendor, each)]


def test_a_token_of_one_sandbox_is_unknown_in_another(operation, vendor, emulator, wire):
    one = WireStage(vendor, emulator.sandboxes.find("one"), wire, prefix="/~one")
    other = WireStage(vendor, emulator.sandboxes.find("other"), wire, prefix="/~other")
    ask = success_of(vendor, operation).ask(one)

    here, there = one.got(ask), other.got(ask)

    assert here.reason == ""
    if takes_bearer(vendor, operation):
        assert there.reason in {"token.unknown", "token.bad_signature"}


def test_what_happens_in_one_sandbox_leaves_the_others_alone(operation, vendor, emulator, wire):
    one = WireStage(vendor, emulator.sandboxes.find("one"), wire, prefix="/~one")

    one.got(success_of(vendor, operation).ask(one))

    assert len(emulator.sandboxes.find("one").journal) > 0
    assert len(emulator.sandboxes.find("other").journal) == 0
    assert len(emulator.sandbox.journal) == 0
    assert len(emulator.sandbox.tokens) == 0


def test_the_header_chooses_the_sandbox_as_the_prefix_does(vendor, emulator, wire):
    got = wire.get(f"/{vendor.name}/no/such/path", headers={"X-Mock-Sandbox": "chosen"})

    assert emulator.sandboxes.find("chosen").journal.find(got.exchange).reason == "route.not_found"


@pytest.mark.skipif(
    not keys.REPEATABLE, reason="this OpenSSL signs ES256 with a random nonce; install cryptography's wheel"
)
def test_a_frozen_clock_and_a_seed_give_the_same_bytes(vendor, example, contract):
    answers = []
    for _ in range(2):
        emulator = Emulator(Settings(seed="again"))
        emulator.sandbox.clock.set(MOMENT, frozen=True)
        stage = WireStage(vendor, emulator.sandbox, Wire(emulator.app, contract))
        got = stage.got(example.ask(stage))
        answers.append((got.status, sorted(got.headers.items()), got.body))

    first, second = answers

    assert first == second


@pytest.mark.parametrize(
    ("held", "asked"),
    [(held, asked) for held, asked in product(BEARERS, BEARERS) if held != asked],
    ids=lambda pair: pair[1].name,
)
def test_a_token_is_refused_wherever_it_does_not_belong(held, asked, emulator, wire):
    holder, asker = (WireStage(vendor, emulator.sandbox, wire) for vendor, _ in (held, asked))
    token = bearer_of(success_of(*held).ask(holder))
    ask = success_of(*asked).ask(asker)
    own = emulator.sandbox.tokens.find(bearer_of(ask))
    other = emulator.sandbox.tokens.find(token)

    got = asker.got(replace(ask, headers=tuple(_with_token(ask.headers, token))))

    if (own.vendor, own.kind) != (other.vendor, other.kind):
        assert got.reason.startswith(("token.", "browser."))


def _with_token(headers, token):
    for name, value in headers:
        yield (name, f"Bearer {token}") if name.lower() == "authorization" else (name, value)
