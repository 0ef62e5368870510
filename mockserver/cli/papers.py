"""Documents and scenario files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from mockserver.cli.settled import emulator_for, with_settings


@click.command()
@click.argument("vendor", required=False)
@click.option(
    "--write", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Write a file per vendor here."
)
@with_settings
def openapi(vendor: str | None, write: Path | None, **flags: Any) -> None:
    """Print the OpenAPI document of VENDOR, or of all of them."""
    from mockserver.documents import documents, yaml_text  # noqa: PLC0415  (apispec is loaded on first use)

    emulator = emulator_for(flags if vendor is None else {**flags, "vendors": vendor})
    if write is None:
        click.echo(yaml_text(emulator.openapi(emulator.url)), nl=False)
        return
    for name, text in documents(emulator.vendors).items():
        (write / name).write_text(text, encoding="utf-8")
        click.echo(write / name)


@click.group()
def scenario() -> None:
    """Check scenario files, and say what may stand in them."""


@scenario.command()
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Read FILE as `serve --scenario FILE` would, and say what is wrong: file, line, place."""
    emulator = emulator_for({"scenario": str(file)})
    click.echo(f"{file}: ok, for {', '.join(vendor.name for vendor in emulator.vendors)}")


@scenario.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from mockserver.documents import scenario_document  # noqa: PLC0415  (apispec is loaded on first use)

    click.echo(json.dumps(scenario_document(), indent=2))
