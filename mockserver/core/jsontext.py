"""One strict reader of JSON, for bodies, JOSE headers and claims; and one writer.

Python's own reader takes NaN, Infinity, UTF-16 and lone surrogates, and answers deep nesting with a
RecursionError. This one takes RFC 8259: UTF-8, finite numbers, scalar strings, and a bounded depth.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

MAX_DEPTH = 64
"""So many arrays and objects may stand inside each other."""


class JsonTextError(ValueError):
    """This is not JSON that anyone should accept; the message says why."""


def read(text: bytes) -> Any:
    """The value that *text* describes. Of a repeated member the last one counts."""
    try:
        value = _DECODER.decode(text.decode("utf-8"))
    except UnicodeDecodeError:
        raise JsonTextError("not UTF-8") from None
    except RecursionError:
        raise JsonTextError(f"nested deeper than {MAX_DEPTH}") from None
    except ValueError as error:
        raise JsonTextError(str(error)) from None
    if text.count(b"[") + text.count(b"{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise JsonTextError(f"nested deeper than {MAX_DEPTH}")
    if b"\\u" in text and not _scalar(value):
        raise JsonTextError("a string holds half of a surrogate pair")
    return value


def read_object(text: bytes) -> dict[str, Any]:
    """The same, for texts that must be an object."""
    value = read(text)
    if not isinstance(value, dict):
        raise JsonTextError("not an object")
    return value


def write(value: Any) -> bytes:
    """Compact UTF-8 JSON, members in the order given."""
    return _ENCODER.encode(value).encode()


def _no_constant(name: str) -> NoReturn:
    raise JsonTextError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise JsonTextError("a number is too large")
    return number


def _depth(value: Any) -> int:
    depth, layer = 0, [value]
    while layer := [item for item in layer if isinstance(item, (dict, list))]:
        depth += 1
        layer = [inner for item in layer for inner in (item.values() if isinstance(item, dict) else item)]
    return depth


def _scalar(value: Any) -> bool:
    try:
        write(value)
    except UnicodeEncodeError:
        return False
    return True


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
