"""The emulator's own API under `/_mock/`, relative to a sandbox prefix: what there is, and the path of a call."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from mockserver.core import jsontext
from mockserver.core.calls import Headers
from mockserver.core.origins import origin_of
from mockserver.core.problems import PROBLEM_JSON, problem
from mockserver.core.sandbox import DEFAULT, SandboxNameError, UnknownSandboxError
from mockserver.schema import problems
from mockserver.web.addressing import ADMIN
from mockserver.web.admin import about, contents, events, faults, insight, times, worlds
from mockserver.web.admin.desk import AdminProblem, Desk, Endpoint, House, field_problem
from mockserver.web.admin.table import Table
from mockserver.web.wire import ADDRESS, PlainResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flask import Flask
    from flask.typing import ResponseReturnValue

    from mockserver.web.addressing import Address
    from mockserver.web.admin.desk import Members
    from mockserver.web.admin.gate import Gate

_LOG = logging.getLogger("mockserver.admin")

ENDPOINTS: tuple[Endpoint, ...] = (
    *about.ENDPOINTS,
    *worlds.ENDPOINTS,
    *times.ENDPOINTS,
    *faults.ENDPOINTS,
    *events.ENDPOINTS,
    *contents.ENDPOINTS,
    *insight.ENDPOINTS,
)
"""Everything the admin API does."""


class Admin:
    """The admin API of a house."""

    def __init__(self, house: House, gate: Gate) -> None:
        self._house = house
        self._gate = gate
        self._table = Table(ENDPOINTS)

    def mount(self, app: Flask) -> None:
        """Answer whatever comes to this application: it is asked for nothing but `/_mock`, in any sandbox."""
        app.before_request(self._answer)
        app.register_error_handler(AdminProblem, _said_no)
        app.register_error_handler(UnknownSandboxError, _no_sandbox)
        app.register_error_handler(SandboxNameError, _no_name)
        app.register_error_handler(ValidationError, _invalid)
        app.register_error_handler(Exception, self._own_failure)

    def _own_failure(self, error: Exception) -> ResponseReturnValue:
        if isinstance(error, HTTPException):
            return _problem(error.code or 500, error.description or error.name)
        address: Address = request.environ[ADDRESS]
        sandboxes = self._house.sandboxes
        met_in = address.sandbox if address.sandbox in sandboxes else None
        sandboxes.existing(met_in or DEFAULT).failed(error)
        _LOG.error("%s %s failed", request.method, request.path, exc_info=error)
        return _problem(500, "A bug in mockserver.")

    def _answer(self) -> ResponseReturnValue:
        """The path of a call: who asks, what for, do it, answer."""
        address: Address = request.environ[ADDRESS]
        self._gate.check_host(request.environ.get("HTTP_HOST", "localhost"))
        endpoint, parameters = self._table.find(request.method, address.path.removeprefix(ADMIN), request.path)
        desk = self._desk(address, parameters)
        self._gate.check(endpoint, desk.headers, (request.host_url.rstrip("/"), origin_of(desk.root_url)))
        answer = self._run(endpoint, desk)
        return answer if isinstance(answer, Response) else (jsonify(answer), endpoint.status)

    def _run(self, endpoint: Endpoint, desk: Desk) -> Members | Response:
        """Do it. A sandbox that was made for what was then refused is not left behind, unless somebody uses it."""
        sandboxes = self._house.sandboxes
        fields = _fields(endpoint)
        existed = desk.sandbox_name in sandboxes
        try:
            return endpoint.run(desk, fields)
        except Exception:
            if not existed and desk.sandbox_name in sandboxes and sandboxes.existing(desk.sandbox_name).is_untouched:
                sandboxes.drop(desk.sandbox_name)
            raise

    def _desk(self, address: Address, parameters: Mapping[str, str]) -> Desk:
        return Desk(
            house=self._house,
            sandbox_name=DEFAULT if address.sandbox is None else address.sandbox,
            root_url=address.root_url,
            base_url=address.base_url,
            is_addressed=address.sandbox is not None,
            parameters=parameters,
            headers=Headers(request.headers.items()),
            environ=request.environ,
        )


def _fields(endpoint: Endpoint) -> Mapping[str, Any]:
    if request.args and not (endpoint.query or endpoint.public):
        name = next(iter(request.args))
        raise field_problem(name, "nothing here reads a query" + ("; it belongs into the body" * bool(endpoint.body)))
    if endpoint.writes and not endpoint.body and request.get_data().strip() not in (b"", b"{}"):
        raise AdminProblem(422, f"{endpoint.method} takes no body here: nothing in it would be heeded")
    if endpoint.body:
        sent = _json_object(request.get_data())
        return sent if endpoint.reads_raw else _loaded(endpoint.body, sent)
    return _loaded(endpoint.query, _query()) if endpoint.query else {}


def _loaded(schema: Any, data: Mapping[str, Any]) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = schema().load(data)
    return loaded


def _json_object(data: bytes) -> dict[str, Any]:
    """The members of a body; an empty body has none."""
    try:
        return jsontext.read_object(data) if data.strip() else {}
    except jsontext.JsonTextError as error:
        raise AdminProblem(400, f"The body is no JSON object: {error}.") from None


def _query() -> dict[str, str]:
    for name, values in request.args.lists():
        if len(values) > 1:
            raise field_problem(name, "stands in the query twice")
    return request.args.to_dict()


def _said_no(error: AdminProblem) -> ResponseReturnValue:
    answer = _problem(error.status, error.detail, **error.members)
    answer.headers.extend({**_BESIDE.get(error.status, {}), **error.headers})
    return answer


def _no_sandbox(error: UnknownSandboxError) -> ResponseReturnValue:
    """Asking about a sandbox does not make it."""
    return _problem(404, str(error))


def _no_name(error: SandboxNameError) -> ResponseReturnValue:
    return _problem(400, str(error))


def _invalid(error: ValidationError) -> ResponseReturnValue:
    errors = [_error(place, text) for place, text in problems(error)]
    detail = "; ".join(f"{each['field']}: {each['detail']}" if each["field"] else each["detail"] for each in errors)
    return _problem(422, detail, errors=errors)


def _error(place: Iterable[str | int], text: str) -> dict[str, str]:
    steps = [str(step) for step in place]
    pointer = "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)
    return {"pointer": pointer, "field": ".".join(steps), "detail": text}


def _problem(status: int, detail: str, **more: Any) -> PlainResponse:
    return PlainResponse(problem(status, detail, **more), status, content_type=PROBLEM_JSON)


_BESIDE = {401: {"WWW-Authenticate": 'Bearer realm="mockserver admin"'}, 503: {"Retry-After": "1"}}
