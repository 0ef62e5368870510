"""What an integrator configures to talk to Ingrid, and a first call to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.assertions import GRANT, usual_claims
from mockserver.core.keys import read_private_key, sign_rs256
from mockserver.core.vendor import NothingToHandOutError
from mockserver.vendors.ingrid.options import IngridOptions
from mockserver.vendors.ingrid.records import IngridRecords, ServiceAccount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.sandbox import Sandbox


def environment(sandbox: Sandbox, url: str) -> Mapping[str, str]:
    """The variables that a backend of Ingrid's guide reads, for the first account that has a private key."""
    account, private_key = demo_account(sandbox.get(IngridRecords))
    return {
        "MERCHANTS_API_BASE": url,
        "MERCHANTS_AUTH_URL": auth_url(sandbox, url),
        "SERVICE_ACCOUNT_ID": account.id,
        "SERVICE_ACCOUNT_PRIVATE_KEY": private_key,
        "SITE_ID": account.sites[0] if account.sites else "",
    }


def greeting(sandbox: Sandbox, url: str) -> str:
    """A curl that trades a freshly signed assertion for a service token; it has an hour to be pasted."""
    account, private_key = demo_account(sandbox.get(IngridRecords))
    claims = usual_claims(
        account.id, accepted_audience(sandbox, url), sandbox.clock.now(), account.assertion_max_lifetime
    )
    assertion = sign_rs256(claims, read_private_key(private_key, trusted=True))
    return (
        f"curl -s {auth_url(sandbox, url)} -H 'Content-Type: application/json' \\\n"
        f'  -d \'{{"grantType":"{GRANT}","assertion":"{assertion}"}}\''
    )


def auth_url(sandbox: Sandbox, url: str) -> str:
    """Where assertions are exchanged, and the audience they must name."""
    return url + sandbox.get(IngridOptions).auth_path


def accepted_audience(sandbox: Sandbox, url: str) -> str:
    """The audience that assertions must name: where they are exchanged, unless options say otherwise."""
    options = sandbox.get(IngridOptions)
    first = options.audience[0] if options.audience else "request"
    return first if first != "request" else auth_url(sandbox, options.base_url or url)


def demo_account(records: IngridRecords) -> tuple[ServiceAccount, str]:
    """The first account with a private key to hand out, and that key. Raises `NothingToHandOutError`."""
    for account in records.accounts.values():
        for key in account.active_keys:
            if key.private_key:
                return account, key.private_key
    raise NothingToHandOutError("no Ingrid service account in this sandbox has a private key to hand out")
