"""The command line, run as users run it, in an environment without settings but those that are given."""

from __future__ import annotations

import os
import subprocess
import sys

COMMAND = [sys.executable, "-m", "mockserver"]
PATIENCE = 30


def environ(more=None):
    return {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER")} | (more or {})


def run(*arguments, stdin=None, **more):
    """Run a command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environ(more),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
