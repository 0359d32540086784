"""The client reads PolySimulator the same in every spelling and era, and misses what it needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from polyspec_wire.polysimulator import OPERATIONS as WIRE

from polyspec import Sandbox
from polyspec.core.codec import decode
from polyspec.errors import DecodeError
from polyspec.sandbox.polysimulator.options import ERA_C, PolySimOptions
from tests.contract.colours import COLOURS, Colour
from tests.contract.judging import answer_findings
from tests.contract.polysim_tour import PolySimTour, furnish
from tests.contract.recorder import Exchange, Recorder
from tests.contract.rewriting import SPELLINGS, Rewriting, rewritten
from tests.contract.spec import POLYSIM, Operation

KNOWN = ("numbers", "texts", "newer", "nulls", "bare")
"""Spellings this venue was seen to use, or may use any day."""
ERAS: dict[str, PolySimOptions] = {
    "newest": PolySimOptions(),
    "closed beta": ERA_C,
    "one-field": PolySimOptions(error_form="one-field"),
    "older orders": PolySimOptions(pm_v2=False),
    "fast acknowledgements": PolySimOptions(fast_ack=True),
    "free keys read": PolySimOptions(free_tier="read_only"),
    "no content": PolySimOptions(revocation="no_content"),
    "keys for markets": PolySimOptions(anonymous_markets=False, session_balance=False),
    "lists as lists": PolySimOptions(updown_lists="array"),
    "lists with commas": PolySimOptions(updown_lists="comma"),
    "lenient": PolySimOptions(strict_status=False, price_batches_by_tier=False),
}


def opened(options: PolySimOptions) -> Sandbox:
    """Return a quiet sandbox in process over markets that somebody quotes."""
    venues = ["clob", "polysimulator"]
    return Sandbox(venues=venues, polysimulator=options, port=False, quiet=True, rate_limits=False)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One of the newest era."""
    with opened(ERAS["newest"]) as running:
        yield running


@pytest.fixture(scope="module")
def market(sandbox: Sandbox) -> tuple[str, str]:
    """A market with a book, and its first token."""
    return furnish(sandbox)[0]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[Exchange]:
    """Every answer of a whole tour that is JSON."""
    with opened(ERAS["newest"]) as running:
        recorder = Recorder(running.polysimulator_venue.asgi, POLYSIM)
        PolySimTour(Colour(), running, recorder, tmp_path_factory.mktemp("tour")).walk()
    return [each for each in recorder.seen if each.operation and each.operation.tag != "exports"]


def read(exchange: Exchange, raw: bytes) -> Any:
    """Read an answer as the client does."""
    assert exchange.operation is not None
    operation = WIRE[exchange.operation.id]
    is_good = exchange.status in exchange.operation.good
    return decode(raw, operation.success[exchange.status] if is_good else operation.failure)


# -- spellings --


@pytest.mark.parametrize("spelling", KNOWN)
def test_every_answer_means_the_same_in_every_spelling(answers: list[Exchange], spelling: str) -> None:
    """Types, nulls, unknown fields: no answer of the tour reads differently for any of them."""
    changed = set()
    for each in answers:
        assert each.operation is not None
        raw = rewritten(each.operation, each.status, each.answer, SPELLINGS[spelling])
        if json.loads(raw) == json.loads(each.answer):
            continue
        changed.add(each.operation.id)
        assert read(each, raw) == read(each, each.answer), str(each)
    assert len(changed) > 1, "nothing was written differently"


@pytest.mark.parametrize("kind", COLOURS, ids=lambda kind: kind.__name__)
def test_everything_works_in_all_spellings_at_once(kind: type[Colour], tmp_path: Path) -> None:
    """The whole tour passes although every answer is spelt as differently as it can be."""
    colour = kind()
    changes = [SPELLINGS[each] for each in ("numbers", "newer", "nulls")]
    with opened(ERAS["newest"]) as running:
        app = Rewriting(
            running.polysimulator_venue.asgi,
            POLYSIM,
            lambda operation, status, raw: rewritten(operation, status, raw, *changes),
        )
        PolySimTour(colour, running, app, tmp_path).walk()
    colour.close()


# -- eras --


@pytest.mark.parametrize("era", ERAS)
def test_the_tour_passes_in_every_era(era: str, tmp_path: Path) -> None:
    """Switches of an era change what is told within the spec: the client finds everything it needs."""
    colour = Colour()
    with opened(ERAS[era]) as running:
        recorder = Recorder(running.polysimulator_venue.asgi, POLYSIM)
        PolySimTour(colour, running, recorder, tmp_path).walk()
        for each in recorder.seen:
            assert each.operation is not None
            assert answer_findings(each.operation, each.status, each.answer) == [], str(each)
    colour.close()


def test_eras_differ(sandbox: Sandbox) -> None:
    """Every era is another: no switch is one that nothing hangs on."""
    assert len({repr(each) for each in ERAS.values()}) == len(ERAS)
    assert ERAS["newest"].error_form == sandbox.polysimulator_venue.world.options.error_form


# -- what is missing --

Ask = Callable[[Any, tuple[str, str]], Any]


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
    ("Identity_GetMe", "user_id", "$", lambda sim, _: sim.me()),
    ("Account_GetBalance", "balance", "$", lambda sim, _: sim.account.balance()),
    ("Account_GetPortfolio", "balance", "$", lambda sim, _: sim.account.portfolio()),
    ("Account_GetEquity", "total_value", "$[0]", lambda sim, _: sim.account.equity()),
    ("Orders_ListOrders", "status", "$.orders[0]", lambda sim, _: sim.orders.open()),
    ("Orders_CancelAll", "canceled", "$", lambda sim, _: sim.orders.cancel_all()),
    ("Compat_GetOrders", "price", "$.data[0]", lambda sim, _: sim.compat.get_orders()),
    ("Markets_ListMarkets", "condition_id", "$.data[0]", lambda sim, _: sim.markets.list()),
    ("Markets_GetMarketBook", "bids", "$", lambda sim, at: sim.markets.book(at[0])),
    ("Books_GetOrderBook", "size", "$.bids[0]", lambda sim, at: sim.books.get_order_book(at[1])),
    ("Books_GetPrice", "price", "$", lambda sim, at: sim.books.get_price(at[1], "BUY")),
    ("Books_GetTickSize", "minimum_tick_size", "$", lambda sim, at: sim.books.get_tick_size(at[1])),
    ("Books_GetFeeRate", "fee_rate_bps", "$", lambda sim, at: sim.books.get_fee_rate(at[1])),
    ("Books_GetPricesHistory", "p", "$.history[0]", lambda sim, at: sim.books.get_prices_history(at[1])),
    ("Wallets_ListWallets", "id", "$.wallets[0]", lambda sim, _: sim.wallets.list()),
    ("Keys_CreateWsToken", "token", "$", lambda sim, _: sim.keys.ws_token()),
]


@pytest.mark.parametrize("kind", COLOURS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    ("operation_id", "name", "path", "ask"), MISSED, ids=lambda each: each if isinstance(each, str) else ""
)
def test_what_is_needed_is_missed(
    sandbox: Sandbox,
    market: tuple[str, str],
    kind: type[Colour],
    operation_id: str,
    name: str,
    path: str,
    ask: Ask,
) -> None:
    """Without what means money the client raises DecodeError with its name and path, and never guesses."""
    colour, app = kind(), sandbox.polysimulator_venue.asgi
    plain = colour.polysim(sandbox, app)
    order = {"side": "BUY", "outcome": "Yes", "price": "0.41", "quantity": 5}
    colour.do(plain.orders.place(market[0], **order)).unwrap()
    client = colour.polysim(sandbox, Rewriting(app, POLYSIM, without(operation_id, name)))
    with pytest.raises(DecodeError) as caught:
        colour.do(ask(client, market))
    assert name in str(caught.value)
    assert path in str(caught.value) or path == "$"
    colour.close()


@pytest.mark.parametrize("kind", COLOURS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", ["order_id", "status", "price", "quantity"])
def test_a_placement_answered_with_half_an_answer_is_looked_up(
    sandbox: Sandbox, market: tuple[str, str], kind: type[Colour], name: str
) -> None:
    """An order whose answer lacks what proves it is found by its id, and there is one order, not two."""
    colour, app = kind(), sandbox.polysimulator_venue.asgi
    cut = Recorder(Rewriting(app, POLYSIM, without("Orders_PlaceOrder", name)), POLYSIM)
    client = colour.polysim(sandbox, cut)
    order = {"side": "BUY", "outcome": "Yes", "price": "0.42", "quantity": 5}
    placed = colour.do(client.orders.place(market[0], **order)).unwrap()
    assert placed.source == "pending"
    rows = colour.do(client.orders.list("PENDING", wallet_id="api"))
    assert [each.client_order_id for each in rows].count(placed.client_order_id) == 1
    bodies = {each.body for each in cut.seen if (each.method, each.path) == ("POST", "/v1/orders")}
    assert len(bodies) == 1
    colour.close()
