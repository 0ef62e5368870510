"""Passwords in GraphQL requests: what the journal must not show, though only the query tells where it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext
from mockserver.core.redaction import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

_IGNORED = r"(?:[\s,\ufeff]|#[^\n\r]*+)*+"
"""What GraphQL reads over."""
_TEXT = r'(?:"""(?:[^"\\]|\\[\s\S]|"(?!""))*+(?:""")?|"(?:[^"\\\n]|\\.)*+"?)'
"""A text, also one that does not end."""
_ARGUMENT = rf"(?<![$\w])password{_IGNORED}:{_IGNORED}"
IN_A_QUERY = re.compile(rf"{_ARGUMENT}(?:[\[{{]{_IGNORED})*+(?:{_TEXT}|\w+)(?:{_IGNORED}{_TEXT})*+", re.IGNORECASE)
"""A password written into a query, also where it is no text or more than one."""
_VARIABLE = re.compile(rf"{_ARGUMENT}\$(\w+)", re.IGNORECASE)
_VARIABLES = re.compile(r"(\"variables\"\s*:\s*)(.+?)(?=\"query\"\s*:|\Z)", re.DOTALL)
"""All variables of a request that cannot be read, or of which the journal has kept the beginning alone."""


def veiled(body: Any) -> Any:
    """A request as it may be shown: the variables that a query uses as passwords hidden, by whatever name they go."""
    if isinstance(body, str):
        return _VARIABLES.sub(lambda found: found[1] + fingerprint(found[2]), body)
    if not (isinstance(body, dict) and isinstance(body.get("query"), str)):
        return body
    names = {found[1] for found in _VARIABLE.finditer(body["query"])}
    members = dict(_without(body, names))
    for name in names:
        members["query"] = _default(name).sub(lambda found: found[1] + fingerprint(found[2]), members["query"])
    return members


def _without(body: dict[str, Any], names: set[str]) -> Iterator[tuple[str, Any]]:
    for member, value in body.items():
        if member == "variables" and isinstance(value, dict):
            yield member, {name: _hidden(each) if name in names else each for name, each in value.items()}
        else:
            yield member, value


def _default(name: str) -> re.Pattern[str]:
    return re.compile(rf"(\${name}\b{_IGNORED}:[^$=\"]*={_IGNORED})({_TEXT})")


def _hidden(value: Any) -> str:
    return fingerprint(value if isinstance(value, str) else jsontext.write(value).decode())
