"""The admin API as an OpenAPI 3.1 document, with the token services beside the vendors."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from mockserver import jsonschema
from mockserver.core.bodies import JSON
from mockserver.core.problems import PROBLEM_JSON
from mockserver.oauth import services
from mockserver.oauth.schemas import Empty, OAuthError
from mockserver.web.admin import about
from mockserver.web.admin.api import ENDPOINTS
from mockserver.web.admin.schemas import ProblemAnswer
from mockserver.web.admin.table import PARAMETER
from mockserver.web.stage import BASE_URL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from apispec import APISpec

    from mockserver.core.operations import Operation
    from mockserver.core.vendor import Vendor
    from mockserver.web.admin.desk import Endpoint, Members

SERVICE_STATUSES = {"POST": (400, 401, 403), "GET": (404,)}
_ABOUT = (
    "What a test moves and reads. Every path stands below a sandbox as well: `/~NAME/_mock/…`. Writes need "
    "`Content-Type: application/json`. Errors are problem details (RFC 9457) that name the field."
)


def document(vendors: Sequence[Vendor], version: str) -> Members:
    """The document. Which operations and reasons there are to be named depends on the vendors."""
    spec = jsonschema.specification("mockserver, its own API", version)
    spec.options["servers"] = [{"url": BASE_URL}]
    spec.options["info"] = {"description": _ABOUT}
    spec.components.security_scheme("admin_token", {"type": "http", "scheme": "bearer"})
    writer = _Writer(spec)
    for endpoint in ENDPOINTS:
        path = "/_mock" + PARAMETER.sub(r"{\2}", endpoint.path)
        spec.path(path, operations={endpoint.method.lower(): writer.endpoint(endpoint)})
    for operation in services(vendors).operations:
        path = operation.path.replace("*}", "}")
        spec.path(path, operations={operation.method.lower(): writer.service(operation)})
    made = jsonschema.finished(spec)
    return {name: made[name] for name in ("openapi", "info", "servers", "paths", "components")}


class _Writer:
    def __init__(self, spec: APISpec) -> None:
        self._spec = spec

    def endpoint(self, endpoint: Endpoint) -> Members:
        """One thing the admin API does."""
        members: Members = {
            "operationId": endpoint.name,
            "summary": endpoint.summary,
            "parameters": [*_path_parameters(endpoint.path), *self._query(endpoint)],
        }
        if not endpoint.public:
            members["security"] = [{}, {"admin_token": []}]
        if endpoint.body:
            members["requestBody"] = {"content": {JSON: {"schema": self._reference(endpoint.body)}}}
        answers = {str(endpoint.status): self._answer(endpoint)}
        problems = {str(status): self._problem(status) for status in _problems(endpoint)}
        return {**members, "responses": dict(sorted({**answers, **problems}.items()))}

    def service(self, operation: Operation) -> Members:
        """One thing that token services do."""
        bodies = {body.media_type: {"schema": self._reference(body.schema)} for body in operation.bodies}
        members: Members = {
            "operationId": operation.name,
            "summary": operation.summary,
            "description": f"Source: {operation.source}.",
            "parameters": [*_path_parameters(operation.path.replace("{", "<").replace("*}", ">"))],
            **({"requestBody": {"required": True, "content": bodies}} if bodies else {}),
        }
        said: Members = {"description": "OK"}
        if not isinstance(operation.response, Empty):
            said["content"] = {JSON: {"schema": self._reference(operation.response)}}
        refused = {"content": {JSON: {"schema": self._reference(OAuthError)}}}
        statuses = SERVICE_STATUSES[operation.method]
        refusals = {str(status): {"description": HTTPStatus(status).phrase, **refused} for status in statuses}
        return {**members, "responses": {"200": said, **refusals}}

    def _answer(self, endpoint: Endpoint) -> Members:
        schema = {"schema": self._reference(endpoint.answer)} if endpoint.answer else {}
        content = {each: (schema if each == JSON else {}) for each in endpoint.media_types}
        return {"description": HTTPStatus(endpoint.status).phrase, "content": content}

    def _problem(self, status: int) -> Members:
        content = {PROBLEM_JSON: {"schema": self._reference(ProblemAnswer)}}
        return {"description": HTTPStatus(status).phrase, "content": content}

    def _query(self, endpoint: Endpoint) -> Iterator[Members]:
        if endpoint.query:
            for name, schema in jsonschema.inline(endpoint.query())["properties"].items():
                yield {"name": name, "in": "query", "schema": schema}

    def _reference(self, schema: Any) -> Members:
        return jsonschema.reference(self._spec, schema)


def _path_parameters(path: str) -> Iterator[Members]:
    for kind, name in PARAMETER.findall(path):
        schema = {"type": "string", **({"format": "uuid"} if kind == "uuid" else {})}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _problems(endpoint: Endpoint) -> set[int]:
    statuses = {403, *endpoint.problems}
    if not endpoint.public:
        statuses.add(401)
    if endpoint not in about.ENDPOINTS:
        statuses |= {400, 404}
    if endpoint.body:
        statuses |= {400, 415, 422}
    if not endpoint.public:
        statuses.add(422)
    return statuses
