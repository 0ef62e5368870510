"""One call for every answer that Ingrid can give. The document shows them, the conformance suite plays them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mockserver.core import jsontext
from mockserver.core.assertions import GRANT, usual_claims
from mockserver.core.bodies import FORM, JSON
from mockserver.core.clock import seconds
from mockserver.core.entropy import Entropy
from mockserver.core.examples import Ask, Example
from mockserver.core.keys import SigningKey, read_private_key, sign_rs256
from mockserver.vendors.ingrid.operations import MINT_SERVICE_TOKEN
from mockserver.vendors.ingrid.options import IngridOptions
from mockserver.vendors.ingrid.records import IngridRecords

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.core.examples import Stage

SERVICE = "ingrid.mint_service_token"
SITE = "ingrid.mint_site_token"
DELIVERY = "ingrid.get_delivery_options"
BROWSER = ("Origin", "http://localhost:3000")
MINUTE = timedelta(minutes=1)
OPAQUE_TAIL = "A" * 43
OAUTH_REASONS = tuple(
    reason
    for reason in MINT_SERVICE_TOKEN.refusals
    if reason.startswith(("assertion.", "credential.")) or reason == "request.unsupported_grant"
)


def examples() -> tuple[Example, ...]:
    """Every outcome of every operation."""
    return (*_service_examples(), *_site_examples(), *_delivery_examples())


def claims(stage: Stage, **changes: Any) -> dict[str, Any]:
    """The claims of Ingrid's guide, with *changes*; a claim changed to nothing is left out."""
    usual = usual_claims("sa_demo", stage.base_url + "/v1/auth/token", stage.sandbox.clock.now(), MINUTE)
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def signed(stage: Stage, account: str = "sa_demo", header: dict[str, str] | None = None, **changes: Any) -> str:
    """An assertion under the key of *account*."""
    key = stage.sandbox.get(IngridRecords).accounts[account].keys[0].private_key or ""
    return sign_rs256(claims(stage, **changes), read_private_key(key, trusted=True), **header or {})


def grant(assertion: str) -> Ask:
    """An assertion in the vendor's JSON form."""
    return _json("/v1/auth/token", {"grantType": GRANT, "assertion": assertion})


def service_token(stage: Stage) -> str:
    """A service token of sa_demo."""
    return str(jsontext.read(stage.play(grant(signed(stage))).body)["accessToken"])


def site_token(stage: Stage, **changes: Any) -> str:
    """A site token of site_demo."""
    reply = stage.play(_site_ask(stage, **changes))
    return str(jsontext.read(reply.body)["accessToken"])


def _json(path: str, body: Any, *headers: tuple[str, str]) -> Ask:
    return Ask("POST", path, (("Content-Type", JSON), *headers), jsontext.write(body))


def _bearer(token: str) -> tuple[str, str]:
    return ("Authorization", f"Bearer {token}")


def _service_examples() -> tuple[Example, ...]:
    json_form = _json_form_examples()
    without_grant = Example(
        SERVICE, "request.invalid", lambda _: _form({"assertion": "x"}), title="request.invalid, form"
    )
    in_form = [_in_oauth_form(example) for example in json_form if example.reason in OAUTH_REASONS]
    return (*json_form, without_grant, *in_form)


def _json_form_examples() -> tuple[Example, ...]:
    of = partial(Example, SERVICE)
    return (
        of("", lambda stage: grant(signed(stage)), title="The vendor's JSON form"),
        of("", _form_grant, title="The form of RFC 7523"),
        of("browser.secret_exposed", lambda stage: _with(grant(signed(stage)), BROWSER)),
        of("request.media_type", lambda _: Ask("POST", "/v1/auth/token", (("Content-Type", "text/plain"),), b"x")),
        of("request.malformed", lambda _: Ask("POST", "/v1/auth/token", (("Content-Type", JSON),), b"[]")),
        of("request.duplicate_parameter", _repeated_parameter),
        of("request.invalid", lambda stage: _json("/v1/auth/token", {"grant_type": GRANT, "assertion": signed(stage)})),
        of("request.unsupported_grant", lambda _: _json("/v1/auth/token", {"grantType": "password", "assertion": "x"})),
        of("assertion.missing", lambda _: _json("/v1/auth/token", {"grantType": GRANT})),
        of("assertion.malformed", lambda _: grant("a.b.c d.e.f")),
        of("assertion.unsupported_algorithm", lambda stage: grant(_unsigned(stage))),
        of("assertion.missing_claim", lambda stage: grant(signed(stage, sub=None))),
        of("assertion.invalid_claim", lambda stage: grant(signed(stage, exp=claims(stage)["exp"] * 1000))),
        of("credential.unknown", lambda stage: grant(signed(stage, sub="sa_nobody"))),
        of("credential.disabled", _disabled_account),
        of("assertion.unknown_key", lambda stage: grant(signed(stage, header={"kid": "rotated-away"}))),
        of("assertion.bad_signature", lambda stage: grant(signed(stage, "sa_edit", sub="sa_demo"))),
        of("assertion.wrong_audience", lambda stage: grant(signed(stage, aud=stage.base_url + "/v1/auth/token/"))),
        of("assertion.expired", lambda stage: grant(signed(stage, exp=_in(stage, -MINUTE)))),
        of("assertion.not_yet_valid", lambda stage: grant(signed(stage, nbf=_in(stage, 5 * MINUTE)))),
        of("assertion.lifetime_too_long", lambda stage: grant(signed(stage, exp=_in(stage, 1440 * MINUTE)))),
        of("assertion.replayed", _sent_twice),
    )


def _in_oauth_form(example: Example) -> Example:
    """The same refusal in the form of RFC 7523, which answers as RFC 6749 has it."""

    def ask(stage: Stage) -> Ask:
        fields = jsontext.read(example.ask(stage).body)
        spelt = {{"grantType": "grant_type"}.get(name, name): value for name, value in fields.items()}
        return _form(spelt)

    return replace(example, ask=ask, title=f"{example.reason}, form")


def _form_grant(stage: Stage) -> Ask:
    return _form({"grant_type": GRANT, "assertion": signed(stage)})


def _form(fields: dict[str, str]) -> Ask:
    return Ask("POST", "/v1/auth/token", (("Content-Type", FORM),), urlencode(fields).encode())


def _repeated_parameter(stage: Stage) -> Ask:
    ask = _form_grant(stage)
    return replace(ask, body=ask.body + b"&assertion=again")


def _unsigned(stage: Stage) -> str:
    header, payload, _ = signed(stage, header={"alg": "none"}).split(".")
    return f"{header}.{payload}."


def _disabled_account(stage: Stage) -> Ask:
    ask = grant(signed(stage))
    _disable(stage)
    return ask


def _sent_twice(stage: Stage) -> Ask:
    ask = grant(signed(stage, jti="only-once"))
    stage.play(ask)
    return ask


def _site_examples() -> tuple[Example, ...]:
    of = partial(Example, SITE)
    ask = _site_ask
    return (
        of("", lambda stage: ask(stage, ttlSeconds=300, externalRef="frontend-session")),
        of("browser.secret_exposed", lambda stage: _with(ask(stage), BROWSER)),
        *_bearer_examples(SITE, service_token, _site_request),
        of("token.wrong_kind", lambda stage: _site_request(site_token(stage))),
        of("credential.disabled", _disabled_since),
        of("request.media_type", lambda stage: replace(ask(stage), headers=(_bearer(service_token(stage)),))),
        of("request.malformed", lambda stage: replace(ask(stage), body=b"{")),
        of("request.invalid", lambda stage: ask(stage, scopes=[], ttlSeconds="300")),
        of("scope.unknown", lambda stage: ask(stage, scopes=["fly"])),
        of("resource.not_found", lambda stage: _site_request(service_token(stage), site="site_nowhere")),
        of("binding.wrong_site", lambda stage: _site_request(service_token(stage), site="site_other")),
        of("scope.escalation", lambda stage: ask(stage, scopes=["edit"])),
    )


def _site_ask(stage: Stage, **body: Any) -> Ask:
    return _site_request(service_token(stage), **body)


def _site_request(token: str, site: str = "site_demo", **body: Any) -> Ask:
    return _json(f"/v1/sites/{site}/access-tokens", {"scopes": ["view"], **body}, _bearer(token))


def _disabled_since(stage: Stage) -> Ask:
    ask = _site_ask(stage)
    _disable(stage)
    return ask


def _delivery_examples() -> tuple[Example, ...]:
    of = partial(Example, DELIVERY)
    ask = _delivery_ask
    return (
        of("", lambda stage: ask(site_token(stage, externalRef="order-1"))),
        *_bearer_examples(DELIVERY, site_token, ask),
        of("token.wrong_kind", lambda stage: ask(service_token(stage))),
        of("browser.server_only_token", lambda stage: _with(ask(service_token(stage)), BROWSER)),
        of("scope.insufficient", _without_view),
        of("binding.wrong_site", lambda stage: _with(ask(site_token(stage)), ("x-site-id", "site_other"))),
        of("request.media_type", lambda stage: replace(ask(""), headers=(_bearer(site_token(stage)),))),
        of("request.malformed", lambda stage: replace(ask(site_token(stage)), body=b"{")),
    )


def _delivery_ask(token: str) -> Ask:
    return _json("/v1/delivery/options", {}, _bearer(token))


def _without_view(stage: Stage) -> Ask:
    reply = stage.play(grant(signed(stage, "sa_edit", sub="sa_edit")))
    token = jsontext.read(reply.body)["accessToken"]
    minted = stage.play(_site_request(token, scopes=["edit"]))
    return _delivery_ask(jsontext.read(minted.body)["accessToken"])


def _bearer_examples(operation: str, mint: Callable[[Stage], str], ask: Callable[[str], Ask]) -> tuple[Example, ...]:
    of = partial(Example, operation)

    def expired(stage: Stage) -> Ask:
        token = mint(stage)
        stage.sandbox.clock.advance(120 * MINUTE)
        return ask(token)

    def revoked(stage: Stage) -> Ask:
        token = mint(stage)
        stage.sandbox.tokens.revoke(stage.sandbox.clock.now())
        return ask(token)

    def twice(stage: Stage) -> Ask:
        sent = ask(mint(stage))
        return replace(sent, path=sent.path + "?access_token=x")

    def forged(stage: Stage) -> Ask:
        stage.sandbox.put(replace(stage.sandbox.get(IngridOptions), token_format="opaque"))
        return ask("sat_" + OPAQUE_TAIL)

    return (
        of("token.missing", lambda _: replace(ask(""), headers=(("Content-Type", JSON),))),
        of("token.multiple", twice),
        of("token.malformed", lambda _: ask("null")),
        of("token.unknown", forged),
        of("token.bad_signature", lambda stage: ask(SigningKey.draw(Entropy("stranger")).sign(claims(stage)))),
        of("token.expired", expired),
        of("token.revoked", revoked),
    )


def _with(ask: Ask, header: tuple[str, str]) -> Ask:
    return replace(ask, headers=(*ask.headers, header))


def _in(stage: Stage, step: timedelta) -> int:
    return seconds(stage.sandbox.clock.now() + step)


def _disable(stage: Stage) -> None:
    records = stage.sandbox.get(IngridRecords)
    stage.sandbox.put(records.with_account(replace(records.accounts["sa_demo"], enabled=False)))
