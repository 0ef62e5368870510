"""A builder of images and a runner of containers: Docker, or Podman with a store of its own.

The store stays from one run of the tests to the next: a base image takes most of a minute.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver import __version__
from tests.clients.tools import absent

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PATIENCE = 600
BASE = "python:3.14-slim-trixie"
OWN_BASE = "localhost/debian-with-python"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"
HOW = "start Docker, or install podman, runc, netavark, iptables and debootstrap"


@dataclass(frozen=True)
class Tool:
    """A program that takes Docker's words, and what it needs to be told beside them."""

    program: tuple[str, ...]
    building: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        ran = subprocess.run(
            [*self.program, *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environ},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert not check or ran.returncode == 0, f"{arguments}: {ran.stdout}{ran.stderr}"
        return ran

    def build(self, tag: str, base: str, *arguments: str) -> None:
        self("build", *self.building, "--build-arg", f"PYTHON_IMAGE={base}", *arguments, "--tag", tag, ".")

    def run(self, *arguments: str) -> str:
        """Run to its end: what it prints."""
        return self("run", "--rm", "--network", "host", *self.running, *arguments).stdout


@contextmanager
def built(tag: str) -> Iterator[Tool]:
    """What builds and runs here, once it has built the image. Those who test beside each other build one by one."""
    folder = Path(tempfile.gettempdir()) / f"mockserver-containers-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found, base = _tool(folder)
        found.build(tag, base, "--build-arg", f"VERSION={__version__}")
    yield found


def _tool(folder: Path) -> tuple[Tool, str]:
    if shutil.which("docker") and subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0:
        return Tool(("docker",)), BASE
    if not shutil.which("podman") or not shutil.which("runc"):
        absent("image", "a builder of images", HOW)
    podman = _podman(folder)
    works = podman("info", check=False)
    if works.returncode != 0:
        absent("image", "a builder that works", works.stderr)
    return podman, _base(podman, folder)


def _podman(folder: Path) -> Tool:
    # In a container of its own it has neither systemd nor the right to raise limits.
    limits = ("--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096")
    trusted = ("--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro") if Path(CERTIFICATES).exists() else ()
    return Tool(
        ("podman", f"--root={folder}/store", f"--runroot={folder}/run", "--runtime=runc", "--cgroup-manager=cgroupfs",
         "--events-backend=file"),
        building=("--isolation=chroot", "--network=host", "--format=docker", "--pull=never", *trusted),
        running=limits,
    )  # fmt: skip


def _base(podman: Tool, folder: Path) -> str:
    """The real base where a registry is reached; else Debian with its own Python, in its place."""
    for known in (BASE, OWN_BASE):
        if podman("image", "exists", known, check=False).returncode == 0:
            return known
    if podman("pull", "--quiet", BASE, check=False).returncode == 0:
        return BASE
    if not shutil.which("debootstrap"):
        absent("image", f"{BASE}, or something to make a base image with", HOW)
    root = folder / "root"
    shutil.rmtree(root, ignore_errors=True)
    made = subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(root)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if made.returncode != 0:
        absent("image", "a base image", f"debootstrap says: {made.stdout[-500:]}")
    (root / "usr/bin/python").symlink_to("python3")
    archive = folder / "base.tar"
    subprocess.run(["tar", "-C", str(root), "-cf", str(archive), "."], check=True)
    podman("import", "--quiet", str(archive), OWN_BASE)
    shutil.rmtree(root)
    archive.unlink()
    return OWN_BASE
