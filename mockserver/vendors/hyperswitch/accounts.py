"""Accounts beside the vendor's own calls: new ones for a sandbox, and the token that the first of them gets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.core.bodies import JSON
from mockserver.core.credentials import HEX, handed_out
from mockserver.core.examples import Ask
from mockserver.core.vendor import Fresh
from mockserver.vendors.hyperswitch import environment
from mockserver.vendors.hyperswitch.records import Account

if TYPE_CHECKING:
    from mockserver.core.examples import Stage
    from mockserver.core.vendor import FreshKeys
    from mockserver.vendors.hyperswitch.records import HyperswitchRecords


def fresh(records: HyperswitchRecords, keys: FreshKeys) -> Fresh:
    """A new PayPal account, ahead of all others: a call with either of its credentials belongs to its sandbox."""
    name, secret = (keys.entropy.letters(HEX, 24) for _ in range(2))
    account = Account(f"acc_{name[:12]}", "paypal", {"client_id": f"cid_{name}", "client_secret": f"sec_{secret}"})
    known = {account.id: account, **records.accounts}
    return Fresh(replace(records, accounts=known), tuple(account.fields.values()))


def access_token(stage: Stage) -> str:
    """An access token for the account that this sandbox hands out."""
    account = environment.handed_out(stage.sandbox)
    headers = (("Content-Type", JSON), ("x-connector-config", environment.config(account)))
    ask = Ask("POST", "/payments/server_authentication_token", headers, b"{}")
    return handed_out(stage, ask, "access_token")
