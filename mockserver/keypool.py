"""Key pairs for new accounts: from the few that are shipped, since to generate one takes 25 to 45 ms, or new ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from mockserver import shipped
from mockserver.core.keys import generate_rsa

if TYPE_CHECKING:
    from pathlib import Path

    from mockserver.core.entropy import Entropy

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class KeyPool:
    """Where new accounts get what they need. Ids tell sandboxes apart, not keys, unless *generate* asks for new ones.

    The same entropy gives the same ids and the same pairs again, but generated ones never repeat.
    """

    entropy: Entropy
    generate: bool = False

    def rsa(self) -> Pair:
        """A key pair in PEM: private, public."""
        if self.generate:
            return generate_rsa()
        pairs = _shipped()
        return pairs[self.entropy.child("rsa").data(1)[0] % len(pairs)]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _shipped() -> tuple[Pair, ...]:
    folder = shipped.folder("fixtures") / "keys" / "pool"
    names = sorted(path.name.removesuffix(".pub.pem") for path in folder.glob("*.pub.pem"))
    return tuple((_text(folder / f"{name}.pem"), _text(folder / f"{name}.pub.pem")) for name in names)
