"""The compact form of a JSON Web Signature, taken apart and put together (RFC 7515 section 7.1)."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*\Z")
_LAST = {2: "AQgw", 3: "AEIMQUYcgkosw048"}
"""The characters that may end a text of so many beyond a multiple of four: those whose unused bits are zero."""
_PARTS, _PARTS_OF_JWE = 3, 5
_USUAL_BYTES = 256
_USUAL_TOKEN_BYTES = 4096


class MalformedJwsError(ValueError):
    """This is not one well-formed compact JWS; the message says why."""


@dataclass(frozen=True, slots=True)
class CompactJws:
    """A compact JWS whose form is sound. Nothing is verified yet."""

    header: Mapping[str, Any]
    payload: bytes
    signing_input: bytes
    signature: bytes

    @property
    def algorithm(self) -> Any:
        """What the header calls itself; to be compared with what the key allows, never trusted."""
        return self.header.get("alg")

    def claims(self) -> dict[str, Any]:
        """The payload as a JSON object (RFC 7519 section 7.2)."""
        if len(self.payload) <= _USUAL_TOKEN_BYTES:
            return dict(_usual_claims(self.payload))
        return _read_claims(self.payload)


def parse(text: str) -> CompactJws:
    """Take a compact JWS apart, refusing whatever RFC 7515 does not allow: padding, blanks, `crit`."""
    # Whose it is and whether it is good are asked one after the other; long ones are not worth the memory.
    return _usual(text) if len(text) <= _USUAL_TOKEN_BYTES else _parse(text)


@lru_cache(maxsize=64)
def _usual(text: str) -> CompactJws:
    return _parse(text)


def _parse(text: str) -> CompactJws:
    parts = text.split(".")
    if len(parts) == _PARTS_OF_JWE:
        raise MalformedJwsError("five parts: this is an encrypted token (JWE)")
    if len(parts) != _PARTS:
        raise MalformedJwsError(f"{len(parts)} part{'s' * (len(parts) != 1)} instead of three")
    header, payload, signature = (decode(part) for part in parts)
    return CompactJws(
        header=_header(header),
        payload=payload,
        signing_input=text[: text.rindex(".")].encode(),
        signature=signature,
    )


@lru_cache(maxsize=64)
def encoded_header(**header: str) -> str:
    """The first part of a compact JWS with this header; worked out once per header."""
    return encode(jsontext.write(header))


def encode(data: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The same, backwards: only the alphabet's own characters, no padding, no left-over bits."""
    if not _ALPHABET.match(text):
        raise MalformedJwsError("a character that is not base64url")
    left_over = len(text) % 4
    if left_over == 1:
        raise MalformedJwsError("not base64url: its length is impossible")
    if left_over and text[-1] not in _LAST[left_over]:
        raise MalformedJwsError("base64url with left-over bits")
    return base64.urlsafe_b64decode(text + "=" * (-left_over % 4))


def _header(data: bytes) -> Mapping[str, Any]:
    # A client sends the same header again and again; long ones are not worth the memory.
    return _usual_header(data) if len(data) <= _USUAL_BYTES else _read_header(data)


@lru_cache(maxsize=64)
def _usual_header(data: bytes) -> Mapping[str, Any]:
    return _read_header(data)


def _read_header(data: bytes) -> Mapping[str, Any]:
    try:
        header = jsontext.read_object(data)
    except jsontext.JsonTextError as error:
        raise MalformedJwsError(f"the header is no JSON object: {error}") from None
    if "crit" in header:
        # RFC 7515 section 4.1.11: no extension is understood here, so any of them is a reason to refuse.
        raise MalformedJwsError("crit asks for extensions that are not understood")
    return MappingProxyType(header)


@lru_cache(maxsize=64)
def _usual_claims(payload: bytes) -> Mapping[str, Any]:
    return MappingProxyType(_read_claims(payload))


def _read_claims(payload: bytes) -> dict[str, Any]:
    try:
        return jsontext.read_object(payload)
    except jsontext.JsonTextError as error:
        raise MalformedJwsError(f"the payload is no JSON object: {error}") from None
