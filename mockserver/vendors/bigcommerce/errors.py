"""How BigCommerce says no: problem details by the REST API, GraphQL errors and bare texts by storefronts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.core import jsontext
from mockserver.core.bodies import JSON
from mockserver.core.calls import Reply
from mockserver.core.problems import PROBLEM_JSON
from mockserver.core.refusals import row
from mockserver.vendors.bigcommerce import hosts, sessions
from mockserver.vendors.bigcommerce.graphql import errors as query_errors
from mockserver.vendors.bigcommerce.options import BigCommerceOptions
from mockserver.vendors.bigcommerce.places import PRIVATE, StorefrontGrant
from mockserver.vendors.bigcommerce.quotas import RESET
from mockserver.vendors.bigcommerce.sessions import errors as session_errors

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.core.refusals import FieldError, Refusal

TYPE = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"
EXPOSED = "Emulator: an API account's token came from a browser."
"""A text of our own, where the vendor would not have noticed."""

PROBLEMS = {
    "browser": (403, EXPOSED),
    "credential": (401, "Unauthorized"),
    "credential.missing": (401, "X-Auth-Token header is required"),
    "fault.injected": (500, "Internal Server Error"),
    "method.not_allowed": (405, "Method Not Allowed"),
    "rate.limited": (429, "Too Many Requests"),
    "request.media_type": (415, "Unsupported Media Type"),
    "resource.not_found": (404, "Not Found"),
    "scope": (403, "You don't have a required scope to access the endpoint"),
    "token": (401, "Unauthorized"),
    "token.malformed": (422, "Invalid JWT Token provided or missing JWT token header"),
    "token.unknown": (404, "Not Found"),
    "upstream": (502, "Bad Gateway"),
}
"""Status and title of a REST refusal, by reason or its family; any other is a bad request."""
BAD_REQUEST = (400, "Input is invalid")

SHAPE_TITLE = "JSON data is missing or invalid"
RULE_TITLE = "The following fields are invalid: "
INVALID_ORIGIN = "A supplied origin is not valid."
RULES = {
    "expires_at:in_the_past": "expires_at must be in the future.",
    "expires_at:not_in_seconds": "expires_at must be a unix timestamp in seconds.",
    "channel_ids:required": "Either channel_id or channel_ids must be supplied.",
    "channel_ids:conflict": "channel_id and channel_ids can not be used together.",
    "channel_ids:not_found": "One or more channel IDs do not exist on this store.",
    "allowed_cors_origins:has_invalid_suffix": "A supplied origin has a trailing slash or other special character "
    "following the end of the domain. Please remove any trailing characters in supplied origins.",
    "allowed_cors_origins:invalid_length": "Allowed CORS origins list length should not be greater than {most}",
    "allowed_cors_origins:has_wildcard": INVALID_ORIGIN,
    "allowed_cors_origins:has_invalid_prefix": INVALID_ORIGIN,
    "allowed_cors_origins:is_empty": INVALID_ORIGIN,
    "scopes:invalid": "At least one valid scope is required: Unauthenticated, Customer, B2B.",
}
"""The texts of rules that a field breaks, by field and rule."""

INVALID = "GraphQL invalid credentials. "
TOKEN_TEXTS = {
    "token": f"{INVALID}JWT signature is invalid",
    "token.missing": "GraphQL credentials were missing. No token was sent.",
    "token.malformed": f"{INVALID}String is not a JWT",
    "token.bad_payload": f"{INVALID}JWT has Json of an unknown format",
    "token.expired": f"{INVALID}JWT is expired",
    "token.revoked": "Unknown JWT token",
    "store.mismatch": f"{INVALID}JWT store id doesn't match store id of the URL",
    "channel.mismatch": f"{INVALID}JWT channel id doesn't match channel id of the URL",
}
"""What `/graphql` says with a 401."""
NO_JSON = f"{INVALID}JWT has no valid Json"

FROM_BROWSER = (
    "Request not allowed: Detected that request originated from a browser script and is using a {token} jwt token. "
    "{tokens} tokens are not allowed with frontend requests."
)
DENIED = {
    "browser.secret_exposed": EXPOSED,
    "browser.server_only_token": FROM_BROWSER.format(token="customer impersonation", tokens="Customer impersonation"),
    "origin.not_allowed": "'Origin' header invalid: The 'Origin' request header value did not match the allowed origin "
    "set in the JWT auth token. Please generate a token that is valid for this origin.",
    "server.browser_only_token": "Request not allowed: Detected a server-to-server request that is using a storefront "
    "jwt token. Use a private token for server-to-server requests.",
}
"""What `/graphql` says with a 403."""
PRIVATE_FROM_BROWSER = FROM_BROWSER.format(token="private", tokens="Private")

OTHERS = {
    "credential": (401, "Unauthorized"),
    "fault.injected": (500, "Internal Server Error"),
    "rate.limited": (429, "Too many requests"),
    "scope": (403, "Forbidden"),
    "upstream": (502, "Bad Gateway"),
}
"""What a storefront says of what only a rule makes it refuse for."""

NO_STORE_PAGE = (
    b"<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center>"
    b"<hr><center>openresty</center></body></html>"
)


def refuse(refusal: Refusal, case: Case) -> Reply:
    """The answer to a refusal: the one place where it is decided who says it, the REST API or a storefront."""
    if refusal.reason == "store.unknown":
        return _nothing_there(case)
    if case.operation is None:
        return _miss(refusal, case)
    if case.operation.name == "bigcommerce.query":
        return _of_query(refusal, case)
    if case.operation in sessions.OPERATIONS:
        return session_errors.refuse(refusal, case) or _denied(refusal, case) or _other(refusal)
    return _problem(refusal, case)


def _nothing_there(case: Case) -> Reply:
    if hosts.is_api(case.call):
        return Reply(404, (("Content-Type", "text/html"),), NO_STORE_PAGE)
    return Reply(404, (("Content-Type", "text/plain"),), b"Not Found")


def _miss(refusal: Refusal, case: Case) -> Reply:
    if not hosts.is_storefront(case.call):
        return _problem(refusal, case)
    if refusal.reason == "method.not_allowed":
        methods = (*refusal.facts.get("allowed", ()), *(("OPTIONS",) if case.call.path.endswith("/graphql") else ()))
        return Reply(405, (("Allow", ", ".join(methods)),))
    return _nothing_there(case) if refusal.reason == "route.not_found" else _other(refusal)


def _problem(refusal: Refusal, case: Case) -> Reply:
    """A refusal of the REST API."""
    if refusal.reason == "route.not_found":
        return Reply(404, (("Content-Type", PROBLEM_JSON),), jsontext.write({"status": 404, "type": TYPE}))
    errors: tuple[FieldError, ...] = refusal.facts.get("errors", ())
    if refusal.reason == "request.invalid" and "jti" not in case.parameters:
        status, (title, told) = 422, _fields(errors, case)
    else:
        (status, title), told = row(PROBLEMS, refusal.reason, BAD_REQUEST), {}
    headers = [("Content-Type", PROBLEM_JSON)]
    if refusal.reason == "method.not_allowed":
        headers.append(("Allow", ", ".join(refusal.facts.get("allowed", ()))))
    if refusal.reason == "rate.limited":
        headers += [("X-Retry-After", str(-(-int(left) // 1000))) for name, left in case.stamp if name == RESET]
    body: dict[str, Any] = {"status": status, "title": title, "type": TYPE, "errors": told}
    return Reply(status, tuple(headers), jsontext.write(body))


def _fields(errors: tuple[FieldError, ...], case: Case) -> tuple[str, dict[str, str]]:
    """Title and errors: those of shape alone where there are any, else the rules that are broken.

    Where a rule asked for this, there are none.
    """
    shape = {str(error.path[0]): error.problem for error in errors if error.problem.startswith("error.")}
    if shape or not errors:
        return SHAPE_TITLE, shape
    most = case.sandbox.get(BigCommerceOptions).max_cors_origins
    broken = [f"{error.path[0]}:{error.problem}" for error in errors]
    return RULE_TITLE + ", ".join(broken), {name: RULES[name].format(most=most) for name in broken}


def _of_query(refusal: Refusal, case: Case) -> Reply:
    """A refusal of `/graphql`: the token's and the caller's here, the query's where queries are answered."""
    text = row(TOKEN_TEXTS, refusal.reason, "")
    if refusal.reason == "token.bad_payload" and "claim" in refusal.facts and not refusal.facts["claim"]:
        text = NO_JSON
    if text:
        return _told(401, text)
    return _denied(refusal, case) or query_errors.refuse(refusal, case) or _other(refusal)


def _denied(refusal: Refusal, case: Case) -> Reply | None:
    text = DENIED.get(refusal.reason, "")
    if refusal.reason == "browser.server_only_token" and _kind(refusal, case) == PRIVATE:
        text = PRIVATE_FROM_BROWSER
    if not text:
        return None
    if case.sandbox.get(BigCommerceOptions).graphql_403_body == "json":
        return _told(403, text)
    return Reply(403, (("Content-Type", "text/plain; charset=UTF-8"),), text.encode())


def _kind(refusal: Refusal, case: Case) -> str:
    """The kind of the token that a refusal is about; where a rule asked for it, of the one that the call carries."""
    grant = case.known[1].grant if case.known else None
    return str(refusal.facts.get("kind", grant.kind if isinstance(grant, StorefrontGrant) else ""))


def _other(refusal: Refusal) -> Reply:
    return _told(*row(OTHERS, refusal.reason, (400, "Bad Request")))


def _told(status: int, text: str) -> Reply:
    return Reply(status, (("Content-Type", JSON),), jsontext.write({"errors": [{"message": text}]}))
