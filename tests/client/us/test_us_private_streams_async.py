"""Private streams of the US exchange over real sockets: each execution once, whatever happens to streams."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from polyspec_wire.us_exchange import models as wire

from polyspec.core.streams.events import Event, Gap, Lost, Message, Resynced, StreamState
from polyspec.errors import AuthError, BadRequest, ConfigError, StreamClosed
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us.world import Participant
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.config import ENVIRONMENTS
from polyspec.us.proto_words import name_of
from tests.client.doing_async import listed, sleep
from tests.client.us.private import (
    COPY,
    INSTRUMENTS,
    ORDER_STREAM,
    ORDERS,
    POSITIONS,
    REPLAY,
    RFQS,
    done,
    executions,
    options,
    order,
    steps,
    trade,
)
from tests.client.us.rig import Venue, open_venue

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def shared() -> Iterator[Venue]:
    """Run a sandbox that gives signs of life quickly and clears trades at once."""
    with open_venue(venues=["us"], heartbeat=0.05, clearing_delay=0.0) as venue:
        yield venue


@pytest.fixture
def venue(shared: Venue) -> Iterator[Venue]:
    """The same, with no fault of an earlier test."""
    yield shared
    shared.sandbox.faults.clear()


@pytest.fixture
def person(venue: Venue) -> Participant:
    """Open a participant with money, for one test."""
    return venue.person()


@pytest.fixture
def symbol(venue: Venue) -> str:
    """List a market for one test."""
    return venue.market()


def connect(venue: Venue, person: Participant | None = None, **changes: Any) -> AsyncUsExchangeClient:
    """Return a client of the sandbox."""
    return AsyncUsExchangeClient(**options(venue, person, **changes))


async def until(stream: Any, kind: type[Event], **wanted: Any) -> Any:
    """Return the next event of a kind with these attributes."""
    async for event in stream:
        if isinstance(event, kind) and all(getattr(event, name) == value for name, value in wanted.items()):
            return event
    raise AssertionError(f"the stream ended without a {kind.__name__}")


async def live(stream: Any) -> None:
    """Wait until everything asked for was told, whether that was read or not."""
    for _ in range(500):
        if stream.state is StreamState.LIVE:
            return
        await sleep(0.01)
    raise AssertionError(f"it is {stream.state}: {stream.why}")


async def all_of(stream: Any, wanted: list[str]) -> list[Any]:
    """Return the events up to the last of these executions."""
    told: list[Any] = []
    async for event in stream:
        told.append(event)
        if set(wanted) <= set(executions(told)):
            return told
    raise AssertionError("the stream ended")


# -- orders --


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_orders_and_what_becomes_of_them(tls: bool) -> None:
    """Open ones first; then every execution, also of orders placed through this client over REST."""
    with open_venue(venues=["us"], tls=tls) as venue:
        person, symbol = venue.person(), venue.market()
        resting = order(venue, person, symbol, "BUY", 400)
        async with connect(venue, person) as client, client.stream.orders([symbol]) as stream:
            first = await until(stream, Message)
            assert (first.key, first.native.id, first.native.DESCRIPTOR.name) == (symbol, resting, "Order")
            await live(stream)
            placed = (await client.orders.place(symbol, side="BUY", price="0.5", quantity=1)).unwrap()
            told = await until(stream, Message)
            assert (told.native.order.id, name_of(told.native, "type")) == (
                placed.order_id,
                "EXECUTION_TYPE_NEW",
            )
            assert sorted(stream.orders) == sorted([resting, placed.order_id])
            order(venue, venue.world.counterparty, symbol, "SELL")
            filled = await until(stream, Message)
            assert (filled.native.last_shares, filled.native.last_px) == (100, 500)
            assert list(stream.orders) == [resting]
            await client.orders.cancel(wire.Order(id=resting, symbol=symbol))
            canceled = await until(stream, Message)
            assert name_of(canceled.native, "type") == "EXECUTION_TYPE_CANCELED"
            assert stream.orders == {}


@pytest.mark.parametrize(
    "kind",
    [
        "grpc_unavailable",
        "grpc_goaway",
        "grpc_expired",
        "grpc_silent",
        "grpc_lose",
        "grpc_duplicate",
        "grpc_reorder",
    ],
)
async def test_each_execution_of_an_order_once(
    venue: Venue, person: Participant, symbol: str, kind: str
) -> None:
    """After several of each, what was told is what the venue has on record."""
    async with connect(venue, person) as client, client.stream.orders([symbol], rhythm=ORDERS) as stream:
        await live(stream)
        told: list[Any] = []
        for price in (490, 510):
            venue.sandbox.faults.add(kind=kind, operation=ORDER_STREAM, times=1)
            trade(venue, person, symbol, price)
            order(venue, person, symbol, "BUY", price - 100)
            told += await all_of(stream, done(venue, symbol, person)[len(executions(told)) :])
        assert sorted(executions(told)) == sorted(done(venue, symbol, person))
        with venue.world.lock:
            open_now = venue.world.exchange.orders(participant=person.name, open_only=True)
        assert sorted(stream.orders) == sorted(each.id for each in open_now)


@pytest.mark.parametrize("transport", ["rest", "grpc"])
async def test_a_gap_is_told_whole(venue: Venue, person: Participant, symbol: str, transport: str) -> None:
    """What happened between two connections comes before `Resynced`: fills, and cancels."""
    client = connect(venue, person, transport=transport)
    async with client, client.stream.orders([symbol], rhythm=ORDERS) as stream:
        await live(stream)
        filled = order(venue, person, symbol, "BUY", 500)
        canceled = order(venue, person, symbol, "BUY", 400)
        await all_of(stream, done(venue, symbol, person))
        before = len(done(venue, symbol, person))
        venue.sandbox.faults.add(kind="grpc_unavailable", operation=ORDER_STREAM, times=1)
        # refused at the door as well, for a while
        venue.sandbox.faults.add(kind="status", operation=ORDER_STREAM, times=2)
        gap = await until(stream, Gap)
        order(venue, venue.world.counterparty, symbol, "SELL", 500)
        with venue.world.lock:
            venue.world.apply(t.CancelOrder(participant=person.name, order_id=canceled, symbol=symbol))
        told: list[Any] = []
        async for event in stream:
            told.append(event)
            if isinstance(event, Resynced):
                break
        assert told[-1].gap == gap
        assert executions(told) == done(venue, symbol, person)[before:]
        steps_of = {each.native.order.id for each in told if isinstance(each, Message)}
        assert steps_of == {filled, canceled}
        assert stream.orders == {}


async def test_a_refused_cancel_is_told(venue: Venue, person: Participant, symbol: str) -> None:
    """With what the venue says of it."""
    async with connect(venue, person) as client, client.stream.orders(rhythm=ORDERS) as stream:
        await live(stream)
        await client.orders.cancel(wire.Order(id="none", symbol=symbol))
        told = await until(stream, Message)
        assert (told.native.order_id, told.native.text) == ("none", "Unknown order")


# -- what can be read on --


@pytest.mark.parametrize(
    "kind", ["grpc_unavailable", "grpc_goaway", "grpc_expired", "grpc_duplicate", "grpc_forgotten"]
)
async def test_each_execution_of_a_firm_once(
    venue: Venue, person: Participant, symbol: str, kind: str
) -> None:
    """Both sides of every trade, across drops, in the order of the venue's record."""
    client = connect(venue, person)
    async with client, client.stream.drop_copy([symbol], rhythm=REPLAY) as stream:
        await live(stream)
        told: list[Any] = []
        for price in (490, 500, 510):
            if kind == "grpc_forgotten":
                # asked for at the next connection
                venue.sandbox.faults.add(kind="grpc_unavailable", operation=COPY, times=1)
            venue.sandbox.faults.add(kind=kind, operation=COPY, times=1)
            trade(venue, person, symbol, price)
            told += await all_of(stream, done(venue, symbol)[len(executions(told)) :])
        assert executions(told) == done(venue, symbol)
        assert not [each for each in told if isinstance(each, Lost)]
        assert {each.key for each in told if isinstance(each, Message)} == {symbol}


async def test_another_process_goes_on(
    venue: Venue, person: Participant, symbol: str, tmp_path: Path
) -> None:
    """From a file: what was read and perhaps not applied comes again, and nothing is left out."""
    path, applied = tmp_path / "cursor.json", list[str]()
    for price in (490, 500, 510):
        client = connect(venue, person)
        async with client, client.stream.drop_copy([symbol], resume=path, rhythm=REPLAY) as stream:
            await live(stream)
            trade(venue, person, symbol, price)
            wanted = done(venue, symbol)
            told = await all_of(stream, [each for each in wanted if each not in applied][:-1])
            # the last event that was read is not applied: the process dies first
            applied += executions(told)[:-1]
        # nobody listens
        trade(venue, person, symbol, price + 1)
    client = connect(venue, person)
    async with client, client.stream.drop_copy([symbol], resume=str(path), rhythm=REPLAY) as stream:
        left = [each for each in done(venue, symbol) if each not in applied]
        applied += executions(await all_of(stream, left))
        await live(stream)
        assert stream.caught_up
        assert list(dict.fromkeys(applied)) == done(venue, symbol)
        trade(venue, person, symbol, 520)
        await all_of(stream, done(venue, symbol)[-4:])
    client = connect(venue, person)
    async with client, client.stream.drop_copy([symbol], resume=stream.cursor, rhythm=REPLAY) as stream:
        # whatever was followed by another event was applied
        again = executions(await all_of(stream, done(venue, symbol)[-1:]))
        assert again == done(venue, symbol)[-len(again) :]
        assert len(again) <= 4


async def test_from_a_moment_on(venue: Venue, person: Participant, symbol: str) -> None:
    """Everything since then, a little more at most."""
    before = datetime.now(UTC)
    trade(venue, person, symbol)
    client = connect(venue, person)
    async with client, client.stream.drop_copy([symbol], resume=before, rhythm=REPLAY) as stream:
        told = await all_of(stream, done(venue, symbol))
        assert executions(told) == done(venue, symbol)


async def test_what_the_venue_forgot(venue: Venue, person: Participant, symbol: str) -> None:
    """Neither token nor time: one's own is read over REST, the rest is called lost, the stream goes on."""
    client = connect(venue, person)
    async with client, client.stream.drop_copy([symbol], rhythm=REPLAY) as stream:
        await live(stream)
        trade(venue, person, symbol, 490)
        await all_of(stream, done(venue, symbol))
        venue.sandbox.faults.add(kind="grpc_unavailable", operation=COPY, times=1)
        venue.sandbox.faults.add(kind="grpc_forgotten", operation=COPY, times=2)
        gap = await until(stream, Gap)
        trade(venue, person, symbol, 500)
        told: list[Any] = []
        async for event in stream:
            told.append(event)
            if isinstance(event, Lost):
                break
        assert (told[-1].gap, told[-1].key) == (gap, "drop_copy")
        assert set(executions(told)) <= set(done(venue, symbol, person))
        trade(venue, person, symbol, 510)
        told += await all_of(stream, done(venue, symbol)[-4:])
        mine = done(venue, symbol, person)[2:]
        assert [each for each in executions(told) if each in mine] == mine


async def test_trades_in_all_their_states(venue: Venue, person: Participant, symbol: str) -> None:
    """Made and cleared, each once, across drops."""
    operation = "DropCopyAPI_CreateTradeCaptureReportSubscription"
    client = connect(venue, person)
    async with client, client.stream.trade_captures([symbol], rhythm=REPLAY) as stream:
        await live(stream)
        states: list[tuple[str, str]] = []
        for kind in ("grpc_duplicate", "grpc_unavailable"):
            venue.sandbox.faults.add(kind=kind, operation=operation, times=1)
            trade(venue, person, symbol)
        while len(states) < 4:
            native = (await until(stream, Message)).native
            states.append((native.id, name_of(native, "state")))
        with venue.world.lock:
            made = [each.id for each in venue.world.exchange.trades(symbol=symbol)]
        wanted = {(each, f"TRADE_STATE_{state}") for each in made for state in ("NEW", "CLEARED")}
        assert len(states) == len(set(states))
        assert set(states) == wanted


async def kept(venue: Venue, stream: Any, operation: str) -> None:
    """Break a connection and read its end: so what came before it was applied."""
    venue.sandbox.faults.add(kind="grpc_unavailable", operation=operation, times=1)
    await until(stream, Gap)


async def test_changes_of_positions_and_of_cash(
    venue: Venue, person: Participant, symbol: str, tmp_path: Path
) -> None:
    """Every change once, also of those made while nobody listened."""
    account, changed, told = person.accounts[0], list[int](), list[str]()
    async with connect(venue, person) as client:
        before = [each.id for each in await listed(client.ledgers.balance())]
    for _ in range(3):
        client = connect(venue, person)
        positions = client.stream.position_changes([symbol], resume=tmp_path / "positions", rhythm=REPLAY)
        cash = client.stream.balance_ledger(resume=tmp_path / "cash", rhythm=REPLAY)
        async with client, positions, cash:
            await live(positions)
            await live(cash)
            change(venue, person, symbol)
            entries = [each.id for each in await listed(client.ledgers.balance())]
            while sorted(told) != sorted(set(entries) - set(before)):
                told.append((await until(cash, Message, key=account)).native.id)
            while sum(changed[-1:]) < held(venue, account, symbol):
                native = (await until(positions, Message)).native.position
                changed += [native.net_position] if native.account == account else []
            await kept(venue, positions, "DropCopyAPI_CreatePositionChangeSubscription")
            await kept(venue, cash, "FundingAPI_CreateBalanceLedgerSubscription")
        change(venue, person, symbol)
    assert changed == [100, 200, 300, 400, 500]


def change(venue: Venue, person: Participant, symbol: str) -> None:
    """Change a position and the cash of a person."""
    trade(venue, person, symbol)
    with venue.world.lock:
        venue.world.roster.deposit(person.accounts[0], "5")


def held(venue: Venue, account: str, symbol: str) -> int:
    """Return what an account has of a market."""
    with venue.world.lock:
        return sum(each.net for each in venue.world.exchange.position_entries(account, symbol)[-1:])


async def test_funding_transactions(venue: Venue, person: Participant, tmp_path: Path) -> None:
    """Deposits as they are made, and those of the time in between."""
    path, account = tmp_path / "funding", person.accounts[0]
    amounts: list[str] = []
    for first, second in (("1", "2"), ("3", "4")):
        client = connect(venue, person)
        async with client, client.stream.funding(resume=path, rhythm=REPLAY) as stream:
            await live(stream)
            with venue.world.lock:
                venue.world.roster.deposit(account, first)
            while not amounts or float(amounts[-1]) != float(first):
                amounts.append((await until(stream, Message)).native.transaction.amount)
            await kept(venue, stream, "FundingAPI_CreateFundingTransactionSubscription")
        with venue.world.lock:
            venue.world.roster.deposit(account, second)
    assert amounts == ["1.00", "2.00", "3.00"]


# -- how things are --


async def test_positions_and_instruments(venue: Venue, person: Participant, symbol: str) -> None:
    """As they are, as they change, and what changed while the connection was gone."""
    account = person.accounts[0]
    async with connect(venue, person) as client:
        positions = client.stream.positions(rhythm=POSITIONS)
        instruments = client.stream.instruments([symbol], rhythm=INSTRUMENTS)
        async with positions, instruments:
            await live(positions)
            await live(instruments)
            trade(venue, person, symbol)
            assert (await until(positions, Message, key=symbol)).native.net_position == 100
            operation = "PositionAPI_CreatePositionSubscription"
            venue.sandbox.faults.add(kind="grpc_unavailable", operation=operation, times=1)
            await until(positions, Gap)
            trade(venue, person, symbol)
            while positions.positions[account, symbol].net_position != 200:
                await until(positions, Message, key=symbol)
            await live(positions)
            assert (await until(instruments, Message)).native.symbol == symbol
            with venue.world.lock:
                venue.world.apply(t.SetMarketState(symbol=symbol, state=t.MarketState.SUSPENDED))
            told = (await until(instruments, Message, key=symbol)).native
            assert name_of(told, "state") == "INSTRUMENT_STATE_SUSPENDED"
            assert instruments.instruments[symbol] == told


async def test_requests_for_quotes(venue: Venue, person: Participant) -> None:
    """From the question to the trade, with a drop in between; each step once on either side."""
    maker = venue.person()
    async with connect(venue, person) as asker, connect(venue, maker) as quoter:
        combo = await asker.combos.create([(venue.market(), "BUY"), (venue.market(), "BUY")])
        mine, theirs = asker.stream.rfqs(rhythm=RFQS), quoter.stream.rfqs(rhythm=RFQS)
        async with mine, theirs:
            await live(mine)
            await live(theirs)
            rfq_id = await asker.rfqs.create(combo.id, quantity=10)
            assert steps([await until(theirs, Message)]) == ["rfq_created"]
            assert list(theirs.rfqs) == [rfq_id]
            venue.sandbox.faults.add(kind="grpc_unavailable", operation="RFQAPI_StreamRFQEvents", times=2)
            quote_id = await quoter.rfqs.quote(rfq_id, buy_price="0.6", sell_price="0.5")
            seen = [each for each in await heard(mine, "quote_created") if isinstance(each, Message)]
            assert steps(seen) == ["rfq_created", "quote_created"]
            assert list(mine.quotes) == [quote_id]
            venue.sandbox.faults.clear()
            await asker.rfqs.accept(rfq_id, quote_id, "BUY")
            await quoter.rfqs.confirm(rfq_id, quote_id)
            with venue.world.lock:
                venue.world.clock.advance(1.1)
                venue.world.jobs.run_due()
            for stream in (mine, theirs):
                told = steps(await heard(stream, "rfq_trade", "quote_executed"))
                assert len(told) == len(set(told))
                assert stream.quotes == {}


async def heard(stream: Any, *wanted: str) -> list[Any]:
    """Return the events up to the last of these steps."""
    told: list[Any] = []
    async for event in stream:
        told.append(event)
        if set(wanted) <= set(steps(told)):
            return told
    raise AssertionError("the stream ended")


# -- what is refused --


async def test_what_cannot_be_asked(venue: Venue, person: Participant) -> None:
    """Found before anything is sent."""
    async with connect(venue, person, account=None) as client:
        stream = client.stream
        for what in (
            stream.orders,
            stream.drop_copy,
            stream.trade_captures,
            stream.position_changes,
            stream.rfqs,
        ):
            with pytest.raises(ConfigError, match="must not be left out"):
                what(overflow="drop_oldest")
        with pytest.raises(ConfigError, match="not the one text"):
            stream.orders("tec-test")
        with pytest.raises(ConfigError, match="is empty"):
            stream.orders([])
        with pytest.raises(ConfigError, match="name an account"):
            stream.balance_ledger()
    async with connect(venue, person, participant_id=None) as client:
        for ask in (client.stream.orders, client.stream.positions, client.stream.rfqs, client.stream.funding):
            with pytest.raises(ConfigError, match="give participant_id"):
                ask()


async def test_numbers_of_our_own_are_not_sent_to_the_venue(venue: Venue, person: Participant) -> None:
    """The bundle the venue gives out has its numbers; the hint says how to use it."""
    place = ENVIRONMENTS["preprod"]
    credentials = venue.credentials(token_url=place.token_url, audience=place.audience)
    async with connect(venue, person, environment="preprod", credentials=credentials) as client:
        stream = client.stream
        every = (
            stream.orders, stream.drop_copy, stream.trade_captures, stream.position_changes,
            stream.balance_ledger, stream.funding, stream.positions, stream.instruments, stream.rfqs,
        )  # fmt: skip
        for ask in every:
            with pytest.raises(ConfigError, match="polyspec protos use"):
                ask()


async def test_what_the_venue_refuses(venue: Venue, person: Participant) -> None:
    """What no other attempt can mend ends a stream, with the venue's words."""
    stranger = venue.person().accounts[0]
    async with connect(venue, person) as client:
        with pytest.raises(AuthError, match="not accessible"):
            await until(client.stream.orders(accounts=[stranger], rhythm=ORDERS), Gap, since=0)
        with pytest.raises(AuthError, match="cross-firm"):
            await until(client.stream.drop_copy(firms=["firms/Other"], rhythm=REPLAY), Gap, since=0)
        types = [wire.LedgerEntryType.NETTING]
        hidden = client.stream.balance_ledger(entry_types=types, rhythm=REPLAY)
        with pytest.raises(BadRequest, match="not available"):
            await until(hidden, Gap, since=0)


# -- slow readers --


async def test_a_slow_reader_misses_nothing(venue: Venue, person: Participant, symbol: str) -> None:
    """Nothing is received while there is no room; who is not waited for goes on from where it read to."""
    async with connect(venue, person) as client:
        slow = client.stream.drop_copy([symbol], room=10, rhythm=REPLAY)
        left = client.stream.drop_copy([symbol], room=10, overflow="disconnect", rhythm=REPLAY)
        told: list[Any] = []
        async with slow, left:
            await live(slow)
            await live(left)
            for _ in range(8):
                trade(venue, person, symbol)
                await sleep(0.01)
            assert executions(await all_of(slow, done(venue, symbol))) == done(venue, symbol)
            with pytest.raises(StreamClosed, match="not read as fast"):
                await to_the_end(left, told)
        again = client.stream.drop_copy([symbol], resume=left.cursor, rhythm=REPLAY)
        rest = [each for each in done(venue, symbol) if each not in executions(told)]
        async with again:
            told += await all_of(again, rest)
        assert list(dict.fromkeys(executions(told))) == done(venue, symbol)


async def to_the_end(stream: Any, told: list[Any]) -> None:
    """Read until the stream is over."""
    async for event in stream:
        told += [event]
