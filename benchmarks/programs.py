"""Servers as processes of their own: started on a free port of the loopback, looked at, and stopped."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Self

from .load import HOST, Line, UnexpectedAnswerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .load import Target

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 30.0
"""So many seconds a program has until it answers, and until it has ended."""
BETWEEN_TRIES = 0.0005


class Program:
    """A server in a process of its own; *began* is when it was asked to start. Of a *quiet* one no warning is shown."""

    def __init__(self, command: Sequence[str], port: int, *, quiet: bool = False) -> None:
        self.port = port
        nowhere = subprocess.DEVNULL
        errors = nowhere if quiet else None
        self.began = perf_counter()
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=_environment(), stdin=nowhere, stdout=nowhere, stderr=errors
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """End it at once, if it is still there."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def answers(self, target: Target) -> float:
        """Wait for the first good answer to *target*; so many milliseconds after the start it was here."""
        while not _answers(target):
            if self._process.poll() is not None or perf_counter() - self.began > PATIENCE:
                raise RuntimeError(f"{self._process.args!r} does not answer")
            sleep(BETWEEN_TRIES)
        return (perf_counter() - self.began) * 1e3

    def resident(self) -> float:
        """Its resident memory, in bytes."""
        return resident(self._process.pid)

    def stop(self) -> float:
        """End it with SIGTERM; so many milliseconds it took. Raises if it did not end well."""
        began = perf_counter()
        self._process.terminate()
        code = self._process.wait(PATIENCE)
        took = (perf_counter() - began) * 1e3
        if code != 0:
            raise RuntimeError(f"{self._process.args!r} ended with {code}")
        return took


def resident(pid: int | str = "self") -> float:
    """The resident memory of a process, in bytes; of this one if none is named."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(1024.0 * int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


def python(*arguments: str, port: int | None = None) -> Program:
    """A module of ours that takes `--port`."""
    chosen = port or free_port()
    return Program([sys.executable, "-m", *arguments, "--port", str(chosen)], chosen)


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.create_server((HOST, 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _answers(target: Target) -> bool:
    try:
        with Line(target) as line:
            line.send(target.requests[0])
            while line.receive() is None:
                pass
            return True
    except (ConnectionError, TimeoutError):
        return False
    except UnexpectedAnswerError as error:
        if "hung up" in str(error):
            return False
        raise


def _environment() -> dict[str, str]:
    # Byte code is written, whatever the shell says, and in a folder of our own: without it every start is four
    # times slower. Nothing that configures the emulator is passed on.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MOCKSERVER_", "PYTHON"))}
    kept.pop("PORT", None)
    return {**kept, "PYTHONPYCACHEPREFIX": _byte_code().name}


@cache
def _byte_code() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="benchmarks-")
