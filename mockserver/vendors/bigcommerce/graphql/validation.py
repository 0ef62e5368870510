"""The library's judgement of a query: with less patience than it has, and in its words without what was sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphql import validate
from graphql.validation import OverlappingFieldsCanBeMergedRule, specified_rules

from mockserver.vendors.bigcommerce.graphql.schema import schema

if TYPE_CHECKING:
    from graphql import DocumentNode, GraphQLError
    from graphql.validation import ValidationContext

MOST_ERRORS = 5
"""So many errors are told of one query: finding the place of each reads the query again."""
MOST_COMPARISONS = 15_000
"""So many units of work may go into comparing fields of one name: about 30 ms, where the library allows a second."""
_VALUE = re.compile(
    r"(?P<scalar>\bcannot represent (?:an? )?[\w -]*value): .*"
    r"|(?P<kind>\bExpected value of type .*), found:? .*"
    r"|(?P<syntax>^Syntax Error: .*\b(?:String|BlockString)) ['\"].*",
    re.DOTALL,
)
"""Where the library's words are about a value: what stands before that."""


class _Comparing(OverlappingFieldsCanBeMergedRule):
    """The rule that compares each field with all of its name, which takes their square."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = MOST_COMPARISONS


_RULES = [_Comparing if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules]


def problems(document: DocumentNode) -> list[GraphQLError]:
    """What is wrong with a query that could be parsed; a word that this was not the end of it, where it was not."""
    return validate(schema(), document, _RULES, max_errors=MOST_ERRORS)


def told(message: str) -> str:
    """The library's words without the value they are about, which may be a password in the wrong place."""
    found = _VALUE.search(message)
    return message if found is None else f"{message[: found.start()]}{next(filter(None, found.groups()))}."
