"""The clock and the tokens of a running emulator."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.remote import WithDefault, remotely
from mockserver.cli.settled import UnusableError

if TYPE_CHECKING:
    from mockserver.client import Sandbox, Time


@click.group(cls=WithDefault)
def clock() -> None:
    """Show, move or stop the clock of a running emulator."""


@clock.command()
@remotely
def show(sandbox: Sandbox) -> None:
    """What time it is there."""
    _tell(sandbox.clock.read())


@clock.command(context_settings={"ignore_unknown_options": True})
@click.argument("seconds")
@remotely
def advance(sandbox: Sandbox, seconds: str) -> None:
    """Move it by SECONDS, backwards if negative."""
    _tell(sandbox.clock.advance(_duration(seconds)))


@clock.command("set")
@click.argument("instant")
@click.option("--freeze", is_flag=True, help="It stands still then.")
@remotely
def set_clock(sandbox: Sandbox, instant: str, freeze: bool) -> None:  # noqa: FBT001  (click passes by name)
    """Make it INSTANT, as in 2030-01-01T00:00:00Z."""
    _tell(sandbox.clock.set(instant, frozen=freeze))


@clock.command("freeze")
@remotely
def freeze_clock(sandbox: Sandbox) -> None:
    """Let it stand still."""
    _tell(sandbox.clock.freeze())


@clock.command()
@remotely
def reset(sandbox: Sandbox) -> None:
    """Let it follow the machine's time again."""
    _tell(sandbox.clock.reset())


@click.command()
@click.option("--vendor", help="Only this vendor's.")
@click.option("--kind", help="Only those of this kind, as in site.")
@click.option("--subject", help="Only those issued to this account.")
@click.option("--id", help="Only this one.")
@remotely
def expire(sandbox: Sandbox, **which: Any) -> None:
    """Let the tokens of a running emulator have expired: all of them, or those meant."""
    given = {name: value for name, value in which.items() if value is not None}
    count = sandbox.tokens.expire(**given)
    click.echo(f"{count} {'token has' if count == 1 else 'tokens have'} expired")


@click.command()
@click.argument("vendor", required=False)
@click.option("--kind", help="Which of the hand-off; the last one if not given.")
@remotely
def token(sandbox: Sandbox, vendor: str | None, kind: str | None) -> None:
    """Print a fresh token of VENDOR from a running emulator: its hand-off is played for it."""
    click.echo(sandbox.tokens.issue(vendor or _only_vendor(sandbox), kind))


def _only_vendor(sandbox: Sandbox) -> str:
    names = sorted(sandbox.credentials)
    if len(names) != 1:
        raise UnusableError(f"token: of which vendor? {', '.join(names) or 'None here has anything to hand out.'}")
    return names[0]


def _duration(text: str) -> timedelta:
    try:
        return timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        raise UnusableError(f"clock advance: '{text}' is no number of seconds") from None


def _tell(time: Time) -> None:
    ahead = time.ahead.total_seconds()
    apart = f", {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the machine" if round(ahead) else ""
    now = time.now.replace(tzinfo=None).isoformat(timespec="seconds")
    click.echo(f"{now}Z{', frozen' if time.frozen else ''}{apart}")
