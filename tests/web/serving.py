"""Fixtures: servers in threads, on every combination of parser and loop."""

from __future__ import annotations

import ssl
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
import trustme

from mockserver.web.server import Limits, Listener, Server, bind

from .rawsocket import Caller

STACKS = [
    pytest.param({"http": http, "loop": loop}, id=f"{http}-{loop}")
    for http in ("httptools", "h11")
    for loop in ("uvloop", "asyncio")
]


@dataclass
class Served:
    """A server in a thread, and those who call it."""

    address: tuple[str, int]
    context: ssl.SSLContext | None
    stack: ExitStack = field(repr=False)

    def caller(self, **options):
        options.setdefault("context", self.context)
        return self.stack.enter_context(Caller(self.address, **options))

    def ask(self, *parts, method="GET"):
        with Caller(self.address, self.context) as caller:
            return caller.ask(*parts, method=method)


@dataclass(frozen=True)
class Certificates:
    """Both ends of TLS."""

    server: ssl.SSLContext
    client: ssl.SSLContext
    authority: trustme.CA
    leaf: trustme.LeafCert


@pytest.fixture(scope="session")
def certificates():
    authority = trustme.CA()
    leaf = authority.issue_cert("localhost")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return Certificates(server, client, authority, leaf)


@pytest.fixture(params=STACKS)
def combination(request):
    """A parser and a loop."""
    return request.param


@pytest.fixture
def serve(certificates):
    """Start a server; it ends with the test, and so do its callers."""
    with ExitStack() as stack:

        def start(app, *, tls=False, limits=None, **options):
            listening = bind("127.0.0.1", 0)
            address = listening.getsockname()
            server = Server(
                app,
                [Listener(listening, certificates.server if tls else None)],
                limits=limits or Limits(),
                **options,
            )
            stack.enter_context(server)
            return Served(address, certificates.client if tls else None, stack)

        yield start
