"""An OpenAPI document as one page to read: no script, nothing from outside."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{font-family:ui-monospace,monospace}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #ddd}"
    "h2{margin-top:2.5rem}h2 code{background:#eee;padding:.1rem .4rem;border-radius:.2rem}"
)
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def rendered(document: Mapping[str, Any], own: Iterable[tuple[str, str, str]]) -> str:
    """The page: what the vendors do, and what the emulator itself does (method, path and summary of each)."""
    title = escape(document["info"]["title"])
    server = escape(document["servers"][0]["url"])
    body = "".join(_operations(document))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
        f"<h1>{title}</h1><p>{escape(document['info'].get('description', ''))}</p>"
        f'<p>Served at <code>{server}</code>. <a href="openapi.json">openapi.json</a> · '
        f'<a href="journal">journal</a></p>{body}<h2>The emulator itself</h2><p><a href="admin.json">admin.json</a></p>'
        f"<table><tr><th>Call</th><th>What</th></tr>{''.join(map(_own, own))}</table></html>"
    )


def _operations(document: Mapping[str, Any]) -> Iterator[str]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            rows = "".join(_row(status, answer) for status, answer in operation["responses"].items())
            yield (
                f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(operation['summary'])}. "
                f"{escape(operation.get('description', ''))}</p>"
                f"<table><tr><th>Status</th><th>When</th></tr>{rows}</table>"
            )


def _own(call: tuple[str, str, str]) -> str:
    method, path, summary = map(escape, call)
    return f"<tr><td><code>{method} /_mock{path}</code></td><td>{summary}</td></tr>"


def _row(status: str, answer: Mapping[str, Any]) -> str:
    return f"<tr><td>{escape(status)}</td><td>{escape(answer['description'])}</td></tr>"
