"""Why a token or an assertion would be taken or refused, and which outcomes a suite has met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.core import engine, jws
from mockserver.core.assertions import unverified_subject
from mockserver.core.calls import Call, Headers
from mockserver.core.reasons import REASONS
from mockserver.schema import unknown_name
from mockserver.web import exchanges
from mockserver.web.admin import schemas
from mockserver.web.admin.desk import Desk, Endpoint, field_problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.operations import Operation
    from mockserver.core.sandbox import Sandbox
    from mockserver.core.vendor import Vendor
    from mockserver.web.admin.desk import Members

Asked = tuple["Vendor", "Operation"]


def explain(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """What every operation that takes such a thing would say of it. Nothing changes."""
    text = fields.get("token") or fields["assertion"]
    asked = _fitting(desk, "token.missing" if "token" in fields else "assertion.missing", fields.get("operation"))
    sandbox = _where(desk, text)
    results = [_result(desk, sandbox, each, fields) for each in _narrowed(sandbox, asked, fields)]
    return {**_decoded(text), "results": results}


def coverage(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Which outcomes this sandbox has met, of all that its vendors have."""
    del fields
    met = desk.sandbox.journal.met
    told = [_covered(operation, met) for vendor in desk.house.vendors for operation in vendor.every_operation]
    count = sum(len(each["met"]) + each["succeeded"] for each in told)
    return {
        "met": count,
        "of": count + sum(len(each["missing"]) + (not each["succeeded"]) for each in told),
        "operations": told,
    }


def _fitting(desk: Desk, reason: str, wanted: str | None) -> list[Asked]:
    found = [
        (vendor, operation)
        for vendor in desk.house.vendors
        for operation in vendor.every_operation
        if reason in operation.refusals
    ]
    if wanted is None:
        return found
    known = [operation.name for _, operation in found]
    if wanted not in known:
        raise field_problem("operation", unknown_name(wanted, known))
    return [each for each in found if each[1].name == wanted]


def _narrowed(sandbox: Sandbox, asked: list[Asked], fields: Mapping[str, Any]) -> list[Asked]:
    """Only the vendor that issued a token, where one did."""
    token = sandbox.tokens.find(fields.get("token", ""))
    return [each for each in asked if token is None or each[0].name == token.vendor or "operation" in fields]


def _where(desk: Desk, text: str) -> Sandbox:
    """The sandbox that a call would land in: the one of the address, else the one that the credential belongs to."""
    if desk.is_addressed:
        return desk.sandbox
    return desk.house.sandboxes.owner((text, *unverified_subject(text)))


def _result(desk: Desk, sandbox: Sandbox, asked: Asked, fields: Mapping[str, Any]) -> Members:
    """What is said below the vendor's name, or else at the root: audiences may name either."""
    vendor, operation = asked
    bases = dict.fromkeys((desk.base_url, desk.url_of(sandbox.name)))
    urls = [f"{base}{prefix}" for base in bases for prefix in (f"/{vendor.name}", "")]
    verdicts = [_verdict(url, sandbox, asked, fields) for url in urls]
    verdict = next((each for each in verdicts if not each.reason), verdicts[0])
    return {
        "operation": operation.name,
        "accepted": not verdict.reason,
        "reason": verdict.reason,
        "meaning": REASONS[verdict.reason].meaning if verdict.reason else "it would be taken",
        "hint": verdict.hint,
        "checks": [desk.house.shown(exchanges.check(each, operation.source)) for each in verdict.checks],
    }


def _verdict(base_url: str, sandbox: Sandbox, asked: Asked, fields: Mapping[str, Any]) -> engine.Verdict:
    vendor, operation = asked
    path = next(iter(operation.paths_for(sandbox.get(vendor.options))), operation.path)
    bearer = [("Authorization", f"Bearer {fields['token']}")] if "token" in fields else []
    call = Call(operation.method, base_url, path, headers=Headers(bearer))
    return engine.rehearse(call, sandbox, engine.Route(vendor, operation), fields)


def _decoded(text: str) -> Members:
    try:
        parsed = jws.parse(text)
        return {"header": dict(parsed.header), "claims": parsed.claims()}
    except jws.MalformedJwsError:
        return {"header": None, "claims": None}


def _covered(operation: Operation, met: set[tuple[str, str]]) -> Members:
    seen = [reason for reason in operation.refusals if (operation.name, reason) in met]
    return {
        "operation": operation.name,
        "succeeded": (operation.name, "") in met,
        "met": seen,
        "missing": [reason for reason in operation.refusals if reason not in seen],
    }


ENDPOINTS = (
    Endpoint(
        "explain",
        "POST",
        "/explain",
        "Why a token or an assertion would be taken or refused",
        explain,
        schemas.ExplainAnswer,
        body=schemas.ExplainRequest,
    ),
    Endpoint("coverage", "GET", "/coverage", "Which outcomes were met", coverage, schemas.CoverageAnswer),
)
