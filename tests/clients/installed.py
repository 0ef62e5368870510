"""Other people's clients, unmodified: installed by the test run, into a folder of their own, once for all tests."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.clients.tools import found, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest

PATIENCE_SECONDS = 180


def from_npm(config: pytest.Config, *packages: str) -> Path:
    """The folder whose `node_modules` holds these packages (`name@version`) and what they need."""
    npm = found("npm", "it comes with Node.js")
    return _once(config, "npm", packages, lambda folder: [*_NPM, "--prefix", str(folder), *packages], npm)


def from_pypi(config: pytest.Config, *packages: str) -> Path:
    """The folder that holds these packages (`name==version`), and not what they need: the project has that."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target"]
    return _once(config, "pypi", packages, lambda folder: [*pip, str(folder), *packages])


_NPM = ("install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps")


def _once(
    config: pytest.Config,
    registry: str,
    packages: tuple[str, ...],
    command: Callable[[Path], list[str]],
    *program: str,
) -> Path:
    kept = config.cache.mkdir("clients")
    folder = kept / "-".join([registry, *(package.replace("/", "+") for package in packages)])
    done = folder / "installed"
    with _alone(kept / "lock"):
        if not done.exists():
            ran = subprocess.run(
                [*program, *command(folder)], capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
            )
            if ran.returncode != 0:
                missing(", ".join(packages), f"it could not be installed: {ran.stderr.strip()[-300:]}")
            done.touch()
    return folder


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Nobody else is in here; tests run in several processes."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
