"""The sandbox's clock, and the ages of its tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mockserver.core.calls import PLAYED
from mockserver.core.tokens import TokenFilter
from mockserver.core.vendor import NothingToHandOutError
from mockserver.schema import EARLIEST, LATEST, unknown_name
from mockserver.web.admin import schemas
from mockserver.web.admin.desk import AdminProblem, Desk, Endpoint, field_problem
from mockserver.web.admin.pages import USUAL, after, page
from mockserver.web.stage import EngineStage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.clock import Clock
    from mockserver.core.tokens import Token
    from mockserver.web.admin.desk import Members, Run


def get_clock(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """What time it is here."""
    del fields
    return _time(desk.sandbox.clock)


def set_clock(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Set it, freeze it, or let it go on."""
    clock = desk.own_sandbox.clock
    now = fields.get("now") or clock.now()
    clock.set(now, frozen=fields.get("frozen", clock.frozen and "now" not in fields))
    return _time(clock)


def advance_clock(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Move it, backwards if negative."""
    clock = desk.own_sandbox.clock
    try:
        then = clock.now() + fields["seconds"]
    except OverflowError:
        then = datetime.max.replace(tzinfo=UTC)
    if not EARLIEST <= then <= LATEST:
        raise field_problem("seconds", f"leads out of the years {EARLIEST.year} to {LATEST.year}")
    clock.advance(fields["seconds"])
    return _time(clock)


def reset_clock(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Follow the machine's time again."""
    del fields
    clock = desk.own_sandbox.clock
    clock.reset()
    return _time(clock)


def list_tokens(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """The tokens that are remembered."""
    sandbox = desk.sandbox
    now, state = sandbox.clock.now(), fields.get("state")
    behind = after(sandbox.tokens, fields.get("after"), _id)
    _check_names(desk, fields["which"])
    meant = (token for token in behind if fields["which"].matches(token) and state in (None, token.state(now)))
    return page(meant, fields.get("limit", USUAL), _id, lambda token: _token(token, now))


def get_token(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """One token."""
    del fields
    return _token(_found(desk), desk.sandbox.clock.now())


def issue_token(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Play the hand-off, and give the token that comes of it."""
    if fields["vendor"] not in desk.house.vendor_names:
        raise field_problem("vendor", unknown_name(fields["vendor"], desk.house.vendor_names))
    vendor = desk.house.vendor(fields["vendor"])
    kinds = vendor.tokens
    kind = fields.get("kind") or next(reversed(tuple(kinds)), "")
    if kind not in kinds:
        raise field_problem("kind", unknown_name(kind, list(kinds)))
    sandbox = desk.own_sandbox
    stage = EngineStage(vendor, sandbox, f"{desk.url_of(sandbox.name)}/{vendor.name}", PLAYED)
    try:
        return {"vendor": vendor.name, "kind": kind, "token": kinds[kind](stage)}
    except NothingToHandOutError as error:
        raise AdminProblem(409, str(error)) from None


def expire_tokens(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Let tokens have expired."""
    _check_names(desk, fields["which"])
    sandbox = desk.own_sandbox
    return {"changed": sandbox.tokens.expire(sandbox.clock.now(), fields["which"])}


def revoke_tokens(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Revoke tokens."""
    _check_names(desk, fields["which"])
    sandbox = desk.own_sandbox
    return {"changed": sandbox.tokens.revoke(sandbox.clock.now(), fields["which"])}


def age_tokens(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Make tokens older."""
    _check_names(desk, fields["which"])
    try:
        return {"changed": desk.own_sandbox.tokens.age(fields["seconds"], fields["which"])}
    except OverflowError:
        raise field_problem("seconds", "leads off the calendar") from None


def expire_token(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Let one token have expired."""
    return _changed(desk, expire_tokens, fields)


def revoke_token(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Revoke one token."""
    return _changed(desk, revoke_tokens, fields)


def _changed(desk: Desk, change: Run, fields: Mapping[str, Any]) -> Members:
    token = _found(desk)
    change(desk, {**fields, "which": TokenFilter(id=token.id)})
    return _token(_found(desk), desk.sandbox.clock.now())


def _check_names(desk: Desk, which: TokenFilter) -> None:
    """A filter that no token can ever meet is a slip of the pen."""
    vendors = [vendor for vendor in desk.house.vendors if which.vendor in (None, vendor.name)]
    if not vendors:
        raise field_problem("vendor", unknown_name(str(which.vendor), desk.house.vendor_names))
    kinds = [kind for vendor in vendors for kind in vendor.tokens]
    if which.kind is not None and which.kind not in kinds:
        raise field_problem("kind", unknown_name(which.kind, kinds))


def _found(desk: Desk) -> Token:
    name = desk.parameters["token_id"]
    token = desk.sandbox.tokens.by_id(name)
    if token is None:
        raise AdminProblem(404, f"No token '{name}' is remembered in sandbox '{desk.sandbox_name}'.")
    return token


def _id(token: Token) -> str:
    return token.id


def _token(token: Token, now: datetime) -> Members:
    return {
        "id": token.id,
        "vendor": token.vendor,
        "kind": token.kind,
        "subject": token.subject,
        "state": token.state(now),
        "issued_at": stamp(token.issued_at),
        "expires_at": stamp(token.expires_at),
        "revoked_at": stamp(token.revoked_at) if token.revoked_at else None,
    }


def _time(clock: Clock) -> Members:
    return {"now": stamp(clock.now()), "frozen": clock.frozen, "ahead_seconds": clock.ahead.total_seconds()}


def stamp(moment: datetime) -> str:
    """An instant as the admin API writes it: RFC 3339, in UTC, to the microsecond where it has any."""
    return moment.replace(tzinfo=None).isoformat() + "Z"


ENDPOINTS = (
    Endpoint("get_clock", "GET", "/clock", "What time it is here", get_clock, schemas.ClockAnswer),
    Endpoint(
        "set_clock",
        "PUT",
        "/clock",
        "Set, freeze or unfreeze the clock",
        set_clock,
        schemas.ClockAnswer,
        body=schemas.ClockRequest,
    ),
    Endpoint("reset_clock", "DELETE", "/clock", "Follow the machine's time again", reset_clock, schemas.ClockAnswer),
    Endpoint(
        "advance_clock",
        "POST",
        "/clock/advance",
        "Move the clock",
        advance_clock,
        schemas.ClockAnswer,
        body=schemas.AdvanceRequest,
    ),
    Endpoint("list_tokens", "GET", "/tokens", "List tokens", list_tokens, schemas.TokenList, query=schemas.TokenQuery),
    Endpoint(
        "issue_token",
        "POST",
        "/tokens",
        "Play a vendor's hand-off for a token",
        issue_token,
        schemas.IssuedAnswer,
        body=schemas.IssueRequest,
        status=201,
        problems=(409,),
    ),
    Endpoint(
        "expire_tokens",
        "POST",
        "/tokens/expire",
        "Let tokens have expired: all of them, or those meant",
        expire_tokens,
        schemas.ChangedAnswer,
        body=schemas.TokenFilterSchema,
    ),
    Endpoint(
        "revoke_tokens",
        "POST",
        "/tokens/revoke",
        "Revoke tokens: all of them, or those meant",
        revoke_tokens,
        schemas.ChangedAnswer,
        body=schemas.TokenFilterSchema,
    ),
    Endpoint(
        "age_tokens",
        "POST",
        "/tokens/age",
        "Make tokens older: all of them, or those meant",
        age_tokens,
        schemas.ChangedAnswer,
        body=schemas.AgeRequest,
    ),
    Endpoint("get_token", "GET", "/tokens/<uuid:token_id>", "Tell of a token", get_token, schemas.TokenAnswer),
    Endpoint(
        "expire_token",
        "POST",
        "/tokens/<uuid:token_id>/expire",
        "Let a token have expired",
        expire_token,
        schemas.TokenAnswer,
        body=schemas.Nothing,
    ),
    Endpoint(
        "revoke_token",
        "POST",
        "/tokens/<uuid:token_id>/revoke",
        "Revoke a token",
        revoke_token,
        schemas.TokenAnswer,
        body=schemas.Nothing,
    ),
)
