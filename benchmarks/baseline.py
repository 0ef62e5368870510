"""What the figures are held against: a static answer from the same server, and the cryptography of a mint alone.

`python -m benchmarks.baseline --port N` serves `{"status":"ok"}` until SIGTERM.
"""

from __future__ import annotations

import argparse
from time import perf_counter
from typing import TYPE_CHECKING

from mockserver.web.server import Listener, Server, bind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

BODY = b'{"status":"ok"}'
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def static(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """A WSGI application that always answers the same."""
    del environ
    start_response("200 OK", HEADERS)
    return [BODY]


def crypto_ceiling(seconds: float = 0.3) -> float:
    """How many mints a second one core could do if a mint were an RS256 verification and an ES256 signature."""
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa  # noqa: PLC0415  (`serve` needs none)
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    account = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public, message = account.public_key(), b"a" * 200
    signature = account.sign(message, padding.PKCS1v15(), SHA256())
    ours, ecdsa = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(SHA256())
    mints, began = 0, perf_counter()
    while perf_counter() - began < seconds:
        public.verify(signature, message, padding.PKCS1v15(), SHA256())
        ours.sign(message, ecdsa)
        mints += 1
    return mints / (perf_counter() - began)


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description="Serve a static JSON answer.")
    parser.add_argument("--port", type=int, required=True)
    Server(static, [Listener(bind("127.0.0.1", parser.parse_args().port))]).run()


if __name__ == "__main__":
    main()
