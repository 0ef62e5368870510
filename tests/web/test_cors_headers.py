"""From an admission to the headers that a browser reads."""

from __future__ import annotations

import pytest

from mockserver.core import engine
from mockserver.core.calls import Call, Headers
from mockserver.core.options import Options
from mockserver.core.origins import Cors
from mockserver.web import cors
from tests.core.worlds import World, operation

PAGE = "http://localhost:3000"
BROWSER_ENDPOINT = operation(
    cors=Cors(methods=("GET", "POST"), headers=("authorization", "content-type"), expose=("X-Trace-Id", "Retry-After"))
)
LIST = {"cors_origins": (PAGE,)}


def answered(*, origin: str | None = PAGE, world: World | None = None, **options: object) -> dict[str, str]:
    """The CORS headers of an answer."""
    world = world or World(BROWSER_ENDPOINT)
    world.sandbox.put(Options(**options))
    headers = [("Origin", origin)] if origin is not None else []
    return dict(cors.headers(world.call(headers=headers)))


def preflighted(*, origin: str = PAGE, private: str | None = None, **options: object) -> dict[str, str]:
    """The CORS headers of a preflight's answer."""
    world = World(BROWSER_ENDPOINT)
    world.sandbox.put(Options(**options))
    asked = [("Origin", origin), ("Access-Control-Request-Method", "POST")]
    if private is not None:
        asked.append(("Access-Control-Request-Private-Network", private))
    call = Call("OPTIONS", "http://toy.test", "/greetings", headers=Headers(asked))
    return dict(cors.headers(engine.preflight(call, world.sandbox, engine.Route(world.vendor, world.operation))))


class TestAnswers:
    def test_any_origin_gets_a_star_and_the_exposed_names(self):
        assert answered() == {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "X-Trace-Id, Retry-After",
        }

    @pytest.mark.parametrize("origin", [PAGE, None, "null"])
    def test_a_star_does_not_vary(self, origin):
        assert "Vary" not in answered(origin=origin)

    @pytest.mark.parametrize("origin", [PAGE, None, "null", "http://evil.test"])
    def test_a_list_varies_by_origin_whatever_was_sent(self, origin):
        assert answered(origin=origin, **LIST)["Vary"] == "Origin"

    def test_a_listed_origin_is_named(self):
        assert answered(**LIST)["Access-Control-Allow-Origin"] == PAGE

    @pytest.mark.parametrize("origin", ["http://evil.test", "null", PAGE + ".evil.test", PAGE.upper(), None])
    def test_an_origin_that_is_not_listed_gets_nothing_but_vary(self, origin):
        assert answered(origin=origin, **LIST) == {"Vary": "Origin"}

    def test_credentials_are_allowed_to_a_named_origin(self):
        headers = answered(cors_credentials=True)

        assert headers["Access-Control-Allow-Credentials"] == "true"
        assert headers["Access-Control-Allow-Origin"] == PAGE

    def test_credentials_are_not_spoken_of_by_default(self):
        assert "Access-Control-Allow-Credentials" not in answered()

    def test_an_option_hides_the_exposed_names(self):
        assert answered(cors_expose=False) == {"Access-Control-Allow-Origin": "*"}

    def test_an_endpoint_that_exposes_nothing_says_nothing_of_it(self):
        assert answered(world=World(operation(cors=Cors(methods=("POST",))))) == {"Access-Control-Allow-Origin": "*"}

    def test_a_preflights_offer_is_not_on_answers(self):
        assert not {"Access-Control-Allow-Methods", "Access-Control-Allow-Headers"} & set(answered())

    @pytest.mark.parametrize(("on_errors", "allowed"), [(True, "*"), (False, None)])
    def test_errors_can_be_hidden_from_pages(self, on_errors, allowed):
        world = World(BROWSER_ENDPOINT)
        world.sandbox.put(Options(cors_on_errors=on_errors))

        headers = dict(cors.headers(world.call(b"{", headers=[("Origin", PAGE)])))

        assert headers.get("Access-Control-Allow-Origin") == allowed

    def test_a_server_only_endpoint_has_no_cors_headers(self):
        assert answered(world=World(operation())) == {}


class TestPreflights:
    def test_it_names_methods_and_headers_one_by_one_and_is_not_to_be_kept(self):
        assert preflighted() == {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "authorization, content-type",
            "Access-Control-Max-Age": "0",
        }

    def test_an_origin_that_is_not_listed_is_told_nothing(self):
        assert preflighted(origin="http://evil.test", **LIST) == {"Vary": "Origin"}

    def test_the_exposed_names_are_not_on_preflights(self):
        assert "Access-Control-Expose-Headers" not in preflighted()

    def test_errors_hidden_from_pages_leave_preflights_alone(self):
        assert preflighted(cors_on_errors=False)["Access-Control-Allow-Origin"] == "*"

    @pytest.mark.parametrize(("asked", "allowed"), [("true", "true"), (None, None), ("false", None), ("TRUE", None)])
    def test_a_private_network_is_allowed_only_when_asked_for(self, asked, allowed):
        assert preflighted(private=asked).get("Access-Control-Allow-Private-Network") == allowed

    def test_a_private_network_is_not_allowed_to_an_origin_that_is_not_listed(self):
        headers = preflighted(origin="http://evil.test", private="true", **LIST)

        assert "Access-Control-Allow-Private-Network" not in headers
