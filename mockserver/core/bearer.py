"""Bearer tokens in use: what a call sends, whether we issued it, and whether it counts here (RFC 6750)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.core.journal import Bound
from mockserver.core.origins import browser_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockserver.core.calls import Call
    from mockserver.core.case import Case
    from mockserver.core.minting import Form
    from mockserver.core.tokens import Token

_SCHEME = re.compile(r"bearer(?:[ \t]+(.*))?", re.IGNORECASE)
_WORD = re.compile(r"([A-Za-z]{1,12})(?: |$)")
_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_LITERALS = frozenset({"null", "undefined", "[object Object]"})
_HINT_BYTES = 4096
REFUSALS = (
    "token.missing",
    "token.multiple",
    "token.malformed",
    "token.unknown",
    "token.bad_signature",
    "token.expired",
    "token.revoked",
    "token.wrong_kind",
)
"""What any endpoint refuses that asks for a bearer token."""


@dataclass(frozen=True, slots=True)
class BearerToken:
    """Who calls, for an operation that takes a bearer token of this *kind*.

    *forms* gives the form of tokens that are issued now, to say what is wrong with a text we do not know.
    *server_only* are the kinds that must never reach a browser. Of a token that is both, some vendors say that it is
    revoked and not that it is expired: *revoked_first*.
    """

    kind: str
    forms: Callable[[Case], Form]
    server_only: tuple[str, ...] = ()
    revoked_first: bool = False

    def __call__(self, case: Case) -> Token:
        """The token that was sent and counts here, or a refusal."""
        value = sent(case)
        token = self._known(case, value)
        if self.revoked_first:
            _check_revocation(case, token)
        now = case.now
        case.require(now < token.expires_at, "token.expired", seen=token.expires_at, wanted=Bound("later than", now))
        if not self.revoked_first:
            _check_revocation(case, token)
        if token.kind in self.server_only and token.kind != self.kind:
            self._refuse_in_browser(case, token)
        case.require(token.kind == self.kind, "token.wrong_kind", seen=token.kind, wanted=self.kind)
        return token

    def _known(self, case: Case, value: str) -> Token:
        token = case.token(value)
        if token is not None and token.vendor == case.vendor.name:
            case.note("token.unknown", passed=True, seen=token.id)
            if case.sandbox.gone_keys:
                # A token dies with the key that signed it, once the overlap of a rotation is over.
                over = case.sandbox.is_over(token.kid, case.now)
                case.require(not over, "token.bad_signature", hint="its key was rotated away", seen=token.kid)
            return token
        reason, hint = self.forms(case).examine(value, case.now)
        return case.found(None, reason, hint=hint, seen=hint)

    def _refuse_in_browser(self, case: Case, token: Token) -> None:
        signals = browser_signals(case.call.headers)
        if case.options.browser_guard == "refuse":
            case.require(not signals, "browser.server_only_token", seen=signals, wanted=f"no {token.kind} token")
        elif case.options.browser_guard == "record" and signals:
            case.find("browser.server_only_token", f"a {token.kind} token reached a browser")


def _check_revocation(case: Case, token: Token) -> None:
    case.require(token.revoked_at is None, "token.revoked", seen=token.revoked_at, wanted=None)


def sent(case: Case) -> str:
    """The bearer token that this call sends, or a refusal: none, two, or none that could ever be one."""
    fields = case.call.headers.all("Authorization")
    in_query = case.call.parameter("access_token") is not None
    match = _SCHEME.fullmatch(fields[0].strip(" \t")) if fields else None
    if match is None:
        return case.found(None, "token.missing", hint=_how_to_send(case, fields), seen=_scheme(fields), wanted="Bearer")
    case.note("token.missing", passed=True, seen="Bearer", wanted="Bearer")
    places = len(fields) + in_query
    case.require(places == 1, "token.multiple", seen=places, wanted="one place")
    value = (match[1] or "").strip(" \t")
    hint = "literal from client code" if value in _LITERALS else ""
    shaped = bool(_CHARACTERS.fullmatch(value)) and value not in _LITERALS
    case.require(shaped, "token.malformed", hint=hint, seen=value if hint else None, wanted="b64token")
    return value


def sends_bearer(call: Call) -> bool:
    """Whether this call speaks for a bearer token, good or not, in any of its Authorization fields."""
    return any(_SCHEME.fullmatch(field.strip(" \t")) for field in call.headers.all("Authorization"))


def bearer_text(call: Call, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """The text of the token that a call carries, whether or not it is good: what identifies it."""
    del parameters
    match = _SCHEME.fullmatch((call.headers.get("Authorization") or "").strip(" \t"))
    return (match[1],) if match and match[1] else ()


def _elsewhere(case: Case) -> str:
    """Where else a token is sent (RFC 6750 sections 2.2 and 2.3), if it is."""
    if case.call.parameter("access_token") is not None:
        return "query"
    return "body" if b"access_token" in case.call.body[:_HINT_BYTES] else ""


def _how_to_send(case: Case, fields: list[str]) -> str:
    elsewhere = _elsewhere(case)
    if elsewhere:
        return f"a token in the {elsewhere} does not count; send the Authorization header"
    return "write 'Bearer ' before the token" if fields and _scheme(fields) is None else ""


def _scheme(fields: list[str]) -> str | None:
    """The word before the credential; nothing where there is none, since what stands there may be the secret."""
    match = _WORD.match(fields[0]) if fields else None
    return match[1] if match else None
