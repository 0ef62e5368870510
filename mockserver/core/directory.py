"""Which sandbox does this credential or token belong to? For calls whose address does not say."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def digest(secret: str) -> bytes:
    """What a secret text is known by."""
    return hashlib.blake2b(secret.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Directory:
    """The owners of credentials and tokens. What nobody claims belongs to the default sandbox."""

    __slots__ = ("_owners",)

    def __init__(self) -> None:
        self._owners: dict[bytes, Claims] = {}

    def __len__(self) -> int:
        return len(self._owners)

    def owner(self, names: Iterable[str]) -> str | None:
        """The name of the sandbox to which the first of these belongs that anyone claims."""
        for name in names:
            claims = self._owners.get(digest(name))
            if claims:
                return claims.sandbox
        return None

    def claims(self, sandbox: str) -> Claims:
        """The hand with which a new sandbox of this name enters what is its own."""
        return Claims(sandbox, self._owners)


class Claims:
    """What one sandbox has claimed. A later sandbox of the same name has claims of its own."""

    __slots__ = ("_closed", "_owners", "sandbox")

    def __init__(self, sandbox: str, owners: dict[bytes, Claims]) -> None:
        self.sandbox = sandbox
        self._owners = owners
        self._closed = False

    def enter(self, key: bytes) -> None:
        """Claim what is known by this digest, unless all is over."""
        if not self._closed:
            self._owners[key] = self

    def enter_if_free(self, key: bytes) -> bool:
        """The same, unless another sandbox has claimed it; whether it is ours."""
        owner = self._owners.get(key)
        if owner is None or owner.sandbox == self.sandbox:
            self.enter(key)
        return self._owners.get(key) is self

    def close(self) -> None:
        """Claim nothing more: a call that is still under way must leave nothing behind."""
        self._closed = True

    def give_up(self, key: bytes) -> None:
        """Claim it no more; what somebody else has claimed since stays theirs."""
        if self._owners.get(key) is self:
            self._owners.pop(key, None)
