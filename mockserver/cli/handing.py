"""What an integrator starts with: variables to configure, assertions to send."""

from __future__ import annotations

import json
import shlex
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.settled import UnusableError, emulator_for, usable, with_settings
from mockserver.yamltext import FileError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


@click.command()
@click.argument("vendor", required=False)
@click.option("--url", help="Where the emulator is called, if not where it listens by default.")
@with_settings
def env(vendor: str | None, url: str | None, **flags: Any) -> None:
    """Print export lines in the names that integrators use: eval "$(mockserver env ingrid)"."""
    emulator = emulator_for(flags if vendor is None else {**flags, "vendors": vendor})
    with usable():
        for each in emulator.vendors:
            for name, value in emulator.environment(each, url).items():
                click.echo(f"export {name}={shlex.quote(value)}")


@click.command("assert")
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

    emulator = emulator_for({**flags, "vendors": "ingrid"})
    with usable():
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
