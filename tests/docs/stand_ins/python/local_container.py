"""A server in place of the container: started, stopped and found as the real one would be."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import testcontainers.core.container as library


class NoDocker:
    """The container asks for a client of Docker's when it is made, and for nothing of it before it is started."""

    def __init__(self, *_: object, **__: object) -> None:
        pass


def start(self):
    assert (self.image, list(map(str, self.ports))) == ("mockserver", ["8080"])
    assert self._wait_strategy
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0"]
    self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    self.local_port = re.search(r":(\d+)$", self.process.stdout.readline().strip())[1]
    return self


def stop(self, *_: object, **__: object):
    self.process.terminate()
    self.process.wait()
    self.process.stdout.close()


@pytest.fixture(scope="session", autouse=True)
def _local():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "DockerClient", NoDocker)
        patch.setattr(library.DockerContainer, "start", start)
        patch.setattr(library.DockerContainer, "stop", stop)
        patch.setattr(library.DockerContainer, "get_container_host_ip", lambda _: "127.0.0.1")
        patch.setattr(library.DockerContainer, "get_exposed_port", lambda self, _: self.local_port)
        yield
