"""Every button of `mockserver demo`, in Chromium: what the page shows, and what the browser's own tools would show."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.browser.chromium import HOW_TO_GET_IT
from tests.browser.demonstration import READY, demonstrated, press
from tests.browser.driven import Driven
from tests.clients.tools import found

SCREENSHOT = Path(__file__).parents[2] / "docs" / "demo.png"
AUTH, USE = "/ingrid/v1/auth/token", "/ingrid/v1/delivery/options"


@pytest.fixture(scope="module")
def addresses():
    with demonstrated() as addresses:
        yield addresses


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Driven(found("chromium", HOW_TO_GET_IT), tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def pressed(browser, addresses):
    """Press a button on a fresh page: what is shown of it, and what the browser did across origins."""
    browser.look_like(1280, 880)
    browser.open(addresses.page, READY)
    press(browser, "reset")
    browser.events.clear()

    def pressed(name):
        press(browser, name)
        return shown(browser), crossed(browser, addresses)

    return pressed


def shown(browser):
    """Of the latest run: what the page saw at each step, and the reasons that mockserver gave."""
    return browser.run("""(() => {
        const run = document.querySelector('.run');
        const all = (where, what) => [...where.querySelectorAll(what)].map((each) => each.textContent);
        return {saw: all(run, '.saw b'), reasons: all(run, '.reason strong'), why: all(run, '.why')};
    })()""")


def crossed(browser, addresses):
    """Method, path, and status or CORS error of every call to the emulator, preflights apart, in order."""
    calls, ends = {}, {}
    for event in browser.events:
        about = event["params"]
        if event["method"] == "Network.requestWillBeSent" and about["request"]["url"].startswith(addresses.emulator):
            path = about["request"]["url"].removeprefix(addresses.emulator)
            calls[about["requestId"]] = (about["request"]["method"], path)
        elif event["method"] == "Network.responseReceived":
            ends.setdefault(about["requestId"], about["response"]["status"])
        elif event["method"] == "Network.loadingFailed":
            ends[about["requestId"]] = about.get("corsErrorStatus", {}).get("corsError", about["errorText"])
    return [(*call, ends[key]) for key, call in calls.items() if call[0] != "OPTIONS"]


def test_the_whole_hand_off_goes_as_it_should(pressed):
    seen, calls = pressed("play")

    assert seen["saw"] == ["a site token, and nothing else", "200 OK"]
    assert seen["reasons"] == []
    assert calls == [("POST", USE, 200)]


def test_an_expired_token_is_a_401_that_the_page_reads_and_mends(pressed):
    seen, calls = pressed("expire")

    assert seen["saw"][2:] == ["401 Unauthorized", "a site token, and nothing else", "200 OK"]
    assert seen["reasons"] == ["token.expired"]
    assert calls == [("POST", USE, 401), ("POST", USE, 200)]


def test_a_refused_origin_is_blocked_at_its_preflight_and_the_page_sees_nothing(pressed, addresses):
    seen, calls = pressed("origin")

    assert seen["saw"][-1].startswith("TypeError")
    assert seen["reasons"] == ["origin.not_allowed"]
    assert f"'{addresses.page}' is none of https://shop.example" in seen["why"][0]
    assert calls == [("POST", USE, "PreflightMissingAllowOriginHeader")]


def test_after_that_the_origin_may_again(pressed):
    pressed("origin")

    seen, _ = pressed("play")

    assert seen["saw"][-1] == "200 OK"


def test_a_secret_in_the_browser_is_found_out_and_the_page_may_not_read_how(pressed, addresses):
    seen, calls = pressed("leak")

    assert seen["saw"][-1].startswith("TypeError")
    assert seen["reasons"] == ["browser.secret_exposed"]
    assert calls == [("POST", AUTH, "MissingAllowOriginHeader")]
    last = requests.get(f"{addresses.emulator}/_mock/journal", params={"path": "/v1/auth/token"}, timeout=9).json()
    assert (last["items"][-1]["status"], last["items"][-1]["reason"]) == (403, "browser.secret_exposed")


def test_the_page_loads_nothing_from_elsewhere_and_breaks_no_policy_of_its_own(pressed, browser, addresses):
    pressed("play")

    asked = {about["request"]["url"] for about in browser.told("Network.requestWillBeSent")}
    logged = [about["entry"]["text"] for about in browser.told("Log.entryAdded")]
    assert {url for url in asked if not url.startswith((*addresses, "data:"))} == set()
    assert logged == []


def test_starting_over_leaves_nothing_and_says_so(pressed, browser, addresses):
    pressed("play")

    press(browser, "reset")

    assert browser.run("document.querySelectorAll('.run').length") == 0
    assert browser.run("document.getElementById('nothing').hidden") is False
    assert requests.get(f"{addresses.emulator}/_mock/journal", timeout=9).json()["items"] == []


def test_it_is_worked_by_keyboard_alone(pressed, browser):
    browser.run("document.querySelector('[data-try=expire]').focus()")
    done = int(browser.run("document.body.dataset.done"))
    for kind in ("keyDown", "keyUp"):
        browser.ask("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
    browser.until(f"document.body.dataset.done === '{done + 1}'")

    assert shown(browser)["reasons"] == ["token.expired"]
    assert browser.run("document.activeElement.dataset.try") == "expire"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_screen_and_every_text_stands_out(pressed, browser, width, scheme):
    browser.look_like(width, 844, scheme)
    pressed("expire")

    assert browser.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert browser.run(CONTRASTS) == []


CONTRASTS = """(() => {
    const parse = (text) => text.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
        .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (element) => {
        const colour = parse(getComputedStyle(element).backgroundColor);
        return colour.length === 3 || colour[3] > 0 ? colour : ground(element.parentElement);
    };
    return [...document.querySelectorAll('body *')].filter((each) =>
        [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())).map((each) => {
            const [a, b] = [parse(getComputedStyle(each).color), ground(each)].map(light);
            return [each.textContent.slice(0, 30), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
        }).filter(([, ratio]) => ratio < 4.5);
})()"""


def test_what_pages_of_other_sites_ask_of_the_shop_is_not_done(addresses):
    ask = f"{addresses.page}/api/leak"

    form = requests.post(ask, data={"x": "y"}, timeout=9)
    rebound = requests.post(ask, json={}, headers={"Host": "rebound.test"}, timeout=9)
    preflight = requests.options(ask, headers={"Origin": "https://evil.example"}, timeout=9)

    assert (form.status_code, rebound.status_code, preflight.status_code) == (405, 403, 405)
    assert "Access-Control-Allow-Origin" not in preflight.headers


def test_what_the_shop_cannot_read_is_told_and_not_500(addresses):
    answers = [
        requests.post(
            f"{addresses.page}/api/{path}", data=body, headers={"Content-Type": "application/json"}, timeout=9
        )
        for path, body in (("seen", "{"), ("seen", "[1]"), ("seen", '{"after": []}'), ("nothing", "{}"))
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 200, 404]


def test_the_screenshot_is_there_and_small():
    assert 10_000 < SCREENSHOT.stat().st_size < 200 * 1024
