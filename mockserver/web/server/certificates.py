"""What it takes to speak TLS: a throw-away authority, which vouches for every name that is asked for; or own files."""

from __future__ import annotations

import os
import re
import ssl
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mockserver.yamltext import FileError

if TYPE_CHECKING:
    from trustme import CA, LeafCert

USUAL_NAMES = ("localhost", "127.0.0.1", "::1")
"""What callers without SNI get a certificate for: those who call by address send none (RFC 6066 section 3)."""

NAMES_KEPT = 1_000
"""So many certificates are kept; those of names that were not asked for lately are made anew."""

PROTOCOLS = ["http/1.1"]

_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?")


class Authority:
    """A certificate authority that lives as long as this object; nobody has its key but this process."""

    def __init__(self) -> None:
        self._context_for = lru_cache(maxsize=NAMES_KEPT)(self._context_for_name)

    @property
    def pem(self) -> bytes:
        """Its certificate, which callers are to trust."""
        return self._ca.cert_pem.bytes()

    @cached_property
    def context(self) -> ssl.SSLContext:
        """Shows each caller a certificate for the name that it asks for."""
        usual = _context(_pem(self._ca.issue_cert(*USUAL_NAMES)))
        usual.sni_callback = self._show
        return usual

    @cached_property
    def _ca(self) -> CA:
        from trustme import CA, KeyType  # noqa: PLC0415  (loaded where TLS is on and somebody comes)

        return CA(organization_name="mockserver", key_type=KeyType.ECDSA)

    def _show(self, connection: ssl.SSLObject, name: str | None, usual: ssl.SSLContext) -> None:
        del usual
        name = (name or "").lower()
        if name not in USUAL_NAMES and _NAME.fullmatch(name):
            connection.context = self._context_for(name)

    def _context_for_name(self, name: str) -> ssl.SSLContext:
        try:
            return _context(_pem(self._ca.issue_cert(name)))
        except ValueError:
            return _context(self._unusual(name))

    def _unusual(self, name: str) -> bytes:
        """A key and a certificate for what IDNA calls no host name, as `auth_service`: container networks have such."""
        authority = x509.load_pem_x509_certificate(self.pem)
        signer = load_pem_private_key(self._ca.private_key_pem.bytes(), password=None)
        if not isinstance(signer, ec.EllipticCurvePrivateKey):
            raise TypeError("the authority's key is not the one that was asked for")
        key = ec.generate_private_key(ec.SECP256R1())
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "mockserver")]))
            .issuer_name(authority.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(authority.not_valid_before_utc)
            .not_valid_after(authority.not_valid_after_utc)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=True)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
            .sign(signer, hashes.SHA256())
        )
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        return pem + made.public_bytes(Encoding.PEM)


def own_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Shows everybody this certificate, a PEM file as its private key is. Raises `FileError` where they are no pair."""
    for file, setting in ((certificate, "tls_certificate"), (key, "tls_key")):
        try:
            file.read_bytes()
        except OSError as error:
            raise FileError(f"{setting}: {file}: {error.strerror}") from None
    context = _server_context()
    try:
        # Without a password at hand OpenSSL would ask for one on the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError) as error:
        why = (getattr(error, "reason", None) or "unreadable").replace("_", " ").lower()
        raise FileError(
            f"tls_certificate: {certificate} and {key} are no certificate and its key in PEM: {why}"
        ) from None
    return context


def _server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(PROTOCOLS)
    return context


def _pem(leaf: LeafCert) -> bytes:
    return leaf.private_key_and_cert_chain_pem.bytes()


def _context(pem: bytes) -> ssl.SSLContext:
    """A context for a key and its certificate. OpenSSL reads them from files only, and a root may be read-only."""
    context = _server_context()
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("certificate"), "wb") as file:
            file.write(pem)
            file.flush()
            context.load_cert_chain(f"/proc/self/fd/{file.fileno()}")
    else:
        with TemporaryDirectory() as folder:
            path = Path(folder, "certificate.pem")
            path.write_bytes(pem)
            context.load_cert_chain(path)
    return context
