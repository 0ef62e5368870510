"""Connectors: payment providers by name, what each can do, and the credentials it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_FLOWS = {
    "nnn": "aci cashtocode celero cryptopay elavon finix fiserv forte gigadat hipay loonio nmi paybox payme"
    " peachpayments powertranz razorpay_v2 redsys sanlam trustpayments tsys twoc_twop_paco",
    "iii": "authorizedotnet axisbank bambora bamboraapac bankofamerica barclaycard calida checkout easebuzz fiuu helcim"
    " paysafe payu placetopay ppro stax wellsfargo worldpay worldpayxml zift",
    "snn": "fiservcommercehub getnet itaubank pinelabs_online trustpay",
    "sii": "airwallex iatapay truelayer volt",
    "sis": "globalpay jpmorgan",
    "sns": "paypal",
    "nns": "adyen multisafepay nexinets payload rapyd shift4",
    "nis": "bluesnap stripe",
    "nss": "nuvei",
    "nsn": "paytm",
    "nii": "cashfree hyperpg noon trustly worldpayvantiv xendit",
    "nni": "dlocal",
    "nin": "mifinity",
    "ini": "razorpay",
    "iin": "authipay fiservemea revolv3 silverflow",
    "inn": "imerchantsolutions novalnet phonepe",
    "iis": "braintree datatrans mollie revolut",
    "iie": "billwerk cybersource nexixpay",
}
FLOWS = {name: letters for letters, names in _FLOWS.items() for name in names.split()}
"""Of each connector: server token, session token, client token.

`s` is supported, `n` is not, `i` is not implemented, `e` needs more than is emulated.
"""
SERVER_TOKEN, SESSION_TOKEN, CLIENT_TOKEN = 0, 1, 2

NEWCOMERS = frozenset(
    (
        "axisbank",
        "easebuzz",
        "fiservcommercehub",
        "imerchantsolutions",
        "itaubank",
        "peachpayments",
        "pinelabs_online",
        "ppro",
        "sanlam",
        "trustly",
        "twoc_twop_paco",
    )
)
"""Known since 2026.05 only."""

_WITHOUT_KEY = frozenset(("aci", "checkout", "razorpay", "razorpay_v2"))


def _key(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


BY_KEY = {_key(name): name for name in FLOWS if name not in _WITHOUT_KEY}
"""Connectors by the key of their typed credentials: `{"config": {"Paypal": {...}}}`."""
KEY_OF = {name: key for key, name in BY_KEY.items()}


def shown(connector: str) -> str:
    """The connector as messages have it."""
    return "razorpayv2" if connector == "razorpay_v2" else connector


PARTS = {
    "header-key": ("x-api-key",),
    "body-key": ("x-api-key", "x-key1"),
    "signature-key": ("x-api-key", "x-key1", "x-api-secret"),
    "multi-auth-key": ("x-api-key", "x-key1", "x-key2", "x-api-secret"),
    "no-key": (),
    "temporary-auth": (),
    "currency-auth-key": ("x-auth-key-map",),
}
"""What each kind of legacy credentials consists of, in the order in which what is missing is told."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The credentials of a connector: fields by name; and which legacy part is which field, by kind."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ("base_url",)
    legacy: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def texts(self) -> tuple[str, ...]:
        """Those that are texts, if they are there."""
        return self.required + self.optional


def _fields(required: str, optional: str = "", **legacy: str) -> Fields:
    kinds = {kind.replace("_", "-"): dict(pair.split("=") for pair in pairs.split()) for kind, pairs in legacy.items()}
    return Fields(tuple(required.split()), (*optional.split(), "base_url"), kinds)


CREDENTIALS = {
    "stripe": _fields("api_key", header_key="api_key=x-api-key"),
    "adyen": _fields(
        "api_key merchant_account",
        "review_key",
        body_key="api_key=x-api-key merchant_account=x-key1",
        signature_key="api_key=x-api-key merchant_account=x-key1 review_key=x-api-secret",
    ),
    "airwallex": _fields("api_key client_id", body_key="api_key=x-api-key client_id=x-key1"),
    "fiservcommercehub": _fields(
        "api_key secret merchant_id terminal_id",
        multi_auth_key="api_key=x-api-key secret=x-api-secret merchant_id=x-key1 terminal_id=x-key2",
    ),
    "getnet": _fields(
        "api_key api_secret seller_id", signature_key="api_key=x-api-key api_secret=x-api-secret seller_id=x-key1"
    ),
    "globalpay": _fields("app_id app_key", body_key="app_id=x-key1 app_key=x-api-key"),
    "iatapay": _fields(
        "client_id merchant_id client_secret",
        signature_key="client_id=x-api-key merchant_id=x-key1 client_secret=x-api-secret",
    ),
    "itaubank": _fields(
        "client_secret client_id",
        "certificates private_key",
        body_key="client_id=x-api-key client_secret=x-key1",
        multi_auth_key="client_id=x-api-key client_secret=x-key1 certificates=x-api-secret private_key=x-key2",
    ),
    "jpmorgan": _fields(
        "client_id client_secret", "company_name product_name", body_key="client_id=x-api-key client_secret=x-key1"
    ),
    "paypal": _fields(
        "client_id client_secret",
        "payer_id",
        body_key="client_id=x-key1 client_secret=x-api-key",
        signature_key="client_id=x-key1 client_secret=x-api-key payer_id=x-api-secret",
    ),
    "pinelabs_online": _fields("client_id client_secret", body_key="client_id=x-api-key client_secret=x-key1"),
    "truelayer": _fields(
        "client_id client_secret",
        "merchant_account_id account_holder_name private_key kid",
        body_key="client_id=x-api-key client_secret=x-key1",
    ),
    "trustpay": _fields(
        "api_key project_id secret_key", signature_key="api_key=x-api-key project_id=x-key1 secret_key=x-api-secret"
    ),
    "volt": _fields(
        "username password client_id client_secret",
        multi_auth_key="username=x-api-key password=x-api-secret client_id=x-key1 client_secret=x-key2",
    ),
}
"""Those whose credentials are looked at; of all others any JSON object and any kind passes."""
ANY_FIELDS = Fields()
"""The credentials of those others."""
