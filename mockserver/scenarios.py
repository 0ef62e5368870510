"""Prepare a sandbox from a scenario: a YAML file that says what is there before the first call."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, validate

from mockserver import rulebook, shipped
from mockserver.core.entropy import Entropy
from mockserver.core.sandbox import Scenario
from mockserver.keypool import KeyPool
from mockserver.oauth import services
from mockserver.schema import (
    EARLIEST,
    LATEST,
    OFF_THE_CALENDAR,
    Instant,
    Place,
    StrictSchema,
    TrueOrFalse,
    problems,
    problems_below,
    schema_for,
    unknown_name,
)
from mockserver.vendors import discover
from mockserver.yamltext import Document, FileError, read_file, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockserver.core.vendor import Vendor

FILE_SUFFIX = "_file"
"""A member `private_key_file: keys/mine.pem` stands for `private_key` with that file's text."""


_DEMO_WORLDS: dict[tuple[int, ...], tuple[tuple[Vendor, ...], Scenario]] = {}


class ClockSchema(StrictSchema):
    """Where the sandbox's clock stands at first."""

    now = Instant(
        validate=validate.Range(EARLIEST, LATEST, error=OFF_THE_CALENDAR),
        metadata={"description": "RFC 3339, for example 2030-01-01T00:00:00Z"},
    )
    frozen = TrueOrFalse()


def vendor_section(vendor: Vendor) -> type[StrictSchema]:
    """What a scenario may say of one vendor: its records, and its options."""
    schema: object = vendor.records
    records: Mapping[str, fields.Field[Any]] = schema.fields if isinstance(schema, Schema) else {}
    options = fields.Nested(schema_for(vendor.options))
    return type(f"{vendor.title}Section", (StrictSchema,), {**records, "options": options})


def scenario_schema(vendors: Sequence[Vendor]) -> type[StrictSchema]:
    """The whole of a scenario file."""
    members = {
        "extends": fields.String(
            validate=validate.OneOf(("default", "nothing")),
            metadata={"description": "default: start from the demo world; what is named here replaces it"},
        ),
        "seed": fields.String(metadata={"description": "the same seed gives the same tokens, ids and keys"}),
        "clock": fields.Nested(ClockSchema),
        "rules": fields.List(fields.Nested(rulebook.schema(_named(vendors)))),
        **{vendor.name: fields.Nested(vendor_section(vendor)) for vendor in vendors},
    }
    return type("ScenarioFile", (StrictSchema,), dict(members))


def _named(vendors: Sequence[Vendor]) -> list[Vendor]:
    """Those that rules may name: these, those that are switched off, and the token services."""
    known = {vendor.name: vendor for vendor in (*vendors, *discover(), services(vendors))}
    return list(known.values())


def default_path() -> Path:
    """The scenario of the demo world."""
    return shipped.folder("fixtures") / "scenarios" / "default.yaml"


def contents(path: Path) -> dict[str, Any]:
    """What a scenario file says, with the text of each file that it names in the name's place. Raises `FileError`."""
    document = read_file(path)
    found: dict[str, Any] = _with_files(document, document.data, path.parent, ())
    return found


def load(path: Path, vendors: Sequence[Vendor]) -> Scenario:
    """The scenario in a file. Raises `FileError` with every problem: file, line, place, what is wrong."""
    return _prepare(read_file(path), path.parent, vendors)


def loads(text: str, source: str, vendors: Sequence[Vendor]) -> Scenario:
    """The same for a text; the files it names are looked for in the working directory."""
    return _prepare(read_text(text, source), Path(), vendors)


def demo_world(vendors: Sequence[Vendor]) -> Scenario:
    """The scenario that is there when nobody names one."""
    # Nothing in it ever changes, and every emulator begins with it.
    key = tuple(id(vendor) for vendor in vendors)
    known = _DEMO_WORLDS.get(key)
    if known is None:
        known = _DEMO_WORLDS[key] = (tuple(vendors), prepared(contents(default_path()), vendors))
    return known[1]


def prepared(data: Mapping[str, Any], vendors: Sequence[Vendor]) -> Scenario:
    """The scenario that *data* describes; names of files stand for nothing there.

    Raises `marshmallow.ValidationError` with every problem.
    """
    # A vendor that is switched off may stand there all the same.
    off = {vendor.name for vendor in discover()} - {vendor.name for vendor in vendors}
    data = {name: value for name, value in data.items() if name not in off}
    head = scenario_schema(vendors)().load(data)
    start = _nothing(vendors) if data.get("extends") == "nothing" else demo_world(vendors)
    options, records = dict(start.options), dict(start.records)
    for vendor in vendors:
        named = dict(head.get(vendor.name, {}))
        options[vendor.options] = replace(options[vendor.options], **named.pop("options", {}))
        if vendor.records:
            records[vendor.records.kind] = replace(records[vendor.records.kind], **named)
    rules = (*head.get("rules", ()), *start.rules)
    return Scenario(options=options, records=records, rules=rules, seed=head.get("seed"), **head.get("clock", {}))


def _nothing(vendors: Sequence[Vendor]) -> Scenario:
    options = {vendor.options: vendor.options() for vendor in vendors}
    kinds = [vendor.records.kind for vendor in vendors if vendor.records]
    return Scenario(options=options, records={kind: kind() for kind in kinds})


def own_world(
    scenario: Scenario, name: str, vendors: Sequence[Vendor], *, seed: str | None = None, generate_keys: bool = False
) -> Scenario:
    """A scenario with fresh credentials in it, which no other sandbox has. The same *name* and *seed* repeat them."""
    seed = scenario.seed if seed is None else seed
    records, credentials = dict(scenario.records), list(scenario.credentials)
    for vendor in vendors:
        if vendor.fresh and vendor.records:
            entropy = Entropy(None if seed is None else f"{seed}/{name}/{vendor.name}")
            kind = vendor.records.kind
            fresh = vendor.fresh(records[kind], KeyPool(entropy, generate=generate_keys))
            records[kind] = fresh.records
            credentials += fresh.credentials
    return replace(scenario, seed=seed, records=records, credentials=tuple(credentials))


def _prepare(document: Document, folder: Path, vendors: Sequence[Vendor]) -> Scenario:
    data = _with_files(document, document.data, folder, ())
    try:
        return prepared(data, vendors)
    except ValidationError as error:
        raise FileError(*(document.problem(place, text) for place, text in problems(error))) from None


def with_options(scenario: Scenario, chosen: Mapping[str, Any], vendors: Sequence[Vendor]) -> Scenario:
    """The same scenario with these options of these vendors. Raises `marshmallow.ValidationError`."""
    if not chosen:
        return scenario
    options, known = dict(scenario.options), {vendor.name: vendor for vendor in vendors}
    for name, values in chosen.items():
        if name not in known:
            raise ValidationError({name: [unknown_name(name, list(known))]})
        kind = known[name].options
        with problems_below(name):
            options[kind] = replace(options[kind], **schema_for(kind)().load(values))
    return replace(scenario, options=options)


def _with_files(document: Document, value: Any, folder: Path, place: Place) -> Any:
    if isinstance(value, list):
        return [_with_files(document, item, folder, (*place, index)) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    for name in value:
        if f"{name}{FILE_SUFFIX}" in value:
            raise FileError(document.problem((*place, name), f"stands beside {name}{FILE_SUFFIX}; only one can count"))
    return dict(_member(document, name, inner, folder, place) for name, inner in value.items())


def _member(document: Document, name: Any, value: Any, folder: Path, place: Place) -> tuple[Any, Any]:
    if not (isinstance(name, str) and name.endswith(FILE_SUFFIX) and isinstance(value, str)):
        return name, _with_files(document, value, folder, (*place, name))
    try:
        return name.removesuffix(FILE_SUFFIX), (folder / value).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(document.problem((*place, name), f"cannot read {folder / value}: {error}")) from None
