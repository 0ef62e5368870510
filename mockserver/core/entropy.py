"""The only module that draws random numbers."""

from __future__ import annotations

import base64
import hashlib
import random
import secrets
import uuid
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Entropy:
    """A source of chance: the machine's, or one that a seed repeats."""

    __slots__ = ("_draw", "_seed")

    def __init__(self, seed: str | None = None) -> None:
        self._seed = seed
        self._draw: Callable[[int], bytes] = secrets.token_bytes if seed is None else self._first_draw

    def child(self, name: str) -> Entropy:
        """A source of its own for one purpose, so that drawing there leaves this one's order alone."""
        return Entropy(None if self._seed is None else f"{self._seed}/{name}")

    def data(self, size: int) -> bytes:
        """So many random bytes."""
        return self._draw(size)

    def _first_draw(self, size: int) -> bytes:
        # A generator takes 2.5 KiB, and most sources of a sandbox are never asked.
        self._draw = random.Random(_number(self._seed or "")).randbytes
        return self._draw(size)

    def uuid(self) -> str:
        """A random UUID, version 4."""
        return str(uuid.UUID(bytes=self._draw(16), version=4))

    def base64url(self, size: int) -> str:
        """So many random bytes in base64url without padding."""
        return base64.urlsafe_b64encode(self._draw(size)).rstrip(b"=").decode()

    def hexadecimal(self, size: int) -> str:
        """So many random bytes in lower-case hexadecimal digits."""
        return self._draw(size).hex()

    def letters(self, alphabet: str, count: int) -> str:
        """So many characters of *alphabet*, each as likely as another where its size divides 256."""
        return self._draw(count).translate(_table(alphabet)).decode()

    def chance(self) -> float:
        """A number from 0 to 1, 1 excluded."""
        return int.from_bytes(self._draw(6)) / 2**48


@lru_cache(maxsize=16)
def _table(alphabet: str) -> bytes:
    return "".join(alphabet[byte % len(alphabet)] for byte in range(256)).encode()


def _number(seed: str) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest())
