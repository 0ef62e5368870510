"""One call for every answer that Alternative can give to pages."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext
from mockserver.core.bodies import JSON
from mockserver.core.examples import Ask, Example
from mockserver.vendors.alternative import steps
from mockserver.vendors.alternative.records import AlternativeRecords
from mockserver.vendors.alternative.steps import bearer, checkout_token
from mockserver.vendors.alternative.tokens import CHECKOUT_RING, KEYRINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver.core.examples import Stage

ADDRESS = {
    "city": "Springfield",
    "country": "United States",
    "country_code": "US",
    "postal_code": "62701",
    "state": "Illinois",
    "state_code": "IL",
    "street_address": "1 Main St",
}
CARD = {"card_provider_token": '{"last4":"1111"}', "provider": "evervault", "address": ADDRESS}
US_ACCOUNT = {
    "account_data_type": "us",
    "institution_name": "First Bank",
    "receiver_name": "Demo Customer",
    "subtype": "checkings",
    "type": "depository",
    "us_account_data": {"account_number": "123456789012", "routing_number": "110000000"},
}
CVV = {"cvv_secret": "ev:encrypted", "provider": "evervault"}
PAYMENT = {
    "amount": "100.00",
    "payment_date": "2030-01-01",
    "payment_method": "card",
    "payment_method_id": "pm_card",
}
KEYED = ("Idempotency-Key", "only-once")


@dataclass(frozen=True, slots=True)
class PageCall:
    """A call of a page: where it leads, and a sound body if it takes one."""

    name: str
    path: str
    body: dict[str, Any] | None = None
    refusals: dict[str, Callable[[PageCall, Stage], Ask]] = field(default_factory=dict)

    def ask(self, token: str, *headers: tuple[str, str], **changes: Any) -> Ask:
        """The call with this token."""
        pairs = (bearer(token), *headers)
        if self.body is None:
            return Ask("GET", self.path, pairs)
        return Ask("POST", self.path, (("Content-Type", JSON), *pairs), jsontext.write({**self.body, **changes}))

    def sound(self, stage: Stage) -> Ask:
        """The call as it should be."""
        return self.ask(checkout_token(stage))


def _method_of_another(call: PageCall, stage: Stage) -> Ask:
    if call.name == "alternative.pay":
        return call.ask(checkout_token(stage), payment_method_id="pm_other")
    return replace(call.sound(stage), path=call.path.replace("pm_card", "pm_other"))


def _over_the_total(call: PageCall, stage: Stage) -> Ask:
    return call.ask(checkout_token(stage), amount="100.01")


def _another_body(call: PageCall, stage: Stage) -> Ask:
    token = checkout_token(stage)
    stage.play(call.ask(token, KEYED))
    return call.ask(token, KEYED, amount="1.00")


CALLS = (
    PageCall("alternative.get_theme", "/checkout/preferences/theme"),
    PageCall("alternative.get_invoice", "/checkout/invoice"),
    PageCall("alternative.get_pdf_link", "/checkout/invoice/pdf-link"),
    PageCall("alternative.get_card_form", "/checkout/card-form/credentials"),
    PageCall(
        "alternative.autocomplete_address",
        "/checkout/address/autocomplete",
        {"q": "1 Main", "country": "US", "sessiontoken": "s-1"},
    ),
    PageCall("alternative.get_address", "/checkout/address/details", {"id": "pl_demo", "sessiontoken": "s-1"}),
    PageCall("alternative.list_payment_methods", "/checkout/payment-methods"),
    PageCall("alternative.add_card", "/checkout/payment-methods/card", CARD),
    PageCall("alternative.add_bank_account", "/checkout/payment-methods/bank", US_ACCOUNT),
    PageCall(
        "alternative.confirm_cvv",
        "/checkout/payment-methods/pm_card/cvv",
        CVV,
        {"binding.wrong_customer": _method_of_another},
    ),
    PageCall(
        "alternative.pay",
        "/checkout/payments",
        PAYMENT,
        {
            "binding.wrong_customer": _method_of_another,
            "request.unprocessable": _over_the_total,
            "request.idempotency_conflict": _another_body,
        },
    ),
)


def page_examples() -> tuple[Example, ...]:
    """Every outcome of every call of a page."""
    return tuple(example for call in CALLS for example in _examples(call))


def _examples(call: PageCall) -> Iterator[Example]:
    for reason, asking in {**_common(call), **(_of_the_body(call) if call.body else {})}.items():
        yield Example(call.name, reason, asking)
    for reason, refused in call.refusals.items():
        yield Example(call.name, reason, partial(refused, call))


def _common(call: PageCall) -> dict[str, Callable[[Stage], Ask]]:
    sound = call.sound
    return {
        "": sound,
        "token.missing": lambda _: replace(call.ask(""), headers=()),
        "token.multiple": lambda stage: replace(sound(stage), path=call.path + "?access_token=x"),
        "token.malformed": lambda _: call.ask("null"),
        "token.unknown": lambda stage: call.ask(_never_issued(stage)),
        "token.bad_signature": lambda stage: call.ask(steps.forged(stage)),
        "token.expired": steps.after(steps.expire, sound),
        "token.revoked": steps.after(steps.revoke, sound),
        "token.wrong_kind": lambda stage: call.ask(steps.oauth_token(stage)),
        "browser.server_only_token": lambda stage: call.ask(steps.oauth_token(stage), steps.FROM_A_PAGE),
        "rate.limited": steps.over_the_rate(sound),
        "resource.not_found": steps.after(_forget_the_invoice, sound),
    }


def _of_the_body(call: PageCall) -> dict[str, Callable[[Stage], Ask]]:
    first = next(iter(call.body or {}))
    return {
        "request.media_type": lambda stage: replace(call.sound(stage), headers=(bearer(checkout_token(stage)),)),
        "request.malformed": lambda stage: replace(call.sound(stage), body=b"{"),
        "request.invalid": lambda stage: call.ask(checkout_token(stage), **{first: 100}),
    }


def _never_issued(stage: Stage) -> str:
    ring = stage.sandbox.keyring(CHECKOUT_RING, KEYRINGS[CHECKOUT_RING])
    return ring.active.sign({"customer_id": "cus_demo", "exp": 2**32})


def _forget_the_invoice(stage: Stage) -> None:
    records = stage.sandbox.get(AlternativeRecords)
    others = {name: invoice for name, invoice in records.invoices.items() if name != "inv_demo"}
    stage.sandbox.put(replace(records, invoices=others))
