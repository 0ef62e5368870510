"""What calls leave behind in a sandbox: payment methods that pages added, and payments."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.vendors.alternative.records import PaymentMethod

KEPT = 1_000
"""So many added methods and payments are kept; the oldest are forgotten first."""

Place = tuple[str, str, str | None]
"""A customer, an invoice, and an idempotency key that counts for these two."""


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as it was asked for. *answer* is what was answered, to be repeated byte for byte."""

    customer: str
    invoice: str
    asked: Mapping[str, str]
    answer: bytes
    key: str | None = None

    @property
    def place(self) -> Place:
        """Where its idempotency key counts."""
        return self.customer, self.invoice, self.key


@dataclass(frozen=True, slots=True)
class Ledger:
    """Added payment methods by id, and payments, the oldest first; of those with an idempotency key, also by that."""

    methods: Mapping[str, PaymentMethod] = field(default_factory=dict)
    payments: tuple[Payment, ...] = ()
    by_key: Mapping[Place, Payment] = field(default_factory=dict)

    def with_method(self, method: PaymentMethod) -> Ledger:
        """The same with this payment method added."""
        return replace(self, methods=dict([*self.methods.items(), (method.id, method)][-KEPT:]))

    def made(self, payment: Payment) -> Payment:
        """The payment that was made first with this one's key; this one itself where there is none."""
        return self.by_key.get(payment.place, payment) if payment.key is not None else payment

    def with_payment(self, payment: Payment) -> Ledger:
        """The same with this payment made; one whose key was used already is not made again."""
        if self.made(payment) is not payment:
            return self
        payments = (*self.payments, payment)[-KEPT:]
        if payment.key is None:
            return replace(self, payments=payments)
        return replace(self, payments=payments, by_key=dict([*self.by_key.items(), (payment.place, payment)][-KEPT:]))
