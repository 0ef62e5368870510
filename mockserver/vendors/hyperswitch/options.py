"""What the vendor's page and its servers disagree about, and what tests want to see, as switches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.core.options import AutoSpan, Entries, Options, choice, option
from mockserver.vendors.hyperswitch.records import AccountEntrySchema

if TYPE_CHECKING:
    from datetime import timedelta

    from mockserver.vendors.hyperswitch.records import Account


@dataclass(frozen=True, slots=True)
class HyperswitchOptions(Options):
    """Hyperswitch's options, beside those that all vendors share."""

    ucs_v2: str = choice(
        "docs", "2026.03.06", "off", why="package ucs.v2: the published page, a real server of that release, or none"
    )
    types_old: str = choice(
        "2026.03.12", "docs", "off", why="CreateAccessToken of package types: a real server, the later page, or none"
    )
    types_new: str = choice(
        "2026.05", "off", why="CreateServerAuthenticationToken and its like; off is the server before the rename"
    )
    token_ttl: timedelta | None = option(
        None, AutoSpan(0, 315_360_000), "how long tokens live, in seconds; auto is each connector's own, 0 born expired"
    )
    expires_in: str = choice(
        "auto",
        "duration",
        "epoch",
        "absent",
        why="what expires_in_seconds tells: the page has an epoch, servers a duration",
    )
    accounts: str | tuple[Account, ...] = option(
        "any",
        Entries(("any", "listed"), AccountEntrySchema),
        "which credentials are accepted: any, a list of connector and fields, or listed: the sandbox's accounts",
    )
    error_details: str = choice(
        "raw", "rpc_status", "none", why="raw is what real servers send, and what Go's clients choke on"
    )
