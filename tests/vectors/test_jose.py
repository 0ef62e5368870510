"""JSON Web Signatures and Keys, judged by Wycheproof, the IETF's cookbook and RFC 7515."""

from __future__ import annotations

import jwt
import pytest

from mockserver.core import jws
from mockserver.core.keys import Es256Key, UnusableKeyError, read_public_key
from tests.vectors import public

pytestmark = public.needed

NOTHING = {"testGroups": []}
SIGNATURES = public.read("wycheproof_json_web_signature_test.json", NOTHING)["testGroups"]
KEYS = public.read("wycheproof_json_web_key_test.json", NOTHING)["testGroups"]
COOKBOOK = public.read("ietf_jose_cookbook_jws.json", {"files": {}})["files"]
RFC_7515 = public.read("rfc7515_appendix_a.json", {})

OURS = {"RS256", "ES256"}
"""The algorithms that any vendor here uses. Keys for others must be refused, not verified with."""

DELIBERATE: dict[int, str] = {}
"""Signature vectors that we judge otherwise than Wycheproof, each with the reason."""

DELIBERATE_FORMS = {
    367: "its text is that of vector 357, which is valid: nothing in it is padded",
    370: "its text is that of vector 357, which is valid: nothing in it is padded",
    372: "a question mark in the header; RFC 7515 section 2 has no such character, and nobody may skip it",
    373: "a question mark in the payload; likewise",
}
"""Vectors about the form alone that we judge otherwise than Wycheproof, each with the reason."""

DELIBERATE_KEYS = {
    7: "a ROCA key: its weakness shows in the modulus only to a special test, and nobody guards secrets with it here",
}
"""Key vectors that we judge otherwise than Wycheproof, each with the reason."""


def key_of(jwk: dict[str, str]):
    """The key that a JWK stands for: RSA as users register it, EC as our own keys are."""
    if jwk["kty"] == "RSA":
        return read_public_key(jwk)
    if jwk.get("alg", "ES256") != "ES256" or jwk.get("use", "sig") != "sig" or "verify" not in _operations(jwk):
        raise UnusableKeyError("an EC key for another use")
    return Es256Key(jwt.PyJWK(jwk, algorithm="ES256").key)


def _operations(jwk: dict[str, str]) -> object:
    return jwk.get("key_ops", ["verify"])


def accepted(jwk: dict[str, str], text: object) -> bool:
    """Whether we would take this text as signed by the owner of this key."""
    try:
        parsed = jws.parse(str(text))
        key = key_of(jwk)
    except (jws.MalformedJwsError, UnusableKeyError, jwt.PyJWTError):
        return False
    return parsed.algorithm == key.algorithm and key.verifies(parsed.signature, parsed.signing_input)


def cases(groups):
    for group in groups:
        for test in group["tests"]:
            yield group, test


class TestWycheproofSignatures:
    @pytest.mark.parametrize(
        ("jwk", "test"),
        [
            pytest.param(group["public"], test, id=f"{test['tcId']}-{group['comment']}-{test['comment']}")
            for group, test in cases(SIGNATURES)
            if group.get("public", {}).get("kty") in {"RSA", "EC"}
            and group["public"].get("alg", "RS256") in OURS
            and test["tcId"] not in DELIBERATE
        ],
    )
    def test_a_signature_is_judged_alike(self, jwk, test):
        assert accepted(jwk, test["jws"]) is (test["result"] == "valid")

    def test_no_signature_for_another_algorithm_is_accepted(self):
        others = [
            (group["public"], test)
            for group, test in cases(SIGNATURES)
            if "public" in group and group["public"].get("alg", "RS256") not in OURS
        ]

        assert len(others) > 80
        assert [test["tcId"] for jwk, test in others if accepted(jwk, test["jws"])] == []

    def test_a_shared_secret_is_no_key_of_ours(self):
        secrets = [group["private"] for group in SIGNATURES if group.get("private", {}).get("kty") == "oct"]

        assert len(secrets) >= 3
        for secret in secrets:
            with pytest.raises(UnusableKeyError):
                read_public_key(secret)

    def test_the_differences_in_form_are_exactly_the_deliberate_ones(self):
        # These vectors are signed with a shared secret, but their point is the form: padding, blanks, other alphabets.
        judged = [
            (test["tcId"], is_well_formed(test["jws"]) is (test["result"] == "valid"))
            for group, test in cases(SIGNATURES)
            if group["comment"] == "base64"
        ]

        assert len(judged) == 21
        assert {number for number, alike in judged if not alike} == set(DELIBERATE_FORMS)

    def test_the_differences_are_exactly_the_deliberate_ones(self):
        judged = [
            (test["tcId"], accepted(group["public"], test["jws"]) is (test["result"] == "valid"))
            for group, test in cases(SIGNATURES)
            if group.get("public", {}).get("alg", "RS256") in OURS and "public" in group
        ]

        assert {number for number, alike in judged if not alike} == set(DELIBERATE)


def is_well_formed(text: str) -> bool:
    try:
        jws.parse(text)
    except jws.MalformedJwsError:
        return False
    return True


class TestWycheproofKeys:
    def test_the_differences_are_exactly_the_deliberate_ones(self):
        judged = [
            (test["tcId"], accepted(group["public"]["keys"][0], test["jws"]) is (test["result"] == "valid"))
            for group, test in cases(KEYS)
            if "public" in group
        ]

        assert len(judged) == 11
        assert {number for number, alike in judged if not alike} == set(DELIBERATE_KEYS)

    @pytest.mark.parametrize(
        "jwk",
        [
            pytest.param(group["public"]["keys"][0], id=f"{test['tcId']}-{group['comment']}-{test['comment']}")
            for group, test in cases(KEYS)
            if "public" in group and test["result"] == "invalid" and test["tcId"] not in DELIBERATE_KEYS
        ],
    )
    def test_a_key_that_must_not_be_used_is_refused(self, jwk):
        with pytest.raises(UnusableKeyError):
            read_public_key(jwk)

    def test_a_set_of_keys_is_no_key(self):
        sets = [group.get("public") or group["private"] for group in KEYS]

        assert len(sets) == 25
        for keys in sets:
            if "keys" in keys:
                with pytest.raises(UnusableKeyError):
                    read_public_key(keys)


class TestRfc7515:
    def test_a1_is_well_formed_and_for_another_algorithm(self):
        parsed = jws.parse(RFC_7515["A1_HS256"])

        assert parsed.header == {"typ": "JWT", "alg": "HS256"}
        assert parsed.claims() == {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}

    @pytest.fixture
    def a2_key(self):
        """The public half: the vectors leave out private members that RFC 7518 section 6.3.2 wants beside `p`."""
        return {name: RFC_7515["A2_jwk"][name] for name in ("kty", "n", "e")}

    def test_a2_verifies_under_its_key(self, a2_key):
        assert accepted(a2_key, RFC_7515["A2_RS256"])

    def test_a_private_key_with_half_of_its_members_is_refused(self):
        with pytest.raises(UnusableKeyError):
            read_public_key(RFC_7515["A2_jwk"])

    def test_a2_does_not_verify_with_another_signature(self, a2_key):
        head, _, signature = RFC_7515["A2_RS256"].rpartition(".")

        assert not accepted(a2_key, f"{head}.{signature[:-4]}AAAA")

    def test_a5_is_well_formed_and_signed_by_nobody(self, a2_key):
        parsed = jws.parse(RFC_7515["A5_none"])

        assert (parsed.algorithm, parsed.signature) == ("none", b"")
        assert not accepted(a2_key, RFC_7515["A5_none"])


class TestCookbook:
    def compact(self, name: str) -> str:
        return COOKBOOK[name]["output"]["compact"]

    def test_rsa_v15_verifies(self):
        example = COOKBOOK["jws/4_1.rsa_v15_signature.json"]
        # Its key names itself for no algorithm.
        assert accepted(example["input"]["key"], example["output"]["compact"])

    @pytest.mark.parametrize(
        "name", ["jws/4_2.rsa-pss_signature.json", "jws/4_3.ecdsa_signature.json", "curve25519/jws.json"]
    )
    def test_other_algorithms_are_well_formed_and_do_not_verify(self, name):
        parsed = jws.parse(self.compact(name))

        rsa = COOKBOOK["jws/4_1.rsa_v15_signature.json"]["input"]["key"]
        assert parsed.algorithm not in OURS
        assert not read_public_key(rsa).verifies(parsed.signature, parsed.signing_input)

    def test_an_unencoded_payload_is_refused(self):
        with pytest.raises(jws.MalformedJwsError, match="not base64url"):
            jws.parse(self.compact("rfc7797/hmac-sha2_b64_false.json"))

    def test_its_header_is_refused_even_with_the_payload_left_out(self):
        header, _, signature = self.compact("rfc7797/hmac-sha2_b64_false.json").split(".")

        with pytest.raises(jws.MalformedJwsError, match="crit"):
            jws.parse(f"{header}..{signature}")

    def test_every_compact_example_but_that_one_is_well_formed(self):
        compact = {name: file["output"]["compact"] for name, file in COOKBOOK.items() if "compact" in file["output"]}

        refused = {name for name, text in compact.items() if not is_well_formed(text)}

        assert len(compact) == 7
        assert refused == {"rfc7797/hmac-sha2_b64_false.json"}
