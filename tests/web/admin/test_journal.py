"""The journal: what happened, told in parts, by filter, and with nothing secret whole."""

from __future__ import annotations

import json

import pytest

from mockserver.core.reasons import REASONS
from mockserver.core.rules import Rule, Then
from mockserver.vendors.ingrid import VENDOR as INGRID
from mockserver.vendors.ingrid.examples import grant, service_token, signed
from tests.support.stage import WireStage

PROBLEM_JSON = "application/problem+json"


@pytest.fixture
def stage(emulator, wire):
    return WireStage(INGRID, emulator.sandbox, wire)


@pytest.fixture
def entry(wire):
    """The journal's entry of an answer."""
    return lambda got: wire.get(f"/_mock/journal/{got.exchange}").json


class TestJournal:
    def test_a_new_one_is_empty(self, wire):
        assert wire.get("/_mock/journal").json == {"items": [], "next": None}

    def test_exchanges_are_listed_in_order(self, stage, wire):
        answers = [stage.got(grant("x")), wire.get("/ingrid/v1/auth/token")]

        items = wire.get("/_mock/journal").json["items"]

        assert [item["id"] for item in items] == [got.exchange for got in answers]
        assert items[0] == {
            "id": "default-1",
            "at": "2026-01-02T03:04:05.000000Z",
            "sandbox": "default",
            "vendor": "ingrid",
            "operation": "ingrid.mint_service_token",
            "method": "POST",
            "path": "/v1/auth/token",
            "status": 401,
            "reason": "assertion.malformed",
            "hint": "1 part instead of three",
            "outcome": "refused",
            "preflight": False,
            "played": False,
        }
        assert (items[1]["operation"], items[1]["reason"]) == ("", "method.not_allowed")

    def test_each_sandbox_has_its_own(self, wire):
        wire.get("/~team/ingrid/nowhere")

        assert [item["sandbox"] for item in wire.get("/~team/_mock/journal").json["items"]] == ["team"]
        assert wire.get("/_mock/journal").json["items"] == []

    def test_a_header_names_the_sandbox_as_well(self, wire):
        wire.get("/~team/ingrid/nowhere")

        got = wire.get("/_mock/journal", headers={"X-Mock-Sandbox": "team"})

        assert [item["sandbox"] for item in got.json["items"]] == ["team"]

    def test_an_entry_tells_the_whole_exchange(self, stage, entry):
        got = stage.got(grant(signed(stage)))

        found = entry(got)

        assert found["request"]["method"] == "POST"
        assert found["request"]["url"] == "http://localhost/ingrid/v1/auth/token"
        assert found["response"]["status"] == 200
        assert found["explanation"]["meaning"] == "answered normally"
        assert {check["passed"] for check in found["explanation"]["checks"]} == {True}
        assert found["rules"] == []

    def test_an_entry_explains_a_refusal_check_by_check(self, stage, entry):
        got = stage.got(grant(signed(stage, aud="http://localhost/else")))

        explanation = entry(got)["explanation"]

        assert explanation["meaning"] == REASONS["assertion.wrong_audience"].meaning
        assert explanation["checks"][-1] == {
            "check": "assertion.wrong_audience",
            "passed": False,
            "seen": "http://localhost/else",
            "wanted": ["http://localhost/ingrid/v1/auth/token"],
            "clause": "RFC 7523 section 3",
        }
        assert [check["passed"] for check in explanation["checks"][:-1]] == [True] * (len(explanation["checks"]) - 1)

    def test_an_entry_names_the_rules_that_struck(self, sandbox, stage, entry):
        sandbox.rules.add(Rule(then=Then(refuse="rate.limited")))

        found = entry(stage.got(grant("x")))

        assert found["rules"] == ["rule-1"]
        assert found["explanation"]["hint"] == "asked for by rule-1"

    def test_no_token_is_shown_with_its_signature(self, stage, wire):
        assertion = signed(stage)
        token = service_token(stage)
        asked = wire.get(
            f"/ingrid/nowhere/{token}",
            bearer=token,
            headers={"X-Debug": f"token={token}", "Cookie": f"a=b; token={token}"},
        )
        wire.get(f"/ingrid/nowhere?access_token={token}&other={token}")

        shown = [wire.get("/_mock/journal").body]
        shown += [wire.get(f"/_mock/journal/default-{number}").body for number in (1, 2, 3)]

        assert asked.exchange == "default-2"
        signatures = [text.rpartition(".")[2].encode() for text in (assertion, token)]
        assert [signature for signature in signatures for body in shown if signature in body] == []

    def test_an_entry_that_is_not_kept_is_a_problem(self, wire):
        got = wire.get("/_mock/journal/default-99")

        assert (got.status, got.headers["Content-Type"]) == (404, PROBLEM_JSON)
        assert got.json["detail"] == "No exchange 'default-99' is kept in sandbox 'default'."

    @pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"null", b'"\\ud800"', b"a=1&b=2", b"\x00" * 20_000])
    def test_any_body_can_be_shown(self, wire, entry, body):
        got = wire("POST", "/ingrid/nowhere", body=body)

        assert entry(got)["request"]["method"] == "POST"


class TestFilters:
    @pytest.fixture
    def played(self, wire, backend):
        """A hand-off, a refusal, a miss and a preflight."""
        token = backend.site_token()
        backend.use("null")
        wire.get("/ingrid/nowhere")
        wire(
            "OPTIONS",
            "/ingrid/v1/delivery/options",
            headers={"Origin": "http://page.test", "Access-Control-Request-Method": "POST"},
        )
        return token

    @pytest.mark.usefixtures("played")
    @pytest.mark.parametrize(
        ("query", "meant"),
        [
            ("", [1, 2, 3, 4, 5]),
            ("vendor=ingrid", [1, 2, 3, 4, 5]),
            ("vendor=surfboard", []),
            ("operation=ingrid.mint_site_token", [2]),
            ("operation=ingrid.mint_*", [1, 2]),
            ("outcome=ok&preflight=false", [1, 2]),
            ("outcome=refused", [3, 4]),
            ("outcome=failed", []),
            ("outcome=token.malformed", [3]),
            ("status=404", [4]),
            ("method=OPTIONS", [5]),
            ("path=/v1/sites/*", [2]),
            ("credential=sa_demo", [1, 2]),
            ("preflight=true", [5]),
            ("played=false", [1, 2, 3, 4, 5]),
            ("played=true", []),
            ("status=200&operation=ingrid.mint_site_token", [2]),
        ],
    )
    def test_those_that_are_meant_are_listed(self, admin, query, meant):
        got = admin.get(f"/journal?{query}")

        assert [item["id"] for item in got.json["items"]] == [f"default-{number}" for number in meant]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("vendor=ingird", "vendor"),
            ("operation=ingrid.mint_site_tokn", "operation"),
            ("operation=ingrd.*", "operation"),
            ("outcome=token.expird", "outcome"),
            ("status=ok", "status"),
            ("status=", "status"),
            ("preflight=yes", "preflight"),
            ("preflight=1", "preflight"),
            ("played=yes", "played"),
            ("limit=0", "limit"),
            ("limit=1001", "limit"),
            ("limit=1.5", "limit"),
            ("limit=x", "limit"),
            ("limit=-1", "limit"),
            ("limit=1_0", "limit"),
            ("limit=%2B5", "limit"),
            ("limit=%205%20", "limit"),
            ("limit=%D9%A3", "limit"),
            ("after=nobody", "after"),
            ("after=default-x", "after"),
        ],
    )
    def test_a_filter_that_makes_no_sense_is_a_problem(self, admin, wrong, query, field):
        assert wrong(admin.get(f"/journal?{query}")).keys() == {field}

    @pytest.mark.usefixtures("played")
    def test_what_the_emulator_plays_itself_is_told_as_such(self, admin):
        admin.post("/tokens", {"vendor": "ingrid"})

        items = admin.get("/journal").json["items"]

        assert [item["played"] for item in items] == [False] * 5 + [True] * 2
        assert admin.get("/journal?played=true").json["items"] == items[5:]


class TestParts:
    def test_a_list_is_told_in_parts(self, admin, wire):
        for _ in range(5):
            wire.get("/ingrid/nowhere")

        parts, marker = [], ""
        while marker is not None:
            part = admin.get(f"/journal?limit=2{marker and f'&after={marker}'}").json
            parts.append([item["id"] for item in part["items"]])
            marker = part["next"]

        assert parts == [["default-1", "default-2"], ["default-3", "default-4"], ["default-5"]]

    def test_a_part_that_ends_the_list_has_no_next(self, admin, wire):
        for _ in range(2):
            wire.get("/ingrid/nowhere")

        assert admin.get("/journal?limit=2").json["next"] is None

    def test_whoever_polls_gets_what_is_new(self, admin, wire):
        first = wire.get("/ingrid/nowhere")
        second = wire.get("/ingrid/nowhere")

        got = admin.get(f"/journal?after={first.exchange}")

        assert [item["id"] for item in got.json["items"]] == [second.exchange]
        assert admin.get(f"/journal?after={second.exchange}").json["items"] == []

    def test_a_marker_may_be_gone_from_the_journal(self, admin, wire):
        first = wire.get("/ingrid/nowhere")
        admin.delete("/journal")
        second = wire.get("/ingrid/nowhere")

        got = admin.get(f"/journal?after={first.exchange}")

        assert [item["id"] for item in got.json["items"]] == [second.exchange]

    def test_whoever_polls_over_a_reset_misses_nothing(self, admin, wire):
        for _ in range(3):
            last = wire.get("/ingrid/nowhere")
        admin.post("/reset")
        new = wire.get("/ingrid/nowhere")

        got = admin.get(f"/journal?after={last.exchange}")

        assert [item["id"] for item in got.json["items"]] == [new.exchange] == ["default-4"]

    def test_parts_and_filters_go_together(self, admin, wire):
        for path in ("/ingrid/a", "/ingrid/b", "/ingrid/a", "/ingrid/a"):
            wire.get(path)

        first = admin.get("/journal?path=/a&limit=2").json
        rest = admin.get(f"/journal?path=/a&limit=2&after={first['next']}").json

        assert [item["id"] for item in first["items"] + rest["items"]] == ["default-1", "default-3", "default-4"]


class TestClear:
    def test_what_was_forgotten_is_counted_and_gone(self, admin, wire):
        got = wire.get("/ingrid/nowhere")

        assert admin.delete("/journal").json == {"changed": 1}
        assert admin.get("/journal").json["items"] == []
        assert admin.get(f"/journal/{got.exchange}").status == 404

    def test_ids_go_on_and_coverage_stays(self, admin, wire, backend):
        backend.service()
        admin.delete("/journal")

        assert wire.get("/ingrid/nowhere").exchange == "default-2"
        assert admin.get("/coverage").json["met"] == 1


def _filled(value, token):
    """The same with the token in place of every `{}`."""
    if isinstance(value, dict):
        return {name: _filled(each, token) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, token) for each in value]
    return value.replace("{}", token)


class TestSecrets:
    """Of what was sent, nothing is whole anywhere but where credentials and tokens are handed out."""

    PATHS = (
        "/journal",
        "/tokens",
        "/rules",
        "/rules/rule-1",
        "/records",
        "/records/ingrid/service_accounts",
        "/keys",
        "/options",
        "/coverage",
        "/findings",
        "/sandboxes",
        "/docs",
        "/openapi.json",
    )

    @pytest.mark.parametrize("form", ["jwt", "opaque"])
    def test_no_secret_is_whole_in_any_answer(self, admin, backend, form):
        admin.patch("/options/ingrid", {"token_format": form})
        admin.post("/rules", {"when": {"path": "/else"}, "then": {"delay": 1}})
        assertion = backend.assertion(jti="once")
        service = backend.present(assertion).json["accessToken"]
        site = backend.site(service).json["accessToken"]
        for token in (site, service, site[:-2] + "xx"):
            backend.use(token)
        backend.present(assertion)

        shown = [admin.get(path).body.decode() for path in self.PATHS]
        shown += [admin.get(f"/journal/default-{number}").body.decode() for number in range(1, 7)]
        shown.append(admin.post("/verify", {"path": "/else"}).body.decode())
        shown.append(admin.post("/explain", {"token": site}).body.decode())
        shown.append(admin.post("/explain", {"assertion": assertion}).body.decode())

        secrets = [text.rpartition(".")[2] for text in (assertion, service, site)]
        secrets += [line for line in backend.private_key.splitlines() if "-----" not in line]
        assert [secret for secret in secrets for text in shown if secret in text] == []

    @pytest.mark.parametrize(
        ("path", "sent"),
        [
            ("/ingrid/nowhere/{}", {}),
            ("/ingrid/nowhere?other={}", {}),
            ("/ingrid/nowhere", {"headers": {"X-Debug": "{}"}}),
            ("/ingrid/nowhere", {"headers": {"X-Debug": "see {}!"}}),
            ("/ingrid/nowhere", {"json_body": {"other": "{}"}}),
            ("/ingrid/nowhere", {"json_body": ["{}"]}),
        ],
        ids=["path", "query", "header", "within-a-header", "body", "list"],
    )
    def test_an_opaque_token_is_whole_nowhere_wherever_it_was_sent(self, admin, wire, backend, path, sent):
        admin.patch("/options/ingrid", {"token_format": "opaque"})
        token = backend.service_token()

        got = wire("POST", path.format(token), **_filled(sent, token))

        shown = [admin.get(place).body.decode() for place in ("/journal", f"/journal/{got.exchange}")]
        assert [text for text in shown if token in text] == []

    @pytest.mark.parametrize("form", ["jwt", "opaque"])
    def test_no_difference_shows_a_token_whole(self, admin, wire, backend, form):
        admin.patch("/options/ingrid", {"token_format": form})
        admin.post("/rules", {"when": {"path": "/else"}, "then": {"delay": 1}})
        token = backend.service_token()
        wire.get(f"/ingrid/nowhere/{token}")

        shown = [admin.get("/rules/rule-1").body.decode(), admin.post("/verify", {"path": "/else"}).body.decode()]

        assert [token.rpartition(".")[2] in text for text in shown] == [False, False]
        assert [text.count("/nowhere/") for text in shown] == [1, 1]

    def test_a_private_key_in_a_record_is_shown_by_its_fingerprint(self, admin, backend):
        (demo, *_) = admin.get("/records/ingrid/service_accounts").json["items"]

        assert demo["id"] == backend.account
        assert demo["keys"][0]["private_key"].startswith("<secret ")
        assert demo["keys"][0]["public_key"].startswith("-----BEGIN PUBLIC KEY-----")

    def test_what_a_write_answers_hides_them_too(self, admin, backend):
        keys = [{"private_key": backend.private_key}]

        got = admin.put("/records/ingrid/service_accounts/sa_new", {"keys": keys})

        assert got.status == 200
        assert json.dumps(backend.private_key)[50:90] not in got.body.decode()
