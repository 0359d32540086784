"""A tour through the whole of PolySimulator with the public client, the same for both of its colours."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from polyspec_wire.polysimulator import (
    account,
    books,
    compat,
    exports,
    health,
    keys,
    markets,
    orders,
    partner,
    simulation,
    spot,
    wallets,
)
from polyspec_wire.polysimulator import models as wire
from starlette.types import ASGIApp

from polyspec import Sandbox
from polyspec.errors import ApiError
from polyspec.polysimulator import NewOrder
from polyspec.sandbox.clob.engine import types as t
from tests.contract.colours import Colour
from tests.sandbox.clob.clob_door import Door

__all__ = ["PolySimTour", "furnish"]

HOUR = 3600
UNKNOWN = "0x" + "1" * 64
STRATEGY = {"type": "buy_and_hold", "shares": "10"}


def furnish(sandbox: Sandbox) -> list[tuple[str, str]]:
    """Put orders and a trade into two markets of the mirrored CLOB; return condition and token id of each."""
    maker, taker = Door(sandbox, 1), Door(sandbox, 2)
    found = []
    for condition in sandbox.polysimulator_venue.condition_ids[:2]:
        token = maker.world.listings[condition].token_ids[0]
        found.append((condition, token))
        for side, price in (("BUY", "0.47"), ("SELL", "0.53"), ("SELL", "0.55")):
            maker.place(side, price, "150", token=token)
        taker.place("BUY", "0.53", "10", token=token)
    maker.close()
    taker.close()
    return found


class PolySimTour:
    """One walk through everything."""

    def __init__(self, colour: Colour, sandbox: Sandbox, app: ASGIApp, folder: Path) -> None:
        self._do: Callable[[Any], Any] = colour.do
        self._colour, self._sandbox, self._app, self._folder = colour, sandbox, app, folder
        self.venue = sandbox.polysimulator_venue
        (self.market, self.token), (self.other, self.second) = furnish(sandbox)
        user = self.venue.session("pro@example.com")
        self.sim = colour.polysim(sandbox, app, access_token=user)

    def send(self, call: Any) -> Any:
        """Send a call as the client's `send` does."""
        return self._do(self.sim.send(call))

    @contextmanager
    def refused(self, code: str) -> Iterator[None]:
        """Expect a refusal."""
        with pytest.raises(ApiError) as caught:
            yield
        assert caught.value.code == code

    def pass_time(self, seconds: float) -> None:
        """Move the venue's clock."""
        self.venue.world.clock.advance(seconds)

    def walk(self) -> None:
        """Call everything."""
        self.get_in()
        self.look_around()
        self.read_books()
        self.place_and_cancel()
        self.trade_as_on_the_clob()
        self.settle()
        self.read_own()
        self.simulate()
        self.act_as_partner()
        self.be_refused()
        self.handle_wallets()
        self.handle_keys()

    def get_in(self) -> None:
        """Get a first key with a session, and see who we are."""
        do, sim = self._do, self.sim
        newcomer = self._colour.polysim(self._sandbox, self._app, key=None, access_token=self.venue.session())
        made = do(newcomer.keys.bootstrap("bot", permissions=["read", "trade"]))
        newcomer.use_key(made)
        assert do(newcomer.me(wallet_id="all")).permissions == ["read", "trade"]
        assert do(sim.health()).status == "ok"
        assert do(sim.status()).status
        assert self.send(health.health_live()).status == "alive"
        assert self.send(health.health_ready()).status in ("ok", "tolerating")
        assert do(sim.cohort_status()).cap
        assert {str(each.tier) for each in do(sim.keys.tiers())} >= {"free", "pro", "pro_plus"}
        assert do(sim.keys.ws_token()).expires_in == 60

    def look_around(self) -> None:
        """Read markets, events and rounds."""
        do, sim, market = self._do, self.sim, self.market
        found = do(sim.markets.list(q="rain", category="weather", hot_only=False, active_only=True))
        assert [each.condition_id for each in found] == [market]
        assert len(self.send(markets.list_markets(limit=2, offset=1))) == 2
        page = self.send(markets.list_markets(limit=2, envelope=True))
        rest = self.send(markets.list_markets(limit=2, envelope=True, next_cursor=page.next_cursor))
        assert {each.condition_id for each in page.data}.isdisjoint(each.condition_id for each in rest.data)
        detail = do(sim.markets.get(market, include_book=True))
        assert do(sim.markets.by_slug(detail.slug, include_book=False)).condition_id == market
        assert do(sim.markets.by_token(self.token)).condition_id == market
        assert do(sim.markets.book(market, detail.outcomes[1], depth=2)).bids
        assert do(sim.markets.candles(market, detail.outcomes[0], interval="1d")) is not None
        assert set(do(sim.markets.prices([market, self.other]))) == {market, self.other}
        terms = {"category": "weather", "hot_only": False, "markets_per_event": 2, "include_sports": False}
        assert do(sim.markets.events("rain", **terms))
        rounds = do(sim.markets.updown("BTC", "5M", limit=5))
        assert self.send(markets.list_updown_alias(asset=wire.UpdownAsset.BTC, limit=1)).markets
        assert self.send(markets.list_updown_alias(interval=wire.UpdownInterval.HOUR)).markets
        assert do(sim.markets.updown_intervals("BTC"))
        assert do(sim.spot.prices()).prices
        assert do(sim.spot.price("BTC")).price
        begun = next(each for each in rounds if each.strike is not None)
        assert do(sim.spot.strike(begun.condition_id)).price == begun.strike

    def read_books(self) -> None:
        """Read books and prices by token, one by one and many at once."""
        do, read, token = self._do, self.sim.books, self.token
        both = [token, self.second]
        assert do(read.get_order_book(token, depth=5)).asks
        assert self.send(books.get_clob_book(token, depth=5)).bids
        assert len(do(read.get_order_books(both))) == 2
        assert do(read.get_midpoints(both))[token] == do(read.get_midpoint(token))
        assert do(read.get_spreads(both))[token] == do(read.get_spread(token)).spread
        assert do(read.get_price(token, "BUY")) < do(read.get_price(token, "SELL"))
        assert do(read.get_prices([(token, "BUY"), self.second]))[token]["BUY"]
        assert self.send(books.get_prices(wire.TokenIds(token_ids=both)))[token]
        assert do(read.get_last_trade_price(token)).price
        assert do(read.get_tick_size(token))
        for neg_risk in (do(read.get_neg_risk(token)), self.send(books.get_neg_risk_of(token)).neg_risk):
            assert neg_risk is False
        assert do(read.get_fee_rate(token)).fee_rate_bps == 500
        assert abs(do(read.get_server_time()) - time.time()) < 10
        now = int(time.time())
        assert do(read.get_prices_history(token, interval="1d", fidelity=1))
        assert do(read.get_prices_history(token, start=now - HOUR, end=now + HOUR))
        asked = books.get_prices_history(token_id=token, format=wire.HistoryFormat.OHLCV)
        assert self.send(asked).history

    def place_and_cancel(self) -> None:
        """Place, look up and cancel orders of the venue's own kind in every way there is."""
        do, place, market = self._do, self.sim.orders, self.market
        order = {"side": "BUY", "outcome": "Yes"}
        terms = do(place.terms(market))
        assert do(place.preview(NewOrder(market=terms, price="0.60", quantity=10, **order))).fee > 0
        bought = do(place.place(market, price="0.62", quantity=40, **order)).unwrap()
        assert (bought.source, bought.status) == ("filled", "FILLED")
        spent = {"amount": "5", "price": "0.70", "order_type": "market", "time_in_force": "FAK"}
        do(place.place(market, **spent, **order)).unwrap()
        sold = {"side": "SELL", "outcome": "yes", "price": "0.30", "quantity": 10, "order_type": "market"}
        do(place.place(market, **sold)).unwrap()
        rests = {"price": "0.41", "quantity": 20, "post_only": True, **order}
        kept = do(place.place(market, **rests)).unwrap()
        until = int(time.time()) + 600
        do(place.place(market, **rests, time_in_force="GTD", expiration=until)).unwrap()
        batch = [NewOrder(market=market, price=price, quantity=10, **order) for price in ("0.42", "0.43")]
        batch.append(NewOrder(market=UNKNOWN, price="0.5", quantity=10, **order))
        placed = do(place.place_batch(batch))
        assert [each.order_id is None for each in placed] == [False, False, True]
        assert do(place.get(kept)).status == "PENDING"
        assert do(place.get(bought)).status == "FILLED"
        asked = orders.get_order(kept.order_id.number, wallet_id="api", source=wire.OrderSource.PENDING)
        assert self.send(asked).order_id == kept.order_id.number
        assert len(do(place.open(market))) == 4
        assert do(place.list("FILLED", market, "BUY", wallet_id="all"))
        page = self.send(orders.list_orders(limit=2, offset=1))
        following = self.send(orders.list_orders(limit=2, next_cursor=page.next_cursor))
        assert [each.order_id for each in following.orders] != [each.order_id for each in page.orders]
        assert do(place.cancel(kept)).canceled
        assert not do(place.cancel(bought)).canceled
        assert do(place.cancel_many(list(placed[:2]))).canceled
        assert do(place.cancel_market(market)).canceled
        assert not do(place.cancel_market(token_id=self.token)).canceled
        body = wire.HeartbeatRequest(interval_ms=60_000, client_label="tour")
        assert self.send(orders.post_heartbeat(body)).ok
        assert self.send(orders.post_heartbeat_alias(body)).ok
        do(place.place(market, **rests)).unwrap()
        assert do(place.cancel_all()).canceled
        assert self.send(orders.cancel_all_deprecated(x_confirm_cancel_all="true")).canceled == []
        assert self.send(orders.cancel_all_deprecated(confirm=True)).canceled == []

    def trade_as_on_the_clob(self) -> None:
        """Place, list and cancel orders in Polymarket's shapes."""
        do, place, token = self._do, self.sim.compat, self.token
        kept = do(place.place(token, "BUY", "0.41", 20)).unwrap()
        do(place.place(token, "BUY", "0.70", 10, "FOK")).unwrap()
        until = int(time.time()) + 600
        do(place.place(token, "SELL", "0.59", 10, "GTD", expiration=until, post_only=True)).unwrap()
        raw = {"tokenId": token, "makerAmount": "4000000", "takerAmount": "10000000", "side": "BUY"}
        posted = do(place.post_order({"order": raw, "owner": "somebody", "orderType": "GTC"}))
        assert posted.success
        assert [each.success for each in do(place.post_orders([{"order": raw}, {"order": raw}]))]
        assert do(place.get_order(kept)).status == "ORDER_STATUS_LIVE"
        assert self.send(compat.get_data_order(posted.order_id)).id == posted.order_id
        span = {"after": int(time.time()) - HOUR, "before": int(time.time()) + HOUR}
        assert len(do(place.get_orders(self.market, token_id=token, status="ORDER_STATUS_LIVE", **span))) == 5
        assert do(place.get_trades(self.market, token_id=token, **span))
        assert self.send(compat.get_orders(id=posted.order_id, cursor="MA==")).count == 1
        assert self.send(compat.get_trades(limit=1, cursor="MA==")).count == 1
        assert do(place.get_balance_allowance("COLLATERAL", signature_type=0)).allowance
        assert do(place.get_balance_allowance("CONDITIONAL", token_id=token)).conditional
        assert do(place.cancel(kept)).canceled

    def settle(self) -> None:
        """Hold what wins and what loses when a market ends."""
        do, place = self._do, self.sim.orders
        for outcome, price in (("Yes", "0.70"), ("No", "0.70")):
            do(place.place(self.other, side="BUY", outcome=outcome, price=price, quantity=10)).unwrap()
        self._sandbox.clob_venue.world.apply(t.Resolve(condition_id=self.other, payouts=(10**6, 0)))
        self.pass_time(5)

    def read_own(self) -> None:
        """Read what the account has and what happened to it."""
        do, own = self._do, self.sim.account
        assert do(own.balance()).currency == "USD"
        assert do(own.positions("open"))
        assert self.send(account.get_positions(wallet_id="api")) != []
        assert self.send(account.get_positions(envelope=True)).next_cursor == ""
        assert do(own.portfolio(wallet_id="api")).total_trades
        assert do(own.history(self.market, side="BUY", wallet_id="all"))
        assert len(self.send(account.get_history(limit=1, offset=1))) == 1
        assert self.send(account.get_history(limit=1, cursor="1", envelope=True)).next_cursor == "2"
        assert do(own.equity(2, wallet_id="api"))
        span = {"start": time.time() - HOUR, "end": time.time() + HOUR, "wallet_id": "api"}
        assert {str(each.result) for each in do(own.settlements(self.other, **span))} == {"won", "lost"}
        page = self.send(account.get_settlements(limit=1))
        assert len(self.send(account.get_settlements(limit=1, cursor=page.next_cursor)).data) == 1
        assert do(
            own.profile_analysis(recent_trades=5, equity_days=30, wallet_id="all")
        ).natural_language_summary
        assert do(own.entitlements())
        written = do(self.sim.exports.trades(self._folder / "t.csv", market=self.market, **span))
        assert written.rows
        assert do(self.sim.exports.settlements(self._folder / "s.csv", market=self.other, **span)).rows == 2

    def simulate(self) -> None:
        """Ask for fills and books of the past, and run backtests."""
        do, sim, market, now = self._do, self.sim.simulation, self.market, time.time()
        asked = {"outcome": "Yes", "side": "BUY", "fill_model": "depth_walk", "limit_price": "0.99"}
        assert do(sim.fill(market, 10, now - 2 * HOUR, token_id=self.token, **asked)).filled_shares
        assert do(sim.coverage(market, start=now - 3 * HOUR, end=now - HOUR))
        assert do(sim.fill_models())
        seen = do(sim.book(market, now - 2 * HOUR, outcome="Yes", depth=3, token_id=self.token))
        assert len(seen.bids) == 3
        job = do(sim.backtests.create([market], now - 7 * HOUR, now - HOUR, STRATEGY, initial_bankroll=500))
        gone = do(sim.backtests.create([market], now - 7 * HOUR, now - HOUR, STRATEGY))
        do(sim.backtests.cancel(gone.job_id))
        for _ in range(20):
            if do(sim.backtests.get(job.job_id)).status == "completed":
                break
            self.pass_time(1)
        assert len(do(sim.backtests.list())) == 2
        page = self.send(simulation.list_backtests(limit=1))
        assert self.send(simulation.list_backtests(limit=1, cursor=page.next_cursor)).data != page.data
        assert do(sim.backtests.trades(job.job_id))
        assert do(sim.backtests.equity(job.job_id))
        first = self.send(simulation.get_backtest_equity(job.job_id, limit=1))
        assert self.send(simulation.get_backtest_equity(job.job_id, limit=1, cursor=first.next_cursor)).data
        assert self.send(simulation.get_backtest_trades(job.job_id, limit=1, cursor="")).data

    def act_as_partner(self) -> None:
        """Make a user, once."""
        key = self.venue.describe()["partner_api_key"]
        client = self._colour.polysim(self._sandbox, self._app, key=None, api_key=key)
        body = wire.PartnerUserRequest(external_id="u-1", email="someone@example.com")
        made = [self._do(client.send(partner.create_user(body))) for _ in range(2)]
        assert [each.created for each in made] == [True, False]

    def be_refused(self) -> None:
        """Call what the venue answers with a refusal."""
        nowhere = (
            (orders.get_order(10**6), "ORDER_NOT_FOUND"),
            (compat.get_order("a/b c"), "ORDER_NOT_FOUND"),
            (orders.cancel_all(), "CONFIRMATION_REQUIRED"),
            (markets.get_market(UNKNOWN), "MARKET_NOT_FOUND"),
            (books.get_order_book(token_id="12"), "BOOK_UNAVAILABLE"),
            (books.get_neg_risk(token_id="12"), "MARKET_NOT_FOUND"),
            (spot.get_strike(UNKNOWN), "NOT_FOUND"),
            (account.get_equity(days=91), "VALIDATION_FAILED"),
            (wallets.get_wallet(10**6), "WALLET_NOT_FOUND"),
            (keys.rename_key(10**6, wire.RenameKeyRequest(name="x")), "NOT_FOUND"),
            (exports.export_trades(wallet_id="10"), "WALLET_NOT_FOUND"),
            (simulation.create_export({"format": "csv"}), "JOB_STORE_UNAVAILABLE"),
        )
        for call, code in nowhere:
            with self.refused(code):
                self.send(call)

    def handle_wallets(self) -> None:
        """Make, name, use and put away a wallet."""
        do, own = self._do, self.sim.wallets
        made = do(own.create("spare"))
        assert do(own.rename(made.id, "other")).label == "other"
        order = {"side": "BUY", "outcome": "Yes", "price": "0.70", "quantity": 10, "wallet_id": made.id}
        do(self.sim.orders.place(self.market, **order)).unwrap()
        assert do(own.get(made.id)).balance < made.balance
        assert do(own.reset(made.id)).balance == made.balance
        assert made.id in {each.id for each in do(own.list())}
        assert len(self.send(wallets.list_wallets(limit=1, offset=1)).wallets) == 1
        do(own.archive(made.id))
        assert do(self.sim.account.reset()).new_api_balance

    def handle_keys(self) -> None:
        """Make, name, replace and revoke keys."""
        do, own = self._do, self.sim.keys
        made = do(own.create("second", permissions=["read"], tier="pro"))
        assert do(own.rename(made.id, None)).name is None
        assert do(own.get(made.id)).is_active
        assert do(own.rotate(made.id)).api_key.reveal() != made.api_key.reveal()
        do(own.revoke(made.id))
        assert len(do(own.list())) >= 3
