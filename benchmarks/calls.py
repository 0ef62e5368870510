"""The calls that are measured: Ingrid's hand-off and BigCommerce's query in the demo world, and the static baseline."""

from __future__ import annotations

import json
from time import time
from typing import Any

from mockserver import shipped
from mockserver.core.keys import read_private_key, sign_rs256

from .load import HOST, Target, ask, request

JSON = "application/json"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
MINT_PATH = "/ingrid/v1/auth/token"
ASSERTIONS = 64
QUERY = (
    "query Products { site { settings { storeName storeHash status url { vanityUrl } } "
    "products(first: 5) { edges { node { entityId name sku path prices { price { currencyCode value } } } } } } }"
)
DOCUMENTS = 20_000
"""More than are kept parsed, and than a run can send."""
LIFETIME = 3_000
"""Of an assertion, in seconds: longer than any run, within the hour that the account allows."""


def static(port: int) -> Target:
    """The baseline's only answer."""
    return Target("static JSON", port, (request(port, "GET", "/"),))


def ready(port: int) -> Target:
    """The emulator's own health check."""
    return Target("health", port, (request(port, "GET", "/_mock/health/ready"),))


def live(port: int) -> Target:
    """The same, for those who do not wait for gRPC."""
    return Target("live", port, (request(port, "GET", "/_mock/health/live"),))


def mint_service_token(port: int) -> Target:
    """Trade an assertion for a service token. Without a `jti` the same assertion is taken again."""
    bodies = [{"grantType": GRANT, "assertion": assertion} for assertion in _assertions(port)]
    return Target("mint", port, tuple(_post(port, MINT_PATH, body) for body in bodies))


def mint_site_token(port: int) -> Target:
    """Mint a site token with one service token."""
    service_token = ask(mint_service_token(port))["accessToken"]
    body = {"scopes": ["view"], "ttlSeconds": 3600, "externalRef": "frontend-session"}
    path = "/ingrid/v1/sites/site_demo/access-tokens"
    return Target("site token", port, (_post(port, path, body, Authorization=f"Bearer {service_token}"),))


def use_site_token(port: int) -> Target:
    """Ask for delivery options with one site token."""
    site_token = ask(mint_site_token(port))["accessToken"]
    path = "/ingrid/v1/delivery/options"
    return Target("bearer-checked call", port, (_post(port, path, {}, Authorization=f"Bearer {site_token}"),))


def query(port: int) -> Target:
    """Ask BigCommerce's GraphQL for a store's name and products, always by the same document."""
    return Target("/graphql", port, (_query(port, QUERY, _private_token(port)),))


def new_queries(port: int) -> Target:
    """The same by documents that nobody has sent before: each is parsed and validated."""
    documents = [QUERY.replace("Products", f"Products{number}") for number in range(DOCUMENTS)]
    token = _private_token(port)
    return Target("/graphql, new documents", port, tuple(_query(port, document, token) for document in documents))


def _query(port: int, document: str, token: str) -> bytes:
    return _post(port, "/_sf/demostore-1/graphql", {"query": document}, Authorization=f"Bearer {token}")


def _private_token(port: int) -> str:
    asked = {"channel_id": 1, "expires_at": 2147483647, "scopes": ["Unauthenticated"]}
    path = "/stores/demostore/v3/storefront/api-token-private"
    mint = _post(port, path, asked, X_Auth_Token="bc_demo_access_token")
    token: str = ask(Target("private token", port, (mint,)))["data"]["token"]
    return token


def _post(port: int, path: str, body: Any, **headers: str) -> bytes:
    return request(port, "POST", path, json.dumps(body).encode(), Content_Type=JSON, **headers)


def _assertions(port: int) -> list[str]:
    pem = (shipped.folder("fixtures") / "keys" / "ingrid_sa_demo.pem").read_text(encoding="ascii")
    private_key, now = read_private_key(pem, trusted=True), int(time())
    common = {"sub": "sa_demo", "aud": f"http://{HOST}:{port}{MINT_PATH}"}
    times = [{"iat": now - age, "exp": now - age + LIFETIME} for age in range(ASSERTIONS)]
    return [sign_rs256({**common, **each}, private_key) for each in times]
