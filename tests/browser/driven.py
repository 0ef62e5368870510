"""Chromium, driven from here: pages opened, buttons pressed, and what its own network tool would show.

It speaks the DevTools protocol over two pipes: no port, no driver, no library.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from contextlib import suppress
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

from tests.browser.chromium import FLAGS, PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

READ, WRITE = 3, 4
"""The descriptors at which Chromium looks for its orders, and tells."""
END = b"\0"


class Driven:
    """A browser with one page."""

    def __init__(self, program: str, home: Path) -> None:
        orders, self._orders = os.pipe()
        self._told, told = os.pipe()

        def at_their_places() -> None:
            here, there = os.dup(orders), os.dup(told)
            high = (os.dup2(here, 100), os.dup2(there, 101))
            os.dup2(high[0], READ)
            os.dup2(high[1], WRITE)

        command = [program, *FLAGS, "--remote-debugging-pipe", f"--user-data-dir={home / 'profile'}", "about:blank"]
        with (home / "chromium.log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                env={"PATH": os.environ["PATH"], "HOME": str(home)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(READ, WRITE),
                preexec_fn=at_their_places,  # noqa: PLW1509  (nothing but dup2 happens there)
            )
        os.close(orders)
        os.close(told)
        self._answers: Queue[dict[str, Any]] = Queue()
        self.events: list[dict[str, Any]] = []
        self._count = 0
        self._session = ""
        self._thread = Thread(target=self._listen, daemon=True)
        self._thread.start()
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Give an order, and wait for what comes of it."""
        self._count += 1
        order = {"id": self._count, "method": method, "params": params}
        if self._session:
            order["sessionId"] = self._session
        os.write(self._orders, json.dumps(order).encode() + END)
        while True:
            try:
                answer = self._answers.get(timeout=PATIENCE)
            except Empty:
                raise AssertionError(f"no answer to {method}") from None
            if answer["id"] == self._count:
                assert "error" not in answer, answer
                return answer["result"]

    def run(self, script: str) -> Any:
        """What a script in the page comes to; a promise is waited for."""
        result = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait for a script of the page to be true."""
        waiting = (
            f"new Promise((go) => {{ const look = () => ({condition}) ? go(true) : setTimeout(look, 20); look(); }})"
        )
        assert self.run(waiting)

    def open(self, url: str, ready: str) -> None:
        """Visit a page, and wait until it says that it is ready."""
        self.ask("Page.navigate", url=url)
        self.until(f"location.href.startsWith({json.dumps(url)}) && {ready}")

    def told(self, method: str) -> list[dict[str, Any]]:
        """The events of this kind so far."""
        return [event["params"] for event in self.events if event["method"] == method]

    def look_like(self, width: int, height: int, scheme: str = "light") -> None:
        """A screen of this size, whose owner likes light or dark."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self) -> bytes:
        """The page as it looks, as PNG."""
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])

    def close(self) -> None:
        """End it."""
        with suppress(OSError):
            os.close(self._orders)
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join(PATIENCE)

    def _listen(self) -> None:
        rest = b""
        with os.fdopen(self._told, "rb", buffering=0) as told:
            while chunk := told.read(1 << 16):
                *whole, rest = (rest + chunk).split(END)
                for message in map(json.loads, whole):
                    if "id" in message:
                        self._answers.put(message)
                    else:
                        self.events.append(message)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
