"""The gRPC methods that are on, and the files with their messages, as options have them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.core.operations import Method

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.vendors.hyperswitch.options import HyperswitchOptions

    Methods = Callable[[HyperswitchOptions], tuple[Method, ...]]

UCS_TOKENS = "ucs.v2.MerchantAuthenticationService"
UCS_PAYMENTS = "ucs.v2.PaymentService"
TOKENS = "types.MerchantAuthenticationService"
PAYMENTS = "types.PaymentService"


def method(service: str, name: str) -> Method:
    """A method whose messages are called after it and its service."""
    message = f"{service}{name}"
    return Method(f"/{service}/{name}", f"{message}Request", f"{message}Response")


def always(*methods: Method) -> Methods:
    """Those, whatever the options."""
    return lambda _options: methods


def of_new(name: str) -> Methods:
    """A token method of 2026.05."""
    found = (method(TOKENS, name),)
    return lambda options: found if options.types_new != "off" else ()


def of_old(name: str) -> Methods:
    """A token method of 2026.03.12."""
    found = (method(TOKENS, name),)
    return lambda options: found if options.types_old == "2026.03.12" else ()


def of_page(name: str) -> Methods:
    """A token method of the published page, in either package."""
    return lambda options: (
        *([method(UCS_TOKENS, name)] if options.ucs_v2 == "docs" else []),
        *([method(TOKENS, name)] if options.types_old == "docs" else []),
    )


def of_ucs(name: str) -> Methods:
    """A token method of 2026.03.06."""
    found = (method(UCS_TOKENS, name),)
    return lambda options: found if options.ucs_v2 == "2026.03.06" else ()


def of_every_ucs(name: str) -> Methods:
    """The same, and what it was called before, beside the page's as well."""
    before = method(UCS_PAYMENTS, name)
    return lambda options: (*of_ucs(name)(options), *([before] if options.ucs_v2 != "off" else []))


def declared(name: str) -> Methods:
    """A method that is there wherever the older token methods are."""
    return lambda options: (
        *([method(UCS_TOKENS, name)] if options.ucs_v2 != "off" else []),
        *([method(TOKENS, name)] if options.types_old != "off" else []),
    )


def files(options: HyperswitchOptions) -> tuple[str, ...]:
    """The proto files with the messages of what is on."""
    found = [f"types_payments_{'2026_05' if options.types_new != 'off' else '2026_03_12'}"]
    if options.types_new != "off":
        found.append("types_tokens_2026_05")
    if options.types_old != "off":
        found.append(f"types_tokens_{options.types_old.replace('.', '_')}")
    if options.ucs_v2 != "off":
        found += [f"ucs_tokens_{options.ucs_v2.replace('.', '_')}", "ucs_payment_2026_03_04"]
    return tuple(f"mock/{name}.proto" for name in found)


def descriptors() -> bytes:
    """All of them, compiled (`make protos`)."""
    return (Path(__file__).parent / "descriptors.binpb").read_bytes()
