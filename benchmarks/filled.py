"""The emulator, serving with so many live tokens in its default sandbox: `--tokens N --port N`."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import TYPE_CHECKING

from mockserver import Emulator, Settings
from mockserver.core.tokens import Token

if TYPE_CHECKING:
    from mockserver.core.sandbox import Sandbox


def fill(sandbox: Sandbox, tokens: int) -> None:
    """Let the sandbox remember so many service tokens, as minting does."""
    for _ in range(tokens):
        now = sandbox.clock.now().replace(microsecond=0)
        token = Token(
            id=sandbox.entropy.uuid(),
            vendor="ingrid",
            kind="service",
            subject="sa_demo",
            issued_at=now,
            expires_at=now + timedelta(hours=1),
        )
        sandbox.tokens.remember(sandbox.entropy.base64url(32), token)


def main() -> None:
    """Fill, and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tokens", type=int, default=0)
    arguments = parser.parse_args()
    emulator = Emulator(Settings(port=arguments.port, grpc_port=()))
    fill(emulator.sandbox, arguments.tokens)
    emulator.bind().run()


if __name__ == "__main__":
    main()
