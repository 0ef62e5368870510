"""The JSON reader, judged by JSONTestSuite."""

from __future__ import annotations

import json

import pytest

from mockserver.core import jsontext
from mockserver.core.jsontext import JsonTextError
from tests.vectors import public

pytestmark = public.needed

FILES = public.read("jsontestsuite.json", {"files": {}})["files"]


def texts(prefix: str) -> list:
    return [pytest.param(public.unpacked(FILES[name]), id=name) for name in sorted(FILES) if name.startswith(prefix)]


@pytest.mark.parametrize("text", texts("y_"))
def test_what_must_be_accepted_is_read_as_python_reads_it(text):
    assert jsontext.read(text) == json.loads(text)


@pytest.mark.parametrize("text", texts("n_"))
def test_what_must_be_refused_is(text):
    with pytest.raises(JsonTextError):
        jsontext.read(text)


READ = {
    "i_number_double_huge_neg_exp",
    "i_number_real_underflow",
    "i_number_too_big_neg_int",
    "i_number_too_big_pos_int",
    "i_number_very_big_negative_int",
}
"""Of what a reader may decide for itself, this is read: numbers that Python holds. All else is refused."""


@pytest.mark.parametrize("name", sorted(name for name in FILES if name.startswith("i_")))
def test_what_may_be_either_is_decided_and_never_breaks_the_reader(name):
    text = public.unpacked(FILES[name])

    if name in READ:
        assert jsontext.read(text) == json.loads(text)
    else:
        with pytest.raises(JsonTextError):
            jsontext.read(text)
