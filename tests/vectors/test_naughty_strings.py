"""The big list of naughty strings, sent everywhere: each answer is a refusal or a success, and well-formed."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from mockserver.core import jsontext
from mockserver.vendors.ingrid import VENDOR as INGRID
from mockserver.vendors.ingrid import IngridOptions
from mockserver.vendors.ingrid.examples import service_token, signed
from mockserver.vendors.ingrid.schemas import GRANT
from tests.support.stage import WireStage
from tests.vectors import public

pytestmark = public.needed

NAUGHTY = public.read("blns.base64.json", [])
STRINGS = list(dict.fromkeys(base64.b64decode(text).decode(errors="replace") for text in NAUGHTY))
LATIN = [text for text in STRINGS if all(char == "\t" or (31 < ord(char) < 256 and ord(char) != 127) for char in text)]
AUTH, SITES, DELIVERY = (
    "/ingrid/v1/auth/token",
    "/ingrid/v1/sites/site_demo/access-tokens",
    "/ingrid/v1/delivery/options",
)


@pytest.fixture
def checked(wire):
    """Send a call; its answer must be no failure of ours, and JSON that reads."""

    def send(*args, **keywords):
        got = wire(*args, **keywords)
        assert 200 <= got.status < 500, (args, keywords)
        assert jsontext.read(got.body) is not None
        json.dumps(wire.get(f"/_mock/journal/{got.exchange}").json)
        return got

    return send


@pytest.fixture
def token(emulator, wire):
    return service_token(WireStage(INGRID, emulator.sandbox, wire))


@pytest.fixture
def assertion(emulator, wire):
    """An assertion with some claims changed."""
    stage = WireStage(INGRID, emulator.sandbox, wire)
    return lambda **changes: signed(stage, **changes)


def test_there_are_some():
    assert len(STRINGS) > 500
    assert len(LATIN) > 300


def test_none_is_an_assertion(checked):
    for text in STRINGS:
        got = checked("POST", AUTH, json_body={"grantType": GRANT, "assertion": text})

        assert got.reason in {"assertion.malformed", "assertion.missing"}


def test_none_is_a_grant(checked):
    for text in STRINGS:
        got = checked("POST", AUTH, json_body={"grantType": text, "assertion": "x"})

        assert got.reason in {"request.unsupported_grant", "request.invalid"}


def test_none_is_a_subject_an_issuer_an_audience_or_a_key(checked, assertion):
    # One in five of each, signed properly: RSA signatures take their time.
    expected = {
        "sub": {"credential.unknown", "assertion.invalid_claim"},
        "iss": {"assertion.invalid_claim"},
        "aud": {"assertion.wrong_audience"},
        "exp": {"assertion.invalid_claim"},
    }
    for number, text in enumerate(STRINGS[::5]):
        claim = list(expected)[number % len(expected)]
        got = checked("POST", AUTH, json_body={"grantType": GRANT, "assertion": assertion(**{claim: text})})

        assert got.reason in expected[claim], (claim, text)


def test_any_may_be_the_id_of_an_assertion_once(checked, assertion):
    for text in STRINGS[::10]:
        body = {"grantType": GRANT, "assertion": assertion(jti=text)}

        assert [checked("POST", AUTH, json_body=body).reason for _ in range(2)] == ["", "assertion.replayed"]


def test_none_is_a_form(checked):
    for text in STRINGS:
        fields = f"grant_type={quote(GRANT)}&assertion={quote(text)}".encode()
        got = checked("POST", AUTH, body=fields, headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert got.reason in {"assertion.malformed", "assertion.missing"}

        raw = checked("POST", AUTH, body=text.encode(), headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert raw.status == 400


def test_a_body_of_one_is_malformed_unless_it_is_an_object(checked):
    for text in STRINGS:
        got = checked("POST", AUTH, body=text.encode(), headers={"Content-Type": "application/json"})

        assert got.reason in {"request.malformed", "request.invalid"}


def test_none_is_a_site(checked, token):
    for text in STRINGS:
        path = f"/ingrid/v1/sites/{quote(text, safe='')}/access-tokens"
        got = checked("POST", path, json_body={"scopes": ["view"]}, bearer=token)

        assert got.reason == ("resource.not_found" if text else "route.not_found")


def test_none_is_a_path(checked):
    for text in STRINGS:
        got = checked("POST", f"/ingrid/{quote(text)}", json_body={})

        assert got.reason == "route.not_found"


def test_none_is_a_scope_and_any_may_be_a_reference(checked, token):
    for text in STRINGS:
        got = checked("POST", SITES, json_body={"scopes": [text], "ttlSeconds": text}, bearer=token)
        assert got.reason in {"scope.unknown", "request.invalid"}

        got = checked("POST", SITES, json_body={"scopes": ["view"], "externalRef": text}, bearer=token)
        assert (got.status == 200) is (0 < len(text) <= 255)


def test_none_is_a_token(checked):
    for text in LATIN:
        got = checked("POST", DELIVERY, json_body={}, headers={"Authorization": f"Bearer {text}"})

        assert got.reason in {"token.malformed", "token.missing"}


def test_none_is_a_query(checked, token):
    for text in STRINGS:
        got = checked("POST", f"{SITES}?{quote(text, safe='&=;+')}", json_body={"scopes": ["view"]}, bearer=token)

        assert got.outcome == (200, "")


@pytest.mark.parametrize(
    "name",
    ["Authorization", "Content-Type", "Origin", "Sec-Fetch-Site", "Accept-Language", "Cookie", "x-site-id", "Accept"],
)
def test_none_as_a_header_breaks_anything(checked, choose, name):
    choose(IngridOptions, problem_lang="auto", cors_credentials=True)
    for text in LATIN:
        headers = [(name, text)] if name == "Content-Type" else [(name, text), ("Content-Type", "application/json")]
        for path in (AUTH, DELIVERY):
            got = checked("POST", path, body=b"{}", headers=headers)

            assert got.status in {400, 401, 403, 415}


def test_none_as_a_sandbox_breaks_anything(wire):
    for text in LATIN:
        got = wire.get("/ingrid/nowhere", headers={"X-Mock-Sandbox": text})

        assert got.status in {400, 404}
        assert got.json["status"] == got.status


def test_none_as_a_host_breaks_anything(emulator, choose):
    choose(IngridOptions, cors_credentials=True)
    for text in [*LATIN, "[", "[::1", "a]"]:
        for path in ("/ingrid/v1/delivery/options", "/ingrid/nowhere", "/_mock/version"):
            environ = {
                "REQUEST_METHOD": "GET",
                "HTTP_HOST": text,
                "HTTP_ORIGIN": "http://page.test",
                "PATH_INFO": path,
                "SERVER_NAME": "localhost",
                "SERVER_PORT": "80",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "wsgi.url_scheme": "http",
                "wsgi.input": None,
            }
            statuses = []

            body = b"".join(emulator.app(environ, lambda status, _headers, statuses=statuses: statuses.append(status)))

            assert int(statuses[0][:3]) < 500, text
            assert jsontext.read(body)
