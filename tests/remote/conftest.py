"""A server in a thread, its client, and a sandbox of it."""

from __future__ import annotations

from threading import Thread

import pytest
import requests
from werkzeug.serving import make_server

from mockserver import Emulator, Settings
from mockserver.client import Mockserver


@pytest.fixture(scope="session")
def served():
    """One server for all: each test has a sandbox of its own."""
    with Emulator(Settings(port=0)) as emulator:
        yield emulator


@pytest.fixture
def server(served):
    with Mockserver(served.url) as server:
        yield server


@pytest.fixture
def sandbox(server):
    with server.sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def ask():
    """Call the delivery options of a sandbox with a token; the status."""

    def asked(sandbox, token="null"):
        url = f"{sandbox.ingrid.api_base}/v1/delivery/options"
        return requests.post(url, json={}, headers={"Authorization": f"Bearer {token}"}, timeout=10).status_code

    return asked


@pytest.fixture
def threaded():
    """The same application on a server that has a thread for each caller, as streams need it; its URL."""
    emulator = Emulator(Settings())
    server = make_server("127.0.0.1", 0, emulator.app, threaded=True)
    server.daemon_threads = True
    server.block_on_close = False
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()
    thread.join()
