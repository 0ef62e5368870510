"""An admission becomes CORS headers. Which origins are admitted is decided in `core.origins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.core.journal import Exchange
    from mockserver.core.origins import Admission

Pairs = list[tuple[str, str]]

ASKED_HEADERS = "Access-Control-Request-Headers"
PRIVATE_NETWORK = "Access-Control-Request-Private-Network"


def headers(exchange: Exchange) -> Pairs:
    """The CORS headers of an answer; none where the endpoint is server-only."""
    admission = exchange.admission
    if admission is None:
        return []
    vary = [("Vary", "Origin")] if admission.vary else []
    if admission.allow_origin is None:
        return vary
    return [
        *_allowed(admission),
        *(_offer(exchange, admission) if exchange.preflight else _expose(admission)),
        *vary,
    ]


def _allowed(admission: Admission) -> Pairs:
    pairs = [("Access-Control-Allow-Origin", admission.allow_origin or "")]
    if admission.credentials:
        pairs.append(("Access-Control-Allow-Credentials", "true"))
    return pairs


def _expose(admission: Admission) -> Pairs:
    if not admission.expose or not admission.cors.expose:
        return []
    return [("Access-Control-Expose-Headers", ", ".join(admission.cors.expose))]


def _offer(exchange: Exchange, admission: Admission) -> Pairs:
    """What a preflight is told. Headers by name: `*` does not cover Authorization (WHATWG Fetch)."""
    asked = exchange.call.headers.get(ASKED_HEADERS) if admission.cors.by_token else None
    pairs = [
        ("Access-Control-Allow-Methods", ", ".join(admission.cors.methods)),
        ("Access-Control-Allow-Headers", asked or ", ".join(admission.cors.headers)),
    ]
    if not admission.cors.by_token:
        pairs.append(("Access-Control-Max-Age", "0"))  # so that a switched policy bites at once
    if exchange.call.headers.get(PRIVATE_NETWORK) == "true":
        pairs.append(("Access-Control-Allow-Private-Network", "true"))
    return pairs
