"""Golden exchanges: a request and its answer for every outcome of every operation, as files that other tools can read.

`python -m tests.support.golden` writes them anew; a test holds them against what is answered now.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mockserver import scenarios, shipped
from mockserver.core.jws import MalformedJwsError, parse
from mockserver.vendors import discover
from mockserver.web.stage import played

if TYPE_CHECKING:
    from mockserver.core.journal import Exchange
    from mockserver.core.vendor import Vendor

FOLDER = shipped.folder("fixtures") / "exchanges"
JWT = re.compile(r"eyJ[\w-]*\.eyJ[\w-]*\.[\w-]+")


def files(vendor: Vendor) -> dict[str, str]:
    """The exchanges of a vendor, one file for each operation and one line for each exchange."""
    world = scenarios.demo_world(discover())
    found: dict[str, list[str]] = {}
    for example in vendor.examples():
        exchange = played(vendor, example, world)
        name = example.operation.partition(".")[2]
        found.setdefault(f"{name}.json", []).append(json.dumps(told(exchange), ensure_ascii=False))
    return {name: "[\n" + ",\n".join(lines) + "\n]\n" for name, lines in found.items()}


def told(exchange: Exchange) -> dict[str, Any]:
    """A request and its answer, with the reason beside it."""
    call, reply = exchange.call, exchange.reply
    path = f"{call.path}?{call.query}" if call.query else call.path
    return {
        "reason": exchange.reason,
        "request": {"method": call.method, "path": path, **_message(tuple(call.headers), call.body)},
        "answer": {"status": reply.status, **_message(reply.headers, reply.body)},
    }


def comparable(text: str) -> str:
    """The same with header and claims of each JWT in place of its text: not every OpenSSL repeats a signature."""
    return JWT.sub(_decoded, text)


def _decoded(found: re.Match[str]) -> str:
    try:
        parsed = parse(found[0])
        return json.dumps([dict(parsed.header), parsed.claims()])
    except MalformedJwsError:
        return found[0]


def _message(headers: tuple[tuple[str, str], ...], body: bytes) -> dict[str, Any]:
    return {"headers": [list(pair) for pair in headers], "body": body.decode("utf-8", "backslashreplace")}


def write() -> None:
    """Write all files anew."""
    for vendor in discover():
        folder = FOLDER / vendor.name
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.json"):
            old.unlink()
        for name, text in files(vendor).items():
            (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
