"""Rules: which calls they are about, how often they strike, and why they leave a call alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mockserver.core import jsontext
from mockserver.core.calls import AT_ONCE, Fault, Reply
from mockserver.core.entropy import Entropy
from mockserver.core.reasons import UnknownReasonError
from mockserver.core.rules import Hold, MintChange, PlannedRule, Rule, RulePlan, Then, When, delivery, garbled
from tests.core.worlds import World

HEADERS = (("X-Team", "blue"), ("x-team", "red"), ("Accept", "*/*"))


@pytest.fixture
def world():
    return World()


def strikes(rule: Rule, world: World, calls: int) -> list[bool]:
    """Which of so many equal calls a rule strikes."""
    plan = RulePlan([rule], Entropy("chance"))
    return [bool(plan.strike(world.case()).struck) for _ in range(calls)]


class TestWhen:
    @pytest.mark.parametrize(
        "when",
        [
            When(),
            When(vendor="toy"),
            When(operation="toy.greet"),
            When(path="/greetings"),
            When(transport="http"),
            When(credential="sa_demo"),
            When(credential="token-1"),
            When(credential="*_demo"),
            When(credential="t*-1"),
            When(token="site"),
            When(token="*"),
            When(operation="toy.*", path="/*s"),
            When(header={"X-Team": "blue"}),
            When(header={"x-TEAM": "red", "accept": "*/*"}),
            When(vendor="toy", operation="toy.greet", path="/greetings", credential="sa_demo"),
        ],
        ids=repr,
    )
    def test_a_call_that_agrees_in_everything_given_is_meant(self, world, when):
        case = world.case(carries=("sa_demo", "token-1"), kind="site", headers=HEADERS)

        assert when.mismatch(case) is None

    @pytest.mark.parametrize(
        ("when", "why"),
        [
            (When(vendor="other"), "vendor is 'toy', not 'other'"),
            (When(operation="toy.wave"), "operation is 'toy.greet', not 'toy.wave'"),
            (When(path="/greetings/"), "path is '/greetings', not '/greetings/'"),
            (When(transport="grpc"), "transport is 'http', not 'grpc'"),
            (When(credential="sa_edit"), "credential is not 'sa_edit'"),
            (When(credential="*_edit"), "credential is not '*_edit'"),
            (When(credential="demo*"), "credential is not 'demo*'"),
            (When(token="service"), "token is '', not 'service'"),
            (When(token="*"), "token is '', not '*'"),
            (When(path="/greet.ngs"), "path is '/greetings', not '/greet.ngs'"),
            (When(path="/*/x"), "path is '/greetings', not '/*/x'"),
            (When(header={"X-Team": "green"}), "header X-Team is not 'green'"),
            (When(header={"X-Absent": ""}), "header X-Absent is not ''"),
            (When(vendor="toy", path="/x"), "path is '/greetings', not '/x'"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_a_call_that_is_not_meant_is_told_why(self, world, when, why):
        case = world.case(carries=("sa_demo", "token-1"), headers=HEADERS)

        assert when.mismatch(case) == why

    def test_a_call_that_leads_nowhere_carries_no_credential(self, world):
        case = world.case()
        case.operation = None

        assert When(credential="sa_demo").mismatch(case) == "credential is not 'sa_demo'"
        assert When(operation="toy.greet").mismatch(case) == "operation is '', not 'toy.greet'"
        assert When(vendor="toy").mismatch(case) is None


class TestHowOften:
    @pytest.mark.parametrize(
        ("rule", "struck"),
        [
            (Rule(), "xxxxxx"),
            (Rule(times=2), "xx----"),
            (Rule(times=0), "------"),
            (Rule(after=2), "--xxxx"),
            (Rule(after=2, times=1), "--x---"),
            (Rule(nth=1), "x-----"),
            (Rule(nth=3), "--x---"),
            (Rule(probability=0), "------"),
            (Rule(probability=1), "xxxxxx"),
        ],
        ids=["always", "twice", "never", "after-two", "third-only", "first", "third", "no-chance", "certain"],
    )
    def test_a_rule_strikes_so_often(self, world, rule, struck):
        assert strikes(rule, world, 6) == [mark == "x" for mark in struck]

    def test_only_calls_that_are_meant_are_counted(self, world):
        plan = RulePlan([], Entropy())
        planned = plan.add(Rule(When(header={"X-Team": "blue"}), nth=2))
        blue = (("X-Team", "blue"),)

        strikes = [plan.strike(world.case(headers=headers)) for headers in (blue, (), blue, blue)]

        assert [strike.struck for strike in strikes] == [(), (), (planned,), ()]
        assert [strike.spared for strike in strikes] == [
            (("rule-1", "match 1, not 2"),),
            (),
            (),
            (("rule-1", "match 3, not 2"),),
        ]
        assert (planned.matches, planned.strikes) == (3, 1)

    def test_a_rule_may_count_for_every_credential_by_itself(self, world):
        planned = PlannedRule("rule-1", Rule(When(credential="*_once"), times=1, per_credential=True))
        calls = [world.case(carries=(name,)) for name in ("a_once", "b_once", "a_once", "b_once")]

        spared = [planned.spared(case, Entropy()) for case in calls]

        assert spared == [None, None, "it has struck 1 of 1", "it has struck 1 of 1"]
        assert (planned.matches, planned.strikes) == (4, 2)

    @pytest.mark.parametrize(
        ("rule", "calls", "why"),
        [
            (Rule(after=2), 2, "match 2 of the first 2, which it leaves alone"),
            (Rule(nth=2), 1, "match 1, not 2"),
            (Rule(times=1), 2, "it has struck 1 of 1"),
            (Rule(probability=0), 1, "chance spared it, at probability 0"),
        ],
    )
    def test_the_last_call_left_alone_is_told_why(self, world, rule, calls, why):
        planned = PlannedRule("rule-1", rule)

        spared = [planned.spared(world.case(), Entropy("chance")) for _ in range(calls)]

        assert spared[-1] == why

    def test_chance_is_repeated_by_a_seed(self, world):
        rule = Rule(probability=0.5)

        first = strikes(rule, world, 100)

        assert strikes(rule, world, 100) == first
        assert 25 < sum(first) < 75


class TestPlan:
    @pytest.fixture
    def plan(self):
        return RulePlan([], Entropy("plan"))

    def test_every_rule_gets_an_id_of_its_own(self, plan):
        first, second = plan.add(Rule()), plan.add(Rule())
        plan.remove(second.id)

        third = plan.add(Rule())

        assert [first.id, second.id, third.id] == ["rule-1", "rule-2", "rule-3"]
        assert [planned.id for planned in plan] == ["rule-1", "rule-3"]

    def test_the_rules_of_a_scenario_are_in_force_at_once(self, world):
        plan = RulePlan([Rule(times=1), Rule()], Entropy())

        assert [planned.id for planned in plan.strike(world.case()).struck] == ["scenario-1", "scenario-2"]

    def test_a_rule_that_a_test_adds_comes_before_those_of_the_scenario(self, world):
        plan = RulePlan([Rule(then=Then(refuse="rate.limited"))], Entropy())
        first, second = plan.add(Rule(then=Then(garble=True))), plan.add(Rule(then=Then(refuse="token.expired")))

        assert plan.strike(world.case()).struck == (first, second)

    def test_a_rule_taken_out_of_force_strikes_no_more(self, plan, world):
        planned = plan.add(Rule())

        assert plan.remove(planned.id)
        assert plan.strike(world.case()).struck == ()

    def test_a_rule_that_is_not_there_cannot_be_taken_out(self, plan):
        assert not plan.remove("rule-1")

    def test_rules_after_one_that_decides_are_left_out_and_not_counted(self, plan, world):
        delay, refuse, late = (
            plan.add(Rule(then=then))
            for then in (Then(delay=timedelta(seconds=1)), Then(refuse="rate.limited"), Then(garble=True))
        )

        struck = plan.strike(world.case()).struck

        assert struck == (delay, refuse)
        assert late.matches == 0


class TestThen:
    def test_an_unknown_reason_is_refused_with_the_nearest_one(self):
        with pytest.raises(UnknownReasonError, match=r"no reason is called 'rate.limitd'; did you mean 'rate.limited'"):
            Then(refuse="rate.limitd")

    @pytest.mark.parametrize(
        ("then", "final"),
        [
            (Then(refuse="rate.limited"), True),
            (Then(answer=Reply(200)), True),
            (Then(delay=timedelta(seconds=1)), False),
            (Then(garble=True), False),
            (Then(fault=Fault.TRUNCATE), False),
        ],
        ids=["refuse", "answer", "delay", "garble", "fault"],
    )
    def test_refusals_and_answers_decide_by_themselves(self, then, final):
        assert then.final is final


class TestDelivery:
    def test_an_untouched_answer_travels_at_once(self):
        assert delivery([]) is AT_ONCE

    def test_delays_add_up_and_the_first_fault_counts(self):
        struck = [
            PlannedRule("rule-1", Rule(then=Then(delay=timedelta(seconds=1), fault=Fault.TRUNCATE))),
            PlannedRule("rule-2", Rule(then=Then(fault=Fault.DROP_MIDWAY))),
            PlannedRule("rule-3", Rule(then=Then(delay=timedelta(seconds=2)))),
        ]

        result = delivery(struck)

        assert (result.delay, result.fault) == (timedelta(seconds=3), Fault.TRUNCATE)

    def test_all_calls_that_one_rule_holds_wait_at_one_gate(self):
        planned = PlannedRule("rule-1", Rule(then=Then(hold=Hold(5, timedelta(seconds=9)))))

        first, second = delivery([planned]), delivery([planned])

        assert first.gate is second.gate is planned.gate is not None
        assert first.patience == timedelta(seconds=9)

    def test_of_two_holds_the_first_one_counts(self):
        first, second = (PlannedRule(f"rule-{n}", Rule(then=Then(hold=Hold(n)))) for n in (2, 1))

        assert delivery([first, second]).gate is first.gate


class TestMintChanges:
    def test_both_count_and_the_first_one_where_they_disagree(self):
        first = MintChange(lifetime=timedelta(seconds=5), claims={"a": 1})
        second = MintChange(lifetime=timedelta(seconds=9), broken_signature=True, claims={"a": 2, "b": 2})

        assert first.over(second) == MintChange(
            lifetime=timedelta(seconds=5), broken_signature=True, claims={"a": 1, "b": 2}
        )


@pytest.mark.parametrize("body", [b"", b"{}", b'{"a":1}', b"[1,2,3]", b"1"])
def test_a_garbled_body_is_no_json(body):
    with pytest.raises(jsontext.JsonTextError):
        jsontext.read(garbled(body))
