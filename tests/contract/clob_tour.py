"""A tour through the whole of the CLOB with the public client, the same for both of its colours."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from polyspec_wire.clob import account, auth, books, health, orders
from polyspec_wire.clob import models as wire
from starlette.types import ASGIApp

from polyspec import Sandbox
from polyspec.errors import ApiError
from tests.contract.colours import Colour

__all__ = ["CODE", "ClobTour"]

CODE = "0x" + "c0de" * 16
DAY = "2026-10-01"
UNKNOWN = "0x" + "0" * 63 + "1"


class ClobTour:
    """One walk through everything."""

    def __init__(self, colour: Colour, sandbox: Sandbox, app: ASGIApp) -> None:
        self._do: Callable[[Any], Any] = colour.do
        self._colour, self._sandbox, self._app = colour, sandbox, app
        self.venue = sandbox.clob_venue
        self.client = colour.clob(sandbox, app)
        self.other = colour.clob(sandbox, app, 1, builder_code=CODE, signature_type=3)
        self.token, self.second = self.venue.token_ids[:2]
        self.market = self.venue.world.exchange.market_of(self.token).condition_id

    def send(self, call: Any) -> Any:
        """Send a call as the client's `send` does."""
        return self._do(self.client.send(call))

    @contextmanager
    def refused(self, status: int) -> Iterator[None]:
        """Expect a refusal."""
        with pytest.raises(ApiError) as caught:
            yield
        assert caught.value.status == status

    def walk(self) -> None:
        """Call everything."""
        self.get_in()
        self.look_around()
        self.quote_and_trade()
        self.read_prices()
        self.read_own()
        self.read_rewards()
        self.ask_for_quotes()
        self.be_refused()
        self.handle_keys()

    def get_in(self) -> None:
        """Obtain credentials, new ones and those that exist."""
        do, client = self._do, self.client
        made = do(client.create_api_key())
        assert do(client.derive_api_key()).api_key == made.api_key
        assert do(client.create_or_derive_api_key()).api_key == made.api_key
        assert made.api_key in do(client.get_api_keys())
        assert do(client.get_closed_only_mode()) is False

    def look_around(self) -> None:
        """Read what does not depend on orders."""
        do, client, token = self._do, self.client, self.token
        assert self.send(health.check_health()) == "OK"
        assert do(client.get_ok())
        assert abs(do(client.get_server_time()) - time.time()) < 10
        assert do(client.get_version()) == 2
        tick = do(client.get_tick_size(token))
        assert self.send(books.get_tick_size_of(token)).minimum_tick_size == tick
        for neg_risk in (do(client.get_neg_risk(token)), self.send(books.get_neg_risk_of(token)).neg_risk):
            assert neg_risk is False
        assert do(client.get_fee_rate(token)) == self.send(books.get_fee_rate_of(token)).base_fee == 0
        assert do(client.get_fee_schedule(token)).rate > 0
        markets = do(client.get_markets())
        assert {each.condition_id for each in markets} == set(self.venue.world.listings)
        assert len(do(client.get_simplified_markets())) == len(markets)
        assert (
            len(do(client.get_sampling_markets())) == len(do(client.get_sampling_simplified_markets())) == 1
        )
        for each in markets:
            details = do(client.get_clob_market(each.condition_id))
            assert (details.c, details.mts) == (each.condition_id, each.minimum_tick_size)
            assert do(client.get_market(each.condition_id)) == each
        assert do(client.get_market_by_token(token)).condition_id == self.market
        assert do(client.get_live_activity(self.market)) == do(client.get_live_activities([self.market]))[0]

    def quote_and_trade(self) -> None:
        """Place, look up and cancel orders in every way there is, from every kind of wallet."""
        do, client, other, token = self._do, self.client, self.other, self.token
        for side, price in (("BUY", "0.40"), ("SELL", "0.60")):
            do(other.create_and_post_order(token_id=token, side=side, price=price, size=40)).unwrap()
        for each in (self.venue.neg_risk_token_ids[0], self.venue.position_ids[0], self.venue.token_ids[6]):
            do(other.create_and_post_order(token_id=each, side="BUY", price="0.1", size=10)).unwrap()
        taken = do(client.create_and_post_order(token_id=token, side="BUY", price="0.60", size=20)).unwrap()
        assert taken.status == "matched"
        do(client.create_and_post_market_order(token_id=token, side="BUY", amount=3)).unwrap()
        do(client.create_and_post_market_order(token_id=token, side="SELL", amount=5, order_type="FAK"))
        assert do(client.preview(token_id=token, side="BUY", amount=3)).total
        rests = {"token_id": token, "side": "BUY", "size": 25}
        kept = do(client.create_and_post_order(**rests, price="0.57", post_only=True)).unwrap()
        until = int(time.time()) + 600
        dated = do(client.create_order(**rests, price="0.45", expiration=until))
        do(client.post_order(dated, defer_exec=True)).unwrap()
        batch = [do(client.create_order(**rests, price=price)) for price in ("0.41", "0.42", "0.43", "0.44")]
        placed = [each.unwrap() for each in do(client.post_orders([*batch[:3], (batch[3], "GTC")]))]
        assert do(client.get_order(kept)).original_size == 25
        assert len(do(client.get_open_orders())) == 6
        assert len(do(client.get_open_orders(market=self.market, asset_id=token, id=kept.order_id))) == 1
        assert do(client.get_pre_migration_orders()) == []
        self.venue.world.clock.advance(4)
        assert do(client.is_order_scoring(kept)) is True
        assert do(client.are_orders_scoring([kept, placed[0]]))[kept.order_id] is True
        asked = orders.get_orders_scoring_by_query(order_ids=[kept.order_id, placed[0].order_id])
        assert self.send(asked)[kept.order_id] is True
        assert do(client.cancel(placed[0])).canceled == (placed[0].order_id,)
        assert do(client.cancel_orders(placed[1:3])).canceled
        assert do(client.cancel_market_orders(asset_id=token)).canceled
        assert do(client.cancel_market_orders(market=self.market)).canceled == ()
        beat = do(client.post_heartbeat())
        assert do(client.post_heartbeat(beat)) != beat
        assert self.send(orders.post_legacy_heartbeat()).status == "ok"
        do(client.create_and_post_order(**rests, price="0.40")).unwrap()
        assert len(do(client.cancel_all()).canceled) == 1
        assert do(client.cancel(kept)).not_canceled

    def read_prices(self) -> None:
        """Read books and prices, one by one and many at once."""
        do, client, token = self._do, self.client, self.token
        both = [token, self.second]
        assert do(client.get_order_book(token)).asks
        assert len(do(client.get_order_books(both))) == 2
        assert do(client.get_price(token, "BUY")) < do(client.get_price(token, "SELL"))
        assert do(client.get_prices([(token, "BUY"), self.second]))[token]
        assert do(client.get_midpoints(both))[token] == do(client.get_midpoint(token))
        assert do(client.get_spreads(both))[token] == do(client.get_spread(token))
        assert do(client.get_last_trade_price(token)).price
        assert do(client.get_last_trades_prices(both))[token].price
        assert do(client.get_last_trade_price(self.venue.token_ids[2])) is None
        assert do(client.calculate_market_price(token, "BUY", 2))
        assert do(client.get_prices_history(token, interval="1d"))
        span = {"start_ts": int(time.time()) - 600, "end_ts": int(time.time()) + 600, "fidelity": 1}
        assert do(client.get_prices_history(token, **span))
        assert do(client.get_batch_prices_history(both, interval="1w"))[token]
        assert do(client.get_batch_prices_history(both, **span))[token]
        assert do(client.get_market_trades_events(self.market))

    def read_own(self) -> None:
        """Read trades, balances and notifications."""
        do, client, token = self._do, self.client, self.token
        trades = do(client.get_trades())
        assert [each.id for each in do(client.get_trades(id=trades[0].id, market=self.market))] == [
            trades[0].id
        ]
        span = {"after": int(time.time()) - 600, "before": int(time.time()) + 600}
        assert do(client.iter_trades(asset_id=token, **span))
        assert do(client.get_trades(maker_address=client.account.maker))
        built = do(client.get_builder_trades(CODE, market=self.market, asset_id=token, **span))
        assert {each.builder_code for each in built} == {CODE}
        assert do(self.other.get_builder_trades(id=built[0].id)) == [built[0]]
        assert do(client.get_builder_fees(CODE)).builder_taker_fee_rate_bps == 0
        held = do(client.get_balance_allowance())
        assert do(client.update_balance_allowance()) == held
        assert do(client.update_balance_allowance(token_id=token)).balance > 500
        assert do(client.get_balance_allowance(token_id=token)).balance > 500
        assert do(client.get_balance_allowance(token_id=self.venue.position_ids[0])).balance == 500
        assert do(client.detect_wallet([token])).wallets
        looked_at = {"asset_type": wire.AssetType.CONDITIONAL, "token_id": token, "signature_type": 2}
        self.send(account.put_balance_allowance(**looked_at))
        notices = do(client.get_notifications())
        do(client.drop_notifications([notices[0], notices[1].id]))
        assert len(do(client.get_notifications())) == len(notices) - 2

    def read_rewards(self) -> None:
        """Read what resting orders earn."""
        do, client = self._do, self.client
        wallet = client.account.maker
        assert do(client.get_user_earnings(DAY, sponsored=False, maker_address=wallet)) == []
        assert do(client.get_user_total_earnings(DAY, sponsored=True, maker_address=wallet)) == []
        assert do(client.get_user_reward_percentages(maker_address=wallet)) == {}
        terms = {"q": "rain", "tag_slug": "weather", "order_by": "rate_per_day", "page_size": 10}
        switches = ("favorite_markets", "no_competition")
        switches += ("only_mergeable", "only_open_orders", "only_open_positions")
        own = {"sponsored": True, "position": "DESC", **terms, **dict.fromkeys(switches, False)}
        assert len(do(client.get_user_rewards_markets(DAY, maker_address=wallet, **own))) == 1
        assert len(do(client.get_current_rewards(sponsored=True))) == 1
        assert len(do(client.get_market_rewards(self.market, sponsored=False))) == 1
        measured = ("volume_24hr", "spread", "price")
        bounds = {f"min_{each}": 0 for each in measured} | {f"max_{each}": "0.95" for each in measured}
        event = {"event_id": "", "event_title": "rain", "position": "asc"}
        assert len(do(client.get_multi_market_rewards(**event, **terms, **bounds))) == 1
        assert do(client.get_rebates(DAY)) == []

    def ask_for_quotes(self) -> None:
        """Ask for quotes, quote, withdraw, and trade on one."""
        do, token = self._do, self.token
        asking, quoting = self.client.rfq, self._colour.clob(self._sandbox, self._app, 2).rfq
        assert do(asking.get_config())
        asked = do(asking.create_request(token, "BUY", "0.45", 20))
        spare = do(asking.create_request(token, "SELL", "0.45", 20))
        quote = do(quoting.create_quote(asked, token, "SELL", "0.45", 20))
        withdrawn = do(quoting.create_quote(asked, self.second, "BUY", "0.55", 20))
        do(quoting.cancel_quote(withdrawn))
        do(asking.cancel_request(spare))
        sizes = {"size_min": 1, "size_max": "20.5", "size_usdc_min": "0.5", "size_usdc_max": 50}
        order = {"price_min": "0.1", "price_max": "0.9", "sort_by": "price", "sort_dir": "asc", "limit": 10}
        every = {"state": "active", "request_ids": [asked, spare], "markets": [self.market], **sizes, **order}
        assert len(do(asking.get_requests(**every))) == 1
        for found in (asking.get_requester_quotes, quoting.get_quoter_quotes):
            assert len(do(found(**every, quote_ids=[quote, withdrawn]))) == 1
            assert len(do(found(request_ids=[asked], limit=1))) == 2
        assert len(do(asking.get_requests(limit=1, request_ids=[asked, spare]))) == 2
        best = do(asking.get_best_quote(asked))
        until = int(time.time()) + 600
        do(asking.accept_quote(best, until))
        do(quoting.approve_order(quote, until))

    def be_refused(self) -> None:
        """Call what the venue answers with a refusal, or keeps to itself."""
        do, client = self._do, self.client
        ids = [self.token, self.second]
        for call, status in (
            (books.get_order_books_by_query(token_ids=ids), 400),
            (books.get_midpoints_by_query(token_ids=ids), 400),
            (books.get_prices_by_query(token_ids=ids, sides=[wire.Side.BUY, wire.Side.SELL]), 400),
            (books.get_last_trades_prices_by_query(token_ids=ids), 400),
            (books.get_ohlc(asset_id=self.token, start_ts=1, fidelity=wire.CandleLength.HOUR, limit=5), 501),
            (books.get_orderbook_history(asset_id=self.token, start_ts=1, limit=5), 501),
            (books.get_orderbook_history(market=self.market, start_ts=1), 501),
            (orders.get_order("a/b c"), 400),
        ):
            with self.refused(status):
                self.send(call)
        with self.refused(404):
            do(client.get_order(UNKNOWN))
        with self.refused(404):
            do(client.get_order_book("12"))
        with self.refused(400):
            do(client.post_heartbeat("nonsense"))
        with self.refused(400):
            do(client.create_api_key())

    def handle_keys(self) -> None:
        """Create and delete keys of every kind, the one in use last."""
        do, client = self._do, self.client
        read_only = do(client.create_readonly_api_key()).api_key
        assert do(client.get_readonly_api_keys()) == [read_only]
        asked = auth.validate_readonly_api_key(address=client.address, key=read_only)
        assert self.send(asked) == "OK"
        do(client.delete_readonly_api_key(read_only))
        builder = do(client.create_builder_api_key())
        assert do(client.get_builder_api_keys())
        without_key = self._colour.clob(self._sandbox, self._app, key=None, builder=builder)
        do(without_key.revoke_builder_api_key())
        do(client.create_builder_api_key())
        do(client.revoke_builder_api_key())
        do(client.delete_api_key())
