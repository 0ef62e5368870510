"""The strict marshmallow base and the fields that vendors share.

marshmallow's own integers take `"1"` and its booleans take `"yes"`, while the JSON Schema made from them says
otherwise. These take what JSON Schema says, and nothing else.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, post_load, validate
from marshmallow.experimental.context import Context

from mockserver.core import jsontext
from mockserver.core.case import Case
from mockserver.core.operations import InvalidFieldsError
from mockserver.core.options import (
    AutoSpan,
    Choice,
    Declaration,
    Entries,
    Kind,
    Span,
    Switch,
    Table,
    Text,
    Whole,
    Wholes,
    Words,
    declarations,
)
from mockserver.core.refusals import FieldError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


Place = tuple[str | int, ...]
"""Where something stands in nested mappings and lists."""


EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(5000, 12, 31, 23, 59, 59, tzinfo=UTC)
"""No sandbox lives before or after: later NumericDates look like milliseconds, and all of them can be reckoned with."""

OFF_THE_CALENDAR = f"Not within the years {EARLIEST.year} to {LATEST.year}."

_MOST_SECONDS = -(timedelta.min // timedelta(seconds=1))


class WholeNumber(fields.Integer):
    """A JSON integer: no text, no boolean, no fraction, not even `300.0`."""

    def _validated(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid", input=value)
        return value


class TrueOrFalse(fields.Boolean):
    """A JSON boolean and nothing that looks like one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        del attr, data, kwargs
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Seconds(WholeNumber):
    """A duration, on the wire as whole seconds."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        del attr, obj, kwargs
        return None if value is None else value // timedelta(seconds=1)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        return timedelta(seconds=self._bounded(self._validated(value)))

    def _bounded(self, value: int) -> int:
        # timedelta overflows long before JSON does; what is out of bounds is refused by the field's own rule.
        return max(-_MOST_SECONDS, min(_MOST_SECONDS, value))


class Duration(fields.Field[timedelta]):
    """A duration, on the wire as a number of seconds, fractions allowed."""

    default_error_messages = {"invalid": "Not a number of seconds."}  # noqa: RUF012

    def _serialize(self, value: timedelta | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        del attr, obj, kwargs
        if value is None:
            return None
        return value // timedelta(seconds=1) if value % timedelta(seconds=1) == timedelta() else value.total_seconds()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> timedelta:
        del attr, data, kwargs
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.make_error("invalid")
        try:
            return timedelta(seconds=value)
        except (OverflowError, ValueError):
            raise self.make_error("invalid") from None


class Instant(fields.Field[datetime]):
    """An instant, on the wire as RFC 3339 in UTC with whole seconds and `Z`."""

    default_error_messages = {"invalid": "Not an instant like 2030-01-01T00:00:00Z."}  # noqa: RUF012

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        del attr, obj, kwargs
        return None if value is None else value.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        del attr, data, kwargs
        try:
            instant = datetime.fromisoformat(value)
            if instant.tzinfo is None:
                raise self.make_error("invalid")
            return instant.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            raise self.make_error("invalid") from None


class RequestBody(Schema):
    """A body that a vendor takes: unknown members are ignored, as standards and vendors do.

    The error message of a field is the problem's name (`required`, `range`), from which the vendor's table
    makes a reason and a text.
    """

    class Meta:
        unknown = EXCLUDE

    def read(self, payload: Any, case: Case) -> Mapping[str, Any]:
        """The fields of *payload*. Raises `InvalidFieldsError` with all that is wrong, in the schema's order."""
        with Context(case):
            try:
                loaded: Mapping[str, Any] = self.load(payload)
            except ValidationError as error:
                errors = [FieldError(*problem) for problem in problems(error)]
                raise InvalidFieldsError(tuple(sorted(errors, key=self._place_of))) from None
        return loaded

    def _place_of(self, error: FieldError) -> int:
        # marshmallow tells what `@validates` found after all else; a vendor's table has it in its field's place.
        names = [field.data_key or name for name, field in self.load_fields.items()]
        return names.index(str(error.path[0])) if error.path else -1


class ResponseBody(Schema):
    """A body that a vendor answers: it may gain members without breaking anyone."""

    class Meta:
        unknown = EXCLUDE

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        # The bound `_serialize` of each field, which is where a field says what it looks like on the wire.
        self._writers = [
            (name, field.data_key or name, field._serialize)  # noqa: SLF001
            for name, field in self.dump_fields.items()
        ]

    def write(self, fields_: Mapping[str, Any]) -> Mapping[str, Any]:
        """The members of the body, in the order of the schema.

        What `dump` does at a third of its cost: it looks for hooks and for more than one object, and there are none.
        """
        return {key: write(fields_[name], name, fields_) for name, key, write in self._writers if name in fields_}


class StrictSchema(Schema):
    """For what we define ourselves: an unknown member is an error that suggests the nearest one."""

    class Meta:
        unknown = RAISE

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **kwargs: Any) -> None:
        """Say which known member an unknown one is nearest to."""
        del data, many, kwargs
        if not isinstance(error.messages, dict):
            return
        known = [field.data_key or name for name, field in self.load_fields.items()]
        for name, messages in error.messages.items():
            if messages == [self.error_messages["unknown"]] and name not in known:
                error.messages[name] = [unknown_name(str(name), known)]


class Records(StrictSchema):
    """A vendor's part of a scenario: collections, each a member of *kind*, which is what its operations find."""

    kind: type[Any]

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Any:
        del kwargs
        return self.kind(**data)


class Collection(fields.List[Any]):
    """Records of one sort: a list on the outside, told apart by their `id`; a mapping by id on the inside."""

    default_error_messages = {"repeated": "'{name}' stands here twice"}  # noqa: RUF012

    def __init__(self, item: type[StrictSchema], **keywords: Any) -> None:
        super().__init__(fields.Nested(item), **keywords)
        self.item = item

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        records: dict[str, Any] = {}
        listed: list[Any] = super()._deserialize(value, attr, data, **kwargs)
        for record in listed:
            if record.id in records:
                raise self.make_error("repeated", name=record.id)
            records[record.id] = record
        return records

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return super()._serialize(list(value.values()), attr, obj, **kwargs)


def collections(schema: Schema) -> dict[str, Collection]:
    """The collections of a vendor's records, by the names that scenarios have for them."""
    return {name: field for name, field in schema.fields.items() if isinstance(field, Collection)}


def unknown_name(name: str, known: list[str]) -> str:
    """The text for a name nobody knows, with the nearest one that is known."""
    near = get_close_matches(name, known, n=1)
    return "unknown name" + (f"; did you mean '{near[0]}'?" if near else f"; known are {', '.join(sorted(known))}")


def current_case() -> Case:
    """The case whose body is being read, for rules that depend on options or records."""
    case: Case = Context[Case].get()
    return case


def problems(error: ValidationError) -> Iterator[tuple[Place, str]]:
    """Everything that is wrong, each with the place it is wrong at, in the schema's order."""
    return _flat(error.messages, ())


@contextmanager
def problems_below(name: str) -> Iterator[None]:
    """What is wrong in here is wrong below this member."""
    try:
        yield
    except ValidationError as error:
        raise ValidationError({name: error.messages}) from None


def _flat(messages: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(messages, dict):
        for step, inner in messages.items():
            yield from _flat(inner, place if step == "_schema" else (*place, step))
        return
    for text in messages:
        yield place, text


def schema_for(kind: type[Any]) -> type[StrictSchema]:
    """The strict schema of a dataclass that declares options; it loads keyword arguments for that class."""
    known = _SCHEMAS.get(kind)
    return known or _SCHEMAS.setdefault(kind, _schema_for(kind))


def _schema_for(kind: type[Any]) -> type[StrictSchema]:
    members = {declared.name: _field(declared) for declared in declarations(kind)}
    return type(f"{kind.__name__}Schema", (StrictSchema,), dict(members))


def load_options(kind: type, data: Mapping[str, Any]) -> Any:
    """An instance of *kind* from what a user wrote; raises `marshmallow.ValidationError`."""
    return kind(**schema_for(kind)().load(data))


def _field(declared: Declaration) -> fields.Field[Any]:
    metadata = {"description": declared.why}
    common: dict[str, Any] = {
        "attribute": declared.attribute,
        "metadata": metadata,
        "allow_none": declared.default is None,
    }
    made: fields.Field[Any] = _KINDS[type(declared.kind)](declared.kind, common)
    return made


def _choice(kind: Choice, common: dict[str, Any]) -> fields.Field[Any]:
    number = all(isinstance(value, int) for value in kind.values)
    base: type[fields.Field[Any]] = WholeNumber if number else fields.String
    listed = ", ".join(str(value) for value in kind.values)
    return base(validate=validate.OneOf(kind.values, error=f"not one of {listed}"), **common)


def _switch(kind: Switch, common: dict[str, Any]) -> fields.Field[Any]:
    del kind
    return TrueOrFalse(error_messages={"invalid": "not true or false"}, **common)


def _whole(kind: Whole, common: dict[str, Any]) -> fields.Field[Any]:
    message = f"not a whole number from {kind.low} to {kind.high}"
    bounds = validate.Range(kind.low, kind.high, error=message)
    return WholeNumber(validate=bounds, error_messages={"invalid": message}, **common)


def _span(kind: Span, common: dict[str, Any]) -> fields.Field[Any]:
    message = f"not whole seconds from {kind.low} to {kind.high}"
    bounds = validate.Range(timedelta(seconds=kind.low), timedelta(seconds=kind.high), error=message)
    return Seconds(validate=bounds, error_messages={"invalid": message}, **common)


def _auto_span(kind: AutoSpan, common: dict[str, Any]) -> fields.Field[Any]:
    return SecondsOrAuto(kind, **common)


def _wholes(kind: Wholes, common: dict[str, Any]) -> fields.Field[Any]:
    return NumberList(kind, **common)


def _text(kind: Text, common: dict[str, Any]) -> fields.Field[Any]:
    pattern = validate.Regexp(re.compile(rf"(?:{kind.pattern})\Z"), error=f"not {kind.form}")
    return fields.String(validate=pattern, error_messages={"invalid": f"not {kind.form}"}, **common)


def _words(kind: Words, common: dict[str, Any]) -> fields.Field[Any]:
    return WordList(kind, **common)


def _table(kind: Table, common: dict[str, Any]) -> fields.Field[Any]:
    del kind
    return fields.Dict(keys=fields.String(), error_messages={"invalid": "not a mapping"}, **common)


def _entries(kind: Entries, common: dict[str, Any]) -> fields.Field[Any]:
    return WordOrEntries(kind, **common)


class JsonValue(fields.Field[Any]):
    """Whatever JSON can say, and YAML may say more."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        try:
            jsontext.write(value)
        except (TypeError, ValueError) as error:
            raise ValidationError(f"not JSON: {error}") from None
        return value


class WordList(fields.Field[tuple[str, ...]]):
    """A list of texts, each of one form; a text alone stands for a list of one."""

    def __init__(self, kind: Words, **common: Any) -> None:
        super().__init__(**common)
        self.kind = kind

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:
        del attr, data, kwargs
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, list) or not all(self._fits(word) for word in words):
            raise ValidationError(f"not {self.kind.form}")
        return tuple(words)

    def _fits(self, word: Any) -> bool:
        return isinstance(word, str) and re.fullmatch(self.kind.pattern, word) is not None

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        del attr, obj, kwargs
        return None if value is None else list(value)


class SecondsOrAuto(fields.Field[timedelta | None]):
    """A duration in whole seconds within bounds, or `auto`, which is nothing."""

    def __init__(self, kind: AutoSpan, **common: Any) -> None:
        super().__init__(**common)
        self.kind = kind

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> timedelta | None:
        del attr, data, kwargs
        if value == "auto":
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not self.kind.low <= value <= self.kind.high:
            raise ValidationError(f"not auto, nor whole seconds from {self.kind.low} to {self.kind.high}")
        return timedelta(seconds=value)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        del attr, obj, kwargs
        return "auto" if value is None else value // timedelta(seconds=1)


class NumberList(fields.Field[tuple[int, ...]]):
    """A list of whole numbers within bounds; a number alone stands for a list of one."""

    def __init__(self, kind: Wholes, **common: Any) -> None:
        super().__init__(**common)
        self.kind = kind

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[int, ...]:
        del attr, data, kwargs
        numbers = value if isinstance(value, (list, tuple)) else [value]
        if not all(type(each) is int and self.kind.low <= each <= self.kind.high for each in numbers):
            raise ValidationError(f"not a list of whole numbers from {self.kind.low} to {self.kind.high}")
        return tuple(numbers)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        del attr, obj, kwargs
        return None if value is None else list(value)


class WordOrEntries(fields.Field[Any]):
    """One of a few words, or a list of mappings; a tuple on the inside."""

    def __init__(self, kind: Entries, **common: Any) -> None:
        super().__init__(**common)
        self.kind = kind
        self.list = fields.List(fields.Nested(kind.entry()))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | tuple[Any, ...]:
        del attr, data, kwargs
        if isinstance(value, str) and value in self.kind.words:
            return value
        if not isinstance(value, list):
            raise ValidationError(f"not one of {', '.join(self.kind.words)}, and no list")
        return tuple(self.list.deserialize(value))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        del attr, obj, kwargs
        return value if value is None or isinstance(value, str) else self.list.serialize("it", {"it": list(value)})


_SCHEMAS: dict[type, type[StrictSchema]] = {}

_KINDS: dict[type[Kind], Any] = {
    Choice: _choice,
    Switch: _switch,
    Whole: _whole,
    Span: _span,
    AutoSpan: _auto_span,
    Wholes: _wholes,
    Text: _text,
    Words: _words,
    Table: _table,
    Entries: _entries,
}
