"""The published document is valid, and whatever schemathesis makes of it is answered as it says."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from schemathesis.checks import CHECKS

from mockserver import Emulator, Settings
from mockserver.vendors.alternative import VENDOR as ALTERNATIVE
from mockserver.vendors.alternative import accounts as alternative
from mockserver.vendors.alternative.page_examples import CALLS
from mockserver.vendors.ingrid import VENDOR as INGRID
from mockserver.vendors.ingrid.examples import service_token, site_token
from tests.conftest import MOMENT
from tests.support.contract import Contract
from tests.support.stage import WireStage
from tests.support.wire import Wire

EMULATOR = Emulator(Settings(seed="fuzz"))
EMULATOR.sandbox.clock.set(MOMENT, frozen=True)
DOCUMENT = EMULATOR.openapi("http://localhost")
SCHEMA = schemathesis.openapi.from_wsgi("/_mock/openapi.json", EMULATOR.app)
FUZZED = settings(
    max_examples=50,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
# What an assertion, a site or a lifetime must be stands in the sandbox, not in a schema: a call that fits the document
# may be refused nonetheless. All other checks are on.
EXCLUDED = CHECKS.get_by_names(["positive_data_acceptance"])
# Some vendors know no 405: their wrong methods are 404, which the conformance suite holds them to.
WITHOUT_405 = {vendor.name for vendor in EMULATOR.vendors if vendor.wrong_method != "method.not_allowed"}
NO_405 = CHECKS.get_by_names(["positive_data_acceptance", "unsupported_method"])
# Whose path this is, the host says; nobody's has no storefront, with whatever method and token.
OF_A_HOST = {"/graphql"}
ONLY_404 = CHECKS.get_by_names(["positive_data_acceptance", "missing_required_header", "unsupported_method"])
SCALARS = (
    None,
    True,
    0,
    -1,
    300,
    300.0,
    1e300,
    10**30,
    -(10**30),
    10**14,
    -(10**14),
    "",
    "view",
    "300",
    "\x00",
    "\U0001f600",
)
VALUES = (*SCALARS, *([value] for value in SCALARS), [], [[]], ["view", "view"], {}, {"view": 1}, "x" * 100_000)
ANYTHING = st.recursive(
    st.sampled_from(SCALARS) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
MEMBERS = {
    "/v1/auth/token": ("grantType", "assertion"),
    "/v1/sites/site_demo/access-tokens": ("scopes", "ttlSeconds", "externalRef"),
    "/v1/delivery/options": ("siteId",),
}


WIRE = Wire(EMULATOR.app, Contract(DOCUMENT))


@pytest.fixture(scope="module")
def tokens():
    """A token of each kind, by the operation that takes it."""
    stage = WireStage(INGRID, EMULATOR.sandbox, WIRE)
    return {
        "/v1/sites/{siteId}/access-tokens": service_token(stage),
        "/v1/sites/site_demo/access-tokens": service_token(stage),
        "/v1/delivery/options": site_token(stage),
    }


def test_the_document_is_valid_openapi():
    validate(DOCUMENT)


@pytest.mark.parametrize("vendor", EMULATOR.vendors, ids=lambda vendor: vendor.name)
def test_the_document_of_each_vendor_alone_is_valid_openapi(vendor):
    validate(Emulator(Settings(vendors=(vendor.name,))).openapi("http://localhost"))


@SCHEMA.parametrize()
@FUZZED
def test_a_stranger_is_answered_as_documented(case):
    if case.operation.path in OF_A_HOST:
        case.call_and_validate(excluded_checks=ONLY_404)
        return
    case.call_and_validate(excluded_checks=NO_405 if WITHOUT_405 & set(case.operation.tags) else EXCLUDED)


@SCHEMA.include(path=["/v1/sites/{siteId}/access-tokens", "/v1/delivery/options"]).parametrize()
@FUZZED
def test_the_holder_of_a_token_is_answered_as_documented(case, tokens):
    if "siteId" in case.path_parameters:
        case.path_parameters["siteId"] = "site_demo"

    case.call_and_validate(headers={"Authorization": f"Bearer {tokens[case.operation.path]}"}, excluded_checks=EXCLUDED)


@pytest.mark.parametrize(
    ("path", "member"), [(path, member) for path, members in MEMBERS.items() for member in members]
)
def test_a_value_of_any_type_in_any_member_is_answered_as_documented(path, member, tokens):
    for value in VALUES:
        got = WIRE.post(path, {"scopes": ["view"], member: value}, bearer=tokens.get(path))

        assert got.status < 500, value


@pytest.mark.parametrize("path", MEMBERS)
@settings(FUZZED, max_examples=100)
@given(data=st.data())
def test_any_json_in_all_members_is_answered_as_documented(path, data, tokens):
    body = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(MEMBERS[path], ANYTHING)))

    got = WIRE.post(path, body, bearer=tokens.get(path))

    assert got.status < 500


@pytest.fixture(scope="module")
def alternative_tokens():
    """A token for init, and one for everything below `/checkout`."""
    stage = WireStage(ALTERNATIVE, EMULATOR.sandbox, WIRE)
    return {"checkout-auth": alternative.oauth_token(stage), "checkout": alternative.checkout_token(stage)}


@SCHEMA.include(path_regex=r"^(/v1)?/checkout(-auth)?/").parametrize()
@FUZZED
def test_the_holder_of_alternatives_token_is_answered_as_documented(case, alternative_tokens):
    if "id" in case.path_parameters:
        case.path_parameters["id"] = "pm_card"
    token = alternative_tokens["checkout-auth" if "checkout-auth" in case.operation.path else "checkout"]

    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=EXCLUDED)


@pytest.mark.parametrize(
    ("call", "member"),
    [(call, member) for call in CALLS if call.body for member in call.body],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_value_of_any_type_in_any_member_of_a_page_is_answered_as_documented(call, member, alternative_tokens):
    for value in VALUES:
        got = WIRE.post(call.path, {**call.body, member: value}, bearer=alternative_tokens["checkout"])

        assert got.status < 500, value
