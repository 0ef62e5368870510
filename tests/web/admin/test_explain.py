"""Explanations of what was never sent, outcomes that were met, and findings."""

from __future__ import annotations

import pytest

from mockserver.core.reasons import REASONS
from tests.web.admin.conftest import Admin

OPERATIONS = ["ingrid.mint_site_token", "ingrid.get_delivery_options"]


@pytest.fixture
def explain(admin):
    """What would be said: operation by operation, the reason or nothing."""

    def ask(**body):
        got = admin.post("/explain", body)
        assert got.status == 200
        for result in got.json["results"]:
            assert result["accepted"] is (result["reason"] == "")
            assert [check["passed"] for check in result["checks"]].count(False) == (not result["accepted"])
        return {result["operation"]: result["reason"] for result in got.json["results"]}

    return ask


class TestTokens:
    def test_every_operation_that_takes_tokens_says_what_it_would(self, explain, backend):
        service, site = backend.service_token(), backend.site_token()

        told = [explain(token=token) for token in (service, site)]
        assert [[each[name] for name in OPERATIONS] for each in told] == [
            ["", "token.wrong_kind"],
            ["token.wrong_kind", ""],
        ]

    def test_one_operation_can_be_asked(self, explain, backend):
        assert explain(token=backend.site_token(), operation=OPERATIONS[1]) == {OPERATIONS[1]: ""}

    @pytest.mark.parametrize("form", ["jwt", "opaque"])
    @pytest.mark.parametrize(("end", "reason"), [("expire", "token.expired"), ("revoke", "token.revoked")])
    def test_it_says_what_the_wire_would(self, admin, explain, backend, form, end, reason):
        admin.patch("/options/ingrid", {"token_format": form})
        token = backend.site_token()
        admin.post(f"/tokens/{end}")

        assert explain(token=token, operation=OPERATIONS[1])[OPERATIONS[1]] == backend.use(token).reason == reason

    @pytest.mark.parametrize("token", ["x", "null", "a b", "sit_" + "A" * 43, "eyJ.eyJ.x", "\n", "å", "x" * 65536])
    def test_any_text_is_explained_as_it_would_be_refused(self, explain, token):
        told = explain(token=token)

        # Any text may be a token of a payment provider's: of theirs it is only known that nobody issued it.
        shapeless = {told.pop(name) for name in list(told) if name.startswith("hyperswitch.")}
        assert shapeless == {"token.unknown"}
        assert set(told.values()) <= {"token.malformed", "token.missing"}

    def test_one_of_another_sandbox_is_explained_there_as_it_is_answered(self, team, explain):
        token = team.backend().site_token()

        assert explain(token=token, operation=OPERATIONS[1])[OPERATIONS[1]] == ""
        assert team.backend("/ingrid").use(token).status == 200

    def test_a_jwt_is_told_with_its_header_and_claims_and_no_signature(self, admin, backend):
        token = backend.site_token()

        got = admin.post("/explain", {"token": token})

        assert (got.json["header"]["alg"], got.json["claims"]["tokenUse"]) == ("ES256", "site")
        assert token.rpartition(".")[2] not in got.body.decode()

    def test_what_is_no_jwt_has_neither(self, admin):
        got = admin.post("/explain", {"token": "sit_x"}).json

        assert (got["header"], got["claims"]) == (None, None)


class TestAssertions:
    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({}, ""),
            ({"jti": "fresh"}, ""),
            ({"sub": "sa_nobody"}, "credential.unknown"),
            ({"sub": "sa_edit"}, "assertion.bad_signature"),
            ({"aud": "http://localhost/else"}, "assertion.wrong_audience"),
            ({"exp": 0}, "assertion.expired"),
            ({"nbf": 4102444800}, "assertion.not_yet_valid"),
            ({"iat": "now"}, "assertion.invalid_claim"),
        ],
        ids=str,
    )
    def test_it_says_what_the_wire_would(self, explain, backend, changes, reason):
        assertion = backend.assertion(**changes)

        assert explain(assertion=assertion) == {"ingrid.mint_service_token": reason}
        assert backend.present(assertion).reason == reason

    def test_a_refusal_is_told_with_meaning_hint_and_clause(self, admin, backend):
        assertion = backend.assertion(aud="http://localhost/ingrid/v1/auth/token/")

        (result,) = admin.post("/explain", {"assertion": assertion}).json["results"]

        assert result["meaning"] == REASONS["assertion.wrong_audience"].meaning
        assert result["hint"] == "only the slash at the end differs"
        assert result["checks"][-1] == {
            "check": "assertion.wrong_audience",
            "passed": False,
            "seen": "http://localhost/ingrid/v1/auth/token/",
            "wanted": ["http://localhost/ingrid/v1/auth/token"],
            "clause": "RFC 7523 section 3",
        }

    @pytest.mark.parametrize(
        ("seconds", "reason", "hint"),
        [
            (3600, "assertion.expired", "s ahead of the machine's"),
            (-3600, "assertion.not_yet_valid", "s behind the machine's"),
        ],
    )
    def test_a_moved_clock_is_told_with_how_far_it_is_off(self, admin, backend, sandbox, seconds, reason, hint):
        sandbox.clock.reset()
        assertion = backend.assertion()
        admin.post("/clock/advance", {"seconds": seconds})

        (result,) = admin.post("/explain", {"assertion": assertion}).json["results"]

        assert result["reason"] == reason
        assert f"; the sandbox clock is 3600 {hint}" in result["hint"]
        assert backend.present(assertion).reason == reason
        assert result["hint"].partition(";")[2] in admin.get("/journal/default-1").json["explanation"]["hint"]

    @pytest.mark.parametrize(
        ("prefix", "base"),
        [("", ""), ("", "/ingrid"), ("/~default", "/~default/ingrid")],
        ids=["root-address", "vendor-address", "sandbox-address"],
    )
    def test_one_for_any_of_the_sandboxes_addresses_is_accepted(self, admin, wire, prefix, base):
        assertion = admin.backend(base).assertion()

        (result,) = Admin(wire, prefix).post("/explain", {"assertion": assertion}).json["results"]

        assert (result["accepted"], result["reason"]) == (True, "")
        assert admin.backend(base).present(assertion).status == 200

    def test_one_that_was_sent_is_told_as_spent(self, explain, backend):
        assertion = backend.assertion(jti="once")
        before = explain(assertion=assertion)
        backend.present(assertion)

        assert (*before.values(), *explain(assertion=assertion).values()) == ("", "assertion.replayed")


class TestNothingChanges:
    def test_no_journal_no_rule_and_no_replay_guard_hears_of_it(self, admin, explain, backend):
        admin.post("/rules", {"then": {"refuse": "rate.limited"}, "when": {"nth": 1}})
        assertion = backend.assertion(jti="once")

        for _ in range(3):
            assert explain(assertion=assertion) == {"ingrid.mint_service_token": ""}
            explain(token="x")

        assert admin.get("/journal").json["items"] == []
        assert admin.get("/rules/rule-1").json["matches"] == 0
        assert admin.get("/tokens").json["items"] == []
        assert admin.get("/coverage").json["met"] == 0
        assert [backend.present(assertion).reason for _ in range(3)] == ["rate.limited", "", "assertion.replayed"]

    @pytest.mark.parametrize(
        ("body", "fields"),
        [
            ({}, ["token"]),
            ({"token": "x", "assertion": "y"}, ["token"]),
            ({"token": ""}, ["token"]),
            ({"token": "x" * 65537}, ["token"]),
            ({"token": 1}, ["token"]),
            ({"token": "x", "operation": "ingrid.mint_site_tokn"}, ["operation"]),
            ({"token": "x", "operation": "ingrid.mint_service_token"}, ["operation"]),
            ({"assertion": "x", "operation": "ingrid.mint_site_token"}, ["operation"]),
        ],
        ids=lambda value: str(value)[:60],
    )
    def test_what_cannot_be_explained_is_told_by_its_field(self, admin, wrong, body, fields):
        assert list(wrong(admin.post("/explain", body))) == fields


class TestCoverage:
    def test_a_new_sandbox_has_met_nothing(self, admin, emulator):
        coverage = admin.get("/coverage").json

        operations = [operation for vendor in emulator.vendors for operation in vendor.every_operation]
        assert coverage["met"] == 0
        assert coverage["of"] == sum(1 + len(operation.refusals) for operation in operations)
        assert [each["operation"] for each in coverage["operations"]] == [each.name for each in operations]

    def test_each_outcome_counts_once(self, admin, backend):
        token = backend.site_token()
        for sent in ("null", "null", token, token):
            backend.use(sent)

        coverage = admin.get("/coverage").json
        (delivery,) = [each for each in coverage["operations"] if each["operation"] == "ingrid.get_delivery_options"]

        assert coverage["met"] == 4
        assert (delivery["succeeded"], delivery["met"]) == (True, ["token.malformed"])
        assert "token.malformed" not in delivery["missing"]

    def test_explanations_cover_nothing_and_a_reset_forgets(self, admin, backend):
        backend.service()
        admin.post("/reset")

        assert admin.get("/coverage").json["met"] == 0


class TestFindings:
    def test_calls_that_were_answered_normally_are_told_by_what_is_odd(self, admin, backend):
        admin.patch("/options/ingrid", {"browser_guard": "record"})
        page = {"Origin": "http://page.test"}
        answers = [backend.present(backend.assertion(), headers=page) for _ in range(2)]

        (finding,) = admin.get("/findings").json["items"]

        assert {got.status for got in answers} == {200}
        assert finding["reason"] == "browser.secret_exposed"
        assert finding["meaning"] == REASONS["browser.secret_exposed"].meaning
        assert finding["exchanges"] == [got.exchange for got in answers]

    def test_a_plain_hand_off_has_none(self, admin, backend):
        backend.use(backend.site_token())

        assert admin.get("/findings").json == {"items": [], "next": None}
