"""What every command stands on: settings from flags, and one line that names the place where something is unusable."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from mockserver.core.options import Switch, declarations
from mockserver.core.vendor import NothingToHandOutError
from mockserver.settings import Settings, environment_name, read
from mockserver.yamltext import FileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mockserver.core.journal import Exchange
    from mockserver.emulator import Emulator

Command = Any


class FailedError(click.ClickException):
    """What was asked for did not come about."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        """One line for each problem, on standard error."""
        for line in self.message.splitlines():
            click.echo(f"mockserver: {line}", file=file or sys.stderr)


class UnusableError(FailedError):
    """Something the user gave cannot be used."""

    exit_code = 2


@contextmanager
def usable() -> Iterator[None]:
    """What cannot be used in here is told in one line."""
    try:
        yield
    except (FileError, NothingToHandOutError) as error:
        raise UnusableError(str(error)) from None


def with_settings(command: Command) -> Command:
    """Give a command a flag for each setting; what it gets as `flags` is what was given."""
    for declared in reversed(list(declarations(Settings))):
        name = declared.name.replace("_", "-")
        shown = f"{declared.why} [{environment_name(declared.name)}]"
        flag = f"--{name}/--no-{name}" if isinstance(declared.kind, Switch) else f"--{name}"
        command = click.option(flag, declared.name, default=None, help=shown)(command)
    return command


def emulator_for(
    flags: Mapping[str, Any],
    on_exchange: Callable[[Exchange], None] | None = None,
    unless_said: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Emulator:
    """An emulator with these settings, in this environment; *unless_said* holds where nobody says otherwise."""
    from mockserver.emulator import Emulator  # noqa: PLC0415  (a health check can do without)

    with usable():
        return Emulator(read(flags, environ, unless_said=unless_said), on_exchange=on_exchange)


@contextmanager
def listening() -> Iterator[None]:
    """That a port cannot be had in here is told in one line."""
    from mockserver.doors import CannotListenError  # noqa: PLC0415  (a health check can do without)

    try:
        yield
    except CannotListenError as error:
        why = str(error.strerror).partition(" (while")[0]  # asyncio and socket repeat the address in there
        flag = f"--{error.setting.replace('_', '-')}"
        raise UnusableError(f"cannot listen on {error.host}:{error.port}: {why}; {flag} takes another") from None


def reached_at(settings: Settings, port: int) -> str:
    """Host and port at which this machine reaches an emulator with these settings."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104  (compared, not bound)
    return f"{f'[{host}]' if ':' in host else host}:{port}"
