"""How the client speaks: one request, one JSON answer; and each way it can fail, as an error that says so."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests

from mockserver.client import moments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Members = dict[str, Any]

TIMEOUT = timedelta(seconds=10)
"""How long the emulator may take for an answer."""
SILENCE = timedelta(seconds=45)
"""How long a stream may say nothing: it gives a sign every 15 seconds."""


class MockserverError(Exception):
    """The emulator did not do it.

    *status* is its HTTP status, 0 where it did not answer. *detail* is what it says, and the text of this error.
    *errors* has `pointer`, `field` and `detail` of each wrong field.
    """

    def __init__(self, detail: str, status: int = 0, errors: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.errors = tuple(errors)


class Wire:
    """The admin API below *url*: a server, or a sandbox of it."""

    def __init__(self, session: requests.Session, url: str) -> None:
        self._session = session
        self.url = url

    def at(self, url: str) -> Wire:
        """The admin API below another URL, over the same connections."""
        return Wire(self._session, url)

    def get(self, *path: str, **query: Any) -> Any:
        """What is there."""
        return self._ask("GET", path, query=query)

    def post(self, *path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What comes of it."""
        return self._ask("POST", path, body=body or {})

    def put(self, *path: str, body: Mapping[str, Any]) -> Any:
        """What is there now."""
        return self._ask("PUT", path, body=body)

    def patch(self, *path: str, body: Mapping[str, Any]) -> Any:
        """What is there now."""
        return self._ask("PATCH", path, body=body)

    def delete(self, *path: str) -> Any:
        """What was there."""
        return self._ask("DELETE", path)

    def text(self, *path: str) -> str:
        """What is there, where that is no JSON."""
        answer = self._send("GET", path, TIMEOUT)
        return answer.text if answer.status_code == HTTPStatus.OK else str(_read(answer))

    def stream(self, *path: str, headers: Mapping[str, str], **query: Any) -> requests.Response:
        """An answer that goes on; whoever reads it closes it."""
        answer = self._send("GET", path, SILENCE, headers=headers, params=_query(query), stream=True)
        if answer.status_code != HTTPStatus.OK:
            with answer:
                _read(answer)
        return answer

    def close(self) -> None:
        """Let the connections go."""
        self._session.close()

    def _ask(
        self,
        method: str,
        path: tuple[str, ...],
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Any:
        data = None if body is None else json.dumps(body, default=_plain, allow_nan=False)
        headers = {} if body is None else {"Content-Type": "application/json"}
        return _read(self._send(method, path, TIMEOUT, data=data, headers=headers, params=_query(query or {})))

    def _send(self, method: str, path: tuple[str, ...], timeout: timedelta, **parts: Any) -> requests.Response:
        url = "/".join([f"{self.url}/_mock", *(quote(step, safe="") for step in path)])
        limits = (TIMEOUT.total_seconds(), timeout.total_seconds())
        try:
            return self._session.request(method, url, timeout=limits, allow_redirects=False, **parts)
        except requests.Timeout:
            raise MockserverError(f"no answer from {self.url} within {timeout.total_seconds():g} s") from None
        except requests.RequestException as error:
            raise MockserverError(f"no answer from {self.url}: {_cause(error)}") from None


def connect(url: str, admin_token: str | None = None) -> Wire:
    """The admin API of the server at this URL."""
    session = requests.Session()
    # Neither proxies nor .netrc: what is meant is a server on this machine or in this network.
    session.trust_env = False
    if admin_token:
        session.headers["Authorization"] = f"Bearer {admin_token}"
    return Wire(session, (url if "://" in url else f"http://{url}").rstrip("/"))


def _read(answer: requests.Response) -> Any:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if answer.status_code < HTTPStatus.MULTIPLE_CHOICES and found is not None:
        return found
    problem = found if isinstance(found, dict) else {}
    detail = problem.get("detail") or f"{answer.url} answered {answer.status_code}: it is no mockserver's admin API"
    raise MockserverError(detail, answer.status_code, problem.get("errors", ()))


def _query(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()}


def _plain(value: object) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        return moments.written(value)
    raise TypeError(f"{value!r} cannot be sent: it is no JSON, no timedelta and no datetime")


def _cause(error: BaseException) -> str:
    """What is at the bottom of an error: `Connection refused`, not the four errors around it."""
    inner = getattr(error, "reason", None) or next((arg for arg in error.args if isinstance(arg, BaseException)), None)
    if isinstance(inner, BaseException):
        return _cause(inner)
    text = re.sub(r"\[Errno -?\d+\] ", "", str(error).rpartition(": ")[2])
    return getattr(error, "strerror", None) or text or type(error).__name__
