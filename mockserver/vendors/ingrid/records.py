"""What Ingrid knows in a sandbox: service accounts, their keys, and sites."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from mockserver.core.keys import Rs256Key, UnusableKeyError, public_pem, read_private_key, read_public_key
from mockserver.schema import Collection, JsonValue, Records, Seconds, StrictSchema, TrueOrFalse

if TYPE_CHECKING:
    from collections.abc import Mapping

SCOPES = ("view", "edit")
"""The scope catalogue. Only `view` is published; `edit` is ours, so that escalation can be tested."""

SECOND, HOUR, YEAR = timedelta(seconds=1), timedelta(hours=1), timedelta(days=365)


@dataclass(frozen=True, slots=True)
class AccountKey:
    """A public key of a service account. *private_key* is there for demo accounts, to be handed out."""

    verifying: Rs256Key
    kid: str | None = None
    active: bool = True
    private_key: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """Who signs assertions: its keys, the sites it serves and the scopes it may grant."""

    id: str
    keys: tuple[AccountKey, ...]
    enabled: bool = True
    sites: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    service_ttl: timedelta = HOUR
    assertion_max_lifetime: timedelta = HOUR

    @property
    def active_keys(self) -> tuple[AccountKey, ...]:
        """The keys that count; retired ones do not."""
        return tuple(key for key in self.keys if key.active)


@dataclass(frozen=True, slots=True)
class Site:
    """A shop. *delivery_body* is what its delivery options are answered with, if the test says so."""

    id: str
    ttl_default: timedelta = timedelta(minutes=5)
    ttl_max: timedelta = HOUR
    delivery_body: Any = None


@dataclass(frozen=True, slots=True)
class IngridRecords:
    """Every service account and site, by id."""

    accounts: Mapping[str, ServiceAccount] = field(default_factory=dict)
    sites: Mapping[str, Site] = field(default_factory=dict)

    def with_account(self, account: ServiceAccount) -> IngridRecords:
        """The same records with this account added, or in place of the one with its id."""
        return replace(self, accounts={**self.accounts, account.id: account})

    def with_site(self, site: Site) -> IngridRecords:
        """The same records with this site added, or in place of the one with its id."""
        return replace(self, sites={**self.sites, site.id: site})


class PublicKey(fields.Field[Rs256Key]):
    """An RSA public key, as a PEM text or a JWK."""

    def _serialize(self, value: Rs256Key | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        del attr, obj, kwargs
        return None if value is None else public_pem(value.public)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Rs256Key:
        del attr, data, kwargs
        if not isinstance(value, (str, dict)):
            raise ValidationError("neither a PEM text nor a JWK")
        try:
            return read_public_key(value)
        except UnusableKeyError as error:
            raise ValidationError(str(error)) from None


class AccountKeySchema(StrictSchema):
    """A key: its public half, or a private key that has one."""

    public_key = PublicKey(
        attribute="verifying", metadata={"description": "RSA public key, PEM or JWK; public_key_file names a file"}
    )
    private_key = fields.String(allow_none=True, metadata={"description": "RSA private key, PEM, for `mockserver env`"})
    kid = fields.String(allow_none=True, validate=validate.Length(min=1))
    active = TrueOrFalse(metadata={"description": "false: retired"})

    @validates_schema
    def _has_a_key(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        del kwargs
        if "verifying" not in data and data.get("private_key") is None:
            raise ValidationError("needs public_key or private_key", "public_key")

    @validates_schema
    def _halves_match(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        del kwargs
        if data.get("private_key") is not None and data.get("verifying", _public(data)) != _public(data):
            raise ValidationError("is not the private half of public_key", "private_key")

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> AccountKey:
        del kwargs
        return AccountKey(data.pop("verifying", None) or _public(data), **data)


def _public(data: Mapping[str, Any]) -> Rs256Key:
    try:
        return Rs256Key(read_private_key(data["private_key"], trusted="verifying" in data).public_key())
    except UnusableKeyError as error:
        raise ValidationError(str(error), "private_key") from None


class ServiceAccountSchema(StrictSchema):
    """A service account."""

    id = fields.String(required=True, validate=validate.Length(min=1))
    enabled = TrueOrFalse()
    sites = fields.List(fields.String())
    scopes = fields.List(fields.String(validate=validate.OneOf(SCOPES)))
    keys = fields.List(fields.Nested(AccountKeySchema), required=True)
    service_ttl_s = Seconds(attribute="service_ttl", validate=validate.Range(SECOND, YEAR))
    assertion_max_lifetime_s = Seconds(attribute="assertion_max_lifetime", validate=validate.Range(SECOND, YEAR))

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> ServiceAccount:
        del kwargs
        lists = {name: tuple(value) for name, value in data.items() if isinstance(value, list)}
        return ServiceAccount(**{**data, **lists})


class SiteSchema(StrictSchema):
    """A site."""

    id = fields.String(required=True, validate=validate.Length(min=1))
    ttl_default_s = Seconds(attribute="ttl_default", validate=validate.Range(SECOND, HOUR))
    ttl_max_s = Seconds(attribute="ttl_max", validate=validate.Range(SECOND, HOUR))
    delivery_body = JsonValue(metadata={"description": "any JSON; answered as is"})

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Site:
        del kwargs
        return Site(**data)


class IngridRecordsSchema(Records):
    """Ingrid's part of a scenario."""

    kind = IngridRecords

    service_accounts = Collection(ServiceAccountSchema, attribute="accounts")
    sites = Collection(SiteSchema)
