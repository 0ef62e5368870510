"""What users would otherwise run: npm oauth2-mock-server and oidc-provider, if a folder has them installed.

Neither is ours to ship. `python -m benchmarks.peers` prints how to get them.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mockserver.core import jws
from mockserver.core.entropy import Entropy
from mockserver.core.keys import SigningKey

from .load import Target, ask, request
from .programs import Program, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

HOW = """\
The budgets compare with two npm packages. To have them:

    mkdir peers && cd peers && npm install oauth2-mock-server@8 oidc-provider@9
    python -m benchmarks --node-modules peers/node_modules

Without them, the rows that need them say so."""

FORM = "application/x-www-form-urlencoded"
GRANT = b"grant_type=client_credentials&scope=view"
BASIC = "Basic ZGVtbzpkZW1vLXNlY3JldA=="  # demo:demo-secret
OAUTH2_MOCK_SERVER = "oauth2-mock-server"
OIDC_PROVIDER = "oidc-provider"


class Peers:
    """The peers in a `node_modules` folder, with a P-256 key to sign with."""

    def __init__(self, modules: Path, key: Path) -> None:
        self._modules = modules
        self._key = str(key)

    def oauth2_mock_server(self, *, own_key: bool = False) -> Program:
        """Its command line: with our P-256 key, or with an RSA key that it makes itself when it starts."""
        port = free_port()
        script = str(self._modules / OAUTH2_MOCK_SERVER / "dist" / "oauth2-mock-server.mjs")
        key = [] if own_key else ["--jwk", self._key]
        return Program(["node", script, "-a", "127.0.0.1", "-p", str(port), *key], port, quiet=True)

    def oidc_provider(self) -> Program:
        """A script of ours around it, with our P-256 key."""
        port = free_port()
        script = str(Path(__file__).with_name("oidc_provider.mjs"))
        return Program(["node", script, str(self._modules), self._key, str(port)], port, quiet=True)


@contextmanager
def installed(modules: Path | None) -> Iterator[Peers | None]:
    """The peers, if they are all there."""
    wanted = (OAUTH2_MOCK_SERVER, OIDC_PROVIDER)
    if modules is None or which("node") is None or not all((modules / name).is_dir() for name in wanted):
        yield None
        return
    with TemporaryDirectory(prefix="benchmarks-") as folder:
        key = Path(folder) / "key.json"
        key.write_text(json.dumps(_private_jwk()), encoding="ascii")
        yield Peers(modules.resolve(), key)


def mint(name: str, port: int) -> Target:
    """Trade client credentials for a token."""
    headers = {"Content_Type": FORM, "Authorization": BASIC}
    return Target(f"{name} mint", port, (request(port, "POST", "/token", GRANT, **headers),))


def userinfo(port: int) -> Target:
    """Use a token where oauth2-mock-server takes one; it looks at nothing."""
    token = ask(mint(OAUTH2_MOCK_SERVER, port))["access_token"]
    return Target("userinfo", port, (request(port, "GET", "/userinfo", Authorization=f"Bearer {token}"),))


def _private_jwk() -> dict[str, str]:
    key = SigningKey.draw(Entropy())
    secret = jws.encode(key.private.private_numbers().private_value.to_bytes(32))
    return {**key.verifying.public_jwk(), "d": secret, "kid": key.kid, "alg": "ES256", "use": "sig"}


if __name__ == "__main__":
    print(HOW)
