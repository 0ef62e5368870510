"""An emulator on a socket, as the clients of other people meet it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import Headers

from mockserver import Emulator, Settings
from tests.support.wire import Got

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.support.contract import Contract


@contextmanager
def served(contract: Contract, vendor: str = "ingrid", **settings: Any) -> Iterator[Emulator]:
    """An emulator of this vendor on the machine's time, since its clients sign by theirs.

    In the end each of its answers is held against the documents; a bug of ours that it met fails the test.
    """
    with Emulator(Settings(port=0, vendors=(vendor,), **settings)) as emulator:
        yield emulator
    for sandbox in emulator.sandboxes:
        assert sandbox.failures == []
        for exchange in sandbox.journal:
            reply = exchange.reply
            got = Got(reply.status, Headers([*reply.headers, ("X-Mock-Reason", exchange.reason)]), reply.body)
            contract.check(exchange.call.method, exchange.call.path, got)


def environment(emulator: Emulator) -> Mapping[str, str]:
    """The variables that an integrator of its one vendor reads, pointing at this emulator."""
    (vendor,) = emulator.vendors
    return emulator.environment(vendor)


def outcomes(emulator: Emulator) -> list[tuple[str, int, str]]:
    """What was called so far: operation, status and reason, preflights left out."""
    return [
        (exchange.operation, exchange.reply.status, exchange.reason)
        for exchange in emulator.sandbox.journal
        if not exchange.preflight
    ]
