"""What the tests of the admin API share: its callers, and a backend for every sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.backend import Backend

if TYPE_CHECKING:
    from tests.support.wire import Got, Wire


@dataclass(frozen=True)
class Admin:
    """The admin API of the sandbox at a prefix."""

    wire: Wire
    prefix: str = ""

    def __call__(self, method: str, path: str, body: Any = None, **keywords: Any) -> Got:
        return self.wire(method, f"{self.prefix}/_mock{path}", json_body=body, **keywords)

    def get(self, path: str, **keywords: Any) -> Got:
        return self("GET", path, **keywords)

    def post(self, path: str, body: Any = None, **keywords: Any) -> Got:
        return self("POST", path, {} if body is None else body, **keywords)

    def put(self, path: str, body: Any) -> Got:
        return self("PUT", path, body)

    def patch(self, path: str, body: Any) -> Got:
        return self("PATCH", path, body)

    def delete(self, path: str) -> Got:
        return self("DELETE", path)

    def backend(self, base: str | None = None) -> Backend:
        """A backend with the credentials of this sandbox."""
        return Backend(self.wire, self.get("/credentials").json["ingrid"], base)


@pytest.fixture
def admin(wire):
    """The admin API of the default sandbox."""
    return Admin(wire)


@pytest.fixture
def team(wire):
    """The admin API of a sandbox of its own, made by POST."""
    Admin(wire).post("/sandboxes", {"name": "team", "seed": "tests"})
    return Admin(wire, "/~team")


@pytest.fixture
def backend(admin):
    """A backend with the demo credentials."""
    return admin.backend()


@pytest.fixture
def wrong():
    """The fields that a problem is about, with what is wrong; it holds the members that every problem has."""

    def fields(got: Got, status: int = 422) -> dict[str, str]:
        assert (got.status, got.headers["Content-Type"]) == (status, "application/problem+json")
        assert {"type", "title", "status", "detail"} <= got.json.keys()
        assert got.json["status"] == status
        for error in got.json["errors"]:
            assert error["pointer"] == "".join(f"/{step}" for step in error["field"].split(".") if step)
            assert error["detail"] in got.json["detail"]
        return {error["field"]: error["detail"] for error in got.json["errors"]}

    return fields
