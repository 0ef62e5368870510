"""The tokens that a sandbox has issued, from afar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from mockserver.client import moments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from mockserver.client.wire import Wire


class WhichTokens(TypedDict, total=False):
    """Which tokens: all that agree in what is given."""

    vendor: str
    kind: str
    id: str
    subject: str


class ListedTokens(WhichTokens, total=False):
    """The same, of those only that are `alive`, `expired` or `revoked`."""

    state: str


@dataclass(frozen=True, slots=True)
class Token:
    """What is remembered of an issued token; its text is not. *state* is `alive`, `expired` or `revoked`."""

    id: str
    vendor: str
    kind: str
    subject: str
    state: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class Tokens:
    """Lists, ends and ages a sandbox's tokens; iteration gives those of now, the oldest first."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def __iter__(self) -> Iterator[Token]:
        return iter(self.list())

    def expire(self, **which: Unpack[WhichTokens]) -> int:
        """Let them have expired; how many it were."""
        return self._change("expire", dict(which))

    def revoke(self, **which: Unpack[WhichTokens]) -> int:
        """Revoke them; how many it were."""
        return self._change("revoke", dict(which))

    def age(self, by: timedelta | None = None, **which: Any) -> int:
        """Make them older; how many it were: `age(minutes=4, kind="site")`.

        *which* has what `expire` takes, and the keywords of `timedelta`.
        """
        parts = {name: which.pop(name) for name in tuple(which) if name in _PARTS}
        return self._change("age", {**which, "seconds": moments.duration(by, parts)})

    def list(self, **which: Unpack[ListedTokens]) -> tuple[Token, ...]:
        """All that agree in what is given, the oldest first."""
        return tuple(self._pages(dict(which)))

    def issue(self, vendor: str, kind: str | None = None) -> str:
        """Play the vendor's hand-off; the text of the token of this kind, of the last one if none is said."""
        text: str = self._wire.post("tokens", body={"vendor": vendor, **({"kind": kind} if kind else {})})["token"]
        return text

    def _change(self, what: str, body: dict[str, Any]) -> int:
        changed: int = self._wire.post("tokens", what, body=body)["changed"]
        return changed

    def _pages(self, which: dict[str, Any]) -> Iterator[Token]:
        query = {**which, "limit": 1000}
        while True:
            page = self._wire.get("tokens", **query)
            yield from map(_token, page["items"])
            if page["next"] is None:
                return
            query["after"] = page["next"]


def _token(found: dict[str, Any]) -> Token:
    texts: Any = {name: found[name] for name in _TEXTS}
    instants: Any = {name: found[name] and moments.instant(found[name]) for name in _INSTANTS}
    return Token(**texts, **instants)


_PARTS = frozenset({"days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"})
_TEXTS = ("id", "vendor", "kind", "subject", "state")
_INSTANTS = ("issued_at", "expires_at", "revoked_at")
