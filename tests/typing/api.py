"""What type checkers see of the public names: checked by mypy and pyright, never run.

A call that must be refused carries an ignore for exactly its error; were it accepted, the ignore would be
reported as unused.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from decimal import Decimal
from typing import Any, assert_never, assert_type

from polyspec_wire.clob import models as clob_models
from polyspec_wire.polysimulator import models as sim_models
from polyspec_wire.polysimulator import simulation
from polyspec_wire.us_exchange import models, report, trading

from polyspec import (
    Accepted,
    Answer,
    ApiCreds,
    AsyncClobClient,
    AsyncDesk,
    AsyncPolySimulatorClient,
    AsyncUsExchangeClient,
    Balance,
    Book,
    ClobClient,
    Desk,
    Environment,
    Instrument,
    Market,
    NewOrder,
    OpenOrder,
    PolySimulatorClient,
    PolySimulatorSettings,
    PolyspecError,
    Position,
    PrivateKeyJwt,
    Rejected,
    Settings,
    Unknown,
    UsExchangeClient,
    connect,
    connect_async,
)
from polyspec.clob import fate as clob_fate
from polyspec.clob.cancelling import Cancelled
from polyspec.clob.live_topics import LiveTopic
from polyspec.clob.order import SignedOrder
from polyspec.clob.preview import Preview
from polyspec.core import fate
from polyspec.core.secret import Secret
from polyspec.polysimulator import NewOrder as SimOrder
from polyspec.polysimulator import fate as sim_fate
from polyspec.polysimulator.csvfile import Export
from polyspec.polysimulator.issued import NewKey, WsToken
from polyspec.polysimulator.rounds import Round
from polyspec.streams import Event, Gap, Level, Lost, Message, OrderBook, Rhythm, StreamState
from polyspec.us import fate as us_fate
from polyspec.us.fate import AsyncPlacement, Placement
from polyspec.us.resume import Cursor


def blocking(client: UsExchangeClient, credentials: PrivateKeyJwt, unfinished: models.Order) -> None:
    assert_type(UsExchangeClient(credentials, "preprod", settings=Settings(tier="tier2")), UsExchangeClient)
    assert_type(client.for_participant("firms/f/users/u"), UsExchangeClient)
    with client as same:
        assert_type(same, UsExchangeClient)
    assert_type(client.environment, Environment)
    assert_type(client.whoami(), models.GetWhoAmIResponse)

    market = client.instruments.get("symbol")
    assert_type(market, Instrument)
    assert_type(client.instruments.get_many(["a", market]), list[Instrument])
    assert_type(client.instruments.iterate(), Iterator[Instrument])
    assert_type(market.tick, Decimal)

    placed = client.orders.place(market, side="BUY", price=Decimal("0.5"), quantity=10)
    assert_type(placed, Placement)
    assert_type(
        client.orders.submit(NewOrder(market=market, side="SELL", cash="5", type="MARKET")), Placement
    )
    assert_type(client.orders.place_list([]), list[Placement])
    if isinstance(placed, Unknown):
        again: Placement = placed.resolve(timeout=1.0)
        assert_type(again.unwrap(), us_fate.Accepted)
        assert_type(client.orders.resolve(placed), Placement)
        client.orders.cancel(placed)
    assert_type(placed.unwrap(), us_fate.Accepted)
    client.orders.cancel(placed.unwrap())
    client.orders.cancel(unfinished)
    assert_type(client.orders.cancel_all(["a"]), list[models.Order])
    assert_type(client.orders.settled(placed.unwrap()), models.Order)
    assert_type(client.orders.settled("id"), models.Order)

    assert_type(client.send(trading.get_open_orders()), models.GetOpenOrdersResponse)
    assert_type(client.exchange(report.get_order("id")), Answer[models.GetOrderResponse])
    for order in client.reports.orders():
        assert_type(order, models.Order)
    for page in client.pages(report.search_orders(models.SearchOrdersRequest())):
        assert_type(page, models.SearchOrdersResponse)


async def asynchronous(client: AsyncUsExchangeClient, credentials: PrivateKeyJwt) -> None:
    assert_type(AsyncUsExchangeClient(credentials, "preprod"), AsyncUsExchangeClient)
    assert_type(client.for_participant("firms/f/users/u"), AsyncUsExchangeClient)
    async with client as same:
        assert_type(same, AsyncUsExchangeClient)
    assert_type(await client.whoami(), models.GetWhoAmIResponse)

    market = await client.instruments.get("symbol")
    assert_type(market, Instrument)
    assert_type(client.instruments.iterate(), AsyncIterator[Instrument])

    placed = await client.orders.place(market, side="BUY", price="0.5", quantity=10)
    assert_type(placed, AsyncPlacement)
    if isinstance(placed, Unknown):
        waiting: Coroutine[Any, Any, AsyncPlacement] = placed.resolve()
        again: AsyncPlacement = await waiting
        assert_type(again.unwrap(), us_fate.Accepted)
        assert_type(await client.orders.resolve(placed), AsyncPlacement)
    assert_type(placed.unwrap(), us_fate.Accepted)
    assert_type(await client.orders.place_list([]), list[AsyncPlacement])
    await client.orders.cancel(placed.unwrap())

    assert_type(await client.send(trading.get_open_orders()), models.GetOpenOrdersResponse)
    async for order in client.reports.orders():
        assert_type(order, models.Order)


def clob(client: ClobClient) -> None:
    assert_type(ClobClient("https://clob.polymarket.com", 137, key="0x"), ClobClient)
    assert_type(client.create_or_derive_api_key(), ApiCreds)
    order = client.create_order(token_id="1", price=Decimal("0.5"), size=10, side="BUY")
    assert_type(order, SignedOrder)
    assert_type(client.preview(token_id="1", price="0.5", size=10, side="BUY"), Preview)
    placed = client.post_order(order, "GTC")
    assert_type(placed, clob_fate.Placement)
    if isinstance(placed, Unknown):
        resolved: clob_fate.Placement = placed.resolve()
        assert_type(resolved.unwrap(), clob_fate.Accepted)
    if isinstance(placed, Accepted):
        assert_type(placed.remaining, Decimal)
    assert_type(client.post_orders([order]), list[clob_fate.Placement])
    assert_type(client.cancel(placed.unwrap()), Cancelled)
    assert_type(client.get_open_orders(), list[clob_models.OpenOrder])
    assert_type(client.get_order_book("1"), clob_models.OrderBookSummary)
    assert_type(client.get_midpoint("1"), Decimal)
    assert_type(
        client.get_order_books(["1", 2, clob_models.BookRequest(token_id="3")]),
        list[clob_models.OrderBookSummary],
    )
    assert_type(client.get_prices([("1", "BUY"), {"token_id": "2"}]), dict[str, dict[str, Decimal]])
    assert_type(client.get_markets(), Iterator[clob_models.Market])
    assert_type(client.get_trades(), list[clob_models.Trade])
    assert_type(client.get_balance_allowance().balance, Decimal)
    assert_type(client.detect_wallet().only().addresses, tuple[str, ...])
    assert_type(client.get_user_rewards_markets(q="rain"), Iterator[clob_models.UserRewardsMarket])
    assert_type(client.rfq.get_requests(state="active", size_min="5"), Iterator[clob_models.RfqRequest])
    with client.heartbeats() as beating:
        assert_type(beating.alive, bool)


async def asynchronous_clob(client: AsyncClobClient) -> None:
    order = await client.create_order(token_id="1", price="0.5", size="10", side="SELL")
    assert_type(order, SignedOrder)
    placed = await client.post_order(order)
    assert_type(placed, clob_fate.AsyncPlacement)
    if isinstance(placed, Unknown):
        resolved: clob_fate.AsyncPlacement = await placed.resolve()
        assert_type(resolved.unwrap(), clob_fate.Accepted)
    assert_type(await client.get_price("1", "BUY"), Decimal)
    assert_type(client.iter_trades(), AsyncIterator[clob_models.Trade])
    assert_type(await client.rfq.create_request("1", "BUY", "0.5", 10), str)
    async with client.heartbeats() as beating:
        assert_type(beating.beats, int)


def polysimulator(client: PolySimulatorClient) -> None:
    assert_type(
        PolySimulatorClient("ps_live_", settings=PolySimulatorSettings(tier="pro"), wallet_id=7),
        PolySimulatorClient,
    )
    PolySimulatorClient(Secret("ps_live_"), access_token=lambda: "token")
    made = client.keys.bootstrap("bot", permissions=["read", "trade"])
    assert_type(made, NewKey)
    assert_type(made.api_key.reveal(), str)
    client.use_key(made)
    assert_type(client.keys.list(), Iterator[sim_models.ApiKeyInfo])
    assert_type(client.keys.tiers(), list[sim_models.RateLimitTierInfo])
    assert_type(client.keys.ws_token(), WsToken)
    assert_type(client.me(), sim_models.MeResponse)
    assert_type(client.account.positions("OPEN", wallet_id="all"), list[sim_models.PositionResponse])
    assert_type(client.account.history(), Iterator[sim_models.TradeHistoryItem])
    for market in client.markets.list(q="rain"):
        assert_type(market, sim_models.MarketSummary)
        assert_type(client.markets.get(market, wait=60), sim_models.MarketDetail)
        assert_type(client.markets.candles(market), list[sim_models.CandlePoint])
    assert_type(client.markets.updown("BTC", "5M"), list[Round])
    assert_type(client.markets.prices(["0x"]), dict[str, sim_models.BatchPriceItem])
    assert_type(client.books.get_midpoint("1"), Decimal)
    assert_type(client.books.get_prices([("1", "BUY"), "2"]), dict[str, dict[str, Decimal]])
    assert_type(client.spot.strike("0x"), sim_models.Strike | None)
    assert_type(client.exports.trades("trades.csv", progress=print), Export)
    assert_type(client.simulation.backtests.list(), Iterator[sim_models.BacktestSummary])
    assert_type(client.send(simulation.get_backtest("id")), sim_models.BacktestSummary)

    placed = client.orders.place("0x", side="BUY", outcome="Yes", price="0.41", quantity=12)
    assert_type(placed, sim_fate.Placement)
    order = SimOrder(market="0x", side="SELL", outcome="Yes", price=Decimal("0.5"), quantity=1)
    assert_type(client.orders.submit(order), sim_fate.Placement)
    if isinstance(placed, Unknown):
        resolved: sim_fate.Placement = placed.resolve()
        assert_type(resolved.unwrap(), sim_fate.Accepted)
    client.orders.cancel(placed.unwrap())


async def asynchronous_polysimulator(client: AsyncPolySimulatorClient) -> None:
    async with client as same:
        assert_type(same, AsyncPolySimulatorClient)
    assert_type(client.wallets.list(), AsyncIterator[sim_models.WalletOut])
    assert_type(await client.wallets.create("bot"), sim_models.WalletOut)
    assert_type(await client.markets.updown(), list[Round])
    placed = await client.orders.place("0x", side="BUY", outcome="Yes", price="0.41", quantity=12)
    assert_type(placed, sim_fate.AsyncPlacement)
    if isinstance(placed, Unknown):
        resolved: sim_fate.AsyncPlacement = await placed.resolve()
        assert_type(resolved.unwrap(), sim_fate.Accepted)


def refused_polysimulator(client: PolySimulatorClient) -> None:
    # binary fractions are no money
    client.orders.place("0x", side="BUY", outcome="Yes", price=0.41, quantity=12)  # type: ignore[arg-type]
    # all wallets together can be read, and not traded from
    PolySimulatorClient("ps_live_", wallet_id="all")  # type: ignore[arg-type]
    client.account.positions(wallet_id="every")  # type: ignore[arg-type]
    # a key is a secret, and no text
    text: str = client.keys.create().api_key  # type: ignore[assignment]
    del text


def desks(us: UsExchangeClient, clob: ClobClient, sim: PolySimulatorClient) -> None:
    # every client's desk is one, and gives its venue's own fates
    faces: list[Desk] = [us.desk, clob.desk, sim.desk]
    assert_type(us.desk.client, UsExchangeClient)
    assert_type(us.desk.place("m", side="BUY", price="0.5", quantity=1), Placement)
    assert_type(clob.desk.place("m", side="BUY", price="0.5", quantity=1), clob_fate.Placement)
    with connect("sandbox:us") as desk:
        assert_type(desk, Desk)
        faces.append(desk)
        market = next(desk.markets(3))
        assert_type(market, Market)
        assert_type(market.snap("0.5", "BUY"), Decimal)
        assert_type(desk.book(market), Book)
        assert_type(desk.book("m", depth=1).mid, Decimal | None)
        placed = desk.place(market, side="BUY", price=market.lowest, quantity=market.lots(10))
        assert_type(placed, fate.Placement)
        while isinstance(placed, Unknown):
            placed = placed.resolve()
        assert_type(placed.unwrap(), Accepted)
        if isinstance(placed, Accepted):
            assert_type(placed.filled, Decimal)
            desk.cancel(placed)
        assert_type(desk.open_orders(), list[OpenOrder])
        assert_type(desk.positions(), list[Position])
        assert_type(desk.balance(), Balance)
        desk.cancel(desk.open_orders()[0])
        # what was refused cannot be cancelled, and binary fractions are no money
        if isinstance(placed, Rejected):
            desk.cancel(placed)  # type: ignore[arg-type]
        desk.place(market, side="BUY", price=0.5, quantity=1)  # type: ignore[arg-type]
        market.tick = Decimal(1)  # type: ignore[misc]


async def asynchronous_desks(
    us: AsyncUsExchangeClient, clob: AsyncClobClient, sim: AsyncPolySimulatorClient
) -> None:
    faces: list[AsyncDesk] = [us.desk, clob.desk, sim.desk]
    async with connect_async("sandbox:clob") as desk:
        assert_type(desk, AsyncDesk)
        faces.append(desk)
        async for market in desk.markets():
            assert_type(market, Market)
            placed = await desk.place(market, side="SELL", price="0.5", quantity=1)
            assert_type(placed, fate.AsyncPlacement)
            if isinstance(placed, Unknown):
                again: fate.AsyncPlacement = await placed.resolve()
                assert_type(isinstance(again, Accepted), bool)
        assert_type(await desk.position("m"), Position)
    # the colours are not to be mixed up
    faces.append(connect())  # type: ignore[arg-type]


def streams(us: UsExchangeClient, clob: ClobClient, sim: PolySimulatorClient) -> None:
    with clob.stream.market(["1", 2], custom=True, overflow="block", rhythm=Rhythm(audit=60)) as stream:
        for event in stream:
            assert_type(event, Event)
            if isinstance(event, Message):
                assert_type(event.key, str)
            elif isinstance(event, Lost):
                assert_type(event.gap, Gap | None)
                assert_type(event.error, PolyspecError)
        assert_type(stream.books, Mapping[str, OrderBook])
        assert_type(stream.state, StreamState)
        with stream.still:
            book = stream.books["1"]
        assert_type(book.bid, Decimal | None)
        assert_type(book.bids(5), list[Level])
        stream.add("3")
    assert_type(clob.stream.user().orders, Mapping[str, clob_models.OrderEvent])
    assert_type(clob.stream.live([LiveTopic.crypto("btcusdt"), "comments"]).topics, list[LiveTopic])
    assert_type(us.stream.market(None).books, Mapping[str, OrderBook])
    assert_type(us.stream.drop_copy(resume="file").cursor, Cursor)
    assert_type(us.stream.drop_copy(resume=Cursor(b"token", 1)).caught_up, bool)
    assert_type(sim.stream.market(["1"]).books, Mapping[str, OrderBook])
    assert_type(sim.stream.spot().prices, Mapping[str, sim_models.CryptoPriceData])
    # nothing is left out in other ways than these, and books do not change under their reader
    clob.stream.market(["1"], overflow="drop_newest")  # type: ignore[arg-type]
    clob.stream.market(["1"]).books["1"] = book  # type: ignore[index]


async def asynchronous_streams(
    us: AsyncUsExchangeClient, clob: AsyncClobClient, sim: AsyncPolySimulatorClient
) -> None:
    async with clob.stream.market(["1"]) as stream:
        async for event in stream:
            assert_type(event, Event)
        assert_type(stream.books["1"].best_ask, Level | None)
    async with us.stream.market(["symbol"]) as us_stream:
        assert_type(us_stream.symbols, list[str])
        await us_stream.aclose()
    assert_type(us.stream.orders().orders, Mapping[str, Any])
    assert_type(sim.stream.prices(["0x"]).prices, Mapping[str, sim_models.PriceEvent])
    # a stream of tasks is no stream of threads
    for event in stream:  # type: ignore[attr-defined]
        del event


def exhaustive(placed: Placement) -> str:
    match placed:
        case Accepted():
            assert_type(placed, us_fate.Accepted)
            return placed.order_id
        case Rejected():
            return placed.text
        case Unknown():
            return placed.clord_id
        case other:
            assert_never(other)


def refused(client: UsExchangeClient, later: AsyncUsExchangeClient, market: Instrument) -> None:
    # binary fractions are no money
    client.orders.place(market, side="BUY", price=0.5, quantity=10)  # type: ignore[arg-type]
    client.orders.place(market, side="BUY", price="0.5", quantity=1.5)  # type: ignore[arg-type]
    NewOrder(market=market, side="BUY", cash=5.0)  # type: ignore[arg-type]
    # prices and quantities cannot be mistaken for each other
    client.orders.place(market, "BUY", "0.5", 10)  # type: ignore[call-arg]
    NewOrder(market, "BUY")  # type: ignore[call-arg]
    # what is not known is not used as if it were
    placed = client.orders.place(market, side="BUY", price="0.5", quantity=10)
    placed.state  # type: ignore[union-attr]
    client.orders.cancel(placed)  # type: ignore[arg-type]
    if isinstance(placed, Unknown):
        _: int = placed.resolve()  # type: ignore[assignment]
    # a rejected order cannot be cancelled
    if isinstance(placed, Rejected):
        client.orders.cancel(placed)  # type: ignore[arg-type]
    # a coroutine is no fate
    waiting = later.orders.place(market, side="BUY", price="0.5", quantity=10)
    waiting.unwrap()  # type: ignore[attr-defined]
    # values do not change under their owner
    market.symbol = "other"  # type: ignore[misc]
    client.send("GET /v1/whoami")  # type: ignore[arg-type]


async def refused_async(client: AsyncUsExchangeClient, market: Instrument) -> None:
    placed = await client.orders.place(market, side="BUY", price="0.5", quantity=10)
    if isinstance(placed, Unknown):
        placed.resolve().unwrap()  # type: ignore[attr-defined]
        resolved: AsyncPlacement = placed.resolve()  # type: ignore[assignment]
        resolved.unwrap()
