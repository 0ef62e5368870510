"""Messages of any descriptor as plain mappings, there and back."""

from __future__ import annotations

import math

import pytest
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool

from mockserver.rpc.messages import Messages, UnfitMessageError

FIELD = descriptor_pb2.FieldDescriptorProto
SINGLE, MANY = FIELD.LABEL_OPTIONAL, FIELD.LABEL_REPEATED


@pytest.fixture(scope="module")
def messages():
    """One message with a field of every sort."""
    file = descriptor_pb2.FileDescriptorProto(name="any.proto", package="any", syntax="proto3")
    wrapper = file.message_type.add(name="Wrapper")
    wrapper.field.add(name="value", number=1, type=FIELD.TYPE_STRING, label=SINGLE)
    inner = file.message_type.add(name="Inner")
    inner.field.add(name="number", number=1, type=FIELD.TYPE_INT64, label=SINGLE)
    colour = file.enum_type.add(name="Colour")
    colour.value.add(name="RED", number=0)
    colour.value.add(name="BLUE", number=1)
    all_of_it = file.message_type.add(name="All")
    all_of_it.field.add(name="text", number=1, type=FIELD.TYPE_STRING, label=SINGLE)
    all_of_it.field.add(name="data", number=2, type=FIELD.TYPE_BYTES, label=SINGLE)
    all_of_it.field.add(name="ratio", number=3, type=FIELD.TYPE_DOUBLE, label=SINGLE)
    all_of_it.field.add(name="colour", number=4, type=FIELD.TYPE_ENUM, type_name=".any.Colour", label=SINGLE)
    all_of_it.field.add(name="secret", number=5, type=FIELD.TYPE_MESSAGE, type_name=".any.Wrapper", label=SINGLE)
    all_of_it.field.add(name="inner", number=6, type=FIELD.TYPE_MESSAGE, type_name=".any.Inner", label=SINGLE)
    all_of_it.field.add(name="secrets", number=7, type=FIELD.TYPE_MESSAGE, type_name=".any.Wrapper", label=MANY)
    all_of_it.field.add(name="colours", number=8, type=FIELD.TYPE_ENUM, type_name=".any.Colour", label=MANY)
    entry = all_of_it.nested_type.add(name="KeptEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=FIELD.TYPE_STRING, label=SINGLE)
    entry.field.add(name="value", number=2, type=FIELD.TYPE_MESSAGE, type_name=".any.Inner", label=SINGLE)
    counted = all_of_it.nested_type.add(name="CountedEntry")
    counted.options.map_entry = True
    counted.field.add(name="key", number=1, type=FIELD.TYPE_STRING, label=SINGLE)
    counted.field.add(name="value", number=2, type=FIELD.TYPE_INT32, label=SINGLE)
    all_of_it.field.add(name="kept", number=9, type=FIELD.TYPE_MESSAGE, type_name=".any.All.KeptEntry", label=MANY)
    all_of_it.field.add(
        name="counted", number=10, type=FIELD.TYPE_MESSAGE, type_name=".any.All.CountedEntry", label=MANY
    )
    pool = DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return Messages(pool)


WHOLE = {
    "text": "x",
    "data": "AP8=",
    "ratio": 1.5,
    "colour": "BLUE",
    "secret": "s",
    "inner": {"number": 2**62},
    "secrets": ["a", "b"],
    "colours": ["BLUE", "RED"],
    "kept": {"k": {"number": 1}},
    "counted": {"n": 3},
}


def test_every_sort_of_field_goes_there_and_back(messages):
    assert messages.read("any.All", messages.write("any.All", WHOLE)) == WHOLE


def test_what_is_unset_is_left_out_and_what_is_empty_is_there(messages):
    assert messages.read("any.All", b"") == {}
    assert messages.read("any.All", messages.write("any.All", {"secret": "", "inner": {}})) == {
        "secret": "",
        "inner": {},
    }


def test_numbers_that_json_has_not_and_enums_that_nobody_knows(messages):
    data = messages.write("any.All", {"ratio": math.inf, "colour": 7})

    assert messages.read("any.All", data) == {"ratio": "inf", "colour": 7}


@pytest.mark.parametrize(
    "fields", [{"nothing": 1}, {"text": 1}, {"colour": "GREEN"}, {"inner": 5}, {"inner": {"number": "x"}}, {"kept": []}]
)
def test_a_mapping_that_does_not_fit_says_where(messages, fields):
    with pytest.raises(UnfitMessageError, match="any"):
        messages.write("any.All", fields)
