"""The journal as server-sent events: over our server, and over any other."""

from __future__ import annotations

import json
from threading import Thread

import pytest
import requests

from mockserver import Emulator, Settings
from mockserver.web.admin.desk import STREAMS

STREAM = "/_mock/journal/stream"
NOWHERE = "/ingrid/nowhere"


@pytest.fixture
def served():
    with Emulator(Settings(port=0)) as emulator:
        yield emulator


@pytest.fixture
def follow(served):
    """Open a stream; what comes of it is read event by event."""
    opened = []

    def reader(path=STREAM, **keywords):
        response = requests.get(served.url + path, stream=True, timeout=10, **keywords)
        opened.append(response)
        return response, events(response)

    yield reader
    for response in opened:
        response.close()


def events(response):
    """The events of a stream, each as its fields."""
    fields = {}
    for line in response.iter_lines(decode_unicode=True, chunk_size=1):
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield fields
            fields = {}


def test_a_reader_is_told_of_each_exchange_as_it_happens(served, follow):
    response, told = follow()
    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert next(told) == {"retry": "1000"}

    first = requests.get(served.url + NOWHERE, timeout=10).headers["X-Mock-Exchange"]
    event = next(told)

    assert (event["id"], event["event"]) == (first, "exchange")
    assert json.loads(event["data"]) == requests.get(f"{served.url}/_mock/journal", timeout=10).json()["items"][0]


def test_a_reader_who_comes_back_is_told_what_it_missed(served, follow):
    ids = [requests.get(served.url + NOWHERE, timeout=10).headers["X-Mock-Exchange"] for _ in range(3)]

    _, told = follow(headers={"Last-Event-ID": ids[0]})

    assert [next(told).get("id") for _ in range(3)] == [None, *ids[1:]]


def test_only_what_is_asked_for_is_told(served, follow):
    _, told = follow(f"{STREAM}?outcome=token.missing")
    next(told)

    requests.get(served.url + NOWHERE, timeout=10)
    wanted = requests.post(f"{served.url}/ingrid/v1/delivery/options", json={}, timeout=10).headers["X-Mock-Exchange"]

    assert next(told)["id"] == wanted


def test_a_reset_does_not_end_it(served, follow):
    _, told = follow()
    next(told)
    served.sandboxes.reset("default")

    first = requests.get(served.url + NOWHERE, timeout=10).headers["X-Mock-Exchange"]

    assert next(told)["id"] == first


def test_each_sandbox_has_its_own(served, follow):
    requests.get(f"{served.url}/~team{NOWHERE}", timeout=10)
    _, told = follow(f"/~team{STREAM}")
    next(told)

    requests.get(served.url + NOWHERE, timeout=10)
    inside = requests.get(f"{served.url}/~team{NOWHERE}", timeout=10).headers["X-Mock-Exchange"]

    assert next(told)["id"] == inside


def test_there_are_so_many_places_and_no_more(served, follow):
    readers = [follow() for _ in range(STREAMS)]
    for _, told in readers:
        next(told)

    refused = requests.get(served.url + STREAM, timeout=10)

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_a_reader_who_leaves_makes_room(served, follow):
    readers = [follow() for _ in range(STREAMS)]
    for response, told in readers:
        next(told)
        response.close()

    # The server sees them leave when it next writes to them, if not before.
    for _ in range(100):
        requests.get(served.url + NOWHERE, timeout=10)
        with requests.get(served.url + STREAM, stream=True, timeout=10) as again:
            if again.status_code == 200:
                break

    assert again.status_code == 200


def test_whoever_asks_for_the_head_only_takes_no_place(served):
    statuses = {requests.head(served.url + STREAM, timeout=10).status_code for _ in range(STREAMS + 1)}

    assert statuses == {200}


def test_it_does_not_hold_up_the_end(follow, served):
    _, told = follow()
    next(told)

    served.stop()

    assert list(told) == []


def test_a_sandbox_that_was_not_made_has_none(served):
    assert requests.get(f"{served.url}/~nowhere{STREAM}", timeout=10).status_code == 404


class TestAnyOtherServer:
    @pytest.fixture
    def emulator(self):
        return Emulator(Settings())

    def test_it_is_an_answer_to_iterate_over(self, emulator):
        client = emulator.app.test_client()
        told = client.get(STREAM, buffered=False).iter_encoded()
        greeting = next(told)

        caller = Thread(target=lambda: emulator.app.test_client().get(NOWHERE))
        caller.start()
        event = next(told)
        caller.join()

        assert greeting == b"retry: 1000\n\n"
        assert event.startswith(b"id: default-1\nevent: exchange\ndata: {")

    def test_whoever_stops_iterating_makes_room(self, emulator):
        client = emulator.app.test_client()

        for _ in range(STREAMS + 1):
            got = client.get(STREAM, buffered=False)
            next(got.iter_encoded())
            got.close()

        assert got.status_code == 200
