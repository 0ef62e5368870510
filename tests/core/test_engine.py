"""The path of a call: the order of its steps, and what happens when one of them has a bug."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from mockserver.core import engine, jsontext
from mockserver.core.calls import Call, Headers
from mockserver.core.operations import BODY_BEFORE_CALLER, Answer, Body, InvalidFieldsError
from mockserver.core.options import Options
from mockserver.core.origins import Cors
from mockserver.core.refusals import FieldError, Refusal
from mockserver.core.rules import Rule, Then
from mockserver.core.sandbox import Sandbox, Scenario
from tests.core.worlds import NamedBody, World, failing, operation, refuse

BUG = ZeroDivisionError("a bug of ours")
BROWSER = ("Origin", "http://page.test")
CORS = Cors(methods=("POST",), headers=("content-type",), expose=("X-Trace-Id",))


@dataclass(frozen=True)
class Footprints:
    """An operation whose every step leaves a trace."""

    steps: list[str]

    def caller(self, _case):
        self.steps.append("caller")
        return "somebody"

    def read(self, payload, _case):
        self.steps.append("body")
        return payload

    def run(self, case):
        self.steps.append("run")
        return Answer(dict(case.fields))

    def identifies(self, _case):
        self.steps.append("rules")
        return ()


def stranger(case):
    raise Refusal("credential.unknown")


def test_an_answer_is_what_the_operation_says():
    exchange = World().call(b'{"name":"Ada"}')

    assert (exchange.reply.status, exchange.reply.body, exchange.reason) == (200, b'{"hello":"Ada"}', "")
    assert exchange.reply.headers == (("Content-Type", "application/json"),)


def test_an_answer_may_be_given_verbatim_with_status_and_headers():
    said = Answer(status=201, headers=(("X-Trace-Id", "1"),), verbatim=b'{"a": 1}')

    reply = World(operation(run=lambda _: said)).call().reply

    assert (reply.status, reply.body) == (201, b'{"a": 1}')
    assert reply.headers == (("Content-Type", "application/json"), ("X-Trace-Id", "1"))


def test_a_successful_answer_has_the_vendors_content_type():
    reply = World(vendor_changes={"content_type": "application/json; charset=utf-8"}).call().reply

    assert reply.headers == (("Content-Type", "application/json; charset=utf-8"),)


def test_every_answer_carries_the_vendors_stamp():
    stamped = World(vendor_changes={"stamp": lambda case: (("X-Trace-Id", case.sandbox.name),)})

    answers = [stamped.call(), stamped.call(b"{")]

    assert [dict(exchange.reply.headers)["X-Trace-Id"] for exchange in answers] == ["world", "world"]


@pytest.mark.parametrize("body", [b"{}", b"{"], ids=["invalid", "malformed"])
def test_an_operation_that_mints_forbids_to_store_its_refusals_too(body):
    world = World(operation(mints=True))

    answers = [world.call(), world.call(body)]

    assert [dict(exchange.reply.headers)["Cache-Control"] for exchange in answers] == ["no-store", "no-store"]


class TestOrder:
    @pytest.mark.parametrize(
        ("order", "steps"),
        [
            ({}, ["rules", "caller", "body", "run"]),
            ({"order": BODY_BEFORE_CALLER}, ["rules", "body", "caller", "run"]),
            ({"order": ("guard", "caller")}, ["caller", "run"]),
        ],
        ids=["usual", "body-before-caller", "without-some"],
    )
    def test_the_steps_come_in_the_order_of_the_operation(self, order, steps):
        footprints = Footprints([])
        watched = operation(
            caller=footprints.caller,
            bodies=(Body("application/json", footprints),),
            run=footprints.run,
            **order,
        )
        world = World(watched, vendor_changes={"refuse": refuse})
        world.sandbox.rules.add(Rule(when=_Watching(footprints)))

        world.call()

        assert footprints.steps == steps

    @pytest.mark.parametrize(
        ("world", "headers", "body", "reason"),
        [
            (World(operation(caller=stranger)), [BROWSER], b"{", "browser.secret_exposed"),
            (World(operation(caller=stranger)), [], b"{", "credential.unknown"),
            (World(operation(caller=stranger, order=BODY_BEFORE_CALLER)), [], b"{", "request.malformed"),
            (World(), [], b"{", "request.malformed"),
            (World(), [], b"[]", "request.malformed"),
            (World(), [], b"{}", "request.invalid"),
        ],
        ids=["guard-first", "caller-next", "body-before-caller", "syntax", "no-object", "fields"],
    )
    def test_the_first_failure_wins(self, world, headers, body, reason):
        assert world.call(body, headers=headers).reason == reason

    def test_a_rule_comes_after_the_guard_and_before_the_caller(self):
        world = World(operation(caller=stranger), sandbox=Sandbox("ruled", Scenario()))
        world.sandbox.rules.add(Rule(then=Then(refuse="rate.limited")))

        reasons = [world.call(headers=headers).reason for headers in ([BROWSER], [])]

        assert reasons == ["browser.secret_exposed", "rate.limited"]

    def test_a_refused_call_does_not_run(self):
        ran = []

        World(operation(caller=stranger, run=ran.append)).call()

        assert ran == []


class TestGuard:
    @pytest.fixture
    def world(self):
        return World()

    def guarded(self, world, how):
        world.sandbox.put(Options(browser_guard=how))
        return world.call(headers=[BROWSER])

    def test_a_browser_is_refused_by_default(self, world):
        exchange = world.call(headers=[BROWSER])

        assert exchange.reason == "browser.secret_exposed"
        assert "stop forwarding browser headers" in exchange.hint

    def test_a_browser_may_be_recorded_only(self, world):
        exchange = self.guarded(world, "record")

        assert exchange.reason == ""
        assert [finding.reason for finding in exchange.findings] == ["browser.secret_exposed"]

    def test_the_guard_may_look_away(self, world):
        exchange = self.guarded(world, "off")

        assert (exchange.reason, exchange.findings) == ("", ())

    @pytest.mark.parametrize("how", ["refuse", "record"])
    def test_a_server_passes_without_a_word(self, world, how):
        world.sandbox.put(Options(browser_guard=how))

        exchange = world.call()

        assert (exchange.reason, exchange.findings) == ("", ())

    def test_a_browser_endpoint_has_no_guard(self):
        assert World(operation(cors=CORS)).call(headers=[BROWSER]).reason == ""

    @pytest.mark.parametrize(
        ("headers", "reason"),
        [
            ([("x-secret", "s"), BROWSER], "browser.secret_exposed"),
            ([("x-secret", "s")], ""),
            ([("x-other", "s"), BROWSER], ""),
        ],
        ids=["secret-from-a-page", "secret-from-a-server", "page-without"],
    )
    def test_a_browser_sends_no_secret_to_a_browser_endpoint_either(self, headers, reason):
        world = World(operation(cors=CORS), vendor_changes={"server_headers": frozenset({"X-Secret"})})

        assert world.call(headers=headers).reason == reason


class TestBodies:
    def called(self, media_type, body, *bodies):
        world = World(operation(bodies=bodies or (Body("application/json", NamedBody()),)))
        call = Call("POST", "http://toy.test", "/greetings", headers=Headers([("Content-Type", media_type)]), body=body)
        return engine.answer(call, world.sandbox, engine.Route(world.vendor, world.operation))

    @pytest.mark.parametrize(
        "media_type", ["application/json", "APPLICATION/JSON", "application/json; charset=utf-8", " application/json ;"]
    )
    def test_a_media_type_counts_without_parameters_and_in_any_case(self, media_type):
        assert self.called(media_type, b'{"name":"Ada"}').reply.status == 200

    @pytest.mark.parametrize(
        ("body", "reason"), [(b"", "request.invalid"), (b" ", "request.media_type"), (b"{}", "request.media_type")]
    )
    def test_an_optional_body_that_is_not_there_is_an_empty_object(self, body, reason):
        world = World(operation(body_optional=True))
        call = Call("POST", "http://toy.test", "/greetings", body=body)

        exchange = engine.answer(call, world.sandbox, engine.Route(world.vendor, world.operation))

        assert exchange.reason == reason

    @pytest.mark.parametrize("media_type", ["", "text/plain", "application/problem+json", "application/jsonx", "*/*"])
    def test_another_media_type_is_refused(self, media_type):
        assert self.called(media_type, b'{"name":"Ada"}').reason == "request.media_type"

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"name=Ada", ""),
            (b"name=A%20d+a&unknown=1", ""),
            (b"name=", "request.invalid"),
            (b"", "request.invalid"),
            (b"name=Ada&name=Bob", "request.duplicate_parameter"),
            (b"name=Ada&x=&x=", "request.duplicate_parameter"),
            (b"&".join([b"a%d=1" % number for number in range(1001)]), "request.malformed"),
        ],
        ids=["one", "unknown", "empty", "nothing", "twice", "empty-twice", "too-many"],
    )
    def test_a_form_is_read_as_rfc_6749_has_it(self, body, reason):
        form = Body("application/x-www-form-urlencoded", NamedBody())

        assert self.called("application/x-www-form-urlencoded", body, form).reason == reason

    @pytest.mark.parametrize("listed", [True, False])
    def test_an_operation_lists_every_field_error_or_the_first(self, listed):
        seen = []
        errors = (FieldError(("a",), "required"), FieldError(("b", 0), "range"))

        class Strict:
            def read(self, _payload, _case):
                raise InvalidFieldsError(errors)

        def keep(refusal, case):
            seen.append(refusal.facts["errors"])
            return refuse(refusal, case)

        strict = operation(bodies=(Body("application/json", Strict()),), lists_every_field_error=listed)
        World(strict, vendor_changes={"refuse": keep}).call()

        assert seen == [errors if listed else errors[:1]]

    def test_a_vendor_may_give_a_field_error_a_reason_of_its_own(self):
        world = World(vendor_changes={"field_reasons": {"name.required": "credential.missing"}})

        assert world.call(b"{}").reason == "credential.missing"


class TestMisses:
    @pytest.mark.parametrize(("allowed", "reason"), [((), "route.not_found"), (("GET", "PUT"), "method.not_allowed")])
    def test_a_call_that_leads_nowhere_is_the_vendors_to_refuse(self, allowed, reason):
        world = World()

        exchange = engine.answer(
            Call("POST", "http://toy.test", "/nowhere"), world.sandbox, engine.Route(world.vendor, allowed=allowed)
        )

        assert (exchange.reason, exchange.reply.status, exchange.operation) == (reason, 400, "")
        assert exchange.checks[-1].wanted == list(allowed)


class TestBugs:
    """A bug of ours is not a vendor's answer: it becomes a plain 500 that names the emulator."""

    @pytest.fixture(autouse=True)
    def _silence(self, caplog):
        caplog.set_level(logging.CRITICAL + 1, logger="mockserver.engine")

    BUGGY = {  # noqa: RUF012
        "in run": World(operation(run=failing(BUG))),
        "in the caller": World(operation(caller=failing(BUG))),
        "in the response": World(operation(run=lambda _: Answer({"a": object()}))),
        "in the refusals": World(operation(caller=stranger), vendor_changes={"refuse": failing(BUG)}),
        "in the stamp": World(vendor_changes={"stamp": failing(BUG)}),
    }

    @pytest.fixture(params=BUGGY.values(), ids=BUGGY)
    def buggy(self, request):
        world = request.param
        return World(world.operation, Sandbox("buggy", Scenario()), world.vendor_changes)

    def test_a_bug_is_answered_by_the_emulator(self, buggy):
        reply = buggy.call().reply

        assert reply.status == 500
        assert dict(reply.headers)["Content-Type"] == "application/problem+json"
        assert jsontext.read(reply.body) == {
            "type": "about:blank",
            "title": "Internal Server Error",
            "status": 500,
            "detail": "A bug in mockserver.",
        }

    def test_a_bug_is_kept_on_the_sandbox(self, buggy):
        buggy.call()

        assert [type(error) for error in buggy.sandbox.failures] in ([ZeroDivisionError], [TypeError])

    def test_a_bug_is_in_the_journal(self, buggy):
        exchange = buggy.call()

        assert list(buggy.sandbox.journal) == [exchange]
        assert (exchange.reply.status, exchange.reason) == (500, "")

    def test_a_bug_says_nothing_of_itself_on_the_wire(self):
        assert b"a bug of ours" not in World(operation(run=failing(BUG))).call().reply.body


def test_a_bug_is_logged_with_its_trace(caplog):
    World(operation(run=failing(BUG))).call()

    [record] = caplog.records
    assert "POST /greetings failed" in record.getMessage()
    assert "ZeroDivisionError: a bug of ours" in record.getMessage()


class TestExchanges:
    def test_an_exchange_tells_where_and_when_it_happened(self):
        world = World()
        world.sandbox.clock.set(datetime(2030, 1, 1, tzinfo=UTC), frozen=True)

        exchange = world.call()

        assert (exchange.sandbox, exchange.vendor, exchange.operation) == ("world", "toy", "toy.greet")
        assert exchange.at == datetime(2030, 1, 1, tzinfo=UTC)

    def test_exchanges_are_numbered_and_in_the_journal(self):
        world = World()

        exchanges = [world.call(), world.call(b"{")]

        assert [exchange.id for exchange in exchanges] == ["world-1", "world-2"]
        assert list(world.sandbox.journal) == exchanges

    def test_the_checks_are_told_in_order_with_what_was_compared(self):
        exchange = World().call(b"{}")

        assert [(check.reason, check.passed) for check in exchange.checks] == [
            ("browser.secret_exposed", True),
            ("request.media_type", True),
            ("request.malformed", True),
            ("request.invalid", False),
        ]
        assert exchange.checks[-1].seen == ["/name: required"]


class TestPreflight:
    def preflight(self, cors):
        world = World(operation(cors=cors, caller=stranger))
        call = Call("OPTIONS", "http://toy.test", "/greetings", headers=Headers([BROWSER]))
        return engine.preflight(call, world.sandbox, engine.Route(world.vendor, world.operation))

    def test_it_is_answered_before_every_other_check(self):
        exchange = self.preflight(CORS)

        assert (exchange.reply.status, exchange.reply.body, exchange.reason) == (204, b"", "")
        assert exchange.preflight
        assert exchange.admission.allow_origin == "*"
        assert exchange.findings == ()

    def test_for_a_server_only_url_it_admits_nobody_and_leaves_a_finding(self):
        exchange = self.preflight(None)

        assert (exchange.reply.status, exchange.admission) == (204, None)
        assert [finding.reason for finding in exchange.findings] == ["browser.secret_exposed"]
        assert "http://page.test" in exchange.findings[0].hint

    def test_it_strikes_no_rule(self):
        world = World(operation(cors=CORS))
        planned = world.sandbox.rules.add(Rule(then=Then(refuse="rate.limited")))
        call = Call("OPTIONS", "http://toy.test", "/greetings", headers=Headers([BROWSER]))

        exchange = engine.preflight(call, world.sandbox, engine.Route(world.vendor, world.operation))

        assert (exchange.reply.status, planned.matches) == (204, 0)


@pytest.mark.parametrize(("on_errors", "allowed"), [(True, "*"), (False, None)])
def test_an_option_hides_errors_from_pages(on_errors, allowed):
    world = World(operation(cors=CORS))
    world.sandbox.put(Options(cors_on_errors=on_errors))

    answers = [world.call(), world.call(b"{")]

    assert [exchange.admission.allow_origin for exchange in answers] == ["*", allowed]


class _Watching:
    credential = None

    """A condition that notes when the rules are looked at."""

    def __init__(self, footprints: Footprints) -> None:
        self._footprints = footprints

    def mismatch(self, _case):
        self._footprints.steps.append("rules")
        return "never meant"
