"""What an admin call works with: the sandbox it is about, and the house around it; and how it says no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Protocol

from mockserver.core import redaction
from mockserver.core.calls import Headers
from mockserver.schema import unknown_name
from mockserver.web.admin.hearts import Hearts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response
    from marshmallow import Schema

    from mockserver.core.sandbox import Sandbox, Sandboxes, Scenario
    from mockserver.core.vendor import Vendor

Members = dict[str, Any]

STREAMS = 32
"""So many readers follow journals at a time, of all sandboxes together."""


class AdminProblem(Exception):  # noqa: N818  (it is the caller's error)
    """No: an HTTP status, a sentence, and what is wrong with which field (RFC 9457)."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.headers = headers or {}
        self.status = status
        self.detail = detail
        self.members = members


def field_problem(name: str, detail: str) -> AdminProblem:
    """No, because of one field: `seconds`, `expectations.1.vendor`."""
    pointer = "/" + name.replace(".", "/")
    return AdminProblem(422, f"{name}: {detail}", errors=[{"pointer": pointer, "field": name, "detail": detail}])


class Worlds(Protocol):
    """Prepares the scenarios of new sandboxes."""

    def __call__(
        self,
        name: str,
        data: Mapping[str, Any] | None = None,
        *,
        seed: str | None = None,
        options: Mapping[str, Any] | None = None,
        fresh_keys: bool = False,
    ) -> Scenario:
        """The scenario of a sandbox of this name, with credentials of its own in it.

        Raises `marshmallow.ValidationError`.
        """
        ...


class Doors(Protocol):
    """Where the server is reached."""

    @property
    def listens(self) -> Mapping[str, str]:
        """Where it listens, by protocol."""
        ...

    @property
    def ca_pem(self) -> bytes | None:
        """Whom to trust over TLS, in PEM, if that is a throw-away authority."""
        ...

    @property
    def rpc_is_ready(self) -> bool:
        """Whether gRPC callers are accepted, or none will ever be."""
        ...

    def rpc_address(self, url: str | None = None) -> str:
        """Host and port of gRPC for those who reach this server at *url*; empty where it is off."""
        ...

    def over_tls(self, url: str) -> str:
        """The HTTPS address of a URL, if it has one; else the same."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """What all admin calls share.

    *describe* gives the OpenAPI document for a server at a URL. *seats* are the places of those who follow journals,
    *hearts* what tells them that all is well.
    """

    vendors: Sequence[Vendor]
    sandboxes: Sandboxes
    version: str
    describe: Callable[[str], Mapping[str, Any]]
    worlds: Worlds
    doors: Doors
    seats: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(STREAMS))
    hearts: Hearts = field(default_factory=Hearts)

    @property
    def secrets(self) -> frozenset[str]:
        """The names of what no vendor's caller would like to see whole."""
        return frozenset(name for vendor in self.vendors for name in vendor.secrets)

    @property
    def sources(self) -> dict[str, str]:
        """What stands behind each operation."""
        return {each.name: each.source for vendor in self.vendors for each in vendor.every_operation}

    def shown(self, told: Any) -> Any:
        """The same without any vendor's opaque tokens."""
        return redaction.without(told, [shape for vendor in self.vendors for shape in vendor.token_shapes])

    @property
    def vendor_names(self) -> list[str]:
        """Those that are loaded."""
        return [vendor.name for vendor in self.vendors]

    def vendor(self, name: str) -> Vendor:
        """The vendor of this name, or a 404 that says which is near."""
        known = {vendor.name: vendor for vendor in self.vendors}
        if name not in known:
            raise AdminProblem(404, f"'{name}': {unknown_name(name, list(known))}")
        return known[name]


@dataclass(frozen=True, slots=True)
class Desk:
    """One admin call: where it stands, and what its URL says.

    *root_url* is the server, *base_url* as called. It *is_addressed* if the URL says which sandbox.
    """

    house: House
    sandbox_name: str
    root_url: str
    base_url: str
    is_addressed: bool = True
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Headers = field(default_factory=Headers)
    environ: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox, for those who only look; raises `UnknownSandboxError` where it was not made yet."""
        return self.house.sandboxes.existing(self.sandbox_name)

    @property
    def own_sandbox(self) -> Sandbox:
        """The sandbox, for those who change something: made now, where its address may make it."""
        return self.house.sandboxes.find(self.sandbox_name)

    def url_of(self, name: str) -> str:
        """Where a sandbox is called."""
        if name == self.sandbox_name and self.base_url != self.root_url:
            return self.base_url
        return self.root_url if name == "default" else f"{self.root_url}/~{name}"


Run = Callable[[Desk, Mapping[str, Any]], "Members | Response"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One thing the admin API does.

    *body* or *query* is read strictly, unless *run* reads the body itself (*reads_raw*): what may stand in it depends
    on the vendors. *answer* is what its success looks like. Where it *takes_a_seat*, there are so many and no more.
    """

    name: str
    method: str
    path: str
    summary: str
    run: Run
    answer: type[Schema] | None = None
    body: type[Schema] | None = None
    query: type[Schema] | None = None
    status: int = 200
    problems: tuple[int, ...] = ()
    media_types: tuple[str, ...] = ("application/json",)
    public: bool = False
    reads_raw: bool = False
    takes_a_seat: bool = False

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET"
