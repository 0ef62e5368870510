"""API clients: told by Basic authentication, and counted against their rate."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from mockserver.core import bodies
from mockserver.core.calls import PLAYED
from mockserver.core.credentials import same
from mockserver.vendors.alternative.options import AlternativeOptions
from mockserver.vendors.alternative.records import AlternativeRecords, ApiClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.calls import Call
    from mockserver.core.case import Case

SECOND = timedelta(seconds=1)
BASIC = re.compile(r"basic(?:[ \t]+(.*))?", re.IGNORECASE)
Halves = tuple[str, str]


def client_by_basic(case: Case) -> ApiClient:
    """The enabled client whose id and secret this call carries (RFC 6749 section 2.3.1)."""
    fields = case.call.headers.all("Authorization")
    body = bodies.peek(case.call)
    credential = _basic(fields)
    credential = case.found(credential, "credential.missing", wanted="Basic", hint=_how_to_send(fields, body))
    halves = _halves(credential)
    halves = case.found(halves, "credential.malformed", wanted="base64 of id, colon and secret")
    sent = len(fields) + bool(body.get("client_secret"))
    case.require(sent == 1, "credential.multiple", seen=sent, wanted="one client authentication method")
    client = _client(case, halves)
    case.require(client.enabled, "credential.disabled", seen=client.id, wanted="an enabled client")
    return client


def counted_client(case: Case) -> ApiClient:
    """The same, as long as it does not call too often."""
    client = client_by_basic(case)
    count_call(case, client.id)
    return client


def count_call(case: Case, client_id: str) -> None:
    """Refuse what is over the rate of this client; token calls, mints and its pages' calls count together.

    What the emulator plays itself, to hand a token out, is nobody's call and does not count.
    """
    limit = case.sandbox.get(AlternativeOptions).rate_limit
    if not limit or case.rehearsal or case.call.transport == PLAYED:
        return
    accepted = case.sandbox.rates.accept(f"{case.vendor.name}/{client_id}", limit=limit, per=SECOND, now=case.now)
    case.require(accepted, "rate.limited", seen=client_id, wanted=f"{limit} calls a second at most")


def client_ids(call: Call, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """The id that a Basic field names, as sent and as a form would spell it. Proves nothing."""
    del parameters
    credential = _basic(call.headers.all("Authorization"))
    halves = _halves(credential) if credential is not None else None
    return tuple(dict.fromkeys(name for name, _ in _readings(halves))) if halves else ()


def _client(case: Case, halves: Halves) -> ApiClient:
    clients = case.sandbox.get(AlternativeRecords).clients
    named = [(clients[name], secret) for name, secret in _readings(halves) if name in clients]
    # What was sent is not noted: some mistake the secret for the id.
    case.require(bool(named), "credential.unknown", wanted=list(clients))
    proven = [client for client, secret in named if same(secret, client.secret)]
    case.require(bool(proven), "credential.wrong_secret", seen=named[0][0].id, wanted="the secret of this client")
    return proven[0]


def _readings(halves: Halves) -> tuple[Halves, Halves]:
    """Id and secret as they stand, and form-decoded: the RFC asks for it, and half of all clients do not."""
    name, secret = halves
    return halves, (unquote_plus(name), unquote_plus(secret))


def _basic(fields: list[str]) -> str | None:
    match = BASIC.fullmatch(fields[0].strip(" \t")) if fields else None
    return (match[1] or "").strip(" \t") if match else None


def _halves(credential: str) -> Halves | None:
    try:
        data = base64.b64decode(credential, validate=True)
    except ValueError:
        return None
    name, colon, secret = _text(data).partition(":")
    return (name, secret) if colon else None


def _text(data: bytes) -> str:
    # RFC 7617 section 2 leaves the encoding open, and some clients still write Latin-1.
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _how_to_send(fields: list[str], body: Mapping[str, Any]) -> str:
    if "client_secret" in body or "client_id" in body:
        return "id and secret in the body do not count; send them with Basic"
    return "" if fields else "no Authorization header"
