"""The Testcontainers set-up of the docs, with the real library, against the image."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from tests.clients.tools import absent, missing
from tests.image.containers import HOW, PATIENCE, ROOT, built

EXAMPLES = ROOT / "examples"
TAG = "localhost/mockserver-with-testcontainers"
NETWORKS = Path("/usr/lib/podman/netavark")
CONFIGURED = """
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[network]
network_backend = "netavark"
default_subnet = "10.97.53.0/24"
"""


@contextmanager
def docker_api(containers, folder):
    """What the library must know to find the builder: Docker's own socket, or Podman's in its place."""
    if containers.program[0] == "docker":
        yield {}
        return
    if not NETWORKS.exists():
        absent("image", "netavark", HOW)
    socket, limits = folder / "api.sock", folder / "containers.conf"
    # It has no right to raise limits here, and a bridge that another backend has left behind must not be in the way.
    limits.write_text(CONFIGURED)
    command = [*containers.program, "system", "service", "--time=0", f"unix://{socket}"]
    log = folder / "service.log"
    with (
        log.open("wb") as told,
        subprocess.Popen(
            command, env={**os.environ, "CONTAINERS_CONF": str(limits)}, stdout=told, stderr=told
        ) as service,
    ):
        until = time.monotonic() + 30
        while not socket.exists() and time.monotonic() < until:
            time.sleep(0.02)
        # The janitor is an image of its own, which is not here; and the library must not take this for a container.
        yield {
            "DOCKER_HOST": f"unix://{socket}",
            "TESTCONTAINERS_RYUK_DISABLED": "true",
            "TESTCONTAINERS_CONNECTION_MODE": "docker_host",
        }
        service.terminate()


def test_the_suite_of_the_docs_passes_against_the_image(tmp_path):
    library = tmp_path / "library"
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    installed = subprocess.run(
        [*pip, "--target", str(library), "testcontainers>=4.13"], capture_output=True, text=True, check=False
    )
    if installed.returncode != 0:
        missing("testcontainers", installed.stderr[-500:])
    shutil.copy(EXAMPLES / "pytest" / "shop.py", tmp_path)
    suite = (EXAMPLES / "testcontainers" / "test_handoff.py").read_text()
    (tmp_path / "test_handoff.py").write_text(suite.replace('"mockserver"', f'"{TAG}"'))

    with built(TAG) as containers, docker_api(containers, tmp_path) as found:
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-W", "default", "test_handoff.py"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{library}", **found},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    assert "1 passed" in ran.stdout, ran.stdout
