"""The path of a query: read, parsed, validated, weighed, its scopes and its shopper looked at, executed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, execute_sync
from graphql.language import get_location

from mockserver.core import jsontext
from mockserver.core.operations import Answer
from mockserver.core.refusals import Refusal
from mockserver.vendors.bigcommerce.graphql import requests
from mockserver.vendors.bigcommerce.graphql.asking import ERROR_ON_INVALID, FieldRefusedError, asking
from mockserver.vendors.bigcommerce.graphql.documents import coerced, document, invalid
from mockserver.vendors.bigcommerce.graphql.errors import FIELD_TEXTS, entry, extensions, written
from mockserver.vendors.bigcommerce.graphql.schema import schema
from mockserver.vendors.bigcommerce.graphql.scopes import lacking
from mockserver.vendors.bigcommerce.graphql.scores import LIMIT, LOGINS
from mockserver.vendors.bigcommerce.graphql.selections import fields, is_introspection, response_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphql import FieldNode
    from graphql.language import OperationDefinitionNode

    from mockserver.core.case import Case
    from mockserver.vendors.bigcommerce.graphql.asking import Asking
    from mockserver.vendors.bigcommerce.graphql.documents import Document
    from mockserver.vendors.bigcommerce.graphql.requests import GraphQLRequest
    from mockserver.vendors.bigcommerce.places import Visit

TOKEN_FIELD = "customerAccessToken"
NULLABLE = ("query", "customer")
"""The one root field that can be nothing: refused, it leaves the others be."""


def serve(visit: Visit) -> Answer:
    """The answer to a query."""
    case = visit.case
    request = requests.read(case)
    asked = document(case, request.query)
    operation = _operation(case, asked, request.operation_name)
    variables = coerced(case, operation, request.variables)
    score = _weighed(case, asked.score(operation, variables))
    answering = _Answering(asking(visit), request, asked, operation, variables, score)
    return answering.answer()


def _operation(case: Case, asked: Document, name: str | None) -> OperationDefinitionNode:
    try:
        return asked.operation(name)
    except GraphQLError as error:
        raise invalid(case, [error]) from None


def _weighed(case: Case, score: int) -> int:
    """The score, once it is known not to be too high. Two mutations always are: each weighs nearly all there is."""
    case.note("query.too_complex", passed=score <= LIMIT, seen=score, wanted=LIMIT)
    if score > LIMIT:
        raise Refusal("query.too_complex", score=score, limit=LIMIT)
    return score


@dataclass(frozen=True, slots=True)
class _Answering:
    """A query that is good in itself, about to be answered to whoever asks."""

    asker: Asking
    request: GraphQLRequest
    asked: Document
    operation: OperationDefinitionNode
    variables: Mapping[str, Any]
    score: int

    def answer(self) -> Answer:
        """Look at scopes and shopper, then execute."""
        selected = fields(self.operation.selection_set, self.asked.fragments, self.variables)
        roots = [each for each in selected if not is_introspection(each)]
        self._look_at_scopes(roots)
        if any((self.operation.operation.value, each.name.value) != NULLABLE for each in self._refused(roots)):
            raise self._inband(None, [self._scope_entry(each) for each in self._refused(roots)], "scope.insufficient")
        if not self.asker.lacking and roots:
            self._look_at_the_shopper(roots[0])
        self.asker.wants_token = any(self._selects_token(each) for each in roots)
        return self._executed()

    def _look_at_scopes(self, roots: Sequence[FieldNode]) -> None:
        grant = self.asker.visit.grant
        self.asker.lacking = lacking(grant, self.operation.operation.value, (each.name.value for each in roots))
        for name, scope in self.asker.lacking.items():
            self.asker.case.note(
                "scope.insufficient", passed=False, seen=list(grant.scopes), wanted=f"{scope}, for {name}"
            )

    def _refused(self, roots: Sequence[FieldNode]) -> list[FieldNode]:
        return [each for each in roots if each.name.value in self.asker.lacking]

    def _scope_entry(self, node: FieldNode) -> dict[str, Any]:
        wanted = extensions("scope.insufficient", requiredScopes=[self.asker.lacking[node.name.value]])
        return entry(FIELD_TEXTS["scope.insufficient"], [response_key(node)], extensions=wanted)

    def _look_at_the_shopper(self, first: FieldNode) -> None:
        if not (self.asker.is_strict and self.asker.is_dead):
            return
        self.asker.case.note("session.invalid", passed=False, wanted="a customer access token that is alive")
        texts = FIELD_TEXTS["session.invalid"], extensions("session.invalid")
        told = entry(texts[0], [response_key(first)], _locations(first), texts[1])
        raise self._inband(None, [told], "session.invalid", hint=f"{ERROR_ON_INVALID} asks for this")

    def _selects_token(self, root: FieldNode) -> bool:
        below = fields(root.selection_set, self.asked.fragments, self.variables)
        return root.name.value in LOGINS and any(each.name.value == TOKEN_FIELD for each in below)

    def _executed(self) -> Answer:
        result = execute_sync(
            schema(),
            self.asked.node,
            context_value=self.asker,
            variable_values=dict(self.request.variables),
            operation_name=self.request.operation_name,
        )
        if not result.errors:
            return Answer(verbatim=written(result.data), headers=self._headers())
        refused = [_refused_field(error) for error in result.errors]
        entries = [_told(error) for error in result.errors]
        raise self._inband(result.data, entries, refused[0].reason, hint=refused[0].hint)

    def _inband(self, data: Any, errors: Sequence[dict[str, Any]], reason: str, hint: str = "") -> Refusal:
        """A refusal whose answer is a success to HTTP, and holds what was not refused."""
        return Refusal(reason, hint=hint, body=written(data, errors), headers=self._headers())

    def _headers(self) -> tuple[tuple[str, str], ...]:
        named = self.operation.name
        return (
            ("x-bc-graphql-complexity", str(self.score)),
            ("x-bc-graphql-query-hash", self.asked.sha256),
            ("x-bc-graphql-variables-hash", hashlib.sha256(jsontext.write(self.request.variables)).hexdigest()),
            ("x-bc-graphql-operation-type", self.operation.operation.value),
            ("x-bc-graphql-operation-name", named.value if named else ""),
            *self.asker.headers,
        )


def _refused_field(error: GraphQLError) -> FieldRefusedError:
    """What a field was refused for; whatever else went wrong is a bug of ours, and no answer of the vendor's."""
    if isinstance(error.original_error, FieldRefusedError):
        return error.original_error
    raise error.original_error or error


def _told(error: GraphQLError) -> dict[str, Any]:
    refused = _refused_field(error)
    locations = [{"line": each.line, "column": each.column} for each in error.locations or ()]
    # The documented body of this one has no locations.
    shown = None if refused.reason == "scope.insufficient" else locations
    return entry(error.message, error.path or (), shown, refused.extensions)


def _locations(node: FieldNode) -> list[dict[str, Any]]:
    if node.loc is None:
        return []
    place = get_location(node.loc.source, node.loc.start)
    return [{"line": place.line, "column": place.column}]
