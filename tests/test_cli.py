"""The command line, run as users run it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import jwt
import pytest
import requests
import yaml

from mockserver import shipped
from mockserver.core import jws
from mockserver.vendors import discover

COMMAND = [sys.executable, "-m", "mockserver"]
PATIENCE = 30


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, in an environment without settings but these."""
    return subprocess.run(
        [*COMMAND, *arguments], env=_environ(environ), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def _environ(more: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER")} | more


@pytest.fixture
def serving():
    """Start `serve` on a free port; what it gives back is the process, and its first lines by way of a function."""
    started = []

    def serve(*arguments: str, **environ: str) -> tuple[subprocess.Popen[str], str, list[str]]:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *arguments],
            env=_environ({**environ, "PYTHONUNBUFFERED": "1"}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        lines = []
        while not (lines and lines[-1].startswith("Its documents:")):
            line = process.stdout.readline()
            assert line, "".join(lines)
            lines.append(line)
        return process, re.search(r" on (http://\S+)", lines[0])[1], lines

    yield serve
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


def test_serve_prints_a_curl_for_each_vendor_that_gets_a_token_when_pasted(serving):
    _, _, lines = serving()
    pasted = re.findall(r"^curl (?:.*\\\n)*.*$", "".join(lines), re.MULTILINE)

    answers = [
        subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=PATIENCE, check=True)
        for command in pasted
    ]

    bodies = [yaml.safe_load(answer.stdout) for answer in answers]
    named = {name for body in bodies for name in body if "token" in name.lower() and "type" not in name.lower()}
    assert (len(bodies), named) == (len(discover()), {"access_token", "accessToken", "token"})


def test_serve_prints_a_line_for_each_call_with_its_reason(serving):
    process, url, _ = serving()

    requests.post(f"{url}/v1/delivery/options", headers={"Authorization": "Bearer null"}, timeout=PATIENCE)

    process.stdout.readline()
    line = process.stdout.readline()
    assert " POST /v1/delivery/options 401 token.malformed (literal from client code)" in line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_ends_with_zero_on_a_signal(serving, number):
    process, _, _ = serving()

    process.send_signal(number)

    assert process.wait(PATIENCE) == 0


def test_serve_ends_with_zero_whoever_is_still_sending(serving):
    process, url, _ = serving()
    host, port = url.removeprefix("http://").split(":")

    with socket.create_connection((host, int(port)), timeout=PATIENCE) as caller:
        caller.sendall(b"POST /ingrid/v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
        requests.get(f"{url}/_mock/health/live", timeout=PATIENCE)
        process.send_signal(signal.SIGTERM)

        assert process.wait(PATIENCE) == 0


def test_serve_goes_on_when_nobody_reads_its_output(serving):
    process, url, _ = serving()
    process.stdout.close()

    answers = [requests.get(f"{url}/nowhere", timeout=PATIENCE).status_code for _ in range(3)]

    assert answers == [404, 404, 404]
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    process.stdout = open(os.devnull)  # noqa: PTH123, SIM115  (the fixture closes it)


def test_serve_says_where_it_is_over_tls_and_whom_to_trust(serving):
    _, url, lines = serving("--tls", "auto", "--tls-port", "0")

    told = re.fullmatch(r"and on (https://\S+); trust (\S+)\n", lines[1])
    assert told[2] == f"{url}/_mock/ca.pem"


def test_a_health_check_asks_all_ports_of_the_settings(serving):
    _, _, lines = serving("--tls", "auto", "--tls-port", "0", "--grpc-port", "")
    port, tls_port = (re.search(r"https?://127\.0\.0\.1:(\d+)", line)[1] for line in lines[:2])

    well = run("healthcheck", MOCKSERVER_PORT=port, MOCKSERVER_TLS="auto", MOCKSERVER_TLS_PORT=tls_port)
    with socket.create_server(("127.0.0.1", 0)) as free:
        deaf = str(free.getsockname()[1])
    ill = run("healthcheck", MOCKSERVER_PORT=port, MOCKSERVER_TLS="auto", MOCKSERVER_TLS_PORT=deaf)

    assert (well.returncode, well.stderr) == (0, "")
    assert (ill.returncode, f"127.0.0.1:{deaf} does not answer" in ill.stderr) == (1, True)


def test_a_taken_tls_port_is_one_line_that_names_its_flag():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = run("serve", "--port", "0", "--tls", "auto", "--tls-port", str(port))

    assert (ended.returncode, ended.stderr) == (
        2,
        f"mockserver: cannot listen on 127.0.0.1:{port}: Address already in use; --tls-port takes another\n",
    )


def test_a_taken_port_is_one_line_and_exit_2():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = run("serve", "--port", str(port))

    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        f"mockserver: cannot listen on 127.0.0.1:{port}: Address already in use; --port takes another"
    ]


@pytest.mark.parametrize(
    ("arguments", "environ", "said"),
    [
        ((), {"MOCKSERVER_PROT": "1"}, "MOCKSERVER_PROT: unknown name; did you mean 'MOCKSERVER_PORT'?"),
        ((), {"MOCKSERVER_PORT": "http"}, "MOCKSERVER_PORT: not a whole number from 0 to 65535"),
        (("--port", "70000"), {}, "--port: not a whole number from 0 to 65535"),
        (("--vendors", "ingird"), {}, "vendors: 'ingird': unknown name; did you mean 'ingrid'?"),
        (
            ("--options", "{ingrid: {token_fromat: jwt}}"),
            {},
            "options: ingrid.token_fromat: unknown name; did you mean 'token_format'?",
        ),
        (("--scenario", "nowhere.yaml"), {}, "nowhere.yaml: cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_used_is_one_line_that_names_the_place_and_exit_2(arguments, environ, said):
    ended = run("serve", *arguments, **environ)

    assert (ended.returncode, ended.stderr) == (2, f"mockserver: {said}\n")


def test_a_broken_scenario_is_told_by_file_line_and_place(tmp_path):
    path = tmp_path / "world.yaml"
    path.write_text("ingrid:\n  sites:\n    - id: here\n      ttl_max: 5\n")

    ended = run("serve", "--scenario", str(path))

    assert ended.returncode == 2
    assert ended.stderr == (f"mockserver: {path}:4: ingrid.sites.0.ttl_max: unknown name; did you mean 'ttl_max_s'?\n")


def test_an_unreadable_key_is_told_by_file_line_and_place(tmp_path):
    path = tmp_path / "world.yaml"
    path.write_text("ingrid:\n  service_accounts:\n    - id: sa\n      keys:\n        - public_key_file: gone.pem\n")

    ended = run("scenario", "check", str(path))

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"mockserver: {path}:5: ingrid.service_accounts.0.keys.0.public_key_file: ")


def test_scenario_check_accepts_the_demo_world():
    ended = run("scenario", "check", str(shipped.folder("fixtures") / "scenarios" / "default.yaml"))

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith("default.yaml: ok, for " + ", ".join(each.name for each in discover()) + "\n")


def test_env_prints_lines_that_a_shell_can_evaluate():
    ended = run("env", "ingrid", "--url", "http://mock:8080")

    script = f'{ended.stdout}\nprintf \'%s|%s|%s\' "$MERCHANTS_AUTH_URL" "$SERVICE_ACCOUNT_ID" "$SITE_ID"'
    shown = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert shown.stdout == "http://mock:8080/ingrid/v1/auth/token|sa_demo|site_demo"


def test_healthcheck_tells_by_its_exit_code(serving):
    _, url, _ = serving("--grpc-port", "")  # so that it is ready when it says where it is
    port = url.rsplit(":", 1)[1]
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]

    healthy, by_url, ill = (
        run("healthcheck", MOCKSERVER_PORT=port),
        run("healthcheck", "--url", url),
        run("healthcheck", "--port", str(closed)),
    )

    assert (healthy.returncode, by_url.returncode, ill.returncode) == (0, 0, 1)
    assert "does not answer" in ill.stderr


def test_where_others_may_wait_for_an_open_port_it_answers_nobody_before_it_is_ready(serving):
    _, url, _ = serving("--host", "0.0.0.0", "--grpc-port", "0")

    assert requests.get(f"{url}/_mock/health/ready", timeout=9).status_code == 200


def test_assert_signs_what_it_is_told():
    ended = run(
        "assert", "--sub", "sa_x", "--aud", "https://here", "--lifetime", "-60", "--kid", "k1", "--claim", "nbf=5"
    )

    header = jwt.get_unverified_header(ended.stdout.strip())
    claims = jwt.decode(ended.stdout.strip(), options={"verify_signature": False})
    assert header == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert (claims["sub"], claims["aud"], claims["nbf"], claims["exp"] - claims["iat"]) == (
        "sa_x",
        "https://here",
        5,
        -60,
    )


def test_assert_leaves_claims_out_and_calls_its_algorithm_what_it_is_told():
    ended = run("assert", "--alg", "none", "--without", "exp", "--without", "aud")

    header, payload, _ = ended.stdout.strip().split(".")
    assert json.loads(jws.decode(header))["alg"] == "none"
    assert set(json.loads(jws.decode(payload))) == {"sub", "iat"}


def test_a_claim_without_a_value_is_told():
    ended = run("assert", "--claim", "jti")

    assert (ended.returncode, ended.stderr) == (2, "mockserver: --claim: 'jti' is not NAME=JSON\n")


def test_assert_signs_with_a_key_of_ones_own_or_says_what_is_wrong_with_it(tmp_path):
    theirs = shipped.folder("fixtures") / "keys" / "ingrid_sa_edit.pem"
    broken = tmp_path / "broken.pem"
    broken.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")

    signed, refused = run("assert", "--key", str(theirs)), run("assert", "--key", str(broken))

    public = (shipped.folder("fixtures") / "keys" / "ingrid_sa_edit.pub.pem").read_text()
    jwt.decode(signed.stdout.strip(), public, ["RS256"], options={"verify_aud": False})
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"mockserver: --key: {broken}: not a private key in PEM form")


def test_openapi_prints_the_document(tmp_path):
    printed = run("openapi", "ingrid")
    written = run("openapi", "--write", str(tmp_path))

    assert yaml.safe_load(printed.stdout)["openapi"] == "3.1.0"
    assert written.returncode == 0
    assert {path.name for path in Path(tmp_path).iterdir()} == {
        path.name for path in shipped.folder("openapi").glob("*.yaml")
    }


@pytest.mark.parametrize(
    "command", [(), ("serve",), ("env",), ("healthcheck",), ("assert",), ("openapi",), ("scenario",)]
)
def test_every_command_has_help(command):
    ended = run(*command, "--help")

    assert ended.returncode == 0
    assert ended.stdout.startswith("Usage:")


@pytest.mark.parametrize(
    ("arguments", "environ", "told"),
    [
        (("--vendors", "surfboard"), {}, "demo: plays Ingrid's hand-off; --vendors leaves it out"),
        (
            ("--page-port", "TAKEN"),
            {},
            "TAKEN: Address already in use; --page-port takes another",
        ),
        (("--port", "TAKEN"), {}, "TAKEN: Address already in use; --port takes another"),
        (
            (),
            {"MOCKSERVER_SCENARIO_YAML": "extends: nothing"},
            "no Ingrid service account in this sandbox has",
        ),
    ],
    ids=["without Ingrid", "page port taken", "port taken", "without a key"],
)
def test_a_demonstration_that_cannot_be_is_one_line_and_exit_2(arguments, environ, told):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        given = [argument.replace("TAKEN", port) for argument in arguments]

        ran = run("demo", "--port", "0", "--page-port", "0", *given, **environ)

    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert told.replace("TAKEN", port) in ran.stderr
