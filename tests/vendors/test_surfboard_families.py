"""The families of Surfboard's sheet, section 3.3 and 3.4: every path, its status, its words and who may call it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from mockserver.vendors.surfboard.options import SurfboardOptions
from mockserver.vendors.surfboard.records import FamilyAnswer
from tests.vendors.surfboard_handoff import (
    API,
    CONTENT,
    M1,
    NO_STORE,
    ORDER,
    PARTNER,
    PAYMENT,
    READABLE,
    Handoff,
    decoded,
    headers_of,
)

ID, STORE, TERMINAL = "8381a26eae26f0900b", "83b1d2e3f4a5b6c7d8", "84c2d3e4f5a6b7c8d9"
AT_STORE = f"/merchants/{M1}/stores/{STORE}"
AT_TERMINAL = f"{AT_STORE}/terminals/{TERMINAL}"
LEVELS = {
    "PARTNER": (f"/partners/{PARTNER}", PARTNER),
    "MERCHANT": (f"/merchants/{M1}", M1),
    "STORE": (AT_STORE, STORE),
    "TERMINAL": (AT_TERMINAL, TERMINAL),
}
PLACEHOLDER = object()

NARROW_ROWS = [
    ("POST", "/orders", 201, "Order created successfully", None),
    ("POST", f"/merchants/{M1}/orders", 201, "Order created successfully", None),
    ("GET", f"/orders/{ID}", 200, "Order fetched successfully", PLACEHOLDER),
    ("PUT", f"/orders/{ID}", 200, "Order updated successfully", PLACEHOLDER),
    ("DELETE", f"/orders/{ID}", 200, "Order cancelled successfully", PLACEHOLDER),
    ("GET", f"/orders/{ID}/status", 200, "Fetched order status successfully", PLACEHOLDER),
    ("GET", f"/orders/{ID}/adjustments", 200, "Adjustments fetched successfully", []),
    ("GET", f"/orders/{ID}/tokens", 200, "Fetched the card information.", []),
    ("GET", f"/merchants/{M1}/orders/{ID}/tokens", 200, "Fetched the card information.", []),
    ("PUT", f"/orders/{ID}/receipt", 200, "Receipt data updated successfully.", PLACEHOLDER),
    ("GET", f"/orders/{TERMINAL}/online", 200, "Fetched online orders Successfully.", []),
    ("POST", "/payments", 201, "Payment initiated successfully", None),
    ("DELETE", f"/payments/{ID}", 200, "Payment cancelled successfully.", {"paymentStatus": "PAYMENT_CANCELLED"}),
    (
        "PUT",
        f"/payments/{ID}/void",
        200,
        "payment void status successfully retrieved from external API",
        {"voidStatus": "VOID_INITIATED"},
    ),
    ("POST", f"/payments/{ID}/capture", 201, "Payment captured successfully", PLACEHOLDER),
    ("GET", f"/payments/{ID}/capture", 200, "Capture status fetched successfully.", {"captureStatus": "SUCCESS"}),
    ("GET", "/transactions", 200, "Fetched transactions", []),
    ("GET", f"/transactions/{ID}/list", 200, "Fetched transactions", []),
    ("GET", "/transactions/search?query=x", 200, "Fetched transactions", []),
    ("POST", "/transactions/search?query=x", 200, "Fetched transactions", []),
]
WIDE_ROWS = [
    *(
        ("GET", f"{LEVELS[level][0]}/tips", 200, f"{level.lower()} config queried successfully", PLACEHOLDER)
        for level in ("MERCHANT", "STORE", "TERMINAL")
    ),
    *(
        ("PATCH", f"{LEVELS[level][0]}/tips", 200, f"{level} config updated successfully", PLACEHOLDER)
        for level in ("MERCHANT", "STORE", "TERMINAL")
    ),
    *(("GET", f"{path}/branding", 200, "Fetched Branding successfully", PLACEHOLDER) for path, _ in LEVELS.values()),
    *(
        ("PATCH", f"{path}/branding", 200, "Branding configuration set successfully.", PLACEHOLDER)
        for path, _ in LEVELS.values()
    ),
    *(
        (
            "DELETE",
            f"{path}/branding",
            200,
            f"Configuration deleted successfully for id [{name}] and type {level}",
            PLACEHOLDER,
        )
        for level, (path, name) in LEVELS.items()
    ),
    ("GET", f"/partners/{PARTNER}/merchants/{M1}/reports", 200, "Settlement reports fetched successfully", []),
    ("PUT", f"/receipts/{ID}/email", 200, "Email Sent", PLACEHOLDER),
    ("PUT", f"/receipts/{ID}/print", 200, "PNG Receipt printed successfully.", PLACEHOLDER),
    ("PUT", f"/receipts/{TERMINAL}/escpos", 200, "ESCPOS Receipt printed successfully.", PLACEHOLDER),
    ("PUT", f"/receipts/{ID}", 200, "Receipt data updated successfully.", PLACEHOLDER),
    (
        "GET",
        f"/receipts/{ID}/link",
        200,
        "Receipt URL fetched successfully.",
        {"receiptURL": f"https://receipts.example.test/{ID}"},
    ),
]
ADMINISTRATION = [
    f"/partners/{PARTNER}/merchants",
    f"/partners/{PARTNER}/merchants/{M1}",
    f"/partners/{PARTNER}/applications",
    f"/partners/{PARTNER}/multi-merchant",
    f"/partners/{PARTNER}/merchants/{M1}/stores/{STORE}",
    f"/merchants/{M1}/terminals",
    f"/merchants/{M1}/analytics",
    f"/merchants/{M1}/stores/{STORE}/terminals",
    f"/merchants/{M1}/stores/{STORE}/terminals/{TERMINAL}",
    "/terminals",
    f"/terminals/{TERMINAL}",
    "/customers",
    "/catalog",
    "/giftcards",
    f"/adjustments/{ID}",
    "/ai/insights",
    "/ai/insights/more",
]
BODIES = {"/orders": ORDER, f"/merchants/{M1}/orders": ORDER, "/payments": PAYMENT}


@pytest.fixture
def surfboard(wire, sandbox) -> Handoff:
    return Handoff(wire, sandbox)


def named(rows):
    return [pytest.param(*row, id=f"{row[0]}-{row[1]}") for row in rows]


@pytest.mark.parametrize(("method", "path", "status", "message", "data"), named([*NARROW_ROWS, *WIDE_ROWS]))
def test_each_row_has_its_status_and_its_message(surfboard, method, path, status, message, data):
    got = surfboard.use(method, path, surfboard.token(), BODIES.get(path))

    if data is PLACEHOLDER:
        data = {
            "placeholder": True,
            "family": got.json["data"]["family"],
            "method": method,
            "path": path,
            "principal": "client_token",
            "externalUserId": "user_12345",
        }
    assert got.outcome == (status, "")
    assert list(got.json) == ["status", "data", "message"]
    assert (got.json["status"], got.json["message"]) == ("SUCCESS", message)
    assert data is None or list(got.json["data"]) == list(data)
    assert data is None or got.json["data"] == data
    assert ("x-total-items" in got.headers) == (data == [])


@pytest.mark.parametrize(("method", "path", "status", "message", "data"), named([*NARROW_ROWS, *WIDE_ROWS]))
def test_full_credentials_pass_every_family(surfboard, method, path, status, message, data):
    got = surfboard.call(method, path, BODIES.get(path), headers=API)

    assert (got.outcome, got.json["message"]) == ((status, ""), message)


@pytest.mark.parametrize(("method", "path", "status", "message", "data"), named(NARROW_ROWS))
def test_a_narrow_token_is_for_orders_payments_and_transactions(surfboard, choose, method, path, status, message, data):
    choose(SurfboardOptions, client_scope="narrow")

    got = surfboard.use(method, path, surfboard.token(), BODIES.get(path))

    assert got.outcome == (status, "")


@pytest.mark.parametrize(("method", "path", "status", "message", "data"), named(WIDE_ROWS))
def test_a_narrow_token_is_for_nothing_else(surfboard, choose, method, path, status, message, data):
    choose(SurfboardOptions, client_scope="narrow")

    got = surfboard.use(method, path, surfboard.token())

    assert got.outcome == (401, "scope.insufficient")


@pytest.mark.parametrize("path", ADMINISTRATION)
@pytest.mark.parametrize(
    ("method", "status"), [("GET", 200), ("POST", 201), ("PUT", 200), ("PATCH", 200), ("DELETE", 200)]
)
def test_the_administration_is_for_api_credentials_alone(surfboard, path, method, status):
    backend = surfboard.call(method, path, headers=API)
    page = surfboard.use(method, path, surfboard.token())

    assert backend.outcome == (status, "")
    assert backend.body.decode() == (
        f'{{"status":"SUCCESS","data":{{"placeholder":true,"family":"administration","method":"{method}","path":"{path}",'
        '"principal":"api_credentials"},"message":"OK"}'
    )
    assert page.outcome == (401, "scope.insufficient")


def test_the_placeholder_is_the_sheets_to_the_byte(surfboard):
    got = surfboard.use("PUT", f"/orders/{ID}", surfboard.token(), {"any": "object"})

    assert got.body.decode() == (
        '{"status":"SUCCESS","data":{"placeholder":true,"family":"orders","method":"PUT",'
        '"path":"/orders/8381a26eae26f0900b","principal":"client_token","externalUserId":"user_12345"},'
        '"message":"Order updated successfully"}'
    )
    assert headers_of(got) == CONTENT | READABLE


def test_an_order_has_its_ids_and_a_jwt_for_the_payment_app(surfboard):
    got = surfboard.use("POST", "/orders", surfboard.token(), ORDER)

    data = got.json["data"]
    header, claims = decoded(data["interAppJWT"])
    assert list(data) == ["orderId", "paymentId", "interAppJWT"]
    assert all(re.fullmatch(r"[0-9a-f]{18}", data[name]) for name in ("orderId", "paymentId"))
    assert data["orderId"] != data["paymentId"]
    assert headers_of(got) == CONTENT | NO_STORE | READABLE
    assert list(header.items()) == [("alg", "HS256"), ("typ", "JWT")]
    assert list(claims) == ["oid", "tid", "pid", "pm", "a", "c", "controlFunctionsEncoder", "issuedBy", "iat"]
    assert (claims["oid"], claims["tid"], claims["pid"]) == (data["orderId"], ORDER["terminal$id"], data["paymentId"])
    assert (claims["issuedBy"], claims["iat"]) == ("sb.ps", surfboard.now * 1000)


def test_a_payments_jwt_names_its_order_and_method(surfboard):
    got = surfboard.use("POST", "/payments", surfboard.token(), PAYMENT)

    _, claims = decoded(got.json["data"]["interAppJWT"])
    assert (claims["oid"], claims["pm"]) == (PAYMENT["orderId"], "CARD")
    assert claims["pid"] == got.json["data"]["paymentId"]


@pytest.mark.parametrize(("sent", "told"), [("2", "2"), ("999", "999"), ("", "1"), ("-1", "1"), ("two", "1")])
def test_a_list_tells_which_page_it_is(surfboard, sent, told):
    got = surfboard.call("GET", "/transactions", headers=[*API, ("X-PAGE-NUMBER", sent)])

    assert (got.headers["x-page-number"], got.json["data"]) == (told, [])


def test_a_list_is_at_its_first_page_unless_asked(surfboard):
    assert surfboard.call("GET", "/transactions", headers=API).headers["x-page-number"] == "1"


def test_an_escaped_slash_belongs_to_an_id(surfboard):
    got = surfboard.call("GET", "/orders/a%2Fb", headers=API)

    assert got.json["data"]["path"] == "/orders/a%2Fb"


def test_a_receipt_link_escapes_the_id(surfboard):
    got = surfboard.call("GET", "/receipts/a%2Fb%20c%3F/link", headers=API)

    assert got.json["data"] == {"receiptURL": "https://receipts.example.test/a%2Fb%20c%3F"}


def test_a_fixed_body_of_a_list_keeps_the_lists_headers(surfboard):
    body = {"status": "SUCCESS", "data": [{"mine": 1}], "message": "as I say"}
    answers = {"transactions": FamilyAnswer("transactions", body)}
    surfboard.sandbox.put(replace(surfboard.records, family_answers=answers))

    got = surfboard.call("GET", "/transactions", headers=[*API, ("X-PAGE-NUMBER", "2")])

    assert (got.json, got.headers["x-page-number"], got.headers["x-total-items"]) == (body, "2", "0")


def test_a_fixed_body_is_answered_by_its_family_only(surfboard):
    body = {"status": "SUCCESS", "data": {"mine": [1, 2.5, None]}, "message": "as I say"}
    answers = {"orders": FamilyAnswer("orders", body)}
    surfboard.sandbox.put(replace(surfboard.records, family_answers=answers))

    fixed = surfboard.call("POST", "/orders", ORDER, headers=API)
    other = surfboard.call("GET", "/transactions", headers=API)

    assert (fixed.status, fixed.json) == (201, body)
    assert other.json["message"] == "Fetched transactions"
