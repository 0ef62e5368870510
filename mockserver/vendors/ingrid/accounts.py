"""Service accounts beside the vendor's own calls: new ones for a sandbox, and as clients of the token services."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from mockserver.core import assertions, jsontext
from mockserver.core.bodies import JSON
from mockserver.core.credentials import HEX, handed_out
from mockserver.core.examples import Ask
from mockserver.core.keys import read_private_key, read_public_key, sign_rs256
from mockserver.core.vendor import Authorization, Fresh, NothingToHandOutError
from mockserver.vendors.ingrid.environment import accepted_audience, auth_url, demo_account
from mockserver.vendors.ingrid.operations import enabled_account
from mockserver.vendors.ingrid.options import IngridOptions
from mockserver.vendors.ingrid.records import AccountKey, IngridRecords, ServiceAccount
from mockserver.vendors.ingrid.tokens import SiteGrant

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.core.examples import Stage
    from mockserver.core.keys import Rs256Key
    from mockserver.core.tokens import Token
    from mockserver.core.vendor import FreshKeys

MINUTE = timedelta(minutes=1)


def fresh(records: IngridRecords, keys: FreshKeys) -> Fresh:
    """A new service account with the rights of the first one, ahead of all others."""
    private, public = keys.rsa()
    model = next(iter(records.accounts.values()), ServiceAccount("", ()))
    key = AccountKey(_public_key(public), private_key=private)
    account = replace(model, id=f"sa_{keys.entropy.letters(HEX, 12)}", keys=(key,), enabled=True)
    return Fresh(replace(records, accounts={account.id: account, **records.accounts}), (account.id,))


def service_token(stage: Stage) -> str:
    """A service token of the account that this sandbox hands out."""
    account, private_key = demo_account(stage.sandbox.get(IngridRecords))
    url = auth_url(stage.sandbox, stage.base_url)
    audience = accepted_audience(stage.sandbox, stage.base_url)
    claims = assertions.usual_claims(account.id, audience, stage.sandbox.clock.now(), MINUTE)
    once = {**claims, "jti": stage.sandbox.entropy.uuid()}
    assertion = sign_rs256(once, read_private_key(private_key, trusted=True))
    path = url.removeprefix(stage.base_url)
    grant = {"grantType": assertions.GRANT, "assertion": assertion}
    return handed_out(stage, _asked(path, grant), "accessToken")


def site_token(stage: Stage) -> str:
    """A site token of its first site, with all its scopes."""
    account, _ = demo_account(stage.sandbox.get(IngridRecords))
    if not account.sites:
        raise NothingToHandOutError(f"{account.id} serves no site")
    bearer = ("Authorization", f"Bearer {service_token(stage)}")
    ask = _asked(f"/v1/sites/{account.sites[0]}/access-tokens", {"scopes": account.scopes}, bearer)
    return handed_out(stage, ask, "accessToken")


def _asked(path: str, body: dict[str, Any], *headers: tuple[str, str]) -> Ask:
    return Ask("POST", path, (("Content-Type", JSON), *headers), jsontext.write(body))


def client(case: Case) -> str:
    """The service account that signed the `client_assertion` of a form (RFC 7523 section 2.2)."""
    text = case.fields.get("client_assertion")
    case.require(bool(text), "credential.missing", wanted="client_assertion")
    audiences = (case.url, case.base_url, case.base_url + case.sandbox.get(IngridOptions).auth_path)
    policy = assertions.AssertionPolicy("RS256", audiences, case.options.skew, case.sandbox.get(IngridOptions).replay)
    return assertions.verify(case, str(text), policy, partial(enabled_account, case)).id


def _scopes(token: Token) -> tuple[str, ...]:
    return token.grant.scopes if isinstance(token.grant, SiteGrant) else ()


@lru_cache(maxsize=64)
def _public_key(pem: str) -> Rs256Key:
    return read_public_key(pem)


AUTHORIZATION = Authorization(
    client=client,
    token_path=lambda options: str(options.auth_path),
    grants=(assertions.GRANT,),
    auth_methods=("private_key_jwt",),
    signing_algorithms=("RS256",),
    scopes=_scopes,
)
