"""A bare gRPC server that sends back what it gets: what grpcio itself costs.

`python -m benchmarks.echo --port N` serves until SIGTERM. `rate` is the load: 16 calls in flight on four connections.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore
from time import perf_counter
from typing import TYPE_CHECKING

import grpc

if TYPE_CHECKING:
    from collections.abc import Sequence

CONNECTIONS, IN_FLIGHT = 4, 16
PATIENCE = 30.0
PATH = "/types.MerchantAuthenticationService/CreateServerAuthenticationToken"
CREDENTIALS = (("x-connector-config", '{"config":{"Paypal":{"client_id":"id","client_secret":"s"}}}'),)
REQUEST = b"\x10\x3e\x28\x01"
"""`connector` PAYPAL, `test_mode` true."""


class _Echo(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpcio brings no types
    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        del details
        return grpc.unary_unary_rpc_method_handler(lambda data, _: data)


class Load:
    """Callers of the server on this port, once it answers."""

    def __init__(self, port: int) -> None:
        own = [("grpc.use_local_subchannel_pool", 1)]
        self._channels = [grpc.insecure_channel(f"127.0.0.1:{port}", options=own) for _ in range(CONNECTIONS)]
        self._methods: Sequence[grpc.UnaryUnaryMultiCallable] = [each.unary_unary(PATH) for each in self._channels]
        for method in self._methods:
            method(REQUEST, metadata=CREDENTIALS, timeout=PATIENCE, wait_for_ready=True)

    def rate(self, calls: int) -> float:
        """So many calls a second."""
        free = Semaphore(IN_FLIGHT)
        began = perf_counter()
        for number in range(calls):
            free.acquire()
            asked = self._methods[number % CONNECTIONS].future(REQUEST, metadata=CREDENTIALS, timeout=PATIENCE)
            asked.add_done_callback(lambda _: free.release())
        for _ in range(IN_FLIGHT):
            free.acquire()
        return calls / (perf_counter() - began)

    def close(self) -> None:
        """Call no more."""
        for each in self._channels:
            each.close()


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description="Send back whatever comes, over gRPC.")
    parser.add_argument("--port", type=int, required=True)
    server = grpc.server(ThreadPoolExecutor(2), handlers=[_Echo()], options=[("grpc.so_reuseport", 0)])
    server.add_insecure_port(f"127.0.0.1:{parser.parse_args().port}")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
