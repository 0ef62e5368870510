"""Partners beside the vendor's own calls: new ones for a sandbox, and client tokens for those who ask for one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.core import jsontext
from mockserver.core.credentials import HEX, handed_out
from mockserver.core.examples import Ask
from mockserver.core.vendor import Fresh
from mockserver.vendors.surfboard.environment import demo_partner
from mockserver.vendors.surfboard.options import SurfboardOptions
from mockserver.vendors.surfboard.records import ApiCredential, AuthProvider, Merchant, SurfboardRecords

if TYPE_CHECKING:
    from mockserver.core.examples import Stage
    from mockserver.core.vendor import FreshKeys

MERCHANTS = 2


def fresh(records: SurfboardRecords, keys: FreshKeys) -> Fresh:
    """A new partner with an API credential, an auth provider and two merchants, ahead of all others."""
    drawn = keys.entropy
    partner_id = drawn.letters(HEX, 18)
    credential = ApiCredential(f"sb_{drawn.letters(HEX, 24)}", drawn.letters(HEX, 48), partner_id)
    provider = AuthProvider(drawn.uuid().upper(), drawn.letters(HEX, 32), partner_id)
    merchants = [Merchant(drawn.letters(HEX, 18), partner_id) for _ in range(MERCHANTS)]
    own = replace(
        records,
        api_credentials={credential.id: credential, **records.api_credentials},
        auth_providers={provider.id: provider, **records.auth_providers},
        merchants={**{merchant.id: merchant for merchant in merchants}, **records.merchants},
    )
    return Fresh(own, (credential.id, provider.id))


def client_token(stage: Stage) -> str:
    """A client token for a user of the partner that this sandbox hands out, bound to its first merchant."""
    demo = demo_partner(stage.sandbox.get(SurfboardRecords))
    ask = Ask("POST", demo.path, demo.headers, jsontext.write(demo.body))
    where = ("token",) if stage.sandbox.get(SurfboardOptions).response_shape == "flat" else ("data", "token")
    return handed_out(stage, ask, *where)
