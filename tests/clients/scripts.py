"""The two scripts that make a hand-off in processes of their own, and how to talk with one."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

from tests.clients.tools import found, missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HERE = Path(__file__).parent
PATIENCE = 60.0
"""A script that takes longer hangs, and is ended."""

OLDEST_NODE = 20
HOW_TO_GET_NODE = f"install Node.js {OLDEST_NODE} or newer from nodejs.org or your distribution"


def node(script: str = "handoff.mjs") -> list[str]:
    """How to run a Node script."""
    program = found("node", HOW_TO_GET_NODE)
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").partition(".")[0]) < OLDEST_NODE:
        missing(f"node {OLDEST_NODE}", f"this is {version.strip()}; {HOW_TO_GET_NODE}")
    return [program, str(HERE / script)]


def python() -> list[str]:
    """How to run the Python script."""
    return [sys.executable, str(HERE / "handoff.py")]


class Script:
    """A running script: what it tells, step by step."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def until_it_waits(self) -> list[dict[str, Any]]:
        """Its steps up to where it waits for a line."""
        steps = []
        for step in self._steps():
            if step == {"step": "waiting"}:
                return steps
            steps.append(step)
        raise AssertionError(f"it ended before it waited, after {steps}: {self._errors()}")

    def to_its_end(self) -> list[dict[str, Any]]:
        """Let it go on; its steps from there."""
        self._input.write("\n")
        self._input.close()
        steps = list(self._steps())
        assert self._process.wait() == 0, self._errors()
        return steps

    def _steps(self) -> Iterator[dict[str, Any]]:
        assert self._process.stdout
        for line in self._process.stdout:
            yield json.loads(line)

    def _errors(self) -> str:
        assert self._process.stderr
        return self._process.stderr.read()

    @property
    def _input(self) -> Any:
        assert self._process.stdin
        return self._process.stdin


@contextmanager
def running(command: list[str], environment: Mapping[str, str]) -> Iterator[Script]:
    """Run a script that knows these environment variables and no others."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        guard = Timer(PATIENCE, process.kill)
        guard.start()
        try:
            yield Script(process)
        finally:
            guard.cancel()
            process.kill()
