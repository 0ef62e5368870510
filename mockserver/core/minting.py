"""What a token's value is: signed or opaque; and how a value that nobody issued is told apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from mockserver.core import jws
from mockserver.core.clock import seconds, whole_second
from mockserver.core.entropy import Entropy
from mockserver.core.rules import MintChange
from mockserver.core.tokens import Token

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping
    from datetime import datetime, timedelta

    from mockserver.core.case import Case
    from mockserver.core.keyring import KeyRing, Signer

AS_USUAL = MintChange()


class Form(Protocol):
    """A form that tokens take."""

    def make(self, claims: Mapping[str, Any], entropy: Entropy) -> str:
        """A new token's text."""
        ...

    def examine(self, value: str, now: datetime) -> tuple[str, str]:
        """The reason to refuse a text that is no token we know, and what is wrong with it."""
        ...

    @property
    def kid(self) -> str:
        """The id of the key that signs now; empty where none does."""
        ...


@dataclass(frozen=True, slots=True)
class Signed:
    """A JWT under a key of ours: its text says everything about it. The *signer* is the one of when this was made."""

    keys: KeyRing
    signer: Signer = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "signer", self.keys.active)

    @property
    def kid(self) -> str:
        """The id of the key that signs."""
        return self.signer.kid

    def make(self, claims: Mapping[str, Any], entropy: Entropy) -> str:
        """A new token's text: *claims*, signed."""
        del entropy
        return self.signer.sign(claims)

    def examine(self, value: str, now: datetime) -> tuple[str, str]:
        """Verify it in full, for the reason only: a text that is not known is never accepted."""
        try:
            parsed = jws.parse(value)
            claims = parsed.claims()
        except jws.MalformedJwsError as error:
            return "token.malformed", str(error)
        keys = [key.verifying for key in self.keys.verifying(now)]
        if parsed.algorithm != keys[0].algorithm:
            return "token.bad_signature", f"alg is {parsed.algorithm!r}, our key's is {keys[0].algorithm}"
        if not any(key.verifies(parsed.signature, parsed.signing_input) for key in keys):
            return "token.bad_signature", "our key did not sign this"
        if _over(claims.get("exp"), now):
            return "token.expired", "well signed, past its exp"
        return "token.unknown", "well signed, but not issued in this sandbox since it was made"


@dataclass(frozen=True, slots=True)
class Opaque:
    """A random text that means nothing without us: a *prefix* and *size* random bytes, as *write* spells them."""

    prefix: str
    shape: re.Pattern[str]
    size: int = 32
    write: Callable[[Entropy, int], str] = Entropy.base64url

    def make(self, claims: Mapping[str, Any], entropy: Entropy) -> str:
        """A new token's text."""
        del claims
        return self.prefix + self.write(entropy, self.size)

    @property
    def kid(self) -> str:
        """No key signs it."""
        return ""

    def examine(self, value: str, now: datetime) -> tuple[str, str]:
        """Nothing can be read from it but its shape."""
        del now
        if self.shape.fullmatch(value):
            return "token.unknown", "the right shape, never issued here"
        return "token.malformed", f"not of the shape {self.shape.pattern}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A token about to be minted. *claims* writes its claims in order from `iat`, `exp` and `jti`.

    *through* are accounts beside *subject* whose credentials the mint call carries.
    """

    kind: str
    subject: str
    lifetime: timedelta
    claims: Callable[[int, int, str], dict[str, Any]]
    grant: object = None
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Minted:
    """A new token: its text, which leaves with the answer, and what is remembered of it."""

    value: str
    token: Token
    lifetime: timedelta


def mint(case: Case, draft: Draft, form: Form) -> Minted:
    """Issue a token: valid from the whole second it is issued in, until its lifetime is over."""
    change = case.mint or AS_USUAL
    lifetime = draft.lifetime if change.lifetime is None else change.lifetime
    issued_at = whole_second(case.now) - change.backdate
    expires_at = issued_at + lifetime
    token_id = case.sandbox.entropy.uuid()
    claims = draft.claims(seconds(issued_at), seconds(expires_at), token_id)
    value = form.make({**claims, **change.claims}, case.sandbox.entropy)
    token = Token(
        id=token_id,
        vendor=case.vendor.name,
        kind=draft.kind,
        subject=draft.subject,
        issued_at=issued_at,
        expires_at=expires_at,
        grant=draft.grant,
        kid=form.kid,
        through=draft.through,
    )
    if change.broken_signature:
        return Minted(_broken(value), token, lifetime)
    case.minted.append(case.sandbox.tokens.remember(value, token))
    return Minted(value, token, lifetime)


def _broken(value: str) -> str:
    # The last character but one: the last one of a signature may carry bits that count for nothing. Digits belong to
    # every alphabet, so that a token broken in this way still has the shape of one.
    return value[:-2] + ("0" if value[-2] != "0" else "1") + value[-1]


def _over(exp: object, now: datetime) -> bool:
    return isinstance(exp, (int, float)) and exp <= now.timestamp()
