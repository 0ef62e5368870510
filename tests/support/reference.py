"""The reference pages: made from the code, so that they cannot drift from it.

`python -m tests.support.reference` writes them anew.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml
from grpc import StatusCode

from mockserver import Emulator, Settings, scenarios, shipped
from mockserver.cli import main as command_line
from mockserver.core.calls import GRPC
from mockserver.core.options import (
    AutoSpan,
    Choice,
    Entries,
    Span,
    Switch,
    Table,
    Text,
    Whole,
    Wholes,
    Words,
    declarations,
)
from mockserver.core.reasons import REASONS
from mockserver.settings import CONFIG, CONFIG_JSON, URL, environment_name
from mockserver.vendors import discover
from mockserver.web.stage import played

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockserver.core.operations import Operation
    from mockserver.core.options import Declaration, Kind
    from mockserver.core.vendor import Vendor

ROOT = Path(__file__).parents[2]
MADE = "<!-- Made from the code by `make docs`; a change here is lost. -->"
MAGIC = ("_expired", "_401once", "_ratelimited", "_down", "_slow", "_dropped", "_badsignature")
CERTAINTIES = ("documented", "observed", "inferred", "our choice")
HTTP = "http"
STATUS_CODES = tuple(code.name for code in sorted(StatusCode, key=lambda code: code.value[0]))
SECRET = re.compile(r"-----BEGIN[^\n]*\n.*", re.DOTALL)


def pages() -> dict[str, str]:
    """Every page by its path below `docs/`."""
    made = {
        "reference/settings.md": _settings(),
        "reference/reasons.md": _reasons(),
        "reference/cli.md": _cli(),
        "known-differences.md": _differences(),
    }
    made |= {f"reference/{vendor.name}.md": _vendor(vendor) for vendor in discover()}
    made["reference/index.md"] = _index()
    return {path: f"{MADE}\n\n{text.strip()}\n" for path, text in made.items()}


def table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """A table in Markdown."""
    named = list(head)
    listed = [named, ["---"] * len(named), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in listed)


def _cell(value: Any) -> str:
    return str(value).replace("\n", " ").replace("|", "\\|")


def _code(value: Any) -> str:
    return f"`{value}`" if value not in ("", None) else ""


def values(kind: Kind) -> str:
    """What an option or a setting takes."""
    match kind:
        case Choice(known):
            return ", ".join(f"`{value}`" for value in known)
        case Switch():
            return "`true`, `false`"
        case Whole(low, high):
            return f"{low} to {high}"
        case Wholes(low, high) | Span(low, high):
            return f"{low} to {high}{', several or none' if isinstance(kind, Wholes) else ' seconds'}"
        case Text(_, form) | Words(_, form):
            return form
        case Table() | AutoSpan() | Entries():
            return _words_or_more(kind)


def _words_or_more(kind: Table | AutoSpan | Entries) -> str:
    if isinstance(kind, Table):
        return "a mapping, as YAML or JSON"
    if isinstance(kind, AutoSpan):
        return f"`auto`, or {kind.low} to {kind.high} seconds"
    return f"{', '.join(f'`{word}`' for word in kind.words)}, or a list"


def default(declared: Declaration) -> str:
    """What holds where nobody says anything."""
    value = declared.default
    if value is None:
        return "`auto`" if isinstance(declared.kind, AutoSpan) else "none"
    if isinstance(value, timedelta):
        return _code(int(value.total_seconds()))
    if isinstance(value, bool):
        return _code(str(value).lower())
    return _code(", ".join(value) if isinstance(value, tuple) else value)


def _in_force(setting: Declaration) -> str:
    """What holds where nobody says anything; that of the gRPC ports hangs on the HTTP port."""
    return ", ".join(map(_code, Settings().grpc_ports)) if setting.name == "grpc_port" else default(setting)


def _settings() -> str:
    rows = [
        (
            _code(f"--{each.name.replace('_', '-')}"),
            _code(environment_name(each.name)),
            values(each.kind),
            _in_force(each),
            each.why,
        )
        for each in declarations(Settings)
    ]
    return f"""# Settings

Each setting can be given by flag, by environment, or by its name in a file. What comes first counts: flags, then the
environment, then `{CONFIG_JSON}`, then the file that `{
        CONFIG
    }` names (or `mockserver.yaml` in the working directory), then the
default. An unknown name is an error that suggests the near one.

A service container gets nothing but its environment, and needs nothing else: each setting has a variable.

{table(("Flag", "Environment", "Takes", "Default", "What"), rows)}

Beside them:

{
        table(
            ("Environment", "What"),
            (
                ("`PORT`", "the HTTP port too, where `MOCKSERVER_PORT` is not set"),
                (f"`{CONFIG_JSON}`", "settings by name, as YAML or JSON, in one variable"),
                (f"`{CONFIG}`", "a file of settings"),
                (
                    f"`{URL}`",
                    "no setting of the server: where commands, the Python client and the pytest plugin find one that runs",
                ),
            ),
        )
    }

A switch in the environment is `true` or `false`; a list is separated by commas; a mapping is YAML or JSON. In the image
`MOCKSERVER_HOST` is `0.0.0.0`. What HTTPS and gRPC ask of callers: [HTTPS](../how-to/https.md), [gRPC](../how-to/grpc.md).
"""


def _reasons() -> str:
    used = {code: [v.name for v in discover() if any(code in o.refusals for o in v.operations)] for code in REASONS}
    rows = [
        (
            f"`{each.code}`",
            each.meaning,
            each.clause or "",
            ", ".join(f"[{name}]({name}.md)" for name in used[each.code]),
        )
        for each in REASONS.values()
    ]
    return f"""# Reasons

Every refusal has a reason beside its body: in the header `X-Mock-Reason`, in the journal, in `verify`, `rules` and `coverage`. The
same thing has the same code with every vendor; how it looks on the wire is the vendor's.

{table(("Reason", "Meaning", "Clause", "Operations of"), rows)}
"""


def _index() -> str:
    vendors = "\n".join(f"- [{vendor.title}]({vendor.name}.md): {vendor.summary}" for vendor in discover())
    return f"""# Reference

{vendors}
- [Reasons](reasons.md): every reason code, what it means, and the clause behind it
- [Settings](settings.md): flags and environment
- [Command line](cli.md)
"""


def _cli() -> str:
    parts = ["# Command line\n\nEvery command tells the same with `--help`."]
    parts += _command(command_line, "mockserver", 2)
    return "\n\n".join(parts)


def _command(command: click.Command, name: str, level: int) -> Iterator[str]:
    with click.Context(command, info_name=name, max_content_width=100, terminal_width=100) as context:
        if name != "mockserver":
            usage = " ".join(command.collect_usage_pieces(context))
            yield f"{'#' * level} {name}"
            yield f"`{name} {usage}`"
            yield " ".join((command.help or "").split())
            yield from _flags(command)
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                found = command.get_command(context, inner)
                assert found
                yield from _command(found, f"{name} {inner}", level + (name != "mockserver"))


def _flags(command: click.Command) -> Iterator[str]:
    settings = {declared.name: declared.why for declared in declarations(Settings)}
    flags = [each for each in command.params if isinstance(each, click.Option)]
    own = [each for each in flags if not _is_setting(each, settings)]
    if own:
        rows = [
            (
                _code(
                    ", ".join((*each.opts, *each.secondary_opts))
                    + (f" {each.make_metavar(click.Context(command))}" if not each.is_flag else "")
                ),
                each.help or "",
            )
            for each in own
        ]
        yield table(("Flag", "What"), rows)
    if len(own) < len(flags):
        yield "And every [setting](settings.md) as a flag."


def _is_setting(flag: click.Option, settings: Mapping[str, str]) -> bool:
    """Whether it is one of the settings, and no flag of another meaning that has its name."""
    return flag.name in settings and (flag.help or "").startswith(settings[flag.name])


def _vendor(vendor: Vendor) -> str:
    emulator = Emulator(Settings(vendors=(vendor.name,)))
    url = f"http://127.0.0.1:8080/{vendor.name}"
    variables = {**vendor.environment(emulator.sandbox, url)}
    if vendor.rpc:
        variables |= vendor.rpc.environment(emulator.sandbox, "127.0.0.1:8000")
    ends = _ends(vendor)
    hosts = [host if isinstance(host, str) else host.pattern for host in vendor.hosts]
    magic = _magic(vendor)
    options = [(f"`{each.name}`", values(each.kind), default(each), each.why) for each in declarations(vendor.options)]
    parts = [
        f"# {vendor.title}",
        f"{vendor.summary} In place of {', '.join(f'`{host}`' for host in hosts) or 'its hosts'}, call `{url}`.",
        (
            "What of this is documented by the vendor, observed, inferred or our choice stands in "
            f"[its own page](../../mockserver/vendors/{vendor.name}/README.md), and short in [known differences](../known-differences.md#{vendor.name})."
        ),
        "## Environment",
        f"`mockserver env {vendor.name}` prints these, for the demo world:",
        table(("Variable", "Value"), ((f"`{name}`", _code(_short(value))) for name, value in variables.items())),
        "## Operations",
        *(part for operation in vendor.operations for part in _operation(operation, ends)),
        *_methods(vendor, ends),
        "## Options",
        f"By `MOCKSERVER_OPTIONS='{{\"{vendor.name}\": {{…}}}}'`, in a scenario, or in a running emulator by `PATCH /_mock/options/{vendor.name}`.",
        table(("Option", "Takes", "Default", "Why"), options),
    ]
    if vendor.tokens:
        kinds = ", ".join(f"`{kind}`" for kind in vendor.tokens)
        parts += [
            "## Tokens",
            f"Kinds: {kinds}. `mockserver token {vendor.name} --kind KIND` prints a fresh one; `expire --kind KIND` ends them.",
        ]
    if magic:
        parts += [
            "## Magic accounts",
            table(("Ends in", "Account"), ((f"`{end}`", ", ".join(f"`{n}`" for n in names)) for end, names in magic)),
        ]
    return "\n\n".join(parts)


Ends = dict[tuple[str, str, str], dict[str, None]]
"""How calls of an operation end, by transport and reason: HTTP statuses, or gRPC codes."""


def _ends(vendor: Vendor) -> Ends:
    world, ends = scenarios.demo_world(discover()), Ends()
    for example in vendor.examples():
        reply = played(vendor, example, world).reply
        end = str(reply.status)
        if example.transport == GRPC:
            end = STATUS_CODES[reply.rpc.code if reply.rpc else 0]
        ends.setdefault((example.operation, example.transport, example.reason), {})[end] = None
    return ends


def _operation(operation: Operation, ends: Ends) -> Iterator[str]:
    yield f"### {operation.method} {operation.path}"
    bodies = ", ".join(f"`{body.media_type}`" for body in operation.bodies)
    facts = [
        f"`{operation.name}`: {operation.summary}.",
        _callers(operation),
        f"Takes {bodies}." if bodies else "",
        f"Answers {' or '.join(map(str, operation.statuses))}.",
    ]
    yield " ".join(filter(None, facts))
    yield _refusals(operation, ends, HTTP, "Status")


def _callers(operation: Operation) -> str:
    if operation.cors:
        return "Pages may call it."
    return "For backends only: no page may call it." if "guard" in operation.order else "Browsers open it."


def _methods(vendor: Vendor, ends: Ends) -> Iterator[str]:
    """What there is over gRPC, as the options are by themselves."""
    if vendor.rpc is None:
        return
    yield "## gRPC"
    yield "By reflection: `grpcurl -plaintext 127.0.0.1:8000 list`. Which of these are served, and how, the options say."
    for operation in vendor.rpc.operations:
        yield f"### {operation.name} over gRPC"
        paths = ", ".join(f"`{method.path[1:]}`" for method in operation.methods(vendor.options()))
        yield f"{operation.summary}: {paths}."
        yield _refusals(operation, ends, GRPC, "Code")


def _refusals(operation: Operation, ends: Ends, transport: str, word: str) -> str:
    rows = [
        (
            f"[`{code}`](reasons.md)",
            " or ".join(ends.get((operation.name, transport, code), ())),
            REASONS[code].meaning,
            REASONS[code].clause,
        )
        for code in operation.refusals
        if transport == HTTP or (operation.name, transport, code) in ends
    ]
    return table(("Refusal", word, "Meaning", "Clause"), rows)


def _short(value: str) -> str:
    return SECRET.sub("-----BEGIN PRIVATE KEY-----…", value)


def _magic(vendor: Vendor) -> list[tuple[str, list[str]]]:
    world = yaml.safe_load((shipped.folder("fixtures") / "scenarios" / "default.yaml").read_text(encoding="utf-8"))
    texts = dict.fromkeys(_texts(world.get(vendor.name)))
    return [(end, found) for end in MAGIC if (found := [text for text in texts if text.endswith(end)])]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


EVERYWHERE = (
    (
        "Every answer carries `X-Mock-Exchange`, every refusal `X-Mock-Reason`; `--no-annotate` leaves them out",
        "our choice",
    ),
    ("A sandbox's clock can be moved; all that is issued and verified follows it", "our choice"),
    ("Nothing is limited in rate unless an option, a rule or a magic account asks for it", "our choice"),
    ("A long-lived secret that comes from a browser is refused; option `browser_guard`", "our choice"),
    ("Every 401 has a challenge, as RFC 9110 asks; option `www_authenticate`", "our choice"),
    (
        "HTTPS is HTTP/1.1 with a certificate of a throw-away authority (`tls: auto`), gRPC is in plain text; each has one port for all vendors",
        "our choice",
    ),
    ("Trace ids and the like have the vendor's form and no meaning", "our choice"),
    (
        "Revocation, introspection, metadata and key sets beside each vendor are ours, where the vendor publishes none",
        "our choice",
    ),
)


def _differences() -> str:
    parts = [
        "# Known differences from the real systems",
        (
            "What cannot be known for sure, and what is meant to differ. **Documented** is the vendor's own text, **observed** public code or "
            "live use, **inferred** follows from those, **our choice** is where nothing is known. What is documented through and through does "
            "not stand here. The rows come from the vendors' pages, which say more."
        ),
        "## Everywhere",
        table(("What", "Certainty"), EVERYWHERE),
    ]
    for vendor in discover():
        rows = list(uncertain(vendor))
        count = Counter(word for _, said in rows for word in CERTAINTIES if word in said)
        told = ", ".join(f"{count[word]} {word}" for word in CERTAINTIES[1:] if count[word])
        parts += [
            f"## {vendor.name}",
            f"{vendor.title}: {told}. [Its page](../mockserver/vendors/{vendor.name}/README.md) · [reference](reference/{vendor.name}.md)",
            table(("What", "Certainty"), rows),
        ]
    return "\n\n".join(parts)


def uncertain(vendor: Vendor) -> Iterator[tuple[str, str]]:
    """What the vendor's page says that is more than documented: the statement, and how sure it is."""
    text = (ROOT / "mockserver" / "vendors" / vendor.name / "README.md").read_text(encoding="utf-8")
    for block in re.split(r"\n\s*\n", text):
        if block.startswith("Certainty of each") or "Certainty of each statement" in block:
            continue
        lines = block.splitlines()
        if lines[0].startswith("|"):
            yield from _rows(lines)
        else:
            yield from _statements(block)


def _rows(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Of a table with a column of certainties that column; of another the rows that speak of it."""
    head, _, *rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    told = next((place for place, name in enumerate(head) if name.lower().startswith("certainty")), None)
    for row in rows:
        said = row[told] if told is not None else ", ".join(_said(" ".join(row)))
        if any(word in said for word in CERTAINTIES[1:]):
            yield ": ".join(filter(None, row[:2] if told is not None else row)), said


def _said(text: str) -> list[str]:
    return [word for word in CERTAINTIES if re.search(rf"\b{word}\b", text)]


def _statements(block: str) -> Iterator[tuple[str, str]]:
    for item in re.split(r"\n(?=- )", block):
        text = " ".join(item.removeprefix("- ").split())
        for sentence in re.split(r"(?<=[.:]) (?=[A-Z`])", text):
            said = _said(sentence)
            if sentence.startswith("Not emulated"):
                yield sentence, "our choice"
            elif any(word in CERTAINTIES[1:] for word in said) and not sentence.startswith("#"):
                yield sentence, ", ".join(said)


INCLUSION = re.compile(r"(<!-- include: (\S+) -->\n```\w+\n)(.*?)(^```$)", re.DOTALL | re.MULTILINE)


def with_inclusions(page: str) -> str:
    """A page written by hand, with each file in it that it says it includes."""
    return INCLUSION.sub(lambda found: found[1] + (ROOT / found[2]).read_text(encoding="utf-8") + found[4], page)


def by_hand() -> list[Path]:
    """The pages that people write."""
    made = {ROOT / "docs" / path for path in pages()}
    return [*sorted(set((ROOT / "docs").rglob("*.md")) - made), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


def write() -> None:
    """Write all pages anew, and the files in those that include some."""
    for file in by_hand():
        file.write_text(with_inclusions(file.read_text(encoding="utf-8")), encoding="utf-8")
    for path, text in pages().items():
        file = ROOT / "docs" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
