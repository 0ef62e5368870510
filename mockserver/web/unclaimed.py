"""Paths that no vendor claims."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from mockserver.core.calls import Reply
from mockserver.core.problems import PROBLEM_JSON, problem
from mockserver.core.vendor import Vendor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.core.case import Case
    from mockserver.core.refusals import Refusal


def nobody(paths: Sequence[str]) -> Vendor:
    """The vendor of paths that no vendor claims: its only answer is a 404 that names the nearest ones."""

    def refuse(refusal: Refusal, case: Case) -> Reply:
        del refusal
        path = case.call.path
        near = get_close_matches(path, paths, n=3, cutoff=0.5)
        detail = f"No vendor claims {case.call.method} {path}."
        served = {"nearest": near, "documents": "/_mock/openapi.json", "journal": "/_mock/journal"}
        return Reply(404, (("Content-Type", PROBLEM_JSON),), problem(404, detail, **served))

    return Vendor(name="mockserver", title="mockserver", summary="", operations=(), refuse=refuse)
