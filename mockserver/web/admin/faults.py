"""Rules: what a test asked for, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver import rulebook
from mockserver.core import redaction
from mockserver.oauth import services
from mockserver.web.admin import schemas
from mockserver.web.admin.desk import AdminProblem, Desk, Endpoint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from mockserver.core.journal import Exchange
    from mockserver.core.rules import PlannedRule
    from mockserver.web.admin.desk import Members

RECENT = 20
"""Of so many recent calls a rule tells what it did to them."""


def every(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """The rules in force."""
    del fields
    return {"items": [_written(planned, desk.house.secrets) for planned in desk.sandbox.rules], "next": None}


def add(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Put a rule in force."""
    rule = rulebook.schema((*desk.house.vendors, services(desk.house.vendors))).load(fields)
    return _written(desk.own_sandbox.rules.add(rule), desk.house.secrets)


def find(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """One rule, and what it did to recent calls, the latest first."""
    del fields
    planned = _found(desk)
    return {
        **_written(planned, desk.house.secrets),
        "recent": desk.house.shown(list(_recent(planned, list(desk.sandbox.journal)[-RECENT:], desk.house.secrets))),
    }


def remove(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Take a rule out of force."""
    del fields
    planned = _found(desk)
    desk.sandbox.rules.remove(planned.id)
    return _written(planned, desk.house.secrets)


def clear(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Take out of force what was added; what the scenario has stays."""
    del fields
    return {"changed": desk.own_sandbox.rules.clear()}


def _found(desk: Desk) -> PlannedRule:
    name = desk.parameters["rule_id"]
    planned = desk.sandbox.rules.find(name)
    if planned is None:
        raise AdminProblem(404, f"No rule '{name}' is in force in sandbox '{desk.sandbox_name}'.")
    return planned


def _written(planned: PlannedRule, secrets: Collection[str]) -> Members:
    written = rulebook.written(planned.rule)
    if "header" in written["when"]:
        written["when"]["header"] = dict(redaction.header_fields(planned.rule.when.header.items(), secrets))
    return {
        "id": planned.id,
        **written,
        "matches": planned.matches,
        "strikes": planned.strikes,
        "from_scenario": planned.from_scenario,
    }


def _recent(planned: PlannedRule, exchanges: list[Exchange], secrets: Collection[str]) -> Iterator[Members]:
    for exchange in reversed(exchanges):
        struck = planned.id in exchange.rules
        why = "it struck" if struck else _why(planned, exchange)
        for (name, value), (_, shown) in zip(
            planned.rule.when.header.items(),
            redaction.header_fields(planned.rule.when.header.items(), secrets),
            strict=True,
        ):
            why = why.replace(f"header {name} is not '{value}'", f"header {name} is not '{shown}'")
        yield {"exchange": exchange.id, "struck": struck, "why": why}


def _why(planned: PlannedRule, exchange: Exchange) -> str:
    """Why a call was left alone: worked out when somebody asks, from what the journal keeps of it."""
    spared = dict(exchange.spared).get(planned.id)
    if spared:
        return spared
    if exchange.preflight:
        return "a preflight is answered before any rule"
    if exchange.reason == "browser.secret_exposed" and not exchange.rules:
        return "the browser guard had refused it before any rule"
    mismatch = planned.rule.when.mismatch(exchange)
    return redaction.text(mismatch or "") or "it came before the rule, or another rule had decided its answer"


ENDPOINTS = (
    Endpoint("list_rules", "GET", "/rules", "The rules in force", every, schemas.RuleList),
    Endpoint(
        "add_rule",
        "POST",
        "/rules",
        "Put a rule in force",
        add,
        schemas.RuleAnswer,
        body=rulebook.RuleSchema,
        reads_raw=True,
        status=201,
    ),
    Endpoint("clear_rules", "DELETE", "/rules", "Take out of force what was added", clear, schemas.ChangedAnswer),
    Endpoint(
        "get_rule", "GET", "/rules/<rule_id>", "A rule, and why it left recent calls alone", find, schemas.RuleAnswer
    ),
    Endpoint("remove_rule", "DELETE", "/rules/<rule_id>", "Take a rule out of force", remove, schemas.RuleAnswer),
)
