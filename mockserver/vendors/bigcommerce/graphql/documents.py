"""What is worked out of a query's text once, and kept: parsed, validated, and weighed where no variable has a say."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graphql import FragmentDefinitionNode, GraphQLError, OperationDefinitionNode, parse
from graphql.execution.values import get_variable_values

from mockserver.core.refusals import Refusal
from mockserver.vendors.bigcommerce.graphql.depth import DEEPEST, depth
from mockserver.vendors.bigcommerce.graphql.schema import schema
from mockserver.vendors.bigcommerce.graphql.scores import Scoring
from mockserver.vendors.bigcommerce.graphql.validation import MOST_ERRORS, problems, told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphql import DocumentNode

    from mockserver.core.case import Case

MOST_TOKENS = 2_500
MOST_CHARACTERS = 32_768
"""No more of a query is read. A shop's page asks with some hundred tokens; so many are looked at in 50 ms."""
USUAL_CHARACTERS = 16_384
KEPT = 256
"""So many usual queries are kept."""


@dataclass(frozen=True, slots=True)
class Document:
    """A query that can be executed. *scores* are those of its operations that depend on no variable."""

    node: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]
    fragments: Mapping[str, FragmentDefinitionNode]
    sha256: str
    scores: dict[int, int] = field(default_factory=dict)

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation with this name, or the only one; raises `GraphQLError`."""
        if name is None and len(self.operations) > 1:
            raise GraphQLError("Must provide operation name if query contains multiple operations.")
        found = [each for each in self.operations if name is None or (each.name and each.name.value == name)]
        if not found:
            raise GraphQLError(f'Unknown operation named "{name}".')
        return found[0]

    def score(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> int:
        """How complex an operation of it is."""
        known = self.scores.get(id(operation))
        if known is not None:
            return known
        scoring = Scoring(schema(), self.fragments, variables)
        score = scoring.score(operation)
        if not scoring.varies:
            self.scores[id(operation)] = score
        return score


class InvalidQueryError(ValueError):
    """A query that cannot be executed, with the library's own words for it."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = errors


class TooDeepError(ValueError):
    """A query that goes deeper than any may."""

    def __init__(self, levels: int) -> None:
        super().__init__(f"{levels} levels")
        self.levels = levels


def document(case: Case, text: str) -> Document:
    """The document of a query; refuses one that is no GraphQL, does not fit the schema, or goes too deep."""
    try:
        found = _usual(text) if len(text) <= USUAL_CHARACTERS else _read(text)
    except InvalidQueryError as error:
        raise invalid(case, error.errors) from None
    except TooDeepError as error:
        case.note("query.too_deep", passed=False, seen=error.levels, wanted=DEEPEST)
        raise Refusal("query.too_deep", depth=error.levels, limit=DEEPEST) from None
    case.note("query.invalid", passed=True)
    return found


def coerced(case: Case, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """The variables of an operation as its types have them; refuses those that do not fit."""
    wanted = operation.variable_definitions
    if not wanted:
        return {}
    values = get_variable_values(schema(), wanted, dict(variables), max_errors=MOST_ERRORS)
    if isinstance(values, list):
        raise invalid(case, values)
    return values.coerced


def invalid(case: Case, errors: Sequence[GraphQLError]) -> Refusal:
    """The refusal of a query, in the library's words."""
    entries = [_entry(error) for error in errors]
    case.note("query.invalid", passed=False, seen=[each["message"] for each in entries])
    return Refusal("query.invalid", errors=entries, hint=entries[0]["message"])


def _entry(error: GraphQLError) -> dict[str, Any]:
    locations = [{"line": each.line, "column": each.column} for each in error.locations or ()]
    return {"message": told(error.message), **({"locations": locations} if locations else {})}


@lru_cache(maxsize=KEPT)
def _usual(text: str) -> Document:
    return _read(text)


def _read(text: str) -> Document:
    try:
        node = parse(text, max_lexical_tokens=MOST_TOKENS, max_comments=MOST_TOKENS, max_source_length=MOST_CHARACTERS)
    except GraphQLError as error:
        raise InvalidQueryError([error]) from None
    # The schema goes less deep than any query may: whoever asks for more has to hear of it before the rest.
    levels = depth(node)
    if levels > DEEPEST:
        raise TooDeepError(levels)
    errors = problems(node)
    if errors:
        raise InvalidQueryError(errors)
    operations = tuple(each for each in node.definitions if isinstance(each, OperationDefinitionNode))
    fragments = {each.name.value: each for each in node.definitions if isinstance(each, FragmentDefinitionNode)}
    return Document(node, operations, fragments, hashlib.sha256(text.encode()).hexdigest())
