"""One call for every answer that BigCommerce can give: the REST API's here, a storefront's beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext
from mockserver.core.bodies import FORM, JSON
from mockserver.core.clock import seconds
from mockserver.core.examples import Ask, Example, Stage
from mockserver.vendors.bigcommerce.callers import AUTH_HEADER
from mockserver.vendors.bigcommerce.operations import (
    FAMILIES,
    IMPERSONATION_FAMILY,
    OPERATIONS,
    PRIVATE_FAMILY,
    STOREFRONT_FAMILY,
    TOKEN_HEADER,
    Family,
)
from mockserver.vendors.bigcommerce.options import BigCommerceOptions
from mockserver.vendors.bigcommerce.page_examples import page_examples
from mockserver.vendors.bigcommerce.storefront_examples import storefront_examples

if TYPE_CHECKING:
    from mockserver.core.operations import Operation

Make = Callable[[Stage], Ask]

STORE, OTHER_STORE, NO_STORE = "demostore", "otherstore", "nosuchstore"
DEMO, OTHER, NOBODYS = "bc_demo_access_token", "bc_other_access_token", "bc_nobodys_access_token"
LOGIN_ONLY = "bc_login_access_token"
ORIGIN = "https://shop.example"
NO_JTI = "00000000-0000-4000-8000-000000000000"
HOUR_S = 3600
SCOPES = ["Unauthenticated", "Customer", "B2B"]


@cache
def examples() -> tuple[Example, ...]:
    """Every outcome of every operation."""
    own = (example for operation in OPERATIONS for example in _examples(operation))
    return (*own, *storefront_examples(token), *page_examples())


def headers(token: str | None = DEMO, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """What a backend sends with every call."""
    return (*(((AUTH_HEADER, token),) if token else ()), *more)


def token_request(stage: Stage, family: Family, **changes: Any) -> dict[str, Any]:
    """A body that asks for a token of this family; a field changed to nothing is left out."""
    usual: dict[str, Any] = {"channel_ids": [1], "expires_at": seconds(stage.sandbox.clock.now()) + HOUR_S}
    if family is STOREFRONT_FAMILY:
        usual["allowed_cors_origins"] = [ORIGIN]
    if family is PRIVATE_FAMILY:
        usual["scopes"] = SCOPES
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def mint(stage: Stage, family: Family, **changes: Any) -> Ask:
    """The mint call of a family."""
    body = jsontext.write(token_request(stage, family, **changes))
    return Ask("POST", family.path.format(storeHash=STORE), headers(DEMO, ("Content-Type", JSON)), body)


def token(stage: Stage, family: Family = STOREFRONT_FAMILY, **changes: Any) -> str:
    """A token of the demo account."""
    return str(jsontext.read(stage.play(mint(stage, family, **changes)).body)["data"]["token"])


def _examples(operation: Operation) -> tuple[Example, ...]:
    of = partial(Example, operation.name)
    make = partial(_call, operation=operation)
    own = _OWN.get(operation.name.partition(".")[2])
    scoped = (of("scope.insufficient", lambda stage: make(stage, token=LOGIN_ONLY)),)
    return (
        of("", make),
        of("store.unknown", lambda stage: make(stage, store=NO_STORE)),
        of("browser.secret_exposed", lambda stage: _from_a_page(stage, make)),
        of("credential.missing", lambda stage: make(stage, token=None)),
        of("credential.unknown", lambda stage: make(stage, token=NOBODYS)),
        of("credential.unknown", lambda stage: make(stage, token=OTHER), title="credential.unknown, other store"),
        of("rate.limited", lambda stage: _once_too_often(stage, make)),
        *(scoped if "scope.insufficient" in operation.refusals else ()),
        *(own(of) if own else ()),
    )


def _call(stage: Stage, *, operation: Operation, token: str | None = DEMO, store: str = STORE) -> Ask:
    """The call of an operation as it is answered normally, but for token and store."""
    usual = _USUAL.get(operation.name.partition(".")[2])
    ask = usual(stage) if usual else Ask(operation.method, operation.path.format(storeHash=STORE), headers())
    fields = tuple(pair for pair in ask.headers if pair[0] != AUTH_HEADER)
    path = ask.path.replace(f"/stores/{STORE}/", f"/stores/{store}/")
    return replace(ask, path=path, headers=headers(token, *fields))


def _where(stage: Stage, **options: Any) -> None:
    stage.sandbox.put(replace(stage.sandbox.get(BigCommerceOptions), **options))


def _from_a_page(stage: Stage, make: Make) -> Ask:
    ask = make(stage)
    _where(stage, browser_guard="refuse")
    return replace(ask, headers=(*ask.headers, ("Origin", ORIGIN)))


def _once_too_often(stage: Stage, make: Make) -> Ask:
    ask = make(stage)
    stage.play(Ask("GET", f"/stores/{STORE}/v2/time", headers()))
    _where(stage, rest_quota=1)
    return ask


def _revoke_by_header(family: Family, text: str | None) -> Ask:
    sent = ((TOKEN_HEADER, text),) if text else ()
    return Ask("DELETE", family.path.format(storeHash=STORE), headers(DEMO, *sent))


def _revoke_own(stage: Stage, family: Family) -> Ask:
    return _revoke_by_header(family, token(stage, family))


def _revoke_by_id(stage: Stage, family: Family, jti: str = "") -> Ask:
    path = family.path.format(storeHash=STORE)
    if not jti:
        token(stage, family)
        listed = jsontext.read(stage.play(Ask("GET", path, headers())).body)
        jti = str(listed["data"][0]["jti"])
    return Ask("DELETE", f"{path}/{jti}", headers())


def _list(stage: Stage, family: Family, query: str = "") -> Ask:
    token(stage, family, name="A label")
    return Ask("GET", family.path.format(storeHash=STORE) + query, headers())


def _mint_examples(family: Family, of: Callable[..., Example]) -> tuple[Example, ...]:
    def sent(body: bytes, media_type: str = JSON) -> Make:
        fields = headers(DEMO, ("Content-Type", media_type))
        return lambda stage: replace(mint(stage, family), headers=fields, body=body)

    def changed(**changes: Any) -> Make:
        return lambda stage: mint(stage, family, **changes)

    def invalid(title: str, **changes: Any) -> Example:
        return of("request.invalid", changed(**changes), title=f"request.invalid, {title}")

    of_family = {
        STOREFRONT_FAMILY.word: (
            invalid("origin with a slash", allowed_cors_origins=["https://shop.example/"]),
            invalid("three origins", allowed_cors_origins=[f"https://{name}.example" for name in "abc"]),
        ),
        PRIVATE_FAMILY.word: (invalid("no scopes", scopes=None), invalid("unknown scope", scopes=["customer"])),
    }
    return (
        of("request.media_type", sent(b"expires_at=1", FORM)),
        of("request.malformed", sent(b"[]")),
        invalid("no time", expires_at=None),
        invalid("in milliseconds", expires_at=1_893_456_000_000),
        invalid("in the past", expires_at=1),
        invalid("no channel", channel_ids=None),
        invalid("both channel fields", channel_id=1),
        invalid("unknown channel", channel_ids=[99]),
        *of_family.get(family.word, ()),
    )


def _revoke_examples(family: Family, other: Family, of: Callable[..., Example]) -> tuple[Example, ...]:
    return (
        of("token.malformed", lambda _: _revoke_by_header(family, None)),
        of(
            "token.malformed",
            lambda stage: _revoke_by_header(family, token(stage, other)),
            title="token.malformed, other family",
        ),
    )


def _revoke_by_id_examples(family: Family, of: Callable[..., Example]) -> tuple[Example, ...]:
    return (
        of("token.unknown", lambda stage: _revoke_by_id(stage, family, NO_JTI)),
        of("request.invalid", lambda stage: _revoke_by_id(stage, family, "not-a-uuid")),
    )


def _list_examples(family: Family, of: Callable[..., Example]) -> tuple[Example, ...]:
    return (of("request.invalid", lambda stage: _list(stage, family, "?page=0")),)


_USUAL: dict[str, Make] = {
    **{f"create_{family.word}_token": partial(mint, family=family) for family in FAMILIES},
    **{f"list_{family.word}_tokens": partial(_list, family=family) for family in FAMILIES},
    **{f"revoke_{family.word}_token_by_id": partial(_revoke_by_id, family=family) for family in FAMILIES},
    **{
        f"revoke_{family.word}_token": partial(_revoke_own, family=family)
        for family in (STOREFRONT_FAMILY, IMPERSONATION_FAMILY)
    },
}
_OWN: dict[str, Callable[[Callable[..., Example]], tuple[Example, ...]]] = {
    **{f"create_{family.word}_token": partial(_mint_examples, family) for family in FAMILIES},
    **{f"list_{family.word}_tokens": partial(_list_examples, family) for family in FAMILIES},
    **{f"revoke_{family.word}_token_by_id": partial(_revoke_by_id_examples, family) for family in FAMILIES},
    "revoke_storefront_token": partial(_revoke_examples, STOREFRONT_FAMILY, IMPERSONATION_FAMILY),
    "revoke_impersonation_token": partial(_revoke_examples, IMPERSONATION_FAMILY, STOREFRONT_FAMILY),
}
