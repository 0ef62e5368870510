"""Who may use the admin API: this machine, no page of another site, and whoever knows the token if there is one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.core.bodies import JSON, media_type
from mockserver.core.credentials import same
from mockserver.web.admin.desk import AdminProblem

if TYPE_CHECKING:
    from mockserver.core.calls import Headers
    from mockserver.web.admin.desk import Endpoint

_LOCAL_HOST = re.compile(r"(?:(?:[\w-]+\.)*localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?", re.IGNORECASE | re.ASCII)
_BODILESS = frozenset({"GET", "DELETE"})
_OWN_SITE = frozenset({"same-origin", "none"})


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets a call pass, or says why not."""

    loopback_only: bool
    token: str | None

    def check_host(self, host: str) -> None:
        """Refuse a foreign `Host` while bound to loopback: a page may have its own name resolve to this machine."""
        if self.loopback_only and not _LOCAL_HOST.fullmatch(host):
            raise AdminProblem(403, f"Host '{host}' is not this machine's; the admin API answers to localhost only.")

    def check(self, endpoint: Endpoint, headers: Headers, own_origins: tuple[str, ...]) -> None:
        """Refuse a page of another site, a write that is no JSON, and whoever lacks the token."""
        if self.token is not None and not endpoint.public:
            self._check_token(headers.get("Authorization") or "", self.token)
        if endpoint.writes or endpoint.takes_a_seat:
            _check_page(headers, own_origins)
        if endpoint.writes:
            _check_media_type(endpoint, headers)

    def _check_token(self, sent: str, token: str) -> None:
        scheme, _, value = sent.partition(" ")
        right = same(value.strip(), token)
        if scheme.lower() != "bearer" or not right:
            raise AdminProblem(401, "The admin API is guarded: send Authorization: Bearer and the admin_token.")


def _check_page(headers: Headers, own_origins: tuple[str, ...]) -> None:
    origin = headers.get("Origin")
    if origin is not None and origin not in own_origins:
        raise AdminProblem(403, f"A page of {origin} may not change anything here.")
    site = headers.get("Sec-Fetch-Site") or "none"
    if site not in _OWN_SITE:
        raise AdminProblem(403, f"A {site} page may not change anything here.")


def _check_media_type(endpoint: Endpoint, headers: Headers) -> None:
    # What a page can send across sites without asking first is anything but JSON, and no DELETE.
    sent = headers.get("Content-Type") or ""
    if endpoint.method not in _BODILESS and media_type(sent) != JSON:
        raise AdminProblem(415, f"Writes need Content-Type: {JSON}, not '{sent}'.")
