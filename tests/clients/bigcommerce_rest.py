"""A backend with PyPI's `bigcommerce`, as its documents say; each step is told in a line of JSON.

The client is found below PACKAGES. It speaks https only, and trusts what REQUESTS_CA_BUNDLE names.
"""

from __future__ import annotations

import json
import os
import sys
import time

sys.path.insert(0, os.environ["PACKAGES"])

import jwt
import requests
from bigcommerce.api import BigcommerceApi
from bigcommerce.connection import OAuthConnection
from bigcommerce.customer_login_token import CustomerLoginTokens
from bigcommerce.exception import HttpException

STORE = os.environ["BIGCOMMERCE_STORE_HASH"]
CLIENT_ID, SECRET = os.environ["BIGCOMMERCE_CLIENT_ID"], os.environ["APP_CLIENT_SECRET"]
CUSTOMER = 1
PATIENCE = 30


def tell(step: str, **seen: object) -> None:
    print(json.dumps({"step": step, **seen}), flush=True)  # noqa: T201


def connection(access_token: str) -> OAuthConnection:
    host = os.environ["BC_API_ENDPOINT"]
    return OAuthConnection(CLIENT_ID, STORE, access_token, host=host, api_path="/stores/{}/v3/{}")


def body(**more: object) -> dict[str, object]:
    return {"channel_id": 1, "expires_at": int(time.time()) + 3600, **more}


def refused(step: str, client: OAuthConnection, path: str, data: dict[str, object]) -> None:
    try:
        client.create(path, data)
    except HttpException as error:
        tell(step, error=type(error).__name__, status=error.status_code, quota_left=client.rate_limit)


def tokens() -> None:
    client = connection(os.environ["BIGCOMMERCE_ACCESS_TOKEN"])
    token = client.create("storefront/api-token", body())["data"]["token"]
    tell("mint", claims=jwt.decode(token, options={"verify_signature": False}), rate_limit=client.rate_limit)
    tell("revoke", answer=client.make_request("DELETE", "storefront/api-token", headers={"Sf-Api-Token": token}))
    refused("422", client, "storefront/api-token", body(allowed_cors_origins=["https://shop.example/"]))
    refused("403", connection(os.environ["NARROW_ACCESS_TOKEN"]), "storefront/api-token-private", body(scopes=["B2B"]))


def session() -> None:
    api = BigcommerceApi(client_id=CLIENT_ID, store_hash=STORE, access_token=os.environ["BIGCOMMERCE_ACCESS_TOKEN"])
    url = CustomerLoginTokens.create_url(api, CUSTOMER, redirect_url="/account.php", use_bc_time=True)
    with requests.Session() as browser:
        page = browser.get(url, timeout=PATIENCE)
        tell("login", status=page.status_code, path=page.url.rpartition("/")[2], cookies=sorted(browser.cookies.keys()))
        current = browser.get(
            f"{page.url.rpartition('/')[0]}/customer/current.jwt", params={"app_client_id": CLIENT_ID}, timeout=PATIENCE
        )
    claims = jwt.decode(current.text, SECRET, algorithms=["HS256"], audience=CLIENT_ID)
    tell("current customer", status=current.status_code, customer=claims["customer"]["id"], store=claims["store_hash"])


def quota() -> None:
    client = connection(os.environ["BIGCOMMERCE_ACCESS_TOKEN"])
    for _ in range(3):
        client.create("storefront/api-token", body())
    refused("429", client, "storefront/api-token", body())


{"tokens": tokens, "session": session, "quota": quota}[sys.argv[1]]()
