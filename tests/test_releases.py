"""What a release is made of: one version, packages for every Python, workflows with no more rights than they need."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import mockserver
from tests.clients import tools

ROOT = Path(__file__).parents[1]
PATIENCE = 300
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def interpreters() -> dict[str, str]:
    """Those of this machine that work, by version; the one that runs this is always among them."""
    known = Path.home() / ".pyenv" / "versions"
    found = {".".join(map(str, sys.version_info[:2])): sys.executable}
    for version in VERSIONS:
        for python in (f"python{version}", *map(str, known.glob(f"{version}.*/bin/python"))):
            if version not in found and shutil.which(python) and _works(python):
                found[version] = python
    return found


def _works(python: str) -> bool:
    return subprocess.run([python, "-c", "import venv, ssl"], capture_output=True, check=False).returncode == 0


def run(*command, cwd=ROOT, check=True, **more):
    left_out = ("MOCKSERVER", "PYTHONPATH", "VIRTUAL_ENV")
    environ = {**{name: value for name, value in os.environ.items() if not name.startswith(left_out)}, **more}
    ran = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert not check or ran.returncode == 0, ran.stdout + ran.stderr
    return ran


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The wheel, made from the sdist as an index would have it, and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(folder))
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    source = folder / sdist.name.removesuffix(".tar.gz")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=source)
    return next(folder.glob("*.whl")), sdist


def test_the_version_stands_in_one_place(packages):
    assert [path.name.split("-")[1].removesuffix(".tar.gz") for path in packages] == [mockserver.__version__] * 2
    assert 'dynamic = ["version"]' in PYPROJECT
    assert not re.search(r'^version = "', PYPROJECT, re.MULTILINE)


def test_the_classifiers_name_every_python_that_is_tried():
    assert re.findall(r"Python :: (3\.\d+)", PYPROJECT) == list(VERSIONS)
    assert 'requires-python = ">=3.11"' in PYPROJECT
    assert yaml.safe_load(WORKFLOWS[0].read_text())["jobs"]["test"]["strategy"]["matrix"]["python"] == list(VERSIONS)


@pytest.mark.parametrize("only", [("3.13",), ("3.14", "3.12"), ()], ids=["3.13", "two", "python3"])
def test_make_takes_the_python_that_is_there(tmp_path, only):
    make = tools.found("make", "apt-get install make")
    for version in only:
        (tmp_path / f"python{version}").symlink_to(sys.executable)

    ran = subprocess.run(
        [make, "-n", f"VENV={tmp_path}/new", f"{tmp_path}/new/bin/python"],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.stdout.startswith(f"python{min(only, default='3')} -m venv {tmp_path}/new"), ran.stdout + ran.stderr


@pytest.mark.parametrize(("version", "python"), interpreters().items(), ids=interpreters())
def test_the_wheel_installs_and_hands_out_a_token(packages, tmp_path, version, python):
    run(python, "-m", "venv", str(tmp_path / "env"))
    installed = tmp_path / "env" / "bin"
    pip = (str(installed / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", "requirements.lock")
    run(*pip, "--no-deps", str(packages[0]), cwd=tmp_path)

    ran = run(
        str(installed / "mockserver"), "exec", "--", str(installed / "mockserver"), "token", "ingrid", cwd=tmp_path
    )
    made = run(str(installed / "python"), "--version").stdout
    run(*pip[:3], "check", cwd=tmp_path)
    run(str(installed / "python"), "-c", "from mockserver.rpc import door; assert door.is_installed()", cwd=tmp_path)

    assert ran.stdout.count(".") == 2
    assert version in made


def test_what_is_pinned_is_what_the_package_and_its_extra_ask_for():
    project = tomllib.loads(PYPROJECT)["project"]
    pinned = dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))

    asked = [Requirement(each) for each in (*project["dependencies"], *project["optional-dependencies"]["grpc"])]

    assert [str(each) for each in asked if not each.specifier.contains(pinned.get(each.name, "0"))] == []


def test_the_wheel_carries_the_page_of_the_demonstration(packages):
    names = set(zipfile.ZipFile(packages[0]).namelist())

    assert {f"mockserver/demo/page/{name}" for name in ("index.html", "demo.css", "demo.mjs")} <= names


def test_the_sdist_carries_what_it_takes_to_use_and_to_build_it(packages):
    with tarfile.open(packages[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "mockserver/demo/page/index.html"} <= names
    assert not any(name.startswith(("tests", ".github", "docs")) for name in names)


def test_the_bill_of_materials_names_every_pinned_package_with_its_hashes():
    ran = run(sys.executable, "image/sbom.py", "requirements.lock")

    bill = json.loads(ran.stdout)
    pinned = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "mockserver")
    assert {each["name"] for each in bill["components"]} <= pinned
    assert all(each["properties"] for each in bill["components"])


def test_what_builds_the_wheel_in_the_image_is_pinned_by_hash():
    lock = (ROOT / "requirements-build.lock").read_text(encoding="utf-8")

    assert re.search(r"^hatchling==", lock, re.MULTILINE)
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=\S)", lock.strip()))


@pytest.mark.parametrize("changed", ["", "the tag", "the changelog"])
def test_a_tag_must_be_the_version_and_stand_in_the_changelog(tmp_path, changed):
    for name in ("mockserver/__init__.py", ".ci/released", "CHANGELOG.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    if changed != "the changelog":
        (tmp_path / "CHANGELOG.md").write_text(f"## [{mockserver.__version__}] - 2030-01-01\n")

    ran = run(
        "bash",
        ".ci/released",
        "v0" if changed == "the tag" else f"v{mockserver.__version__}",
        cwd=tmp_path,
        check=False,
    )

    assert ran.returncode == (1 if changed else 0)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
class TestWorkflows:
    def test_it_may_no_more_than_it_says(self, file):
        workflow = yaml.safe_load(file.read_text())

        granted = [workflow["permissions"], *(job.get("permissions", {}) for job in workflow["jobs"].values())]
        assert workflow["permissions"] in ({}, {"contents": "read"})
        assert [each for each in granted if not isinstance(each, dict)] == []
        writing = {name: right for rights in granted for name, right in rights.items() if right == "write"}
        assert set(writing) <= ({"packages", "contents"} if file.stem == "release" else set())

    def test_every_job_ends_some_time(self, file):
        assert all(job["timeout-minutes"] <= 60 for job in yaml.safe_load(file.read_text())["jobs"].values())

    def test_every_command_names_what_is_there(self, file):
        targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        for job in yaml.safe_load(file.read_text())["jobs"].values():
            for command in (step["run"] for step in job["steps"] if "run" in step):
                program, *words = command.split()
                if program == "make":
                    named = {word for word in words if re.fullmatch(r"[a-z][\w-]*", word)}
                    assert named
                    assert named <= targets
                else:
                    assert program == "gh" or (ROOT / program).is_file()

    def test_a_checkout_leaves_no_credentials_behind(self, file):
        steps = [step for job in yaml.safe_load(file.read_text())["jobs"].values() for step in job["steps"]]

        checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout")]
        assert all(step["with"] == {"persist-credentials": False} for step in checkouts)


def test_the_workflow_of_every_push_runs_everything():
    steps = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]["test"]["steps"]

    assert any(step.get("run", "").startswith("make test ") for step in steps)
