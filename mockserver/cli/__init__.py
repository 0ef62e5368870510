"""The command line. What it cannot use, it says in one line that names the place, and exits with 2."""

from __future__ import annotations

from importlib import import_module

import click

from mockserver import __version__

COMMANDS = {
    "serve": "serving.serve",
    "demo": "showing.demo",
    "exec": "running.execute",
    "env": "handing.env",
    "assert": "handing.assertion",
    "token": "times.token",
    "explain": "events.explain",
    "journal": "events.journal",
    "clock": "times.clock",
    "expire": "times.expire",
    "rules": "faults.rules",
    "scenario": "papers.scenario",
    "openapi": "papers.openapi",
    "healthcheck": "serving.healthcheck",
}
"""Each command, and where it stands: module and name. Only the one that is asked for is loaded."""


class Commands(click.Group):
    """The commands by name, loaded on first use: a health check is asked every few seconds and must be cheap."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them, in their order."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The one of this name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(".")
        command: click.Command = getattr(import_module(f"{__name__}.{module}"), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mockserver")
def main() -> None:
    """Stand in, offline, for the merchant and identity backends that a token hand-off talks to.

    Start it with `serve`, which prints a first call to paste. Point your backend at it with
    `eval "$(mockserver env)"`. Sign an assertion, right or wrong, with `assert`.

    Settings: flags, then MOCKSERVER_<NAME>, then MOCKSERVER_CONFIG_JSON, then the file that MOCKSERVER_CONFIG
    names (or ./mockserver.yaml).
    """
