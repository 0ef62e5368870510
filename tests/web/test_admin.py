"""The emulator's own API: health, version, documents, the journal, and who may ask."""

from __future__ import annotations

import pytest

from mockserver import Emulator, Settings, __version__
from mockserver.core.reasons import REASONS
from mockserver.core.rules import Rule, Then
from mockserver.vendors.ingrid import VENDOR as INGRID
from mockserver.vendors.ingrid.examples import grant, service_token, signed
from tests.support.stage import WireStage
from tests.support.wire import Wire

PROBLEM_JSON = "application/problem+json"


@pytest.fixture
def stage(emulator, wire):
    return WireStage(INGRID, emulator.sandbox, wire)


@pytest.fixture
def entry(wire):
    """The journal's entry of an answer."""
    return lambda got: wire.get(f"/_mock/journal/{got.exchange}").json


class TestHealth:
    @pytest.mark.parametrize("probe", ["live", "ready"])
    @pytest.mark.parametrize("prefix", ["", "/~team"])
    def test_a_probe_is_answered(self, wire, probe, prefix):
        got = wire.get(f"{prefix}/_mock/health/{probe}")

        assert (got.status, got.json) == (200, {"status": "ok"})

    def test_the_version_is_the_packages(self, wire):
        assert wire.get("/_mock/version").json == {"name": "mockserver", "version": __version__}

    def test_asking_changes_nothing(self, sandbox, wire):
        wire.get("/_mock/health/live")

        assert len(sandbox.journal) == 0


class TestOpenapi:
    def test_the_document_names_the_server_as_called(self, wire):
        got = wire.get("/_mock/openapi.json", base_url="http://localhost:8080")

        assert got.json["openapi"] == "3.1.0"
        assert got.json["servers"] == [{"url": "http://localhost:8080"}]

    def test_below_a_sandbox_it_names_the_sandbox(self, wire):
        got = wire.get("/~team/_mock/openapi.json", base_url="http://localhost:8080")

        assert got.json["servers"] == [{"url": "http://localhost:8080/~team"}]

    def test_every_operation_is_in_it(self, emulator, wire):
        paths = wire.get("/_mock/openapi.json").json["paths"]

        operations = [operation for vendor in emulator.vendors for operation in vendor.operations]
        missing = [each.name for each in operations if each.method.lower() not in paths[each.path.replace("*}", "}")]]
        assert missing == []


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
            "outcome": "refused",
            "preflight": False,
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


class TestMisses:
    @pytest.mark.parametrize("path", ["/_mock", "/_mock/", "/_mock/nothing", "/_mock/version/", "/~team/_mock/nothing"])
    def test_an_unknown_path_is_a_problem(self, wire, path):
        got = wire.get(path)

        assert (got.status, got.headers["Content-Type"]) == (404, PROBLEM_JSON)
        assert got.json["detail"] == f"The emulator has no {path}."

    @pytest.mark.parametrize("prefix", ["", "/~team"])
    def test_a_wrong_method_is_a_problem_that_names_the_right_ones(self, wire, prefix):
        got = wire("DELETE", f"{prefix}/_mock/version")

        assert (got.status, got.headers["Content-Type"]) == (405, PROBLEM_JSON)
        assert got.headers["Allow"] == "GET, HEAD"
        assert got.json["detail"] == f"{prefix}/_mock/version does not take DELETE."

    def test_a_vendor_has_no_admin_paths(self, wire):
        assert wire.get("/ingrid/_mock/version").reason == "route.not_found"


class TestHost:
    """Pages reach a server on loopback by a name of their own (DNS rebinding); the Host header tells."""

    LOCAL = (
        "localhost",
        "localhost:8080",
        "LOCALHOST:8080",
        "team.localhost",
        "team.localhost:8080",
        "127.0.0.1",
        "127.0.0.1:8080",
        "127.1.2.3:1",
        "[::1]",
        "[::1]:8080",
    )
    FOREIGN = (
        "evil.test",
        "evil.test:8080",
        "localhost.evil.test",
        "evil-localhost",
        "127.0.0.1.evil.test",
        "127.0.0.1evil.test",
        "evil.test#.localhost",
        "evil.test/.localhost",
        "localhost:8080.evil.test",
        "localhost@evil.test",
        "192.168.1.10",
        "10.0.0.1:8080",
        "[::2]",
        "[fe80::1]:8080",
        "0.0.0.0:8080",
        "mock:8080",
        "localhost:",
        "",
    )

    @pytest.fixture
    def asked(self, emulator):
        """The admin API, asked under a Host."""
        return lambda host: emulator.app.test_client().get("/_mock/version", headers={"Host": host})

    @pytest.mark.parametrize("host", LOCAL)
    def test_this_machines_names_are_answered(self, asked, host):
        assert asked(host).status_code == 200

    @pytest.mark.parametrize("host", FOREIGN)
    def test_a_foreign_name_is_refused_on_loopback(self, asked, host):
        answer = asked(host)

        assert (answer.status_code, answer.content_type) == (403, PROBLEM_JSON)
        assert "localhost only" in answer.get_json(force=True)["detail"]

    @pytest.mark.parametrize("path", ["/_mock/journal", "/_mock/openapi.json", "/~team/_mock/journal", "/_mock/none"])
    def test_every_path_is_guarded(self, emulator, path):
        answer = emulator.app.test_client().get(path, headers={"Host": "evil.test"})

        assert answer.status_code == 403

    def test_a_refused_caller_makes_no_sandbox(self, emulator):
        emulator.app.test_client().get("/~team/_mock/version", headers={"Host": "evil.test"})

        assert [sandbox.name for sandbox in emulator.sandboxes] == ["default"]

    @pytest.mark.parametrize("host", ["mock:8080", "192.168.1.10", "evil.test"])
    def test_a_server_bound_wider_answers_to_any_name(self, contract, host):
        wire = Wire(Emulator(Settings(host="0.0.0.0")).app, contract)

        assert wire.get("/_mock/version", base_url=f"http://{host}").status == 200

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
    def test_any_address_of_loopback_is_guarded(self, contract, host):
        wire = Wire(Emulator(Settings(host=host)).app, contract)

        assert wire.get("/_mock/version", base_url="http://evil.test").status == 403

    def test_emulated_paths_answer_to_any_name(self, wire):
        assert wire.get("/ingrid/nowhere", base_url="http://mock:8080").reason == "route.not_found"


class TestNotes:
    def test_without_annotations_an_answer_carries_the_vendors_headers_only(self, contract):
        emulator = Emulator(Settings(annotate=False, seed="tests"))
        emulator.sandbox.rules.add(Rule(then=Then(refuse="rate.limited")))

        got = Wire(emulator.app, contract).get("/ingrid/nowhere")

        assert got.status == 429
        assert [name for name in got.headers.keys() if name.startswith("X-Mock")] == []  # noqa: SIM118

    def test_with_them_it_tells_exchange_reason_and_rules(self, sandbox, wire):
        sandbox.rules.add(Rule(then=Then(refuse="rate.limited")))

        headers = wire.get("/ingrid/nowhere").headers

        assert headers["X-Mock-Exchange"] == "default-1"
        assert headers["X-Mock-Reason"] == "rate.limited"
        assert headers["X-Mock-Injected"] == "rule-1"
