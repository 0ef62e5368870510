"""Adding a vendor is one new folder and no other change: this suite, unedited, runs on it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEAVE = shutil.ignore_patterns("__pycache__", "test_new_vendor.py")


def test_the_suite_picks_a_new_folder_up(tmp_path):
    for name in ("mockserver", "fixtures", "openapi"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=LEAVE)
    for name in ("conformance", "support"):
        shutil.copytree(ROOT / "tests" / name, tmp_path / "tests" / name, ignore=LEAVE)
    for name in ("pyproject.toml", "tests/conftest.py", "tests/__init__.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "tests" / "conformance" / "acme", tmp_path / "mockserver" / "vendors" / "acme")
    _run(tmp_path, "mockserver", "openapi", "--write", "openapi")
    _run(tmp_path, "tests.support.golden")

    suite = _run(tmp_path, "pytest", "tests/conformance", "-k", "acme", "-q", "-p", "no:cacheprovider")

    assert re.search(r"\b[1-9]\d+ passed", suite.stdout), suite.stdout
    assert "failed" not in suite.stdout


def _run(folder: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
