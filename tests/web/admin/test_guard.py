"""Who may use the admin API: no foreign name, no page of another site, nobody without the token."""

from __future__ import annotations

import pytest

from mockserver import Emulator, Settings
from mockserver.settings import read
from mockserver.web.admin.api import ENDPOINTS
from mockserver.yamltext import FileError
from tests.support.wire import Wire

PROBLEM_JSON = "application/problem+json"
JSON = {"Content-Type": "application/json"}
TOKEN = "correct-horse"
WRITES = [endpoint for endpoint in ENDPOINTS if endpoint.writes]
BODIED = [endpoint for endpoint in WRITES if endpoint.method != "DELETE"]
GUARDED = [endpoint for endpoint in ENDPOINTS if not endpoint.public]
PLACES = {
    "vendor": "ingrid",
    "collection": "sites",
    "path:record_id": "site_demo",
    "name": "default",
    "uuid:token_id": "00000000-0000-4000-8000-000000000000",
    "rule_id": "none",
    "exchange_id": "none",
}


def path_of(endpoint):
    path = endpoint.path
    for name, value in PLACES.items():
        path = path.replace(f"<{name}>", value)
    return f"/_mock{path}"


def named(endpoints):
    return pytest.mark.parametrize("endpoint", endpoints, ids=lambda endpoint: endpoint.name)


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


class TestPages:
    FOREIGN = (
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Origin": "https://localhost"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "http://localhost.evil.test"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    )

    @named(WRITES)
    def test_no_page_of_another_site_changes_anything(self, wire, endpoint):
        got = wire(endpoint.method, path_of(endpoint), headers={**JSON, "Origin": "http://evil.test"})

        assert (got.status, got.headers["Content-Type"]) == (403, PROBLEM_JSON)
        assert got.json["detail"] == "A page of http://evil.test may not change anything here."

    @pytest.mark.parametrize("signals", FOREIGN, ids=str)
    def test_a_page_is_known_by_what_browsers_send(self, wire, sandbox, signals):
        before = sandbox.clock.now()

        got = wire.post("/_mock/clock/advance", {"seconds": 60}, headers=signals)

        assert got.status == 403
        assert sandbox.clock.now() == before

    @pytest.mark.parametrize(
        "signals",
        [
            {},
            {"Origin": "http://localhost"},
            {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
            {"Sec-Fetch-Mode": "cors"},
        ],
        ids=str,
    )
    def test_its_own_page_and_programs_may_write(self, wire, signals):
        assert wire.post("/_mock/clock/advance", {"seconds": 60}, headers=signals).status == 200

    def test_its_own_page_may_write_at_a_public_url(self, contract):
        wire = Wire(Emulator(Settings(public_url="https://mock.example.test/base")).app, contract)

        got = wire.post("/_mock/reset", {}, headers={"Origin": "https://mock.example.test"})

        assert got.status == 200

    def test_no_answer_lets_a_foreign_page_read(self, wire):
        got = wire.get("/_mock/credentials", headers={"Origin": "http://evil.test", "Sec-Fetch-Site": "cross-site"})

        assert [name for name in got.headers.keys() if name.startswith("Access-Control")] == []  # noqa: SIM118

    def test_a_preflight_is_not_answered(self, wire):
        headers = {"Origin": "http://evil.test", "Access-Control-Request-Method": "POST"}

        got = wire("OPTIONS", "/_mock/reset", headers=headers)

        assert got.status == 405
        assert "Access-Control-Allow-Origin" not in got.headers


class TestMediaType:
    @named(BODIED)
    @pytest.mark.parametrize(
        "sent",
        [
            None,
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonx",
        ],
    )
    def test_a_write_that_is_no_json_is_refused(self, wire, endpoint, sent):
        headers = {} if sent is None else {"Content-Type": sent}

        got = wire(endpoint.method, path_of(endpoint), body=b"{}", headers=headers)

        assert (got.status, got.headers["Content-Type"]) == (415, PROBLEM_JSON)
        assert got.json["detail"] == f"Writes need Content-Type: application/json, not '{sent or ''}'."

    @pytest.mark.parametrize("sent", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
    def test_json_is_taken_in_any_spelling(self, wire, sent):
        assert wire("POST", "/_mock/reset", body=b"{}", headers={"Content-Type": sent}).status == 200

    def test_a_delete_needs_no_type(self, wire):
        assert wire("DELETE", "/_mock/journal").status == 200


class TestToken:
    @pytest.fixture
    def guarded(self, contract):
        emulator = Emulator(Settings(admin_token=TOKEN, host="0.0.0.0"))
        return Wire(emulator.app, contract)

    @named(GUARDED)
    def test_nobody_gets_in_without_it(self, guarded, endpoint):
        got = guarded(endpoint.method, path_of(endpoint), headers=JSON)

        assert (got.status, got.headers["Content-Type"]) == (401, PROBLEM_JSON)
        assert got.headers["WWW-Authenticate"] == 'Bearer realm="mockserver admin"'

    @pytest.mark.parametrize(
        "sent",
        [
            None,
            "",
            "Bearer",
            "Bearer ",
            f"Bearer {TOKEN}x",
            f"Bearer {TOKEN[:-1]}",
            f"Bearer {TOKEN.upper()}",
            f"Basic {TOKEN}",
            TOKEN,
            "Bearer \xe5\xe4\xf6",
        ],
    )
    def test_whatever_is_wrong_the_answer_is_the_same(self, guarded, sent):
        usual = guarded.get("/_mock/version")

        got = guarded.get("/_mock/version", headers={} if sent is None else {"Authorization": sent})

        assert (got.status, got.body, got.headers["WWW-Authenticate"]) == (
            401,
            usual.body,
            usual.headers["WWW-Authenticate"],
        )

    @pytest.mark.parametrize("sent", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER  {TOKEN} "])
    def test_whoever_knows_it_gets_in(self, guarded, sent):
        assert guarded.get("/_mock/version", headers={"Authorization": sent}).status == 200

    @pytest.mark.parametrize(
        "token", ["geheimnißvoll", "correct horse", "correct\thorse", "hors\N{WATER WAVE}e-staple"]
    )
    def test_one_that_no_header_can_carry_is_refused_when_the_settings_are_read(self, token):
        with pytest.raises(FileError, match="not 8 ASCII characters or more"):
            read({"admin_token": token})

    @pytest.mark.parametrize("probe", ["live", "ready"])
    @pytest.mark.parametrize("prefix", ["", "/~team"])
    def test_health_stays_public(self, guarded, probe, prefix):
        assert guarded.get(f"{prefix}/_mock/health/{probe}").status == 200

    def test_the_vendors_ask_for_no_admin_token(self, guarded):
        assert guarded.get("/ingrid/nowhere").reason == "route.not_found"

    def test_a_page_with_the_token_may_still_not_write(self, guarded):
        got = guarded.post("/_mock/reset", {}, bearer=TOKEN, headers={"Origin": "http://evil.test"})

        assert got.status == 403

    def test_a_stranger_makes_no_sandbox(self, contract):
        emulator = Emulator(Settings(admin_token=TOKEN))

        Wire(emulator.app, contract).post("/~team/_mock/reset", {})

        assert [sandbox.name for sandbox in emulator.sandboxes] == ["default"]


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}], ids=str)
def test_no_page_of_another_site_takes_a_seat_at_a_stream(wire, headers):
    assert wire.get("/_mock/journal/stream", headers=headers).status == 403
