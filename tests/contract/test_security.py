"""The sandbox asks of every operation the credentials its ``security`` in the spec names, and no others."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests  # noqa: TID251 - another library than the client's

from polyspec.sandbox import Sandbox
from tests.contract.judging import answer_findings
from tests.contract.partner import Partner
from tests.contract.spec import US, Operation

OPERATIONS = US.operations
SCOPES = US.document["components"]["securitySchemes"]["accessToken"]["flows"]["clientCredentials"]["scopes"]
EXAMPLE_ACCOUNT = "firms/ISV-Participant-Acme/accounts/main"
USED = sorted({each.scope for each in OPERATIONS.values() if each.scope})


def operations(*, secured: bool = True, participant: bool | None = None) -> list[Any]:
    """Return the operations that are secured or open, and that need, allow or ignore the participant."""
    return [
        pytest.param(each, id=each.id)
        for each in OPERATIONS.values()
        if bool(each.security) == secured
        and (participant is None or participant == ("participantId" in each.schemes))
    ]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A quiet sandbox in process, without rate limits."""
    with Sandbox(port=False, quiet=True, rate_limits=False) as running:
        yield running


@pytest.fixture(scope="module")
def partner(sandbox: Sandbox) -> Partner:
    """The seeded partner, with every scope."""
    return Partner(sandbox)


def with_scopes(sandbox: Sandbox, scopes: set[str]) -> Partner:
    """Return another client of the same firm, with these scopes."""
    client = sandbox.us.world.add_client("+".join(sorted(scopes)), scopes=frozenset(scopes))
    return Partner(sandbox, client_id=client.client_id, key=client.key)


@pytest.fixture(scope="module")
def single(sandbox: Sandbox) -> dict[str, Partner]:
    """Partners that have one scope only, by that scope."""
    return {scope: with_scopes(sandbox, {scope}) for scope in USED}


@pytest.fixture(scope="module")
def poorer(sandbox: Sandbox) -> dict[str, Partner]:
    """Partners that have every scope but one, by that scope."""
    return {scope: with_scopes(sandbox, set(SCOPES) - {scope}) for scope in USED}


def call(partner: Partner, operation: Operation, headers: dict[str, str]) -> requests.Response:
    """Send a request that is good but for its headers."""
    query = {
        each["name"]: "1" for each in operation.parameters if each["in"] == "query" and each.get("required")
    }
    example = json.dumps(operation.example).replace(EXAMPLE_ACCOUNT, partner.venue.account)
    body = {} if operation.body is None else {"data": example}
    return partner.send(operation.method, operation.filled(), params=query, headers=headers, **body)


def assert_refused(operation: Operation, answer: requests.Response, status: int, code: int) -> None:
    """Fail unless an answer is a refusal in the shape of the spec."""
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert answer_findings(operation, answer.status_code, answer.content) == []


@pytest.mark.parametrize("operation", operations())
def test_without_a_token_nothing_is_served(partner: Partner, operation: Operation) -> None:
    """No Authorization header, another kind of it, or a token of one's own make gets 401."""
    right = partner.headers(operation.schemes - {"accessToken"})
    now = int(time.time())
    forged = jwt.encode({"azp": partner.client_id, "exp": now + 180}, "x" * 32, algorithm="HS256")
    for wrong in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": f"Bearer {forged}"}):
        assert_refused(operation, call(partner, operation, {**right, **wrong}), 401, 16)


@pytest.mark.parametrize("operation", operations())
def test_without_the_scope_nothing_is_served(poorer: dict[str, Partner], operation: Operation) -> None:
    """A token with every scope but the one the spec names gets 403, and the message names that one."""
    assert operation.scope is not None
    lacking = poorer[operation.scope]
    answer = call(lacking, operation, lacking.headers(operation.schemes))
    assert_refused(operation, answer, 403, 7)
    assert answer.json()["message"] == f"permission denied: missing required scope {operation.scope}"


@pytest.mark.parametrize("operation", operations())
def test_one_scope_is_enough(single: dict[str, Partner], operation: Operation) -> None:
    """A token with the scope the spec names and no other is never told that it lacks anything."""
    assert operation.scope is not None
    having = single[operation.scope]
    answer = call(having, operation, having.headers(operation.schemes))
    assert answer.status_code not in (401, 403), answer.text
    assert answer_findings(operation, answer.status_code, answer.content) == []


@pytest.mark.parametrize("operation", operations(participant=True))
def test_participant_is_asked_for_as_listed(partner: Partner, operation: Operation) -> None:
    """Without x-participant-id the answer is 403 exactly where every alternative of the spec lists it."""
    answer = call(partner, operation, partner.headers({"accessToken"}))
    if operation.needs_participant:
        assert_refused(operation, answer, 403, 7)
    else:
        assert answer.status_code not in (401, 403), answer.text


@pytest.mark.parametrize("operation", operations(participant=True))
def test_participant_of_others_is_refused(partner: Partner, operation: Operation) -> None:
    """Participants of another firm, unknown ones and malformed ones get 403 wherever the header is read."""
    firm = partner.venue.participant_id.split("/")[1]
    for name in ("firms/LP-Sandbox/users/market-maker", f"firms/{firm}/users/nobody", "trader-1"):
        answer = call(partner, operation, partner.headers({"accessToken", "participantId"}, name))
        assert_refused(operation, answer, 403, 7)


@pytest.mark.parametrize("operation", operations(secured=False))
def test_open_operations_ask_for_nothing(partner: Partner, operation: Operation) -> None:
    """What needs no credentials is served without any, and with wrong ones."""
    for headers in ({}, {"Authorization": "Bearer nonsense", "x-participant-id": "nonsense"}):
        if operation.id == "OAuth_RequestToken":
            answer = partner.send("POST", operation.path, json=partner.form(), headers=headers)
        else:
            answer = call(partner, operation, headers)
        assert answer.status_code == 200, answer.text


def test_expired_token_is_refused() -> None:
    """A token is good for its 180 seconds and not longer, and a new one is good again."""
    with Sandbox(port=False, quiet=True) as sandbox:
        partner = Partner(sandbox)
        headers = partner.headers({"accessToken"})
        clock = sandbox.us.world.clock
        clock.advance(175)
        assert partner.send("GET", "/v1/whoami", headers=headers).status_code == 200
        clock.advance(6)
        answer = partner.send("GET", "/v1/whoami", headers=headers)
        assert_refused(OPERATIONS["AccountsAPI_GetWhoAmI"], answer, 401, 16)
