"""Who calls: a backend with API credentials, or a page with a client token; and what each may do where."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.core.bearer import BearerToken, bearer_text
from mockserver.core.bodies import peek
from mockserver.core.redaction import fingerprint
from mockserver.core.refusals import FieldError, Refusal
from mockserver.vendors.surfboard.options import SurfboardOptions
from mockserver.vendors.surfboard.records import CLIENT_FAMILIES, ApiCredential, SurfboardRecords
from mockserver.vendors.surfboard.tokens import ClientGrant, form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.calls import Call
    from mockserver.core.case import Case
    from mockserver.core.tokens import Token

API_HEADERS = ("API-KEY", "API-SECRET")
MERCHANT_ID = "MERCHANT-ID"
_BEARER = re.compile(r"[ \t]*bearer(?:[ \t].*)?", re.IGNORECASE)
_CLIENT_TOKEN = BearerToken("client", forms=form)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls a family: for which partner, at which merchant if that is settled, and for which user if for one."""

    partner_id: str
    merchant_id: str | None = None
    external_user_id: str | None = None


def minting_backend(case: Case) -> ApiCredential | None:
    """The API credential behind a mint call; nothing where none is sent and none is asked for."""
    _check_one_kind(case)
    bearer = sends_bearer(case.call)
    case.require(
        not bearer, "token.wrong_kind", hint="no token mints a token", seen=_kinds(case.call), wanted="API credentials"
    )
    credential = _minting_credential(case)
    if case.call.headers.get(MERCHANT_ID):
        _check_merchant(case, case.call.headers.get(MERCHANT_ID) or "", case.parameters["partnerId"])
    _check_merchant_header(case)
    return credential


def family_caller(case: Case, *, family: str) -> Principal:
    """Who calls a *family*, once it is known to be theirs: partner and merchant of the path included."""
    _check_one_kind(case)
    principal = _api_principal(case) if _sent(case.call) else _page(case, family)
    if "partnerId" in case.parameters:
        _check_partner(case, case.parameters["partnerId"], principal.partner_id)
    for merchant_id in _merchants_named(case):
        _check_binding(case, merchant_id, principal)
    _check_merchant_header(case)
    return principal


def sends_bearer(call: Call) -> bool:
    """Whether this call speaks for a client token, good or not."""
    return _BEARER.fullmatch(call.headers.get("Authorization") or "") is not None


def same_secret(sent: str, kept: str) -> bool:
    """Whether two secrets are the same, in constant time."""
    return hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), kept.encode("utf-8", "surrogatepass"))


def family_names(call: Call, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """The token and the API key that a call carries."""
    key = call.headers.get("API-KEY")
    return (*bearer_text(call, parameters), *((key,) if key else ()))


def mint_names(call: Call, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """The same, and the auth provider that a mint call names."""
    provider = peek(call).get("providerId")
    named = (provider,) if isinstance(provider, str) and provider else ()
    return (*named, *family_names(call, parameters))


def api_credential(case: Case) -> ApiCredential:
    """The API credential that both headers together name and prove, or a refusal."""
    key, secret = (case.call.headers.get(name) or "" for name in API_HEADERS)
    case.require(bool(key and secret), "credential.missing", seen=_sent(case.call), wanted=API_HEADERS)
    found = case.sandbox.get(SurfboardRecords).api_credentials.get(key)
    credential = case.found(found, "credential.unknown", seen=fingerprint(key), wanted="an API-KEY on record")
    right = same_secret(secret, credential.api_secret)
    case.require(right, "credential.wrong_secret", seen=fingerprint(secret), wanted="the API-SECRET of this API-KEY")
    case.require(credential.enabled, "credential.disabled", seen=fingerprint(key), wanted="an enabled API credential")
    return credential


def _minting_credential(case: Case) -> ApiCredential | None:
    if not _sent(case.call) and case.sandbox.get(SurfboardOptions).mint_auth == "body_only":
        case.find(
            "credential.missing", "no API-KEY and API-SECRET: the guide's call works here, the reference asks more"
        )
        return None
    credential = api_credential(case)
    _check_partner(case, case.parameters["partnerId"], credential.partner_id)
    return credential


def _sent(call: Call) -> tuple[str, ...]:
    """The names of the API headers that are sent and not empty."""
    return tuple(name for name in API_HEADERS if call.headers.get(name))


def _kinds(call: Call) -> list[str]:
    return [*(["a bearer token"] if sends_bearer(call) else []), *_sent(call)]


def _check_one_kind(case: Case) -> None:
    both = sends_bearer(case.call) and bool(_sent(case.call))
    case.require(not both, "credential.multiple", seen=_kinds(case.call), wanted="one kind of credential")


def _api_principal(case: Case) -> Principal:
    return Principal(api_credential(case).partner_id)


def _page(case: Case, family: str) -> Principal:
    token: Token = _CLIENT_TOKEN(case)
    grant = token.granted(ClientGrant)
    allowed = CLIENT_FAMILIES[case.sandbox.get(SurfboardOptions).client_scope]
    case.require(family in allowed, "scope.insufficient", seen=family, wanted=allowed)
    return Principal(grant.partner_id, grant.merchant_id, grant.external_user_id)


def _merchants_named(case: Case) -> list[str]:
    header = case.call.headers.get(MERCHANT_ID)
    named = (case.parameters.get("merchantId"), header)
    return [merchant_id for merchant_id in named if merchant_id]


def _check_binding(case: Case, merchant_id: str, principal: Principal) -> None:
    bound = principal.merchant_id
    case.require(bound in (None, merchant_id), "binding.wrong_merchant", seen=merchant_id, wanted=bound)
    _check_merchant(case, merchant_id, principal.partner_id)


def _check_merchant(case: Case, merchant_id: str, partner_id: str) -> None:
    merchant = case.sandbox.get(SurfboardRecords).merchants.get(merchant_id)
    known = merchant is not None and merchant.partner_id == partner_id
    case.require(known, "binding.wrong_merchant", seen=merchant_id, wanted=f"a merchant of partner {partner_id}")


def _check_partner(case: Case, named: str, own: str) -> None:
    case.require(named == own, "binding.wrong_partner", seen=named, wanted=own)


def _check_merchant_header(case: Case) -> None:
    wanted = case.sandbox.get(SurfboardOptions).merchant_id == "required"
    if wanted and not case.call.headers.get(MERCHANT_ID):
        case.note("request.invalid", passed=False, seen=None, wanted=MERCHANT_ID)
        raise Refusal("request.invalid", errors=(FieldError((MERCHANT_ID,), "required"),))
