"""Nothing secret gets out: not into the logs of any library, onto the screen, into errors or tracebacks."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs
import httpx
import pytest

from polyspec.core.sending import Patience
from polyspec.sandbox.us.issuer import Issuer, new_key, private_pem
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.client import UsExchangeClient
from polyspec.us.config import Transport
from tests.client.us.hook import Hook
from tests.client.us.rig import QUICK, Venue, open_venue
from tests.client.us.rig import person as applicant
from tests.faults.ears import Canaries, Ears
from tests.faults.hands import Hands
from tests.faults.lost import TOURED

pytestmark = pytest.mark.usefixtures("hurried")

BRIEF = attrs.evolve(QUICK, patience=Patience(connect=0.5, write=0.5, read=0.2, place=0.6, total=0.6))
SSN = "987654320"
DATABASE = "postgres://somebody:a-password-of-another-program@db"
INSERT = "OrderEntryAPI_InsertOrder"


@pytest.fixture
def canaries(monkeypatch: pytest.MonkeyPatch) -> Canaries:
    """Watch for every assertion and token of this test as they arrive at the issuer."""
    canaries = Canaries()
    issue = Issuer.token

    def watched(self: Issuer, form: dict[str, Any]) -> dict[str, Any]:
        if isinstance(assertion := form.get("client_assertion"), str):
            # the first part says RS256 and nothing else
            for part in assertion.split(".")[1:]:
                canaries.add("assertion", part)
        answer = issue(self, form)
        for part in answer["access_token"].split(".")[1:]:
            canaries.add("token", part)
        return answer

    monkeypatch.setattr(Issuer, "token", watched)
    return canaries


def _watch_key(canaries: Canaries, pem: str) -> None:
    lines = pem.strip().splitlines()[1:-1]
    # the first lines of all keys are alike
    for line in lines[1:]:
        canaries.add("key", line)
    canaries.add("key", "".join(lines)[64:])


def _tour(
    hands: Hands, venue: Venue, hook: Hook, ears: Ears, folder: Path, faults: Sequence[dict[str, Any]]
) -> None:
    """Do everything a program does, well and badly."""
    person, symbol = venue.person(), venue.market()
    client = hands.connect(venue, person, BRIEF)
    ears.text.write(f"{client!r} {venue.credentials()!r} {venue.environment()!r} {QUICK!r}")
    place = lambda: client.orders.place(symbol, side="BUY", price="0.5", quantity=1)  # noqa: E731
    placed = place()
    ears.hear(client.whoami)
    ears.hear(lambda: client.orders.replace(placed, price="0.4"))
    ears.hear(lambda: client.orders.cancel(placed))
    ears.hear(lambda: client.reports.download_orders(folder / "orders.csv"))
    ears.hear(lambda: client.kyc.start(applicant(f"c-{id(hands)}", ssn=SSN)))
    ears.hear(lambda: client.kyc.start(applicant("", ssn=SSN)))
    ears.hear(lambda: client.kyc.start(applicant("c-9", ssn=SSN + "x")))
    ears.hear(lambda: client.kyc.webhook(hook.url, signing_secret=hook.secret))
    ears.hear(lambda: client.kyc.webhook("http://example.com", signing_secret=hook.secret))
    for fault in faults:
        for operation, call in (
            (INSERT, place),
            ("OrderEntryAPI_GetOpenOrders", client.orders.open),
            ("KYCAPI_StartKYCVerification", lambda: client.kyc.start(applicant("c-8", ssn=SSN))),
            ("KYCAPI_SetWebhookURL", lambda: client.kyc.webhook(hook.url, signing_secret=hook.secret)),
            ("ReportAPI_DownloadOrders", lambda: client.reports.download_orders(folder / "orders.csv")),
        ):
            times = 1 if operation == INSERT else 5
            venue.sandbox.faults.add(operation=operation, **(fault | {"times": times}))
            ears.hear(call)
            venue.sandbox.faults.clear()
        newcomer = hands.connect(venue, person, BRIEF, credentials=venue.newcomer())
        venue.sandbox.faults.add(operation="OAuth_RequestToken", **(fault | {"times": 6}))
        ears.hear(newcomer.whoami)
        venue.sandbox.faults.clear()


def _mistakes(hands: Hands, venue: Venue, ears: Ears, folder: Path, pem: str) -> None:
    """Make every mistake that has a key in its hands."""
    other = private_pem(new_key())
    path = folder / "key.pem"
    path.write_bytes(other)
    path.chmod(0o644)
    hosts = {
        "client_id": venue.sandbox.us.client_id,
        "token_url": venue.sandbox.us.token_url,
        "audience": venue.sandbox.us.audience,
    }
    ears.hear(lambda: PrivateKeyJwt.from_file(path, **hosts))
    path.chmod(0o600)
    ears.hear(lambda: PrivateKeyJwt.from_file(path, **hosts, passphrase="correct horse battery"))
    ears.hear(lambda: hands.connect(venue, credentials=PrivateKeyJwt.from_file(path, **hosts)).whoami())
    ears.hear(lambda: PrivateKeyJwt.from_pem(pem[:-200], **hosts))
    ears.hear(lambda: PrivateKeyJwt.from_pem(pem, **hosts, lifetime=100_000))
    ears.hear(lambda: PrivateKeyJwt.from_pem(pem, **hosts, passphrase="correct horse battery"))
    ears.hear(lambda: PrivateKeyJwt.from_file(pem, **hosts))
    for variables in (
        {"POLYSPEC_US_ENVIRONMENT": "prod"},
        {
            "POLYSPEC_US_ENVIRONMENT": "prod",
            "POLYSPEC_US_CLIENT_ID": "me",
            "POLYSPEC_US_PRIVATE_KEY_PATH": pem,
        },
    ):
        ears.hear(lambda variables=variables: UsExchangeClient.from_env({"DB_URL": DATABASE} | variables))
    # an issuer that echoes what it was sent
    client = hands.connect(venue, credentials=venue.newcomer())
    assertion = venue.credentials().assertion(0.0)
    body = json.dumps({"error": "invalid_client", "error_description": f"bad assertion {assertion}"})
    venue.sandbox.faults.add(kind="status", status=401, operation="OAuth_RequestToken", body=body)
    ears.hear(client.whoami)


@pytest.mark.parametrize(("transport", "faults"), [("rest", TOURED), ("grpc", TOURED[1::2])])
def test_a_tour_tells_no_secret(
    hands: Hands,
    transport: Transport,
    faults: Sequence[dict[str, Any]],
    tmp_path: Path,
    canaries: Canaries,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Key, tokens, assertions, the number of a person, the webhook's secret: no tour leaves any behind."""
    hook = Hook()
    with open_venue() as venue:
        venue.transport = transport
        pem = Path(venue.sandbox.us.private_key_path).read_text()
        _watch_key(canaries, pem)
        canaries.add("ssn", SSN)
        canaries.add("environment", DATABASE)
        canaries.add("webhook secret", hook.secret)
        canaries.add("webhook key", hook.key.decode())
        with Ears() as ears:
            _tour(hands, venue, hook, ears, tmp_path, faults)
            _mistakes(hands, venue, ears, tmp_path, pem)
            hands.close()
    hook.close()
    out, err = capfd.readouterr()
    said = ears.text.getvalue()
    assert len(said) > 50_000
    assert canaries.found(said) == []
    assert canaries.found(out + err) == []


def test_the_search_finds_what_is_hidden() -> None:
    """The search can tell: a secret in any spelling, anywhere in a longer text, is found."""
    canaries = Canaries()
    secret = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9/+=?"
    canaries.add("one", secret)
    data = secret.encode()
    for text in (
        f"a {secret} b",
        data.hex(),
        data.hex().upper(),
        quote(secret, safe=""),
        repr(data),
        *(base64.b64encode(b"zyxw"[:lead] + data + b"!").decode() for lead in range(4)),
        *(base64.urlsafe_b64encode(b"zyxw"[:lead] + data + b"!").decode() for lead in range(4)),
    ):
        assert canaries.found(text), text
    assert canaries.found("nothing of the kind") == []


def test_the_ears_hear_everything(canaries: Canaries) -> None:
    """The search can tell: plain httpx with a header in a local variable is heard and found."""
    canaries.add("header", "Bearer a-secret-nobody-should-see")
    with Ears() as ears:
        headers = {"authorization": "Bearer a-secret-nobody-should-see"}
        try:
            httpx.get("http://127.0.0.1:1", headers=headers, trust_env=False)
        except httpx.HTTPError as error:
            ears.error(error)
    assert canaries.found(ears.text.getvalue())
    assert "httpcore" in ears.text.getvalue()
