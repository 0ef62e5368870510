"""Run a command beside an emulator of its own."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.settled import emulator_for, listening, with_settings
from mockserver.core.vendor import NothingToHandOutError
from mockserver.settings import CA_FILE, TLS_URL, URL, environment_name

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from mockserver.emulator import Emulator

PASSED_ON = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
NODE_CA_FILE = "NODE_EXTRA_CA_CERTS"
BY_SIGNAL, NOT_FOUND, NOT_EXECUTABLE = 128, 127, 126
"""As shells tell it."""


@click.command("exec", context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@with_settings
def execute(command: tuple[str, ...], **flags: Any) -> None:
    """Run COMMAND beside an emulator on a free port, with what `env` prints in its environment, and end with its code.

    mockserver exec -- npm test
    """
    emulator = emulator_for(flags, unless_said={"port": 0, "tls_port": 0, "grpc_port": [0]}, environ=_without_port())
    with listening():
        emulator.start()
    try:
        with _variables(emulator) as variables:
            code = _run(command, {**os.environ, **variables})
    finally:
        emulator.stop()
    sys.exit(code)


def _without_port() -> dict[str, str]:
    """The environment, in which PORT is for the command: it may be about to listen there."""
    return {name: value for name, value in os.environ.items() if name != "PORT"}


@contextmanager
def _variables(emulator: Emulator) -> Iterator[dict[str, str]]:
    """What the command finds in its environment; the file that it names is there in here."""
    if emulator.tls_url is None or emulator.ca_pem is None:
        yield _told(emulator)
        return
    with TemporaryDirectory() as folder:
        file, beside_others = Path(folder, "ca.pem"), Path(folder, "with-others.pem")
        file.write_bytes(emulator.ca_pem)
        beside_others.write_bytes(_trusted_already() + emulator.ca_pem)
        # Node adds these to its own; what other tools have such a variable for takes the place of theirs.
        yield {**_told(emulator), CA_FILE: str(file), NODE_CA_FILE: str(beside_others)}


def _trusted_already() -> bytes:
    try:
        return Path(os.environ[NODE_CA_FILE]).read_bytes() + b"\n"
    except (KeyError, OSError):
        return b""


def _told(emulator: Emulator) -> dict[str, str]:
    variables = {URL: emulator.url}
    if emulator.tls_url:
        variables[TLS_URL] = emulator.tls_url
    if emulator.settings.admin_token:
        variables[environment_name("admin_token")] = emulator.settings.admin_token
    for vendor in emulator.vendors:
        try:
            variables.update(emulator.environment(vendor))
        except NothingToHandOutError:
            continue
    return variables


def _run(command: Sequence[str], environ: dict[str, str]) -> int:
    import subprocess  # noqa: PLC0415  (the other commands can do without)

    with _Signals.passed_on() as signals:
        try:
            process = subprocess.Popen(command, env=environ)  # noqa: S603  (that is what it is for)
        except FileNotFoundError:
            return _not_run(f"exec: '{command[0]}' is not found", NOT_FOUND)
        except OSError as error:
            return _not_run(f"exec: '{command[0]}' cannot be run: {error.strerror}", NOT_EXECUTABLE)
        signals.go_to(process)
        code = process.wait()
    return code if code >= 0 else BY_SIGNAL - code


def _not_run(why: str, code: int) -> int:
    click.echo(f"mockserver: {why}", err=True)
    return code


class _Signals:
    """Passes signals on to a process; those that come before it is there wait for it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting: list[int] = []

    @classmethod
    @contextmanager
    def passed_on(cls) -> Iterator[_Signals]:
        """Do so in here; what was ignored before, as under nohup, stays ignored."""
        signals = cls()
        before = {number: signal.getsignal(number) for number in PASSED_ON}
        heeded = [number for number in PASSED_ON if before[number] is not signal.SIG_IGN]
        for number in heeded:
            signal.signal(number, signals.pass_on)
        try:
            yield signals
        finally:
            for number in heeded:
                signal.signal(number, before[number])

    def go_to(self, process: subprocess.Popen[bytes]) -> None:
        """This is the process."""
        self._process = process
        while self._waiting:
            process.send_signal(self._waiting.pop(0))

    def pass_on(self, number: int, frame: FrameType | None) -> None:
        """Let the process have this one."""
        del frame
        if number == signal.SIGINT and _in_a_terminal():
            return  # Ctrl-C has reached the process too, and to many a second one means: stop cleaning up.
        if self._process:
            self._process.send_signal(number)
        else:
            self._waiting.append(number)


def _in_a_terminal() -> bool:
    try:
        return os.tcgetpgrp(sys.__stdin__.fileno() if sys.__stdin__ else 0) == os.getpgrp()
    except (OSError, ValueError):
        return False
