"""API accounts beside the vendor's own calls: a store and an account for a sandbox, and tokens for who asks for one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from string import ascii_lowercase, digits
from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext
from mockserver.core.bodies import JSON
from mockserver.core.credentials import HEX, handed_out
from mockserver.core.examples import Ask
from mockserver.core.origins import origin_of
from mockserver.core.vendor import Fresh, NothingToHandOutError
from mockserver.vendors.bigcommerce.callers import AUTH_HEADER
from mockserver.vendors.bigcommerce.claims import STENCIL
from mockserver.vendors.bigcommerce.environment import DEMO_ORIGIN, demo_account, demo_channel, token_request
from mockserver.vendors.bigcommerce.operations import (
    IMPERSONATION_FAMILY,
    PRIVATE_FAMILY,
    STOREFRONT_FAMILY,
    Family,
)
from mockserver.vendors.bigcommerce.places import IMPERSONATION, PRIVATE, SIMPLE, StorefrontGrant
from mockserver.vendors.bigcommerce.records import ApiAccount, BigCommerceRecords, Store
from mockserver.vendors.bigcommerce.schemas import TOKEN_SCOPES
from mockserver.vendors.bigcommerce.sessions import access
from mockserver.vendors.bigcommerce.tokens import mint_stencil

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockserver.core.examples import Stage
    from mockserver.core.vendor import FreshKeys

LETTERS = ascii_lowercase + digits
CLIENT_ID_LENGTH = 31
FIRST_SID = 1_100_000_000
LOGIN = (
    "mutation($email: String!, $password: String!) "
    "{ login(email: $email, password: $password) { customerAccessToken { value } } }"
)


def fresh(records: BigCommerceRecords, keys: FreshKeys) -> Fresh:
    """A new store like the first one, and an API account with all rights there, ahead of all others."""
    drawn = keys.entropy
    model = next(iter(records.stores.values()), Store("", 0))
    sid = FIRST_SID + int(drawn.letters(digits, 8))
    store = replace(model, id=drawn.letters(LETTERS, 10), sid=sid, vanity_hosts=())
    account = ApiAccount(
        id=drawn.letters(LETTERS, CLIENT_ID_LENGTH),
        store_hash=store.id,
        client_secret=drawn.letters(HEX, 64),
        access_token=drawn.letters(LETTERS, CLIENT_ID_LENGTH),
    )
    own = replace(
        records,
        stores={store.id: store, **records.stores},
        api_accounts={account.id: account, **records.api_accounts},
    )
    return Fresh(own, (store.id, account.id, account.access_token))


def _minted(stage: Stage, family: Family, **more: Any) -> str:
    account, store = demo_account(stage.sandbox.get(BigCommerceRecords))
    body = jsontext.write(token_request(stage.sandbox, store, **more))
    path = family.path.format(storeHash=store.id)
    headers = (("Content-Type", JSON), (AUTH_HEADER, account.access_token))
    return handed_out(stage, Ask("POST", path, headers, body), "data", "token")


def _customer_access(stage: Stage) -> str:
    """The token of the first shopper who may log in by password, as a backend gets it."""
    _, store = demo_account(stage.sandbox.get(BigCommerceRecords))
    shopper = next((each for each in store.customers if not each.force_reset), None)
    if shopper is None:
        raise NothingToHandOutError(f"store {store.id} has no shopper who may log in")
    private = _minted(stage, family=PRIVATE_FAMILY, scopes=list(TOKEN_SCOPES))
    asked = {"query": LOGIN, "variables": {"email": shopper.email, "password": shopper.password}}
    headers = (("Content-Type", JSON), ("Authorization", f"Bearer {private}"))
    path = f"/_sf/{store.id}-{demo_channel(store)}/graphql"
    ask = Ask("POST", path, headers, jsontext.write(asked))
    return handed_out(stage, ask, "data", "login", "customerAccessToken", "value")


def _stencil(stage: Stage) -> str:
    """A token as the store's own pages carry it; the store is where the sandbox is called."""
    _, store = demo_account(stage.sandbox.get(BigCommerceRecords))
    origins = (origin_of(stage.base_url),)
    return mint_stencil(stage.sandbox, StorefrontGrant(SIMPLE, store.sid, (demo_channel(store),), origins))


TOKENS: Mapping[str, Callable[[Stage], str]] = {
    STENCIL: _stencil,
    access.KIND: _customer_access,
    IMPERSONATION: partial(_minted, family=IMPERSONATION_FAMILY),
    PRIVATE: partial(_minted, family=PRIVATE_FAMILY, scopes=list(TOKEN_SCOPES)),
    SIMPLE: partial(_minted, family=STOREFRONT_FAMILY, allowed_cors_origins=[DEMO_ORIGIN]),
}
"""How each kind of token is asked for; the last one is what most want."""
