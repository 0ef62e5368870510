"""The store's own pages, as far as a hand-off touches them: stubs that say who is logged in."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from mockserver.core.operations import Answer

if TYPE_CHECKING:
    from mockserver.vendors.bigcommerce.records import Customer
    from mockserver.vendors.bigcommerce.sessions.cookies import Lines

HTML = "text/html; charset=UTF-8"
TEXT = "text/plain; charset=UTF-8"
LOGIN_REFUSED = "Invalid login. Please attempt to log in again."
GUEST = "guest"


def page(title: str, customer: Customer | None, text: str = "", headers: Lines = ()) -> Answer:
    """A page that names its shopper in a meta element."""
    who = customer.id if customer else GUEST
    paragraph = f"<p>{escape(text)}</p>" if text else ""
    body = (
        f'<!DOCTYPE html><html><head><title>{escape(title)}</title><meta name="customer-id" content="{who}"></head>'
        f"<body><h1>{escape(title)}</h1>{paragraph}</body></html>"
    )
    return Answer(verbatim=body.encode(), headers=(("Content-Type", HTML), *headers))


def redirect(location: str, headers: Lines = ()) -> Answer:
    """Go on elsewhere."""
    return Answer(status=302, verbatim=b"", headers=(("Location", location), *headers))
