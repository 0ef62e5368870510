"""Rules: what a test asked for. When a call matches, then do this, so many times."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any

from mockserver.core.calls import AT_ONCE, Delivery, Fault, Gate, Reply
from mockserver.core.reasons import REASONS, UnknownReasonError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockserver.core.case import Case
    from mockserver.core.entropy import Entropy


@dataclass(frozen=True, slots=True)
class When:
    """Which calls a rule is about: those that agree in everything that is given."""

    vendor: str | None = None
    operation: str | None = None
    credential: str | None = None
    path: str | None = None
    header: Mapping[str, str] = field(default_factory=dict)
    transport: str | None = None

    def mismatch(self, case: Case) -> str | None:
        """Why this call is not meant, or nothing."""
        operation = case.operation.name if case.operation else ""
        seen = {
            "vendor": case.vendor.name,
            "operation": operation,
            "path": case.call.path,
            "transport": case.call.transport,
        }
        for name, value in seen.items():
            wanted = getattr(self, name)
            if wanted is not None and wanted != value:
                return f"{name} is '{value}', not '{wanted}'"
        return self._header_mismatch(case) or self._credential_mismatch(case)

    def _header_mismatch(self, case: Case) -> str | None:
        for name, wanted in self.header.items():
            if wanted not in case.call.headers.all(name):
                return f"header {name} is not '{wanted}'"
        return None

    def _credential_mismatch(self, case: Case) -> str | None:
        if self.credential is None:
            return None
        carried = case.operation.identifies(case) if case.operation else ()
        return None if self.credential in carried else f"credential is not '{self.credential}'"


@dataclass(frozen=True, slots=True)
class MintChange:
    """What a rule changes about the tokens that a call mints."""

    lifetime: timedelta | None = None
    backdate: timedelta = timedelta()
    broken_signature: bool = False
    claims: Mapping[str, Any] = field(default_factory=dict)


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

    *nth* means that one match only, counted from 1.
    """

    when: When = field(default_factory=When)
    then: Then = field(default_factory=Then)
    times: int | None = None
    after: int = 0
    nth: int | None = None
    probability: float = 1.0


class PlannedRule:
    """A rule in force: its id, and how often it matched and struck."""

    __slots__ = ("gate", "id", "matches", "rule", "strikes")

    def __init__(self, rule_id: str, rule: Rule) -> None:
        self.id = rule_id
        self.rule = rule
        self.matches = 0
        self.strikes = 0
        self.gate = Gate(rule.then.hold.callers) if rule.then.hold else None

    def spared(self, case: Case, entropy: Entropy) -> str | None:
        """Why the rule leaves this call alone, or nothing: then it strikes."""
        rule = self.rule
        mismatch = rule.when.mismatch(case)
        if mismatch:
            return mismatch
        self.matches += 1
        if self.matches <= rule.after:
            return f"match {self.matches} of the first {rule.after}, which it leaves alone"
        if rule.nth is not None and self.matches != rule.nth:
            return f"match {self.matches}, not {rule.nth}"
        if rule.times is not None and self.strikes >= rule.times:
            return f"it struck {self.strikes} times already"
        if rule.probability < 1 and entropy.chance() >= rule.probability:
            return f"chance spared it, at probability {rule.probability}"
        self.strikes += 1
        return None


class RulePlan:
    """The rules of one sandbox, in the order they were added."""

    __slots__ = ("_entropy", "_ids", "_lock", "_planned")

    def __init__(self, rules: Iterable[Rule], entropy: Entropy) -> None:
        self._ids = count(1)
        self._entropy = entropy
        self._lock = Lock()
        self._planned: tuple[PlannedRule, ...] = ()
        for rule in rules:
            self.add(rule)

    def __iter__(self) -> Iterator[PlannedRule]:
        return iter(self._planned)

    def add(self, rule: Rule) -> PlannedRule:
        """Put a rule in force."""
        planned = PlannedRule(f"rule-{next(self._ids)}", rule)
        with self._lock:
            self._planned = (*self._planned, planned)
        return planned

    def remove(self, rule_id: str) -> bool:
        """Take a rule out of force; whether it was there."""
        with self._lock:
            before = len(self._planned)
            self._planned = tuple(planned for planned in self._planned if planned.id != rule_id)
            return len(self._planned) < before

    def strike(self, case: Case) -> tuple[PlannedRule, ...]:
        """The rules that strike this call, up to the first that decides the answer by itself."""
        if not self._planned:
            return ()
        struck = []
        with self._lock:
            for planned in self._planned:
                if planned.spared(case, self._entropy) is None:
                    struck.append(planned)
                    if planned.rule.then.final:
                        break
        return tuple(struck)


def delivery(struck: Iterable[PlannedRule]) -> Delivery:
    """How an answer travels that these rules touched."""
    result = AT_ONCE
    for planned in struck:
        then = planned.rule.then
        result = replace(result, delay=result.delay + then.delay, fault=then.fault or result.fault)
        if then.hold:
            result = replace(result, gate=planned.gate, patience=then.hold.timeout)
    return result


def garbled(body: bytes) -> bytes:
    """A body that no JSON reader takes, as a broken proxy might leave it."""
    return body[: len(body) // 2] + b"\x00<garbled>"
