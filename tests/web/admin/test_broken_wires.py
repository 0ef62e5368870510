"""A rule asked for over HTTP breaks the wire of the very server that took it."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest
import requests

from mockserver import Emulator, Settings

BODY = "x" * 4_000


@pytest.fixture
def served():
    with Emulator(Settings(port=0)) as emulator:
        yield emulator


@pytest.fixture
def broken(served):
    """Ask for a broken wire, make a call, and tell how it ended: the announced length, what came, and the error."""

    def call(**then):
        rule = {"when": {"path": "/nowhere"}, "then": {"answer": {"status": 200, "body": BODY}, **then}, "times": 1}
        assert requests.post(f"{served.url}/_mock/rules", json=rule, timeout=10).status_code == 201
        connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=10)
        try:
            connection.request("GET", "/ingrid/nowhere")
            answer = connection.getresponse()
            return answer.headers["Content-Length"], answer.read(), None
        except http.client.IncompleteRead as error:
            return answer.headers["Content-Length"], error.partial, error
        except (ConnectionError, http.client.RemoteDisconnected) as error:
            return None, b"", error
        finally:
            connection.close()

    return call


def test_drop_before_closes_the_connection_with_no_answer(broken):
    length, body, error = broken(drop="before")

    assert (length, body) == (None, b"")
    assert isinstance(error, http.client.RemoteDisconnected)


def test_truncate_sends_fewer_bytes_than_it_announces(broken):
    length, body, error = broken(truncate=True)

    assert (length, len(body)) == ("4000", 2_000)
    assert isinstance(error, http.client.IncompleteRead)


def test_drop_midway_never_gives_the_whole_answer(broken):
    _, body, error = broken(drop="midway")

    assert len(body) < len(BODY)
    assert isinstance(error, (http.client.IncompleteRead, ConnectionError))


def test_the_call_after_the_last_strike_is_whole_again(broken, served):
    broken(drop="before")

    assert requests.get(f"{served.url}/ingrid/nowhere", timeout=10).status_code == 404
