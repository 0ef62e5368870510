"""How the admin API says no: RFC 9457, with the place and the nearest name."""

from __future__ import annotations

import pytest

from mockserver.web.server import Limits
from tests.web.rawsocket import request

pytest_plugins = ("tests.web.serving",)

PROBLEM_JSON = "application/problem+json"
JSON = {"Content-Type": "application/json"}


class TestMisses:
    @pytest.mark.parametrize("path", ["/_mock", "/_mock/", "/_mock/nothing", "/_mock/version/", "/~team/_mock/nothing"])
    def test_an_unknown_path_is_a_problem(self, wire, path):
        got = wire.get(path)

        assert (got.status, got.headers["Content-Type"]) == (404, PROBLEM_JSON)
        assert got.json["detail"] == f"The emulator has no {path}."

    @pytest.mark.parametrize("prefix", ["", "/~team"])
    def test_a_wrong_method_is_a_problem_that_names_the_right_ones(self, wire, prefix):
        got = wire("DELETE", f"{prefix}/_mock/version")

        assert (got.status, got.headers["Content-Type"]) == (405, PROBLEM_JSON)
        assert got.headers["Allow"] == "GET, HEAD"
        assert got.json["detail"] == f"{prefix}/_mock/version does not take DELETE."

    def test_a_vendor_has_no_admin_paths(self, wire):
        assert wire.get("/ingrid/_mock/version").reason == "route.not_found"


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "why"),
        [
            (b"{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            (b"[]", "not an object"),
            (b"null", "not an object"),
            (b"1", "not an object"),
            (b'{"seconds": NaN}', "NaN is not JSON"),
            (b'{"seconds": 1e999}', "a number is too large"),
            (b"\xff\xfe{}", "not UTF-8"),
            (b'{"seconds": "\\ud800"}', "a string holds half of a surrogate pair"),
            (b'{"seconds":' + b"[" * 100 + b"]" * 100 + b"}", "nested deeper than 64"),
        ],
        ids=["cut", "list", "null", "number", "nan", "infinite", "utf-16", "surrogate", "deep"],
    )
    def test_a_body_that_is_no_json_object_is_a_problem(self, wire, body, why):
        got = wire("POST", "/_mock/clock/advance", body=body, headers=JSON)

        assert (got.status, got.headers["Content-Type"]) == (400, PROBLEM_JSON)
        assert got.json["detail"] == f"The body is no JSON object: {why}."

    @pytest.mark.parametrize("body", [b"", b"  \n", b"{}"])
    def test_an_empty_body_has_no_members(self, wire, body):
        got = wire("POST", "/_mock/tokens/expire", body=body, headers=JSON)

        assert (got.status, got.json) == (200, {"changed": 0})

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_body_over_the_limit_is_turned_away(self, emulator, serve, combination, method):
        served = serve(emulator.app, limits=Limits(body_bytes=100), **combination)
        fields = ("Content-Type: application/json", "Content-Length: 101")

        got = served.ask(request(f"{method.upper()} /_mock/reset HTTP/1.1", *fields, body=b" " * 101))

        assert got.status == 413
        assert emulator.sandbox.failures == []


class TestFields:
    @pytest.mark.parametrize(
        ("method", "path", "body", "field", "near"),
        [
            ("POST", "/sandboxes", {"nmae": "team"}, "nmae", "name"),
            ("PUT", "/clock", {"frosen": True}, "frosen", "frozen"),
            ("POST", "/clock/advance", {"seconds": 1, "second": 1}, "second", "seconds"),
            ("POST", "/tokens/expire", {"knid": "site"}, "knid", "kind"),
            ("POST", "/tokens/revoke", {"vendr": "ingrid"}, "vendr", "vendor"),
            ("POST", "/tokens/age", {"seconds": 1, "subjct": "x"}, "subjct", "subject"),
            ("POST", "/tokens", {"vendor": "ingrid", "kid": "site"}, "kid", "kind"),
            ("POST", "/rules", {"then": {"refuse": "rate.limited"}, "wen": {}}, "wen", "when"),
            ("POST", "/rules", {"then": {"refus": "rate.limited"}}, "then.refus", "refuse"),
            ("POST", "/rules", {"then": {"mint": {"lifetim": 1}}}, "then.mint.lifetim", "lifetime"),
            ("POST", "/rules", {"then": {"garble": True}, "when": {"vendor": "ingird"}}, "when.vendor", "ingrid"),
            ("POST", "/verify", {"exacty": 1}, "exacty", "exactly"),
            ("POST", "/verify", {"expectations": [{}, {"exacty": 1}]}, "expectations.1.exacty", "exactly"),
            ("POST", "/explain", {"token": "x", "operatoin": "y"}, "operatoin", "operation"),
            ("POST", "/keys/ingrid/rotate", {"overlp": 1}, "overlp", "overlap"),
            ("PATCH", "/options/ingrid", {"token_fromat": "opaque"}, "token_fromat", "token_format"),
            ("PUT", "/records/ingrid/sites/s", {"ttl_max": 1}, "ttl_max", "ttl_max_s"),
            ("GET", "/journal?staus=200", None, "staus", "status"),
            ("GET", "/tokens?stat=alive", None, "stat", "state"),
            ("GET", "/credentials?fromat=shell", None, "fromat", "format"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_an_unknown_name_is_told_with_its_place_and_the_nearest_one(
        self, admin, wrong, method, path, body, field, near
    ):
        assert wrong(admin(method, path, body))[field] == f"unknown name; did you mean '{near}'?"

    def test_everything_that_is_wrong_is_told_at_once(self, admin, wrong):
        body = {"then": {"refuse": "rate.limitd", "delay": "1"}, "times": 0, "when": {"nth": 0}}

        assert wrong(admin.post("/rules", body)).keys() == {"then.refuse", "then.delay", "times", "when.nth"}

    def test_a_name_with_slashes_and_tildes_is_escaped_in_its_pointer(self, admin):
        (error,) = admin.put("/clock", {"a/b~c": 1}).json["errors"]

        assert error["pointer"] == "/a~1b~0c"

    @pytest.mark.parametrize(
        "path", ["/journal?limit=1&limit=2", "/tokens?kind=a&kind=b", "/credentials?format=&format="]
    )
    def test_a_parameter_that_stands_twice_is_a_problem(self, admin, path):
        got = admin.get(path)

        assert (got.status, got.headers["Content-Type"]) == (422, PROBLEM_JSON)
        assert got.json["detail"].endswith(": stands in the query twice")

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/options/ingird"),
            ("PATCH", "/options/ingird"),
            ("POST", "/keys/ingird/rotate"),
            ("GET", "/records/ingird/sites"),
            ("POST", "/tokens"),
        ],
    )
    def test_an_unknown_vendor_is_told_with_the_nearest_one(self, admin, method, path):
        body = {"vendor": "ingird"} if path == "/tokens" else {} if method != "GET" else None

        got = admin(method, path, body)

        assert (got.status, got.headers["Content-Type"]) == (404, PROBLEM_JSON)
        assert got.json["detail"] == "'ingird': unknown name; did you mean 'ingrid'?"

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/tokens/none"),
            ("POST", "/tokens/none/expire"),
            ("POST", "/tokens/none/revoke"),
            ("GET", "/rules/none"),
            ("DELETE", "/rules/none"),
            ("GET", "/journal/none"),
            ("GET", "/sandboxes/none"),
            ("DELETE", "/sandboxes/none"),
            ("PATCH", "/records/ingrid/sites/none"),
            ("DELETE", "/records/ingrid/sites/none"),
        ],
    )
    def test_what_is_not_there_is_named_in_the_problem(self, admin, method, path):
        got = admin(method, path, {} if method in ("POST", "PATCH") else None)

        assert (got.status, got.headers["Content-Type"]) == (404, PROBLEM_JSON)
        assert "none" in got.json["detail"]
