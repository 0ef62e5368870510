"""Rules: what a test asked for. When a call matches, then do this, so many times."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mockserver.core.calls import AT_ONCE, Delivery, Fault, Gate, Reply
from mockserver.core.reasons import REASONS, UnknownReasonError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockserver.core.calls import Call, Carried
    from mockserver.core.entropy import Entropy

_SCENARIO = "scenario-"
COUNTS = 10_000
"""A rule that counts for every credential by itself remembers so many of them."""


class Sighting(Protocol):
    """A call as rules see it: one that is being judged, or one of the journal."""

    @property
    def call(self) -> Call:
        """The call itself."""
        ...

    @property
    def vendor_name(self) -> str:
        """Whose address it has."""
        ...

    @property
    def operation_name(self) -> str:
        """What it asks for; empty where it leads nowhere."""
        ...

    @property
    def carried(self) -> Carried:
        """The accounts, keys and tokens that it names."""
        ...


@dataclass(frozen=True, slots=True)
class When:
    """Which calls a rule is about: those that agree in everything that is given.

    In texts but *transport* and header values, `*` stands for any text. *token* is the kind of the token that the call
    carries.
    """

    vendor: str | None = None
    operation: str | None = None
    credential: str | None = None
    path: str | None = None
    header: Mapping[str, str] = field(default_factory=dict)
    transport: str | None = None
    token: str | None = None

    def mismatch(self, sighting: Sighting) -> str | None:
        """Why this call is not meant, or nothing."""
        if self.credential is not None and self.credential_in(sighting) is None:
            return f"credential is not '{self.credential}'"
        if self.vendor is not None and not fits(self.vendor, sighting.vendor_name):
            return f"vendor is '{sighting.vendor_name}', not '{self.vendor}'"
        if self.transport is not None and self.transport != sighting.call.transport:
            return f"transport is '{sighting.call.transport}', not '{self.transport}'"
        return self._text_mismatch(sighting) or self._header_mismatch(sighting)

    def credential_in(self, sighting: Sighting) -> str | None:
        """The account, key or token by which it is meant, or nothing."""
        wanted = self.credential or "*"
        return next((name for name in sighting.carried.names if fits(wanted, name)), None)

    def _text_mismatch(self, sighting: Sighting) -> str | None:
        if self.operation is not None and not fits(self.operation, sighting.operation_name):
            return f"operation is '{sighting.operation_name}', not '{self.operation}'"
        if self.path is not None and not fits(self.path, sighting.call.path):
            return f"path is '{sighting.call.path}', not '{self.path}'"
        if self.token is not None and not (sighting.carried.token and fits(self.token, sighting.carried.token)):
            return f"token is '{sighting.carried.token}', not '{self.token}'"
        return None

    def _header_mismatch(self, sighting: Sighting) -> str | None:
        for name, wanted in self.header.items():
            if wanted not in sighting.call.headers.all(name):
                return f"header {name} is not '{wanted}'"
        return None


def fits(wanted: str, text: str) -> bool:
    """Whether *text* is the one that is wanted, where `*` stands for anything."""
    return wanted == text or ("*" in wanted and _pattern(wanted).fullmatch(text) is not None)


@lru_cache(maxsize=4096)
def _watches(credentials: tuple[str, ...], name: str) -> bool:
    return any(fits(credential, name) for credential in credentials)


@lru_cache(maxsize=256)
def _pattern(wanted: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in wanted.split("*")), re.DOTALL)


@dataclass(frozen=True, slots=True)
class MintChange:
    """What a rule changes about the tokens that a call mints."""

    lifetime: timedelta | None = None
    backdate: timedelta = timedelta()
    broken_signature: bool = False
    claims: Mapping[str, Any] = field(default_factory=dict)

    def over(self, other: MintChange | None) -> MintChange:
        """Both changes; where they disagree, this one."""
        if other is None:
            return self
        return MintChange(
            lifetime=other.lifetime if self.lifetime is None else self.lifetime,
            backdate=self.backdate or other.backdate,
            broken_signature=self.broken_signature or other.broken_signature,
            claims={**other.claims, **self.claims},
        )


@dataclass(frozen=True, slots=True)
class Hold:
    """Answers wait until so many *callers* wait, or *timeout* is over."""

    callers: int
    timeout: timedelta = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Then:
    """What a rule does to a call: refuse it, answer it verbatim, or change how the answer is made or travels."""

    refuse: str | None = None
    answer: Reply | None = None
    delay: timedelta = timedelta()
    fault: Fault | None = None
    garble: bool = False
    mint: MintChange | None = None
    hold: Hold | None = None

    def __post_init__(self) -> None:
        if self.refuse is not None and self.refuse not in REASONS:
            raise UnknownReasonError(self.refuse)
        if self.answer and any(mark in text for pair in self.answer.headers for text in pair for mark in "\r\n"):
            raise ValueError("a header field of the answer contains the end of a line")

    @property
    def final(self) -> bool:
        """Whether it decides the answer by itself."""
        return self.refuse is not None or self.answer is not None


@dataclass(frozen=True, slots=True)
class Rule:
    """When a call matches, then do this: at most *times*, not before *after* matches, with this *probability*.

    *nth* means that one match only, counted from 1. *per_credential* counts for every credential by itself, at each
    operation.
    """

    when: When = field(default_factory=When)
    then: Then = field(default_factory=Then)
    times: int | None = None
    after: int = 0
    nth: int | None = None
    probability: float = 1.0
    per_credential: bool = False


@dataclass(slots=True)
class _Count:
    matches: int = 0
    strikes: int = 0


class PlannedRule:
    """A rule in force: its id, and how often it matched and struck."""

    __slots__ = ("_counts", "gate", "id", "matches", "rule", "strikes")

    def __init__(self, rule_id: str, rule: Rule) -> None:
        self.id = rule_id
        self.rule = rule
        self.matches = 0
        self.strikes = 0
        self.gate = Gate(rule.then.hold.callers) if rule.then.hold else None
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    @property
    def from_scenario(self) -> bool:
        """Whether it was there from the first."""
        return self.id.startswith(_SCENARIO)

    def spared(self, sighting: Sighting, entropy: Entropy) -> str | None:
        """Why the rule lets pass a call that it is about, or nothing: then it strikes."""
        rule, count = self.rule, self._count(sighting)
        self.matches += 1
        count.matches += 1
        if count.matches <= rule.after:
            return f"match {count.matches} of the first {rule.after}, which it leaves alone"
        if rule.nth is not None and count.matches != rule.nth:
            return f"match {count.matches}, not {rule.nth}"
        if rule.times is not None and count.strikes >= rule.times:
            return f"it has struck {count.strikes} of {rule.times}"
        if rule.probability < 1 and entropy.chance() >= rule.probability:
            return f"chance spared it, at probability {rule.probability}"
        count.strikes += 1
        self.strikes += 1
        return None

    def _count(self, sighting: Sighting) -> _Count:
        whose = (
            f"{self.rule.when.credential_in(sighting)} {sighting.operation_name}" if self.rule.per_credential else ""
        )
        count = self._counts.setdefault(whose, _Count())
        if len(self._counts) > COUNTS:
            self._counts.popitem(last=False)
        return count


class Strike(NamedTuple):
    """What the rules do to a call: those that strike it, and those that it is spared by, with the reason."""

    struck: tuple[PlannedRule, ...] = ()
    spared: tuple[tuple[str, str], ...] = ()


NO_STRIKE = Strike()


class RulePlan:
    """The rules of one sandbox: those that a test added, in that order, then those of its scenario."""

    __slots__ = ("_entropy", "_ids", "_lock", "_planned", "_watched")

    def __init__(self, rules: Iterable[Rule], entropy: Entropy) -> None:
        self._ids = count(1)
        self._entropy = entropy
        self._lock = Lock()
        self._plan(tuple(PlannedRule(f"{_SCENARIO}{number}", rule) for number, rule in enumerate(rules, start=1)))

    def _plan(self, planned: tuple[PlannedRule, ...]) -> None:
        credentials = [each.rule.when.credential for each in planned]
        self._planned = planned
        self._watched = None if None in credentials else tuple(filter(None, credentials))

    def __iter__(self) -> Iterator[PlannedRule]:
        return iter(self._planned)

    def add(self, rule: Rule) -> PlannedRule:
        """Put a rule in force."""
        planned = PlannedRule(f"rule-{next(self._ids)}", rule)
        with self._lock:
            given = sum(not each.from_scenario for each in self._planned)
            self._plan((*self._planned[:given], planned, *self._planned[given:]))
        return planned

    def remove(self, rule_id: str) -> bool:
        """Take a rule out of force; whether it was there."""
        with self._lock:
            before = len(self._planned)
            self._plan(tuple(planned for planned in self._planned if planned.id != rule_id))
            return len(self._planned) < before

    def find(self, rule_id: str) -> PlannedRule | None:
        """The rule with this id, while it is in force."""
        return next((planned for planned in self._planned if planned.id == rule_id), None)

    def clear(self) -> int:
        """Take out of force what was added; how many there were. Those of the scenario stay."""
        with self._lock:
            before = len(self._planned)
            self._plan(tuple(planned for planned in self._planned if planned.from_scenario))
            return before - len(self._planned)

    def strike(self, sighting: Sighting) -> Strike:
        """The rules that strike this call, up to the first that decides the answer by itself."""
        if not self._concerns(sighting.carried.names):
            return NO_STRIKE
        meant = [planned for planned in self._planned if planned.rule.when.mismatch(sighting) is None]
        return self._struck(meant, sighting) if meant else NO_STRIKE

    def _concerns(self, names: tuple[str, ...]) -> bool:
        """Whether any rule may be about a call that carries these: mostly, all rules are about some credentials."""
        if self._watched is None:
            return True
        return any(_watches(self._watched, name) for name in names)

    def _struck(self, meant: list[PlannedRule], sighting: Sighting) -> Strike:
        struck, spared = [], []
        with self._lock:
            for planned in meant:
                why = planned.spared(sighting, self._entropy)
                if why is not None:
                    spared.append((planned.id, why))
                    continue
                struck.append(planned)
                if planned.rule.then.final:
                    break
        return Strike(tuple(struck), tuple(spared))


def delivery(struck: Iterable[PlannedRule]) -> Delivery:
    """How an answer travels that these rules touched: delays add up, of holds and faults the first one counts."""
    result = AT_ONCE
    for planned in struck:
        then = planned.rule.then
        result = replace(result, delay=result.delay + then.delay, fault=result.fault or then.fault)
        if then.hold and result.gate is None:
            result = replace(result, gate=planned.gate, patience=then.hold.timeout)
    return result


def garbled(body: bytes) -> bytes:
    """A body that no JSON reader takes, as a broken proxy might leave it."""
    return body[: len(body) // 2] + b"\x00<garbled>"
