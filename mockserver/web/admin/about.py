"""Health, version and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from mockserver.web.admin import schemas
from mockserver.web.admin.desk import AdminProblem, Desk, Endpoint
from mockserver.web.admin.docs import CONTENT_SECURITY_POLICY, rendered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.web.admin.desk import Members


def health(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Whoever can answer is alive."""
    del desk, fields
    return {"status": "ok"}


def ready(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Whoever can answer is ready, unless gRPC is still about to be."""
    del fields
    if not desk.house.doors.rpc_is_ready:
        raise AdminProblem(503, "gRPC does not take calls yet.", {"Retry-After": "1"})
    return {"status": "ok"}


def version(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """What this is, and where it listens."""
    del fields
    return {"name": "mockserver", "version": desk.house.version, "listens": dict(desk.house.doors.listens)}


def authority(desk: Desk, fields: Mapping[str, Any]) -> Response:
    """Whom to trust over TLS."""
    del fields
    certificate = desk.house.doors.ca_pem
    if certificate is None:
        raise AdminProblem(404, "There is no throw-away authority here; the setting tls: auto makes one.")
    return Response(certificate, mimetype="application/pem-certificate-chain")


def openapi(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """The OpenAPI document of what is served here."""
    del fields
    return dict(desk.house.describe(desk.base_url))


def own_openapi(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """The OpenAPI document of this API."""
    from mockserver.web.admin.document import document  # noqa: PLC0415  (apispec is loaded on first use)

    del fields
    servers = [{"url": desk.base_url}]
    return {**document(desk.house.vendors, desk.house.version), "servers": servers}


def docs(desk: Desk, fields: Mapping[str, Any]) -> Response:
    """The same document, as a page to read."""
    del fields
    from mockserver.web.admin.api import ENDPOINTS  # noqa: PLC0415  (which has this one among them)

    own = [(endpoint.method, endpoint.path, endpoint.summary) for endpoint in ENDPOINTS]
    page = rendered(desk.house.describe(desk.base_url), own)
    return Response(page, mimetype="text/html", headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})


ENDPOINTS = (
    Endpoint("live", "GET", "/health/live", "Is it alive?", health, schemas.StatusAnswer, public=True),
    Endpoint(
        "ready",
        "GET",
        "/health/ready",
        "Does it take calls?",
        ready,
        schemas.StatusAnswer,
        problems=(503,),
        public=True,
    ),
    Endpoint("version", "GET", "/version", "Which version is it?", version, schemas.VersionAnswer),
    Endpoint(
        "authority",
        "GET",
        "/ca.pem",
        "The certificate to trust over TLS (tls: auto)",
        authority,
        problems=(404,),
        media_types=("application/pem-certificate-chain",),
    ),
    Endpoint("openapi", "GET", "/openapi.json", "OpenAPI 3.1 document of all vendors here", openapi),
    Endpoint("admin_openapi", "GET", "/admin.json", "OpenAPI 3.1 document of this API", own_openapi),
    Endpoint("docs", "GET", "/docs", "The same, as a page to read", docs, media_types=("text/html",)),
)
