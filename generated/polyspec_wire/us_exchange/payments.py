"""Bank and card deposits and withdrawals, in beta. Bodies are not published.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Any, Final

from polyspec_wire._call import Call, Operation
from polyspec_wire.us_exchange.models import (
    Status,
)

__all__ = [
    "CREATE_AEROPAY_DEPOSIT",
    "CREATE_AEROPAY_WITHDRAWAL",
    "CREATE_CHECKOUT_DEPOSIT",
    "CREATE_CHECKOUT_INSTRUMENT",
    "CREATE_CHECKOUT_PAYMENT_SESSION",
    "CREATE_CHECKOUT_WITHDRAWAL",
    "INITIALIZE_AEROPAY",
    "LIST_AEROPAY_METHODS",
    "OPERATIONS",
    "VALIDATE_AEROPAY_MFA",
    "create_aeropay_deposit",
    "create_aeropay_withdrawal",
    "create_checkout_deposit",
    "create_checkout_instrument",
    "create_checkout_payment_session",
    "create_checkout_withdrawal",
    "initialize_aeropay",
    "list_aeropay_methods",
    "validate_aeropay_mfa",
]

INITIALIZE_AEROPAY: Final = Operation(
    id="AeropayAPI_InitializeAeropay",
    name="payments.initialize_aeropay",
    method="POST",
    path="/v1/aeropay/initialize",
    body=dict[str, Any],
    success={200: dict[str, Any]},
    failure=Status,
    security=(
        (("accessToken", ("write:funding",)), ("participantId", ())),
        (("accessToken", ("write:funding",)),),
    ),
    retry="never",
    lane="write",
    json="protobuf",
)


def initialize_aeropay(body: dict[str, Any]) -> Call[dict[str, Any]]:
    """Begin linking a bank.

    Leads to `mfa_required`, `sdk_credentials` or `accounts_linked`.

    POST /v1/aeropay/initialize
    Access: accessToken write:funding and participantId, or accessToken write:funding.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: inferred (institutional/payments/aeropay-guide).
    """
    return Call(
        operation=INITIALIZE_AEROPAY,
        path=INITIALIZE_AEROPAY.path,
        body=body,
    )


VALIDATE_AEROPAY_MFA: Final = Operation(
    id="AeropayAPI_ValidateAeropayMFA",
    name="payments.validate_aeropay_mfa",
    method="POST",
    path="/v1/aeropay/validate-mfa",
    body=dict[str, Any],
    success={200: dict[str, Any]},
    failure=Status,
    security=(
        (("accessToken", ("write:funding",)), ("participantId", ())),
        (("accessToken", ("write:funding",)),),
    ),
    retry="never",
    lane="write",
    json="protobuf",
)


def validate_aeropay_mfa(body: dict[str, Any]) -> Call[dict[str, Any]]:
    """Confirm a bank link with a code.

    POST /v1/aeropay/validate-mfa
    Access: accessToken write:funding and participantId, or accessToken write:funding.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: inferred (institutional/payments/aeropay-guide).
    """
    return Call(
        operation=VALIDATE_AEROPAY_MFA,
        path=VALIDATE_AEROPAY_MFA.path,
        body=body,
    )


LIST_AEROPAY_METHODS: Final = Operation(
    id="AeropayAPI_ListAeropayMethods",
    name="payments.list_aeropay_methods",
    method="GET",
    path="/v1/aeropay/methods",
    success={200: dict[str, Any]},
    failure=Status,
    security=(
        (("accessToken", ("write:funding",)), ("participantId", ())),
        (("accessToken", ("write:funding",)),),
    ),
    retry="safe",
    lane="read",
    json="protobuf",
)


def list_aeropay_methods() -> Call[dict[str, Any]]:
    """List linked banks.

    GET /v1/aeropay/methods
    Access: accessToken write:funding and participantId, or accessToken write:funding.
    Repeating: may be repeated whatever happened.
    Confidence: inferred (institutional/payments/aeropay-guide).
    """
    return Call(
        operation=LIST_AEROPAY_METHODS,
        path=LIST_AEROPAY_METHODS.path,
    )


CREATE_AEROPAY_DEPOSIT: Final = Operation(
    id="AeropayAPI_CreateAeropayDeposit",
    name="payments.create_aeropay_deposit",
    method="POST",
    path="/v1/aeropay/deposits",
    body=dict[str, Any],
    success={200: dict[str, Any]},
    failure=Status,
    security=(
        (("accessToken", ("write:funding",)), ("participantId", ())),
        (("accessToken", ("write:funding",)),),
    ),
    retry="never",
    lane="write",
    json="protobuf",
)


def create_aeropay_deposit(body: dict[str, Any]) -> Call[dict[str, Any]]:
    """Deposit from a bank.

    POST /v1/aeropay/deposits
    Access: accessToken write:funding and participantId, or accessToken write:funding.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: inferred (institutional/payments/aeropay-guide).
    """
    return Call(
        operation=CREATE_AEROPAY_DEPOSIT,
        path=CREATE_AEROPAY_DEPOSIT.path,
        body=body,
    )


CREATE_AEROPAY_WITHDRAWAL: Final = Operation(
    id="AeropayAPI_CreateAeropayWithdrawal",
    name="payments.create_aeropay_withdrawal",
    method="POST",
    path="/v1/aeropay/withdrawals",
    body=dict[str, Any],
    success={200: dict[str, Any]},
    failure=Status,
    security=(
        (("accessToken", ("write:funding",)), ("participantId", ())),
        (("accessToken", ("write:funding",)),),
    ),
    retry="never",
    lane="write",
    json="protobuf",
)


def create_aeropay_withdrawal(body: dict[str, Any]) -> Call[dict[str, Any]]:
    """Withdraw to a bank.

    POST /v1/aeropay/withdrawals
    Access: accessToken write:funding and participantId, or accessToken write:funding.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: inferred (institutional/payments/aeropay-guide).
    """
    return Call(
        operation=CREATE_AEROPAY_WITHDRAWAL,
        path=CREATE_AEROPAY_WITHDRAWAL.path,
        body=body,
    )


CREATE_CHECKOUT_PAYMENT_SESSION: Final = Operation(
    id="CheckoutAPI_CreateCheckoutPaymentSession",
    name="payments.create_checkout_payment_session",
    method="POST",
    path="/v1/checkout/payment-sessions",
    body=dict[str, Any],
    success={200: dict[str, Any]},
    failure=Status,
    security=(
        (("accessToken", ("write:funding",)), ("participantId", ())),
        (("accessToken", ("write:funding",)),),
    ),
    retry="never",
    lane="write",
    json="protobuf",
)


def create_checkout_payment_session(body: dict[str, Any]) -> Call[dict[str, Any]]:
    """Open a card payment session.

    POST /v1/checkout/payment-sessions
    Access: accessToken write:funding and participantId, or accessToken write:funding.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: inferred (institutional/payments/checkout-guide).
    """
    return Call(
        operation=CREATE_CHECKOUT_PAYMENT_SESSION,
        path=CREATE_CHECKOUT_PAYMENT_SESSION.path,
        body=body,
    )


CREATE_CHECKOUT_INSTRUMENT: Final = Operation(
    id="CheckoutAPI_CreateCheckoutInstrument",
    name="payments.create_checkout_instrument",
    method="POST",
    path="/v1/checkout/instruments",
    body=dict[str, Any],
    success={200: dict[str, Any]},
    failure=Status,
    security=(
        (("accessToken", ("write:funding",)), ("participantId", ())),
        (("accessToken", ("write:funding",)),),
    ),
    retry="never",
    lane="write",
    json="protobuf",
)


def create_checkout_instrument(body: dict[str, Any]) -> Call[dict[str, Any]]:
    """Store a card.

    POST /v1/checkout/instruments
    Access: accessToken write:funding and participantId, or accessToken write:funding.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: inferred (institutional/payments/checkout-guide).
    """
    return Call(
        operation=CREATE_CHECKOUT_INSTRUMENT,
        path=CREATE_CHECKOUT_INSTRUMENT.path,
        body=body,
    )


CREATE_CHECKOUT_DEPOSIT: Final = Operation(
    id="CheckoutAPI_CreateCheckoutDeposit",
    name="payments.create_checkout_deposit",
    method="POST",
    path="/v1/checkout/deposits",
    body=dict[str, Any],
    success={200: dict[str, Any]},
    failure=Status,
    security=(
        (("accessToken", ("write:funding",)), ("participantId", ())),
        (("accessToken", ("write:funding",)),),
    ),
    retry="never",
    lane="write",
    json="protobuf",
)


def create_checkout_deposit(body: dict[str, Any]) -> Call[dict[str, Any]]:
    """Deposit from a card.

    POST /v1/checkout/deposits
    Access: accessToken write:funding and participantId, or accessToken write:funding.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: inferred (institutional/payments/checkout-guide).
    """
    return Call(
        operation=CREATE_CHECKOUT_DEPOSIT,
        path=CREATE_CHECKOUT_DEPOSIT.path,
        body=body,
    )


CREATE_CHECKOUT_WITHDRAWAL: Final = Operation(
    id="CheckoutAPI_CreateCheckoutWithdrawal",
    name="payments.create_checkout_withdrawal",
    method="POST",
    path="/v1/checkout/withdrawals",
    body=dict[str, Any],
    success={200: dict[str, Any]},
    failure=Status,
    security=(
        (("accessToken", ("write:funding",)), ("participantId", ())),
        (("accessToken", ("write:funding",)),),
    ),
    retry="never",
    lane="write",
    json="protobuf",
)


def create_checkout_withdrawal(body: dict[str, Any]) -> Call[dict[str, Any]]:
    """Withdraw to a card.

    POST /v1/checkout/withdrawals
    Access: accessToken write:funding and participantId, or accessToken write:funding.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: inferred (institutional/payments/checkout-guide).
    """
    return Call(
        operation=CREATE_CHECKOUT_WITHDRAWAL,
        path=CREATE_CHECKOUT_WITHDRAWAL.path,
        body=body,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    INITIALIZE_AEROPAY.id: INITIALIZE_AEROPAY,
    VALIDATE_AEROPAY_MFA.id: VALIDATE_AEROPAY_MFA,
    LIST_AEROPAY_METHODS.id: LIST_AEROPAY_METHODS,
    CREATE_AEROPAY_DEPOSIT.id: CREATE_AEROPAY_DEPOSIT,
    CREATE_AEROPAY_WITHDRAWAL.id: CREATE_AEROPAY_WITHDRAWAL,
    CREATE_CHECKOUT_PAYMENT_SESSION.id: CREATE_CHECKOUT_PAYMENT_SESSION,
    CREATE_CHECKOUT_INSTRUMENT.id: CREATE_CHECKOUT_INSTRUMENT,
    CREATE_CHECKOUT_DEPOSIT.id: CREATE_CHECKOUT_DEPOSIT,
    CREATE_CHECKOUT_WITHDRAWAL.id: CREATE_CHECKOUT_WITHDRAWAL,
}
