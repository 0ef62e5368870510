"""Messages as plain mappings, both ways: names as in the proto file, enums by name, 64-bit numbers as numbers.

A message whose one field is called `value` is that value: protobuf's own wrappers are such, and vendors' are.
"""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.descriptor import Descriptor
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message import Message

Plain = Any


class UnfitMessageError(ValueError):
    """A mapping does not describe the message that it should."""


class Messages:
    """Reads and writes the messages of a pool."""

    def __init__(self, pool: DescriptorPool) -> None:
        self.pool = pool
        self._kinds: dict[str, type[Message]] = {}

    def kind(self, name: str) -> type[Message]:
        """The class of the messages with this full name."""
        known = self._kinds.get(name)
        if known is None:
            descriptor = self.pool.FindMessageTypeByName(name)
            known = self._kinds[name] = GetMessageClass(descriptor)
        return known

    def read(self, name: str, data: bytes) -> dict[str, Plain]:
        """The fields that are set. Raises protobuf's `DecodeError`; what is not known is ignored."""
        return _fields(self.kind(name).FromString(data))

    def write(self, name: str, fields: Mapping[str, Plain]) -> bytes:
        """The bytes of a message with these fields. Raises `UnfitMessageError`."""
        message = self.kind(name)()
        _fill(message, fields)
        data: bytes = message.SerializeToString()
        return data


def _fields(message: Message) -> dict[str, Plain]:
    return {field.name: _value_of(field, value) for field, value in message.ListFields()}


def _value_of(field: FieldDescriptor, value: Any) -> Plain:
    if field.is_repeated:
        return _map_of(field, value) if _is_map(field) else [_single(field, each) for each in value]
    return _single(field, value)


def _single(field: FieldDescriptor, value: Any) -> Plain:
    if field.message_type is not None:
        return value.value if _is_wrapper(field.message_type) else _fields(value)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _map_of(field: FieldDescriptor, entries: Mapping[Any, Any]) -> Plain:
    inner = _entry(field)
    return {str(key): _single(inner, value) for key, value in entries.items()}


def _fill(message: Message, fields: Mapping[str, Plain]) -> None:
    known = message.DESCRIPTOR.fields_by_name
    for name, value in fields.items():
        field = known.get(name)
        if field is None:
            raise UnfitMessageError(f"{message.DESCRIPTOR.full_name} has no field '{name}'")
        try:
            _set(message, field, value)
        except (TypeError, ValueError, AttributeError, LookupError) as error:
            raise UnfitMessageError(f"{message.DESCRIPTOR.full_name}.{name}: {error}") from None


def _set(message: Message, field: FieldDescriptor, value: Plain) -> None:
    if field.is_repeated:
        _set_many(getattr(message, field.name), field, value)
    elif field.message_type is None:
        setattr(message, field.name, _scalar(field, value))
    else:
        inner = getattr(message, field.name)
        inner.SetInParent()
        _fill(inner, _unwrapped(field, value))


def _set_many(kept: Any, field: FieldDescriptor, value: Plain) -> None:
    if _is_map(field):
        for key, each in value.items():
            entry = _entry(field)
            if entry.message_type is None:
                kept[key] = _scalar(entry, each)
            else:
                _fill(kept[key], _unwrapped(entry, each))
        return
    for each in value:
        if field.message_type is None:
            kept.append(_scalar(field, each))
        else:
            _fill(kept.add(), _unwrapped(field, each))


def _unwrapped(field: FieldDescriptor, value: Plain) -> Mapping[str, Plain]:
    return {"value": value} if _is_wrapper(field.message_type) and not isinstance(value, dict) else value


def _scalar(field: FieldDescriptor, value: Plain) -> Plain:
    if field.enum_type is not None and isinstance(value, str):
        return field.enum_type.values_by_name[value].number
    if field.type == FieldDescriptor.TYPE_BYTES:
        return base64.b64decode(value)
    return value


def _is_map(field: FieldDescriptor) -> bool:
    kind = field.message_type
    return kind is not None and bool(kind.GetOptions().map_entry)


def _entry(field: FieldDescriptor) -> FieldDescriptor:
    return field.message_type.fields_by_name["value"]


def _is_wrapper(kind: Descriptor) -> bool:
    return len(kind.fields) == 1 and kind.fields[0].name == "value"
