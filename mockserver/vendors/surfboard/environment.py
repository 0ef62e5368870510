"""What an integrator configures to talk to Surfboard, and a first call to paste."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

from mockserver.core import jsontext
from mockserver.core.bodies import JSON
from mockserver.core.vendor import NothingToHandOutError
from mockserver.vendors.surfboard.records import ApiCredential, AuthProvider, SurfboardRecords

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.sandbox import Sandbox

DEMO_USER = "user_12345"


@dataclass(frozen=True, slots=True)
class Demo:
    """What belongs together: a partner's auth provider, API credential and first merchant, if it has one."""

    provider: AuthProvider
    credential: ApiCredential
    merchant_id: str

    @property
    def path(self) -> str:
        """Where its backend mints."""
        return f"/partners/{self.provider.partner_id}/token"

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """What its backend sends with every call that has a body."""
        return (
            ("Content-Type", JSON),
            ("API-KEY", self.credential.id),
            ("API-SECRET", self.credential.api_secret),
            *((("MERCHANT-ID", self.merchant_id),) if self.merchant_id else ()),
        )

    @property
    def body(self) -> Mapping[str, str]:
        """The provider body for a user of its own."""
        return {
            "providerId": self.provider.id,
            "providerCertificate": self.provider.provider_certificate,
            "externalUserId": DEMO_USER,
        }


def environment(sandbox: Sandbox, url: str) -> Mapping[str, str]:
    """The variables that a partner's backend reads, for the first auth provider that can be used."""
    demo = demo_partner(sandbox.get(SurfboardRecords))
    return {
        "SURFBOARD_API_URL": url,
        "SURFBOARD_PARTNER_ID": demo.provider.partner_id,
        "SURFBOARD_API_KEY": demo.credential.id,
        "SURFBOARD_API_SECRET": demo.credential.api_secret,
        "SURFBOARD_MERCHANT_ID": demo.merchant_id,
        "SURFBOARD_PROVIDER_ID": demo.provider.id,
        "SURFBOARD_PROVIDER_CERTIFICATE": demo.provider.provider_certificate,
    }


def greeting(sandbox: Sandbox, url: str) -> str:
    """A curl that mints a client token."""
    demo = demo_partner(sandbox.get(SurfboardRecords))
    fields = " ".join(f"-H {quote(f'{name}: {value}')}" for name, value in demo.headers)
    return f"curl -s {quote(url + demo.path)} \\\n  {fields} \\\n  -d {quote(jsontext.write(demo.body).decode())}"


def demo_partner(records: SurfboardRecords) -> Demo:
    """The first auth provider whose partner has an API credential, with both. Raises `NothingToHandOutError`."""
    for provider in records.auth_providers.values():
        for credential in records.api_credentials.values():
            if provider.enabled and credential.enabled and credential.partner_id == provider.partner_id:
                return Demo(provider, credential, _merchant(records, provider.partner_id))
    raise NothingToHandOutError("no Surfboard partner in this sandbox has both an auth provider and an API credential")


def _merchant(records: SurfboardRecords, partner_id: str) -> str:
    own = (merchant.id for merchant in records.merchants.values() if merchant.partner_id == partner_id)
    return next(own, "")
