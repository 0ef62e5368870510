"""Tokens over the admin API: listed, issued, expired, revoked, aged; and what the wire says then."""

from __future__ import annotations

import jwt
import pytest

from mockserver.core.tokens import Token


@pytest.fixture
def issue(admin):
    """Issue a token, and tell its text."""
    return lambda kind="site": admin.post("/tokens", {"vendor": "ingrid", "kind": kind}).json["token"]


@pytest.fixture
def items(admin):
    """The tokens that a query lists."""
    return lambda query="": admin.get(f"/tokens?{query}").json["items"]


class TestIssue:
    @pytest.mark.parametrize(
        ("kind", "given"), [("service", {"kind": "service"}), ("site", {"kind": "site"}), ("site", {})]
    )
    def test_a_token_of_each_kind_can_be_had_at_once(self, admin, kind, given):
        got = admin.post("/tokens", {"vendor": "ingrid", **given})

        assert got.status == 201
        assert (got.json["vendor"], got.json["kind"]) == ("ingrid", kind)
        assert jwt.decode(got.json["token"], options={"verify_signature": False})["tokenUse"] == kind

    def test_it_is_taken_where_it_belongs(self, issue, backend):
        assert backend.use(issue("site")).status == 200
        assert backend.site(issue("service")).status == 200

    def test_in_a_sandbox_it_is_of_that_sandbox(self, admin, team):
        token = team.post("/tokens", {"vendor": "ingrid"}).json["token"]

        assert team.backend("/ingrid").use(token).exchange.startswith("team-")
        assert admin.backend("/~default/ingrid").use(token).status == 401

    def test_the_rules_of_the_sandbox_are_at_work(self, admin):
        admin.post("/rules", {"then": {"mint": {"claims": {"note": "mine"}}}})

        token = admin.post("/tokens", {"vendor": "ingrid"}).json["token"]

        assert jwt.decode(token, options={"verify_signature": False})["note"] == "mine"

    @pytest.mark.parametrize(
        ("body", "field"),
        [({}, "vendor"), ({"vendor": "ingrid", "kind": "sight"}, "kind"), ({"vendor": "ingrid", "kind": 1}, "kind")],
        ids=str,
    )
    def test_what_cannot_be_issued_is_told(self, admin, wrong, body, field):
        assert wrong(admin.post("/tokens", body)).keys() == {field}

    def test_a_hand_off_that_is_refused_is_a_conflict_that_leads_to_the_journal(self, admin):
        admin.post("/rules", {"when": {"operation": "ingrid.mint_site_token"}, "then": {"refuse": "rate.limited"}})

        got = admin.post("/tokens", {"vendor": "ingrid"})

        assert (got.status, got.headers["Content-Type"]) == (409, "application/problem+json")
        assert got.json["detail"] == "POST /v1/sites/site_demo/access-tokens answered 429; the journal says why"

    @pytest.mark.parametrize(
        "then",
        [{"answer": {"status": 200, "body": "hi"}}, {"answer": {"status": 200, "body": {}}}, {"garble": True}],
        ids=["no-json", "no-token", "garbled"],
    )
    def test_a_hand_off_that_a_rule_spoils_is_a_conflict(self, admin, then):
        admin.post("/rules", {"then": then})

        got = admin.post("/tokens", {"vendor": "ingrid"})

        assert (got.status, got.headers["Content-Type"]) == (409, "application/problem+json")

    @pytest.mark.parametrize(
        "change",
        [
            {"base_url": "https://api.example.test"},
            {"audience": ["https://api.example.test/x"]},
            {"auth_path": "/v2/token"},
        ],
        ids=["base-url", "audience", "auth-path"],
    )
    def test_one_can_be_had_whatever_is_to_be_in_an_assertion(self, admin, change):
        admin.patch("/options/ingrid", change)

        assert admin.post("/tokens", {"vendor": "ingrid"}).status == 201

    def test_two_can_be_had_in_one_second_where_nothing_may_repeat(self, admin):
        admin.patch("/options/ingrid", {"replay": "always"})

        assert [admin.post("/tokens", {"vendor": "ingrid"}).status for _ in range(2)] == [201, 201]

    @pytest.mark.parametrize("accounts", [[], [{"id": "sa_mute", "keys": []}]], ids=["none", "no-key"])
    def test_where_nobody_can_sign_it_is_a_conflict(self, admin, accounts):
        for account in admin.get("/records/ingrid/service_accounts").json["items"]:
            admin.delete(f"/records/ingrid/service_accounts/{account['id']}")
        for account in accounts:
            admin.put(f"/records/ingrid/service_accounts/{account['id']}", {"keys": []})

        assert admin.post("/tokens", {"vendor": "ingrid"}).status == 409
        assert "ingrid" not in admin.get("/credentials").json


class TestList:
    def test_a_token_is_told_without_its_text(self, issue, items):
        text = issue("service")

        (token,) = items()

        assert text not in str(token)
        assert token == {
            "id": jwt.decode(text, options={"verify_signature": False})["jti"],
            "vendor": "ingrid",
            "kind": "service",
            "subject": "sa_demo",
            "state": "alive",
            "issued_at": "2026-01-02T03:04:05Z",
            "expires_at": "2026-01-02T04:04:05Z",
            "revoked_at": None,
        }

    def test_one_is_found_by_its_id(self, issue, items, admin):
        issue("service")
        (token,) = items()

        assert admin.get(f"/tokens/{token['id']}").json == token

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ("", 4),
            ("vendor=ingrid", 4),
            ("vendor=surfboard", 0),
            ("kind=site", 2),
            ("kind=site&vendor=ingrid", 2),
            ("subject=sa_demo", 4),
            ("subject=sa_edit", 0),
            ("state=alive", 2),
            ("state=expired", 1),
            ("state=revoked", 1),
            ("state=revoked&kind=service", 0),
            ("kind=checkout", 0),
        ],
    )
    def test_those_that_are_meant_are_listed(self, issue, items, admin, query, count):
        issue()
        issue()
        first, second = items("kind=site")
        admin.post(f"/tokens/{first['id']}/expire")
        admin.post(f"/tokens/{second['id']}/revoke")

        assert len(items(query)) == count

    @pytest.mark.parametrize(
        "query",
        [
            "vendor=ingird",
            "kind=SITE",
            "kind=checkout&vendor=ingrid",
            "state=dead",
            "limit=0",
            "limit=1001",
            "limit=a",
            "limit=2.0",
            "limit=1_0",
            "limit=%2B5",
            "limit=%205%20",
            "limit=%D9%A3",
            "after=nobody",
        ],
    )
    def test_a_filter_that_makes_no_sense_is_a_problem(self, admin, wrong, query):
        assert wrong(admin.get(f"/tokens?{query}")).keys() == {query.partition("=")[0]}

    def test_a_list_is_told_in_parts(self, admin, sandbox):
        now = sandbox.clock.now()
        for number in range(5):
            kind = "site" if number % 2 else "service"
            sandbox.tokens.remember(f"text-{number}", Token(f"t{number}", "ingrid", kind, "x", now, now))

        parts, marker = [], ""
        while marker is not None:
            part = admin.get(f"/tokens?limit=2&kind=service{marker and f'&after={marker}'}").json
            parts.append([item["id"] for item in part["items"]])
            marker = part["next"]

        assert parts == [["t0", "t2"], ["t4"]]

    def test_many_are_told_a_hundred_at_a_time(self, admin, sandbox):
        now = sandbox.clock.now()
        for number in range(101):
            sandbox.tokens.remember(f"text-{number}", Token(f"t{number}", "ingrid", "site", "x", now, now))

        part = admin.get("/tokens").json

        assert (len(part["items"]), part["next"]) == (100, "t99")


class TestEnds:
    @pytest.mark.parametrize(
        ("end", "body", "reason"),
        [
            ("expire", {}, "token.expired"),
            ("revoke", {}, "token.revoked"),
            ("age", {"seconds": 300}, "token.expired"),
            ("age", {"seconds": 299.5}, ""),
            ("age", {"seconds": -300}, ""),
        ],
        ids=["expire", "revoke", "age", "age-a-little", "grow-younger"],
    )
    def test_all_tokens_come_to_their_end_and_new_ones_do_not(self, admin, issue, backend, end, body, reason):
        old = issue()

        assert admin.post(f"/tokens/{end}", body).json == {"changed": 2}

        assert backend.use(old).reason == reason
        assert backend.use(issue()).status == 200

    @pytest.mark.parametrize("end", ["expire", "revoke"])
    @pytest.mark.parametrize(
        ("which", "ended"),
        [
            ({}, {"service", "site"}),
            ({"kind": "site"}, {"site"}),
            ({"kind": "service"}, {"service"}),
            ({"vendor": "ingrid", "kind": "site"}, {"site"}),
            ({"subject": "sa_demo"}, {"service", "site"}),
            ({"subject": "sa_edit"}, set()),
            ({"vendor": "surfboard"}, set()),
            ({"id": "none"}, set()),
        ],
        ids=lambda value: str(value) if isinstance(value, dict) else "",
    )
    def test_only_those_that_are_meant(self, admin, issue, items, end, which, ended):
        issue("site")

        got = admin.post(f"/tokens/{end}", which)

        assert got.json == {"changed": len(ended)}
        assert {item["kind"] for item in items() if item["state"] != "alive"} == ended

    @pytest.mark.parametrize("end", ["expire", "revoke", "age"])
    @pytest.mark.parametrize(
        ("which", "field"),
        [
            ({"vendor": "ingird"}, "vendor"),
            ({"kind": "sight"}, "kind"),
            ({"vendor": "surfboard", "kind": "site"}, "kind"),
        ],
        ids=str,
    )
    def test_a_name_that_nothing_has_ends_none(self, admin, issue, items, wrong, end, which, field):
        issue("service")
        before = items()

        assert wrong(admin.post(f"/tokens/{end}", {**which, **({"seconds": 60} if end == "age" else {})})).keys() == {
            field
        }
        assert items() == before

    @pytest.mark.parametrize(("end", "state"), [("expire", "expired"), ("revoke", "revoked")])
    def test_one_token_alone(self, admin, issue, items, backend, end, state):
        first, second = issue(), issue()
        wanted, _ = items("kind=site")

        got = admin.post(f"/tokens/{wanted['id']}/{end}")

        assert got.json["state"] == state
        assert backend.use(first).reason == f"token.{state}"
        assert backend.use(second).status == 200

    def test_expired_and_revoked_a_token_is_told_as_revoked(self, admin, issue, items):
        issue("service")
        admin.post("/tokens/expire")
        admin.post("/tokens/revoke")

        (token,) = items()

        assert (token["state"], token["revoked_at"]) == ("revoked", "2026-01-02T03:04:05Z")

    def test_what_has_ended_is_not_counted_twice(self, admin, issue):
        issue("service")

        counts = [admin.post(f"/tokens/{end}").json["changed"] for end in ("expire", "expire", "revoke", "revoke")]

        assert counts == [1, 0, 1, 0]

    @pytest.mark.parametrize("seconds", [True, "60", None, 1e10, 10**30], ids=str)
    def test_an_age_must_be_a_duration(self, admin, issue, items, wrong, seconds):
        issue("service")
        before = items()

        assert wrong(admin.post("/tokens/age", {"seconds": seconds})).keys() == {"seconds"}
        assert items() == before

    @pytest.mark.parametrize("step", [86400 * 36525, -86400 * 36525], ids=["older", "younger"])
    def test_no_age_leads_off_the_calendar(self, admin, issue, items, step):
        issue("service")

        answers = [admin.post("/tokens/age", {"seconds": step}) for _ in range(90)]

        assert {got.status for got in answers} == {200, 422}
        assert answers[-1].json["detail"] == "seconds: leads off the calendar"
        assert len(items()) == 1

    @pytest.mark.parametrize("form", ["jwt", "opaque"])
    def test_the_age_shows_in_no_token_that_is_out(self, admin, issue, backend, form):
        admin.patch("/options/ingrid", {"token_format": form})
        token = issue()

        admin.post("/tokens/age", {"seconds": 60})

        assert backend.use(token).status == 200
        assert admin.get("/tokens?kind=site").json["items"][0]["expires_at"] == "2026-01-02T03:08:05Z"
