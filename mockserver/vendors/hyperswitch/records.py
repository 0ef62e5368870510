"""What Hyperswitch knows in a sandbox: accounts at payment providers, for those who want to be told strangers apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from marshmallow import fields, post_load, validate

from mockserver.schema import Collection, Records, StrictSchema
from mockserver.vendors.hyperswitch.connectors import FLOWS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Account:
    """Credentials at a payment provider, by the names that typed credentials have."""

    id: str
    connector: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HyperswitchRecords:
    """Every account, by id; the first is handed out. They count where the option `accounts` says `listed`."""

    accounts: Mapping[str, Account] = field(default_factory=dict)


class AccountEntrySchema(StrictSchema):
    """Credentials at a payment provider."""

    connector = fields.String(required=True, validate=validate.OneOf(tuple(FLOWS)))
    fields_ = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        data_key="fields",
        attribute="fields",
        metadata={"description": "client_id, client_secret, api_key, ...: as the connector's typed credentials"},
    )

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Account:
        del kwargs
        return Account(**{"id": "", **data})


class AccountSchema(AccountEntrySchema):
    """An account at a payment provider."""

    id = fields.String(required=True, validate=validate.Length(min=1))


class HyperswitchRecordsSchema(Records):
    """Hyperswitch's part of a scenario."""

    kind = HyperswitchRecords

    accounts = Collection(AccountSchema)
