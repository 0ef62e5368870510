"""The shop's backend: it holds the private key, trades an assertion for a service token, and mints site tokens."""

from __future__ import annotations

import json
from datetime import timedelta
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockserver.core.assertions import GRANT, usual_claims
from mockserver.core.keys import read_private_key, sign_rs256

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

MINUTE = timedelta(minutes=1)
PATIENCE = timedelta(seconds=10)
UNAUTHORIZED = 401


class RefusedError(Exception):
    """The emulator said no to the backend."""


class Backend:
    """A backend that is configured with *variables*, and reads the time from *now*."""

    def __init__(self, variables: Mapping[str, str], now: Callable[[], datetime]) -> None:
        self._variables = variables
        self._now = now
        self._service_token = ""

    def site_token(self) -> str:
        """A site token for the page. A service token that died is replaced once."""
        status, answer = self._mint()
        if status == UNAUTHORIZED:
            self._service_token = ""
            status, answer = self._mint()
        return _token(status, answer)

    def forget(self) -> None:
        """Begin without a service token."""
        self._service_token = ""

    def _assertion(self) -> str:
        """A minute's proof of who the shop is."""
        claims = usual_claims(
            self._variables["SERVICE_ACCOUNT_ID"], self._variables["MERCHANTS_AUTH_URL"], self._now(), MINUTE
        )
        key = read_private_key(self._variables["SERVICE_ACCOUNT_PRIVATE_KEY"], trusted=True)
        return sign_rs256(claims, key)

    def _mint(self) -> tuple[int, Any]:
        if not self._service_token:
            grant = {"grantType": GRANT, "assertion": self._assertion()}
            self._service_token = _token(*_post(self._variables["MERCHANTS_AUTH_URL"], grant))
        url = f"{self._variables['MERCHANTS_API_BASE']}/v1/sites/{self._variables['SITE_ID']}/access-tokens"
        return _post(url, {"scopes": ["view"]}, self._service_token)


def _token(status: int, answer: Any) -> str:
    if not isinstance(answer, dict) or "accessToken" not in answer:
        raise RefusedError(f"The backend was answered {status}.")
    return str(answer["accessToken"])


def _post(url: str, members: Mapping[str, Any], token: str = "") -> tuple[int, Any]:
    where = urlsplit(url)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    connection = HTTPConnection(where.netloc, timeout=PATIENCE.total_seconds())
    try:
        connection.request("POST", where.path, json.dumps(members), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except ValueError:
        return answer.status, None
    finally:
        connection.close()
