"""What happened in a running emulator, and why; and what would happen."""

from __future__ import annotations

import base64
import json
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.remote import remotely
from mockserver.cli.settled import UnusableError

if TYPE_CHECKING:
    from mockserver.client import Exchange, Sandbox


@click.command()
@click.argument("exchange_id", required=False, metavar="[ID]")
@click.option("--follow", is_flag=True, help="Tell what happens from now on, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object per line; with ID, the whole entry.")
@click.option("--vendor", help="Only this vendor's.")
@click.option("--operation", help="Only of this operation; * stands for any text.")
@click.option("--outcome", help="Only with this outcome: ok, refused, failed, or a reason code.")
@click.option("--status", type=int, help="Only answered with this status.")
@click.option("--method", help="Only asked by this method.")
@click.option("--path", help="Only of this path; * stands for any text.")
@click.option("--credential", help="Only with this account, key or token id.")
@remotely
def journal(
    sandbox: Sandbox,
    exchange_id: str | None,
    follow: bool,  # noqa: FBT001  (click passes everything by name)
    as_json: bool,  # noqa: FBT001
    **flags: Any,
) -> None:
    """Tell what happened in a running emulator, refusals with their reasons; of ID, everything."""
    which = {name: value for name, value in flags.items() if value is not None}
    if exchange_id and (follow or which):
        raise UnusableError("journal: ID is one exchange; it goes with no --follow and no filter")
    if exchange_id:
        _tell_all(sandbox, exchange_id, as_json=as_json)
    elif follow:
        with suppress(KeyboardInterrupt):
            for exchange in sandbox.journal.follow(**which):
                _tell(exchange, as_json=as_json)
    elif as_json:
        for exchange in sandbox.journal.list(**which):
            _tell(exchange, as_json=True)
    else:
        text = sandbox.journal.text(**which)
        click.echo(text, nl=bool(text))


@click.command()
@click.argument("text", metavar="TOKEN|-")
@click.option("--assertion/--token", default=None, help="Which it is; by default an assertion if its alg is RS256.")
@click.option("--operation", help="What this operation would say; by default all that take such a thing.")
@remotely
def explain(sandbox: Sandbox, text: str, assertion: bool | None, operation: str | None) -> None:  # noqa: FBT001
    """Tell why a running emulator would take or refuse TOKEN, or what standard input has; check by check."""
    from mockserver.client import words  # noqa: PLC0415  (requests is loaded on first use)

    told = (sys.stdin.read() if text == "-" else text).strip()
    if not told:
        raise UnusableError("explain: there is nothing to explain")
    kind = "assertion" if (_is_rs256(told) if assertion is None else assertion) else "token"
    for line in words.explained(sandbox.explain(**{kind: told}, operation=operation)):
        click.echo(line)


def _tell(exchange: Exchange, *, as_json: bool) -> None:
    from mockserver.client import words  # noqa: PLC0415  (requests is loaded on first use)

    shown = json.dumps({**asdict(exchange), "at": exchange.at.isoformat()}) if as_json else words.line(exchange)
    click.echo(shown)


def _tell_all(sandbox: Sandbox, exchange_id: str, *, as_json: bool) -> None:
    from mockserver.client import words  # noqa: PLC0415  (requests is loaded on first use)

    entry = sandbox.journal.explain(exchange_id)
    click.echo(json.dumps(entry, indent=2) if as_json else "\n".join(words.whole(entry)))


def _is_rs256(text: str) -> bool:
    """Whether its header says so; the tokens that are minted here have other algorithms."""
    head = text.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except ValueError:
        return False
    return isinstance(header, dict) and header.get("alg") == "RS256"
