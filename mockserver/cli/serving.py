"""Serve; and is it served?"""

from __future__ import annotations

import gc
import sys
from http import client as http
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from mockserver import __version__
from mockserver.cli.settled import cannot_listen, emulator_for, reached_at, usable, with_settings
from mockserver.core.vendor import NothingToHandOutError
from mockserver.settings import read

if TYPE_CHECKING:
    from mockserver.core.vendor import Vendor
    from mockserver.emulator import Emulator


@click.command()
@with_settings
def serve(**flags: Any) -> None:
    """Serve until SIGTERM or Ctrl-C; one line for each call, with the reason of every refusal."""
    # What is loaded at the start stays: to look for garbage in it takes a tenth of the start. The server looks later.
    gc.disable()
    from mockserver.calllog import CallLog  # noqa: PLC0415  (a health check can do without)

    log = CallLog(sys.stdout)
    emulator = emulator_for(flags, on_exchange=log)
    try:
        server = emulator.bind(on_ready=lambda: click.echo(_welcome(emulator)))
    except OSError as error:
        raise cannot_listen(emulator.settings, error) from None
    with log:
        server.run()


@click.command()
@click.option("--url", help="What to ask, if not the port of the settings on this machine.")
@with_settings
def healthcheck(url: str | None, **flags: Any) -> None:
    """Exit with 0 if the emulator on this machine is ready, else with 1."""
    with usable():
        settings = read(flags)
    netloc = urlsplit(url if "//" in url else f"//{url}").netloc if url else reached_at(settings)
    connection = http.HTTPConnection(netloc, timeout=2)
    try:
        connection.request("GET", "/_mock/health/ready")
        status = connection.getresponse().status
    except (OSError, http.HTTPException) as error:
        raise click.ClickException(f"{netloc} does not answer: {error}") from None
    if status != http.OK:
        raise click.ClickException(f"{netloc} answered {status}")


def _welcome(emulator: Emulator) -> str:
    lines = [f"mockserver {__version__} on {emulator.url}", ""]
    for vendor in emulator.vendors:
        lines += [f"{vendor.title}, a first call:", "", _greeting(emulator, vendor), ""]
    lines += [f"Its documents: {emulator.url}/_mock/openapi.json   What happened: {emulator.url}/_mock/journal", ""]
    return "\n".join(lines)


def _greeting(emulator: Emulator, vendor: Vendor) -> str:
    try:
        return vendor.greeting(emulator.sandbox, f"{emulator.url}/{vendor.name}")
    except NothingToHandOutError as error:
        return f"# {error}"
