"""The documents that are checked in: OpenAPI by vendor, and the JSON Schema of scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from mockserver import __version__, jsonschema, scenarios
from mockserver.vendors import discover
from mockserver.web import openapi
from mockserver.web.admin import document as admin_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockserver.core.vendor import Vendor

ADMIN = "admin.yaml"
SCENARIO_SCHEMA = "scenario.schema.yaml"


def documents(vendors: Sequence[Vendor]) -> dict[str, str]:
    """Every document by its file name, as text."""
    world = scenarios.demo_world(vendors)
    made = {f"{vendor.name}.yaml": openapi.document([vendor], world, version=__version__) for vendor in vendors}
    made[ADMIN] = admin_document.document(discover(), __version__)
    made[SCENARIO_SCHEMA] = scenario_document()
    return {name: yaml_text(document) for name, document in made.items()}


def scenario_document() -> dict[str, Any]:
    """The JSON Schema of scenario files. Any text may be given as a file: `private_key_file: my.pem`."""
    document = jsonschema.inline(scenarios.scenario_schema(discover())())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Scenario", **_with_files(document)}


def yaml_text(document: Mapping[str, Any]) -> str:
    """A document as YAML, members in their own order."""
    return yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=120)


def _with_files(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_with_files(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: _with_files(value) for name, value in schema.items()}
    if schema.get("additionalProperties") is False:
        inner["patternProperties"] = {f"{scenarios.FILE_SUFFIX}$": {"type": "string"}}
    return inner
