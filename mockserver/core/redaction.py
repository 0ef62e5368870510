"""What must not be shown whole: signatures of tokens, keys, secrets. A fingerprint tells two of them apart."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from mockserver.core import jsontext
from mockserver.core.bodies import FORM

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

_JWT = re.compile(r"((?:eyJ[\w-]*|\be[wy][\w-]{10,})\.(?:eyJ[\w-]*|e[wy][\w-]{2,}))\.[\w-]+")
"""Two JSON objects and a signature; an object may have blanks and line breaks before its first member."""
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_LONG_WORD = re.compile(r"[\w+/=.-]{20,}")
SECRETS = frozenset(
    [
        "access_token",
        "api-key",
        "api-secret",
        "api_key",
        "assertion",
        "client_assertion",
        "client_secret",
        "id_token",
        "password",
        "private_key",
        "refresh_token",
        "secret",
        "token",
        "x-api-key",
        "x-api-secret",
        "x-auth-token",
    ]
)
"""Names of secrets that any vendor's caller may send; a vendor adds its own."""
_COOKIES = frozenset({"cookie", "set-cookie"})
_AUTHORIZATION = frozenset({"authorization", "proxy-authorization"})
_BINARY = "-bin"
"""How gRPC ends the names of metadata that are bytes."""
_SCHEMES = frozenset({"basic", "bearer"})


def fingerprint(secret: str) -> str:
    """A short text that is the same for the same secret, and gives nothing of it away."""
    return f"<secret {hashlib.sha256(secret.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}>"


def text(value: str) -> str:
    """A text without the private keys and the signatures of tokens in it: header and claims stay readable."""
    bare = _PRIVATE_KEY.sub(lambda key: fingerprint(key[0]), value) if "PRIVATE KEY" in value else value
    return _JWT.sub(r"\1.<signature>", bare)


def without(value: Any, shapes: Iterable[re.Pattern[str]]) -> Any:
    """JSON in which each text of one of these shapes, as opaque tokens have, gives way to its fingerprint."""
    for shape in shapes:
        value = _each_text(value, partial(shape.sub, _fingerprint_of))
    return value


def _fingerprint_of(found: re.Match[str]) -> str:
    return fingerprint(found[0])


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(inner, change) for inner in value]
    return {name: _each_text(inner, change) for name, inner in value.items()} if isinstance(value, dict) else value


def header_fields(pairs: Iterable[tuple[str, str]], secrets: Collection[str]) -> list[list[str]]:
    """Header fields as they may be shown."""
    hidden = _COOKIES | SECRETS | {name.lower() for name in secrets}
    return [[name, _header_value(name.lower(), value, hidden)] for name, value in pairs]


def body(data: bytes, media_type: str, secrets: Collection[str]) -> Any:
    """A body as it may be shown: JSON or form fields with secrets hidden; of any other text, no long word."""
    if not data:
        return None
    if media_type == FORM:
        return query(data.decode("utf-8", "replace"), secrets)
    try:
        return _value(jsontext.read(data), secrets)
    except jsontext.JsonTextError:
        named = _named(frozenset(secrets))
        bare = named.sub(lambda found: found[1] + found[2] + _hide(found[3]), text(data.decode("utf-8", "replace")))
        return _LONG_WORD.sub(lambda word: _hide(word[0]), bare)


def members(value: Mapping[str, Any], secrets: Collection[str]) -> dict[str, Any]:
    """Members of JSON as they may be shown."""
    return {name: _member(name, inner, secrets) for name, inner in value.items()}


def query(raw: str, secrets: Collection[str]) -> dict[str, Any]:
    """Query or form parameters as they may be shown; of a repeated one, every value."""
    shown: dict[str, Any] = {}
    for name, value in parse_qsl(raw, keep_blank_values=True):
        bare = _member(name, value, secrets)
        shown[name] = bare if name not in shown else [*_listed(shown[name]), bare]
    return shown


@lru_cache(maxsize=16)
def _named(secrets: frozenset[str]) -> re.Pattern[str]:
    """A secret by its name, where a text is no JSON: up to what ends a value in JSON or in a form."""
    names = "|".join(re.escape(name) for name in sorted(secrets | SECRETS))
    return re.compile(rf"({names})((?:\\*\")?\s*[:=]\s*(?:\\*\")?)((?:\\.|[^\"&,}}\\])+)", re.IGNORECASE)


def _value(value: Any, secrets: Collection[str]) -> Any:
    if isinstance(value, dict):
        return members(value, secrets)
    if isinstance(value, list):
        return [_value(inner, secrets) for inner in value]
    return text(value) if isinstance(value, str) else value


def _member(name: str, value: Any, secrets: Collection[str]) -> Any:
    if value is None or not (name.lower() in SECRETS or name.lower() in _lower(frozenset(secrets))):
        return _value(value, secrets)
    return _hide(value if isinstance(value, str) else jsontext.write(value).decode())


@lru_cache(maxsize=16)
def _lower(secrets: frozenset[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in secrets)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _header_value(name: str, value: str, hidden: Collection[str]) -> str:
    if name not in _AUTHORIZATION:
        return _hide(value) if name.removesuffix(_BINARY) in hidden else text(value)
    scheme, _, credential = value.partition(" ")
    return f"{scheme} {_hide(credential.strip())}" if scheme.lower() in _SCHEMES else _hide(value)


def _hide(secret: str) -> str:
    return text(secret) if _JWT.fullmatch(secret) else fingerprint(secret)
