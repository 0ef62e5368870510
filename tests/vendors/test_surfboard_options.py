"""Every option of Surfboard's sheet, section 6, does what it says; tokens, records and magic accounts too."""

from __future__ import annotations

import json
import re
import shlex
from datetime import timedelta
from itertools import pairwise

import pytest
from marshmallow import ValidationError

from mockserver.core.calls import Fault
from mockserver.core.examples import Ask
from mockserver.core.vendor import NothingToHandOutError
from mockserver.scenarios import demo_world, own_world
from mockserver.schema import load_options
from mockserver.vendors import discover
from mockserver.vendors.surfboard import VENDOR
from mockserver.vendors.surfboard.accounts import client_token
from mockserver.vendors.surfboard.examples import mint
from mockserver.vendors.surfboard.options import SurfboardOptions
from mockserver.vendors.surfboard.records import (
    ApiCredential,
    AuthProvider,
    FamilyAnswer,
    SurfboardRecords,
    SurfboardRecordsSchema,
)
from mockserver.vendors.surfboard.tokens import ClientGrant
from mockserver.web.stage import example_stage
from tests.support.stage import WireStage
from tests.vendors.surfboard_handoff import (
    API,
    CERTIFICATE,
    FROM_A_PAGE,
    KEY,
    M1,
    ORDER,
    ORIGIN,
    PARTNER,
    PROVIDER,
    SECRET,
    Handoff,
    bearer,
    decoded,
)

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture
def surfboard(wire, sandbox) -> Handoff:
    return Handoff(wire, sandbox)


def test_the_defaults_are_the_sheets():
    assert load_options(SurfboardOptions, {}) == SurfboardOptions(
        response_shape="flat",
        token_format="jwt",
        client_scope="wide",
        mint_auth="body_only",
        merchant_id="optional",
        denied_status=401,
        token_ttl=timedelta(seconds=3600),
        errors_as_200=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token_ttl_s", 0),
        ("token_ttl_s", 86_401),
        ("token_ttl_s", "900"),
        ("denied_status", 404),
        ("errors_as_200", "true"),
        ("client_scope", "all"),
    ],
)
def test_an_option_takes_nothing_else(name, value):
    with pytest.raises(ValidationError):
        load_options(SurfboardOptions, {name: value})


@pytest.mark.parametrize(
    ("headers", "bound"), [([], []), ([("MERCHANT-ID", M1)], [("merchantId", M1)])], ids=["unbound", "bound"]
)
def test_token_format_jwt_has_its_claims_in_order(surfboard, headers, bound):
    header, claims = decoded(surfboard.token(*headers))

    assert list(header.items()) == [("alg", "HS256"), ("typ", "JWT")]
    assert UUID.fullmatch(claims["jti"])
    assert list(claims.items()) == [
        ("sub", "user_12345"),
        ("partnerId", PARTNER),
        *bound,
        ("iat", surfboard.now),
        ("exp", surfboard.now + 3600),
        ("jti", claims["jti"]),
    ]


def test_an_email_is_recorded_and_not_told(surfboard):
    token = surfboard.token(email="user@example.com")

    _, claims = decoded(token)
    assert surfboard.sandbox.tokens.find(token).granted(ClientGrant).email == "user@example.com"
    assert "user@example.com" not in json.dumps(claims)


def test_each_mint_makes_a_token_of_its_own(surfboard):
    tokens = [surfboard.token() for _ in range(3)]

    assert len(set(tokens)) == 3
    assert [surfboard.use("GET", "/transactions", token).status for token in tokens] == [200, 200, 200]


@pytest.mark.parametrize("dead", [False, True], ids=["alive", "expired"])
@pytest.mark.parametrize(("before", "after"), [("jwt", "opaque"), ("opaque", "jwt")])
def test_a_token_of_the_other_format_is_malformed(surfboard, choose, before, after, dead):
    choose(SurfboardOptions, token_format=before)
    token = surfboard.token()
    if dead:
        surfboard.sandbox.tokens.expire(surfboard.sandbox.clock.now())

    choose(SurfboardOptions, token_format=after)
    got, twice = (surfboard.use("GET", f"/transactions{query}", token) for query in ("", "?access_token=x"))
    choose(SurfboardOptions, token_format=before)

    assert got.outcome == (401, "token.malformed")
    assert got.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert surfboard.journalled(got).hint == "issued before token_format changed"
    assert twice.outcome == (400, "token.multiple")
    assert surfboard.use("GET", "/transactions", token).reason == ("token.expired" if dead else "")


def test_merchant_id_required_is_asked_of_the_mint_call_and_of_families(surfboard, choose):
    choose(SurfboardOptions, merchant_id="required")
    named = ("MERCHANT-ID", M1)

    token = surfboard.token(named)

    assert surfboard.mint().outcome == (400, "request.invalid")
    assert surfboard.use("GET", "/transactions", token).outcome == (400, "request.invalid")
    assert surfboard.use("GET", "/transactions", token, headers=[named]).outcome == (200, "")


def test_an_empty_merchant_id_binds_to_none(surfboard):
    token = surfboard.token(("MERCHANT-ID", ""))

    assert surfboard.sandbox.tokens.find(token).granted(ClientGrant).merchant_id is None


@pytest.mark.parametrize("mint_auth", ["body_only", "full"])
def test_mint_auth_takes_full_credentials_either_way(surfboard, choose, mint_auth):
    choose(SurfboardOptions, mint_auth=mint_auth)

    assert surfboard.mint(API).outcome == (200, "")


@pytest.mark.parametrize(
    ("guard", "outcome", "findings"),
    [
        ("refuse", (401, "browser.secret_exposed"), []),
        ("record", (201, ""), ["browser.secret_exposed"]),
        ("off", (201, ""), []),
    ],
)
def test_browser_guard_decides_about_secrets_in_pages(surfboard, choose, guard, outcome, findings):
    choose(SurfboardOptions, browser_guard=guard)

    got = surfboard.call("POST", "/orders", ORDER, headers=[*API, *FROM_A_PAGE])

    assert got.outcome == outcome
    assert surfboard.findings(got) == findings


def test_a_page_with_a_client_token_is_what_families_are_for(surfboard):
    got = surfboard.use("POST", "/orders", surfboard.token(), ORDER, headers=FROM_A_PAGE)

    assert got.outcome == (201, "")
    assert surfboard.findings(got) == []


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://other.test"])
def test_cors_origins_lists_who_may_read(surfboard, choose, origin):
    choose(SurfboardOptions, cors_origins=(ORIGIN,))

    got = surfboard.use("GET", "/transactions", surfboard.token(), headers=[("Origin", origin)])

    assert got.outcome == (200, "")
    assert got.headers.get("Access-Control-Allow-Origin") == (ORIGIN if origin == ORIGIN else None)


def test_cors_expose_off_hides_the_page_number(surfboard, choose):
    choose(SurfboardOptions, cors_expose=False)

    got = surfboard.use("GET", "/transactions", surfboard.token(), headers=FROM_A_PAGE)

    assert "Access-Control-Expose-Headers" not in got.headers


def test_the_mint_call_has_no_cors_headers(surfboard):
    preflight = surfboard.preflight(f"/partners/{PARTNER}/token")
    page = surfboard.mint([*API, *FROM_A_PAGE])

    assert preflight.status == 204
    assert surfboard.findings(preflight) == ["browser.secret_exposed"]
    for got in (preflight, page):
        assert [name for name, _ in got.headers if name.startswith("Access-Control")] == []


def test_www_authenticate_off_sends_no_challenge(surfboard, choose):
    choose(SurfboardOptions, www_authenticate=False)

    assert "WWW-Authenticate" not in surfboard.call("GET", "/transactions").headers


SHAPES = [
    {},
    {"response_shape": "enveloped"},
    {"mint_auth": "full", "merchant_id": "required", "token_format": "opaque"},
]


@pytest.mark.parametrize("options", SHAPES)
def test_a_client_token_is_handed_out_whatever_the_options(emulator, wire, choose, options):
    choose(SurfboardOptions, **options)

    token = client_token(WireStage(VENDOR, emulator.sandbox, wire))

    assert emulator.sandbox.tokens.find(token).kind == "client"


def test_the_environment_has_the_names_that_integrators_use(sandbox):
    assert VENDOR.environment(sandbox, "http://mock:8080/surfboard") == {
        "SURFBOARD_API_URL": "http://mock:8080/surfboard",
        "SURFBOARD_PARTNER_ID": PARTNER,
        "SURFBOARD_API_KEY": KEY[1],
        "SURFBOARD_API_SECRET": SECRET[1],
        "SURFBOARD_MERCHANT_ID": M1,
        "SURFBOARD_PROVIDER_ID": PROVIDER,
        "SURFBOARD_PROVIDER_CERTIFICATE": CERTIFICATE,
    }


def test_the_greeting_mints_when_it_is_pasted(surfboard):
    words = shlex.split(VENDOR.greeting(surfboard.sandbox, "http://localhost/surfboard").replace("\\\n", " "))

    headers = [tuple(word.split(": ", 1)) for before, word in pairwise(words) if before == "-H"]
    got = surfboard.wire("POST", words[2].removeprefix("http://localhost"), headers=headers, body=words[-1].encode())

    assert words[:2] == ["curl", "-s"]
    assert got.outcome == (200, "")


def test_the_greeting_is_quoted_for_a_shell(surfboard):
    named = {"'; id; '": ApiCredential("'; id; '", "$(id)", "a partner")}
    providers = {"p": AuthProvider("p", "it's", "a partner")}
    surfboard.sandbox.put(SurfboardRecords(api_credentials=named, auth_providers=providers))

    words = shlex.split(VENDOR.greeting(surfboard.sandbox, "http://localhost").replace("\\\n", " "))

    assert words == [
        *("curl", "-s", "http://localhost/partners/a partner/token"),
        *("-H", "Content-Type: application/json", "-H", "API-KEY: '; id; '", "-H", "API-SECRET: $(id)"),
        *("-d", '{"providerId":"p","providerCertificate":"it\'s","externalUserId":"user_12345"}'),
    ]


def test_where_nobody_is_on_record_nothing_is_handed_out(sandbox):
    sandbox.put(SurfboardRecords())

    with pytest.raises(NothingToHandOutError):
        VENDOR.environment(sandbox, "http://localhost")


def test_records_survive_being_written_and_read(sandbox):
    schema = SurfboardRecordsSchema()
    records = sandbox.get(SurfboardRecords)
    fixed = FamilyAnswer("tips", {"any": ["JSON"]})
    whole = type(records)(records.api_credentials, records.merchants, records.auth_providers, {"tips": fixed})

    assert schema.load(schema.dump(whole)) == whole


def test_a_secret_stands_in_no_repr(sandbox):
    shown = repr(sandbox.get(SurfboardRecords))

    assert SECRET[1] not in shown
    assert CERTIFICATE not in shown


def test_a_sandbox_of_ones_own_has_a_partner_of_its_own_and_is_found_by_it(emulator, wire):
    scenario = own_world(emulator.sandboxes.scenario, "mine", discover(), seed="1")
    mine = emulator.sandboxes.create("mine", scenario)
    names = VENDOR.environment(mine, "http://localhost/surfboard")
    headers = [("API-KEY", names["SURFBOARD_API_KEY"]), ("API-SECRET", names["SURFBOARD_API_SECRET"])]
    body = {
        "providerId": names["SURFBOARD_PROVIDER_ID"],
        "providerCertificate": names["SURFBOARD_PROVIDER_CERTIFICATE"],
        "externalUserId": "user_12345",
    }

    minted = wire.post(f"/surfboard/partners/{names['SURFBOARD_PARTNER_ID']}/token", body)
    by_token = wire.get("/surfboard/transactions", bearer=minted.json["token"])
    by_key = wire.get(f"/surfboard/merchants/{names['SURFBOARD_MERCHANT_ID']}/terminals", headers=headers)

    assert [got.status for got in (minted, by_token, by_key)] == [200, 200, 200]
    assert len(mine.journal) == 3
    assert names["SURFBOARD_PARTNER_ID"] != PARTNER
    assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", names["SURFBOARD_PROVIDER_ID"])
    assert re.fullmatch(r"[0-9a-f]{32}", names["SURFBOARD_PROVIDER_CERTIFICATE"])


def test_the_same_name_and_seed_give_the_same_partner():
    worlds = [own_world(demo_world(discover()), "mine", discover(), seed="1") for _ in range(2)]

    first, second = (world.records[SurfboardRecords] for world in worlds)
    assert first == second


class Magic:
    """A world of its own, and calls of one magic account: a provider, or an API key."""

    def __init__(self, ending: str, *, by_key: bool) -> None:
        self.stage = example_stage(VENDOR, demo_world(discover()))
        provider = PROVIDER if by_key else PROVIDER + ending
        key = ("API-KEY", KEY[1] + ending) if by_key else KEY
        self.ask = mint(key, SECRET, providerId=provider)

    def mint(self):
        return self.stage.exchange(self.ask)

    def use(self, path="/transactions"):
        token = json.loads(self.mint().reply.body)["token"]
        return [self.stage.exchange(Ask("GET", path, (bearer(token),))) for _ in range(2)]


@pytest.fixture(params=[True, False], ids=["api-key", "provider"])
def magic(request):
    return lambda ending: Magic(ending, by_key=request.param)


@pytest.mark.parametrize(
    ("ending", "reasons"),
    [
        ("", ["", ""]),
        ("_expired", ["token.expired", "token.expired"]),
        ("_401once", ["token.expired", ""]),
        ("_badsignature", ["token.bad_signature", "token.bad_signature"]),
    ],
)
def test_the_tokens_of_magic_accounts_are_what_their_names_say(magic, ending, reasons):
    account = magic(ending)

    assert [exchange.reason for exchange in account.use()] == reasons


@pytest.mark.parametrize(("ending", "status"), [("_ratelimited", 429), ("_down", 503)])
def test_some_magic_accounts_mint_nothing(magic, ending, status):
    assert magic(ending).mint().reply.status == status


def test_a_slow_account_is_slow_at_minting_and_at_use(magic):
    account = magic("_slow")

    deliveries = [account.mint().reply.delivery, account.use()[0].reply.delivery]

    assert [delivery.delay for delivery in deliveries] == [timedelta(seconds=3)] * 2


def test_a_dropped_account_gets_no_answer(magic):
    assert magic("_dropped").mint().reply.delivery.fault is Fault.DROP_BEFORE


def test_a_magic_api_key_is_magic_in_the_administration_too():
    stage = example_stage(VENDOR, demo_world(discover()))

    exchange = stage.exchange(Ask("GET", "/terminals", (("API-KEY", KEY[1] + "_down"), SECRET)))

    assert exchange.reply.status == 503
