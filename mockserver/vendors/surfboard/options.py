"""What Surfboard's documents leave open or contradict, as switches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.core.options import Options, choice, span, switch

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True, slots=True)
class SurfboardOptions(Options):
    """Surfboard's options, beside those that all vendors share."""

    response_shape: str = choice(
        "flat", "enveloped", why="the guide's mint answer is flat, the reference's has its token under data"
    )
    token_format: str = choice("jwt", "opaque", why="the guide shows a JWT, the reference upper-case hex digits")
    client_scope: str = choice(
        "wide", "narrow", why="what a client token may do: the guide's list, or the reference's orders and payments"
    )
    mint_auth: str = choice(
        "body_only", "full", why="the guide's mint call carries no API credentials; full refuses it, as the reference"
    )
    merchant_id: str = choice("optional", "required", why="the samples differ about the header MERCHANT-ID")
    denied_status: int = choice(401, 403, why="for good credentials that may not do this; no 403 in the vendor's table")
    token_ttl: timedelta = span(
        "token_ttl_s", 3600, 1, 86_400, why="how long client tokens last; it may change anytime"
    )
    errors_as_200: bool = switch(
        default=False,
        why="refusals with HTTP 200 and status ERROR, which the vendor says can happen; never of the mint",
    )
