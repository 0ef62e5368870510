"""Sandboxes, and what an integrator configures to use them."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

from flask import Response

from mockserver.core.entropy import Entropy
from mockserver.core.sandbox import DEFAULT, NAME
from mockserver.core.vendor import NothingToHandOutError
from mockserver.web.admin import schemas
from mockserver.web.admin.desk import AdminProblem, Desk, Endpoint, field_problem
from mockserver.web.admin.pages import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.sandbox import Sandbox
    from mockserver.web.admin.desk import Members

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_CHANCE = Entropy()
_SPECIAL, _ESCAPED = re.compile(r'([\\"$`])'), r"\\\1"


def create(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Make a sandbox with credentials of its own, in place of any that had its name."""
    name = fields.get("name", f"sandbox-{_CHANCE.letters(_LETTERS, 10)}")
    if not NAME.fullmatch(name):
        raise field_problem("name", "1 to 63 lower-case letters, digits, - and _")
    if name == DEFAULT:
        raise field_problem("name", f"'{DEFAULT}' is always there; POST /_mock/reset starts it anew")
    scenario = desk.house.worlds(
        name,
        fields.get("scenario"),
        seed=fields.get("seed"),
        options=fields.get("options", {}),
        fresh_keys=fields.get("keys") == "fresh",
    )
    sandbox = desk.house.sandboxes.create(name, scenario)
    return _described(desk, sandbox)


def find(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Tell of one sandbox."""
    del fields
    return _described(desk, desk.house.sandboxes.existing(desk.parameters["name"]))


def every(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """List the sandboxes."""
    del fields
    names = [sandbox.name for sandbox in desk.house.sandboxes]
    return page(names, len(names), str, lambda name: {"name": name, "url": desk.url_of(name)})


def delete(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Forget a sandbox."""
    del fields
    name = desk.parameters["name"]
    if name == DEFAULT:
        raise AdminProblem(409, f"'{DEFAULT}' is always there; POST /_mock/reset starts it anew.")
    if not desk.house.sandboxes.drop(name):
        raise AdminProblem(404, f"No sandbox is called '{name}'.")
    return {"name": name, "url": desk.url_of(name)}


def reset(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Start this sandbox anew: as it was before its first call."""
    del fields
    sandbox = desk.own_sandbox
    desk.house.sandboxes.reset(sandbox.name)
    return {"name": sandbox.name, "url": desk.url_of(sandbox.name)}


def credentials(desk: Desk, fields: Mapping[str, Any]) -> Members | Response:
    """What an integrator configures to use this sandbox."""
    found = handed_out(desk, desk.sandbox)
    form = fields.get("format", "json")
    if form == "json":
        return found
    lines = [_LINES[form](name, value) for variables in found.values() for name, value in variables.items()]
    return Response("".join(f"{line}\n" for line in lines), mimetype="text/plain")


def handed_out(desk: Desk, sandbox: Sandbox) -> dict[str, Members]:
    """Environment variables by vendor, for all that have somebody to hand out."""
    found = {}
    for vendor in desk.house.vendors:
        url, address = desk.url_of(sandbox.name), ""
        try:
            base = desk.house.doors.over_tls(url) if vendor.insists_on_tls else url
            found[vendor.name] = dict(vendor.environment(sandbox, f"{base}/{vendor.name}"))
            if vendor.rpc:
                address = desk.house.doors.rpc_address(desk.root_url)
            if vendor.rpc and address:
                found[vendor.name] |= vendor.rpc.environment(sandbox, address)
        except NothingToHandOutError:
            continue
    return found


def _described(desk: Desk, sandbox: Sandbox) -> Members:
    return {
        "name": sandbox.name,
        "url": desk.url_of(sandbox.name),
        "credentials": handed_out(desk, sandbox),
        "failures": len(sandbox.failures),
    }


def _dotenv(name: str, value: str) -> str:
    """A line (or more) that dotenv files and shells read alike: nothing within single quotes means anything."""
    if "'" not in value:
        return f"{name}='{value}'"
    return f'{name}="{_SPECIAL.sub(_ESCAPED, value)}"'


def _shell(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"


_LINES = {"dotenv": _dotenv, "shell": _shell}

ENDPOINTS = (
    Endpoint("list_sandboxes", "GET", "/sandboxes", "List the sandboxes", every, schemas.SandboxList),
    Endpoint(
        "create_sandbox",
        "POST",
        "/sandboxes",
        "Make a sandbox with credentials of its own",
        create,
        schemas.SandboxAnswer,
        body=schemas.SandboxRequest,
        status=201,
    ),
    Endpoint("get_sandbox", "GET", "/sandboxes/<name>", "Tell of a sandbox", find, schemas.SandboxAnswer),
    Endpoint(
        "delete_sandbox",
        "DELETE",
        "/sandboxes/<name>",
        "Forget a sandbox and all it holds",
        delete,
        schemas.SandboxAnswer,
        problems=(409,),
    ),
    Endpoint("reset", "POST", "/reset", "Start this sandbox anew", reset, schemas.SandboxAnswer, body=schemas.Nothing),
    Endpoint(
        "get_credentials",
        "GET",
        "/credentials",
        "What an integrator configures to use this sandbox",
        credentials,
        schemas.CredentialsAnswer,
        query=schemas.CredentialsQuery,
        media_types=("application/json", "text/plain"),
    ),
)
