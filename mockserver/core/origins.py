"""Browser or server? Which origins? Decide, and say why.

A browser is told by `Origin` or `Sec-Fetch-Site`: page script can set neither. A vendor may tell it by fewer of them,
or by a cookie that only its pages get. `Sec-Fetch-Mode` tells nothing: Node's fetch sends it from servers.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from mockserver.core.calls import Headers
    from mockserver.core.case import Case
    from mockserver.core.options import Options

SIGNALS = ("Origin", "Sec-Fetch-Site")
FORWARDING_HINT = "Origin/Sec-Fetch-Site present: stop forwarding browser headers"


def browser_signals(
    headers: Headers, names: Collection[str] = SIGNALS, cookies: Collection[str] = ()
) -> dict[str, str]:
    """What makes this call a browser's: header fields with their values, a cookie by its name; empty for a server's.

    *cookies* are names in capitals, which count in any case and behind a `__Host-` as well.
    """
    found = {name: value for name in names if (value := headers.get(name)) is not None}
    if cookies and "Cookie" in headers:
        told = [name for name in headers.cookies() if name.upper().removeprefix("__HOST-") in cookies]
        return {"Cookie": told[0], **found} if told else found
    return found


@dataclass(frozen=True, slots=True)
class TokenList:
    """Origins are admitted by the list in each call's own token, and the vendor refuses all others.

    *listed* gives the origins that the token of a call lists; nothing where it has none that is for pages.
    *shows_refused* says whether an origin that was refused may read that.
    """

    listed: Callable[[Case], Collection[str] | None]
    shows_refused: Callable[[Case], bool]


@dataclass(frozen=True, slots=True)
class Cors:
    """What a browser endpoint offers across origins: methods, request headers, readable answer headers.

    With a list *by_token*, the options of origins do not count: a preflight, which carries no token, is passed by any
    origin with any headers, by any OPTIONS, and with no word of how long that holds.
    """

    methods: tuple[str, ...]
    headers: tuple[str, ...] = ()
    expose: tuple[str, ...] = ()
    by_token: TokenList | None = None
    preflight_status: int = 204


@dataclass(frozen=True, slots=True)
class Admission:
    """How a browser endpoint answers an origin (WHATWG Fetch, CORS protocol).

    *allow_origin* is the header's value, nothing when the origin may not read. *vary* says whether another
    origin would have been answered differently. *why* is the decision in words.
    """

    cors: Cors
    allow_origin: str | None
    credentials: bool
    expose: bool
    vary: bool
    why: str


def admit(origin: str | None, base_url: str, cors: Cors, options: Options) -> Admission:
    """Decide whether pages of *origin* may read this endpoint's answers. The endpoint's own origin always may."""
    static = "*" in options.cors_origins and not options.cors_credentials
    allow, why = ("*", "any origin may read") if static else _echo(origin, base_url, options)
    return Admission(
        cors=cors,
        allow_origin=allow,
        credentials=options.cors_credentials and allow is not None,
        expose=options.cors_expose,
        vary=not static,
        why=why,
    )


def admit_by_token(case: Case, cors: Cors, status: int, *, preflight: bool) -> Admission:
    """Decide whether the page that calls may read an answer of this *status*, by the list in the call's token."""
    allow, why = _by_token(case, cors, status, preflight=preflight)
    return Admission(cors=cors, allow_origin=allow, credentials=True, expose=False, vary=allow is not None, why=why)


def _by_token(case: Case, cors: Cors, status: int, *, preflight: bool) -> tuple[str | None, str]:
    origin = case.call.headers.get("Origin")
    if origin is None or cors.by_token is None or status == HTTPStatus.NOT_FOUND:
        return None, "no Origin was sent" if origin is None else "nothing is here"
    if preflight:
        return origin, "a preflight carries no token: any origin passes"
    if status == HTTPStatus.UNAUTHORIZED:
        return origin, "the list of a token that does not count cannot be trusted: any origin may read why"
    if status == HTTPStatus.FORBIDDEN:
        shown = cors.by_token.shows_refused(case)
        return (origin, "a refused origin may read it: an option says so") if shown else (None, "it was refused")
    return _listed(origin, cors.by_token.listed(case))


def _listed(origin: str, listed: Collection[str] | None) -> tuple[str | None, str]:
    if listed is None:
        return None, "no token that is for pages: no CORS headers"
    return (origin, "the token lists it") if origin in listed else (None, f"'{origin}' is none of {', '.join(listed)}")


def _echo(origin: str | None, base_url: str, options: Options) -> tuple[str | None, str]:
    if origin is None:
        return None, "no Origin was sent"
    if origin == "null":
        return None, "an opaque origin is never on a list"
    if origin == origin_of(base_url):
        return origin, "the endpoint's own origin"
    if "*" in options.cors_origins:
        return origin, "any origin may read, and credentials need it by name"
    if origin in options.cors_origins:
        return origin, "the origin is on the list"
    return None, f"'{origin}' is none of {', '.join(options.cors_origins)}"


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, as a browser would name its origin."""
    return "/".join(url.split("/", 3)[:3])
