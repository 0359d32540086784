"""The client reads the CLOB the same in every spelling it was ever seen in, and misses what it needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from polyspec_wire.clob import OPERATIONS as WIRE

from polyspec import Sandbox
from polyspec.core.codec import decode
from polyspec.errors import DecodeError
from tests.contract.clob_tour import ClobTour
from tests.contract.colours import COLOURS, Colour
from tests.contract.judging import answer_findings
from tests.contract.recorder import Exchange, Recorder
from tests.contract.rewriting import SPELLINGS, Rewriting, rewritten
from tests.contract.spec import CLOB, Operation

ALL = ("documented", "numbers", "newer", "nulls", "prefixed")
"""Spellings that can come together."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A quiet sandbox in process."""
    with Sandbox(venues=["clob"], port=False, quiet=True, rate_limits=False) as running:
        yield running


@pytest.fixture(scope="module")
def answers() -> list[Exchange]:
    """Every answer of a whole tour."""
    with Sandbox(venues=["clob"], port=False, quiet=True, rate_limits=False) as running:
        recorder = Recorder(running.clob_venue.asgi, CLOB)
        ClobTour(Colour(), running, recorder).walk()
    return recorder.seen


def read(exchange: Exchange, raw: bytes) -> Any:
    """Read an answer as the client does."""
    assert exchange.operation is not None
    operation = WIRE[exchange.operation.id]
    return decode(raw, operation.success[200] if exchange.status == 200 else operation.failure)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_answer_means_the_same_in_every_spelling(answers: list[Exchange], spelling: str) -> None:
    """Types, prefixes, nulls, unknown fields: no answer of the tour reads differently for any of them."""
    changed = set()
    for each in answers:
        assert each.operation is not None
        raw = rewritten(each.operation, each.status, each.answer, SPELLINGS[spelling])
        if json.loads(raw) == json.loads(each.answer):
            continue
        changed.add(each.operation.id)
        if spelling == "documented":
            # told under another name, which the client's methods put together
            assert answer_findings(each.operation, each.status, raw) == []
        else:
            assert read(each, raw) == read(each, each.answer), str(each)
    assert changed, "nothing was written differently"


@pytest.mark.parametrize("kind", COLOURS, ids=lambda kind: kind.__name__)
def test_everything_works_in_all_spellings_at_once(kind: type[Colour]) -> None:
    """The whole tour passes although every answer is spelt as differently as it can be."""
    colour = kind()
    changes = [SPELLINGS[each] for each in ALL]
    with Sandbox(venues=["clob"], port=False, quiet=True, rate_limits=False) as running:
        app = Rewriting(
            running.clob_venue.asgi,
            CLOB,
            lambda operation, status, raw: rewritten(operation, status, raw, *changes),
        )
        ClobTour(colour, running, app).walk()
    colour.close()


# -- what is missing --

Ask = Callable[[Any, Any], Any]


def without(operation_id: str, name: str) -> Callable[[Operation, int, bytes], bytes]:
    """Return what leaves a field out of the answers of an operation, wherever it stands in them."""

    def drop(schema: dict[str, Any], value: Any) -> Any:
        if name in schema.get("properties", {}) and isinstance(value, dict):
            return {key: each for key, each in value.items() if key != name}
        return value

    def write(operation: Operation, status: int, raw: bytes) -> bytes:
        return rewritten(operation, status, raw, drop) if operation.id == operation_id else raw

    return write


MISSED: list[tuple[str, str, str, Ask]] = [
    ("Health_GetVersion", "version", "$", lambda client, _: client.get_version()),
    ("Books_GetOrderBook", "tick_size", "$", lambda client, token: client.get_order_book(token)),
    ("Books_GetOrderBook", "size", "$.bids[0]", lambda client, token: client.get_order_book(token)),
    ("Books_GetPrice", "price", "$", lambda client, token: client.get_price(token, "BUY")),
    ("Books_GetMidpoint", "mid", "$.mid", lambda client, token: client.get_midpoint(token)),
    ("Books_GetTickSize", "minimum_tick_size", "$", lambda client, token: client.get_tick_size(token)),
    ("Books_GetLastTradePrice", "side", "$", lambda client, token: client.get_last_trade_price(token)),
    ("Markets_GetMarkets", "condition_id", "$.data[0]", lambda client, _: client.get_markets()),
    ("Markets_GetMarkets", "next_cursor", "$", lambda client, _: client.get_markets()),
    ("Orders_GetOpenOrders", "price", "$.data[0]", lambda client, _: client.get_open_orders()),
    ("Orders_CancelAll", "not_canceled", "$", lambda client, _: client.cancel_all()),
    ("Account_GetBalanceAllowance", "balance", "$", lambda client, _: client.get_balance_allowance()),
    ("Auth_DeriveApiKey", "secret", "$", lambda client, _: client.derive_api_key()),
]


@pytest.mark.parametrize("kind", COLOURS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    ("operation_id", "name", "path", "ask"), MISSED, ids=lambda each: each if isinstance(each, str) else ""
)
def test_what_is_needed_is_missed(
    sandbox: Sandbox, kind: type[Colour], operation_id: str, name: str, path: str, ask: Ask
) -> None:
    """Without what means money the client raises DecodeError with its name and path, and never guesses."""
    colour, token = kind(), sandbox.clob_venue.token_ids[0]
    plain = colour.clob(sandbox, sandbox.clob_venue.asgi)
    for side, price in (("BUY", "0.40"), ("SELL", "0.60")):
        colour.do(plain.create_and_post_order(token_id=token, side=side, price=price, size=10)).unwrap()
    cut = Rewriting(sandbox.clob_venue.asgi, CLOB, without(operation_id, name))
    client = colour.clob(sandbox, cut, creds=plain.creds)
    with pytest.raises(DecodeError) as caught:
        colour.do(ask(client, token))
    assert name in str(caught.value)
    assert path in str(caught.value) or path == "$"
    colour.close()


@pytest.mark.parametrize("kind", COLOURS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", ["orderID", "success", "status"])
def test_a_placement_answered_with_half_an_answer_is_looked_up(
    sandbox: Sandbox, kind: type[Colour], name: str
) -> None:
    """An order whose answer lacks what proves it is found by its id: it neither raises nor is sent twice."""
    colour, token = kind(), sandbox.clob_venue.token_ids[0]
    cut = Recorder(Rewriting(sandbox.clob_venue.asgi, CLOB, without("Orders_PostOrder", name)), CLOB)
    client = colour.clob(sandbox, cut)
    posting = client.create_and_post_order(token_id=token, side="BUY", price="0.3", size=10)
    placed = colour.do(posting).unwrap()
    assert (placed.answer, placed.size) == (None, 10)
    assert [each.path for each in cut.seen if each.method == "POST" and each.path == "/order"] == ["/order"]
    assert any(each.path == f"/data/order/{placed.order_id}" for each in cut.seen)
    colour.close()
