"""One call for every answer that Surfboard can give, made from the table of families as the operations are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext
from mockserver.core.bodies import JSON
from mockserver.core.clock import seconds
from mockserver.core.entropy import Entropy
from mockserver.core.examples import Ask, Example, Stage
from mockserver.core.keys import Hs256Key
from mockserver.vendors.surfboard.families import ROWS, Row
from mockserver.vendors.surfboard.operations import MINT_CLIENT_TOKEN, operation_of
from mockserver.vendors.surfboard.options import SurfboardOptions
from mockserver.vendors.surfboard.records import ADMINISTRATION, SurfboardRecords

if TYPE_CHECKING:
    from mockserver.core.operations import Operation

Headers = tuple[tuple[str, str], ...]
Make = Callable[[Stage], Ask]

PARTNER, OTHER_PARTNER = "8113d3f8403b380409", "8225e4a9514c491510"
MERCHANT, OTHER_MERCHANT = "81a641f8b3cfd0070e", "82b752a9c4d0e1181f"
PROVIDER, OTHER_PROVIDER = "5D0C1E6A-0B1F-4C55-9E0D-7A5E0DE30001", "5D0C1E6A-0B1F-4C55-9E0D-7A5E0DE30002"
CERTIFICATE = "0de30000000000000000000000c0ffee"
API: Headers = (("API-KEY", "sb_demo_key"), ("API-SECRET", "sb_demo_secret"))
BROWSER = ("Origin", "http://localhost:3000")
FORBIDDEN = 403

PATH_VALUES = {
    "partnerId": PARTNER,
    "merchantId": MERCHANT,
    "storeId": "83b1d2e3f4a5b6c7d8",
    "terminalId": "84c2d3e4f5a6b7c8d9",
    "id": "8381a26eae26f0900b",
    "orderId": "8381a26eae26f0900b",
    "tool": "insights",
    "rest*": "details",
}
BODIES: dict[str, dict[str, Any]] = {
    "create_order": {"terminal$id": PATH_VALUES["terminalId"], "orderLines": [{"id": "1234", "quantity": 1}]},
    "create_payment": {"orderId": PATH_VALUES["orderId"], "paymentMethod": "CARD"},
}


@cache
def examples() -> tuple[Example, ...]:
    """Every outcome of every operation."""
    return (*_mint_examples(), *(example for row in ROWS for example in _row_examples(row)))


def mint(*headers: tuple[str, str], partner: str = PARTNER, **changes: Any) -> Ask:
    """A mint call with these API headers; a field changed to nothing is left out."""
    usual = {"providerId": PROVIDER, "providerCertificate": CERTIFICATE, "externalUserId": "user_12345"}
    fields = {name: value for name, value in {**usual, **changes}.items() if value is not None}
    return Ask("POST", f"/partners/{partner}/token", (("Content-Type", JSON), *headers), jsontext.write(fields))


def client_token(stage: Stage) -> str:
    """A client token of the demo partner, bound to no merchant."""
    return str(jsontext.read(stage.play(mint(*API)).body)["token"])


def _filled(path: str) -> str:
    for name, value in PATH_VALUES.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def _bearer(token: str) -> tuple[str, str]:
    return ("Authorization", f"Bearer {token}")


def _with(ask: Ask, *headers: tuple[str, str]) -> Ask:
    return replace(ask, headers=(*ask.headers, *headers))


def _where(stage: Stage, **options: Any) -> None:
    stage.sandbox.put(replace(stage.sandbox.get(SurfboardOptions), **options))


def _records(stage: Stage) -> SurfboardRecords:
    return stage.sandbox.get(SurfboardRecords)


def _disable_credential(stage: Stage) -> None:
    records = _records(stage)
    off = replace(records.api_credentials["sb_demo_key"], enabled=False)
    stage.sandbox.put(replace(records, api_credentials={**records.api_credentials, off.id: off}))


def _disable_provider(stage: Stage) -> None:
    records = _records(stage)
    off = replace(records.auth_providers[PROVIDER], enabled=False)
    stage.sandbox.put(replace(records, auth_providers={**records.auth_providers, off.id: off}))


def _after(change: Callable[[Stage], None], make: Make) -> Make:
    """The same call in a changed world; what the call needs beforehand is made before the change."""

    def ask(stage: Stage) -> Ask:
        made = make(stage)
        change(stage)
        return made

    return ask


def _forbidden(example: Example) -> Example:
    """The same refusal where `denied_status` is 403."""
    title = f"{example.title or example.reason}, denied_status {FORBIDDEN}"
    denied = _after(lambda stage: _where(stage, denied_status=FORBIDDEN), example.ask)
    return replace(example, ask=denied, title=title)


def _credential_examples(of: Callable[..., Example], call: Callable[..., Ask]) -> tuple[Example, ...]:
    """What is refused of API credentials, wherever they are sent; *call* makes a call with these headers."""
    key, secret = API
    return (
        of("credential.missing", lambda _: call(key)),
        of("credential.unknown", lambda _: call(("API-KEY", "sb_nobody"), secret)),
        of("credential.wrong_secret", lambda _: call(key, ("API-SECRET", "guessed"))),
        of("credential.disabled", _after(_disable_credential, lambda _: call(*API))),
        of("credential.multiple", lambda _: call(_bearer("x"), *API)),
    )


def _mint_examples() -> tuple[Example, ...]:
    of = partial(Example, MINT_CLIENT_TOKEN.name)
    exposed = of("browser.secret_exposed", lambda _: mint(BROWSER))
    plain = mint()
    enveloped = _after(lambda stage: _where(stage, response_shape="enveloped"), lambda _: mint(*API))
    nameless = _after(lambda stage: _where(stage, merchant_id="required"), lambda _: mint(*API))
    return (
        of("", lambda _: mint(*API), title="The guide's answer"),
        of("", enveloped, title="The reference's answer"),
        exposed,
        _forbidden(exposed),
        of("token.wrong_kind", lambda stage: mint(_bearer(client_token(stage)))),
        *_credential_examples(of, mint),
        of("credential.unknown", lambda _: mint(providerId="NOBODY"), title="credential.unknown, provider"),
        of("binding.wrong_partner", lambda _: mint(*API, partner=OTHER_PARTNER)),
        of("binding.wrong_merchant", lambda _: mint(*API, ("MERCHANT-ID", OTHER_MERCHANT))),
        of("request.media_type", lambda _: replace(plain, headers=(("Content-Type", "text/plain"),))),
        of("request.malformed", lambda _: replace(plain, body=b"[]")),
        of("request.invalid", lambda _: mint(externalUserId=None)),
        of("request.invalid", nameless, title="request.invalid, MERCHANT-ID"),
        of(
            "credential.wrong_secret",
            lambda _: mint(providerCertificate="0"),
            title="credential.wrong_secret, provider",
        ),
        of(
            "credential.disabled",
            _after(_disable_provider, lambda _: mint()),
            title="credential.disabled, provider",
        ),
    )


@dataclass(frozen=True, slots=True)
class _Calls:
    """The calls of one row."""

    row: Row
    operation: Operation

    def call(self, *headers: tuple[str, str], path: str = "", body: bytes | None = None) -> Ask:
        """Its call with these headers, to the first of its paths unless another is given."""
        row = self.row
        if body is None:
            body = jsontext.write(BODIES.get(row.name, {})) if row.takes_body else b""
        typed = (("Content-Type", JSON),) if row.takes_body else ()
        return Ask(row.method, _filled(path or row.paths[0]), (*typed, *headers), body)

    def good(self, path: str = "") -> Make:
        """The same from one who may make it."""
        if self.row.family == ADMINISTRATION:
            return lambda _: self.call(*API, path=path)
        return lambda stage: self.call(_bearer(client_token(stage)), path=path)

    def by_page(self, stage: Stage) -> Ask:
        """The same with a client token, whether or not that will do."""
        return self.call(_bearer(client_token(stage)))

    @property
    def path_of_partner(self) -> str:
        """One of its paths that names a partner."""
        return next(path for path in self.row.paths if "{partnerId}" in path)


def _row_examples(row: Row) -> tuple[Example, ...]:
    calls = _Calls(row, operation_of(row))
    of = partial(Example, calls.operation.name)
    titles = [path.strip("/").replace("/", " ").replace("{", "").replace("}", "") for path in row.paths]
    found = (
        *(of("", calls.good(path), title=title) for path, title in zip(row.paths, titles, strict=True)),
        *_credential_examples(of, calls.call),
        *_token_examples(of, calls),
        *_body_examples(of, calls),
    )
    denied = _denied_examples(of, calls)
    # The bindings of API credentials are 401 whatever the option says.
    of_tokens = denied[:2] if row.family == ADMINISTRATION else denied
    return (*found, *denied, *(_forbidden(example) for example in of_tokens))


def _token_examples(of: Callable[..., Example], calls: _Calls) -> tuple[Example, ...]:
    def twice(stage: Stage) -> Ask:
        sent = calls.by_page(stage)
        return replace(sent, path=sent.path + "?access_token=x")

    def revoke(stage: Stage) -> None:
        stage.sandbox.tokens.revoke(stage.sandbox.clock.now())

    def expire(stage: Stage) -> None:
        stage.sandbox.tokens.expire(stage.sandbox.clock.now())

    def forged(stage: Stage) -> Ask:
        now = seconds(stage.sandbox.clock.now())
        stranger = Hs256Key.draw(Entropy("stranger"))
        return calls.call(_bearer(stranger.sign({"sub": "user_12345", "iat": now, "exp": now + 60})))

    made_up = _after(lambda stage: _where(stage, token_format="opaque"), lambda _: calls.call(_bearer("0F" * 48)))
    return (
        of("token.missing", lambda _: calls.call()),
        of("token.multiple", twice),
        of("token.malformed", lambda _: calls.call(_bearer("undefined"))),
        of("token.unknown", made_up),
        of("token.bad_signature", forged),
        of("token.wrong_kind", lambda stage: calls.call(_bearer(_inter_app_jwt(stage)))),
        of("token.expired", _after(expire, calls.by_page)),
        of("token.revoked", _after(revoke, calls.by_page)),
    )


def _inter_app_jwt(stage: Stage) -> str:
    order = Ask("POST", "/orders", (("Content-Type", JSON), *API), jsontext.write(BODIES["create_order"]))
    return str(jsontext.read(stage.play(order).body)["data"]["interAppJWT"])


def _body_examples(of: Callable[..., Example], calls: _Calls) -> tuple[Example, ...]:
    nameless = _after(lambda stage: _where(stage, merchant_id="required"), lambda _: calls.call(*API))
    header = of("request.invalid", nameless, title="request.invalid, MERCHANT-ID")
    if not calls.row.takes_body:
        return (header,)
    untyped = replace(calls.call(*API, body=b"{}"), headers=API)
    incomplete = of("request.invalid", lambda _: calls.call(*API, body=b"{}"))
    return (
        header,
        of("request.media_type", lambda _: untyped),
        of("request.malformed", lambda _: calls.call(*API, body=b"[]")),
        *((incomplete,) if calls.row.body else ()),
    )


def _denied_examples(of: Callable[..., Example], calls: _Calls) -> tuple[Example, ...]:
    """Refusals of good credentials. The administration is denied to tokens before it is asked whose path it is."""
    administration = calls.row.family == ADMINISTRATION
    listed = calls.operation.refusals

    def elsewhere(stage: Stage) -> Ask:
        whose = API if administration else (_bearer(client_token(stage)),)
        sent = calls.call(*whose, path=calls.path_of_partner)
        return replace(sent, path=sent.path.replace(PARTNER, OTHER_PARTNER))

    def other_merchant(stage: Stage) -> Ask:
        whose = API if administration else (_bearer(client_token(stage)),)
        return _with(calls.call(*whose), ("MERCHANT-ID", OTHER_MERCHANT))

    narrow = _after(lambda stage: _where(stage, client_scope="narrow"), calls.by_page)
    return (
        of("browser.secret_exposed", lambda _: calls.call(*API, BROWSER)),
        *((of("scope.insufficient", narrow),) if "scope.insufficient" in listed else ()),
        *((of("binding.wrong_partner", elsewhere),) if "binding.wrong_partner" in listed else ()),
        of("binding.wrong_merchant", other_merchant),
    )
