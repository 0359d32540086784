"""What the client sends to PolySimulator and what the sandbox answers, both held to the spec."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest
from polyspec_wire.polysimulator import OPERATIONS as WIRE

from polyspec import Sandbox
from polyspec.core.codec import decode
from tests.contract.colours import COLOURS
from tests.contract.judging import answer_findings, request_findings
from tests.contract.polysim_tour import PolySimTour
from tests.contract.recorder import Exchange, Recorder
from tests.contract.spec import POLYSIM, path_values

# The stream never ends: it has tests of its own.
UNCALLED = {"Spot_StreamPrices"}
# Nobody ever got anything else of it, says the venue.
REFUSED = {"Simulation_CreateExport": 503}
# The other spelling of the same, of which the client uses one.
UNUSED = {
    ("Orders_ListOrders", "cursor"),
    ("Markets_ListMarkets", "cursor"),
    ("Compat_GetOrders", "next_cursor"),
    ("Compat_GetTrades", "next_cursor"),
}


@pytest.fixture(scope="module", params=COLOURS, ids=lambda each: each.__name__)
def traffic(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    """Everything that went over the wire on a tour of one colour."""
    colour = request.param()
    with Sandbox(venues=["clob", "polysimulator"], port=False, quiet=True, rate_limits=False) as sandbox:
        recorder = Recorder(sandbox.polysimulator_venue.asgi, POLYSIM)
        PolySimTour(colour, sandbox, recorder, tmp_path_factory.mktemp("tour")).walk()
        yield recorder
    colour.close()


def calls(traffic: Recorder, operation_id: str) -> list[Exchange]:
    """Return what was sent to one operation."""
    return [each for each in traffic.seen if each.operation and each.operation.id == operation_id]


def test_every_operation_is_called_and_served(traffic: Recorder) -> None:
    """The tour leaves nothing out: every operation was answered well, but those listed with their reason."""
    assert [str(each) for each in traffic.seen if each.operation is None] == []
    for name, operation in POLYSIM.operations.items():
        statuses = {each.status for each in calls(traffic, name)}
        assert bool(statuses) == (name not in UNCALLED), name
        expected = {REFUSED[name]} if name in REFUSED else set(operation.good)
        assert name in UNCALLED or statuses & expected, f"{name}: {statuses}"


def test_requests_are_those_of_the_spec(traffic: Recorder) -> None:
    """Path, query and body of every request validate, with no key, spelling or parameter of our own."""
    for each in traffic.seen:
        assert each.operation is not None
        assert request_findings(each.operation, each.path, each.query, each.body) == [], str(each)
        assert not each.body or each.headers["content-type"] == "application/json"


def test_every_parameter_is_sent(traffic: Recorder) -> None:
    """What is judged are not empty queries: every filter there is was used, but those listed."""
    sent = {
        (each.operation.id, name)
        for each in traffic.seen
        if each.operation
        for name, _ in parse_qsl(each.query, keep_blank_values=True)
    }
    known = {
        (name, each)
        for name, operation in POLYSIM.operations.items()
        if name not in UNCALLED
        for each in operation.query
    }
    assert known - sent == UNUSED


def test_answers_are_those_of_the_spec(traffic: Recorder) -> None:
    """Every answer of the sandbox, good or bad, has status, type and body of the spec, nothing more."""
    for each in traffic.seen:
        operation = each.operation
        assert operation is not None
        assert each.status in operation.good or each.status >= 400, str(each)
        assert answer_findings(operation, each.status, each.answer) == [], str(each)
        kind = each.answer_headers.get("content-type", "").partition(";")[0]
        assert kind == operation.good.get(each.status, "application/json"), str(each)


def test_answers_are_read_as_the_types_of_the_wire(traffic: Recorder) -> None:
    """The generated type of a status reads its body: no operation answers what cannot be read."""
    read = set()
    for each in traffic.seen:
        assert each.operation is not None
        wire = WIRE[each.operation.id]
        kind = wire.success[each.status] if each.status in each.operation.good else wire.failure
        if wire.stream is None or each.status >= 400:
            decode(each.answer, kind)
            read.add(each.operation.id)
    assert POLYSIM.operations.keys() - read == UNCALLED | {"Exports_ExportSettlements"}


def test_every_answer_carries_what_all_answers_carry(traffic: Recorder) -> None:
    """A request id and a date always; a code of the spec's list in the header of every refusal."""
    codes = set(POLYSIM.schemas["ErrorCode"]["enum"])
    seen = set()
    for each in traffic.seen:
        assert each.answer_headers["x-request-id"], str(each)
        assert each.answer_headers["date"], str(each)
        code = each.answer_headers.get("x-polysim-code")
        assert (code is not None) == (each.status >= 400), str(each)
        if code is not None:
            assert code in codes, str(each)
            seen.add(code)
    assert len(seen) >= 8, seen


def test_credentials_go_where_the_spec_lists_them(traffic: Recorder) -> None:
    """A key in the header that is documented first, a session as a bearer token, never both."""
    used = set()
    for each in traffic.seen:
        assert each.operation is not None
        key, bearer = each.headers.get("x-api-key"), each.headers.get("authorization")
        assert key is None or re.fullmatch(r"p[st]_live_[0-9a-f]{64}", key)
        assert bearer is None or re.fullmatch(r"Bearer eyJ\S+", bearer)
        assert key is None or bearer is None, str(each)
        scheme = "tenantKey" if key and key.startswith("pt_") else "apiKey" if key else "bearer"
        sent = {scheme} if key or bearer else set()
        alternatives = [set(alternative) for alternative in each.operation.security] or [set()]
        assert sent in alternatives, str(each)
        assert not {"poly_api_key", "poly-api-key", "cookie"} & each.headers.keys()
        used |= sent
    assert used == {"apiKey", "bearer", "tenantKey"}


def test_nothing_leaks_into_addresses_and_bodies(traffic: Recorder) -> None:
    """No key, session or token that was sent or handed out is in a URL or in the body of a request."""
    secrets = {
        value.removeprefix("Bearer ")
        for each in traffic.seen
        for name, value in each.headers.items()
        if name in ("x-api-key", "authorization")
    }
    secrets |= {
        str(json.loads(each.answer)[name])
        for each in traffic.seen
        if each.operation and each.operation.tag == "keys" and each.answer.startswith(b"{")
        for name in ("raw_key", "token")
        if name in json.loads(each.answer)
    }
    assert len(secrets) >= 6
    for each in traffic.seen:
        assert not any(secret in f"{each.path}?{each.query}{each.body!r}" for secret in secrets)


def test_money_is_text_and_bodies_have_no_spaces(traffic: Recorder) -> None:
    """What is sent again byte for byte is as short as JSON allows, and no float is in it."""
    for each in traffic.seen:
        if each.body:
            value = json.loads(each.body, parse_float=_no_float)
            assert each.body == json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _no_float(text: str) -> None:
    raise AssertionError(f"{text} is a float")


def test_native_orders_carry_an_id_of_their_own(traffic: Recorder) -> None:
    """Each order of the venue's own kind or of the flat one has its client order id, in the body alone."""
    ids = []
    for name in ("Orders_PlaceOrder", "Orders_PlaceOrderBatch", "Compat_PostFlatOrder"):
        for each in calls(traffic, name):
            assert "idempotency-key" not in each.headers
            sent = json.loads(each.body)
            if isinstance(sent, dict):
                ids += [entry["client_order_id"] for entry in sent.get("orders", [sent])]
    assert len(set(ids)) == len(ids) > 10


def test_path_values_survive_the_journey(traffic: Recorder) -> None:
    """A slash and a space in an id stay inside their path segment."""
    sent = [
        path_values(each.operation, each.path) for each in calls(traffic, "Compat_GetOrder") if each.operation
    ]
    assert {"id": "a/b c"} in sent


def test_the_end_of_a_listing_is_never_sent(traffic: Recorder) -> None:
    """No request carries the cursor that says there is nothing more."""
    assert not any("LTE" in each.query for each in traffic.seen)
