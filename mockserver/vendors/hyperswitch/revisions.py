"""The revisions of the vendor's protocol: which operation behaves like which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.core.calls import GRPC
from mockserver.vendors.hyperswitch.connectors import FLOWS, NEWCOMERS
from mockserver.vendors.hyperswitch.options import HyperswitchOptions

if TYPE_CHECKING:
    from collections.abc import Collection

    from mockserver.core.case import Case

CONFIG, AUTH = "x-connector-config", "x-connector-auth"


@dataclass(frozen=True, slots=True)
class Revision:
    """A behaviour: the headers with typed credentials that it reads, in order, by transport; and its connectors."""

    name: str
    over_grpc: tuple[str, ...]
    over_http: tuple[str, ...]
    connectors: Collection[str]

    def typed_headers(self, case: Case) -> tuple[str, ...]:
        """Those that this call may use."""
        return self.over_grpc if case.call.transport == GRPC else self.over_http


_EARLIER = frozenset(FLOWS) - NEWCOMERS
DOCS = Revision("docs", (CONFIG, AUTH), (CONFIG, AUTH), frozenset(FLOWS))
UCS = Revision("ucs.v2-2026.03.06", (AUTH,), (AUTH,), _EARLIER)
OLD = Revision("types-2026.03.12", (CONFIG, AUTH), (AUTH,), _EARLIER)
NEW = Revision("types-2026.05", (CONFIG, AUTH), (CONFIG,), frozenset(FLOWS))

_OF_OPERATION = {
    "docs_create_access_token": DOCS,
    "docs_create_session_token": DOCS,
    "ucs_create_access_token": UCS,
    "ucs_create_session_token": UCS,
    "create_access_token": OLD,
    "create_session_token": OLD,
    "create_sdk_session_token": OLD,
}
"""All others are the newest, but for payments, which options may set back."""
AUTHORIZE = "hyperswitch.authorize_payment"
PAYMENTS = ("hyperswitch.get_payment", AUTHORIZE)
SESSIONS = ("hyperswitch.create_session_token", "hyperswitch.ucs_create_session_token")
"""Session tokens of the earlier revisions."""


def revision_of(case: Case) -> Revision:
    """The revision as which this call is answered."""
    if case.operation_name in PAYMENTS and case.sandbox.get(HyperswitchOptions).types_new == "off":
        return OLD
    return _OF_OPERATION.get(case.operation_name.partition(".")[2], NEW)
