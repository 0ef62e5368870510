"""Clock, tokens and rules by the client."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mockserver.client import rules as client_rules
from mockserver.rulebook import RuleSchema, ThenSchema, WhenSchema

MOMENT = datetime(2030, 1, 1, tzinfo=UTC)


class TestClock:
    @pytest.mark.parametrize("now", [MOMENT, "2030-01-01T00:00:00Z"], ids=["datetime", "text"])
    def test_it_is_set_and_frozen(self, sandbox, now):
        sandbox.clock.set(now, frozen=True)

        assert (sandbox.clock.now, sandbox.clock.frozen) == (MOMENT, True)

    def test_it_goes_on_unless_frozen(self, sandbox):
        sandbox.clock.set(MOMENT)

        assert not sandbox.clock.frozen
        assert sandbox.clock.now > MOMENT

    @pytest.mark.parametrize(
        ("step", "parts", "moved"),
        [
            (None, {"minutes": 6}, timedelta(minutes=6)),
            (timedelta(hours=-1), {}, timedelta(hours=-1)),
            (timedelta(hours=1), {"seconds": 0.5}, timedelta(hours=1, seconds=0.5)),
        ],
    )
    def test_it_is_advanced_by_a_duration(self, sandbox, step, parts, moved):
        sandbox.clock.set(MOMENT, frozen=True)

        sandbox.clock.advance(step, **parts)

        assert sandbox.clock.now == MOMENT + moved

    def test_it_is_frozen_let_go_and_reset(self, sandbox):
        sandbox.clock.set(MOMENT)

        frozen, going, reset = sandbox.clock.freeze(), sandbox.clock.unfreeze(), sandbox.clock.reset()

        assert (frozen.frozen, going.frozen, reset.frozen) == (True, False, False)
        assert going.now >= frozen.now > MOMENT
        assert sandbox.clock.ahead == timedelta()

    def test_an_instant_without_its_zone_is_refused(self, sandbox):
        with pytest.raises(ValueError, match="no time zone"):
            sandbox.clock.set(MOMENT.replace(tzinfo=None))

    def test_a_step_of_no_length_is_refused(self, sandbox):
        with pytest.raises(TypeError, match="how long"):
            sandbox.clock.advance()


class TestTokens:
    def test_an_issued_token_is_taken_and_listed(self, sandbox, ask):
        token = sandbox.tokens.issue("ingrid")

        assert ask(sandbox, token) == 200
        assert [(each.vendor, each.kind, each.state) for each in sandbox.tokens] == [
            ("ingrid", "service", "alive"),
            ("ingrid", "site", "alive"),
        ]

    def test_one_of_another_kind_is_issued_when_asked_for(self, sandbox):
        sandbox.tokens.issue("ingrid", "service")

        assert [each.kind for each in sandbox.tokens] == ["service"]

    def test_they_expire_when_told(self, sandbox, ask):
        token = sandbox.tokens.issue("ingrid")

        assert (sandbox.tokens.expire(kind="site"), ask(sandbox, token)) == (1, 401)
        assert [each.kind for each in sandbox.tokens.list(state="expired")] == ["site"]

    def test_they_are_revoked_when_told(self, sandbox):
        sandbox.tokens.issue("ingrid")

        assert sandbox.tokens.revoke() == 2
        assert {each.revoked_at is not None for each in sandbox.tokens.list(state="revoked")} == {True}

    @pytest.mark.parametrize(("step", "parts"), [(timedelta(minutes=4), {}), (None, {"minutes": 4})])
    def test_they_get_older_when_told(self, sandbox, step, parts):
        sandbox.tokens.issue("ingrid")
        (before,) = sandbox.tokens.list(kind="site")

        changed = sandbox.tokens.age(step, **parts, kind="site")

        (after,) = sandbox.tokens.list(kind="site")
        assert changed == 1
        assert before.expires_at - after.expires_at == timedelta(minutes=4)

    def test_more_of_them_than_a_page_holds_are_listed(self, server):
        with server.sandbox(options={"ingrid": {"token_format": "opaque"}}) as sandbox:
            for _ in range(501):
                sandbox.tokens.issue("ingrid")

            assert len(sandbox.tokens.list()) == 1002


class TestRules:
    def test_flat_names_go_where_they_belong(self, sandbox):
        rule = sandbox.rules.add(
            operation="ingrid.get_delivery_options", delay=timedelta(milliseconds=1), refuse="rate.limited", times=2
        )

        assert rule.written == {
            "when": {"operation": "ingrid.get_delivery_options"},
            "then": {"refuse": "rate.limited", "delay": 0.001},
            "times": 2,
        }

    def test_flat_names_are_those_of_the_rulebook(self):
        assert set(client_rules.WHEN) == set(WhenSchema().fields)
        assert set(client_rules.THEN) == set(ThenSchema().fields)
        assert set(client_rules.COUNTS) == set(RuleSchema().fields) - {"when", "then"}

    def test_an_unknown_name_is_told_with_the_near_one(self, sandbox):
        with pytest.raises(TypeError, match="unknown name 'opration'; did you mean 'operation'"):
            sandbox.rules.add(opration="x")

    def test_a_rule_tells_what_it_did(self, sandbox, ask):
        rule = sandbox.rules.add({"vendor": "ingrid"}, {"refuse": "rate.limited"}, times=1)

        statuses = [ask(sandbox), ask(sandbox)]

        assert statuses == [429, 401]
        assert (rule.strikes, rule.matches) == (1, 2)
        assert [call.struck for call in rule.recent] == [False, True]
        assert rule.recent[0].why == "it has struck 1 of 1"

    def test_a_rule_is_in_force_until_the_end_of_its_with(self, sandbox):
        with sandbox.rules.add(refuse="rate.limited") as rule:
            during = [each.id for each in sandbox.rules]

        assert rule.id in during
        assert rule.id not in [each.id for each in sandbox.rules]

    def test_a_rule_may_be_removed_before_the_end_of_its_with(self, sandbox):
        with sandbox.rules.add(refuse="rate.limited") as rule:
            rule.remove()

        assert rule.id not in [each.id for each in sandbox.rules]

    def test_all_that_were_added_are_cleared(self, sandbox):
        added = [sandbox.rules.add(refuse="rate.limited"), sandbox.rules.add(garble=True)]

        assert sandbox.rules.clear() == len(added)
        assert [each for each in sandbox.rules if not each.from_scenario] == []
