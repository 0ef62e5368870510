"""The bodies of the hand-offs and pages, as far as they are JSON."""

from __future__ import annotations

from marshmallow import fields

from mockserver.schema import ResponseBody


class Page(ResponseBody):
    """A page, or nothing where the answer leads elsewhere. Apps that accept JSON get their JWT as a member."""

    token = fields.String(metadata={"description": "a Current Customer JWT"})
