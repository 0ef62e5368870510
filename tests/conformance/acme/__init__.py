"""Acme: a vendor that exists for the tests only, the smallest that the conformance suite accepts."""

from marshmallow import fields

from mockserver.core import jsontext
from mockserver.core.bearer import REFUSALS, BearerToken
from mockserver.core.bodies import JSON
from mockserver.core.calls import Reply
from mockserver.core.entropy import Entropy
from mockserver.core.examples import Ask, Example
from mockserver.core.keys import SigningKey
from mockserver.core.minting import Draft, Signed, mint
from mockserver.core.operations import Answer, Body, Operation
from mockserver.core.vendor import Vendor
from mockserver.schema import RequestBody, ResponseBody, Seconds


class PassRequest(RequestBody):
    """How long a pass shall last."""

    ttl = Seconds(required=True, error_messages={"required": "missing", "invalid": "missing", "null": "missing"})


class PassAnswer(ResponseBody):
    """A pass."""

    value = fields.String(required=True)


class DoorAnswer(ResponseBody):
    """Whose pass opened the door."""

    subject = fields.String(required=True)


class AcmeError(ResponseBody):
    """What went wrong."""

    code = fields.String(required=True)


def form(case):
    return Signed(case.sandbox.keyring("acme"))


def mint_pass(case):
    draft = Draft(
        kind="pass",
        subject="anyone",
        lifetime=case.fields["ttl"],
        claims=lambda iat, exp, jti: {"iat": iat, "exp": exp, "jti": jti},
    )
    return Answer({"value": mint(case, draft, form(case)).value})


def open_door(case):
    return Answer({"subject": case.caller.subject})


def refuse(refusal, case):
    status = {"token": 401, "method": 405, "route": 404, "rate": 429, "fault": 500}.get(
        refusal.reason.partition(".")[0], 400
    )
    allow = (("Allow", ", ".join(refusal.facts["allowed"])),) if refusal.facts.get("allowed") else ()
    return Reply(status, (("Content-Type", JSON), *allow), jsontext.write({"code": refusal.reason}))


MINT_PASS = Operation(
    name="acme.mint_pass",
    summary="Mint a pass",
    source="Acme does not exist",
    method="POST",
    path="/acme-passes",
    bodies=(Body(JSON, PassRequest()),),
    run=mint_pass,
    response=PassAnswer(),
    mints=True,
    refusals=("browser.secret_exposed", "request.media_type", "request.malformed", "request.invalid"),
)
OPEN_DOOR = Operation(
    name="acme.open_door",
    summary="Use a pass",
    source="Acme does not exist",
    method="GET",
    path="/acme-doors/{door}",
    caller=BearerToken("pass", forms=form),
    run=open_door,
    response=DoorAnswer(),
    refusals=("browser.secret_exposed", *(reason for reason in REFUSALS if reason != "token.wrong_kind")),
)


def ask_pass(body=b'{"ttl":60}', *headers):
    return Ask("POST", "/acme-passes", (("Content-Type", JSON), *headers), body)


def a_pass(stage):
    return jsontext.read(stage.play(ask_pass()).body)["value"]


def door(token, *headers):
    return Ask("GET", "/acme-doors/front", (("Authorization", f"Bearer {token}"), *headers))


def after(change):
    def ask(stage):
        token = a_pass(stage)
        change(stage.sandbox)
        return door(token)

    return ask


def form_of(stage):
    return stage.sandbox.keyring("acme").active


def examples():
    stranger = SigningKey.draw(Entropy("stranger"))
    return (
        Example("acme.mint_pass", "", lambda _: ask_pass()),
        Example("acme.mint_pass", "browser.secret_exposed", lambda _: ask_pass(b"{}", ("Origin", "http://page"))),
        Example("acme.mint_pass", "request.media_type", lambda _: Ask("POST", "/acme-passes", (), b"{}")),
        Example("acme.mint_pass", "request.malformed", lambda _: ask_pass(b"[]")),
        Example("acme.mint_pass", "request.invalid", lambda _: ask_pass(b"{}")),
        Example("acme.open_door", "", lambda stage: door(a_pass(stage))),
        Example("acme.open_door", "browser.secret_exposed", lambda _: door("x", ("Origin", "http://page"))),
        Example("acme.open_door", "token.missing", lambda _: Ask("GET", "/acme-doors/front")),
        Example(
            "acme.open_door",
            "token.multiple",
            lambda stage: Ask("GET", "/acme-doors/front?access_token=x", door(a_pass(stage)).headers),
        ),
        Example("acme.open_door", "token.malformed", lambda _: door("null")),
        Example("acme.open_door", "token.unknown", lambda stage: door(form_of(stage).sign({"exp": 2_000_000_000}))),
        Example("acme.open_door", "token.bad_signature", lambda _: door(stranger.sign({"exp": 2_000_000_000}))),
        Example("acme.open_door", "token.expired", after(lambda world: world.tokens.expire(world.clock.now()))),
        Example("acme.open_door", "token.revoked", after(lambda world: world.tokens.revoke(world.clock.now()))),
    )


VENDOR = Vendor(
    name="acme",
    title="Acme",
    summary="Exists for the tests only.",
    operations=(MINT_PASS, OPEN_DOOR),
    refuse=refuse,
    errors={JSON: AcmeError()},
    examples=examples,
)
