"""A case: a call before the engine, with what is known about it so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

from mockserver.core.calls import CARRIES_NOTHING, Carried
from mockserver.core.journal import Check, Finding
from mockserver.core.refusals import FieldError, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from mockserver.core.calls import Call
    from mockserver.core.operations import Operation
    from mockserver.core.options import Options
    from mockserver.core.rules import MintChange, PlannedRule
    from mockserver.core.sandbox import Sandbox
    from mockserver.core.tokens import Token
    from mockserver.core.vendor import Vendor

Caller = TypeVar("Caller")
Found = TypeVar("Found")


@dataclass(slots=True)
class Case:
    """One call, judged at one instant. Lives as long as the call; nobody else sees it.

    *caller* is who calls, as the operation found out: an account, a token. *fields* is the body as its schema read it.
    *stamp* are the headers that the vendor puts on all its answers. *struck* are the rules at work. A *rehearsal* is
    judged and nothing more: whatever would change the sandbox is left undone. *known* is the token that it carries,
    with its text, where it is one of this sandbox's. *delay* is how long the vendor takes its time, *minted* the tokens
    issued so far, by what they are known by.
    """

    call: Call
    sandbox: Sandbox
    vendor: Vendor
    operation: Operation | None
    parameters: Mapping[str, str]
    options: Options
    now: datetime
    media_type: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    caller: object = None
    stamp: tuple[tuple[str, str], ...] = ()
    mint: MintChange | None = None
    struck: tuple[PlannedRule, ...] = ()
    spared: tuple[tuple[str, str], ...] = ()
    carried: Carried = CARRIES_NOTHING
    known: tuple[str, Token] | None = None
    rehearsal: bool = False
    delay: timedelta = timedelta()
    minted: list[bytes] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def vendor_name(self) -> str:
        """Its vendor's name."""
        return self.vendor.name

    @property
    def operation_name(self) -> str:
        """Its operation's name; empty where it leads nowhere."""
        return self.operation.name if self.operation else ""

    @property
    def base_url(self) -> str:
        """Where this vendor lives, for issuers, audiences and links: as called, unless an option says otherwise."""
        return self.options.base_url or self.call.base_url

    @property
    def url(self) -> str:
        """The URL of this call, for audiences: scheme, host, port, path."""
        return self.base_url.rstrip("/") + self.call.path

    def token(self, text: str) -> Token | None:
        """The token with this text, if this sandbox knows it."""
        known = self.known
        return known[1] if known and known[0] == text else self.sandbox.tokens.find(text)

    def called_by(self, kind: type[Caller]) -> Caller:
        """Who calls, as the kind of thing that this operation's callers are."""
        if not isinstance(self.caller, kind):
            raise TypeError(f"the caller is a {type(self.caller).__name__}, not a {kind.__name__}")
        return self.caller

    def require(
        self,
        passed: bool,  # noqa: FBT001  (what is required reads well in first place)
        reason: str,
        *,
        seen: Any = None,
        wanted: Any = None,
        claim: str = "",
        hint: str | Callable[[], str] = "",
    ) -> None:
        """Note a check and what it compared; refuse for *reason* unless it passed. *hint* may wait until then."""
        self.checks.append(Check(reason, passed, seen, wanted, claim))
        if not passed:
            raise Refusal(reason, hint=hint if isinstance(hint, str) else hint(), seen=seen, wanted=wanted, claim=claim)

    def found(
        self,
        value: Found | None,
        reason: str,
        *,
        seen: Any = None,
        wanted: Any = None,
        claim: str = "",
        hint: str = "",
    ) -> Found:
        """The same for something that must be there: what it is, once it is known not to be nothing."""
        self.require(value is not None, reason, seen=seen, wanted=wanted, claim=claim, hint=hint)
        return cast("Found", value)

    def require_field(
        self,
        passed: bool,  # noqa: FBT001  (as above)
        reason: str,
        field: str,
        problem: str,
        *,
        seen: Any = None,
        wanted: Any = None,
    ) -> None:
        """The same for one field, a member or a header: *problem* is what the vendor's table makes a text of."""
        self.checks.append(Check(reason, passed, seen, wanted, field))
        if not passed:
            raise Refusal(reason, errors=(FieldError((field,), problem),))

    def note(self, reason: str, *, passed: bool, seen: Any = None, wanted: Any = None) -> None:
        """Note a check that somebody else decides about."""
        self.checks.append(Check(reason, passed, seen, wanted))

    def find(self, reason: str, hint: str) -> None:
        """Note a finding: the call goes on."""
        self.findings.append(Finding(reason, hint))

    def moved_clock_hint(self) -> str:
        """How far this sandbox's clock is off the machine's, for refusals that are about time."""
        ahead = self.sandbox.clock.ahead
        if abs(ahead.total_seconds()) < 1:
            return ""
        direction = "ahead of" if ahead.days >= 0 else "behind"
        return f"; the sandbox clock is {abs(ahead).total_seconds():.0f} s {direction} the machine's"
