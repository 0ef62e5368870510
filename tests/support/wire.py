"""HTTP without a socket: the application called through WSGI, each answer held against the documents."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.test import Client

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.contract import Contract


@dataclass(frozen=True)
class Got:
    """An answer as a client sees it."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def media_type(self) -> str:
        """Of what type the body is; empty where there is none."""
        return str(self.headers.get("Content-Type", "")).partition(";")[0]

    @property
    def content(self) -> Any:
        """The body: JSON where it says so, else text."""
        return self.json if self.media_type.endswith("json") else self.body.decode()

    @property
    def reason(self) -> str:
        """The reason beside the body; empty for an answer that is no refusal."""
        return self.headers.get("X-Mock-Reason", "")

    @property
    def outcome(self) -> tuple[int, str]:
        return self.status, self.reason

    @property
    def exchange(self) -> str:
        return self.headers["X-Mock-Exchange"]


class Wire:
    """A client of the application."""

    def __init__(self, app: Flask, contract: Contract) -> None:
        self._client = Client(app)
        self._contract = contract

    def __call__(
        self,
        method: str,
        path: str,
        *,
        json_body: Any = None,
        body: bytes | None = None,
        headers: dict[str, str] | list[tuple[str, str]] | None = None,
        bearer: str | None = None,
        base_url: str = "http://localhost",
    ) -> Got:
        pairs = list(headers.items() if isinstance(headers, dict) else headers or [])
        if bearer is not None:
            pairs.append(("Authorization", f"Bearer {bearer}"))
        if json_body is not None:
            body = json.dumps(json_body).encode()
            pairs.append(("Content-Type", "application/json"))
        # What a server that keeps raw header fields would hand over: repeated ones stay apart.
        environ = {"mockserver.headers": [("Host", base_url.split("://")[1]), *pairs]}
        response = self._client.open(
            path, method=method, data=body, headers=pairs, base_url=base_url, environ_overrides=environ
        )
        got = Got(response.status_code, response.headers, response.get_data())
        self._contract.check(method, path, got)
        return got

    def post(self, path: str, json_body: Any = None, **keywords: Any) -> Got:
        return self("POST", path, json_body=json_body, **keywords)

    def get(self, path: str, **keywords: Any) -> Got:
        return self("GET", path, **keywords)
