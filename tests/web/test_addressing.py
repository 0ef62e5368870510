"""Addresses: which sandbox and which vendor a URL, a header or a host name means."""

from __future__ import annotations

import re

import pytest

from mockserver import Emulator, Settings
from mockserver.core.calls import Headers
from mockserver.vendors import discover
from mockserver.vendors.ingrid import VENDOR as INGRID
from mockserver.web.addressing import Addressing
from tests.core.worlds import vendor
from tests.support.wire import Wire

ORIGIN = "http://localhost:8080"
SHOP = vendor(name="shop", hosts=("shop.example", "api.shop.example"))


def read(target: str, *, public_url: str | None = None, **headers: str):
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Addressing([SHOP], public_url).read(target, Headers(pairs), ORIGIN)


class TestPaths:
    @pytest.mark.parametrize(
        ("target", "sandbox", "vendor", "base", "path"),
        [
            ("/", None, None, "", "/"),
            ("/v1/orders", None, None, "", "/v1/orders"),
            ("/shop", None, "shop", "/shop", "/"),
            ("/shop/", None, "shop", "/shop", "/"),
            ("/shop/v1/orders", None, "shop", "/shop", "/v1/orders"),
            ("/shop/shop", None, "shop", "/shop", "/shop"),
            ("/shopping/v1", None, None, "", "/shopping/v1"),
            ("/SHOP/v1", None, None, "", "/SHOP/v1"),
            ("/~team", "team", None, "/~team", "/"),
            ("/~team/", "team", None, "/~team", "/"),
            ("/~team/v1/orders", "team", None, "/~team", "/v1/orders"),
            ("/~team/shop/v1/orders", "team", "shop", "/~team/shop", "/v1/orders"),
            ("/~team/shop", "team", "shop", "/~team/shop", "/"),
            ("/shop/~team/v1", None, "shop", "/shop", "/~team/v1"),
            ("/~a/~b/v1", "a", None, "/~a", "/~b/v1"),
            ("/~team%2Eone/shop/v1", "team.one", "shop", "/~team%2Eone/shop", "/v1"),
            ("/~a%2Fb/v1", "a/b", None, "/~a%2Fb", "/v1"),
            ("/~%FF/v1", "\N{REPLACEMENT CHARACTER}", None, "/~%FF", "/v1"),
            ("/shop/a%2Fb", None, "shop", "/shop", "/a%2Fb"),
            ("//shop/v1", None, None, "", "//shop/v1"),
            ("/~team//shop/v1", "team", None, "/~team", "//shop/v1"),
            ("/shop//v1", None, "shop", "/shop", "//v1"),
            ("*", None, None, "", "*"),
        ],
    )
    def test_a_path_is_read_so(self, target, sandbox, vendor, base, path):
        address = read(target)

        assert (address.sandbox, address.vendor and address.vendor.name) == (sandbox, vendor)
        assert (address.base_url, address.path) == (ORIGIN + base, path)

    @pytest.mark.parametrize(
        ("target", "path", "query"),
        [
            ("/shop/v1?a=1", "/v1", "a=1"),
            ("/shop?a=1", "/", "a=1"),
            ("/~team?a=/shop/", "/", "a=/shop/"),
            ("/v1?a=1?b=2", "/v1", "a=1?b=2"),
            ("/v1?", "/v1", ""),
        ],
    )
    def test_the_query_is_kept_apart(self, target, path, query):
        address = read(target)

        assert (address.path, address.query) == (path, query)


class TestHosts:
    @pytest.mark.parametrize(
        ("host", "vendor"),
        [
            ("shop.example", "shop"),
            ("api.shop.example:8080", "shop"),
            ("SHOP.example", "shop"),
            ("shop.example.evil.test", None),
            ("evil-shop.example", None),
            ("localhost", None),
            ("[::1]:8080", None),
            ("", None),
        ],
    )
    def test_a_vendors_own_host_name_means_that_vendor(self, host, vendor):
        address = read("/v1", Host=host)

        assert (address.vendor and address.vendor.name, address.path) == (vendor, "/v1")

    @pytest.mark.parametrize(
        ("host", "sandbox"),
        [
            ("team.localhost", "team"),
            ("team.localhost:8080", "team"),
            ("TEAM.LocalHost:8080", "team"),
            ("localhost", None),
            (".localhost", None),
            ("a.b.localhost", None),
            ("team.localhost.evil.test", None),
            ("team.localhost:port", None),
            ("team.example", None),
        ],
    )
    def test_a_name_under_localhost_means_a_sandbox(self, host, sandbox):
        assert read("/v1", Host=host).sandbox == sandbox

    def test_a_vendor_in_the_path_wins_over_the_host_name(self):
        other = vendor(name="other")
        addressing = Addressing([SHOP, other], None)

        address = addressing.read("/other/v1", Headers([("Host", "shop.example")]), ORIGIN)

        assert (address.vendor.name, address.path) == ("other", "/v1")

    @pytest.mark.parametrize("host", ["shop-a.localhost", "SHOP-a.localhost:8443", "shop-a.example"])
    def test_a_host_that_fits_a_vendors_pattern_is_the_vendors_and_no_sandboxs(self, host):
        patterned = vendor(name="patterned", hosts=(re.compile(r"shop-[a-z]\.", re.IGNORECASE),))
        addressing = Addressing([patterned], None)

        address = addressing.read("/v1", Headers([("Host", host)]), f"http://{host}")

        assert (address.vendor.name, address.sandbox, address.path) == ("patterned", None, "/v1")

    def test_a_sandbox_can_be_named_beside_such_a_host(self):
        patterned = vendor(name="patterned", hosts=(re.compile(r"shop-[a-z]\."),))
        addressing = Addressing([patterned], None)

        by_header, by_path = (
            addressing.read(target, Headers([("Host", "shop-a.localhost"), *more]), ORIGIN)
            for target, more in (("/v1", [("X-Mock-Sandbox", "mine")]), ("/~mine/v1", []))
        )

        assert [each.sandbox for each in (by_header, by_path)] == ["mine", "mine"]
        assert by_path.vendor.name == "patterned"

    def test_every_vendors_real_host_names_are_its_own(self):
        hosts = [host for each in discover() for host in each.hosts]

        assert len(hosts) == len(set(hosts))
        assert [host for host in hosts if isinstance(host, str) and host != host.lower()] == []


class TestPrecedence:
    @pytest.mark.parametrize(
        ("target", "headers", "sandbox"),
        [
            ("/~path/v1", {"X_Mock_Sandbox": "header", "Host": "host.localhost"}, "path"),
            ("/v1", {"X_Mock_Sandbox": "header", "Host": "host.localhost"}, "header"),
            ("/v1", {"x_mock_sandbox": "header"}, "header"),
            ("/v1", {"Host": "host.localhost"}, "host"),
            ("/v1", {"X_Mock_Sandbox": "", "Host": "host.localhost"}, "host"),
            ("/v1", {"Host": "localhost"}, None),
        ],
    )
    def test_path_before_header_before_host_name(self, target, headers, sandbox):
        assert read(target, **headers).sandbox == sandbox


class TestPublicUrl:
    @pytest.mark.parametrize("public_url", ["https://mock.example/base", "https://mock.example/base/"])
    @pytest.mark.parametrize(
        ("target", "base"), [("/v1", ""), ("/shop/v1", "/shop"), ("/~team/shop/v1", "/~team/shop")]
    )
    def test_it_stands_for_the_url_as_called(self, public_url, target, base):
        assert read(target, public_url=public_url).base_url == "https://mock.example/base" + base


class TestAdmin:
    @pytest.mark.parametrize(
        ("target", "is_admin"),
        [
            ("/_mock", True),
            ("/_mock/", True),
            ("/_mock/version", True),
            ("/_mock?a=1", True),
            ("/~team/_mock/version", True),
            ("/_mocks", False),
            ("/_mocking/version", False),
            ("/shop/_mock/version", False),
            ("/~team/shop/_mock", False),
            ("//_mock/version", False),
            ("/%5Fmock/version", False),
            ("/v1/_mock", False),
        ],
    )
    def test_the_emulators_own_paths_are_told_apart(self, target, is_admin):
        assert read(target).is_admin is is_admin

    def test_a_vendors_host_has_no_admin_paths(self):
        assert not read("/_mock/version", Host="shop.example").is_admin


class TestOnTheWire:
    @pytest.mark.parametrize(
        ("path", "keywords"),
        [
            ("/~team/ingrid/nowhere", {}),
            ("/ingrid/nowhere", {"headers": {"X-Mock-Sandbox": "team"}}),
            ("/ingrid/nowhere", {"base_url": "http://team.localhost:8080"}),
            ("/~te%61m/ingrid/nowhere", {}),
        ],
        ids=["path", "header", "host", "percent-encoded"],
    )
    def test_a_call_lands_in_the_sandbox_it_names(self, emulator, wire, path, keywords):
        got = wire.get(path, **keywords)

        assert got.outcome == (404, "route.not_found")
        assert [len(emulator.sandboxes.find(name).journal) for name in ("team", "default")] == [1, 0]

    def test_a_call_that_names_none_lands_in_the_default_one(self, sandbox, wire):
        wire.get("/ingrid/nowhere")

        assert len(sandbox.journal) == 1

    def test_path_header_and_host_name_say_the_same(self, emulator, wire):
        wire.get("/~Team/ingrid/nowhere")
        wire.get("/ingrid/nowhere", headers={"X-Mock-Sandbox": "TEAM"})
        wire.get("/ingrid/nowhere", base_url="http://team.localhost")

        assert len(emulator.sandboxes.find("team").journal) == 3

    def test_a_vendors_host_name_needs_no_prefix(self, wire):
        got = wire.get("/nowhere", base_url="http://api.ingrid.com")

        assert got.outcome == (404, "route.not_found")
        assert "X-Trace-Id" in got.headers

    @pytest.mark.parametrize(
        ("path", "headers"),
        [
            ("/~-/ingrid/nowhere", {}),
            ("/~/ingrid/nowhere", {}),
            ("/~a%20b/ingrid/nowhere", {}),
            ("/~a%2Fb/ingrid/nowhere", {}),
            ("/~%FF/nowhere", {}),
            (f"/~{'a' * 64}/ingrid/nowhere", {}),
            ("/ingrid/nowhere", {"X-Mock-Sandbox": "no/name"}),
        ],
        ids=["dash", "empty", "blank", "slash", "no-utf-8", "too-long", "header"],
    )
    def test_an_impossible_name_is_a_problem_of_the_emulators(self, emulator, wire, path, headers):
        got = wire.get(path, headers=headers)

        assert (got.status, got.headers["Content-Type"]) == (400, "application/problem+json")
        assert "is no name for a sandbox" in got.json["detail"]
        assert [sandbox.name for sandbox in emulator.sandboxes] == ["default"]

    def test_where_addresses_make_no_sandbox_an_unknown_one_is_a_problem(self, contract):
        emulator = Emulator(Settings(auto_sandboxes=False))
        wire = Wire(emulator.app, contract)

        got = wire.get("/~team/ingrid/nowhere")

        assert (got.status, got.json["detail"]) == (404, "no sandbox is called 'team'")
        assert wire.get("/~default/ingrid/nowhere").reason == "route.not_found"

    def test_the_prefix_is_part_of_the_base_url(self, emulator, wire):
        wire.get("/~team/ingrid/nowhere")

        [exchange] = emulator.sandboxes.find("team").journal
        assert exchange.call.url == "http://localhost/~team/ingrid/nowhere"
        assert exchange.vendor == INGRID.name
