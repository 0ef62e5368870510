"""Which pages may read an answer, and which calls come from one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.core.calls import Headers
from mockserver.core.options import Options
from mockserver.core.origins import Cors, TokenList, admit, admit_by_token, browser_signals, origin_of
from tests.core.worlds import STEADY

PAGE = "http://localhost:3000"
LISTED = ("http://localhost:3000", "https://shop.example")
SERVER = "http://mock.test:8080/toy"
CORS = Cors(methods=("POST",), headers=("authorization",), expose=("X-Trace-Id",))

HOSTS = st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8}){0,2}", fullmatch=True)
ORIGINS = st.builds(
    lambda scheme, host, port: f"{scheme}://{host}{port}",
    st.sampled_from(["http", "https", "HTTP", "ftp"]),
    st.sampled_from(["localhost", "LOCALHOST", "shop.example", "localhost.evil.test", "evil.shop.example"]) | HOSTS,
    st.sampled_from(["", ":3000", ":80", ":443", ":30000", ":"]),
)
NEAR_MISSES = st.sampled_from(LISTED).flatmap(
    lambda origin: st.sampled_from(
        [origin + "/", origin + ".evil.test", origin.upper(), " " + origin, origin + " ", origin[:-1], origin + "0"]
    )
)


def admitted(origin: str | None, **options: object) -> str | None:
    return admit(origin, SERVER, CORS, Options(**options)).allow_origin


class TestBrowserSignals:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("Origin", PAGE),
            ("origin", "null"),
            ("Origin", ""),
            ("Sec-Fetch-Site", "cross-site"),
            ("sec-fetch-site", "same-origin"),
            ("SEC-FETCH-SITE", "none"),
        ],
    )
    def test_a_browser_is_told_by_either_header(self, name, value):
        assert list(browser_signals(Headers([(name, value)])).values()) == [value]

    @pytest.mark.parametrize(
        "name", ["Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Fetch-User", "User-Agent", "Referer", "Cookie", "X-Origin"]
    )
    def test_nothing_else_tells_a_browser(self, name):
        assert browser_signals(Headers([(name, "cors")])) == {}


class TestAdmission:
    @pytest.mark.parametrize("origin", [None, "null", PAGE, "http://anywhere.test"])
    def test_any_origin_may_read_by_default(self, origin):
        admission = admit(origin, SERVER, CORS, Options())

        assert (admission.allow_origin, admission.credentials, admission.vary) == ("*", False, False)
        assert admission.why == "any origin may read"

    @pytest.mark.parametrize("origin", LISTED)
    def test_a_listed_origin_is_named(self, origin):
        admission = admit(origin, SERVER, CORS, Options(cors_origins=LISTED))

        assert (admission.allow_origin, admission.vary) == (origin, True)
        assert admission.why == "the origin is on the list"

    @STEADY
    @given(origin=ORIGINS | NEAR_MISSES | st.text())
    def test_no_other_origin_may_read(self, origin):
        assume(origin not in LISTED)
        assume(origin != origin_of(SERVER))

        assert admitted(origin, cors_origins=LISTED) is None

    @STEADY
    @given(listed=st.lists(ORIGINS, max_size=4).map(tuple), origin=ORIGINS)
    def test_an_origin_may_read_exactly_when_it_is_on_the_list(self, listed, origin):
        assert admitted(origin, cors_origins=listed) == (origin if origin in listed else None)

    def test_the_reason_names_the_list(self):
        admission = admit("http://evil.test", SERVER, CORS, Options(cors_origins=LISTED))

        assert admission.why == "'http://evil.test' is none of http://localhost:3000, https://shop.example"

    @pytest.mark.parametrize("listed", [LISTED, ("*",), ("null",)], ids=["list", "any", "null"])
    def test_an_opaque_origin_is_never_named(self, listed):
        assert admitted("null", cors_origins=listed, cors_credentials=True) is None

    @pytest.mark.parametrize("listed", [LISTED, ()], ids=["list", "empty"])
    def test_the_servers_own_origin_may_always_read(self, listed):
        assert admitted("http://mock.test:8080", cors_origins=listed) == "http://mock.test:8080"

    @pytest.mark.parametrize("origin", ["https://mock.test:8080", "http://mock.test", "http://mock.test:8080/"])
    def test_nearly_the_servers_own_origin_is_not(self, origin):
        assert admitted(origin, cors_origins=LISTED) is None

    def test_without_an_origin_nobody_is_admitted_but_the_answer_varies(self):
        admission = admit(None, SERVER, CORS, Options(cors_origins=LISTED))

        assert (admission.allow_origin, admission.vary, admission.why) == (None, True, "no Origin was sent")

    def test_with_credentials_any_origin_is_named_instead_of_starred(self):
        admission = admit("http://anywhere.test", SERVER, CORS, Options(cors_credentials=True))

        assert (admission.allow_origin, admission.credentials, admission.vary) == ("http://anywhere.test", True, True)

    def test_who_is_not_admitted_gets_no_credentials_either(self):
        admission = admit("http://evil.test", SERVER, CORS, Options(cors_origins=LISTED, cors_credentials=True))

        assert (admission.allow_origin, admission.credentials) == (None, False)

    @pytest.mark.parametrize("expose", [True, False])
    def test_an_option_hides_the_exposed_headers(self, expose):
        assert admit(PAGE, SERVER, CORS, Options(cors_expose=expose)).expose is expose

    @STEADY
    @given(host=st.text("[]:@.a1%\\é", max_size=8))
    def test_a_host_that_is_none_admits_nobody_and_breaks_nothing(self, host):
        admission = admit(PAGE, f"http://{host}/toy", CORS, Options(cors_origins=("https://shop.example",)))

        assert admission.allow_origin is None


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://localhost:8080", "http://localhost:8080"),
        ("https://mock.test/~a/toy", "https://mock.test"),
        ("http://[::1]:8080/toy", "http://[::1]:8080"),
    ],
)
def test_the_origin_of_a_url_is_scheme_host_and_port(url, origin):
    assert origin_of(url) == origin


class TestSignalsOfAVendor:
    NAMES = ("SHOP_TOKEN",)

    @pytest.mark.parametrize("cookie", ["SHOP_TOKEN=x", "a=b; shop_token=x", "__Host-SHOP_TOKEN=x", "SHOP_TOKEN"])
    def test_a_cookie_tells_by_its_name_and_its_value_is_not_kept(self, cookie):
        found = browser_signals(Headers([("Cookie", cookie)]), (), self.NAMES)

        assert list(found) == ["Cookie"]
        assert found["Cookie"].upper().endswith("SHOP_TOKEN")

    @pytest.mark.parametrize("cookie", ["MY_SHOP_TOKEN=x", "a=SHOP_TOKEN", ""])
    def test_other_cookies_tell_nothing(self, cookie):
        assert browser_signals(Headers([("Cookie", cookie)]), (), self.NAMES) == {}

    def test_only_the_fields_that_count_are_looked_at(self):
        headers = Headers([("Origin", PAGE), ("Sec-Fetch-Site", "none"), ("Sec-Fetch-Mode", "cors")])

        assert browser_signals(headers, ("Sec-Fetch-Site",)) == {"Sec-Fetch-Site": "none"}


class TestOriginsByToken:
    @pytest.mark.parametrize(
        ("origin", "status", "listed", "shows", "allowed"),
        [
            (PAGE, 200, (PAGE,), False, True),
            (PAGE, 400, (PAGE,), False, True),
            (PAGE, 429, (PAGE,), False, True),
            (PAGE, 503, (PAGE,), False, True),
            (PAGE, 200, (), False, False),
            (PAGE, 200, None, True, False),
            (PAGE, 401, None, False, True),
            (PAGE, 401, (), False, True),
            (PAGE, 403, (PAGE,), False, False),
            (PAGE, 403, (), True, True),
            (PAGE, 404, (PAGE,), True, False),
            ("null", 200, ("null",), False, True),
            (None, 200, (PAGE,), True, False),
            (None, 401, (PAGE,), True, False),
        ],
    )
    def test_the_list_of_a_token_decides(self, origin, status, listed, shows, allowed):
        cors = Cors(("POST",), by_token=TokenList(lambda _: listed, lambda _: shows))
        case = SimpleNamespace(call=SimpleNamespace(headers=Headers([("Origin", origin)] if origin else [])))

        admission = admit_by_token(case, cors, status, preflight=False)

        assert (admission.allow_origin, admission.vary) == ((origin, True) if allowed else (None, False))
        assert admission.why
