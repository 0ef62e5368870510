"""Credentials as text: JSON, a dotenv file, lines for a shell; read back by `sh`."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest

TEXT = "text/plain; charset=utf-8"


@pytest.fixture
def wanted(admin):
    """The variables of all vendors."""
    vendors = admin.get("/credentials").json
    return {name: value for variables in vendors.values() for name, value in variables.items()}


@pytest.fixture
def read_back(tmp_path):
    """The variables that `sh` has after reading a text, each printed by a program of its own."""

    def values(text: bytes, names) -> dict[str, str]:
        path = tmp_path / "credentials"
        path.write_bytes(text)
        return {name: _shown(path, name) for name in names}

    return values


def _shown(path, name):
    script = f'. {shlex.quote(str(path))}; printf "%s" "${name}"'
    return subprocess.run(["/bin/sh", "-euc", script], check=True, capture_output=True, text=True).stdout


def test_json_is_the_usual_form(admin, emulator, wanted):
    found = admin.get("/credentials?format=json").json

    assert found == admin.get("/credentials").json
    assert list(found) == [vendor.name for vendor in emulator.vendors]
    assert wanted["SERVICE_ACCOUNT_PRIVATE_KEY"].count("\n") > 20


@pytest.mark.parametrize("form", ["shell", "dotenv"])
def test_sh_reads_back_every_value(admin, wanted, read_back, form):
    got = admin.get(f"/credentials?format={form}")

    assert got.headers["Content-Type"] == TEXT
    assert read_back(got.body, wanted) == wanted


def test_the_lines_of_a_shell_are_exported(admin, wanted, tmp_path):
    path = tmp_path / "credentials"
    path.write_bytes(admin.get("/credentials?format=shell").body)

    script = f". {shlex.quote(str(path))}; exec env"
    environment = subprocess.run(["/bin/sh", "-euc", script], check=True, capture_output=True, text=True).stdout

    assert f"SITE_ID={wanted['SITE_ID']}\n" in environment


def test_a_dotenv_file_has_every_name_once_and_its_value_in_quotes(admin, wanted):
    text = admin.get("/credentials?format=dotenv").body.decode()

    assert re.findall(r"^(\w+)='", text, re.MULTILINE) == list(wanted)


PLAIN = ["a b", "a;b", 'a"b', "a$HOME", "a\\b", "a\nb", "å", "$(id)", "`id`", "#x"]


@pytest.mark.parametrize("value", [*PLAIN, *(f"it's {value}" for value in PLAIN)])
@pytest.mark.parametrize("form", ["shell", "dotenv"])
def test_no_value_escapes_its_quotes(admin, read_back, form, value):
    admin.patch("/records/ingrid/service_accounts/sa_demo", {"sites": [value]})

    got = admin.get(f"/credentials?format={form}")

    assert read_back(got.body, ["SITE_ID"]) == {"SITE_ID": value}


@pytest.mark.parametrize("form", ["yaml", "", "JSON"])
def test_a_form_that_is_none_is_a_problem(admin, wrong, form):
    assert wrong(admin.get(f"/credentials?format={form}")).keys() == {"format"}


def test_below_a_sandbox_they_lead_there(team):
    text = team.get("/credentials?format=shell").body.decode()

    assert "export MERCHANTS_API_BASE='http://localhost/~team/ingrid'\n" in text
