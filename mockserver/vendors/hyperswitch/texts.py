"""Every text that Hyperswitch says no with, by revision: one table from problems to gRPC codes and messages."""

from __future__ import annotations

from typing import NamedTuple

from mockserver.vendors.hyperswitch.revisions import DOCS, NEW, OLD, UCS

OK, CANCELLED, UNKNOWN, INVALID, DEADLINE, NOT_FOUND, EXISTS, DENIED = range(8)
EXHAUSTED, PRECONDITION, ABORTED, RANGE, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS, UNAUTHENTICATED = range(8, 17)

HTTP_OF = {
    CANCELLED: 408,
    UNKNOWN: 500,
    INVALID: 400,
    DEADLINE: 504,
    NOT_FOUND: 404,
    EXISTS: 409,
    DENIED: 403,
    EXHAUSTED: 429,
    PRECONDITION: 412,
    ABORTED: 409,
    RANGE: 416,
    UNIMPLEMENTED: 501,
    INTERNAL: 500,
    UNAVAILABLE: 503,
    DATA_LOSS: 500,
    UNAUTHENTICATED: 401,
}
"""The HTTP status of a gRPC code."""
CODE_OF_PROVIDER = {
    400: INVALID,
    401: UNAUTHENTICATED,
    403: DENIED,
    404: NOT_FOUND,
    429: EXHAUSTED,
    500: INTERNAL,
    501: UNIMPLEMENTED,
    503: UNAVAILABLE,
    504: DEADLINE,
}
"""The gRPC code of what a payment provider answers; all others are UNKNOWN."""


class Text(NamedTuple):
    """A code, a message in which facts are filled in, and the error code of an `IntegrationError` if there is one."""

    code: int
    message: str
    error: str = ""


MISSING, FORMAT, CONFIGURED = "MISSING_REQUIRED_FIELD", "INVALID_DATA_FORMAT", "INVALID_CONNECTOR_CONFIG"
_CONFIG, _AUTH = "x-connector-config", "x-connector-auth"
_OVERRIDE = Text(INTERNAL, "Failed to merge config with override config: expected a JSON object")
_FAILED = Text(INTERNAL, "Access Token creation failed: InternalServerError")
_SESSION_FAILED = Text(INTERNAL, "InternalServerError")
_NOT_EMULATED = Text(UNIMPLEMENTED, "{what} is not emulated")
_FIELD = Text(INVALID, "Missing required field: {field}")
_TRANSACTION = Text(INVALID, "Missing connector transaction ID", "MISSING_CONNECTOR_TRANSACTION_ID")
_DETAILS = Text(INVALID, "missing request_details in the payload")

_NEW = {
    "override.invalid": _OVERRIDE,
    "connector.missing": Text(INVALID, "Missing required field: x-connector", MISSING),
    "connector.unknown": Text(
        INVALID, "Invalid data format: x-connector. Invalid connector: Matching variant not found", FORMAT
    ),
    "part.missing": Text(INVALID, "Missing required field: {part}", MISSING),
    "kind.unknown": Text(
        PRECONDITION, "Invalid connector configuration: x-auth. Invalid auth type: {kind}", CONFIGURED
    ),
    "map.unreadable": Text(INVALID, "Invalid data format: x-auth-key-map. Invalid auth-key-map format", FORMAT),
    "kind.unfit": Text(
        PRECONDITION,
        "Invalid connector configuration: x-auth. Failed to convert legacy auth for connector: {connector}",
        CONFIGURED,
    ),
    f"{_CONFIG}.unreadable": Text(
        INVALID,
        "Invalid data format: X-Connector-Config. Failed to parse X-Connector-Config JSON into ConnectorSpecificConfig",
        FORMAT,
    ),
    f"{_CONFIG}.unwrapped": Text(INVALID, "Missing required field: X-Connector-Config.config", MISSING),
    f"{_CONFIG}.incomplete": Text(
        PRECONDITION,
        "Invalid connector configuration: X-Connector-Config. "
        "Failed to convert connector config from X-Connector-Config header",
        CONFIGURED,
    ),
    f"{_AUTH}.unreadable": Text(
        INVALID,
        "Invalid data format: x-connector-auth. Failed to parse x-connector-auth JSON into ConnectorSpecificConfig. "
        'Migrate to x-connector-config with {{"config":{{...}}}} format.',
        FORMAT,
    ),
    f"{_AUTH}.unwrapped": Text(INVALID, "Missing required field: x-connector-auth.config", MISSING),
    f"{_AUTH}.incomplete": Text(
        PRECONDITION,
        "Invalid connector configuration: x-connector-auth. "
        "Failed to convert config from deprecated x-connector-auth header",
        CONFIGURED,
    ),
    "flow.n": Text(PRECONDITION, "{flow} flow not supported by {connector} connector", "FLOW_NOT_SUPPORTED"),
    "flow.i": Text(PRECONDITION, "This feature is not implemented: {flow} flow for {connector}", "NOT_IMPLEMENTED"),
    "not_emulated": _NOT_EMULATED,
    "field.missing": _FIELD._replace(error=MISSING),
    "transaction.missing": _TRANSACTION,
    "details.missing": _DETAILS,
    "upstream.timeout": Text(DEADLINE, "Server responded with Request Timeout"),
    "upstream.unreadable": Text(INTERNAL, "Failed to deserialize connector response"),
    "token.missing": Text(UNAUTHENTICATED, "Connector requires an access token; provide it via state.access_token"),
    "token.malformed": Text(UNAUTHENTICATED, "Invalid access token: Invalid data format: unknown"),
    "authentication.missing": Text(
        UNAUTHENTICATED, "Failed to obtain authentication type", "FAILED_TO_OBTAIN_AUTH_TYPE"
    ),
    "access_token.missing": Text(INVALID, "Missing required field: access_token", MISSING),
}

_OLD = {
    "override.invalid": _OVERRIDE,
    "connector.missing": Text(INVALID, "Missing x-connector in request metadata"),
    "connector.unknown": Text(INVALID, "Invalid connector: Matching variant not found"),
    "part.missing": Text(INVALID, "Missing {part} in request metadata"),
    "kind.unknown": Text(INVALID, "Invalid auth type: {kind}"),
    "map.unreadable": Text(INVALID, "Invalid auth-key-map format"),
    "kind.unfit": Text(INVALID, "Failed to convert legacy auth for connector: {connector}"),
    f"{_AUTH}.unreadable": Text(INVALID, "Failed to parse X-Connector-Auth JSON into ConnectorAuth"),
    f"{_AUTH}.unwrapped": Text(INVALID, "X-Connector-Auth header missing auth_type"),
    f"{_AUTH}.incomplete": Text(INVALID, "Failed to convert auth from X-Connector-Auth header"),
    f"{_CONFIG}.unreadable": Text(INVALID, "Failed to parse X-Connector-Config JSON into ConnectorSpecificConfig"),
    f"{_CONFIG}.unwrapped": Text(INVALID, "X-Connector-Config header missing config"),
    f"{_CONFIG}.incomplete": Text(INVALID, "Failed to convert connector config from X-Connector-Config header"),
    "flow.n": _FAILED,
    "flow.i": _FAILED,
    "session.flow.n": _SESSION_FAILED,
    "not_emulated": _NOT_EMULATED,
    "field.missing": _FIELD,
    "transaction.missing": _TRANSACTION._replace(error=""),
    "details.missing": _DETAILS,
    "upstream.timeout": _FAILED,
    "upstream.unreadable": _FAILED,
    "session.upstream.timeout": _SESSION_FAILED,
    "session.upstream.unreadable": _SESSION_FAILED,
    "credential.rejected": _SESSION_FAILED,
    "upstream": _SESSION_FAILED,
}

_UCS = {
    **_OLD,
    f"{_AUTH}.unreadable": Text(INVALID, "Failed to parse X-Connector-Auth header as JSON"),
    **{
        f"{_AUTH}.{problem}": Text(INVALID, "Failed to convert auth from X-Connector-Auth header")
        for problem in ("unwrapped", "unfit", "incomplete")
    },
    "merchant.missing": Text(INVALID, "Missing merchant ID in request metadata: BadRequest"),
    "connector.mismatch": _FAILED,
}

_DOCS = {
    **_OLD,
    "connector.mismatch": Text(INVALID, "x-connector and x-connector-auth name different connectors"),
}

TEXTS = {NEW.name: _NEW, OLD.name: _OLD, UCS.name: _UCS, DOCS.name: _DOCS}
for _texts in TEXTS.values():
    for _header in (_CONFIG, _AUTH):
        _texts.setdefault(f"{_header}.unfit", _texts[f"{_header}.unreadable"])
