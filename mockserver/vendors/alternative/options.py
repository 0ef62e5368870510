"""What Alternative's documents leave open, or contradict, as switches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.core.options import Options, Whole, choice, option, span, switch

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True, slots=True)
class AlternativeOptions(Options):
    """Alternative's options, beside those that all vendors share."""

    init_path: str = choice(
        "both", "v1", "bare", why="where checkout tokens are minted: the documents say v1, live reports say bare"
    )
    checkout_path: str = choice(
        "both", "bare", "v1", why="where pages call: the browser SDK leaves the v1 out, the reference has it"
    )
    oauth_style: str = choice(
        "reference", "guide", why="an opaque OAuth token of type bearer, or a JWT of type Bearer; clients must not care"
    )
    bad_client: int = choice(403, 401, why="the vendor's answer to a bad client, or that of RFC 6749")
    require_invoice: bool = switch(default=True, why="off: tokens without an invoice, that only keep payment methods")
    checkout_ttl: timedelta = span(
        "checkout_ttl_s", 1800, 1, 86_400, why="how long checkout tokens live, unpublished; short ones drive refreshes"
    )
    claims: str = choice("full", "documented", why="documented: exactly the five claims that are published")
    rate_limit: int = option(
        0, Whole(0, 1000), "calls a second and client; 0 is no limit, the vendor's documents say 5"
    )
