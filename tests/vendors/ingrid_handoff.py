"""Ingrid's hand-off as backends and pages make it, hop by hop, and the sheet's own words for its answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from dataclasses import replace
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from mockserver.core.clock import seconds
from mockserver.vendors.ingrid.records import IngridRecords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockserver.core.journal import Exchange
    from mockserver.core.sandbox import Sandbox
    from tests.support.wire import Got, Wire

    Sign = Callable[[bytes], bytes]
    Pairs = Iterable[tuple[str, str]]

AUTH = "/v1/auth/token"
DELIVERY = "/v1/delivery/options"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
ORIGIN = "http://localhost:3000"
FROM_A_PAGE = [("Origin", ORIGIN)]

TRACE = re.compile(r"D\d{14}[A-Z0-9]{16}")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

OUR_SENTENCE = re.compile(r'(?<="detail":")[A-Za-z][^"]*\.(?=","param")')

P401 = (
    '{"type":"https://docs.ingrid.com/developer-resources/ingrid-api/errors/common/unauthorized",'
    '"title":"Unauthorized","status":401,"detail":"The request requires valid authentication credentials.",'
    '"instance":"urn:ingrid:request:<uuid>"}'
)
P403 = (
    '{"type":"https://docs.ingrid.com/developer-resources/ingrid-api/errors/common/forbidden",'
    '"title":"Forbidden","status":403,"detail":"You do not have permission to access this resource.",'
    '"instance":"urn:ingrid:request:<uuid>"}'
)
MALFORMED = '{"code":"error.body.malformed","detail":"The body must be a JSON object.","param":""}'
NO_GRANT = '{"code":"error.grantType.required","detail":"grantType is required.","param":"/grantType"}'
NO_SCOPES = '{"code":"error.scopes.required","detail":"scopes is required.","param":"/scopes"}'
BROWSER_DETAIL = "Emulator: a service-account call came from a browser."
SERVER_TOKEN_DETAIL = "Emulator: a service token reached a browser."

INVALID_TOKEN = 'Bearer error="invalid_token"'
INSUFFICIENT_SCOPE = 'Bearer error="insufficient_scope"'


def p400(*items: str) -> str:
    """The template P400 with these items."""
    return (
        '{"type":"https://docs.ingrid.com/developer-resources/ingrid-api/errors/common/validation-error",'
        '"title":"Validation Error","status":400,"detail":"One or more fields failed validation.",'
        f'"instance":"urn:ingrid:request:<uuid>","errors":[{",".join(items)}]}}'
    )


def p403(detail: str) -> str:
    """The template P403 with a detail of the emulator's own."""
    return P403.replace("You do not have permission to access this resource.", detail)


def p_none(status: int) -> str:
    """The template P-none: the neutral type of RFC 9457."""
    title = HTTPStatus(status).phrase
    return f'{{"type":"about:blank","title":"{title}","status":{status},"instance":"urn:ingrid:request:<uuid>"}}'


def oauth_error(error: str, reason: str) -> str:
    """The template F."""
    return f'{{"error":"{error}","error_description":"{reason}"}}'


def item(code: str, param: str) -> str:
    """An item whose detail the sheet leaves to us."""
    return f'{{"code":"{code}","detail":"<sentence>","param":"{param}"}}'


def written(got: Got, like: str = "") -> str:
    """The body with its uuid as the sheet prints it, and our sentences where the template *like* has some."""
    body = UUID.sub("<uuid>", got.body.decode())
    return OUR_SENTENCE.sub("<sentence>", body) if "<sentence>" in like else body


def headers_of(got: Got) -> dict[str, str]:
    """The header fields of an answer but for its length, its date and the emulator's own notes."""
    ours = {"Content-Length", "Date"}
    fields = {name: value for name, value in got.headers if name not in ours and not name.startswith("X-Mock-")}
    assert len(fields) == len([name for name, _ in got.headers if name in fields]), "a header field is repeated"
    return {name: TRACE.sub("<trace>", value) for name, value in fields.items()}


def wire_image(got: Got) -> tuple[int, dict[str, str], str]:
    """All that a client can tell of an answer, but for `instance` and `X-Trace-Id`."""
    return got.status, headers_of(got), written(got)


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The same, backwards."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def decoded(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a JWT, members in their order."""
    header, payload, _ = token.split(".")
    return json.loads(unb64(header)), json.loads(unb64(payload))


def compact(header: Any, payload: Any, sign: Sign) -> str:
    """A compact JWS over whatever is given, bytes as they are and all else as JSON."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    signing_input = ".".join(b64(part) for part in parts)
    return f"{signing_input}.{b64(sign(signing_input.encode()))}"


def unsigned(_: bytes) -> bytes:
    """No signature at all."""
    return b""


def hs256(secret: bytes) -> Sign:
    """HMAC with SHA-256."""
    return lambda data: hmac.digest(secret, data, hashlib.sha256)


def rs256(pem: str) -> Sign:
    """RSASSA-PKCS1-v1_5 with SHA-256."""
    return lambda data: _private(pem).sign(data, padding.PKCS1v15(), hashes.SHA256())


def rs512(pem: str) -> Sign:
    """RSASSA-PKCS1-v1_5 with SHA-512."""
    return lambda data: _private(pem).sign(data, padding.PKCS1v15(), hashes.SHA512())


def ps256(pem: str) -> Sign:
    """RSASSA-PSS with SHA-256."""
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)
    return lambda data: _private(pem).sign(data, pss, hashes.SHA256())


class Handoff:
    """Ingrid on the wire, below `/ingrid` of a sandbox, with the demo accounts and their keys."""

    def __init__(self, wire: Wire, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.wire = wire
        self._prefix = "/ingrid" if sandbox.name == "default" else f"/~{sandbox.name}/ingrid"
        self.base_url = f"http://localhost{self._prefix}"
        self.auth_url = self.base_url + AUTH

    @property
    def now(self) -> int:
        return seconds(self.sandbox.clock.now())

    @property
    def records(self) -> IngridRecords:
        return self.sandbox.get(IngridRecords)

    def call(self, path: str, body: Any = b"", *, method: str = "POST", kind: str = JSON, headers: Pairs = ()) -> Got:
        """A call with this body: bytes as they are, all else as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        typed = [("Content-Type", kind)] if kind else []
        return self.wire(method, self._prefix + path, body=data, headers=[*typed, *headers])

    def private_key(self, account: str = "sa_demo") -> str:
        """The private key of a demo account, PEM."""
        return self.records.accounts[account].keys[0].private_key or ""

    def public_pem(self, account: str = "sa_demo") -> bytes:
        """The public half of it, PEM, as anyone may have it."""
        public = self.records.accounts[account].keys[0].verifying.public
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def claims(self, *, without: Iterable[str] = (), **changes: Any) -> dict[str, Any]:
        """The documented four claims of sa_demo, *without* some, with *changes*."""
        usual = {"sub": "sa_demo", "iat": self.now, "exp": self.now + 60, "aud": self.auth_url}
        return {name: value for name, value in usual.items() if name not in without} | changes

    def signed(
        self,
        account: str = "sa_demo",
        *,
        header: dict[str, Any] | None = None,
        sign: Sign | None = None,
        without: Iterable[str] = (),
        **changes: Any,
    ) -> str:
        """An assertion under the key of *account*, as the vendor's guide builds it but for what is given."""
        full_header = {"alg": "RS256", "typ": "JWT"} | (header or {})
        sign = sign or rs256(self.private_key(account))
        return compact(full_header, self.claims(without=without, **changes), sign)

    def auth(self, assertion: Any, *, path: str = AUTH, headers: Pairs = ()) -> Got:
        """Hop one, in the vendor's JSON."""
        return self.call(path, {"grantType": GRANT, "assertion": assertion}, headers=headers)

    def auth_form(self, assertion: str, *, headers: Pairs = ()) -> Got:
        """Hop one, in the form of RFC 7523."""
        body = urlencode({"grant_type": GRANT, "assertion": assertion}).encode()
        return self.call(AUTH, body, kind=FORM, headers=headers)

    def mint(self, token: str | None, *, site: str = "site_demo", headers: Pairs = (), **body: Any) -> Got:
        """Hop two: a site token."""
        asked = {"scopes": ["view"], **body}
        return self.call(f"/v1/sites/{site}/access-tokens", asked, headers=[*bearer(token), *headers])

    def use(self, token: str | None, body: Any = None, *, query: str = "", headers: Pairs = ()) -> Got:
        """Hop three: delivery options."""
        return self.call(DELIVERY + query, {} if body is None else body, headers=[*bearer(token), *headers])

    def preflight(self, path: str = DELIVERY, *, origin: str = ORIGIN, method: str = "POST", **more: str) -> Got:
        """What a browser asks before a page's call; *more* are header fields, with `_` for `-`."""
        asked = {
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        fields = {"Origin": origin, **asked, **{name.replace("_", "-"): value for name, value in more.items()}}
        return self.call(path, method="OPTIONS", kind="", headers=fields.items())

    def service_token(self, account: str = "sa_demo") -> str:
        """A service token of this account."""
        return _token(self.auth(self.signed(account, sub=account)))

    def site_token(self, account: str = "sa_demo", **body: Any) -> str:
        """A site token that this account minted."""
        return _token(self.mint(self.service_token(account), **body))

    def edit_token(self) -> str:
        """A site token that lacks the scope `view`."""
        return self.site_token("sa_edit", scopes=["edit"])

    def change_account(self, account: str = "sa_demo", **changes: Any) -> None:
        """Change what is on record about an account."""
        self.sandbox.put(self.records.with_account(replace(self.records.accounts[account], **changes)))

    def change_site(self, site: str = "site_demo", **changes: Any) -> None:
        """Change what is on record about a site."""
        self.sandbox.put(self.records.with_site(replace(self.records.sites[site], **changes)))

    def journalled(self, got: Got) -> Exchange:
        """What the journal keeps of this call."""
        exchange = self.sandbox.journal.find(got.exchange)
        assert exchange is not None
        return exchange

    def hint(self, got: Got) -> str:
        """The free text beside the reason of this refusal."""
        return self.journalled(got).hint

    def findings(self, got: Got) -> list[str]:
        """The codes of what the integrator should know about this call."""
        return [finding.reason for finding in self.journalled(got).findings]


def bearer(token: str | None) -> list[tuple[str, str]]:
    """The header field that carries this token, if there is one."""
    return [] if token is None else [("Authorization", f"Bearer {token}")]


def _token(got: Got) -> str:
    assert got.status in (200, 201), got.body
    token: str = got.json["accessToken"]
    return token


@cache
def _private(pem: str) -> Any:
    return load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
