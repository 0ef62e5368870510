"""One call for every answer that Hyperswitch can give, over HTTP and over gRPC."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext
from mockserver.core.bodies import JSON
from mockserver.core.calls import GRPC
from mockserver.core.examples import Ask, Example
from mockserver.vendors.hyperswitch.connectors import KEY_OF
from mockserver.vendors.hyperswitch.methods import PAYMENTS, TOKENS, UCS_PAYMENTS, UCS_TOKENS
from mockserver.vendors.hyperswitch.operations import UPSTREAM
from mockserver.vendors.hyperswitch.options import HyperswitchOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockserver.core.examples import Stage

    Asking = Callable[["Stage"], Ask]

PAYPAL = {"client_id": "hs_demo_client", "client_secret": "hs_demo_secret"}
TRUSTPAY = {"api_key": "tp", "project_id": "1", "secret_key": "s"}
AMOUNT = {"minor_amount": 1000, "currency": "USD"}
BROWSER = ("Origin", "http://localhost:3000")
CONFIG, AUTH = "x-connector-config", "x-connector-auth"
CONTENT = ("Content-Type", JSON)
SERVER_TOKEN, ACCESS_TOKEN = "/payments/server_authentication_token", "/payments/create_access_token"
PAGE_TOKEN = f"/{UCS_TOKENS}/CreateAccessToken"
HTTP_ONLY = ("request.media_type", "method.not_allowed")
Pairs = tuple[tuple[str, str], ...]


def examples() -> tuple[Example, ...]:
    """Every outcome of every operation."""
    return (*_over_http(), *_over_grpc())


def typed(header: str, wrapper: str, connector: str, **values: str) -> Pairs:
    """Typed credentials in this header."""
    return ((header, jsontext.write({wrapper: {KEY_OF[connector]: values}}).decode()),)


def new(connector: str = "paypal", **values: str) -> Pairs:
    """Typed credentials as 2026.05 takes them."""
    return typed(CONFIG, "config", connector, **(values or PAYPAL))


def old(connector: str = "paypal", **values: str) -> Pairs:
    """Typed credentials as all before it take them."""
    return typed(AUTH, "auth_type", connector, **(values or PAYPAL))


def ucs(connector: str = "paypal", **values: str) -> Pairs:
    """The same with the headers that package ucs.v2 wants beside them."""
    return (*old(connector, **values), ("x-connector", connector), ("x-merchant-id", "merchant_demo"))


def page(connector: str = "stripe", **values: str) -> Pairs:
    """Credentials as the published page shows them."""
    fields = values or {"api_key": "sk_test_demo"}
    return (("x-connector", connector), (AUTH, jsontext.write({KEY_OF[connector]: fields}).decode()))


def sent(path: str, headers: Pairs, body: Any, *, transport: str = "http") -> Ask:
    """A call with this body."""
    return Ask("POST", path, headers if transport == GRPC else (CONTENT, *headers), jsontext.write(body), transport)


class Calls:
    """An operation's calls in one revision, over one transport: how headers are made, and a body that is fit."""

    def __init__(
        self, name: str, path: str, headers: Callable[..., Pairs], body: Any, transport: str, connector: str = "paypal"
    ) -> None:
        self.path = path
        self.headers = headers
        self.body = body
        self.transport = transport
        self.connector = connector
        self._of = partial(Example, f"hyperswitch.{name}", transport=transport)

    def example(self, reason: str, ask: Asking, title: str = "", *, in_band: bool = False) -> Example:
        """One of its examples."""
        return self._of(reason, ask, title, in_band=in_band)

    def ask(self, headers: Pairs | None = None, **changes: Any) -> Ask:
        """A call with these headers, and changes of the body; a member changed to nothing is left out."""
        body = {name: value for name, value in {**self.body, **changes}.items() if value is not None}
        return sent(self.path, self.headers() if headers is None else headers, body, transport=self.transport)

    def marked(self, mark: str) -> Ask:
        """A call whose credentials ask for a fault."""
        return self.ask(self.headers(self.connector, **dict.fromkeys(_FIELDS[self.connector], mark)))

    def headers_examples(self, *, override: bool = True) -> Iterable[Example]:
        """Everything that can be wrong with headers."""
        of, ask = self.example, self.ask
        legacy = (("x-connector", "paypal"), ("x-merchant-id", "m"))
        yield of("browser.secret_exposed", lambda _: ask((*self.headers(), BROWSER)))
        yield of("request.malformed", lambda _: replace(ask(), body=b"{" if self.transport != GRPC else b"\xff"))
        if override:
            yield of("override.invalid", lambda _: ask((*self.headers(), ("x-config-override", "[]"))))
        yield of("connector.missing", lambda _: ask(()))
        yield of("connector.unknown", lambda _: ask((("x-connector", "PAYPAL"), ("x-merchant-id", "m"))))
        yield of("credential.missing", lambda _: ask((*legacy, ("x-auth", "header-key"))))
        yield of("credential.malformed", lambda _: ask((*legacy, ("x-auth", "certificate-auth"))))
        broken = tuple((name, "{" if name in (CONFIG, AUTH) else value) for name, value in self.headers())
        yield of("credential.malformed", lambda _: ask(broken), "credential.malformed, in JSON")
        yield of("credential.mismatch", lambda _: ask((*legacy, ("x-auth", "header-key"), ("x-api-key", "k"))))
        yield of("credential.incomplete", lambda _: ask(self.headers("paypal", client_id="id")))

    def provider_examples(self, *, in_band: bool = False) -> Iterable[Example]:
        """Everything that the provider can answer. The published page has it inside a success, as *in_band* says."""
        of = partial(self.example, in_band=in_band)
        yield of("credential.rejected", lambda _: self.marked("mock_401"))
        for reason in UPSTREAM:
            if not (in_band and reason == "upstream.403"):
                yield of(reason, partial(_marked_with, self, f"mock_{reason.partition('.')[2]}"))
        yield of("upstream.timeout", lambda _: self.marked("mock_timeout"))
        yield of("upstream.unreadable", lambda _: self.marked("mock_badbody"))


_FIELDS = {
    "paypal": tuple(PAYPAL),
    "stripe": ("api_key",),
    "trustpay": tuple(TRUSTPAY),
    "paytm": ("key",),
}


def _marked_with(calls: Calls, mark: str, stage: Stage) -> Ask:
    del stage
    return calls.marked(mark)


def _over_http() -> Iterable[Example]:
    health = Ask("GET", "/health")
    yield Example("hyperswitch.health", "", lambda _: health)
    yield Example("hyperswitch.health", "browser.secret_exposed", lambda _: replace(health, headers=(BROWSER,)))
    request = {"connector": "PAYPAL", "test_mode": True}
    yield from _token_examples(Calls("create_server_token", SERVER_TOKEN, new, request, "http"))
    yield from _token_examples(Calls("create_access_token", ACCESS_TOKEN, old, request, "http"))
    path = "/payments/server_session_authentication_token"
    session = {"payment": {"amount": AMOUNT}}
    yield from _session_examples(
        Calls("create_server_session_token", path, new, session, "http", "paytm"), payment={"metadata": "{}"}
    )
    path = "/payments/create_session_token"
    yield from _session_examples(Calls("create_session_token", path, old, {"amount": AMOUNT}, "http", "paytm"))
    yield from _payment_examples(Calls("get_payment", "/payments/get", new, _GET, "http"))
    yield from _payment_examples(Calls("authorize_payment", "/payments/authorize", new, _AUTHORIZE, "http"))


def _over_grpc() -> Iterable[Example]:
    request = {"connector": "PAYPAL", "test_mode": True}
    path = f"/{TOKENS}/CreateServerAuthenticationToken"
    yield from _token_examples(Calls("create_server_token", path, new, request, GRPC))
    yield from _token_examples(Calls("create_access_token", f"/{TOKENS}/CreateAccessToken", old, request, GRPC))
    yield from _ucs_examples(Calls("ucs_create_access_token", f"/{UCS_PAYMENTS}/CreateAccessToken", ucs, request, GRPC))
    yield from _page_examples()
    path = f"/{TOKENS}/CreateServerSessionAuthenticationToken"
    session = {"payment": {"amount": AMOUNT}}
    yield from _session_examples(
        Calls("create_server_session_token", path, new, session, GRPC, "paytm"), payment={"metadata": "{}"}
    )
    path = f"/{TOKENS}/CreateSessionToken"
    yield from _session_examples(Calls("create_session_token", path, old, {"amount": AMOUNT}, GRPC, "paytm"))
    yield from _page_session_examples()
    yield from _ucs_session_examples()
    yield from _client_examples(
        Calls("create_client_token", f"/{TOKENS}/CreateClientAuthenticationToken", new, session, GRPC, "stripe")
    )
    sdk = Calls("create_sdk_session_token", f"/{TOKENS}/CreateSdkSessionToken", old, {"amount": AMOUNT}, GRPC)
    yield sdk.example("browser.secret_exposed", lambda _: sdk.ask((*old(), BROWSER)))
    yield sdk.example("request.not_emulated", lambda _: sdk.ask())
    yield from _payment_examples(Calls("get_payment", f"/{PAYMENTS}/Get", new, _GET, GRPC))
    yield from _payment_examples(Calls("authorize_payment", f"/{PAYMENTS}/Authorize", new, _AUTHORIZE, GRPC))


def _token_examples(calls: Calls) -> Iterable[Example]:
    yield calls.example("", lambda _: calls.ask(), "A PayPal token")
    yield from _http_examples(calls)
    yield from calls.headers_examples()
    yield calls.example("connector.unsupported", lambda _: calls.ask(calls.headers("stripe", api_key="k")))
    yield from calls.provider_examples()
    inband = {**TRUSTPAY, "api_key": "mock_inband"}
    yield calls.example("upstream.inband", lambda _: calls.ask(calls.headers("trustpay", **inband)), in_band=True)


def _http_examples(calls: Calls) -> Iterable[Example]:
    if calls.transport != GRPC:
        typeless = partial(replace, headers=calls.headers())
        yield calls.example("request.media_type", lambda _: typeless(calls.ask()))


def _ucs_examples(calls: Calls) -> Iterable[Example]:
    yield from _token_examples(calls)
    yield calls.example("merchant.missing", lambda _: calls.ask((*old(), ("x-connector", "paypal"))))
    other = (*old(), ("x-connector", "volt"), ("x-merchant-id", "m"))
    yield calls.example("connector.mismatch", lambda _: calls.ask(other))


def _page_examples() -> Iterable[Example]:
    request = {"merchant_access_token_id": "token_001", "connector": "STRIPE", "test_mode": True}
    calls = Calls("docs_create_access_token", PAGE_TOKEN, page, request, GRPC, "stripe")
    yield calls.example("", lambda _: calls.ask(), "The page's own example")
    yield from calls.headers_examples(override=False)
    yield calls.example("connector.mismatch", lambda _: calls.ask((*old(), ("x-connector", "volt"))))
    yield calls.example("request.invalid", lambda _: calls.ask(merchant_access_token_id=None))
    yield from calls.provider_examples(in_band=True)
    inband = {**TRUSTPAY, "api_key": "mock_inband"}
    yield calls.example("upstream.inband", lambda _: calls.ask(page("trustpay", **inband)), in_band=True)


def _page_session_examples() -> Iterable[Example]:
    request = {"merchant_session_id": "session_001", "amount": AMOUNT}
    path = f"/{UCS_TOKENS}/CreateSessionToken"
    calls = Calls("docs_create_session_token", path, page, request, GRPC, "stripe")
    yield calls.example("", lambda _: calls.ask(), "A session token")
    yield from calls.headers_examples(override=False)
    yield calls.example("connector.mismatch", lambda _: calls.ask((*old(), ("x-connector", "volt"))))
    yield calls.example("request.invalid", lambda _: calls.ask(amount=None))
    yield from calls.provider_examples(in_band=True)


def _ucs_session_examples() -> Iterable[Example]:
    """Those of 2026.03.06, which has to be switched on."""
    path = f"/{UCS_TOKENS}/CreateSessionToken"
    calls = Calls("ucs_create_session_token", path, ucs, {"amount": AMOUNT}, GRPC, "paytm")
    other = (*old(), ("x-connector", "volt"), ("x-merchant-id", "m"))
    for example in (
        *_session_examples(calls),
        calls.example("merchant.missing", lambda _: calls.ask((*old(), ("x-connector", "paypal")))),
        calls.example("connector.mismatch", lambda _: calls.ask(other)),
    ):
        yield replace(example, ask=partial(_switched, example.ask))


def _switched(ask: Asking, stage: Stage) -> Ask:
    stage.sandbox.put(replace(stage.sandbox.get(HyperswitchOptions), ucs_v2="2026.03.06"))
    return ask(stage)


def _session_examples(calls: Calls, **without: Any) -> Iterable[Example]:
    fit = calls.headers("paytm", key="k")
    yield calls.example("", lambda _: calls.ask(fit), "A session token")
    yield from _http_examples(calls)
    yield from calls.headers_examples()
    yield calls.example("connector.unsupported", lambda _: calls.ask())
    yield calls.example("request.invalid", lambda _: calls.ask(fit, **(without or {"amount": None})))
    yield from calls.provider_examples()


def _client_examples(calls: Calls) -> Iterable[Example]:
    fit = new("stripe", api_key="sk_test_demo")
    yield calls.example("", lambda _: calls.ask(fit), "Stripe's client secret")
    yield calls.example("", lambda _: calls.ask(new("adyen", api_key="k", merchant_account="m")), "Adyen's session")
    yield from calls.headers_examples()
    yield calls.example("connector.unsupported", lambda _: calls.ask(new("nmi", key="k")))
    yield calls.example("request.not_emulated", lambda _: calls.ask(new("nuvei", key="k")))
    yield calls.example("request.invalid", lambda _: calls.ask(fit, payment={}))
    yield from calls.provider_examples()


_GET = {"connector_transaction_id": "txn_1", "amount": AMOUNT}
_AUTHORIZE = {"amount": AMOUNT, "payment_method": {}, "auth_type": "NO_THREE_DS"}


def access_token(stage: Stage, headers: Pairs | None = None) -> str:
    """An access token of 2026.05, by the HTTP mode."""
    reply = stage.play(sent(SERVER_TOKEN, headers or new(), {}))
    return str(jsontext.read(reply.body)["access_token"])


def state(token: str) -> dict[str, Any]:
    """A token as payment calls carry it."""
    return {"access_token": {"token": token}}


def _payment_examples(calls: Calls) -> Iterable[Example]:
    of = calls.example

    def live(stage: Stage) -> Ask:
        return calls.ask(state=state(access_token(stage)))

    def expired(stage: Stage) -> Ask:
        token = access_token(stage)
        stage.sandbox.clock.advance(timedelta(hours=9))
        return calls.ask(state=state(token))

    def revoked(stage: Stage) -> Ask:
        token = access_token(stage)
        stage.sandbox.tokens.revoke(stage.sandbox.clock.now())
        return calls.ask(state=state(token))

    def of_another(stage: Stage) -> Ask:
        volt = new("volt", username="u", password="p", client_id="c", client_secret="s")
        return calls.ask(state=state(access_token(stage, volt)))

    yield of("", live, "With a live token")
    yield from _http_examples(calls)
    yield from calls.headers_examples()
    yield of("request.invalid", lambda _: calls.ask(amount=None))
    yield of("token.missing", lambda _: calls.ask())
    if calls.body is _GET:
        yield of("token.malformed", lambda _: calls.ask(state={"access_token": {"token_type": "Bearer"}}))
    for example in calls.provider_examples():
        yield replace(example, ask=partial(_with_token, example.ask))
    yield of("token.expired", expired)
    yield of("token.revoked", revoked)
    yield of("token.unknown", lambda _: calls.ask(state=state("A21AA" + "0" * 32)))
    yield of("binding.wrong_connector", of_another)


def _with_token(ask: Asking, stage: Stage) -> Ask:
    """A call with a token that would count, if the provider did not fail."""
    asked, body = ask(stage), state(access_token(stage))
    return replace(asked, body=jsontext.write({**jsontext.read(asked.body), "state": body}))
