"""A sandbox: a world of its own, and the only place where anything changes."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, TypeVar

from mockserver.core.clock import Clock, wait
from mockserver.core.directory import Directory, digest
from mockserver.core.entropy import Entropy
from mockserver.core.journal import Journal
from mockserver.core.keyring import KeyRing
from mockserver.core.keys import SigningKey
from mockserver.core.options import Options
from mockserver.core.rates import Rates
from mockserver.core.rules import Rule, RulePlan
from mockserver.core.tokens import ReplayGuard, Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from mockserver.core.directory import Claims
    from mockserver.core.journal import Exchange
    from mockserver.core.keyring import Draw

DEFAULT = "default"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
FAILURES = 100
"""So many bugs of ours are kept."""
NO_OPTIONS = Options()
"""Those of vendors that have none of their own."""
FEW = 1_000
"""So many tokens are forgotten in a millisecond or two."""
SPADEFUL = 200
"""So many are forgotten between two turns of others."""
BREATH = timedelta(milliseconds=1)
"""How long others have their turn between two burials of a few."""

Kept = TypeVar("Kept")


class UnknownSandboxError(LookupError):
    """No sandbox has this name, and it may not be made by its address."""


class SandboxNameError(ValueError):
    """No sandbox can have this name: it must do as a host name too."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a sandbox is like before its first call.

    *options* and *records* hold each vendor's, by their type. *credentials* are those that exist in no other sandbox:
    a call that carries one belongs here, whatever its address.
    """

    options: Mapping[type, Any] = field(default_factory=dict)
    records: Mapping[type, Any] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    seed: str | None = None
    now: datetime | None = None
    frozen: bool = False
    credentials: tuple[str, ...] = ()


class Sandbox:
    """One world: clock, entropy, keys, tokens, rules, journal, options and each vendor's records.

    *gone_keys* are those that were rotated away, and from when on their signatures count no more. *scenario* is what
    it was made from, and what a reset makes it from again.
    """

    __slots__ = (
        "_added",
        "_claims",
        "_kept",
        "_keyrings",
        "_lock",
        "_made_at",
        "_numbers",
        "clock",
        "entropy",
        "failures",
        "gone_keys",
        "journal",
        "name",
        "rates",
        "replays",
        "rules",
        "scenario",
        "tokens",
    )

    def __init__(self, name: str, scenario: Scenario, claims: Claims | None = None) -> None:
        self.name = name
        self.scenario = scenario
        self.clock = Clock()
        self.entropy = Entropy(None if scenario.seed is None else f"{scenario.seed}/{name}")
        self.tokens = Tokens(claims=claims)
        self.replays = ReplayGuard()
        self.rates = Rates()
        self.rules = RulePlan(scenario.rules, self.entropy.child("rules"))
        self.journal = Journal()
        self.failures: list[Exception] = []
        self._kept: dict[type, Any] = {Options: NO_OPTIONS, **scenario.options, **scenario.records}
        self.gone_keys: dict[str, datetime] = {}
        self._keyrings: dict[str, KeyRing] = {}
        self._numbers = count(1)
        self._lock = Lock()
        self._claims = claims
        if claims:
            for credential in scenario.credentials:
                claims.enter(digest(credential))
        self._added: set[str] = set()
        if scenario.now:
            self.clock.set(scenario.now, frozen=scenario.frozen)
        elif scenario.frozen:
            self.clock.freeze()
        self._made_at = self.clock.now()

    def get(self, kind: type[Kept]) -> Kept:
        """What this sandbox keeps of this type: a vendor's options, its records, or a state that begins as `kind()`."""
        kept = self._kept.get(kind)
        if kept is None:
            kept = self._kept.setdefault(kind, kind())
        if not isinstance(kept, kind):
            raise TypeError(f"what is kept as {kind.__name__} is a {type(kept).__name__}")
        return kept

    def put(self, value: object) -> None:
        """Keep *value* in place of the one of its type."""
        with self._lock:
            self._kept[type(value)] = value

    def change(self, kind: type[Kept], change: Callable[[Kept], Kept]) -> Kept:
        """Keep what *change* makes of what is kept of this type; of many changes at once, none is lost."""
        with self._lock:
            self._kept[kind] = changed = change(self.get(kind))
        return changed

    def keyring(self, name: str, draw: Draw = SigningKey.draw) -> KeyRing:
        """The keys of this name (`ingrid`, `alternative.checkout`), with which a vendor signs; drawn on first use."""
        ring = self._keyrings.get(name)
        if ring is None:
            drawn = KeyRing(self.entropy.child(f"keys/{name}"), self._made_at, draw)
            ring = self._keyrings.setdefault(name, drawn)
        return ring

    def rotate(self, name: str, draw: Draw, overlap: timedelta) -> None:
        """Sign with a new key of this ring from now on; what the one before has signed counts for *overlap* longer."""
        now = self.clock.now()
        before = self.keyring(name, draw).rotate(now, overlap)
        self.gone_keys[before.kid] = now + overlap

    def is_over(self, kid: str, now: datetime) -> bool:
        """Whether what the key with this id has signed counts no more."""
        until = self.gone_keys.get(kid)
        return until is not None and until <= now

    @property
    def is_untouched(self) -> bool:
        """Whether nothing has happened here yet."""
        return not (len(self.journal) or len(self.tokens) or any(not rule.from_scenario for rule in self.rules))

    def claim(self, credential: str) -> None:
        """A call that carries this belongs here from now on, whatever its address."""
        if self._claims and self._claims.enter_if_free(digest(credential)):
            self._added.add(credential)

    def disclaim(self, credential: str) -> None:
        """It does not, any more."""
        if self._claims and credential in self._added:
            self._added.discard(credential)
            self._claims.give_up(digest(credential))

    def succeed(self, before: Sandbox) -> None:
        """Take the place of the one *before*: who listened to its journal listens on, and exchanges count on."""
        self.journal.adopt_listeners(before.journal)
        self._numbers = before._numbers

    def bury(self) -> None:
        """Let go of what it has claimed, and of its tokens, when it is over."""
        if self._claims:
            self._claims.close()
            for credential in (*self.scenario.credentials, *self._added):
                self._claims.give_up(digest(credential))
        if len(self.tokens) > FEW:
            # To free them takes as long as there are many, and nobody should wait for that.
            Thread(target=_forget, args=(self.tokens,), name="mockserver-burial", daemon=True).start()
        elif self._claims:
            self.tokens.forget(FEW)

    def failed(self, error: Exception) -> None:
        """Keep a bug of ours, for the test that met it."""
        if len(self.failures) < FAILURES:
            self.failures.append(error)

    def next_exchange_id(self) -> str:
        """A new exchange's id: it tells the sandbox and the place in its order."""
        return f"{self.name}-{next(self._numbers)}"


def _forget(tokens: Tokens) -> None:
    while tokens.forget(SPADEFUL):
        wait(BREATH)


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
        self.scenario = scenario
        self._auto = auto
        self._limit = limit
        self._on_exchange = on_exchange
        self._others: OrderedDict[str, Sandbox] = OrderedDict()
        self._directory = Directory()
        self._lock = Lock()
        self.default = self._make(DEFAULT, scenario)

    def __len__(self) -> int:
        return 1 + len(self._others)

    def __contains__(self, name: object) -> bool:
        return name == DEFAULT or name in self._others

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
                self._others[name] = self._make(name, self.scenario)
                self._drop_the_idlest()
            self._others.move_to_end(name)
            return self._others[name]

    def existing(self, name: str) -> Sandbox:
        """The sandbox with this name; raises `UnknownSandboxError` where it was not made yet."""
        sandbox = self.default if name == DEFAULT else self._others.get(name)
        if sandbox is None:
            raise UnknownSandboxError(f"no sandbox is called '{name}' yet")
        return sandbox

    @property
    def any_owned(self) -> bool:
        """Whether any credential or token belongs to another sandbox than the default one."""
        return len(self._directory) > 0

    def owner(self, names: Iterable[str]) -> Sandbox:
        """The sandbox that these credentials or tokens belong to; the default one where nobody claims them."""
        name = self._directory.owner(names)
        with self._lock:
            if name is None or name not in self._others:
                return self.default
            self._others.move_to_end(name)
            return self._others[name]

    def create(self, name: str, scenario: Scenario | None = None) -> Sandbox:
        """A fresh sandbox, in place of any that had this name."""
        with self._lock:
            sandbox = self._make(name, scenario or self.scenario)
            before = self._put(name, sandbox)
            if before:
                sandbox.succeed(before)
            self._drop_the_idlest()
        if before:
            before.bury()
        return sandbox

    def reset(self, name: str) -> Sandbox:
        """The sandbox with this name as it was before its first call; raises `UnknownSandboxError`.

        However much it holds, that takes no longer. Whoever listens to its journal goes on listening.
        """
        with self._lock:
            before = self.existing(name)
            sandbox = self._make(name, before.scenario)
            sandbox.succeed(before)
            self._put(name, sandbox)
        before.bury()
        return sandbox

    def drop(self, name: str) -> bool:
        """Forget this sandbox and all it holds, and whether it was there; the default one starts anew."""
        if name == DEFAULT:
            self.reset(DEFAULT)
            return True
        with self._lock:
            before = self._others.pop(name, None)
        if before:
            before.bury()
        return before is not None

    def _put(self, name: str, sandbox: Sandbox) -> Sandbox | None:
        if name == DEFAULT:
            before: Sandbox | None = self.default
            self.default = sandbox
            return before
        before = self._others.get(name)
        self._others[name] = sandbox
        self._others.move_to_end(name)
        return before

    def _make(self, name: str, scenario: Scenario) -> Sandbox:
        if not NAME.fullmatch(name):
            raise SandboxNameError(f"'{name}' is no name for a sandbox: 1 to 63 letters, digits, - and _")
        sandbox = Sandbox(name, scenario, None if name == DEFAULT else self._directory.claims(name))
        if self._on_exchange:
            sandbox.journal.listen(self._on_exchange)
        return sandbox

    def _drop_the_idlest(self) -> None:
        while len(self._others) > self._limit:
            self._others.popitem(last=False)[1].bury()
