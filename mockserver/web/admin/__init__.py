"""The emulator's own API under `/_mock/`, relative to a sandbox prefix: what there is, and the path of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request
from marshmallow import ValidationError

from mockserver.core import jsontext
from mockserver.core.calls import Headers
from mockserver.core.origins import origin_of
from mockserver.core.problems import PROBLEM_JSON, problem
from mockserver.core.sandbox import DEFAULT, SandboxNameError, UnknownSandboxError
from mockserver.schema import problems
from mockserver.web.admin import about, contents, events, faults, insight, times, worlds
from mockserver.web.admin.desk import AdminProblem, Desk, Endpoint, House
from mockserver.web.wire import PlainResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from flask import Flask
    from flask.typing import ResponseReturnValue
    from werkzeug.exceptions import HTTPException

    from mockserver.web.addressing import Address
    from mockserver.web.admin.gate import Gate

ADDRESS = "mockserver.address"
"""Where the WSGI environment holds the address that was read from the URL."""

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

    def mount(self, app: Flask) -> None:
        """Answer below `/_mock`, and below it in every sandbox."""
        app.before_request(self._check_host)
        app.register_blueprint(self._blueprint(), url_prefix="/_mock")
        app.register_blueprint(self._blueprint(), url_prefix="/~<_sandbox>/_mock", name="sandboxed")
        app.register_error_handler(404, _not_found)
        app.register_error_handler(405, _method_not_allowed)
        app.register_error_handler(AdminProblem, _said_no)
        app.register_error_handler(UnknownSandboxError, _no_sandbox)
        app.register_error_handler(SandboxNameError, _no_name)
        app.register_error_handler(ValidationError, _invalid)

    def _blueprint(self) -> Blueprint:
        routes = Blueprint("admin", __name__)
        for endpoint in ENDPOINTS:
            view = self._view(endpoint)
            routes.add_url_rule(
                endpoint.path, endpoint.name, view, methods=[endpoint.method], provide_automatic_options=False
            )
        return routes

    def _check_host(self) -> None:
        self._gate.check_host(request.environ.get("HTTP_HOST", "localhost"))

    def _view(self, endpoint: Endpoint) -> Callable[..., ResponseReturnValue]:
        """The path of a call: who asks, what for, do it, answer."""

        def view(_sandbox: str = "", **parameters: object) -> ResponseReturnValue:
            del _sandbox
            desk = self._desk({name: str(value) for name, value in parameters.items()})
            self._gate.check(endpoint, desk.headers, (request.host_url.rstrip("/"), origin_of(desk.root_url)))
            answer = endpoint.run(desk, _fields(endpoint))
            if isinstance(answer, Response):
                return answer
            return jsonify(answer), endpoint.status

        return view

    def _desk(self, parameters: Mapping[str, str]) -> Desk:
        address: Address = request.environ[ADDRESS]
        return Desk(
            house=self._house,
            sandbox_name=DEFAULT if address.sandbox is None else address.sandbox,
            root_url=address.root_url,
            base_url=address.base_url,
            parameters=parameters,
            headers=Headers(request.headers.items()),
            environ=request.environ,
        )


def _fields(endpoint: Endpoint) -> Mapping[str, Any]:
    if endpoint.body:
        sent = _json_object(request.get_data())
        return sent if endpoint.reads_raw else _loaded(endpoint.body, sent)
    if endpoint.query:
        return _loaded(endpoint.query, _query())
    return {}


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
            raise AdminProblem(422, f"{name}: stands in the query twice")
    return request.args.to_dict()


def _said_no(error: AdminProblem) -> ResponseReturnValue:
    answer = _problem(error.status, error.detail, **error.members)
    answer.headers.extend(_BESIDE.get(error.status, {}))
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


def _not_found(error: HTTPException) -> ResponseReturnValue:
    del error
    return _problem(404, f"The emulator has no {request.path}.", documents="/_mock/docs")


def _method_not_allowed(error: HTTPException) -> ResponseReturnValue:
    answer = _problem(405, f"{request.path} does not take {request.method}.")
    answer.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return answer


def _problem(status: int, detail: str, **more: Any) -> PlainResponse:
    return PlainResponse(problem(status, detail, **more), status, content_type=PROBLEM_JSON)


_BESIDE = {401: {"WWW-Authenticate": 'Bearer realm="mockserver admin"'}, 503: {"Retry-After": "1"}}
