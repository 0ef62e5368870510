"""The import contracts hold something: each is broken here on purpose, in a copy, and seen to fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

VIOLATIONS = {
    "Arrows point down": ("core/clock.py", "import mockserver.settings"),
    "The core knows no wire, no schema library, no settings": ("core/journal.py", "import marshmallow"),
    "Vendors never import each other": ("vendors/acme/__init__.py", "import mockserver.vendors.ingrid.errors"),
    "Vendors know no transport": ("vendors/ingrid/errors.py", "import flask"),
    "Only rpc imports gRPC and protobuf": ("web/wire.py", "import grpc"),
    "Only web imports Flask": ("scenarios.py", "import flask"),
    "Only the client makes requests": ("emulator.py", "import requests"),
    "Only BigCommerce's queries know GraphQL": ("vendors/ingrid/errors.py", "import graphql"),
    "Only core.clock reads the machine's time": ("vendors/ingrid/tokens.py", "import time"),
    "Only core.entropy draws random numbers": ("web/app.py", "import uuid"),
}


@pytest.mark.parametrize(("contract", "violation"), VIOLATIONS.items(), ids=VIOLATIONS)
def test_a_contract_fails_where_it_is_violated(contract, violation, tmp_path):
    module, line = violation
    _copy_project(tmp_path)
    path = tmp_path / "mockserver" / module
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + f"\n{line}\n")

    linted = _lint(tmp_path)

    assert linted.returncode == 1
    assert f"{contract} BROKEN" in " ".join(linted.stdout.split())


@pytest.mark.parametrize(
    "code", ["from datetime import datetime\ndatetime.now()\n", "import time\n", "import secrets\n", "import uuid\n"]
)
def test_no_other_module_reads_the_time_or_draws_a_number(code):
    command = [str(Path(sys.executable).parent / "ruff"), "check", "--select", "TID251", "--stdin-filename"]

    elsewhere, clock = (
        subprocess.run(
            [*command, f"mockserver/{name}"], cwd=ROOT, input=code, capture_output=True, text=True, check=False
        )
        for name in ("core/engine.py", "core/clock.py")
    )

    assert (elsewhere.returncode, clock.returncode) == (1, 0)


def test_every_contract_is_seen_failing():
    text = (ROOT / "pyproject.toml").read_text()

    named = {line.removeprefix('name = "').rstrip('"') for line in text.splitlines() if line.startswith('name = "')}

    assert set(VIOLATIONS) == named - {"mockserver"}


def _copy_project(folder: Path) -> None:
    shutil.copytree(ROOT / "mockserver", folder / "mockserver", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
