"""Bring customers to the exchange: verification and what it provisions. For partners; beta at the venue."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from attrs import frozen
from polyspec_wire.us_exchange import kyc
from polyspec_wire.us_exchange import models as wire

from polyspec.errors import PolyspecError, TimedOut
from polyspec.io.colour_async import sleep

if TYPE_CHECKING:
    from polyspec.us.client_async import AsyncUsExchangeClient

__all__ = ["AsyncKyc", "Customer"]

_APPROVED = ("ACCEPT", "APPROVED")
_FINAL = ("REJECT", "REJECTED")


@frozen
class Customer:
    """A verified customer."""

    external_id: str
    participant_id: str
    """For `for_participant`."""
    account: str
    """Where orders and money go."""


class AsyncKyc:
    """Verification of customers."""

    def __init__(self, client: AsyncUsExchangeClient) -> None:
        self._client = client

    async def start(self, person: wire.StartKYCVerificationRequest) -> wire.StartKYCVerificationResponse:
        """Begin to verify a person; the same `external_id` again continues the same case."""
        return await self._client.send(kyc.start_kyc_verification(person))

    async def status(self, external_id: str) -> wire.GetKYCStatusResponse:
        """Return where a case stands."""
        return await self._client.send(kyc.get_kyc_status(external_id=external_id))

    async def wait(self, external_id: str, *, timeout: float = 60.0) -> Customer:
        """Ask again and again until the customer is approved and provisioned.

        Raises PolyspecError if the person is rejected, TimedOut after `timeout` seconds, which a case that
        people look at will need: register a webhook for those.
        """
        pause, end = 0.1, time.monotonic() + timeout
        while True:
            found = await self.status(external_id)
            decision = found.status.decision if found.status is not None else ""
            if decision in _FINAL:
                raise PolyspecError(f"customer {external_id} was rejected")
            if decision in _APPROVED and found.participant_id and found.provisioned_account:
                return Customer(external_id, found.participant_id, found.provisioned_account)
            if time.monotonic() + pause > end:
                error = TimedOut(
                    f"customer {external_id} is not provisioned yet (decision {decision or 'pending'})"
                )
                error.maybe_executed = False
                raise error
            await sleep(pause)
            pause = min(pause * 2, 5.0)

    async def webhook(self, url: str, *, signing_secret: str = "") -> wire.SetWebhookURLResponse:
        """Set where decisions are delivered; the last address wins, and must answer a test delivery."""
        body = wire.SetWebhookURLRequest(webhook_url=url, signing_secret=signing_secret)
        # the body does not show it; an error would carry this name in its traceback
        del signing_secret
        return await self._client.send(kyc.set_webhook_url(body))

    async def prefill(self, request: wire.StartKYCPrefillRequest) -> wire.StartKYCPrefillResponse:
        """Send a one-time code to a person's phone, to fill in what is known of them."""
        return await self._client.send(kyc.start_kyc_prefill(request))

    async def submit_code(self, external_id: str, code: str) -> wire.SubmitKYCPrefillOTPResponse:
        """Trade the one-time code for what is known of the person."""
        body = wire.SubmitKYCPrefillOTPRequest(external_id=external_id, otp=code)
        del code
        return await self._client.send(kyc.submit_kyc_prefill_otp(body))
