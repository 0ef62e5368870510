"""The gRPC server: every call goes to the engine, what nobody claims included; health and reflection beside it."""

from __future__ import annotations

from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any, NoReturn

import grpc
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from mockserver.core import engine
from mockserver.core.calls import AT_ONCE, Fault
from mockserver.core.lodging import lodged
from mockserver.core.sandbox import DEFAULT, SandboxNameError, UnknownSandboxError
from mockserver.rpc import calls
from mockserver.rpc.descriptors import HEALTH, REFLECTION, REFLECTION_ALPHA
from mockserver.rpc.reflection import Reflection
from mockserver.rpc.routing import Methods
from mockserver.rpc.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import timedelta

    from google.protobuf.descriptor_pool import DescriptorPool

    from mockserver.core.calls import Call, Delivery
    from mockserver.core.sandbox import Sandbox, Sandboxes
    from mockserver.core.vendor import Vendor
    from mockserver.rpc.routing import Entry

WORKERS = 2
"""So many calls are worked on at a time; more would only wait for each other (Python's lock)."""
MOST_CALLS = 4_000
"""So many calls may wait at a time; further ones are RESOURCE_EXHAUSTED."""
LARGEST = 4 * 1024 * 1024
"""So many bytes a message may have."""
SERVING = health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)


class RpcServer:
    """Serves the gRPC methods of these vendors. Raises `OSError` where a port cannot be had."""

    def __init__(
        self, vendors: Sequence[Vendor], sandboxes: Sandboxes, host: str, ports: Sequence[int], *, annotate: bool
    ) -> None:
        self._workers = Workers(WORKERS)
        self._server = grpc.server(
            self._workers,
            handlers=[_Handlers(vendors, sandboxes, self._workers, annotate=annotate, base_url=_url(host, ports))],
            options=[("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", LARGEST)],
            maximum_concurrent_rpcs=MOST_CALLS,
        )
        for port in ports:
            try:
                self._server.add_insecure_port(f"{_bracketed(host)}:{port}")
            except RuntimeError as error:
                raise OSError(f"cannot listen on {host}:{port}: {error}") from None

    def start(self) -> None:
        """Accept callers."""
        self._server.start()

    def stop(self, grace: timedelta) -> Event:
        """Accept no more; what is in flight may take *grace* longer. What is returned is set once all is over."""
        over: Event = self._server.stop(grace.total_seconds())
        self._workers.shutdown()
        return over


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _url(host: str, ports: Sequence[int]) -> str:
    return f"grpc://{_bracketed(host)}:{ports[0] if ports else 0}"


class _Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpcio brings no types
    """A handler for any path there is."""

    def __init__(
        self, vendors: Sequence[Vendor], sandboxes: Sandboxes, workers: Workers, *, annotate: bool, base_url: str
    ) -> None:
        self._sandboxes = sandboxes
        self._methods = Methods(vendors)
        self._workers = workers
        self._annotate = annotate
        self._base_url = base_url
        reflected = grpc.stream_stream_rpc_method_handler(
            self._reflect,
            reflection_pb2.ServerReflectionRequest.FromString,
            reflection_pb2.ServerReflectionResponse.SerializeToString,
        )
        health = (health_pb2.HealthCheckRequest.FromString, health_pb2.HealthCheckResponse.SerializeToString)
        self._own = {
            f"/{REFLECTION}/ServerReflectionInfo": reflected,
            f"/{REFLECTION_ALPHA}/ServerReflectionInfo": reflected,
            f"/{HEALTH}/Check": grpc.unary_unary_rpc_method_handler(_check, *health),
            f"/{HEALTH}/Watch": grpc.unary_stream_rpc_method_handler(self._watch, *health),
        }
        self._reflection = Reflection(self._look)

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        """The handler of a path. It is given the bytes of the message: which message they are, the sandbox says."""
        path = details.method
        return self._own.get(path) or grpc.unary_unary_rpc_method_handler(partial(self._answer, path))

    def _answer(self, path: str, data: bytes, context: grpc.ServicerContext) -> bytes:
        entries: dict[str, Entry] = {}

        def read(sandbox: Sandbox) -> tuple[Call, engine.Route]:
            entry = entries[sandbox.name] = self._methods.find(path, sandbox)
            return calls.call(path, data, context, entry, self._base_url), entry.route

        try:
            call, sandbox, route = lodged(self._sandboxes, _named(context), read)
        except UnknownSandboxError as error:
            _abort(context, grpc.StatusCode.NOT_FOUND, str(error))
        except SandboxNameError as error:
            _abort(context, grpc.StatusCode.INVALID_ARGUMENT, str(error))
        exchange = engine.answer(call, sandbox, route)
        delivery = exchange.reply.delivery
        is_heard = context.is_active() if delivery is AT_ONCE else self._outlasts(context, delivery)
        if not is_heard:
            # Nobody has received them, and a caller that has given up must not count against its own tests.
            sandbox.tokens.take_back(exchange.minted)
            return b""
        entry = entries[sandbox.name]
        return _sent(context, calls.ending(exchange, entry, annotate=self._annotate), delivery.fault, entry)

    def _outlasts(self, context: grpc.ServicerContext, delivery: Delivery) -> bool:
        """Wait as the delivery says; whether the caller is still there then."""
        woken = Event()
        if not context.add_callback(woken.set):
            return False
        with self._workers.waiting():
            if delivery.gate:
                delivery.gate.enter(woken.set)
                woken.wait(delivery.patience.total_seconds())
                delivery.gate.leave(woken.set)
                if not context.is_active():
                    return False
                woken = Event()
                if not context.add_callback(woken.set):
                    return False
            if delivery.delay:
                woken.wait(delivery.delay.total_seconds())
        return bool(context.is_active())

    def _watch(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        del request
        yield SERVING
        over = Event()
        if context.add_callback(over.set):
            with self._workers.waiting():
                over.wait()

    def _reflect(self, requests: Iterable[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        return self._reflection.answers(self._patiently(iter(requests)), context)

    def _patiently(self, requests: Iterator[Any]) -> Iterator[Any]:
        """Those requests, waited for beside the work: a client may keep its stream open for ever."""
        nothing = object()
        while True:
            with self._workers.waiting():
                request = next(requests, nothing)
            if request is nothing:
                return
            yield request

    def _look(self, context: grpc.ServicerContext) -> tuple[list[str], list[DescriptorPool]]:
        try:
            sandbox = self._sandboxes.find(_named(context) or DEFAULT)
        except (UnknownSandboxError, SandboxNameError):
            sandbox = self._sandboxes.default
        return self._methods.services(sandbox), [table.messages.pool for table in self._methods.tables(sandbox)]


def _named(context: grpc.ServicerContext) -> str | None:
    """The sandbox that the metadata names, if they do."""
    name = calls.headers(context.invocation_metadata()).get(calls.SANDBOX)
    return name.lower() if name else None


def _sent(context: grpc.ServicerContext, ended: calls.Ending, fault: Fault | None, entry: Entry) -> bytes:
    if fault is Fault.TRUNCATE:
        ended = calls.truncated(ended, entry)
    elif fault is Fault.DROP_BEFORE:
        ended = calls.broken(fault)
    elif fault is Fault.DROP_MIDWAY:
        ended = calls.broken(fault)._replace(initial=ended.initial)
    if ended.initial:
        context.send_initial_metadata(ended.initial)
    context.set_trailing_metadata(ended.trailing)
    if ended.code is not grpc.StatusCode.OK:
        _abort(context, ended.code, ended.text)
    return ended.message


def _abort(context: grpc.ServicerContext, code: grpc.StatusCode, text: str) -> NoReturn:
    context.abort(code, text)
    raise AssertionError("abort raises")


def _check(request: Any, context: grpc.ServicerContext) -> Any:
    del request, context
    return SERVING
