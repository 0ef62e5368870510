"""A partner's backend as Alternative's documents describe it, with `requests`.

It knows nothing of the emulator but five environment variables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE = 30


class Backend:
    """It trades the client's id and secret for one OAuth token, and that for a checkout token whenever a page asks."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._base_url = environment["ALTERNATIVE_BASE_URL"]
        self._client = (environment["ALTERNATIVE_CLIENT_ID"], environment["ALTERNATIVE_CLIENT_SECRET"])
        self._invoice = {
            "customer_id": environment["ALTERNATIVE_CUSTOMER_ID"],
            "invoice_id": environment["ALTERNATIVE_INVOICE_ID"],
        }
        answer = self._post("/oauth/token", data={"grant_type": "client_credentials"}, auth=self._client)
        answer.raise_for_status()
        self._oauth_token = answer.json()["access_token"]

    def checkout_token(self) -> requests.Response:
        """The answer with a checkout token, for the page as it is."""
        return self._post("/v1/checkout-auth/init", json=self._invoice, headers=self._bearer)

    def oauth_token(self) -> requests.Response:
        """A mistake: the answer that no page must have."""
        return self._post("/oauth/token", data={"grant_type": "client_credentials"}, auth=self._client)

    @property
    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._oauth_token}"}

    def _post(self, path: str, **keywords: object) -> requests.Response:
        # A session for each call: pages ask in parallel.
        with requests.Session() as http:
            http.trust_env = False
            return http.post(self._base_url + path, timeout=PATIENCE, **keywords)
