"""The server: reflection, health, limits, ports, an orderly end; and many callers at once."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread, active_count

import grpc
import pytest
import requests

from mockserver import Emulator, Settings
from mockserver.core.rules import Rule, Then, When
from mockserver.doors import CannotListenError
from mockserver.rpc import door
from tests.rpc.conftest import NEW, PAYPAL
from tests.rpc.test_calls import _until
from tests.support.rpc import Line

COMMAND = [sys.executable, "-m", "mockserver"]
PATIENCE = 30


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_reflection_finds_files_symbols_methods_and_fields(served, version):
    with Line(served.rpc_address(), version) as line:
        for symbol in (
            "types.MerchantAuthenticationService",
            "types.MerchantAuthenticationService.CreateServerAuthenticationToken",
            "types.SecretString",
            "types.SecretString.value",
            "types.STRIPE",
            "grpc.health.v1.Health",
            f"grpc.reflection.{version}.ServerReflection",
        ):
            assert line.describe(symbol), symbol
        named = line.ask(file_by_filename="mock/types_common.proto")
        missing = line.ask(file_containing_symbol="no.such.thing")
        absent = line.ask(file_by_filename="nothing.proto")
        extensions = line.ask(all_extension_numbers_of_type="types.SecretString")

    assert len(named.file_descriptor_response.file_descriptor_proto) > 1
    assert {each.error_response.error_code for each in (missing, absent, extensions)} == {5}


def test_reflection_gives_json_names(line):
    line.describe("types.PaymentService")
    line.describe("ucs.v2.MerchantAuthenticationService")
    strict = line.pool.FindMessageTypeByName("types.PaymentServiceGetRequest")
    docs = line.pool.FindMessageTypeByName("ucs.v2.MerchantAuthenticationServiceCreateAccessTokenResponse")

    assert strict.fields_by_name["connector_transaction_id"].json_name == "connectorTransactionId"
    assert docs.fields_by_name["access_token"].json_name == "access_token"


def test_an_open_reflection_stream_keeps_nobody_waiting(served, line):
    holding = [Line(served.rpc_address()) for _ in range(8)]
    streams = [_open_stream(each) for each in holding]

    got = line.call(NEW, {}, PAYPAL, timeout=PATIENCE)

    assert got.code == "OK"
    for each, stream in zip(holding, streams, strict=True):
        stream.cancel()
        each.channel.close()


def _open_stream(line):
    call = line.channel.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
    return call(_never(), timeout=PATIENCE)


def _never():
    Event().wait(PATIENCE)
    yield b""


def test_a_watcher_of_health_is_told_once_and_stays(line):
    call = line.channel.unary_stream("/grpc.health.v1.Health/Watch")
    watched = call(b"", timeout=PATIENCE)

    first = next(watched)

    assert first == b"\x08\x01"
    assert watched.is_active()
    watched.cancel()


def test_a_message_of_four_mebibytes_is_too_large(line):
    assert line.raw(f"/{NEW}", b"\x00" * (4 * 1024 * 1024 + 1), PAYPAL).code == "RESOURCE_EXHAUSTED"


def test_unknown_fields_are_ignored(line):
    assert line.raw(f"/{NEW}", b"\xfa\x3f\x03abc", PAYPAL).code == "OK"


def test_four_hundred_delayed_calls_keep_nobody_waiting(served, line):
    slow = [("x-connector-config", PAYPAL[0][1].replace('"id"', '"slow"'))]
    then = Then(delay=timedelta(minutes=10))
    served.sandbox.rules.add(Rule(When(credential="slow"), then))
    method = line.channel.unary_unary(f"/{NEW}")
    calls = [method.future(b"", metadata=slow, timeout=600) for _ in range(400)]
    _until(lambda: len(served.sandbox.journal) == 400)

    got = line.call(NEW, {}, PAYPAL, timeout=PATIENCE)
    over_http = requests.get(f"{served.url}/_mock/health/ready", timeout=PATIENCE)
    for call in calls:
        call.cancel()

    assert (got.code, over_http.status_code) == ("OK", 200)
    _until(lambda: len(served.sandbox.tokens) == 1)
    _until(lambda: active_count() < 100)


def test_a_taken_port_is_told_at_once():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        emulator = Emulator(Settings(port=0, grpc_port=(port,)))

        with pytest.raises(CannotListenError) as told:
            emulator.start()

    assert (told.value.setting, told.value.port) == ("grpc_port", port)


def test_a_taken_port_is_one_line_and_exit_2():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [*COMMAND, "serve", "--port", "0", "--grpc-port", str(port)],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        f"mockserver: cannot listen on 127.0.0.1:{port}: Address already in use; --grpc-port takes another"
    ]


def test_the_port_opens_when_it_is_ready():
    with Emulator(Settings(port=0)) as emulator:
        host, port = emulator.rpc_address(wanted=False).split(":")

        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), PATIENCE)
        with pytest.raises(OSError, match="in use"):
            socket.create_server((host, int(port)))

        with Line(emulator.rpc_address()) as line:
            assert line.call(NEW, {}, PAYPAL).code == "OK"


def test_nobody_else_gets_the_port(served):
    host, port = served.rpc_address().split(":")

    with pytest.raises(OSError, match="in use"):
        socket.create_server((host, int(port)))


def test_an_embedded_emulator_starts_grpc_when_somebody_asks_where_it_is():
    with Emulator(Settings(port=0)) as emulator:
        before = emulator._doors._rpc._server
        address = emulator.environment("hyperswitch")["HYPERSWITCH_GRPC_ENDPOINT"]
        with Line(address) as line:
            got = line.call(NEW, {}, PAYPAL)

    assert before is None
    assert got.code == "OK"


def test_an_emulator_starts_and_stops_again_and_again():
    emulator = Emulator(Settings(port=0, grpc_port=(0,)))
    for _ in range(3):
        with emulator, Line(emulator.rpc_address()) as line:
            assert line.call(NEW, {}, PAYPAL).code == "OK"


def test_no_port_and_it_is_off():
    with Emulator(Settings(port=0, grpc_port=())) as emulator:
        told = emulator.environment("hyperswitch")
        version = requests.get(f"{emulator.url}/_mock/version", timeout=PATIENCE).json()
        ready = requests.get(f"{emulator.url}/_mock/health/ready", timeout=PATIENCE)

    assert "HYPERSWITCH_GRPC_ENDPOINT" not in told
    assert (version["listens"].get("grpc"), ready.status_code) == (None, 200)


def test_vendors_that_speak_http_only_hold_no_port():
    with Emulator(Settings(port=0, vendors=("ingrid",), grpc_port=(0,))) as emulator:
        assert emulator.rpc_address() == ""
        assert emulator.rpc_problem == ""


def test_without_grpcio_http_is_served_and_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(door, "NEEDED", ("no_such_package",))

    with Emulator(Settings(port=0, grpc_port=(0,))) as emulator:
        ready = requests.get(f"{emulator.url}/_mock/health/ready", timeout=PATIENCE)
        told = emulator.environment("hyperswitch")

    assert ready.status_code == 200
    assert "HYPERSWITCH_GRPC_ENDPOINT" not in told
    assert emulator.rpc_problem == "gRPC is off: the extra 'grpc' brings it"


def test_it_is_not_ready_before_grpc_is(monkeypatch):
    monkeypatch.setattr(door.Door, "open_soon", lambda _: None)
    monkeypatch.setattr(door.Door, "open", lambda _: None)

    with Emulator(Settings(port=0, grpc_port=(0,))) as emulator:
        ready = requests.get(f"{emulator.url}/_mock/health/ready", timeout=PATIENCE)
        live = requests.get(f"{emulator.url}/_mock/health/live", timeout=PATIENCE)

    assert (ready.status_code, live.status_code) == (503, 200)


def test_what_is_in_flight_ends_when_it_stops(served, line):
    served.sandbox.rules.add(Rule(When(), Then(delay=timedelta(milliseconds=100)), times=1))
    served.sandbox.rules.add(Rule(When(), Then(delay=timedelta(minutes=10)), after=1))
    method = line.channel.unary_unary(f"/{NEW}")
    line.encoded(NEW, {})
    soon = method.future(b"", metadata=PAYPAL, timeout=PATIENCE)
    _until(lambda: len(served.sandbox.journal) == 1)
    late = method.future(b"", metadata=PAYPAL, timeout=PATIENCE)
    _until(lambda: len(served.sandbox.journal) == 2)

    served.stop()

    assert soon.code() is grpc.StatusCode.OK
    assert late.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


@pytest.fixture
def program():
    """`mockserver serve` on free ports, in a process of its own: the process, its URL and where gRPC is."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER")}
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ
    ) as process:
        url = re.search(r" on (http://\S+)", process.stdout.readline())[1]
        address = re.search(r"gRPC on (\S+)", process.stdout.readline())[1]
        # Somebody must read the line that each call prints, or they pile up.
        Thread(target=process.stdout.read, daemon=True).start()
        _until(lambda: requests.get(f"{url}/_mock/health/ready", timeout=PATIENCE).status_code == 200)
        yield process, url, address
        process.kill()
        process.wait(PATIENCE)


def test_a_signal_ends_both_sides(program):
    process, _url, address = program
    with Line(address) as line:
        assert line.call(NEW, {}, PAYPAL).code == "OK"
        watched = line.channel.unary_stream("/grpc.health.v1.Health/Watch")(b"", timeout=PATIENCE)
        next(watched)

        process.send_signal(signal.SIGTERM)

        assert process.wait(PATIENCE) == 0
    assert process.stderr.read() == ""


def test_health_is_asked_by_the_command(program):
    _, url, _ = program
    port = url.rpartition(":")[2]

    ended = subprocess.run(
        [*COMMAND, "healthcheck", "--port", port], capture_output=True, timeout=PATIENCE, check=False
    )

    assert ended.returncode == 0


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc")
def test_ten_thousand_calls_leave_memory_as_it_was(program):
    process, _, address = program
    with Line(address) as line, ThreadPoolExecutor(4) as pool:
        data = line.encoded(NEW, {})

        def refused(_):
            return line.raw(f"/{NEW}", data).code

        codes = set(pool.map(refused, range(3_000)))
        warm = _resident(process.pid)
        codes |= set(pool.map(refused, range(10_000)))

        assert codes == {"INVALID_ARGUMENT"}
        assert _resident(process.pid) - warm < 4 * 1024 * 1024


def _resident(pid):
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
