"""Every refusal of Surfboard's sheet, sections 3.1 and 3.2: its answer to the byte, and its place in the order.

A flaw is one way to break a call. Each is answered as its row says, alone and beside any later one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core.entropy import Entropy
from mockserver.core.keys import Hs256Key, SigningKey
from mockserver.core.rules import Rule, Then
from mockserver.vendors.surfboard import VENDOR
from mockserver.vendors.surfboard.options import SurfboardOptions
from tests.support.stage import WireStage
from tests.vendors.surfboard_handoff import (
    API,
    CERTIFICATE,
    CONTENT,
    EXPOSED,
    FOREIGN,
    FROM_A_PAGE,
    INSUFFICIENT_SCOPE,
    INVALID_TOKEN,
    KEY,
    M1,
    M2,
    MALFORMED,
    NO_STORE,
    ORDER,
    OTHER_CERTIFICATE,
    OTHER_PARTNER,
    OTHER_PROVIDER,
    PARTNER,
    PAYMENT,
    PROVIDER,
    READABLE,
    SECRET,
    Handoff,
    U,
    bearer,
    headers_of,
    s,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.support.wire import Got

JSON = "application/json"
NO_MERCHANT = "Invalid request: MERCHANT-ID is required"
ABSENT = object()


@pytest.fixture
def surfboard(wire, sandbox) -> Handoff:
    return Handoff(wire, sandbox)


@dataclass
class Draft:
    """A call that is about to be made: sound, until flaws break it. What needs doing is done just before."""

    surfboard: Handoff
    choose: Callable[..., None]
    method: str
    partner: str = PARTNER
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    raw: bytes | None = None
    deeds: list[Callable[[Draft], Any]] = field(default_factory=list)

    def send(self) -> Got:
        for deed in self.deeds:
            deed(self)
        members = {name: value for name, value in self.body.items() if value is not ABSENT}
        data = json.dumps(members).encode() if self.raw is None else self.raw
        path = self.path.format(partner=self.partner) + self.query
        return self.surfboard.call(self.method, path, data, headers=list(self.headers.items()))

    path = ""


class MintDraft(Draft):
    """The mint call, with full credentials."""

    path = "/partners/{partner}/token"


class UseDraft(Draft):
    """A page's call that every row of 3.2 can strike."""

    path = "/partners/{partner}/branding"


def mint_draft(surfboard: Handoff, choose: Callable[..., None]) -> Draft:
    body = {"providerId": PROVIDER, "providerCertificate": CERTIFICATE, "externalUserId": "user_12345"}
    return MintDraft(surfboard, choose, "POST", headers={"Content-Type": JSON, **dict(API)}, body=body)


def page_draft(surfboard: Handoff, choose: Callable[..., None]) -> Draft:
    headers = {"Content-Type": JSON, **dict([bearer(surfboard.token())])}
    return UseDraft(surfboard, choose, "PATCH", headers=headers)


def backend_draft(surfboard: Handoff, choose: Callable[..., None]) -> Draft:
    return UseDraft(surfboard, choose, "PATCH", headers={"Content-Type": JSON, **dict(API)})


@dataclass(frozen=True)
class Flaw:
    """One way to break a call, and the answer to it. Flaws that *touch* the same part exclude each other."""

    name: str
    reason: str
    touches: str
    break_: Callable[[Draft], object]
    status: int = 401
    message: str = U
    challenge: str = ""

    def excludes(self, other: Flaw) -> bool:
        return bool(set(self.touches.split()) & set(other.touches.split()))


def header(name: str, value: str | None) -> Callable[[Draft], None]:
    def break_(draft: Draft) -> None:
        draft.headers.pop(name, None)
        if value is not None:
            draft.headers[name] = value

    return break_


def member(name: str, value: Any) -> Callable[[Draft], None]:
    return lambda draft: draft.body.update({name: value})


def put(name: str, value: Any) -> Callable[[Draft], None]:
    return lambda draft: setattr(draft, name, value)


def deed(do: Callable[[Draft], Any]) -> Callable[[Draft], None]:
    return lambda draft: draft.deeds.append(do)


def options(**values: Any) -> Callable[[Draft], None]:
    return deed(lambda draft: draft.choose(SurfboardOptions, **values))


def both(*parts: Callable[[Draft], object]) -> Callable[[Draft], None]:
    def break_(draft: Draft) -> None:
        for part in parts:
            part(draft)

    return break_


def switched_off(collection: str, name: str) -> Callable[[Draft], None]:
    return deed(lambda draft: draft.surfboard.switch_off(collection, name))


def expired(draft: Draft) -> None:
    draft.surfboard.sandbox.tokens.expire(draft.surfboard.sandbox.clock.now())


def revoked(draft: Draft) -> None:
    draft.surfboard.sandbox.tokens.revoke(draft.surfboard.sandbox.clock.now())


def signed_by_a_stranger(draft: Draft) -> None:
    claims = {"sub": "user_12345", "exp": draft.surfboard.now + 60}
    draft.headers.update([bearer(Hs256Key.draw(Entropy("stranger")).sign(claims))])


def signed_with_another_algorithm(draft: Draft) -> None:
    draft.headers.update([bearer(SigningKey.draw(Entropy("stranger")).sign({"sub": "user_12345"}))])


def inter_app_jwt(draft: Draft) -> None:
    order = draft.surfboard.call("POST", "/orders", ORDER, headers=API)
    draft.headers.update([bearer(order.json["data"]["interAppJWT"])])


def bad(text: str) -> dict[str, Any]:
    return {"status": 400, "message": text}


PLAIN = "Bearer"
NO_HEADERS = both(header("API-KEY", None), header("API-SECRET", None))
NO_MERCHANT_ID = Flaw(
    "no-merchant-id", "request.invalid", "merchant", options(merchant_id="required"), **bad(NO_MERCHANT)
)
CREDENTIAL_FLAWS = [
    Flaw("no-secret", "credential.missing", "secret", header("API-SECRET", None), challenge=PLAIN),
    Flaw("empty-key", "credential.missing", "key secret", header("API-KEY", ""), challenge=PLAIN),
    Flaw("unknown-key", "credential.unknown", "key", header("API-KEY", "sb_nobody"), challenge=PLAIN),
    Flaw("wrong-secret", "credential.wrong_secret", "secret", header("API-SECRET", "guessed"), challenge=PLAIN),
    Flaw("off", "credential.disabled", "key", switched_off("api_credentials", "sb_demo_key"), challenge=PLAIN),
]
BODY_FLAWS = [
    Flaw("plain-text", "request.media_type", "type", header("Content-Type", "text/plain"), **bad(MALFORMED)),
    Flaw("untyped", "request.media_type", "type", header("Content-Type", ""), **bad(MALFORMED)),
    Flaw("array", "request.malformed", "raw", put("raw", b"[]"), **bad(MALFORMED)),
    Flaw("cut-short", "request.malformed", "raw", put("raw", b'{"a":'), **bad(MALFORMED)),
]
MINT_FLAWS = [
    Flaw(
        "from-a-page",
        "browser.secret_exposed",
        "origin",
        header("Origin", "http://page.test"),
        message=EXPOSED,
        challenge=PLAIN,
    ),
    Flaw(
        "bearer-too",
        "credential.multiple",
        "authorization key secret",
        header("Authorization", "Bearer x"),
        **bad(MALFORMED),
    ),
    Flaw(
        "bearer-instead",
        "token.wrong_kind",
        "authorization key secret",
        both(NO_HEADERS, header("Authorization", "bearer x")),
        challenge=PLAIN,
    ),
    Flaw(
        "no-headers",
        "credential.missing",
        "key secret",
        both(NO_HEADERS, options(mint_auth="full")),
        challenge=PLAIN,
    ),
    *CREDENTIAL_FLAWS,
    Flaw("other-path", "binding.wrong_partner", "path", put("partner", OTHER_PARTNER), challenge=PLAIN),
    Flaw("foreign-merchant", "binding.wrong_merchant", "merchant", header("MERCHANT-ID", FOREIGN), challenge=PLAIN),
    Flaw("no-such-merchant", "binding.wrong_merchant", "merchant", header("MERCHANT-ID", "nobody"), challenge=PLAIN),
    NO_MERCHANT_ID,
    *BODY_FLAWS,
    *(
        Flaw(
            f"{name}-{word}", "request.invalid", name, member(name, value), **bad(f"Invalid request: {name} is {says}")
        )
        for name in ("providerId", "providerCertificate", "externalUserId")
        for word, value, says in (
            ("absent", ABSENT, "required"),
            ("empty", "", "required"),
            ("null", None, "required"),
            ("number", 5, "invalid"),
        )
    ),
    Flaw(
        "user-of-256",
        "request.invalid",
        "externalUserId",
        member("externalUserId", "x" * 256),
        **bad("Invalid request: externalUserId is invalid"),
    ),
    *(
        Flaw(
            f"email-{value}",
            "request.invalid",
            "email",
            member("email", value),
            **bad("Invalid request: email is invalid"),
        )
        for value in ("x", "@x", "x@", "x@y@z", 5, None, "")
    ),
    Flaw(
        "unknown-provider", "credential.unknown", "providerId", member("providerId", PROVIDER.lower()), challenge=PLAIN
    ),
    Flaw(
        "other-provider",
        "binding.wrong_partner",
        "providerId providerCertificate",
        both(member("providerId", OTHER_PROVIDER), member("providerCertificate", OTHER_CERTIFICATE)),
        challenge=PLAIN,
    ),
    Flaw(
        "other-certificate",
        "credential.wrong_secret",
        "providerCertificate",
        member("providerCertificate", CERTIFICATE.upper()),
        challenge=PLAIN,
    ),
    Flaw("provider-off", "credential.disabled", "", switched_off("auth_providers", PROVIDER), challenge=PLAIN),
]
EXPOSED_SECRET = Flaw(
    "from-a-page",
    "browser.secret_exposed",
    "origin key secret",
    both(header("API-SECRET", "any"), header("Origin", "http://page.test")),
    message=EXPOSED,
    challenge=PLAIN,
)
PAGE_FLAWS = [
    EXPOSED_SECRET,
    Flaw("key-too", "credential.multiple", "auth key", header("API-KEY", "any"), **bad(MALFORMED)),
    Flaw("secret-too", "credential.multiple", "auth secret", header("API-SECRET", "any"), **bad(MALFORMED)),
    Flaw("nothing", "token.missing", "auth", header("Authorization", None), challenge=PLAIN),
    Flaw("basic", "token.missing", "auth", header("Authorization", "Basic eDp5"), challenge=PLAIN),
    Flaw("query-too", "token.multiple", "query", put("query", "?access_token=x"), **bad(MALFORMED)),
    *(
        Flaw(value, "token.malformed", "auth", header("Authorization", f"Bearer {value}"), challenge=INVALID_TOKEN)
        for value in ("null", "undefined", "a.b", "0F" * 48)
    ),
    Flaw(
        "made-up",
        "token.unknown",
        "auth",
        both(options(token_format="opaque"), header("Authorization", "Bearer " + "0F" * 48)),
        challenge=INVALID_TOKEN,
    ),
    Flaw(
        "lower-case-hex",
        "token.malformed",
        "auth",
        both(options(token_format="opaque"), header("Authorization", "Bearer " + "0f" * 48)),
        challenge=INVALID_TOKEN,
    ),
    Flaw("strangers-key", "token.bad_signature", "auth", signed_by_a_stranger, challenge=INVALID_TOKEN),
    Flaw("other-alg", "token.bad_signature", "auth", signed_with_another_algorithm, challenge=INVALID_TOKEN),
    Flaw("inter-app", "token.wrong_kind", "auth", inter_app_jwt, challenge=INVALID_TOKEN),
    Flaw("expired", "token.expired", "", deed(expired), challenge=INVALID_TOKEN),
    Flaw("revoked", "token.revoked", "", deed(revoked), challenge=INVALID_TOKEN),
    Flaw("narrow", "scope.insufficient", "", options(client_scope="narrow"), challenge=INVALID_TOKEN),
    Flaw("other-path", "binding.wrong_partner", "path", put("partner", OTHER_PARTNER), challenge=INVALID_TOKEN),
    Flaw(
        "foreign-merchant",
        "binding.wrong_merchant",
        "merchant",
        header("MERCHANT-ID", FOREIGN),
        challenge=INVALID_TOKEN,
    ),
    NO_MERCHANT_ID,
    *BODY_FLAWS,
]
BACKEND_FLAWS = [
    EXPOSED_SECRET,
    Flaw("bearer-too", "credential.multiple", "key secret", header("Authorization", "Bearer x"), **bad(MALFORMED)),
    *CREDENTIAL_FLAWS,
    Flaw("other-path", "binding.wrong_partner", "path", put("partner", OTHER_PARTNER), challenge=PLAIN),
    Flaw("foreign-merchant", "binding.wrong_merchant", "merchant", header("MERCHANT-ID", FOREIGN), challenge=PLAIN),
    NO_MERCHANT_ID,
    *BODY_FLAWS,
]
TABLES = [
    pytest.param(mint_draft, MINT_FLAWS, CONTENT | NO_STORE, id="mint"),
    pytest.param(page_draft, PAGE_FLAWS, CONTENT | READABLE, id="page"),
    pytest.param(backend_draft, BACKEND_FLAWS, CONTENT | READABLE, id="backend"),
]


def each(tables: Iterable[Any]) -> list[Any]:
    return [
        pytest.param(make, flaw, usual, id=f"{table.id}-{flaw.reason}-{flaw.name}")
        for table in tables
        for make, flaws, usual in [table.values]
        for flaw in flaws
    ]


def followed(tables: Iterable[Any]) -> list[Any]:
    """Each row with each later one of its table that one call can have beside it; one flaw stands for its like."""
    return [
        pytest.param(make, first, later, id=f"{table.id}-{first.name}-before-{later.name}")
        for table in tables
        for make, flaws, _ in [table.values]
        for rows in [list({(flaw.reason, flaw.touches): flaw for flaw in flaws}.values())]
        for place, first in enumerate(rows)
        for later in rows[place + 1 :]
        if not first.excludes(later)
    ]


@pytest.mark.parametrize("make", [mint_draft, page_draft, backend_draft])
def test_without_a_flaw_the_call_is_answered(make, surfboard, choose):
    assert make(surfboard, choose).send().outcome == (200, "")


@pytest.mark.parametrize(("make", "flaw", "usual"), each(TABLES))
def test_each_row_has_its_status_its_bytes_and_its_headers(make, flaw, usual, surfboard, choose):
    draft = make(surfboard, choose)
    flaw.break_(draft)

    got = draft.send()

    challenge = {"WWW-Authenticate": flaw.challenge} if flaw.challenge else {}
    assert got.outcome == (flaw.status, flaw.reason)
    assert got.body == s(flaw.message).encode()
    assert headers_of(got) == usual | challenge


@pytest.mark.parametrize(("make", "first", "later"), followed(TABLES))
def test_of_two_rows_the_first_one_answers(make, first, later, surfboard, choose):
    draft = make(surfboard, choose)
    later.break_(draft)
    first.break_(draft)

    got = draft.send()

    assert got.reason == first.reason
    assert got.json["message"] == first.message


DENIED = [flaw for flaw in PAGE_FLAWS if flaw.reason.startswith(("browser", "scope", "binding"))]


@pytest.mark.parametrize("flaw", DENIED, ids=lambda flaw: flaw.name)
def test_denied_status_403_says_what_is_insufficient(flaw, surfboard, choose):
    draft = page_draft(surfboard, choose)
    flaw.break_(draft)
    choose(SurfboardOptions, denied_status=403)

    got = draft.send()

    challenge = {} if flaw.reason.startswith("browser") else {"WWW-Authenticate": INSUFFICIENT_SCOPE}
    assert got.outcome == (403, flaw.reason)
    assert got.body == s(flaw.message).encode()
    assert headers_of(got) == CONTENT | READABLE | challenge


def test_denied_status_403_is_the_mint_calls_too(surfboard, choose):
    choose(SurfboardOptions, denied_status=403)

    got = surfboard.mint([*API, *FROM_A_PAGE])

    assert got.outcome == (403, "browser.secret_exposed")
    assert headers_of(got) == CONTENT | NO_STORE


@pytest.mark.parametrize(
    ("path", "reason"), [(OTHER_PARTNER, "binding.wrong_partner"), (PARTNER, "credential.unknown")]
)
def test_denied_status_403_leaves_api_credentials_at_401(path, reason, surfboard, choose):
    choose(SurfboardOptions, denied_status=403)
    headers = API if path == OTHER_PARTNER else [("API-KEY", "sb_nobody"), SECRET]

    got = surfboard.call("GET", f"/partners/{path}/branding", headers=headers)

    assert got.outcome == (401, reason)
    assert got.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("headers", [[], [KEY, ("API-SECRET", "guessed")], [bearer("undefined")]])
def test_adjustments_have_a_text_of_their_own(surfboard, headers):
    got = surfboard.call("GET", "/adjustments/8381a26eae26f0900b", headers=headers)

    assert got.status == 401
    assert got.body == s("Authentication failed").encode()


def test_adjustments_say_so_to_client_tokens_too(surfboard):
    got = surfboard.use("GET", "/adjustments/8381a26eae26f0900b", surfboard.token())

    assert got.outcome == (401, "scope.insufficient")
    assert got.body == s("Authentication failed").encode()


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/orders", {**ORDER, "terminal$id": 5}, "terminal$id"),
        ("/orders", {**ORDER, "terminal$id": ""}, "terminal$id"),
        ("/orders", {"terminal": "x"}, "terminal$id"),
        ("/orders", {**ORDER, "orderLines": []}, "orderLines"),
        ("/orders", {**ORDER, "orderLines": "x"}, "orderLines"),
        ("/orders", {"terminal$id": "x"}, "orderLines"),
        (f"/merchants/{M1}/orders", {}, "terminal$id"),
        ("/payments", {"paymentMethod": "CARD"}, "orderId"),
        ("/payments", {"orderId": "x"}, "paymentMethod"),
        ("/payments", {**PAYMENT, "paymentMethod": None}, "paymentMethod"),
    ],
)
def test_orders_and_payments_name_the_first_field_they_lack(surfboard, path, body, field):
    got = surfboard.call("POST", path, body, headers=API)

    assert got.outcome == (400, "request.invalid")
    assert got.body == s(f"Invalid request: {field} is required").encode()


def test_a_payment_method_that_is_not_listed_is_taken(surfboard):
    got = surfboard.call("POST", "/payments", {**PAYMENT, "paymentMethod": "SEASHELLS"}, headers=API)

    assert got.outcome == (201, "")


@pytest.mark.parametrize(("method", "path"), [("GET", "/transactions"), ("DELETE", "/orders/1")])
def test_the_body_of_a_get_or_delete_is_never_read(surfboard, method, path):
    got = surfboard.call(method, path, b"[", headers=API)

    assert got.outcome == (200, "")


@pytest.mark.parametrize(
    ("headers", "reason"),
    [(API, "binding.wrong_merchant"), ([], "binding.wrong_merchant")],
    ids=["with-credentials", "body-only"],
)
def test_the_mint_call_takes_no_merchant_of_another_partner(surfboard, headers, reason):
    got = surfboard.mint([*headers, ("MERCHANT-ID", FOREIGN)])

    assert got.outcome == (401, reason)


@pytest.mark.parametrize("where", ["path", "header"])
def test_a_bound_token_is_refused_for_another_merchant_of_its_partner(surfboard, where):
    token = surfboard.token(("MERCHANT-ID", M1))
    headers = [("MERCHANT-ID", M2)] if where == "header" else []

    got = surfboard.use("GET", f"/merchants/{M2 if where == 'path' else M1}/branding", token, headers=headers)

    assert got.outcome == (401, "binding.wrong_merchant")
    assert headers_of(got) == CONTENT | READABLE | {"WWW-Authenticate": INVALID_TOKEN}


EMPTY = [
    ([("API-KEY", "")], "credential.missing"),
    ([("API-SECRET", "")], "credential.missing"),
    ([("API-KEY", ""), ("API-SECRET", "")], "credential.missing"),
    ([bearer("x"), ("API-KEY", "")], "credential.multiple"),
    ([bearer("x"), ("API-SECRET", "")], "credential.multiple"),
]


@pytest.mark.parametrize(("headers", "reason"), EMPTY)
@pytest.mark.parametrize("where", ["mint", "family"])
def test_an_empty_api_header_counts_as_sent(surfboard, where, headers, reason):
    got = surfboard.mint(headers) if where == "mint" else surfboard.call("GET", "/transactions", headers=headers)

    assert got.outcome == (401 if reason == "credential.missing" else 400, reason)
    assert surfboard.findings(got) == []


OTHER_KEY = ("API-KEY", "sb_other_key")
REPEATED = [
    ([*API, *API], ""),
    ([*API, ("API-KEY", "sb_nobody")], "credential.unknown"),
    ([("API-KEY", "sb_nobody"), *API], "credential.unknown"),
    ([*API, OTHER_KEY], "credential.wrong_secret"),
    ([*API, ("API-SECRET", "guessed")], "credential.wrong_secret"),
    ([*API, ("API-SECRET", "")], "credential.missing"),
    ([*API, ("API-KEY", "")], "credential.missing"),
    ([*API, ("MERCHANT-ID", M1), ("MERCHANT-ID", M1)], ""),
    ([*API, ("MERCHANT-ID", M1), ("MERCHANT-ID", FOREIGN)], "binding.wrong_merchant"),
    ([*API, ("MERCHANT-ID", FOREIGN), ("MERCHANT-ID", M1)], "binding.wrong_merchant"),
    ([*API, ("MERCHANT-ID", M1), ("MERCHANT-ID", M2)], "binding.wrong_merchant"),
]


@pytest.mark.parametrize(("headers", "reason"), REPEATED)
@pytest.mark.parametrize("where", ["mint", "family"])
def test_whatever_is_repeated_must_be_right_each_time(surfboard, where, headers, reason):
    got = surfboard.mint(headers) if where == "mint" else surfboard.call("GET", "/transactions", headers=headers)

    assert got.outcome == (401 if reason else 200, reason)


def test_a_disabled_key_among_good_ones_is_refused(surfboard):
    twin = replace(surfboard.records.api_credentials["sb_demo_key"], id="twin", enabled=False)
    known = {**surfboard.records.api_credentials, "twin": twin}
    surfboard.sandbox.put(replace(surfboard.records, api_credentials=known))

    got = surfboard.call("GET", "/transactions", headers=[*API, ("API-KEY", "twin")])

    assert got.outcome == (401, "credential.disabled")


def test_a_bound_tokens_page_names_its_merchant_each_time(surfboard):
    token = surfboard.token(("MERCHANT-ID", M1))

    got = surfboard.use("GET", "/transactions", token, headers=[("MERCHANT-ID", M1), ("MERCHANT-ID", M2)])

    assert got.outcome == (401, "binding.wrong_merchant")


def test_a_bearer_token_in_a_second_field_is_a_second_credential(surfboard):
    got = surfboard.call("GET", "/transactions", headers=[*API, ("Authorization", "Basic eDp5"), bearer("x")])

    assert got.outcome == (400, "credential.multiple")


@pytest.mark.parametrize("changes", [{"externalUserId": ""}, {"providerCertificate": "guessed"}])
def test_a_mint_call_that_is_refused_has_no_finding(surfboard, changes):
    got = surfboard.mint([], **changes)

    assert got.status in (400, 401)
    assert surfboard.findings(got) == []


def test_a_foreign_merchant_in_the_path_comes_before_a_header_that_is_not_there(surfboard, choose):
    choose(SurfboardOptions, merchant_id="required")

    got = surfboard.call("GET", f"/merchants/{FOREIGN}/tips", headers=API)

    assert got.outcome == (401, "binding.wrong_merchant")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (f"/partners/{OTHER_PARTNER}/merchants", "binding.wrong_partner"),
        (f"/partners/{PARTNER}/merchants/{FOREIGN}/stores", "binding.wrong_merchant"),
        (f"/merchants/{FOREIGN}/terminals", "binding.wrong_merchant"),
        (f"/merchants/{M2}/terminals", ""),
        (f"/partners/{PARTNER}/merchants/{M2}", ""),
    ],
)
def test_the_administration_is_of_the_credentials_own_partner(surfboard, path, reason):
    assert surfboard.call("GET", path, headers=API).reason == reason


def test_a_body_in_the_administration_is_a_json_object(surfboard):
    got = surfboard.call("POST", "/customers", b"[]", headers=API)

    assert got.outcome == (400, "request.malformed")


@pytest.mark.parametrize(
    ("reason", "status", "message"),
    [
        ("fault.injected", 500, "Internal server error"),
        ("rate.limited", 429, "Too many requests"),
        ("upstream.timeout", 502, "Bad gateway"),
        ("resource.not_found", 404, "Not found"),
    ],
)
def test_what_only_a_rule_asks_for_has_a_text_too(surfboard, reason, status, message):
    surfboard.sandbox.rules.add(Rule(then=Then(refuse=reason)))

    got = surfboard.call("GET", "/transactions", headers=API)

    assert got.outcome == (status, reason)
    assert got.body == s(message).encode()


def test_a_rotated_key_takes_its_tokens_with_it_when_the_overlap_is_over(surfboard):
    token = surfboard.token()

    surfboard.sandbox.rotate("surfboard.client", Hs256Key.draw, timedelta())

    assert surfboard.use("GET", "/transactions", token).outcome == (401, "token.bad_signature")
    assert surfboard.use("GET", "/transactions", surfboard.token()).outcome == (200, "")


SECRETS = ("sb_demo_secret", CERTIFICATE, "guessed-secret-of-mine")


def test_no_secret_is_whole_in_journal_or_hints(surfboard):
    token = surfboard.token()
    surfboard.mint([KEY, ("API-SECRET", SECRETS[2])])
    surfboard.mint(providerCertificate=SECRETS[2])
    surfboard.call("GET", "/transactions", headers=[("API-KEY", SECRETS[2]), SECRET])
    order = surfboard.use("POST", "/orders", token, ORDER).json["data"]["interAppJWT"]

    listed = surfboard.wire.get("/_mock/journal").json["items"]
    shown = [surfboard.wire.get(f"/_mock/journal/{each['id']}").body.decode() for each in listed]

    assert len(shown) == 5
    for secret in (*SECRETS, token.rsplit(".", 1)[1], order.rsplit(".", 1)[1]):
        assert [text for text in shown if secret in text] == []


@pytest.mark.parametrize("operation", VENDOR.operations, ids=lambda operation: operation.name)
def test_every_example_of_a_refusal_has_one_of_the_few_bodies(operation, emulator, wire):
    texts = {U, MALFORMED, EXPOSED, NO_MERCHANT}
    examples = [each for each in VENDOR.examples() if each.operation == operation.name and each.reason]

    for number, example in enumerate(examples):
        world = emulator.sandboxes.create(f"world-{number}")
        stage = WireStage(VENDOR, world, wire, prefix=f"/~world-{number}")
        got = stage.got(example.ask(stage))

        assert list(got.json) == ["status", "message"]
        assert got.json["status"] == "ERROR"
        assert got.json["message"] in texts or got.json["message"].startswith("Invalid request: ")
        assert ("WWW-Authenticate" in got.headers) == (
            got.status == 401 or (got.status == 403 and got.reason[:2] != "br")
        )
