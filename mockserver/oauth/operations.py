"""What token services do: revoke, introspect, and tell of themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from mockserver.core import bodies
from mockserver.core.assertions import unverified_subject
from mockserver.core.bodies import FORM
from mockserver.core.clock import seconds
from mockserver.core.credentials import basic_user
from mockserver.core.operations import BODY_BEFORE_CALLER, Answer, Body, Operation
from mockserver.core.origins import Cors
from mockserver.core.refusals import Refusal
from mockserver.oauth import schemas

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mockserver.core.calls import Call
    from mockserver.core.case import Case
    from mockserver.core.tokens import Token
    from mockserver.core.vendor import Authorization, Vendor

METADATA_PATH = "/.well-known/oauth-authorization-server"
KEYS_PATH = "/.well-known/jwks.json"
PASSING = frozenset({"credential.missing", "credential.unknown"})
"""Why a client may be another vendor's."""
READABLE = Cors(methods=("GET",), headers=("authorization", "content-type"))


class Client(NamedTuple):
    """Who calls: a client of a vendor."""

    vendor: Vendor
    id: str


@dataclass(frozen=True, slots=True)
class Services:
    """The token services of these vendors; in one call, of the vendor that its address names, else of all."""

    vendors: Sequence[Vendor]

    def client(self, case: Case) -> Client:
        """The client that proves who it is, in its vendor's own way; anyone else is refused."""
        refused = Refusal("credential.missing", hint="no vendor here has clients")
        for vendor, authorization in self._servers(case):
            try:
                return Client(vendor, authorization.client(_before(case, vendor)))
            except Refusal as refusal:
                if refusal.reason not in PASSING:
                    raise
                refused = refusal
        raise refused

    def revoke(self, case: Case) -> Answer:
        """Revoke a token of the client's own. One that is unknown or dead is fine (RFC 7009 section 2.2)."""
        client = case.called_by(Client)
        token = case.sandbox.tokens.find(case.fields["token"])
        if token:
            own = _is_of(token, client)
            case.require(own, "binding.wrong_client", seen=token.subject, wanted=client.id)
            case.sandbox.tokens.revoke_one(case.fields["token"], case.now)
        return Answer(verbatim=b"")

    def introspect(self, case: Case) -> Answer:
        """Tell of a token of the client's own, as long as it counts; of any other, nothing (RFC 7662 section 2.2)."""
        client = case.called_by(Client)
        token = case.sandbox.tokens.find(case.fields["token"])
        if token is None or not _is_of(token, client) or not _counts(token, case):
            return Answer({"active": False})
        return Answer(_told(token, client.vendor, case))

    def keys(self, case: Case) -> Answer:
        """The public keys that verify now. A symmetric key has no public half, and is never listed."""
        listed = [jwk for vendor in self._addressed(case) for jwk in _public_keys(vendor, case)]
        return Answer({"keys": listed})

    def metadata(self, case: Case) -> Answer:
        """Where everything is, for the issuer whose path stands behind this one (RFC 8414 section 3.1)."""
        seen, wanted = case.parameters["issuer"], urlsplit(case.base_url).path.strip("/")
        hint = "the issuer's path stands behind the well-known part, not before it"
        case.require(seen == wanted, "resource.not_found", seen=seen, wanted=wanted, hint=hint)
        servers = self._servers(case)
        names = [f"{case.base_url}/{vendor.name}" for vendor, _ in servers]
        case.require(len(servers) == 1, "resource.not_found", wanted=names, hint=f"issuers are {', '.join(names)}")
        vendor, authorization = servers[0]
        issuer = _before(case, vendor).base_url
        token_path = authorization.token_path(case.sandbox.get(vendor.options))
        methods = list(authorization.auth_methods)
        algorithms = list(authorization.signing_algorithms)
        told = {
            "issuer": issuer,
            "token_endpoint": issuer + token_path,
            "jwks_uri": issuer + KEYS_PATH,
            # There is no authorization endpoint; readers refuse both a missing and an empty list.
            "response_types_supported": ["none"],
            "grant_types_supported": list(authorization.grants),
        }
        for name in ("token", "revocation", "introspection"):
            if name != "token":
                told[f"{name}_endpoint"] = f"{issuer}/oauth2/{_VERBS[name]}"
            told[f"{name}_endpoint_auth_methods_supported"] = methods
            if algorithms:
                told[f"{name}_endpoint_auth_signing_alg_values_supported"] = algorithms
        return Answer(told)

    def _addressed(self, case: Case) -> list[Vendor]:
        name = case.parameters.get("vendor")
        return [vendor for vendor in self.vendors if name in (None, vendor.name)]

    def _servers(self, case: Case) -> list[tuple[Vendor, Authorization]]:
        return [(vendor, vendor.authorization) for vendor in self._addressed(case) if vendor.authorization]


_VERBS = {"revocation": "revoke", "introspection": "introspect"}


def _before(case: Case, vendor: Vendor) -> Case:
    """The same case, as this vendor would have it."""
    return replace(case, vendor=vendor, options=case.sandbox.get(vendor.options))


def _named(call: Call, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """The client that a call names, whichever way: its sandbox is where the token is looked for."""
    del parameters
    assertion = bodies.peek(call).get("client_assertion")
    return (*unverified_subject(assertion), *basic_user(call.headers.get("Authorization")))


def _is_of(token: Token, client: Client) -> bool:
    return token.vendor == client.vendor.name and token.subject == client.id


def _counts(token: Token, case: Case) -> bool:
    return token.state(case.now) == "alive" and not case.sandbox.is_over(token.kid, case.now)


def _told(token: Token, vendor: Vendor, case: Case) -> dict[str, object]:
    scopes = vendor.authorization.scopes(token) if vendor.authorization else ()
    return {
        "active": True,
        **({"scope": " ".join(scopes)} if scopes else {}),
        "client_id": token.subject,
        "token_type": "Bearer",
        "exp": seconds(token.expires_at),
        "iat": seconds(token.issued_at),
        "sub": token.subject,
        "iss": _before(case, vendor).base_url,
        "jti": token.id,
    }


def _public_keys(vendor: Vendor, case: Case) -> Iterator[dict[str, str]]:
    for name, draw in vendor.keyrings.items():
        for key in case.sandbox.keyring(name, draw).verifying(case.now):
            jwk = key.verifying.public_jwk()
            if jwk:
                yield {**jwk, "kid": key.kid, "use": "sig", "alg": key.verifying.algorithm}


def operations(vendors: Sequence[Vendor]) -> tuple[Operation, ...]:
    """The four of them."""
    services = Services(vendors)
    clients = ("browser.secret_exposed", "request.media_type", "request.duplicate_parameter", "request.invalid")
    return (
        Operation(
            name="oauth2.revoke",
            summary="Revoke a token of one's own",
            source="RFC 7009",
            method="POST",
            path="/oauth2/revoke",
            bodies=(Body(FORM, schemas.RevocationForm()),),
            order=BODY_BEFORE_CALLER,
            caller=services.client,
            identifies=_named,
            run=services.revoke,
            response=schemas.Empty(),
            refusals=(*clients, "credential.missing", "credential.unknown", "binding.wrong_client"),
        ),
        Operation(
            name="oauth2.introspect",
            summary="Ask about a token of one's own",
            source="RFC 7662",
            method="POST",
            path="/oauth2/introspect",
            bodies=(Body(FORM, schemas.TokenForm()),),
            order=BODY_BEFORE_CALLER,
            caller=services.client,
            identifies=_named,
            run=services.introspect,
            response=schemas.Introspection(),
            mints=True,
            refusals=(*clients, "credential.missing", "credential.unknown"),
        ),
        Operation(
            name="oauth2.get_keys",
            summary="The public keys that verify tokens",
            source="RFC 7517",
            method="GET",
            path=KEYS_PATH,
            cors=READABLE,
            run=services.keys,
            response=schemas.KeySet(),
            refusals=(),
        ),
        Operation(
            name="oauth2.get_metadata",
            summary="Where an issuer's endpoints are",
            source="RFC 8414",
            method="GET",
            path=METADATA_PATH + "/{issuer*}",
            cors=READABLE,
            run=services.metadata,
            response=schemas.Metadata(),
            refusals=("resource.not_found",),
        ),
    )
