"""One call for every answer that Alternative can give to backends; those to pages stand in `page_examples`.

The document shows them, the conformance suite plays them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mockserver.core import jsontext
from mockserver.core.bodies import FORM, JSON
from mockserver.core.examples import Ask, Example
from mockserver.vendors.alternative import steps
from mockserver.vendors.alternative.errors import FETCH_TOKEN, FORBIDDEN_CLIENT, INIT
from mockserver.vendors.alternative.operations import TOKEN_PATH
from mockserver.vendors.alternative.page_examples import page_examples
from mockserver.vendors.alternative.records import AlternativeRecords
from mockserver.vendors.alternative.steps import INIT_PATH, bearer, init_ask, init_body, token_ask

if TYPE_CHECKING:
    from mockserver.core.examples import Stage


def examples() -> tuple[Example, ...]:
    """Every outcome of every operation."""
    return (*_token_examples(), *_init_examples(), *page_examples())


def _token_examples() -> tuple[Example, ...]:
    usual = _usual_token_examples()
    return (*usual, *(_as_the_rfc_has_it(example) for example in usual if example.reason in FORBIDDEN_CLIENT))


def _usual_token_examples() -> tuple[Example, ...]:
    of = partial(Example, FETCH_TOKEN)
    sent = token_ask()
    return (
        of("", lambda _: sent, title="The form of RFC 6749"),
        of("", lambda _: replace(sent, headers=_headers(JSON), body=_json(grant_type="client_credentials"))),
        of("browser.secret_exposed", lambda _: steps.with_header(sent, steps.FROM_A_PAGE)),
        of("credential.missing", lambda _: Ask("POST", TOKEN_PATH, (("Content-Type", FORM),), _in_body())),
        of("credential.malformed", lambda _: _authorized("Basic not-base64!")),
        of("credential.multiple", lambda _: replace(sent, body=_in_body())),
        of("credential.unknown", lambda _: token_ask("client_nobody", "secret_demo")),
        of("credential.wrong_secret", lambda _: token_ask("client_demo", "secret_guessed")),
        of("credential.disabled", _disabled_client),
        of("rate.limited", steps.over_the_rate(lambda _: sent)),
        of("request.media_type", lambda _: replace(sent, headers=_headers("text/plain"))),
        of("request.malformed", lambda _: replace(sent, headers=_headers(JSON), body=b"[]")),
        of("request.duplicate_parameter", lambda _: replace(sent, body=sent.body + b"&grant_type=again")),
        of("request.invalid", lambda _: replace(sent, body=b"scope=any")),
        of("request.unsupported_grant", lambda _: replace(sent, body=b"grant_type=password")),
    )


def _as_the_rfc_has_it(example: Example) -> Example:
    """The same refusal where the option asks for the answer of RFC 6749."""
    return replace(example, ask=steps.with_option(example.ask, bad_client=401), title=f"{example.reason}, 401")


def _headers(media_type: str) -> tuple[tuple[str, str], ...]:
    return (("Content-Type", media_type), steps.basic(*steps.DEMO))


def _authorized(value: str) -> Ask:
    return replace(token_ask(), headers=(("Content-Type", FORM), ("Authorization", value)))


def _in_body() -> bytes:
    fields = {"grant_type": "client_credentials", "client_id": "client_demo", "client_secret": "secret_demo"}
    return urlencode(fields).encode()


def _json(**members: Any) -> bytes:
    return jsontext.write(members)


def _disabled_client(stage: Stage) -> Ask:
    disable(stage)
    return token_ask()


def disable(stage: Stage) -> None:
    """Switch the demo client off."""
    records = stage.sandbox.get(AlternativeRecords)
    off = replace(records.clients["client_demo"], enabled=False)
    stage.sandbox.put(replace(records, clients={**records.clients, off.id: off}))


def _init_examples() -> tuple[Example, ...]:
    of = partial(Example, INIT)
    ask = init_ask
    return (
        of("", ask),
        of("browser.secret_exposed", lambda stage: steps.with_header(ask(stage), steps.FROM_A_PAGE)),
        of("token.missing", lambda _: Ask("POST", INIT_PATH, (("Content-Type", JSON),), init_body())),
        of("token.multiple", lambda stage: replace(ask(stage), path=INIT_PATH + "?access_token=x")),
        of("token.malformed", lambda _: _with_token("null")),
        of("token.unknown", lambda _: _with_token("0" * 56)),
        of(
            "token.bad_signature",
            steps.with_option(lambda stage: _with_token(steps.forged(stage)), oauth_style="guide"),
        ),
        of("token.expired", steps.after(steps.expire, ask)),
        of("token.revoked", steps.after(steps.revoke, ask)),
        of("token.wrong_kind", lambda stage: _with_token(steps.checkout_token(stage))),
        of("credential.disabled", steps.after(disable, ask)),
        of("rate.limited", steps.over_the_rate(ask)),
        of("request.media_type", lambda stage: replace(ask(stage), headers=(bearer(steps.oauth_token(stage)),))),
        of("request.malformed", lambda stage: replace(ask(stage), body=b"{")),
        of("request.invalid", lambda stage: ask(stage, customer_id="")),
        of("resource.not_found", lambda stage: ask(stage, invoice_id="inv_nowhere")),
        of("binding.wrong_partner", lambda stage: ask(stage, customer_id="cus_far")),
        of("binding.wrong_customer", lambda stage: ask(stage, invoice_id="inv_other")),
    )


def _with_token(token: str) -> Ask:
    return Ask("POST", INIT_PATH, (("Content-Type", JSON), bearer(token)), init_body())
