"""The calls that examples of queries and hand-offs are made of, in the demo world."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext, jws
from mockserver.core.bodies import JSON
from mockserver.core.clock import seconds
from mockserver.core.credentials import handed_out
from mockserver.core.vendor import Ask
from mockserver.vendors.bigcommerce.records import BigCommerceRecords

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.core.vendor import Stage
    from mockserver.vendors.bigcommerce.records import ApiAccount, Store

    Asking = Callable[[Stage], Ask]

SHOP = "/_sf/demostore-1"
NOWHERE = "/_sf/nowhere-1"
SCOPES = ("Unauthenticated", "Customer", "B2B")
SHOPPER, PASSWORD, CUSTOMER = "shopper@example.com", "demo-password", 1
CART = "bc218c65-7a32-4ab7-8082-68730c074d02"
HOUR = timedelta(hours=1)
STORE_NAME = "{ site { settings { storeName } } }"
WHO = "{ customer { entityId email } }"
LOGIN = (
    "mutation Login($email: String!, $password: String!) { login(email: $email, password: $password) "
    "{ customer { entityId } customerAccessToken { value expiresAt } } }"
)
BY_JWT = (
    "mutation($jwt: String!) { loginWithCustomerLoginJwt(jwt: $jwt) "
    "{ customer { entityId } customerAccessToken { value expiresAt } } }"
)
STRICT = ("X-Bc-Error-On-Invalid-Customer-Access-Token", "true")
ACCESS = "X-Bc-Customer-Access-Token"


def private_token(stage: Stage, scopes: tuple[str, ...] = SCOPES) -> str:
    """A private token of the demo store, for an hour."""
    account = demo_account(stage)
    members = {"channel_id": 1, "expires_at": seconds(stage.sandbox.clock.now() + HOUR), "scopes": scopes}
    headers = (("Content-Type", JSON), ("X-Auth-Token", account.access_token))
    path = f"/stores/{account.store_hash}/v3/storefront/api-token-private"
    return handed_out(stage, Ask("POST", path, headers, jsontext.write(members)), "data", "token")


def query(
    text: str, variables: dict[str, Any] | None = None, *headers: tuple[str, str], scopes: tuple[str, ...] = SCOPES
) -> Asking:
    """Ask a backend's query."""

    def ask(stage: Stage) -> Ask:
        members: dict[str, Any] = {"query": text, **({"variables": variables} if variables else {})}
        own = (("Content-Type", JSON), ("Authorization", f"Bearer {private_token(stage, scopes)}"))
        return Ask("POST", f"{SHOP}/graphql", (*own, *headers), jsontext.write(members))

    return ask


def login(password: str = PASSWORD) -> Asking:
    """Log the demo shopper in."""
    return query(LOGIN, {"email": SHOPPER, "password": password})


def access_token(stage: Stage) -> str:
    """A customer access token of the demo shopper."""
    return handed_out(stage, login()(stage), "data", "login", "customerAccessToken", "value")


def login_jwt(stage: Stage, *, secret: str | None = None, typ: str = "JWT", **changes: Any) -> str:
    """A login JWT as an integrator makes it, with *changes*; a claim changed to nothing is left out."""
    account = demo_account(stage)
    claims = {
        "iss": account.id,
        "iat": seconds(stage.sandbox.clock.now()),
        "jti": "only-once",
        "operation": "customer_login",
        "store_hash": account.store_hash,
        "customer_id": CUSTOMER,
        "channel_id": 1,
        **changes,
    }
    told = {name: value for name, value in claims.items() if value is not None}
    signed = f"{jws.encoded_header(alg='HS256', typ=typ)}.{jws.encode(jsontext.write(told))}"
    key = (account.client_secret if secret is None else secret).encode()
    return f"{signed}.{jws.encode(hmac.digest(key, signed.encode(), 'sha256'))}"


def demo_account(stage: Stage) -> ApiAccount:
    """The demo store's API account."""
    accounts = stage.sandbox.get(BigCommerceRecords).api_accounts
    return next(each for each in accounts.values() if each.store_hash == "demostore")


def change_store(stage: Stage, change: Callable[[Store], Store]) -> None:
    """Let the demo store be another than the demo world has it."""
    records = stage.sandbox.get(BigCommerceRecords)
    stores = {name: change(store) if name == "demostore" else store for name, store in records.stores.items()}
    stage.sandbox.put(replace(records, stores=stores))


def change_account(stage: Stage, **changes: Any) -> None:
    """The same for its API account."""
    records, account = stage.sandbox.get(BigCommerceRecords), demo_account(stage)
    changed = replace(account, **changes)
    stage.sandbox.put(replace(records, api_accounts={**records.api_accounts, account.id: changed}))


def closed(store: Store) -> Store:
    """The store with no channel live."""
    return replace(store, channels=tuple(replace(each, live=False) for each in store.channels))


def flagged(store: Store) -> Store:
    """The store with every customer to reset the password."""
    return replace(store, customers=tuple(replace(each, force_reset=True) for each in store.customers))


def before(change: Callable[[Stage], object], asking: Asking) -> Asking:
    """Let something happen, then ask."""

    def ask(stage: Stage) -> Ask:
        change(stage)
        return asking(stage)

    return ask
