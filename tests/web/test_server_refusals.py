from __future__ import annotations

import logging
from contextlib import ExitStack
from datetime import timedelta

import pytest

from mockserver.web.server import Limits
from tests.web.rawsocket import Caller, echo, request

pytest_plugins = ("tests.web.serving",)

GET = request("GET / HTTP/1.1")
POST = "POST / HTTP/1.1"
SOON = timedelta(milliseconds=50)


def refused(answer, status, title):
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    assert answer.json | {"detail": ""} == {"type": "about:blank", "title": title, "status": status, "detail": ""}
    return answer.json["detail"]


MALFORMED = {
    "no host": request("GET / HTTP/1.1").replace(b"Host: localhost\r\n", b""),
    "two hosts": request("GET / HTTP/1.1", "Host: a", "host: a"),
    "HTTP/0.9": b"GET /\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/1.2": request("GET / HTTP/1.2"),
    "TLS to a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "no request at all": b"hello\r\n",
    "no target": request("GET HTTP/1.1"),
    "two spaces": request("GET  / HTTP/1.1"),
    "an authority for a target": request("CONNECT localhost:443 HTTP/1.1"),
    "a target that is not ASCII": request("GET /\xfc HTTP/1.1"),
    "lines that end in LF": b"GET / HTTP/1.1\nHost: localhost\n\n",
    "a line that ends in LF": b"GET / HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n",
    "a stray CR": request("GET / HTTP/1.1", "X: a\rb"),
    "a NUL": request("GET / HTTP/1.1", "X: a\0b"),
    "a folded line": request("GET / HTTP/1.1", "X: a", " b"),
    "a space before the colon": request("GET / HTTP/1.1", "X : a"),
    "no colon": request("GET / HTTP/1.1", "X"),
    "a length and chunks": request(POST, "Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "two lengths": request(POST, "Content-Length: 5", "Content-Length: 6"),
    "one length twice": request(POST, "Content-Length: 5", "content-length: 5"),
    "a list of lengths": request(POST, "Content-Length: 5, 5"),
    "a length with a sign": request(POST, "Content-Length: +5"),
    "a length with other digits": request(POST, "Content-Length: \xb2"),
    "no length": request(POST, "Content-Length:"),
    "two codings": request(POST, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
    "another coding": request(POST, "Transfer-Encoding: gzip, chunked"),
    "a chunk without a size": request(POST, "Transfer-Encoding: chunked", body=b"\r\n"),
    "a chunk of negative size": request(POST, "Transfer-Encoding: chunked", body=b"-1\r\n"),
    "a chunk of hexadecimal size": request(POST, "Transfer-Encoding: chunked", body=b"0x5\r\nabcde\r\n0\r\n\r\n"),
    "a chunk longer than it says": request(POST, "Transfer-Encoding: chunked", body=b"1\r\nab\r\n0\r\n\r\n"),
}


@pytest.mark.parametrize("sent", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_request_is_refused_at_once_and_the_connection_closed(serve, combination, sent):
    caller = serve(echo, **combination).caller()

    answer = caller.ask(sent)

    assert refused(answer, 400, "Bad Request")
    assert caller.receive_all() == b""


def test_the_requests_before_a_malformed_one_are_answered(serve, combination):
    caller = serve(echo, **combination).caller()

    statuses = [caller.ask(GET, GET, MALFORMED["two hosts"], GET).status, caller.receive().status]

    assert statuses == [200, 200]
    refused(caller.receive(), 400, "Bad Request")
    assert caller.receive_all() == b""


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_head_may_have_64_kib_and_no_more(serve, combination, tls):
    served = serve(echo, tls=tls, **combination)
    missing = 64 * 1024 - len(request("GET / HTTP/1.1", "X: "))

    fits = served.ask(request("GET / HTTP/1.1", "X: " + "x" * missing))
    exceeds = served.ask(request("GET / HTTP/1.1", "X: " + "x" * (missing + 1)))

    assert fits.status == 200
    assert "65536" in refused(exceeds, 431, "Request Header Fields Too Large")


def test_a_head_that_never_ends_is_refused(serve, combination):
    served = serve(echo, **combination)

    answer = served.ask(b"GET / HTTP/1.1\r\nX: ", b"x" * 64 * 1024)

    refused(answer, 431, "Request Header Fields Too Large")


def test_a_head_may_have_200_fields_and_no_more(serve, combination):
    served = serve(echo, **combination)
    fields = [f"X-{number}: {number}" for number in range(199)]

    fits = served.ask(request("GET / HTTP/1.1", *fields))
    exceeds = served.ask(request("GET / HTTP/1.1", *fields, "X-199: 199"))

    assert len(fits.json["headers"]) == 200
    assert "200" in refused(exceeds, 431, "Request Header Fields Too Large")


@pytest.mark.parametrize(
    "sent",
    [
        request(POST, "Content-Length: 9"),
        request(POST, "Content-Length: 9", "Expect: 100-continue"),
        request(POST, f"Content-Length: {'9' * 5000}"),
        request(POST, "Transfer-Encoding: chunked", body=b"9\r\n"),
        request(POST, "Transfer-Encoding: chunked", body=b"5\r\nabcde\r\n5\r\n"),
        request(POST, "Transfer-Encoding: chunked", body=b"fffffffffffffff\r\n"),
    ],
    ids=["length", "expected", "enormous", "chunk", "chunks", "enormous chunk"],
)
def test_a_body_that_is_too_long_is_refused_before_it_comes(serve, combination, sent):
    caller = serve(echo, limits=Limits(body_bytes=8), **combination).caller()

    answer = caller.ask(sent)

    assert "8 bytes" in refused(answer, 413, answer.json["title"])
    assert caller.receive_all() == b""


def test_a_body_may_be_as_long_as_the_limit(serve, combination):
    served = serve(echo, limits=Limits(body_bytes=8), **combination)

    bodies = [
        served.ask(request(POST, "Content-Length: 8", body=b"12345678")).json["body"],
        served.ask(request(POST, "Transfer-Encoding: chunked", body=b"8\r\n12345678\r\n0\r\n\r\n")).json["body"],
    ]

    assert bodies == ["12345678", "12345678"]


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_refusal_reaches_even_those_who_are_still_sending(serve, combination, tls):
    caller = serve(echo, tls=tls, limits=Limits(body_bytes=8), **combination).caller()

    caller.send(request(POST, "Content-Length: 1000000"), b"x" * 1_000_000)

    answer = caller.receive()
    refused(answer, 413, answer.json["title"])


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("sent", [b"G", b"GET / HTTP/1.1\r\nHost: localhost\r\n"], ids=["a byte", "a field"])
def test_a_head_that_does_not_come_in_time_is_refused(serve, combination, tls, sent):
    caller = serve(echo, tls=tls, limits=Limits(head_deadline=SOON), **combination).caller()

    answer = caller.ask(sent)

    assert "head" in refused(answer, 408, "Request Timeout")


@pytest.mark.parametrize(
    "sent",
    [
        request(POST, "Content-Length: 5", body=b"1234"),
        request(POST, "Transfer-Encoding: chunked", body=b"5\r\n12345\r\n0\r\n"),
    ],
    ids=["length", "chunks"],
)
def test_a_body_that_does_not_come_in_time_is_refused(serve, combination, sent):
    caller = serve(echo, limits=Limits(body_deadline=SOON), **combination).caller()

    answer = caller.ask(sent)

    assert "body" in refused(answer, 408, "Request Timeout")
    assert caller.receive_all() == b""


def test_no_deadline_runs_between_requests(serve, combination):
    served = serve(echo, limits=Limits(head_deadline=SOON, body_deadline=SOON), **combination)
    idle, fresh = served.caller(), served.caller()
    idle.ask(request(POST, "Content-Length: 5", body=b"12345"))
    idle.send(b"\r\n")

    later = served.ask(b"G")

    assert later.status == 408
    assert (idle.ask(GET).status, fresh.ask(GET).status) == (200, 200)


def test_a_silent_connection_is_closed_in_the_end(serve, combination, monkeypatch):
    monkeypatch.setattr("mockserver.web.server.KEEP_ALIVE", timedelta(seconds=1))
    served = serve(echo, **combination)
    never_spoke, fell_silent = served.caller(), served.caller()

    fell_silent.ask(GET)

    assert (never_spoke.receive_all(), fell_silent.receive_all()) == (b"", b"")


def test_400_half_heads_and_400_half_bodies_leave_others_served(serve, combination):
    served = serve(echo, **combination)

    with ExitStack() as stack:
        for half in (b"GET / HTTP/1.1\r\nHost:", request(POST, "Content-Length: 5", body=b"12")) * 400:
            stack.enter_context(Caller(served.address)).send(half)
        answer = served.ask(GET)

    assert answer.status == 200


def test_those_who_are_refused_leave_no_noise_in_the_log(serve, combination, caplog):
    served = serve(echo, **combination)

    with caplog.at_level(logging.WARNING):
        for sent in (MALFORMED["two hosts"], MALFORMED["HTTP/0.9"], b"G" * 70_000):
            served.ask(sent)

    assert caplog.records == []
