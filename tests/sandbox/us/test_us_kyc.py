"""Identity checks by the venue's own triggers, and the webhooks that tell of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from us_door import Door

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


def application(external_id: str = "alice", **changes: Any) -> dict[str, Any]:
    """Return a good application, with changes; a change to None leaves a field out."""
    body = {
        "external_id": external_id,
        "ssn": "123456789",
        "first_name": "Jane",
        "last_name": "Smith",
        "date_of_birth": "1990-06-15",
        "email": "jane.smith@example.com",
        "phone_number": "+12125551234",
        "address": {
            "address_line_1": "123 Main St",
            "city": "New York",
            "state": "NY",
            "postal_code": "10001",
        },
        "agreement": {"version": "PMX.ISV.SANDBOX.v1.0", "signed_at": "2026-04-24T14:30:00Z"},
        "ip_address": "203.0.113.42",
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def start(door: Door, *args: Any, **changes: Any) -> Any:
    """Apply."""
    return door.post("/v1/kyc/start", application(*args, **changes))


def status(door: Door, external_id: str = "alice") -> Any:
    """Return the state of an application."""
    return door.get("/v1/kyc/status", external_id=external_id)


# -- decisions --


def test_an_approval_opens_a_participant_that_can_trade(door: Door) -> None:
    """Approved at once, provisioned a moment later, and the new participant places an order."""
    answer = start(door)
    assert answer["status"] == {
        "decision": "ACCEPT",
        "status": "ON_HOLD",
        "subStatus": "Accept",
        "externalId": "alice",
    }
    assert answer["participantId"] == ""
    assert "docv" not in answer
    assert status(door)["provisionedAccount"] == ""
    door.world.clock.advance(1)
    done = status(door)
    assert done["status"]["status"] == "CLOSED"
    assert done["participantId"] == "firms/ISV-Participant-Sandbox/users/alice"
    assert done["provisionedAccount"].startswith("firms/ISV-Sandbox/accounts/")
    alice = door.acting_for(done["participantId"])
    assert alice.post("/v1/positions/balance")["balance"] == "1000.00"
    assert alice.read_order(alice.place())["account"] == done["provisionedAccount"]
    alice.close()


@pytest.mark.parametrize(
    ("changes", "decision", "state"),
    [
        ({"email": "reject@example.com"}, "REJECT", "CLOSED"),
        ({"first_name": "Paulina", "last_name": "Gizela"}, "REVIEW", "OPEN"),
        ({"docv_eligible": True, "date_of_birth": "1985-10-02"}, "ACCEPT", "ON_HOLD"),
        ({"docv_eligible": True, "date_of_birth": "1985-09-04"}, "REJECT", "CLOSED"),
        ({"docv_eligible": False, "date_of_birth": "1985-09-04"}, "ACCEPT", "ON_HOLD"),
    ],
)
def test_triggers_without_documents(door: Door, changes: dict[str, Any], decision: str, state: str) -> None:
    """The venue's documented triggers decide, and none of these asks for documents."""
    answer = start(door, **changes)
    assert (answer["status"]["decision"], answer["status"]["status"]) == (decision, state)
    assert "docv" not in answer
    door.world.clock.advance(1)
    assert bool(status(door)["participantId"]) is (decision == "ACCEPT")


@pytest.mark.parametrize(
    ("born", "decision"), [("1985-09-02", "ACCEPT"), ("1985-09-05", "REJECT"), ("1985-09-25", "REVIEW")]
)
def test_triggers_with_documents(door: Door, born: str, decision: str) -> None:
    """The capture stays open until the applicant visits it, then the decision follows."""
    answer = start(door, date_of_birth=born, docv_eligible=True)
    assert answer["status"]["decision"] == "REVIEW"
    assert answer["docv"]["sdkKey"] == ""
    assert status(door)["docv"] == answer["docv"]
    path = answer["docv"]["url"].removeprefix(door.sandbox.us.rest)
    assert door.raw("GET", path).status_code == 200
    after = status(door)
    assert after["status"]["decision"] == decision
    assert "docv" not in after
    assert door.raw("GET", path).status_code == 404


def test_a_person_decides_a_review(door: Door) -> None:
    """A case in manual review is decided by hand, once."""
    start(door, first_name="Paulina", last_name="Gizela")
    door.control("POST", "kyc", {"external_id": "alice", "approve": True})
    door.world.clock.advance(1)
    assert status(door)["participantId"]
    headers = {"x-sandbox-secret": door.sandbox.us.secret}
    again = door.raw(
        "POST", "/_sandbox/kyc", headers=headers, json={"external_id": "alice", "approve": False}
    )
    assert again.status_code == 400


def test_an_approved_applicant_cannot_apply_again(door: Door) -> None:
    """After an approval the answer is 409; a rejected applicant may try again."""
    start(door, email="reject@example.com")
    start(door)
    answer = door.send("POST", "/v1/kyc/start", json=application())
    assert (answer.status_code, answer.json()["code"]) == (409, 6)


def test_external_ids_never_take_over_another_user(door: Door) -> None:
    """A customer who calls himself like the partner's own trader gets a participant of his own."""
    for external_id in ("trader-1", "../x/y"):
        start(door, external_id)
        door.world.clock.advance(1)
        made = status(door, external_id)
        assert made["participantId"] != door.participant
        assert made["provisionedAccount"] != door.account
        assert made["participantId"].count("/") == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"external_id": "x" * 50},
        {"external_id": None},
        {"ssn": "123-45-6789"},
        {"first_name": ""},
        {"date_of_birth": "15.06.1990"},
        {"date_of_birth": "1990-02-30"},
        {"email": "jane"},
        {"phone_number": "2125551234"},
        {"address": {"address_line_1": "1", "city": "X", "state": "New York", "postal_code": "10001"}},
        {"address": {"address_line_1": "1", "city": "X", "state": "NY", "postal_code": "1000"}},
        {"address": None},
        {"agreement": None},
        {"ip_address": None},
    ],
)
def test_incomplete_applications_are_refused(door: Door, changes: dict[str, Any]) -> None:
    """Missing or malformed fields are invalid arguments and open no case."""
    answer = door.send("POST", "/v1/kyc/start", json=application(**changes))
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert door.send("GET", "/v1/kyc/status", params={"external_id": "alice"}).status_code == 404


# -- prefill --


def test_prefill_and_its_codes(door: Door) -> None:
    """123456 tells the known data, other codes fail, three failures end it."""
    body = {"phone_number": "14155551212", "date_of_birth": "1985-03-30", "user_id": "u1"}
    sent = door.post("/v1/kyc/prefill", body)
    assert (sent["status"]["decision"], sent["status"]["status"], sent["externalId"]) == (
        "pending",
        "otp_sent",
        "u1",
    )

    def submit(otp: str) -> Any:
        return door.send("POST", "/v1/kyc/prefill/otp", json={"otp": otp, "external_id": "u1"})

    assert submit("00000").status_code == 400
    assert submit("000000").json()["firstName"] == ""
    known = submit("123456").json()
    assert (known["firstName"], known["ssn"], known["dateOfBirth"]) == ("John", "1234", "1985-03-30")
    assert known["address"]["postalCode"] == "10001"
    submit("1")
    submit("2")
    assert submit("123456").status_code == 400
    missing = door.send("POST", "/v1/kyc/prefill/otp", json={"otp": "123456", "external_id": "nobody"})
    assert missing.status_code == 404


def test_prefill_without_a_match(door: Door) -> None:
    """The documented number without data says so after the code."""
    body = {"phone_number": "12067890036", "date_of_birth": "1985-03-30", "user_id": "u2"}
    door.post("/v1/kyc/prefill", body)
    answer = door.send("POST", "/v1/kyc/prefill/otp", json={"otp": "123456", "external_id": "u2"})
    assert answer.status_code == 404


# -- webhooks --


class Receiver:
    """An HTTP server that notes what it is sent, and fails as often as told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.fail = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = 200
                if receiver.fail:
                    receiver.fail -= 1
                    status = 500
                else:
                    receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self) -> None:
        """Stop the server."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def events(self) -> list[Any]:
        """Return the bodies that came."""
        return [json.loads(body) for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook receiver on this machine."""
    made = Receiver()
    yield made
    made.close()


def until(door: Door, receiver: Receiver, count: int) -> None:
    """Let the venue's time pass until so many events have come."""
    deadline = time.monotonic() + 10
    while len(receiver.got) < count:
        assert time.monotonic() < deadline, receiver.events()
        door.world.clock.advance(1)
        door.raw("GET", "/v1/health")
        time.sleep(0.01)


def register(door: Door, url: str, secret: str | None = SECRET) -> Any:
    """Register a webhook."""
    body = {"webhook_url": url} | ({"signing_secret": secret} if secret is not None else {})
    return door.send("POST", "/v1/kyc/webhook", json=body)


def test_deliveries_are_signed(door: Door, receiver: Receiver) -> None:
    """The test event and every later one carry the Standard Webhooks signature of the raw body."""
    assert register(door, receiver.url).json() == {
        "validated": True,
        "message": "Webhook URL registered and validated successfully",
    }
    start(door)
    until(door, receiver, 2)
    test, approved = receiver.events()
    assert test["event_type"] == "webhook.test"
    assert approved["event_type"] == "kyc.approved"
    data = approved["data"]
    assert data["external_id"] == data["user_id"] == "alice"
    assert data["status"] == "KYC_STATUS_APPROVED"
    assert data["provisioned_participant"] == status(door)["participantId"]
    assert data["provisioned_account"] == status(door)["provisionedAccount"]
    assert "rejection_reason" not in data
    for headers, body in receiver.got:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        digest = hmac.new(b"k" * 32, signed, hashlib.sha256).digest()
        assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
        assert json.loads(body)["event_id"] == headers["webhook-id"]


def test_a_rejection_is_told_too(door: Door, receiver: Receiver) -> None:
    """Without a secret deliveries are unsigned; a rejection carries its reason and no participant."""
    register(door, receiver.url, None)
    start(door, email="reject@example.com")
    until(door, receiver, 2)
    headers, _ = receiver.got[1]
    assert "webhook-signature" not in headers
    data = receiver.events()[1]["data"]
    assert (data["status"], data["rejection_reason"]) == ("KYC_STATUS_REJECTED", "Reject")
    assert "provisioned_participant" not in data


def test_failed_deliveries_are_repeated(door: Door, receiver: Receiver) -> None:
    """A receiver that fails twice gets the event once it recovers, under the same id."""
    register(door, receiver.url)
    receiver.fail = 2
    start(door)
    until(door, receiver, 2)
    assert receiver.fail == 0
    assert receiver.events()[1]["event_type"] == "kyc.approved"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "https://192.168.1.1/hook",
        "http://169.254.169.254/latest",
        "ftp://127.0.0.1/",
        "http://127.0.0.1@example.com/",
        "http://127.0.0.1.example.com/",
        "hook",
        "",
    ],
)
def test_only_this_machine_is_called(door: Door, url: str) -> None:
    """A sandbox posts to nobody else."""
    answer = register(door, url)
    assert (answer.status_code, answer.json()["code"]) == (400, 3)


@pytest.mark.parametrize("secret", ["k" * 32, "whsec_" + base64.b64encode(b"short").decode(), "whsec_&&&"])
def test_secrets_have_the_standard_form(door: Door, receiver: Receiver, secret: str) -> None:
    """A secret that is none is refused before anything is sent."""
    assert register(door, receiver.url, secret).status_code == 400
    assert receiver.got == []


def test_a_receiver_that_fails_the_test_is_not_saved(door: Door, receiver: Receiver) -> None:
    """Registration needs a 2xx; a dead or failing address is told and forgotten."""
    receiver.fail = 1
    assert register(door, receiver.url).json()["validated"] is False
    assert register(door, "http://127.0.0.1:9/").json()["validated"] is False
    start(door)
    door.world.clock.advance(1)
    status(door)
    assert receiver.got == []
