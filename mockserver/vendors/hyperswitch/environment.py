"""What an integrator configures to talk to Hyperswitch, and first calls to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core import jsontext
from mockserver.core.vendor import NothingToHandOutError
from mockserver.vendors.hyperswitch.connectors import KEY_OF
from mockserver.vendors.hyperswitch.records import HyperswitchRecords

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.sandbox import Sandbox
    from mockserver.vendors.hyperswitch.records import Account


def environment(sandbox: Sandbox, url: str) -> Mapping[str, str]:
    """The variables of a backend that talks to it, for the first account."""
    account = handed_out(sandbox)
    return {
        "HYPERSWITCH_HTTP_URL": url,
        "HYPERSWITCH_CONNECTOR": account.connector,
        "HYPERSWITCH_CONNECTOR_CONFIG": config(account),
    }


def rpc_environment(sandbox: Sandbox, address: str) -> Mapping[str, str]:
    """Where it is called over gRPC."""
    del sandbox
    return {"HYPERSWITCH_GRPC_ENDPOINT": address}


def greeting(sandbox: Sandbox, url: str) -> str:
    """A curl for a token, in the HTTP mode."""
    header = config(handed_out(sandbox))
    return (
        f"curl -s {url}/payments/server_authentication_token -H 'Content-Type: application/json' \\\n"
        f"  -H 'x-connector-config: {header}' -d '{{}}'"
    )


def rpc_greeting(sandbox: Sandbox, address: str) -> str:
    """The published page's command, and what it takes to speak plain text."""
    del sandbox
    return (
        'grpcurl -plaintext -H "x-connector: stripe" \\\n'
        '  -H \'x-connector-auth: {"Stripe":{"api_key":"sk_test_demo"}}\' \\\n'
        '  -d \'{"merchant_access_token_id":"token_001","connector":"STRIPE","test_mode":true}\' \\\n'
        f"  {address} ucs.v2.MerchantAuthenticationService/CreateAccessToken"
    )


def config(account: Account) -> str:
    """Its typed credentials, as `x-connector-config` carries them."""
    return jsontext.write({"config": {KEY_OF[account.connector]: dict(account.fields)}}).decode()


def handed_out(sandbox: Sandbox) -> Account:
    """The first account that typed credentials can tell of. Raises `NothingToHandOutError`."""
    for account in sandbox.get(HyperswitchRecords).accounts.values():
        if account.connector in KEY_OF:
            return account
    raise NothingToHandOutError("no Hyperswitch account in this sandbox can be handed out")
