"""Promises that no single module keeps: each of these was broken once."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
from flask.cli import ScriptInfo

from mockserver import Emulator, Settings, create_app, scenarios, shipped
from mockserver.core import redaction
from mockserver.core.bodies import JSON
from mockserver.vendors import discover
from mockserver.vendors.ingrid.examples import grant, signed
from mockserver.vendors.ingrid.options import IngridOptions
from mockserver.vendors.ingrid.records import IngridRecords
from mockserver.web.stage import EngineStage
from mockserver.yamltext import FileError
from tests.support.stage import WireStage
from tests.web.rawsocket import Caller, request

PATIENCE = 30


@pytest.fixture
def stage(emulator, wire):
    return WireStage(discover()[[each.name for each in discover()].index("ingrid")], emulator.sandbox, wire)


def explained(emulator, wire, got):
    return wire.get(f"/_mock/journal/{got.exchange}").json


def test_leading_zeros_of_a_length_smuggle_no_second_call():
    body = b"GET /ingrid/nowhere HTTP/1.1\r\n\r\n"
    with Emulator(Settings(port=0)) as emulator:
        host, port = emulator.url.removeprefix("http://").split(":")
        with Caller((host, int(port))) as caller:
            caller.ask(request("POST /ingrid/x HTTP/1.1", f"Content-Length: {len(body):040}", body=body))

        assert len(emulator.sandbox.journal) == 1


def test_an_impossible_host_is_refused_before_any_vendor_hears_of_it():
    with Emulator(Settings(port=0)) as emulator:
        host, port = emulator.url.removeprefix("http://").split(":")
        with Caller((host, int(port))) as caller:
            answer = caller.ask(request("GET /ingrid/x HTTP/1.1", "Host: a b/<x>"))

        assert answer.status == 400
        assert len(emulator.sandbox.journal) == 0


def test_serve_without_a_standard_output_answers_all_the_same(tmp_path):
    port_file = tmp_path / "port"
    code = (
        "import sys, pathlib; sys.stdout = None\n"
        "from mockserver import Emulator, Settings\n"
        "from mockserver.calllog import CallLog\n"
        "log = CallLog(sys.stdout)\n"
        "with log, Emulator(Settings(port=0), on_exchange=log) as emulator:\n"
        f"    pathlib.Path({str(port_file)!r}).write_text(emulator.url)\n"
        "    sys.stdin.readline()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        while not (port_file.exists() and port_file.read_text()):
            assert run.poll() is None
        status = requests.get(f"{port_file.read_text()}/ingrid/nowhere", timeout=PATIENCE).status_code
        run.communicate("\n", timeout=PATIENCE)

    assert (status, run.returncode) == (404, 0)


def test_a_listener_that_fails_takes_no_answer_down(sandbox, wire, caplog):
    def fail(_exchange):
        raise RuntimeError("nobody is listening")

    sandbox.journal.listen(fail)

    got = wire.get("/ingrid/nowhere")

    assert got.outcome == (404, "route.not_found")
    assert "nobody is listening" in caplog.text


def test_a_token_without_its_scheme_is_not_shown_and_the_slip_is_told(emulator, wire):
    secret = "sat_" + "A" * 43

    got = wire.post("/ingrid/v1/delivery/options", {}, headers={"Authorization": secret})

    shown = explained(emulator, wire, got)
    assert got.outcome == (401, "token.missing")
    assert shown["explanation"]["hint"] == "write 'Bearer ' before the token"
    assert secret not in json.dumps(shown)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"note": (shipped.folder("fixtures") / "keys" / "ingrid_sa_demo.pem").read_text()}),
        '{"assertion": "short secret", ',
        '{"client_secret": "short"}',
    ],
    ids=["private-key", "broken", "client-secret"],
)
def test_no_secret_is_shown_wherever_it_stands(body):
    shown = json.dumps(redaction.body(body.encode(), JSON, frozenset()))

    assert "<secret " in shown
    for secret in ("PRIVATE KEY", "short"):
        assert secret not in shown


def test_an_exchange_printed_by_a_failing_test_shows_no_token(stage, wire, emulator):
    token = "eyJ" + "x" * 40
    wire.post("/ingrid/v1/auth/token", {"grantType": "x", "assertion": token})

    assert token not in repr(list(emulator.sandbox.journal))


def test_a_claim_of_a_megabyte_is_not_kept_whole(stage, emulator):
    assertion = signed(stage, aud="x" * 1_000_000)

    stage.play(grant(assertion))

    (exchange,) = emulator.sandbox.journal
    assert max(len(repr(check)) for check in exchange.checks) < 5_000


def test_the_journal_stays_json_whatever_a_claim_says(stage, wire, emulator):
    got = stage.got(grant(signed(stage, iat=-(10**400))))

    assert got.reason == "assertion.lifetime_too_long"
    assert explained(emulator, wire, got)["reason"] == got.reason


def test_a_jti_of_any_type_is_good_once(stage):
    assertion = signed(stage, jti=7)

    outcomes = [stage.got(grant(assertion)).outcome for _ in range(2)]

    assert outcomes == [(200, ""), (401, "assertion.replayed")]


@pytest.mark.parametrize(
    ("audience", "hint"),
    [
        ("http://localhost/ingrid/v1/auth/token/", "only the slash at the end differs"),
        ("https://localhost/ingrid/v1/auth/token", "scheme is 'https', not 'http'"),
        ("http://127.0.0.1/ingrid/v1/auth/token", "host and port is '127.0.0.1', not 'localhost'"),
    ],
)
def test_a_wrong_audience_is_told_what_differs(stage, wire, emulator, audience, hint):
    got = stage.got(grant(signed(stage, aud=audience)))

    assert explained(emulator, wire, got)["explanation"]["hint"] == hint


def test_a_site_never_gets_a_token_over_its_maximum(stage, sandbox, wire):
    records = sandbox.get(IngridRecords)
    sandbox.put(records.with_site(replace(records.sites["site_demo"], ttl_max=timedelta(seconds=60))))
    service = json.loads(stage.play(grant(signed(stage))).body)["accessToken"]

    got = wire.post("/ingrid/v1/sites/site_demo/access-tokens", {"scopes": ["view"]}, bearer=service)

    assert got.json["expiresIn"] == 60


def test_a_preflight_for_any_method_of_a_backends_endpoint_is_found(wire, sandbox):
    asked = {"Origin": "http://page.test", "Access-Control-Request-Method": "PUT"}

    got = wire("OPTIONS", "/ingrid/v1/auth/token", headers=asked)

    assert [finding.reason for finding in sandbox.journal.find(got.exchange).findings] == ["browser.secret_exposed"]


def test_asking_about_a_sandbox_does_not_make_it(wire, emulator):
    got = wire.get("/~new/_mock/journal")

    assert got.status == 404
    assert [sandbox.name for sandbox in emulator.sandboxes] == ["default"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ingrid: {sites: [{id: a}, {id: a}]}", "ingrid.sites: 'a' stands here twice"),
        ("ingrid: {sites: [{id: a, delivery_body: {x: .inf}}]}", "ingrid.sites.0.delivery_body: not JSON"),
        ("seed: a\nseed_file: b", "seed: stands beside seed_file; only one can count"),
    ],
)
def test_a_scenario_that_would_fail_later_is_refused(text, problem):
    with pytest.raises(FileError, match=problem):
        scenarios.loads(text, "world.yaml", discover())


def test_a_sites_body_may_be_any_json(stage, sandbox, wire):
    records = sandbox.get(IngridRecords)
    sandbox.put(records.with_site(replace(records.sites["site_demo"], delivery_body=[1, {"a": None}])))
    example = next(each for each in stage.vendor.examples() if each.operation == "ingrid.get_delivery_options")

    exchange = EngineStage(stage.vendor, sandbox, stage.base_url).exchange(example.ask(stage))

    assert exchange.reply.body == b'[1,{"a":null}]'


def test_an_application_made_by_its_factory_heeds_the_environment(monkeypatch):
    monkeypatch.setenv("MOCKSERVER_ANNOTATE", "false")

    answer = create_app().test_client().get("/ingrid/nowhere")

    assert "X-Mock-Exchange" not in answer.headers


def test_flask_finds_the_application_by_the_packages_name():
    app = ScriptInfo(app_import_path="mockserver").load_app()

    assert app.test_client().get("/_mock/version").json["name"] == "mockserver"


def test_a_bug_of_ours_is_not_told_as_a_normal_answer(contract):
    emulator = Emulator()
    emulator.sandbox.put(replace(emulator.sandbox.get(IngridOptions), problem_style="nonsense"))
    client = emulator.app.test_client()

    answer = client.post("/ingrid/v1/delivery/options")

    shown = client.get(f"/_mock/journal/{answer.headers['X-Mock-Exchange']}").json
    assert (answer.status_code, answer.json["detail"]) == (500, "A bug in mockserver.")
    assert shown["explanation"]["meaning"].startswith("a bug in mockserver")
    assert len(emulator.sandbox.failures) == 1


def test_the_first_token_waits_for_nothing_that_it_does_not_need():
    code = (
        "import sys\n"
        "from werkzeug.test import Client\n"
        "from mockserver import Emulator, Settings\n"
        "emulator = Emulator(Settings())\n"
        "token = emulator.environment('alternative', 'http://localhost')\n"
        "body = {'grant_type': 'client_credentials'}\n"
        "secret = (token['ALTERNATIVE_CLIENT_ID'], token['ALTERNATIVE_CLIENT_SECRET'])\n"
        "answer = Client(emulator.wsgi).post('/alternative/oauth/token', data=body, auth=secret)\n"
        "heavy = {'flask', 'grpc', 'graphql', 'trustme', 'apispec', 'requests'}\n"
        "print(answer.status_code, sorted(heavy & set(sys.modules)))\n"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (ran.stdout, ran.stderr) == ("200 []\n", "")
