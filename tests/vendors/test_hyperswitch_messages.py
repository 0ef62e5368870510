"""The wire, number by number: messages, enums and tables, written down here once more from what is known of them."""

from __future__ import annotations

import re

import pytest
from google.protobuf import descriptor_pb2

from mockserver.vendors.hyperswitch import enums
from mockserver.vendors.hyperswitch.connectors import FLOWS, NEWCOMERS
from mockserver.vendors.hyperswitch.methods import descriptors

FILES = {each.name: each for each in descriptor_pb2.FileDescriptorSet.FromString(descriptors()).file}
FIELD = descriptor_pb2.FieldDescriptorProto

CONNECTORS = """
1 ADYENPLATFORM, 2 ACI, 3 ADYEN, 4 AIRWALLEX, 5 AUTHORIZEDOTNET, 6 BAMBORA, 7 BAMBORAAPAC, 8 BANKOFAMERICA,
9 BILLWERK, 10 BITPAY, 11 BLUESNAP, 12 BOKU, 13 BRAINTREE, 14 CASHTOCODE, 15 CHARGEBEE, 16 CHECKOUT, 17 COINBASE,
18 COINGATE, 19 CRYPTOPAY, 20 CTP_MASTERCARD, 21 CTP_VISA, 22 CYBERSOURCE, 23 DATATRANS, 24 DEUTSCHEBANK,
25 DIGITALVIRGO, 26 DLOCAL, 27 EBANX, 28 ELAVON, 29 FISERV, 30 FISERVEMEA, 31 FIUU, 32 FORTE, 33 GETNET, 34 GLOBALPAY,
35 GLOBEPAY, 36 GOCARDLESS, 37 GPAYMENTS, 38 HIPAY, 39 HELCIM, 40 INESPAY, 41 IATAPAY, 42 ITAUBANK, 43 JPMORGAN,
44 JUSPAYTHREEDSSERVER, 45 KLARNA, 46 MIFINITY, 47 MOLLIE, 48 MONERIS, 49 MULTISAFEPAY, 50 NETCETERA, 51 NEXINETS,
52 NEXIXPAY, 53 NMI, 54 NOMUPAY, 55 NOON, 56 NOVALNET, 57 NUVEI, 58 OPENNODE, 59 PAYBOX, 60 PAYME, 61 PAYONE,
62 PAYPAL, 63 PAYSTACK, 64 PAYU, 65 PLACETOPAY, 66 POWERTRANZ, 67 PROPHETPAY, 68 RAPYD, 69 RAZORPAY, 70 RECURLY,
71 REDSYS, 72 SHIFT4, 73 SQUARE, 74 STAX, 75 STRIPE, 76 TAXJAR, 77 THREEDSECUREIO, 78 TRUSTPAY, 79 TSYS, 80 VOLT,
81 WELLSFARGO, 82 WISE, 83 WORLDLINE, 84 WORLDPAY, 85 WORLDPAYVANTIV, 86 SIGNIFYD, 87 PLAID, 88 RISKIFIED, 89 XENDIT,
90 ZEN, 91 ZSL, 92 PHONEPE, 93 CASHFREE, 94 PAYTM, 95 CALIDA, 96 PAYLOAD, 97 AUTHIPAY, 98 SILVERFLOW, 99 CELERO,
100 TRUSTPAYMENTS, 101 PAYSAFE, 102 BARCLAYCARD, 103 WORLDPAYXML, 104 REVOLUT, 105 LOONIO, 106 GIGADAT, 107 HYPERPG,
108 ZIFT, 109 REVOLV3, 110 TRUELAYER, 111 FINIX, 112 PEACHPAYMENTS, 113 PPRO, 114 FISERVCOMMERCEHUB, 115 TRUSTLY,
116 SANLAM, 117 PINELABS_ONLINE, 118 IMERCHANTSOLUTIONS, 119 AXISBANK, 120 EASEBUZZ, 121 TWOC_TWOP_PACO, 122 JUSPAY,
123 TAMARA, 124 PAYCONEX, 125 QWIKCILVER, 126 HYPERSWITCH, 127 TSYS_TRANSIT, 128 KOUNT
"""
CURRENCIES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP
CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF
IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR
SDG SEK SGD SHP SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND
VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL
"""
STATUSES = """
0 PAYMENT_STATUS_UNSPECIFIED, 1 STARTED, 2 AUTHENTICATION_FAILED, 3 ROUTER_DECLINED, 4 AUTHENTICATION_PENDING,
5 AUTHENTICATION_SUCCESSFUL, 6 AUTHORIZED, 7 AUTHORIZATION_FAILED, 8 CHARGED, 9 AUTHORIZING, 10 COD_INITIATED,
11 VOIDED, 12 VOID_INITIATED, 13 CAPTURE_INITIATED, 14 CAPTURE_FAILED, 15 VOID_FAILED, 16 AUTO_REFUNDED,
17 PARTIAL_CHARGED, 18 PARTIAL_CHARGED_AND_CHARGEABLE, 19 UNRESOLVED, 20 PENDING, 21 FAILURE, 22 PAYMENT_METHOD_AWAITED,
23 CONFIRMATION_AWAITED, 24 DEVICE_DATA_COLLECTION_PENDING, 25 PARTIALLY_AUTHORIZED, 26 EXPIRED, 57 VOIDED_POST_CAPTURE
"""
OUTCOMES = "SUCCESS FAILURE PENDING AUTHENTICATION_FAILED RATE_LIMITED INVALID_REQUEST".split()  # noqa: SIM905

TOKEN_REQUEST = (
    "1 merchant_access_token_id {id}, 2 connector Connector, 3 metadata {secret}, 4 connector_feature_data {secret},"
    " 5 test_mode opt bool"
)
TOKEN_ANSWER = (
    "1 access_token {secret}, 2 token_type opt string, 3 expires_in_seconds opt int64, 4 status OperationStatus,"
    " 5 error opt ErrorInfo, 6 status_code uint32, 7 merchant_access_token_id {id}"
)
SESSION_REQUEST = (
    "1 merchant_session_id {id}, 2 amount Money, 3 metadata {secret}, 4 connector_feature_data {secret},"
    " 5 state opt ConnectorState, 7 test_mode opt bool"
)
SESSION_ANSWER = "1 error opt ErrorInfo, 2 status_code uint32, 3 session_token string"
SDK_REQUEST = (
    "1 merchant_sdk_session_id {id}, 2 amount Money, 3 order_tax_amount opt int64, 4 shipping_cost opt int64,"
    " 8 metadata {secret}, 9 connector_feature_data {secret}"
)
SDK_ANSWER = "2 error opt ErrorInfo, 3 status_code uint32"
SERVICE = "MerchantAuthenticationService"


def _tokens(number: str, secret: str, sdk: str) -> dict[str, str]:
    answer = secret.removeprefix("opt ")
    return {
        f"{SERVICE}CreateAccessTokenRequest": TOKEN_REQUEST.format(id=number, secret=secret),
        f"{SERVICE}CreateAccessTokenResponse": TOKEN_ANSWER.format(
            id=number if number.startswith("opt") else f"opt {number}", secret=answer
        ),
        f"{SERVICE}CreateSessionTokenRequest": SESSION_REQUEST.format(id=number, secret=secret),
        f"{SERVICE}CreateSessionTokenResponse": SESSION_ANSWER,
        f"{SERVICE}CreateSdkSessionTokenRequest": SDK_REQUEST.format(id=sdk, secret=secret),
        f"{SERVICE}CreateSdkSessionTokenResponse": SDK_ANSWER,
    }


COMMON = {
    "SecretString": "1 value string",
    "Identifier": "1 id string, 2 encoded_data string, 3 no_response_id_marker Empty",
    "Money": "1 minor_amount int64, 2 currency Currency",
    "ErrorInfo": (
        "1 unified_details opt UnifiedErrorDetails, 2 issuer_details opt IssuerErrorDetails,"
        " 3 connector_details opt ConnectorErrorDetails"
    ),
    "UnifiedErrorDetails": (
        "1 code opt string, 2 message opt string, 3 description opt string, 4 user_guidance_message opt string"
    ),
    "IssuerErrorDetails": "1 code opt string, 2 message opt string, 3 network_details opt NetworkErrorDetails",
    "NetworkErrorDetails": "1 advice_code opt string, 2 decline_code opt string, 3 error_message opt string",
    "ConnectorErrorDetails": (
        "1 code opt string, 2 message opt string, 3 reason opt string, 4 connector_transaction_id opt string"
    ),
    "AccessToken": "1 token SecretString, 2 expires_in_seconds opt int64, 3 token_type opt string",
    "ConnectorState": "1 access_token opt AccessToken, 2 connector_customer_id opt string",
}
GET_REQUEST = (
    "2 connector_transaction_id string, 4 capture_method opt CaptureMethod, 6 amount opt Money,"
    " 8 state opt ConnectorState, 9 metadata opt SecretString, 10 connector_feature_data opt SecretString,"
    " 13 test_mode opt bool"
)
GET_ANSWER = (
    "1 connector_transaction_id string, 2 status PaymentStatus, 3 error opt ErrorInfo, 4 status_code uint32,"
    " 8 amount opt Money, 9 captured_amount opt int64, 23 state opt ConnectorState"
)
AUTHORIZE_REQUEST = (
    "1 merchant_transaction_id opt string, 2 amount Money, 5 payment_method PaymentMethod,"
    " 6 capture_method opt CaptureMethod, 9 auth_type AuthenticationType, 12 metadata opt SecretString,"
    " 13 connector_feature_data opt SecretString, {test_mode} test_mode opt bool, {state} state opt ConnectorState"
)
AUTHORIZE_ANSWER = (
    "1 merchant_transaction_id opt string, 2 connector_transaction_id opt string, 3 status PaymentStatus,"
    " 4 error opt ErrorInfo, 5 status_code uint32, 10 state opt ConnectorState, 13 captured_amount opt int64"
)
MESSAGES = {
    "types_common": COMMON,
    "ucs_common": COMMON,
    "types_tokens_docs": _tokens("opt string", "StringValue", "opt string"),
    "ucs_tokens_docs": _tokens("opt string", "StringValue", "opt string"),
    "ucs_tokens_2026_03_06": _tokens("Identifier", "opt SecretString", "Identifier"),
    "types_tokens_2026_03_12": _tokens("opt string", "opt SecretString", "string"),
    "types_tokens_2026_05": {
        f"{SERVICE}CreateServerAuthenticationTokenRequest": (
            TOKEN_REQUEST.format(id="opt string", secret="opt SecretString") + ", 6 merchant_request_id opt string"
        ),
        f"{SERVICE}CreateServerAuthenticationTokenResponse": TOKEN_ANSWER.format(
            id="opt string", secret="SecretString"
        ),
        f"{SERVICE}CreateServerSessionAuthenticationTokenRequest": (
            "1 merchant_server_session_id opt string, 2 connector_feature_data opt SecretString,"
            " 3 state opt ConnectorState, 4 test_mode opt bool, 5 payment PaymentSessionContext"
        ),
        f"{SERVICE}CreateServerSessionAuthenticationTokenResponse": SESSION_ANSWER,
        "PaymentSessionContext": "1 amount Money, 2 metadata opt SecretString",
        f"{SERVICE}CreateClientAuthenticationTokenRequest": (
            "1 merchant_client_session_id string, 2 connector_feature_data opt SecretString, 3 test_mode opt bool,"
            " 4 payment PaymentClientAuthenticationContext, 7 permissions opt Permissions"
        ),
        "Permissions": "1 values repeated string",
        "PaymentClientAuthenticationContext": (
            "1 amount Money, 2 order_tax_amount opt int64, 3 shipping_cost opt int64, 7 metadata opt SecretString,"
            " 8 return_url opt string"
        ),
        f"{SERVICE}CreateClientAuthenticationTokenResponse": (
            "1 session_data ClientAuthenticationTokenData, 2 error opt ErrorInfo, 3 status_code uint32"
        ),
        "ClientAuthenticationTokenData": "4 connector_specific ConnectorSpecificClientAuthenticationResponse",
        "ConnectorSpecificClientAuthenticationResponse": (
            "1 stripe StripeClientAuthenticationResponse, 2 adyen AdyenClientAuthenticationResponse"
        ),
        "StripeClientAuthenticationResponse": "1 client_secret SecretString",
        "AdyenClientAuthenticationResponse": "1 session_id string, 2 session_data SecretString",
        "IntegrationError": (
            "1 error_message string, 2 error_code string, 3 suggested_action opt string, 4 doc_url opt string"
        ),
        "ConnectorError": (
            "1 error_message string, 2 error_code string, 3 http_status_code opt uint32, 4 error_info opt ErrorInfo"
        ),
    },
    "ucs_payment_2026_03_04": {
        "PaymentServiceCreateAccessTokenRequest": (
            "1 request_ref_id Identifier, 2 connector Connector, 3 merchant_account_metadata opt SecretString,"
            " 4 metadata opt SecretString, 5 connector_metadata opt SecretString, 6 test_mode opt bool"
        ),
        "PaymentServiceCreateAccessTokenResponse": (
            "1 access_token SecretString, 2 token_type opt string, 3 expires_in_seconds opt int64,"
            " 4 status OperationStatus, 5 error_code opt string, 6 error_message opt string, 7 status_code uint32,"
            " 8 response_ref_id opt Identifier"
        ),
    },
    "types_payments_2026_03_12": {
        "PaymentServiceGetRequest": GET_REQUEST,
        "PaymentServiceGetResponse": GET_ANSWER,
        "PaymentServiceAuthorizeRequest": AUTHORIZE_REQUEST.format(test_mode=31, state=36),
        "PaymentServiceAuthorizeResponse": AUTHORIZE_ANSWER,
    },
    "types_payments_2026_05": {
        "PaymentServiceGetRequest": (
            f"1 merchant_transaction_id opt string, {GET_REQUEST}, 15 merchant_request_id opt string"
        ),
        "PaymentServiceGetResponse": f"{GET_ANSWER}, 28 merchant_transaction_id opt string",
        "PaymentServiceAuthorizeRequest": AUTHORIZE_REQUEST.format(test_mode=30, state=35),
        "PaymentServiceAuthorizeResponse": AUTHORIZE_ANSWER,
    },
    "types_payments_common": {
        "PaymentMethod": "3 card CardDetails",
        "CardDetails": (
            "1 card_number CardNumberType, 2 card_exp_month SecretString, 3 card_exp_year SecretString,"
            " 4 card_cvc SecretString, 5 card_holder_name opt SecretString"
        ),
        "CardNumberType": "1 value string",
    },
}
SCALARS = {FIELD.TYPE_STRING: "string", FIELD.TYPE_BOOL: "bool", FIELD.TYPE_INT64: "int64", FIELD.TYPE_UINT32: "uint32"}


def _told(field: FIELD) -> str:
    kind = SCALARS.get(field.type) or field.type_name.rpartition(".")[2]
    label = "repeated " if field.label == FIELD.LABEL_REPEATED else "opt " if field.proto3_optional else ""
    return f"{field.number} {field.name} {label}{kind}"


def test_every_file_is_in_the_list():
    assert {name.removeprefix("mock/").removesuffix(".proto") for name in FILES} == set(MESSAGES)


@pytest.mark.parametrize("file", MESSAGES)
def test_the_fields_of_every_message(file):
    found = {
        each.name: ", ".join(_told(field) for field in sorted(each.field, key=lambda field: field.number))
        for each in FILES[f"mock/{file}.proto"].message_type
    }

    assert found == MESSAGES[file]


def _messages(messages, outer=""):
    for each in messages:
        yield f"{outer}{each.name}", each
        yield from _messages(each.nested_type, f"{outer}{each.name}.")


@pytest.mark.parametrize("file", MESSAGES)
def test_every_field_has_the_json_name_that_is_printed(file):
    for name, message in _messages(FILES[f"mock/{file}.proto"].message_type):
        as_on_the_page = file.endswith("_docs") and "Response" in name
        for field in message.field:
            camel = re.sub("_([a-z0-9])", lambda found: found[1].upper(), field.name)
            assert field.json_name == (field.name if as_on_the_page else camel), f"{name}.{field.name}"


@pytest.mark.parametrize("file", ["types_tokens_docs", "ucs_tokens_docs"])
def test_what_the_page_prints_is_nested_in_its_answers(file):
    for name, message in _messages(FILES[f"mock/{file}.proto"].message_type):
        for field in message.field:
            if field.type_name.endswith(("OperationStatus", "ErrorInfo", "Details")):
                assert "Response." in field.type_name, f"{name}.{field.name}"
            assert not field.type_name.endswith("SecretString"), f"{name}.{field.name}"


def _numbers(text: str) -> dict[int, str]:
    return {int(number): name for number, name in (pair.split() for pair in text.split(","))}


def _enum(file: str, name: str, outer: str = "") -> dict[int, str]:
    proto = FILES[f"mock/{file}.proto"]
    holder = next(each for each in proto.message_type if each.name == outer) if outer else proto
    found = next(each for each in holder.enum_type if each.name == name)
    return {value.number: value.name for value in found.value}


@pytest.mark.parametrize("file", ["types_common", "ucs_common"])
def test_the_numbers_of_connectors_currencies_and_outcomes(file):
    connectors = {0: "CONNECTOR_UNSPECIFIED", **_numbers(CONNECTORS)}

    assert _enum(file, "Connector") == dict(enumerate(enums.CONNECTORS)) == connectors
    assert _enum(file, "Currency") == dict(enumerate(["CURRENCY_UNSPECIFIED", *CURRENCIES.split()]))
    names = [f"OPERATION_STATUS_{name}" for name in ("UNSPECIFIED", *OUTCOMES)]
    assert _enum(file, "OperationStatus") == dict(enumerate(names))


def test_the_numbers_of_the_page_and_of_payments():
    payments = "types_payments_common"
    names = ["OPERATION_STATUS_UNSPECIFIED", *OUTCOMES]

    for file in ("types_tokens_docs", "ucs_tokens_docs"):
        assert _enum(file, "OperationStatus", f"{SERVICE}CreateAccessTokenResponse") == dict(enumerate(names))
    assert _enum(payments, "PaymentStatus") == _numbers(STATUSES)
    assert _enum(payments, "CaptureMethod") == _numbers(
        "0 CAPTURE_METHOD_UNSPECIFIED, 1 AUTOMATIC, 2 MANUAL, 3 MANUAL_MULTIPLE, 4 SCHEDULED, 5 SEQUENTIAL_AUTOMATIC"
    )
    assert _enum(payments, "AuthenticationType") == _numbers(
        "0 AUTHENTICATION_TYPE_UNSPECIFIED, 1 THREE_DS, 2 NO_THREE_DS"
    )


LETTERS = """
nnn aci cashtocode celero cryptopay elavon finix fiserv forte gigadat hipay loonio nmi paybox payme peachpayments
nnn powertranz razorpay_v2 redsys sanlam trustpayments tsys twoc_twop_paco
iii authorizedotnet axisbank bambora bamboraapac bankofamerica barclaycard calida checkout easebuzz fiuu helcim paysafe
iii payu placetopay ppro stax wellsfargo worldpay worldpayxml zift
snn fiservcommercehub getnet itaubank pinelabs_online trustpay
sii airwallex iatapay truelayer volt
sis globalpay jpmorgan
sns paypal
nns adyen multisafepay nexinets payload rapyd shift4
nis bluesnap stripe
nss nuvei
nsn paytm
nii cashfree hyperpg noon trustly worldpayvantiv xendit
nni dlocal
nin mifinity
ini razorpay
iin authipay fiservemea revolv3 silverflow
inn imerchantsolutions novalnet phonepe
iis braintree datatrans mollie revolut
iie billwerk cybersource nexixpay
"""


NOT_BEFORE_2026_05 = (
    "axisbank easebuzz fiservcommercehub imerchantsolutions itaubank peachpayments pinelabs_online ppro sanlam"
    " trustly twoc_twop_paco"
)


def test_what_each_connector_can_do():
    rows = [line.split() for line in LETTERS.split("\n") if line]

    assert {name: letters for letters, *names in rows for name in names} == FLOWS
    assert sorted(NEWCOMERS) == NOT_BEFORE_2026_05.split()


def test_every_connector_that_can_be_named_has_a_number():
    assert {name.upper() for name in FLOWS} - set(_numbers(CONNECTORS).values()) == {"RAZORPAY_V2"}
