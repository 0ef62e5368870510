"""Sandboxes: worlds that know nothing of each other, made and dropped by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from mockserver.core.options import Options
from mockserver.core.rules import Rule
from mockserver.core.sandbox import Sandbox, Sandboxes, SandboxNameError, Scenario, UnknownSandboxError

MOMENT = datetime(2030, 1, 1, tzinfo=UTC)
SEEDED = Scenario(seed="seed")


def names(sandboxes: Sandboxes) -> list[str]:
    return [sandbox.name for sandbox in sandboxes]


class TestSandbox:
    def test_the_same_name_and_seed_give_the_same_world(self):
        first, second = Sandbox("team", SEEDED), Sandbox("team", SEEDED)

        assert first.keyring("toy").active.kid == second.keyring("toy").active.kid
        assert first.entropy.uuid() == second.entropy.uuid()

    def test_another_name_gives_another_world(self):
        first, second = Sandbox("team", SEEDED), Sandbox("other", SEEDED)

        assert first.keyring("toy").active.kid != second.keyring("toy").active.kid
        assert first.entropy.uuid() != second.entropy.uuid()

    def test_without_a_seed_no_two_worlds_are_the_same(self):
        assert (
            Sandbox("team", Scenario()).keyring("toy").active.kid
            != Sandbox("team", Scenario()).keyring("toy").active.kid
        )

    def test_each_vendor_has_a_key_and_keeps_it(self):
        sandbox = Sandbox("team", SEEDED)

        assert sandbox.keyring("toy").active is sandbox.keyring("toy").active
        assert sandbox.keyring("toy").active.kid != sandbox.keyring("other").active.kid

    def test_drawing_a_key_changes_no_other_chance(self):
        early, late = Sandbox("team", SEEDED), Sandbox("team", SEEDED)

        late.keyring("toy")

        assert early.entropy.uuid() == late.entropy.uuid()

    @pytest.mark.parametrize(
        ("scenario", "frozen"),
        [(Scenario(now=MOMENT, frozen=True), True), (Scenario(now=MOMENT), False), (Scenario(frozen=True), True)],
        ids=["set-and-frozen", "set", "frozen"],
    )
    def test_the_clock_starts_as_the_scenario_says(self, scenario, frozen):
        clock = Sandbox("team", scenario).clock

        assert clock.frozen is frozen
        assert not scenario.now or timedelta() <= clock.now() - scenario.now < timedelta(hours=1)

    def test_the_rules_of_a_scenario_count_anew_in_every_sandbox(self):
        scenario = Scenario(rules=(Rule(),))
        first, second = Sandbox("one", scenario), Sandbox("two", scenario)

        next(iter(first.rules)).matches += 1

        assert [planned.matches for planned in second.rules] == [0]

    def test_what_is_put_takes_the_place_of_the_one_of_its_type(self):
        sandbox = Sandbox("team", Scenario(options={Options: Options(browser_guard="off")}))

        sandbox.put(Options(browser_guard="record"))

        assert sandbox.get(Options).browser_guard == "record"

    def test_a_state_begins_as_its_kind_does(self):
        sandbox = Sandbox("team", Scenario())

        assert sandbox.get(dict) == {}
        assert sandbox.get(dict) is sandbox.get(dict)

    def test_of_many_changes_at_once_none_is_lost(self):
        sandbox = Sandbox("team", Scenario())
        threads = [
            Thread(target=lambda: [sandbox.change(int, lambda kept: kept + 1) for _ in range(200)]) for _ in range(8)
        ]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sandbox.get(int) == 1600

    def test_exchanges_are_numbered_by_sandbox(self):
        sandbox = Sandbox("team", Scenario())

        assert [sandbox.next_exchange_id() for _ in range(2)] == ["team-1", "team-2"]


class TestSandboxes:
    @pytest.fixture
    def sandboxes(self):
        return Sandboxes(SEEDED, limit=2)

    def test_the_default_one_is_always_there(self, sandboxes):
        assert sandboxes.find("default") is sandboxes.default
        assert (names(sandboxes), len(sandboxes)) == (["default"], 1)

    def test_one_is_made_on_first_use_and_found_again(self, sandboxes):
        made = sandboxes.find("team")

        assert sandboxes.find("team") is made
        assert made.name == "team"
        assert names(sandboxes) == ["default", "team"]

    def test_none_is_made_where_addresses_may_not(self):
        sandboxes = Sandboxes(SEEDED, auto=False)

        with pytest.raises(UnknownSandboxError, match="no sandbox is called 'team'"):
            sandboxes.find("team")
        assert names(sandboxes) == ["default"]

    def test_one_that_was_created_is_found_where_addresses_may_make_none(self):
        sandboxes = Sandboxes(SEEDED, auto=False)

        made = sandboxes.create("team")

        assert sandboxes.find("team") is made

    @pytest.mark.parametrize(
        "name", ["", " ", "a b", "a/b", "A", "a.b", "-a", ".", "..", "_a", "a" * 64, "å", "a\n", "a\x00", "%2e", "~a"]
    )
    def test_an_impossible_name_is_refused(self, sandboxes, name):
        with pytest.raises(SandboxNameError, match="is no name for a sandbox"):
            sandboxes.find(name)
        with pytest.raises(SandboxNameError, match="is no name for a sandbox"):
            sandboxes.create(name)
        assert names(sandboxes) == ["default"]

    @pytest.mark.parametrize("name", ["a", "0", "team-one_two-3", "a" * 63])
    def test_a_possible_name_is_taken(self, sandboxes, name):
        assert sandboxes.find(name).name == name

    def test_asking_whether_one_exists_makes_none(self, sandboxes):
        with pytest.raises(UnknownSandboxError, match="no sandbox is called 'team' yet"):
            sandboxes.existing("team")
        assert names(sandboxes) == ["default"]

    def test_beyond_the_limit_the_idlest_is_dropped_and_the_default_stays(self, sandboxes):
        for name in ("one", "two", "three"):
            sandboxes.find(name)

        assert names(sandboxes) == ["default", "two", "three"]

    def test_being_called_keeps_a_sandbox_alive(self, sandboxes):
        for name in ("one", "two", "one", "three"):
            sandboxes.find(name)

        assert names(sandboxes) == ["default", "one", "three"]

    def test_being_made_again_keeps_a_sandbox_alive(self, sandboxes):
        for name in ("one", "two", "one"):
            sandboxes.create(name)

        sandboxes.find("three")

        assert names(sandboxes) == ["default", "one", "three"]

    def test_a_created_one_takes_the_place_of_its_namesake(self, sandboxes):
        old = sandboxes.find("team")

        made = sandboxes.create("team")

        assert made is not old
        assert sandboxes.find("team") is made

    def test_a_created_one_may_have_a_scenario_of_its_own(self, sandboxes):
        made = sandboxes.create("team", Scenario(seed="other"))

        assert made.keyring("toy").active.kid == Sandbox("team", Scenario(seed="other")).keyring("toy").active.kid

    def test_creating_the_default_one_replaces_it(self, sandboxes):
        made = sandboxes.create("default")

        assert sandboxes.find("default") is sandboxes.default is made
        assert names(sandboxes) == ["default"]

    def test_a_dropped_one_is_forgotten_with_all_it_held(self, sandboxes):
        sandboxes.find("team").replays.accept("jti", until=MOMENT + timedelta(days=1), now=MOMENT)

        sandboxes.drop("team")

        assert names(sandboxes) == ["default"]
        assert sandboxes.find("team").replays.accept("jti", until=MOMENT + timedelta(days=1), now=MOMENT)

    def test_the_default_one_starts_anew_when_it_is_dropped(self, sandboxes):
        old = sandboxes.default

        sandboxes.drop("default")

        assert sandboxes.find("default") is sandboxes.default is not old
        assert sandboxes.default.keyring("toy").active.kid == old.keyring("toy").active.kid

    def test_dropping_one_that_is_not_there_changes_nothing(self, sandboxes):
        sandboxes.drop("nobody")

        assert names(sandboxes) == ["default"]

    def test_what_happens_in_one_is_unknown_to_the_others(self, sandboxes):
        one, two = sandboxes.find("one"), sandboxes.find("two")

        one.clock.set(MOMENT, frozen=True)
        one.rules.add(Rule())
        one.put(Options(browser_guard="off"))

        assert not two.clock.frozen
        assert list(two.rules) == []
        assert two.get(Options).browser_guard == "refuse"
