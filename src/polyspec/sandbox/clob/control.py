"""The sandbox's own endpoints of the CLOB: money, modes, ticks, trades, and looking behind the curtain."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.units import to_units, units_text
from polyspec.sandbox.clob.refusals import bad_request, gateway, missing
from polyspec.sandbox.clob.views import open_order, trade_view
from polyspec.sandbox.clob.world import ClobWorld
from polyspec.sandbox.http.control import Control

__all__ = ["ClobControl"]


class ClobControl(Control):
    """The actions of this venue."""

    def __init__(self, world: ClobWorld) -> None:
        super().__init__(world, gateway)
        self._world = world

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            *super().routes(),
            self.route("/state", self.state, "GET"),
            self.route("/fund", self.fund, "POST"),
            self.route("/modes", self.modes, "GET", "POST"),
            self.route("/tick", self.tick, "POST"),
            self.route("/markets/{condition_id}", self.market, "POST"),
            self.route("/trades/{trade_id}", self.trade, "POST"),
            self.route("/wallets/{wallet}", self.wallet, "GET"),
            self.route("/wallets/{wallet}/revoke", self.revoke, "POST"),
            self.route("/games", self.games, "GET", "POST"),
            self.route("/comments", self.comment, "POST"),
        ]

    def moved(self) -> None:
        """Let the engine see the time."""
        self._world.advance()

    def state(self, _: Request, __: dict[str, Any]) -> dict[str, Any]:
        """Tell what the sandbox holds."""
        world = self._world
        return {
            "now": world.clock.now().isoformat(),
            "faults": world.faults.pending(),
            "fault_hits": world.faults.hits,
            "markets": {
                each.condition_id: {
                    "slug": each.slug,
                    "status": str(world.exchange.market_status(each.condition_id)),
                    "open_orders": len(world.exchange.orders(condition_id=each.condition_id, open_only=True)),
                }
                for each in world.listings.values()
            },
            "modes": self.modes_now(),
            "state_hash": world.exchange.state_hash(),
        }

    # -- money --

    def fund(self, _: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Give `wallet` some `collateral` and complete `sets` of every open market, and all allowances."""
        wallet = str(body.get("wallet", "")).lower()
        if not wallet:
            raise bad_request("wallet is missing")
        collateral, sets = (_units(body, name) for name in ("collateral", "sets"))
        for events in self._world.apply_all(self._world.funding(wallet, collateral, sets)):
            _check(events)
        return self._balances(wallet)

    def wallet(self, request: Request, _: dict[str, Any]) -> dict[str, Any]:
        """Show balances, orders and trades of a wallet."""
        wallet = request.path_params["wallet"].lower()
        exchange = self._world.exchange
        return {
            **self._balances(wallet),
            "orders": [open_order(self._world, each) for each in exchange.orders(wallet=wallet)],
            "trades": [
                trade_view(self._world, each, taker=each.wallet == wallet)
                for each in exchange.trades(wallet=wallet)
            ],
        }

    def revoke(self, request: Request, _: dict[str, Any]) -> dict[str, Any]:
        """Make all API keys of an address invalid."""
        return {"revoked": self._world.keys.revoke(request.path_params["wallet"].lower())}

    def _balances(self, wallet: str) -> dict[str, Any]:
        holdings = self._world.exchange.holdings(wallet)
        return {
            "wallet": wallet,
            "balances": {each.asset or "collateral": units_text(each.balance) for each in holdings},
        }

    # -- modes --

    def modes(self, _: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Change what is given.

        `trading` (a mode), `restart` and `post_only` (seconds), `version`, `geoblock` (empty, html or json),
        `banned` and `closed_only` (addresses), `tiers` (by address), `sessions` (deposit wallets by address).
        """
        modes = self._world.modes
        try:
            if "trading" in body:
                modes.set(t.TradingMode(str(body["trading"]).upper()))
            if "restart" in body:
                modes.restart(float(body["restart"]), _seconds(body.get("post_only")))
            elif "post_only" in body:
                modes.post_only(float(body["post_only"]))
            if "version" in body:
                modes.version = int(body["version"])
            if "geoblock" in body:
                modes.block(str(body["geoblock"]))
            for name in ("banned", "closed_only"):
                if name in body:
                    setattr(modes, name, {str(each).lower() for each in body[name]})
            if "sessions" in body:
                modes.grant(body["sessions"])
            if "tiers" in body:
                modes.set_tiers(body["tiers"])
        except (ValueError, TypeError, AttributeError) as error:
            raise bad_request(str(error)) from error
        return self.modes_now()

    def modes_now(self) -> dict[str, Any]:
        """Tell which modes are on."""
        modes = self._world.modes
        return {
            "trading": str(self._world.exchange.trading_mode),
            "restarting": modes.restarting,
            "version": modes.version,
            "geoblock": modes.geoblock,
            "banned": sorted(modes.banned),
            "closed_only": sorted(modes.closed_only),
            "tiers": modes.tiers,
            "sessions": {address: sorted(wallets) for address, wallets in modes.sessions.items()},
        }

    # -- markets and trades --

    def tick(self, _: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Change the `tick` of the market of `token_id`."""
        market = self._world.exchange.market_of(str(body.get("token_id", "")))
        if market is None:
            raise missing("no such token")
        _check(self._world.apply(t.SetTick(condition_id=market.condition_id, tick=_units(body, "tick"))))
        return {"condition_id": market.condition_id, "tick": str(body["tick"])}

    def market(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Move a market to another `status`, resolve it by its `payouts`, or `hold` what would match at once.

        Payouts are two decimals that make one; a hold is in seconds, with `answers_late` (default: true).
        """
        condition_id = request.path_params["condition_id"].lower()
        if condition_id not in self._world.listings:
            raise missing("no such market")
        try:
            if "payouts" in body:
                first, second = (to_units(str(each)) for each in body["payouts"])
                _check(self._world.apply(t.Resolve(condition_id=condition_id, payouts=(first, second))))
            elif "hold" in body:
                late = bool(body.get("answers_late", True))
                self._world.hold(condition_id, float(body["hold"]), answers_late=late)
            else:
                status = t.MarketStatus(str(body.get("status", "")).upper())
                _check(self._world.apply(t.SetMarketStatus(condition_id=condition_id, status=status)))
        except (ValueError, TypeError) as error:
            raise bad_request(str(error)) from error
        return {"condition_id": condition_id, "status": str(self._world.exchange.market_status(condition_id))}

    def trade(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Move the settlement of a trade to another `status`, with a `text`."""
        trade_id = request.path_params["trade_id"]
        try:
            status = t.TradeStatus(str(body.get("status", "")).removeprefix("TRADE_STATUS_").upper())
        except ValueError as error:
            raise bad_request(str(error)) from error
        text = str(body.get("text", ""))
        _check(self._world.apply(t.SetTradeStatus(trade_id=trade_id, status=status, text=text)))
        trade = self._world.exchange.trade(trade_id)
        assert trade is not None, trade_id
        return trade_view(self._world, trade, taker=True)

    # -- sports and live data --

    def games(self, _: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Tell how games stand; POST changes the one of `id` (else the first) and tells the channel.

        Its `score` and `period` are texts, `ended` ends it.
        """
        games = self._world.games
        if body:
            chosen = body.get("id", next(iter(games.all)))
            game = games.all.get(chosen) if isinstance(chosen, int) else None
            if game is None:
                raise missing("no such game")
            game.period = str(body.get("period", game.period))
            game.status = str(body.get("status", game.status))
            if "score" in body:
                game.score = str(body["score"])
            if body.get("ended"):
                games.end(game)
            games.tell(game)
        return {"games": {str(each.id): games.told(each) for each in games.all.values()}}

    def comment(self, _: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Write a comment, react to one, or take either back, and tell the channel.

        A comment has a `body`, `parent_id` and `parent_type`; a reaction `react_to` and `kind`;
        `withdraw` takes the id of either.
        """
        live = self._world.live
        try:
            if "withdraw" in body:
                made = live.withdraw(str(body["withdraw"]))
            elif "react_to" in body:
                made = live.react(str(body["react_to"]), str(body.get("kind", "HEART")))
            else:
                parent = int(body.get("parent_id", 1)), str(body.get("parent_type", "Event"))
                made = live.comment(str(body.get("body", "")), *parent)
        except KeyError as error:
            raise missing("no such comment") from error
        except (ValueError, TypeError) as error:
            raise bad_request(str(error)) from error
        return {"id": made.id}


def _check(events: list[t.Event]) -> None:
    for event in events:
        if isinstance(event, t.CommandRefused):
            raise bad_request(event.text)


def _units(body: dict[str, Any], name: str) -> int:
    try:
        units = to_units(str(body.get(name, "0")))
    except ValueError as error:
        raise bad_request(f"{name}: {error}") from error
    if not 0 <= units < 2**62:
        raise bad_request(f"{name}: out of range")
    return units


def _seconds(given: Any) -> float | None:
    return None if given is None else float(given)
