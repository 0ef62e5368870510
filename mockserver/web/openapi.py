"""Operations and schemas become an OpenAPI 3.1 document, with apispec. Every example in it is a real exchange."""

from __future__ import annotations

from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING, Any

from mockserver import jsonschema
from mockserver.core import jsontext
from mockserver.core.bearer import bearer_text
from mockserver.core.bodies import FORM, JSON, media_type
from mockserver.core.calls import GRPC
from mockserver.core.problems import PROBLEM_JSON
from mockserver.core.reasons import REASONS
from mockserver.web.routing import match, split
from mockserver.web.stage import BASE_URL, played

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from apispec import APISpec

    from mockserver.core.examples import Example
    from mockserver.core.journal import Exchange
    from mockserver.core.operations import Operation
    from mockserver.core.sandbox import Scenario
    from mockserver.core.vendor import Vendor

Members = dict[str, Any]
Played = tuple["Example", "Exchange"]

BEARER = "bearer"
JSON_TYPES = frozenset({JSON, PROBLEM_JSON})
"""The media types whose bodies have a schema; any other body is text."""


def document(vendors: Sequence[Vendor], scenario: Scenario, *, version: str, server: str = BASE_URL) -> Members:
    """The document of these vendors. *scenario* is the demo world, in which the examples play."""
    title = vendors[0].title if len(vendors) == 1 else "mockserver"
    spec = jsonschema.specification(f"{title}, emulated", version)
    spec.options["servers"] = [{"url": server}]
    spec.options["info"] = {"description": _ABOUT}
    spec.components.security_scheme(BEARER, {"type": "http", "scheme": "bearer"})
    for vendor in vendors:
        _Writer(spec, vendor).write(scenario)
    made = jsonschema.finished(spec)
    return {name: made[name] for name in ("openapi", "info", "servers", "tags", "paths", "components")}


_ABOUT = (
    "What the emulator answers. Every example is a real exchange on a frozen clock, and its name is the reason code "
    "that `X-Mock-Reason` carries beside the body."
)


class _Writer:
    """Writes one vendor into a document."""

    def __init__(self, spec: APISpec, vendor: Vendor) -> None:
        self._spec = spec
        self._vendor = vendor

    def write(self, scenario: Scenario) -> None:
        self._spec.tag({"name": self._vendor.name, "description": self._vendor.summary})
        shown = [example for example in self._vendor.examples() if example.transport != GRPC]
        plays = [(example, played(self._vendor, example, scenario)) for example in shown]
        for operation in self._vendor.operations:
            own = [play for play in plays if play[0].operation == operation.name]
            for number, path in enumerate(operation.paths_for(self._vendor.options()), start=1):
                name = operation.name if number == 1 else f"{operation.name}.{number}"
                described = {"operationId": name, **self._operation(operation, path, own)}
                if number > 1:
                    described = _without_examples(described)
                self._spec.path(path.replace("*}", "}"), operations={operation.method.lower(): described})

    def _operation(self, operation: Operation, path: str, plays: Sequence[Played]) -> Members:
        members: Members = {
            "tags": [self._vendor.name],
            "summary": operation.summary,
            "description": f"Source: {operation.source}.",
            "parameters": [*_path_parameters(path, operation, plays)],
        }
        if any(not example.reason and bearer_text(exchange.call, {}) for example, exchange in plays):
            members["security"] = [{BEARER: []}]
        if operation.bodies:
            content = self._request_content(operation, plays)
            members["requestBody"] = {"required": not operation.body_optional, "content": content}
        return {**members, "responses": self._responses(operation, plays)}

    def _request_content(self, operation: Operation, plays: Sequence[Played]) -> Members:
        content: Members = {}
        for body in operation.bodies:
            accepted = [play for play in plays if not play[0].reason and _sent_type(play[1]) == body.media_type]
            content[body.media_type] = {"schema": self._reference(body.schema)}
            if body.media_type != FORM:
                content[body.media_type]["examples"] = {
                    _name(example): {"value": jsontext.read(exchange.call.body)} for example, exchange in accepted
                }
        return content

    def _responses(self, operation: Operation, plays: Sequence[Played]) -> Members:
        by_status = groupby(sorted(plays, key=_status), key=_status)
        responses = {str(status): self._response(operation, status, list(group)) for status, group in by_status}
        for status in operation.statuses:
            # An option may turn the success status into another of these; the body stays.
            usual = responses[str(operation.statuses[0])]
            responses.setdefault(str(status), {**usual, "description": HTTPStatus(status).phrase})
        return dict(sorted(responses.items()))

    def _response(self, operation: Operation, status: int, plays: Sequence[Played]) -> Members:
        content: Members = {}
        for example, exchange in plays:
            if not exchange.reply.body:
                continue
            answered = media_type(dict(exchange.reply.headers)["Content-Type"])
            schema = self._schema(operation, exchange, answered)
            shown = content.setdefault(answered, {"schema": schema, "examples": {}})
            shown["examples"][_name(example)] = _shown(example, exchange, answered)
        return {"description": _described(status, plays), "headers": _headers(plays), "content": content}

    def _schema(self, operation: Operation, exchange: Exchange, answered: str) -> Members:
        if answered not in JSON_TYPES:
            return {"type": "string"}
        refused = bool(exchange.reason) and exchange.reply.status >= HTTPStatus.BAD_REQUEST
        return self._reference(self._vendor.errors[answered] if refused else operation.response)

    def _reference(self, schema: Any) -> Members:
        return jsonschema.reference(self._spec, schema)


def _without_examples(value: Any) -> Any:
    """The same for further paths of an operation: the first one shows what they all answer."""
    if isinstance(value, list):
        return [_without_examples(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _without_examples(inner) for name, inner in value.items() if name != "examples"}


def _path_parameters(path: str, operation: Operation, plays: Sequence[Played]) -> Iterable[Members]:
    """The parameters of a path, each with a value that some example has."""
    templates = [split(each) for each in (path, operation.path)]
    accepted = [split(exchange.call.path) for example, exchange in plays if not example.reason]
    samples = [match(template, segments) or {} for template in templates for segments in accepted]
    for part in templates[0]:
        if part.startswith("{"):
            name = part.strip("{*}")
            value = next((sample[name] for sample in samples if name in sample), name)
            yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "example": value}


def _headers(plays: Sequence[Played]) -> Members:
    """The header fields that these answers carry; those that all of them carry, whatever the options, are required."""
    fields = [{name for name, _ in exchange.reply.headers} - {"Content-Type"} for _, exchange in plays]
    everywhere = set.intersection(*fields) - {"WWW-Authenticate"}
    return {name: {"schema": {"type": "string"}, "required": name in everywhere} for name in sorted(set.union(*fields))}


def _shown(example: Example, exchange: Exchange, answered: str) -> Members:
    summary = REASONS[exchange.reason].meaning if exchange.reason else example.title
    body = exchange.reply.body
    value = {"value": jsontext.read(body) if answered in JSON_TYPES else body.decode()}
    return {"summary": summary, **value} if summary else value


def _described(status: int, plays: Sequence[Played]) -> str:
    reasons = sorted({exchange.reason for _, exchange in plays if exchange.reason})
    phrase = HTTPStatus(status).phrase
    return f"{phrase}: {', '.join(reasons)}" if reasons else phrase


def _name(example: Example) -> str:
    return example.reason or (example.title.lower().replace(" ", "_").replace("'", "") or "success")


def _status(play: Played) -> int:
    return play[1].reply.status


def _sent_type(exchange: Exchange) -> str:
    return media_type(exchange.call.headers.get("Content-Type"))
