"""Lists that are told in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.web.admin.desk import field_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockserver.web.admin.desk import Members

USUAL = 100


def page(items: Iterable[Any], limit: int, name: Callable[[Any], str], shown: Callable[[Any], Members]) -> Members:
    """The first *limit* of *items*, and the name of the last of them if there are more."""
    found: list[Any] = []
    for item in items:
        if len(found) == limit:
            return {"items": [shown(each) for each in found], "next": name(found[-1])}
        found.append(item)
    return {"items": [shown(each) for each in found], "next": None}


def after(items: Iterable[Any], marker: str | None, name: Callable[[Any], str]) -> Iterable[Any]:
    """The items behind the one with this name; all of them where there is no marker."""
    if marker is None:
        return items
    rest = iter(items)
    if not any(name(item) == marker for item in rest):
        raise field_problem("after", f"'{marker}' is not there, or not any more")
    return rest
