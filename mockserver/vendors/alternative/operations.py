"""What Alternative does for backends: client credentials for an OAuth token, that for a checkout token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.bearer import REFUSALS as BEARER_REFUSALS
from mockserver.core.bearer import BearerToken, bearer_text
from mockserver.core.bodies import FORM, JSON
from mockserver.core.clock import seconds
from mockserver.core.operations import Answer, Body, Operation
from mockserver.vendors.alternative import answers, schemas
from mockserver.vendors.alternative.checkout import PAGE_OPERATIONS
from mockserver.vendors.alternative.clients import client_ids, count_call, counted_client
from mockserver.vendors.alternative.errors import FETCH_TOKEN, INIT
from mockserver.vendors.alternative.options import AlternativeOptions
from mockserver.vendors.alternative.payments import PAYMENT_OPERATIONS
from mockserver.vendors.alternative.records import AlternativeRecords, ApiClient
from mockserver.vendors.alternative.tokens import CheckoutGrant, mint_checkout, mint_oauth, oauth_form

if TYPE_CHECKING:
    from mockserver.core.case import Case

TOKEN_PATH = "/oauth/token"
INIT_PATHS = {"v1": "/v1/checkout-auth/init", "bare": "/checkout-auth/init"}


def fetch_oauth_token(case: Case) -> Answer:
    """A new OAuth token for this client; earlier ones live on."""
    minted = mint_oauth(case, case.called_by(ApiClient))
    kind = "Bearer" if case.sandbox.get(AlternativeOptions).oauth_style == "guide" else "bearer"
    return Answer({"access_token": minted.value, "expires_in": minted.lifetime, "token_type": kind})


def client_by_oauth_token(case: Case) -> ApiClient:
    """The client whose OAuth token this is, as long as it is enabled."""
    token = OAUTH_TOKEN(case)
    client = case.sandbox.get(AlternativeRecords).clients.get(token.subject)
    enabled = client if client and client.enabled else None
    client = case.found(enabled, "credential.disabled", seen=token.subject, wanted="an enabled client")
    count_call(case, client.id)
    return client


def init_checkout(case: Case) -> Answer:
    """A new checkout token for an invoice of one of the partner's customers; paid ones get one, too."""
    client = case.called_by(ApiClient)
    customer, invoice = case.fields["customer_id"], case.fields.get("invoice_id")
    _check_customer(case, client, customer)
    if invoice is not None:
        _check_invoice(case, customer, invoice)
    minted = mint_checkout(case, CheckoutGrant(client.partner_id, client.id, customer, invoice))
    return Answer({"token": minted.value, "expires_at": seconds(minted.token.expires_at)})


def _check_customer(case: Case, client: ApiClient, named: str) -> None:
    known = case.sandbox.get(AlternativeRecords).customers.get(named)
    customer = case.found(known, "resource.not_found", seen=named, wanted="a known customer", claim="customer_id")
    seen, wanted = customer.partner_id, client.partner_id
    case.require(seen == wanted, "binding.wrong_partner", seen=seen, wanted=wanted, claim="customer_id")


def _check_invoice(case: Case, customer: str, named: str) -> None:
    known = case.sandbox.get(AlternativeRecords).invoices.get(named)
    invoice = case.found(known, "resource.not_found", seen=named, wanted="a known invoice", claim="invoice_id")
    seen = invoice.customer_id
    case.require(seen == customer, "binding.wrong_customer", seen=seen, wanted=customer, claim="invoice_id")


def init_paths(options: AlternativeOptions) -> tuple[str, ...]:
    """Where checkout tokens are minted now."""
    return tuple(path for form, path in INIT_PATHS.items() if options.init_path in (form, "both"))


OAUTH_TOKEN = BearerToken("oauth", forms=oauth_form, revoked_first=True)

FETCH_OAUTH_TOKEN = Operation(
    name=FETCH_TOKEN,
    summary="Trade a client's id and secret for an OAuth token",
    source="Alternative Payments: OAuth reference",
    method="POST",
    path=TOKEN_PATH,
    bodies=(Body(FORM, schemas.TokenRequest()), Body(JSON, schemas.TokenRequest())),
    caller=counted_client,
    identifies=client_ids,
    run=fetch_oauth_token,
    response=answers.OAuthTokenAnswer(),
    mints=True,
    lists_every_field_error=False,
    refusals=(
        "browser.secret_exposed",
        "credential.missing",
        "credential.malformed",
        "credential.multiple",
        "credential.unknown",
        "credential.wrong_secret",
        "credential.disabled",
        "rate.limited",
        "request.media_type",
        "request.malformed",
        "request.duplicate_parameter",
        "request.invalid",
        "request.unsupported_grant",
    ),
)

INIT_CHECKOUT = Operation(
    name=INIT,
    summary="Mint a checkout token for one invoice of one customer",
    source="Alternative Payments: Web SDK Authentication; the path without v1 was seen live",
    method="POST",
    path=INIT_PATHS["v1"],
    paths=init_paths,
    bodies=(Body(JSON, schemas.InitRequest()),),
    caller=client_by_oauth_token,
    identifies=bearer_text,
    run=init_checkout,
    response=answers.CheckoutTokenAnswer(),
    mints=True,
    lists_every_field_error=False,
    refusals=(
        "browser.secret_exposed",
        *BEARER_REFUSALS,
        "credential.disabled",
        "rate.limited",
        "request.media_type",
        "request.malformed",
        "request.invalid",
        "resource.not_found",
        "binding.wrong_partner",
        "binding.wrong_customer",
    ),
)

OPERATIONS = (FETCH_OAUTH_TOKEN, INIT_CHECKOUT, *PAGE_OPERATIONS, *PAYMENT_OPERATIONS)
