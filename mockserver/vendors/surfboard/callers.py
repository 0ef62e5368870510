"""Who calls: a backend with API credentials, or a page with a client token; and what each may do where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.core.bearer import BearerToken, bearer_text, sends_bearer, sent
from mockserver.core.bodies import peek
from mockserver.core.credentials import same
from mockserver.core.redaction import fingerprint
from mockserver.vendors.surfboard.options import SurfboardOptions
from mockserver.vendors.surfboard.records import CLIENT_FAMILIES, ApiCredential, SurfboardRecords
from mockserver.vendors.surfboard.tokens import ClientGrant, form, has_current_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.calls import Call
    from mockserver.core.case import Case
    from mockserver.core.tokens import Token

API_HEADERS = ("API-KEY", "API-SECRET")
MERCHANT_ID = "MERCHANT-ID"
OLD_SHAPE = "issued before token_format changed"
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
    _check_merchants(case, _merchant_header(case.call), Principal(case.parameters["partnerId"]))
    return credential


def family_caller(case: Case, *, family: str) -> Principal:
    """Who calls a *family*, once it is known to be theirs: partner and merchant of the path included."""
    _check_one_kind(case)
    principal = _api_principal(case) if _sent(case.call) else _page(case, family)
    if "partnerId" in case.parameters:
        _check_partner(case, case.parameters["partnerId"], principal.partner_id)
    in_path = case.parameters.get("merchantId")
    _check_merchants(case, [*([in_path] if in_path else []), *_merchant_header(case.call)], principal)
    return principal


def merchant_named(call: Call) -> str | None:
    """The merchant that the header names; an empty one names none. The first, where it is known that all are one."""
    return next(iter(_merchant_header(call)), None)


def family_names(call: Call, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """The token and the API key that a call carries."""
    return (*bearer_text(call, parameters), *filter(None, call.headers.all("API-KEY")))


def mint_names(call: Call, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """The same, and the auth provider that a mint call names."""
    provider = peek(call).get("providerId")
    named = (provider,) if isinstance(provider, str) and provider else ()
    return (*named, *family_names(call, parameters))


def api_credential(case: Case) -> ApiCredential:
    """The API credential that both headers name and prove, or a refusal. All that is repeated must be right."""
    keys, secrets = (case.call.headers.all(name) for name in API_HEADERS)
    filled = bool(keys and secrets and all(keys) and all(secrets))
    case.require(filled, "credential.missing", seen=_sent(case.call), wanted="both API headers, and neither empty")
    known = case.sandbox.get(SurfboardRecords).api_credentials
    named = [
        case.found(known.get(key), "credential.unknown", seen=fingerprint(key), wanted="an API-KEY on record")
        for key in dict.fromkeys(keys)
    ]
    for credential in named:
        for secret in dict.fromkeys(secrets):
            right = same(secret, credential.api_secret)
            seen, wanted = fingerprint(secret), "the API-SECRET of this API-KEY"
            case.require(right, "credential.wrong_secret", seen=seen, wanted=wanted)
    for credential in named:
        seen, wanted = fingerprint(credential.id), "an enabled API credential"
        case.require(credential.enabled, "credential.disabled", seen=seen, wanted=wanted)
    return named[0]


def _minting_credential(case: Case) -> ApiCredential | None:
    if not _sent(case.call) and case.sandbox.get(SurfboardOptions).mint_auth == "body_only":
        return None
    credential = api_credential(case)
    _check_partner(case, case.parameters["partnerId"], credential.partner_id)
    return credential


def _sent(call: Call) -> tuple[str, ...]:
    """The names of the API headers that are sent, be they empty."""
    return tuple(name for name in API_HEADERS if name in call.headers)


def _kinds(call: Call) -> list[str]:
    return [*(["a bearer token"] if sends_bearer(call) else []), *_sent(call)]


def _check_one_kind(case: Case) -> None:
    both = sends_bearer(case.call) and bool(_sent(case.call))
    case.require(not both, "credential.multiple", seen=_kinds(case.call), wanted="one kind of credential")


def _api_principal(case: Case) -> Principal:
    return Principal(api_credential(case).partner_id)


def _page(case: Case, family: str) -> Principal:
    _check_shape(case)
    token: Token = _CLIENT_TOKEN(case)
    grant = token.granted(ClientGrant)
    allowed = CLIENT_FAMILIES[case.sandbox.get(SurfboardOptions).client_scope]
    case.require(family in allowed, "scope.insufficient", seen=family, wanted=allowed)
    return Principal(grant.partner_id, grant.merchant_id, grant.external_user_id)


def _check_shape(case: Case) -> None:
    """Refuse a token that is known and was issued before `token_format` changed, as if it were none."""
    for text in bearer_text(case.call, case.parameters):
        token = case.token(text)
        if token is not None and token.vendor == case.vendor.name and not has_current_shape(case, text):
            sent(case)  # what is wrong with the way it was sent comes first
            case.found(None, "token.malformed", hint=OLD_SHAPE, seen=OLD_SHAPE, wanted="the current token_format")


def _merchant_header(call: Call) -> list[str]:
    return [merchant_id for merchant_id in call.headers.all(MERCHANT_ID) if merchant_id]


def _check_merchants(case: Case, named: list[str], principal: Principal) -> None:
    """Every merchant that path and header name must be right; and the header, however often sent, names one."""
    for merchant_id in named:
        bound = principal.merchant_id
        case.require(bound in (None, merchant_id), "binding.wrong_merchant", seen=merchant_id, wanted=bound)
        _check_merchant(case, merchant_id, principal.partner_id)
    in_header = set(_merchant_header(case.call))
    case.require(len(in_header) <= 1, "binding.wrong_merchant", seen=sorted(in_header), wanted="one merchant")
    if case.sandbox.get(SurfboardOptions).merchant_id == "required":
        case.require_field(bool(in_header), "request.invalid", MERCHANT_ID, "required", wanted=MERCHANT_ID)


def _check_merchant(case: Case, merchant_id: str, partner_id: str) -> None:
    merchant = case.sandbox.get(SurfboardRecords).merchants.get(merchant_id)
    known = merchant is not None and merchant.partner_id == partner_id
    case.require(known, "binding.wrong_merchant", seen=merchant_id, wanted=f"a merchant of partner {partner_id}")


def _check_partner(case: Case, named: str, own: str) -> None:
    case.require(named == own, "binding.wrong_partner", seen=named, wanted=own)
