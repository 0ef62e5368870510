"""The forms that token services take, and what they answer."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from mockserver.schema import RequestBody, ResponseBody

_REQUIRED: dict[str, Any] = {"required": "required", "null": "required", "invalid": "required"}


class TokenForm(RequestBody):
    """A token, and by whom it is sent (RFC 7009 section 2.1, RFC 7662 section 2.1)."""

    token = fields.String(required=True, error_messages=_REQUIRED, metadata={"description": "of any kind"})
    token_type_hint = fields.String(metadata={"example": "access_token"})
    client_assertion = fields.String(metadata={"description": "RFC 7523 section 2.2"})
    client_assertion_type = fields.String()


class RevocationForm(TokenForm):
    """The same; only access tokens are issued here, so any other hint is of a type not supported."""

    token_type_hint = fields.String(
        validate=validate.Equal("access_token", error="unsupported"), metadata={"example": "access_token"}
    )


class Introspection(ResponseBody):
    """What is known of a token; of one that does not count, only that (RFC 7662 section 2.2)."""

    active = fields.Boolean(required=True)
    scope = fields.String()
    client_id = fields.String()
    token_type = fields.String()
    exp = fields.Integer()
    iat = fields.Integer()
    sub = fields.String()
    iss = fields.String()
    jti = fields.String()


class KeySet(ResponseBody):
    """Public keys (RFC 7517 section 5)."""

    keys = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), required=True)


class Metadata(ResponseBody):
    """Authorization server metadata (RFC 8414 section 2)."""

    issuer = fields.String(required=True)
    token_endpoint = fields.String(required=True)
    jwks_uri = fields.String(required=True)
    response_types_supported = fields.List(fields.String(), required=True)
    grant_types_supported = fields.List(fields.String(), required=True)
    token_endpoint_auth_methods_supported = fields.List(fields.String(), required=True)
    token_endpoint_auth_signing_alg_values_supported = fields.List(fields.String())
    revocation_endpoint = fields.String(required=True)
    revocation_endpoint_auth_methods_supported = fields.List(fields.String(), required=True)
    revocation_endpoint_auth_signing_alg_values_supported = fields.List(fields.String())
    introspection_endpoint = fields.String(required=True)
    introspection_endpoint_auth_methods_supported = fields.List(fields.String(), required=True)
    introspection_endpoint_auth_signing_alg_values_supported = fields.List(fields.String())


class Empty(ResponseBody):
    """Nothing: the answer has no body."""


class OAuthError(ResponseBody):
    """The error body of RFC 6749 section 5.2."""

    error = fields.String(required=True)
    error_description = fields.String()


def problems_of(refusal_facts: dict[str, Any]) -> list[str]:
    """What is wrong with the fields of a form, as its schema calls it."""
    return [error.problem for error in refusal_facts.get("errors", ())]
