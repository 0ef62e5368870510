"""What Ingrid knows in a sandbox: service accounts, their keys, and sites."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from mockserver.core import jsontext
from mockserver.core.keys import Rs256Key, UnusableKeyError, read_private_key, read_public_key
from mockserver.schema import Seconds, StrictSchema, TrueOrFalse

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

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Rs256Key:
        del attr, data, kwargs
        if not isinstance(value, (str, dict)):
            raise ValidationError("neither a PEM text nor a JWK")
        try:
            return read_public_key(value)
        except UnusableKeyError as error:
            raise ValidationError(str(error)) from None


class JsonValue(fields.Field[Any]):
    """Whatever JSON can say, and YAML may say more."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        try:
            jsontext.write(value)
        except (TypeError, ValueError) as error:
            raise ValidationError(f"not JSON: {error}") from None
        return value


class AccountKeySchema(StrictSchema):
    """A key: its public half, or a private key that has one."""

    public_key = PublicKey(metadata={"description": "RSA public key, PEM or JWK; public_key_file names a file"})
    private_key = fields.String(metadata={"description": "RSA private key, PEM, for `mockserver env`"})
    kid = fields.String(validate=validate.Length(min=1))
    active = TrueOrFalse(metadata={"description": "false: retired"})

    @validates_schema
    def _has_a_key(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        del kwargs
        if "public_key" not in data and "private_key" not in data:
            raise ValidationError("needs public_key or private_key", "public_key")

    @validates_schema
    def _halves_match(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        del kwargs
        if "private_key" in data and data.get("public_key", _public(data)) != _public(data):
            raise ValidationError("is not the private half of public_key", "private_key")

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> AccountKey:
        del kwargs
        return AccountKey(data.pop("public_key", None) or _public(data), **data)


def _public(data: Mapping[str, Any]) -> Rs256Key:
    try:
        return Rs256Key(read_private_key(data["private_key"], trusted="public_key" in data).public_key())
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


class IngridRecordsSchema(StrictSchema):
    """Ingrid's part of a scenario."""

    service_accounts = fields.List(fields.Nested(ServiceAccountSchema))
    sites = fields.List(fields.Nested(SiteSchema))

    @validates_schema
    def _ids_are_unique(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        del kwargs
        for name in ("service_accounts", "sites"):
            repeated = [each for each, times in Counter(item.id for item in data.get(name, ())).items() if times > 1]
            if repeated:
                raise ValidationError(f"'{repeated[0]}' stands here twice", name)

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> IngridRecords:
        del kwargs
        return IngridRecords(
            accounts={account.id: account for account in data.get("service_accounts", ())},
            sites={site.id: site for site in data.get("sites", ())},
        )
