"""The published OpenAPI document, as something that answers are held against."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from mockserver.vendors import discover

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.support.wire import Got

VENDORS = "|".join(vendor.name for vendor in discover())


class Contract:
    """Checks answers of documented operations: status, media type, required headers, body."""

    def __init__(self, *documents: dict[str, Any]) -> None:
        self.document = document = {
            "paths": _united(each["paths"] for each in documents),
            "components": {"schemas": _united(each["components"]["schemas"] for each in documents)},
        }
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry = Registry().with_resource("urn:document", resource)
        # Plain paths before those with parameters, tails last: a tail takes any number of segments.
        paths = sorted(document["paths"], key=lambda path: (path.endswith("{rest}"), path.count("{")))
        self._paths = [(re.compile(re.sub(r"\\{\w+\\}", _parameter, re.escape(path))), path) for path in paths]

    def check(self, method: str, path: str, got: Got) -> None:
        """Fail unless this answer is one that the document describes.

        Answers that a rule forced are exempt, and those of a path that an option has moved.
        """
        operation = self._operation(method, path)
        if operation is None or "X-Mock-Injected" in got.headers or got.reason == "route.not_found":
            return
        responses = operation["responses"]
        assert str(got.status) in responses, f"{method} {path} answered {got.status}, documented: {list(responses)}"
        response = responses[str(got.status)]
        for name, header in response.get("headers", {}).items():
            assert not header["required"] or name in got.headers, f"{got.status} without {name}"
        if got.reason and ": " in response["description"]:
            assert got.reason in response["description"], f"{got.reason} is not documented for {got.status}"
        if not got.body:
            assert method == "HEAD" or not response.get("content"), f"{got.status} without a body, documented with one"
            return
        answered = got.media_type
        assert answered in response["content"], f"{answered} is not documented for {got.status}"
        schema = response["content"][answered].get("schema", {})
        if "$ref" in schema:
            self._validate(schema, got.json)

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        bare = re.sub(rf"^(/~[^/]+)?(/({VENDORS}))?(?=/)", "", urlsplit(path).path)
        for pattern, template in self._paths:
            if pattern.fullmatch(bare):
                return self.document["paths"][template].get(method.lower()) if method.isupper() else None
        return None

    def _validate(self, schema: dict[str, Any], value: Any) -> None:
        rooted = {"$ref": f"urn:document{schema['$ref']}"}
        Draft202012Validator(rooted, registry=self._registry).validate(value)


def _united(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {name: value for part in parts for name, value in part.items()}


def _parameter(found: re.Match[str]) -> str:
    return ".*" if found[0] == r"\{rest\}" else "[^/]+"
