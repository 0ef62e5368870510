"""Sandboxes over the admin API: made with credentials of their own, found by them, reset, dropped."""

from __future__ import annotations

import pytest

from mockserver import Emulator, Settings
from tests.support.backend import Backend
from tests.support.wire import Wire
from tests.web.admin.conftest import Admin

NAMES = ("MERCHANTS_API_BASE", "MERCHANTS_AUTH_URL", "SERVICE_ACCOUNT_ID", "SERVICE_ACCOUNT_PRIVATE_KEY", "SITE_ID")
PROBLEM_JSON = "application/problem+json"


@pytest.fixture
def make(admin):
    """Make a sandbox."""
    return lambda **body: admin.post("/sandboxes", body)


def hand_off(backend: Backend) -> list[tuple[int, str]]:
    """What every hop answers."""
    service = backend.service()
    site = backend.site(service.json["accessToken"])
    return [got.outcome for got in (service, site, backend.use(site.json["accessToken"]))]


GOOD = [(200, ""), (200, ""), (200, "")]


class TestMake:
    def test_with_nothing_said_it_has_a_name_an_address_and_credentials(self, make):
        got = make()

        assert got.status == 201
        assert got.json["url"] == f"http://localhost/~{got.json['name']}"
        assert tuple(got.json["credentials"]["ingrid"]) == NAMES
        assert got.json["credentials"]["ingrid"]["MERCHANTS_API_BASE"] == f"{got.json['url']}/ingrid"

    def test_no_two_have_the_same_name_or_account(self, make):
        made = [make().json for _ in range(20)]

        assert len({each["name"] for each in made}) == 20
        assert len({each["credentials"]["ingrid"]["SERVICE_ACCOUNT_ID"] for each in made}) == 20

    @pytest.mark.parametrize("name", ["a", "0", "team-one_two-3", "a" * 63])
    def test_it_has_the_name_that_was_asked_for(self, make, admin, name):
        assert make(name=name).json["name"] == name
        assert [item["name"] for item in admin.get("/sandboxes").json["items"]] == ["default", name]

    @pytest.mark.parametrize(
        "name", ["", " ", "Team", "a b", "a/b", "a.b", "-a", "_a", "a" * 64, "å", "a\n", "~a", "default"]
    )
    def test_an_impossible_name_is_a_problem_of_its_field(self, make, wrong, emulator, name):
        assert wrong(make(name=name)).keys() == {"name"}
        assert [sandbox.name for sandbox in emulator.sandboxes] == ["default"]

    @pytest.mark.parametrize(
        ("body", "fields"),
        [
            ({"name": 1}, {"name"}),
            ({"seed": 1}, {"seed"}),
            ({"keys": "old"}, {"keys"}),
            ({"scenario": []}, {"scenario"}),
            ({"options": []}, {"options"}),
            ({"name": None, "seed": None}, {"name", "seed"}),
        ],
        ids=lambda value: str(value) if isinstance(value, dict) else "",
    )
    def test_a_value_of_a_wrong_type_is_a_problem_of_its_field(self, make, wrong, emulator, body, fields):
        assert wrong(make(**body)).keys() == fields
        assert [sandbox.name for sandbox in emulator.sandboxes] == ["default"]

    def test_the_same_name_and_seed_give_the_same_credentials(self, make):
        first, second = make(name="team", seed="s").json, make(name="team", seed="s").json

        assert first == second

    @pytest.mark.parametrize("other", [{"name": "other", "seed": "s"}, {"name": "team", "seed": "t"}], ids=str)
    def test_another_name_or_seed_gives_others(self, make, other):
        accounts = [
            each.json["credentials"]["ingrid"]["SERVICE_ACCOUNT_ID"]
            for each in (make(name="team", seed="s"), make(**other))
        ]

        assert accounts[0] != accounts[1]

    def test_without_a_seed_the_servers_own_repeats_them(self, make):
        assert make(name="team").json == make(name="team").json

    def test_fresh_keys_are_in_no_other_sandbox(self, make):
        made = [make(name="team", seed="s", keys=keys).json["credentials"]["ingrid"] for keys in ("fresh", "fresh")]

        assert len({each["SERVICE_ACCOUNT_PRIVATE_KEY"] for each in made}) == 2
        assert len({each["SERVICE_ACCOUNT_ID"] for each in made}) == 1

    def test_its_account_is_the_same_whether_its_keys_are_fresh_or_not(self, make):
        made = [make(name="team", seed="s", keys=keys).json["credentials"]["ingrid"] for keys in ("pool", "fresh")]

        assert len({each["SERVICE_ACCOUNT_ID"] for each in made}) == 1

    def test_it_tells_of_no_failures_where_there_were_none(self, make, admin):
        assert make(name="team").json["failures"] == admin.get("/sandboxes/team").json["failures"] == 0

    def test_its_options_hold_there_only(self, make, wire):
        make(name="team", options={"ingrid": {"token_format": "opaque", "mint_status": 201}})

        there = wire.get("/~team/_mock/options/ingrid").json
        here = wire.get("/_mock/options/ingrid").json

        assert (there["token_format"], there["mint_status"], there["replay"]) == ("opaque", 201, "jti")
        assert (here["token_format"], here["mint_status"]) == ("jwt", 200)

    def test_an_unknown_option_makes_none(self, make, emulator):
        got = make(name="team", options={"ingrid": {"token_fromat": "opaque"}})

        assert got.status == 422
        assert "did you mean 'token_format'?" in got.json["detail"]
        assert [sandbox.name for sandbox in emulator.sandboxes] == ["default"]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"options": {"ingird": {"token_format": "opaque"}}}, "options.ingird"),
            ({"options": {"ingrid": {"token_fromat": "opaque"}}}, "options.ingrid.token_fromat"),
            ({"scenario": {"ingrid": {"sitse": []}}}, "scenario.ingrid.sitse"),
            ({"scenario": {"ingird": {}}}, "scenario.ingird"),
            ({"scenario": {"clock": {"now": "9999-12-31T23:59:59Z"}}}, "scenario.clock.now"),
            ({"scenario": {"clock": {"now": "0001-01-01T00:00:00Z"}}}, "scenario.clock.now"),
            ({"scenario": {"rules": [{"then": {"garble": False}}]}}, "scenario.rules.0.then"),
        ],
        ids=str,
    )
    def test_what_is_wrong_within_is_told_by_its_place_in_the_body(self, make, wrong, emulator, body, field):
        assert list(wrong(make(name="team", **body))) == [field]
        assert [sandbox.name for sandbox in emulator.sandboxes] == ["default"]

    def test_its_scenario_is_read_as_from_a_file(self, make, wire):
        scenario = {
            "clock": {"now": "2030-01-01T00:00:00Z", "frozen": True},
            "rules": [{"when": {"operation": "ingrid.get_delivery_options"}, "then": {"refuse": "rate.limited"}}],
            "ingrid": {"sites": [{"id": "site_demo", "ttl_default_s": 60}], "options": {"replay": "off"}},
        }

        make(name="team", scenario=scenario)
        team = Admin(wire, "/~team")

        assert team.get("/clock").json["now"] == "2030-01-01T00:00:00Z"
        assert team.get("/rules").json["items"][0]["when"] == {"operation": "ingrid.get_delivery_options"}
        assert [site["id"] for site in team.get("/records/ingrid/sites").json["items"]] == ["site_demo"]
        assert hand_off(team.backend()) == [(200, ""), (200, ""), (429, "rate.limited")]

    def test_a_scenario_names_no_files_of_the_server(self, make, emulator, tmp_path):
        key = tmp_path / "key.pem"
        key.write_text("secret")
        accounts = [{"id": "sa_mine", "keys": [{"private_key_file": str(key)}]}]

        got = make(name="team", scenario={"ingrid": {"service_accounts": accounts}})

        assert got.status == 422
        assert "private_key_file: unknown name" in got.json["detail"]
        assert [sandbox.name for sandbox in emulator.sandboxes] == ["default"]

    def test_it_takes_the_place_of_its_namesake(self, make, wire):
        make(name="team", seed="old")
        old = Admin(wire, "/~team").backend()
        make(name="team", seed="new")

        assert old.service().reason == "credential.unknown"
        assert Admin(wire, "/~team").backend().service().status == 200


class TestCredentials:
    def test_they_lead_to_a_token_that_counts(self, team):
        assert hand_off(team.backend()) == GOOD

    @pytest.mark.parametrize("form", ["jwt", "opaque"])
    @pytest.mark.parametrize("base", ["/ingrid", ""], ids=["vendor-address", "root-address"])
    def test_a_call_without_address_finds_its_sandbox(self, team, admin, form, base):
        team.patch("/options/ingrid", {"token_format": form})

        assert hand_off(team.backend(base)) == GOOD
        assert [item["sandbox"] for item in team.get("/journal").json["items"]] == ["team"] * 3
        assert admin.get("/journal").json["items"] == []

    def test_the_demo_credentials_go_to_the_default_sandbox(self, team, admin, backend):
        assert hand_off(backend) == GOOD
        assert [item["sandbox"] for item in admin.get("/journal").json["items"]] == ["default"] * 3
        assert team.get("/journal").json["items"] == []

    def test_they_are_good_in_no_other_sandbox(self, team, make):
        make(name="other")
        base = "/~other/ingrid"

        assert team.backend(base).service().reason == "credential.unknown"

    def test_two_sandboxes_with_one_key_are_told_apart_by_their_accounts(self, make, wire):
        made = {}
        for number in range(9):
            made.setdefault(
                make(name=f"team-{number}").json["credentials"]["ingrid"]["SERVICE_ACCOUNT_PRIVATE_KEY"], []
            ).append(f"/~team-{number}")
        first, second = next(prefixes for prefixes in made.values() if len(prefixes) > 1)[:2]

        answers = [Admin(wire, prefix).backend("/ingrid").service() for prefix in (first, second)]

        assert [got.exchange for got in answers] == [f"{prefix[2:]}-1" for prefix in (first, second)]

    def test_a_sandbox_made_by_its_address_has_those_of_the_scenario(self, wire):
        wire.get("/~fresh/ingrid/nowhere")

        assert Admin(wire, "/~fresh").get("/credentials").json["ingrid"]["SERVICE_ACCOUNT_ID"] == "sa_demo"

    @pytest.mark.parametrize("path", ["/sandboxes/team", "/credentials"])
    def test_they_can_be_asked_for_again(self, admin, team, path):
        found = admin.get(path) if "team" in path else team.get(path)
        credentials = found.json.get("credentials", found.json)

        assert Backend(admin.wire, credentials["ingrid"]).service().status == 200


class TestDelete:
    @pytest.mark.usefixtures("team")
    def test_a_dropped_sandbox_is_told_of_once_more(self, admin):
        assert admin.delete("/sandboxes/team").json == {"name": "team", "url": "http://localhost/~team"}
        assert [item["name"] for item in admin.get("/sandboxes").json["items"]] == ["default"]
        assert admin.delete("/sandboxes/team").status == 404

    @pytest.mark.parametrize("base", ["/ingrid", "/~team/ingrid"])
    def test_its_credentials_and_tokens_are_unknown_then(self, admin, team, emulator, base):
        backend = team.backend(base)
        token, assertion = backend.site_token(), backend.assertion()
        admin.delete("/sandboxes/team")

        assert backend.present(assertion).reason == "credential.unknown"
        assert backend.use(token).outcome == (401, "token.bad_signature" if base == "/ingrid" else "token.unknown")
        assert not emulator.sandboxes.any_owned

    def test_the_default_one_stays(self, admin, backend):
        token = backend.site_token()

        got = admin.delete("/sandboxes/default")

        assert (got.status, got.headers["Content-Type"]) == (409, PROBLEM_JSON)
        assert backend.use(token).status == 200


class TestReset:
    def test_credentials_stay_and_all_else_begins_anew(self, team):
        backend = team.backend()
        before = team.get("/credentials").json
        token = backend.site_token()
        team.put("/clock", {"now": "2040-01-01T00:00:00Z", "frozen": True})
        team.post("/rules", {"when": {"vendor": "ingrid"}, "then": {"refuse": "rate.limited"}})
        team.patch("/options/ingrid", {"mint_status": 201})
        team.delete("/records/ingrid/sites/site_other")

        assert team.post("/reset").json == {"name": "team", "url": "http://localhost/~team"}

        assert team.get("/credentials").json == before
        assert team.get("/tokens").json["items"] == []
        assert team.get("/journal").json["items"] == []
        assert all(rule["from_scenario"] for rule in team.get("/rules").json["items"])
        assert (team.get("/clock").json["frozen"], team.get("/clock").json["ahead_seconds"]) == (False, 0)
        assert team.get("/options/ingrid").json["mint_status"] == 200
        assert len(team.get("/records/ingrid/sites").json["items"]) == 2
        assert backend.use(token).outcome == (401, "token.unknown")
        assert hand_off(backend) == GOOD

    def test_a_spent_assertion_is_good_again(self, team):
        backend = team.backend()
        assertion = backend.assertion(jti="once")
        outcomes = [backend.present(assertion).outcome for _ in range(2)]

        team.post("/reset")

        assert outcomes == [(200, ""), (401, "assertion.replayed")]
        assert backend.present(assertion).status == 200

    def test_without_a_seed_a_token_of_before_is_under_a_strangers_key(self, contract):
        wire = Wire(Emulator(Settings()).app, contract)
        backend = Admin(wire).backend()
        token = backend.site_token()

        Admin(wire).post("/reset")

        assert backend.use(token).outcome == (401, "token.bad_signature")

    def test_a_token_of_before_finds_its_sandbox_no_more(self, team, emulator):
        backend, claimed = team.backend("/ingrid"), len(emulator.sandboxes._directory)
        token = backend.site_token()

        team.post("/reset")

        assert backend.use(token).status == 401
        assert len(emulator.sandboxes._directory) == claimed

    def test_the_default_one_can_be_reset_too(self, admin, backend):
        token = backend.site_token()

        assert admin.post("/reset").json == {"name": "default", "url": "http://localhost"}

        assert backend.use(token).status == 401
        assert hand_off(backend)[0] == (200, "")

    def test_it_touches_no_other_sandbox(self, admin, team):
        backend = team.backend()
        token = backend.site_token()

        admin.post("/reset")

        assert backend.use(token).status == 200


class TestLimit:
    @pytest.fixture
    def settings(self):
        return Settings(seed="tests", sandbox_limit=2)

    def test_the_idlest_is_dropped_with_its_credentials_and_tokens(self, make, wire, admin, emulator):
        make(name="one")
        make(name="two")
        one, two = (Admin(wire, prefix).backend("/ingrid") for prefix in ("/~one", "/~two"))
        tokens = [one.site_token(), two.site_token()]
        assertion = two.assertion()
        one.use(tokens[0])

        make(name="three")

        assert [item["name"] for item in admin.get("/sandboxes").json["items"]] == ["default", "one", "three"]
        assert one.use(tokens[0]).status == 200
        assert two.use(tokens[1]).status == 401
        assert two.present(assertion).reason == "credential.unknown"
        assert [sandbox.name for sandbox in emulator.sandboxes] == ["default", "three", "one"]
        assert {claims.sandbox for claims in emulator.sandboxes._directory._owners.values()} == {"one", "three"}


class TestAddresses:
    def test_the_header_names_a_sandbox_as_well(self, wire, team):
        got = wire.get("/_mock/credentials", headers={"X-Mock-Sandbox": "team"})

        assert got.json == team.get("/credentials").json

    def test_a_host_name_names_a_sandbox_as_well(self, wire, team):
        got = wire.post("/_mock/clock/advance", {"seconds": 60}, base_url="http://team.localhost")

        assert got.status == 200
        assert 59 < team.get("/clock").json["ahead_seconds"] < 61
        assert wire.get("/_mock/clock").json["now"] == "2026-01-02T03:04:05Z"

    @pytest.mark.usefixtures("team")
    def test_called_by_a_host_name_the_others_are_told_without_it(self, wire):
        items = wire.get("/_mock/sandboxes", base_url="http://team.localhost:8080").json["items"]

        assert [item["url"] for item in items] == ["http://localhost:8080", "http://team.localhost:8080"]

    @pytest.mark.parametrize("name", ["Team", "a.b", "-a", "%2e%2e", "a" * 64])
    def test_an_impossible_name_in_an_address_makes_none(self, wire, emulator, name):
        got = wire.post(f"/~{name}/_mock/reset", {})

        assert got.status == (200 if name == "Team" else 400)
        assert [sandbox.name for sandbox in emulator.sandboxes] == ["default", "team"][: 1 + (name == "Team")]

    def test_where_addresses_make_none_an_unknown_one_is_a_problem(self, contract):
        wire = Wire(Emulator(Settings(auto_sandboxes=False)).app, contract)

        got = wire.post("/~team/_mock/reset", {})

        assert (got.status, got.headers["Content-Type"]) == (404, PROBLEM_JSON)
        assert "'team'" in got.json["detail"]
