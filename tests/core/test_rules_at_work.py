"""Rules in the path of a call, with Ingrid as the vendor they disturb."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import jwt
import pytest

from mockserver.core import jsontext
from mockserver.core.calls import AT_ONCE, Fault, Reply
from mockserver.core.clock import seconds
from mockserver.core.examples import Ask
from mockserver.core.jsontext import JsonTextError
from mockserver.core.rules import Hold, MintChange, Rule, Then, When
from mockserver.vendors.ingrid import VENDOR
from mockserver.vendors.ingrid.examples import DELIVERY, SERVICE, SITE, grant, signed, site_token
from mockserver.web.stage import example_stage

MINUTE = timedelta(minutes=1)
JSON = ("Content-Type", "application/json")


def minted(exchange) -> dict:
    """The claims of the token in an answer."""
    token = jsontext.read(exchange.reply.body)["accessToken"]
    return jwt.decode(token, options={"verify_signature": False})


def use(token: str) -> Ask:
    """A page's use of a site token."""
    return Ask("POST", "/v1/delivery/options", (JSON, ("Authorization", f"Bearer {token}")), b"{}")


@pytest.fixture
def ask(stage):
    """Ask for a service token."""
    return lambda: stage.exchange(grant(signed(stage)))


@pytest.fixture
def rule(stage):
    """Put a rule in force."""
    return lambda then, when=When(), **limits: stage.sandbox.rules.add(Rule(when, then, **limits))  # noqa: B008


def test_a_call_that_no_rule_is_about_is_untouched(rule, ask):
    rule(Then(refuse="rate.limited"), When(vendor="other"))

    exchange = ask()

    assert (exchange.reply.status, exchange.reason, exchange.rules) == (200, "", ())
    assert exchange.reply.delivery is AT_ONCE


@pytest.mark.parametrize(
    ("reason", "status"),
    [("rate.limited", 429), ("token.expired", 401), ("fault.injected", 500), ("scope.unknown", 400)],
)
def test_a_refusal_is_the_vendors_own(rule, ask, reason, status):
    planned = rule(Then(refuse=reason), times=1)

    exchange = ask()

    assert (exchange.reply.status, exchange.reason, exchange.rules) == (status, reason, (planned.id,))
    assert exchange.hint == f"asked for by {planned.id}"
    assert dict(exchange.reply.headers)["Content-Type"] == "application/problem+json"
    assert jsontext.read(exchange.reply.body)["status"] == status


def test_a_refused_call_mints_nothing(rule, ask, stage):
    rule(Then(refuse="rate.limited"))

    ask()

    assert len(stage.sandbox.tokens) == 0


def test_a_rule_that_has_struck_lets_the_next_call_through(rule, ask, stage):
    rule(Then(refuse="rate.limited"), When(vendor="ingrid"), times=1)

    statuses = [ask().reply.status for _ in range(2)]

    assert statuses == [429, 200]
    assert [exchange.reply.status for exchange in stage.sandbox.journal] == [429, 200]


def test_an_answer_is_given_verbatim(rule, ask):
    verbatim = Reply(503, (("Retry-After", "7"), ("Content-Type", "text/html")), b"<h1>down</h1>")
    rule(Then(answer=verbatim))

    exchange = ask()

    assert exchange.reply == verbatim
    assert exchange.reason == "fault.injected"


def test_a_browsers_call_is_refused_before_any_rule(rule, stage):
    planned = rule(Then(refuse="rate.limited"))
    ask = grant(signed(stage))

    exchange = stage.exchange(Ask(ask.method, ask.path, (*ask.headers, ("Origin", "http://page.test")), ask.body))

    assert exchange.reason == "browser.secret_exposed"
    assert planned.matches == 0


def test_a_rule_comes_before_the_credential(rule, stage):
    rule(Then(refuse="rate.limited"))

    exchange = stage.exchange(Ask("POST", "/v1/delivery/options", (JSON,), b"{"))

    assert exchange.reason == "rate.limited"


@pytest.mark.parametrize(
    ("method", "path", "reason"),
    [("POST", "/v2", "route.not_found"), ("GET", "/v1/auth/token", "method.not_allowed")],
    ids=["unknown-path", "wrong-method"],
)
def test_a_rule_strikes_calls_that_lead_nowhere_too(rule, stage, method, path, reason):
    rule(Then(refuse="rate.limited"), times=1)

    reasons = [stage.exchange(Ask(method, path)).reason for _ in range(2)]

    assert reasons == ["rate.limited", reason]


def test_a_rule_about_an_account_knows_it_by_its_assertion(rule, stage, ask):
    rule(Then(refuse="rate.limited"), When(operation=SERVICE, credential="sa_demo"))

    other = stage.exchange(grant(signed(stage, "sa_edit", sub="sa_edit")))

    assert (other.reply.status, ask().reason) == (200, "rate.limited")


def test_a_rule_about_an_account_knows_it_by_its_token(rule, stage):
    token = site_token(stage)
    rule(Then(refuse="rate.limited"), When(operation=DELIVERY, credential="sa_demo"))

    assert stage.exchange(use(token)).reason == "rate.limited"


def test_a_rule_about_one_token_leaves_the_others_alone(rule, stage):
    first, second = site_token(stage), site_token(stage)
    named = stage.sandbox.tokens.find(first).id
    rule(Then(refuse="rate.limited"), When(credential=named))

    assert [stage.exchange(use(token)).reason for token in (first, second)] == ["rate.limited", ""]


def test_a_garbled_answer_is_no_json_and_otherwise_itself(rule, ask):
    rule(Then(garble=True))

    exchange = ask()

    assert exchange.reply.status == 200
    assert dict(exchange.reply.headers)["Content-Type"] == "application/json"
    with pytest.raises(JsonTextError):
        jsontext.read(exchange.reply.body)


def test_a_refusal_can_be_garbled(rule, stage):
    rule(Then(garble=True))

    exchange = stage.exchange(use("null"))

    assert exchange.reason == "token.malformed"
    with pytest.raises(JsonTextError):
        jsontext.read(exchange.reply.body)


class TestMint:
    def test_the_lifetime_is_the_one_that_was_asked_for(self, rule, ask, stage):
        rule(Then(mint=MintChange(lifetime=timedelta(seconds=5))))

        exchange = ask()

        claims, answer = minted(exchange), jsontext.read(exchange.reply.body)
        assert claims["exp"] - claims["iat"] == answer["expiresIn"] == 5
        assert [token.expires_at - token.issued_at for token in stage.sandbox.tokens] == [timedelta(seconds=5)]

    def test_no_lifetime_at_all_means_born_expired(self, rule, stage):
        rule(Then(mint=MintChange(lifetime=timedelta())), When(operation=SITE))

        token = site_token(stage)

        assert stage.exchange(use(token)).reason == "token.expired"

    def test_a_backdated_token_is_born_old(self, rule, ask, stage):
        rule(Then(mint=MintChange(backdate=10 * MINUTE)))
        now = seconds(stage.sandbox.clock.now())

        claims = minted(ask())

        assert (claims["iat"], claims["exp"]) == (now - 600, now - 600 + 3600)
        assert [seconds(token.expires_at) for token in stage.sandbox.tokens] == [now + 3000]

    def test_a_token_with_a_broken_signature_verifies_nowhere(self, rule, stage):
        rule(Then(mint=MintChange(broken_signature=True)), When(operation=SITE))

        token = site_token(stage)

        public = jwt.PyJWK(stage.sandbox.keyring("ingrid").active.verifying.public_jwk(), algorithm="ES256")
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(token, public, algorithms=["ES256"], options={"verify_exp": False, "verify_aud": False})
        assert stage.exchange(use(token)).reason == "token.bad_signature"

    def test_claims_are_changed_and_added(self, rule, ask):
        rule(Then(mint=MintChange(claims={"iss": "someone-else", "extra": [1]})))

        claims = minted(ask())

        assert (claims["iss"], claims["extra"], claims["sub"]) == ("someone-else", [1], "sa_demo")

    def test_a_changed_token_still_works(self, rule, stage):
        rule(Then(mint=MintChange(claims={"extra": 1})))

        assert stage.exchange(use(site_token(stage))).reply.status == 200

    def test_calls_that_mint_nothing_are_not_changed(self, rule, stage):
        token = site_token(stage)
        rule(Then(mint=MintChange(lifetime=timedelta())))

        assert stage.exchange(use(token)).reply.status == 200


@pytest.mark.parametrize("account", ["sa_demo", "key_through_which_it_came"])
def test_a_token_is_known_by_every_account_that_it_was_issued_through(rule, stage, account):
    token = site_token(stage)
    known = replace(stage.sandbox.tokens.find(token), through=("key_through_which_it_came",))
    stage.sandbox.tokens.remember(token, known)
    rule(Then(refuse="rate.limited"), When(credential=account))

    assert stage.exchange(use(token)).reason == "rate.limited"


class TestDelivery:
    @pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name.lower())
    def test_a_fault_reaches_the_delivery_of_a_normal_answer(self, rule, ask, fault):
        planned = rule(Then(fault=fault))

        exchange = ask()

        assert (exchange.reply.status, exchange.reply.delivery.fault, exchange.rules) == (200, fault, (planned.id,))

    def test_a_delay_reaches_the_delivery(self, rule, ask):
        rule(Then(delay=timedelta(seconds=1.5)))

        assert ask().reply.delivery.delay == timedelta(seconds=1.5)

    def test_a_hold_reaches_the_delivery(self, rule, ask):
        planned = rule(Then(hold=Hold(callers=3, timeout=timedelta(seconds=4))))

        delivery = ask().reply.delivery

        assert (delivery.gate, delivery.patience) == (planned.gate, timedelta(seconds=4))

    @pytest.mark.parametrize(
        "final", [Then(refuse="rate.limited"), Then(answer=Reply(200))], ids=["refused", "answered"]
    )
    def test_an_answer_that_a_rule_decided_travels_by_the_rules_too(self, rule, ask, final):
        slow = rule(Then(delay=timedelta(seconds=2)))
        decides = rule(final)

        exchange = ask()

        assert exchange.reply.delivery.delay == timedelta(seconds=2)
        assert exchange.rules == (slow.id, decides.id)

    def test_a_vendors_own_refusal_travels_by_the_rules_too(self, rule, stage):
        rule(Then(delay=timedelta(seconds=2)))

        exchange = stage.exchange(use("null"))

        assert (exchange.reason, exchange.reply.delivery.delay) == ("token.malformed", timedelta(seconds=2))


def test_a_sandbox_with_a_seed_spares_the_same_calls_again(demo):
    def reasons() -> list[str]:
        stage = example_stage(VENDOR, demo)
        stage.sandbox.rules.add(Rule(then=Then(refuse="rate.limited"), probability=0.5))
        return [stage.exchange(use("null")).reason for _ in range(20)]

    assert reasons() == reasons()
    assert set(reasons()) == {"rate.limited", "token.malformed"}
