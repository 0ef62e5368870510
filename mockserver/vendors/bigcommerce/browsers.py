"""Browser or server? By cookies, `Sec-Fetch-Site` or `Origin`, as the option `browser_rule` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.origins import browser_signals
from mockserver.vendors.bigcommerce.options import BigCommerceOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.case import Case

SHOP_TOKEN = "SHOP_TOKEN"
SESSION_COOKIES = (SHOP_TOKEN, "SHOP_SESSION_TOKEN", "SHOP_SESSION_ROTATION_TOKEN")
"""What a shopper's browser holds; any of them makes a call a browser's, also behind `__HOST-` and in any case."""

SITE = "Sec-Fetch-Site"
FIELDS: Mapping[str, tuple[str, ...]] = {
    "cookie": (),
    "cookie_or_site": (SITE,),
    "strict": (SITE, "Origin"),
}
"""The header fields that make a call a browser's, beside the cookies, by rule."""


def cookies(case: Case) -> Mapping[str, str]:
    """The cookies of a call, by name."""
    return case.call.headers.cookies()


def signals(case: Case) -> dict[str, str]:
    """What makes this call a browser's, by the rule in force; empty for a server's."""
    rule = case.sandbox.get(BigCommerceOptions).browser_rule
    return browser_signals(case.call.headers, FIELDS[rule], SESSION_COOKIES)


def signals_of_any_rule(case: Case) -> dict[str, str]:
    """A cookie or `Sec-Fetch-Site`, whatever the rule: who sends either is no server by itself."""
    return browser_signals(case.call.headers, FIELDS["cookie_or_site"], SESSION_COOKIES)


def is_browser(case: Case) -> bool:
    """Whether a browser calls, by the rule in force."""
    return bool(signals(case))
