"""What Alternative does for pages that pay: payment methods, and payments."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext
from mockserver.core.operations import Answer
from mockserver.vendors.alternative import answers, schemas
from mockserver.vendors.alternative.checkout import invoice_of, page_operation
from mockserver.vendors.alternative.ledger import Ledger, Payment
from mockserver.vendors.alternative.records import AlternativeRecords, PaymentMethod

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.vendors.alternative.tokens import CheckoutGrant

LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
CLOSED = ("PAID", "ARCHIVED")
SPELLINGS = {"card": "card", "standard_ach": "ach"}
"""What a payment calls the types of payment methods."""
LAST = 4
FOUR_DIGITS = re.compile(r"[0-9]{4}")
ACCEPTED = jsontext.write({"status": "processing", "message": "Payment is being processed"})


def list_methods(case: Case, grant: CheckoutGrant) -> Answer:
    """What the customer can pay with: what was there, and what pages have added."""
    own = [method for method in _methods(case).values() if method.customer_id == grant.customer]
    return Answer({"data": [_described(method) for method in own]})


def add_card(case: Case, grant: CheckoutGrant) -> Answer:
    """A new card. All that is known of its number is what the provider's token says."""
    method = PaymentMethod(
        _new_id(case), grant.customer, "card", _last4(case.fields["card_provider_token"]), False, "visa", 12, 2030
    )
    return _added(case, method)


def add_bank_account(case: Case, grant: CheckoutGrant) -> Answer:
    """A new bank account."""
    account = case.fields[f"{case.fields['account_data_type']}_account_data"]
    return _added(case, PaymentMethod(_new_id(case), grant.customer, "ach", account["account_number"][-LAST:]))


def confirm_cvv(case: Case, grant: CheckoutGrant) -> Answer:
    """Take the number on the back of one of the customer's cards."""
    _method(case, grant, case.parameters["id"], of_type="card")
    return Answer({"success": True})


def pay(case: Case, grant: CheckoutGrant) -> Answer:
    """Pay the invoice, which keeps its status. With an idempotency key, once: then the answer is repeated."""
    invoice, key = invoice_of(case, grant), case.call.headers.get(schemas.IDEMPOTENCY_KEY)
    payment = Payment(grant.customer, invoice.id, dict(case.fields), ACCEPTED, key)
    made = case.sandbox.get(Ledger).made(payment)
    if made is not payment and made.asked == payment.asked:
        return Answer(verbatim=made.answer)
    _check_payable(case, grant)
    ledger = case.sandbox.change(Ledger, lambda ledger: ledger.with_payment(payment))
    made = ledger.made(payment)
    reused = made.asked != payment.asked
    case.require(not reused, "request.idempotency_conflict", seen=key, wanted="the body that the key came with first")
    return Answer(verbatim=made.answer)


def _check_payable(case: Case, grant: CheckoutGrant) -> None:
    method = _method(case, grant, case.fields["payment_method_id"])
    invoice, amount = invoice_of(case, grant), Decimal(case.fields["amount"])
    spelt, status = SPELLINGS[case.fields["payment_method"]], invoice.status
    due = partial(case.require_field, reason="request.unprocessable")
    due(status not in CLOSED, field="invoice_id", problem="closed", seen=status, wanted="an invoice that is open")
    due(amount <= invoice.total, field="amount", problem="over", seen=str(amount), wanted=str(invoice.total))
    due(spelt == method.type, field="payment_method", problem="mismatch", seen=spelt, wanted=method.type)


def _method(case: Case, grant: CheckoutGrant, method_id: str, of_type: str = "") -> PaymentMethod:
    claim = "payment_method_id"
    known = _methods(case).get(method_id)
    known = known if known and of_type in ("", known.type) else None
    wanted = f"a known {of_type or 'payment method'}"
    method = case.found(known, "resource.not_found", seen=method_id, wanted=wanted, claim=claim)
    seen = method.customer_id
    case.require(seen == grant.customer, "binding.wrong_customer", seen=seen, wanted=grant.customer, claim=claim)
    return method


def _methods(case: Case) -> dict[str, PaymentMethod]:
    return {**case.sandbox.get(AlternativeRecords).payment_methods, **case.sandbox.get(Ledger).methods}


def _added(case: Case, method: PaymentMethod) -> Answer:
    case.sandbox.change(Ledger, lambda ledger: ledger.with_method(method))
    return Answer(_described(method))


def _new_id(case: Case) -> str:
    return "pm_" + case.sandbox.entropy.letters(LETTERS, 16)


def _last4(provider_token: str) -> str:
    token = jsontext.read(provider_token.encode())
    last4 = token.get("last4") if isinstance(token, dict) else None
    return last4 if isinstance(last4, str) and FOUR_DIGITS.fullmatch(last4) else "4242"


def _described(method: PaymentMethod) -> dict[str, Any]:
    common = {"id": method.id, "type": method.type, "last4": method.last4, "default": method.default}
    of_a_card = {"brand": method.brand, "exp_month": method.exp_month, "exp_year": method.exp_year}
    return common | of_a_card if method.type == "card" else common


PAYMENT_OPERATIONS = (
    page_operation(
        "list_payment_methods",
        "/payment-methods",
        list_methods,
        answers.PaymentMethodsAnswer(),
        summary="What the customer can pay with",
    ),
    page_operation(
        "add_card",
        "/payment-methods/card",
        add_card,
        answers.PaymentMethodAnswer(),
        summary="Add a card",
        body=schemas.CardRequest(),
    ),
    page_operation(
        "add_bank_account",
        "/payment-methods/bank",
        add_bank_account,
        answers.PaymentMethodAnswer(),
        summary="Add a bank account",
        body=schemas.BankRequest(),
    ),
    page_operation(
        "confirm_cvv",
        "/payment-methods/{id}/cvv",
        confirm_cvv,
        answers.DoneAnswer(),
        summary="Confirm a card by the number on its back",
        body=schemas.CvvRequest(),
        refusals=("binding.wrong_customer",),
    ),
    page_operation(
        "pay",
        "/payments",
        pay,
        answers.PaymentAnswer(),
        summary="Pay the invoice",
        body=schemas.PaymentRequest(),
        refusals=("binding.wrong_customer", "request.unprocessable", "request.idempotency_conflict"),
    ),
)
