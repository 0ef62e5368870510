"""A merchant's backend and its page: Ingrid's hand-off with the credentials that an integrator was given."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockserver.core.assertions import GRANT, usual_claims
from mockserver.core.keys import read_private_key, sign_rs256

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.wire import Got, Wire

MINUTE = timedelta(minutes=1)


class Backend:
    """Calls Ingrid where its credentials say, or below *base* instead."""

    def __init__(self, wire: Wire, credentials: Mapping[str, str], base: str | None = None) -> None:
        url = urlsplit(credentials["MERCHANTS_API_BASE"])
        self.base = url.path if base is None else base
        self.account = credentials["SERVICE_ACCOUNT_ID"]
        self.private_key = credentials["SERVICE_ACCOUNT_PRIVATE_KEY"]
        self.site_id = credentials["SITE_ID"]
        self._home = url.path.removesuffix("/ingrid")
        self._wire = wire

    def assertion(self, **changes: Any) -> str:
        """A signed assertion of the guide's form, at the time that it is in the sandbox."""
        now = datetime.fromisoformat(self._wire.get(f"{self._home}/_mock/clock").json["now"])
        claims = usual_claims(self.account, f"http://localhost{self.base}/v1/auth/token", now, MINUTE)
        return sign_rs256({**claims, **changes}, read_private_key(self.private_key, trusted=True))

    def present(self, assertion: str, **keywords: Any) -> Got:
        """Trade an assertion."""
        body = {"grantType": GRANT, "assertion": assertion}
        return self._wire.post(f"{self.base}/v1/auth/token", body, **keywords)

    def service(self) -> Got:
        """Ask for a service token."""
        return self.present(self.assertion())

    def site(self, service_token: str, **body: Any) -> Got:
        """Ask for a site token."""
        path = f"{self.base}/v1/sites/{self.site_id}/access-tokens"
        return self._wire.post(path, {"scopes": ["view"], **body}, bearer=service_token)

    def use(self, site_token: str) -> Got:
        """Use a site token, as a page does."""
        return self._wire.post(f"{self.base}/v1/delivery/options", {}, bearer=site_token)

    def service_token(self) -> str:
        """A service token."""
        return str(self.service().json["accessToken"])

    def site_token(self, **body: Any) -> str:
        """A site token."""
        return str(self.site(self.service_token(), **body).json["accessToken"])
