"""The blocks of a page, run as a reader would run them, in order."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mockserver import Emulator

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SERVING = "make run"
NAMED = re.compile(r"(?:#|//) (\S+\.\w+)\n")
"""The first line of a file that a page shows."""
MOVE = re.compile(r"^(?:cd|\.) (\S+)$", re.MULTILINE)
"""What the commands after it go on from: the folder, or what a script has set."""


class Block(NamedTuple):
    """A block, and the output that the page promises right behind it."""

    language: str
    text: str
    promised: str


def blocks(page: str) -> Iterator[Block]:
    """Every block of a page, in order."""
    found = FENCE.findall(page)
    for (language, text), (kind, output) in zip(found, [*found, ("", "")][1:], strict=True):
        yield Block(language, text, output if kind == "text" else "")


def pattern(promised: str) -> str:
    """A promise as a pattern: `…` stands for anything."""
    return r"[\s\S]*".join(re.escape(part.strip()) for part in promised.strip().split("…"))


def prepare(folder: Path) -> None:
    """Make the folder like a reader's clone: the environment is at `.venv`."""
    (folder / ".venv").symlink_to(sys.prefix)


def follow(page: str, folder: Path, ports: Mapping[str, str]) -> list[str]:
    """Write each file that a page shows (its first line names it) and run each command; how often, by language.

    Files go where the commands have gone. *ports* are those that stand in the place of the usual ones.
    """
    done, moves, place = [], "", folder
    for block in blocks(page):
        named = NAMED.match(block.text)
        assert named or block.language != "python", block.text
        if named:
            (place / named[1]).write_text(_with(ports, block.text), encoding="utf-8")
            done.append(block.language)
        elif block.language == "sh" and not block.text.strip().endswith(SERVING):
            run(block._replace(text=moves + block.text), folder, ports)
            done.append(block.language)
            for move in MOVE.finditer(block.text):
                moves += f"{move[0]}\n"
                place = place / move[1] if move[0].startswith("cd ") else place
    return done


def ports_of(emulator: Emulator) -> dict[str, str]:
    """Where this emulator is reached, by the port that pages name."""
    found = {"8080": emulator.url, "8443": emulator.tls_url, "8000": emulator.rpc_address()}
    return {usual: address.rsplit(":", 1)[1] for usual, address in found.items() if address}


def _with(ports: Mapping[str, str], text: str) -> str:
    return re.sub(rf":({'|'.join(ports)})\b", lambda found: f":{ports[found[1]]}", text)


def run(block: Block, folder: Path, ports: Mapping[str, str]) -> None:
    """Run a command; a promise that something fails is one too."""
    # What starts an emulator of its own takes a free port, beside the one that is there.
    running = {} if "mockserver exec" in block.text else {"MOCKSERVER_PORT": ports["8080"]}
    environ = {"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **running}
    command = _with(ports, block.text)
    ran = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    fails = bool(re.search(r"[1-9] failed", block.promised))
    assert (ran.returncode != 0) == fails, ran.stdout + ran.stderr
    assert re.search(pattern(_with(ports, block.promised)), ran.stdout.replace("\r", "")), ran.stdout
