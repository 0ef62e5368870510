"""Rows R, I, M and K of the standards: revocation, introspection, metadata, keys."""

from __future__ import annotations

import base64
import json
from urllib.parse import urlencode

import jwt
import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

from mockserver import Emulator, Settings
from mockserver.core.keys import Hs256Key, thumbprint
from tests.support.wire import Wire
from tests.vendors.ingrid_handoff import DELIVERY, FORM, ORIGIN, bearer

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
REVOKE, INTROSPECT = "/ingrid/oauth2/revoke", "/ingrid/oauth2/introspect"
METADATA = "/.well-known/oauth-authorization-server"
KEYS = "/ingrid/.well-known/jwks.json"
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


@pytest.fixture
def services(ingrid, wire):
    """Calls a token service as a service account: `services(REVOKE, token)`."""

    def call(path, token, *, account="sa_demo", **fields):
        assertion = ingrid.signed(account, sub=account, aud=f"http://localhost{path}")
        proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion} if account else {}
        return anonymous(wire, path, token=token, **proof, **fields)

    return call


def anonymous(wire, path, *, headers=(), **fields):
    body = urlencode(fields).encode()
    return wire("POST", path, body=body, headers=[("Content-Type", FORM), *headers])


class TestRevocation:
    @pytest.mark.parametrize("token", ["garbage", "sat_" + "A" * 43, "a.b.c"])
    def test_r1_an_unknown_token_is_revoked_with_success(self, services, token):
        got = services(REVOKE, token)

        assert (got.status, got.body) == (200, b"")

    def test_r1_a_token_may_be_revoked_twice(self, ingrid, services):
        token = ingrid.site_token()

        assert [services(REVOKE, token).status for _ in range(2)] == [200, 200]

    def test_r1_a_dead_token_may_be_revoked(self, ingrid, services, sandbox):
        token = ingrid.site_token()
        sandbox.tokens.expire(sandbox.clock.now())

        assert services(REVOKE, token).status == 200

    @pytest.mark.parametrize("path", [REVOKE, "/oauth2/revoke"])
    def test_r2_nobody_revokes_without_saying_who(self, ingrid, wire, path):
        token = ingrid.site_token()

        got = anonymous(wire, path, token=token)

        assert got.outcome == (401, "credential.missing")
        assert got.json["error"] == "invalid_client"
        assert got.headers["WWW-Authenticate"] == 'Basic realm="token"'
        assert ingrid.use(token).status == 200

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"sub": "sa_nobody"}, "credential.unknown"),
            ({"exp": 1}, "assertion.expired"),
            ({"aud": "http://elsewhere"}, "assertion.wrong_audience"),
        ],
    )
    def test_r2_a_wrong_client_assertion_is_an_invalid_client(self, ingrid, wire, changes, reason):
        claims = {"aud": f"http://localhost{REVOKE}", **changes}
        assertion = ingrid.signed("sa_demo", **claims)

        got = anonymous(wire, REVOKE, token="x", client_assertion_type=ASSERTION_TYPE, client_assertion=assertion)

        assert (got.outcome, got.json["error"]) == ((401, reason), "invalid_client")

    @pytest.mark.parametrize("hint", ["refresh_token", "id_token", "anything"])
    def test_r3_a_type_that_is_never_issued_is_not_supported(self, services, hint):
        got = services(REVOKE, "x", token_type_hint=hint)

        assert (got.outcome, got.json["error"]) == ((400, "request.invalid"), "unsupported_token_type")

    def test_r3_the_type_that_is_issued_is_supported(self, services):
        assert services(REVOKE, "x", token_type_hint="access_token").status == 200

    def test_r4_a_token_of_another_client_stays_alive(self, ingrid, services):
        token = ingrid.site_token()

        got = services(REVOKE, token, account="sa_edit")

        assert (got.outcome, got.json["error"]) == ((400, "binding.wrong_client"), "unauthorized_client")
        assert ingrid.use(token).status == 200

    def test_r5_the_next_use_of_a_revoked_token_is_refused(self, ingrid, services):
        token, other = ingrid.site_token(), ingrid.site_token()
        assert ingrid.use(token).status == 200

        services(REVOKE, token)

        assert ingrid.use(token).outcome == (401, "token.revoked")
        assert ingrid.use(other).status == 200


class TestIntrospection:
    def test_a_token_that_counts_is_told_of(self, ingrid, services):
        token = ingrid.site_token(ttlSeconds=120)

        got = services(INTROSPECT, token)

        claims = jwt.decode(token, options={"verify_signature": False})
        assert got.status == 200
        assert got.json == {
            "active": True,
            "scope": "view",
            "client_id": "sa_demo",
            "token_type": "Bearer",
            "exp": claims["exp"],
            "iat": claims["iat"],
            "sub": "sa_demo",
            "iss": "http://localhost/ingrid",
            "jti": claims["jti"],
        }
        assert got.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        "death", ["expired", "revoked", "unknown", "foreign", "of another sandbox", "of a gone key"]
    )
    def test_i1_of_any_other_token_nothing_is_told(self, ingrid, services, sandbox, emulator, wire, death):
        token, account = ingrid.site_token(), "sa_demo"
        if death == "expired":
            sandbox.tokens.expire(sandbox.clock.now())
        if death == "revoked":
            sandbox.tokens.revoke(sandbox.clock.now())
        if death == "unknown":
            token = token[:-4] + "AAAA"
        if death == "foreign":
            account = "sa_edit"
        if death == "of another sandbox":
            emulator.sandboxes.find("team").clock.set(sandbox.clock.now(), frozen=True)
            token = wire.post("/~team/_mock/tokens", {"vendor": "ingrid"}).json["token"]
        if death == "of a gone key":
            wire.post("/_mock/keys/ingrid/rotate", {"overlap": 0})

        got = services(INTROSPECT, token, account=account)

        assert (got.status, got.body) == (200, b'{"active":false}')

    def test_i2_nobody_asks_without_saying_who(self, ingrid, wire):
        got = anonymous(wire, INTROSPECT, token=ingrid.site_token())

        assert got.outcome == (401, "credential.missing")
        assert got.json["error"] == "invalid_client"


@pytest.mark.parametrize("path", [REVOKE, INTROSPECT])
class TestBoth:
    def test_a_page_is_refused(self, wire, path):
        got = anonymous(wire, path, headers=[("Origin", ORIGIN)], token="x")

        assert got.outcome == (403, "browser.secret_exposed")

    def test_a_preflight_gets_no_cors_headers(self, wire, path):
        got = wire("OPTIONS", path, headers=[("Origin", ORIGIN), ("Access-Control-Request-Method", "POST")])

        assert got.status == 204
        assert not [name for name, _ in got.headers if name.startswith("Access-Control")]

    def test_a_form_without_a_token_is_invalid(self, wire, path):
        assert anonymous(wire, path, x="y").outcome == (400, "request.invalid")

    def test_json_is_not_taken(self, wire, path):
        assert wire.post(path, {"token": "x"}).outcome == (400, "request.media_type")

    def test_a_repeated_parameter_is_refused(self, wire, path):
        got = wire("POST", path, body=b"token=x&token=y", headers=[("Content-Type", FORM)])

        assert got.outcome == (400, "request.duplicate_parameter")

    def test_post_is_the_only_method(self, wire, path):
        got = wire("GET", path)

        assert (got.outcome, got.headers["Allow"]) == ((405, "method.not_allowed"), "POST")


class TestMetadata:
    @pytest.mark.parametrize("issuer", ["/ingrid", "/~team/ingrid"])
    def test_m1_it_stands_before_the_issuers_path(self, wire, issuer):
        got = wire.get(METADATA + issuer)

        assert got.status == 200
        assert got.json["issuer"] == f"http://localhost{issuer}"
        assert got.json["token_endpoint"] == f"http://localhost{issuer}/v1/auth/token"
        assert got.json["jwks_uri"] == f"http://localhost{issuer}/.well-known/jwks.json"

    @pytest.mark.parametrize("path", ["/ingrid" + METADATA, METADATA + "/t1", METADATA + "/ingrid/more"])
    def test_m1_anywhere_else_there_is_none(self, wire, path):
        assert wire.get(path).status == 404

    def test_m1_its_base_url_is_the_configured_one_whatever_the_host(self, contract):
        emulator = Emulator(Settings(public_url="http://localhost:8080/t1"))
        wire = Wire(emulator.app, contract)

        for base in ("http://evil.test", "http://localhost"):
            got = wire.get(METADATA + "/t1/ingrid", base_url=base)

            assert got.json["issuer"] == "http://localhost:8080/t1/ingrid"
            assert got.json["revocation_endpoint"] == "http://localhost:8080/t1/ingrid/oauth2/revoke"

    def test_m2_a_strict_reader_takes_it(self, wire):
        metadata = AuthorizationServerMetadata(
            {**wire.get(METADATA + "/ingrid", base_url="https://localhost").json, "issuer": "https://localhost/ingrid"}
        )

        metadata.validate()

        assert metadata["response_types_supported"] == ["none"]

    def test_m2_no_member_is_empty(self, wire):
        assert all(wire.get(METADATA + "/ingrid").json.values())

    def test_a_page_may_read_it(self, wire):
        got = wire.get(METADATA + "/ingrid", headers=[("Origin", ORIGIN)])

        assert got.headers["Access-Control-Allow-Origin"] == "*"


class TestKeys:
    def test_k1_public_members_only(self, wire):
        (key,) = wire.get(KEYS).json["keys"]

        assert (key["use"], key["alg"], key["kty"]) == ("sig", "ES256", "EC")
        assert not PRIVATE & set(key)

    def test_k1_an_old_key_stays_through_the_overlap(self, ingrid, wire):
        token = ingrid.site_token()

        wire.post("/_mock/keys/ingrid/rotate", {"overlap": 60})

        keys = wire.get(KEYS).json["keys"]
        assert len({key["kid"] for key in keys}) == len(keys) == 2
        assert verified(token, keys)
        assert ingrid.use(token).status == 200
        assert verified(ingrid.site_token(), keys[:1])

    def test_k1_an_old_key_is_gone_after_the_overlap(self, ingrid, wire):
        token = ingrid.site_token(ttlSeconds=300)
        wire.post("/_mock/keys/ingrid/rotate", {"overlap": 60})

        wire.post("/_mock/clock/advance", {"seconds": 60})

        assert len(wire.get(KEYS).json["keys"]) == 1
        assert ingrid.use(token).outcome == (401, "token.bad_signature")

    def test_k1_symmetric_keys_are_never_listed(self, wire, sandbox):
        ring = sandbox.keyring("ingrid.secret", Hs256Key.draw)

        listed = wire.get("/.well-known/jwks.json").json["keys"]

        assert ring.active.kid not in json.dumps(listed)
        assert ring.active.verifying.public_jwk() == {}

    def test_k2_a_key_is_named_by_its_thumbprint(self, wire):
        (key,) = wire.get(KEYS).json["keys"]

        assert key["kid"] == thumbprint(key)


def verified(token, keys):
    """What PyJWT makes of a token with these published keys."""
    kid = jwt.get_unverified_header(token)["kid"]
    key = next(key for key in keys if key["kid"] == kid)
    claims = {"verify_aud": False, "verify_exp": False, "verify_iat": False}
    return jwt.decode(token, jwt.PyJWK(key), algorithms=["ES256"], options=claims)


def test_every_token_kind_can_be_had_from_a_sandbox_of_its_own(emulator, wire):
    made = wire.post("/_mock/sandboxes", {"name": "own"}).json

    token = wire.post("/~own/_mock/tokens", {"vendor": "ingrid", "kind": "site"}).json["token"]

    assert wire.post("/ingrid" + DELIVERY, {}, headers=bearer(token)).status == 200
    assert made["credentials"]["ingrid"]["SERVICE_ACCOUNT_ID"] in emulator.sandboxes.find("own").scenario.credentials


class TestClientsOfASecret:
    """The same for a vendor whose clients prove who they are by Basic (RFC 6749 section 2.3.1)."""

    PATH = "/alternative/oauth2/"

    @pytest.fixture
    def checkout_token(self, wire):
        return wire.post("/_mock/tokens", {"vendor": "alternative"}).json["token"]

    def ask(self, wire, verb, token, client="client_demo", secret="secret_demo", path=PATH):
        proof = base64.b64encode(f"{client}:{secret}".encode()).decode()
        return anonymous(wire, path + verb, headers=[("Authorization", f"Basic {proof}")], token=token)

    def test_a_client_revokes_its_token(self, wire, checkout_token):
        assert self.ask(wire, "revoke", checkout_token).outcome == (200, "")

        assert wire.get("/checkout/invoice", bearer=checkout_token).outcome == (401, "token.revoked")

    def test_r4_another_client_cannot(self, wire, checkout_token):
        got = self.ask(wire, "revoke", checkout_token, client="client_demo_401once")

        assert got.outcome == (400, "binding.wrong_client")
        assert wire.get("/checkout/invoice", bearer=checkout_token).status == 200

    def test_r2_a_wrong_secret_is_an_invalid_client(self, wire, checkout_token):
        got = self.ask(wire, "revoke", checkout_token, secret="guess")

        assert (got.outcome, got.json["error"]) == ((401, "credential.wrong_secret"), "invalid_client")

    def test_a_client_asks_about_its_token(self, wire, checkout_token):
        got = self.ask(wire, "introspect", checkout_token)

        assert (got.json["active"], got.json["client_id"]) == (True, "client_demo")

    def test_at_the_root_a_client_of_any_vendor_is_served(self, wire, checkout_token):
        assert self.ask(wire, "introspect", checkout_token, path="/oauth2/").json["active"] is True

    def test_a_client_of_another_sandbox_is_found_by_its_id(self, wire):
        own = wire.post("/_mock/sandboxes", {"name": "own"}).json["credentials"]["alternative"]
        token = wire.post("/~own/_mock/tokens", {"vendor": "alternative"}).json["token"]

        got = self.ask(
            wire, "revoke", token, own["ALTERNATIVE_CLIENT_ID"], own["ALTERNATIVE_CLIENT_SECRET"], path="/oauth2/"
        )

        assert got.outcome == (200, "")
        assert wire.get("/checkout/invoice", bearer=token).outcome == (401, "token.revoked")

    def test_k1_its_keys_are_never_listed(self, wire):
        assert wire.get("/alternative/.well-known/jwks.json").json == {"keys": []}
