"""Exchanges and checks in words, for people who read them in a terminal or under a failing test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.client.journal import Exchange
    from mockserver.client.wire import Members


def line(exchange: Exchange) -> str:
    """When, which, what was asked, what was answered, and why."""
    why = f" {exchange.reason}" if exchange.reason else ""
    bug = " (a bug in mockserver)" if exchange.outcome == "failed" else ""
    where = f"{exchange.vendor}: " if exchange.vendor else ""
    return f"{exchange.at:%H:%M:%S} {exchange.id} {where}{exchange.method} {exchange.path} {exchange.status}{why}{bug}"


def why(entry: Members) -> list[str]:
    """The hint of a refused exchange, the checks that it failed, and the rules that had a hand in it."""
    explanation = entry["explanation"]
    lines = [explanation["hint"]] if explanation["hint"] else []
    lines += [checked(check) for check in explanation["checks"] if not check["passed"]]
    if entry["rules"]:
        lines.append(f"touched by {', '.join(entry['rules'])}")
    return lines


def whole(entry: Members) -> Iterator[str]:
    """Everything that is told of an exchange."""
    explanation = entry["explanation"]
    yield f"{entry['at']} {entry['id']} {entry['operation'] or entry['vendor'] or 'no vendor'}"
    yield from _message(f"{entry['request']['method']} {entry['request']['url']}", entry["request"])
    yield from _message(f"{entry['status']} {entry['reason']}".rstrip(), entry["response"])
    yield explanation["meaning"] + (f": {explanation['hint']}" if explanation["hint"] else "")
    yield from (f"  {verdict(check)}" for check in explanation["checks"])
    yield f"  {explanation['cors']}"
    yield from (f"finding: {finding['reason']}: {finding['hint']}" for finding in entry["findings"])
    if entry["rules"]:
        yield f"touched by {', '.join(entry['rules'])}"


def explained(answer: Members) -> Iterator[str]:
    """What each operation would say of a token or an assertion."""
    for result in answer["results"]:
        said = "accepted" if result["accepted"] else f"refused, {result['reason']}"
        yield f"{result['operation']}: {said}: {result['hint'] or result['meaning']}"
        yield from (f"  {verdict(check)}" for check in result["checks"])


def verdict(check: Members) -> str:
    """Whether a check passed, and what was compared."""
    return f"{'passed' if check['passed'] else 'FAILED'} {checked(check)}"


def checked(check: Members) -> str:
    """What a check compared, and the clause behind it."""
    name = f"{check['check']} ({check['claim']})" if check.get("claim") else check["check"]
    compared = [f"{word} {_shown(check[word])}" for word in ("seen", "wanted") if check[word] is not None]
    clause = f" [{check['clause']}]" if check["clause"] else ""
    return name + (f": {', '.join(compared)}" if compared else "") + clause


def _message(first: str, message: Members) -> Iterator[str]:
    yield first
    yield from (f"  {name}: {value}" for name, value in message["headers"])
    if message["body"]:
        yield f"  {_shown(message['body'])}"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
