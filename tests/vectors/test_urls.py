"""The web platform's URL tests: any path that a browser can make of a URL is answered."""

from __future__ import annotations

import pytest

from mockserver.core import jsontext
from mockserver.core.calls import Headers
from mockserver.vendors import discover
from mockserver.web.addressing import Addressing
from mockserver.web.routing import split
from tests.vectors import public

pytestmark = public.needed

URLS = [
    case
    for case in public.read("wpt_urltestdata.json", [])
    if isinstance(case, dict) and case.get("protocol") in {"http:", "https:"}
]
PATHS = sorted({case["pathname"] for case in URLS})
RAW = sorted({case["input"] for case in URLS if case["input"].startswith("/")})


def test_there_are_some():
    assert len(URLS) > 200
    assert len(PATHS) >= 80


@pytest.fixture
def ask(emulator):
    """A call with a target as sent, past whatever a client would tidy up."""

    def send(target: str, method: str = "POST", **more: str) -> tuple[int, bytes]:
        environ = {
            "REQUEST_METHOD": method,
            "REQUEST_URI": target,
            "PATH_INFO": target.partition("?")[0],
            "HTTP_HOST": "localhost",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": None,
            **more,
        }
        statuses: list[str] = []
        body = b"".join(emulator.app(environ, lambda status, _headers: statuses.append(status)))
        return int(statuses[0][:3]), body

    return send


@pytest.mark.parametrize("prefix", ["", "/ingrid", "/~team/ingrid", "/ingrid/v1/sites"])
def test_any_path_is_answered(ask, prefix):
    for path in PATHS:
        status, body = ask(prefix + path)

        assert status in {401, 404}, path
        assert jsontext.read(body)


def test_any_path_may_stand_in_a_segment(ask):
    for path in PATHS:
        encoded = path.replace("/", "%2F")
        status, _ = ask(f"/ingrid/v1/sites/{encoded}/access-tokens")

        assert status == 401, path


def test_any_query_is_answered(ask):
    for case in URLS:
        status, _ = ask("/ingrid/v1/delivery/options" + case["search"])

        assert status == 401


def test_any_hostname_is_a_host(ask):
    for case in URLS:
        status, _ = ask("/ingrid/nowhere", HTTP_HOST=case["host"], HTTP_ORIGIN=case.get("origin", "null"))

        assert status == 404, case["host"]


def test_what_a_browser_would_have_encoded_is_answered_raw(ask):
    for text in RAW:
        status, _ = ask(text.encode().decode("latin-1"))

        assert status == 404, text


def test_an_address_keeps_the_path_as_it_was_sent():
    addressing = Addressing(discover(), None)

    for case in URLS:
        address = addressing.read(f"/ingrid{case['pathname']}{case['search']}", Headers(), "http://localhost")

        assert f"{address.base_url}{address.path}" == f"http://localhost/ingrid{case['pathname']}"
        assert address.query == case["search"].removeprefix("?")
        assert len(split(address.path)) == case["pathname"].count("/")
