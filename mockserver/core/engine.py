"""The path of every call, whatever the vendor and the transport.

Guard, rules, who calls, body, run, shape, journal: nothing answers a call but this, so no vendor can forget a
step. An operation whose documented order differs says so as data.
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.core import bodies, jsontext
from mockserver.core.calls import Carried, Reply
from mockserver.core.case import Case
from mockserver.core.journal import Exchange
from mockserver.core.origins import FORWARDING_HINT, Admission, admit, admit_by_token, browser_signals
from mockserver.core.problems import PROBLEM_JSON, problem
from mockserver.core.refusals import Refusal
from mockserver.core.rules import delivery, garbled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockserver.core.calls import Call
    from mockserver.core.journal import Check
    from mockserver.core.operations import Answer, Operation, Step
    from mockserver.core.sandbox import Sandbox
    from mockserver.core.vendor import Vendor

_LOG = logging.getLogger("mockserver.engine")
LONGEST_NAME = 256

NO_STORE = ("Cache-Control", "no-store")
"""On every answer that carries a token, and on its errors (RFC 6749 section 5.1)."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a call leads: an operation of a vendor, or nowhere.

    *allowed* are the methods that this path does have. *neighbour* is the browser endpoint that lends its
    CORS headers to misses beside it, so that a page can read its 404.
    """

    vendor: Vendor
    operation: Operation | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()
    neighbour: Operation | None = None

    @property
    def browser_endpoint(self) -> Operation | None:
        """The operation whose CORS rules hold here, if any do."""
        operation = self.operation or self.neighbour
        return operation if operation and operation.cors else None

    def is_preflighted_by(self, method: str) -> bool:
        """Whether a call of this method is as good as a preflight, though it asks for nothing."""
        endpoint = self.neighbour if method == "OPTIONS" and self.allowed else None
        return endpoint is not None and endpoint.cors is not None and endpoint.cors.by_token is not None


class _RuledAnswer(Exception):  # noqa: N818  (control flow: a rule has answered in the operation's stead)
    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


def answer(call: Call, sandbox: Sandbox, route: Route) -> Exchange:
    """Judge a call in a sandbox. The exchange is in its journal when this returns, whatever happened."""
    case = _open(call, sandbox, route)
    try:
        case.stamp = route.vendor.stamp(case)
        outcome = _judge(case, route)
    except Exception as error:  # noqa: BLE001  (whatever it is, it is a bug of ours)
        outcome = _own_failure(case, error)
    return _enter(case, route, outcome)


def preflight(call: Call, sandbox: Sandbox, route: Route) -> Exchange:
    """Answer a CORS preflight: before every other check but where it goes, and never with a refusal (WHATWG Fetch).

    A server-only endpoint answers it with no CORS header at all, so the page's call fails there.
    """
    case = _open(call, sandbox, route)
    endpoint = route.operation or route.neighbour
    if endpoint and not endpoint.cors:
        case.find(
            "browser.secret_exposed", f"a page of {call.headers.get('Origin')} is about to call a server-only URL"
        )
    try:
        route.vendor.locate(case)
        status = endpoint.cors.preflight_status if endpoint and endpoint.cors else 204
        outcome = _Outcome(Reply(status, headers=route.vendor.stamp(case)))
    except Refusal as refusal:
        outcome = _Outcome(route.vendor.refuse(refusal, case), refusal.reason, refusal.hint)
    except Exception as error:  # noqa: BLE001  (whatever it is, it is a bug of ours)
        outcome = _own_failure(case, error)
    return _enter(case, route, outcome, preflight=True)


class Verdict(NamedTuple):
    """What would be said of a credential that nobody has sent: the reason to refuse it, or none; and every check."""

    reason: str
    hint: str
    checks: tuple[Check, ...]


def rehearse(call: Call, sandbox: Sandbox, route: Route, fields: Mapping[str, Any]) -> Verdict:
    """Judge who would call, with *fields* for the body. Nothing changes: no journal, no rule, no replay guard."""
    case = replace(_open(call, sandbox, route), rehearsal=True, fields=fields)
    if route.operation is None:
        raise ValueError("a route to nowhere asks for no credential")
    try:
        route.operation.caller(case)
    except Refusal as refusal:
        return Verdict(refusal.reason, refusal.hint, tuple(case.checks))
    return Verdict("", "", tuple(case.checks))


@dataclass(frozen=True, slots=True)
class _Outcome:
    reply: Reply
    reason: str = ""
    hint: str = ""
    failed: bool = False


def _open(call: Call, sandbox: Sandbox, route: Route) -> Case:
    return Case(
        call=call,
        sandbox=sandbox,
        vendor=route.vendor,
        operation=route.operation,
        parameters=route.parameters,
        options=sandbox.get(route.vendor.options),
        now=sandbox.clock.now(),
        media_type=bodies.media_type(call.headers.get("Content-Type")),
    )


def identified(call: Call, route: Route) -> tuple[str, ...]:
    """The accounts and keys, by name, and the tokens, by text, that this call carries. Proves nothing."""
    own = route.operation.identifies(call, route.parameters) if route.operation else ()
    return route.vendor.addressed(call) + own


def _carried(case: Case, route: Route) -> Carried:
    """What the call carries, tokens told by their account and id; the text of the first is kept with it."""
    names: list[str] = []
    for name in identified(case.call, route):
        token = case.sandbox.tokens.find(name)
        if token is None:
            known = route.vendor.known_as(case, name)
            # What is longer is no name of anybody's, and a stranger's text is not worth the memory.
            names += [known] if known and len(known) <= LONGEST_NAME else []
            continue
        names += (token.subject, *token.through, token.id)
        case.known = case.known or (name, token)
    return Carried(tuple(names), case.known[1].kind if case.known else "")


def _judge(case: Case, route: Route) -> _Outcome:
    case.carried = _carried(case, route)
    try:
        reply, reason, hint = _run(case, route), "", ""
    except Refusal as refusal:
        reply, reason, hint = route.vendor.refuse(refusal, case), refusal.reason, refusal.hint
    except _RuledAnswer as ruled:
        reply, reason, hint = ruled.reply, "fault.injected", ""
    return _Outcome(_finish(case, reply), reason, hint)


def _run(case: Case, route: Route) -> Reply:
    route.vendor.locate(case)
    operation = route.operation
    if operation is None:
        raise _miss(case, route)
    for step in operation.order:
        _STEPS[step](case, operation)
    return _shape(case, operation, operation.run(case))


def _miss(case: Case, route: Route) -> Refusal:
    _apply_rules(case)
    reason = case.vendor.wrong_method if route.allowed else "route.not_found"
    case.note(reason, passed=False, seen=f"{case.call.method} {case.call.path}", wanted=list(route.allowed))
    return Refusal(reason, allowed=route.allowed)


def _guard(case: Case, operation: Operation) -> None:
    if case.options.browser_guard == "off" or not _server_only(case, operation):
        return
    signals = browser_signals(case.call.headers)
    if case.options.browser_guard == "refuse":
        case.require(
            not signals,
            "browser.secret_exposed",
            hint=FORWARDING_HINT,
            seen=signals,
            wanted="no browser's headers",
        )
    elif signals:
        case.find("browser.secret_exposed", FORWARDING_HINT)


def _server_only(case: Case, operation: Operation) -> bool:
    """Whether no browser should make this call: because of where it goes, or of the secret that it carries."""
    return operation.cors is None or any(name in case.call.headers for name in case.vendor.server_headers)


def _rules(case: Case, operation: Operation) -> None:
    del operation
    _apply_rules(case)


def _apply_rules(case: Case) -> None:
    case.struck, case.spared = case.sandbox.rules.strike(case)
    for planned in case.struck:
        then = planned.rule.then
        if then.mint:
            case.mint = case.mint.over(then.mint) if case.mint else then.mint
        if then.answer:
            case.note("fault.injected", passed=False, seen=planned.id)
            raise _RuledAnswer(then.answer)
        if then.refuse:
            case.note(then.refuse, passed=False, seen=planned.id)
            raise Refusal(then.refuse, hint=f"asked for by {planned.id}")


def _caller(case: Case, operation: Operation) -> None:
    case.caller = operation.caller(case)


def _body(case: Case, operation: Operation) -> None:
    if operation.bodies:
        case.fields = bodies.read(case, operation)


_STEPS: dict[Step, Callable[[Case, Operation], None]] = {
    "guard": _guard,
    "rules": _rules,
    "caller": _caller,
    "body": _body,
}


def _shape(case: Case, operation: Operation, result: Answer) -> Reply:
    body = result.verbatim
    if body is None:
        body = jsontext.write(operation.response.write(result.fields))
    typed = not body or any(name == "Content-Type" for name, _ in result.headers)
    own = () if typed else (("Content-Type", case.vendor.content_type),)
    return Reply(result.status, (*own, *result.headers), body)


def _finish(case: Case, reply: Reply) -> Reply:
    if any(planned.rule.then.answer for planned in case.struck):
        return replace(reply, delivery=delivery(case.struck))
    travels = delivery(case.struck)
    if case.delay:
        travels = replace(travels, delay=travels.delay + case.delay)
    headers = reply.headers + case.stamp
    if case.operation and case.operation.mints:
        headers += (NO_STORE,)
    body = garbled(reply.body) if any(planned.rule.then.garble for planned in case.struck) else reply.body
    return Reply(reply.status, headers, body, travels, reply.rpc)


def _own_failure(case: Case, error: Exception) -> _Outcome:
    # A bug of ours is not a vendor's answer: it names the emulator, and the test that met it fails.
    case.sandbox.failed(error)
    _LOG.error("%s %s failed\n%s", case.call.method, case.call.path, "".join(traceback.format_exception(error)))
    reply = Reply(500, (("Content-Type", PROBLEM_JSON),), problem(500, "A bug in mockserver."))
    return _Outcome(reply, failed=True)


def _enter(case: Case, route: Route, outcome: _Outcome, *, preflight: bool = False) -> Exchange:
    admission = _admission(case, route, outcome.reply, preflight=preflight)
    exchange = Exchange(
        id=case.sandbox.next_exchange_id(),
        at=case.now,
        sandbox=case.sandbox.name,
        vendor=case.vendor.name,
        operation=case.operation.name if case.operation else "",
        call=case.call,
        reply=outcome.reply,
        reason=outcome.reason,
        hint=outcome.hint,
        checks=tuple(case.checks),
        findings=tuple(case.findings),
        rules=tuple(planned.id for planned in case.struck),
        spared=case.spared,
        carried=case.carried,
        admission=admission,
        preflight=preflight,
        failed=outcome.failed,
        minted=tuple(case.minted),
    )
    case.sandbox.journal.enter(exchange)
    return exchange


def _admission(case: Case, route: Route, reply: Reply, *, preflight: bool) -> Admission | None:
    endpoint = route.browser_endpoint
    if endpoint is None or endpoint.cors is None:
        return None
    origin = case.call.headers.get("Origin")
    if endpoint.cors.by_token:
        admission = admit_by_token(case, endpoint.cors, reply.status, preflight=preflight)
    else:
        admission = admit(origin, case.call.base_url, endpoint.cors, case.options)
    if origin is not None and admission.allow_origin is None and not endpoint.cors.by_token:
        case.find("origin.not_allowed", admission.why)
    if reply.status >= _FIRST_ERROR and not case.options.cors_on_errors:
        return replace(admission, allow_origin=None, why="cors_on_errors is off")
    return admission


_FIRST_ERROR = 400
