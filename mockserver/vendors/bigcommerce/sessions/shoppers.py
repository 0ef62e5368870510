"""A store's shoppers as they are now: what a scenario says of them, and what calls have changed since."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from mockserver.vendors.bigcommerce.records import Cart, CartLine, Customer, Product

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from mockserver.core.sandbox import Sandbox
    from mockserver.vendors.bigcommerce.records import Store

KEPT = 1_000
"""So many customers, carts and sessions of each store's calls are kept; the oldest are forgotten first."""

MOST_LINES = 100
"""So many lines of a cart are kept: each query may ask for all of them a hundred times."""

Key = TypeVar("Key", bound="Hashable")
Kept = TypeVar("Kept")

CustomerKey = tuple[str, int]
"""The hash of a store, and a number of its customer's."""
CartKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Shoppers:
    """What calls have changed, in all stores: customers who registered, carts made or changed, logins alive.

    A cart that is gone is kept as nothing. *sessions* are the customer access tokens by which a customer is logged in.
    *turned_away* are those, by store and address, to whom the next login page says that their login was refused.
    *companies* counts registered ones.
    """

    customers: Mapping[CustomerKey, Customer] = field(default_factory=dict)
    carts: Mapping[CartKey, Cart | None] = field(default_factory=dict)
    sessions: Mapping[CustomerKey, tuple[str, ...]] = field(default_factory=dict, repr=False)
    turned_away: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    companies: int = 0


@dataclass(frozen=True, slots=True)
class Shop:
    """One store in a sandbox, as it is now."""

    sandbox: Sandbox
    store: Store

    def customer(self, number: int) -> Customer | None:
        """The customer with this number."""
        return self._customers(self._state).get(number)

    def customer_by_email(self, email: str) -> Customer | None:
        """The customer with this address, in any case."""
        return _by_email(self._customers(self._state), email)

    def register(self, customer: Customer) -> Customer | None:
        """A new customer with a number of their own; nothing where the address is in use."""
        made: list[Customer] = []

        def change(state: Shoppers) -> Shoppers:
            known = self._customers(state)
            if _by_email(known, customer.email):
                return state
            made.append(replace(customer, id=max(known, default=0) + 1))
            return replace(state, customers=_with(state.customers, (self.store.id, made[0].id), made[0]))

        self.sandbox.change(Shoppers, change)
        return made[0] if made else None

    def register_company(self) -> int:
        """The number of a new company."""
        return self.sandbox.change(Shoppers, lambda state: replace(state, companies=state.companies + 1)).companies

    def product(self, number: int) -> Product:
        """The product with this number. Carts take any: one that is not on record is made up."""
        found = (product for product in self.store.products if product.id == number)
        return next(found, Product(number, f"Product {number}"))

    def cart(self, cart_id: str) -> Cart | None:
        """The cart with this id, whosever it is."""
        return self._cart(self._state, cart_id)

    def cart_of(self, customer_id: int) -> Cart | None:
        """The customer's own cart: the latest one, where there are more."""
        return self._cart_of(self._state, customer_id)

    def keep(self, cart: Cart) -> Cart:
        """Keep a cart, new or changed."""
        self.sandbox.change(Shoppers, lambda state: self._with_cart(state, cart.id, cart))
        return cart

    def hand_over(self, cart_id: str, customer_id: int) -> Cart | None:
        """Assign a guest's cart to a customer, or merge it into theirs; the cart that they have then, if any."""

        def change(state: Shoppers) -> Shoppers:
            guests, own = self._cart(state, cart_id), self._cart_of(state, customer_id)
            if guests is None or guests.customer_id is not None:
                return state
            if own is None:
                return self._with_cart(state, cart_id, replace(guests, customer_id=customer_id))
            merged = self._with_cart(state, own.id, replace(own, lines=_merged(own.lines, guests.lines)))
            return self._with_cart(merged, cart_id, None)

        return self._cart_of(self.sandbox.change(Shoppers, change), customer_id)

    def begin_session(self, customer_id: int, value: str, *, alone: bool) -> tuple[str, ...]:
        """Log in with this customer access token; those that it ends, where it is to be *alone*."""
        ended: list[str] = []

        def change(state: Shoppers) -> Shoppers:
            key = (self.store.id, customer_id)
            before = state.sessions.get(key, ())
            ended[:] = before if alone else ()
            return replace(state, sessions=_with(state.sessions, key, (value,) if alone else (*before, value)[-KEPT:]))

        self.sandbox.change(Shoppers, change)
        return tuple(ended)

    def end_sessions(self, customer_id: int) -> tuple[str, ...]:
        """Log out everywhere; the customer access tokens that this ends."""
        ended: list[str] = []

        def change(state: Shoppers) -> Shoppers:
            key = (self.store.id, customer_id)
            ended[:] = state.sessions.get(key, ())
            return replace(state, sessions={each: kept for each, kept in state.sessions.items() if each != key})

        self.sandbox.change(Shoppers, change)
        return tuple(ended)

    def turn_away(self, peer: str) -> None:
        """Let the next login page that this address sees say that its login was refused."""
        key = (self.store.id, peer)
        self.sandbox.change(
            Shoppers, lambda state: replace(state, turned_away=_with(state.turned_away, key, kept=True))
        )

    def was_turned_away(self, peer: str) -> bool:
        """Whether a login page has to say so; asked once, it is forgotten."""
        key, was = (self.store.id, peer), []

        def change(state: Shoppers) -> Shoppers:
            was.append(key in state.turned_away)
            return replace(state, turned_away={each: True for each in state.turned_away if each != key})

        self.sandbox.change(Shoppers, change)
        return was[0]

    @property
    def _state(self) -> Shoppers:
        return self.sandbox.get(Shoppers)

    def _customers(self, state: Shoppers) -> dict[int, Customer]:
        known = {customer.id: customer for customer in self.store.customers}
        return known | {number: each for (store, number), each in state.customers.items() if store == self.store.id}

    def _cart(self, state: Shoppers, cart_id: str) -> Cart | None:
        key = (self.store.id, cart_id)
        if key in state.carts:
            return state.carts[key]
        return next((cart for cart in self.store.carts if cart.id == cart_id), None)

    def _cart_of(self, state: Shoppers, customer_id: int) -> Cart | None:
        known: dict[str, Cart | None] = {cart.id: cart for cart in self.store.carts}
        for (store, cart_id), cart in state.carts.items():
            if store == self.store.id:
                known.pop(cart_id, None)
                known[cart_id] = cart
        own = [cart for cart in known.values() if cart and cart.customer_id == customer_id]
        return own[-1] if own else None

    def _with_cart(self, state: Shoppers, cart_id: str, cart: Cart | None) -> Shoppers:
        return replace(state, carts=_with(state.carts, (self.store.id, cart_id), cart))


def _by_email(customers: Mapping[int, Customer], email: str) -> Customer | None:
    wanted = email.lower()
    return next((customer for customer in customers.values() if customer.email.lower() == wanted), None)


def _merged(own: tuple[CartLine, ...], guests: tuple[CartLine, ...]) -> tuple[CartLine, ...]:
    quantities: dict[int, int] = {}
    for line in (*own, *guests):
        quantities[line.product_id] = quantities.get(line.product_id, 0) + line.quantity
    return tuple(CartLine(product_id, quantity) for product_id, quantity in quantities.items())[:MOST_LINES]


def _with(known: Mapping[Key, Kept], key: Key, kept: Kept) -> dict[Key, Kept]:
    """The same with this entry as the latest, and without the oldest where they are too many."""
    entries = {each: value for each, value in known.items() if each != key}
    entries[key] = kept
    return entries if len(entries) <= KEPT else dict([*entries.items()][-KEPT:])
