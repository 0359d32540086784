"""What the client sends to the CLOB and what the sandbox answers, both held to the spec in both colours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest

from polyspec import Sandbox
from polyspec.sandbox.clob.options import ClobOptions
from tests.contract.clob_tour import ClobTour
from tests.contract.colours import COLOURS
from tests.contract.judging import answer_findings, request_findings
from tests.contract.recorder import Exchange, Recorder
from tests.contract.spec import CLOB, path_values

# The headers of a level, with what has to be where.
LEVELS = {
    "l1": {"poly_address", "poly_signature", "poly_timestamp", "poly_nonce"},
    "l2": {"poly_address", "poly_signature", "poly_timestamp", "poly_api_key", "poly_passphrase"},
    "builder": {
        "poly_builder_api_key",
        "poly_builder_passphrase",
        "poly_builder_timestamp",
        "poly_builder_signature",
    },
}
# Nobody knows what these answer, so the sandbox does not make anything up.
UNPUBLISHED = {"Books_GetOHLC", "Books_GetOrderbookHistory"}
# The venue was seen to refuse these whatever is asked, and so does the sandbox.
REFUSED = {
    "Books_GetOrderBooksByQuery",
    "Books_GetMidpointsByQuery",
    "Books_GetPricesByQuery",
    "Books_GetLastTradesPricesByQuery",
}
# It says whose orders a read-only key reads; the client has none.
UNUSED = {("Orders_GetOpenOrders", "maker_address")}


@pytest.fixture(
    scope="module",
    params=[(colour, prefixed) for colour in COLOURS for prefixed in (False, True)],
    ids=lambda each: f"{each[0].__name__}-{'prefixed' if each[1] else 'plain'}",
)
def traffic(request: pytest.FixtureRequest) -> Iterator[Recorder]:
    """Everything that went over the wire on a tour of one colour, with statuses spelt in one way."""
    kind, prefixed = request.param
    colour = kind()
    options = ClobOptions(prefixed_statuses=prefixed)
    with Sandbox(venues=["clob"], clob=options, port=False, quiet=True, rate_limits=False) as sandbox:
        recorder = Recorder(sandbox.clob_venue.asgi, CLOB)
        ClobTour(colour, sandbox, recorder).walk()
        yield recorder
    colour.close()


def calls(traffic: Recorder, operation_id: str) -> list[Exchange]:
    """Return what was sent to one operation."""
    return [each for each in traffic.seen if each.operation and each.operation.id == operation_id]


def test_every_operation_is_called_and_served(traffic: Recorder) -> None:
    """The tour leaves nothing out: every operation was answered well, but those listed with their reason."""
    assert [str(each) for each in traffic.seen if each.operation is None] == []
    for name in CLOB.operations:
        statuses = {each.status for each in calls(traffic, name)}
        assert statuses, f"{name} was never called"
        assert not statuses & {404, 405} or 200 in statuses, f"{name}: {statuses}"
        expected = 501 if name in UNPUBLISHED else 400 if name in REFUSED else 200
        assert expected in statuses, f"{name}: {statuses}"


def test_requests_are_those_of_the_spec(traffic: Recorder) -> None:
    """Path, query and body of every request validate, with no key, spelling or parameter of our own."""
    for each in traffic.seen:
        assert each.operation is not None
        assert request_findings(each.operation, each.path, each.query, each.body) == [], str(each)
        has_body = each.operation.body is not None
        assert ("content-type" in each.headers) == has_body, str(each)
        assert not has_body or each.headers["content-type"] == "application/json"


def test_every_parameter_is_sent(traffic: Recorder) -> None:
    """What is judged are not empty queries: every filter there is was used, but those listed."""
    sent = {
        (each.operation.id, name)
        for each in traffic.seen
        if each.operation
        for name, _ in parse_qsl(each.query, keep_blank_values=True)
    }
    known = {(name, each) for name, operation in CLOB.operations.items() for each in operation.query}
    assert {(name, each) for name, each in known - sent if each != "next_cursor"} == UNUSED


def test_answers_are_those_of_the_spec(traffic: Recorder) -> None:
    """Every answer of the sandbox, good or bad, validates with no field too many."""
    for each in traffic.seen:
        assert each.operation is not None
        assert answer_findings(each.operation, each.status, each.answer) == [], str(each)
        assert each.answer_headers["content-type"] == "application/json", str(each)


def test_credentials_go_where_the_spec_lists_them(traffic: Recorder) -> None:
    """A request carries the headers of exactly one level its operation takes, and none if it is open."""
    for each in traffic.seen:
        assert each.operation is not None
        sent = {name for name in each.headers if name.startswith("poly")}
        taken = [LEVELS[name] for name in each.operation.schemes] or [set()]
        assert sent in taken, str(each)
        assert "authorization" not in each.headers
        assert "cookie" not in each.headers


def test_every_level_is_used(traffic: Recorder) -> None:
    """All three levels occur, builders' one included."""
    used = {
        level for each in traffic.seen for level, headers in LEVELS.items() if headers <= each.headers.keys()
    }
    assert used == set(LEVELS)


def test_nothing_leaks_into_addresses(traffic: Recorder) -> None:
    """Neither signatures nor keys, passphrases or what was signed with ends up in a URL or goes out again."""
    told = {"secret", "passphrase"}
    secrets = {
        value
        for each in traffic.seen
        for name, value in each.headers.items()
        if name.startswith("poly") and name.rpartition("_")[2] in ("signature", "passphrase", "key")
    }
    handed_out = {
        value
        for each in traffic.seen
        if each.operation and each.operation.tag == "auth" and each.answer.startswith(b"{")
        for name, value in json.loads(each.answer).items()
        if name in told
    }
    assert handed_out
    for each in traffic.seen:
        assert not any(secret in f"{each.path}?{each.query}" for secret in secrets | handed_out)
        assert not any(secret.encode() in each.body for secret in handed_out)


def test_bodies_have_no_spaces(traffic: Recorder) -> None:
    """What is signed byte for byte is as short as JSON allows, and no float is in it."""
    for each in traffic.seen:
        if each.body:
            value = json.loads(each.body, parse_float=_no_float)
            assert each.body == json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _no_float(text: str) -> None:
    raise AssertionError(f"{text} is a float")


def test_path_values_survive_the_journey(traffic: Recorder) -> None:
    """A slash and a space in an id stay inside their path segment, and the signature holds."""
    sent = [
        path_values(each.operation, each.path) for each in calls(traffic, "Orders_GetOrder") if each.operation
    ]
    assert {"orderID": "a/b c"} in sent


def test_the_end_of_a_listing_is_never_sent(traffic: Recorder) -> None:
    """No request carries the cursor that says there is nothing more."""
    assert not any("LTE" in each.query for each in traffic.seen)
    assert any("offset=" in each.query for each in calls(traffic, "Rfq_GetRequests"))
