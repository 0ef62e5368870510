"""Issue, advance, expire, age, revoke, rotate, reset, set back, in any order: tokens count as the model says."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from mockserver import Emulator, Settings
from tests.support.contract import Contract
from tests.support.wire import Wire

CONTRACT = Contract(Emulator().openapi("http://localhost"))
START = "2030-01-01T00:00:00Z"
SITE_LIFETIME = 300


@dataclass(frozen=True)
class Known:
    """What the model knows of a token. Times are seconds since the start; *written* is its own `exp`."""

    written: int
    expires: int
    key: int
    world: int
    revoked: bool = False


class Control(RuleBasedStateMachine):
    """One sandbox under the admin API, beside a model of it. *keys* holds the second at which each key is over."""

    tokens = Bundle("tokens")

    def __init__(self):
        super().__init__()
        self.emulator = Emulator(Settings(seed="machine"))
        self.wire = Wire(self.emulator.app, CONTRACT)
        self.known: dict[str, Known] = {}
        self.world = 0

    def ask(self, method, path, body=None):
        got = self.wire(method, f"/_mock{path}", json_body=body)
        assert got.status in (200, 201), got.body
        return got.json

    @initialize()
    def begin(self):
        self.ask("PUT", "/clock", {"now": START, "frozen": True})
        self.now = 0
        self.keys: list[int | None] = [None]

    @rule(target=tokens)
    def issue(self):
        token = self.ask("POST", "/tokens", {"vendor": "ingrid", "kind": "site"})["token"]
        self.known[token] = Known(self.now + SITE_LIFETIME, self.now + SITE_LIFETIME, len(self.keys) - 1, self.world)
        return token

    @rule(seconds=st.sampled_from([1, 60, 299, 300, 3600]))
    def advance(self, seconds):
        self.ask("POST", "/clock/advance", {"seconds": seconds})
        self.now += seconds

    @precondition(lambda self: self.now > 0)
    @rule(seconds=st.sampled_from([1, 60, 300]))
    def set_back(self, seconds):
        step = min(seconds, self.now)
        self.ask("POST", "/clock/advance", {"seconds": -step})
        self.now -= step

    @rule()
    def expire(self):
        self.ask("POST", "/tokens/expire", {"kind": "site"})
        self.change(lambda known: replace(known, expires=min(known.expires, self.now)))

    @rule(seconds=st.sampled_from([-60, 60, 300]))
    def age(self, seconds):
        self.ask("POST", "/tokens/age", {"seconds": seconds})
        self.change(lambda known: replace(known, expires=known.expires - seconds))

    @rule()
    def revoke(self):
        self.ask("POST", "/tokens/revoke", {})
        self.change(lambda known: replace(known, revoked=True))

    @precondition(lambda self: len(self.keys) <= 10)
    @rule(overlap=st.sampled_from([0, 60, 3600]))
    def rotate(self, overlap):
        self.ask("POST", "/keys/ingrid/rotate", {"overlap": overlap})
        self.keys = [*self.keys[:-1], self.now + overlap, None]

    @rule()
    def reset(self):
        self.ask("POST", "/reset", {})
        self.world += 1
        self.begin()

    @rule(token=tokens)
    def use(self, token):
        got = self.wire.post("/ingrid/v1/delivery/options", {}, bearer=token)

        assert got.reason == self.expected(token)
        assert got.status == (401 if got.reason else 200)

    @invariant()
    def no_bug_was_met(self):
        assert self.emulator.sandbox.failures == []

    def change(self, change):
        self.known = {text: change(known) if known.world == self.world else known for text, known in self.known.items()}

    def expected(self, token):
        """The reason for which this token is refused now, or nothing."""
        known = self.known[token]
        if known.world != self.world:
            return self.of_before(known)
        until = self.keys[known.key]
        if until is not None and self.now >= until:
            return "token.bad_signature"
        if self.now >= known.expires:
            return "token.expired"
        return "token.revoked" if known.revoked else ""

    def of_before(self, known):
        """A token of a world before: a seed draws the same keys again, in the same order, and nothing else is known."""
        until = self.keys[known.key] if known.key < len(self.keys) else 0
        if until is not None and self.now >= until:
            return "token.bad_signature"
        return "token.expired" if self.now >= known.written else "token.unknown"


TestControl = Control.TestCase
TestControl.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),  # to shrink takes minutes, and the steps are told as they are
)
