"""What Ingrid's documents leave open, as switches."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.core.options import URL, Options, Text, Words, choice, option, switch


@dataclass(frozen=True, slots=True)
class IngridOptions(Options):
    """Ingrid's options, beside those that all vendors share."""

    auth_path: str = option(
        "/v1/auth/token",
        Text(r"/[^\s?#{}]+", "a path"),
        "where assertions are exchanged; the vendor says it can differ by environment and version",
    )
    accept_form: bool = switch(default=True, why="take the RFC 7523 form as well; off is the vendor's strict JSON")
    audience: tuple[str, ...] = option(
        ("request",),
        Words(rf"request|{URL}", "the word request, or URLs"),
        "accepted audiences; request is the URL as called",
    )
    token_format: str = choice("jwt", "opaque", why="the vendor promises none; opaque proves that clients do not peek")
    mint_status: int = choice(200, 201, why="unpublished; clients must test for success, not for a number")
    problem_style: str = choice("current", "earlier", why="two generations of the error documentation")
    problem_lang: str = choice("en", "sv", "auto", why="texts are translated; auto follows Accept-Language")
    replay: str = choice(
        "jti", "always", "off", why="single use: assertions that carry a jti, every one by its text, or none"
    )
