"""How complex a query is, by the vendor's reckoning: fields, connections by their length, and mutations flat."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, get_named_type
from graphql.type import GraphQLInterfaceType, GraphQLObjectType

from mockserver.vendors.bigcommerce.graphql.selections import is_introspection, nested, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import FragmentDefinitionNode, GraphQLSchema, SelectionSetNode
    from graphql.language import OperationDefinitionNode

LIMIT = 10_000
LOGIN, MUTATION = 9_999, 9_000
LOGINS = frozenset({"login", "loginWithCustomerLoginJwt"})
NAMESPACES = frozenset({"cart", "customer", "company"})
USUAL_LENGTH = 10
"""How many a connection is taken to have that is asked for no number."""


@dataclass(slots=True)
class Scoring:
    """Weighs the operations of one document. *varies* says, afterwards, whether variables had a say in it."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    varies: bool = False
    _known: dict[tuple[str, str], int] = field(default_factory=dict)

    def score(self, operation: OperationDefinitionNode) -> int:
        """The score of an operation. Introspection is exempt."""
        root = self.schema.get_root_type(operation.operation)
        if root is self.schema.mutation_type:
            return self._mutations(operation.selection_set, NAMESPACES)
        return self._fields(operation.selection_set, root)

    def _mutations(self, selected: SelectionSetNode | None, namespaces: frozenset[str]) -> int:
        """Mutations, which weigh the same whatever is asked of their results; below a namespace there are none."""
        total = 0
        for node in selected.selections if selected else ():
            if not isinstance(node, FieldNode):
                total += self._mutations(nested(node, self.fragments), namespaces)
            elif node.name.value in namespaces:
                total += 1 + self._mutations(node.selection_set, frozenset())
            elif not is_introspection(node):
                total += LOGIN if node.name.value in LOGINS else MUTATION
        return total

    def _fields(self, selected: SelectionSetNode | None, parent: Any) -> int:
        return sum(self._selection(node, parent) for node in selected.selections) if selected else 0

    def _selection(self, node: Any, parent: Any) -> int:
        if isinstance(node, FieldNode):
            return 0 if is_introspection(node) else self._field(node, parent)
        named = getattr(node, "name", None)
        if named is None:
            return self._fields(node.selection_set, self._on(node, parent))
        # A fragment's score is worked out once, or fragments that spread each other twice would double it all.
        key = (named.value, parent.name)
        if key not in self._known:
            fragment = self.fragments[named.value]
            self._known[key] = self._fields(fragment.selection_set, self._on(fragment, parent))
        return self._known[key]

    def _field(self, node: FieldNode, parent: Any) -> int:
        if not isinstance(parent, (GraphQLObjectType, GraphQLInterfaceType)):
            return 1
        kind = get_named_type(parent.fields[node.name.value].type)
        below = self._fields(node.selection_set, kind)
        return 1 + below * (self._length(node) if kind.name.endswith("Connection") else 1)

    def _length(self, node: FieldNode) -> int:
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        for name in ("first", "last"):
            if name in given:
                self.varies = self.varies or hasattr(given[name], "name")
                value = value_of(given[name], self.variables)
                if value is not None:
                    return max(0, int(value))
        return USUAL_LENGTH

    def _on(self, node: Any, parent: Any) -> Any:
        condition = node.type_condition
        return self.schema.get_type(condition.name.value) if condition else parent
