"""The head of a request, and what is turned away on sight of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
REQUEST_LINE = re.compile(rf"({WORD}) (\*|/[!-~]*|[A-Za-z]+://[!-~]+) HTTP/(1\.[01])\r\n")
BEGINNING = re.compile(r"[!-~][ -~]*\r?")
HOST = re.compile(r"(?:[\w.~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?", re.ASCII)
AUTHORITY = re.compile(r"[A-Za-z]+://[^/?#]*")
FIELD = re.compile(rf"^({WORD}):([^\r\n]*+)\r\n", re.MULTILINE)

PLAIN = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""Methods that mean nothing special to any parser. The rest goes by another name there: llhttp knows only
those that somebody registered, and leaves HTTP after a CONNECT."""
DECISIVE = frozenset({"host", "connection", "content-length", "transfer-encoding", "expect", "upgrade"})
HARMLESS = frozenset({"host", "connection"})
HARMFUL = re.compile(r"^(?=(?:Content-Length|Transfer-Encoding|Expect|Upgrade):)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Limits:
    """What callers may ask of the server: how much, how slowly, and how long once it is told to stop."""

    head_bytes: int = 64 * 1024
    header_count: int = 200
    body_bytes: int = 8 * 1024 * 1024
    head_deadline: timedelta = timedelta(seconds=10)
    body_deadline: timedelta = timedelta(seconds=30)
    grace: timedelta = timedelta(seconds=2)


class TurnedAway(Exception):  # noqa: N818  # it is the caller's error
    """No call comes of this: an HTTP status, and a sentence for whoever sent it."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True, slots=True)
class Head:
    """A request without its body.

    *target* is in origin form. *headers* are as sent: any case, in order, repeats kept apart. *length* is
    nothing when the body comes in chunks. *bodiless* is the same head for a parser that must neither wait
    for a body nor leave HTTP: llhttp drops the body of whoever offers to `Upgrade` to h2c.
    """

    raw: bytes
    method: str
    target: str
    version: str
    headers: tuple[tuple[str, str], ...]
    persists: bool
    expects_continue: bool
    length: int | None
    bodiless: bytes


def malformed(detail: str) -> TurnedAway:
    return TurnedAway(HTTPStatus.BAD_REQUEST, detail)


def require_a_beginning(line: str) -> None:
    """Tell those who speak TLS or HTTP/0.9 at once: they wait for an answer."""
    if not (REQUEST_LINE if line.endswith("\n") else BEGINNING).fullmatch(line):
        raise malformed("This is not the beginning of an HTTP/1 request.")


def require_room(size: int, limits: Limits) -> None:
    if size > limits.body_bytes:
        raise TurnedAway(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The body of the request is longer than {limits.body_bytes} bytes.",
        )


def read_head(raw: bytes, limits: Limits) -> Head:
    """Understand a head, from its first byte to the end of its empty line."""
    text = raw.decode("latin-1")
    line = REQUEST_LINE.match(text)
    if line is None:
        raise malformed("The request line is not `METHOD target HTTP/1.1`.")
    method, target, version = line.groups()
    headers = read_fields(text, line.end(), limits)
    decisive = decisive_fields(headers)
    require_one_host(decisive, version)
    is_harmless = target[0] == "/" and method in PLAIN and decisive.keys() <= HARMLESS
    return Head(
        raw=raw,
        method=method,
        target=origin_form(target),
        version=version,
        headers=headers,
        persists=version == "1.1" and not says_close(decisive),
        expects_continue=version == "1.1" and says_continue(decisive),
        length=body_length(decisive, limits),
        bodiless=raw if is_harmless else bodiless(line, text),
    )


def read_fields(text: str, start: int, limits: Limits) -> tuple[tuple[str, str], ...]:
    found = FIELD.findall(text, start)
    if len(found) > limits.header_count:
        raise TurnedAway(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            f"The request has more than {limits.header_count} header fields.",
        )
    if len(found) != text.count("\n", start) - 1:
        raise malformed("A line of the head is not a header field.")
    return tuple((name, value.strip(" \t")) for name, value in found)


def decisive_fields(headers: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    """Pick the fields by which is decided what the request is and where it ends."""
    decisive: dict[str, list[str]] = {}
    for name, value in headers:
        lowered = name.lower()
        if lowered in DECISIVE:
            decisive.setdefault(lowered, []).append(value)
    return decisive


def require_one_host(decisive: dict[str, list[str]], version: str) -> None:
    hosts = decisive.get("host", [])
    if len(hosts) > 1:
        raise malformed("The request has more than one Host.")
    if not hosts and version == "1.1":
        raise malformed("The request has no Host.")
    if hosts and not HOST.fullmatch(hosts[0]):
        raise malformed("The Host of the request is none.")


def says_close(decisive: dict[str, list[str]]) -> bool:
    options = ",".join(decisive.get("connection", [])).lower().split(",")
    return "close" in [option.strip() for option in options]


def says_continue(decisive: dict[str, list[str]]) -> bool:
    return "100-continue" in [value.lower() for value in decisive.get("expect", [])]


def body_length(decisive: dict[str, list[str]], limits: Limits) -> int | None:
    # RFC 9112, 6.3: who says it twice may be believed once by a proxy and otherwise by us.
    lengths = decisive.get("content-length", [])
    codings = decisive.get("transfer-encoding", [])
    if len(lengths) + len(codings) > 1:
        raise malformed("The request says more than once how long its body is.")
    if codings and codings[0].lower() != "chunked":
        raise malformed("The only transfer coding of a request that is understood is chunked.")
    if codings:
        return None
    return read_length(lengths[0], limits) if lengths else 0


def read_length(text: str, limits: Limits) -> int:
    if not re.fullmatch("[0-9]+", text):
        raise malformed("The Content-Length of the request is not a number of bytes.")
    length = int(text.lstrip("0")[:20] or "0")
    require_room(length, limits)
    return length


def origin_form(target: str) -> str:
    """Reduce a target that may be a whole URL to its path and query."""
    if target[0] in "/*":
        return target
    below = AUTHORITY.sub("", target, count=1)
    return below if below.startswith("/") else f"/{below}"


def bodiless(line: re.Match[str], text: str) -> bytes:
    method, target, version = line.groups()
    method = method if method in PLAIN else "POST"
    fields = HARMFUL.sub("X-", text[line.end() :])
    return f"{method} {origin_form(target)} HTTP/{version}\r\n{fields}".encode("latin-1")
