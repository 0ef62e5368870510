"""The three cookies of a shopper's session, as lines of `Set-Cookie`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.vendors.bigcommerce.browsers import SESSION_COOKIES, cookies
from mockserver.vendors.bigcommerce.options import BigCommerceOptions

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.core.minting import Minted

TOKEN, SESSION, ROTATION = SESSION_COOKIES
ATTRIBUTES = {
    "vendor": "Path=/; HttpOnly; Secure; SameSite=None",
    "plain": "Path=/; HttpOnly; SameSite=Lax",
}
OVER = "Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"

Lines = tuple[tuple[str, str], ...]


def begun(case: Case, minted: Minted) -> Lines:
    """Those of a new session: the customer access token, and two texts that mean nothing here."""
    draw = case.sandbox.entropy.hexadecimal
    values = {TOKEN: minted.value, SESSION: draw(32), ROTATION: draw(32)}
    return tuple(("Set-Cookie", f"{name}={value}; {_attributes(case)}") for name, value in values.items())


def ended(case: Case) -> Lines:
    """Those that make a browser forget its session."""
    return tuple(("Set-Cookie", f"{name}=; {_attributes(case)}; {OVER}") for name in SESSION_COOKIES)


def session_of(case: Case) -> str | None:
    """The customer access token in the call's session cookie, good or not."""
    return cookies(case).get(TOKEN)


def _attributes(case: Case) -> str:
    return ATTRIBUTES[case.sandbox.get(BigCommerceOptions).session_cookie_attributes]
