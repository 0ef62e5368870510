"""The set-ups to copy: each is run as far as this machine allows.

Where a container would be started, a server stands that is told by environment alone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.browser.chromium import HOW_TO_GET_IT
from tests.clients.scripts import HOW_TO_GET_NODE
from tests.clients.tools import found, missing

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
STAND_INS = Path(__file__).parent / "stand_ins"
PATIENCE = 240
SHA = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}$")
PORT = "8080"


def environ(**more):
    """The machine's environment without anybody's settings; `mockserver` and `python` are those of the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MOCKSERVER", "PORT", "CI"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "PYTHONPATH": str(ROOT), **more}


def run(*command, cwd, check=True, **more):
    ran = subprocess.run(
        command, cwd=cwd, env=environ(**more), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert not check or ran.returncode == 0, ran.stdout + ran.stderr
    return ran


@contextmanager
def container(**settings):
    """A server that is told by environment alone, as in a container; its URL."""
    command = [sys.executable, "-m", "mockserver", "serve"]
    told = environ(**{"MOCKSERVER_HOST": "0.0.0.0", "MOCKSERVER_PORT": "0", **settings})
    with subprocess.Popen(command, env=told, cwd=EXAMPLES, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        try:
            yield re.search(r" on (http://\S+)", line)[1]
        finally:
            process.terminate()


@pytest.fixture
def copied(tmp_path):
    """The examples, where they may write."""
    return Path(shutil.copytree(EXAMPLES, tmp_path / "examples"))


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """A folder of Node packages from the registry."""
    npm = found("npm", HOW_TO_GET_NODE)
    found("node", HOW_TO_GET_NODE)
    folder = tmp_path_factory.mktemp("packages")
    (folder / "package.json").write_text('{"private": true}')
    wanted = ("vitest@^3", "@playwright/test@^1.50")
    ran = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", *wanted],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if ran.returncode != 0:
        missing("the npm registry", ran.stderr[-500:])
    return folder / "node_modules"


def test_the_pytest_suite_passes_on_an_emulator_of_its_own_and_on_a_container(copied):
    alone = run("python", "-m", "pytest", "-q", "-p", "no:randomly", cwd=copied / "pytest")
    with container() as url:
        together = run("python", "-m", "pytest", "-q", "-p", "no:randomly", cwd=copied / "pytest", MOCKSERVER_URL=url)

    assert "4 passed" in alone.stdout
    assert "4 passed" in together.stdout


def test_a_broken_backend_fails_the_pytest_suite(copied):
    shop = copied / "pytest" / "shop.py"
    shop.write_text(shop.read_text().replace("if time.time() >= self.good_until:", "if True:"))

    ran = run("python", "-m", "pytest", "-q", "-p", "no:randomly", cwd=copied / "pytest", check=False)

    assert ran.returncode == 1
    assert "found 5 of operation ingrid.mint_service_token" in ran.stdout
    assert "mockserver journal" in ran.stdout


@pytest.mark.parametrize("where", ["its own", "a container"])
def test_the_vitest_suite_passes(copied, packages, where):
    (copied / "node_modules").symlink_to(packages)
    command = (str(packages / ".bin" / "vitest"), "run")

    if where == "its own":
        ran = run(*command, cwd=copied / "vitest")
    else:
        with container() as url:
            ran = run(*command, cwd=copied / "vitest", MOCKSERVER_URL=url)

    assert re.search(r"Tests +2 passed", re.sub(r"\x1b\[[0-9;]*m", "", ran.stdout))


def test_a_shop_that_does_not_retry_fails_the_vitest_suite(copied, packages):
    (copied / "node_modules").symlink_to(packages)
    shop = copied / "node" / "shop.mjs"
    shop.write_text(shop.read_text().replace("if (answer.status !== 401) return", "return"))

    ran = run(str(packages / ".bin" / "vitest"), "run", cwd=copied / "vitest", check=False)

    assert ran.returncode == 1


def test_the_playwright_suite_passes_with_servers_that_it_starts_itself(copied, packages, unused_ports):
    (copied / "node_modules").symlink_to(packages)
    chromium = found("chromium", HOW_TO_GET_IT)
    wrapper = copied / "chromium"
    wrapper.write_text(f'#!/bin/sh\nexec {chromium} --no-sandbox "$@"\n')  # as root, in a container, it has no sandbox
    wrapper.chmod(0o755)
    mock, shop = (f"http://127.0.0.1:{port}" for port in unused_ports)

    ran = run(
        str(packages / ".bin" / "playwright"), "test",
        cwd=copied / "playwright", CHROMIUM=str(wrapper), MOCKSERVER_URL=mock, SHOP_URL=shop, CI="true",
    )  # fmt: skip

    assert "1 passed" in ran.stdout


@pytest.fixture
def unused_ports():
    import socket  # noqa: PLC0415

    doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [door.getsockname()[1] for door in doors]
    for door in doors:
        door.close()
    return ports


class TestGitHubActions:
    @pytest.fixture
    def job(self):
        workflow = read(EXAMPLES / "github-actions" / "workflow.yml")
        assert workflow["permissions"] == {"contents": "read"}
        return workflow["jobs"]["test"]

    def test_the_service_is_told_by_environment_alone_and_every_step_passes(self, job, copied):
        service = job["services"]["mockserver"]
        assert set(service) <= {"image", "credentials", "env", "ports", "volumes", "options"}
        assert service["ports"] == [f"{PORT}:{PORT}"]
        for name in ("test_shop.py", "shop.py"):
            shutil.copy(copied / "pytest" / name, copied / "github-actions")

        with container(**service["env"]) as url:
            told = {name: value.replace(f"http://127.0.0.1:{PORT}", url) for name, value in job["env"].items()}
            outputs = [
                run("bash", "-e", "-c", step["run"], cwd=copied / "github-actions", **told).stdout
                for step in job["steps"]
                if "run" in step
            ]

        assert "site_demo" in outputs[0]
        assert "4 passed" in outputs[1]

    def test_its_settings_are_in_force(self, job):
        with container(**job["services"]["mockserver"]["env"]) as url:
            options = json.loads(run("curl", "-sf", f"{url}/_mock/options/ingrid", cwd=ROOT).stdout)
            sites = json.loads(run("curl", "-sf", f"{url}/_mock/records/ingrid/sites", cwd=ROOT).stdout)["items"]

        assert options["token_format"] == "opaque"
        assert [(site["id"], site["ttl_max_s"]) for site in sites] == [("site_demo", 600)]


class TestGitLab:
    def test_the_service_is_told_by_environment_alone_and_the_script_passes(self, copied):
        job = read(EXAMPLES / "gitlab" / "gitlab-ci.yml")["hand-off"]
        (service,) = job["services"]
        variables = dict(service["variables"])
        assert variables.pop("HEALTHCHECK_TCP_PORT") == PORT
        assert job["variables"] == {"MOCKSERVER_URL": f"http://{service['alias']}:{PORT}"}

        with container(**variables) as url:
            for line in job["script"]:
                ran = run("bash", "-e", "-c", line, cwd=copied / "pytest", MOCKSERVER_URL=url)

        assert "4 passed" in ran.stdout


class TestDockerCompose:
    @pytest.fixture
    def services(self):
        return read(EXAMPLES / "docker-compose" / "compose.yaml")["services"]

    def test_tests_wait_for_the_health_check_of_the_image(self, services):
        assert services["tests"]["depends_on"] == {"mockserver": {"condition": "service_healthy"}}
        assert services["tests"]["environment"]["MOCKSERVER_URL"] == f"http://mockserver:{PORT}"
        assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()

    def test_the_server_has_no_rights_and_is_reached_from_this_machine_only(self, services):
        server = services["mockserver"]

        assert (server["read_only"], server["cap_drop"]) == (True, ["ALL"])
        assert server["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]

    def test_its_command_passes_once_the_health_check_does(self, services, copied):
        with container(**services["mockserver"]["environment"]) as url:
            port = url.rsplit(":", 1)[1]
            run("mockserver", "healthcheck", cwd=copied, MOCKSERVER_PORT=port, MOCKSERVER_HOST="0.0.0.0")
            ran = run("sh", "-c", services["tests"]["command"], cwd=copied / "pytest", MOCKSERVER_URL=url)

        assert "4 passed" in ran.stdout


class TestTestcontainers:
    """Where a container would be started, a server is: the libraries' classes are the real ones only in Python."""

    def test_the_python_suite_passes(self, copied, tmp_path):
        library = tmp_path / "library"
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        installed = run(*pip, "--target", str(library), "testcontainers>=4.13", cwd=tmp_path, check=False)
        if installed.returncode != 0:
            missing("testcontainers", installed.stderr[-500:])
        folder = copied / "testcontainers"
        shutil.copy(copied / "pytest" / "shop.py", folder)
        shutil.copy(STAND_INS / "python" / "local_container.py", folder / "conftest.py")

        ran = run(
            "python", "-m", "pytest", "-q", "-p", "no:randomly", "-W", "default",
            cwd=folder, PYTHONPATH=f"{ROOT}{os.pathsep}{library}",
        )  # fmt: skip

        assert "1 passed" in ran.stdout

    def test_the_node_suite_passes(self, copied):
        node = found("node", HOW_TO_GET_NODE)
        (copied / "node_modules").symlink_to(STAND_INS / "node")

        ran = run(node, "--test", "handoff.test.mjs", cwd=copied / "testcontainers")

        assert re.search(r"pass 1\b", ran.stdout)

    def test_the_java_test_compiles_and_passes(self, copied):
        javac = found("javac", "install a JDK, 17 or newer")
        folder = copied / "testcontainers"
        shutil.copytree(STAND_INS / "java", folder, dirs_exist_ok=True)

        with container(MOCKSERVER_SEED="1") as url:
            run(javac, "-d", "classes", "Main.java", "HandoffTest.java", cwd=folder)
            ran = run("java", "-cp", "classes", "Main", cwd=folder, LOCAL_PORT=url.rsplit(":", 1)[1])

        assert ran.stdout == "passed\n"


def test_every_script_of_node_can_be_read():
    node = found("node", HOW_TO_GET_NODE)

    for script in EXAMPLES.rglob("*.mjs"):
        run(node, "--check", str(script), cwd=ROOT)


def test_every_action_is_pinned_by_its_commit():
    steps = [
        step
        for file in (EXAMPLES / "github-actions" / "workflow.yml", *(ROOT / ".github" / "workflows").glob("*.yml"))
        for job in read(file)["jobs"].values()
        for step in job["steps"]
    ]

    assert [step["uses"] for step in steps if "uses" in step and not SHA.match(step["uses"])] == []


def read(file):
    return yaml.safe_load(file.read_text(encoding="utf-8"))
