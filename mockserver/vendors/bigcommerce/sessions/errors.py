"""How the hand-offs and the store's own pages say no, operation by operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core import jsontext
from mockserver.core.bodies import JSON
from mockserver.core.calls import Reply
from mockserver.core.refusals import Refusal
from mockserver.vendors.bigcommerce.hosts import place_of
from mockserver.vendors.bigcommerce.sessions import login_jwt, sync
from mockserver.vendors.bigcommerce.sessions.pages import TEXT
from mockserver.vendors.bigcommerce.sessions.paths import below
from mockserver.vendors.bigcommerce.sessions.shoppers import Shop

if TYPE_CHECKING:
    from mockserver.core.case import Case

LOGIN, CURRENT, SYNC = "bigcommerce.login_by_jwt", "bigcommerce.current_customer", "bigcommerce.sync_session"
INVALID_SYNC = b"Invalid session sync token"
CURRENT_CUSTOMER = {
    "session.missing": (404, "No customer is signed in"),
    "credential.unknown": (400, "Invalid app_client_id"),
}


def refuse(refusal: Refusal, case: Case) -> Reply | None:
    """The answer to a refusal of ours; nothing for any other."""
    reason, name = refusal.reason, case.operation_name
    if name == LOGIN and reason in login_jwt.REFUSALS:
        return _to_the_login_page(case)
    if name == SYNC and reason in sync.REFUSALS:
        return Reply(400, (("Content-Type", TEXT),), INVALID_SYNC)
    if name == CURRENT and reason in CURRENT_CUSTOMER:
        status, message = CURRENT_CUSTOMER[reason]
        return Reply(status, (("Content-Type", JSON),), jsontext.write({"errors": [{"message": message}]}))
    return None


def _to_the_login_page(case: Case) -> Reply:
    """The login page says once, to whoever calls from this address, that the login was refused."""
    try:
        place = place_of(case)
    except Refusal:
        return Reply(302, (("Location", "/login.php"),))
    Shop(case.sandbox, place.store).turn_away(case.call.peer)
    return Reply(302, (("Location", below(place, "/login.php")),))
