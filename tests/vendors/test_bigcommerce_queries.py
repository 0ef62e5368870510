"""What a hostile or a careless query costs and shows: how much of it is read, and that no password stands in it."""

from __future__ import annotations

import json

import pytest

from mockserver.vendors.bigcommerce.graphql import documents, validation
from mockserver.vendors.bigcommerce.sessions.shoppers import MOST_LINES
from tests.vendors.storefront import EMAIL, PASSWORD, RECORDS, Storefront

SECRET = "hunter2 of the shopper"
TOO_MUCH = "Validation aborted."
REGISTER = "mutation($i: RegisterCustomerInput!) { customer { registerCustomer(input: $i) { customer { entityId } } } }"
LOG_IN = 'mutation { login(email: "a@b.c", %s) { result } }'
WORDS = {"firstName": "a", "lastName": "b", "email": "a@b.c", "password": SECRET}


@pytest.fixture
def shop(wire, sandbox):
    sandbox.put(RECORDS)
    return Storefront(wire, sandbox)


def shown(wire):
    """All that the journal tells of all exchanges."""
    listed = wire.get("/_mock/journal").json["items"]
    return json.dumps([listed, *(wire.get(f"/_mock/journal/{each['id']}").json for each in listed)])


# What it costs.


def fields(count):
    return "{ site { products { edges { " + "node { id } " * count + "} } } }"


def fragments(count):
    spread = "".join(f"site {{ ...F{each} }} " for each in range(count))
    return f"{{ {spread} }} " + "".join(
        f"fragment F{each} on Site {{ settings {{ storeName storeHash }} }} " for each in range(count)
    )


@pytest.mark.parametrize(
    "query",
    [fields(400), "{ " + "site { settings { storeName } } " * 300 + "}", fragments(120)],
    ids=["fields", "roots", "fragments"],
)
def test_fields_of_one_name_are_compared_so_often_and_no_more(shop, query):
    got = shop.ask(query)

    assert got.outcome == (400, "query.invalid")
    assert [each["message"] for each in got.json["errors"]] == [TOO_MUCH]


def test_so_many_mistakes_are_told_and_no_more(shop):
    got = shop.ask("{ site { settings { " + " ".join(f"x{number}" for number in range(50)) + " } } }")

    assert len(got.json["errors"]) == validation.MOST_ERRORS + 1
    assert got.json["errors"][-1]["message"].startswith("Too many validation errors")


def test_so_many_wrong_variables_are_told_and_no_more(shop):
    got = shop.ask(REGISTER, {"i": {f"passwor{number}": 1 for number in range(100)}})

    assert len(got.json["errors"]) == validation.MOST_ERRORS + 1
    assert got.json["errors"][-1]["message"].startswith("Too many errors processing variables")


CREATE = "mutation($lines: [CartLineItemInput!]) { cart { createCart(input: {lineItems: $lines}) { cart { %s } } } }"


@pytest.mark.parametrize(("count", "is_made"), [(MOST_LINES, True), (MOST_LINES + 1, False)])
def test_a_cart_has_so_many_lines_and_no_more(shop, count, is_made):
    lines = [{"quantity": 2, "productEntityId": number + 1} for number in range(count)]

    got = shop.ask(CREATE % "amount { value } lineItems { physicalItems { quantity } }", {"lines": lines})

    made = got.json["data"]["cart"]["createCart"]["cart"]
    assert (made is not None) is is_made
    assert not is_made or len(made["lineItems"]["physicalItems"]) == count


def test_carts_that_are_put_together_have_so_many_lines_and_no_more(shop):
    for first in (1, 1 + MOST_LINES):
        lines = [{"quantity": 2, "productEntityId": first + number} for number in range(MOST_LINES)]
        made = shop.ask(CREATE % "entityId", {"lines": lines}).json["data"]["cart"]["createCart"]["cart"]
        got = shop.ask(
            "mutation($e: String!, $p: String!, $c: String) { login(email: $e, password: $p, guestCartEntityId: $c) "
            "{ cart { lineItems { physicalItems { productEntityId } } } } }",
            {"e": EMAIL, "p": PASSWORD, "c": made["entityId"]},
        )

    items = got.json["data"]["login"]["cart"]["lineItems"]["physicalItems"]
    assert [item["productEntityId"] for item in items] == list(range(1, 1 + MOST_LINES))


def test_a_query_of_too_many_words_is_refused(shop):
    got = shop.ask("{ site { settings { " + "storeName " * documents.MOST_TOKENS + "} } }")

    assert got.outcome == (400, "query.invalid")


def test_a_query_that_is_too_long_is_refused(shop):
    assert shop.ask("{" + "," * documents.MOST_CHARACTERS + "customer { email } }").outcome == (400, "query.invalid")


def test_what_a_shops_page_asks_is_answered(shop):
    card = "fragment Card on Product { id entityId name sku path description prices { price { value currencyCode } } }"
    shelves = "".join(
        f"shelf{number}: products(first: 4) {{ pageInfo {{ endCursor hasNextPage }} "
        "edges { cursor node { ...Card defaultImage { url(width: 400) altText } } } } "
        for number in range(30)
    )
    settings = "settings { storeName storeHash status url { vanityUrl } } " * 8

    got = shop.ask(f"query Page {{ site {{ {settings} {shelves} }} customer {{ entityId }} }} {card}")

    assert got.outcome == (200, "")


# What it shows.


@pytest.mark.parametrize(
    ("query", "variables", "message"),
    [
        (
            'mutation($p: String!) { login(email: "a", password: $p) { result } }',
            {"p": [SECRET]},
            "Variable '$p' has invalid value: String cannot represent a non string value.",
        ),
        (
            'mutation($p: String!) { login(email: "a", password: $p) { result } }',
            {"p": {"x": SECRET}},
            "Variable '$p' has invalid value: String cannot represent a non string value.",
        ),
        (
            REGISTER,
            {"i": WORDS | {"pwd": SECRET}},
            (
                "Variable '$i' has invalid value: Expected value of type 'RegisterCustomerInput' "
                "not to include unknown field 'pwd'."
            ),
        ),
        (
            REGISTER,
            {"i": SECRET},
            "Variable '$i' has invalid value: Expected value of type 'RegisterCustomerInput' to be an object.",
        ),
        (LOG_IN % f'"{SECRET}"', {}, "Syntax Error: Expected Name, found String."),
        (LOG_IN % f'"""{SECRET}"""', {}, "Syntax Error: Expected Name, found BlockString."),
        (LOG_IN % f'password: ["{SECRET}"]', {}, "String cannot represent a non string value."),
    ],
)
def test_a_value_in_the_wrong_place_is_in_no_error(shop, query, variables, message):
    got = shop.ask(query, variables)

    assert got.outcome == (400, "query.invalid")
    assert got.json["errors"][0]["message"] == message
    assert b"hunter2" not in got.body


def test_what_is_no_value_is_still_told(shop):
    got = shop.ask("{ site { settings { storeNam } } }")

    assert got.json["errors"][0]["message"].startswith(
        "Cannot query field 'storeNam' on type 'Settings'. Did you mean 'storeName'"
    )


@pytest.mark.parametrize(
    "argument",
    [
        f'password: "{SECRET}"',
        f'password: """{SECRET}"""',
        f'password, : ,"{SECRET}"',
        f'password: # say it\n"{SECRET}"',
        f'password: ["{SECRET}"]',
        f'password: "{SECRET}\n',
        f'password: """{SECRET}',
        "password: hunter2",
    ],
)
def test_a_password_within_a_query_is_not_in_the_journal(shop, wire, argument):
    shop.ask(LOG_IN % argument)

    assert "hunter2" not in shown(wire)


@pytest.mark.parametrize("sent", [SECRET, [SECRET], {"x": SECRET}])
def test_a_password_in_a_variable_of_any_name_is_not_in_the_journal(shop, wire, sent):
    query = 'mutation($e: String!, $p: String! = "hunter2 too") { login(email: $e, password: $p) { result } }'

    shop.ask(query, {"e": EMAIL, "p": sent})

    told = shown(wire)
    assert "hunter2" not in told
    assert EMAIL in told


@pytest.mark.parametrize("first", ["variables", "query"])
def test_a_variable_of_a_body_that_the_journal_cuts_off_is_not_in_it(shop, wire, first):
    query = 'mutation($p: String!) { login(email: "a", password: $p) { result } } #' + " spaces" * 3000
    parts = {"variables": {"p": SECRET}, "query": query if first == "variables" else query[:200]}
    body = json.dumps(dict(sorted(parts.items(), reverse=first == "variables")))[:-1]

    wire("POST", f"{shop.base}/graphql", body=body.encode(), bearer=shop.token())

    assert "hunter2" not in shown(wire)


def test_a_password_in_a_body_that_is_cut_off_is_not_in_the_journal(shop, wire):
    body = json.dumps({"query": LOG_IN % f'password: "{SECRET}"'})[:-1]

    wire("POST", f"{shop.base}/graphql", body=body.encode(), bearer=shop.token())

    assert "hunter2" not in shown(wire)
