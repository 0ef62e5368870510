"""What the commands share that talk to a running emulator."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.settled import FailedError, reached_at, usable
from mockserver.settings import URL, environment_name, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver.client import Sandbox


def remotely(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command say which emulator and sandbox it means; what it gets first is that sandbox."""

    @click.option("--url", help=f"Where the emulator is called; by default as the settings say. [{URL}]")
    @click.option("--sandbox", metavar="NAME", help="A sandbox other than the default one.")
    @click.option("--admin-token", help=f"If it is guarded by one. [{environment_name('admin_token')}]")
    @wraps(command)
    def remote(url: str | None, sandbox: str | None, admin_token: str | None, **given: Any) -> None:
        with _reached(url, sandbox, admin_token) as meant:
            command(meant, **given)

    return remote


class WithDefault(click.Group):
    """A group whose first command is meant where none is said."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put it in front of flags that stand alone."""
        if (not args or args[0].startswith("-")) and args[:1] not in (["--help"], ["-h"]):
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)


@contextmanager
def _reached(url: str | None, sandbox: str | None, admin_token: str | None) -> Iterator[Sandbox]:
    from mockserver.client import Mockserver, MockserverError  # noqa: PLC0415  (requests is loaded on first use)

    with usable():
        settings = read({"admin_token": admin_token})
    where = url or os.environ.get(URL) or reached_at(settings, settings.port)
    with Mockserver(where, settings.admin_token) as server:
        try:
            yield server.named(sandbox) if sandbox else server.default
        except MockserverError as error:
            raise FailedError(error.detail) from None
