"""What a client token is for: one table of calls, by family, with their answers. Nothing is kept: any id will do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mockserver.core import jsontext
from mockserver.core.operations import Answer
from mockserver.vendors.surfboard import schemas
from mockserver.vendors.surfboard.callers import Principal
from mockserver.vendors.surfboard.records import ADMINISTRATION, SurfboardRecords
from mockserver.vendors.surfboard.tokens import inter_app_jwt

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.core.case import Case
    from mockserver.core.operations import RequestSchema

LEVELS = {"terminalId": "TERMINAL", "storeId": "STORE", "merchantId": "MERCHANT", "partnerId": "PARTNER"}
"""The levels at which something is configured, the deepest first, by the path parameter that names one."""

_PAGE_NUMBER = re.compile(r"[0-9]{1,9}")
_ID_BYTES = 9

_MERCHANT = "/merchants/{merchantId}"
_STORE = _MERCHANT + "/stores/{storeId}"
_TERMINAL = _STORE + "/terminals/{terminalId}"
_TIPS = (_MERCHANT + "/tips", _STORE + "/tips", _TERMINAL + "/tips")
_BRANDING = ("/partners/{partnerId}/branding", _MERCHANT + "/branding", _STORE + "/branding", _TERMINAL + "/branding")
_ADMINISTRATION = (
    "/partners/{partnerId}/merchants/{merchantId}/{rest*}",
    "/partners/{partnerId}/{rest*}",
    "/merchants/{merchantId}/{rest*}",
    "/terminals/{rest*}",
    "/customers/{rest*}",
    "/catalog/{rest*}",
    "/giftcards/{rest*}",
    "/adjustments/{rest*}",
    "/ai/{tool}/{rest*}",
)


def placeholder(case: Case, row: Row) -> Any:
    """What is answered where the vendor's own data are not known: what was called, and as whom."""
    principal = case.called_by(Principal)
    user = principal.external_user_id
    data = {"placeholder": True, "family": row.family, "method": row.method, "path": case.call.path}
    if user is None:
        return {**data, "principal": "api_credentials"}
    return {**data, "principal": "client_token", "externalUserId": user}


def new_order(case: Case, row: Row) -> Any:
    """The ids of an order and its payment, and what opens the payment app."""
    del row
    order, payment = _new_id(case), _new_id(case)
    jwt = inter_app_jwt(case, order=order, terminal=case.fields["terminal_id"], payment=payment, method="")
    return {"orderId": order, "paymentId": payment, "interAppJWT": jwt}


def new_payment(case: Case, row: Row) -> Any:
    """The id of a payment for an order, and what opens the payment app."""
    del row
    payment = _new_id(case)
    order, method = case.fields["orderId"], case.fields["paymentMethod"]
    jwt = inter_app_jwt(case, order=order, terminal="", payment=payment, method=method)
    return {"paymentId": payment, "interAppJWT": jwt}


def empty_list(case: Case, row: Row) -> Any:
    """A page of a list: nothing is on it, as past the end of any."""
    del case, row
    return []


def receipt_link(case: Case, row: Row) -> Any:
    """Where a receipt would be."""
    del row
    return {"receiptURL": f"https://receipts.example.test/{quote(case.parameters['id'], safe='')}"}


def always(**data: str) -> Callable[[Case, Row], Any]:
    """The same data for every call."""
    return lambda _case, _row: data


@dataclass(frozen=True, slots=True)
class Row:
    """One call of a family. In *message*, `{level}` and `{LEVEL}` stand for what the path names, `{id}` for its id."""

    family: str
    name: str
    method: str
    paths: tuple[str, ...]
    message: str
    data: Callable[[Case, Row], Any] = placeholder
    status: int = 200
    body: RequestSchema | None = None

    @property
    def takes_body(self) -> bool:
        """Whether what stands in a body must be a JSON object."""
        return self.method in ("POST", "PUT", "PATCH")

    @property
    def summary(self) -> str:
        """What it does, in a few words."""
        words = self.name.replace("_", " ").capitalize()
        return f"{words}: for API credentials alone" if self.family == ADMINISTRATION else f"{words} ({self.family})"


ROWS = (
    Row(
        "orders",
        "create_order",
        "POST",
        ("/orders", _MERCHANT + "/orders"),
        "Order created successfully",
        new_order,
        201,
        schemas.NewOrder(),
    ),
    Row("orders", "get_order", "GET", ("/orders/{id}",), "Order fetched successfully"),
    Row("orders", "update_order", "PUT", ("/orders/{id}",), "Order updated successfully"),
    Row("orders", "cancel_order", "DELETE", ("/orders/{id}",), "Order cancelled successfully"),
    Row("orders", "get_order_status", "GET", ("/orders/{id}/status",), "Fetched order status successfully"),
    Row(
        "orders",
        "list_order_adjustments",
        "GET",
        ("/orders/{id}/adjustments",),
        "Adjustments fetched successfully",
        empty_list,
    ),
    Row(
        "orders",
        "list_order_tokens",
        "GET",
        ("/orders/{id}/tokens", _MERCHANT + "/orders/{id}/tokens"),
        "Fetched the card information.",
        empty_list,
    ),
    Row("orders", "update_order_receipt", "PUT", ("/orders/{id}/receipt",), "Receipt data updated successfully."),
    Row(
        "orders",
        "list_online_orders",
        "GET",
        ("/orders/{terminalId}/online",),
        "Fetched online orders Successfully.",
        empty_list,
    ),
    Row(
        "payments",
        "create_payment",
        "POST",
        ("/payments",),
        "Payment initiated successfully",
        new_payment,
        201,
        schemas.NewPayment(),
    ),
    Row(
        "payments",
        "cancel_payment",
        "DELETE",
        ("/payments/{id}",),
        "Payment cancelled successfully.",
        always(paymentStatus="PAYMENT_CANCELLED"),
    ),
    Row(
        "payments",
        "void_payment",
        "PUT",
        ("/payments/{id}/void",),
        "payment void status successfully retrieved from external API",
        always(voidStatus="VOID_INITIATED"),
    ),
    Row(
        "payments",
        "capture_payment",
        "POST",
        ("/payments/{id}/capture",),
        "Payment captured successfully",
        status=201,
    ),
    Row(
        "payments",
        "get_capture",
        "GET",
        ("/payments/{id}/capture",),
        "Capture status fetched successfully.",
        always(captureStatus="SUCCESS"),
    ),
    Row("transactions", "list_transactions", "GET", ("/transactions",), "Fetched transactions", empty_list),
    Row(
        "transactions", "list_transactions_of", "GET", ("/transactions/{id}/list",), "Fetched transactions", empty_list
    ),
    Row("transactions", "search_transactions", "GET", ("/transactions/search",), "Fetched transactions", empty_list),
    Row(
        "transactions",
        "search_transactions_by_post",
        "POST",
        ("/transactions/search",),
        "Fetched transactions",
        empty_list,
    ),
    Row("tips", "get_tips", "GET", _TIPS, "{level} config queried successfully"),
    Row("tips", "configure_tips", "PATCH", _TIPS, "{LEVEL} config updated successfully"),
    Row("branding", "get_branding", "GET", _BRANDING, "Fetched Branding successfully"),
    Row("branding", "configure_branding", "PATCH", _BRANDING, "Branding configuration set successfully."),
    Row(
        "branding",
        "delete_branding",
        "DELETE",
        _BRANDING,
        "Configuration deleted successfully for id [{id}] and type {LEVEL}",
    ),
    Row(
        "reporting",
        "list_reports",
        "GET",
        ("/partners/{partnerId}/merchants/{merchantId}/reports",),
        "Settlement reports fetched successfully",
        empty_list,
    ),
    Row("receipts", "email_receipt", "PUT", ("/receipts/{id}/email",), "Email Sent"),
    Row("receipts", "print_receipt", "PUT", ("/receipts/{id}/print",), "PNG Receipt printed successfully."),
    Row("receipts", "print_escpos", "PUT", ("/receipts/{terminalId}/escpos",), "ESCPOS Receipt printed successfully."),
    Row("receipts", "update_receipt", "PUT", ("/receipts/{orderId}",), "Receipt data updated successfully."),
    Row(
        "receipts",
        "get_receipt_link",
        "GET",
        ("/receipts/{id}/link",),
        "Receipt URL fetched successfully.",
        receipt_link,
    ),
    Row(ADMINISTRATION, "administer_get", "GET", _ADMINISTRATION, "OK"),
    Row(ADMINISTRATION, "administer_post", "POST", _ADMINISTRATION, "OK", status=201),
    Row(ADMINISTRATION, "administer_put", "PUT", _ADMINISTRATION, "OK"),
    Row(ADMINISTRATION, "administer_patch", "PATCH", _ADMINISTRATION, "OK"),
    Row(ADMINISTRATION, "administer_delete", "DELETE", _ADMINISTRATION, "OK"),
)
"""Every call of every family (the vendor's API reference), and the administrative rest."""


def answer(case: Case, *, row: Row) -> Answer:
    """What an authorised call is answered: the row's own, or the body that its family has on record."""
    headers = _page_headers(case) if row.data is empty_list else ()
    fixed = case.sandbox.get(SurfboardRecords).family_answers.get(row.family)
    if fixed:
        return Answer(status=row.status, headers=headers, verbatim=jsontext.write(fixed.body))
    fields = {"status": "SUCCESS", "data": row.data(case, row), "message": _message(case, row)}
    return Answer(fields, row.status, headers)


def _message(case: Case, row: Row) -> str:
    if "{" not in row.message:
        return row.message
    parameter = next(name for name in LEVELS if name in case.parameters)
    level = LEVELS[parameter]
    return row.message.format(level=level.lower(), LEVEL=level, id=case.parameters[parameter])


def _page_headers(case: Case) -> tuple[tuple[str, str], ...]:
    asked = case.call.headers.get("X-PAGE-NUMBER") or ""
    return (("x-page-number", asked if _PAGE_NUMBER.fullmatch(asked) else "1"), ("x-total-items", "0"))


def _new_id(case: Case) -> str:
    return case.sandbox.entropy.data(_ID_BYTES).hex()
