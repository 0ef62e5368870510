"""What Alternative does for pages: the theme, the invoice, the card form, addresses; and what all its calls share."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

from mockserver.core import bodies
from mockserver.core.bearer import REFUSALS as BEARER_REFUSALS
from mockserver.core.bearer import BearerToken, bearer_text
from mockserver.core.bodies import JSON
from mockserver.core.operations import Answer, Body, Operation
from mockserver.core.origins import Cors
from mockserver.core.tokens import Token
from mockserver.vendors.alternative import answers, schemas
from mockserver.vendors.alternative.clients import count_call
from mockserver.vendors.alternative.records import AlternativeRecords, Invoice, Partner
from mockserver.vendors.alternative.tokens import CheckoutGrant, checkout_form

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.core.case import Case
    from mockserver.schema import RequestBody, ResponseBody
    from mockserver.vendors.alternative.options import AlternativeOptions

    Run = Callable[[Case, CheckoutGrant], Answer]

PREFIXES = {"bare": "/checkout", "v1": "/checkout/v1"}
CORS = Cors(
    methods=("GET", "POST"),
    headers=("authorization", "content-type", "idempotency-key"),
    expose=("Retry-After", "WWW-Authenticate"),
)
CHECKOUT_TOKEN = BearerToken("checkout", forms=checkout_form, server_only=("oauth",), revoked_first=True)
SEEN = "the calls of the browser SDK, as seen on the wire"


def checkout_token(case: Case) -> Token:
    """The checkout token in use, as long as its client's pages do not call too often."""
    token = CHECKOUT_TOKEN(case)
    count_call(case, token.granted(CheckoutGrant).client)
    return token


def page_operation(
    name: str,
    path: str,
    run: Run,
    response: ResponseBody,
    *,
    summary: str,
    body: RequestBody | None = None,
    refusals: tuple[str, ...] = (),
    source: str = SEEN,
) -> Operation:
    """A call of a page, below each prefix in force: a POST where it takes a *body*, else a GET."""

    def paths(options: AlternativeOptions) -> tuple[str, ...]:
        return tuple(prefix + path for form, prefix in PREFIXES.items() if options.checkout_path in (form, "both"))

    return Operation(
        name=f"alternative.{name}",
        summary=summary,
        source=f"Alternative Payments: {source}",
        method="POST" if body else "GET",
        path=PREFIXES["bare"] + path,
        paths=paths,
        bodies=(Body(JSON, body),) if body else (),
        caller=checkout_token,
        identifies=bearer_text,
        run=_bound(run),
        response=response,
        cors=CORS,
        refusals=(
            *BEARER_REFUSALS,
            "browser.server_only_token",
            "rate.limited",
            *(("request.media_type", "request.malformed", "request.invalid") if body else ()),
            "resource.not_found",
            *refusals,
        ),
    )


def invoice_of(case: Case, grant: CheckoutGrant) -> Invoice:
    """The invoice that the token is for."""
    invoice = case.sandbox.get(AlternativeRecords).invoices.get(grant.invoice or "")
    wanted = "a known invoice" if grant.invoice else "a token for an invoice"
    return case.found(invoice, "resource.not_found", seen=grant.invoice, wanted=wanted, claim="invoice_id")


def _bound(run: Run) -> Callable[[Case], Answer]:
    """The customer and the invoice come from the token, whatever the call says."""

    def answer(case: Case) -> Answer:
        grant = case.called_by(Token).granted(CheckoutGrant)
        customer = case.sandbox.get(AlternativeRecords).customers.get(grant.customer)
        case.found(customer, "resource.not_found", seen=grant.customer, wanted="a known customer", claim="customer_id")
        if grant.invoice is not None:
            invoice_of(case, grant)
        answered = run(case, grant)
        _find_other_ids(case, grant)
        return answered

    return answer


def _find_other_ids(case: Case, grant: CheckoutGrant) -> None:
    body = bodies.peek(case.call) if case.call.method == "POST" else {}
    named = [*parse_qsl(case.call.query, keep_blank_values=True, errors="replace"), *body.items()]
    for name, own in (("customer_id", grant.customer), ("invoice_id", grant.invoice)):
        if any(value != own for key, value in named if key == name):
            case.find("binding.wrong_customer", f"another {name} than the token's {own} was named; it does not count")


def get_theme(case: Case, grant: CheckoutGrant) -> Answer:
    """How the partner's pages look."""
    partner = case.sandbox.get(AlternativeRecords).partners.get(grant.partner, Partner(grant.partner))
    return Answer({"partner_name": partner.name, "theme": {"color": partner.color, "logo_url": partner.logo_url}})


def get_invoice(case: Case, grant: CheckoutGrant) -> Answer:
    """The invoice to be paid."""
    invoice = invoice_of(case, grant)
    return Answer({field.name: getattr(invoice, field.name) for field in fields(invoice)})


def get_pdf_link(case: Case, grant: CheckoutGrant) -> Answer:
    """Where the invoice can be read. There is no scheme: pages must cope."""
    return Answer({"url": f"files.example.test/{quote(invoice_of(case, grant).id, safe='')}.pdf"})


def get_card_form(case: Case, grant: CheckoutGrant) -> Answer:
    """Ids for the card form, which needs a script of its provider's and so does not work offline."""
    del case, grant
    return Answer({"team_id": "team_emulator", "app_id": "app_emulator"})


def autocomplete_address(case: Case, grant: CheckoutGrant) -> Answer:
    """One suggestion, whatever was typed."""
    del case, grant
    return Answer({"data": [SUGGESTION]})


def get_address(case: Case, grant: CheckoutGrant) -> Answer:
    """The address of that suggestion, whatever was asked for."""
    del case, grant
    return Answer({"data": {"result": {"address_components": [COMPONENT]}}})


SUGGESTION: dict[str, Any] = {
    "place_id": "pl_demo",
    "description": "1 Main St, Springfield",
    "structured_formatting": {"main_text": "1 Main St", "secondary_text": "Springfield"},
}
COMPONENT: dict[str, Any] = {"long_name": "Springfield", "short_name": "Springfield", "types": ["locality"]}

PAGE_OPERATIONS = (
    page_operation(
        "get_theme", "/preferences/theme", get_theme, answers.ThemeAnswer(), summary="The partner's name and colours"
    ),
    page_operation(
        "get_invoice",
        "/invoice",
        get_invoice,
        answers.InvoiceAnswer(),
        summary="The invoice that the token is for",
        source="Checkout reference, under /checkout/v1; the browser SDK leaves v1 out",
    ),
    page_operation(
        "get_pdf_link", "/invoice/pdf-link", get_pdf_link, answers.PdfLinkAnswer(), summary="Where the invoice is a PDF"
    ),
    page_operation(
        "get_card_form",
        "/card-form/credentials",
        get_card_form,
        answers.CardFormAnswer(),
        summary="Ids for the card form's provider",
    ),
    page_operation(
        "autocomplete_address",
        "/address/autocomplete",
        autocomplete_address,
        answers.AutocompleteAnswer(),
        summary="Suggest addresses",
        body=schemas.AutocompleteRequest(),
    ),
    page_operation(
        "get_address",
        "/address/details",
        get_address,
        answers.AddressDetailsAnswer(),
        summary="The address of a suggestion",
        body=schemas.AddressDetailsRequest(),
    ),
)
