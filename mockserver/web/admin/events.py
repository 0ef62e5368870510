"""The journal: list, one, as a stream; and what a test expects of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from mockserver.core import redaction
from mockserver.core.expectations import ExchangeFilter, check
from mockserver.core.reasons import REASONS
from mockserver.core.rules import fits
from mockserver.core.vendor import as_told
from mockserver.oauth import NAME, SERVICE_NAMES
from mockserver.schema import unknown_name
from mockserver.web import exchanges
from mockserver.web.admin import schemas
from mockserver.web.admin.desk import AdminProblem, Desk, Endpoint, field_problem
from mockserver.web.admin.pages import page
from mockserver.web.admin.stream import marker, stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.expectations import Expectation
    from mockserver.core.journal import Exchange, Journal
    from mockserver.web.admin.desk import Members


def every(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """The exchanges that are kept, the oldest first."""
    _check_names(desk, fields["which"])
    meant = (exchange for exchange in desk.sandbox.journal if fields["which"].matches(exchange))
    return page(
        exchanges.later(meant, marker(fields.get("after"))),
        fields.get("limit", schemas.MOST),
        _id,
        lambda each: desk.house.shown(exchanges.summary(each)),
    )


def find(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """One exchange, with every check behind its answer."""
    del fields
    name = desk.parameters["exchange_id"]
    exchange = desk.sandbox.journal.find(name)
    if exchange is None:
        raise AdminProblem(404, f"No exchange '{name}' is kept in sandbox '{desk.sandbox_name}'.")
    house = desk.house
    veiled = next((vendor.veiled for vendor in house.vendors if vendor.name == exchange.vendor), as_told)
    told = exchanges.rendered(exchange, house.secrets, house.sources.get(exchange.operation, ""), veiled)
    return cast("Members", house.shown(told))


def clear(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Forget the exchanges."""
    del fields
    return {"changed": desk.own_sandbox.journal.clear()}


def verify(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Hold expectations against the journal; it changes nothing."""
    for number, expectation in enumerate(fields["expectations"]):
        _check_names(desk, expectation.which, f"expectations.{number}." if fields["listed"] else "")
    results = [desk.house.shown(_verified(each, desk.sandbox.journal)) for each in fields["expectations"]]
    return {"met": all(result["met"] for result in results), "results": results}


def findings(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """What integrators should know about calls that were answered normally."""
    del fields
    found: dict[tuple[str, str], list[str]] = {}
    for exchange in desk.sandbox.journal:
        for finding in exchange.findings:
            found.setdefault((finding.reason, finding.hint), []).append(exchange.id)
    return {"items": [_finding(*key, ids) for key, ids in found.items()], "next": None}


def _check_names(desk: Desk, which: ExchangeFilter, prefix: str = "") -> None:
    """A filter that no exchange can ever meet is a slip of the pen."""
    operations = [operation.name for vendor in desk.house.vendors for operation in vendor.every_operation]
    known = {"vendor": [*desk.house.vendor_names, NAME, "mockserver"], "operation": [*operations, *SERVICE_NAMES]}
    for name, names in known.items():
        wanted = getattr(which, name)
        if wanted and not any(fits(wanted, each) for each in names):
            raise field_problem(prefix + name, unknown_name(wanted, names))


def _id(exchange: Exchange) -> str:
    return exchange.id


def _verified(expectation: Expectation, journal: Journal) -> Members:
    result = check(expectation, journal)
    matched = [exchange.id for exchange in result.matched]
    # What is not kept any more cannot be counted: an upper bound then says nothing.
    unknown = journal.forgotten > 0 and not (expectation.exactly is None and expectation.at_most is None)
    detail = f"expected {expectation.wanted}, found {len(matched)} of {_in_words(expectation.which)}"
    return {
        "met": result.met and not unknown,
        "detail": detail + (f"; {journal.forgotten} older exchanges are kept no more" if unknown else ""),
        "count": len(matched),
        "matched": matched,
        "nearest": [
            {"exchange": miss.exchange.id, "differences": [redaction.text(each) for each in miss.differences]}
            for miss in result.nearest
        ],
    }


def _in_words(which: ExchangeFilter) -> str:
    names = ("vendor", "operation", "outcome", "status", "method", "path", "credential")
    given = [f"{name} {getattr(which, name)}" for name in names if getattr(which, name) is not None]
    return ", ".join(given) or "any exchange"


def _finding(reason: str, hint: str, ids: list[str]) -> Members:
    known = REASONS[reason]
    return {"reason": reason, "meaning": known.meaning, "hint": hint, "clause": known.clause, "exchanges": ids}


ENDPOINTS = (
    Endpoint(
        "list_exchanges",
        "GET",
        "/journal",
        "What happened, the oldest first",
        every,
        schemas.ExchangeList,
        query=schemas.JournalQuery,
    ),
    Endpoint(
        "stream_exchanges",
        "GET",
        "/journal/stream",
        "What happens, as server-sent events; poll /journal?after= where it is full",
        stream,
        query=schemas.JournalQuery,
        problems=(503,),
        media_types=("text/event-stream",),
        takes_a_seat=True,
    ),
    Endpoint(
        "get_exchange",
        "GET",
        "/journal/<exchange_id>",
        "An exchange, with every check behind its answer",
        find,
        schemas.ExchangeAnswer,
    ),
    Endpoint("clear_journal", "DELETE", "/journal", "Forget the exchanges", clear, schemas.ChangedAnswer),
    Endpoint(
        "verify",
        "POST",
        "/verify",
        "Hold expectations against the journal",
        verify,
        schemas.VerifyAnswer,
        body=schemas.VerifyRequest,
    ),
    Endpoint(
        "list_findings",
        "GET",
        "/findings",
        "What to know about calls that were answered normally",
        findings,
        schemas.FindingList,
    ),
)
