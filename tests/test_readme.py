"""The README's commands and code are run, and what it prints is what is printed."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from mockserver import Emulator, Settings
from mockserver.settings import environment_name

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def fences(language: str) -> list[str]:
    return [text for kind, text in FENCE.findall(README) if kind == language]


def commands_and_outputs() -> list[tuple[str, str]]:
    """Each `sh` block but the one that serves, with the output that the README promises right behind it."""
    blocks = FENCE.findall(README)
    following = [*blocks[1:], ("", "")]
    return [
        (text.strip(), output if kind == "text" else "")
        for (language, text), (kind, output) in zip(blocks, following, strict=True)
        if language == "sh" and text.strip() != "make run"
    ]


def pattern(promised: str) -> str:
    """A promise as a pattern: `…` stands for anything."""
    return r"[\s\S]*".join(re.escape(part.strip()) for part in promised.strip().split("…"))


@pytest.fixture(scope="module")
def readers_folder(tmp_path_factory):
    """A folder where `.venv/bin` is, and the README's scenario lies, as a reader would have it."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    (folder / "my-world.yaml").write_text(fences("yaml")[0])
    return folder


def test_every_command_prints_what_the_readme_says(readers_folder):
    with Emulator(Settings(port=0)) as emulator:
        port = emulator.url.rsplit(":", 1)[1]
        for command, promised in commands_and_outputs():
            local = command.replace("8080", port).replace("localhost:8000", emulator.rpc_address())
            running = {} if "mockserver exec" in command else {"MOCKSERVER_PORT": port}
            environ = {"PATH": "/usr/local/bin:/usr/bin:/bin", **running}

            ran = subprocess.run(
                ["sh", "-c", local], cwd=readers_folder, env=environ, capture_output=True, text=True, check=False
            )

            assert ran.returncode == 0, ran.stderr
            assert re.search(pattern(promised.replace("8080", port)), ran.stdout.replace("\r", "")), ran.stdout


def test_the_suite_of_the_example_passes(tmp_path):
    for code in fences("python"):
        (tmp_path / code.partition("\n")[0].removeprefix("# ")).write_text(code)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]

    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout
    assert "4 passed" in ran.stdout


def test_a_broken_backend_fails_the_suite_of_the_example(tmp_path):
    for code in fences("python"):
        forgetful = code.replace("if time.time() >= self.good_until:", "if True:")
        (tmp_path / code.partition("\n")[0].removeprefix("# ")).write_text(forgetful)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]

    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert "found 5 of operation ingrid.mint_service_token" in ran.stdout
    assert "mockserver journal" in ran.stdout


def test_the_table_of_settings_is_complete():
    for field in fields(Settings):
        assert f"| `--{field.name.replace('_', '-')}` | `{environment_name(field.name)}`" in README


def test_every_file_that_a_page_links_to_is_there():
    for page in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text(encoding="utf-8")):
            assert (ROOT / target).exists(), f"{page} links to {target}"
