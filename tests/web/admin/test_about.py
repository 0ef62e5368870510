"""Health, version, documents, and the notes beside a vendor's answer."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from mockserver import Emulator, Settings, __version__
from mockserver.core.rules import Rule, Then
from tests.support.wire import Wire


def _operations(emulator):
    """Method and path of everything that is emulated; `{rest*}`, which is any path, is a parameter in a document."""
    operations = [operation for vendor in emulator.vendors for operation in vendor.operations]
    return [(operation.method, operation.path.replace("*}", "}")) for operation in operations]


class TestHealth:
    @pytest.mark.parametrize("probe", ["live", "ready"])
    @pytest.mark.parametrize("prefix", ["", "/~team"])
    def test_a_probe_is_answered(self, wire, probe, prefix):
        got = wire.get(f"{prefix}/_mock/health/{probe}")

        assert (got.status, got.json) == (200, {"status": "ok"})

    def test_the_version_is_the_packages(self, wire):
        listens = {"http": "http://127.0.0.1:8080", "grpc": "127.0.0.1:8000"}

        told = wire.get("/_mock/version").json

        assert told == {"name": "mockserver", "version": __version__, "listens": listens}

    def test_asking_changes_nothing(self, sandbox, wire):
        wire.get("/_mock/health/live")

        assert len(sandbox.journal) == 0


class TestOpenapi:
    def test_the_document_names_the_server_as_called(self, wire):
        got = wire.get("/_mock/openapi.json", base_url="http://localhost:8080")

        assert got.json["openapi"] == "3.1.0"
        assert got.json["servers"] == [{"url": "http://localhost:8080"}]

    def test_below_a_sandbox_it_names_the_sandbox(self, wire):
        got = wire.get("/~team/_mock/openapi.json", base_url="http://localhost:8080")

        assert got.json["servers"] == [{"url": "http://localhost:8080/~team"}]

    def test_every_operation_is_in_it(self, emulator, wire):
        paths = wire.get("/_mock/openapi.json").json["paths"]

        told = {(method.upper(), path) for path, operations in paths.items() for method in operations}
        assert {(method, path) for method, path in _operations(emulator) if (method, path) not in told} == set()


class TestNotes:
    def test_without_annotations_an_answer_carries_the_vendors_headers_only(self, contract):
        emulator = Emulator(Settings(annotate=False, seed="tests"))
        emulator.sandbox.rules.add(Rule(then=Then(refuse="rate.limited")))

        got = Wire(emulator.app, contract).get("/ingrid/nowhere")

        assert got.status == 429
        assert [name for name in got.headers.keys() if name.startswith("X-Mock")] == []  # noqa: SIM118

    def test_with_them_it_tells_exchange_reason_and_rules(self, sandbox, wire):
        sandbox.rules.add(Rule(then=Then(refuse="rate.limited")))

        headers = wire.get("/ingrid/nowhere").headers

        assert headers["X-Mock-Exchange"] == "default-1"
        assert headers["X-Mock-Reason"] == "rate.limited"
        assert headers["X-Mock-Injected"] == "rule-1"


class TestDocs:
    @pytest.fixture
    def page(self, admin):
        return admin.get("/docs")

    def test_every_operation_is_on_the_page(self, page, emulator):
        text = page.body.decode()

        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert [each for each in _operations(emulator) if f"<code>{' '.join(each)}</code>" not in text] == []

    def test_it_holds_no_script_and_nothing_from_outside(self, page):
        text = page.body.decode().lower()

        assert "<script" not in text
        assert re.findall(r"\son\w+=|javascript:|<(?:img|iframe|link|object|embed)|@import|url\(", text) == []
        assert re.findall(r'(?:href|src)="(?:https?:)?//', text) == []

    def test_its_policy_lets_nothing_in_but_its_own_style(self, page):
        style = re.search(r"<style>(.*?)</style>", page.body.decode(), re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = dict(part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";"))

        assert policy["default-src"] == "'none'"
        assert policy["style-src"] == f"'sha256-{digest}'"
        assert "script-src" not in policy
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
