"""What an integrator configures to talk to Alternative, and a first call to paste."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from mockserver.core.vendor import NothingToHandOutError
from mockserver.vendors.alternative.operations import TOKEN_PATH
from mockserver.vendors.alternative.records import AlternativeRecords, ApiClient, Invoice
from mockserver.vendors.alternative.schemas import GRANT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.sandbox import Sandbox


def environment(sandbox: Sandbox, url: str) -> Mapping[str, str]:
    """The variables of the first enabled client, with an invoice that it may ask a checkout token for."""
    records = sandbox.get(AlternativeRecords)
    client = demo_client(records)
    invoice = demo_invoice(records, client)
    return {
        "ALTERNATIVE_BASE_URL": url,
        "ALTERNATIVE_CLIENT_ID": client.id,
        "ALTERNATIVE_CLIENT_SECRET": client.secret,
        "ALTERNATIVE_CUSTOMER_ID": invoice.customer_id if invoice else "",
        "ALTERNATIVE_INVOICE_ID": invoice.id if invoice else "",
    }


def greeting(sandbox: Sandbox, url: str) -> str:
    """A curl that trades a client's id and secret for an OAuth token."""
    client = demo_client(sandbox.get(AlternativeRecords))
    return f"curl -s {url}{TOKEN_PATH} -u {quote(f'{client.id}:{client.secret}')} -d grant_type={GRANT}"


def demo_client(records: AlternativeRecords) -> ApiClient:
    """The first enabled client, to be handed out. Raises `NothingToHandOutError`."""
    for client in records.clients.values():
        if client.enabled:
            return client
    raise NothingToHandOutError("no Alternative client in this sandbox is enabled")


def demo_invoice(records: AlternativeRecords, client: ApiClient) -> Invoice | None:
    """The first invoice of a customer of this client's partner, if there is one."""
    own = {customer.id for customer in records.customers.values() if customer.partner_id == client.partner_id}
    return next((invoice for invoice in records.invoices.values() if invoice.customer_id in own), None)
