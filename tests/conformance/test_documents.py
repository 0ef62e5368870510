"""The published documents: valid, complete, and what the code says now."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml
from openapi_spec_validator import validate

from mockserver import shipped
from mockserver.core.options import declarations
from mockserver.documents import SCENARIO_SCHEMA, documents, scenario_document
from mockserver.vendors import discover


@pytest.fixture(scope="session")
def made():
    return documents(discover())


@pytest.fixture(scope="session")
def read(made):
    """The documents again, as those who read them have them."""
    return {name: yaml.load(text, yaml.CSafeLoader) for name, text in made.items()}


def test_the_checked_in_documents_are_what_the_code_makes(made):
    kept = {path.name: path.read_text(encoding="utf-8") for path in shipped.folder("openapi").glob("*.yaml")}

    assert kept == made, "run `make openapi`"


def test_the_document_is_valid_openapi(vendor, read):
    validate(read[f"{vendor.name}.yaml"])


def test_every_refusal_is_a_documented_response(operation, vendor, read):
    document = read[f"{vendor.name}.yaml"]
    responses = document["paths"][operation.path.replace("*}", "}")][operation.method.lower()]["responses"]

    shown = {
        name for answer in responses.values() for content in answer["content"].values() for name in content["examples"]
    }

    # An answer without a body has no example; its description names the reasons.
    told = " ".join(answer["description"] for answer in responses.values() if not answer["content"])
    assert {reason for reason in operation.refusals if reason not in told} <= shown


def test_every_example_in_the_document_passes_its_schema(operation, vendor, read):
    document = read[f"{vendor.name}.yaml"]
    responses = document["paths"][operation.path.replace("*}", "}")][operation.method.lower()]["responses"]
    contents = [content for answer in responses.values() for content in answer["content"].values()]

    for content in contents:
        schema = {**content["schema"], "components": document["components"]}
        for example in content["examples"].values():
            jsonschema.Draft202012Validator(schema).validate(example["value"])

    assert contents


def test_the_demo_world_passes_the_published_schema_of_scenarios():
    world = yaml.safe_load((shipped.folder("fixtures") / "scenarios" / "default.yaml").read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator(scenario_document()).validate(world)


def test_the_published_schema_of_scenarios_refuses_what_the_loader_refuses():
    validator = jsonschema.Draft202012Validator(scenario_document())

    assert not validator.is_valid({"ingrid": {"sits": []}})
    assert not validator.is_valid({"clock": {"frozen": "yes"}})
    assert SCENARIO_SCHEMA.endswith(".yaml")


def test_every_option_is_described_in_the_published_schema(vendor):
    options = scenario_document()["properties"][vendor.name]["properties"]["options"]["properties"]

    described = {declared.name: options[declared.name]["description"] for declared in declarations(vendor.options)}

    assert all(described.values())


def test_every_vendor_says_what_is_documented_observed_and_our_choice(vendor):
    folder = Path(__file__).parents[2] / "mockserver" / "vendors" / vendor.name

    text = (folder / "README.md").read_text(encoding="utf-8").lower()

    for word in ("documented", "observed", "our choice"):
        assert word in text
    for operation in vendor.operations:
        assert operation.path.lower() in text
    for operation in vendor.rpc.operations if vendor.rpc else ():
        for method in operation.methods(vendor.options()):
            assert method.path[1:].lower() in text
    for declared in declarations(vendor.options):
        assert f"`{declared.name}`" in text
