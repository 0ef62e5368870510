"""Clients of other people, installed by the test run into folders of their own; kept for the next run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from tests.clients.tools import found, missing

PATIENCE = 300
_USER = os.getuid() if hasattr(os, "getuid") else 0


def from_npm(package: str, version: str) -> Path:
    """The folder in which npm has installed this package."""
    npm = found("npm", "install Node.js, which brings it")
    return _installed(
        f"npm-{package.rpartition('/')[2]}-{version}",
        lambda folder: [
            npm,
            "install",
            "--no-audit",
            "--no-fund",
            "--silent",
            "--prefix",
            folder,
            f"{package}@{version}",
        ],
    )


def from_pypi(package: str, version: str) -> Path:
    """The folder in which pip has installed this package, and nothing that it depends on."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    return _installed(f"pypi-{package}-{version}", lambda folder: [*pip, "--target", folder, f"{package}=={version}"])


def _installed(name, command) -> Path:
    kept = Path(gettempdir()) / f"mockserver-clients-{_USER}" / name
    if kept.is_dir():
        return kept
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    # Made aside and moved into place: runs beside each other must not meet half of it.
    scratch = Path(mkdtemp(dir=kept.parent))
    ran = subprocess.run(command(str(scratch)), capture_output=True, text=True, timeout=PATIENCE, check=False)
    if ran.returncode != 0:
        missing(name, f"it cannot be installed: {ran.stderr.strip()[-300:]}")
    try:
        scratch.rename(kept)
    except OSError:
        if not kept.is_dir():
            raise
    return kept
