"""A sandbox, from afar."""

from __future__ import annotations

from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Self, Unpack

from mockserver.client.clock import Clock
from mockserver.client.contents import Keys, Options, Records
from mockserver.client.journal import Journal
from mockserver.client.names import unknown
from mockserver.client.rules import Rules
from mockserver.client.tokens import Tokens
from mockserver.client.variables import Variables
from mockserver.client.wire import MockserverError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.client.journal import Expected
    from mockserver.client.wire import Members, Wire


class Sandbox:
    """A world of its own: clock, tokens, rules, journal, options, keys, records; forgotten at the end of a `with`.

    What an integrator configures for a vendor is at the vendor's name: `sandbox.ingrid.auth_url`.
    """

    def __init__(self, wire: Wire, name: str, url: str, credentials: Mapping[str, Mapping[str, str]] | None) -> None:
        self._wire = wire
        self._credentials = credentials
        self.name = name
        self.url = url

    def __repr__(self) -> str:
        return f"<Sandbox {self.name} at {self.url}>"

    @property
    def credentials(self) -> Mapping[str, Mapping[str, str]]:
        """Environment variables by vendor; as they were when first asked for, or since the last reset."""
        if self._credentials is None:
            self._credentials = self._wire.get("credentials")
        return self._credentials

    @property
    def env(self) -> dict[str, str]:
        """The variables of all vendors, as a process takes them."""
        return {name: value for variables in self.credentials.values() for name, value in variables.items()}

    def __getattr__(self, name: str) -> Variables:
        # A private name is asked for by copying and inspecting code, which should not call anybody.
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self.credentials:
            raise AttributeError(f"{self!r}: {unknown(name, [*self.credentials, *_public()])}")
        return Variables(name, self.credentials[name])

    @cached_property
    def clock(self) -> Clock:
        """What time it is there."""
        return Clock(self._wire)

    @cached_property
    def tokens(self) -> Tokens:
        """What it has issued."""
        return Tokens(self._wire)

    @cached_property
    def rules(self) -> Rules:
        """What was asked for."""
        return Rules(self._wire)

    @cached_property
    def journal(self) -> Journal:
        """What happened."""
        return Journal(self._wire)

    @cached_property
    def options(self) -> Options:
        """How its vendors behave."""
        return Options(self._wire)

    @cached_property
    def keys(self) -> Keys:
        """What its vendors sign with."""
        return Keys(self._wire)

    @cached_property
    def records(self) -> Records:
        """Whom and what its vendors know."""
        return Records(self._wire)

    def verify(self, **expected: Unpack[Expected]) -> tuple[str, ...]:
        """The ids of the exchanges that are expected; raises `AssertionError`, with the nearest misses, if not met."""
        return self.journal.verify(**expected)

    def explain(
        self, *, token: str | None = None, assertion: str | None = None, operation: str | None = None
    ) -> Members:
        """What every operation, or this one, would say of a token or an assertion. Nothing changes."""
        asked = {"token": token, "assertion": assertion, "operation": operation}
        body = {name: value for name, value in asked.items() if value is not None}
        answer: Members = self._wire.post("explain", body=body)
        return answer

    def findings(self) -> tuple[Members, ...]:
        """What to know about calls that were answered normally."""
        return tuple(self._wire.get("findings")["items"])

    def coverage(self) -> Members:
        """Which outcomes were met, of all that its vendors have."""
        answer: Members = self._wire.get("coverage")
        return answer

    def reset(self) -> None:
        """Start it anew: as it was before its first call."""
        self._wire.post("reset")
        self._credentials = None

    def delete(self) -> None:
        """Forget it and all it holds."""
        self._wire.delete("sandboxes", self.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.delete()
        except MockserverError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise


def _public() -> list[str]:
    return [name for name in vars(Sandbox) if not name.startswith("_")]
