"""marshmallow schemas as JSON Schema 2020-12, by way of apispec. Loaded only where a document is made."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING, Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from mockserver.schema import Duration, Instant, NumberList, SecondsOrAuto, WordList, WordOrEntries

if TYPE_CHECKING:
    from collections.abc import Callable

    from marshmallow import Schema, fields

    from mockserver.core.options import AutoSpan, Wholes

OPENAPI_VERSION = "3.1.0"


def specification(title: str, version: str, *, components: bool = True) -> APISpec:
    """An empty OpenAPI document; schemas become *components*, or stand in place."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: component_name(schema) if components else "")
    spec = APISpec(title=title, version=version, openapi_version=OPENAPI_VERSION, plugins=[plugin])
    if plugin.converter is None:
        raise RuntimeError("apispec has not set up its converter")
    plugin.converter.add_attribute_function(_own_fields)  # type: ignore[no-untyped-call]  # apispec has no types here
    return spec


def inline(schema: Schema) -> dict[str, Any]:
    """The JSON Schema of *schema*, with everything in place and no references."""
    spec = specification("", "", components=False)
    spec.components.schema("it", schema=schema)
    found: dict[str, Any] = finished(spec)["components"]["schemas"]["it"]
    return found


def finished(spec: APISpec) -> dict[str, Any]:
    """The document that *spec* has become."""
    document: dict[str, Any] = _with_bounds(spec.to_dict())
    return document


def _with_bounds(value: Any) -> Any:
    """The same with bounds of durations said as numbers; apispec tells those of what it has no type for apart."""
    if isinstance(value, list):
        return [_with_bounds(item) for item in value]
    if not isinstance(value, dict):
        return value
    plain = {name: _with_bounds(inner) for name, inner in value.items() if name not in _BOUNDS}
    bounds = {_BOUNDS[name]: value[name] for name in _BOUNDS if isinstance(value.get(name), (int, float))}
    return {**plain, **bounds}


def reference(spec: APISpec, schema: Any) -> dict[str, str]:
    """A reference to *schema*, which is a component of *spec* from now on."""
    name = component_name(schema)
    if name not in spec.components.schemas:
        spec.components.schema(name, schema=schema)
        spec.components.schemas[name]["description"] = described(schema)
    return {"$ref": f"#/components/schemas/{name}"}


def described(schema: Schema | type[Schema]) -> str:
    """What the docstring of a schema says of it."""
    kind = schema if isinstance(schema, type) else type(schema)
    return cleandoc(kind.__doc__ or "")


def _own_fields(converter: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    if isinstance(field, WordOrEntries):
        return {"oneOf": [{"enum": list(field.kind.words)}, converter.field2property(field.list)]}
    return next((write(field) for kind, write in _OWN.items() if isinstance(field, kind)), {})


def _seconds_or_auto(field: SecondsOrAuto) -> dict[str, Any]:
    return {"oneOf": [{"const": "auto"}, _integer(field.kind)]}


def _one_or_more(item: dict[str, Any]) -> dict[str, Any]:
    return {"oneOf": [item, {"type": "array", "items": item}]}


def _integer(kind: AutoSpan | Wholes) -> dict[str, Any]:
    return {"type": "integer", "minimum": kind.low, "maximum": kind.high}


_OWN: dict[type[Any], Callable[[Any], dict[str, Any]]] = {
    Instant: lambda _: {"type": "string", "format": "date-time"},
    Duration: lambda _: {"type": "number"},
    SecondsOrAuto: _seconds_or_auto,
    NumberList: lambda field: _one_or_more(_integer(field.kind)),
    WordList: lambda field: _one_or_more({"type": "string", "pattern": f"^(?:{field.kind.pattern})$"}),
}


def component_name(schema: Schema | type[Schema]) -> str:
    """What a schema is called in a document: by its vendor's folder and its class, `ingrid.Problem`."""
    kind = schema if isinstance(schema, type) else type(schema)
    return f"{kind.__module__.split('.')[-2]}.{kind.__name__}"


_BOUNDS = {"x-minimum": "minimum", "x-maximum": "maximum"}
