"""The journal by the client: read, told, followed, held against expectations."""

from __future__ import annotations

from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import requests

from mockserver.client import Mockserver, MockserverError

SUMMARY = (
    '{{"id": "{id}", "at": "2030-01-01T00:00:00.000000Z", "sandbox": "default", "vendor": "ingrid", "operation": "", '
    '"method": "GET", "path": "/", "status": 404, "reason": "", "outcome": "ok", "preflight": false, '
    '"hint": "", "played": false}}'
)


def test_exchanges_are_listed_in_their_order(sandbox, ask):
    sandbox.tokens.issue("ingrid")
    ask(sandbox)

    assert [each.operation for each in sandbox.journal] == [
        "ingrid.mint_service_token",
        "ingrid.mint_site_token",
        "ingrid.get_delivery_options",
    ]
    assert [each.status for each in sandbox.journal.list(outcome="refused")] == [401]
    assert sandbox.journal.last().at.utcoffset() == timedelta()


def test_preflights_do_not_count_unless_asked_for(sandbox, ask):
    ask(sandbox)
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    requests.options(f"{sandbox.ingrid.api_base}/v1/delivery/options", headers=asked, timeout=10)

    assert (sandbox.journal.count(), sandbox.journal.count(preflight=True)) == (1, 1)


def test_the_last_that_is_not_there_is_an_error_that_says_so(sandbox, ask):
    ask(sandbox)

    with pytest.raises(LookupError, match="no exchange with outcome ok; the journal has 1"):
        sandbox.journal.last(outcome="ok")


def test_an_entry_is_explained_by_its_exchange_or_its_id(sandbox, ask):
    ask(sandbox)
    last = sandbox.journal.last()

    entry = sandbox.journal.explain(last)

    assert entry == sandbox.journal.explain(last.id)
    assert entry["explanation"]["hint"] == "literal from client code"


def test_the_text_tells_a_line_for_each_and_why_it_was_refused(sandbox, ask):
    sandbox.clock.set("2030-01-01T12:00:00Z", frozen=True)
    sandbox.rules.add(refuse="rate.limited", after=1)
    ask(sandbox)
    ask(sandbox)

    lines = sandbox.journal.text().splitlines()

    assert lines == [
        f"12:00:00 {sandbox.name}-1 ingrid: POST /v1/delivery/options 401 token.malformed",
        "    literal from client code",
        "    token.malformed: seen null, wanted b64token [RFC 6750 section 2.1]",
        f"12:00:00 {sandbox.name}-2 ingrid: POST /v1/delivery/options 429 rate.limited",
        "    asked for by rule-1",
        "    rate.limited: seen rule-1 [RFC 6585 section 4]",
        "    touched by rule-1",
    ]


def test_a_cleared_journal_is_empty(sandbox, ask):
    ask(sandbox)

    assert (sandbox.journal.clear(), sandbox.journal.list(), sandbox.journal.text()) == (1, (), "")


def test_what_is_expected_is_given_back(sandbox, ask):
    ask(sandbox)

    assert sandbox.verify(outcome="token.malformed", exactly=1) == (f"{sandbox.name}-1",)


def test_what_is_not_as_expected_is_told_with_the_nearest_misses(sandbox, ask):
    ask(sandbox)

    with pytest.raises(AssertionError) as caught:
        sandbox.verify(operation="ingrid.get_delivery_options", outcome="ok")

    assert str(caught.value) == (
        "expected at least 1, found 0 of operation ingrid.get_delivery_options, outcome ok\n"
        f"  {sandbox.name}-1: outcome is 'token.malformed', not 'ok'"
    )


def test_an_unknown_expectation_is_refused_by_name(sandbox):
    with pytest.raises(MockserverError, match="opration: unknown"):
        sandbox.verify(opration="x")


class TestFollow:
    def test_it_tells_what_happens_from_the_call_on(self, threaded, ask):
        with Mockserver(threaded) as server, server.sandbox() as sandbox:
            ask(sandbox)
            following = sandbox.journal.follow()
            ask(sandbox)
            ask(sandbox)

            told = [next(following).id, next(following).id]

            assert told == [f"{sandbox.name}-2", f"{sandbox.name}-3"]

    def test_it_tells_only_what_is_asked_for_also_of_the_past(self, threaded, ask):
        with Mockserver(threaded) as server, server.sandbox() as sandbox:
            sandbox.tokens.issue("ingrid")
            ask(sandbox)

            following = sandbox.journal.follow(after=f"{sandbox.name}-1", outcome="refused")

            assert next(following).id == f"{sandbox.name}-3"

    def test_it_asks_again_and_again_where_no_stream_is_to_be_had(self, scripted):
        full = (503, b'{"detail": "full"}', "application/problem+json")
        page = b'{"items": [%s], "next": null}'
        none, first, second = (page % b"", *(page % SUMMARY.format(id=f"x-{n}").encode() for n in (1, 2)))
        server, asked = scripted(
            (200, none, "application/json"),
            full,
            (200, first, "application/json"),
            full,
            (200, second, "application/json"),
        )
        following = server.default.journal.follow()

        assert [next(following).id, next(following).id] == ["x-1", "x-2"]
        assert [path for path, _ in asked[2::2]] == ["/_mock/journal?after=0", "/_mock/journal?after=x-1"]

    def test_a_stream_that_breaks_is_taken_up_where_it_broke(self, scripted):
        event = "retry: 1\n: a comment\n\nid: x-{n}\nevent: exchange\ndata: {data}\n\nid: half\nevent: exch"
        bodies = [event.format(n=n, data=SUMMARY.format(id=f"x-{n}")).encode() for n in (1, 2)]
        server, asked = scripted(*((200, body, "text/event-stream") for body in bodies))

        following = server.default.journal.follow(after="x-0", outcome="refused")

        assert [next(following).id, next(following).id] == ["x-1", "x-2"]
        assert [seen for _, seen in asked] == ["x-0", "x-1"]
        assert {path for path, _ in asked} == {"/_mock/journal/stream?outcome=refused"}

    def test_it_ends_with_an_error_when_the_server_is_gone(self, scripted):
        server, _ = scripted((200, b"retry: 1\n\n", "text/event-stream"))

        with pytest.raises(MockserverError, match="no answer from"):
            next(server.default.journal.follow(after="x-0"))

    def test_a_sandbox_that_is_not_there_is_an_error(self, server):
        with pytest.raises(MockserverError) as caught:
            next(server.named("nowhere").journal.follow(after="x-0"))

        assert caught.value.status == 404


@pytest.fixture
def scripted():
    """A server that gives these answers, one for each call, and is gone then; what was asked, and from where on."""
    running = []

    def start(*answers):
        left, asked = list(answers), []

        class Scripted(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append((self.path, self.headers["Last-Event-ID"]))
                status, body, media_type = left.pop(0)
                if not left:
                    server.socket.close()
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Scripted)

        def serve():
            while left:
                server.handle_request()

        thread = Thread(target=serve)
        thread.start()
        running.append((server, thread))
        return Mockserver(f"http://127.0.0.1:{server.server_port}"), asked

    yield start
    for server, thread in running:
        thread.join()
        server.server_close()
