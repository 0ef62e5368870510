"""`mockserver exec`: a command beside an emulator of its own."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys

import pytest

from .commands import COMMAND, PATIENCE, environ, run

SHOW_URL = "import os; print(os.environ['MOCKSERVER_URL'])"


def test_the_command_has_what_it_needs_in_its_environment():
    code = (
        "import os, requests\n"
        "from mockserver.client import Mockserver\n"
        "with Mockserver(os.environ['MOCKSERVER_URL']) as server:\n"
        "    token = server.default.tokens.issue('ingrid')\n"
        "url = os.environ['MERCHANTS_API_BASE'] + '/v1/delivery/options'\n"
        "print(requests.post(url, json={}, headers={'Authorization': 'Bearer ' + token}).status_code)\n"
        "print(os.environ['SERVICE_ACCOUNT_ID'], 'PRIVATE KEY' in os.environ['SERVICE_ACCOUNT_PRIVATE_KEY'])\n"
    )

    ended = run("exec", "--", sys.executable, "-c", code)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "200\nsa_demo True\n", "")


def test_another_command_of_ours_finds_the_emulator():
    ended = run("exec", "--", *COMMAND, "clock", "set", "2030-01-01T00:00:00Z", "--freeze")

    assert (ended.returncode, ended.stdout.partition(",")[0]) == (0, "2030-01-01T00:00:00Z")


def test_the_command_gets_its_own_flags_and_the_standard_input():
    ended = run("exec", sys.executable, "-c", "import sys; print(sys.argv[1:], input())", "--port", "-h", stdin="hi\n")

    assert ended.stdout == "['--port', '-h'] hi\n"


def test_the_port_is_free_unless_the_settings_say_one():
    show = ("--", sys.executable, "-c", SHOW_URL)
    with socket.socket() as reserved:
        # Bound and not listening, it can be had by whoever asks for it by number, and by nobody who takes any.
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]

        chosen, said = run("exec", *show), run("exec", *show, MOCKSERVER_PORT=str(port))
        flag = run("exec", "--port", str(port), *show)

    assert said.stdout == flag.stdout == f"http://127.0.0.1:{port}\n"
    assert chosen.stdout not in (said.stdout, "http://127.0.0.1:8080\n")


def test_the_command_can_use_a_guarded_emulator():
    ended = run("exec", "--admin-token", "open-sesame", "--", *COMMAND, "clock")

    assert ended.returncode == 0


@pytest.mark.parametrize("code", [0, 7])
def test_the_exit_code_is_the_commands(code):
    assert run("exec", "--", sys.executable, "-c", f"raise SystemExit({code})").returncode == code


def test_a_command_that_a_signal_ended_is_told_as_shells_do():
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"

    assert run("exec", "--", sys.executable, "-c", code).returncode == 128 + signal.SIGKILL


def test_a_command_that_is_not_there_is_one_line_and_127():
    ended = run("exec", "--", "no-such-command", "x")

    assert (ended.returncode, ended.stderr) == (127, "mockserver: exec: 'no-such-command' is not found\n")


def test_a_command_that_is_no_program_is_one_line_and_126(tmp_path):
    ended = run("exec", "--", str(tmp_path))

    assert (ended.returncode, ended.stderr) == (
        126,
        f"mockserver: exec: '{tmp_path}' cannot be run: Permission denied\n",
    )


def test_a_taken_port_is_one_line_and_exit_2():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = run("exec", "--port", str(port), "--", "true")

    assert ended.returncode == 2
    assert ended.stderr == (
        f"mockserver: cannot listen on 127.0.0.1:{port}: Address already in use; --port takes another\n"
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_is_passed_on_to_the_command(number):
    code = (
        "import signal, sys\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(9))\n"
        "print('ready', flush=True)\n"
        "while True: signal.pause()\n"
    )
    with subprocess.Popen(
        [*COMMAND, "exec", "--", sys.executable, "-c", code],
        env=environ(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        ready = process.stdout.readline()
        process.send_signal(number)

        assert (ready, process.wait(PATIENCE)) == ("ready\n", 9)


def test_a_signal_that_was_ignored_stays_ignored():
    code = "import signal; print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)"
    command = ["nohup", *COMMAND, "exec", "--", sys.executable, "-c", code]

    ended = subprocess.run(command, env=environ(), capture_output=True, text=True, timeout=PATIENCE, check=True)

    assert ended.stdout == "True\n"


def test_port_is_for_the_command_and_not_for_the_emulator():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        ended = run("exec", "--", sys.executable, "-c", f"{SHOW_URL}; print(os.environ['PORT'])", PORT=port)

    assert ended.returncode == 0, ended.stderr
    url, kept = ended.stdout.split()
    assert (kept, url.endswith(f":{port}")) == (port, False)


class TestOverTls:
    SHOW = (
        "import os, ssl, urllib.request as r\n"
        "context = ssl.create_default_context(cafile=os.environ['MOCKSERVER_CA_FILE'])\n"
        "print(r.urlopen(os.environ['MOCKSERVER_TLS_URL'] + '/_mock/health/ready', context=context).status)\n"
        "print(open(os.environ['NODE_EXTRA_CA_CERTS']).read().count('BEGIN CERTIFICATE'))\n"
    )

    def test_the_command_finds_whom_to_trust(self):
        ended = run("exec", "--tls", "auto", "--", sys.executable, "-c", self.SHOW, NODE_EXTRA_CA_CERTS="")

        assert (ended.stdout, ended.stderr) == ("200\n1\n", "")

    def test_what_node_trusts_already_it_goes_on_to_trust(self, tmp_path):
        (tmp_path / "before.pem").write_text("-----BEGIN CERTIFICATE-----")
        before = {"NODE_EXTRA_CA_CERTS": str(tmp_path / "before.pem")}

        ended = run("exec", "--tls", "auto", "--", sys.executable, "-c", self.SHOW, **before)

        assert (ended.stdout, ended.stderr) == ("200\n2\n", "")

    def test_another_command_of_ours_does_not_take_them_for_settings(self):
        ended = run("exec", "--tls", "auto", "--", *COMMAND, "clock")

        assert ended.returncode == 0
