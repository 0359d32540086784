"""Identity checks of a partner's customers."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

import msgspec
from anyio import to_thread
from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.us.cases import Applicant, Case
from polyspec.sandbox.us.refusals import invalid, missing
from polyspec.sandbox.us.registry import Asked, handles
from polyspec.sandbox.us.world import World

__all__: list[str] = []

_PHONE: Final = re.compile(r"\+?[1-9]\d{7,14}")
_OTP_ATTEMPTS: Final = 3
_OTP_LIFE: Final = 600 * 10**9
_NO_MATCH: Final = "12067890036"
# a picture of one grey pixel stands for the QR code of the capture page
_PIXEL: Final = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGOoBwAAgQCAvJBZ1wAAAABJRU5ErkJggg=="


class Prefill(msgspec.Struct):
    """A one-time passcode on its way."""

    phone: str
    date_of_birth: str
    sent: int
    attempts: int = 0


@handles("KYCAPI_StartKYCVerification")
def start(asked: Asked) -> m.StartKYCVerificationResponse:
    """Decide an application by the venue's test triggers."""
    request: m.StartKYCVerificationRequest = asked.body
    _check(request)
    case = asked.world.cases.start(
        asked.firm,
        Applicant(
            external_id=request.external_id,
            first_name=request.first_name,
            last_name=request.last_name,
            email=request.email,
            date_of_birth=request.date_of_birth,
            docv_eligible=request.docv_eligible,
        ),
    )
    return m.StartKYCVerificationResponse(
        status=_status(case), docv=_docv(asked.world, case), participant_id=case.participant
    )


def _check(request: m.StartKYCVerificationRequest) -> None:
    for name, most in (("external_id", 49), ("first_name", 50), ("last_name", 50)):
        value = getattr(request, name)
        if not 0 < len(value) <= most:
            raise invalid(f"{name} must have 1 to {most} characters")
    if not re.fullmatch(r"\d{9}", request.ssn):
        raise invalid("ssn must be 9 digits")
    _check_birth(request.date_of_birth)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", request.email):
        raise invalid("email is invalid")
    if not request.phone_number.startswith("+") or not _PHONE.fullmatch(request.phone_number):
        raise invalid("phone_number must be in E.164 format")
    for name in ("address_line_1", "city"):
        if not getattr(request.address, name):
            raise invalid(f"address.{name} is required")
    if not re.fullmatch(r"[A-Z]{2}", request.address.state):
        raise invalid("address.state must be a two-letter state code")
    if not re.fullmatch(r"\d{5}", request.address.postal_code):
        raise invalid("address.postal_code must be 5 digits")
    if not request.agreement.version or not request.ip_address:
        raise invalid("agreement.version and ip_address are required")


def _check_birth(text: str) -> None:
    try:
        if dt.date.fromisoformat(text).isoformat() == text:
            return
    except ValueError:
        pass
    raise invalid("date_of_birth must be YYYY-MM-DD")


def _status(case: Case) -> m.KYCStatus:
    return m.KYCStatus(
        decision=case.decision, status=case.status, sub_status=case.sub_status, external_id=case.external_id
    )


def _docv(world: World, case: Case) -> m.KYCDocV | None:
    """Return the open document capture; visiting its URL, the sandbox's own, is handing in documents."""
    if not case.docv_token:
        return None
    return m.KYCDocV(
        url=f"{world.rest_url}/_sandbox/docv/{case.docv_token}",
        qr_code=f"data:image/png;base64,{_PIXEL}",
        docv_transaction_token=case.docv_token,
        event_id=case.evaluation,
    )


@handles("KYCAPI_GetKYCStatus")
def get_status(asked: Asked) -> m.GetKYCStatusResponse:
    """Return a case as it stands."""
    case = asked.world.cases.get(asked.firm, asked.query["external_id"])
    return m.GetKYCStatusResponse(
        status=_status(case),
        participant_id=case.participant,
        provisioned_account=case.account,
        docv=_docv(asked.world, case),
    )


@handles("KYCAPI_SetWebhookURL")
async def set_webhook(asked: Asked) -> m.SetWebhookURLResponse:
    """Register the firm's webhook if a test delivery gets through."""
    world, request = asked.world, asked.body
    world.webhooks.check(request.webhook_url, request.signing_secret)
    failure = await to_thread.run_sync(world.webhooks.probe, request.webhook_url, request.signing_secret)
    if failure:
        return m.SetWebhookURLResponse(validated=False, message=failure)
    with world.lock:
        world.webhooks.register(asked.firm, request.webhook_url, request.signing_secret)
    return m.SetWebhookURLResponse(
        validated=True, message="Webhook URL registered and validated successfully"
    )


@handles("KYCAPI_StartKYCPrefill")
def start_prefill(asked: Asked) -> m.StartKYCPrefillResponse:
    """Send a one-time passcode; in the sandbox it is always one of the documented test codes."""
    request: m.StartKYCPrefillRequest = asked.body
    _check_birth(request.date_of_birth)
    if not _PHONE.fullmatch(request.phone_number):
        raise invalid("Invalid phone number")
    if not request.user_id:
        raise invalid("user_id is required")
    known = Prefill(request.phone_number, request.date_of_birth, asked.world.clock.now_ns())
    asked.world.prefills[asked.firm, request.user_id] = known
    return m.StartKYCPrefillResponse(
        status=m.KYCStatus(decision="pending", status="otp_sent", external_id=request.user_id),
        external_id=request.user_id,
    )


@handles("KYCAPI_SubmitKYCPrefillOTP")
def submit_otp(asked: Asked) -> m.SubmitKYCPrefillOTPResponse:
    """Check a passcode and return what is known about the number: 123456 passes, 000000 stays pending."""
    request: m.SubmitKYCPrefillOTPRequest = asked.body
    known: Prefill | None = asked.world.prefills.get((asked.firm, request.external_id))
    if known is None:
        raise missing("prefill not found")
    if known.sent + _OTP_LIFE < asked.world.clock.now_ns() or known.attempts >= _OTP_ATTEMPTS:
        raise invalid("OTP expired")
    if request.otp == "000000":
        return m.SubmitKYCPrefillOTPResponse()
    if request.otp != "123456":
        known.attempts += 1
        raise invalid("OTP invalid")
    if known.phone.lstrip("+") == _NO_MATCH:
        raise missing("Prefill not available")
    return m.SubmitKYCPrefillOTPResponse(
        first_name="John",
        middle_name="Michael",
        last_name="Doe",
        date_of_birth=known.date_of_birth,
        phone_number=known.phone,
        email="john.doe@example.com",
        ssn="1234",
        address=m.KYCAddress(
            address_line_1="123 Main Street",
            address_line_2="Apt 4B",
            city="New York",
            state="NY",
            postal_code="10001",
            country="US",
        ),
    )
