"""Signing keys: what each may sign and verify, their thumbprints and public JWKs, and how they are read."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from mockserver.core import jsontext, jws

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.entropy import Entropy

MIN_RSA_BITS = 2048
"""RFC 7518 section 3.3."""


class UnusableKeyError(ValueError):
    """A key that cannot be read, or that is too weak; the message says which."""


class VerifyingKey(Protocol):
    """A public key with the one algorithm that it may verify (RFC 8725 section 3.1)."""

    @property
    def algorithm(self) -> str:
        """The name of that algorithm (RFC 7518 section 3.1)."""
        ...

    def verifies(self, signature: bytes, signing_input: bytes) -> bool:
        """Whether this key's owner signed that."""
        ...

    def public_jwk(self) -> dict[str, str]:
        """The public members only (RFC 7517); none of a symmetric key."""
        ...


@dataclass(frozen=True, slots=True)
class Rs256Key:
    """An RSA public key for RS256 (RFC 7518 section 3.3)."""

    public: rsa.RSAPublicKey
    algorithm: str = "RS256"

    def __post_init__(self) -> None:
        if self.public.key_size < MIN_RSA_BITS:
            raise UnusableKeyError(f"an RSA key of {self.public.key_size} bits; {MIN_RSA_BITS} are the least")

    def verifies(self, signature: bytes, signing_input: bytes) -> bool:
        """Whether this key's owner signed that."""
        try:
            self.public.verify(signature, signing_input, padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True

    def public_jwk(self) -> dict[str, str]:
        """The public members only (RFC 7518 section 6.3.1)."""
        numbers = self.public.public_numbers()
        return {"e": _integer(numbers.e), "kty": "RSA", "n": _integer(numbers.n)}


@dataclass(frozen=True, slots=True)
class Es256Key:
    """A P-256 public key for ES256 (RFC 7518 section 3.4)."""

    public: ec.EllipticCurvePublicKey
    algorithm: str = "ES256"

    def verifies(self, signature: bytes, signing_input: bytes) -> bool:
        """Whether this key's owner signed that."""
        if len(signature) != 2 * _P256_BYTES:
            return False
        r, s = int.from_bytes(signature[:_P256_BYTES]), int.from_bytes(signature[_P256_BYTES:])
        try:
            self.public.verify(encode_dss_signature(r, s), signing_input, ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True

    def public_jwk(self) -> dict[str, str]:
        """The public members only (RFC 7518 section 6.2.1)."""
        numbers = self.public.public_numbers()
        x, y = (jws.encode(number.to_bytes(_P256_BYTES)) for number in (numbers.x, numbers.y))
        return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A P-256 key pair of ours; its id is its thumbprint (RFC 7638), *header* the first part of what it signs."""

    private: ec.EllipticCurvePrivateKey
    verifying: Es256Key
    kid: str
    header: str

    @classmethod
    def draw(cls, entropy: Entropy) -> SigningKey:
        """A new key; the same one again from an entropy with the same seed."""
        private = ec.derive_private_key(int.from_bytes(entropy.data(48)) % (_P256_ORDER - 1) + 1, ec.SECP256R1())
        verifying = Es256Key(private.public_key())
        kid = thumbprint(verifying.public_jwk())
        return cls(private, verifying, kid, jws.encoded_header(alg=verifying.algorithm, typ="JWT", kid=kid))

    @classmethod
    def draw_unnamed(cls, entropy: Entropy) -> SigningKey:
        """The same, for a vendor whose tokens name no key: their header is `{"typ":"JWT","alg":"ES256"}`."""
        return replace(cls.draw(entropy), header=jws.encoded_header(typ="JWT", alg="ES256"))

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A compact JWT over *claims*, members in the order given."""
        return self.sign_payload(jsontext.write(claims))

    def sign_payload(self, payload: bytes) -> str:
        """A compact JWS over any bytes."""
        signing_input = f"{self.header}.{jws.encode(payload)}"
        r, s = decode_dss_signature(self.private.sign(signing_input.encode(), _ES256))
        return f"{signing_input}.{jws.encode(r.to_bytes(_P256_BYTES) + s.to_bytes(_P256_BYTES))}"


@dataclass(frozen=True, slots=True)
class Hs256Key:
    """A secret of 32 bytes for HS256 (RFC 7518 section 3.2). It is never shown, and has no public half.

    *header* is the first part of what it signs, which names no key; *kid* is for our own books.
    """

    secret: bytes = field(repr=False)
    kid: str
    header: str
    algorithm: str = "HS256"

    @classmethod
    def draw(cls, entropy: Entropy, **header: str) -> Hs256Key:
        """A new key, whose tokens have this JOSE *header*; the same one again from an entropy with the same seed."""
        secret = entropy.data(_HS256_BYTES)
        kid = jws.encode(hashlib.sha256(b"kid" + secret).digest())
        return cls(secret, kid, jws.encoded_header(**(header or {"alg": "HS256", "typ": "JWT"})))

    @property
    def verifying(self) -> Hs256Key:
        """The same key: whoever verifies may sign."""
        return self

    def verifies(self, signature: bytes, signing_input: bytes) -> bool:
        """Whether this key signed that; compared in constant time."""
        return hmac.compare_digest(hmac.digest(self.secret, signing_input, "sha256"), signature)

    def public_jwk(self) -> dict[str, str]:
        """Nothing: a symmetric key is never published."""
        return {}

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A compact JWT over *claims*, members in the order given."""
        signing_input = f"{self.header}.{jws.encode(jsontext.write(claims))}"
        return f"{signing_input}.{jws.encode(hmac.digest(self.secret, signing_input.encode(), 'sha256'))}"


def sign_rs256(claims: Mapping[str, Any], private: rsa.RSAPrivateKey, **header: str) -> str:
    """A compact JWT as a service account signs it. RS256 repeats: the same claims give the same text."""
    first = jws.encoded_header(**{"alg": "RS256", "typ": "JWT", **header})
    signing_input = f"{first}.{jws.encode(jsontext.write(claims))}"
    signature = private.sign(signing_input.encode(), padding.PKCS1v15(), SHA256())
    return f"{signing_input}.{jws.encode(signature)}"


def read_public_key(source: str | Mapping[str, Any]) -> Rs256Key:
    """An RSA public key from a PEM or a JWK, for verifying RS256. A private key is taken for its public half."""
    return Rs256Key(_public_rsa(source))


def read_private_key(pem: str, *, trusted: bool = False) -> rsa.RSAPrivateKey:
    """An RSA private key from a PEM.

    A *trusted* one, which was checked before or belongs to a known public key, is loaded without the consistency
    check that takes 27 ms.
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=trusted)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnusableKeyError(f"not a private key in PEM form: {error}") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise UnusableKeyError("not an RSA key")
    return key


def generate_rsa() -> tuple[str, str]:
    """A new RSA key pair in PEM: private, public. It takes 25 to 45 ms, and no seed repeats it."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=MIN_RSA_BITS)
    return (
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        public_pem(private.public_key()),
    )


def public_pem(key: rsa.RSAPublicKey) -> str:
    """An RSA public key in PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def thumbprint(jwk: Mapping[str, str]) -> str:
    """The key's id, worked out from its required public members (RFC 7638)."""
    required = {name: jwk[name] for name in _REQUIRED[jwk["kty"]]}
    canonical = json.dumps(required, sort_keys=True, separators=(",", ":"))
    return jws.encode(hashlib.sha256(canonical.encode()).digest())


def _public_rsa(source: str | Mapping[str, Any]) -> rsa.RSAPublicKey:
    key = _from_pem(source) if isinstance(source, str) else _from_jwk(source)
    if isinstance(key, rsa.RSAPrivateKey):
        key = key.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise UnusableKeyError("not an RSA key")
    return key


def _from_pem(pem: str) -> object:
    if "PRIVATE KEY" in pem:
        return read_private_key(pem)
    try:
        return load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKeyError(f"not a public key in PEM form: {error}") from None


def _from_jwk(jwk: Mapping[str, Any]) -> object:
    from jwt import PyJWK  # noqa: PLC0415  (most worlds hold no JWK, and loading it costs a tenth of the start)
    from jwt.exceptions import PyJWTError  # noqa: PLC0415

    if jwk.get("alg", "RS256") != "RS256" or jwk.get("use", "sig") != "sig" or not _may_verify(jwk):
        raise UnusableKeyError("a JWK for another use than RS256 signatures")
    try:
        return PyJWK(dict(jwk), algorithm="RS256").key
    except (PyJWTError, ValueError, TypeError) as error:
        raise UnusableKeyError(f"not an RSA key in JWK form: {error}") from None


def _may_verify(jwk: Mapping[str, Any]) -> bool:
    uses = jwk.get("key_ops", ["verify"])
    return isinstance(uses, list) and ("verify" in uses or "sign" in uses)


def _integer(number: int) -> str:
    return jws.encode(number.to_bytes((number.bit_length() + 7) // 8))


def _ecdsa() -> ec.ECDSA:
    # RFC 6979 signatures repeat, so a frozen clock and a seed give the same token; older OpenSSL has none.
    try:
        return ec.ECDSA(SHA256(), deterministic_signing=True)
    except UnsupportedAlgorithm:
        return ec.ECDSA(SHA256())


_P256_BYTES = 32
_HS256_BYTES = 32
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_REQUIRED = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}
_ES256 = _ecdsa()

REPEATABLE = _ES256.deterministic_signing
"""Whether ES256 signatures repeat here."""
