"""What an integrator configures to talk to BigCommerce, and a first call to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockserver.core import jsontext
from mockserver.core.bodies import JSON
from mockserver.core.clock import seconds
from mockserver.core.vendor import NothingToHandOutError
from mockserver.vendors.bigcommerce.callers import AUTH_HEADER
from mockserver.vendors.bigcommerce.records import STOREFRONT_SCOPE, BigCommerceRecords

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.sandbox import Sandbox
    from mockserver.vendors.bigcommerce.records import ApiAccount, Store

DEMO_ORIGIN = "http://localhost:3000"
HOUR_S = 3600
LOOPBACK = ("127.0.0.1", "::1")


def environment(sandbox: Sandbox, url: str) -> Mapping[str, str]:
    """The variables of a storefront's backend, for the first API account; the domain is what hosts end with."""
    account, store = demo_account(sandbox.get(BigCommerceRecords))
    return {
        "BIGCOMMERCE_API_URL": url,
        "BIGCOMMERCE_STORE_HASH": store.id,
        "BIGCOMMERCE_ACCESS_TOKEN": account.access_token,
        "BIGCOMMERCE_CLIENT_ID": account.id,
        "BIGCOMMERCE_CLIENT_SECRET": account.client_secret,
        "BIGCOMMERCE_CHANNEL_ID": str(demo_channel(store)),
        "BIGCOMMERCE_GRAPHQL_API_DOMAIN": _domain(url),
    }


def _domain(url: str) -> str:
    """What stands behind `store-{hash}-{channel}.` in host names; an address cannot."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"localhost{port}" if parts.hostname in LOOPBACK else parts.netloc


def greeting(sandbox: Sandbox, url: str) -> str:
    """A curl that mints a storefront token for an hour."""
    account, store = demo_account(sandbox.get(BigCommerceRecords))
    body = jsontext.write(token_request(sandbox, store, allowed_cors_origins=[DEMO_ORIGIN])).decode()
    return (
        f"curl -s {url}/stores/{store.id}/v3/storefront/api-token \\\n"
        f"  -H 'Content-Type: {JSON}' -H '{AUTH_HEADER}: {account.access_token}' \\\n"
        f"  -d '{body}'"
    )


def token_request(sandbox: Sandbox, store: Store, **more: object) -> dict[str, object]:
    """A body that asks for a token which lasts an hour."""
    return {"channel_id": demo_channel(store), "expires_at": seconds(sandbox.clock.now()) + HOUR_S, **more}


def demo_account(records: BigCommerceRecords) -> tuple[ApiAccount, Store]:
    """The first API account that may mint storefront tokens, and its store. Raises `NothingToHandOutError`."""
    for account in records.api_accounts.values():
        store = records.stores.get(account.store_hash)
        if store and STOREFRONT_SCOPE in account.scopes:
            return account, store
    raise NothingToHandOutError("no BigCommerce API account in this sandbox has a store and may mint storefront tokens")


def demo_channel(store: Store) -> int:
    """The first channel of a store that can be called."""
    return next((channel.id for channel in store.channels if channel.has_site), store.channels[0].id)
