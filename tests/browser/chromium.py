"""Chromium without a screen and without a driver: it opens one page, and the page does the rest."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

HOW_TO_GET_IT = "apt-get install chromium"
PATIENCE = 30.0

REBOUND = "rebound.test"
"""A name of somebody else's that leads to this machine."""

FLAGS = (
    "--headless",
    "--no-sandbox",  # it refuses to run as root with one, as in a container; the only pages it sees are our own
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",  # containers have little of it
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1",
)


class Chromium:
    """A browser with a profile of its own, which is the home of all that it writes."""

    def __init__(self, program: str, home: Path, url: str) -> None:
        self._command = [program, *FLAGS, f"--user-data-dir={home / 'profile'}", url]
        self._environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
        self._log = home / "chromium.log"
        self.open()

    def open(self) -> None:
        """Start it at its first page."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def last_words(self) -> str:
        """The end of what it logged."""
        return self._log.read_text(errors="replace")[-2000:]

    def close(self) -> None:
        """End it, kindly first."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
