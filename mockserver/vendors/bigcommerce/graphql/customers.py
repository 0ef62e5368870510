"""Customers: who is asking, how they log in and out, and how new ones register."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from mockserver.core.credentials import same
from mockserver.core.refusals import Refusal
from mockserver.vendors.bigcommerce.graphql import carts
from mockserver.vendors.bigcommerce.graphql.catalog import money
from mockserver.vendors.bigcommerce.records import Customer
from mockserver.vendors.bigcommerce.sessions import access, cookies, login_jwt
from mockserver.vendors.bigcommerce.sessions.sync import SyncedSession, session_sync_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.vendors.bigcommerce.graphql.asking import Asking

IN_USE = {"__typename": "EmailAlreadyInUseError", "message": "The email address is already in use."}
NO_ADDRESS = {"__typename": "ValidationError", "message": "Invalid email address", "path": ["input", "email"]}


def customer(asking: Asking, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    """Who is asking."""
    del arguments
    asking.require_scope("customer")
    if asking.shopper:
        return told(asking.shopper)
    if asking.is_strict:
        asking.refuse("session.missing", seen=None, wanted="a customer access token")
    return None


def login(asking: Asking, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Log in by e-mail and password. One who is to reset the password is told so, whatever it is."""
    _require_live(asking)
    found = asking.shop.customer_by_email(arguments["email"])
    if found and found.force_reset:
        asking.refuse("login.reset_required", seen=found.email)
    # Compared also where nobody has the address: how long it takes tells nothing.
    right = same(arguments["password"], found.password if found else "")
    if found is None or not right:
        hint = "no customer has this e-mail address" if found is None else "the password is another"
        asking.refuse("login.bad_credentials", hint=hint, seen=arguments["email"])
    asking.case.note("login.bad_credentials", passed=True, seen=found.email)
    return _logged_in(asking, found, arguments)


def login_with_jwt(asking: Asking, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Log in by a JWT of the merchant's; it is used up together with the page that takes the same."""
    _require_live(asking)
    try:
        accepted = login_jwt.accept(asking.case, asking.visit.place, arguments["jwt"])
    except Refusal as refusal:
        asking.refuse_as("login.bad_jwt", asking.case.checks[-1], hint=f"{refusal.reason}: {refusal.hint}".rstrip(": "))
    return _logged_in(asking, accepted.customer, arguments)


def logout(asking: Asking, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Log out, on this device and all others; nobody need be logged in."""
    del arguments
    _require_live(asking)
    if asking.shopper:
        access.log_out(asking.case, asking.visit.place.store, asking.shopper)
    if asking.visit.browser_login:
        asking.headers += cookies.ended(asking.case)
    return {"result": "success", "cartUnassignResult": {"cart": None}}


def generate_session_sync_jwt(asking: Asking, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A JWT, and a link with it, that takes this customer and their cart along to the store's own pages."""
    cart_id = arguments.get("cartId")
    if cart_id is not None and carts.readable(asking, cart_id) is None:
        return {"result": None, "errors": [carts.NOT_FOUND]}
    session = SyncedSession(
        redirect_to=_absolute(asking, arguments["redirectTo"]),
        cart_id=cart_id,
        customer_id=asking.shopper.id if asking.shopper else None,
        visitor_id=arguments.get("visitorId"),
        visit_id=arguments.get("visitId"),
        payment_wallet_data=arguments.get("paymentWalletData"),
        request_ip=arguments.get("ipAddress"),
    )
    token, url = session_sync_url(asking.case, asking.visit.place, session)
    return {"result": {"token": token, "url": url}, "errors": []}


def register_customer(asking: Asking, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A new customer, who is not logged in by that."""
    wanted = arguments["input"]
    if "@" not in wanted["email"]:
        return {"customer": None, "errors": [NO_ADDRESS]}
    names = {"first_name": wanted["firstName"], "last_name": wanted["lastName"]}
    made = asking.shop.register(Customer(0, wanted["email"], wanted["password"], **names))
    return {"customer": told(made), "errors": []} if made else {"customer": None, "errors": [IN_USE]}


def attribute(asking: Asking, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """An attribute of a customer: none of them has any."""
    del asking
    return {"entityId": arguments["entityId"], "value": None}


def told(shown: Customer) -> dict[str, Any]:
    """A customer as they are shown to themselves."""
    return {
        "entityId": shown.id,
        "firstName": shown.first_name,
        "lastName": shown.last_name,
        "email": shown.email,
        "customerGroupId": shown.group_id,
        "taxExemptCategory": "",
        "attributeCount": 0,
        "attributes": {},
        "storeCredit": [money(Decimal(), carts.USUAL_CURRENCY)],
        "formFields": [],
    }


def _require_live(asking: Asking) -> None:
    channel = asking.visit.place.channel
    if not channel.live:
        asking.refuse("channel.not_live", seen=channel.id, wanted="a channel that is live")
    asking.case.note("channel.not_live", passed=True, seen=channel.id)


def _logged_in(asking: Asking, who: Customer, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What a login answers: the token in the body for a server, in cookies for a browser, never in both."""
    if asking.visit.browser_login and asking.wants_token:
        hint = "select no customerAccessToken where a browser logs in"
        asking.refuse("login.wrong_context", hint=hint, seen="a browser's login", wanted="a server's")
    minted = access.log_in(asking.case, asking.visit.place, who)
    asking.shopper, asking.by_session = who, True
    token: dict[str, Any] | None = {"value": minted.value, "expiresAt": access.expiry(minted)}
    if asking.visit.browser_login:
        asking.headers += cookies.begun(asking.case, minted)
        token = None
    return {
        "result": "success",
        "customer": told(who),
        "cart": _cart(asking, who, arguments.get("guestCartEntityId")),
        "customerAccessToken": token,
    }


def _cart(asking: Asking, who: Customer, guests: str | None) -> dict[str, Any] | None:
    own = asking.shop.hand_over(guests, who.id) if guests else asking.shop.cart_of(who.id)
    return carts.told(asking.shop, own) if own else None


def _absolute(asking: Asking, redirect_to: str) -> str:
    """A URL; a path is one of the store's, below the alias that it was called by."""
    url = asking.visit.place.url
    try:
        return url + redirect_to if redirect_to.startswith("/") else urljoin(f"{url}/", redirect_to)
    except ValueError:
        return redirect_to
