"""Routing: which operation a method and a path mean, and who answers a miss."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.options import Options
from mockserver.core.origins import Cors
from mockserver.core.sandbox import Sandbox, Scenario
from mockserver.vendors.ingrid import VENDOR as INGRID
from mockserver.vendors.ingrid import IngridOptions
from mockserver.web.routing import Router, RouteTable, match, split
from mockserver.web.unclaimed import nobody
from tests.core.worlds import STEADY, operation, vendor

CORS = Cors(methods=("GET",))
LIST = operation(name="shop.list", method="GET", path="/orders", cors=CORS)
MAKE = operation(name="shop.make", method="POST", path="/orders", cors=CORS)
READ = operation(name="shop.read", method="GET", path="/orders/{order}/lines/{line}")
LATEST = operation(name="shop.latest", method="GET", path="/orders/latest/lines/{line}")
FILL = operation(name="shop.fill", method="PUT", path="/carts/{cart}/items", cors=CORS)
TABLE = RouteTable(vendor(LIST, MAKE, READ, LATEST, FILL, name="shop"), Options())
PAGE = {"Origin": "http://localhost:3000"}
PREFLIGHT = {**PAGE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


def found(method: str, path: str) -> tuple[str, dict[str, str]]:
    route = TABLE.find(method, path)
    return (route.operation.name if route.operation else "", dict(route.parameters))


class TestPaths:
    @pytest.mark.parametrize(
        ("path", "segments"),
        [
            ("/", ("",)),
            ("/a/b", ("a", "b")),
            ("/a/", ("a", "")),
            ("//a", ("", "a")),
            ("/a%2Fb/c", ("a/b", "c")),
            ("/%61", ("a",)),
            ("/a+b", ("a+b",)),
            ("/%zz/%", ("%zz", "%")),
            ("/%ff", ("\N{REPLACEMENT CHARACTER}",)),
            ("/a/./../b", ("a", ".", "..", "b")),
            ("", ("",)),
            ("*", ("*",)),
        ],
    )
    def test_a_path_is_split_before_it_is_decoded(self, path, segments):
        assert split(path) == segments

    @pytest.mark.parametrize(
        ("template", "path", "parameters"),
        [
            ("/a", "/a", {}),
            ("/a", "/b", None),
            ("/a", "/a/b", None),
            ("/a/b", "/a", None),
            ("/{x}", "/1", {"x": "1"}),
            ("/{x}", "/", None),
            ("/{x}/{y}", "/1/2", {"x": "1", "y": "2"}),
            ("/{x}/b", "//b", None),
            ("/{x}", "/{x}", {"x": "{x}"}),
        ],
    )
    def test_a_path_fits_a_template_with_these_parameters(self, template, path, parameters):
        assert match(split(template), split(path)) == parameters


class TestTable:
    @pytest.mark.parametrize(
        ("method", "path", "name", "parameters"),
        [
            ("GET", "/orders", "shop.list", {}),
            ("POST", "/orders", "shop.make", {}),
            ("GET", "/%6Frders", "shop.list", {}),
            ("GET", "/orders/7/lines/1", "shop.read", {"order": "7", "line": "1"}),
            ("GET", "/orders/a%2Fb/lines/c%20d", "shop.read", {"order": "a/b", "line": "c d"}),
            ("GET", "/orders/a+b/lines/%2B", "shop.read", {"order": "a+b", "line": "+"}),
            ("GET", "/orders/../lines/.", "shop.read", {"order": "..", "line": "."}),
            ("GET", "/orders/latest/lines/1", "shop.latest", {"line": "1"}),
        ],
    )
    def test_a_call_leads_to_an_operation(self, method, path, name, parameters):
        assert found(method, path) == (name, parameters)

    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/order",
            "/orders/",
            "//orders",
            "/orders//",
            "/Orders",
            "/orders%2F",
            "/x/../orders",
            "/./orders",
            "/orders/7",
            "/orders/7/lines",
            "/orders/7/lines/",
            "/orders//lines/1",
            "/orders/7/lines/1/",
            "/orders/a/b/lines/1",
            "/orders%2F7/lines/1",
            "*",
            "",
        ],
    )
    def test_nearly_a_path_is_none(self, path):
        route = TABLE.find("GET", path)

        assert (route.operation, route.allowed) == (None, ())

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("DELETE", "/orders", ("GET", "POST")),
            ("get", "/orders", ("GET", "POST")),
            ("POST", "/orders/7/lines/1", ("GET",)),
            ("POST", "/orders/latest/lines/1", ("GET",)),
            ("OPTIONS", "/orders", ("GET", "POST")),
        ],
    )
    def test_a_wrong_method_is_told_the_right_ones(self, method, path, allowed):
        route = TABLE.find(method, path)

        assert (route.operation, route.allowed) == (None, allowed)

    @pytest.mark.parametrize(
        ("method", "path", "neighbour"),
        [
            ("DELETE", "/orders", LIST),
            ("GET", "/carts/1/items", FILL),
            ("PUT", "/carts/1/unknown", FILL),
            ("PUT", "/carts/1/items/", FILL),
            ("PUT", "/carts/1", FILL),
            ("PUT", "/carts", None),
            ("PUT", "/carts//items", None),
            ("PUT", "/parts/1/items", None),
            # A path of one segment has only what is below it: else it would be the neighbour of everything.
            ("DELETE", "/orders/7/lines/1", None),
            ("GET", "/unknown", None),
            ("GET", "/orders/7", LIST),
            ("GET", "/", None),
        ],
    )
    def test_a_miss_beside_a_browser_endpoint_is_its_neighbour(self, method, path, neighbour):
        assert TABLE.find(method, path).browser_endpoint is neighbour

    def test_a_path_that_an_option_has_moved_is_a_miss_that_pages_can_read(self):
        moved = operation(name="shop.list", path="/old/orders", paths=lambda _: ("/new/orders",), cors=CORS)
        taker = operation(name="shop.take", path="/{rest*}", paths=lambda _: ("/taken/{rest*}",), cors=CORS)
        table = RouteTable(vendor(moved, taker, name="shop"), Options())

        assert table.find("POST", "/old/orders").browser_endpoint is moved
        assert table.find("POST", "/elsewhere/orders").browser_endpoint is None

    @STEADY
    @given(
        st.sampled_from(["GET", "POST", "PUT"]),
        st.text("/orders%2Fla.{}~", max_size=30) | st.text(max_size=10) | st.from_regex(r"/orders/[^/]*/lines/[^/]*"),
    )
    def test_any_path_is_found_as_its_segments_say(self, method, path):
        route = TABLE.find(method, path)

        if route.operation:
            assert (route.operation.method, route.allowed) == (method, ())
            assert match(split(route.operation.path), split(path)) == dict(route.parameters)
        else:
            assert method not in route.allowed


class TestRouter:
    @pytest.fixture
    def sandbox(self):
        return Sandbox("world", Scenario(options={IngridOptions: IngridOptions()}))

    @pytest.fixture
    def router(self):
        return Router([TABLE.vendor, INGRID], nobody([]))

    @pytest.mark.parametrize(
        ("method", "path", "vendor"),
        [
            ("GET", "/orders", "shop"),
            ("POST", "/v1/auth/token", "ingrid"),
            ("PUT", "/v1/auth/token", "ingrid"),
            ("PUT", "/orders", "shop"),
            ("GET", "/v1/delivery/unknown", "ingrid"),
            ("GET", "/nothing/like/it", "mockserver"),
        ],
    )
    def test_without_a_vendor_the_one_that_owns_the_path_answers(self, router, sandbox, method, path, vendor):
        assert router.find(method, path, sandbox, None).vendor.name == vendor

    def test_what_misses_in_a_vendors_territory_is_its_own(self, sandbox):
        shop = replace(TABLE.vendor, territory=("/orders/",))
        router = Router([INGRID, shop], nobody([]))

        found = {path: router.find("GET", path, sandbox, None).vendor.name for path in ("/orders/1/2/3", "/orders-1")}

        assert found == {"/orders/1/2/3": "shop", "/orders-1": "mockserver"}

    def test_a_path_that_is_switched_off_is_still_its_vendors(self, sandbox):
        off = replace(MAKE, path="/carts/all/items", paths=lambda _options: ())
        router = Router([TABLE.vendor, vendor(off, name="other")], nobody([]))

        route = router.find("POST", "/carts/all/items", sandbox, None)
        taken = router.find("PUT", "/carts/all/items", sandbox, None)

        assert (route.vendor.name, route.operation) == ("other", None)
        assert taken.operation == FILL

    def test_with_a_vendor_its_word_is_final(self, router, sandbox):
        route = router.find("GET", "/orders", sandbox, INGRID)

        assert (route.vendor, route.operation) == (INGRID, None)

    def test_an_option_moves_a_path_in_its_sandbox_only(self, router, sandbox):
        moved = Sandbox("moved", Scenario(options={IngridOptions: IngridOptions(auth_path="/oauth/token")}))

        operations = [
            router.find("POST", path, where, None).operation is not None
            for where in (sandbox, moved)
            for path in ("/v1/auth/token", "/oauth/token")
        ]

        assert operations == [True, False, False, True]

    def test_a_path_can_be_moved_and_moved_back(self, router, sandbox):
        sandbox.put(IngridOptions(auth_path="/oauth/token"))
        assert router.find("POST", "/oauth/token", sandbox, None).operation

        sandbox.put(IngridOptions())
        assert router.find("POST", "/v1/auth/token", sandbox, None).operation
        assert not router.find("POST", "/oauth/token", sandbox, None).operation

    @pytest.mark.parametrize(("path", "leads"), [("/oauth/a%2Fb", True), ("/oauth/a/b", False), ("/oauth/a%2fb", True)])
    def test_a_path_moved_to_an_encoded_slash_keeps_it_apart_from_a_slash(self, router, path, leads):
        moved = Sandbox("moved", Scenario(options={IngridOptions: IngridOptions(auth_path="/oauth/a%2Fb")}))

        assert (router.find("POST", path, moved, INGRID).operation is not None) is leads


class TestOnTheWire:
    @pytest.mark.parametrize("prefix", ["", "/ingrid", "/~team/ingrid", "/~team"])
    def test_a_wrong_method_is_answered_by_the_vendor_with_the_right_ones(self, wire, prefix):
        got = wire.get(prefix + "/v1/auth/token")

        assert got.outcome == (405, "method.not_allowed")
        assert got.headers["Allow"] == "POST"
        assert "X-Trace-Id" in got.headers

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "post", "FROBNICATE"])
    def test_any_other_method_is_not_allowed(self, wire, method):
        assert wire(method, "/ingrid/v1/auth/token").outcome == (405, "method.not_allowed")

    @pytest.mark.parametrize(
        "path",
        [
            "/v1/auth/token/",
            "//v1/auth/token",
            "/v1//auth/token",
            "/v1/auth/token%2F",
            "/v1/x/../auth/token",
            "/v1/auth/./token",
            "/V1/auth/token",
            "/v1/auth",
            "/",
        ],
    )
    def test_nearly_a_path_is_the_vendors_404_and_no_redirect(self, wire, path):
        got = wire.post("/ingrid" + path, {})

        assert got.outcome == (404, "route.not_found")
        assert "Location" not in got.headers
        assert got.json["type"] == "about:blank"
        assert "X-Trace-Id" in got.headers

    def test_a_segment_may_hold_an_encoded_slash(self, wire, sandbox):
        wire.post("/ingrid/v1/sites/a%2Fb/access-tokens", {"scopes": ["view"]})

        [exchange] = sandbox.journal
        assert (exchange.operation, exchange.call.path) == ("ingrid.mint_site_token", "/v1/sites/a%2Fb/access-tokens")

    def test_a_path_that_no_vendor_claims_is_answered_by_the_emulator_with_the_nearest(self, wire):
        got = wire.post("/v1/auth/tokens", {})

        assert (got.status, got.headers["Content-Type"]) == (404, "application/problem+json")
        assert got.json["detail"] == "No vendor claims POST /v1/auth/tokens."
        assert got.json["nearest"][0] == "/v1/auth/token"
        assert "X-Trace-Id" not in got.headers

    def test_a_path_like_no_other_has_no_nearest(self, wire):
        assert wire.get("/zzz").json["nearest"] == []

    @pytest.mark.parametrize(
        ("path", "allow_origin"),
        [("/ingrid/v1/delivery/unknown", "*"), ("/ingrid/v1/delivery/options/", "*"), ("/ingrid/v1/auth/x", None)],
    )
    def test_a_404_beside_a_browser_endpoint_can_be_read_by_pages(self, wire, path, allow_origin):
        got = wire.post(path, {}, headers=PAGE)

        assert got.status == 404
        assert got.headers.get("Access-Control-Allow-Origin") == allow_origin

    def test_a_405_of_a_browser_endpoint_can_be_read_by_pages(self, wire):
        got = wire.get("/ingrid/v1/delivery/options", headers=PAGE)

        assert (got.status, got.headers["Access-Control-Allow-Origin"]) == (405, "*")

    @pytest.mark.parametrize(
        ("path", "allow_headers"),
        [
            ("/ingrid/v1/delivery/options", "authorization, content-type, x-site-id"),
            ("/ingrid/v1/delivery/unknown", "authorization, content-type, x-site-id"),
            ("/ingrid/v1/auth/token", None),
            ("/ingrid/nowhere", None),
            ("/nowhere", None),
        ],
    )
    def test_a_preflight_is_204_wherever_it_goes(self, wire, path, allow_headers):
        got = wire("OPTIONS", path, headers=PREFLIGHT)

        assert (got.status, got.body) == (204, b"")
        assert got.headers.get("Access-Control-Allow-Headers") == allow_headers

    @pytest.mark.parametrize("missing", PREFLIGHT.keys() - {"Access-Control-Request-Headers"})
    def test_options_without_both_headers_is_no_preflight(self, wire, missing):
        headers = {name: value for name, value in PREFLIGHT.items() if name != missing}

        assert wire("OPTIONS", "/ingrid/v1/delivery/options", headers=headers).status == 405
