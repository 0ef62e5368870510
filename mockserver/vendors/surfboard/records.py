"""What Surfboard knows in a sandbox: API credentials, merchants and auth providers of partners."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from marshmallow import fields, post_load, validate

from mockserver.schema import Collection, JsonValue, Records, StrictSchema, TrueOrFalse

if TYPE_CHECKING:
    from collections.abc import Mapping

CLIENT_FAMILIES = {
    "wide": ("orders", "payments", "transactions", "tips", "branding", "reporting", "receipts"),
    "narrow": ("orders", "payments", "transactions"),
}
"""What a client token may be used for, by option: the guide's list, and the reference's."""

ADMINISTRATION = "administration"
"""All the rest, which is for API credentials alone."""

FAMILIES = (*CLIENT_FAMILIES["wide"], ADMINISTRATION)


@dataclass(frozen=True, slots=True)
class ApiCredential:
    """The key pair of a partner's backend. Its id is the `API-KEY`."""

    id: str
    api_secret: str = field(repr=False)
    partner_id: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant of a partner."""

    id: str
    partner_id: str


@dataclass(frozen=True, slots=True)
class AuthProvider:
    """Who may have client tokens minted. Its certificate is a shared secret of 32 hex digits, not a PEM."""

    id: str
    provider_certificate: str = field(repr=False)
    partner_id: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class FamilyAnswer:
    """The whole body with which the calls of one family are answered, if a test says so."""

    id: str
    body: Any


@dataclass(frozen=True, slots=True)
class SurfboardRecords:
    """Everything on record, by id."""

    api_credentials: Mapping[str, ApiCredential] = field(default_factory=dict)
    merchants: Mapping[str, Merchant] = field(default_factory=dict)
    auth_providers: Mapping[str, AuthProvider] = field(default_factory=dict)
    family_answers: Mapping[str, FamilyAnswer] = field(default_factory=dict)


def _word() -> fields.String:
    return fields.String(required=True, validate=validate.Length(min=1))


class ApiCredentialSchema(StrictSchema):
    """An API credential."""

    id = fields.String(required=True, validate=validate.Length(min=1), metadata={"description": "the API-KEY"})
    api_secret = _word()
    partner_id = _word()
    enabled = TrueOrFalse()

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> ApiCredential:
        del kwargs
        return ApiCredential(**data)


class MerchantSchema(StrictSchema):
    """A merchant."""

    id = _word()
    partner_id = _word()

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Merchant:
        del kwargs
        return Merchant(**data)


class AuthProviderSchema(StrictSchema):
    """An auth provider."""

    id = fields.String(required=True, validate=validate.Length(min=1), metadata={"description": "the providerId"})
    provider_certificate = _word()
    partner_id = _word()
    enabled = TrueOrFalse()

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> AuthProvider:
        del kwargs
        return AuthProvider(**data)


class FamilyAnswerSchema(StrictSchema):
    """What a family answers."""

    id = fields.String(required=True, validate=validate.OneOf(FAMILIES), metadata={"description": "the family"})
    body = JsonValue(required=True, metadata={"description": "any JSON; answered as is"})

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> FamilyAnswer:
        del kwargs
        return FamilyAnswer(**data)


class SurfboardRecordsSchema(Records):
    """Surfboard's part of a scenario."""

    kind = SurfboardRecords

    api_credentials = Collection(ApiCredentialSchema)
    merchants = Collection(MerchantSchema)
    auth_providers = Collection(AuthProviderSchema)
    family_answers = Collection(FamilyAnswerSchema)
