"""Server reflection, v1 and v1alpha: the messages are the same on the wire, so one servicer answers both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grpc_reflection.v1alpha import reflection_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import grpc
    from google.protobuf.descriptor import FileDescriptor
    from google.protobuf.descriptor_pool import DescriptorPool

NOT_FOUND = 5


class Reflection:
    """What is told of the services and files of some pools; *look* gives both, as the caller's sandbox has them."""

    def __init__(self, look: Callable[[grpc.ServicerContext], tuple[list[str], list[DescriptorPool]]]) -> None:
        self._look = look

    def answers(self, requests: Iterable[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        """An answer to each request."""
        for request in requests:
            answer = self._answer(request, *self._look(context))
            answer.valid_host = request.host
            answer.original_request.CopyFrom(request)
            yield answer

    def _answer(self, request: Any, services: list[str], pools: list[DescriptorPool]) -> Any:
        asked = request.WhichOneof("message_request")
        if asked == "list_services":
            listed = pb.ListServiceResponse(service=[pb.ServiceResponse(name=name) for name in services])
            return pb.ServerReflectionResponse(list_services_response=listed)
        if asked == "file_by_filename":
            return _found(_file(pools, request.file_by_filename))
        if asked == "file_containing_symbol":
            return _found(_file_with(pools, request.file_containing_symbol))
        return _found(None)


def _found(file: FileDescriptor | None) -> Any:
    if file is None:
        missing = pb.ErrorResponse(error_code=NOT_FOUND, error_message="not found")
        return pb.ServerReflectionResponse(error_response=missing)
    data = {each.name: each.serialized_pb for each in _with_imports(file)}
    files = pb.FileDescriptorResponse(file_descriptor_proto=list(data.values()))
    return pb.ServerReflectionResponse(file_descriptor_response=files)


def _with_imports(file: FileDescriptor) -> Iterator[FileDescriptor]:
    yield file
    for needed in file.dependencies:
        yield from _with_imports(needed)


def _file(pools: list[DescriptorPool], name: str) -> FileDescriptor | None:
    return _first(pools, lambda pool: pool.FindFileByName(name))


def _file_with(pools: list[DescriptorPool], symbol: str) -> FileDescriptor | None:
    """The file with this symbol. Methods and fields are no symbols of the pool: what holds them is."""
    found = _first(pools, lambda pool: pool.FindFileContainingSymbol(symbol))
    outer = symbol.rpartition(".")[0]
    return _file_with(pools, outer) if found is None and outer else found


def _first(pools: list[DescriptorPool], find: Callable[[DescriptorPool], FileDescriptor]) -> FileDescriptor | None:
    for pool in pools:
        try:
            return find(pool)
        except KeyError:
            continue
    return None
