"""An exchange as the journal shows it: rendered when read, redacted, with every check explained."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mockserver.core import redaction
from mockserver.core.bodies import media_type
from mockserver.core.calls import GRPC
from mockserver.core.journal import Bound
from mockserver.core.reasons import REASONS
from mockserver.core.vendor import as_told
from mockserver.web import cors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from mockserver.core.journal import Check, Exchange

Members = dict[str, Any]


def rendered(
    exchange: Exchange, secrets: Collection[str], source: str = "", veiled: Callable[[Any], Any] = as_told
) -> Members:
    """The whole exchange, as JSON members.

    *source* stands behind checks that no standard's clause does, *veiled* hides what only the vendor knows as secret.
    """
    asked = redaction.body(exchange.call.body, media_type(exchange.call.headers.get("Content-Type")), secrets)
    return {
        **summary(exchange),
        "request": {
            "transport": exchange.call.transport,
            "method": exchange.call.method,
            "url": redaction.text(exchange.call.url),
            "query": redaction.query(exchange.call.query, secrets),
            "headers": redaction.header_fields(exchange.call.headers, secrets),
            "body": veiled(asked),
            "peer": exchange.call.peer,
        },
        "response": {
            "status": exchange.reply.status,
            "headers": redaction.header_fields([*exchange.reply.headers, *cors.headers(exchange)], secrets),
            "body": redaction.body(exchange.reply.body, media_type(_content_type(exchange)), secrets),
            **_rpc(exchange),
        },
        "explanation": {
            "meaning": _meaning(exchange),
            "hint": exchange.hint,
            "checks": [check(each, source) for each in exchange.checks],
            "cors": exchange.admission.why if exchange.admission else "no browser endpoint: no CORS headers",
        },
        "findings": [asdict(finding) for finding in exchange.findings],
        "rules": list(exchange.rules),
    }


def summary(exchange: Exchange) -> Members:
    """What a list of exchanges tells of each."""
    return {
        "id": exchange.id,
        "at": f"{exchange.at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "sandbox": exchange.sandbox,
        "vendor": exchange.vendor,
        "operation": exchange.operation,
        "method": exchange.call.method,
        "path": redaction.text(exchange.call.path),
        "status": exchange.reply.status,
        "reason": exchange.reason,
        "hint": redaction.text(exchange.hint),
        "outcome": exchange.outcome,
        "preflight": exchange.preflight,
        "played": exchange.played,
    }


def later(found: Iterable[Exchange], marker: str | None) -> Iterable[Exchange]:
    """The exchanges behind the one with this id, which need not be kept any more: ids count up, also over a reset."""
    behind = number(marker) if marker else 0
    return (exchange for exchange in found if number(exchange.id) > behind)


def number(exchange_id: str) -> int:
    """Its place in the order of its sandbox. Raises `ValueError` where it has none."""
    digits = exchange_id.rpartition("-")[2]
    if not (digits.isdecimal() and digits.isascii()):
        raise ValueError(f"'{exchange_id}' is no exchange's id")
    return int(digits)


def _rpc(exchange: Exchange) -> Members:
    """How it ended over gRPC, where it did."""
    ended = exchange.reply.rpc
    if ended is None or exchange.call.transport != GRPC:
        return {}
    return {"grpc": {"code": ended.code, "message": redaction.text(ended.message)}}


def _content_type(exchange: Exchange) -> str | None:
    return next((value for name, value in exchange.reply.headers if name.lower() == "content-type"), None)


def _meaning(exchange: Exchange) -> str:
    if exchange.failed:
        return "a bug in mockserver: this is not the vendor's answer"
    return REASONS[exchange.reason].meaning if exchange.reason else "answered normally"


def check(made: Check, source: str = "") -> Members:
    """A check as it is told: what was seen, what was wanted, and the clause or the vendor's page behind it."""
    return {
        "check": made.reason,
        **({"claim": made.claim} if made.claim else {}),
        "passed": made.passed,
        "seen": _plain(made.seen),
        "wanted": _plain(made.wanted),
        "clause": REASONS[made.reason].clause or source,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return redaction.text(value)
    if isinstance(value, Bound):
        return str(Bound(value.words, _plain(value.value)))
    if isinstance(value, datetime) or (isinstance(value, float) and not math.isfinite(value)):
        return str(value)
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(inner) for inner in value]
    return value
