"""A gRPC client that knows nothing but what server reflection tells it, and protobuf's own JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import grpc
from google.protobuf import descriptor_pb2, json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha import reflection_pb2 as pb

from mockserver.core.calls import GRPC, Reply
from tests.support.stage import WireStage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver.core.examples import Ask
    from mockserver.core.sandbox import Sandbox
    from mockserver.core.vendor import Vendor
    from tests.support.wire import Wire

PATIENCE = 20
DETAILS = "grpc-status-details-bin"


@dataclass(frozen=True)
class Answered:
    """How a call ended, as a client sees it."""

    code: str
    text: str
    message: dict[str, Any]
    initial: dict[str, str | bytes]
    trailing: dict[str, str | bytes]
    data: bytes = b""

    @property
    def reason(self) -> str:
        return self.trailing.get("x-mock-reason", "")

    @property
    def exchange(self) -> str:
        return self.trailing["x-mock-exchange"]

    @property
    def details(self) -> bytes:
        return self.trailing.get(DETAILS, b"")


class Line:
    """A client of the server at *address*."""

    def __init__(self, address: str, version: str = "v1", metadata: Iterable[tuple[str, str]] = ()) -> None:
        self.channel = grpc.insecure_channel(
            address, options=[("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
        )
        self._path = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
        self._metadata = tuple(metadata)
        self.pool = DescriptorPool()
        self._known: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.channel.close()

    def ask(self, **request: Any) -> Any:
        """Ask server reflection."""
        info = self.channel.stream_stream(
            self._path, pb.ServerReflectionRequest.SerializeToString, pb.ServerReflectionResponse.FromString
        )
        sent = iter([pb.ServerReflectionRequest(**request)])
        return next(iter(info(sent, timeout=PATIENCE, metadata=self._metadata)))

    def services(self) -> list[str]:
        return [each.name for each in self.ask(list_services="").list_services_response.service]

    def describe(self, symbol: str) -> list[str]:
        """The files that the server gives for a symbol, by name; they are in the pool from now on."""
        answer = self.ask(file_containing_symbol=symbol)
        if answer.WhichOneof("message_response") == "error_response":
            raise KeyError(symbol)
        files = [
            descriptor_pb2.FileDescriptorProto.FromString(data)
            for data in answer.file_descriptor_response.file_descriptor_proto
        ]
        waiting = {file.name: file for file in files}

        def add(name: str) -> None:
            file = waiting.pop(name, None)
            if file is not None:
                for needed in file.dependency:
                    add(needed)
                if name not in self._known:
                    self._known.add(name)
                    self.pool.AddSerializedFile(file.SerializeToString())

        for name in list(waiting):
            add(name)
        return [file.name for file in files]

    def method(self, path: str) -> Any:
        """The descriptor of a method."""
        service, _, name = path.lstrip("/").partition("/")
        try:
            found = self.pool.FindServiceByName(service)
        except KeyError:
            self.describe(service)
            found = self.pool.FindServiceByName(service)
        return found.methods_by_name[name]

    def kind(self, name: str) -> Any:
        return GetMessageClass(self.pool.FindMessageTypeByName(name))

    def encoded(self, path: str, body: dict[str, Any]) -> bytes:
        kind = GetMessageClass(self.method(path).input_type)
        return json_format.ParseDict(body, kind()).SerializeToString()

    def call(
        self,
        path: str,
        body: dict[str, Any] | None = None,
        headers: Iterable[tuple[str, str]] = (),
        timeout: float = PATIENCE,
    ) -> Answered:
        """Call a method with a message in JSON."""
        path = f"/{path.lstrip('/')}"
        answered = self.raw(path, self.encoded(path, body or {}), headers, timeout)
        if answered.code != "OK":
            return answered
        kind = GetMessageClass(self.method(path).output_type)
        message = json_format.MessageToDict(kind.FromString(answered.data), preserving_proto_field_name=True)
        return Answered("OK", "", message, answered.initial, answered.trailing, answered.data)

    def printed(self, path: str, answered: Answered) -> dict[str, Any]:
        """The JSON that grpcurl prints of an answer: proto3 JSON, in the names that the descriptors give."""
        kind = GetMessageClass(self.method(path).output_type)
        return json.loads(json_format.MessageToJson(kind.FromString(answered.data)))

    def raw(
        self, path: str, data: bytes, headers: Iterable[tuple[str, str]] = (), timeout: float = PATIENCE
    ) -> Answered:
        """Call a method with these bytes."""
        call = self.channel.unary_unary(path)
        try:
            answer, ended = call.with_call(data, metadata=(*self._metadata, *headers), timeout=timeout)
        except grpc.RpcError as error:
            return Answered(
                error.code().name, error.details(), {}, dict(error.initial_metadata()), dict(error.trailing_metadata())
            )
        return Answered("OK", "", {}, dict(ended.initial_metadata()), dict(ended.trailing_metadata()), answer)


class RpcStage(WireStage):
    """Plays a vendor's examples: those over gRPC on the line, all others through HTTP."""

    def __init__(self, vendor: Vendor, sandbox: Sandbox, wire: Wire, line: Line) -> None:
        super().__init__(vendor, sandbox, wire)
        self._line = line

    def play(self, ask: Ask) -> Reply:
        if ask.transport != GRPC:
            return super().play(ask)
        got = self.called(ask)
        return Reply(200 if got.code == "OK" else 500)

    def called(self, ask: Ask) -> Answered:
        """A call over gRPC. Bytes that are no JSON are sent as they are."""
        try:
            body = json.loads(ask.body)
        except ValueError:
            return self._line.raw(ask.path, ask.body, _lower(ask.headers))
        # The plain mapping of a message is its JSON but for wrappers, which it has bare.
        kind = GetMessageClass(self._line.method(ask.path).input_type)
        return self._line.call(ask.path, _held(kind.DESCRIPTOR, body), _lower(ask.headers))


def _lower(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in headers]


def _held(kind: Any, body: dict[str, Any]) -> dict[str, Any]:
    held = {}
    for name, value in body.items():
        inner = kind.fields_by_name[name].message_type
        if inner is None or inner.full_name.startswith("google.protobuf."):
            held[name] = value
        else:
            held[name] = _held(inner, value) if isinstance(value, dict) else {"value": value}
    return held
