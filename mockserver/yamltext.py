"""Strict YAML, with the line of everything in it: scenarios and settings are read with this."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mockserver.schema import Place


class FileError(ValueError):
    """A file that cannot be used. Its text is one line for each problem: file, line, place, what is wrong."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Document:
    """A mapping as a file has it, and the line of each place in it."""

    source: str
    data: dict[str, Any]
    lines: Mapping[Place, int]

    def problem(self, place: Place, text: str) -> str:
        """One line that says where something is wrong, and what."""
        return f"{self.place(place)}: {text}"

    def place(self, place: Place) -> str:
        """File, line and path of a place; of the nearest one around it that the file has."""
        known = place
        while known and known not in self.lines:
            known = known[:-1]
        path = ".".join(str(step) for step in place)
        return f"{self.source}:{self.lines.get(known, 1)}" + (f": {path}" if path else "")


def read_file(path: Path) -> Document:
    """Read a YAML (or JSON) file that holds a mapping. Raises `FileError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise FileError(f"{path}: not UTF-8") from None
    return read_text(text, str(path))


def read_text(text: str, source: str) -> Document:
    """The same for a text; *source* is what errors call it. Raises `FileError`."""
    lines: dict[Place, int] = {}
    try:
        loader, node = _parsed(text)
        if node is not None:
            _note_lines(node, (), lines, source)
        data = {} if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FileError(f"{source}:{line}: {error.problem}") from None
    except RecursionError:
        raise FileError(f"{source}:1: nested too deep, or inside itself") from None
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, FileError):
            raise
        raise FileError(f"{source}:1: {' '.join(str(error).split())}") from None
    data = {} if data is None else data
    if not isinstance(data, dict):
        raise FileError(f"{source}:1: must hold a mapping, not a {type(data).__name__}")
    return Document(source, data, lines)


def _parsed(text: str) -> tuple[Any, yaml.Node | None]:
    """A loader, and what it has made of the text."""
    # libyaml is ten times as fast, where PyYAML has it; what it does not take, the Python loader tells better.
    with suppress(yaml.YAMLError):
        fast = _FastLoader(text)
        return fast, fast.get_single_node()
    loader = _Loader(text)
    return loader, loader.get_single_node()


_RESOLVERS = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
"""YAML's safe types without its timestamps: what an instant is, says the schema, with file and line."""


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = _RESOLVERS


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # which of them is known late
    yaml_implicit_resolvers = _RESOLVERS


def _note_lines(node: yaml.Node, place: Place, lines: dict[Place, int], source: str) -> None:
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _note_lines(item, (*place, index), lines, source)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, str(key.value))
            if inner in lines:
                raise FileError(f"{source}:{key.start_mark.line + 1}: {key.value} stands here twice")
            _note_lines(value, inner, lines, source)
            lines[inner] = key.start_mark.line + 1
