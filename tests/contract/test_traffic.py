"""What the client sends and what the sandbox answers, both held to the spec while everything is called."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from polyspec import Sandbox
from tests.contract.colours import COLOURS
from tests.contract.judging import answer_findings, request_findings
from tests.contract.partner import ASSERTION_TYPE
from tests.contract.recorder import Exchange, Recorder
from tests.contract.spec import US, path_values
from tests.contract.tour import Tour

OPERATIONS = US.operations
# off in the sandbox as in the venue's pre-production
OFF = {"IncentivesAPI_GetIncentivesEarned"}


@pytest.fixture(scope="module", params=COLOURS, ids=lambda colour: colour.__name__)
def traffic(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    """Everything that went over the wire on a tour of one colour of the client."""
    colour = request.param()
    with Sandbox(port=False, quiet=True, rate_limits=False) as sandbox:
        recorder = Recorder(sandbox.asgi, US)
        Tour(colour, sandbox, recorder, tmp_path_factory.mktemp("downloads")).walk()
        yield recorder
    colour.close()


def calls(traffic: Recorder, operation_id: str) -> list[Exchange]:
    """Return what was sent to one operation."""
    return [each for each in traffic.seen if each.operation and each.operation.id == operation_id]


def test_every_operation_is_called(traffic: Recorder) -> None:
    """The tour leaves nothing out: every operation was called, and answered well unless it is not served."""
    assert [str(each) for each in traffic.seen if each.operation is None] == []
    for name, operation in OPERATIONS.items():
        statuses = {each.status for each in calls(traffic, name)}
        assert statuses, f"{name} was never called"
        unpublished = operation.is_unpublished and statuses == {501}
        assert 200 in statuses or unpublished or name in OFF, f"{name}: {statuses}"


def test_requests_are_those_of_the_spec(traffic: Recorder) -> None:
    """Path, query and body of every request validate, with no key, spelling or parameter of our own."""
    for each in traffic.seen:
        assert each.operation is not None
        assert request_findings(each.operation, each.path, each.query, each.body) == [], str(each)
        has_body = each.operation.body is not None
        assert ("content-type" in each.headers) == has_body, str(each)
        assert not has_body or each.headers["content-type"] == "application/json"


def test_answers_are_those_of_the_spec(traffic: Recorder) -> None:
    """Every answer of the sandbox, good or bad, streamed or not, validates with no field too many."""
    for each in traffic.seen:
        assert each.operation is not None
        assert answer_findings(each.operation, each.status, each.answer) == [], str(each)
        assert each.answer_headers["content-type"] == "application/json", str(each)


def test_credentials_go_where_the_spec_lists_them(traffic: Recorder) -> None:
    """The token is sent on secured operations and no others, the participant where its scheme is listed."""
    for each in traffic.seen:
        assert each.operation is not None
        assert ("authorization" in each.headers) == bool(each.operation.security), str(each)
        if "authorization" in each.headers:
            kind, _, token = each.headers["authorization"].partition(" ")
            assert (kind, token.count(".")) == ("Bearer", 2)
        if "participantId" in each.operation.schemes:
            assert each.headers["x-participant-id"].startswith("firms/"), str(each)
        else:
            assert "x-participant-id" not in each.headers, str(each)


def test_nothing_leaks_into_addresses(traffic: Recorder) -> None:
    """Neither the token nor the assertion nor the participant's name ends up in a URL."""
    secrets = {
        value
        for each in traffic.seen
        for name, value in each.headers.items()
        if name in ("authorization", "x-participant-id")
    }
    for each in traffic.seen:
        # the one filter that asks for a user by name is the caller's own wish
        if not (each.operation and each.operation.id == "AccountsAPI_ListAccounts"):
            assert not any(secret in f"{each.path}?{each.query}" for secret in secrets)


def test_path_values_survive_the_journey(traffic: Recorder) -> None:
    """A slash and a space in an id stay inside their path segment."""
    sent = [path_values(each.operation, each.path) for each in calls(traffic, "ReportAPI_GetOrder")]
    assert {"order_id": "a/b c"} in sent


def test_token_request(traffic: Recorder) -> None:
    """Tokens are asked for with exactly the five documented fields, as JSON, and seldom."""
    asked = calls(traffic, "OAuth_RequestToken")
    assert len(asked) == 1
    form: dict[str, Any] = json.loads(asked[0].body)
    assert form.keys() == {
        "client_id",
        "client_assertion_type",
        "client_assertion",
        "audience",
        "grant_type",
    }
    assert form["client_assertion_type"] == ASSERTION_TYPE
    assert form["grant_type"] == "client_credentials"
    assert asked[0].headers["content-type"] == "application/json"
    assert asked[0].query == ""


def test_downloads_are_files(traffic: Recorder, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What was streamed in pieces is one CSV file with a header and rows of equal length."""
    folder = max(tmp_path_factory.getbasetemp().glob("downloads*"), key=lambda each: each.stat().st_mtime)
    files = sorted(folder.glob("*.csv"))
    names = ["balance", "executions", "orders", "positions", "statement", "trades"]
    assert [each.stem for each in files] == names
    for file in files:
        header, *rows = Path(file).read_text("utf-8").splitlines()
        assert rows
        assert {row.count(",") for row in rows} == {header.count(",")}, file.name
