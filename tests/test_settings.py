"""Settings: flags before environment before inline JSON before file before default."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields
from datetime import timedelta

import pytest

from mockserver import Emulator, Settings
from mockserver.core.options import Choice, Span, Table, Words, declarations, plain
from mockserver.schema import load_options
from mockserver.settings import environment_name, read
from mockserver.vendors.ingrid.records import IngridRecords
from mockserver.yamltext import FileError


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """A working directory of its own: a file there counts."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def config(tmp_path):
    """A settings file, and the environment that names it."""

    def write(text: str) -> dict[str, str]:
        path = tmp_path / "settings.yaml"
        path.write_text(text)
        return {"MOCKSERVER_CONFIG": str(path)}

    return write


def told(flags: dict[str, object], environ: dict[str, str]) -> list[str]:
    with pytest.raises(FileError) as raised:
        read(flags, environ)
    return list(raised.value.problems)


class TestPrecedence:
    LAYERS = (
        ("flags", {"port": 1}),
        ("environment", {"MOCKSERVER_PORT": "2"}),
        ("PORT", {"PORT": "3"}),
        ("inline JSON", {"MOCKSERVER_CONFIG_JSON": '{"port": 4}'}),
        ("file", {}),
        ("default", {}),
    )

    @pytest.mark.parametrize("first", range(len(LAYERS)), ids=[name for name, _ in LAYERS])
    def test_the_first_layer_that_says_something_counts(self, config, first):
        flags, environ = {}, {}
        for name, layer in self.LAYERS[first:]:
            if name == "flags":
                flags = layer
            elif name == "file":
                environ |= config("port: 5")
            else:
                environ |= layer

        assert read(flags, environ).port == [1, 2, 3, 4, 5, 8080][first]

    @pytest.mark.parametrize(("environ", "port"), [({}, 0), ({"PORT": "3"}, 3)], ids=["nobody", "somebody"])
    def test_what_holds_unless_said_holds_where_nobody_says_otherwise(self, environ, port):
        assert read({}, environ, unless_said={"port": 0}).port == port

    def test_where_a_running_server_is_found_is_no_setting(self):
        told = {"MOCKSERVER_URL": "http://127.0.0.1:1", "MOCKSERVER_TLS_URL": "x", "MOCKSERVER_CA_FILE": "ca.pem"}

        assert read({}, told) == Settings()

    def test_layers_are_merged_setting_by_setting(self, config):
        environ = {
            "MOCKSERVER_SEED": "env",
            "MOCKSERVER_CONFIG_JSON": '{"host": "::1", "seed": "inline"}',
            **config("annotate: false\nhost: localhost\nseed: file"),
        }

        settings = read({"port": 0}, environ)

        assert (settings.port, settings.seed, settings.host, settings.annotate) == (0, "env", "::1", False)

    def test_a_flag_that_was_not_given_says_nothing(self):
        assert read({"port": None, "seed": None}, {"MOCKSERVER_PORT": "9"}).port == 9

    def test_without_anything_the_defaults_count(self):
        assert read({}, {}) == Settings()

    def test_a_file_of_the_usual_name_counts_by_itself(self, tmp_path):
        (tmp_path / "mockserver.yaml").write_text("port: 7")

        assert read({}, {}).port == 7

    def test_a_file_that_is_named_counts_instead_of_the_usual_one(self, tmp_path, config):
        (tmp_path / "mockserver.yaml").write_text("port: 7")

        assert read({}, config("seed: x")).port == 8080

    def test_other_variables_are_nobodys_business(self):
        assert read({}, {"PATH": "/bin", "MOCK": "1", "mockserver_port": "9"}) == Settings()


class TestEnvironment:
    GIVEN = {  # noqa: RUF012
        "host": ("0.0.0.0", "0.0.0.0"),
        "port": ("0", 0),
        "tls": ("auto", "auto"),
        "tls_port": ("0", 0),
        "tls_certificate": ("chain.pem", "chain.pem"),
        "tls_key": ("key.pem", "key.pem"),
        "grpc_port": ("8000, 8080", (8000, 8080)),
        "public_url": ("https://mock.example/base", "https://mock.example/base"),
        "scenario": ("world.yaml", "world.yaml"),
        "scenario_yaml": ("seed: x\nclock: {frozen: true}", "seed: x\nclock: {frozen: true}"),
        "seed": ("42", "42"),
        "options": ('{"ingrid": {"token_format": "opaque"}}', {"ingrid": {"token_format": "opaque"}}),
        "vendors": ("ingrid, other", ("ingrid", "other")),
        "auto_sandboxes": ("false", False),
        "sandbox_limit": ("5", 5),
        "admin_token": ("let-me-in", "let-me-in"),
        "annotate": ("FALSE", False),
    }

    def test_every_setting_is_tried_here(self):
        assert set(self.GIVEN) == {field.name for field in fields(Settings)}

    def test_every_setting_is_declared_with_a_reason(self):
        assert [declared.name for declared in declarations(Settings) if not declared.why] == []
        assert {declared.attribute for declared in declarations(Settings)} == {field.name for field in fields(Settings)}

    @pytest.mark.parametrize("name", GIVEN)
    def test_every_setting_can_be_given_by_environment(self, name):
        text, value = self.GIVEN[name]

        settings = read({}, {environment_name(name): text})

        assert getattr(settings, name) == value != getattr(Settings(), name)

    def test_options_may_be_yaml(self):
        settings = read({}, {"MOCKSERVER_OPTIONS": "ingrid:\n  accept_form: false\n"})

        assert settings.options == {"ingrid": {"accept_form": False}}

    def test_an_empty_port_is_none(self):
        assert read({}, {"PORT": ""}).port == 8080


class TestProblems:
    @pytest.mark.parametrize(
        ("flags", "environ", "problem"),
        [
            ({"port": 70000}, {}, "--port: not a whole number from 0 to 65535"),
            ({"sandbox_limit": 0}, {}, "--sandbox-limit: not a whole number from 1 to 1000000"),
            ({}, {"MOCKSERVER_PORT": "http"}, "MOCKSERVER_PORT: not a whole number from 0 to 65535"),
            ({}, {"MOCKSERVER_PORT": "-1"}, "MOCKSERVER_PORT: not a whole number from 0 to 65535"),
            ({}, {"MOCKSERVER_PORT": "--5"}, "MOCKSERVER_PORT: not a whole number from 0 to 65535"),
            ({}, {"MOCKSERVER_PORT": "8080.0"}, "MOCKSERVER_PORT: not a whole number from 0 to 65535"),
            ({}, {"MOCKSERVER_PORT": ""}, "MOCKSERVER_PORT: not a whole number from 0 to 65535"),
            ({}, {"MOCKSERVER_PORT": "1" * 5000}, "MOCKSERVER_PORT: not a whole number from 0 to 65535"),
            ({}, {"PORT": "http"}, "PORT: not a whole number from 0 to 65535"),
            ({}, {"MOCKSERVER_ANNOTATE": "yes"}, "MOCKSERVER_ANNOTATE: not true or false"),
            ({}, {"MOCKSERVER_ANNOTATE": "1"}, "MOCKSERVER_ANNOTATE: not true or false"),
            ({}, {"MOCKSERVER_PUBLIC_URL": "mock.example"}, "MOCKSERVER_PUBLIC_URL: not an http or https URL"),
            ({}, {"MOCKSERVER_VENDORS": "a b"}, "MOCKSERVER_VENDORS: not names of vendors"),
            ({}, {"MOCKSERVER_OPTIONS": "[1]"}, "MOCKSERVER_OPTIONS:1: must hold a mapping, not a list"),
            ({}, {"MOCKSERVER_PROT": "1"}, "MOCKSERVER_PROT: unknown name; did you mean 'MOCKSERVER_PORT'?"),
            ({}, {"MOCKSERVER_CONFG": "x"}, "MOCKSERVER_CONFG: unknown name; did you mean 'MOCKSERVER_CONFIG'?"),
            (
                {},
                {"MOCKSERVER_CONFIG_JSON": '{"prot": 1}'},
                "MOCKSERVER_CONFIG_JSON:1: prot: unknown name; did you mean 'port'?",
            ),
            (
                {},
                {"MOCKSERVER_CONFIG_JSON": '{\n"port": "1"}'},
                "MOCKSERVER_CONFIG_JSON:2: port: not a whole number from 0 to 65535",
            ),
            ({}, {"MOCKSERVER_CONFIG_JSON": "[]"}, "MOCKSERVER_CONFIG_JSON:1: must hold a mapping, not a list"),
            ({}, {"MOCKSERVER_CONFIG_JSON": '{"port":'}, "MOCKSERVER_CONFIG_JSON:1: "),
            ({}, {"MOCKSERVER_CONFIG": "nothing.yaml"}, "nothing.yaml: cannot be read: No such file or directory"),
        ],
    )
    def test_a_problem_names_its_place(self, flags, environ, problem):
        [line] = told(flags, environ)

        assert line.startswith(problem)

    @pytest.mark.parametrize(
        ("text", "line", "problem"),
        [
            ("seed: x\nprot: 1\n", 2, "prot: unknown name; did you mean 'port'?"),
            ("seed: x\n\nport: '8080'\n", 3, "port: not a whole number from 0 to 65535"),
            ("port: true\n", 1, "port: not a whole number from 0 to 65535"),
            ("annotate: 'true'\n", 1, "annotate: not true or false"),
            ("vendors: [INGRID]\n", 1, "vendors: not names of vendors"),
            ("options: [1]\n", 1, "options: not a mapping"),
            ("port: 1\nport: 2\n", 2, "port stands here twice"),
            ("port: null\n", 1, "port: Field may not be null."),
        ],
    )
    def test_a_problem_in_a_file_names_file_and_line(self, config, text, line, problem):
        environ = config(text)

        assert told({}, environ) == [f"{environ['MOCKSERVER_CONFIG']}:{line}: {problem}"]


@pytest.mark.parametrize(
    ("host", "only"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("::", False), ("10.0.0.1", False)],
)
def test_a_server_on_loopback_is_reached_by_this_machine_only(host, only):
    assert Settings(host=host).loopback_only is only


def test_a_list_of_vendors_can_be_said_inline():
    settings = read({}, {"MOCKSERVER_CONFIG_JSON": '{"vendors": ["ingrid", "other"]}'})

    assert settings.vendors == ("ingrid", "other")


class TestTheWayAroundTheSchema:
    """What needs no schema gets none; it makes no difference."""

    VALUES = (
        True,
        False,
        0,
        1,
        -1,
        8080,
        65_535,
        65_536,
        1.0,
        "",
        "x",
        "8080",
        "true",
        "refuse",
        "http://x",
        "a\nb",
        None,
    )

    @pytest.mark.parametrize("value", VALUES, ids=repr)
    @pytest.mark.parametrize("declared", tuple(declarations(Settings)), ids=lambda declared: declared.name)
    def test_what_is_plain_passes_the_schema_as_it_is(self, declared, value):
        if plain(declared.kind, value):
            assert getattr(load_options(Settings, {declared.name: value}), declared.attribute) == value

    @pytest.mark.parametrize("kind", [Words(), Table(), Span(0, 9)], ids=repr)
    def test_what_must_be_converted_is_never_plain(self, kind):
        assert not any(plain(kind, value) for value in self.VALUES)

    def test_a_choice_is_plain_if_it_is_one(self):
        assert [plain(Choice(("off", "auto")), value) for value in ("auto", "on", True)] == [True, False, False]


def test_where_only_some_are_needed_the_others_are_not_looked_at(config):
    environ = {
        "MOCKSERVER_GRPC_PORT": "8000",
        "MOCKSERVER_CONFIG_JSON": '{"vendors": ["ingrid"], "tls": "auto"}',
        **config("options: [1]\nport: 7"),
    }

    assert read({"seed": "x"}, environ, only=("port", "tls")) == Settings(port=7, tls="auto")


def test_an_unknown_name_is_told_whatever_is_needed():
    with pytest.raises(FileError, match=r"^MOCKSERVER_PROT: unknown name"):
        read({}, {"MOCKSERVER_PROT": "1"}, only=("port",))


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"MOCKSERVER_GRPC_PORT": "8000,8080", "MOCKSERVER_VENDORS": "ingrid", "MOCKSERVER_OPTIONS": "{}"},
        {"MOCKSERVER_CONFIG_JSON": '{"vendors": ["ingrid"], "grpc_port": [8000]}'},
    ],
    ids=["alone", "by environment", "inline"],
)
def test_a_health_check_loads_neither_the_schema_library_nor_the_server(told):
    program = """
import sys
from mockserver.cli import main

try:
    main(["healthcheck", "--port", "1"])
finally:
    heavy = {"marshmallow", "flask", "werkzeug", "uvicorn", "requests", "cryptography", "jwt", "grpc", "google"}
    print(*heavy & set(sys.modules))
"""
    environ = {**os.environ, "MOCKSERVER_HOST": "0.0.0.0", "MOCKSERVER_ANNOTATE": "true", **told}

    ran = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stdout) == (1, "\n"), ran.stderr


class TestAScenarioByEnvironmentAlone:
    def test_it_counts_as_a_file_would(self):
        environ = {"MOCKSERVER_SCENARIO_YAML": "seed: alone\ningrid: {sites: [{id: site_demo, ttl_max_s: 60}]}"}

        emulator = Emulator(read({}, environ))

        assert emulator.sandboxes.scenario.seed == "alone"
        assert emulator.sandbox.get(IngridRecords).sites["site_demo"].ttl_max == timedelta(seconds=60)

    def test_json_is_yaml(self):
        environ = {"MOCKSERVER_SCENARIO_YAML": '{"clock": {"now": "2030-01-01T00:00:00Z", "frozen": true}}'}

        assert Emulator(read({}, environ)).sandbox.clock.now().year == 2030

    def test_what_is_wrong_in_it_is_told_with_its_line(self):
        with pytest.raises(FileError, match=r"^scenario_yaml:2: ingrid\.sits: "):
            Emulator(read({}, {"MOCKSERVER_SCENARIO_YAML": "ingrid:\n  sits: []"}))

    def test_beside_a_file_only_one_can_count(self):
        with pytest.raises(FileError, match=r"^scenario_yaml: stands beside scenario"):
            Emulator(Settings(scenario="world.yaml", scenario_yaml="seed: x"))
