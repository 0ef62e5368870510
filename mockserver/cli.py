"""The command line. What it cannot use, it says in one line that names the place, and exits with 2."""

from __future__ import annotations

import json
import shlex
import sys
from contextlib import contextmanager
from datetime import timedelta
from http import client as http
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from mockserver import __version__
from mockserver.calllog import CallLog
from mockserver.core.options import Switch, declarations
from mockserver.core.vendor import NothingToHandOutError
from mockserver.settings import Settings, environment_name, read
from mockserver.yamltext import FileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from mockserver.core.journal import Exchange
    from mockserver.core.vendor import Vendor
    from mockserver.emulator import Emulator

Command = Any


class UnusableError(click.ClickException):
    """Something the user gave cannot be used."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """One line for each problem, on standard error."""
        for line in self.message.splitlines():
            click.echo(f"mockserver: {line}", file=file or sys.stderr)


@contextmanager
def _usable() -> Iterator[None]:
    try:
        yield
    except (FileError, NothingToHandOutError) as error:
        raise UnusableError(str(error)) from None


def with_settings(command: Command) -> Command:
    """Give a command a flag for each setting; what it gets as `flags` is what was given."""
    for declared in reversed(list(declarations(Settings))):
        name = declared.name.replace("_", "-")
        shown = f"{declared.why} [{environment_name(declared.name)}]"
        flag = f"--{name}/--no-{name}" if isinstance(declared.kind, Switch) else f"--{name}"
        command = click.option(flag, declared.name, default=None, help=shown)(command)
    return command


def _emulator(flags: Mapping[str, Any], on_exchange: Callable[[Exchange], None] | None = None) -> Emulator:
    from mockserver.emulator import Emulator  # noqa: PLC0415  (a health check can do without)

    with _usable():
        return Emulator(read(flags), on_exchange=on_exchange)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mockserver")
def main() -> None:
    """Stand in, offline, for the merchant and identity backends that a token hand-off talks to.

    Start it with `serve`, which prints a first call to paste. Point your backend at it with
    `eval "$(mockserver env)"`. Sign an assertion, right or wrong, with `assert`.

    Settings: flags, then MOCKSERVER_<NAME>, then MOCKSERVER_CONFIG_JSON, then the file that MOCKSERVER_CONFIG
    names (or ./mockserver.yaml).
    """


@main.command()
@with_settings
def serve(**flags: Any) -> None:
    """Serve until SIGTERM or Ctrl-C; one line for each call, with the reason of every refusal."""
    log = CallLog(sys.stdout)
    emulator = _emulator(flags, on_exchange=log)
    try:
        server = emulator.bind(on_ready=lambda: click.echo(_welcome(emulator)))
    except OSError as error:
        settings = emulator.settings
        why = str(error.strerror).partition(" (while")[0]  # asyncio and socket repeat the address in there
        raise UnusableError(f"cannot listen on {settings.host}:{settings.port}: {why}; --port takes another") from None
    with log:
        server.run()


@main.command()
@click.argument("vendor", required=False)
@click.option("--url", help="Where the emulator is called, if not where it listens by default.")
@with_settings
def env(vendor: str | None, url: str | None, **flags: Any) -> None:
    """Print export lines in the names that integrators use: eval "$(mockserver env ingrid)"."""
    emulator = _emulator(flags if vendor is None else {**flags, "vendors": vendor})
    with _usable():
        for each in emulator.vendors:
            for name, value in emulator.environment(each, url).items():
                click.echo(f"export {name}={shlex.quote(value)}")


@main.command()
@click.option("--url", help="What to ask, if not the port of the settings on this machine.")
@with_settings
def healthcheck(url: str | None, **flags: Any) -> None:
    """Exit with 0 if the emulator on this machine is ready, else with 1."""
    with _usable():
        settings = read(flags)
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104  (compared, not bound)
    netloc = urlsplit(url if "//" in url else f"//{url}").netloc if url else f"{host}:{settings.port}"
    connection = http.HTTPConnection(netloc, timeout=2)
    try:
        connection.request("GET", "/_mock/health/ready")
        status = connection.getresponse().status
    except (OSError, http.HTTPException) as error:
        raise click.ClickException(f"{netloc} does not answer: {error}") from None
    if status != http.OK:
        raise click.ClickException(f"{netloc} answered {status}")


@main.command()
@click.argument("vendor", required=False)
@click.option(
    "--write", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Write a file per vendor here."
)
@with_settings
def openapi(vendor: str | None, write: Path | None, **flags: Any) -> None:
    """Print the OpenAPI document of VENDOR, or of all of them."""
    from mockserver.documents import documents, yaml_text  # noqa: PLC0415  (apispec is loaded on first use)

    emulator = _emulator(flags if vendor is None else {**flags, "vendors": vendor})
    if write is None:
        click.echo(yaml_text(emulator.openapi(emulator.url)), nl=False)
        return
    for name, text in documents(emulator.vendors).items():
        (write / name).write_text(text, encoding="utf-8")
        click.echo(write / name)


@main.group()
def scenario() -> None:
    """Check scenario files, and say what may stand in them."""


@scenario.command()
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Read FILE as `serve --scenario FILE` would, and say what is wrong: file, line, place."""
    emulator = _emulator({"scenario": str(file)})
    click.echo(f"{file}: ok, for {', '.join(vendor.name for vendor in emulator.vendors)}")


@scenario.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from mockserver.documents import scenario_document  # noqa: PLC0415  (apispec is loaded on first use)

    click.echo(json.dumps(scenario_document(), indent=2))


@main.command("assert")
@click.option("--sub", help="The service account; the demo one if not given.")
@click.option("--key", type=click.Path(path_type=Path), help="Its RSA private key, a PEM file; the demo account's.")
@click.option("--aud", help="The audience; the auth URL of this emulator if not given.")
@click.option(
    "--lifetime",
    type=click.IntRange(-(10**9), 10**9),
    default=60,
    show_default=True,
    help="Seconds until exp, negative for an expired one.",
)
@click.option("--claim", "claims", multiple=True, metavar="NAME=JSON", help="Another claim, as in nbf=2000000000.")
@click.option("--without", multiple=True, metavar="NAME", help="Leave a claim out: sub, iat, exp, aud.")
@click.option("--kid", help="The key id in the header.")
@click.option("--alg", help="What the header calls the algorithm; the signature stays RS256.")
@click.option("--body", is_flag=True, help="Print the whole request body: curl -H 'Content-Type: ...json' -d @- URL.")
@click.option("--url", help="Where the emulator is called, if not where it listens by default.")
@with_settings
def assertion(
    sub: str | None,
    key: Path | None,
    aud: str | None,
    lifetime: int,
    claims: tuple[str, ...],
    without: tuple[str, ...],
    kid: str | None,
    alg: str | None,
    body: bool,  # noqa: FBT001  (click passes everything by name)
    url: str | None,
    **flags: Any,
) -> None:
    """Sign a JWT-bearer assertion for Ingrid's auth URL, right or wrong: mockserver assert --lifetime -60."""
    from mockserver.core.assertions import GRANT, usual_claims  # noqa: PLC0415  (a health check can do without)
    from mockserver.core.keys import read_private_key, sign_rs256  # noqa: PLC0415

    emulator = _emulator({**flags, "vendors": "ingrid"})
    with _usable():
        demo = emulator.environment(emulator.vendors[0], url)
        private = _private_key(key) if key else read_private_key(demo["SERVICE_ACCOUNT_PRIVATE_KEY"])
    usual = usual_claims(
        sub or demo["SERVICE_ACCOUNT_ID"],
        aud or demo["MERCHANTS_AUTH_URL"],
        emulator.sandbox.clock.now(),
        timedelta(seconds=lifetime),
    )
    wanted = {name: value for name, value in usual.items() if name not in without}
    header = {name: value for name, value in {"kid": kid, "alg": alg}.items() if value}
    signed = sign_rs256({**wanted, **dict(map(_claim, claims))}, private, **header)
    click.echo(json.dumps({"grantType": GRANT, "assertion": signed}) if body else signed)


def _private_key(path: Path) -> RSAPrivateKey:
    from mockserver.core.keys import UnusableKeyError, read_private_key  # noqa: PLC0415

    try:
        return read_private_key(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, UnusableKeyError) as error:
        raise FileError(f"--key: {path}: {error}") from None


def _claim(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UnusableError(f"--claim: '{text}' is not NAME=JSON")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _welcome(emulator: Emulator) -> str:
    lines = [f"mockserver {__version__} on {emulator.url}", ""]
    for vendor in emulator.vendors:
        lines += [f"{vendor.title}, a first call:", "", _greeting(emulator, vendor), ""]
    lines += [f"Its documents: {emulator.url}/_mock/openapi.json   What happened: {emulator.url}/_mock/journal", ""]
    return "\n".join(lines)


def _greeting(emulator: Emulator, vendor: Vendor) -> str:
    try:
        return vendor.greeting(emulator.sandbox, f"{emulator.url}/{vendor.name}")
    except NothingToHandOutError as error:
        return f"# {error}"
