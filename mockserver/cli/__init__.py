"""The command line. What it cannot use, it says in one line that names the place, and exits with 2."""

from __future__ import annotations

import click

from mockserver import __version__
from mockserver.cli import events, faults, handing, papers, running, serving, times


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mockserver")
def main() -> None:
    """Stand in, offline, for the merchant and identity backends that a token hand-off talks to.

    Start it with `serve`, which prints a first call to paste. Point your backend at it with
    `eval "$(mockserver env)"`. Sign an assertion, right or wrong, with `assert`.

    Settings: flags, then MOCKSERVER_<NAME>, then MOCKSERVER_CONFIG_JSON, then the file that MOCKSERVER_CONFIG
    names (or ./mockserver.yaml).
    """


for command in (
    serving.serve,
    running.execute,
    handing.env,
    handing.assertion,
    times.token,
    events.explain,
    events.journal,
    times.clock,
    times.expire,
    faults.rules,
    papers.scenario,
    papers.openapi,
    serving.healthcheck,
):
    main.add_command(command)
