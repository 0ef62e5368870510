"""The rules of a running emulator."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.remote import WithDefault, remotely
from mockserver.cli.settled import UnusableError

if TYPE_CHECKING:
    from mockserver.client import Rule, Sandbox

COUNT = click.IntRange(0)


@click.group(cls=WithDefault)
def rules() -> None:
    """List, add or remove the rules of a running emulator."""


@rules.command("list")
@remotely
def list_rules(sandbox: Sandbox) -> None:
    """Tell of each rule in force."""
    for rule in sandbox.rules:
        click.echo(_line(rule))


@rules.command()
@click.argument("rule", required=False, metavar="[JSON]")
@click.option("--refuse", metavar="REASON", help="Refuse as the vendor would for this reason code.")
@click.option("--delay", type=float, metavar="SECONDS", help="Answer so much later.")
@click.option("--drop", metavar="before|midway", help="Close the connection before or amid the answer.")
@click.option("--truncate", is_flag=True, help="Cut the answer's body.")
@click.option("--garble", is_flag=True, help="Answer with a body that is no JSON.")
@click.option("--vendor", help="Only this vendor's calls.")
@click.option("--operation", help="Only calls of this operation; * stands for any text.")
@click.option("--credential", help="Only calls that carry this account, key or token id.")
@click.option("--token", help="Only calls that carry a token of this kind.")
@click.option("--path", help="Only calls of this path; * stands for any text.")
@click.option("--transport", metavar="http|grpc", help="Only calls by this transport.")
@click.option("--nth", type=COUNT, help="Only the so-manieth of the calls that match.")
@click.option("--times", type=COUNT, help="At most so often.")
@click.option("--after", type=COUNT, help="So many calls that match pass first.")
@click.option("--probability", type=float, help="By chance, from 0 to 1.")
@click.option("--per-credential", is_flag=True, help="Count for every credential by itself.")
@remotely
def add(sandbox: Sandbox, rule: str | None, **flags: Any) -> None:
    """Put a rule in force: the one that JSON tells (`when`, `then`, `times`, ...), or that flags tell."""
    flat = {name: value for name, value in flags.items() if value is not None and value is not False}
    if rule is not None and flat:
        raise UnusableError("rules add: give JSON or flags, one of them")
    given = flat if rule is None else _read(rule)
    try:
        added = sandbox.rules.add(**given)
    except TypeError as error:
        raise UnusableError(f"rules add: {error}") from None
    click.echo(_line(added))


@rules.command()
@click.argument("rule_id", metavar="ID")
@remotely
def show(sandbox: Sandbox, rule_id: str) -> None:
    """Tell of rule ID, and why it left recent calls alone."""
    rule = sandbox.rules.find(rule_id)
    click.echo(_line(rule))
    for call in rule.recent:
        click.echo(f"  {call.exchange}: {call.why}")


@rules.command()
@click.argument("rule_id", metavar="ID")
@remotely
def remove(sandbox: Sandbox, rule_id: str) -> None:
    """Take rule ID out of force."""
    sandbox.rules.find(rule_id).remove()


@rules.command()
@remotely
def clear(sandbox: Sandbox) -> None:
    """Take all rules out of force that were added; what the scenario has stays."""
    count = sandbox.rules.clear()
    click.echo(f"{count} {'rule' if count == 1 else 'rules'} taken out of force")


def _read(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UnusableError(f"rules add: not JSON: {error}") from None
    if not isinstance(found, dict):
        raise UnusableError("rules add: not a JSON object")
    return found


def _line(rule: Rule) -> str:
    struck = f"struck {rule.strikes} of {rule.matches}"
    return f"{rule.id}: {struck}{' (from the scenario)' if rule.from_scenario else ''}: {json.dumps(rule.written)}"
