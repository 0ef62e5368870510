from __future__ import annotations

import asyncio
import logging

import pytest
from uvicorn.config import Config

from mockserver.web.server.callers import Callers
from mockserver.web.server.connection import connection_class
from mockserver.web.server.gateway import Gateway
from mockserver.web.server.heads import Limits
from tests.web.rawsocket import echo, request

pytest_plugins = ("tests.web.serving",)

GET = request("GET / HTTP/1.1")


def answering(status="200 OK", headers=(), body=b"hello"):
    def app(environ, start_response):
        start_response(status, list(headers))
        return [body]

    return app


def test_an_answer_has_the_head_and_body_that_the_application_gave_and_nothing_else(serve, combination):
    served = serve(answering("201 Created", [("Content-Type", "text/plain"), ("X-Y", "z")]), **combination)

    answer = served.ask(GET)

    assert (answer.status, answer.body) == (201, b"hello")
    assert answer.headers == {"content-type": "text/plain", "x-y": "z", "content-length": "5"}


def test_header_fields_arrive_as_sent_in_order_and_with_repeats_apart(serve, combination):
    served = serve(echo, **combination)

    answer = served.ask(request("GET / HTTP/1.1", "X-One: 1", "AUTHORIZATION: a ", "Authorization:b", "x-é: ü"))

    assert answer.status == 400
    answer = served.ask(request("GET / HTTP/1.1", "X-One: 1", "AUTHORIZATION: a ", "Authorization:b", "X-Two: ü"))
    assert answer.json["headers"] == [
        ["Host", "localhost"],
        ["X-One", "1"],
        ["AUTHORIZATION", "a"],
        ["Authorization", "b"],
        ["X-Two", "ü"],
    ]
    assert answer.json["HTTP_AUTHORIZATION"] == "a,b"


@pytest.mark.parametrize(
    ("target", "raw", "path", "query"),
    [
        ("/a/b?x=%20&y", "/a/b?x=%20&y", "/a/b", "x=%20&y"),
        ("/%ff%2Fb%C3%BC", "/%ff%2Fb%C3%BC", "/\xff/b\xc3\xbc", ""),
        ("http://mock.test:8080/a?b", "/a?b", "/a", "b"),
        ("http://mock.test?b", "/?b", "/", "b"),
        ("HTTP://mock.test", "/", "/", ""),
        ("//double//slash", "//double//slash", "//double//slash", ""),
        ('/a|b"<>{}^`\\', '/a|b"<>{}^`\\', '/a|b"<>{}^`\\', ""),
        ("/a%zz%", "/a%zz%", "/a%zz%", ""),
    ],
)
def test_the_target_arrives_raw_and_its_path_decoded_to_bytes(serve, combination, target, raw, path, query):
    served = serve(echo, **combination)

    seen = served.ask(request(f"GET {target} HTTP/1.1")).json

    assert (seen["RAW_URI"], seen["REQUEST_URI"]) == (raw, raw)
    assert (seen["PATH_INFO"], seen["QUERY_STRING"]) == (path, query)


def test_the_target_of_options_may_be_a_star(serve, combination):
    served = serve(echo, **combination)

    seen = served.ask(request("OPTIONS * HTTP/1.1")).json

    assert (seen["RAW_URI"], seen["PATH_INFO"]) == ("*", "*")


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_the_environ_tells_both_ends_of_the_connection(serve, combination, tls):
    served = serve(echo, tls=tls, **combination)
    caller = served.caller()

    seen = caller.ask(GET).json

    address, port = caller.socket.getsockname()
    assert (seen["REMOTE_ADDR"], seen["REMOTE_PORT"]) == (address, str(port))
    assert (seen["SERVER_NAME"], seen["SERVER_PORT"]) == ("127.0.0.1", str(served.address[1]))
    assert (seen["wsgi.url_scheme"], seen["SERVER_PROTOCOL"]) == ("https" if tls else "http", "HTTP/1.1")


def test_a_body_may_come_with_its_length(serve, combination):
    served = serve(echo, **combination)

    seen = served.ask(request("POST / HTTP/1.1", "Content-Length: 4", body=b"\x00a\xffz")).json

    assert (seen["body"], seen["CONTENT_LENGTH"]) == ("\x00a\xffz", "4")


def test_a_body_may_come_in_chunks(serve, combination):
    served = serve(echo, **combination)
    caller = served.caller()
    head = request("POST / HTTP/1.1", "Transfer-Encoding: Chunked")

    answers = [
        caller.ask(head, b"3\r\nabc\r\n0A;x=y\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n").json,
        caller.ask(GET).json,
    ]

    assert [seen["body"] for seen in answers] == ["abc0123456789", ""]
    assert answers[0]["CONTENT_LENGTH"] == "13"


def test_a_request_may_come_byte_by_byte(serve, combination):
    served = serve(echo, **combination)
    caller = served.caller()

    for byte in request("POST /x HTTP/1.1", "Transfer-Encoding: chunked", body=b"2\r\nok\r\n0\r\n\r\n"):
        caller.send(bytes([byte]))

    assert caller.receive().json["body"] == "ok"


def test_a_large_body_arrives_whole(serve, combination):
    served = serve(echo, **combination)
    body = b"0123456789abcdef" * 65536

    answer = served.ask(request("POST / HTTP/1.1", f"Content-Length: {len(body)}", body=body))

    assert answer.json["body"] == body.decode()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_an_offer_to_upgrade_to_h2c_is_served_as_http_1_with_its_body(serve, combination, tls):
    served = serve(echo, tls=tls, **combination)
    caller = served.caller()
    offer = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAAAAIAAAAB")

    seen = caller.ask(request("POST / HTTP/1.1", *offer, "Content-Length: 4", body=b"body")).json

    assert seen["body"] == "body"
    assert ["Upgrade", "h2c"] in seen["headers"]
    assert caller.ask(GET).status == 200


def test_whoever_expects_it_is_told_to_continue(serve, combination):
    served = serve(echo, **combination)
    caller = served.caller()

    go_ahead = caller.ask(request("POST / HTTP/1.1", "Expect: 100-continue", "Content-Length: 2"))
    answer = caller.ask(b"ok")

    assert (go_ahead.status, answer.status, answer.json["body"]) == (100, 200, "ok")
    assert caller.ask(GET).status == 200


def test_whoever_sends_the_body_at_once_is_not_told_to_continue(serve, combination):
    served = serve(echo, **combination)

    answer = served.ask(request("POST / HTTP/1.1", "Expect: 100-continue", "Content-Length: 2", body=b"ok"))

    assert (answer.status, answer.json["body"]) == (200, "ok")


def test_pipelined_requests_are_answered_in_order(serve, combination):
    served = serve(echo, **combination)
    caller = served.caller()

    caller.send(
        request("GET /1 HTTP/1.1"),
        request("POST /2 HTTP/1.1", "Content-Length: 3", body=b"two"),
        request("POST /3 HTTP/1.1", "Transfer-Encoding: chunked", body=b"5\r\nthree\r\n0\r\n\r\n"),
        request("GET /4 HTTP/1.1"),
    )
    seen = [caller.receive().json for _ in range(4)]

    assert [(each["PATH_INFO"], each["body"]) for each in seen] == [
        ("/1", ""),
        ("/2", "two"),
        ("/3", "three"),
        ("/4", ""),
    ]


def test_empty_lines_before_a_request_are_ignored(serve, combination):
    served = serve(echo, **combination)
    caller = served.caller()

    statuses = [caller.ask(b"\r\n", GET, b"\r\n").status, caller.ask(GET).status]

    assert statuses == [200, 200]


@pytest.mark.parametrize(
    ("line", "fields"),
    [("GET / HTTP/1.1", ["Connection: close"]), ("GET / HTTP/1.0", []), ("GET / HTTP/1.0", ["Connection: keep-alive"])],
)
def test_a_connection_ends_when_its_caller_wants_no_more_or_speaks_http_1_0(serve, combination, line, fields):
    served = serve(answering(), **combination)
    caller = served.caller()

    caller.send(request(line, *fields))

    answer = caller.receive()
    assert answer.headers["connection"] == "close"
    assert caller.receive_all() == b""


def test_http_1_0_needs_no_host(serve, combination):
    served = serve(echo, **combination)

    answer = served.ask(b"GET / HTTP/1.0\r\n\r\n")

    assert answer.json["SERVER_PROTOCOL"] == "HTTP/1.0"


def test_the_application_can_end_the_connection(serve, combination):
    served = serve(answering(headers=[("Connection", "close")]), **combination)
    caller = served.caller()

    answer = caller.ask(GET)

    assert (answer.body, answer.headers["connection"]) == (b"hello", "close")
    assert caller.receive_all() == b""


def test_head_gets_no_body_but_its_length(serve, combination):
    served = serve(answering(headers=[("Content-Length", "5")]), **combination)
    caller = served.caller()

    answer = caller.ask(request("HEAD / HTTP/1.1"), method="HEAD")

    assert answer.headers == {"content-length": "5"}
    assert caller.ask(GET).body == b"hello"


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_answer_that_allows_no_body_has_no_length_either(serve, combination, status, method):
    served = serve(answering(status, [("Content-Length", "5")]), **combination)
    caller = served.caller()

    answers = [caller.ask(request(f"{method} / HTTP/1.1"), method=method) for _ in range(2)]

    assert [(answer.status, answer.headers) for answer in answers] == [(int(status[:3]), {})] * 2


def test_a_wrong_length_is_corrected(serve, combination):
    served = serve(answering(headers=[("content-length", "7")]), **combination)

    answer = served.ask(GET)

    assert (answer.headers["content-length"], answer.body) == ("5", b"hello")


def test_a_result_is_joined_and_closed(serve, combination):
    closed = []

    class Result:
        def __iter__(self):
            yield from (b"a", b"", b"b")

        def close(self):
            closed.append(True)

    def app(environ, start_response):
        start_response("200 OK", [])(b"written,")
        return Result()

    answer = serve(app, **combination).ask(GET)

    assert (answer.body, closed) == (b"written,ab", [True])


def raising(environ, start_response):
    raise RuntimeError("broken")


def raising_late(environ, start_response):
    start_response("200 OK", [])
    return (1 // number for number in [0])


def injecting(environ, start_response):
    start_response("200 OK", [("X", "a\r\nInjected: b")])
    return []


def silent(environ, start_response):
    return []


@pytest.mark.parametrize("broken", [raising, raising_late, injecting, silent])
def test_a_mistake_of_the_application_is_a_500_that_names_the_emulator(serve, combination, caplog, broken):
    fine = answering()

    def app(environ, start_response):
        return (fine if environ["PATH_INFO"] == "/fine" else broken)(environ, start_response)

    caller = serve(app, **combination).caller()

    answer = caller.ask(request("GET /broken HTTP/1.1"))

    assert answer.status == 500
    assert answer.body.startswith(b"mockserver: internal error")
    assert [(record.name, record.levelno) for record in caplog.records] == [("mockserver.server", logging.ERROR)]
    assert caller.ask(request("GET /fine HTTP/1.1")).status == 200


class Transport(asyncio.Transport):
    """Remembers what was written."""

    def __init__(self):
        super().__init__()
        self.written = []

    def write(self, data):
        self.written.append(data)

    def is_closing(self):
        return False

    def close(self):
        pass


@pytest.mark.parametrize("http", ["httptools", "h11"])
def test_head_and_body_leave_in_one_write(http):
    async def written():
        callers, transport = Callers(Limits()), Transport()
        protocol = connection_class(http)
        config = Config(
            Gateway(answering()), http=protocol, log_config=None, ws="none", proxy_headers=False, access_log=False
        )
        connection = protocol(config, callers)
        connection.connection_made(transport)
        connection.data_received(GET)
        await asyncio.gather(*callers.tasks)
        connection.connection_lost(None)
        return transport.written

    assert asyncio.run(written()) == [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"]


@pytest.mark.parametrize("method", ["PROPFIND", "CONNECT", "FOO", "get", "M-SEARCH"])
def test_any_word_is_a_method_that_reaches_the_application(serve, combination, method):
    served = serve(echo, **combination)
    caller = served.caller()

    seen = [caller.ask(request(f"{method} /a HTTP/1.1")).json for _ in range(2)]

    assert [each["REQUEST_METHOD"] for each in seen] == [method, method]
