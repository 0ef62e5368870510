"""Threads at work while others turn all upside down: no bug, no lost call, no token that outlives its world."""

from __future__ import annotations

from collections import Counter
from threading import Barrier, Event, Semaphore, Thread

import pytest

from mockserver import Emulator, Settings
from tests.support.backend import Backend
from tests.support.wire import Wire

RACERS, ROUNDS = 50, 10
HANG_GUARD = 60
CALLERS, HANDOFFS = 6, 12
WAYS = [
    ("POST", "/reset", {}),
    ("POST", "/clock/advance", {"seconds": 30}),
    ("POST", "/clock/advance", {"seconds": -30}),
    ("POST", "/keys/ingrid/rotate", {"overlap": 0}),
    ("POST", "/keys/ingrid/rotate", {"overlap": 60}),
    ("POST", "/tokens/revoke", {}),
    ("POST", "/tokens/expire", {"kind": "service"}),
    ("POST", "/tokens/age", {"seconds": 600}),
    ("POST", "/rules", {"then": {"refuse": "rate.limited"}, "times": 1}),
    ("DELETE", "/rules", None),
    ("PATCH", "/options/ingrid", {"token_format": "opaque"}),
    ("DELETE", "/options/ingrid", None),
    ("GET", "/journal", None),
    ("GET", "/keys", None),
]


@pytest.fixture
def settings():
    """No seed: it would have a new world draw the tokens of the old one again."""
    return Settings()


@pytest.fixture
def journalled(settings):
    """An emulator, and the ids of all exchanges that ever entered a journal."""
    seen: list[tuple[str, str]] = []
    emulator = Emulator(settings, on_exchange=lambda exchange: seen.append((exchange.id, exchange.sandbox)))
    yield emulator, seen
    for sandbox in emulator.sandboxes:
        assert sandbox.failures == []


def together(*works):
    """Do all of these at once; what any of them raises, this does."""
    errors, barrier = [], Barrier(len(works))

    def run(work):
        try:
            barrier.wait()
            work()
        except BaseException as error:  # noqa: BLE001  (told to whoever waits)
            errors.append(error)

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_one_assertion_raced_by_fifty_is_taken_once_in_every_round(wire, emulator):
    credentials = wire.get("/_mock/credentials").json["ingrid"]
    backend = Backend(wire, credentials)

    for number in range(ROUNDS):
        assertion, outcomes = backend.assertion(jti=f"round-{number}"), Counter()
        together(*[lambda: outcomes.update([backend.present(assertion).outcome])] * RACERS)  # noqa: B023

        assert outcomes == {(200, ""): 1, (401, "assertion.replayed"): RACERS - 1}
    assert len(emulator.sandbox.tokens) == ROUNDS


def test_nothing_breaks_while_all_is_turned_upside_down(journalled, contract):
    emulator, seen = journalled
    wire = Wire(emulator.app, contract)
    credentials = wire.get("/_mock/credentials").json["ingrid"]
    done, answers, statuses = Event(), [], []

    def hand_offs():
        backend = Backend(wire, credentials)
        for _ in range(HANDOFFS):
            service = backend.service()
            site = backend.site(service.json.get("accessToken", "null"))
            answers.extend([service, site, backend.use(site.json.get("accessToken", "null"))])

    def upside_down():
        while not done.is_set():
            statuses.extend(wire(method, f"/_mock{path}", json_body=body).status for method, path, body in WAYS)

    def work():
        try:
            together(*[hand_offs] * CALLERS)
        finally:
            done.set()

    together(work, upside_down, upside_down)

    assert len(answers) == CALLERS * HANDOFFS * 3
    assert {got.status for got in answers} <= {200, 401, 429}
    assert set(statuses) <= {200, 201}
    assert Counter(name for name, _ in seen) == Counter(got.exchange for got in answers)


def test_every_call_is_in_the_journal_of_its_own_sandbox_and_in_no_other(journalled, contract):
    emulator, seen = journalled
    wire = Wire(emulator.app, contract)
    teams = [f"team-{number}" for number in range(CALLERS)]
    answers: dict[str, list[str]] = {}

    def play(team):
        made = wire.post("/_mock/sandboxes", {"name": team}).json["credentials"]["ingrid"]
        backend = Backend(wire, made)
        backend.base = "/ingrid" if team.endswith(("0", "2", "4")) else backend.base
        answers[team] = []
        for _ in range(HANDOFFS):
            service = backend.service()
            site = backend.site(service.json["accessToken"])
            answers[team] += [service.exchange, site.exchange]

    together(*[lambda team=team: play(team) for team in teams])

    for team in teams:
        items = wire.get(f"/~{team}/_mock/journal").json["items"]
        assert sorted(item["id"] for item in items) == sorted(answers[team])
        assert all(name.startswith(f"{team}-") for name in answers[team])
    assert wire.get("/_mock/journal").json["items"] == []
    assert len(seen) == len(set(seen)) == CALLERS * HANDOFFS * 2


def test_when_a_reset_has_answered_no_token_of_before_is_taken(wire, sandbox):
    sandbox.clock.reset()
    backend = Backend(wire, wire.get("/_mock/credentials").json["ingrid"])

    for _ in range(5):
        done, minted, before = Event(), Semaphore(0), []

        def mint(done=done, minted=minted, before=before):
            while not done.is_set():
                before.append(backend.present(backend.assertion()).json["accessToken"])
                minted.release()

        def reset(done=done, minted=minted, before=before):
            try:
                assert all(minted.acquire(timeout=HANG_GUARD) for _ in range(CALLERS))
                marked = list(before)
                wire.post("/_mock/reset", {})
                assert {backend.site(token).status for token in marked} == {401}
            finally:
                done.set()

        together(reset, mint, mint)


def test_when_tokens_were_revoked_none_of_before_is_taken(wire):
    backend = Backend(wire, wire.get("/_mock/credentials").json["ingrid"])
    done, before = Event(), []

    def mint():
        while not done.is_set():
            before.append(backend.present(backend.assertion()).json["accessToken"])

    def revoke():
        try:
            for _ in range(10):
                marked = list(before)
                wire.post("/_mock/tokens/revoke", {})
                assert {backend.site(token).reason for token in marked} <= {"token.revoked"}
        finally:
            done.set()

    together(revoke, mint, mint)


def test_sandboxes_come_and_go_while_others_play(emulator, wire):
    def come_and_go(number):
        for _ in range(HANDOFFS):
            made = wire.post("/_mock/sandboxes", {"name": f"team-{number}"}).json["credentials"]["ingrid"]
            backend = Backend(wire, made)
            assert backend.use(backend.site_token()).status == 200
            assert wire("DELETE", f"/_mock/sandboxes/team-{number}").status == 200

    together(*[lambda number=number: come_and_go(number) for number in range(CALLERS)])

    assert [sandbox.name for sandbox in emulator.sandboxes] == ["default"]
    assert not emulator.sandboxes.any_owned
