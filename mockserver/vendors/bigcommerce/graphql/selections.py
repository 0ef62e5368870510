"""Which fields a selection asks for, through all its fragments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, VariableNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graphql import FragmentDefinitionNode, SelectionNode, SelectionSetNode

INTROSPECTION = "__"
"""How the names of introspection's own fields begin."""


def fields(
    selected: SelectionSetNode | None,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Mapping[str, Any],
) -> Iterator[FieldNode]:
    """The fields of a selection in their order, without those that `@skip` and `@include` leave out."""
    for node in selected.selections if selected else ():
        if not _included(node, variables):
            continue
        if isinstance(node, FieldNode):
            yield node
        else:
            yield from fields(nested(node, fragments), fragments, variables)


def nested(node: SelectionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> SelectionSetNode | None:
    """What stands below a field or within a fragment."""
    if isinstance(node, FragmentSpreadNode):
        return fragments[node.name.value].selection_set
    if isinstance(node, (FieldNode, InlineFragmentNode)):
        return node.selection_set
    return None


def response_key(node: FieldNode) -> str:
    """The name by which a field is answered."""
    return node.alias.value if node.alias else node.name.value


def is_introspection(node: FieldNode) -> bool:
    """Whether it asks about the schema."""
    return node.name.value.startswith(INTROSPECTION)


def value_of(node: Any, variables: Mapping[str, Any]) -> Any:
    """The value of an argument: a variable's, or the text of a literal."""
    if isinstance(node, VariableNode):
        return variables.get(node.name.value)
    return getattr(node, "value", None)


def _included(node: SelectionNode, variables: Mapping[str, Any]) -> bool:
    for directive in node.directives or ():
        condition = next((value_of(each.value, variables) for each in directive.arguments or ()), None)
        if condition is {"skip": True, "include": False}.get(directive.name.value):
            return False
    return True
