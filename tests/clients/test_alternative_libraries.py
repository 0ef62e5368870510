"""Stock libraries make the token step: Authlib and requests-oauthlib, with client credentials."""

from __future__ import annotations

import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession

from mockserver.vendors.alternative.options import AlternativeOptions
from tests.clients import scripts, serving
from tests.clients.serving import outcomes
from tests.clients.tools import missing

try:
    import requests_oauthlib
    from oauthlib import oauth2
except ImportError:
    requests_oauthlib = None

TOKEN = "alternative.fetch_oauth_token"
INIT = "alternative.init_checkout"
PATIENCE = 30


@pytest.fixture
def emulator(contract):
    """Alternative on a socket."""
    with serving.served(contract, "alternative") as emulator:
        yield emulator


@pytest.fixture
def invoice(environment):
    """What a checkout token is asked for."""
    return {
        "customer_id": environment["ALTERNATIVE_CUSTOMER_ID"],
        "invoice_id": environment["ALTERNATIVE_INVOICE_ID"],
    }


@pytest.fixture
def authlib(environment):
    """Authlib's session: Basic is its own choice."""
    with AuthlibSession(
        environment["ALTERNATIVE_CLIENT_ID"],
        environment["ALTERNATIVE_CLIENT_SECRET"],
        token_endpoint=environment["ALTERNATIVE_BASE_URL"] + "/oauth/token",
        grant_type="client_credentials",
        default_timeout=PATIENCE,
    ) as session:
        session.trust_env = False
        yield session


@pytest.fixture
def oauthlib(environment, monkeypatch):
    """requests-oauthlib's session for backends."""
    if requests_oauthlib is None:
        missing("requests-oauthlib", "pip install requests-oauthlib")
    # It refuses plain http, which is all that a loopback server needs.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    client = oauth2.BackendApplicationClient(environment["ALTERNATIVE_CLIENT_ID"])
    with requests_oauthlib.OAuth2Session(client=client) as session:
        session.trust_env = False
        yield session


def fetched(session, environment, secret=None):
    """The token that requests-oauthlib gets, with Basic."""
    return session.fetch_token(
        environment["ALTERNATIVE_BASE_URL"] + "/oauth/token",
        client_id=environment["ALTERNATIVE_CLIENT_ID"],
        client_secret=secret or environment["ALTERNATIVE_CLIENT_SECRET"],
        timeout=PATIENCE,
    )


@pytest.mark.parametrize("style", ["reference", "guide"])
def test_authlib_gets_a_token_and_mints_with_it(authlib, environment, invoice, emulator, choose, style):
    choose(AlternativeOptions, oauth_style=style)

    token = authlib.fetch_token()
    answer = authlib.post(environment["ALTERNATIVE_BASE_URL"] + "/v1/checkout-auth/init", json=invoice)

    assert token["expires_in"] == 3600
    assert token["token_type"].lower() == "bearer"
    assert "refresh_token" not in token
    assert answer.json()["token"].count(".") == 2
    assert outcomes(emulator) == [(TOKEN, 200, ""), (INIT, 200, "")]


def test_authlib_fetches_a_token_anew_when_its_own_has_run_out(authlib, environment, invoice, emulator):
    authlib.fetch_token()
    authlib.token["expires_at"] = 0

    answer = authlib.post(environment["ALTERNATIVE_BASE_URL"] + "/checkout-auth/init", json=invoice)

    assert answer.status_code == 200
    assert outcomes(emulator) == [(TOKEN, 200, ""), (TOKEN, 200, ""), (INIT, 200, "")]


def test_authlib_takes_the_vendors_403_for_a_token_without_a_value(authlib, emulator):
    authlib.client_secret = "guess"

    token = authlib.fetch_token()

    # It looks for `error` in the body, whatever the status, and the vendor's error has none.
    assert token == {"code": "forbidden", "message": "Invalid credentials"}
    assert outcomes(emulator) == [(TOKEN, 403, "credential.wrong_secret")]


def test_authlib_understands_a_bad_client_in_the_words_of_the_rfc(authlib, emulator, choose):
    choose(AlternativeOptions, bad_client=401)
    authlib.client_secret = "guess"

    with pytest.raises(OAuthError) as refused:
        authlib.fetch_token()

    assert refused.value.error == "invalid_client"
    assert outcomes(emulator) == [(TOKEN, 401, "credential.wrong_secret")]


@pytest.mark.parametrize("style", ["reference", "guide"])
def test_requests_oauthlib_gets_a_token_and_mints_with_it(oauthlib, environment, invoice, emulator, choose, style):
    choose(AlternativeOptions, oauth_style=style)

    token = fetched(oauthlib, environment)
    url = environment["ALTERNATIVE_BASE_URL"] + "/v1/checkout-auth/init"
    answer = oauthlib.post(url, json=invoice, timeout=PATIENCE)

    assert token["expires_in"] == 3600
    assert answer.json()["token"].count(".") == 2
    assert outcomes(emulator) == [(TOKEN, 200, ""), (INIT, 200, "")]
    (first, _) = emulator.sandbox.journal
    assert first.call.headers.get("Authorization").startswith("Basic ")
    assert first.call.body == b"grant_type=client_credentials"


@pytest.mark.parametrize(("option", "status"), [(403, 403), (401, 401)])
def test_requests_oauthlib_gets_no_token_for_a_wrong_secret(oauthlib, environment, emulator, choose, option, status):
    choose(AlternativeOptions, bad_client=option)

    # The vendor's own error says nothing to it but that there is no token; that of the RFC has a name.
    with pytest.raises(oauth2.InvalidClientError if option == 401 else oauth2.MissingTokenError):
        fetched(oauthlib, environment, "guess")

    assert outcomes(emulator) == [(TOKEN, status, "credential.wrong_secret")]
    assert len(emulator.sandbox.tokens) == 0


def test_nodes_fetch_is_taken_for_a_server_on_all_three_hops(environment, emulator):
    with scripts.running(scripts.node("checkout.mjs"), environment) as client:
        steps = client.to_its_end()

    assert steps == [
        {"step": "oauth token", "status": 200, "type": "bearer"},
        {"step": "checkout token", "status": 200, "year": 1970},
        {"step": "invoice", "status": 200, "id": environment["ALTERNATIVE_INVOICE_ID"]},
    ]
    headers = [exchange.call.headers for exchange in emulator.sandbox.journal]
    assert [each.get("Sec-Fetch-Mode") for each in headers] == ["cors"] * 3
    assert outcomes(emulator) == [(TOKEN, 200, ""), (INIT, 200, ""), ("alternative.get_invoice", 200, "")]
