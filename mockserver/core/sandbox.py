"""A sandbox: a world of its own, and the only place where anything changes."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from mockserver.core.clock import Clock
from mockserver.core.entropy import Entropy
from mockserver.core.journal import Journal
from mockserver.core.keys import SigningKey
from mockserver.core.options import Options
from mockserver.core.rules import Rule, RulePlan
from mockserver.core.tokens import ReplayGuard, Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from mockserver.core.journal import Exchange

DEFAULT = "default"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
FAILURES = 100
"""So many bugs of ours are kept."""

Kept = TypeVar("Kept")


class UnknownSandboxError(LookupError):
    """No sandbox has this name, and it may not be made by its address."""


class SandboxNameError(ValueError):
    """No sandbox can have this name: it must do as a host name too."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a sandbox is like before its first call.

    *options* and *records* hold each vendor's, by their type.
    """

    options: Mapping[type, Any] = field(default_factory=dict)
    records: Mapping[type, Any] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    seed: str | None = None
    now: datetime | None = None
    frozen: bool = False


class Sandbox:
    """One world: clock, entropy, keys, tokens, rules, journal, options and each vendor's records."""

    __slots__ = (
        "_kept",
        "_keys",
        "_numbers",
        "clock",
        "entropy",
        "failures",
        "journal",
        "name",
        "replays",
        "rules",
        "tokens",
    )

    def __init__(self, name: str, scenario: Scenario) -> None:
        self.name = name
        self.clock = Clock()
        self.entropy = Entropy(None if scenario.seed is None else f"{scenario.seed}/{name}")
        self.tokens = Tokens()
        self.replays = ReplayGuard()
        self.rules = RulePlan(scenario.rules, self.entropy.child("rules"))
        self.journal = Journal()
        self.failures: list[Exception] = []
        self._kept: dict[type, Any] = {Options: Options(), **scenario.options, **scenario.records}
        self._keys: dict[str, SigningKey] = {}
        self._numbers = 0
        if scenario.now:
            self.clock.set(scenario.now, frozen=scenario.frozen)
        elif scenario.frozen:
            self.clock.freeze()

    def get(self, kind: type[Kept]) -> Kept:
        """What this sandbox keeps of this type: a vendor's options or records."""
        kept = self._kept[kind]
        if not isinstance(kept, kind):
            raise TypeError(f"what is kept as {kind.__name__} is a {type(kept).__name__}")
        return kept

    def put(self, value: object) -> None:
        """Keep *value* in place of the one of its type."""
        self._kept[type(value)] = value

    def key(self, vendor: str) -> SigningKey:
        """The key with which this vendor signs here; drawn on first use."""
        key = self._keys.get(vendor)
        return key or self._keys.setdefault(vendor, SigningKey.draw(self.entropy.child(f"keys/{vendor}")))

    def failed(self, error: Exception) -> None:
        """Keep a bug of ours, for the test that met it."""
        if len(self.failures) < FAILURES:
            self.failures.append(error)

    def next_exchange_id(self) -> str:
        """A new exchange's id: it tells the sandbox and the place in its order."""
        self._numbers += 1
        return f"{self.name}-{self._numbers}"


class Sandboxes:
    """Every sandbox of this process. The default one is always there; others come and go."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        auto: bool = True,
        limit: int = 10_000,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        self._scenario = scenario
        self._auto = auto
        self._limit = limit
        self._on_exchange = on_exchange
        self._others: OrderedDict[str, Sandbox] = OrderedDict()
        self._lock = Lock()
        self.default = self._make(DEFAULT)

    def __len__(self) -> int:
        return 1 + len(self._others)

    def __iter__(self) -> Iterator[Sandbox]:
        with self._lock:
            return iter([self.default, *self._others.values()])

    def find(self, name: str) -> Sandbox:
        """The sandbox with this name, made now if addresses may make them.

        Raises `UnknownSandboxError` where it is not there and may not be made, `SandboxNameError` where it can't be.
        """
        if name == DEFAULT:
            return self.default
        with self._lock:
            if name not in self._others:
                if not self._auto:
                    raise UnknownSandboxError(f"no sandbox is called '{name}'")
                self._others[name] = self._make(name)
                self._drop_the_idlest()
            self._others.move_to_end(name)
            return self._others[name]

    def existing(self, name: str) -> Sandbox:
        """The sandbox with this name; raises `UnknownSandboxError` where it was not made yet."""
        sandbox = self.default if name == DEFAULT else self._others.get(name)
        if sandbox is None:
            raise UnknownSandboxError(f"no sandbox is called '{name}' yet")
        return sandbox

    def create(self, name: str, scenario: Scenario | None = None) -> Sandbox:
        """A fresh sandbox, in place of any that had this name."""
        sandbox = self._make(name, scenario)
        if name == DEFAULT:
            self.default = sandbox
            return sandbox
        with self._lock:
            self._others[name] = sandbox
            self._others.move_to_end(name)
            self._drop_the_idlest()
        return sandbox

    def drop(self, name: str) -> None:
        """Forget this sandbox and all it holds; the default one starts anew."""
        if name == DEFAULT:
            self.create(DEFAULT)
        with self._lock:
            self._others.pop(name, None)

    def _make(self, name: str, scenario: Scenario | None = None) -> Sandbox:
        if not NAME.fullmatch(name):
            raise SandboxNameError(f"'{name}' is no name for a sandbox: 1 to 63 letters, digits, - and _")
        sandbox = Sandbox(name, scenario or self._scenario)
        if self._on_exchange:
            sandbox.journal.listen(self._on_exchange)
        return sandbox

    def _drop_the_idlest(self) -> None:
        while len(self._others) > self._limit:
            self._others.popitem(last=False)
