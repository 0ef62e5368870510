"""Show a hand-off in a browser."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.settled import UnusableError, listening, usable, with_settings
from mockserver.settings import read

if TYPE_CHECKING:
    from mockserver.emulator import Emulator

PORT, PAGE_PORT = 8090, "page_port"


@click.command()
@click.option(
    "--page-port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Where the page is; 0 takes a free one.",
)
@with_settings
def demo(page_port: int, **flags: Any) -> None:
    """Serve an emulator and, on another port, a page that plays Ingrid's hand-off with a button for each refusal."""
    gc.disable()
    from mockserver.emulator import Emulator  # noqa: PLC0415  (a health check can do without)

    with usable():
        # The page's backend calls nobody but this emulator, where it listens.
        emulator = Emulator(replace(read(flags), public_url=None))
    if all(vendor.name != "ingrid" for vendor in emulator.vendors):
        raise UnusableError("demo: plays Ingrid's hand-off; --vendors leaves it out")
    with listening():
        emulator.start()
    try:
        _serve(emulator, page_port)
    finally:
        emulator.stop()


def _serve(emulator: Emulator, port: int) -> None:
    from mockserver.client import Mockserver  # noqa: PLC0415
    from mockserver.demo.site import Site  # noqa: PLC0415
    from mockserver.doors import bound  # noqa: PLC0415
    from mockserver.web.server import Listener, Server  # noqa: PLC0415

    settings = emulator.settings
    with usable():
        variables = emulator.environment("ingrid")
    with listening():
        socket = bound(PAGE_PORT, settings.host, port)
    url = emulator.url.rpartition(":")[0] + f":{socket.getsockname()[1]}"
    with Mockserver(emulator.url, settings.admin_token) as client:
        site = Site(client.default, variables, loopback_only=settings.loopback_only)
        greeting = f"Open {url} in a browser. The emulator behind it: {emulator.url}"
        Server(site, [Listener(socket)], on_ready=lambda: click.echo(greeting)).run()
