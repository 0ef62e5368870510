"""The bodies of Ingrid's requests and answers. Error messages are problems, which `errors` turns into items."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, validate, validates

from mockserver.core.assertions import GRANT
from mockserver.schema import Instant, RequestBody, ResponseBody, Seconds, current_case
from mockserver.vendors.ingrid.records import SCOPES, IngridRecords, Site

if TYPE_CHECKING:
    from mockserver.core.case import Case

EXTERNAL_REF_LENGTH = 255


def _always(problem: str) -> dict[str, Any]:
    """The error messages of a field that has one name for everything that can be wrong with its type."""
    return {"required": problem, "null": problem, "invalid": problem}


def _text(*rules: validate.Validator, **keywords: Any) -> fields.String:
    filled = validate.Length(min=1, error="required")
    return fields.String(required=True, error_messages=_always("required"), validate=(filled, *rules), **keywords)


_OFFERED = validate.OneOf((GRANT,), error="unsupported")


class AssertionGrant(RequestBody):
    """The vendor's JSON form of the assertion grant."""

    grantType = _text(_OFFERED)  # noqa: N815  (the vendor's name)
    assertion = _text(metadata={"description": "RS256 JWT: sub, aud (the URL called), exp, iat; 60 s long"})


class AssertionGrantForm(AssertionGrant):
    """The same grant in the form of RFC 7523 section 2.1."""

    grantType = _text(_OFFERED, data_key="grant_type")  # noqa: N815


class Scopes(fields.List[str]):
    """One or more scopes of the catalogue, none of them twice."""

    def __init__(self) -> None:
        item = fields.String(validate=validate.OneOf(SCOPES, error="unknown"))
        super().__init__(
            item,
            required=True,
            error_messages={"required": "required", "null": "invalid", "invalid": "invalid"},
            metadata={"uniqueItems": True, "minItems": 1, "example": ["view"]},
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if value == []:
            raise self.make_error("required")
        if not isinstance(value, list) or not all(isinstance(scope, str) for scope in value):
            raise self.make_error("invalid")
        if len(set(value)) < len(value):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class SiteTokenRequest(RequestBody):
    """What a backend asks a site token for."""

    scopes = Scopes()
    ttlSeconds = Seconds(  # noqa: N815
        attribute="ttl",
        error_messages=_always("range"),
        metadata={"example": 300, "minimum": 1, "maximum": 3600},
    )
    externalRef = fields.String(  # noqa: N815
        attribute="external_ref",
        error_messages=_always("length"),
        validate=validate.Length(1, EXTERNAL_REF_LENGTH, error="length"),
        metadata={"description": "for tracing; the request log returns it", "example": "frontend-session"},
    )

    @validates("ttlSeconds")
    def _within_the_sites_limit(self, value: timedelta, data_key: str) -> None:
        del data_key
        if not timedelta(seconds=1) <= value <= requested_site(current_case()).ttl_max:
            raise ValidationError("range")


class DeliveryOptionsRequest(RequestBody):
    """Any JSON object: the vendor publishes no body. A `siteId` in it must be the token's."""

    siteId = fields.Raw(allow_none=True, metadata={"description": "if sent, the token's site"})  # noqa: N815


class ServiceTokenAnswer(ResponseBody):
    """A service token. The first three members answer the form of RFC 7523 only."""

    oauth_access_token = fields.String(data_key="access_token")
    oauth_token_type = fields.String(data_key="token_type")
    oauth_expires_in = Seconds(data_key="expires_in")
    access_token = fields.String(data_key="accessToken", required=True)
    token_type = fields.String(data_key="tokenType", required=True)
    expires_at = Instant(data_key="expiresAt", required=True)
    expires_in = Seconds(data_key="expiresIn", required=True)


class SiteTokenAnswer(ResponseBody):
    """A site access token, which the backend passes to the page unchanged."""

    access_token = fields.String(data_key="accessToken", required=True)
    token_type = fields.String(data_key="tokenType", required=True, validate=validate.Equal("Bearer"))
    expires_at = Instant(data_key="expiresAt", required=True)
    expires_in = Seconds(data_key="expiresIn", required=True)


class DeliveryOptionsAnswer(ResponseBody):
    """A placeholder, unless the site has a `delivery_body`: the vendor does not publish this answer."""

    placeholder = fields.Boolean()
    notice = fields.String()
    site_id = fields.String(data_key="siteId")
    scopes = fields.List(fields.String())
    external_ref = fields.String(data_key="externalRef", allow_none=True)
    delivery_options = fields.List(fields.Dict(), data_key="deliveryOptions")


def requested_site(case: Case) -> Site:
    """The site that the path names; one with the usual limits if there is none."""
    site_id = case.parameters["siteId"]
    return case.sandbox.get(IngridRecords).sites.get(site_id, Site(site_id))


class ProblemItem(ResponseBody):
    """A field that failed. The earlier documentation has `message` in place of `detail`."""

    code = fields.String(required=True)
    detail = fields.String()
    message = fields.String()
    param = fields.String(required=True, metadata={"description": "JSON pointer; earlier: the field's bare name"})


class Problem(ResponseBody):
    """Problem details (RFC 9457). The earlier documentation has `trace_id` in place of `instance`."""

    type = fields.String(required=True)
    title = fields.String(required=True, metadata={"description": "translated: do not match on it"})
    status = fields.Integer(required=True)
    detail = fields.String(metadata={"description": "translated: do not match on it"})
    instance = fields.String()
    trace_id = fields.String()
    errors = fields.List(fields.Nested(ProblemItem))


class OAuthError(ResponseBody):
    """The error body of RFC 6749 section 5.2, for the form of RFC 7523."""

    error = fields.String(
        required=True, validate=validate.OneOf(("invalid_request", "invalid_grant", "unsupported_grant_type"))
    )
    error_description = fields.String(metadata={"description": "the reason code"})
