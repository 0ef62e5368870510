"""API clients beside the vendor's own calls: new ones for a sandbox, and as clients of the token services."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.core import jsontext
from mockserver.core.bodies import JSON
from mockserver.core.credentials import HEX, handed_out
from mockserver.core.examples import Ask
from mockserver.core.vendor import Authorization, Fresh, NothingToHandOutError
from mockserver.vendors.alternative.clients import client_by_basic
from mockserver.vendors.alternative.environment import demo_client, demo_invoice
from mockserver.vendors.alternative.operations import TOKEN_PATH, init_paths
from mockserver.vendors.alternative.options import AlternativeOptions
from mockserver.vendors.alternative.records import AlternativeRecords, ApiClient
from mockserver.vendors.alternative.schemas import GRANT
from mockserver.vendors.alternative.steps import bearer, token_ask

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.core.examples import Stage
    from mockserver.core.vendor import FreshKeys


def fresh(records: AlternativeRecords, keys: FreshKeys) -> Fresh:
    """A new client of the first one's partner, ahead of all others."""
    model = next(iter(records.clients.values()), ApiClient("", "", "partner_demo"))
    client_id, secret = f"client_{keys.entropy.letters(HEX, 12)}", f"secret_{keys.entropy.letters(HEX, 32)}"
    client = replace(model, id=client_id, secret=secret, enabled=True)
    return Fresh(replace(records, clients={client.id: client, **records.clients}), (client.id,))


def oauth_token(stage: Stage) -> str:
    """An OAuth token of the client that this sandbox hands out."""
    client = demo_client(stage.sandbox.get(AlternativeRecords))
    return handed_out(stage, token_ask(client.id, client.secret), "access_token")


def checkout_token(stage: Stage) -> str:
    """A checkout token for the first invoice that this client may ask for."""
    records = stage.sandbox.get(AlternativeRecords)
    client = demo_client(records)
    invoice = demo_invoice(records, client)
    if invoice is None:
        raise NothingToHandOutError(f"no customer of {client.partner_id} has an invoice")
    body = jsontext.write({"customer_id": invoice.customer_id, "invoice_id": invoice.id})
    headers = (("Content-Type", JSON), bearer(oauth_token(stage)))
    path = init_paths(stage.sandbox.get(AlternativeOptions))[0]
    return handed_out(stage, Ask("POST", path, headers, body), "token")


def client(case: Case) -> str:
    """The client that a call to the token services comes from: by Basic, as at the token endpoint."""
    return client_by_basic(case).id


AUTHORIZATION = Authorization(
    client=client,
    token_path=lambda _options: TOKEN_PATH,
    grants=(GRANT,),
    auth_methods=("client_secret_basic",),
)
