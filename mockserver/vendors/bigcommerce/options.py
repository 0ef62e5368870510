"""What BigCommerce's documents leave open or contradict, as switches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.core.options import Options, Whole, choice, option, span, switch

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True, slots=True)
class BigCommerceOptions(Options):
    """BigCommerce's options, beside those that all vendors share."""

    browser_guard: str = choice(
        "record",
        "refuse",
        "off",
        why="an access token that comes from a browser: noted, since the vendor answers it; or refused; or let be",
    )
    browser_rule: str = choice(
        "cookie_or_site",
        "cookie",
        "strict",
        why="what makes a /graphql call a browser's: a session cookie; that or Sec-Fetch-Site; these or Origin",
    )
    storefront_s2s: str = choice(
        "cutoff",
        "allowed",
        "refused",
        why="storefront tokens from servers: refused by the documented dates, never, or always",
    )
    max_cors_origins: int = option(
        2, Whole(1, 100), "so many origins may a token list; one with three was seen in 2026"
    )
    channel_rule: str = choice(
        "strict",
        "lenient",
        why="exactly one of channel_id and channel_ids; or both (channel_ids wins) and neither (all channels), too",
    )
    revocation_delay: timedelta = span(
        "revocation_delay_seconds", 0, 0, 3600, why="how long a revoked token still works; 60 is realistic"
    )
    jti_in_token: bool = switch(default=False, why="the list API names a jti, no observed token carries one")
    refused_origin_cors_headers: str = choice(
        "none", "echo", why="CORS headers on a 403; without them a page sees only a blocked request"
    )
    graphql_403_body: str = choice(
        "text", "json", why="every quote is bare text; some clients parse everything as JSON"
    )
    cat_delivery: str = choice(
        "by_context",
        "cookie_only",
        why="where a login puts the customer access token: by who asks, or as if every login were a browser's",
    )
    session_cookie_attributes: str = choice(
        "vendor", "plain", why="plain drops Secure and uses SameSite=Lax, for tests over http alone"
    )
    rest_quota: int = option(150, Whole(0, 100_000), "REST calls in 30 seconds; 0 never refuses")
