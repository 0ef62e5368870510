"""Strict YAML: every place has a line, nothing stands twice, and whatever is wrong is said in one line."""

from __future__ import annotations

import pytest

from mockserver.yamltext import FileError, read_file, read_text

TEXT = """\
ingrid:
  sites:
    - id: one
      ttl_max_s: 60
    - id: two
seed: tests
"""


def test_a_text_is_read_as_a_mapping():
    document = read_text(TEXT, "world.yaml")

    assert document.data == {"ingrid": {"sites": [{"id": "one", "ttl_max_s": 60}, {"id": "two"}]}, "seed": "tests"}


def test_json_is_yaml():
    assert read_text('{"a": [1, true, null]}', "world.json").data == {"a": [1, True, None]}


@pytest.mark.parametrize("text", ["", "\n", "# nothing but a comment\n", "---\n", "null"])
def test_a_text_with_nothing_in_it_is_an_empty_mapping(text):
    assert read_text(text, "world.yaml").data == {}


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("ingrid",), 1),
        (("ingrid", "sites"), 2),
        (("ingrid", "sites", 0), 3),
        (("ingrid", "sites", 0, "ttl_max_s"), 4),
        (("ingrid", "sites", 1, "id"), 5),
        (("seed",), 6),
        (("ingrid", "sites", 1, "missing"), 5),
        (("ingrid", "missing", "too"), 1),
        ((), 1),
    ],
)
def test_a_problem_names_file_line_and_place(place, line):
    path = ".".join(map(str, place))

    problem = read_text(TEXT, "world.yaml").problem(place, "is wrong")

    assert problem == f"world.yaml:{line}: {path + ': ' if path else ''}is wrong"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: [1\n", "world.yaml:3: expected ',' or ']', but got '<stream end>'"),
        ("a: 1\n\tb: 2\n", "world.yaml:2: found character '\\t' that cannot start any token"),
        ("a: 1\na: 2\n", "world.yaml:2: a stands here twice"),
        ("x:\n  - a: 1\n    a: 2\n", "world.yaml:3: a stands here twice"),
        ("- 1\n- 2\n", "world.yaml:1: must hold a mapping, not a list"),
        ("just text", "world.yaml:1: must hold a mapping, not a str"),
        ("a: 1\n---\nb: 2\n", "world.yaml:2: but found another document"),
        ("a: 1\nb: *nobody\n", "world.yaml:2: found undefined alias 'nobody'"),
        ("a: !!python/object:os.system x", "world.yaml:1: could not determine a constructor"),
        ("a: 1\n? [1]\n: 2\n", "world.yaml:2: found unhashable key"),
        ("a: 1\nb: \x00\n", "world.yaml:"),
    ],
    ids=[
        "open-bracket",
        "tab",
        "twice",
        "twice-below",
        "list",
        "text",
        "two-documents",
        "no-anchor",
        "python-object",
        "list-as-key",
        "control-character",
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(text, problem):
    with pytest.raises(FileError) as raised:
        read_text(text, "world.yaml")

    [told] = raised.value.problems
    assert told.startswith(problem)
    assert "\n" not in told


@pytest.mark.parametrize(
    "text", ["a: &a [*a]", "a: &a {b: *a}", "a: " + "[" * 5000 + "]" * 5000], ids=["list", "mapping", "too-deep"]
)
def test_a_text_without_end_is_refused(text):
    with pytest.raises(FileError):
        read_text(text, "world.yaml")


def test_an_anchor_may_be_used_again():
    assert read_text("a: &x {n: 1}\nb: *x\n", "world.yaml").data == {"a": {"n": 1}, "b": {"n": 1}}


class TestFiles:
    def test_a_file_is_read_under_its_path(self, tmp_path):
        path = tmp_path / "world.yaml"
        path.write_text("a: é", encoding="utf-8")

        document = read_file(path)

        assert (document.source, document.data) == (str(path), {"a": "é"})

    def test_a_file_that_is_not_there_is_named(self, tmp_path):
        path = tmp_path / "nothing.yaml"

        with pytest.raises(FileError, match="No such file or directory") as raised:
            read_file(path)
        assert str(raised.value) == f"{path}: cannot be read: No such file or directory"

    def test_a_folder_is_no_file(self, tmp_path):
        with pytest.raises(FileError, match="Is a directory"):
            read_file(tmp_path)

    def test_a_file_that_is_not_utf_8_is_refused(self, tmp_path):
        path = tmp_path / "world.yaml"
        path.write_bytes(b"a: \xff")

        with pytest.raises(FileError, match="not UTF-8"):
            read_file(path)


def test_problems_are_told_one_on_a_line():
    error = FileError("a:1: wrong", "b:2: wrong too")

    assert str(error).splitlines() == list(error.problems) == ["a:1: wrong", "b:2: wrong too"]
