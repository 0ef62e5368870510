"""The rows of the table, in groups that can be run each for itself."""

from __future__ import annotations

from contextlib import ExitStack
from http.client import HTTPConnection
from itertools import count
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from mockserver import Emulator, Settings

from . import baseline, calls, peers
from .figures import Baseline, Budget, Figure
from .filled import fill
from .load import HOST, Rounds, drive
from .programs import Program, free_port, python, resident

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .load import Target
    from .peers import Peers

    Group = Callable[[Peers | None], Iterator[Figure]]

STARTS = 7
ROUNDS = 5
SANDBOXES = 10_000
ROUND_SECONDS = 1.2
WARM_UP_CALLS = 1_500
MIB, KIB = 2**20, 2**10
STATIC = "static JSON"


def starts(others: Peers | None) -> Iterator[Figure]:
    """Process start to the first good answer, and to the first token."""
    programs: dict[str, Callable[[], float]] = {
        "static": lambda: _start(python("benchmarks.baseline"), calls.static),
        "ready": lambda: _start(emulator(), calls.ready),
        "token": lambda: _start(emulator(), calls.mint_service_token),
    }
    if others:
        mock, provider = peers.OAUTH2_MOCK_SERVER, peers.OIDC_PROVIDER
        programs |= {
            "rsa": lambda: _start(others.oauth2_mock_server(own_key=True), lambda port: peers.mint(mock, port)),
            "p256": lambda: _start(others.oauth2_mock_server(), lambda port: peers.mint(mock, port)),
            "provider": lambda: _start(others.oidc_provider(), lambda port: peers.mint(provider, port)),
        }
    for start in programs.values():
        start()  # the first one of each writes byte code and fills the file cache
    taken = _in_turn(programs, STARTS)
    yield Figure("start to first 200", taken["ready"], "ms", Baseline(STATIC, taken["static"]))
    yield Figure(
        "start to first token",
        taken["token"],
        "ms",
        Baseline("oauth2-mock-server, RSA", taken.get("rsa")),
        Budget("≤", 0.9, is_ratio=True),
    )
    yield Figure("start to first token", taken["token"], "ms", Baseline("oauth2-mock-server, P-256", taken.get("p256")))
    yield Figure("start to first token", taken["token"], "ms", Baseline("oidc-provider", taken.get("provider")))


def rates(others: Peers | None) -> Iterator[Figure]:
    """Calls in a second and their latency, everything under the same load in turn."""
    with ExitStack() as stack:
        static = stack.enter_context(serving(python("benchmarks.baseline"), calls.static))
        ours = stack.enter_context(serving(emulator(), calls.ready))
        targets = {
            STATIC: calls.static(static.port),
            "mint": calls.mint_service_token(ours.port),
            "site token": calls.mint_site_token(ours.port),
            "bearer": calls.use_site_token(ours.port),
            "query": calls.query(ours.port),
            "new queries": calls.new_queries(ours.port),
        }
        if others:
            mock, provider = others.oauth2_mock_server(), others.oidc_provider()
            for name, peer in ((peers.OAUTH2_MOCK_SERVER, mock), (peers.OIDC_PROVIDER, provider)):
                targets[name] = peers.mint(name, peer.port)
                stack.enter_context(peer)
                peer.answers(targets[name])
            targets["userinfo"] = peers.userinfo(mock.port)
        measured, ceiling = _loaded(targets)
    yield from _rate_rows(measured, ceiling)


def memory(others: Peers | None) -> Iterator[Figure]:
    """Resident memory after the start, under load, and by token."""
    del others
    with serving(python("benchmarks.baseline"), calls.static) as static:
        bare = static.resident()
    with serving(emulator(), calls.ready) as ours:
        first = ours.resident()
        mint = calls.mint_service_token(ours.port)
        drive(mint, calls=5_000)  # the journal is full after 1,000
        steady = ours.resident()
        drive(mint, calls=20_000)
        loaded = ours.resident()
    yield Figure("memory after start", first / MIB, "MiB", Baseline(STATIC, bare / MIB), Budget("≤", 60))
    yield Figure("memory after 25,000 mints", loaded / MIB, "MiB", Baseline("after start", first / MIB))
    yield Figure("memory of 5,000 tokens and a full journal", (steady - first) / MIB, "MiB")
    yield Figure("memory by live token", (loaded - steady) / 20_000 / KIB, "KiB", None, Budget("≤", 1))


def many_tokens(others: Peers | None) -> Iterator[Figure]:
    """The rate with 200,000 live tokens against the rate with a few thousand."""
    del others
    with ExitStack() as stack:
        fresh = stack.enter_context(serving(python("benchmarks.filled"), calls.ready))
        full = stack.enter_context(serving(python("benchmarks.filled", "--tokens", "200000"), calls.ready))
        targets = {
            "mint, fresh": calls.mint_service_token(fresh.port),
            "mint, full": calls.mint_service_token(full.port),
            "bearer, fresh": calls.use_site_token(fresh.port),
            "bearer, full": calls.use_site_token(full.port),
        }
        for target in targets.values():
            drive(target, calls=500)
        rounds = [{name: drive(target, calls=1_000) for name, target in targets.items()} for _ in range(2 * ROUNDS)]
    for name, text in (("mint", "mint"), ("bearer", "bearer-checked call")):
        few, many = (Rounds([each[f"{name}, {state}"] for each in rounds]) for state in ("fresh", "full"))
        against = Baseline("fresh", few.rate)
        yield Figure(f"{text}, 200,000 live tokens", many.rate, "/s", against, Budget("≥", 0.95, is_ratio=True))
        yield Figure(
            f"{text}, 200,000 live tokens, p99", many.percentile(0.99), "ms", Baseline("fresh", few.percentile(0.99))
        )


def embedded(others: Peers | None) -> Iterator[Figure]:
    """What a test fixture does: start in a thread, one request, stop; new sandboxes; resets."""
    del others
    _fixture()  # imports
    yield Figure("fixture: start, one request, stop", _median(_fixture, 20), "ms", None, Budget("≤", 60))
    emulator_ = Emulator(Settings(port=0))
    sandboxes = emulator_.sandboxes
    names = (f"sandbox-{number}" for number in count())

    def make() -> None:
        name = next(names)
        sandboxes.create(name, emulator_.world(name))

    yield Figure("new sandbox, with credentials", _median(lambda: _timed(make), 300), "ms", None, Budget("≤", 2))
    before = resident()
    for _ in range(SANDBOXES):
        make()
    yield Figure("memory by sandbox, of 10,000", (resident() - before) / SANDBOXES / KIB, "KiB")
    for tokens, repeats in ((0, 300), (1_000, 30), (200_000, 3)):

        def reset(tokens: int = tokens) -> float:
            fill(sandboxes.default, tokens)
            return _timed(lambda: sandboxes.reset("default"))

        yield Figure(f"reset of {tokens:,} tokens", _median(reset, repeats), "ms", None, Budget("≤", 1))


def ends(others: Peers | None) -> Iterator[Figure]:
    """SIGTERM to exit, idle."""
    del others
    stops: dict[str, Callable[[], float]] = {
        "static": lambda: _end(python("benchmarks.baseline"), calls.static),
        "ours": lambda: _end(emulator(), calls.ready),
    }
    taken = _in_turn(stops, STARTS)
    yield Figure("SIGTERM to exit, idle", taken["ours"], "ms", Baseline(STATIC, taken["static"]), Budget("≤", 200))


def over_grpc(others: Peers | None) -> Iterator[Figure]:
    """Token calls in a second over gRPC; and what gRPC adds to start and memory."""
    del others
    from .echo import Load  # noqa: PLC0415  (grpcio is loaded by those who measure it)

    with ExitStack() as stack:
        echo = stack.enter_context(python("benchmarks.echo"))
        port = free_port()
        ours = stack.enter_context(serving(emulator(str(port)), calls.live))
        bare, tokens = Load(echo.port), Load(port)
        for load in (bare, tokens):
            stack.callback(load.close)
            load.rate(WARM_UP_CALLS)
        first = ours.resident()
        rounds = [(bare.rate(2_000), tokens.rate(2_000)) for _ in range(ROUNDS)]
    echoed, minted = (median(each) for each in zip(*rounds, strict=True))
    yield Figure("token over gRPC", minted, "/s", Baseline("bare grpcio echo", echoed))
    yield Figure("memory with gRPC, after 1,500 calls", first / MIB, "MiB", None, Budget("≤", 75))
    programs: dict[str, Callable[[], float]] = {
        "off": lambda: _start(emulator(), calls.ready),
        "on": lambda: _start(emulator(str(free_port())), calls.live),
        "call": _first_call,
    }
    taken = _in_turn(programs, STARTS)
    yield Figure("start to first 200, gRPC starting beside", taken["on"], "ms", Baseline("without", taken["off"]))
    yield Figure("start to first gRPC answer", taken["call"], "ms", Baseline("first 200 without", taken["off"]))


GROUPS: dict[str, Group] = {
    "starts": starts,
    "rates": rates,
    "memory": memory,
    "tokens": many_tokens,
    "embedded": embedded,
    "ends": ends,
    "grpc": over_grpc,
}


def emulator(grpc_port: str = "") -> Program:
    """The emulator as users start it, without gRPC unless it is given a port."""
    return python("mockserver", "serve", "--grpc-port", grpc_port)


def _first_call() -> float:
    from .echo import Load  # noqa: PLC0415  (as above)

    port = free_port()
    with emulator(str(port)) as program:
        Load(port).close()
        return (perf_counter() - program.began) * 1e3


def serving(program: Program, target_at: Callable[[int], Target]) -> Program:
    """The same program, once it answers. One that does not is ended."""
    try:
        program.answers(target_at(program.port))
    except BaseException:
        program.end()
        raise
    return program


def _loaded(targets: dict[str, Target]) -> tuple[dict[str, Rounds], float]:
    for target in targets.values():
        drive(target, calls=WARM_UP_CALLS)
    ceilings, rounds = [], []
    for _ in range(ROUNDS):
        ceilings.append(baseline.crypto_ceiling())
        rounds.append({name: drive(target, seconds=ROUND_SECONDS) for name, target in targets.items()})
    return {name: Rounds([each[name] for each in rounds]) for name in targets}, median(ceilings)


def _rate_rows(measured: dict[str, Rounds], ceiling: float) -> Iterator[Figure]:
    def rate_of(name: str) -> Baseline:
        return Baseline(name, measured[name].rate if name in measured else None)

    static, mint, bearer = measured[STATIC], measured["mint"], measured["bearer"]
    mock, provider = peers.OAUTH2_MOCK_SERVER, peers.OIDC_PROVIDER
    provider_p99 = measured[provider].percentile(0.99) if provider in measured else None
    yield Figure("static JSON, same server", static.rate, "/s")
    yield Figure("RS256 verify + ES256 sign, alone", ceiling, "/s")
    yield Figure("mint", mint.rate, "/s", rate_of(STATIC))
    yield Figure("mint", mint.rate, "/s", Baseline("crypto ceiling", ceiling))
    yield Figure("mint", mint.rate, "/s", rate_of(mock), Budget("≥", 1.5, is_ratio=True))
    yield Figure("mint", mint.rate, "/s", rate_of(provider))
    yield Figure("mint, p50", mint.percentile(0.5), "ms", Baseline(STATIC, static.percentile(0.5)))
    yield Figure(
        "mint, p99", mint.percentile(0.99), "ms", Baseline(provider, provider_p99), Budget("≤", 0.6, is_ratio=True)
    )
    yield Figure("site token", measured["site token"].rate, "/s", rate_of(STATIC))
    yield Figure("site token, p99", measured["site token"].percentile(0.99), "ms")
    yield Figure("bearer-checked call", bearer.rate, "/s", rate_of(STATIC))
    yield Figure("bearer-checked call", bearer.rate, "/s", rate_of("userinfo"), Budget("≥", 1, is_ratio=True))
    yield Figure("bearer-checked call, p99", bearer.percentile(0.99), "ms")
    yield Figure("/graphql, a known document", measured["query"].rate, "/s", Baseline("bearer", bearer.rate))
    yield Figure(
        "/graphql, new documents", measured["new queries"].rate, "/s", Baseline("known", measured["query"].rate)
    )


def _start(program: Program, target_at: Callable[[int], Target]) -> float:
    with program:
        return program.answers(target_at(program.port))


def _end(program: Program, target_at: Callable[[int], Target]) -> float:
    with serving(program, target_at):
        return program.stop()


def _fixture() -> float:
    began = perf_counter()
    with Emulator(Settings(port=0)) as emulator_:
        connection = HTTPConnection(HOST, int(emulator_.url.rpartition(":")[2]))
        connection.request("POST", "/ingrid/v1/delivery/options", b"{}")
        if connection.getresponse().status != 401:
            raise RuntimeError("a call without a token was not refused")
        connection.close()
    return (perf_counter() - began) * 1e3


def _in_turn(measures: dict[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    taken = [{name: measure() for name, measure in measures.items()} for _ in range(rounds)]
    return {name: median(each[name] for each in taken) for name in measures}


def _median(measure: Callable[[], float], repeats: int) -> float:
    return median(measure() for _ in range(repeats))


def _timed(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return (perf_counter() - began) * 1e3
