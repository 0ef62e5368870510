"""A vendor: a system we stand in for. Its name, its operations, and its way of saying no, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from mockserver.core.options import Options

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping

    from mockserver.core.calls import Call, Reply
    from mockserver.core.case import Case
    from mockserver.core.entropy import Entropy
    from mockserver.core.examples import Example, Stage
    from mockserver.core.keyring import Draw
    from mockserver.core.operations import Operation, ResponseSchema
    from mockserver.core.refusals import Refusal
    from mockserver.core.sandbox import Sandbox
    from mockserver.core.tokens import Token


class NothingToHandOutError(LookupError):
    """A sandbox has no account whose secret could be given to an integrator."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A world's records with new accounts in them, the first to be handed out; and the names that tell them."""

    records: object
    credentials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a vendor lends to the token services beside it: revocation, introspection, metadata (RFC 7009, 7662, 8414).

    *client* finds out which client calls, and refuses strangers. *token_path* is where it trades *grants* for tokens,
    *auth_methods* how clients tell who they are there, *signing_algorithms* how they sign if they do. *scopes* are
    those of a token.
    """

    client: Callable[[Case], str]
    token_path: Callable[[Any], str]
    grants: tuple[str, ...]
    auth_methods: tuple[str, ...]
    signing_algorithms: tuple[str, ...] = ()
    scopes: Callable[[Token], tuple[str, ...]] = lambda _token: ()


def no_names(call: Call) -> tuple[str, ...]:
    """For vendors whose addresses are the same for everybody."""
    del call
    return ()


def anywhere(case: Case) -> None:
    """For vendors whose addresses all lead somewhere."""
    del case


def as_it_is(case: Case, name: str) -> str:
    """For vendors whose callers send the names of accounts, and secrets beside them."""
    del case
    return name


def as_told(body: Any) -> Any:
    """For vendors whose secrets are told by their own names."""
    return body


@dataclass(frozen=True, slots=True)
class Rpc:
    """What a vendor does over gRPC.

    *operations* are those with methods; some are HTTP operations as well. *files* gives the names of the proto files
    that hold the messages in force, *descriptors* the set in which they are compiled, as protoc writes it.
    *environment* names what an integrator configures, *greeting* a first call to paste: both are given `host:port`.
    """

    operations: tuple[Operation, ...]
    files: Callable[[Any], tuple[str, ...]]
    descriptors: Callable[[], bytes]
    environment: Callable[[Sandbox, str], Mapping[str, str]] = lambda _sandbox, _address: {}
    greeting: Callable[[Sandbox, str], str] = lambda _sandbox, _address: ""


def no_stamp(case: Case) -> tuple[tuple[str, str], ...]:
    """For vendors whose answers all carry nothing in common."""
    del case
    return ()


@dataclass(frozen=True, slots=True)
class Vendor:
    """A system we stand in for."""

    name: str
    title: str
    summary: str
    operations: tuple[Operation, ...]
    """Those with HTTP paths."""
    refuse: Callable[[Refusal, Case], Reply]
    """Its one table of refusals."""
    errors: Mapping[str, ResponseSchema] = field(default_factory=dict)
    """The schemas of refusals' bodies, by media type."""
    options: type[Options] = Options
    records: RecordsSchema | None = None
    """The schema of its part of a scenario, which loads into what its operations find in the sandbox."""
    stamp: Callable[[Case], tuple[tuple[str, str], ...]] = no_stamp
    """The header fields that all its answers carry."""
    environment: Callable[[Sandbox, str], Mapping[str, str]] = lambda _sandbox, _url: {}
    """The variables that an integrator configures, for an emulator at this URL."""
    greeting: Callable[[Sandbox, str], str] = lambda _sandbox, _url: ""
    """A first call to paste."""
    examples: Callable[[], tuple[Example, ...]] = tuple
    fresh: Callable[[Any, FreshKeys], Fresh] | None = None
    """Adds accounts of a sandbox's own to its records."""
    tokens: Mapping[str, Callable[[Stage], str]] = field(default_factory=dict)
    """Plays the hand-off for a token of each kind."""
    keyrings: Mapping[str, Draw] = field(default_factory=dict)
    """The rings it signs with, by name, and how their keys are drawn."""
    authorization: Authorization | None = None
    """What it lends to the token services."""
    rpc: Rpc | None = None
    """What it does over gRPC."""
    hosts: tuple[str | re.Pattern[str], ...] = ()
    """Its real host names, or patterns that fit them from their beginning."""
    territory: tuple[str, ...] = ()
    """Path prefixes below which everything is this vendor's, misses too, whatever the host."""
    addressed: Callable[[Call], tuple[str, ...]] = no_names
    """The names of accounts that an address alone carries."""
    locate: Callable[[Case], None] = anywhere
    """Refuses a call for its address, before its path and method count."""
    known_as: Callable[[Case, str], str] = as_it_is
    """The name of the account behind something that a call carries, where that is a secret; empty where nobody's."""
    wrong_method: str = "method.not_allowed"
    """The reason where a path is known and its method is not."""
    preflights: bool = True
    """Off, a preflight to a server-only endpoint is a wrong method."""
    insists_on_tls: bool = False
    """Whether its real clients speak nothing else: they are told an HTTPS address if there is one."""
    content_type: str = "application/json"
    """The media type of successful answers that say no other."""
    field_reasons: Mapping[str, str] = field(default_factory=dict)
    """The reasons of field errors (`"scopes.unknown"`) that are no `request.invalid`."""
    server_headers: frozenset[str] = frozenset()
    """Header fields with a long-lived secret: a browser must not send them anywhere, not even to its own endpoints."""
    secrets: frozenset[str] = frozenset()
    """Header fields and body members that the journal must not show whole."""
    token_shapes: tuple[re.Pattern[str], ...] = ()
    """Opaque tokens, which the journal must not show whole wherever they stand."""
    veiled: Callable[[Any], Any] = as_told
    """Hides what is secret in a call's JSON only because something else in it says so."""

    @property
    def every_operation(self) -> tuple[Operation, ...]:
        """Its operations, whatever the transport."""
        over_rpc = self.rpc.operations if self.rpc else ()
        return tuple({each.name: each for each in (*over_rpc, *self.operations)}.values())


class FreshKeys(Protocol):
    """Where new accounts get their ids, secrets and key pairs from."""

    @property
    def entropy(self) -> Entropy:
        """Where ids and secrets are drawn."""
        ...

    def rsa(self) -> tuple[str, str]:
        """A key pair in PEM: private, public."""
        ...


class RecordsSchema(Protocol):
    """The schema of a vendor's part of a scenario; *kind* is what it loads into."""

    kind: type[Any]

    def load(self, data: Mapping[str, Any]) -> Any:
        """The vendor's records; raises on anything unknown or unfit."""
        ...
