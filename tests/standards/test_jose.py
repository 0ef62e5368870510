"""JWT and JOSE practice: rows J1 to J6 of the standards sheet, on assertions that come in and tokens that go out."""

from __future__ import annotations

import json
import socket
from itertools import product

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jwt.algorithms import RSAAlgorithm

from mockserver import Emulator, Settings
from mockserver.core.keys import thumbprint
from mockserver.vendors.ingrid.options import IngridOptions
from mockserver.yamltext import FileError
from tests.vendors.ingrid_handoff import b64, compact, decoded, hs256, rs256, unb64, unsigned

MALFORMED_PARTS = {
    "padding": lambda part: part + "=",
    "double-padding": lambda part: part + "==",
    "plus": lambda part: "+" + part[1:],
    "slash": lambda part: "/" + part[1:],
    "blank": lambda part: part[:4] + " " + part[4:],
    "newline": lambda part: part[:4] + "\n" + part[4:],
    "percent": lambda part: "%" + part[1:],
    "non-ascii": lambda part: "\u00e4" + part[1:],
    "one-character": lambda _: "A",
}


@pytest.fixture
def listener():
    """A server that nobody should call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def url_of(listener):
    return f"http://127.0.0.1:{listener.getsockname()[1]}/keys.json"


def assert_nobody_called(listener):
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize("algorithm", ["HS256", "RS512", "ES256", "EdDSA", "none"])
def test_j1_an_assertion_has_the_one_algorithm_of_its_key(ingrid, algorithm):
    got = ingrid.auth(ingrid.signed(header={"alg": algorithm}))

    assert got.outcome == (401, "assertion.unsupported_algorithm")


@pytest.mark.parametrize("hop", ["mint", "use"])
@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "ES512", "none", "None", "es256"])
def test_j1_a_token_of_ours_has_the_one_algorithm_of_our_key(ingrid, hop, algorithm):
    header, claims = decoded({"mint": ingrid.service_token, "use": ingrid.site_token}[hop]())
    public = json.dumps(ingrid.sandbox.keyring("ingrid").active.verifying.public_jwk()).encode()
    sign = unsigned if algorithm.lower() == "none" else hs256(public)

    got = getattr(ingrid, hop)(compact({**header, "alg": algorithm}, claims, sign))

    assert got.outcome == (401, "token.bad_signature")


@pytest.mark.parametrize("name", ["jku", "x5u"])
def test_j2_a_url_in_the_header_is_never_fetched(ingrid, listener, name):
    got = ingrid.auth(ingrid.signed(header={name: url_of(listener)}))

    assert got.outcome == (200, "")
    assert_nobody_called(listener)


@pytest.mark.parametrize("name", ["jku", "x5u"])
def test_j2_a_url_in_the_header_is_not_fetched_to_find_a_strangers_key(ingrid, listener, name):
    got = ingrid.auth(ingrid.signed("sa_edit", header={name: url_of(listener), "kid": url_of(listener)}))

    assert got.outcome == (401, "assertion.unknown_key")
    assert_nobody_called(listener)


@pytest.mark.parametrize("name", ["jku", "x5u"])
def test_j2_a_url_in_a_tokens_header_is_never_fetched(ingrid, listener, name):
    header, claims = decoded(ingrid.site_token())

    got = ingrid.use(compact({**header, name: url_of(listener)}, claims, lambda _: b"x" * 64))

    assert got.outcome == (401, "token.bad_signature")
    assert_nobody_called(listener)


@pytest.mark.parametrize("name", ["jwk", "x5c"])
def test_j2_a_key_in_the_header_is_never_trusted(ingrid, name):
    stranger = RSAAlgorithm.to_jwk(_public(ingrid, "sa_edit"), as_dict=True)
    brought = {"jwk": stranger, "x5c": [ingrid.public_pem("sa_edit").decode()]}[name]

    got = ingrid.auth(ingrid.signed("sa_edit", header={name: brought}))

    assert got.outcome == (401, "assertion.bad_signature")


@pytest.mark.parametrize("name", ["jwk", "x5c", "typ", "cty", "x5t"])
def test_j2_a_header_that_is_not_understood_does_no_harm(ingrid, name):
    got = ingrid.auth(ingrid.signed(header={name: "whatever"}))

    assert got.outcome == (200, "")


@pytest.mark.parametrize(
    "kid", ["../../etc/passwd", "/etc/passwd", "' OR 1=1", "\u0000", "http://127.0.0.1/", "{{7*7}}", "x" * 100_000]
)
def test_j2_a_kid_is_only_a_lookup_value(ingrid, kid):
    got = ingrid.auth(ingrid.signed(header={"kid": kid}))

    assert got.outcome == (401, "assertion.unknown_key")


@pytest.mark.parametrize("token_format", ["jwt", "opaque"])
@pytest.mark.parametrize(
    ("hop", "kind", "outcome"),
    [
        ("mint", "service", (200, "")),
        ("mint", "site", (403, "token.wrong_kind")),
        ("use", "service", (403, "token.wrong_kind")),
        ("use", "site", (200, "")),
    ],
)
def test_j3_a_token_of_one_kind_is_no_good_as_the_other(ingrid, choose, token_format, hop, kind, outcome):
    choose(IngridOptions, token_format=token_format)
    token = {"service": ingrid.service_token, "site": ingrid.site_token}[kind]()

    got = getattr(ingrid, hop)(token)

    assert got.outcome == outcome


@pytest.mark.parametrize("hop", ["mint", "use"])
def test_j3_an_assertion_is_no_token(ingrid, hop):
    got = getattr(ingrid, hop)(ingrid.signed())

    assert got.outcome == (401, "token.bad_signature")


@pytest.mark.parametrize("kind", ["service", "site"])
def test_j3_a_token_is_no_assertion(ingrid, kind):
    token = {"service": ingrid.service_token, "site": ingrid.site_token}[kind]()

    got = ingrid.auth(token)

    assert got.outcome == (401, "assertion.unsupported_algorithm")


@pytest.mark.parametrize("kind", ["service", "site"])
def test_j3_every_token_says_its_kind(ingrid, kind):
    token = {"service": ingrid.service_token, "site": ingrid.site_token}[kind]()

    _, claims = decoded(token)

    assert claims["tokenUse"] == kind


@pytest.mark.parametrize("form", ["public_key", "private_key", "jwk"])
def test_j4_an_rsa_key_of_less_than_2048_bits_is_refused_at_start_up(tmp_path, form):
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    scenario = tmp_path / "weak.yaml"
    scenario.write_text(_scenario_with(key, form))

    with pytest.raises(FileError, match="1024"):
        Emulator(Settings(scenario=str(scenario)))


@pytest.mark.parametrize("form", ["public_key", "private_key", "jwk"])
def test_j4_an_rsa_key_of_2048_bits_will_do(tmp_path, form):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    scenario = tmp_path / "strong.yaml"
    scenario.write_text(_scenario_with(key, form))

    emulator = Emulator(Settings(scenario=str(scenario)))

    assert emulator.sandbox.failures == []


@pytest.mark.parametrize(
    ("hop", "part", "name"),
    [
        (hop, part, name)
        for hop, part, name in product(["auth", "use"], range(3), MALFORMED_PARTS)
        if (hop, name) != ("use", "newline")  # no header field can carry one
    ],
)
def test_j5_base64url_has_an_alphabet_and_no_padding(ingrid, hop, part, name):
    text = {"auth": ingrid.signed, "use": ingrid.site_token}[hop]()
    parts = text.split(".")
    parts[part] = MALFORMED_PARTS[name](parts[part])

    got = getattr(ingrid, hop)(".".join(parts))

    assert got.outcome == (401, {"auth": "assertion.malformed", "use": "token.malformed"}[hop])


@pytest.mark.parametrize("count", [1, 2, 4, 5, 6])
@pytest.mark.parametrize("hop", ["auth", "use"])
def test_j5_a_compact_jws_has_three_parts(ingrid, hop, count):
    text = {"auth": ingrid.signed, "use": ingrid.site_token}[hop]()
    parts = (text.split(".") * 2)[:count]

    got = getattr(ingrid, hop)(".".join(parts))

    assert got.outcome == (401, {"auth": "assertion.malformed", "use": "token.malformed"}[hop])


@pytest.mark.parametrize("part", ["header", "payload"])
@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b'"x"', b"5", b"null", b"{", b"{}x", b'{"a":NaN}', b'\xef\xbb\xbf{"a":1}', b'{"a":"\xff"}'],
    ids=repr,
)
def test_j5_header_and_payload_are_json_objects(ingrid, data, part):
    good = {"header": b'{"alg":"RS256"}', "payload": json.dumps(ingrid.claims()).encode()}
    parts = good | {part: data}

    got = ingrid.auth(compact(parts["header"], parts["payload"], rs256(ingrid.private_key())))

    assert got.outcome == (401, "assertion.malformed")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_j5_claims_are_utf_8(ingrid, encoding):
    claims = json.dumps(ingrid.claims()).encode(encoding)

    got = ingrid.auth(compact({"alg": "RS256"}, claims, rs256(ingrid.private_key())))

    assert got.outcome == (401, "assertion.malformed")


def test_j5_left_over_bits_make_another_text_of_the_same_signature(ingrid):
    first, second, signature = ingrid.signed().split(".")
    other = next(
        f"{signature[:-1]}{last}"
        for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        if last != signature[-1] and unb64(signature[:-1] + last) == unb64(signature)
    )

    got = ingrid.auth(f"{first}.{second}.{other}")

    assert got.outcome == (401, "assertion.malformed")


@pytest.mark.parametrize("kind", ["service", "site"])
def test_j6_a_token_does_not_claim_to_be_an_rfc_9068_one(ingrid, kind):
    token = {"service": ingrid.service_token, "site": ingrid.site_token}[kind]()

    header, _ = decoded(token)

    jwk = ingrid.sandbox.keyring("ingrid").active.verifying.public_jwk()
    assert header == {"alg": "ES256", "typ": "JWT", "kid": thumbprint(jwk)}


def test_k2_the_thumbprint_of_the_rfcs_example_key_is_the_rfcs():
    # RFC 7638 section 3.1.
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3"
        "oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA"
        "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
        "kEgU8awapJzKnqDKgw"
    )

    kid = thumbprint({"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"})

    assert kid == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def _public(ingrid, account):
    return ingrid.records.accounts[account].keys[0].verifying.public


def _scenario_with(key, form):
    pem = {
        "public_key": key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    }
    numbers = key.public_key().public_numbers()
    jwk = {"kty": "RSA", "n": b64(numbers.n.to_bytes(key.key_size // 8)), "e": "AQAB"}
    member = {"public_key": jwk} if form == "jwk" else {form: pem[form].decode()}
    account = {"id": "sa_own", "sites": ["site_demo"], "scopes": ["view"], "keys": [member]}
    return json.dumps({"ingrid": {"service_accounts": [account]}})
