"""Every refusal of Ingrid's sheet, sections 3.1 to 3.3: its answer to the byte, and its place in the order.

A flaw is one way to break a call. Each is answered as its row says, alone and beside any later one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from mockserver.core.entropy import Entropy
from mockserver.core.keys import SigningKey
from mockserver.core.rules import Rule, Then
from mockserver.core.tokens import TokenFilter
from mockserver.vendors.ingrid.options import IngridOptions
from mockserver.vendors.ingrid.records import AccountKey
from tests.vendors.ingrid_handoff import (
    AUTH,
    BROWSER_DETAIL,
    DELIVERY,
    FORM,
    FROM_A_PAGE,
    GRANT,
    INSUFFICIENT_SCOPE,
    INVALID_TOKEN,
    JSON,
    MALFORMED,
    NO_GRANT,
    NO_SCOPES,
    P401,
    P403,
    SERVER_TOKEN_DETAIL,
    TRACE,
    Handoff,
    bearer,
    compact,
    headers_of,
    hs256,
    item,
    oauth_error,
    p400,
    p403,
    p_none,
    ps256,
    rs512,
    unsigned,
    wire_image,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.support.wire import Got

PROBLEM = "application/problem+json"
READABLE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "X-Trace-Id, WWW-Authenticate",
}
INSUFFICIENT_VIEW = 'Bearer error="insufficient_scope", scope="view"'
ABSENT = object()


@pytest.fixture
def ingrid(wire, sandbox) -> Handoff:
    return Handoff(wire, sandbox)


@pytest.fixture
def elsewhere(emulator, wire) -> Callable[[], Handoff]:
    """The same hand-off in a sandbox where nothing has happened yet."""
    numbers = count(1)

    def make() -> Handoff:
        sandbox = emulator.sandboxes.create(f"elsewhere-{next(numbers)}")
        sandbox.clock.set(emulator.sandbox.clock.now(), frozen=True)
        return Handoff(wire, sandbox)

    return make


@dataclass
class Draft:
    """A call that is about to be made: sound, until flaws break it."""

    ingrid: Handoff
    headers: list[tuple[str, str]] = field(default_factory=list)
    kind: str = JSON
    members: dict[str, Any] = field(default_factory=dict)
    cut_short: bool = False
    body: bytes | None = None
    # of hop one
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    without: set[str] = field(default_factory=set)
    signer: str = "sa_demo"
    sign: Any = None
    repeats: str = ""
    # of hops two and three
    mint: Callable[[Handoff], str | None] | None = None
    site: str = "site_demo"
    query: str = ""
    deeds: list[Callable[[Draft], None]] = field(default_factory=list)

    def auth(self, kind: str = JSON) -> Got:
        assertion = self.ingrid.signed(
            self.signer, header=self.header, sign=self.sign, without=self.without, **self.claims
        )
        sound = {("grant_type" if kind == FORM else "grantType"): GRANT, "assertion": assertion}
        changes = {
            "grant_type" if kind == FORM and name == "grantType" else name: value
            for name, value in self.members.items()
        }
        for deed in self.deeds:
            deed(self)
        body = self._form(sound | changes) if kind == FORM else self._json(sound | changes)
        return self.ingrid.call(AUTH, body, kind=kind if self.kind == JSON else self.kind, headers=self.headers)

    def mint_site_token(self) -> Got:
        token = (self.mint or Handoff.service_token)(self.ingrid)
        return self._with_token(f"/v1/sites/{self.site}/access-tokens", token, {"scopes": ["view"]})

    def use_token(self) -> Got:
        token = (self.mint or Handoff.site_token)(self.ingrid)
        return self._with_token(DELIVERY, token, {})

    def _with_token(self, path: str, token: str | None, sound: dict[str, Any]) -> Got:
        for deed in self.deeds:
            deed(self)
        headers = [*bearer(token), *self.headers]
        return self.ingrid.call(path + self.query, self._json(sound | self.members), kind=self.kind, headers=headers)

    def _json(self, members: dict[str, Any]) -> bytes:
        if self.body is not None:
            return self.body
        text = json.dumps({name: value for name, value in members.items() if value is not ABSENT})
        return (text[:-1] if self.cut_short else text).encode()

    def _form(self, members: dict[str, Any]) -> bytes:
        text = urlencode({name: value for name, value in members.items() if value is not ABSENT})
        return (text + self.repeats).encode()


def broken(ingrid: Handoff, *flaws: Flaw) -> Draft:
    """A call with these flaws."""
    draft = Draft(ingrid)
    for flaw in flaws:
        flaw.break_(draft)
    return draft


@dataclass(frozen=True)
class Flaw:
    """One way to break a call, and the answer to it. Flaws that *touch* the same part exclude each other."""

    name: str
    reason: str
    touches: set[str]
    break_: Callable[[Draft], object]
    body: str = P401
    challenge: str = ""
    form: str = ""
    one_of_many: bool = False

    @property
    def status(self) -> int:
        return json.loads(self.body)["status"]

    @property
    def label(self) -> str:
        return f"{self.reason}-{self.name}"

    def excludes(self, other: Flaw) -> bool:
        return any(
            mine == theirs or mine.startswith(theirs + ".") or theirs.startswith(mine + ".")
            for mine in self.touches
            for theirs in other.touches
        )


def ids(flaws: Iterable[Flaw]) -> list[Any]:
    return [pytest.param(flaw, id=flaw.label) for flaw in flaws]


def followed(flaws: Iterable[Flaw]) -> list[Any]:
    """Every flaw with all the later ones of the table that one call can have beside it."""
    rows = [flaw for flaw in flaws if not flaw.one_of_many]
    return [
        pytest.param(first, later, id=first.label)
        for place, first in enumerate(rows)
        if (later := [flaw for flaw in rows[place + 1 :] if not first.excludes(flaw)])
    ]


def from_a_page(draft: Draft) -> None:
    draft.headers.extend(FROM_A_PAGE)


def plain_text(draft: Draft) -> None:
    draft.kind = "text/plain"


def cut_short(draft: Draft) -> None:
    draft.cut_short = True


def body(data: bytes) -> Callable[[Draft], None]:
    return lambda draft: setattr(draft, "body", data)


def member(name: str, value: Any) -> Callable[[Draft], None]:
    return lambda draft: draft.members.update({name: value})


def claim(name: str, value: Any) -> Callable[[Draft], None]:
    return lambda draft: draft.claims.update({name: value})


def claim_in(name: str, step: float) -> Callable[[Draft], None]:
    return lambda draft: draft.claims.update({name: draft.ingrid.now + step})


def no_claim(name: str) -> Callable[[Draft], None]:
    return lambda draft: draft.without.add(name)


def header(**fields: Any) -> Callable[[Draft], None]:
    return lambda draft: draft.header.update(fields)


def signature(make: Callable[[Handoff], Any], algorithm: str) -> Callable[[Draft], None]:
    def break_(draft: Draft) -> None:
        draft.header["alg"] = algorithm
        draft.sign = make(draft.ingrid)

    return break_


def deed(do: Callable[[Draft], Any], *, at_first: bool = False) -> Callable[[Draft], None]:
    return lambda draft: draft.deeds.insert(0, do) if at_first else draft.deeds.append(do)


def disabled(draft: Draft) -> None:
    draft.ingrid.change_account(enabled=False)


def sent_before(draft: Draft) -> None:
    draft.claims["jti"] = "only-once"
    draft.deeds.insert(0, lambda draft: draft.ingrid.auth(draft.ingrid.signed(jti="only-once")))


def retired(draft: Draft) -> None:
    own = draft.ingrid.records.accounts["sa_demo"].keys[0]
    draft.ingrid.change_account(keys=(AccountKey(own.verifying, active=False),))


def signed_by(account: str) -> Callable[[Draft], None]:
    return lambda draft: setattr(draft, "signer", account)


GRANT_UNSUPPORTED = p400(item("error.grantType.unsupported", "/grantType"))
NO_ASSERTION = p400(item("error.assertion.required", "/assertion"))


def in_body(
    name: str, reason: str, touches: str, break_: Callable[[Draft], object], body_: str, form: str, **more
) -> Flaw:
    return Flaw(name, reason, {touches}, break_, body=body_, form=form, **more)


def in_assertion(
    name: str, reason: str, touches: str, break_: Callable[[Draft], object], *, other: bool = False
) -> Flaw:
    """A flaw inside an assertion: 401 in the vendor's shape, `invalid_grant` in the RFC's."""
    parts = {f"assertion.{part}" for part in touches.split()}
    return Flaw(name, reason, parts, break_, challenge="Bearer", form="invalid_grant", one_of_many=other)


FROM_A_BROWSER = Flaw("origin", "browser.secret_exposed", {"origin"}, from_a_page, body=p403(BROWSER_DETAIL))
MEDIA_TYPE = Flaw("text", "request.media_type", {"kind"}, plain_text, body=p_none(415))
CUT_SHORT = Flaw("cut-short", "request.malformed", {"body"}, cut_short, body=p400(MALFORMED))

AUTH_FLAWS = [
    FROM_A_BROWSER,
    Flaw(
        "sec-fetch-site",
        "browser.secret_exposed",
        {"origin"},
        lambda draft: draft.headers.append(("Sec-Fetch-Site", "same-origin")),
        body=p403(BROWSER_DETAIL),
        one_of_many=True,
    ),
    MEDIA_TYPE,
    CUT_SHORT,
    *(
        Flaw(name, "request.malformed", {"body"}, body(data), body=p400(MALFORMED), one_of_many=True)
        for name, data in {
            "empty": b"",
            "array": b"[]",
            "string": b'"x"',
            "null": b"null",
            "not-utf-8": b'{"grantType":"\xff"}',
        }.items()
    ),
    in_body(
        "twice",
        "request.duplicate_parameter",
        "repeats",
        lambda draft: setattr(draft, "repeats", "&scope=view&scope=edit"),
        "",
        "invalid_request",
    ),
    in_body("absent", "request.invalid", "grant", member("grantType", ABSENT), p400(NO_GRANT), "invalid_request"),
    in_body(
        "empty",
        "request.invalid",
        "grant",
        member("grantType", ""),
        p400(NO_GRANT),
        "invalid_request",
        one_of_many=True,
    ),
    *(
        in_body(
            repr(value), "request.invalid", "grant", member("grantType", value), p400(NO_GRANT), "", one_of_many=True
        )
        for value in (5, None, True, [GRANT], {})
    ),
    in_body(
        "password",
        "request.unsupported_grant",
        "grant",
        member("grantType", "password"),
        GRANT_UNSUPPORTED,
        "unsupported_grant_type",
    ),
    in_body(
        "upper-case",
        "request.unsupported_grant",
        "grant",
        member("grantType", GRANT.upper()),
        GRANT_UNSUPPORTED,
        "unsupported_grant_type",
        one_of_many=True,
    ),
    in_body("absent", "assertion.missing", "assertion", member("assertion", ABSENT), NO_ASSERTION, "invalid_request"),
    in_body(
        "empty",
        "assertion.missing",
        "assertion",
        member("assertion", ""),
        NO_ASSERTION,
        "invalid_request",
        one_of_many=True,
    ),
    *(
        in_body(
            repr(value),
            "assertion.missing",
            "assertion",
            member("assertion", value),
            NO_ASSERTION,
            "",
            one_of_many=True,
        )
        for value in (5, None, ["a.b.c"], {})
    ),
    in_assertion("crit", "assertion.malformed", "crit", header(crit=["x"])),
    *(
        in_assertion(name, "assertion.malformed", "text", member("assertion", text), other=True)
        for name, text in {
            "two-tokens": "a.b.c d.e.f",
            "two-parts": "e30.e30",
            "five-parts": "e30.e30.e30.e30.e30",
            "padding": "e30=.e30.e30",
            "no-json": "eA.eA.eA",
            "array": "W10.W10.eA",
        }.items()
    ),
    in_assertion("rs512", "assertion.unsupported_algorithm", "alg", header(alg="RS512")),
    *(
        in_assertion(name, "assertion.unsupported_algorithm", "alg", break_, other=True)
        for name, break_ in {
            "none": signature(lambda _: unsigned, "none"),
            "hs256-with-the-public-pem": signature(lambda ingrid: hs256(ingrid.public_pem()), "HS256"),
            "true-rs512": signature(lambda ingrid: rs512(ingrid.private_key()), "RS512"),
            "ps256": signature(lambda ingrid: ps256(ingrid.private_key()), "PS256"),
            "lower-case": header(alg="rs256"),
            "null": header(alg=None),
            "array": header(alg=["RS256"]),
        }.items()
    ),
    in_assertion("no-sub", "assertion.missing_claim", "sub", no_claim("sub")),
    in_assertion("sub-is-a-number", "assertion.invalid_claim", "sub", claim("sub", 5)),
    *(
        in_assertion(f"sub-is-{value!r}", "assertion.invalid_claim", "sub", claim("sub", value), other=True)
        for value in ("", None, ["sa_demo"], True)
    ),
    in_assertion("nobody", "credential.unknown", "sub account", claim("sub", "sa_nobody")),
    in_assertion("switched-off", "credential.disabled", "account", deed(disabled)),
    in_assertion("kid", "assertion.unknown_key", "kid", header(kid="rotated-away")),
    in_assertion("kid-is-null", "assertion.unknown_key", "kid", header(kid=None), other=True),
    in_assertion("stranger", "assertion.bad_signature", "signature", signed_by("sa_edit")),
    in_assertion("retired", "assertion.bad_signature", "signature", deed(retired), other=True),
    in_assertion("no-aud", "assertion.missing_claim", "aud", no_claim("aud")),
    in_assertion("no-exp", "assertion.missing_claim", "exp", no_claim("exp")),
    in_assertion("iss-is-not-sub", "assertion.invalid_claim", "iss", claim("iss", "sa_edit")),
    in_assertion("iat-is-text", "assertion.invalid_claim", "iat", claim("iat", "1")),
    *(
        in_assertion(f"{name}-is-{value!r}", "assertion.invalid_claim", name, claim(name, value), other=True)
        for name in ("exp", "iat", "nbf")
        for value in ("9999999999", True, None, [], 1e11, 10**30)
    ),
    *(
        in_assertion(f"{name}-in-milliseconds", "assertion.invalid_claim", name, break_, other=True)
        for name, break_ in {
            "exp": claim("exp", 1_767_323_105_000),
            "iat": claim("iat", 1_767_323_045_000),
            "nbf": claim("nbf", 1_767_323_045_000),
        }.items()
    ),
    *(
        in_assertion(f"aud-is-{value!r}", "assertion.invalid_claim", "aud", claim("aud", value), other=True)
        for value in (None, 5, {}, True, ["http://localhost/ingrid/v1/auth/token", 5], [None])
    ),
    in_assertion("slash", "assertion.wrong_audience", "aud", claim("aud", "http://localhost/ingrid/v1/auth/token/")),
    in_assertion("empty-array", "assertion.wrong_audience", "aud", claim("aud", []), other=True),
    in_assertion("exp", "assertion.expired", "exp", claim_in("exp", -60)),
    in_assertion("exp-at-the-leeway", "assertion.expired", "exp", claim_in("exp", -5), other=True),
    in_assertion("nbf", "assertion.not_yet_valid", "nbf", claim_in("nbf", 300)),
    in_assertion("iat", "assertion.not_yet_valid", "iat", claim_in("iat", 300)),
    in_assertion("nbf-past-the-leeway", "assertion.not_yet_valid", "nbf", claim_in("nbf", 5.001), other=True),
    in_assertion("old-iat", "assertion.lifetime_too_long", "iat", claim_in("iat", -7200)),
    in_assertion("far-exp", "assertion.lifetime_too_long", "exp", claim_in("exp", 86_400)),
    in_assertion("jti", "assertion.replayed", "jti", sent_before),
]
IN_JSON = [flaw for flaw in AUTH_FLAWS if flaw.body]
IN_FORM = [flaw for flaw in AUTH_FLAWS if flaw.form or flaw in (FROM_A_BROWSER, MEDIA_TYPE)]


@pytest.mark.parametrize("flaw", ids(IN_JSON))
def test_hop_one_refuses_in_the_vendors_shape(ingrid, flaw):
    draft = broken(ingrid, flaw)

    got = draft.auth()

    assert got.outcome == (flaw.status, flaw.reason)
    assert written(got, like=flaw.body) == flaw.body
    challenge = {"WWW-Authenticate": flaw.challenge} if flaw.challenge else {}
    assert headers_of(got) == {
        "Content-Type": PROBLEM,
        "Cache-Control": "no-store",
        "X-Trace-Id": "<trace>",
        **challenge,
    }


@pytest.mark.parametrize("flaw", ids(flaw for flaw in AUTH_FLAWS if flaw.form))
def test_hop_one_refuses_a_form_in_the_shape_of_rfc_6749(ingrid, flaw):
    draft = broken(ingrid, flaw)

    got = draft.auth(FORM)

    assert got.outcome == (400, flaw.reason)
    assert written(got) == oauth_error(flaw.form, flaw.reason)
    assert headers_of(got) == {"Content-Type": JSON, "Cache-Control": "no-store", "X-Trace-Id": "<trace>"}


def test_hop_one_refuses_a_forms_browser_in_the_vendors_shape(ingrid):
    draft = Draft(ingrid)
    from_a_page(draft)

    got = draft.auth(FORM)

    assert got.outcome == (403, "browser.secret_exposed")
    assert written(got) == p403(BROWSER_DETAIL)


@pytest.mark.parametrize(("first", "later"), followed(IN_JSON))
def test_hop_one_refuses_for_the_first_of_two_flaws(elsewhere, first, later):
    drafts = {second.label: broken(elsewhere(), first, second) for second in later}

    outcomes = {label: draft.auth().outcome for label, draft in drafts.items()}

    assert outcomes == dict.fromkeys(drafts, (first.status, first.reason))


@pytest.mark.parametrize(("first", "later"), followed(IN_FORM))
def test_hop_one_refuses_a_form_for_the_first_of_two_flaws(elsewhere, first, later):
    drafts = {second.label: broken(elsewhere(), first, second) for second in later}

    outcomes = {label: draft.auth(FORM).outcome for label, draft in drafts.items()}

    assert outcomes == dict.fromkeys(drafts, (400 if first.form else first.status, first.reason))


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_a_time_in_milliseconds_is_called_that(ingrid, name):
    got = ingrid.auth(ingrid.signed(**{name: ingrid.now * 1000}))

    assert got.outcome == (401, "assertion.invalid_claim")
    assert "milliseconds" in ingrid.hint(got)


def test_every_401_of_hop_one_looks_the_same(elsewhere):
    drafts = [broken(elsewhere(), flaw) for flaw in IN_JSON if flaw.status == 401]

    answers = [draft.auth() for draft in drafts]

    assert len({got.reason for got in answers}) == 13
    assert all(wire_image(got) == wire_image(answers[0]) for got in answers)


def token(make: Callable[[Handoff], str | None]) -> Callable[[Draft], None]:
    return lambda draft: setattr(draft, "mint", make)


def literal(text: str | None) -> Callable[[Draft], None]:
    return token(lambda _: text)


def strangers(ingrid: Handoff) -> str:
    claims = {"iss": ingrid.base_url, "exp": ingrid.now + 60, "tokenUse": "site"}
    return SigningKey.draw(Entropy("a stranger")).sign(claims)


def under_another_algorithm(algorithm: str, sign: Any) -> Callable[[Draft], None]:
    return token(lambda ingrid: compact({"alg": algorithm, "typ": "JWT"}, {"exp": ingrid.now + 60}, sign))


def forged(draft: Draft) -> None:
    draft.ingrid.sandbox.put(IngridOptions(token_format="opaque"))
    draft.mint = lambda _: "sat_" + "A" * 43


def with_query(draft: Draft) -> None:
    draft.query = "?access_token=x"


def expire(draft: Draft) -> None:
    sandbox = draft.ingrid.sandbox
    assert sandbox.tokens.expire(sandbox.clock.now()) > 0


def revoke(draft: Draft) -> None:
    sandbox = draft.ingrid.sandbox
    assert sandbox.tokens.revoke(sandbox.clock.now()) > 0


def on_token(name: str, reason: str, touches: str, break_: Callable[[Draft], object], *, other: bool = False) -> Flaw:
    return Flaw(name, reason, {touches}, break_, challenge=INVALID_TOKEN, one_of_many=other)


TOKEN_FLAWS = [
    Flaw("no-header", "token.missing", {"token"}, literal(None), challenge="Bearer"),
    Flaw(
        "basic",
        "token.missing",
        {"token"},
        lambda draft: (literal(None)(draft), draft.headers.append(("Authorization", "Basic eDp5"))),
        challenge="Bearer",
        one_of_many=True,
    ),
    Flaw(
        "header-and-query",
        "token.multiple",
        {"query"},
        with_query,
        body=p400(item("error.accessToken.multiple", "")),
    ),
    on_token("null", "token.malformed", "token", literal("null")),
    on_token("undefined", "token.malformed", "token", literal("undefined"), other=True),
    on_token("no-jwt", "token.malformed", "token", literal("sat_" + "A" * 43), other=True),
    on_token("charset", "token.malformed", "token", literal("a,b"), other=True),
    on_token("forged", "token.unknown", "token", forged),
    on_token("strangers-key", "token.bad_signature", "token", token(strangers)),
    on_token("none", "token.bad_signature", "token", under_another_algorithm("none", unsigned), other=True),
    on_token("hs256", "token.bad_signature", "token", under_another_algorithm("HS256", hs256(b"x" * 32)), other=True),
    on_token("clock", "token.expired", "token.life", deed(expire)),
    on_token("revoked", "token.revoked", "token.revocation", deed(revoke)),
]

MINT_FLAWS = [
    FROM_A_BROWSER,
    *TOKEN_FLAWS,
    Flaw(
        "site-token",
        "token.wrong_kind",
        {"token.kind"},
        token(Handoff.site_token),
        body=P403,
        challenge=INSUFFICIENT_SCOPE,
    ),
    on_token("switched-off", "credential.disabled", "account", deed(disabled)),
    MEDIA_TYPE,
    Flaw(
        "form",
        "request.media_type",
        {"kind"},
        lambda draft: setattr(draft, "kind", FORM),
        body=p_none(415),
        one_of_many=True,
    ),
    Flaw(
        "absent",
        "request.media_type",
        {"kind"},
        lambda draft: setattr(draft, "kind", ""),
        body=p_none(415),
        one_of_many=True,
    ),
    CUT_SHORT,
    *(
        Flaw(data.decode(), "request.malformed", {"body"}, body(data), body=p400(MALFORMED), one_of_many=True)
        for data in (b"", b"[]", b"null", b"5")
    ),
    Flaw("no-scopes", "request.invalid", {"scopes"}, member("scopes", ABSENT), body=p400(NO_SCOPES)),
    Flaw("empty", "request.invalid", {"scopes"}, member("scopes", []), body=p400(NO_SCOPES), one_of_many=True),
    *(
        Flaw(
            f"scopes-{value!r}",
            "request.invalid",
            {"scopes"},
            member("scopes", value),
            body=p400(item("error.scopes.invalid", "/scopes")),
            one_of_many=value != "view",
        )
        for value in ("view", ["view", "view"], [5], ["view", None], {}, None, "", 0, False)
    ),
    Flaw(
        "fly",
        "scope.unknown",
        {"scopes"},
        member("scopes", ["fly"]),
        body=p400(item("error.scopes.unknown", "/scopes/0")),
    ),
    Flaw(
        "view-and-fly",
        "scope.unknown",
        {"scopes"},
        member("scopes", ["view", "fly"]),
        body=p400(item("error.scopes.unknown", "/scopes/1")),
        one_of_many=True,
    ),
    Flaw(
        "fly-view-walk",
        "scope.unknown",
        {"scopes"},
        member("scopes", ["fly", "view", "walk"]),
        body=p400(item("error.scopes.unknown", "/scopes/0"), item("error.scopes.unknown", "/scopes/2")),
        one_of_many=True,
    ),
    *(
        Flaw(
            f"ttl-{value!r}",
            "request.invalid",
            {"ttl"},
            member("ttlSeconds", value),
            body=p400(item("error.ttlSeconds.range", "/ttlSeconds")),
            one_of_many=value != 0,
        )
        for value in (0, -1, 3601, 10**30, "300", True, False, 300.0, 0.5, None, [], {})
    ),
    *(
        Flaw(
            f"ref-{value if len(str(value)) < 9 else 'of-256'!r}",
            "request.invalid",
            {"ref"},
            member("externalRef", value),
            body=p400(item("error.externalRef.length", "/externalRef")),
            one_of_many=value != "",
        )
        for value in ("", "r" * 256, 5, None, True, ["order-1"])
    ),
    Flaw(
        "unknown-site",
        "resource.not_found",
        {"site"},
        lambda draft: setattr(draft, "site", "site_nowhere"),
        body=P403,
        challenge=INSUFFICIENT_SCOPE,
    ),
    Flaw(
        "foreign-site",
        "binding.wrong_site",
        {"site"},
        lambda draft: setattr(draft, "site", "site_other"),
        body=P403,
        challenge=INSUFFICIENT_SCOPE,
    ),
    Flaw("edit", "scope.escalation", {"scopes"}, member("scopes", ["edit"]), body=P403, challenge=INSUFFICIENT_SCOPE),
    Flaw(
        "view-and-edit",
        "scope.escalation",
        {"scopes"},
        member("scopes", ["view", "edit"]),
        body=P403,
        challenge=INSUFFICIENT_SCOPE,
        one_of_many=True,
    ),
]


@pytest.mark.parametrize("flaw", ids(MINT_FLAWS))
def test_hop_two_refuses_in_the_vendors_shape(ingrid, flaw):
    draft = broken(ingrid, flaw)

    got = draft.mint_site_token()

    assert got.outcome == (flaw.status, flaw.reason)
    assert written(got, like=flaw.body) == flaw.body
    challenge = {"WWW-Authenticate": flaw.challenge} if flaw.challenge else {}
    assert headers_of(got) == {
        "Content-Type": PROBLEM,
        "Cache-Control": "no-store",
        "X-Trace-Id": "<trace>",
        **challenge,
    }


@pytest.mark.parametrize(("first", "later"), followed(MINT_FLAWS))
def test_hop_two_refuses_for_the_first_of_two_flaws(elsewhere, first, later):
    drafts = {second.label: broken(elsewhere(), first, second) for second in later}

    outcomes = {label: draft.mint_site_token().outcome for label, draft in drafts.items()}

    assert outcomes == dict.fromkeys(drafts, (first.status, first.reason))


def test_all_field_errors_of_one_request_are_listed_in_the_order_of_the_table(ingrid):
    service_token = ingrid.service_token()

    got = ingrid.mint(service_token, scopes=["fly"], ttlSeconds=0, externalRef="")

    everything = p400(
        item("error.scopes.unknown", "/scopes/0"),
        item("error.ttlSeconds.range", "/ttlSeconds"),
        item("error.externalRef.length", "/externalRef"),
    )
    assert got.outcome == (400, "scope.unknown")
    assert written(got, like=everything) == everything


@pytest.mark.parametrize(
    ("body", "reason", "codes"),
    [
        ({"scopes": [], "ttlSeconds": 0}, "request.invalid", {"error.scopes.required", "error.ttlSeconds.range"}),
        ({"scopes": "view", "externalRef": 5}, "request.invalid", {"error.scopes.invalid", "error.externalRef.length"}),
        ({"scopes": ["fly"], "ttlSeconds": "1"}, "scope.unknown", {"error.scopes.unknown", "error.ttlSeconds.range"}),
        (
            {"ttlSeconds": 9999, "externalRef": ""},
            "request.invalid",
            {"error.ttlSeconds.range", "error.externalRef.length"},
        ),
    ],
    ids=["none-and-ttl", "invalid-and-ref", "unknown-and-ttl", "ttl-and-ref"],
)
def test_field_errors_are_listed_together_under_the_reason_of_the_first(ingrid, body, reason, codes):
    service_token = ingrid.service_token()

    got = ingrid.mint(service_token, **body)

    assert got.outcome == (400, reason)
    assert {each["code"] for each in got.json["errors"]} == codes


@pytest.mark.parametrize(
    "body",
    [
        {"ttlSeconds": 1},
        {"ttlSeconds": 3600},
        {"externalRef": "r"},
        {"externalRef": "ü" * 255},
        {"unknown": {"members": "are ignored"}},
    ],
    ids=["shortest", "longest", "one-character", "255-characters", "unknown-member"],
)
def test_hop_two_accepts_what_is_just_within_the_limits(ingrid, body):
    service_token = ingrid.service_token()

    got = ingrid.mint(service_token, **body)

    assert got.outcome == (200, "")


DELIVERY_FLAWS = [
    *TOKEN_FLAWS,
    Flaw(
        "service-token-of-a-page",
        "browser.server_only_token",
        {"token.kind", "origin"},
        lambda draft: (token(Handoff.service_token)(draft), from_a_page(draft)),
        body=p403(SERVER_TOKEN_DETAIL),
    ),
    Flaw(
        "service-token",
        "token.wrong_kind",
        {"token.kind"},
        token(Handoff.service_token),
        body=P403,
        challenge=INSUFFICIENT_SCOPE,
    ),
    Flaw(
        "edit",
        "scope.insufficient",
        {"token.kind"},
        token(Handoff.edit_token),
        body=P403,
        challenge=INSUFFICIENT_VIEW,
    ),
    Flaw(
        "header",
        "binding.wrong_site",
        {"site"},
        lambda draft: draft.headers.append(("x-site-id", "site_other")),
        body=P403,
        challenge=INSUFFICIENT_SCOPE,
    ),
    Flaw(
        "empty-header",
        "binding.wrong_site",
        {"site"},
        lambda draft: draft.headers.append(("X-Site-Id", "")),
        body=P403,
        challenge=INSUFFICIENT_SCOPE,
        one_of_many=True,
    ),
    *(
        Flaw(
            f"member-{value!r}",
            "binding.wrong_site",
            {"site"},
            member("siteId", value),
            body=P403,
            challenge=INSUFFICIENT_SCOPE,
            one_of_many=True,
        )
        for value in ("site_other", "", 5, ["site_demo"], None, False)
    ),
    MEDIA_TYPE,
    CUT_SHORT,
    Flaw("array", "request.malformed", {"body"}, body(b"[]"), body=p400(MALFORMED), one_of_many=True),
    Flaw("empty", "request.malformed", {"body"}, body(b""), body=p400(MALFORMED), one_of_many=True),
]


@pytest.mark.parametrize("flaw", ids(DELIVERY_FLAWS))
def test_hop_three_refuses_in_the_vendors_shape(ingrid, flaw):
    draft = broken(ingrid, flaw)

    got = draft.use_token()

    assert got.outcome == (flaw.status, flaw.reason)
    assert written(got, like=flaw.body) == flaw.body
    challenge = {"WWW-Authenticate": flaw.challenge} if flaw.challenge else {}
    assert headers_of(got) == {"Content-Type": PROBLEM, "X-Trace-Id": "<trace>", **READABLE, **challenge}


@pytest.mark.parametrize(("first", "later"), followed(DELIVERY_FLAWS))
def test_hop_three_refuses_for_the_first_of_two_flaws(elsewhere, first, later):
    drafts = {second.label: broken(elsewhere(), first, second) for second in later}

    outcomes = {label: draft.use_token().outcome for label, draft in drafts.items()}

    assert outcomes == dict.fromkeys(drafts, (first.status, first.reason))


@pytest.mark.parametrize("hop", ["mint_site_token", "use_token"])
def test_every_401_of_a_token_has_one_body(elsewhere, hop):
    drafts = [broken(elsewhere(), flaw) for flaw in TOKEN_FLAWS if flaw.status == 401]

    answers = [getattr(draft, hop)() for draft in drafts]

    assert {got.reason for got in answers} == {
        "token.missing",
        "token.malformed",
        "token.unknown",
        "token.bad_signature",
        "token.expired",
        "token.revoked",
    }
    assert {written(got) for got in answers} == {P401}
    with_a_token = [wire_image(got) for got in answers if got.reason != "token.missing"]
    assert all(image == with_a_token[0] for image in with_a_token)


def test_what_must_not_tell_sites_and_scopes_apart_looks_the_same(elsewhere):
    drafts = [broken(elsewhere(), flaw) for flaw in MINT_FLAWS if flaw.challenge == INSUFFICIENT_SCOPE]

    answers = [draft.mint_site_token() for draft in drafts]

    assert {got.reason for got in answers} == {
        "token.wrong_kind",
        "resource.not_found",
        "binding.wrong_site",
        "scope.escalation",
    }
    assert all(wire_image(got) == wire_image(answers[0]) for got in answers)


def test_a_site_that_matches_may_be_named(ingrid):
    site_token = ingrid.site_token()

    got = ingrid.use(site_token, {"siteId": "site_demo"}, headers=[("X-Site-Id", "site_demo")])

    assert got.outcome == (200, "")


def test_a_site_token_outlives_its_disabled_account_until_it_is_revoked(ingrid):
    site_token = ingrid.site_token()
    ingrid.change_account(enabled=False)
    alive = ingrid.use(site_token)
    ingrid.sandbox.tokens.revoke(ingrid.sandbox.clock.now(), TokenFilter(kind="site"))

    got = ingrid.use(site_token)

    assert alive.outcome == (200, "")
    assert got.outcome == (401, "token.revoked")


@pytest.mark.parametrize("path", ["/", "/v1/auth", "/v1/auth/token/", "/v1/sites//access-tokens", "/v1/delivery"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_paths_are_not_found(ingrid, method, path):
    got = ingrid.call(path, method=method)

    assert got.outcome == (404, "route.not_found")
    assert written(got) == p_none(404)
    assert got.headers["Content-Type"] == PROBLEM
    assert TRACE.fullmatch(got.headers["X-Trace-Id"])


@pytest.mark.parametrize("path", [AUTH, "/v1/sites/site_demo/access-tokens", DELIVERY])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_not_allowed(ingrid, method, path):
    got = ingrid.call(path, method=method)

    assert got.outcome == (405, "method.not_allowed")
    assert written(got) == p_none(405)
    assert got.headers["Allow"] == "POST"
    assert got.headers["Content-Type"] == PROBLEM


@pytest.mark.parametrize(("reason", "status"), [("rate.limited", 429), ("fault.injected", 500)])
@pytest.mark.parametrize("hop", ["auth", "mint_site_token", "use_token"])
def test_a_status_without_a_page_gets_the_neutral_type(ingrid, hop, reason, status):
    draft = Draft(ingrid)
    draft.deeds.append(lambda draft: draft.ingrid.sandbox.rules.add(Rule(then=Then(refuse=reason))))

    got = getattr(draft, hop)()

    assert got.outcome == (status, reason)
    assert written(got) == p_none(status)


def test_an_injected_fault_comes_after_the_browser_guard_and_before_the_token(ingrid):
    ingrid.sandbox.rules.add(Rule(then=Then(refuse="rate.limited")))

    answers = [ingrid.mint("null", headers=FROM_A_PAGE), ingrid.mint("null")]

    assert [got.reason for got in answers] == ["browser.secret_exposed", "rate.limited"]


EARLIER = "https://docs.ingrid.com/ingrid-api/errors/common/"
CURRENT = "https://docs.ingrid.com/developer-resources/ingrid-api/errors/common/"
TEXTS = {
    (401, "en"): ("unauthorized", "Unauthorized", "The request requires valid authentication credentials."),
    (401, "sv"): ("unauthorized", "Obehörig", "Begäran kräver giltiga autentiseringsuppgifter."),
    (403, "en"): ("forbidden", "Forbidden", "You do not have permission to access this resource."),
    (403, "sv"): ("forbidden", "Förbjudet", "Du har inte behörighet till den här resursen."),
    (400, "en"): ("validation-error", "Validation Error", "One or more fields failed validation."),
    (400, "sv"): ("validation-error", "Valideringsfel", "Ett eller flera fält är ogiltiga."),
}


@pytest.mark.parametrize("style", ["current", "earlier"])
@pytest.mark.parametrize(("status", "language"), TEXTS)
def test_a_problem_is_written_in_the_style_and_language_chosen(ingrid, choose, status, language, style):
    slug, title, detail = TEXTS[status, language]
    choose(IngridOptions, problem_style=style, problem_lang=language)

    got = _refused(ingrid, status)

    problem = got.json
    own = {
        "current": {"type": CURRENT + slug, "instance": problem.get("instance")},
        "earlier": {"type": EARLIER + slug, "trace_id": got.headers["X-Trace-Id"]},
    }[style]
    assert problem.pop("errors", None) is None or status == 400
    assert problem == {"title": title, "status": status, "detail": detail, **own}
    assert list(problem) == ["type", "title", "status", "detail", "trace_id" if style == "earlier" else "instance"]


@pytest.mark.parametrize("language", ["en", "sv"])
def test_the_neutral_type_keeps_the_phrase_of_http_in_any_language(ingrid, choose, language):
    choose(IngridOptions, problem_lang=language)

    got = ingrid.call("/v1/nowhere")

    assert written(got) == p_none(404)


def test_the_earlier_style_names_the_trace_in_a_neutral_problem_too(ingrid, choose):
    choose(IngridOptions, problem_style="earlier")

    got = ingrid.call("/v1/nowhere")

    assert got.json == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "trace_id": got.headers["X-Trace-Id"],
    }


@pytest.mark.parametrize(
    ("make", "code", "param"),
    [
        (lambda ingrid: ingrid.call(AUTH, {}), "error.grantType.required", "grantType"),
        (lambda ingrid: ingrid.auth(None), "error.assertion.required", "assertion"),
        (lambda ingrid: ingrid.mint(ingrid.service_token(), scopes=["view", "fly"]), "error.scopes.unknown", "scopes"),
        (lambda ingrid: ingrid.mint(ingrid.service_token(), ttlSeconds=0), "error.ttlSeconds.range", "ttlSeconds"),
        (lambda ingrid: ingrid.call(AUTH, b"["), "error.body.malformed", ""),
        (lambda ingrid: ingrid.use("x", query="?access_token=x"), "error.accessToken.multiple", ""),
    ],
    ids=["grantType", "assertion", "scopes", "ttlSeconds", "body", "token"],
)
def test_the_earlier_style_has_messages_under_bare_field_names(ingrid, choose, make, code, param):
    choose(IngridOptions, problem_style="earlier")

    got = make(ingrid)

    (error,) = got.json["errors"]
    assert list(error) == ["code", "message", "param"]
    assert (error["code"], error["param"]) == (code, param)
    assert error["message"].endswith(".")


@pytest.mark.parametrize(
    ("accepted", "title"),
    [
        (None, "Unauthorized"),
        ("", "Unauthorized"),
        ("sv", "Obehörig"),
        ("SV-se", "Obehörig"),
        ("sv-SE,sv;q=0.9,en;q=0.8", "Obehörig"),
        ("en-GB, en;q=0.9, sv;q=0.8", "Unauthorized"),
        ("sv;q=0.5, en;q=0.9", "Unauthorized"),
        ("da, sv;q=0.5", "Obehörig"),
        ("da, de;q=0.5", "Unauthorized"),
        ("en;q=0, sv;q=0.1", "Obehörig"),
        ("sv;q=0", "Unauthorized"),
        ("sv;q=x", "Unauthorized"),
        (";;,,=q", "Unauthorized"),
    ],
)
def test_auto_follows_the_language_that_the_client_likes_best(ingrid, choose, accepted, title):
    choose(IngridOptions, problem_lang="auto")
    headers = [] if accepted is None else [("accept-language", accepted)]

    got = ingrid.use(None, headers=headers)

    assert got.json["title"] == title


@pytest.mark.parametrize("language", ["en", "sv"])
def test_a_fixed_language_ignores_what_the_client_likes(ingrid, choose, language):
    choose(IngridOptions, problem_lang=language)
    likes = {"en": "sv", "sv": "en"}[language]

    got = ingrid.use(None, headers=[("Accept-Language", likes)])

    assert got.json["title"] == TEXTS[401, language][1]


@pytest.mark.parametrize("status", [401, 403])
def test_no_challenge_is_sent_when_challenges_are_switched_off(ingrid, choose, status):
    choose(IngridOptions, www_authenticate=False)

    got = _refused(ingrid, status)

    assert "WWW-Authenticate" not in got.headers


def test_hop_one_sends_no_challenge_when_challenges_are_switched_off(ingrid, choose):
    choose(IngridOptions, www_authenticate=False)

    got = ingrid.auth("x")

    assert got.outcome == (401, "assertion.malformed")
    assert "WWW-Authenticate" not in got.headers


def _refused(ingrid: Handoff, status: int) -> Got:
    return {
        400: lambda: ingrid.use(ingrid.site_token(), b"["),
        401: lambda: ingrid.use("null"),
        403: lambda: ingrid.use(ingrid.edit_token()),
    }[status]()
