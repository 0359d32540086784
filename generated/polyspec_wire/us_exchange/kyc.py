"""Customer verification for partners, in beta.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Parameter
from polyspec_wire.us_exchange.models import (
    GetKYCStatusResponse,
    SetWebhookURLRequest,
    SetWebhookURLResponse,
    StartKYCPrefillRequest,
    StartKYCPrefillResponse,
    StartKYCVerificationRequest,
    StartKYCVerificationResponse,
    Status,
    SubmitKYCPrefillOTPRequest,
    SubmitKYCPrefillOTPResponse,
)

__all__ = [
    "GET_KYC_STATUS",
    "OPERATIONS",
    "SET_WEBHOOK_URL",
    "START_KYC_PREFILL",
    "START_KYC_VERIFICATION",
    "SUBMIT_KYC_PREFILL_OTP",
    "get_kyc_status",
    "set_webhook_url",
    "start_kyc_prefill",
    "start_kyc_verification",
    "submit_kyc_prefill_otp",
]

START_KYC_VERIFICATION: Final = Operation(
    id="KYCAPI_StartKYCVerification",
    name="kyc.start_kyc_verification",
    method="POST",
    path="/v1/kyc/start",
    body=StartKYCVerificationRequest,
    success={200: StartKYCVerificationResponse},
    failure=Status,
    security=((("accessToken", ("write:kyc",)),),),
    retry="safe",
    lane="write",
    json="protobuf",
)


def start_kyc_verification(body: StartKYCVerificationRequest) -> Call[StartKYCVerificationResponse]:
    """Start verifying a customer.

    Keyed by `external_id`: repeating the request continues the same verification, and after an approval
    it is a 409. Provisioning follows an approval on its own time, so the participant id is often empty
    at first.

    POST /v1/kyc/start
    Access: accessToken write:kyc.
    Repeating: may be repeated whatever happened.
    Confidence: documented (partners/onboarding/kyc).
    """
    return Call(
        operation=START_KYC_VERIFICATION,
        path=START_KYC_VERIFICATION.path,
        body=body,
    )


GET_KYC_STATUS: Final = Operation(
    id="KYCAPI_GetKYCStatus",
    name="kyc.get_kyc_status",
    method="GET",
    path="/v1/kyc/status",
    success={200: GetKYCStatusResponse},
    failure=Status,
    security=((("accessToken", ("read:kyc",)),),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="external_id", python="external_id", kind="query", type=str, required=True),),
    json="protobuf",
)


def get_kyc_status(*, external_id: str) -> Call[GetKYCStatusResponse]:
    """Read the state of a verification.

    Args:
        external_id: The firm's id of the customer.

    GET /v1/kyc/status
    Access: accessToken read:kyc.
    Repeating: may be repeated whatever happened.
    Confidence: documented (partners/onboarding/kyc).
    """
    return Call(
        operation=GET_KYC_STATUS,
        path=GET_KYC_STATUS.path,
        query=_call.query(GET_KYC_STATUS, external_id=external_id),
    )


SET_WEBHOOK_URL: Final = Operation(
    id="KYCAPI_SetWebhookURL",
    name="kyc.set_webhook_url",
    method="POST",
    path="/v1/kyc/webhook",
    body=SetWebhookURLRequest,
    success={200: SetWebhookURLResponse},
    failure=Status,
    security=((("accessToken", ("write:kyc",)),),),
    retry="safe",
    lane="write",
    json="protobuf",
)


def set_webhook_url(body: SetWebhookURLRequest) -> Call[SetWebhookURLResponse]:
    """Set where results are delivered.

    The last address set wins. A test delivery is made at once and must be answered with 2xx.

    POST /v1/kyc/webhook
    Access: accessToken write:kyc.
    Repeating: may be repeated whatever happened.
    Confidence: documented (partners/onboarding/kyc).
    """
    return Call(
        operation=SET_WEBHOOK_URL,
        path=SET_WEBHOOK_URL.path,
        body=body,
    )


START_KYC_PREFILL: Final = Operation(
    id="KYCAPI_StartKYCPrefill",
    name="kyc.start_kyc_prefill",
    method="POST",
    path="/v1/kyc/prefill",
    body=StartKYCPrefillRequest,
    success={200: StartKYCPrefillResponse},
    failure=Status,
    security=((("accessToken", ("write:kyc",)),),),
    retry="never",
    lane="write",
    json="protobuf",
)


def start_kyc_prefill(body: StartKYCPrefillRequest) -> Call[StartKYCPrefillResponse]:
    """Send a customer a one-time code for prefilling.

    The scope is inferred.

    POST /v1/kyc/prefill
    Access: accessToken write:kyc.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (partners/onboarding/kyc).
    """
    return Call(
        operation=START_KYC_PREFILL,
        path=START_KYC_PREFILL.path,
        body=body,
    )


SUBMIT_KYC_PREFILL_OTP: Final = Operation(
    id="KYCAPI_SubmitKYCPrefillOTP",
    name="kyc.submit_kyc_prefill_otp",
    method="POST",
    path="/v1/kyc/prefill/otp",
    body=SubmitKYCPrefillOTPRequest,
    success={200: SubmitKYCPrefillOTPResponse},
    failure=Status,
    security=((("accessToken", ("write:kyc",)),),),
    retry="never",
    lane="write",
    json="protobuf",
)


def submit_kyc_prefill_otp(body: SubmitKYCPrefillOTPRequest) -> Call[SubmitKYCPrefillOTPResponse]:
    """Trade the one-time code for the customer's data.

    The scope is inferred.

    POST /v1/kyc/prefill/otp
    Access: accessToken write:kyc.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (partners/onboarding/kyc).
    """
    return Call(
        operation=SUBMIT_KYC_PREFILL_OTP,
        path=SUBMIT_KYC_PREFILL_OTP.path,
        body=body,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    START_KYC_VERIFICATION.id: START_KYC_VERIFICATION,
    GET_KYC_STATUS.id: GET_KYC_STATUS,
    SET_WEBHOOK_URL.id: SET_WEBHOOK_URL,
    START_KYC_PREFILL.id: START_KYC_PREFILL,
    SUBMIT_KYC_PREFILL_OTP.id: SUBMIT_KYC_PREFILL_OTP,
}
