"""A vendor: a system we stand in for. Its name, its operations, and its way of saying no, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, Protocol

from mockserver.core.options import Options

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping

    from mockserver.core.calls import Call, Reply
    from mockserver.core.case import Case
    from mockserver.core.entropy import Entropy
    from mockserver.core.keyring import Draw
    from mockserver.core.origins import Cors
    from mockserver.core.refusals import FieldError, Refusal
    from mockserver.core.sandbox import Sandbox
    from mockserver.core.tokens import Token


class RequestSchema(Protocol):
    """What a body must be."""

    def read(self, payload: Any, case: Case) -> Mapping[str, Any]:
        """The fields of *payload*; raises `InvalidFieldsError` with everything that is wrong with it."""
        ...


class ResponseSchema(Protocol):
    """What a successful answer looks like."""

    def write(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """The members of the answer's body, in order, ready for JSON."""
        ...


class InvalidFieldsError(ValueError):
    """A body breaks its schema; *errors* holds every field error, in the schema's order."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__(f"{len(errors)} field errors")
        self.errors = errors


class NothingToHandOutError(LookupError):
    """A sandbox has no account whose secret could be given to an integrator."""


@dataclass(frozen=True, slots=True)
class Body:
    """A form in which an operation takes its body. *option* names the switch that turns it off.

    With *unless*, it is read in this form whatever type it is said to have, unless that is one of these.
    """

    media_type: str
    schema: RequestSchema
    option: str = ""
    unless: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers: fields for its response schema, or *verbatim* text.

    That is JSON, unless *headers* name another Content-Type; an empty one has none.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    verbatim: bytes | None = None


Step = Literal["guard", "rules", "caller", "body"]

USUAL_ORDER: tuple[Step, ...] = ("guard", "rules", "caller", "body")
BODY_BEFORE_CALLER: tuple[Step, ...] = ("guard", "rules", "body", "caller")


def no_identifiers(call: Call, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """For operations whose calls carry no credential or token."""
    del call, parameters
    return ()


def no_caller(case: Case) -> None:
    """For operations that anyone may call."""
    del case


@dataclass(frozen=True, slots=True)
class Method:
    """A gRPC method: its path `/package.Service/Name`, and the full names of the messages it takes and answers."""

    path: str
    request: str
    response: str

    @property
    def service(self) -> str:
        """The full name of its service."""
        return self.path[1:].partition("/")[0]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a vendor does, whatever the transport."""

    name: str
    summary: str
    method: str
    path: str
    """A template (`/v1/sites/{siteId}/access-tokens`); `{rest*}` at its end takes any number of segments."""
    run: Callable[[Case], Answer]
    response: ResponseSchema
    refusals: tuple[str, ...]
    """Every reason that it can give."""
    source: str
    """The vendor's page behind it."""
    bodies: tuple[Body, ...] = ()
    caller: Callable[[Case], object] = no_caller
    """Finds out who calls, and refuses strangers."""
    identifies: Callable[[Call, Mapping[str, str]], tuple[str, ...]] = no_identifiers
    """The names of accounts and keys, and the texts of tokens, that a call carries, from the call and its path
    parameters. It proves nothing, and never refuses."""
    order: tuple[Step, ...] = USUAL_ORDER
    """The engine's steps before *run*. Without a guard among them it is a page that browsers open."""
    cors: Cors | None = None
    """Makes it a browser endpoint; without, it is server-only."""
    paths: Callable[[Any], tuple[str, ...]] | None = None
    """All templates that are in force, where options move them or it has more than one."""
    statuses: tuple[int, ...] = (200,)
    mints: bool = False
    lists_every_field_error: bool = True
    body_optional: bool = False
    """Whether a call without a body counts as one with an empty object."""
    methods: Callable[[Any], tuple[Method, ...]] = lambda _options: ()
    """The gRPC methods that lead here, as options have them."""

    def paths_for(self, options: Options) -> tuple[str, ...]:
        """The templates in force."""
        return self.paths(options) if self.paths else (self.path,)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as an example makes it: the path stands below the vendor's base URL.

    Over gRPC the path is the method's, header fields are metadata, and the body is the message in JSON.
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    transport: str = "http"


class Stage(Protocol):
    """Where an example plays: a sandbox of its own, frozen and seeded."""

    sandbox: Sandbox
    base_url: str

    def play(self, ask: Ask) -> Reply:
        """Make a call that the example needs beforehand."""
        ...


@dataclass(frozen=True, slots=True)
class Example:
    """How to get one outcome of one operation: a reason, or nothing for success.

    *in_band* means that the answer looks like a success, and tells of the refusal inside. The OpenAPI document shows
    the exchange; the conformance suite plays it on the wire.
    """

    operation: str
    reason: str
    ask: Callable[[Stage], Ask]
    title: str = ""
    in_band: bool = False
    transport: str = "http"


def examples_in(module: str) -> Callable[[], tuple[Example, ...]]:
    """The examples that *module* gives by its `examples()`, loaded when they are asked for: a server never does."""

    def examples() -> tuple[Example, ...]:
        found: tuple[Example, ...] = import_module(module).examples()
        return found

    return examples


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
