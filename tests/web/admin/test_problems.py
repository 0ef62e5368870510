"""How the admin API says no: RFC 9457, with the place and the nearest name."""

from __future__ import annotations

import pytest

from mockserver import Emulator, Settings
from mockserver.core.journal import Journal
from mockserver.web.server import Limits
from tests.support.wire import Wire
from tests.web.admin.conftest import Admin
from tests.web.rawsocket import request

pytest_plugins = ("tests.web.serving",)

PROBLEM_JSON = "application/problem+json"
JSON = {"Content-Type": "application/json"}
NOBODY = "00000000-0000-4000-8000-000000000000"


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
            ("POST", "/tokens/expire", {"vendor": "ingird"}, "vendor", "ingrid"),
            ("POST", "/tokens/revoke", {"kind": "sight"}, "kind", "site"),
            ("POST", "/verify", {"vendor": "ingird", "exactly": 0}, "vendor", "ingrid"),
            ("POST", "/verify", {"operation": "ingrid.mint_site_tokn"}, "operation", "ingrid.mint_site_token"),
            ("GET", "/journal?vendor=ingird", None, "vendor", "ingrid"),
            ("GET", "/tokens?kind=sit", None, "kind", "site"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_an_unknown_name_is_told_with_its_place_and_the_nearest_one(
        self, admin, wrong, method, path, body, field, near
    ):
        assert wrong(admin(method, path, body))[field] == f"unknown name; did you mean '{near}'?"

    def test_everything_that_is_wrong_is_told_at_once(self, admin, wrong):
        body = {"then": {"drop": "never", "delay": "1"}, "times": 0, "when": {"nth": 0}}

        assert wrong(admin.post("/rules", body)).keys() == {"then.drop", "then.delay", "times", "when.nth"}

    def test_a_name_with_slashes_and_tildes_is_escaped_in_its_pointer(self, admin):
        (error,) = admin.put("/clock", {"a/b~c": 1}).json["errors"]

        assert error["pointer"] == "/a~1b~0c"

    @pytest.mark.parametrize(
        ("path", "field"),
        [
            ("/journal?limit=1&limit=2", "limit"),
            ("/tokens?state=alive&kind=a&kind=b", "kind"),
            ("/credentials?format=&format=", "format"),
        ],
    )
    def test_a_parameter_that_stands_twice_is_told_by_its_field(self, admin, wrong, path, field):
        assert wrong(admin.get(path)) == {field: "stands in the query twice"}

    @pytest.mark.parametrize(
        ("method", "path", "why"),
        [
            ("DELETE", "/clock?now=x", "nothing here reads a query"),
            ("DELETE", "/journal?now=x", "nothing here reads a query"),
            ("POST", "/tokens/expire?now=x", "nothing here reads a query; it belongs into the body"),
            ("PUT", "/clock?now=x", "nothing here reads a query; it belongs into the body"),
        ],
    )
    def test_a_query_that_nobody_reads_is_told_by_its_field(self, admin, wrong, method, path, why):
        assert wrong(admin(method, path, {} if method in ("POST", "PUT") else None)) == {"now": why}

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/options/ingird"),
            ("PATCH", "/options/ingird"),
            ("POST", "/keys/ingird/rotate"),
            ("GET", "/records/ingird/sites"),
        ],
    )
    def test_an_unknown_vendor_is_told_with_the_nearest_one(self, admin, method, path):
        got = admin(method, path, {} if method != "GET" else None)

        assert (got.status, got.headers["Content-Type"]) == (404, PROBLEM_JSON)
        assert got.json["detail"] == "'ingird': unknown name; did you mean 'ingrid'?"

    @pytest.mark.parametrize(
        ("method", "path"),
        [
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

    @pytest.mark.parametrize(("method", "end"), [("GET", ""), ("POST", "/expire"), ("POST", "/revoke")])
    @pytest.mark.parametrize(
        ("name", "detail"),
        [
            (NOBODY, f"No token '{NOBODY}' is remembered in sandbox 'default'."),
            ("none", "The emulator has no /_mock/tokens/none"),
            ("default-1", "The emulator has no /_mock/tokens/default-1"),
        ],
        ids=["uuid", "word", "exchange"],
    )
    def test_a_token_goes_by_a_uuid_and_by_nothing_else(self, admin, method, end, name, detail):
        got = admin(method, f"/tokens/{name}{end}", {} if end else None)

        assert (got.status, got.headers["Content-Type"]) == (404, PROBLEM_JSON)
        assert got.json["detail"].startswith(detail)


class TestBugs:
    def test_an_admin_call_that_fails_by_a_bug_of_ours_is_a_problem_and_kept(self, contract, monkeypatch):
        emulator, bug = Emulator(Settings(seed="tests")), RuntimeError("a bug")
        admin = Admin(Wire(emulator.app, contract))

        def fail(_journal):
            raise bug

        monkeypatch.setattr(Journal, "clear", fail)

        answer = emulator.app.test_client().delete("/_mock/journal")

        assert (answer.status_code, answer.content_type) == (500, PROBLEM_JSON)
        assert answer.get_json(force=True)["detail"] == "A bug in mockserver."
        assert emulator.sandbox.failures == [bug]
        assert admin.get("/sandboxes/default").json["failures"] == 1
