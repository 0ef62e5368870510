"""The commands that talk to a running emulator."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
from threading import Thread

import pytest

from mockserver import Emulator, Settings
from mockserver.client import Mockserver

from .commands import COMMAND, PATIENCE, environ, run


@pytest.fixture
def told(served, sandbox):
    """Run a command for the test's sandbox; what it printed."""

    def tell(*arguments, stdin=None):
        ended = run(*arguments, "--sandbox", sandbox.name, stdin=stdin, MOCKSERVER_URL=served.url)
        assert (ended.returncode, ended.stderr) == (0, "")
        return ended.stdout

    return tell


class TestWhere:
    def test_the_url_is_a_flag_or_in_the_environment_or_where_the_settings_say(self, served):
        port = served.url.rsplit(":", 1)[1]

        ends = [
            run("clock", "show", "--url", served.url, MOCKSERVER_URL="http://127.0.0.1:1"),
            run("clock", "show", MOCKSERVER_URL=served.url),
            run("clock", "show", MOCKSERVER_PORT=port),
        ]

        assert [ended.returncode for ended in ends] == [0, 0, 0]

    def test_a_server_that_does_not_answer_is_one_line_and_exit_1(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]

        ended = run("clock", MOCKSERVER_PORT=str(port))

        assert ended.returncode == 1
        assert re.fullmatch(
            rf"mockserver: no answer from http://127\.0\.0\.1:{port}: Connection refused\n", ended.stderr
        )

    def test_the_admin_token_is_a_flag_or_in_the_environment(self):
        with Emulator(Settings(port=0, admin_token="open-sesame")) as emulator:
            flag = run("clock", "--url", emulator.url, "--admin-token", "open-sesame")
            variable = run("clock", "--url", emulator.url, MOCKSERVER_ADMIN_TOKEN="open-sesame")
            neither = run("clock", "--url", emulator.url)

        assert (flag.returncode, variable.returncode, neither.returncode) == (0, 0, 1)
        assert neither.stderr == (
            "mockserver: The admin API is guarded: send Authorization: Bearer and the admin_token.\n"
        )

    @pytest.mark.parametrize(
        ("arguments", "code", "said"),
        [
            (("clock", "advance", "soon"), 2, "clock advance: 'soon' is no number of seconds"),
            (("rules", "add", "{"), 2, "rules add: not JSON: "),
            (("rules", "add", "[]"), 2, "rules add: not a JSON object"),
            (("rules", "add", "{}", "--garble"), 2, "rules add: give JSON or flags, one of them"),
            (("rules", "add", '{"thne": {}}'), 2, "rules add: unknown name 'thne'; "),
            (("journal", "x-1", "--follow"), 2, "journal: ID is one exchange; it goes with no --follow and no filter"),
            (("explain", " "), 2, "explain: there is nothing to explain"),
            (
                ("rules", "add", "--refuse", "rate.limted"),
                1,
                "then.refuse: no reason is called 'rate.limted'; did you ",
            ),
            (("rules", "show", "rule-99"), 1, "No rule 'rule-99' is in force in sandbox "),
            (("journal", "x-1"), 1, "No exchange 'x-1' is kept in sandbox "),
            (("token", "ingird"), 1, "vendor: unknown name; did you mean 'ingrid'?"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
    )
    def test_what_is_wrong_is_one_line_2_if_given_so_1_if_refused(self, served, sandbox, arguments, code, said):
        ended = run(*arguments, "--sandbox", sandbox.name, MOCKSERVER_URL=served.url)

        assert ended.returncode == code
        assert ended.stderr.startswith(f"mockserver: {said}")
        assert len(ended.stderr.splitlines()) == 1

    @pytest.mark.parametrize(
        "command", ["exec", "clock", "expire", "rules", "rules add", "journal", "explain", "token"]
    )
    def test_every_command_has_help(self, command):
        ended = run(*command.split(), "--help")

        assert ended.returncode == 0
        assert ended.stdout.startswith("Usage:")


class TestClock:
    def test_it_is_set_frozen_moved_and_reset(self, told):
        said = [
            told("clock", "set", "2030-01-01T00:00:00Z", "--freeze"),
            told("clock", "advance", "360"),
            told("clock", "advance", "-60.5"),
            told("clock"),
        ]

        assert [line.partition(", ")[0] for line in said] == [
            "2030-01-01T00:00:00Z",
            "2030-01-01T00:06:00Z",
            "2030-01-01T00:04:59Z",
            "2030-01-01T00:04:59Z",
        ]
        assert all(", frozen, " in line and line.endswith(" s ahead of the machine\n") for line in said)
        assert re.fullmatch(r"\S+Z\n", told("clock", "reset"))
        assert re.fullmatch(r"\S+Z, frozen(, .*)?\n", told("clock", "freeze"))


class TestTokens:
    def test_a_fresh_token_is_printed_and_taken(self, told, sandbox, ask):
        token = told("token", "ingrid").strip()

        assert ask(sandbox, token) == 200

    def test_the_kind_may_be_said(self, told, sandbox):
        told("token", "ingrid", "--kind", "service")

        assert [token.kind for token in sandbox.tokens] == ["service"]

    def test_the_vendor_goes_without_saying_where_there_is_one(self):
        with Emulator(Settings(port=0, vendors=("ingrid",))) as emulator:
            ended = run("token", "--url", emulator.url)

        assert (ended.returncode, ended.stdout.count(".")) == (0, 2)

    def test_they_expire_all_or_those_meant(self, told, sandbox):
        sandbox.tokens.issue("ingrid")

        assert told("expire", "--vendor", "ingrid", "--kind", "site") == "1 token has expired\n"
        assert told("expire", "--subject", "nobody") == "0 tokens have expired\n"


class TestRules:
    def test_a_rule_of_flags_strikes_and_is_shown(self, told, sandbox, ask):
        added = told("rules", "add", "--refuse", "rate.limited", "--times", "1", "--vendor", "ingrid")
        statuses = [ask(sandbox), ask(sandbox)]

        assert statuses == [429, 401]
        assert added == (
            'rule-1: struck 0 of 0: {"when": {"vendor": "ingrid"}, "then": {"refuse": "rate.limited"}, "times": 1}\n'
        )
        assert told("rules", "show", "rule-1").splitlines()[1:] == [
            f"  {sandbox.name}-2: it has struck 1 of 1",
            f"  {sandbox.name}-1: it struck",
        ]

    def test_a_rule_of_json_is_listed_and_removed(self, told):
        told("rules", "add", '{"then": {"answer": {"status": 418, "body": "tea"}}, "after": 1}')

        assert told("rules").startswith("rule-1: struck 0 of 0: ")
        assert told("rules", "remove", "rule-1") == ""
        assert "rule-1:" not in told("rules", "list")

    def test_rules_are_cleared(self, told):
        told("rules", "add", "--garble")

        assert told("rules", "clear") == "1 rule taken out of force\n"


class TestJournal:
    def test_it_tells_what_happened_and_why(self, told, sandbox, ask):
        ask(sandbox)

        first, *why = told("journal").splitlines()

        assert first.endswith(f" {sandbox.name}-1 ingrid: POST /v1/delivery/options 401 token.malformed")
        assert why == [
            "    literal from client code",
            "    token.malformed: seen null, wanted b64token [RFC 6750 section 2.1]",
        ]

    def test_it_is_filtered_and_told_as_json(self, told, sandbox, ask):
        sandbox.tokens.issue("ingrid")
        ask(sandbox)

        lines = told("journal", "--outcome", "refused", "--json").splitlines()

        assert [json.loads(line)["reason"] for line in lines] == ["token.malformed"]

    def test_one_exchange_is_told_whole(self, told, sandbox, ask):
        ask(sandbox)
        name = f"{sandbox.name}-1"

        text, entry = told("journal", name), json.loads(told("journal", name, "--json"))

        assert entry["id"] == name
        assert "  passed token.missing: seen Bearer, wanted Bearer [RFC 6750 section 3.1]" in text.splitlines()
        assert "  FAILED token.malformed: seen null, wanted b64token [RFC 6750 section 2.1]" in text.splitlines()

    def test_it_is_followed_until_ctrl_c(self, threaded, ask):
        with Mockserver(threaded) as server, server.sandbox() as sandbox:
            command = [*COMMAND, "journal", "--follow", "--json", "--url", threaded, "--sandbox", sandbox.name]
            with subprocess.Popen(command, env=environ(), stdout=subprocess.PIPE, text=True) as process:
                line = _told_while(process, lambda: ask(sandbox))
                process.send_signal(signal.SIGINT)
                code = process.wait(PATIENCE)

        assert json.loads(line)["reason"] == "token.malformed"
        assert code == 0


def _told_while(process, act):
    """The first line that a process prints about what is done again and again: when it begins to listen is its own."""
    lines = []
    reader = Thread(target=lambda: lines.append(process.stdout.readline()))
    reader.start()
    while reader.is_alive():
        act()
        reader.join(0.05)
    return lines[0]


class TestExplain:
    def test_a_token_is_explained_check_by_check(self, told, sandbox):
        token = sandbox.tokens.issue("ingrid")
        sandbox.tokens.expire()

        lines = told("explain", token, "--operation", "ingrid.get_delivery_options").splitlines()

        assert lines[0] == "ingrid.get_delivery_options: refused, token.expired: past its expiry"
        assert lines[-1].startswith("  FAILED token.expired: seen ")

    def test_what_is_signed_with_rs256_is_taken_for_an_assertion(self, served):
        assertion = run("assert", "--url", served.url).stdout

        guessed = run("explain", "-", "--url", served.url, stdin=assertion).stdout
        as_token = run("explain", "--token", assertion.strip(), "--url", served.url).stdout
        told_so = run("explain", "--assertion", "x", "--url", served.url).stdout

        assert guessed.startswith("ingrid.mint_service_token: accepted: ")
        assert "ingrid.mint_site_token: refused, token." in as_token
        assert "accepted" not in as_token
        assert told_so.startswith("ingrid.mint_service_token: refused, assertion.malformed")

    def test_what_is_no_jwt_is_taken_for_a_token(self, told):
        assert "\ningrid.mint_site_token: refused, token.malformed: " in told("explain", "null")


def test_a_zero_is_something_said(served, sandbox):
    flags = ("--refuse", "rate.limited", "--probability", "0")

    ended = run("rules", "add", *flags, "--sandbox", sandbox.name, MOCKSERVER_URL=served.url)

    assert ended.returncode == 0, ended.stderr
    assert next(iter(sandbox.rules)).written["probability"] == 0
