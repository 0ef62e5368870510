"""pytest fixtures: an emulator for the session, a fresh sandbox for each test, its journal under a failing one.

Nothing but pytest and the standard library is loaded before a test asks for it.
"""

from __future__ import annotations

import hashlib
import os
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from mockserver.client import Exchange, Mockserver, Sandbox

KEYWORDS = ("at", "seed", "scenario", "options")
MARKER = (
    "mockserver(at, seed, scenario, options): the world of this test: the instant at which its clock is frozen (text "
    "or datetime); a seed, which makes its credentials and tokens repeat; a scenario (mapping, or path of a YAML "
    "file, from the test's folder on); options by vendor."
)
SECTION = "mockserver journal"
_SANDBOX = pytest.StashKey["Sandbox"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the emulator is, if it is not to be started here."""
    group = parser.getgroup("mockserver")
    group.addoption(
        "--mockserver-url", metavar="URL", help="a running emulator, in place of one in this process [MOCKSERVER_URL]"
    )
    group.addoption("--mockserver-admin-token", metavar="TOKEN", help="if it is guarded [MOCKSERVER_ADMIN_TOKEN]")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture(scope="session")
def mockserver(pytestconfig: pytest.Config) -> Iterator[Mockserver]:
    """One emulator for the session: in this process, or the one at `--mockserver-url`."""
    from mockserver.client import Mockserver  # noqa: PLC0415  (loaded when a test asks for it)

    url = pytestconfig.getoption("--mockserver-url") or os.environ.get("MOCKSERVER_URL")
    token = pytestconfig.getoption("--mockserver-admin-token") or os.environ.get("MOCKSERVER_ADMIN_TOKEN")
    if url:
        with Mockserver(url, token) as server:
            _must_answer(server)
            yield server
        return
    from mockserver import Emulator  # noqa: PLC0415
    from mockserver.settings import read  # noqa: PLC0415

    with Emulator(read({"port": 0, "tls_port": 0})) as emulator, Mockserver(emulator.url) as server:
        yield server


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, mockserver: Mockserver) -> Iterator[Sandbox]:
    """A world of this test's own, with URLs and credentials of its own; forgotten after it."""
    wanted = _wanted(request.node)
    at = wanted.pop("at", None)
    if isinstance(wanted.get("scenario"), (str, Path)):
        wanted["scenario"] = _scenario(request.path.parent / wanted["scenario"])
    if "seed" in wanted:
        wanted["name"] = _name(request.node.nodeid)
    with mockserver.sandbox(**wanted) as made:
        if at is not None:
            made.clock.set(at, frozen=True)
        request.node.stash[_SANDBOX] = made
        yield made
        del request.node.stash[_SANDBOX]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse a marker that says what no sandbox can be told, also where nobody asks for a sandbox."""
    _wanted(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that met a bug of the emulator: what it saw there was not the vendor's answer."""
    outcome = yield
    made = item.stash.get(_SANDBOX, None)
    bugs = _bugs(made) if made else ()
    if bugs:
        pytest.fail(
            f"a bug in mockserver answered {', '.join(bug.id for bug in bugs)}; please report it", pytrace=False
        )
    return outcome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell under a failing test what happened in its sandbox."""
    del call
    report = yield
    made = item.stash.get(_SANDBOX, None)
    if report.failed and made:
        report.sections.append((SECTION, _told(made)))
    return report


def _wanted(item: pytest.Item) -> dict[str, Any]:
    """What the markers say, the nearest ones first."""
    wanted: dict[str, Any] = {}
    for marker in item.iter_markers("mockserver"):
        if marker.args:
            pytest.fail(f"@pytest.mark.mockserver takes keywords only: {', '.join(KEYWORDS)}", pytrace=False)
        for name in marker.kwargs:
            if name not in KEYWORDS:
                pytest.fail(f"@pytest.mark.mockserver: {_unknown(name)}", pytrace=False)
        wanted = {**marker.kwargs, **wanted}
    return wanted


def _unknown(name: str) -> str:
    from mockserver.client.names import unknown  # noqa: PLC0415

    return unknown(name, KEYWORDS)


def _scenario(path: Path) -> dict[str, Any]:
    # Files that it names are this machine's, and the server may be on another.
    from mockserver.scenarios import contents  # noqa: PLC0415
    from mockserver.yamltext import FileError  # noqa: PLC0415

    try:
        return contents(path)
    except FileError as error:
        pytest.fail(f"@pytest.mark.mockserver: {error}", pytrace=False)


def _name(nodeid: str) -> str:
    """The same for the same test: credentials come of name and seed."""
    return f"test-{hashlib.sha256(nodeid.encode()).hexdigest()[:16]}"


def _must_answer(server: Mockserver) -> None:
    from mockserver.client import MockserverError  # noqa: PLC0415

    try:
        server.version  # noqa: B018  (whether it can be read)
    except MockserverError as error:
        pytest.fail(f"mockserver: {error}", pytrace=False)


def _bugs(made: Sandbox) -> tuple[Exchange, ...]:
    from mockserver.client import MockserverError  # noqa: PLC0415

    try:
        return made.journal.list(outcome="failed")
    except MockserverError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return ()  # the test has deleted its sandbox


def _told(made: Sandbox) -> str:
    from mockserver.client import MockserverError  # noqa: PLC0415

    try:
        return made.journal.text() or "no exchange"
    except MockserverError as error:
        return f"cannot be read: {error}"
