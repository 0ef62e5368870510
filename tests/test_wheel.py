"""What users install: the wheel, in an environment that has nothing else of this project."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parents[1]
PATIENCE = 300


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_the_demo_world_and_the_documents(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())

    assert "mockserver/py.typed" in names
    for folder in ("fixtures", "openapi"):
        kept = {f"mockserver/{path.relative_to(ROOT)}" for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert kept - names == set()
    assert "mockserver/vendors/hyperswitch/descriptors.binpb" in names


def test_a_server_started_from_the_wheel_hands_out_a_token(wheel, tmp_path):
    folder = tmp_path / "empty"
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(*pip, "--require-hashes", "--requirement", str(ROOT / "requirements.lock"), cwd=tmp_path)
    _run(*pip, "--no-deps", str(wheel), cwd=tmp_path)
    command = str(folder / "bin" / "mockserver")

    with subprocess.Popen(
        [command, "serve", "--port", "0"], cwd=tmp_path, env=_environ(), stdout=subprocess.PIPE, text=True
    ) as server:
        url = re.search(r" on (http://\S+)", server.stdout.readline())[1]
        body = _run(command, "assert", "--body", "--url", url, cwd=tmp_path)
        answer = requests.post(
            f"{url}/ingrid/v1/auth/token", data=body, headers={"Content-Type": "application/json"}, timeout=PATIENCE
        )
        document = requests.get(f"{url}/_mock/openapi.json", timeout=PATIENCE)
        server.send_signal(signal.SIGTERM)

    assert answer.json()["tokenType"] == "Bearer"
    assert document.json()["openapi"] == "3.1.0"
    assert server.returncode == 0


def _environ() -> dict[str, str]:
    left_out = ("MOCKSERVER", "PYTHONPATH", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}


def _run(*command: str, cwd: Path) -> str:
    ran = subprocess.run(
        command, cwd=cwd, env=_environ(), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
