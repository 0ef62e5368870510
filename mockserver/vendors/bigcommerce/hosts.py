"""Where a storefront is called: a host name or an alias in the path gives the store, the channel, and its base URL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from mockserver.core.refusals import Refusal
from mockserver.vendors.bigcommerce.places import Place
from mockserver.vendors.bigcommerce.records import DEFAULT_CHANNEL, BigCommerceRecords

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver.core.calls import Call
    from mockserver.core.case import Case
    from mockserver.vendors.bigcommerce.records import Store

API_HOST = "api.bigcommerce.com"
STORE_HOST = re.compile(r"store-([a-z0-9]+)(?:-([0-9]{1,9}))?\.", re.IGNORECASE)
"""`store-{hash}[-{channel}].{suffix}`, whatever the suffix."""
ALIAS = "/_sf/{storefront}"
"""Stands before a storefront's paths, for clients that take a full URL and cannot do host names."""
_ALIAS = re.compile(r"/_sf/([a-z0-9]+)(?:-([0-9]{1,9}))?(?=/|$)", re.IGNORECASE)
TERRITORY = ("/stores/", "/_sf/")
"""Where nobody else is asked, whatever the host: the REST API's paths, and the aliases."""
_API_PATH = re.compile(r"/stores/([^/]+)(?=/|$)")
_BELOW_ALIASES = "/_sf/"
_GRAPHQL = "/graphql"
_PLACE = "bigcommerce.place"


class Named(NamedTuple):
    """What an address says of a storefront: its store by hash or host name, its channel, the alias if that says it."""

    store: str
    channel: int
    alias: str = ""


def paths(path: str) -> tuple[str, str]:
    """Where a storefront serves *path*: on its own host, and below its alias on any."""
    return path, ALIAS + path


def named(call: Call) -> Named | None:
    """The storefront that this call's address names, there or not; a host name of its own may be anybody's."""
    alias = _ALIAS.match(call.path)
    if alias:
        return Named(alias[1].lower(), _channel(alias[2]), alias[0])
    if call.path.startswith(_BELOW_ALIASES):
        return Named("", 0)
    host = STORE_HOST.match(_host(call))
    return Named(host[1].lower(), _channel(host[2])) if host else None


def addressed(call: Call) -> tuple[str, ...]:
    """The names of stores that an address carries: a hash in host or path, or a host name of the store's own."""
    api = _API_PATH.match(call.path)
    if api:
        return (api[1],)
    found = named(call)
    return (found.store if found else _host(call),)


def is_api(call: Call) -> bool:
    """Whether it is the REST API that is called, by its path."""
    return _API_PATH.match(call.path) is not None


def is_storefront(call: Call) -> bool:
    """Whether it is a storefront that is called, by its host, its alias, or the path that all of them have."""
    return not is_api(call) and (named(call) is not None or call.path == _GRAPHQL)


def check_address(case: Case) -> None:
    """Refuse a call whose address names a store or a storefront that is not there: before path and method count."""
    api = _API_PATH.match(case.call.path)
    if api:
        stores = case.sandbox.get(BigCommerceRecords).stores
        case.require(api[1] in stores, "store.unknown", seen=api[1], wanted=list(stores))
    elif case.call.path == _GRAPHQL or named(case.call):
        place_of(case)


def place_of(case: Case) -> Place:
    """The storefront that a call is for. Refuses an unknown one, and a channel without a site."""
    known: Place | None = case.call.memo.get(_PLACE)
    if known is None:
        known = case.call.memo[_PLACE] = _found(case)
    return known


def _found(case: Case) -> Place:
    stores = case.sandbox.get(BigCommerceRecords).stores
    asked = named(case.call)
    host = _host(case.call)
    store = stores.get(asked.store) if asked else _of_its_own(stores.values(), host)
    channel = store.channel(asked.channel if asked else DEFAULT_CHANNEL) if store else None
    seen = f"{asked.store}-{asked.channel}" if asked else host
    if store is None or channel is None or not channel.has_site:
        case.note("store.unknown", passed=False, seen=seen, wanted="a store's channel that has a site")
        raise Refusal("store.unknown", hint=_hint(store))
    case.note("store.unknown", passed=True, seen=seen)
    return Place(store, channel, case.base_url.rstrip("/") + (asked.alias if asked else ""))


def _hint(store: Store | None) -> str:
    if store is None:
        return "call store-{hash}[-{channel}].<any suffix>, a host name of the store's, or /_sf/{hash}-{channel}/..."
    return f"store {store.id} has sites at channels {[each.id for each in store.channels if each.has_site]}"


def _of_its_own(stores: Iterable[Store], host: str) -> Store | None:
    return next((store for store in stores if host in store.vanity_hosts), None)


def _host(call: Call) -> str:
    host = call.headers.get("Host")
    return (urlsplit(call.base_url).netloc if host is None else host).partition(":")[0].lower()


def _channel(digits: str | None) -> int:
    return int(digits) if digits else DEFAULT_CHANNEL
