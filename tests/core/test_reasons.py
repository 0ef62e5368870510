"""Refusals and their reasons: one vocabulary, and no other word."""

from __future__ import annotations

import re

import pytest

from mockserver.core.reasons import REASONS, UnknownReasonError
from mockserver.core.refusals import FieldError, Refusal


def test_a_refusal_carries_its_reason_and_its_facts():
    refusal = Refusal("token.expired", hint="an hour ago", seen=1, wanted=2)

    assert (refusal.reason, refusal.hint, refusal.facts) == ("token.expired", "an hour ago", {"seen": 1, "wanted": 2})


def test_an_unknown_reason_is_answered_with_the_nearest_one():
    with pytest.raises(UnknownReasonError, match=r"no reason is called 'token.expird'; did you mean 'token.expired'\?"):
        Refusal("token.expird")


def test_a_reason_like_no_other_is_answered_without_a_guess():
    with pytest.raises(UnknownReasonError, match=r"no reason is called 'zzz'$"):
        Refusal("zzz")


def test_every_code_is_a_family_and_a_word():
    assert [code for code in REASONS if not re.fullmatch(r"[a-z]+\.(?:[a-z_]+|\d{3})", code)] == []


def test_every_reason_says_what_it_means():
    assert [reason.code for reason in REASONS.values() if not reason.meaning] == []


@pytest.mark.parametrize(
    ("path", "pointer"),
    [((), ""), (("name",), "/name"), (("scopes", 0), "/scopes/0"), (("a/b", "c~d"), "/a~1b/c~0d"), (("",), "/")],
)
def test_a_field_is_pointed_at_as_rfc_6901_has_it(path, pointer):
    assert FieldError(path, "required").pointer == pointer
