from concurrent.futures import ThreadPoolExecutor
import pytest, requests
from shop import Shop

SERVICE, SITE, USE = "ingrid.mint_service_token", "ingrid.mint_site_token", "ingrid.get_delivery_options"


@pytest.fixture
def shop(sandbox):
    return Shop(sandbox.env)


def test_on_401_it_refreshes_and_retries_once(shop, sandbox):
    shop.renew()
    sandbox.tokens.expire(kind="site")
    assert shop.page().status_code == 200
    sandbox.verify(operation=USE, outcome="token.expired", exactly=1)
    sandbox.verify(operation=SITE, exactly=2)


def test_the_service_token_is_cached(shop, sandbox):
    for _ in range(3):
        shop.renew()
    assert sandbox.journal.count(operation=SERVICE) == 1
    assert sandbox.journal.count(operation=SITE) == 3


def test_five_parallel_calls_mint_once(shop, sandbox):
    sandbox.rules.add(operation=SERVICE, hold={"callers": 5, "timeout": 0.3})  # who would mint twice waits here
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: shop.service(), range(5)))
    sandbox.verify(operation=SERVICE, exactly=1)


def test_a_clock_that_is_off_is_refused_and_says_by_how_much(shop, sandbox):
    sandbox.clock.advance(minutes=2)
    with pytest.raises(requests.HTTPError):
        shop.service()
    assert "the sandbox clock is 120 s ahead of the machine's" in sandbox.journal.text()
