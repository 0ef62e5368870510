"""What Surfboard does: one mint call for backends, and every row of the families as an operation."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from mockserver.core.bodies import JSON
from mockserver.core.credentials import same
from mockserver.core.operations import Answer, Body, Operation
from mockserver.core.origins import Cors
from mockserver.vendors.surfboard import schemas
from mockserver.vendors.surfboard.callers import (
    family_caller,
    family_names,
    merchant_named,
    mint_names,
    minting_backend,
)
from mockserver.vendors.surfboard.families import ROWS, Row, answer
from mockserver.vendors.surfboard.options import SurfboardOptions
from mockserver.vendors.surfboard.records import (
    ADMINISTRATION,
    CLIENT_FAMILIES,
    ApiCredential,
    AuthProvider,
    SurfboardRecords,
)
from mockserver.vendors.surfboard.tokens import ClientGrant, mint

if TYPE_CHECKING:
    from mockserver.core.case import Case

GUIDE = "Surfboard developer guide: Client Auth Tokens"
REFERENCE = "Surfboard API reference"
OUR_CHOICE = "Surfboard API reference (paths); what it answers is our choice"

FAMILY_CORS = Cors(
    methods=("GET", "POST", "PUT", "PATCH", "DELETE"),
    headers=("authorization", "content-type", "merchant-id", "x-page-number"),
    expose=("x-page-number", "x-total-items", "WWW-Authenticate"),
)

NO_CREDENTIAL = "no API-KEY and API-SECRET: the guide's call works here, the reference asks more"
MESSAGES = {"flat": "Token created successfully", "enveloped": "Auth token fetched successfully"}


def mint_client_token(case: Case) -> Answer:
    """Mint a client token for a user of the partner whose auth provider the body names and proves."""
    provider = _provider(case)
    credential = case.caller
    grant = ClientGrant(
        partner_id=provider.partner_id,
        merchant_id=merchant_named(case.call),
        external_user_id=case.fields["externalUserId"],
        email=case.fields.get("email"),
    )
    through = (credential.id,) if isinstance(credential, ApiCredential) else ()
    minted = mint(case, provider, grant, through)
    if not through:
        case.find("credential.missing", NO_CREDENTIAL)
    token = {"token": minted.value, "valid_until": str(minted.lifetime // timedelta(seconds=1))}
    shape = case.sandbox.get(SurfboardOptions).response_shape
    where = token if shape == "flat" else {"data": token}
    return Answer({**where, "status": "SUCCESS", "message": MESSAGES[shape]})


def _provider(case: Case) -> AuthProvider:
    provider_id, partner_id = case.fields["providerId"], case.parameters["partnerId"]
    found = case.sandbox.get(SurfboardRecords).auth_providers.get(provider_id)
    provider = case.found(found, "credential.unknown", seen=provider_id, wanted="an auth provider on record")
    own = provider.partner_id == partner_id
    case.require(own, "binding.wrong_partner", seen=partner_id, wanted=provider.partner_id)
    right = same(case.fields["providerCertificate"], provider.provider_certificate)
    case.require(right, "credential.wrong_secret", wanted="the certificate of this provider")
    case.require(provider.enabled, "credential.disabled", seen=provider_id, wanted="an enabled auth provider")
    return provider


def operation_of(row: Row) -> Operation:
    """A row of the families, as an operation."""
    return Operation(
        name=f"surfboard.{row.name}",
        summary=row.summary,
        source=OUR_CHOICE if row.family == ADMINISTRATION else REFERENCE,
        method=row.method,
        path=row.paths[0],
        paths=lambda _options: row.paths,
        bodies=(Body(JSON, row.body or schemas.AnyObject()),) if row.takes_body else (),
        body_optional=row.body is None,
        caller=partial(family_caller, family=row.family),
        identifies=family_names,
        run=partial(answer, row=row),
        response=schemas.FamilyData(),
        cors=FAMILY_CORS,
        statuses=tuple(dict.fromkeys((row.status, 200))),
        mints=row.body is not None,
        lists_every_field_error=False,
        refusals=_refusals(row),
    )


def _refusals(row: Row) -> tuple[str, ...]:
    everybodys = all(row.family in families for families in CLIENT_FAMILIES.values())
    of_partners = any("{partnerId}" in path for path in row.paths)
    return (
        "browser.secret_exposed",
        "credential.multiple",
        "token.missing",
        "credential.missing",
        "credential.unknown",
        "credential.wrong_secret",
        "credential.disabled",
        "token.multiple",
        "token.malformed",
        "token.unknown",
        "token.bad_signature",
        "token.wrong_kind",
        "token.expired",
        "token.revoked",
        *(() if everybodys else ("scope.insufficient",)),
        *(("binding.wrong_partner",) if of_partners else ()),
        "binding.wrong_merchant",
        *(("request.media_type", "request.malformed") if row.takes_body else ()),
        "request.invalid",
    )


MINT_CLIENT_TOKEN = Operation(
    name="surfboard.mint_client_token",
    summary="Mint a client token for one user, for a page or an app",
    source=GUIDE,
    method="POST",
    path="/partners/{partnerId}/token",
    bodies=(Body(JSON, schemas.TokenRequest()),),
    caller=minting_backend,
    identifies=mint_names,
    run=mint_client_token,
    response=schemas.TokenAnswer(),
    mints=True,
    lists_every_field_error=False,
    refusals=(
        "browser.secret_exposed",
        "credential.multiple",
        "token.wrong_kind",
        "credential.missing",
        "credential.unknown",
        "credential.wrong_secret",
        "credential.disabled",
        "binding.wrong_partner",
        "binding.wrong_merchant",
        "request.media_type",
        "request.malformed",
        "request.invalid",
    ),
)

OPERATIONS = (MINT_CLIENT_TOKEN, *(operation_of(row) for row in ROWS))
