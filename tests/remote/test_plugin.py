"""The pytest plugin, installed as its entry point says, in a pytest of its own: here, and on a server elsewhere."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from mockserver import Emulator, Settings
from mockserver.client import Mockserver
from mockserver.vendors.ingrid.options import IngridOptions

ROOT = Path(__file__).parents[2]
HEAVY = {"flask", "werkzeug", "requests", "marshmallow", "cryptography", "jwt", "yaml", "click", "uvicorn"}

REFUSED = """
    import requests

    def ask(sandbox):
        url = sandbox.ingrid.api_base + "/v1/delivery/options"
        return requests.post(url, json={}, headers={"Authorization": "Bearer null"}, timeout=10).status_code
"""


@pytest.fixture
def project(pytester, monkeypatch):
    """A project of somebody who has installed the plugin."""
    for name in ("MOCKSERVER_URL", "MOCKSERVER_ADMIN_TOKEN", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"]
    installed = pytester.mkdir("installed") / "mockserver-0.dist-info"
    installed.mkdir()
    installed.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: mockserver\nVersion: 0\n")
    lines = [f"{name} = {module}\n" for name, module in points.items()]
    installed.joinpath("entry_points.txt").write_text("".join(["[pytest11]\n", *lines]))
    monkeypatch.setenv("PYTHONPATH", f"{installed.parent}:{ROOT}")
    pytester.makepyfile(refused=REFUSED)
    return pytester


@pytest.fixture(params=["in-process", "at-a-url"])
def tried(project, request, served):
    """Run tests on an emulator in their process, and on another."""
    elsewhere = [f"--mockserver-url={served.url}"] if request.param == "at-a-url" else []

    def run(code, *arguments):
        project.makepyfile(test_it=code)
        return _run(project, *elsewhere, *arguments)

    return run


def _run(project, *arguments):
    return project.runpytest_subprocess(
        "-p", "no:randomly", "-p", "no:cacheprovider", "--strict-markers", "-W", "error", *arguments, timeout=60
    )


def test_nothing_heavy_is_loaded_with_it(project):
    code = f"import sys, mockserver.pytest_plugin; print(sorted({HEAVY!r} & set(sys.modules)))"

    assert project.run(sys.executable, "-c", code).outlines == ["[]"]


def test_nothing_more_of_ours_is_loaded_by_a_run_that_asks_for_nothing(project):
    code = """
        import sys

        def test_it():
            ours = {name for name in sys.modules if name.partition(".")[0] == "mockserver"}
            assert ours == {"mockserver", "mockserver.pytest_plugin"}
    """
    project.makepyfile(test_it=code)

    _run(project).assert_outcomes(passed=1)


def test_options_and_marker_are_known(project):
    project.run(sys.executable, "-m", "pytest", "--markers").stdout.fnmatch_lines(["@pytest.mark.mockserver(at, *"])
    project.run(sys.executable, "-m", "pytest", "--help").stdout.fnmatch_lines(["*--mockserver-url=URL*"])


def test_each_test_has_a_fresh_world_that_is_forgotten(tried):
    code = """
        from refused import ask

        names = []

        def test_one(sandbox):
            names.append(sandbox.name)
            assert ask(sandbox) == 401

        def test_two(sandbox, mockserver):
            names.append(sandbox.name)
            assert sandbox.journal.count() == 0
            assert names[0] != names[1]
            assert names[0] not in [each.name for each in mockserver.sandboxes()]
    """

    tried(code).assert_outcomes(passed=2)


def test_a_test_may_delete_its_world_itself(tried):
    tried("def test_it(sandbox): sandbox.delete()").assert_outcomes(passed=1)


def test_the_marker_makes_the_world(tried):
    code = """
        from datetime import UTC, datetime
        import pytest

        MOMENT = datetime(2030, 1, 1, tzinfo=UTC)

        @pytest.mark.mockserver(at="2030-01-01T00:00:00Z")
        def test_text(sandbox):
            assert (sandbox.clock.now, sandbox.clock.frozen) == (MOMENT, True)

        @pytest.mark.mockserver(at=MOMENT)
        def test_datetime(sandbox):
            assert (sandbox.clock.now, sandbox.clock.frozen) == (MOMENT, True)

        @pytest.mark.mockserver(options={"ingrid": {"token_format": "opaque"}})
        def test_options(sandbox):
            assert sandbox.options.get("ingrid")["token_format"] == "opaque"

        @pytest.mark.mockserver(scenario={"ingrid": {"sites": [{"id": "mine"}]}})
        def test_scenario(sandbox):
            assert [site["id"] for site in sandbox.records.list("ingrid", "sites")] == ["mine"]
    """

    tried(code).assert_outcomes(passed=4)


def test_a_nearer_marker_has_the_word_and_the_others_stay(tried):
    code = """
        import pytest

        @pytest.mark.mockserver(at="2030-01-01T00:00:00Z", options={"ingrid": {"token_format": "opaque"}})
        class TestIt:
            @pytest.mark.mockserver(at="2040-01-01T00:00:00Z")
            def test_it(self, sandbox):
                assert sandbox.clock.now.year == 2040
                assert sandbox.options.get("ingrid")["token_format"] == "opaque"
    """

    tried(code).assert_outcomes(passed=1)


def test_a_seed_gives_a_test_the_same_credentials_again(tried):
    code = """
        from pathlib import Path
        import pytest

        @pytest.mark.mockserver(seed="1", at="2030-01-01T00:00:00Z")
        def test_it(sandbox):
            with Path("seen").open("a") as seen:
                print(sandbox.ingrid.service_account_id, sandbox.tokens.list(), file=seen)
    """

    for _ in range(2):
        tried(code).assert_outcomes(passed=1)

    assert len(set(Path("seen").read_text().splitlines())) == 1


def test_a_scenario_file_is_read_here_with_the_files_it_names(tried, project):
    folder = project.mkdir("worlds")
    folder.joinpath("name.txt").write_text("mine")
    folder.joinpath("world.yaml").write_text("ingrid: {sites: [{id_file: name.txt}]}\n")
    code = """
        import pytest

        @pytest.mark.mockserver(scenario="worlds/world.yaml")
        def test_it(sandbox):
            assert [site["id"] for site in sandbox.records.list("ingrid", "sites")] == ["mine"]

        @pytest.mark.mockserver(scenario="worlds/gone.yaml")
        def test_gone(sandbox):
            pass
    """

    ended = tried(code)

    ended.assert_outcomes(passed=1, errors=1)
    ended.stdout.fnmatch_lines(["*worlds/gone.yaml: cannot be read: No such file or directory"])


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("sede=1", "*unknown name 'sede'; did you mean 'seed'?"),
        ("'2030-01-01T00:00:00Z'", "*takes keywords only: at, seed, scenario, options"),
    ],
)
def test_a_marker_that_makes_no_sense_is_an_error_also_where_nobody_asks_for_a_sandbox(tried, marker, said):
    ended = tried(f"import pytest\n@pytest.mark.mockserver({marker})\ndef test_it(): pass")

    ended.assert_outcomes(errors=1)
    ended.stdout.fnmatch_lines([said])


def test_the_journal_is_shown_under_a_failing_test_and_no_other(tried):
    code = """
        from refused import ask

        def test_failing(sandbox):
            assert ask(sandbox) == 200

        def test_passing(sandbox):
            assert ask(sandbox) == 401
    """

    ended = tried(code)

    ended.assert_outcomes(passed=1, failed=1)
    ended.stdout.fnmatch_lines(
        [
            "*- mockserver journal -*",
            "*-1 ingrid: POST /v1/delivery/options 401 token.malformed",
            "    token.malformed: seen null, wanted b64token *",
        ]
    )
    assert ended.stdout.str().count("mockserver journal") == 1


def test_many_workers_do_not_meet(tried):
    code = """
        import pytest
        from refused import ask

        @pytest.mark.parametrize("number", range(12))
        def test_it(sandbox, number):
            assert ask(sandbox) == 401
            assert sandbox.journal.count() == 1

        def test_failing(sandbox):
            assert ask(sandbox) == 200
    """

    ended = tried(code, "-n", "2")

    ended.assert_outcomes(passed=12, failed=1)
    ended.stdout.fnmatch_lines(["*-1 ingrid: POST /v1/delivery/options 401 token.malformed"])


MEETS_A_BUG = """
    from refused import ask

    def test_it(sandbox):
        ask(sandbox)
"""
BROKEN = """
    from dataclasses import replace
    from mockserver import emulator
    from mockserver.vendors.ingrid.options import IngridOptions

    whole = emulator._scenario

    def broken(*given):
        scenario = whole(*given)
        return replace(scenario, options={**scenario.options, IngridOptions: IngridOptions(problem_style="nonsense")})

    emulator._scenario = broken
"""


def test_a_bug_of_the_emulator_in_this_process_fails_the_test_that_met_it(project):
    project.makeconftest(BROKEN)
    project.makepyfile(test_it=MEETS_A_BUG)

    ended = _run(project)

    _tells_of_the_bug(ended)


def test_a_bug_of_the_emulator_elsewhere_fails_the_test_that_met_it(project):
    project.makepyfile(test_it=MEETS_A_BUG)
    with Emulator(Settings(port=0)) as emulator:
        scenario = emulator.sandboxes.scenario
        options = {**scenario.options, IngridOptions: IngridOptions(problem_style="nonsense")}
        emulator.sandboxes.scenario = replace(scenario, options=options)

        ended = _run(project, f"--mockserver-url={emulator.url}")

    _tells_of_the_bug(ended)


def _tells_of_the_bug(ended):
    ended.assert_outcomes(failed=1)
    ended.stdout.fnmatch_lines(["a bug in mockserver answered *-1; please report it", "*500*(a bug in mockserver)"])


class TestElsewhere:
    CODE = "def test_it(mockserver, sandbox):\n    sandbox.clock.freeze()\n    print(mockserver.url)"

    def test_the_url_may_stand_in_the_environment(self, project, served, monkeypatch):
        monkeypatch.setenv("MOCKSERVER_URL", served.url)
        project.makepyfile(test_it=self.CODE)

        ended = _run(project, "-s")

        ended.assert_outcomes(passed=1)
        assert served.url in ended.stdout.str()

    @pytest.mark.parametrize("way", ["flag", "environment"])
    def test_a_guarded_one_is_opened_with_the_admin_token(self, project, monkeypatch, way):
        flag = ["--mockserver-admin-token=open-sesame"] if way == "flag" else []
        if way == "environment":
            monkeypatch.setenv("MOCKSERVER_ADMIN_TOKEN", "open-sesame")
        project.makepyfile(test_it=self.CODE)
        with Emulator(Settings(port=0, admin_token="open-sesame")) as emulator:
            _run(project, f"--mockserver-url={emulator.url}", *flag).assert_outcomes(passed=1)

    def test_one_that_does_not_answer_is_an_error_of_one_line(self, project):
        project.makepyfile(test_it=self.CODE)

        ended = _run(project, "--mockserver-url=http://127.0.0.1:1")

        ended.assert_outcomes(errors=1)
        ended.stdout.fnmatch_lines(["mockserver: no answer from http://127.0.0.1:1: Connection refused"])

    def test_nothing_is_left_there(self, project, served):
        with Mockserver(served.url) as server:
            before = {sandbox.name for sandbox in server.sandboxes()}
            project.makepyfile(test_it=self.CODE)

            _run(project, f"--mockserver-url={served.url}").assert_outcomes(passed=1)

            assert {sandbox.name for sandbox in server.sandboxes()} == before
