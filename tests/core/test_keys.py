"""Keys: what they sign and verify, their thumbprints, and which are refused."""

from __future__ import annotations

import json
from dataclasses import dataclass

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm

from mockserver.core import jws
from mockserver.core.entropy import Entropy
from mockserver.core.keys import (
    REPEATABLE,
    Es256Key,
    SigningKey,
    UnusableKeyError,
    read_private_key,
    read_public_key,
    sign_rs256,
    thumbprint,
)
from mockserver.shipped import folder
from tests.core.worlds import STEADY

# RFC 7638 section 3.1: the key, and its thumbprint.
RFC_7638_KEY = {
    "kty": "RSA",
    "n": (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n"
        "3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA"
        "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
        "kEgU8awapJzKnqDKgw"
    ),
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29",
}
RFC_7638_THUMBPRINT = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
CLAIMS = {"sub": "sa_demo", "n": 1, "text": "åé"}
PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


@dataclass(frozen=True)
class Pair:
    """A demo account's key pair, as the fixtures have it."""

    private_pem: str
    public_pem: str

    @property
    def private(self) -> rsa.RSAPrivateKey:
        return read_private_key(self.private_pem, trusted=True)

    @property
    def public_jwk(self) -> dict[str, str]:
        return read_public_key(self.public_pem).public_jwk()


def pair(name: str) -> Pair:
    keys = folder("fixtures") / "keys"
    return Pair((keys / f"{name}.pem").read_text(), (keys / f"{name}.pub.pem").read_text())


DEMO, OTHER = pair("ingrid_sa_demo"), pair("ingrid_sa_edit")


def pem(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> str:
    protection = BestAvailableEncryption(password) if password else NoEncryption()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection).decode()


def public_pem(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


WEAK = rsa.generate_private_key(65537, 1024)
CURVE = ec.derive_private_key(7, ec.SECP256R1())
NO_KEYS = {
    "nothing": "",
    "some text": "not a key",
    "half a PEM": DEMO.public_pem[:100],
    "a PEM with a wrong byte": DEMO.public_pem.replace("MII", "MIJ"),
    "half a private PEM": DEMO.private_pem[:200] + "\n-----END PRIVATE KEY-----\n",
    "a private EC key": pem(CURVE),
    "a public EC key": public_pem(CURVE),
    "a certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "no text at all": "\udcff-----BEGIN PUBLIC KEY-----",
    "a JWK of nothing": {},
    "no modulus": {"kty": "RSA", "e": "AQAB"},
    "an empty modulus": {"kty": "RSA", "n": "", "e": "AQAB"},
    "modulus null": {"kty": "RSA", "n": None, "e": "AQAB"},
    "a list as modulus": {"kty": "RSA", "n": ["AQAB"], "e": "AQAB"},
    "a modulus that is not base64url": {"kty": "RSA", "n": "é", "e": "AQAB"},
    "another kty": {**DEMO.public_jwk, "kty": "EC"},
    "a number as kty": {**DEMO.public_jwk, "kty": 5},
    "exponent 1": {**DEMO.public_jwk, "e": "AQ"},
    "exponent 0": {**DEMO.public_jwk, "e": "AA"},
    "for RS512": {**DEMO.public_jwk, "alg": "RS512"},
    "for HS256": {**DEMO.public_jwk, "alg": "HS256"},
    "alg null": {**DEMO.public_jwk, "alg": None},
    "a list as alg": {**DEMO.public_jwk, "alg": ["RS256"]},
    "for encryption": {**DEMO.public_jwk, "use": "enc"},
    "for encrypting only": {**DEMO.public_jwk, "key_ops": ["encrypt"]},
    "a private exponent of another key": {**DEMO.public_jwk, "d": "AQAB"},
    "a shared secret": {"kty": "oct", "k": "c2VjcmV0"},
    "an EC key as JWK": json.loads(jwt.algorithms.ECAlgorithm.to_jwk(CURVE.public_key())),
}
NO_PRIVATE_KEYS = {
    "nothing": "",
    "some text": "not a key",
    "a public key": DEMO.public_pem,
    "an EC key": pem(CURVE),
    "an encrypted key": pem(CURVE, password=b"secret"),
    "no text at all": "\udcff",
}


def verifies(key: object, text: str) -> bool:
    parsed = jws.parse(text)
    return key.verifies(parsed.signature, parsed.signing_input)


class TestThumbprint:
    def test_the_example_of_rfc_7638_has_its_thumbprint(self):
        assert thumbprint(RFC_7638_KEY) == RFC_7638_THUMBPRINT

    def test_it_is_the_same_for_the_key_that_was_read(self):
        assert thumbprint(read_public_key(RFC_7638_KEY).public_jwk()) == RFC_7638_THUMBPRINT

    def test_a_signing_key_is_called_by_its_own(self):
        key = SigningKey.draw(Entropy("seed"))

        assert key.kid == thumbprint(key.verifying.public_jwk())


class TestEs256:
    @pytest.fixture
    def key(self):
        return SigningKey.draw(Entropy("seed"))

    def test_pyjwt_takes_what_we_sign(self, key):
        text = key.sign(CLAIMS)

        public = jwt.PyJWK(key.verifying.public_jwk(), algorithm="ES256")
        assert jwt.decode(text, public, algorithms=["ES256"]) == CLAIMS
        assert jwt.get_unverified_header(text) == {"alg": "ES256", "typ": "JWT", "kid": key.kid}

    def test_we_take_what_pyjwt_signs(self, key):
        text = jwt.encode(CLAIMS, key.private, algorithm="ES256")

        assert verifies(key.verifying, text)

    def test_another_key_verifies_nothing_of_it(self, key):
        other = SigningKey.draw(Entropy("other"))

        assert not verifies(other.verifying, key.sign(CLAIMS))

    def test_claims_keep_their_order(self, key):
        assert jws.parse(key.sign({"z": 1, "a": 2})).payload == b'{"z":1,"a":2}'

    def test_the_same_seed_gives_the_same_key(self, key):
        assert SigningKey.draw(Entropy("seed")).kid == key.kid
        assert SigningKey.draw(Entropy("Seed")).kid != key.kid

    @pytest.mark.skipif(not REPEATABLE, reason="this OpenSSL cannot sign deterministically (RFC 6979)")
    def test_a_signature_repeats(self, key):
        assert key.sign(CLAIMS) == key.sign(CLAIMS)

    @pytest.mark.parametrize("size", [0, 1, 63, 65, 70, 128])
    def test_a_signature_of_another_length_does_not_verify(self, key, size):
        assert not key.verifying.verifies(b"\x01" * size, b"text")

    @pytest.mark.parametrize("signature", [bytes(64), b"\xff" * 64, bytes(32) + b"\x01" * 32])
    def test_a_signature_out_of_range_does_not_verify(self, key, signature):
        assert not key.verifying.verifies(signature, b"text")

    @STEADY
    @given(claims=st.dictionaries(st.text("abc"), st.integers()), place=st.integers(0, 63), bit=st.integers(0, 7))
    def test_a_flipped_bit_anywhere_breaks_a_signature(self, claims, place, bit):
        key = SigningKey.draw(Entropy("seed"))
        parsed = jws.parse(key.sign(claims))
        flipped = bytearray(parsed.signature)
        flipped[place] ^= 1 << bit

        assert key.verifying.verifies(parsed.signature, parsed.signing_input)
        assert not key.verifying.verifies(bytes(flipped), parsed.signing_input)

    def test_the_public_jwk_has_public_members_only(self, key):
        assert set(key.verifying.public_jwk()) == {"kty", "crv", "x", "y"}

    @settings(STEADY, max_examples=40)
    @given(st.text())
    def test_coordinates_always_have_their_full_length(self, seed):
        jwk = SigningKey.draw(Entropy(seed)).verifying.public_jwk()

        assert [len(jws.decode(jwk[name])) for name in ("x", "y")] == [32, 32]


class TestRs256:
    def test_pyjwt_takes_what_we_sign(self):
        text = sign_rs256(CLAIMS, DEMO.private, kid="mine")

        assert jwt.decode(text, DEMO.public_pem, algorithms=["RS256"]) == CLAIMS
        assert jwt.get_unverified_header(text) == {"alg": "RS256", "typ": "JWT", "kid": "mine"}

    def test_we_take_what_pyjwt_signs(self):
        text = jwt.encode(CLAIMS, DEMO.private_pem, algorithm="RS256")

        assert verifies(read_public_key(DEMO.public_pem), text)

    def test_another_key_verifies_nothing_of_it(self):
        assert not verifies(read_public_key(OTHER.public_pem), sign_rs256(CLAIMS, DEMO.private))

    @pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
    def test_no_other_algorithm_of_the_same_key_verifies(self, algorithm):
        text = jwt.encode(CLAIMS, DEMO.private_pem, algorithm=algorithm)

        assert not verifies(read_public_key(DEMO.public_pem), text)

    @pytest.mark.parametrize("signature", [b"", b"\x00", bytes(256), b"\xff" * 256, bytes(257)])
    def test_a_signature_out_of_range_does_not_verify(self, signature):
        assert not read_public_key(DEMO.public_pem).verifies(signature, b"text")

    def test_a_signature_repeats(self):
        assert sign_rs256(CLAIMS, DEMO.private) == sign_rs256(CLAIMS, DEMO.private)


class TestReading:
    @pytest.mark.parametrize(
        "source",
        [
            DEMO.public_pem,
            DEMO.private_pem,
            DEMO.public_jwk,
            {**DEMO.public_jwk, "alg": "RS256", "use": "sig", "kid": "any", "x5u": "http://nowhere.test"},
            RSAAlgorithm.to_jwk(DEMO.private, as_dict=True) | {"key_ops": ["verify"]},
        ],
        ids=["public-pem", "private-pem", "public-jwk", "annotated-jwk", "private-jwk"],
    )
    def test_every_form_of_a_key_gives_its_public_half(self, source):
        assert read_public_key(source).public_jwk() == DEMO.public_jwk

    def test_the_public_jwk_of_a_private_key_has_public_members_only(self):
        private = RSAAlgorithm.to_jwk(DEMO.private, as_dict=True)

        public = read_public_key(private).public_jwk()

        assert set(private) >= {"d", "p", "q"}
        assert set(public) == {"kty", "n", "e"}
        assert not PRIVATE_MEMBERS & set(public)

    @pytest.mark.parametrize(
        "source",
        [pem(WEAK), public_pem(WEAK), RSAAlgorithm.to_jwk(WEAK.public_key(), as_dict=True)],
        ids=["private-pem", "public-pem", "jwk"],
    )
    def test_an_rsa_key_under_2048_bits_is_refused(self, source):
        with pytest.raises(UnusableKeyError, match="an RSA key of 1024 bits; 2048 are the least"):
            read_public_key(source)

    @pytest.mark.parametrize("source", NO_KEYS.values(), ids=NO_KEYS)
    def test_what_is_no_usable_rsa_key_is_refused(self, source):
        with pytest.raises(UnusableKeyError):
            read_public_key(source)

    @STEADY
    @given(
        st.dictionaries(
            st.sampled_from(["kty", "n", "e", "d", "p", "q", "alg", "use", "key_ops", "oth"]),
            st.sampled_from(["RSA", "RS256", "sig", "AQAB", *DEMO.public_jwk.values()])
            | st.none()
            | st.integers()
            | st.text()
            | st.lists(st.text(), max_size=2),
        )
    )
    def test_any_mapping_is_a_key_or_refused(self, jwk):
        try:
            key = read_public_key(jwk)
        except UnusableKeyError:
            return

        assert key.public.key_size >= 2048

    @pytest.mark.parametrize("text", NO_PRIVATE_KEYS.values(), ids=NO_PRIVATE_KEYS)
    def test_what_is_no_open_rsa_private_key_is_refused(self, text):
        with pytest.raises(UnusableKeyError):
            read_private_key(text)

    def test_a_private_key_whose_numbers_disagree_is_refused_unless_trusted(self):
        numbers = DEMO.private.private_numbers()
        broken = rsa.RSAPrivateNumbers(
            p=numbers.p,
            q=numbers.q,
            d=numbers.d + 2,
            dmp1=numbers.dmp1,
            dmq1=numbers.dmq1,
            iqmp=numbers.iqmp,
            public_numbers=numbers.public_numbers,
        ).private_key(unsafe_skip_rsa_key_validation=True)

        with pytest.raises(UnusableKeyError):
            read_private_key(pem(broken))


def test_a_p256_key_verifies_with_its_own_algorithm_only():
    assert (Es256Key(CURVE.public_key()).algorithm, read_public_key(DEMO.public_pem).algorithm) == ("ES256", "RS256")


def test_a_key_that_is_not_named_has_a_header_of_two_members():
    key = SigningKey.draw_unnamed(Entropy("a seed"))

    token = key.sign({"a": 1})

    assert token.startswith("eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.")
    assert key.kid == SigningKey.draw(Entropy("a seed")).kid
