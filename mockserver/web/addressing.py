"""Which sandbox and which vendor is this URL for?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mockserver.core.calls import Headers
    from mockserver.core.vendor import Vendor

SANDBOX_HEADER = "X-Mock-Sandbox"
ADMIN = "/_mock"
METADATA = "/.well-known/oauth-authorization-server"
"""Stands before an issuer's own path (RFC 8414 section 3.1), which is therefore read as an address."""
_SANDBOX = re.compile(r"/~([^/?]*)")
_LOCAL_ORIGIN = re.compile(r"(https?://)[^.:/]+\.localhost(?=:|$)", re.IGNORECASE)
_LOCAL_NAME = re.compile(r"([^.:]+)\.localhost(?::\d+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """What a URL says: the sandbox and the vendor, if it names them, and the vendor's own path below *base_url*.

    *server* is the base URL of it all.
    """

    sandbox: str | None
    vendor: Vendor | None
    server: str
    base_url: str
    path: str
    query: str

    @property
    def root_url(self) -> str:
        """Where the default sandbox is called: the server, but for a sandbox's name in its host name."""
        return _LOCAL_ORIGIN.sub(r"\1localhost", self.server)

    @property
    def is_admin(self) -> bool:
        """Whether it is the emulator itself that is asked."""
        return self.vendor is None and (self.path == ADMIN or self.path.startswith(ADMIN + "/"))


class Addressing:
    """How this server's URLs are read."""

    def __init__(self, vendors: Iterable[Vendor], public_url: str | None) -> None:
        self._by_name: Mapping[str, Vendor] = {vendor.name: vendor for vendor in vendors}
        hosts = [(host, vendor) for vendor in self._by_name.values() for host in vendor.hosts]
        self._by_host = {host: vendor for host, vendor in hosts if isinstance(host, str)}
        self._by_pattern = [(host, vendor) for host, vendor in hosts if not isinstance(host, str)]
        self._public_url = public_url.rstrip("/") if public_url else None
        self._public_path = urlsplit(self._public_url or "").path

    def read(self, target: str, headers: Headers, origin: str) -> Address:
        """The address of a call: *target* as sent (path and query), *origin* the server's own."""
        path, _, query = target.partition("?")
        host = headers.get("Host") or ""
        if path.startswith(METADATA):
            whole, path = path, path[len(METADATA) :].removeprefix(self._public_path)
        else:
            whole = ""
        prefix, sandbox = self._sandbox(path)
        vendor = self._by_name.get(path[len(prefix) :].partition("/")[2].partition("/")[0])
        if vendor:
            prefix += f"/{vendor.name}"
        owner = self._owner(host.partition(":")[0].lower())
        if sandbox is None:
            # A name that is a vendor's is no sandbox's, though it may end alike.
            sandbox = headers.get(SANDBOX_HEADER) or (None if owner else _local_name(host))
        server = self._public_url or origin
        return Address(
            sandbox=None if sandbox is None else sandbox.lower(),
            vendor=vendor or owner,
            server=server,
            base_url=server + prefix,
            path=whole or path[len(prefix) :] or "/",
            query=query,
        )

    def _owner(self, host: str) -> Vendor | None:
        known = self._by_host.get(host)
        return known or next((vendor for pattern, vendor in self._by_pattern if pattern.match(host)), None)

    def _sandbox(self, path: str) -> tuple[str, str | None]:
        match = _SANDBOX.match(path)
        return (match[0], unquote(match[1], errors="replace")) if match else ("", None)


def _local_name(host: str) -> str | None:
    match = _LOCAL_NAME.fullmatch(host) if "." in host else None
    return match[1] if match else None
