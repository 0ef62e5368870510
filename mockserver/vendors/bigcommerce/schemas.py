"""The bodies of the REST calls and their answers. Error messages are problems, which `errors` turns into texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, validates_schema

from mockserver.core.clock import seconds
from mockserver.schema import RequestBody, ResponseBody, current_case
from mockserver.vendors.bigcommerce.options import BigCommerceOptions
from mockserver.vendors.bigcommerce.records import BigCommerceRecords

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.core.case import Case

MISSING = "error.path.missing"
NUMBER, ARRAY, STRING = (f"error.expected.js{kind}" for kind in ("number", "array", "string"))
"""What is wrong with the shape of a body; all else is a rule that it breaks."""
LATEST = 9_999_999_999
"""A later time is in milliseconds or finer."""
TOKEN_SCOPES = ("Unauthenticated", "Customer", "B2B")
_ORIGIN = re.compile(r"https?://(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#:@\[\]\\]+)(?::[0-9]+)?")
_PREFIX = re.compile(r"https?://[^/?#]")


def _always(problem: str) -> dict[str, Any]:
    return {"required": MISSING, "null": problem, "invalid": problem, "too_large": problem}


class Number(fields.Integer):
    """A whole number, however it is written: `1.0` passes, `"1"` and `true` do not."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(error_messages=_always(NUMBER), **keywords)

    def _validated(self, value: Any) -> Any:
        fraction = isinstance(value, float) and not value.is_integer()
        if isinstance(value, bool) or not isinstance(value, (int, float)) or fraction:
            raise self.make_error("invalid", input=value)
        return int(value)


class Array(fields.List[Any]):
    """A list of one kind of thing."""

    def __init__(self, item: fields.Field[Any], **keywords: Any) -> None:
        super().__init__(item, error_messages=_always(ARRAY), **keywords)


def _text(**keywords: Any) -> fields.String:
    return fields.String(error_messages=_always(STRING), **keywords)


class TokenRequest(RequestBody):
    """What is asked of a token of any kind: until when it lasts, and where it counts."""

    expires_at = Number(required=True, metadata={"description": "Unix seconds", "example": 1893456000})
    channel_ids = Array(Number(), metadata={"minItems": 1, "example": [1]})
    channel_id = Number(metadata={"description": "one channel, in place of channel_ids", "minimum": 1})
    name = _text(metadata={"description": "a label, shown in the list only"})

    @validates_schema(skip_on_field_errors=True)
    def _keeps_the_rules(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        del kwargs
        broken = {name: problems for name, problems in self.broken(data, current_case()).items() if problems}
        if broken:
            raise ValidationError({name: list(dict.fromkeys(problems)) for name, problems in broken.items()})

    def broken(self, data: Mapping[str, Any], case: Case) -> dict[str, list[str]]:
        """The rules that a body of sound shape breaks, by field."""
        return {"expires_at": _time_problems(data, case), "channel_ids": _channel_problems(data, case)}


class StorefrontTokenRequest(TokenRequest):
    """A storefront token: what pages hold, of origins that it lists."""

    allowed_cors_origins = Array(
        _text(), allow_none=True, metadata={"minItems": 1, "example": ["https://shop.example"]}
    )

    def broken(self, data: Mapping[str, Any], case: Case) -> dict[str, list[str]]:
        """The same, and those of origins."""
        return {**super().broken(data, case), "allowed_cors_origins": _origin_problems(data, case)}


class PrivateTokenRequest(TokenRequest):
    """A private token: what servers hold, with scopes."""

    scopes = Array(_text(), required=True, metadata={"minItems": 1, "example": ["Unauthenticated"]})

    def broken(self, data: Mapping[str, Any], case: Case) -> dict[str, list[str]]:
        """The same, and those of scopes."""
        known = bool(data["scopes"]) and set(data["scopes"]) <= set(TOKEN_SCOPES)
        return {**super().broken(data, case), "scopes": [] if known else ["invalid"]}


def _time_problems(data: Mapping[str, Any], case: Case) -> list[str]:
    if data["expires_at"] > LATEST:
        return ["not_in_seconds"]
    return ["in_the_past"] if data["expires_at"] <= seconds(case.now) else []


def _channel_problems(data: Mapping[str, Any], case: Case) -> list[str]:
    lenient = case.sandbox.get(BigCommerceOptions).channel_rule == "lenient"
    several, one = data.get("channel_ids"), data.get("channel_id")
    if several == [] or (several is None and one is None and not lenient):
        return ["required"]
    if several is not None and one is not None and not lenient:
        return ["conflict"]
    store = case.sandbox.get(BigCommerceRecords).stores[case.parameters["storeHash"]]
    asked = several if several is not None else [] if one is None else [one]
    return [] if all(store.channel(number) for number in asked) else ["not_found"]


def _origin_problems(data: Mapping[str, Any], case: Case) -> list[str]:
    origins = data.get("allowed_cors_origins")
    if origins is None:
        return []
    if not origins:
        return ["is_empty"]
    most = case.sandbox.get(BigCommerceOptions).max_cors_origins
    problems = [problem for origin in origins if (problem := _origin_problem(origin))]
    return [*problems, *(["invalid_length"] if len(origins) > most else [])]


def _origin_problem(origin: str) -> str:
    if not origin:
        return "is_empty"
    if "*" in origin:
        return "has_wildcard"
    if not _PREFIX.match(origin):
        return "has_invalid_prefix"
    return "" if _ORIGIN.fullmatch(origin) else "has_invalid_suffix"


class TokenText(ResponseBody):
    """A token's text."""

    token = fields.String(required=True)


class TokenAnswer(ResponseBody):
    """A new token."""

    data = fields.Nested(TokenText, required=True)
    meta = fields.Dict(required=True)


class Nothing(ResponseBody):
    """An empty object, or no body at all."""


class PrincipalRow(ResponseBody):
    """Whose a token is."""

    id = fields.String(required=True)
    type = fields.String(required=True)


class TokenRow(ResponseBody):
    """A token as the list shows it: never its text."""

    jti = fields.String(required=True)
    type = fields.String(required=True)
    name = fields.String(required=True)
    channel_ids = fields.List(fields.Integer(), required=True)
    allowed_cors_origins = fields.List(fields.String(), required=True)
    scopes = fields.List(fields.String(), required=True)
    is_revoked = fields.Boolean(required=True)
    is_expired = fields.Boolean(required=True)
    principal = fields.Nested(PrincipalRow, required=True)
    issued_at = fields.Integer(required=True)
    expires_at = fields.Integer(required=True)
    revoked_at = fields.Integer(required=True, allow_none=True)


class Pagination(ResponseBody):
    """Which page of how many."""

    total = fields.Integer(required=True)
    count = fields.Integer(required=True)
    per_page = fields.Integer(required=True)
    current_page = fields.Integer(required=True)
    total_pages = fields.Integer(required=True)


class ListMeta(ResponseBody):
    """What stands beside a list."""

    pagination = fields.Nested(Pagination, required=True)


class TokenList(ResponseBody):
    """A page of tokens."""

    data = fields.List(fields.Nested(TokenRow), required=True)
    meta = fields.Nested(ListMeta, required=True)


class TimeAnswer(ResponseBody):
    """The time."""

    time = fields.Integer(required=True)


class StoreAnswer(ResponseBody):
    """A store."""

    id = fields.String(required=True)
    domain = fields.String(required=True)
    secure_url = fields.String(required=True)


class Problem(ResponseBody):
    """A refusal of the REST API. Where a route is unknown, it has neither title nor errors."""

    status = fields.Integer(required=True)
    title = fields.String()
    type = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.String())


class QueryError(ResponseBody):
    """One error of a query."""

    message = fields.String(required=True)
    path = fields.List(fields.Raw())
    locations = fields.List(fields.Dict())
    extensions = fields.Dict()


class QueryErrors(ResponseBody):
    """A refusal of `/graphql`."""

    data = fields.Dict(allow_none=True)
    errors = fields.List(fields.Nested(QueryError), required=True)


class QueryAnswer(ResponseBody):
    """What a query is answered; where parts of it are refused, that stands beside."""

    data = fields.Dict(required=True, allow_none=True)
    errors = fields.List(fields.Nested(QueryError))
