"""An operation: one thing a vendor does, whatever the transport. What it takes, what it answers, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockserver.core.calls import Call
    from mockserver.core.case import Case
    from mockserver.core.options import Options
    from mockserver.core.origins import Cors
    from mockserver.core.refusals import FieldError


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
