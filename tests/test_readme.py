"""The README's commands and code are run, and what it prints is what is printed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from mockserver import Emulator, Settings
from mockserver.settings import environment_name
from tests.docs.fences import SERVING, blocks, ports_of, prepare, run

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def fences(language: str) -> list[str]:
    return [block.text for block in blocks(README) if block.language == language]


def test_the_first_screen_has_a_token_a_refusal_and_a_picture():
    first = README[: README.index("## Why it was refused")]

    assert [block.text.split()[0] for block in blocks(first) if block.language == "sh"] == [
        "make",
        ".venv/bin/mockserver",
        ".venv/bin/mockserver",
    ]
    assert "X-Mock-Reason: assertion.expired" in first
    assert "docs/demo.png" in first
    assert first.count("\n") < 65


@pytest.fixture(scope="module")
def readers_folder(tmp_path_factory):
    """A folder where `.venv/bin` is, and the README's scenario lies, as a reader would have it."""
    folder = tmp_path_factory.mktemp("reader")
    prepare(folder)
    (folder / "my-world.yaml").write_text(fences("yaml")[0])
    return folder


def test_every_command_prints_what_the_readme_says(readers_folder):
    commands = [block for block in blocks(README) if block.language == "sh" and block.text.strip() != SERVING]
    with Emulator(Settings(port=0)) as emulator:
        for command in commands:
            run(command, readers_folder, ports_of(emulator))


def test_the_test_of_the_example_passes(tmp_path):
    (tmp_path / "shop.py").write_text((ROOT / "examples" / "pytest" / "shop.py").read_text())
    (code,) = fences("python")
    (tmp_path / code.partition("\n")[0].removeprefix("# ")).write_text(code)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]

    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout
    assert "1 passed" in ran.stdout


def test_the_table_of_settings_is_complete():
    for field in fields(Settings):
        assert f"| `--{field.name.replace('_', '-')}` | `{environment_name(field.name)}`" in README
