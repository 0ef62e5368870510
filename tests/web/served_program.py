"""A server to send signals to: it prints its port, and the path of each call before it answers."""

from __future__ import annotations

import argparse
import ssl
import sys
from datetime import timedelta

from mockserver.core.calls import Delivery
from mockserver.web.server import Limits, Listener, Server, bind


def say(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def app(environ, start_response):
    say(environ["PATH_INFO"])
    if environ["QUERY_STRING"]:
        environ["mockserver.deliver"](Delivery(delay=timedelta(milliseconds=float(environ["QUERY_STRING"]))))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"x" * 1000]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--http")
    parser.add_argument("--loop")
    parser.add_argument("--grace", type=float, default=2)
    parser.add_argument("--certificate")
    options = parser.parse_args()
    tls = None
    if options.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.certificate)
    listening = bind("127.0.0.1", 0)
    port = listening.getsockname()[1]
    Server(
        app,
        [Listener(listening, tls)],
        limits=Limits(grace=timedelta(seconds=options.grace)),
        on_ready=lambda: say(port),
        http=options.http,
        loop=options.loop,
    ).run()


if __name__ == "__main__":
    main()
