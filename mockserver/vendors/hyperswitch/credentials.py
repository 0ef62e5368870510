"""Who calls: a connector and its credentials, read from metadata in the way of a revision.

What is preferred and malformed is refused; nothing falls through to the next header.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext
from mockserver.core.bodies import peek
from mockserver.core.refusals import Refusal
from mockserver.vendors.hyperswitch.connectors import ANY_FIELDS, BY_KEY, CREDENTIALS, PARTS
from mockserver.vendors.hyperswitch.revisions import AUTH, CONFIG, DOCS, NEW, UCS, Revision, revision_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.core.calls import Call
    from mockserver.core.case import Case

LEGACY = ("x-auth", "x-api-key", "x-key1", "x-key2", "x-api-secret", "x-auth-key-map")
SECRET_HEADERS = (CONFIG, AUTH, "x-api-key", "x-key1", "x-key2", "x-api-secret", "x-auth-key-map")
SECRET_FIELDS = (
    *("session_token", "session_data", "metadata", "merchant_account_metadata", "connector_metadata"),
    *("connector_feature_data", "card_number", "card_exp_month", "card_exp_year", "card_cvc", "card_holder_name"),
)
"""Beside the names that are secret with any vendor: what the messages have as secret texts, and session tokens."""
_MOST_VALUES = 16
"""So many values of one call are looked at for the sandbox that they belong to."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a connector; credentials by the names of its typed fields; and all texts in them, however deep."""

    connector: str
    fields: Mapping[str, str]
    texts: tuple[str, ...]


def require(
    case: Case,
    passed: bool,  # noqa: FBT001  (as `Case.require`)
    reason: str,
    problem: str,
    **facts: Any,
) -> None:
    """Note a check; refuse unless it passed.

    *problem* is what the table of texts calls it, *facts* what fills them in. No fact is a secret: they are shown.
    """
    case.note(reason, passed=passed, seen=", ".join(str(value) for value in facts.values()) or problem)
    if not passed:
        raise Refusal(reason, problem=problem, **facts)


def caller(case: Case) -> Caller:
    """The connector and the credentials of this call, or a refusal."""
    revision = revision_of(case)
    if revision is not DOCS:
        _check_override(case)
    if revision is UCS:
        return _strictly_named(case, revision)
    header = next((name for name in revision.typed_headers(case) if name in case.call.headers), None)
    if revision is DOCS:
        return _as_the_page_has_it(case, revision, header)
    return _typed(case, revision, header) if header else _legacy(case, revision)


def _strictly_named(case: Case, revision: Revision) -> Caller:
    """Package ucs.v2: connector and merchant are said in headers of their own, whatever the credentials."""
    connector = _named_connector(case, revision)
    require(case, "x-merchant-id" in case.call.headers, "merchant.missing", "merchant.missing")
    if AUTH not in case.call.headers:
        return _legacy(case, revision)
    found = _typed(case, revision, AUTH)
    require(case, found.connector == connector, "connector.mismatch", "connector.mismatch", connector=connector)
    return found


def _as_the_page_has_it(case: Case, revision: Revision, header: str | None) -> Caller:
    if header is None:
        _named_connector(case, revision)
        given = any(name in case.call.headers for name in LEGACY)
        require(case, given, "credential.missing", "part.missing", part=AUTH)
        return _legacy(case, revision)
    found = _typed(case, revision, header)
    if "x-connector" in case.call.headers:
        named = _named_connector(case, revision)
        require(case, named == found.connector, "connector.mismatch", "connector.mismatch", connector=named)
    return found


def _check_override(case: Case) -> None:
    text = case.call.headers.get("x-config-override")
    if text is not None:
        require(case, isinstance(_json(text), dict), "override.invalid", "override.invalid")


def _named_connector(case: Case, revision: Revision) -> str:
    name = case.call.headers.get("x-connector")
    require(case, name is not None, "connector.missing", "connector.missing")
    require(case, name in revision.connectors, "connector.unknown", "connector.unknown")
    return name or ""


def _typed(case: Case, revision: Revision, header: str) -> Caller:
    """Credentials in JSON: `{"config": {"Paypal": {"client_id": "...", "client_secret": "..."}}}`."""
    text = case.call.headers.get(header) or ""
    read = _json(text.replace('"auth_type"', '"config"') if revision is NEW and header == AUTH else text)
    problem = f"{header}.unreadable" if read is None else f"{header}.unfit"
    require(case, isinstance(read, dict), "credential.malformed", problem, header=header)
    inner = _wrapped(read, revision, header)
    if revision is not DOCS:
        require(case, inner not in (None, {}), "credential.missing", f"{header}.unwrapped", header=header)
    known = _one_connector(inner, revision)
    require(case, known is not None, "credential.malformed", f"{header}.unfit", header=header)
    connector, values = known or ("", {})
    missing = [name for name in CREDENTIALS.get(connector, ANY_FIELDS).required if values.get(name) is None]
    require(case, not missing, "credential.incomplete", f"{header}.incomplete", header=header)
    fields = {name: value for name, value in values.items() if isinstance(value, str)}
    return Caller(connector, fields, tuple(_texts_in(values)))


def _wrapped(read: dict[str, Any], revision: Revision, header: str) -> Any:
    if revision is DOCS:
        return next((read[name] for name in ("auth_type", "config") if name in read), read)
    return read.get("config" if header == CONFIG or revision is NEW else "auth_type")


def _one_connector(inner: Any, revision: Revision) -> tuple[str, dict[str, Any]] | None:
    """The one connector that is keyed, and its values, where they are what they should be."""
    if not isinstance(inner, dict) or len(inner) != 1:
        return None
    ((key, values),) = inner.items()
    connector = BY_KEY.get(key)
    if connector is None or connector not in revision.connectors or not isinstance(values, dict):
        return None
    texts = CREDENTIALS.get(connector, ANY_FIELDS).texts
    return (connector, values) if all(isinstance(values.get(name), (str, type(None))) for name in texts) else None


def _legacy(case: Case, revision: Revision) -> Caller:
    """Credentials in parts: `x-connector`, `x-auth` for their kind, and what belongs to that kind."""
    headers = case.call.headers
    connector = _named_connector(case, revision)
    kind = headers.get("x-auth")
    require(case, kind is not None, "credential.missing", "part.missing", part="x-auth")
    require(case, kind in PARTS, "credential.malformed", "kind.unknown", kind=kind)
    for part in PARTS[kind or ""]:
        require(case, part in headers, "credential.missing", "part.missing", part=part)
    if kind == "currency-auth-key":
        readable = isinstance(_json(headers.get("x-auth-key-map") or ""), dict)
        require(case, readable, "credential.malformed", "map.unreadable")
    known = CREDENTIALS.get(connector)
    fits = known is None or kind in known.legacy
    require(case, fits, "credential.mismatch", "kind.unfit", connector=connector)
    parts = known.legacy[kind or ""] if known else {name: name for name in PARTS[kind or ""]}
    fields = {name: headers.get(part) or "" for name, part in parts.items()}
    return Caller(connector, fields, tuple(fields.values()))


def values_in(call: Call, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Every credential that a call carries, and the text of its token, good or not: what identifies it."""
    del parameters
    found: list[str] = []
    for name in SECRET_HEADERS:
        text = call.headers.get(name)
        if text:
            found += _texts_in(_json(text)) if text.startswith("{") else [text]
    return (*_token_in(call), *[each for each in found if each][:_MOST_VALUES])


def _token_in(call: Call) -> tuple[str, ...]:
    value: Any = peek(call)
    for member in ("state", "access_token", "token"):
        value = value.get(member) if isinstance(value, dict) else None
    return (value,) if isinstance(value, str) and value else ()


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(inner)


def _json(text: str) -> Any:
    try:
        return jsontext.read(text.encode("utf-8", "surrogatepass"))
    except jsontext.JsonTextError:
        return None
