"""Tools that pip does not bring: a test that needs one skips without it, and fails in CI."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def missing(tool: str, how: str) -> NoReturn:
    """Say what is not there and how to get it: a skip, or a failure where `CI` is `true`."""
    message = f"{tool} is missing: {how}"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def found(tool: str, how: str) -> str:
    """Where this program is on the PATH; *how* says how to get it there."""
    return shutil.which(tool) or missing(tool, how)


def absent(kind: str, tool: str, how: str) -> NoReturn:
    """The same for what a machine may be unable to have.

    CI says so in `TESTS_WITHOUT`, kinds separated by commas, and then the skip stands there too.
    """
    if kind in os.environ.get("TESTS_WITHOUT", "").split(","):
        pytest.skip(f"{tool} is missing, and TESTS_WITHOUT has {kind}: {how}")
    missing(tool, how)
