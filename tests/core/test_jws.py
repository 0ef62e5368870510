"""The compact form of a JWS: taken apart only where RFC 7515 allows every character of it."""

from __future__ import annotations

import json

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core import jws
from mockserver.core.jws import MalformedJwsError
from tests.core.worlds import STEADY

SECRET = "a secret of thirty-two bytes, at least"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
CLAIMS = st.dictionaries(
    # PyJWT has an opinion on the registered claims' types; it is no oracle for those.
    TEXT.filter(lambda name: name not in {"exp", "nbf", "iat", "aud", "iss", "sub", "jti"}),
    st.none() | st.booleans() | st.integers() | TEXT | st.lists(TEXT, max_size=3),
    max_size=5,
)
HEADERS = st.dictionaries(TEXT.filter(lambda name: name not in {"alg", "crit", "b64", "kid", "typ"}), TEXT, max_size=3)


def compact(header: object = None, payload: object = None, signature: str = "c2ln") -> str:
    first = jws.encode(json.dumps(header or {"alg": "RS256"}).encode())
    return f"{first}.{jws.encode(json.dumps(payload or {}).encode())}.{signature}"


@STEADY
@given(claims=CLAIMS, header=HEADERS)
def test_what_pyjwt_signs_is_taken_apart_alike(claims, header):
    text = jwt.encode(claims, SECRET, algorithm="HS256", headers=header)

    parsed = jws.parse(text)

    oracle = jwt.api_jws.decode_complete(text, SECRET, algorithms=["HS256"])
    assert parsed.header == oracle["header"]
    assert parsed.claims() == claims
    assert parsed.payload == oracle["payload"]
    assert parsed.signature == oracle["signature"]
    assert parsed.algorithm == "HS256"
    assert text == f"{parsed.signing_input.decode()}.{jws.encode(parsed.signature)}"


@STEADY
@given(st.binary(max_size=100))
def test_base64url_is_decoded_to_what_was_encoded(data):
    assert jws.decode(jws.encode(data)) == data


@STEADY
@given(st.text("AQgwxyz01-_=+/ \n.é", max_size=8))
def test_a_text_is_decoded_only_if_it_is_the_encoding_of_what_it_gives(text):
    try:
        data = jws.decode(text)
    except MalformedJwsError:
        return

    assert jws.encode(data) == text


@STEADY
@given(st.text(max_size=60) | st.from_regex(r"[\w.=-]{0,40}"))
def test_any_text_is_taken_apart_or_refused_as_malformed(text):
    try:
        parsed = jws.parse(text)
    except MalformedJwsError:
        return

    assert isinstance(parsed.header, dict)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "1 part instead of three"),
        ("abc", "1 part instead of three"),
        ("a.b", "2 parts instead of three"),
        ("a.b.c.d", "4 parts instead of three"),
        ("a.b.c.d.e", "five parts: this is an encrypted token"),
        (f"{compact()} {compact()}", "five parts"),
        (compact() + "=", "not base64url"),
        (compact() + " ", "not base64url"),
        (" " + compact(), "not base64url"),
        (compact() + "\n", "not base64url"),
        (compact(signature="a+b/"), "not base64url"),
        (compact(signature="ab\N{LATIN SMALL LETTER E WITH ACUTE}c"), "not base64url"),
        (compact(signature="A"), "not base64url"),
        (compact(signature="AB"), "left-over bits"),
        (compact(signature="AAB"), "left-over bits"),
        ("..", "the header is no JSON object"),
        (compact(header=["alg"]), "the header is no JSON object: not an object"),
        (compact(header="alg"), "the header is no JSON object: not an object"),
        (f"{jws.encode(b'{')}.e30.", "the header is no JSON object"),
        (f"{jws.encode('{}'.encode('utf-16'))}.e30.", "the header is no JSON object: not UTF-8"),
        (compact(header={"alg": "RS256", "crit": ["x"]}), "crit asks for extensions"),
        (compact(header={"alg": "RS256", "crit": []}), "crit asks for extensions"),
        (compact(header={"alg": "RS256", "b64": False, "crit": ["b64"]}), "crit asks for extensions"),
    ],
)
def test_what_is_not_one_compact_jws_is_refused_with_the_reason(text, why):
    with pytest.raises(MalformedJwsError, match=why):
        jws.parse(text)


def test_a_signature_may_be_empty():
    assert jws.parse(compact(header={"alg": "none"}, signature="")).signature == b""


@pytest.mark.parametrize("payload", ["[]", '"text"', "1", "{", "", "NaN", '{"exp":1e400}', r'{"sub":"\ud800"}'])
def test_a_payload_that_is_no_json_object_has_no_claims(payload):
    parsed = jws.parse(f"{jws.encode(b'{}')}.{jws.encode(payload.encode())}.")

    with pytest.raises(MalformedJwsError, match="the payload is no JSON object"):
        parsed.claims()


@pytest.mark.parametrize("algorithm", ["none", "None", "", 5, None, ["RS256"]])
def test_the_algorithm_is_what_the_header_says_whatever_that_is(algorithm):
    assert jws.parse(compact(header={"alg": algorithm})).algorithm == algorithm


def test_a_header_without_algorithm_has_none():
    assert jws.parse(compact(header={"typ": "JWT"})).algorithm is None


def test_an_encoded_header_keeps_the_order_of_its_members():
    assert jws.decode(jws.encoded_header(typ="JWT", alg="ES256")) == b'{"typ":"JWT","alg":"ES256"}'
