"""HTTPS: a throw-away authority that vouches for every name, own files, and what is said where neither can be."""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPSConnection
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.hazmat.primitives.serialization import load_pem_private_key as load_key

from mockserver import Emulator, Settings
from mockserver.client import Mockserver, MockserverError
from mockserver.doors import CannotListenError
from mockserver.web.server import certificates
from mockserver.web.server.certificates import Authority
from mockserver.yamltext import FileError

PATIENCE = 10
NAMES = [
    "localhost",
    "127.0.0.1",
    "store-demostore-1.localhost",
    "mock",
    "auth_service",
    "mock.internal.example",
    "MOCK.Example",
    "xn--mnchen-3ya.example",
    "a" * 63 + ".example",
]


@pytest.fixture(scope="module")
def secured():
    with Emulator(Settings(port=0, tls="auto", tls_port=0)) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def trusting(secured):
    return ssl.create_default_context(cadata=secured.ca_pem.decode())


def shaken(emulator, context, name):
    """The TLS connection of a caller who asks for this name."""
    port = int(emulator.tls_url.rpartition(":")[2])
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), PATIENCE), server_hostname=name)


def asked(emulator, context, path="/_mock/version"):
    connection = HTTPSConnection(emulator.tls_url.removeprefix("https://"), timeout=PATIENCE, context=context)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


class TestAuthority:
    @pytest.mark.parametrize("name", NAMES)
    def test_every_name_verifies_in_a_strict_client(self, secured, trusting, name):
        with shaken(secured, trusting, name) as connection:
            shown = x509.load_der_x509_certificate(connection.getpeercert(binary_form=True))
            spoken = connection.version()

        assert spoken == "TLSv1.3"
        names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if name not in certificates.USUAL_NAMES:
            assert names.get_values_for_type(x509.DNSName) == [name.lower()]

    def test_a_caller_without_a_name_gets_the_usual_certificate(self, secured, trusting):
        trusting.check_hostname = False
        try:
            with shaken(secured, trusting, None) as connection:
                names = [value for _, value in connection.getpeercert()["subjectAltName"]]
        finally:
            trusting.check_hostname = True

        assert names == ["localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"]

    def test_who_does_not_trust_it_is_not_answered(self, secured):
        with pytest.raises(ssl.SSLCertVerificationError), shaken(secured, ssl.create_default_context(), "localhost"):
            pass

    def test_the_certificate_to_trust_comes_over_http(self, secured):
        with Mockserver(secured.url) as server:
            pem = server.ca_pem

        assert pem.encode() == secured.ca_pem
        assert asked(secured, ssl.create_default_context(cadata=pem))[0] == 200

    def test_each_has_a_key_of_its_own(self):
        assert Authority().pem != Authority().pem

    def test_a_name_that_comes_again_has_the_same_certificate(self, secured, trusting):
        shown = []
        for _ in range(2):
            with shaken(secured, trusting, "again.example") as connection:
                shown.append(connection.getpeercert(binary_form=True))

        assert shown[0] == shown[1]

    def test_only_so_many_names_are_kept(self, monkeypatch):
        monkeypatch.setattr(certificates, "NAMES_KEPT", 2)
        authority = Authority()

        contexts = [authority._context_for(name) for name in ("one.example", "two.example", "three.example")]

        assert authority._context_for.cache_info().currsize == 2
        assert authority._context_for("three.example") is contexts[2]
        assert authority._context_for("one.example") is not contexts[0]

    def test_a_context_is_made_where_no_memory_file_can_be_had(self, monkeypatch):
        monkeypatch.delattr("os.memfd_create", raising=False)
        folders = []
        monkeypatch.setattr(certificates, "TemporaryDirectory", _noting(certificates.TemporaryDirectory, folders))

        assert isinstance(Authority().context, ssl.SSLContext)
        assert [Path(folder).exists() for folder in folders] == [False]


def _noting(kind, names):
    def made():
        folder = kind()
        names.append(folder.name)
        return folder

    return made


class TestServing:
    def test_links_and_urls_are_https_where_it_is_called_so(self, secured, trusting):
        _, body = asked(secured, trusting, "/_mock/openapi.json")

        assert f'"url": "{secured.tls_url}"'.encode() in body

    def test_http_is_served_beside_it_from_the_same_sandboxes(self, secured, trusting):
        before = len(secured.sandbox.journal)

        status, _ = asked(secured, trusting, "/ingrid/nowhere")

        assert (status, len(secured.sandbox.journal) - before) == (404, 1)
        assert secured.url.startswith("http://")

    def test_it_says_where_it_listens(self, secured):
        with Mockserver(secured.url) as server:
            listens = server.listens

        assert (listens["http"], listens["https"]) == (secured.url, secured.tls_url)

    def test_http_1_1_is_what_it_speaks(self, secured):
        offering = ssl.create_default_context(cadata=secured.ca_pem.decode())
        offering.set_alpn_protocols(["h2", "http/1.1"])

        with shaken(secured, offering, "localhost") as connection:
            assert connection.selected_alpn_protocol() == "http/1.1"

    def test_plain_text_on_its_port_harms_nobody_else(self, secured, trusting):
        port = int(secured.tls_url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as confused:
            confused.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")

            assert not confused.recv(100).startswith(b"HTTP")
        assert asked(secured, trusting)[0] == 200


class TestOff:
    def test_it_is_off_unless_asked_for(self):
        with Emulator(Settings(port=0)) as emulator, Mockserver(emulator.url) as server:
            assert (emulator.tls_url, emulator.ca_pem) == (None, None)
            assert "https" not in server.listens
            with pytest.raises(MockserverError, match="tls: auto") as told:
                _ = server.ca_pem
        assert told.value.status == 404

    def test_a_taken_port_leaves_the_other_one_free(self):
        with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as passing:
            free = passing.getsockname()[1]
            passing.close()
            settings = Settings(port=free, tls="auto", tls_port=taken.getsockname()[1])

            with pytest.raises(CannotListenError) as raised:
                Emulator(settings).bind()

        assert raised.value.setting == "tls_port"
        with socket.create_server(("127.0.0.1", free)):
            pass


@pytest.fixture
def pair(tmp_path):
    """An own authority, and the files of a certificate that it has issued."""
    authority = trustme.CA()
    leaf = authority.issue_cert("localhost")
    leaf.private_key_pem.write_to_path(tmp_path / "key.pem")
    leaf.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
    return authority, tmp_path / "certificate.pem", tmp_path / "key.pem"


def own(certificate, key):
    return Settings(port=0, tls="own", tls_port=0, tls_certificate=str(certificate), tls_key=str(key))


class TestOwnFiles:
    def test_own_files_are_shown_to_everybody(self, pair):
        authority, certificate, key = pair
        context = ssl.create_default_context()
        authority.configure_trust(context)

        with Emulator(own(certificate, key)) as emulator, shaken(emulator, context, "localhost"):
            assert emulator.ca_pem is None

    def test_a_file_that_is_not_there_is_named_with_its_setting(self, pair, tmp_path):
        _, certificate, _ = pair

        with pytest.raises(FileError, match=r"tls_key: .*nothing\.pem: No such file or directory"):
            Emulator(own(certificate, tmp_path / "nothing.pem"))

    def test_what_is_no_pair_is_refused(self, pair, tmp_path):
        _, certificate, _ = pair
        trustme.CA().issue_cert("localhost").private_key_pem.write_to_path(tmp_path / "other.pem")

        with pytest.raises(FileError, match="no certificate and its key in PEM: key values mismatch"):
            Emulator(own(certificate, tmp_path / "other.pem"))

    def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(self, pair, tmp_path):
        _, certificate, key = pair
        locked = load_key(key.read_bytes(), None).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word")
        )
        (tmp_path / "locked.pem").write_bytes(locked)

        with pytest.raises(FileError, match=r"tls_certificate: .* no certificate and its key"):
            Emulator(own(certificate, tmp_path / "locked.pem"))

    def test_a_text_that_is_no_pem_is_refused(self, tmp_path):
        (tmp_path / "text.pem").write_text("hello")

        with pytest.raises(FileError, match="no certificate and its key in PEM"):
            Emulator(own(tmp_path / "text.pem", tmp_path / "text.pem"))

    @pytest.mark.parametrize("missing", ["tls_certificate", "tls_key"])
    def test_one_without_the_other_is_refused(self, missing):
        given = {"tls_certificate": "a.pem", "tls_key": "b.pem"} | {missing: None}

        with pytest.raises(FileError, match=f"{missing}: needed where tls is 'own'"):
            Emulator(Settings(tls="own", **given))

    def test_files_that_nobody_looks_at_are_refused(self):
        with pytest.raises(FileError, match="tls_key: only looked at where tls is 'own'; it is 'auto'"):
            Emulator(Settings(tls="auto", tls_key="b.pem"))


class TestWhoInsists:
    """BigCommerce's real clients speak nothing else; Ingrid's do as they are told."""

    NAMES = {"bigcommerce": "BIGCOMMERCE_API_URL", "ingrid": "MERCHANTS_API_BASE"}  # noqa: RUF012

    def told(self, emulator, url=None):
        return {vendor: emulator.environment(vendor, url)[name] for vendor, name in self.NAMES.items()}

    def test_their_clients_are_told_the_https_address(self):
        with Emulator(Settings(port=0, tls="auto", tls_port=0)) as emulator, Mockserver(emulator.url) as server:
            made = server.sandbox("team").credentials
            handed_out = {vendor: made[vendor][name] for vendor, name in self.NAMES.items()}

        assert self.told(emulator) == {
            "bigcommerce": f"{emulator.tls_url}/bigcommerce",
            "ingrid": f"{emulator.url}/ingrid",
        }
        assert handed_out == {
            "bigcommerce": f"{emulator.tls_url}/~team/bigcommerce",
            "ingrid": f"{emulator.url}/~team/ingrid",
        }

    def test_without_tls_they_are_told_what_there_is(self):
        assert self.told(Emulator(Settings()))["bigcommerce"] == "http://127.0.0.1:8080/bigcommerce"

    def test_whoever_says_the_url_is_believed(self):
        emulator = Emulator(Settings(tls="auto"))

        assert self.told(emulator, "http://mock:1")["bigcommerce"] == "http://mock:1/bigcommerce"

    def test_a_public_url_is_told_to_everybody(self):
        emulator = Emulator(Settings(tls="auto", public_url="https://mock.example/base"))

        assert self.told(emulator)["bigcommerce"] == "https://mock.example/base/bigcommerce"
