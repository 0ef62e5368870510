"""BigCommerce's own clients, unmodified: `bigcommerce` of PyPI, catalyst-client and storefront-data-hooks of npm."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from mockserver.vendors.bigcommerce.options import BigCommerceOptions
from tests.clients import installed, scripts, serving
from tests.clients.serving import outcomes

HERE = Path(__file__).parent
PYPI = "bigcommerce==0.23.4"
CATALYST = "@bigcommerce/catalyst-client@1.0.3"
HOOKS = ("@bigcommerce/storefront-data-hooks@1.8.0", "node-fetch@2.7.0")
"""With what it fetches by, which its packages leave to whoever installs them."""
PATIENCE = 60

STORE_NAME = "query StoreName { site { settings { storeName } } }"
CUSTOMER = "query { customer { entityId } }"
LOGIN = (
    'mutation LogIn { login(email: "shopper@example.com", password: "demo-password") '
    "{ customer { entityId } customerAccessToken { value expiresAt } } }"
)
DEAD_CAT = "0" * 64 + "_1"


@pytest.fixture
def emulator(contract):
    """BigCommerce over HTTPS."""
    with serving.served(contract, "bigcommerce", tls="auto", tls_port=0) as emulator:
        yield emulator


@pytest.fixture
def authority(emulator, tmp_path):
    """The file with whom to trust."""
    path = tmp_path / "ca.pem"
    path.write_bytes(emulator.ca_pem)
    return str(path)


@pytest.fixture
def mint(environment, authority):
    """Mint a token of a family by plain REST."""

    def mint(family, **body):
        answer = requests.post(
            f"{environment['BIGCOMMERCE_API_URL']}/stores/{environment['BIGCOMMERCE_STORE_HASH']}/v3/storefront/{family}",
            json={"channel_id": 1, "expires_at": 2147483647, **body},
            headers={"X-Auth-Token": environment["BIGCOMMERCE_ACCESS_TOKEN"]},
            verify=authority,
            timeout=PATIENCE,
        )
        return answer.json()["data"]["token"]

    return mint


@pytest.fixture
def private_token(mint):
    """A token for servers that may do everything."""
    return mint("api-token-private", scopes=["Unauthenticated", "Customer", "B2B"])


def ran(command, environment):
    """The steps that a script tells."""
    ended = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=HERE
    )
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


@pytest.fixture
def rest(pytestconfig, emulator, environment, authority):
    """Let PyPI's client do something."""
    more = {
        "PACKAGES": str(installed.from_pypi(pytestconfig, PYPI)),
        "BC_API_ENDPOINT": emulator.tls_url.removeprefix("https://"),
        "APP_CLIENT_SECRET": environment["BIGCOMMERCE_CLIENT_SECRET"],
        "REQUESTS_CA_BUNDLE": authority,
        "NARROW_ACCESS_TOKEN": "bc_login_access_token",
    }
    return lambda what: ran([sys.executable, str(HERE / "bigcommerce_rest.py"), what], {**environment, **more})


class TestPyPi:
    def test_scenario_43_tokens_are_minted_and_revoked_and_refusals_are_exceptions(self, rest, emulator):
        mint, revoke, invalid, forbidden = rest("tokens")

        assert list(mint["claims"]) == ["cid", "cors", "eat", "iat", "iss", "sid", "sub", "sub_type", "token_type"]
        assert mint["rate_limit"] == {
            "ms_until_reset": mint["rate_limit"]["ms_until_reset"],
            "window_size_ms": 30000,
            "requests_remaining": 149,
            "requests_quota": 150,
        }
        assert revoke["answer"] == {}
        assert (invalid["error"], invalid["status"]) == ("ClientRequestException", 422)
        assert (forbidden["error"], forbidden["status"]) == ("ClientRequestException", 403)
        assert [reason for _, _, reason in outcomes(emulator)] == ["", "", "request.invalid", "scope.insufficient"]

    def test_scenario_43_too_many_calls_are_an_exception_of_their_own(self, rest, choose):
        choose(BigCommerceOptions, rest_quota=3)

        (limited,) = rest("quota")

        assert (limited["error"], limited["status"]) == ("RateLimitingException", 429)

    def test_scenario_43_its_login_url_opens_a_session(self, rest):
        login, current = rest("session")

        assert (login["status"], login["path"]) == (200, "account.php")
        assert login["cookies"] == ["SHOP_SESSION_ROTATION_TOKEN", "SHOP_SESSION_TOKEN", "SHOP_TOKEN"]
        assert (current["status"], current["customer"], current["store"]) == (200, 1, "demostore")


@pytest.fixture
def catalyst(pytestconfig, environment, authority):
    """Ask a list of questions with Catalyst's client."""
    script = scripts.node("catalyst.mjs")
    packages = installed.from_npm(pytestconfig, CATALYST)

    def ask(*queries):
        more = {
            "PACKAGES": str(packages),
            "NODE_EXTRA_CA_CERTS": authority,
            "NODE_OPTIONS": f"--require {HERE / 'localhost.cjs'}",
            "QUERIES": json.dumps(queries),
        }
        return ran(script, {**environment, **more})

    return ask


class TestCatalyst:
    def test_scenario_44_a_query_and_a_login_succeed_and_the_complexity_is_logged(self, catalyst, private_token):
        query, login = catalyst(
            {"token": private_token, "document": STORE_NAME}, {"token": private_token, "document": LOGIN}
        )

        assert query["data"] == {"site": {"settings": {"storeName": "Demo Store"}}}
        assert login["data"]["login"]["customer"] == {"entityId": 1}
        assert [step["logged"][0].rpartition(" - ")[2] for step in (query, login)] == [
            "complexity 3",
            "complexity 9999",
        ]

    def test_a_shopper_is_known_by_the_token_of_the_login(self, catalyst, private_token):
        (login,) = catalyst({"token": private_token, "document": LOGIN})
        cat = login["data"]["login"]["customerAccessToken"]["value"]

        (known,) = catalyst({"token": private_token, "document": CUSTOMER, "customerAccessToken": cat})

        assert known["data"] == {"customer": {"entityId": 1}}

    def test_scenario_45_an_expired_token_is_an_api_error_with_the_text(self, catalyst, emulator, mint):
        ends = int(emulator.sandbox.clock.now().timestamp()) + 60
        token = mint("api-token-private", scopes=["Unauthenticated"], expires_at=ends)
        emulator.sandbox.clock.advance(timedelta(seconds=61))

        (seen,) = catalyst({"token": token, "document": STORE_NAME})

        assert (seen["error"], seen["status"]) == ("BigCommerceAPIError", 401)
        assert seen["errors"] == [{"message": "GraphQL invalid credentials. JWT is expired"}]

    def test_scenario_45_what_is_no_jwt_is_an_error_of_its_own(self, catalyst):
        (seen,) = catalyst({"token": "not-a-jwt", "document": STORE_NAME})

        assert (seen["error"], seen["status"]) == ("InvalidStorefrontTokenError", 401)

    def test_scenario_45_a_dead_and_a_missing_shopper_token_are_errors_of_their_own(self, catalyst, private_token):
        dead, missing = catalyst(
            {"token": private_token, "document": CUSTOMER, "customerAccessToken": DEAD_CAT},
            {"token": private_token, "document": CUSTOMER},
        )

        assert (dead["error"], dead["code"]) == ("InvalidCustomerAccessTokenError", "INVALID_CUSTOMER_ACCESS_TOKEN")
        assert (missing["error"], missing["code"]) == (
            "MissingCustomerAccessTokenError",
            "MISSING_CUSTOMER_ACCESS_TOKEN",
        )

    def test_scenario_46_a_storefront_token_of_today_is_refused_without_a_word_it_can_read(
        self, catalyst, mint, emulator, choose
    ):
        token = mint("api-token", allowed_cors_origins=["https://shop.example"])

        (refused,) = catalyst({"token": token, "document": STORE_NAME})
        choose(BigCommerceOptions, storefront_s2s="allowed")
        (allowed,) = catalyst({"token": token, "document": STORE_NAME})

        assert (refused["error"], refused["status"], refused["errors"]) == ("BigCommerceAPIError", 403, [])
        assert allowed["data"] == {"site": {"settings": {"storeName": "Demo Store"}}}
        assert [reason for _, _, reason in outcomes(emulator)] == ["", "server.browser_only_token", ""]


@pytest.fixture
def hooks(pytestconfig, emulator, environment, private_token):
    """Let a server with storefront-data-hooks do its three steps, by full URLs and plain http."""
    store = environment["BIGCOMMERCE_STORE_HASH"]
    more = {
        "PACKAGES": str(installed.from_npm(pytestconfig, *HOOKS)),
        "BIGCOMMERCE_STOREFRONT_API_URL": f"{emulator.url}/_sf/{store}-1/graphql",
        "BIGCOMMERCE_STOREFRONT_API_TOKEN": private_token,
        "BIGCOMMERCE_STORE_API_URL": f"{emulator.url}/stores/{store}",
        "BIGCOMMERCE_STORE_API_TOKEN": environment["BIGCOMMERCE_ACCESS_TOKEN"],
        "BIGCOMMERCE_STORE_API_CLIENT_ID": environment["BIGCOMMERCE_CLIENT_ID"],
    }
    return lambda: ran(scripts.node("storefront_hooks.mjs"), {**environment, **more})


class TestStorefrontDataHooks:
    def test_scenario_47_it_mints_and_asks_and_cannot_read_the_refusal_of_a_cookie(self, hooks):
        minted, asked, with_a_cookie = hooks()

        assert minted["token"].count(".") == 2
        assert asked["data"] == {"site": {"settings": {"storeName": "Demo Store"}}}
        assert with_a_cookie["error"] == "FetchError"

    def test_scenario_47_it_raises_its_own_error_where_the_refusal_is_json(self, hooks, choose):
        choose(BigCommerceOptions, graphql_403_body="json")

        *_, with_a_cookie = hooks()

        # Compiled for engines without classes, its error has lost its name, and kept its members.
        assert (with_a_cookie["error"], with_a_cookie["status"]) == ("Error", 403)
        assert "private jwt token" in with_a_cookie["errors"][0]["message"]
