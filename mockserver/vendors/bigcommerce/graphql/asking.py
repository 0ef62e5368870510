"""Who asks a query, and what its answer takes along."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from mockserver.vendors.bigcommerce.graphql.errors import FIELD_TEXTS, extensions
from mockserver.vendors.bigcommerce.places import IMPERSONATION, SIMPLE
from mockserver.vendors.bigcommerce.sessions.access import logged_in
from mockserver.vendors.bigcommerce.sessions.cookies import session_of
from mockserver.vendors.bigcommerce.sessions.shoppers import Shop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.case import Case
    from mockserver.core.journal import Check
    from mockserver.vendors.bigcommerce.places import Visit
    from mockserver.vendors.bigcommerce.records import Customer

ACCESS_TOKEN = "X-Bc-Customer-Access-Token"
CUSTOMER_ID = "X-Bc-Customer-Id"
ERROR_ON_INVALID = "X-Bc-Error-On-Invalid-Customer-Access-Token"


class FieldRefusedError(Exception):
    """A field that is refused while the rest of the query is answered."""

    def __init__(self, reason: str, hint: str, wanted: dict[str, Any]) -> None:
        super().__init__(FIELD_TEXTS[reason])
        self.reason = reason
        self.hint = hint
        self.extensions = wanted


@dataclass(slots=True)
class Asking:
    """One query being answered.

    *shopper* is the customer who asks, if one is known; *by_session* says whether that is by a customer access token
    or a cookie. *is_dead* means that one of these was sent and counts no more. *is_strict* asks for errors where the
    shopper is not known. *lacking* are the scopes, by root field, that the token does not have. *wants_token* says
    whether a login's answer is to hold its token. *headers* leave with the answer.
    """

    visit: Visit
    shopper: Customer | None
    by_session: bool
    is_dead: bool
    is_strict: bool
    wants_token: bool = False
    lacking: Mapping[str, str] = field(default_factory=dict)
    headers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def case(self) -> Case:
        """The call."""
        return self.visit.case

    @property
    def shop(self) -> Shop:
        """The store that is asked."""
        return Shop(self.visit.case.sandbox, self.visit.place.store)

    def require_scope(self, name: str) -> None:
        """Refuse a root field whose scope the token lacks; that it does was noted already."""
        if name in self.lacking:
            raise self.refusal("scope.insufficient", requiredScopes=[self.lacking[name]])

    def refuse(self, reason: str, *, hint: str = "", seen: Any = None, wanted: Any = None) -> NoReturn:
        """Refuse the field at hand."""
        self.case.note(reason, passed=False, seen=seen, wanted=wanted)
        raise self.refusal(reason, hint=hint)

    def refuse_as(self, reason: str, check: Check, *, hint: str) -> NoReturn:
        """The same where a check has failed already that has a reason of its own elsewhere."""
        self.case.checks[-1] = check._replace(reason=reason)
        raise self.refusal(reason, hint=hint)

    def refusal(self, reason: str, *, hint: str = "", **more: Any) -> FieldRefusedError:
        """The refusal of a field, its check noted already."""
        return FieldRefusedError(reason, hint, extensions(reason, **more))


def asking(visit: Visit) -> Asking:
    """Who asks: by an impersonation token's header, by a customer access token, or by a storefront's cookie."""
    case, store = visit.case, visit.place.store
    headers = case.call.headers
    strict = (headers.get(ERROR_ON_INVALID) or "").strip().lower() == "true"
    if visit.grant.kind == IMPERSONATION:
        return Asking(visit, _impersonated(visit), by_session=False, is_dead=False, is_strict=strict)
    value = headers.get(ACCESS_TOKEN) or (session_of(case) if visit.grant.kind == SIMPLE else None)
    shopper = logged_in(case, store, value)
    dead = bool(value) and shopper is None
    return Asking(visit, shopper, by_session=shopper is not None, is_dead=dead, is_strict=strict)


def _impersonated(visit: Visit) -> Customer | None:
    sent = (visit.case.call.headers.get(CUSTOMER_ID) or "").strip()
    if not (sent.isascii() and sent.isdecimal() and len(sent) <= _LONGEST_ID):
        return None
    return Shop(visit.case.sandbox, visit.place.store).customer(int(sent))


_LONGEST_ID = 10
