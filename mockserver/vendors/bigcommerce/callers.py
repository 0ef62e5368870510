"""Who calls the REST API: an API account by its access token, which is told by its client id and never by that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.credentials import same
from mockserver.core.redaction import fingerprint
from mockserver.vendors.bigcommerce import hosts, quotas
from mockserver.vendors.bigcommerce.records import ApiAccount, BigCommerceRecords, Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.calls import Call
    from mockserver.core.case import Case

AUTH_HEADER = "X-Auth-Token"


def access_token(call: Call, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """The access token of a call, by which its sandbox is found."""
    del parameters
    sent = call.headers.get(AUTH_HEADER)
    return (sent,) if sent else ()


def known_as(case: Case, name: str) -> str:
    """The store of a hash or a host name, the client id of an account or of its access token; nobody of all else."""
    records = case.sandbox.get(BigCommerceRecords)
    if name in records.stores or name in records.api_accounts:
        return name
    found = account_with(case, name)
    if found:
        return found.id
    return next((store.id for store in records.stores.values() if name in store.vanity_hosts), "")


def account_with(case: Case, token: str) -> ApiAccount | None:
    """The API account that has this access token."""
    found = None
    for account in case.sandbox.get(BigCommerceRecords).api_accounts.values():
        # All are compared: how long it takes tells nothing about which.
        found = account if same(token, account.access_token) else found
    return found


def account(case: Case, *, scope: str = "") -> ApiAccount:
    """The API account of the store in the path that calls, its calls counted; it must have this *scope*, if any."""
    sent = case.call.headers.get(AUTH_HEADER)
    case.require(bool(sent), "credential.missing", wanted=AUTH_HEADER)
    store = case.parameters["storeHash"]
    known = account_with(case, str(sent))
    own = known if known and known.store_hash == store else None
    seen = known.id if known else fingerprint(str(sent))
    found = case.found(own, "credential.unknown", seen=seen, wanted=f"an API account of store {store}")
    quotas.count(case, found)
    if scope:
        case.require(scope in found.scopes, "scope.insufficient", seen=list(found.scopes), wanted=scope)
    return found


def store_of(case: Case) -> Store:
    """The store in the path."""
    return case.sandbox.get(BigCommerceRecords).stores[case.parameters["storeHash"]]


def storefront_url(case: Case, store: Store) -> str:
    """Where the default channel of a store is served, for whoever can call the API where it was called."""
    return f"{case.base_url.rstrip('/')}{hosts.ALIAS.format(storefront=f'{store.id}-1')}"
