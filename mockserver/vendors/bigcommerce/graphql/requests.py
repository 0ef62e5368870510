"""What a body asks for: a query, its variables, and which of its operations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.case import Case


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A query's text, the variables as sent, and the name of the operation that is meant, if one is named."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)
    operation_name: str | None = None


def read(case: Case) -> GraphQLRequest:
    """The request in a body, whatever its media type; refuses what is none."""
    try:
        members = jsontext.read_object(case.call.body)
    except jsontext.JsonTextError as error:
        members, problem = {}, str(error)
    else:
        problem = _problem(members)
    case.require(not problem, "request.malformed", hint=problem, seen=problem or "a query", wanted="a query")
    return GraphQLRequest(members["query"], members.get("variables") or {}, members.get("operationName") or None)


def _problem(members: Mapping[str, Any]) -> str:
    if not isinstance(members.get("query"), str):
        return "query is no string"
    if not isinstance(members.get("variables"), (dict, type(None))):
        return "variables is no object"
    if not isinstance(members.get("operationName"), (str, type(None))):
        return "operationName is no string"
    return ""
