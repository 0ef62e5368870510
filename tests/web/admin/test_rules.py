"""Rules over the admin API: every condition, every effect, on the wire; and why a call was left alone."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import jwt
import pytest

from mockserver.core.calls import Delivery, Fault
from tests.support.wire import Wire

REFUSE = {"refuse": "rate.limited"}
DELIVER = "mockserver.deliver"


@pytest.fixture
def rule(admin):
    """Put a rule in force, and tell its id."""

    def add(then=REFUSE, when=None, **counts):
        got = admin.post("/rules", {"then": then, **({"when": when} if when else {}), **counts})
        assert got.status == 201
        return got.json["id"]

    return add


@pytest.fixture
def handoff(wire, backend):
    """The reasons of a whole hand-off, a miss at its end."""

    def play():
        service = backend.service()
        site = backend.site(service.json.get("accessToken", "null"))
        use = backend.use(site.json.get("accessToken", "null"))
        return [got.reason for got in (service, site, use, wire.get("/ingrid/nowhere"))]

    return play


@pytest.fixture
def delivered(emulator, contract):
    """Call as our own server does: how the answer travels is told to it."""

    class Served(Wire):
        def __init__(self):
            super().__init__(emulator.app, contract)
            self.deliveries = []
            opened = self._client.open
            self._client.open = lambda *parts, environ_overrides, **keywords: opened(
                *parts, environ_overrides={**environ_overrides, DELIVER: self.deliveries.append}, **keywords
            )

    return Served()


class TestWhen:
    @pytest.mark.parametrize(
        ("when", "struck"),
        [
            ({}, "xxxx"),
            ({"vendor": "ingrid"}, "xxxx"),
            ({"vendor": "*"}, "xxxx"),
            ({"vendor": "surfboard"}, "---m"),
            ({"operation": "ingrid.mint_service_token"}, "xttm"),
            ({"operation": "ingrid.mint_site_token"}, "-xtm"),
            ({"operation": "ingrid.get_*"}, "--xm"),
            ({"operation": "*"}, "xxxx"),
            ({"credential": "sa_demo"}, "xttm"),
            ({"credential": "sa_*"}, "xttm"),
            ({"credential": "sa_edit"}, "---m"),
            ({"token": "service"}, "-xtm"),
            ({"token": "site"}, "--xm"),
            ({"token": "*"}, "-xtm"),
            ({"path": "/nowhere"}, "---x"),
            ({"path": "/v1/sites/*"}, "-xtm"),
            ({"path": "/V1/SITES/*"}, "---m"),
            ({"header": {"Content-Type": "application/json"}}, "xxxm"),
            ({"header": {"content-TYPE": "application/json"}}, "xxxm"),
            ({"header": {"Content-Type": "text/plain"}}, "---m"),
            ({"transport": "http"}, "xxxx"),
            ({"transport": "grpc"}, "---m"),
            ({"vendor": "ingrid", "path": "/nowhere", "operation": "ingrid.*"}, "---m"),
        ],
        ids=str,
    )
    def test_calls_that_agree_in_everything_given_are_struck(self, rule, handoff, when, struck):
        """x: struck, -: answered, t: a token is lacking, since the hop before was struck, m: a miss."""
        rule(when=when)

        marks = {"x": "rate.limited", "-": "", "t": "token.malformed", "m": "route.not_found"}
        assert handoff() == [marks[mark] for mark in struck]

    @pytest.mark.parametrize(
        ("when", "field", "detail"),
        [
            ({"vendor": "ingird"}, "when.vendor", "unknown name; did you mean 'ingrid'?"),
            (
                {"operation": "ingrid.mint_site_tokn"},
                "when.operation",
                "unknown name; did you mean 'ingrid.mint_site_token'?",
            ),
            ({"transport": "smtp"}, "when.transport", "Must be one of: http, grpc."),
            ({"nth": 0}, "when.nth", "Must be greater than or equal to 1."),
            ({"nth": True}, "when.nth", "Not a valid integer."),
            ({"nth": "1"}, "when.nth", "Not a valid integer."),
            ({"path": 1}, "when.path", "Not a valid string."),
            ({"header": {"X": "a\r\nb"}}, "when.header.X", "no value of a header field"),
            ({"header": {"a b": "X"}}, "when.header.a b", "no name of a header field"),
        ],
        ids=str,
    )
    def test_what_no_call_can_be_is_told_by_its_field(self, admin, wrong, when, field, detail):
        assert wrong(admin.post("/rules", {"when": when, "then": REFUSE})) == {field: detail}
        assert all(each["from_scenario"] for each in admin.get("/rules").json["items"])


class TestHowOften:
    @pytest.mark.parametrize(
        ("counts", "when", "struck", "matches"),
        [
            ({}, {}, "xxxxx", 5),
            ({"times": 2}, {}, "xx---", 5),
            ({"after": 2}, {}, "--xxx", 5),
            ({"after": 1, "times": 2}, {}, "-xx--", 5),
            ({}, {"nth": 3}, "--x--", 5),
            ({"probability": 0}, {}, "-----", 5),
            ({"probability": 1}, {}, "xxxxx", 5),
        ],
        ids=str,
    )
    def test_a_rule_strikes_so_often_and_counts(self, admin, wire, rule, counts, when, struck, matches):
        name = rule(when={"vendor": "ingrid", **when}, **counts)

        reasons = [wire.get("/ingrid/nowhere").reason for _ in range(5)]

        assert reasons == ["rate.limited" if mark == "x" else "route.not_found" for mark in struck]
        found = admin.get(f"/rules/{name}").json
        assert (found["matches"], found["strikes"]) == (matches, struck.count("x"))

    def test_it_may_count_for_every_credential_at_each_operation(self, admin, rule, backend):
        rule({"refuse": "token.expired"}, {"token": "*"}, times=1, per_credential=True)
        first, other = backend.site_token, admin.backend()
        service = backend.service_token()

        sites = [backend.site(service).reason for _ in range(2)]
        token = backend.site(service).json["accessToken"]
        uses = [backend.use(token).reason for _ in range(2)]

        assert (sites, uses) == (["token.expired", ""], ["token.expired", ""])
        assert first().count(".") == other.site_token().count(".") == 2

    @pytest.mark.parametrize(
        ("counts", "fields"),
        [
            ({"times": 0}, ["times"]),
            ({"times": "1"}, ["times"]),
            ({"times": 1.0}, ["times"]),
            ({"after": -1}, ["after"]),
            ({"probability": 1.1}, ["probability"]),
            ({"probability": -0.1}, ["probability"]),
            ({"probability": "1"}, ["probability"]),
            ({"probability": True}, ["probability"]),
            ({"probability": None}, ["probability"]),
            ({"per_credential": 1}, ["per_credential"]),
        ],
        ids=str,
    )
    def test_a_count_that_makes_no_sense_is_told(self, admin, wrong, counts, fields):
        assert list(wrong(admin.post("/rules", {"then": REFUSE, **counts}))) == fields


class TestThen:
    def test_it_refuses_in_the_vendors_own_words(self, rule, backend):
        name = rule({"refuse": "token.expired"})

        got = backend.service()

        assert got.outcome == (401, "token.expired")
        assert got.headers["Content-Type"] == "application/problem+json"
        assert got.headers["X-Mock-Injected"] == name

    @pytest.mark.parametrize(
        ("body", "sent", "media_type"),
        [
            ("down\n", b"down\n", None),
            ({"a": [1, None]}, b'{"a":[1,null]}', "application/json"),
            ([], b"[]", "application/json"),
            (0, b"0", "application/json"),
            (None, b"", None),
            ("", b"", None),
            ("å", "å".encode(), None),
        ],
        ids=repr,
    )
    def test_it_answers_verbatim(self, rule, backend, body, sent, media_type):
        name = rule({"answer": {"status": 418, "headers": {"X-Mine": "yes"}, "body": body}})

        got = backend.service()

        assert (got.status, got.body, got.headers["X-Mine"], got.headers.get("Content-Type")) == (
            418,
            sent,
            "yes",
            media_type,
        )
        assert got.headers["X-Mock-Injected"] == name

    def test_a_content_type_that_was_given_stays(self, rule, backend):
        rule({"answer": {"status": 200, "headers": {"content-type": "text/html"}, "body": {}}})

        assert backend.service().headers["Content-Type"] == "text/html"

    def test_it_garbles_the_body(self, rule, backend):
        rule({"garble": True})

        got = backend.service()

        assert got.status == 200
        assert got.body.endswith(b"\x00<garbled>")

    @pytest.mark.parametrize(
        ("then", "delivery"),
        [
            ({"delay": 1.5}, Delivery(delay=timedelta(seconds=1.5))),
            ({"drop": "before"}, Delivery(fault=Fault.DROP_BEFORE)),
            ({"drop": "midway"}, Delivery(fault=Fault.DROP_MIDWAY)),
            ({"truncate": True}, Delivery(fault=Fault.TRUNCATE)),
            ({"delay": 2, "drop": "before"}, Delivery(delay=timedelta(seconds=2), fault=Fault.DROP_BEFORE)),
        ],
        ids=str,
    )
    def test_it_changes_how_the_answer_travels(self, rule, delivered, then, delivery):
        rule(then)

        delivered.get("/ingrid/nowhere")

        assert delivered.deliveries == [delivery]

    def test_it_holds_answers_until_all_callers_wait(self, rule, admin, emulator, contract):
        rule({"hold": {"callers": 3, "timeout": 60}}, {"path": "/nowhere"})
        start, statuses = Barrier(3), []

        def call():
            start.wait()
            statuses.append(Wire(emulator.app, contract).get("/ingrid/nowhere").status)

        threads = [Thread(target=call) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert statuses == [404, 404, 404]
        assert len(admin.get("/journal").json["items"]) == 3

    def test_the_hold_of_one_rule_is_one_gate(self, rule, delivered):
        rule({"hold": {"callers": 2}})

        for _ in range(2):
            delivered.get("/ingrid/nowhere")

        first, second = delivered.deliveries
        assert first.gate is second.gate is not None
        assert first.patience == timedelta(seconds=2)

    @pytest.mark.parametrize(
        ("mint", "iat", "exp", "reason"),
        [
            ({"lifetime": 1}, 0, 1, ""),
            ({"lifetime": 0}, 0, 0, "token.expired"),
            ({"backdate": 299}, -299, 1, ""),
            ({"backdate": 300}, -300, 0, "token.expired"),
            ({"backdate": -60}, 60, 360, ""),
            ({"lifetime": 60, "backdate": 30}, -30, 30, ""),
        ],
        ids=str,
    )
    def test_it_changes_the_ages_of_tokens(self, rule, backend, sandbox, mint, iat, exp, reason):
        service, now = backend.service_token(), int(sandbox.clock.now().timestamp())
        rule({"mint": mint})

        token = backend.site(service).json["accessToken"]

        claims = jwt.decode(token, options={"verify_signature": False})
        assert (claims["iat"] - now, claims["exp"] - now) == (iat, exp)
        assert backend.use(token).reason == reason

    def test_it_changes_claims(self, rule, backend):
        rule({"mint": {"claims": {"siteId": "site_else", "extra": [1], "sub": None}}})

        claims = jwt.decode(backend.service_token(), options={"verify_signature": False})

        assert (claims["siteId"], claims["extra"], claims["sub"], claims["tokenUse"]) == (
            "site_else",
            [1],
            None,
            "service",
        )

    @pytest.mark.parametrize(("form", "reason"), [("jwt", "token.bad_signature"), ("opaque", "token.unknown")])
    def test_it_breaks_signatures(self, admin, rule, backend, form, reason):
        admin.patch("/options/ingrid", {"token_format": form})
        service = backend.service_token()
        rule({"mint": {"signature": "broken"}})

        token = backend.site(service).json["accessToken"]

        assert backend.use(token).outcome == (401, reason)

    @pytest.mark.parametrize(
        ("then", "field"),
        [
            ({}, "then"),
            ({"delay": 0}, "then"),
            ({"garble": False}, "then"),
            ({"truncate": False, "delay": 0}, "then"),
            ({"refuse": "rate.limitd"}, "then.refuse"),
            ({"refuse": None}, "then.refuse"),
            ({"refuse": "rate.limited", "answer": {"status": 200}}, "then.answer"),
            ({"drop": "before", "truncate": True}, "then.truncate"),
            ({"drop": "after"}, "then.drop"),
            ({"truncate": 1}, "then.truncate"),
            ({"garble": "yes"}, "then.garble"),
            ({"delay": -1}, "then.delay"),
            ({"delay": 3601}, "then.delay"),
            ({"delay": True}, "then.delay"),
            ({"delay": "1"}, "then.delay"),
            ({"answer": {}}, "then.answer.status"),
            ({"answer": {"status": 199}}, "then.answer.status"),
            ({"answer": {"status": 600}}, "then.answer.status"),
            ({"answer": {"status": "200"}}, "then.answer.status"),
            ({"answer": {"status": 200, "headers": {"X": 1}}}, "then.answer.headers.X"),
            ({"answer": {"status": 200, "headers": {"X": "a\nb"}}}, "then.answer.headers.X"),
            ({"answer": {"status": 200, "headers": {"a\nb": "X"}}}, "then.answer.headers.a\nb"),
            ({"mint": {"lifetime": -1}}, "then.mint.lifetime"),
            ({"mint": {"lifetime": 1e12}}, "then.mint.lifetime"),
            ({"mint": {"signature": "good"}}, "then.mint.signature"),
            ({"mint": {"claims": []}}, "then.mint.claims"),
            ({"hold": {}}, "then.hold.callers"),
            ({"hold": {"callers": 0}}, "then.hold.callers"),
            ({"hold": {"callers": 2, "timeout": 3601}}, "then.hold.timeout"),
        ],
        ids=str,
    )
    def test_what_cannot_happen_is_told_by_its_field(self, admin, wrong, then, field):
        assert field in wrong(admin.post("/rules", {"then": then}))
        assert all(each["from_scenario"] for each in admin.get("/rules").json["items"])

    @pytest.mark.parametrize(
        ("headers", "field", "detail"),
        [
            ({"X": "\N{SNOWMAN}"}, "X", "no value of a header field"),
            ({"X": "a\x00b"}, "X", "no value of a header field"),
            ({"X": "a\r\nb"}, "X", "no value of a header field"),
            ({"": "x"}, "", "no name of a header field"),
            ({"a:b": "x"}, "a:b", "no name of a header field"),
            ({"å": "x"}, "å", "no name of a header field"),
            ({"Content-Length": "1"}, "Content-Length", "is the wire's business"),
            ({"transfer-encoding": "chunked"}, "transfer-encoding", "is the wire's business"),
            ({"CONNECTION": "close"}, "CONNECTION", "is the wire's business"),
        ],
        ids=str,
    )
    def test_a_header_that_cannot_be_sent_is_told(self, admin, headers, field, detail):
        got = admin.post("/rules", {"then": {"answer": {"status": 200, "headers": headers}}})

        assert got.status == 422
        assert [(each["field"], each["detail"]) for each in got.json["errors"]] == [
            (f"then.answer.headers.{field}", detail)
        ]

    @pytest.mark.parametrize("value", ["", "a\tb", "å", "~!"])
    def test_a_header_that_can_be_sent_is_taken(self, rule, backend, value):
        rule({"answer": {"status": 200, "headers": {"X-Mine": value}}})

        assert backend.service().headers["X-Mine"] == value

    def test_an_error_within_is_told_alone(self, admin, wrong):
        assert list(wrong(admin.post("/rules", {"then": {"delay": -1}}))) == ["then.delay"]

    def test_a_reason_is_told_with_the_nearest_one(self, admin, wrong):
        assert wrong(admin.post("/rules", {"then": {"refuse": "rate.limitd"}})) == {
            "then.refuse": "no reason is called 'rate.limitd'; did you mean 'rate.limited'?"
        }


class TestRecent:
    """What a rule tells of the calls it left alone."""

    @pytest.mark.parametrize(
        ("when", "counts", "why"),
        [
            ({"operation": "ingrid.mint_site_token"}, {}, "operation is '', not 'ingrid.mint_site_token'"),
            ({"path": "/else"}, {}, "path is '/nowhere', not '/else'"),
            ({"transport": "grpc"}, {}, "transport is 'http', not 'grpc'"),
            ({"credential": "sa_demo"}, {}, "credential is not 'sa_demo'"),
            ({"token": "site"}, {}, "token is '', not 'site'"),
            ({"header": {"X-Team": "blue"}}, {}, "header X-Team is not 'blue'"),
            ({}, {"after": 1}, "match 1 of the first 1, which it leaves alone"),
            ({"nth": 2}, {}, "match 1, not 2"),
            ({}, {"probability": 0}, "chance spared it, at probability 0.0"),
            ({}, {}, "it struck"),
        ],
        ids=str,
    )
    def test_it_tells_why(self, admin, wire, rule, when, counts, why):
        name = rule(when=when or None, **counts)

        got = wire.get("/ingrid/nowhere")

        (recent,) = admin.get(f"/rules/{name}").json["recent"]
        assert recent == {"exchange": got.exchange, "struck": why == "it struck", "why": why}

    def test_the_latest_come_first_and_each_has_its_own_reason(self, admin, wire, rule):
        wire.get("/ingrid/nowhere")
        name = rule(times=1)
        for _ in range(2):
            wire.get("/ingrid/nowhere")

        recent = admin.get(f"/rules/{name}").json["recent"]

        assert [(each["exchange"], each["why"]) for each in recent] == [
            ("default-3", "it has struck 1 of 1"),
            ("default-2", "it struck"),
            ("default-1", "it came before the rule, or another rule had decided its answer"),
        ]

    def test_calls_that_met_no_rule_are_told_so(self, admin, wire, rule):
        name = rule()
        page = {"Origin": "http://page.test"}
        wire.post("/ingrid/v1/auth/token", {}, headers=page)
        wire("OPTIONS", "/ingrid/v1/auth/token", headers={**page, "Access-Control-Request-Method": "POST"})

        recent = admin.get(f"/rules/{name}").json["recent"]

        assert [each["why"] for each in recent] == [
            "a preflight is answered before any rule",
            "the browser guard had refused it before any rule",
        ]

    def test_a_rules_refusal_is_not_told_as_the_browser_guards(self, admin, wire, rule):
        rule({"refuse": "browser.secret_exposed"})
        second = rule({"garble": True}, {"path": "/else"})
        wire.get("/ingrid/nowhere")

        (recent,) = admin.get(f"/rules/{second}").json["recent"]

        assert recent["why"] == "path is '/nowhere', not '/else'"

    def test_no_more_than_twenty_are_told(self, admin, wire, rule):
        name = rule()
        for _ in range(25):
            wire.get("/ingrid/nowhere")

        recent = admin.get(f"/rules/{name}").json["recent"]

        assert [each["exchange"] for each in recent] == [f"default-{number}" for number in range(25, 5, -1)]


class TestBook:
    @pytest.mark.parametrize(
        "written",
        [
            {"when": {}, "then": {"refuse": "token.expired"}},
            {"when": {"vendor": "ingrid", "nth": 2}, "then": {"delay": 1.5}, "times": 3, "after": 1},
            {"when": {"header": {"X": "y"}, "transport": "grpc"}, "then": {"drop": "midway", "garble": True}},
            {"when": {"operation": "ingrid.*", "path": "/v1/*", "token": "site"}, "then": {"truncate": True}},
            {
                "when": {"credential": "sa_*"},
                "then": {"mint": {"lifetime": 60, "backdate": -1, "signature": "broken", "claims": {"a": {"b": None}}}},
                "probability": 0.25,
                "per_credential": True,
            },
            {"when": {}, "then": {"hold": {"callers": 5, "timeout": 2.5}}},
            {"when": {}, "then": {"answer": {"status": 503, "headers": {"Retry-After": "1"}, "body": "no"}}},
        ],
        ids=str,
    )
    def test_a_rule_is_read_back_as_it_was_written(self, admin, written):
        added = admin.post("/rules", written).json

        book = {"id": "rule-1", "matches": 0, "strikes": 0, "from_scenario": False}
        assert added == {**written, **book}
        assert admin.get("/rules").json["items"][0] == added
        assert admin.get("/rules/rule-1").json == {**added, "recent": []}

    def test_what_the_scenario_has_can_be_written_anew(self, admin):
        for each in admin.get("/rules").json["items"]:
            rule = {name: each[name] for name in each if name not in ("id", "matches", "strikes", "from_scenario")}

            added = admin.post("/rules", rule)

            assert {name: added.json[name] for name in rule} == rule

    def test_one_is_taken_out(self, admin, rule, wire):
        first, second = rule(), rule({"refuse": "token.expired"})

        assert admin.delete(f"/rules/{first}").json["id"] == first

        assert wire.get("/ingrid/nowhere").reason == "token.expired"
        assert admin.delete(f"/rules/{first}").status == 404
        assert admin.get("/rules").json["items"][0]["id"] == second

    def test_all_that_were_added_are_taken_out_and_the_scenarios_stay(self, admin, rule):
        before = admin.get("/rules").json["items"]
        rule()
        rule()

        assert admin.delete("/rules").json == {"changed": 2}
        assert admin.get("/rules").json["items"] == before

    def test_a_rule_of_the_scenario_can_be_taken_out_by_itself(self, admin):
        assert admin.delete("/rules/scenario-1").status == 200
        assert admin.get("/rules").json["items"][0]["id"] == "scenario-2"

    def test_each_sandbox_has_its_own(self, team, rule):
        rule()

        assert team.backend().service().status == 200
