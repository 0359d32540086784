"""Identity checks: one case per (firm, external id), decided by the venue's own test triggers.

Without document verification the name and the e-mail decide, with it the date of birth. An approval opens a
participant and an account a moment later; only then does the case close and the firm hear of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.http.jobs import Jobs
from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.http.store import Store
from polyspec.sandbox.us.refusals import conflict, missing, precondition
from polyspec.sandbox.us.webhooks import Webhooks, stamp

__all__ = ["Applicant", "Case", "Cases", "Provisioned"]

APPROVED: Final = "approved"
REJECTED: Final = "rejected"
PENDING_REVIEW: Final = "review"
DOCUMENTS: Final = "documents"

_BY_BIRTH: Final = {
    "1985-10-02": (APPROVED, ""),
    "1985-09-04": (REJECTED, ""),
    "1985-09-02": (DOCUMENTS, APPROVED),
    "1985-09-05": (DOCUMENTS, REJECTED),
    "1985-09-25": (DOCUMENTS, PENDING_REVIEW),
}
_WORDS: Final = {
    APPROVED: ("ACCEPT", "ON_HOLD", "Accept"),
    REJECTED: ("REJECT", "CLOSED", "Reject"),
    PENDING_REVIEW: ("REVIEW", "OPEN", "In Review"),
    DOCUMENTS: ("REVIEW", "ON_HOLD", "Document Request Initiated"),
}


class Case(msgspec.Struct):
    """One identity check and what became of it."""

    firm: str
    external_id: str
    date_of_birth: str
    decision: str = ""
    status: str = ""
    sub_status: str = ""
    docv_token: str = ""
    """The open document capture; empty once there is none."""
    after_documents: str = ""
    evaluation: str = ""
    participant: str = ""
    account: str = ""

    @property
    def approved(self) -> bool:
        """Whether the check was passed, provisioned or not."""
        return self.decision == "ACCEPT"


@dataclass(frozen=True)
class Applicant:
    """What the decision depends on."""

    external_id: str
    first_name: str
    last_name: str
    email: str
    date_of_birth: str
    docv_eligible: bool


@dataclass(frozen=True)
class Provisioned:
    """The identifiers an approved applicant trades with."""

    participant: str
    account: str


class Cases:
    """All identity checks."""

    def __init__(
        self, clock: Clock, jobs: Jobs, store: Store, webhooks: Webhooks, seeded: Seeded, *, delay: float
    ) -> None:
        self.provision: Callable[[str, str], Provisioned] | None = None
        """Opens the participant and the account for (firm, external id); set by the world."""
        self._clock = clock
        self._jobs = jobs
        self._store = store
        self._webhooks = webhooks
        self._seeded = seeded
        self._delay = delay
        self._cases = store.load("kyc", Case)
        for case in self._cases.values():
            if case.approved and not case.participant:
                self._jobs.later(delay, self._provisioner(case))

    def start(self, firm: str, applicant: Applicant) -> Case:
        """Decide a new or repeated application; raises Refusal (409) once it was approved."""
        known = self._cases.get(_name(firm, applicant.external_id))
        if known is not None and known.approved:
            raise conflict("participant already has approved KYC")
        case = Case(firm, applicant.external_id, applicant.date_of_birth, evaluation=self._seeded.hex(32))
        self._cases[_name(firm, case.external_id)] = case
        outcome, later = _decide(applicant)
        if outcome == DOCUMENTS:
            case.docv_token = f"dt_{self._seeded.hex(32)}"
            case.after_documents = later
        self._conclude(case, outcome)
        return case

    def get(self, firm: str, external_id: str) -> Case:
        """Return a case; raises Refusal (404)."""
        case = self._cases.get(_name(firm, external_id))
        if case is None:
            raise missing("KYC inquiry not found")
        return case

    def submit_documents(self, token: str) -> Case:
        """Finish a document capture, as the applicant would at the capture page; raises Refusal."""
        for case in self._cases.values():
            if token and case.docv_token == token:
                case.docv_token = ""
                self._conclude(case, case.after_documents)
                return case
        raise missing("no such document capture")

    def review(self, firm: str, external_id: str, *, approve: bool) -> Case:
        """Decide a case that waits for a person; raises Refusal (400) if it does not."""
        case = self.get(firm, external_id)
        if case.decision != "REVIEW" or case.docv_token:
            raise precondition("the case is not waiting for a manual decision")
        self._conclude(case, APPROVED if approve else REJECTED)
        return case

    def _conclude(self, case: Case, outcome: str) -> None:
        case.decision, case.status, case.sub_status = _WORDS[outcome]
        # events are noted before the case: a crash in between repeats one instead of losing it
        if outcome == REJECTED:
            self._tell(case, "kyc.rejected", "KYC_STATUS_REJECTED")
        self._save(case)
        if outcome == APPROVED:
            self._jobs.later(self._delay, self._provisioner(case))

    def _provisioner(self, case: Case) -> Callable[[], None]:
        def provision() -> None:
            if case.participant or self.provision is None:
                return
            made = self.provision(case.firm, case.external_id)
            case.participant, case.account, case.status = made.participant, made.account, "CLOSED"
            self._tell(case, "kyc.approved", "KYC_STATUS_APPROVED")
            self._save(case)

        return provision

    def _tell(self, case: Case, event_type: str, status: str) -> None:
        approved = event_type == "kyc.approved"
        self._webhooks.emit(
            case.firm,
            event_type,
            {
                "external_id": case.external_id,
                "user_id": case.external_id,
                "kyc_eval_id": case.evaluation,
                "firm_id": case.firm,
                "status": status,
                "status_set_at": stamp(self._clock.now()),
                "provisioned_participant": case.participant,
                "provisioned_account": case.account,
                "date_of_birth": case.date_of_birth if approved else "",
                "rejection_reason": "" if approved else case.sub_status,
            },
        )

    def _save(self, case: Case) -> None:
        self._store.put("kyc", _name(case.firm, case.external_id), case)


def _decide(applicant: Applicant) -> tuple[str, str]:
    if applicant.docv_eligible and applicant.date_of_birth in _BY_BIRTH:
        return _BY_BIRTH[applicant.date_of_birth]
    if applicant.email.lower() == "reject@example.com":
        return REJECTED, ""
    if (applicant.first_name, applicant.last_name) == ("Paulina", "Gizela"):
        return PENDING_REVIEW, ""
    return APPROVED, ""


def _name(firm: str, external_id: str) -> str:
    return f"{firm}\n{external_id}"
