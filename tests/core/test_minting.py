"""What a token's value is, and what is wrong with a text that nobody issued."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from mockserver.core import jws
from mockserver.core.entropy import Entropy
from mockserver.core.keyring import KeyRing
from mockserver.core.keys import SigningKey
from mockserver.core.minting import Opaque, Signed, _broken

NOW = datetime(2030, 1, 1, tzinfo=UTC)
KEY, STRANGER = SigningKey.draw(Entropy("ours")), SigningKey.draw(Entropy("stranger"))
SIGNED = Signed(KeyRing(Entropy("ours"), NOW))
OPAQUE = Opaque("sat_", re.compile(r"sat_[A-Za-z0-9_-]{43}"))


def resigned(**header: str) -> str:
    """A token of ours under another header, signed by our key nonetheless."""
    payload = jws.encode(b"{}")
    return f"{jws.encoded_header(**header)}.{payload}.{KEY.sign({}).rpartition('.')[2]}"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("not a token", "token.malformed"),
        ("sat_" + "A" * 43, "token.malformed"),
        (KEY.sign({}) + "=", "token.malformed"),
        (f"{jws.encoded_header(alg='ES256')}.{jws.encode(b'[]')}.AAAA", "token.malformed"),
        (STRANGER.sign({}), "token.bad_signature"),
        (resigned(alg="none"), "token.bad_signature"),
        (resigned(alg="HS256"), "token.bad_signature"),
        (resigned(alg="ES256", typ="other"), "token.bad_signature"),
        (KEY.sign({"exp": 1}), "token.expired"),
        (KEY.sign({"exp": int(NOW.timestamp())}), "token.expired"),
        (KEY.sign({"exp": int(NOW.timestamp()) + 1}), "token.unknown"),
        (KEY.sign({}), "token.unknown"),
        (KEY.sign({"exp": "soon"}), "token.unknown"),
        (KEY.sign({"exp": 10**20}), "token.unknown"),
    ],
)
def test_a_signed_text_that_nobody_issued_is_examined_in_full(value, reason):
    assert SIGNED.examine(value, NOW)[0] == reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("sat_" + "A" * 43, "token.unknown"),
        ("sat_" + "A" * 42, "token.malformed"),
        ("sat_" + "A" * 43 + "\n", "token.malformed"),
        (KEY.sign({}), "token.malformed"),
        ("", "token.malformed"),
    ],
)
def test_of_an_opaque_text_only_the_shape_is_known(value, reason):
    assert OPAQUE.examine(value, NOW)[0] == reason


def test_an_opaque_token_has_its_own_shape():
    assert OPAQUE.shape.fullmatch(OPAQUE.make({}, Entropy()))


def test_an_opaque_token_may_be_spelt_in_hexadecimal_digits():
    form = Opaque("", re.compile(r"[0-9a-f]{56}"), size=28, write=Entropy.hexadecimal)

    assert form.shape.fullmatch(form.make({}, Entropy()))


@pytest.mark.parametrize("value", ["a" * 56, "a" * 54 + "0a", SIGNED.make({}, Entropy())])
def test_a_token_that_is_broken_on_purpose_is_another_of_the_same_shape(value):
    broken = _broken(value)

    assert broken != value
    assert re.fullmatch(r"[0-9a-f]{56}|[\w.-]{57,}", broken)
