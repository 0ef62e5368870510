"""Rules as people write them: what is written can be read, what is read can be written, every error has a place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from mockserver.core.calls import Fault, Reply
from mockserver.core.reasons import REASONS
from mockserver.core.rules import Hold, MintChange, Rule, Then, When
from mockserver.rulebook import schema, written
from mockserver.schema import problems
from mockserver.vendors import discover
from tests.core.worlds import STEADY

VENDORS = discover()
SCHEMA = schema(VENDORS)
OPERATIONS = [operation.name for vendor in VENDORS for operation in vendor.operations]

NAMES = st.text("!#$%&'*+-.^_`|~09azAZ", min_size=1, max_size=8)
VALUES = st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]) | st.just("\t"), max_size=8)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


def upto(most):
    """Durations above nothing, to the millisecond: what JSON can write without loss."""
    return st.integers(1, most * 1000).map(lambda count: timedelta(milliseconds=count))


HEADERS = st.dictionaries(NAMES, VALUES, max_size=2)
WHENS = st.builds(
    When,
    vendor=st.none() | st.sampled_from([vendor.name for vendor in VENDORS]),
    operation=st.none() | st.sampled_from([*OPERATIONS, "*", "ingrid.*"]),
    credential=st.none() | TEXT,
    path=st.none() | TEXT,
    header=HEADERS,
    transport=st.none() | st.sampled_from(["http", "grpc"]),
    token=st.none() | TEXT,
)
REPLIES = st.builds(
    Reply, st.integers(200, 599), HEADERS.map(lambda fields: tuple(fields.items())), TEXT.map(str.encode)
)
MINTS = st.builds(
    MintChange,
    lifetime=st.none() | upto(1000),
    backdate=st.just(timedelta()) | upto(1000) | upto(1000).map(lambda step: -step),
    broken_signature=st.booleans(),
    claims=st.dictionaries(TEXT, JSON, max_size=2),
)
THENS = st.builds(
    Then,
    refuse=st.none() | st.sampled_from(sorted(REASONS)),
    delay=st.just(timedelta()) | upto(3600),
    fault=st.none() | st.sampled_from(Fault),
    garble=st.booleans(),
    mint=st.none() | MINTS,
    hold=st.none() | st.builds(Hold, st.integers(1, 100), upto(3600)),
).filter(lambda then: then != Then())
ANSWERS = st.builds(Then, answer=REPLIES, delay=st.just(timedelta()) | upto(3600))
RULES = st.builds(
    Rule,
    when=WHENS,
    then=THENS | ANSWERS,
    times=st.none() | st.integers(1, 9),
    after=st.integers(0, 9),
    nth=st.none() | st.integers(1, 9),
    probability=st.floats(0, 1),
    per_credential=st.booleans(),
)


@given(RULES)
@STEADY
def test_what_is_written_is_read_as_the_same_rule(rule):
    assert SCHEMA.load(written(rule)) == rule


@given(RULES)
@STEADY
def test_what_is_written_is_written_the_same_way_again(rule):
    text = written(rule)

    assert written(SCHEMA.load(text)) == text


def errors_of(value):
    """The places and texts of what is wrong; nothing where it is a rule."""
    try:
        SCHEMA.load(value)
    except ValidationError as error:
        return list(problems(error))
    return []


@given(JSON)
@STEADY
def test_anything_that_is_no_rule_is_refused_with_a_text(value):
    assert [text for _, text in errors_of(value) if not text] == []
    assert errors_of(value)


@given(st.sampled_from(["when", "then", "times", "after", "probability", "per_credential", "other"]), JSON)
@STEADY
def test_whatever_stands_in_one_member_its_errors_are_placed_there(member, value):
    found = errors_of({"then": {"refuse": "rate.limited"}, member: value})

    assert {place[0] for place, _ in found} <= {member}


FIELDS = ("then", "answer", "headers")


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({}, ("then",)),
        ({"then": {"refuse": "rate.limitd"}}, ("then", "refuse")),
        ({"then": {"answer": {"status": 1}}}, ("then", "answer", "status")),
        ({"then": {"delay": 0, "garble": False}}, ("then",)),
        ({"then": {"answer": {"status": 200, "headers": {"X": "\N{SNOWMAN}"}}}}, (*FIELDS, "X")),
        ({"then": {"answer": {"status": 200, "headers": {"a b": "x"}}}}, (*FIELDS, "a b")),
        ({"then": {"hold": {"callers": 0}}}, ("then", "hold", "callers")),
        ({"then": {"garble": True}, "when": {"operation": "ingrid.mint"}}, ("when", "operation")),
        ({"then": {"garble": True}, "wen": {}}, ("wen",)),
    ],
    ids=str,
)
def test_an_error_has_the_place_where_it_stands(rule, place):
    with pytest.raises(ValidationError) as caught:
        SCHEMA.load(rule)

    assert next(problems(caught.value))[0] == place


def test_operations_of_vendors_that_are_not_there_are_unknown():
    with pytest.raises(ValidationError, match="unknown name"):
        schema(()).load({"then": {"garble": True}, "when": {"vendor": VENDORS[0].name}})
