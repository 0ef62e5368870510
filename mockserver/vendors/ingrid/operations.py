"""What Ingrid does: two mint calls for backends, one use of the token for pages."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mockserver.core import assertions, bodies, jsontext
from mockserver.core.bearer import REFUSALS as BEARER_REFUSALS
from mockserver.core.bearer import BearerToken, bearer_text
from mockserver.core.bodies import FORM, JSON
from mockserver.core.operations import BODY_BEFORE_CALLER, Answer, Body, Operation
from mockserver.core.origins import Cors
from mockserver.core.tokens import Token
from mockserver.vendors.ingrid import schemas
from mockserver.vendors.ingrid.options import IngridOptions
from mockserver.vendors.ingrid.records import IngridRecords, ServiceAccount
from mockserver.vendors.ingrid.tokens import SiteGrant, form, mint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.calls import Call
    from mockserver.core.case import Case
    from mockserver.core.minting import Minted

GUIDE = "Ingrid guide: Service Account Token Flow for Frontend Apps"


def account_by_assertion(case: Case) -> ServiceAccount:
    """The service account that signed the assertion in the body (RFC 7523 section 3)."""
    options = case.sandbox.get(IngridOptions)
    policy = assertions.AssertionPolicy(
        algorithm="RS256",
        audiences=tuple(case.url if word == "request" else word for word in options.audience),
        skew=options.skew,
        replay=options.replay,
    )
    return assertions.verify(case, case.fields["assertion"], policy, partial(enabled_account, case))


def enabled_account(case: Case, subject: str) -> ServiceAccount:
    """The service account with this id, or a refusal."""
    accounts = case.sandbox.get(IngridRecords).accounts
    account = case.found(accounts.get(subject), "credential.unknown", seen=subject, wanted=list(accounts))
    case.require(account.enabled, "credential.disabled", seen=subject, wanted="an enabled service account")
    return account


def mint_service_token(case: Case) -> Answer:
    """Trade an assertion for a service token. The form of RFC 7523 gets both spellings of every member."""
    account = case.called_by(ServiceAccount)
    minted = mint(case, kind="service", subject=account.id, lifetime=account.service_ttl)
    answer = _token_answer(minted)
    if case.media_type == FORM:
        answer |= {f"oauth_{name}": answer[name] for name in ("access_token", "token_type", "expires_in")}
    return Answer(answer)


def account_by_service_token(case: Case) -> ServiceAccount:
    """The service account whose service token this is, as long as it is enabled."""
    token = SERVICE_TOKEN(case)
    account = case.sandbox.get(IngridRecords).accounts.get(token.subject)
    enabled = account if account and account.enabled else None
    return case.found(enabled, "credential.disabled", seen=token.subject, wanted="an enabled service account")


def mint_site_token(case: Case) -> Answer:
    """Mint a site token for one of the account's sites, with scopes that the account may grant."""
    account = case.called_by(ServiceAccount)
    site_id, scopes = case.parameters["siteId"], case.fields["scopes"]
    sites = case.sandbox.get(IngridRecords).sites
    case.require(site_id in sites, "resource.not_found", seen=site_id, wanted="a site that exists")
    case.require(site_id in account.sites, "binding.wrong_site", seen=site_id, wanted=account.sites)
    case.require(set(scopes) <= set(account.scopes), "scope.escalation", seen=scopes, wanted=account.scopes)
    grant = SiteGrant(site_id, tuple(scopes), case.fields.get("external_ref"))
    site = sites[site_id]
    lifetime = case.fields.get("ttl", min(site.ttl_default, site.ttl_max))
    minted = mint(case, kind="site", subject=account.id, lifetime=lifetime, grant=grant)
    return Answer(_token_answer(minted), status=case.sandbox.get(IngridOptions).mint_status)


def token_of_site(case: Case) -> Token:
    """The site token in use: it needs the scope `view`, and its site wherever the call names one."""
    token = SITE_TOKEN(case)
    grant = token.granted(SiteGrant)
    case.require("view" in grant.scopes, "scope.insufficient", seen=grant.scopes, wanted="view")
    if "x-site-id" in case.call.headers:
        _check_site(case, case.call.headers.get("x-site-id"), grant)
    return token


def get_delivery_options(case: Case) -> Answer:
    """Answer a page with the site's `delivery_body`, or with a placeholder: the vendor publishes no body."""
    grant = case.called_by(Token).granted(SiteGrant)
    if "siteId" in case.fields:
        _check_site(case, case.fields["siteId"], grant)
    site = case.sandbox.get(IngridRecords).sites.get(grant.site)
    if site and site.delivery_body is not None:
        return Answer(verbatim=jsontext.write(site.delivery_body))
    return Answer(
        {
            "placeholder": True,
            "notice": "Ingrid does not publish this body; set delivery_body on the site.",
            "site_id": grant.site,
            "scopes": grant.scopes,
            "external_ref": grant.external_ref,
            "delivery_options": [],
        }
    )


def _check_site(case: Case, named: Any, grant: SiteGrant) -> None:
    case.require(named == grant.site, "binding.wrong_site", seen=named, wanted=grant.site)


def _token_answer(minted: Minted) -> dict[str, Any]:
    return {
        "access_token": minted.value,
        "token_type": "Bearer",
        "expires_at": minted.token.expires_at,
        "expires_in": minted.lifetime,
    }


def _assertion_subject(call: Call, parameters: Mapping[str, str]) -> tuple[str, ...]:
    del parameters
    return assertions.unverified_subject(bodies.peek(call).get("assertion"))


SERVICE_TOKEN = BearerToken("service", forms=form)
SITE_TOKEN = BearerToken("site", forms=form, server_only=("service",))

MINT_SERVICE_TOKEN = Operation(
    name="ingrid.mint_service_token",
    summary="Trade a service account's signed assertion for a service token",
    source=GUIDE,
    method="POST",
    path="/v1/auth/token",
    paths=lambda options: (options.auth_path,),
    bodies=(
        Body(JSON, schemas.AssertionGrant()),
        Body(FORM, schemas.AssertionGrantForm(), option="accept_form"),
    ),
    order=BODY_BEFORE_CALLER,
    caller=account_by_assertion,
    identifies=_assertion_subject,
    run=mint_service_token,
    response=schemas.ServiceTokenAnswer(),
    mints=True,
    lists_every_field_error=False,
    refusals=(
        "browser.secret_exposed",
        "request.media_type",
        "request.malformed",
        "request.duplicate_parameter",
        "request.invalid",
        "request.unsupported_grant",
        "assertion.missing",
        "assertion.malformed",
        "assertion.unsupported_algorithm",
        "assertion.missing_claim",
        "assertion.invalid_claim",
        "credential.unknown",
        "credential.disabled",
        "assertion.unknown_key",
        "assertion.bad_signature",
        "assertion.wrong_audience",
        "assertion.expired",
        "assertion.not_yet_valid",
        "assertion.lifetime_too_long",
        "assertion.replayed",
    ),
)

MINT_SITE_TOKEN = Operation(
    name="ingrid.mint_site_token",
    summary="Mint a short-lived site access token for a page",
    source=GUIDE,
    method="POST",
    path="/v1/sites/{siteId}/access-tokens",
    bodies=(Body(JSON, schemas.SiteTokenRequest()),),
    caller=account_by_service_token,
    identifies=bearer_text,
    run=mint_site_token,
    response=schemas.SiteTokenAnswer(),
    statuses=(200, 201),
    mints=True,
    refusals=(
        "browser.secret_exposed",
        *BEARER_REFUSALS,
        "credential.disabled",
        "request.media_type",
        "request.malformed",
        "request.invalid",
        "scope.unknown",
        "resource.not_found",
        "binding.wrong_site",
        "scope.escalation",
    ),
)

GET_DELIVERY_OPTIONS = Operation(
    name="ingrid.get_delivery_options",
    summary="Use a site token, as a page does",
    source=GUIDE,
    method="POST",
    path="/v1/delivery/options",
    bodies=(Body(JSON, schemas.DeliveryOptionsRequest()),),
    caller=token_of_site,
    identifies=bearer_text,
    run=get_delivery_options,
    response=schemas.DeliveryOptionsAnswer(),
    cors=Cors(
        methods=("POST",),
        headers=("authorization", "content-type", "x-site-id"),
        expose=("X-Trace-Id", "WWW-Authenticate"),
    ),
    refusals=(
        *BEARER_REFUSALS,
        "browser.server_only_token",
        "scope.insufficient",
        "binding.wrong_site",
        "request.media_type",
        "request.malformed",
    ),
)
