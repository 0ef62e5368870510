"""Credentials as text: JSON, lines of a dotenv file, lines for a shell; read back by `sh`."""

from __future__ import annotations

import shlex
import subprocess

import pytest

TEXT = "text/plain; charset=utf-8"


@pytest.fixture
def wanted(admin):
    return admin.get("/credentials").json["ingrid"]


@pytest.fixture
def read_back(tmp_path):
    """The variables that `sh` has after reading a text, each printed by a program of its own."""

    def values(text: bytes, names, show: str) -> dict[str, str]:
        path = tmp_path / "credentials"
        path.write_bytes(text)
        return {name: _shown(path, name, show) for name in names}

    return values


def _shown(path, name, show):
    script = f'. {shlex.quote(str(path))}; printf "{show}" "${name}"'
    return subprocess.run(["/bin/sh", "-euc", script], check=True, capture_output=True, text=True).stdout


def test_json_is_the_usual_form(admin, wanted):
    assert admin.get("/credentials?format=json").json == {"ingrid": wanted}
    assert wanted["SERVICE_ACCOUNT_PRIVATE_KEY"].count("\n") > 20


@pytest.mark.parametrize(
    ("form", "show"),
    [
        pytest.param("shell", "%s", id="shell"),
        pytest.param("dotenv", "%b", id="dotenv"),
    ],
)
def test_sh_reads_back_every_value(admin, wanted, read_back, form, show):
    """In a dotenv line `\\n` stands for the end of a line, as its readers have it."""
    got = admin.get(f"/credentials?format={form}")

    assert got.headers["Content-Type"] == TEXT
    assert read_back(got.body, wanted, show) == wanted


def test_the_lines_of_a_shell_are_exported(admin, wanted, tmp_path):
    path = tmp_path / "credentials"
    path.write_bytes(admin.get("/credentials?format=shell").body)

    script = f". {shlex.quote(str(path))}; exec env"
    environment = subprocess.run(["/bin/sh", "-euc", script], check=True, capture_output=True, text=True).stdout

    assert f"SITE_ID={wanted['SITE_ID']}\n" in environment


def test_a_dotenv_file_has_one_line_for_every_name(admin, wanted):
    lines = admin.get("/credentials?format=dotenv").body.decode().splitlines()

    assert [line.partition("=")[0] for line in lines] == list(wanted)


@pytest.mark.parametrize("value", ["a'b", 'a"b', "a$HOME", "a\\b", "a b", "a;b", "a\nb", "å", "$(id)", "#x"])
def test_no_value_escapes_its_quotes(admin, read_back, value):
    admin.patch("/records/ingrid/service_accounts/sa_demo", {"sites": [value]})

    shell = read_back(admin.get("/credentials?format=shell").body, ["SITE_ID"], "%s")
    dotenv = read_back(admin.get("/credentials?format=dotenv").body, ["SITE_ID"], "%s")

    assert shell["SITE_ID"] == value
    assert dotenv["SITE_ID"] == value.replace("\n", "\\n")


@pytest.mark.parametrize("form", ["yaml", "", "JSON"])
def test_a_form_that_is_none_is_a_problem(admin, wrong, form):
    assert wrong(admin.get(f"/credentials?format={form}")).keys() == {"format"}


def test_below_a_sandbox_they_lead_there(team):
    text = team.get("/credentials?format=shell").body.decode()

    assert "export MERCHANTS_API_BASE='http://localhost/~team/ingrid'\n" in text
