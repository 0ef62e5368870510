"""Serve; and is it served?"""

from __future__ import annotations

import gc
import sys
from http import client as http
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

import click

from mockserver import __version__
from mockserver.cli.settled import emulator_for, listening, reached_at, usable, with_settings
from mockserver.core.vendor import NothingToHandOutError
from mockserver.settings import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.vendor import Vendor
    from mockserver.emulator import Emulator

PATIENCE_SECONDS = 2
ASKED = ("host", "port", "tls", "tls_port")
"""What tells a health check where to ask. To convert the other settings takes longer than the whole check."""


@click.command()
@with_settings
def serve(**flags: Any) -> None:
    """Serve until SIGTERM or Ctrl-C; one line for each call, with the reason of every refusal."""
    # What is loaded at the start stays: to look for garbage in it takes a tenth of the start. The server looks later.
    gc.disable()
    from mockserver.calllog import CallLog  # noqa: PLC0415  (a health check can do without)

    log = CallLog(sys.stdout)
    emulator = emulator_for(flags, on_exchange=log)
    with listening():
        server = emulator.bind(on_ready=lambda: click.echo(_welcome(emulator)))
    with log:
        server.run()
        emulator.see_out()


@click.command()
@click.option("--url", help="What to ask, if not the ports of the settings on this machine.")
@with_settings
def healthcheck(url: str | None, **flags: Any) -> None:
    """Exit with 0 if the emulator on this machine is ready on all its ports, else with 1."""
    for each in [url] if url else _urls(flags):
        _must_be_ready(urlsplit(each if "//" in each else f"//{each}"))


def _urls(flags: Mapping[str, Any]) -> list[str]:
    with usable():
        settings = read(flags, only=ASKED)
    plain = f"http://{reached_at(settings, settings.port)}"
    return [plain] if settings.tls == "off" else [plain, f"https://{reached_at(settings, settings.tls_port)}"]


def _must_be_ready(url: SplitResult) -> None:
    connection = _connection(url)
    try:
        connection.request("GET", "/_mock/health/ready")
        status = connection.getresponse().status
    except (OSError, http.HTTPException) as error:
        raise click.ClickException(f"{url.netloc} does not answer: {error}") from None
    finally:
        connection.close()
    if status != http.OK:
        raise click.ClickException(f"{url.netloc} answered {status}")


def _connection(url: SplitResult) -> http.HTTPConnection:
    if url.scheme != "https":
        return http.HTTPConnection(url.netloc, timeout=PATIENCE_SECONDS)
    import ssl  # noqa: PLC0415  (most checks can do without)

    # Whether it answers is asked, not who it is: that is for its callers to verify.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return http.HTTPSConnection(url.netloc, timeout=PATIENCE_SECONDS, context=context)


def _welcome(emulator: Emulator) -> str:
    lines = [f"mockserver {__version__} on {emulator.url}", *_also(emulator), ""]
    for vendor in emulator.vendors:
        lines += [f"{vendor.title}, a first call:", "", _greeting(emulator, vendor), ""]
    lines += [f"Its documents: {emulator.url}/_mock/openapi.json   What happened: {emulator.url}/_mock/journal", ""]
    return "\n".join(lines)


def _also(emulator: Emulator) -> list[str]:
    """Where else it is, and what is not there."""
    trust = f"; trust {emulator.url}/_mock/ca.pem" if emulator.settings.tls == "auto" else ""
    secure = f"and on {emulator.tls_url}{trust}" if emulator.tls_url else ""
    address = emulator.rpc_address(wanted=False)
    rpc = f"gRPC on {address}" if address else emulator.rpc_problem
    return [line for line in (secure, rpc) if line]


def _greeting(emulator: Emulator, vendor: Vendor) -> str:
    try:
        greeting = vendor.greeting(emulator.sandbox, f"{emulator.url}/{vendor.name}")
        address = emulator.rpc_address(wanted=False)
        return f"{vendor.rpc.greeting(emulator.sandbox, address)}\n\n{greeting}" if vendor.rpc and address else greeting
    except NothingToHandOutError as error:
        return f"# {error}"
