"""The Current Customer JWT: who is logged in at the store, told to an app in its own secret's hand."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mockserver.core.clock import seconds
from mockserver.core.jws import encoded_header
from mockserver.core.keys import Hs256Key
from mockserver.vendors.bigcommerce.records import BigCommerceRecords

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.vendors.bigcommerce.places import Place
    from mockserver.vendors.bigcommerce.records import ApiAccount, Customer

LIFETIME = timedelta(minutes=15)
APP = "app_client_id"


def app_named(case: Case, place: Place) -> ApiAccount:
    """The app that asks, by its client id. Refuses one that is none of this store's."""
    named = case.call.parameter(APP)
    account = case.sandbox.get(BigCommerceRecords).api_accounts.get(named or "")
    own = account if account and account.store_hash == place.store.id else None
    return case.found(own, "credential.unknown", seen=named, wanted="an API account of this store", claim=APP)


def current_customer_jwt(case: Case, place: Place, app: ApiAccount, customer: Customer) -> str:
    """A JWT about this customer, for this app. Apps have no id beside their client id here."""
    issued_at = seconds(case.now)
    claims: dict[str, Any] = {
        "customer": {"id": customer.id, "email": customer.email, "group_id": str(customer.group_id)},
        "iss": "bc/apps",
        "sub": place.store.id,
        "iat": issued_at,
        "exp": issued_at + int(LIFETIME.total_seconds()),
        "version": 1,
        "aud": app.id,
        "application_id": app.id,
        "store_hash": place.store.id,
        "operation": "current_customer",
    }
    key = Hs256Key(app.client_secret.encode(), app.id, encoded_header(alg="HS256", typ="JWT"))
    return key.sign(claims)
