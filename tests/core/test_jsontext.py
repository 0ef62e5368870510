"""The strict reader of JSON: what Python's own reader lets through, and why it does not."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core import jsontext
from mockserver.core.jsontext import MAX_DEPTH, JsonTextError
from tests.core.worlds import STEADY

SCALAR_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | SCALAR_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(SCALAR_TEXT, inner),
    max_leaves=20,
)


@STEADY
@given(VALUES)
def test_what_python_writes_is_read_alike(value):
    assert jsontext.read(json.dumps(value).encode()) == value


@STEADY
@given(VALUES)
def test_what_is_written_is_read_by_python(value):
    assert json.loads(jsontext.write(value)) == value


@STEADY
@given(st.binary(max_size=60) | st.text('[]{}",:0123456789.eE+-\\utfalsn ', max_size=40).map(str.encode))
def test_any_bytes_are_read_as_python_reads_them_or_refused(text):
    try:
        value = jsontext.read(text)
    except JsonTextError:
        return

    assert json.loads(text) == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting property name"),
        (b"{} {}", "Extra data"),
        (b"{'a':1}", "Expecting property name"),
        (b"NaN", "NaN is not JSON"),
        (b"[Infinity]", "Infinity is not JSON"),
        (b'{"a":-Infinity}', "-Infinity is not JSON"),
        (b"1e400", "a number is too large"),
        (b"[-1e400]", "a number is too large"),
        (b'"\xff"', "not UTF-8"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        ('{"a":1}'.encode("utf-16"), "not UTF-8"),
        ('{"a":1}'.encode("utf-16-le"), "Expecting property name"),
        ('{"a":1}'.encode("utf-32-le"), "Expecting property name"),
        (b"\xef\xbb\xbf{}", "Expecting value"),
        (rb'"\ud800"', "half of a surrogate pair"),
        (rb'["\udc00\ud800"]', "half of a surrogate pair"),
        (rb'{"\ud83d":1}', "half of a surrogate pair"),
        (b'"a\tb"', "Invalid control character"),
        (b"1" * 5000, "Exceeds the limit"),
    ],
)
def test_what_nobody_should_accept_is_refused_with_the_reason(text, why):
    with pytest.raises(JsonTextError, match=why):
        jsontext.read(text)


def test_a_pair_of_surrogates_is_one_character():
    assert jsontext.read(rb'"\ud83d\ude00"') == "\N{GRINNING FACE}"


@pytest.mark.parametrize(("left", "right"), [(b"[", b"]"), (b'{"a":', b"}")], ids=["arrays", "objects"])
def test_the_deepest_nesting_allowed_is_read(left, right):
    value = jsontext.read(left * MAX_DEPTH + b"1" + right * MAX_DEPTH)

    for _ in range(MAX_DEPTH):
        [value] = value if isinstance(value, list) else value.values()
    assert value == 1


@pytest.mark.parametrize(("left", "right"), [(b"[", b"]"), (b'{"a":', b"}")], ids=["arrays", "objects"])
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 100_000])
def test_deeper_nesting_is_refused(left, right, depth):
    with pytest.raises(JsonTextError, match="nested deeper than 64"):
        jsontext.read(left * depth + b"1" + right * depth)


def test_many_brackets_side_by_side_are_no_depth():
    assert jsontext.read(b"[" + b",".join([b"[]"] * 1000) + b"]") == [[]] * 1000


def test_of_a_repeated_member_the_last_one_counts():
    assert jsontext.read(b'{"a":1,"b":2,"a":3}') == {"a": 3, "b": 2}


def test_an_integer_stays_exact():
    assert jsontext.read(b"12345678901234567890123") == 12345678901234567890123


def test_an_object_is_read_as_an_object():
    assert jsontext.read_object(b' {"a":1} ') == {"a": 1}


@pytest.mark.parametrize("text", [b"[]", b'"a"', b"1", b"null", b"true"])
def test_what_is_no_object_is_refused_as_one(text):
    with pytest.raises(JsonTextError, match="not an object"):
        jsontext.read_object(text)


def test_writing_is_compact_and_keeps_the_order_of_members():
    assert jsontext.write({"b": [1, 2], "a": "å"}) == '{"b":[1,2],"a":"å"}'.encode()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_json_is_not_written(value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        jsontext.write(value)
