"""A shop's backend and page as Ingrid's guide describes them, with `requests` and PyJWT.

As a script it tells each step in a line of JSON. After the first use of its token it waits for a line, and then
uses the token again. It knows nothing of the emulator but five environment variables.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

import jwt
import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
UNAUTHORIZED = 401
PATIENCE = 30


class Backend:
    """The part that holds the private key: it trades assertions for service tokens, and mints site tokens."""

    def __init__(self, environment: Mapping[str, str], tell: Callable[..., None] = lambda *_: None) -> None:
        self.auth_url = environment["MERCHANTS_AUTH_URL"]
        self._mint_url = f"{environment['MERCHANTS_API_BASE']}/v1/sites/{environment['SITE_ID']}/access-tokens"
        self._account = environment["SERVICE_ACCOUNT_ID"]
        self._private_key = environment["SERVICE_ACCOUNT_PRIVATE_KEY"]
        self._tell = tell
        self._http = requests.Session()
        self._http.trust_env = False  # all it knows is what it is given: no proxies, no netrc
        self._service_token = ""
        self._fresh_until = 0.0

    def assertion(self) -> str:
        """A minute's proof of who we are."""
        now = int(time.time())
        claims = {"sub": self._account, "iat": now, "exp": now + 60, "aud": self.auth_url}
        return jwt.encode(claims, self._private_key, algorithm="RS256")

    def service_token(self) -> str:
        """A service token: the same one, while it lives."""
        if time.time() >= self._fresh_until:
            asked_at = time.time()
            grant = {"grantType": GRANT, "assertion": self.assertion()}
            answer = self._http.post(self.auth_url, json=grant, timeout=PATIENCE)
            self._tell("service token", answer)
            answer.raise_for_status()
            self._service_token = answer.json()["accessToken"]
            self._fresh_until = asked_at + answer.json()["expiresIn"]
        return self._service_token

    def site_token(self) -> requests.Response:
        """The answer with a site token, for the page as it is. A service token that died early is replaced once."""
        answer = self._mint()
        if answer.status_code == UNAUTHORIZED:
            self._fresh_until = 0.0
            answer = self._mint()
        return answer

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def _mint(self) -> requests.Response:
        answer = self._http.post(
            self._mint_url,
            json={"scopes": ["view"], "ttlSeconds": 300, "externalRef": "frontend-session"},
            headers={"Authorization": f"Bearer {self.service_token()}"},
            timeout=PATIENCE,
        )
        self._tell("site token", answer)
        return answer


class Page:
    """The part that a browser would run: it carries a site token, and fetches a new one when that is refused."""

    def __init__(self, api: str, backend: Backend, tell: Callable[..., None]) -> None:
        self._url = f"{api}/v1/delivery/options"
        self._backend = backend
        self._tell = tell
        self._token = ""

    def delivery_options(self) -> None:
        """Ask, and ask once more with a new token if the old one was refused."""
        if not self._token:
            self._fetch_token()
        if self._ask().status_code == UNAUTHORIZED:
            self._fetch_token()
            self._ask()

    def _fetch_token(self) -> None:
        answer = self._backend.site_token()
        answer.raise_for_status()
        self._token = answer.json()["accessToken"]

    def _ask(self) -> requests.Response:
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = requests.post(self._url, json={}, headers=headers, timeout=PATIENCE)
        self._tell("delivery options", answer)
        return answer


def tell(step: str, answer: requests.Response) -> None:
    """A step, and what can be seen of its answer without reading a token."""
    body = answer.json()
    seen = {name: body[name] for name in ("type", "siteId", "expiresIn") if name in body}
    _say(step=step, status=answer.status_code, **seen)


def main() -> None:
    """Use a site token, wait for a line, and use it again."""
    backend = Backend(os.environ, tell)
    page = Page(os.environ["MERCHANTS_API_BASE"], backend, tell)
    page.delivery_options()
    _say(step="waiting")
    sys.stdin.readline()
    page.delivery_options()
    backend.close()


def _say(**members: Any) -> None:
    sys.stdout.write(json.dumps(members) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
