"""`mockserver demo`, started as users start it, and its page in a browser.

    python -m tests.browser.demonstration docs/demo.png

makes the screenshot that the README shows.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.browser.driven import Driven

if TYPE_CHECKING:
    from collections.abc import Iterator

READY = "document.body?.dataset.done === '0'"


class Addresses(NamedTuple):
    """Where the page is, and the emulator."""

    page: str
    emulator: str


@contextmanager
def demonstrated(*arguments: str) -> Iterator[Addresses]:
    """Both, as the command says."""
    command = [sys.executable, "-m", "mockserver", "demo", "--port", "0", "--page-port", "0", *arguments]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("MOCKSERVER", "PORT"))}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        page, emulator = re.findall(r"http://\S+", process.stdout.readline())
        yield Addresses(page, emulator)
        process.terminate()
        assert process.wait(10) == 0


def press(browser: Driven, name: str) -> None:
    """Press the button, and wait until the page has done what it is for."""
    done = int(browser.run("document.body.dataset.done"))
    browser.run(f"document.querySelector('button[data-try={name}]').click()")
    browser.until(f"document.body.dataset.done === '{done + 1}'")


def main(path: Path) -> None:
    """Make the screenshot."""
    program = shutil.which("chromium") or "chromium"
    with tempfile.TemporaryDirectory() as home, demonstrated() as addresses, Driven(program, Path(home)) as browser:
        browser.look_like(1280, 860)
        browser.open(addresses.page, READY)
        press(browser, "origin")
        press(browser, "leak")
        path.write_bytes(browser.picture())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
