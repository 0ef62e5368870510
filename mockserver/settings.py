"""Settings: read once, from flags, the environment, inline JSON and a file, in this order."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.core.options import (
    URL as ADDRESS,
)
from mockserver.core.options import (
    Declaration,
    Switch,
    Table,
    Text,
    Whole,
    Wholes,
    Words,
    choice,
    declarations,
    option,
    plain,
    switch,
)
from mockserver.yamltext import Document, FileError, read_file, read_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

PREFIX = "MOCKSERVER_"
CONFIG = f"{PREFIX}CONFIG"
CONFIG_JSON = f"{PREFIX}CONFIG_JSON"
URL, TLS_URL, CA_FILE = f"{PREFIX}URL", f"{PREFIX}TLS_URL", f"{PREFIX}CA_FILE"
"""Where those who talk to a running server find it, and whom they trust: no settings of the server's own."""
NO_SETTINGS = (CONFIG, CONFIG_JSON, URL, TLS_URL, CA_FILE)
DEFAULT_FILE = "mockserver.yaml"
GRPC_PORT = 8000


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server runs. Every one of them can be given by environment alone, as `MOCKSERVER_<NAME>`."""

    host: str = option("127.0.0.1", Text(), "address to listen on; loopback unless told otherwise")
    port: int = option(8080, Whole(0, 65535), "HTTP port; 0 takes a free one. PORT is honoured too")
    tls: str = choice(
        "off", "auto", "own", why="HTTPS beside HTTP: with a throw-away authority, or with your own files"
    )
    tls_port: int = option(8443, Whole(0, 65535), "HTTPS port, where tls is on; 0 takes a free one")
    tls_certificate: str | None = option(None, Text(), "PEM file with the certificate, and its chain, for tls: own")
    tls_key: str | None = option(None, Text(), "PEM file with its private key, without a password")
    grpc_port: tuple[int, ...] | None = option(
        None, Wholes(0, 65535), "gRPC ports; 0 takes a free one, as beside port 0; none at all is off"
    )
    public_url: str | None = option(
        None, Text(ADDRESS, "an http or https URL"), "base URL in issuers, audiences and links"
    )
    scenario: str | None = option(None, Text(), "scenario file; the demo world when absent")
    scenario_yaml: str | None = option(
        None, Text(r"[\s\S]+", "a text"), "the scenario itself, YAML or JSON, where no file can be given"
    )
    seed: str | None = option(None, Text(), "the same seed gives the same ids, keys and tokens on a frozen clock")
    options: Mapping[str, Any] | None = option(None, Table(), "options by vendor, over those of the scenario")
    vendors: tuple[str, ...] | None = option(None, Words(r"[a-z0-9_]+", "names of vendors"), "only these vendors")
    auto_sandboxes: bool = switch(default=True, why="a sandbox is made when its address is first called")
    sandbox_limit: int = option(10_000, Whole(1, 1_000_000), "so many sandboxes; then the idlest ones are dropped")
    admin_token: str | None = option(
        None,
        Text(r"[!-~]{8,}", "8 ASCII characters or more, without blanks"),
        "who uses /_mock/ must send it as Bearer token",
    )
    annotate: bool = switch(default=True, why="tell exchange and reason in X-Mock-* headers beside the body")

    @property
    def grpc_ports(self) -> tuple[int, ...]:
        """The gRPC ports in force: where nobody says so, the usual one; beside a free HTTP port a free one."""
        if self.grpc_port is not None:
            return self.grpc_port
        return (0,) if self.port == 0 else (GRPC_PORT,)

    @property
    def loopback_only(self) -> bool:
        """Whether only this machine can reach the server."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False


_DECLARED = tuple(declarations(Settings))
_KINDS = {declared.name: declared.kind for declared in _DECLARED}


def read(
    flags: Mapping[str, Any],
    environ: Mapping[str, str] | None = None,
    *,
    unless_said: Mapping[str, Any] | None = None,
    only: Collection[str] | None = None,
) -> Settings:
    """The settings in force; *unless_said* holds where none of the four layers says otherwise.

    Where *only* some are needed, the others are neither looked at nor converted: they have their defaults.
    Raises `FileError`, whose text is one line for each problem, naming its place.
    """
    environ = os.environ if environ is None else environ
    needed = _KINDS.keys() if only is None else only
    layers = (
        unless_said or {},
        _file(environ, needed),
        _inline(environ, needed),
        _environment(environ, needed),
        _given(flags, needed),
    )
    merged = {name: value for layer in layers for name, value in layer.items()}
    return _loaded(merged)


def environment_name(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def _loaded(given: Mapping[str, Any]) -> Settings:
    """Settings from values by name. Raises `marshmallow.ValidationError`.

    Values that are right as they stand need no schema, whose library takes longer to load than a health check may.
    """
    if all(declared.name not in given or plain(declared.kind, given[declared.name]) for declared in _DECLARED):
        return Settings(**given)
    from mockserver.schema import load_options  # noqa: PLC0415

    settings: Settings = load_options(Settings, given)
    return settings


def _unknown(name: str, known: list[str]) -> str:
    from mockserver.schema import unknown_name  # noqa: PLC0415  (as above)

    return unknown_name(name, known)


def _given(flags: Mapping[str, Any], needed: Collection[str]) -> dict[str, Any]:
    known = {declared.name: declared for declared in _DECLARED}
    given = {}
    for name, value in flags.items():
        if value is not None and name in needed:
            flag = f"--{name.replace('_', '-')}"
            given[name] = _checked(name, _typed(known[name], value, flag), flag)
    return given


def _environment(environ: Mapping[str, str], needed: Collection[str]) -> dict[str, Any]:
    known = {environment_name(declared.name): declared for declared in _DECLARED}
    found = {}
    if environ.get("PORT"):
        found["port"] = _checked("port", _typed(known[f"{PREFIX}PORT"], environ["PORT"], "PORT"), "PORT")
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or variable in NO_SETTINGS:
            continue
        if variable not in known:
            raise FileError(f"{variable}: {_unknown(variable, [*known, CONFIG, CONFIG_JSON])}")
        declared = known[variable]
        if declared.name not in needed:
            continue
        found[declared.name] = _checked(declared.name, _typed(declared, text, variable), variable)
    return found


def _inline(environ: Mapping[str, str], needed: Collection[str]) -> dict[str, Any]:
    text = environ.get(CONFIG_JSON)
    return _document(read_text(text, CONFIG_JSON), needed) if text else {}


def _file(environ: Mapping[str, str], needed: Collection[str]) -> dict[str, Any]:
    named = environ.get(CONFIG)
    if named:
        return _document(read_file(Path(named)), needed)
    default = Path(DEFAULT_FILE)
    return _document(read_file(default), needed) if default.is_file() else {}


def _document(document: Document, needed: Collection[str]) -> dict[str, Any]:
    known = [declared.name for declared in _DECLARED]
    for name, value in document.data.items():
        if name not in known:
            raise FileError(document.problem((str(name),), _unknown(str(name), known)))
        if name in needed:
            _checked(name, value, document.place((name,)))
    return {name: value for name, value in document.data.items() if name in needed}


def _checked(name: str, value: Any, place: str) -> Any:
    if plain(_KINDS[name], value):
        return value
    from marshmallow import ValidationError  # noqa: PLC0415  (as above)

    from mockserver.schema import problems  # noqa: PLC0415

    try:
        _loaded({name: value})
    except ValidationError as error:
        raise FileError(*(f"{place}: {text}" for _, text in problems(error))) from None
    return value


def _typed(declared: Declaration, text: Any, place: str) -> Any:
    """The value that a text means: all that an environment variable can hold is text."""
    if not isinstance(text, str):
        return text
    if isinstance(declared.kind, Switch):
        return {"true": True, "false": False}.get(text.lower(), text)
    if isinstance(declared.kind, Whole):
        return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else text
    if isinstance(declared.kind, Words):
        return [word.strip() for word in text.split(",")]
    return _numbers_or_table(declared, text, place)


def _numbers_or_table(declared: Declaration, text: str, place: str) -> Any:
    if isinstance(declared.kind, Wholes):
        words = [word.strip() for word in text.split(",") if word.strip()]
        return [int(word) if re.fullmatch(r"[0-9]{1,18}", word) else word for word in words]
    if isinstance(declared.kind, Table):
        return read_text(text, place).data
    return text
