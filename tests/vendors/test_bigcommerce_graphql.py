"""What a BigCommerce storefront answers to queries: limits, errors to the byte, headers, scopes, shoppers and carts."""

from __future__ import annotations

import hashlib
import sys
from subprocess import run

import pytest
from graphql import parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.core.rules import Rule, Then, When
from mockserver.vendors.bigcommerce.graphql import documents
from mockserver.vendors.bigcommerce.graphql.depth import depth
from mockserver.vendors.bigcommerce.graphql.schema import schema
from mockserver.vendors.bigcommerce.graphql.scores import Scoring
from mockserver.vendors.bigcommerce.options import BigCommerceOptions
from mockserver.vendors.bigcommerce.places import IMPERSONATION, SIMPLE
from tests.vendors.storefront import (
    EMAIL,
    GUEST_CART,
    LOGIN,
    OWN_CART,
    PASSWORD,
    RECORDS,
    Storefront,
    cookie_header,
    cookies_of,
)

SITE = "{ site { settings { storeName } } }"
WHO = "{ customer { entityId } }"
STRICT = {"X-Bc-Error-On-Invalid-Customer-Access-Token": "true"}
NO_VARIABLES = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
CHECKOUT = (
    "mutation($input: CreateCartRedirectUrlsInput!) { cart { createCartRedirectUrls(input: $input) "
    "{ redirectUrls { redirectedCheckoutUrl embeddedCheckoutUrl } errors { __typename ... on Error { message } } } } }"
)
FRAGMENTS = (
    "{ ...A } fragment A on Query { site { ... on Site { settings { ...B } } } } fragment B on Settings { storeName }"
)
REGISTER = (
    "mutation($input: RegisterCustomerInput!) { customer { registerCustomer(input: $input) "
    "{ customer { entityId email } errors { __typename ... on Error { message } } } } }"
)
COMPANY = (
    'mutation { company { registerCompany(input: {name: "A", email: "a@b.c", phone: "1"}) '
    "{ entityId status errors { __typename ... on ValidationError { message path } } } } }"
)
SYNC = (
    "mutation($to: String!, $cart: String) { generateSessionSyncJwt(redirectTo: $to, cartId: $cart) "
    "{ result { token url } errors { __typename ... on Error { message } } } }"
)


@pytest.fixture
def shop(wire, sandbox):
    sandbox.put(RECORDS)
    return Storefront(wire, sandbox)


def known(access_token):
    return {"X-Bc-Customer-Access-Token": access_token}


# What cannot be executed.


@pytest.mark.parametrize(
    "body", [b"", b"query", b"[]", b"{}", b'{"query":1}', b'{"query":"{site{settings{storeName}}}","variables":[]}']
)
def test_a_body_that_is_no_request_is_refused(shop, wire, body):
    got = wire("POST", f"{shop.base}/graphql", body=body, bearer=shop.token())

    assert got.outcome == (400, "request.malformed")
    assert got.body == b'{"errors":[{"message":"Request body is not a valid GraphQL request"}]}'
    assert "x-bc-graphql-complexity" not in got.headers


@pytest.mark.parametrize(
    ("query", "body"),
    [
        (
            "{",
            b'{"errors":[{"message":"Syntax Error: Expected Name, found <EOF>.","locations":[{"line":1,"column":2}]}]}',
        ),
        (
            "{ site { nope } }",
            (
                b'{"errors":[{"message":"Cannot query field \'nope\' on type \'Site\'.",'
                b'"locations":[{"line":1,"column":10}]}]}'
            ),
        ),
    ],
    ids=["syntax", "validation"],
)
def test_an_invalid_query_is_refused_in_the_librarys_words(shop, query, body):
    got = shop.ask(query)

    assert got.outcome == (400, "query.invalid")
    assert got.body == body


@pytest.mark.parametrize(
    ("query", "more", "message"),
    [
        ("query($n: Int!) { site { products(first: $n) { edges { cursor } } } }", {}, "Variable '$n'"),
        ("query A { customer { email } } query B { customer { email } }", {}, "Must provide operation name"),
        ("query A { customer { email } }", {"operationName": "B"}, 'Unknown operation named "B".'),
        ("fragment A on Site { ...A } { site { ...A } }", {}, "Cannot spread fragment"),
        ("subscription { site { __typename } }", {}, "subscription"),
    ],
    ids=["variable", "which", "unknown", "circle", "subscription"],
)
def test_what_cannot_be_executed_is_refused(shop, query, more, message):
    got = shop.ask(query, **more)

    assert got.outcome == (400, "query.invalid")
    assert message in got.json["errors"][0]["message"]
    assert set(got.json) == {"errors"}


def test_the_named_operation_is_executed(shop):
    got = shop.ask(f"query A {SITE} query B {WHO}", operationName="A")

    assert got.json["data"]["site"]
    assert got.headers["x-bc-graphql-operation-name"] == "A"


def test_a_query_of_depth_16_is_looked_at_and_one_of_17_is_not(shop):
    sixteen, seventeen = ("{ site" + " { a" * below + " }" * below + " }" for below in (15, 16))

    assert shop.ask(sixteen).outcome == (400, "query.invalid")
    got = shop.ask(seventeen)
    assert got.outcome == (400, "query.too_deep")
    assert got.body == b'{"errors":[{"message":"The query depth 17 exceeds the limit of 16"}]}'


@pytest.mark.parametrize(
    "query",
    [
        "{" * 5_000,
        "{ site " * 5_000,
        "{ a " * 150 + "}" * 150,
        "{ " + "a " * 20_000 + "}",
        " ".join(f"fragment F{n} on Site {{ ...F{n + 1} }}" for n in range(1_500)) + " { site { ...F0 } }",
        " ".join(f"fragment F{n} on Site {{ ...F{n + 1} ...F{n + 1} }}" for n in range(500)) + " { site { ...F0 } }",
        "fragment A on Site { ...B } fragment B on Site { ...A } { site { ...A } }",
        "# " * 300_000,
        "{ site { products(first: 99999999999) { edges { cursor } } } }",
        '{ site { cart(entityId: "' + "x" * 100_000 + '") { entityId } } }',
    ],
    ids=["braces", "site", "a", "wide", "chain", "doubling", "circle", "comments", "number", "text"],
)
def test_no_query_is_too_much(shop, query):
    assert shop.ask(query).status in {200, 400}


# What a query weighs.


@pytest.mark.parametrize(
    ("query", "score", "levels"),
    [
        (SITE, 3, 3),
        (WHO, 2, 2),
        ("{ site { products { edges { cursor } } } }", 1 + 1 + 10 * 2, 4),
        ("{ site { products(last: 3) { edges { cursor } } } }", 1 + 1 + 3 * 2, 4),
        ("{ site { products(first: 0) { edges { cursor } } } }", 2, 4),
        ("query($n: Int = 4) { site { products(first: $n) { edges { cursor } } } }", 1 + 1 + 4 * 2, 4),
        ("{ site { products(first: null) { edges { cursor } } } }", 22, 4),
        ("{ a: site { settings { storeName } } b: site { settings { storeName } } }", 6, 3),
        (FRAGMENTS, 3, 3),
        ("{ __schema { types { name fields { name } } } }", 0, 0),
        ("{ site { __typename } }", 1, 1),
        ("mutation { logout { result cartUnassignResult { cart { entityId } } } }", 9_000, 4),
        ('mutation { login(email: "a", password: "b") { result } }', 9_999, 2),
        (REGISTER, 9_001, 4),
        (f'mutation {{ a: login(email: "a", password: "b") {{ result }} {COMPANY[11:-1]} }}', 19_000, 4),
    ],
)  # fmt: skip
def test_a_query_weighs_what_the_vendor_reckons(query, score, levels):
    node = parse(query)
    found = documents._read(query)

    assert validate(schema(), node) == []
    assert found.score(found.operations[0], {"n": 4}) == score
    assert depth(node) == levels


def test_the_score_follows_the_variables(shop):
    query = "query($n: Int) { site { products(first: $n) { edges { cursor } } } }"

    scores = [shop.ask(query, variables).headers["x-bc-graphql-complexity"] for variables in ({"n": 1}, {"n": 5}, {})]

    assert scores == ["4", "12", "22"]


def test_two_mutations_are_too_complex_with_the_sum_of_their_scores(shop):
    got = shop.ask("mutation { a: logout { result } b: logout { result } }")

    assert got.outcome == (400, "query.too_complex")
    assert got.body == (
        b'{"errors":[{"message":"The query is too complex as it has a complexity score of 18000 out of 10000. '
        b'Please remove some elements and try again"}]}'
    )


LEAVES = st.sampled_from(["id", "name", "sku", "__typename", "...P", "prices { price { value } }"])


@st.composite
def selections(draw):
    """A page of products, with some fields of each."""
    first, leaves = draw(st.integers(-5, 2**31 - 1)), draw(st.lists(LEAVES, min_size=1, max_size=6))
    return first, leaves


@settings(deadline=None)  # Whoever comes first builds the schema.
@given(st.lists(selections(), min_size=1, max_size=5), selections())
def test_more_of_a_query_never_weighs_less(pages, one_more):
    def score(asked):
        fields = " ".join(
            f"p{number}: products(first: {first}) {{ edges {{ node {{ {' '.join(leaves)} }} }} }}"
            for number, (first, leaves) in enumerate(asked)
        )
        node = parse(f"{{ site {{ {fields} }} }} fragment P on Product {{ path description }}")
        operation, fragment = node.definitions
        return Scoring(schema(), {"P": fragment}, {}).score(operation)

    assert 1 <= score(pages) <= score([*pages, one_more])
    assert score([(max(0, first), leaves) for first, leaves in pages]) <= score(
        [(max(0, first) + 1, leaves) for first, leaves in pages]
    )


# What an executed query tells beside its data.


def test_an_executed_query_has_five_headers(shop):
    query = "query Names($n: Int) { site { products(first: $n) { edges { node { name } } } } }"

    got = shop.ask(query, {"n": 2})

    told = {name: value for name, value in got.headers.items() if name.startswith("x-bc-graphql-")}
    assert told == {
        "x-bc-graphql-complexity": "8",
        "x-bc-graphql-query-hash": hashlib.sha256(query.encode()).hexdigest(),
        "x-bc-graphql-variables-hash": hashlib.sha256(b'{"n":2}').hexdigest(),
        "x-bc-graphql-operation-type": "query",
        "x-bc-graphql-operation-name": "Names",
    }


def test_without_name_and_variables_the_headers_say_so(shop):
    got = shop.ask(SITE)

    assert got.headers["x-bc-graphql-variables-hash"] == NO_VARIABLES
    assert got.headers["x-bc-graphql-operation-name"] == ""
    assert shop.ask(SITE, {}).headers["x-bc-graphql-variables-hash"] == NO_VARIABLES


def test_a_query_is_parsed_and_validated_once():
    documents._usual.cache_clear()

    found = {id(documents._usual(SITE)) for _ in range(3)}

    assert len(found) == 1
    assert documents._usual.cache_info().misses == 1


def test_a_server_starts_without_the_library():
    code = "import sys; from mockserver import Emulator; Emulator(); sys.exit('graphql' in sys.modules)"

    assert run([sys.executable, "-c", code], check=False).returncode == 0


# What a storefront shows.


def test_products_are_shown_page_by_page(shop):
    query = (
        "query($after: String) { site { products(first: 2, after: $after) "
        "{ pageInfo { hasNextPage hasPreviousPage endCursor } edges { node { entityId } } } } }"
    )

    first = shop.ask(query).json["data"]["site"]["products"]
    second = shop.ask(query, {"after": first["pageInfo"]["endCursor"]}).json["data"]["site"]["products"]

    assert [edge["node"]["entityId"] for edge in (*first["edges"], *second["edges"])] == [77, 78, 79]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)
    assert second["pageInfo"]["hasPreviousPage"]


def test_products_are_found_by_id_and_from_the_end(shop):
    query = (
        "{ site { some: products(entityIds: [79, 5]) { edges { node { name prices { price { value } } } } } "
        "last: products(last: 1) { edges { node { id } } } "
        'none: products(before: "Y3Vyc29yOjA=") { edges { cursor } } } }'
    )

    site = shop.ask(query).json["data"]["site"]

    assert site["some"]["edges"] == [{"node": {"name": "Crank", "prices": {"price": {"value": 10}}}}]
    assert len(site["last"]["edges"]) == 1
    assert site["none"]["edges"] == []


def test_introspection_needs_a_token_and_nothing_else(shop):
    got = shop.ask("{ __schema { queryType { name } } __typename }", scopes=["B2B"])

    assert got.json == {"data": {"__schema": {"queryType": {"name": "Query"}}, "__typename": "Query"}}
    assert got.headers["x-bc-graphql-complexity"] == "0"


# Scopes.


def test_a_refused_field_that_may_be_nothing_leaves_the_others_be(shop):
    got = shop.ask("{ site { settings { storeName } } me: customer { email } }", scopes=["Unauthenticated"])

    assert got.outcome == (200, "scope.insufficient")
    assert got.body == (
        b'{"data":{"site":{"settings":{"storeName":"Analytical Engines"}},"me":null},"errors":[{"message":"The '
        b'provided token does not include the scopes required to resolve this field.","path":["me"],"extensions":'
        b'{"code":"INSUFFICIENT_ACCESS_SCOPE","requiredScopes":["Customer"]}}]}'
    )


def test_every_refused_field_gives_an_error(shop):
    got = shop.ask("{ a: site { __typename } b: site { __typename } customer { email } }", scopes=["B2B"])

    assert got.json["data"] is None
    assert [error["path"] for error in got.json["errors"]] == [["a"], ["b"], ["customer"]]


def test_a_mutation_without_its_scope_does_not_run(shop, sandbox):
    got = shop.log_in(scopes=["Unauthenticated", "B2B"])

    assert got.outcome == (200, "scope.insufficient")
    assert [token.kind for token in sandbox.tokens if token.kind == "customer_access"] == []


@pytest.mark.parametrize("kind", [SIMPLE, IMPERSONATION])
def test_other_tokens_than_private_ones_need_no_scope(shop, kind):
    assert shop.ask(COMPANY, kind=kind).outcome == (200, "")


# Logins.


def test_a_refused_login_says_where(shop):
    query = 'mutation{login(email:"x",password:"y"){result}}'

    got = shop.ask(query)

    assert got.body == (
        b'{"data":null,"errors":[{"message":"Invalid credentials","path":["login"],'
        b'"locations":[{"line":1,"column":10}]}]}'
    )
    assert got.headers["x-bc-graphql-complexity"] == "9999"


def test_a_login_answers_with_the_customer_and_success(shop):
    got = shop.log_in(EMAIL.upper(), selection="result customer { entityId firstName lastName email customerGroupId }")

    customer = {"entityId": 21, "firstName": "Ada", "lastName": "Lovelace", "email": EMAIL, "customerGroupId": 6}
    assert got.json == {"data": {"login": {"result": "success", "customer": customer}}}


def test_all_of_a_customer_can_be_asked_for(shop):
    fields = (
        "taxExemptCategory attributeCount attributes { attribute(entityId: 3) { entityId value } } "
        "storeCredit { currencyCode value } formFields { name }"
    )

    got = shop.ask(f"{{ customer {{ {fields} }} }}", headers=known(shop.access_token()))

    assert got.json["data"]["customer"] == {
        "taxExemptCategory": "",
        "attributeCount": 0,
        "attributes": {"attribute": {"entityId": 3, "value": None}},
        "storeCredit": [{"currencyCode": "USD", "value": 0}],
        "formFields": [],
    }


def test_a_wrong_context_logs_nobody_in(shop, sandbox):
    shop.log_in(kind=SIMPLE)

    assert [token for token in sandbox.tokens if token.kind == "customer_access"] == []


def test_a_token_that_is_left_out_was_not_asked_for(shop):
    query = LOGIN.replace("$password: String!)", "$password: String!, $no: Boolean = false)")
    selection = "customer { entityId } customerAccessToken @include(if: $no) { value }"

    got = shop.ask(query % selection, {"email": EMAIL, "password": PASSWORD}, kind=SIMPLE)

    assert cookies_of(got) == ["SHOP_TOKEN", "SHOP_SESSION_TOKEN", "SHOP_SESSION_ROTATION_TOKEN"]


def test_the_session_cookie_authenticates_a_page(shop):
    begun = cookie_header(shop.log_in(selection="result", kind=SIMPLE))

    got = shop.ask(WHO, kind=SIMPLE, headers=begun)
    out = shop.ask("mutation { logout { result } }", kind=SIMPLE, headers=begun)

    assert got.json == {"data": {"customer": {"entityId": 21}}}
    assert len(cookies_of(out)) == 3
    assert all("Max-Age=0" in line for line in out.headers.getlist("Set-Cookie"))
    assert shop.ask(WHO, kind=SIMPLE, headers=begun).json == {"data": {"customer": None}}


def test_plain_cookies_do_over_http(shop, choose):
    choose(BigCommerceOptions, session_cookie_attributes="plain")

    got = shop.log_in(selection="result", kind=SIMPLE)

    assert all(line.endswith("; Path=/; HttpOnly; SameSite=Lax") for line in got.headers.getlist("Set-Cookie"))


def test_every_login_is_a_browsers_where_the_option_says_so(shop, choose):
    choose(BigCommerceOptions, cat_delivery="cookie_only")

    assert shop.log_in().outcome == (200, "login.wrong_context")
    assert len(cookies_of(shop.log_in(selection="result"))) == 3


def test_a_logout_needs_nobody_to_be_logged_in(shop):
    got = shop.ask("mutation { logout { result cartUnassignResult { cart { entityId } } } }")

    assert got.json == {"data": {"logout": {"result": "success", "cartUnassignResult": {"cart": None}}}}
    assert cookies_of(got) == []


def test_nobody_logs_out_on_a_channel_that_is_not_live(wire, sandbox, shop):
    closed = Storefront(wire, sandbox, channel=2)

    assert closed.ask("mutation { logout { result } }").outcome == (200, "channel.not_live")


def test_a_login_jwt_logs_in_once_and_is_shared_with_the_page(shop, sandbox):
    query = "mutation($jwt: String!) { loginWithCustomerLoginJwt(jwt: $jwt) { result customer { entityId } } }"
    token = shop.login_jwt()

    first, second, page = (
        shop.ask(query, {"jwt": token}),
        shop.ask(query, {"jwt": token}),
        shop.get(f"/login/token/{token}"),
    )

    assert first.json["data"]["loginWithCustomerLoginJwt"] == {"result": "success", "customer": {"entityId": 21}}
    assert second.outcome == (200, "login.bad_jwt")
    assert second.json["errors"][0] == {
        "message": "Invalid credentials",
        "path": ["loginWithCustomerLoginJwt"],
        "locations": [{"line": 1, "column": 27}],
    }
    exchange = sandbox.journal.find(second.exchange)
    assert exchange.hint.startswith("assertion.replayed")
    assert [check.reason for check in exchange.checks if not check.passed] == ["login.bad_jwt"]
    assert page.outcome == (302, "assertion.replayed")


# Who is asking.


@pytest.mark.parametrize("value", ["", "nonsense", "0" * 64 + "_1"])
def test_no_good_access_token_is_a_guest(shop, value):
    assert shop.customer(value).json == {"data": {"customer": None}}


def test_a_missing_access_token_is_an_error_of_the_customer_alone(shop):
    got = shop.ask("{ site { settings { storeName } } customer { email } }", headers=STRICT)

    assert got.outcome == (200, "session.missing")
    assert got.body == (
        b'{"data":{"site":{"settings":{"storeName":"Analytical Engines"}},"customer":null},"errors":[{"message":'
        b'"Customer access token is missing","path":["customer"],"locations":[{"line":1,"column":35}],"extensions":'
        b'{"code":"MISSING_CUSTOMER_ACCESS_TOKEN"}}]}'
    )


def test_a_missing_access_token_is_no_matter_of_mutations(shop):
    member = {"firstName": "B", "lastName": "C", "email": "b@c.example", "password": "p"}

    assert shop.ask(REGISTER, {"input": member}, headers=STRICT).outcome == (200, "")


def test_a_dead_access_token_is_an_error_of_the_first_field(shop):
    got = shop.ask("{ shop: site { __typename } customer { email } }", headers={**STRICT, **known("dead")})

    assert got.outcome == (200, "session.invalid")
    assert got.body == (
        b'{"data":null,"errors":[{"message":"Customer access token is invalid","path":["shop"],"locations":'
        b'[{"line":1,"column":3}],"extensions":{"code":"INVALID_CUSTOMER_ACCESS_TOKEN"}}]}'
    )


def test_the_admins_levers_end_an_access_token(shop, sandbox):
    token = shop.access_token()
    sandbox.tokens.expire(sandbox.clock.now())

    assert shop.customer(token).json == {"data": {"customer": None}}


@pytest.mark.parametrize("sent", ["", "x", "999", "-21", "21.0", "1" * 5_000])
def test_an_impersonation_of_nobody_is_a_guest(shop, sent):
    got = shop.ask(WHO, kind=IMPERSONATION, headers={"X-Bc-Customer-Id": sent})

    assert got.json == {"data": {"customer": None}}


def test_an_access_token_counts_for_nothing_beside_an_impersonation_token(shop):
    token = shop.access_token()

    got = shop.ask(WHO, kind=IMPERSONATION, headers={**known(token), "X-Bc-Customer-Id": "23"})

    assert got.json == {"data": {"customer": {"entityId": 23}}}
    assert shop.ask(WHO, headers={"X-Bc-Customer-Id": "23"}).json == {"data": {"customer": None}}


def test_an_impersonated_customer_is_not_missing(shop):
    assert shop.ask(WHO, kind=IMPERSONATION, headers={**STRICT, "X-Bc-Customer-Id": "21"}).outcome == (200, "")
    assert shop.ask(WHO, kind=IMPERSONATION, headers=STRICT).outcome == (200, "session.missing")


# Carts.


def cart_seen(shop, cart_id, **keywords):
    got = shop.ask("query($id: String) { site { cart(entityId: $id) { entityId } } }", {"id": cart_id}, **keywords)
    return (got.json["data"]["site"]["cart"] or {}).get("entityId")


def test_carts_are_seen_by_those_who_may(shop):
    owner, other = known(shop.access_token("owner@shop.example")), known(shop.access_token())

    assert cart_seen(shop, GUEST_CART) == GUEST_CART
    assert cart_seen(shop, OWN_CART) is None
    assert cart_seen(shop, None) is None
    assert cart_seen(shop, None, headers=owner) == cart_seen(shop, OWN_CART, headers=owner) == OWN_CART
    assert cart_seen(shop, OWN_CART, headers=other) is None
    assert cart_seen(shop, None, headers=other) is None
    impersonated = {"X-Bc-Customer-Id": "23"}
    assert cart_seen(shop, OWN_CART, kind=IMPERSONATION, headers=impersonated) == OWN_CART
    assert cart_seen(shop, None, kind=IMPERSONATION, headers=impersonated) is None


def test_a_new_cart_is_the_customers(shop):
    query = (
        "mutation { cart { createCart(input: {lineItems: [{quantity: 2, productEntityId: 77}]}) { cart { entityId "
        "currencyCode isTaxIncluded amount { value } lineItems { physicalItems { name quantity productEntityId } "
        "digitalItems { entityId } giftCertificates { entityId } customItems { entityId } } } } } }"
    )
    shopper = known(shop.access_token())

    made = shop.ask(query, headers=shopper).json["data"]["cart"]["createCart"]["cart"]

    assert made["amount"] == {"value": 25}
    assert made["lineItems"]["physicalItems"] == [{"name": "Wheel", "quantity": 2, "productEntityId": 77}]
    assert cart_seen(shop, None, headers=shopper) == made["entityId"]
    assert cart_seen(shop, made["entityId"]) is None


@pytest.mark.parametrize(
    ("email", "kept", "quantities"),
    [(EMAIL, GUEST_CART, {77: 2}), ("owner@shop.example", OWN_CART, {77: 3, 78: 1})],
    ids=["assigned", "merged"],
)
def test_a_guests_cart_goes_with_the_login(shop, email, kept, quantities):
    query = (
        "mutation($email: String!, $password: String!, $cart: String) { login(email: $email, password: $password, "
        "guestCartEntityId: $cart) { cart { entityId lineItems { physicalItems { productEntityId quantity } } } } }"
    )

    got = shop.ask(query, {"email": email, "password": PASSWORD, "cart": GUEST_CART})

    cart = got.json["data"]["login"]["cart"]
    assert cart["entityId"] == kept
    assert {line["productEntityId"]: line["quantity"] for line in cart["lineItems"]["physicalItems"]} == quantities
    assert cart_seen(shop, GUEST_CART) is None


def test_a_guests_checkout_link_loads_the_cart(shop):
    wanted = {"cartEntityId": GUEST_CART, "queryParams": [{"key": "utm", "value": "a b"}]}

    urls = shop.ask(CHECKOUT, {"input": wanted}).json["data"]["cart"]["createCartRedirectUrls"]["redirectUrls"]

    plain, embedded = urls["redirectedCheckoutUrl"], urls["embeddedCheckoutUrl"]
    assert plain.startswith(f"http://localhost{shop.base}/cart.php?action=loadInCheckout&id={GUEST_CART}&token=")
    assert plain.endswith("&utm=a+b")
    assert embedded.startswith(f"http://localhost{shop.base}/cart.php?embedded=1&action=loadInCheckout&id={GUEST_CART}")


@pytest.mark.parametrize("cart_id", ["nowhere", OWN_CART])
def test_no_link_leads_to_a_cart_that_is_not_there(shop, cart_id):
    got = shop.ask(CHECKOUT, {"input": {"cartEntityId": cart_id}})

    assert got.json["data"]["cart"]["createCartRedirectUrls"] == {
        "redirectUrls": None,
        "errors": [{"__typename": "NotFoundError", "message": "Cart not found"}],
    }


# Registrations, and sessions taken along.


def test_a_new_customer_can_log_in_and_nobody_has_the_address_twice(shop):
    member = {"firstName": "Grace", "lastName": "Hopper", "email": "grace@shop.example", "password": "cobol"}

    first = shop.ask(REGISTER, {"input": member}).json["data"]["customer"]["registerCustomer"]
    second = shop.ask(REGISTER, {"input": member}).json["data"]["customer"]["registerCustomer"]

    assert first == {"customer": {"entityId": 24, "email": "grace@shop.example"}, "errors": []}
    assert second == {
        "customer": None,
        "errors": [{"__typename": "EmailAlreadyInUseError", "message": "The email address is already in use."}],
    }
    assert shop.log_in("grace@shop.example", "cobol").outcome == (200, "")


def test_an_address_must_be_one(shop):
    member = {"firstName": "G", "lastName": "H", "email": "nowhere", "password": "p"}

    got = shop.ask(REGISTER, {"input": member}).json["data"]["customer"]["registerCustomer"]

    assert got["errors"][0]["__typename"] == "ValidationError"


def test_a_company_needs_a_customer(shop):
    nobodys = shop.ask(COMPANY).json["data"]["company"]["registerCompany"]
    own = shop.ask(COMPANY, headers=known(shop.access_token())).json["data"]["company"]["registerCompany"]

    error = {"__typename": "ValidationError", "message": "Customer not authenticated", "path": ["input"]}
    assert nobodys == {"entityId": None, "status": None, "errors": [error]}
    assert own == {"entityId": 1, "status": "PENDING", "errors": []}


def test_a_session_is_not_taken_to_a_cart_that_is_not_there(shop):
    got = shop.ask(SYNC, {"to": "/checkout", "cart": OWN_CART}).json["data"]["generateSessionSyncJwt"]

    assert got == {"result": None, "errors": [{"__typename": "NotFoundError", "message": "Cart not found"}]}


# What the journal keeps to itself.


def test_no_secret_stands_whole_in_the_journal(shop, wire):
    token = shop.access_token()
    shop.customer(token)
    shop.ask(f'mutation {{ login(email: "{EMAIL}", password: "{PASSWORD}") {{ result }} }}')
    shop.log_in(selection="result", kind=SIMPLE)
    jwt = shop.login_jwt()
    shop.get(f"/login/token/{jwt}")

    told = wire.get("/_mock/journal").body.decode()
    each = [wire.get(f"/_mock/journal/{item['id']}").body.decode() for item in wire.get("/_mock/journal").json["items"]]

    for text in (told, *each):
        assert PASSWORD not in text
        assert token not in text
        assert jwt not in text


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("query.too_deep", "The query depth 17 exceeds the limit of 16"),
        (
            "query.too_complex",
            (
                "The query is too complex as it has a complexity score of 10001 out of 10000. "
                "Please remove some elements and try again"
            ),
        ),
    ],
)
def test_a_rule_refuses_a_query_with_the_limits_that_there_are(shop, sandbox, reason, message):
    sandbox.rules.add(Rule(When(operation="bigcommerce.query"), Then(refuse=reason)))

    got = shop.ask(SITE)

    assert (got.outcome, got.json) == ((400, reason), {"errors": [{"message": message}]})


def test_a_rule_refuses_a_login(shop, sandbox):
    sandbox.rules.add(Rule(When(operation="bigcommerce.query"), Then(refuse="login.reset_required"), times=1))

    got = shop.ask(SITE)

    assert got.outcome == (200, "login.reset_required")
    assert got.json["errors"][0]["message"] == "Reset password"
