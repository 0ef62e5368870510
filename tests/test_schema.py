"""The strict fields: they take what JSON Schema says, and nothing that merely looks like it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from marshmallow import ValidationError, fields

from mockserver.core.options import Options
from mockserver.schema import Instant, Seconds, StrictSchema, TrueOrFalse, WholeNumber, load_options, problems

MOMENT = datetime(2030, 1, 1, 12, tzinfo=UTC)


class Inner(StrictSchema):
    size = WholeNumber(required=True)


class Outer(StrictSchema):
    name = fields.String()
    inner = fields.Nested(Inner)
    several = fields.List(fields.Nested(Inner))


def told(load, data) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(ValidationError) as raised:
        load(data)
    return list(problems(raised.value))


class TestWholeNumber:
    @pytest.mark.parametrize("value", [0, 1, -1, 10**30])
    def test_an_integer_is_taken(self, value):
        assert WholeNumber().deserialize(value) == value

    @pytest.mark.parametrize("value", ["1", "", 1.0, 1.5, True, False, [1], {}, None, 1e3])
    def test_nothing_else_is(self, value):
        with pytest.raises(ValidationError):
            WholeNumber().deserialize(value)


class TestTrueOrFalse:
    @pytest.mark.parametrize("value", [True, False])
    def test_a_boolean_is_taken(self, value):
        assert TrueOrFalse().deserialize(value) is value

    @pytest.mark.parametrize("value", [1, 0, "true", "yes", "on", "", "False", None, [], 1.0])
    def test_nothing_else_is(self, value):
        with pytest.raises(ValidationError):
            TrueOrFalse().deserialize(value)


class TestSeconds:
    @pytest.mark.parametrize("value", [0, 1, 300, -5])
    def test_whole_seconds_are_a_duration(self, value):
        assert Seconds().deserialize(value) == timedelta(seconds=value)

    @pytest.mark.parametrize("value", ["300", 300.0, True, None, [300]])
    def test_nothing_else_is(self, value):
        with pytest.raises(ValidationError):
            Seconds().deserialize(value)

    @pytest.mark.parametrize("value", [10**15, 10**30, -(10**30)])
    def test_more_seconds_than_a_duration_holds_are_the_most_it_does(self, value):
        assert abs(Seconds().deserialize(value)) > timedelta(days=365 * 1_000_000)

    @pytest.mark.parametrize(
        ("duration", "written"),
        [(timedelta(hours=1), 3600), (timedelta(seconds=1.9), 1), (timedelta(), 0), (None, None)],
    )
    def test_a_duration_is_written_as_whole_seconds(self, duration, written):
        assert Seconds().serialize("it", {"it": duration}) == written


class TestInstant:
    @pytest.mark.parametrize(
        "value",
        [
            "2030-01-01T12:00:00Z",
            "2030-01-01T12:00:00+00:00",
            "2030-01-01T14:00:00+02:00",
            "2030-01-01T12:00:00.000Z",
        ],
        ids=str,
    )
    def test_an_instant_is_read_in_utc(self, value):
        instant = Instant().deserialize(value)

        assert (instant, instant.utcoffset()) == (MOMENT, timedelta())

    @pytest.mark.parametrize(
        "value",
        [
            "2030-01-01T12:00:00",
            "2030-01-01",
            "2030-13-01T00:00:00Z",
            "soon",
            "",
            1893499200,
            MOMENT.date(),
            True,
            None,
            "0001-01-01T00:00:00+10:00",
            "9999-12-31T23:59:59-10:00",
        ],
        ids=str,
    )
    def test_nothing_else_is_one(self, value):
        with pytest.raises(ValidationError):
            Instant().deserialize(value)

    @pytest.mark.parametrize(
        ("moment", "written"),
        [(MOMENT, "2030-01-01T12:00:00Z"), (MOMENT.replace(microsecond=999_999), "2030-01-01T12:00:00Z"), (None, None)],
    )
    def test_an_instant_is_written_with_whole_seconds(self, moment, written):
        assert Instant().serialize("it", {"it": moment}) == written


class TestStrictSchema:
    def test_a_name_nobody_knows_is_answered_with_the_nearest(self):
        assert told(Outer().load, {"nmae": "x"}) == [(("nmae",), "unknown name; did you mean 'name'?")]

    def test_a_name_like_no_other_is_answered_with_all(self):
        assert told(Outer().load, {"zzz": 1}) == [(("zzz",), "unknown name; known are inner, name, several")]

    def test_every_problem_is_told_with_its_place(self):
        data = {"inner": {"sizes": 1}, "several": [{"size": 1}, {"size": "1"}]}

        assert sorted(told(Outer().load, data)) == [
            (("inner", "size"), "Missing data for required field."),
            (("inner", "sizes"), "unknown name; did you mean 'size'?"),
            (("several", 1, "size"), "Not a valid integer."),
        ]

    @pytest.mark.parametrize("data", [[], "text", 5, None])
    def test_what_is_no_mapping_is_refused(self, data):
        assert told(Outer().load, data)[0][0] == ()


class TestOptions:
    def test_options_are_loaded_under_the_names_that_users_write(self):
        options = load_options(Options, {"skew_s": 60, "cors_origins": "http://localhost:3000", "browser_guard": "off"})

        assert options.skew == timedelta(minutes=1)
        assert options.cors_origins == ("http://localhost:3000",)
        assert options.browser_guard == "off"

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            ({"browser_guard": "maybe"}, "not one of refuse, record, off"),
            ({"browser_guard": None}, "Field may not be null."),
            ({"cors_on_errors": "yes"}, "not true or false"),
            ({"cors_on_errors": 1}, "not true or false"),
            ({"skew_s": 301}, "not whole seconds from 0 to 300"),
            ({"skew_s": -1}, "not whole seconds from 0 to 300"),
            ({"skew_s": "5"}, "not whole seconds from 0 to 300"),
            ({"skew_s": 10**30}, "not whole seconds from 0 to 300"),
            ({"cors_origins": "localhost:3000"}, "not * or origins like http://localhost:3000"),
            ({"cors_origins": ["http://a.test/path"]}, "not * or origins like http://localhost:3000"),
            ({"cors_origins": [5]}, "not * or origins like http://localhost:3000"),
            ({"cors_origins": {}}, "not * or origins like http://localhost:3000"),
            ({"base_url": "mock.test"}, "not an absolute http or https URL"),
            ({"base_url": "http://mock.test/?a=1"}, "not an absolute http or https URL"),
            ({"base_url": "http://mock.test\n"}, "not an absolute http or https URL"),
            ({"base_url": 5}, "not an absolute http or https URL"),
            ({"skew": 5}, "unknown name; did you mean 'skew_s'?"),
        ],
        ids=str,
    )
    def test_what_an_option_does_not_take_is_told(self, data, problem):
        [name] = data

        assert told(lambda given: load_options(Options, given), data) == [((name,), problem)]
