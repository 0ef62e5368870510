"""Stock libraries against the RFC 7523 form: Authlib's client, and assertions that PyJWT signs."""

from __future__ import annotations

import time

import jwt
import pytest
import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import AssertionSession
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc7523 import JWTBearerGrant
from joserfc.jwk import RSAKey

from mockserver.vendors.ingrid import IngridOptions
from mockserver.vendors.ingrid.records import IngridRecords
from tests.clients.serving import outcomes

AUTH = "ingrid.mint_service_token"
MINT = "ingrid.mint_site_token"
PATIENCE = 30


@pytest.fixture
def http():
    """A session of requests that knows nothing of this machine's proxies."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def authlib(environment):
    """Authlib's client for assertion grants, with the service account's key."""
    with AssertionSession(
        token_endpoint=environment["MERCHANTS_AUTH_URL"],
        issuer=environment["SERVICE_ACCOUNT_ID"],
        subject=environment["SERVICE_ACCOUNT_ID"],
        key=RSAKey.import_key(environment["SERVICE_ACCOUNT_PRIVATE_KEY"]),
        alg="RS256",
        trust_env=False,
        default_timeout=PATIENCE,
    ) as session:
        yield session


@pytest.fixture
def mint_url(environment):
    """Where site tokens are minted."""
    return f"{environment['MERCHANTS_API_BASE']}/v1/sites/{environment['SITE_ID']}/access-tokens"


def signed(environment):
    """An assertion by PyJWT, with the four claims of the vendor's guide."""
    now = int(time.time())
    account, audience = environment["SERVICE_ACCOUNT_ID"], environment["MERCHANTS_AUTH_URL"]
    claims = {"sub": account, "iat": now, "exp": now + 60, "aud": audience}
    return jwt.encode(claims, environment["SERVICE_ACCOUNT_PRIVATE_KEY"], algorithm="RS256")


def test_authlib_gets_one_service_token_and_mints_site_tokens_with_it(authlib, mint_url, emulator):
    answers = [authlib.post(mint_url, json={"scopes": ["view"]}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert authlib.token["token_type"] == "Bearer"
    assert authlib.token["expires_in"] == 3600
    assert outcomes(emulator) == [(AUTH, 200, ""), (MINT, 200, ""), (MINT, 200, "")]


def test_a_site_token_that_authlib_minted_is_good_for_delivery_options(authlib, mint_url, environment, http):
    site_token = authlib.post(mint_url, json={"scopes": ["view"]}).json()["accessToken"]

    answer = http.post(
        f"{environment['MERCHANTS_API_BASE']}/v1/delivery/options",
        json={},
        headers={"Authorization": f"Bearer {site_token}"},
        timeout=PATIENCE,
    )

    assert (answer.status_code, answer.json()["siteId"]) == (200, environment["SITE_ID"])


def test_authlib_fetches_a_new_service_token_when_its_own_has_run_out(authlib, mint_url, emulator):
    authlib.post(mint_url, json={"scopes": ["view"]})
    authlib.token["expires_at"] = 0

    answer = authlib.post(mint_url, json={"scopes": ["view"]})

    assert answer.status_code == 200
    assert outcomes(emulator) == [(AUTH, 200, ""), (MINT, 200, "")] * 2


def test_authlib_understands_why_its_assertion_is_refused(authlib, mint_url, sandbox, emulator):
    foreign = sandbox.get(IngridRecords).accounts["sa_edit"].keys[0].private_key
    authlib._kwargs["key"] = RSAKey.import_key(foreign)

    with pytest.raises(OAuth2Error) as refused:
        authlib.post(mint_url, json={"scopes": ["view"]})

    assert (refused.value.error, refused.value.description) == ("invalid_grant", "assertion.bad_signature")
    assert outcomes(emulator) == [(AUTH, 400, "assertion.bad_signature")]


def test_authlib_gets_no_token_where_only_the_vendors_json_is_taken(authlib, mint_url, emulator, choose):
    choose(IngridOptions, accept_form=False)

    # Authlib takes any JSON object without `error` for a token, whatever its status, and then finds none in it.
    with pytest.raises(AuthlibBaseError):
        authlib.post(mint_url, json={"scopes": ["view"]})

    assert outcomes(emulator) == [(AUTH, 415, "request.media_type")]
    assert len(emulator.sandbox.tokens) == 0


def test_an_assertion_of_authlibs_rfc_7523_grant_is_good_for_one_exchange(environment, http, emulator):
    account, url = environment["SERVICE_ACCOUNT_ID"], environment["MERCHANTS_AUTH_URL"]
    assertion = JWTBearerGrant.sign(
        RSAKey.import_key(environment["SERVICE_ACCOUNT_PRIVATE_KEY"]),
        issuer=account,
        audience=url,
        subject=account,
        header={"alg": "RS256"},
        expires_in=60,
    )
    form = {"grant_type": JWTBearerGrant.GRANT_TYPE, "assertion": assertion}

    first, second = (http.post(url, data=form, timeout=PATIENCE) for _ in range(2))

    assert (first.status_code, first.json()["expires_in"]) == (200, 3600)
    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")
    assert outcomes(emulator) == [(AUTH, 200, ""), (AUTH, 400, "assertion.replayed")]


def test_an_assertion_of_pyjwt_gets_the_members_of_rfc_6749_in_the_form(environment, http):
    form = {"grant_type": JWTBearerGrant.GRANT_TYPE, "assertion": signed(environment)}

    answer = http.post(environment["MERCHANTS_AUTH_URL"], data=form, timeout=PATIENCE)

    token = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
    assert token["access_token"] == token["accessToken"]


def test_a_service_token_that_pyjwt_got_in_the_form_mints_a_site_token(environment, mint_url, http, emulator):
    form = {"grant_type": JWTBearerGrant.GRANT_TYPE, "assertion": signed(environment)}
    service_token = http.post(environment["MERCHANTS_AUTH_URL"], data=form, timeout=PATIENCE).json()["access_token"]

    answer = http.post(
        mint_url,
        json={"scopes": ["view"], "ttlSeconds": 60},
        headers={"Authorization": f"Bearer {service_token}"},
        timeout=PATIENCE,
    )

    assert (answer.status_code, answer.json()["expiresIn"]) == (200, 60)
    assert outcomes(emulator) == [(AUTH, 200, ""), (MINT, 200, "")]
