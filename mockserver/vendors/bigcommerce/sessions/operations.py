"""Hand-offs by JWT, and the store's own pages."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mockserver.core import jsontext
from mockserver.core.operations import Answer, Operation
from mockserver.vendors.bigcommerce.hosts import paths, place_of
from mockserver.vendors.bigcommerce.sessions import access, cookies, current, errors, login_jwt, sync
from mockserver.vendors.bigcommerce.sessions.pages import LOGIN_REFUSED, TEXT, page, redirect
from mockserver.vendors.bigcommerce.sessions.paths import below
from mockserver.vendors.bigcommerce.sessions.schemas import Page
from mockserver.vendors.bigcommerce.sessions.shoppers import Shop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockserver.core.calls import Call
    from mockserver.core.case import Case
    from mockserver.core.operations import Step
    from mockserver.vendors.bigcommerce.places import Place
    from mockserver.vendors.bigcommerce.records import Customer

LOGIN_API = "BigCommerce: Customer Login API"
CURRENT_CUSTOMER_API = "BigCommerce: Current Customer API"
STOREFRONT_CARTS = "BigCommerce: Carts and checkouts with GraphQL Storefront"
STUB = "a stub of ours, for hand-offs to lead to"
NO_GUARD: tuple[Step, ...] = ("rules", "caller", "body")
"""Browsers open these themselves."""


def log_in_by_jwt(case: Case) -> Answer:
    """Log a shopper in whom an API account vouches for, and go on to where it says."""
    place = place_of(case)
    accepted = login_jwt.accept(case, place, case.parameters["jwt"])
    begun = cookies.begun(case, access.log_in(case, place, accepted.customer))
    return redirect(below(place, accepted.redirect_to), begun)


def current_customer(case: Case) -> Answer:
    """Tell an app who is logged in."""
    place = place_of(case)
    customer = case.found(_shopper(case, place), "session.missing", wanted="a session that is alive")
    jwt = current.current_customer_jwt(case, place, current.app_named(case, place), customer)
    if "application/json" in (case.call.headers.get("Accept") or "").lower():
        return Answer(verbatim=jsontext.write({"token": jwt}))
    return Answer(verbatim=jwt.encode(), headers=(("Content-Type", TEXT),))


def sync_session(case: Case) -> Answer:
    """Go on to the store's pages as the shopper whom a storefront of one's own knows."""
    place = place_of(case)
    accepted = sync.accept(case, place, case.call.parameter("jwt") or "")
    begun: cookies.Lines = ()
    if accepted.customer:
        begun = cookies.begun(case, access.log_in(case, place, accepted.customer, alone=False))
    return redirect(accepted.redirect_to, begun)


def login_page(case: Case) -> Answer:
    """The login page: it says once that a login was refused; with `action=logout` it ends the session."""
    place = place_of(case)
    shopper = _shopper(case, place)
    if case.call.parameter("action") == "logout":
        if shopper:
            access.log_out(case, place.store, shopper)
        return page("Sign in", None, headers=cookies.ended(case))
    refused = Shop(case.sandbox, place.store).was_turned_away(case.call.peer)
    return page("Sign in", shopper, LOGIN_REFUSED if refused else "")


def cart_page(case: Case) -> Answer:
    """The cart page; a link that loads a cart goes on to the checkout."""
    place = place_of(case)
    if case.call.parameter("action") == "loadInCheckout":
        return redirect(below(place, "/checkout"))
    return page("Your cart", _shopper(case, place))


def titled_page(case: Case, *, title: str) -> Answer:
    """A page that says who is logged in."""
    return page(title, _shopper(case, place_of(case)))


def names(call: Call, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """What a call carries: the account behind a login JWT, the token of a session."""
    issuer = login_jwt.issuer(parameters["jwt"]) if "jwt" in parameters else ""
    return tuple(each for each in (issuer, call.headers.cookies().get(cookies.TOKEN, "")) if each)


def _shopper(case: Case, place: Place) -> Customer | None:
    return access.logged_in(case, place.store, cookies.session_of(case))


def _operation(
    name: str,
    summary: str,
    path: str,
    run: Callable[[Case], Answer],
    source: str = STUB,
    refusals: tuple[str, ...] = (),
    status: int = 200,
) -> Operation:
    return Operation(
        name=name,
        summary=summary,
        method="GET",
        path=path,
        paths=lambda _options: paths(path),
        run=run,
        response=Page(),
        statuses=(status,),
        refusals=("store.unknown", *refusals),
        source=source,
        identifies=names,
        order=NO_GUARD,
    )


OPERATIONS = (
    _operation(
        errors.LOGIN,
        "Log a shopper in by a JWT of an API account",
        "/login/token/{jwt}",
        log_in_by_jwt,
        LOGIN_API,
        login_jwt.REFUSALS,
        status=302,
    ),
    _operation(
        errors.CURRENT,
        "A JWT about who is logged in, for an app",
        "/customer/current.jwt",
        current_customer,
        CURRENT_CUSTOMER_API,
        tuple(errors.CURRENT_CUSTOMER),
    ),
    _operation(
        errors.SYNC,
        "Take a shopper's session to the store's own pages",
        "/session-sync",
        sync_session,
        STOREFRONT_CARTS,
        sync.REFUSALS,
        status=302,
    ),
    _operation("bigcommerce.login_page", "The login page", "/login.php", login_page),
    _operation("bigcommerce.account_page", "The account page", "/account.php", partial(titled_page, title="Account")),
    _operation("bigcommerce.cart_page", "The cart page", "/cart.php", cart_page),
    _operation("bigcommerce.checkout_page", "The checkout page", "/checkout", partial(titled_page, title="Checkout")),
)
