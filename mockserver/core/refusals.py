"""A refusal: a reason to say no, and the facts behind it. How it looks on the wire is the vendor's business."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from mockserver.core.reasons import REASONS, UnknownReasonError

if TYPE_CHECKING:
    from collections.abc import Mapping

Entry = TypeVar("Entry")


class Refusal(Exception):  # noqa: N818  (a refusal is an answer of this domain, not a failure of the program)
    """Say no for *reason*, a code of the table in `reasons`, because of *facts*."""

    def __init__(self, reason: str, *, hint: str = "", **facts: Any) -> None:
        if reason not in REASONS:
            raise UnknownReasonError(reason)
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.facts = facts


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of a body that breaks a rule.

    *path* leads to it (`("scopes", 0)`; empty for the body itself). *problem* is the schema's own word for
    what is wrong (`"required"`, `"range"`): the vendor's table turns it into a reason and a text.
    """

    path: tuple[str | int, ...]
    problem: str

    @property
    def pointer(self) -> str:
        """Where it is, as a JSON pointer (RFC 6901)."""
        return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in self.path)


def row(table: Mapping[str, Entry], reason: str, default: Entry) -> Entry:
    """What a vendor's table has for a reason: its own row, else its family's (`token` for `token.expired`)."""
    return table.get(reason, table.get(reason.partition(".")[0], default))
