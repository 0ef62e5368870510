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
class Operation:
    """One thing a vendor does, whatever the transport.

    *path* is a template (`/v1/sites/{siteId}/access-tokens`; `{rest*}` at its end takes any number of segments);
    *paths* gives all that are in force, where options move it or it has more than one. *cors* makes it a browser
    endpoint; without, it is server-only, unless its *order* has no guard: a page that browsers open. *caller* finds
    out who calls and refuses strangers. *identifies* gives the names of accounts and keys, and the texts of tokens,
    that a call carries, from the call and its path parameters: it proves nothing, and never refuses. *refusals* is
    every reason it can give. *order* is the order of the engine's steps before *run*. With *body_optional*, a call
    without a body counts as one with an empty object.
    """

    name: str
    summary: str
    method: str
    path: str
    run: Callable[[Case], Answer]
    response: ResponseSchema
    refusals: tuple[str, ...]
    source: str
    bodies: tuple[Body, ...] = ()
    caller: Callable[[Case], object] = no_caller
    identifies: Callable[[Call, Mapping[str, str]], tuple[str, ...]] = no_identifiers
    order: tuple[Step, ...] = USUAL_ORDER
    cors: Cors | None = None
    paths: Callable[[Any], tuple[str, ...]] | None = None
    statuses: tuple[int, ...] = (200,)
    mints: bool = False
    lists_every_field_error: bool = True
    body_optional: bool = False

    def paths_for(self, options: Options) -> tuple[str, ...]:
        """The templates in force."""
        return self.paths(options) if self.paths else (self.path,)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as an example makes it: the path stands below the vendor's base URL."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


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

    The OpenAPI document shows the exchange; the conformance suite plays it on the wire.
    """

    operation: str
    reason: str
    ask: Callable[[Stage], Ask]
    title: str = ""


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


def no_stamp(case: Case) -> tuple[tuple[str, str], ...]:
    """For vendors whose answers all carry nothing in common."""
    del case
    return ()


@dataclass(frozen=True, slots=True)
class Vendor:
    """A system we stand in for.

    *refuse* is its one table of refusals, *errors* the schemas of their bodies by media type. *stamp* gives the
    headers that all its answers carry. *records* is the schema of its part of a scenario, which loads into what its
    operations find in the sandbox. *environment* names what an integrator configures, *greeting* a first call to
    paste; *hosts* are its real host names, or patterns that fit them from their beginning. *field_reasons* turns a
    field error (`"scopes.unknown"`) into a reason other than `request.invalid`. *secrets* are the header fields and
    body members that the journal must not show whole. *fresh* adds accounts of a sandbox's own to records. *tokens*
    plays the hand-off for a token of each kind. *keyrings* are the names of the rings it signs with, and how their
    keys are drawn. *authorization* is what it lends to the token services. *wrong_method* is the reason where a path
    is known and its method is not. *content_type* is that of its successful answers. *server_headers* are the header
    fields that carry a long-lived secret: a browser
    must not send them anywhere, not even to its own endpoints. *token_shapes* are those of opaque tokens, which the
    journal must not show whole wherever they stand. *veiled* hides what is secret in a call's JSON only because
    something else in it says so. *addressed* gives the names of accounts that an address alone
    carries, and *locate* refuses a call for its address, before its path and method count. *known_as* is the name of
    the account behind something that a call carries, where that is a secret itself: empty where nobody's. Where
    *preflights* is off, a preflight to a server-only endpoint is a wrong method, as the vendor has it. Where it
    *insists_on_tls*, its real clients speak nothing else, and are told an HTTPS address if there is one.
    """

    name: str
    title: str
    summary: str
    operations: tuple[Operation, ...]
    refuse: Callable[[Refusal, Case], Reply]
    errors: Mapping[str, ResponseSchema] = field(default_factory=dict)
    options: type[Options] = Options
    records: RecordsSchema | None = None
    stamp: Callable[[Case], tuple[tuple[str, str], ...]] = no_stamp
    environment: Callable[[Sandbox, str], Mapping[str, str]] = lambda _sandbox, _url: {}
    greeting: Callable[[Sandbox, str], str] = lambda _sandbox, _url: ""
    examples: Callable[[], tuple[Example, ...]] = tuple
    fresh: Callable[[Any, FreshKeys], Fresh] | None = None
    tokens: Mapping[str, Callable[[Stage], str]] = field(default_factory=dict)
    keyrings: Mapping[str, Draw] = field(default_factory=dict)
    authorization: Authorization | None = None
    wrong_method: str = "method.not_allowed"
    content_type: str = "application/json"
    server_headers: frozenset[str] = frozenset()
    hosts: tuple[str | re.Pattern[str], ...] = ()
    addressed: Callable[[Call], tuple[str, ...]] = no_names
    locate: Callable[[Case], None] = anywhere
    known_as: Callable[[Case, str], str] = as_it_is
    preflights: bool = True
    field_reasons: Mapping[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    token_shapes: tuple[re.Pattern[str], ...] = ()
    veiled: Callable[[Any], Any] = as_told
    insists_on_tls: bool = False


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
