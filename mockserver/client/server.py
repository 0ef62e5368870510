"""A running emulator, from afar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from mockserver.client.sandbox import Sandbox
from mockserver.client.wire import connect

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT = "default"


class Mockserver:
    """The emulator at *url*, by its admin API; connections are let go at the end of a `with`.

    Where the URL leads into a sandbox (`http://127.0.0.1:8080/~team`), that one is the default here. Nothing is asked
    before something is wanted; then `MockserverError` says what failed.
    """

    def __init__(self, url: str, admin_token: str | None = None) -> None:
        self._wire = connect(url, admin_token)
        self._root, name = _parted(self._wire.url)
        self.url = self._wire.url
        self.default = Sandbox(self._wire, name, self._wire.url, None)
        """The sandbox that is always there."""

    def __repr__(self) -> str:
        return f"<Mockserver at {self.url}>"

    @property
    def version(self) -> str:
        """Which version it is."""
        version: str = self._wire.get("version")["version"]
        return version

    @property
    def listens(self) -> Mapping[str, str]:
        """Where it listens, as it sees itself: URLs by protocol, `http` and, where TLS is on, `https`."""
        listens: Mapping[str, str] = self._wire.get("version")["listens"]
        return listens

    @property
    def ca_pem(self) -> str:
        """The certificate that callers over TLS are to trust, where it is a throw-away one."""
        return self._wire.text("ca.pem")

    def sandbox(
        self,
        name: str | None = None,
        *,
        scenario: Mapping[str, Any] | None = None,
        seed: str | None = None,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        keys: Literal["pool", "fresh"] | None = None,
    ) -> Sandbox:
        """Make a sandbox with credentials of its own, in place of any that had its name.

        *scenario* says what is there before the first call, as a scenario file would. The same *name* and *seed* give
        the same credentials. *options* go by vendor. With `fresh` *keys*, pairs are generated, which is slow.
        """
        asked = {"name": name, "scenario": scenario, "seed": seed, "options": options, "keys": keys}
        body = {member: value for member, value in asked.items() if value is not None}
        return self._made(self._wire.post("sandboxes", body=body))

    def named(self, name: str) -> Sandbox:
        """The sandbox of this name. Where there is none, it is made when something in it is changed or called."""
        return self._made({"name": name, "url": self._root if name == DEFAULT else f"{self._root}/~{name}"})

    def sandboxes(self) -> tuple[Sandbox, ...]:
        """All that there are, the default one first."""
        return tuple(map(self._made, self._wire.get("sandboxes")["items"]))

    def close(self) -> None:
        """Let the connections go."""
        self._wire.close()

    def _made(self, found: Mapping[str, Any]) -> Sandbox:
        # What the server calls its URL is for the system under test; a public_url may lead elsewhere from here.
        where = self._root if found["name"] == DEFAULT else f"{self._root}/~{found['name']}"
        return Sandbox(self._wire.at(where), found["name"], found["url"], found.get("credentials"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _parted(url: str) -> tuple[str, str]:
    """The server's own URL, and the sandbox that a URL names."""
    root, _, name = url.partition("/~")
    return root, name or DEFAULT
