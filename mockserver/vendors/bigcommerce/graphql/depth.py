"""How deep a query goes. Worked out of its text alone, and without recursion: nothing is known of it yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, OperationDefinitionNode

from mockserver.vendors.bigcommerce.graphql.selections import is_introspection

if TYPE_CHECKING:
    from graphql import DocumentNode, SelectionSetNode

DEEPEST = 16
"""So many fields may stand inside each other, leaves and roots included."""

Nesting = tuple[int, list[tuple[str, int]]]


def depth(document: DocumentNode) -> int:
    """The depth of its deepest operation. Root fields are at 1; introspection is at no depth at all."""
    nestings = {
        each.name.value: _nesting(each.selection_set)
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    depths = _resolved(nestings)
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    return max((_total(_nesting(each.selection_set), depths) for each in operations), default=0)


def _nesting(selected: SelectionSetNode) -> Nesting:
    """How deep a selection goes by itself, and at what depth it spreads which fragment."""
    deepest, spreads, left = 0, [], [(selected, 0)]
    while left:
        inner, above = left.pop()
        for node in inner.selections:
            if isinstance(node, FragmentSpreadNode):
                spreads.append((node.name.value, above))
                continue
            is_field = isinstance(node, FieldNode)
            if isinstance(node, FieldNode) and is_introspection(node):
                continue
            deepest = max(deepest, above + is_field)
            below = getattr(node, "selection_set", None)
            if below:
                left.append((below, above + is_field))
    return deepest, spreads


def _resolved(nestings: dict[str, Nesting]) -> dict[str, int]:
    """The depth of each fragment with all that it spreads; a spread that closes a circle adds nothing here."""
    depths: dict[str, int] = {}
    for root in nestings:
        path, on_path = [root], {root}
        while path:
            name = path[-1]
            waiting = (each for each, _ in nestings[name][1] if each in nestings)
            ahead = next((each for each in waiting if each not in depths and each not in on_path), None)
            if ahead is not None:
                path.append(ahead)
                on_path.add(ahead)
                continue
            depths[name] = _total(nestings[name], depths)
            on_path.discard(path.pop())
    return depths


def _total(nesting: Nesting, depths: dict[str, int]) -> int:
    deepest, spreads = nesting
    return max([deepest, *(above + depths.get(name, 0) for name, above in spreads)])
