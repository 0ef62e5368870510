"""Descriptors: the messages of a vendor in one pool of their own, and the services that are made of its methods.

Never protobuf's default pool: a client in the same process registers the real vendor's modules there, under the same
names.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from google.protobuf import any_pb2, descriptor_pb2, empty_pb2, struct_pb2, timestamp_pb2, wrappers_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from google.protobuf.descriptor import FileDescriptor

    from mockserver.core.operations import Method

WELL_KNOWN = (any_pb2, empty_pb2, struct_pb2, timestamp_pb2, wrappers_pb2)
STATUS = "google.rpc.Status"
REFLECTION = "grpc.reflection.v1.ServerReflection"
REFLECTION_ALPHA = "grpc.reflection.v1alpha.ServerReflection"
HEALTH = "grpc.health.v1.Health"
OWN = (HEALTH, REFLECTION, REFLECTION_ALPHA)
"""The services that are there whatever a vendor does."""


@lru_cache(maxsize=16)
def _files_in(compiled: bytes) -> dict[str, descriptor_pb2.FileDescriptorProto]:
    return {each.name: each for each in descriptor_pb2.FileDescriptorSet.FromString(compiled).file}


def pool_of(compiled: bytes, names: Iterable[str], methods: Sequence[Method]) -> DescriptorPool:
    """A pool with these files of a compiled set, what they import, and a service for each that has methods."""
    pool = DescriptorPool()
    for module in WELL_KNOWN:
        _add(pool, _proto(module.DESCRIPTOR))
    for own in _own_files():
        _add(pool, own)
    known, added = _files_in(compiled), set[str]()

    def add(name: str) -> None:
        if name in known and name not in added:
            added.add(name)
            for needed in known[name].dependency:
                add(needed)
            _add(pool, known[name])

    for name in names:
        add(name)
    for service in _services(methods, sorted(added)):
        _add(pool, service)
    return pool


def _add(pool: DescriptorPool, file: descriptor_pb2.FileDescriptorProto) -> None:
    pool.AddSerializedFile(file.SerializeToString())


def _services(methods: Sequence[Method], files: Sequence[str]) -> Iterable[descriptor_pb2.FileDescriptorProto]:
    ordered = sorted(methods, key=lambda method: method.service)
    for service, group in groupby(ordered, key=lambda method: method.service):
        package, _, name = service.rpartition(".")
        yield descriptor_pb2.FileDescriptorProto(
            name=f"mock/services/{service}.proto",
            package=package,
            syntax="proto3",
            dependency=files,
            service=[
                descriptor_pb2.ServiceDescriptorProto(
                    name=name,
                    method=[
                        descriptor_pb2.MethodDescriptorProto(
                            name=method.path.rpartition("/")[2],
                            input_type=f".{method.request}",
                            output_type=f".{method.response}",
                        )
                        for method in group
                    ],
                )
            ],
        )


@lru_cache(maxsize=1)
def _own_files() -> tuple[descriptor_pb2.FileDescriptorProto, ...]:
    """Health, both reflections, and the status in which error details are wrapped."""
    alpha = _proto(reflection_pb2.DESCRIPTOR)
    # The package ships v1alpha only. The messages are the same but for the names.
    return (_proto(health_pb2.DESCRIPTOR), alpha, _renamed(alpha), _status())


def _proto(file: FileDescriptor) -> descriptor_pb2.FileDescriptorProto:
    """A file of generated code, with the JSON names that the generator has left out."""
    proto = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(proto)
    for message in proto.message_type:
        _name_fields(message)
    return proto


def _name_fields(message: descriptor_pb2.DescriptorProto) -> None:
    for field in message.field:
        first, *rest = field.name.split("_")
        field.json_name = first + "".join(word.capitalize() for word in rest)
    for inner in message.nested_type:
        _name_fields(inner)


def _renamed(alpha: descriptor_pb2.FileDescriptorProto) -> descriptor_pb2.FileDescriptorProto:
    stable = descriptor_pb2.FileDescriptorProto()
    stable.CopyFrom(alpha)
    stable.name = "grpc/reflection/v1/reflection.proto"
    stable.package = "grpc.reflection.v1"
    for message in stable.message_type:
        for field in filter(lambda each: each.type_name, message.field):
            field.type_name = field.type_name.replace(".v1alpha.", ".v1.")
    for service in stable.service:
        for method in service.method:
            method.input_type = method.input_type.replace(".v1alpha.", ".v1.")
            method.output_type = method.output_type.replace(".v1alpha.", ".v1.")
    return stable


def _status() -> descriptor_pb2.FileDescriptorProto:
    field = descriptor_pb2.FieldDescriptorProto
    single, many = field.LABEL_OPTIONAL, field.LABEL_REPEATED
    return descriptor_pb2.FileDescriptorProto(
        name="mock/status.proto",
        package="google.rpc",
        syntax="proto3",
        dependency=["google/protobuf/any.proto"],
        message_type=[
            descriptor_pb2.DescriptorProto(
                name="Status",
                field=[
                    field(name="code", json_name="code", number=1, label=single, type=field.TYPE_INT32),
                    field(name="message", json_name="message", number=2, label=single, type=field.TYPE_STRING),
                    field(
                        name="details",
                        json_name="details",
                        number=3,
                        label=many,
                        type=field.TYPE_MESSAGE,
                        type_name=".google.protobuf.Any",
                    ),
                ],
            )
        ],
    )
