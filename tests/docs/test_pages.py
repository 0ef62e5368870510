"""The pages: what is made from the code is what the code says, links lead somewhere, and commands run."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import fields
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from mockserver import Emulator, Settings
from mockserver.cli import COMMANDS
from mockserver.core.options import declarations
from mockserver.core.reasons import REASONS
from mockserver.settings import environment_name
from mockserver.vendors import discover
from tests.clients.installed import from_npm
from tests.clients.scripts import HOW_TO_GET_NODE
from tests.clients.tools import found
from tests.docs import fences
from tests.support import reference

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(([^)\s]+)\)")
PAGES = sorted({*DOCS.rglob("*.md"), *ROOT.glob("*.md")})
MADE = reference.pages()


def anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings."""
    text = fences.FENCE.sub("", page.read_text(encoding="utf-8"))
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("path", MADE)
def test_a_page_that_is_made_is_what_the_code_says(path):
    assert (DOCS / path).read_text(encoding="utf-8") == MADE[path], "run `make docs`"


def test_no_page_is_left_over_of_what_is_no_more():
    marked = {
        str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md") if reference.MADE in page.read_text(encoding="utf-8")
    }

    assert marked == set(MADE)


@pytest.mark.parametrize("page", reference.by_hand(), ids=lambda page: page.name)
def test_what_a_page_includes_is_what_the_file_has(page):
    text = page.read_text(encoding="utf-8")

    assert reference.with_inclusions(text) == text, "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    text = fences.FENCE.sub("", page.read_text(encoding="utf-8"))
    for target in LINK.findall(text):
        if "://" in target:
            continue
        path, _, anchor = unquote(target).partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name} links to {target}"
        assert not anchor or anchor in anchors(file), f"{page.name} links to {target}"


def test_every_page_can_be_reached_from_the_first():
    reached, ahead = set(), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        ahead += [
            (page.parent / target.partition("#")[0]).resolve()
            for target in LINK.findall(page.read_text(encoding="utf-8"))
            if "://" not in target and not target.startswith("#")
        ]

    assert set(DOCS.rglob("*.md")) <= reached


def test_the_tables_leave_nothing_out():
    settings, reasons, cli = (MADE[f"reference/{name}.md"] for name in ("settings", "reasons", "cli"))

    assert [each.name for each in fields(Settings) if f"`{environment_name(each.name)}`" not in settings] == []
    assert [code for code in REASONS if f"| `{code}` |" not in reasons] == []
    assert [name for name in COMMANDS if f"## mockserver {name}\n" not in cli] == []


def test_every_setting_says_what_it_takes_and_what_it_is_by_default():
    rows = re.findall(
        r"^\| `--\S+` \| `\S+` \| (.*?) \| (.*?) \| (.*?) \|$", MADE["reference/settings.md"], re.MULTILINE
    )

    assert len(rows) == len(fields(Settings))
    assert [row for row in rows if not all(row) or "None" in row] == []


def test_a_vendors_page_has_all_its_operations_refusals_and_options(vendor):
    page = MADE[f"reference/{vendor.name}.md"]

    for operation in vendor.operations:
        assert f"### {operation.method} {operation.path}\n" in page
        assert f"`{operation.name}`" in page
        assert all(f"[`{code}`]" in page for code in operation.refusals)
    assert all(f"| `{each.name}` |" in page for each in declarations(vendor.options))
    methods = [each for operation in vendor.every_operation for each in operation.methods(vendor.options())]
    assert [each.path for each in methods if f"`{each.path[1:]}`" not in page] == []


def test_every_operation_has_a_status_for_each_refusal(vendor):
    page = MADE[f"reference/{vendor.name}.md"]

    assert re.findall(r"^\| \[`[^|]+ \|  \|", page, re.MULTILINE) == []


def test_known_differences_have_every_statement_that_is_not_documented(vendor):
    rows = list(reference.uncertain(vendor))

    readme = (ROOT / "mockserver" / "vendors" / vendor.name / "README.md").read_text(encoding="utf-8")
    body = " ".join(re.split(r"\n## ", readme, maxsplit=1)[1].split())
    told = " ".join(f"{what} {said}" for what, said in rows)
    for word in reference.CERTAINTIES[1:]:
        assert told.count(word) >= len(re.findall(rf"\b{word}\b", body)) * 0.8, word
    assert f"## {vendor.name}\n" in MADE["known-differences.md"]


@pytest.fixture(params=discover(), ids=lambda vendor: vendor.name)
def vendor(request):
    return request.param


def test_the_tutorial_goes_as_it_says_in_a_clone(tmp_path):
    clone = tmp_path / "clone"
    clone.mkdir()
    fences.prepare(clone)
    shutil.copy(ROOT / "pyproject.toml", clone)  # what pytest is told there is not for a reader's tests

    with Emulator(Settings(port=0)) as emulator:
        done = fences.follow((DOCS / "tutorial.md").read_text(encoding="utf-8"), clone, fences.ports_of(emulator))

    assert (done.count("python"), done.count("sh")) == (5, 5)
    assert {path.name for path in clone.iterdir()} == {".venv", "pyproject.toml"}


def test_the_tutorial_installs_what_make_run_does_not():
    text = (DOCS / "tutorial.md").read_text(encoding="utf-8")

    imported = set(re.findall(r"^import ([\w, ]+)$|^from (\w+) import|python -m (\w+)", text, re.MULTILINE))
    wanted = {name for found in imported for words in found for name in words.split(", ") if name}
    shown = {name.removesuffix(".py") for name in re.findall(r"^# (\w+\.py)$", text, re.MULTILINE)}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {"jwt", *re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)}  # PyJWT's module has a name of its own
    installed = set(re.findall(r"python -m pip install --quiet (\w+)", text))

    assert wanted - shown - set(sys.stdlib_module_names) - locked - {"pip"} == installed == {"pytest"}


def test_the_page_on_curl_goes_as_it_says(tmp_path):
    assert followed("curl", tmp_path) == ["sh"] * 4


def test_the_page_on_https_goes_as_it_says(tmp_path):
    found("node", HOW_TO_GET_NODE)
    found("keytool", "install a JDK, 17 or newer")

    done = followed("https", tmp_path, tls="auto", tls_port=0)

    assert [language for language in done if language != "sh"] == ["python", "js", "java", "go"]
    assert done.count("sh") == 7


def test_the_page_on_grpc_goes_as_it_says(tmp_path, pytestconfig):
    from_npm(pytestconfig, "@grpc/grpc-js", "@grpc/proto-loader")  # who cannot install them skips here
    protos = Path("mockserver/vendors/hyperswitch/mock")
    shutil.copytree(ROOT / protos, tmp_path / protos)

    done = followed("grpc", tmp_path)

    assert done == ["sh", "python", "sh", "proto", "js", "sh", "sh"]


def followed(page, folder, **settings):
    fences.prepare(folder)
    with Emulator(Settings(port=0, **settings)) as emulator:
        text = (DOCS / "how-to" / f"{page}.md").read_text(encoding="utf-8")
        return fences.follow(text, folder, fences.ports_of(emulator))


def test_every_shell_and_python_block_of_the_docs_is_run_somewhere():
    by_their_own_tests = ("tutorial.md", "how-to/curl.md", "how-to/https.md", "how-to/grpc.md")
    tried = {ROOT / "README.md", *(DOCS / page for page in by_their_own_tests)}
    for page in set(PAGES) - tried:
        text = page.read_text(encoding="utf-8")
        included = {found[3] for found in reference.INCLUSION.finditer(text)}  # by the tests of the examples
        loose = [
            block for block in fences.blocks(text) if block.language in ("sh", "python") and block.text not in included
        ]
        assert loose == [], page


def test_the_picture_is_a_picture_and_follows_light_and_dark():
    picture = ET.parse(DOCS / "architecture.svg").getroot()

    text = ET.tostring(picture, encoding="unicode")
    assert picture.find("{*}title").text
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
