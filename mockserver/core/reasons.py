"""Every reason to say no: its code, what it means, and the clause behind it.

One vocabulary for all vendors: the same thing has the same code everywhere. A new code is entered here
first; the OpenAPI documents, the reference and the tests are made from this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Reason:
    """A code, its meaning in a few words, and the standard behind it where there is one."""

    code: str
    meaning: str
    clause: str = ""


class UnknownReasonError(LookupError):
    """No such reason code."""

    def __init__(self, code: str) -> None:
        near = get_close_matches(code, REASONS, n=1)
        super().__init__(f"no reason is called '{code}'" + (f"; did you mean '{near[0]}'?" if near else ""))


_TABLE = (
    Reason("request.malformed", "body or header syntax cannot be parsed"),
    Reason("request.media_type", "content type not accepted here", "RFC 9110 section 15.5.16"),
    Reason("request.invalid", "a field is missing, of the wrong type or breaks a rule"),
    Reason("request.duplicate_parameter", "a form parameter is repeated", "RFC 6749 section 3.2"),
    Reason("request.unsupported_grant", "grant type not offered", "RFC 6749 section 5.2"),
    Reason("request.unprocessable", "well-formed but breaks a business rule"),
    Reason("request.idempotency_conflict", "idempotency key reused with another body"),
    Reason("request.not_emulated", "declared by the vendor, and not emulated"),
    Reason("method.not_allowed", "known path, wrong HTTP method", "RFC 9110 section 15.5.6"),
    Reason("route.not_found", "no such route or RPC, or it is switched off"),
    Reason("rate.limited", "over the allowed rate", "RFC 6585 section 4"),
    Reason("resource.not_found", "the id in path, body or token does not exist"),
    Reason("assertion.missing", "no assertion sent", "RFC 7521 section 4.1"),
    Reason("assertion.malformed", "not one well-formed compact JWS", "RFC 7515 section 7.1"),
    Reason("assertion.unsupported_algorithm", "alg not allowed for that key", "RFC 8725 section 3.1"),
    Reason("assertion.unknown_key", "kid names no active key", "RFC 7515 section 4.1.4"),
    Reason("assertion.bad_signature", "no active key verifies it", "RFC 7523 section 3"),
    Reason("assertion.missing_claim", "a required claim is absent", "RFC 7523 section 3"),
    Reason("assertion.invalid_claim", "a claim has a wrong type or value", "RFC 7519 section 2"),
    Reason("assertion.wrong_audience", "aud is not this server", "RFC 7523 section 3"),
    Reason("assertion.expired", "past exp", "RFC 7519 section 4.1.4"),
    Reason("assertion.not_yet_valid", "nbf or iat in the future", "RFC 7519 section 4.1.5"),
    Reason("assertion.lifetime_too_long", "exp - iat over the maximum", "RFC 7523 section 3"),
    Reason("assertion.replayed", "single-use assertion seen before", "RFC 7523 section 3"),
    Reason("credential.missing", "no backend credential sent"),
    Reason("credential.malformed", "credential header cannot be decoded", "RFC 7617 section 2"),
    Reason("credential.unknown", "id, account or key not registered"),
    Reason("credential.wrong_secret", "id known, secret or certificate wrong"),
    Reason("credential.disabled", "registered but switched off"),
    Reason("credential.multiple", "two credential kinds on one request", "RFC 6749 section 2.3"),
    Reason("credential.mismatch", "credential kind does not fit the connector"),
    Reason("credential.incomplete", "a required part of the credential is absent"),
    Reason("credential.rejected", "the payment provider refused the credentials"),
    Reason("token.missing", "no token where one is needed", "RFC 6750 section 3.1"),
    Reason("token.malformed", "not the shape of any token we issue", "RFC 6750 section 2.1"),
    Reason("token.unknown", "well-shaped, never issued here", "RFC 6750 section 3.1"),
    Reason("token.bad_signature", "signature or algorithm does not match our key", "RFC 8725 section 3.1"),
    Reason("token.bad_payload", "good signature, payload not usable", "RFC 7519 section 7.2"),
    Reason("token.expired", "past its expiry", "RFC 6750 section 3.1"),
    Reason("token.not_yet_valid", "issued in the future", "RFC 7519 section 4.1.5"),
    Reason("token.revoked", "revoked before its expiry", "RFC 6750 section 3.1"),
    Reason("token.wrong_kind", "right issuer, kind not accepted at this endpoint", "RFC 8725 section 3.12"),
    Reason("token.multiple", "token sent in two places", "RFC 6750 section 2"),
    Reason("scope.unknown", "scope not in the catalogue", "RFC 6749 section 3.3"),
    Reason("scope.escalation", "scope exists, the requester may not grant it", "RFC 6749 section 3.3"),
    Reason("scope.insufficient", "valid token or account, permission lacking", "RFC 6750 section 3.1"),
    Reason("binding.wrong_site", "site is not the token's or account's"),
    Reason("binding.wrong_customer", "object belongs to another customer"),
    Reason("binding.wrong_partner", "partner is not the credential's or token's"),
    Reason("binding.wrong_merchant", "merchant is not the credential's or token's"),
    Reason("binding.wrong_client", "token belongs to another client", "RFC 7009 section 2.1"),
    Reason("binding.wrong_connector", "token belongs to another connector"),
    Reason("store.unknown", "no such store"),
    Reason("store.mismatch", "store is not the token's"),
    Reason("channel.mismatch", "channel is not the token's"),
    Reason("channel.not_live", "channel cannot log in"),
    Reason("ip.mismatch", "caller address is not the one bound"),
    Reason("origin.not_allowed", "Origin not in the list bound to token or server", "Fetch, CORS protocol"),
    Reason("browser.secret_exposed", "long-lived secret or mint call came from a browser", "Fetch Metadata"),
    Reason("browser.server_only_token", "server-only token kind came from a browser", "Fetch Metadata"),
    Reason("server.browser_only_token", "browser-only token kind used server to server"),
    Reason("login.bad_credentials", "shopper login refused: e-mail or password"),
    Reason("login.bad_jwt", "shopper login refused: JWT"),
    Reason("login.reset_required", "password reset forced"),
    Reason("login.wrong_context", "token asked for in the wrong context"),
    Reason("session.missing", "shopper token absent"),
    Reason("session.invalid", "shopper token dead"),
    Reason("customer.unknown", "no such shopper"),
    Reason("query.invalid", "GraphQL document refused"),
    Reason("query.too_complex", "GraphQL document refused: complexity"),
    Reason("query.too_deep", "GraphQL document refused: depth"),
    Reason("connector.missing", "connector not named"),
    Reason("connector.unknown", "connector not in the list"),
    Reason("connector.mismatch", "connector named twice, differently"),
    Reason("connector.unsupported", "connector has no such token flow"),
    Reason("merchant.missing", "merchant header absent where required"),
    Reason("override.invalid", "configuration override header is not usable"),
    Reason("upstream.400", "the payment provider behind answered 400"),
    Reason("upstream.403", "the payment provider behind answered 403"),
    Reason("upstream.404", "the payment provider behind answered 404"),
    Reason("upstream.429", "the payment provider behind answered 429"),
    Reason("upstream.500", "the payment provider behind answered 500"),
    Reason("upstream.501", "the payment provider behind answered 501"),
    Reason("upstream.503", "the payment provider behind answered 503"),
    Reason("upstream.504", "the payment provider behind answered 504"),
    Reason("upstream.timeout", "the payment provider behind did not answer in time"),
    Reason("upstream.unreadable", "the payment provider behind answered nonsense"),
    Reason("upstream.inband", "the payment provider behind failed inside a success"),
    Reason("fault.injected", "answer forced by a configured fault"),
)

REASONS = {reason.code: reason for reason in _TABLE}
"""Every reason by its code."""
