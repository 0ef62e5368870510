"""Sandboxes by the client: made, configured from, reset, forgotten; and what is said when something is wrong."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from mockserver import Emulator, Settings, __version__
from mockserver.client import Mockserver, MockserverError


def test_the_version_is_the_servers(server):
    assert server.version == __version__


def test_a_sandbox_is_there_until_the_end_of_its_with(server):
    with server.sandbox("team") as sandbox:
        names = [each.name for each in server.sandboxes()]

    assert (sandbox.name, "team" in names) == ("team", True)
    assert "team" not in [each.name for each in server.sandboxes()]


def test_a_sandbox_may_be_deleted_before_the_end_of_its_with(server):
    with server.sandbox() as sandbox:
        sandbox.delete()

    with pytest.raises(MockserverError, match="No sandbox is called"):
        sandbox.delete()


def test_the_default_sandbox_holds_the_demo_world(server):
    assert server.default.ingrid.service_account_id == "sa_demo"
    assert server.named("default").url == server.default.url == server.url


def test_what_is_asked_for_is_in_the_sandbox(server):
    scenario = {"clock": {"now": "2030-01-01T00:00:00Z", "frozen": True}, "ingrid": {"sites": [{"id": "mine"}]}}
    options = {"ingrid": {"token_format": "opaque"}}

    with server.sandbox(scenario=scenario, options=options) as sandbox:
        assert sandbox.clock.frozen
        assert [site["id"] for site in sandbox.records.list("ingrid", "sites")] == ["mine"]
        assert sandbox.options.get("ingrid")["token_format"] == "opaque"


def test_name_and_seed_give_the_same_credentials(server):
    made = []
    for seed in ("a", "a", "b"):
        with server.sandbox("seeded", seed=seed) as sandbox:
            made.append(sandbox.ingrid.service_account_id)

    assert made[0] == made[1] != made[2]


def test_a_named_sandbox_is_made_when_it_is_changed(server):
    sandbox = server.named("later")
    with pytest.raises(MockserverError, match="later"):
        sandbox.clock.read()

    with sandbox:
        sandbox.clock.freeze()

        assert sandbox.clock.frozen


def test_a_url_may_lead_into_a_sandbox(server, sandbox):
    sandbox.clock.freeze()

    with Mockserver(sandbox.url) as inside:
        assert inside.default.name == sandbox.name
        assert inside.default.clock.frozen
        with inside.sandbox("beside") as beside:
            assert beside.url == f"{server.url}/~beside"


def test_a_reset_sandbox_is_as_before_its_first_call(sandbox, ask):
    ask(sandbox)
    before = sandbox.credentials

    sandbox.reset()

    assert (sandbox.journal.count(), sandbox.credentials) == (0, before)


class TestVariables:
    @pytest.mark.parametrize(
        ("name", "variable"),
        [
            ("auth_url", "MERCHANTS_AUTH_URL"),
            ("api_base", "MERCHANTS_API_BASE"),
            ("service_account_id", "SERVICE_ACCOUNT_ID"),
            ("private_key", "SERVICE_ACCOUNT_PRIVATE_KEY"),
            ("service_account_private_key", "SERVICE_ACCOUNT_PRIVATE_KEY"),
            ("site_id", "SITE_ID"),
        ],
    )
    def test_a_variable_goes_by_the_end_of_its_name(self, sandbox, name, variable):
        assert getattr(sandbox.ingrid, name) == sandbox.credentials["ingrid"][variable] == sandbox.env[variable]

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("auth_ulr", "ingrid: unknown name 'auth_ulr'; did you mean 'auth_url'?"),
            ("id", "ingrid: 'id' may be service_account_id or site_id"),
        ],
    )
    def test_an_unknown_or_ambiguous_name_is_told_with_the_others(self, sandbox, name, said):
        with pytest.raises(AttributeError) as caught:
            getattr(sandbox.ingrid, name)

        assert str(caught.value) == said

    @pytest.mark.parametrize(("name", "near"), [("ingird", "ingrid"), ("jornal", "journal")])
    def test_an_unknown_vendor_or_part_is_told_with_the_near_one(self, sandbox, name, near):
        with pytest.raises(AttributeError, match=f"unknown name '{name}'; did you mean '{near}'"):
            getattr(sandbox, name)

    def test_a_private_name_asks_nobody(self):
        nobody = Mockserver("http://127.0.0.1:1").default

        assert not hasattr(nobody, "_anything")


class TestContents:
    def test_options_are_chosen_and_reset(self, sandbox):
        sandbox.options.set("ingrid", token_format="opaque")
        chosen = sandbox.options.get("ingrid")["token_format"]

        assert (chosen, sandbox.options.reset("ingrid")["token_format"]) == ("opaque", "jwt")

    def test_keys_are_rotated(self, sandbox):
        sandbox.tokens.issue("ingrid")

        keys = sandbox.keys.rotate("ingrid")

        assert sorted(key["state"] for key in keys) == ["signing", "verifying"]
        assert keys == tuple(key for key in sandbox.keys.list() if key["vendor"] == "ingrid")

    def test_records_are_put_changed_and_taken_away(self, sandbox):
        sandbox.records.put("ingrid", "sites", "new", ttl_max_s=60, ttl_default_s=60)
        changed = sandbox.records.change("ingrid", "sites", "new", ttl_default_s=30)
        taken = sandbox.records.delete("ingrid", "sites", "new")

        assert changed == taken == {"id": "new", "ttl_default_s": 30, "ttl_max_s": 60}
        assert "new" not in [site["id"] for site in sandbox.records.list("ingrid", "sites")]

    def test_a_token_is_explained_without_being_sent(self, sandbox):
        token = sandbox.tokens.issue("ingrid")
        sandbox.tokens.expire()

        (result,) = sandbox.explain(token=token, operation="ingrid.get_delivery_options")["results"]

        assert (result["accepted"], result["reason"]) == (False, "token.expired")

    def test_coverage_and_findings_are_told(self, sandbox, ask):
        ask(sandbox)

        coverage = sandbox.coverage()

        assert 0 < coverage["met"] < coverage["of"]
        assert sandbox.findings() == ()


class TestErrors:
    def test_a_wrong_field_is_told_with_its_place(self, sandbox):
        with pytest.raises(MockserverError) as caught:
            sandbox.rules.add(refuse="rate.limted")

        assert caught.value.status == 422
        assert caught.value.errors[0]["field"] == "then.refuse"
        assert str(caught.value) == caught.value.detail
        assert "did you mean 'rate.limited'?" in caught.value.detail

    def test_a_server_that_does_not_answer_is_told_with_its_url(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            url = f"http://127.0.0.1:{free.getsockname()[1]}"

        with Mockserver(url) as gone, pytest.raises(MockserverError, match="Connection refused") as caught:
            gone.version  # noqa: B018

        assert (caught.value.status, url in caught.value.detail) == (0, True)

    def test_the_admin_token_opens_a_guarded_server(self):
        with Emulator(Settings(port=0, admin_token="open-sesame")) as emulator:
            with Mockserver(emulator.url, "open-sesame") as server:
                version = server.version
            with Mockserver(emulator.url) as stranger, pytest.raises(MockserverError) as caught:
                stranger.version  # noqa: B018

        assert (version, caught.value.status) == (__version__, 401)

    def test_a_redirect_is_not_followed_and_a_proxy_not_used(self, monkeypatch):
        class Elsewhere(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(302)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, *_):
                pass

        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        with HTTPServer(("127.0.0.1", 0), Elsewhere) as other:
            thread = Thread(target=other.handle_request)
            thread.start()
            with (
                Mockserver(f"127.0.0.1:{other.server_port}") as server,
                pytest.raises(MockserverError, match=r"answered 302: it is no mockserver") as caught,
            ):
                server.version  # noqa: B018
            thread.join()

        assert caught.value.status == 302

    def test_a_value_that_cannot_be_sent_is_told(self, sandbox):
        with pytest.raises(TypeError, match="cannot be sent"):
            sandbox.options.set("ingrid", token_format=object())
