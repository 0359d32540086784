"""The sandbox's own endpoints, outside the venue's paths: faults, clock, instrument states, settlement.

All but the document capture page need the secret of this run in ``x-sandbox-secret``.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.engine.money import money_text
from polyspec.sandbox.http.control import Control
from polyspec.sandbox.us.refusals import gateway, invalid, missing
from polyspec.sandbox.us.world import World

__all__ = ["UsControl"]


class UsControl(Control):
    """The actions of this venue."""

    def __init__(self, world: World) -> None:
        super().__init__(world, gateway)
        self._world = world

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            *super().routes(),
            self.route("/state", self.state, "GET"),
            self.route("/instruments/{symbol}/state", self.instrument, "POST"),
            self.route("/settle", self.settle, "POST"),
            self.route("/deposit", self.deposit, "POST"),
            self.route("/tokens", self.revoke, "DELETE"),
            self.route("/kyc", self.review, "POST"),
            self.route("/docv/{token}", self.documents, "GET", "POST", secret=False),
        ]

    def state(self, _: Request, __: dict[str, Any]) -> dict[str, Any]:
        """Tell what the sandbox holds."""
        world = self._world
        exchange = world.exchange
        return {
            "now": world.clock.now().isoformat(),
            "dialect": world.dialect,
            "tokens_issued": world.issuer.issued,
            "faults": world.faults.pending(),
            "fault_hits": world.faults.hits,
            "instruments": {
                symbol: {"state": str(exchange.market_state(symbol)), "open_orders": len(self._open(symbol))}
                for symbol in world.listings
            },
            "accounts": {name: money_text(world.balance(name).cash) for name in exchange.accounts()},
            "participants": sorted(world.participants),
            "state_hash": exchange.state_hash(),
        }

    def _open(self, symbol: str) -> list[t.Order]:
        return self._world.exchange.orders(symbol=symbol, open_only=True)

    def moved(self) -> None:
        """Let the engine see the time."""
        self._world.apply(t.Advance())

    def instrument(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Move an instrument to another `state`, with or without its prefix."""
        symbol = self._symbol(request.path_params["symbol"])
        try:
            state = t.MarketState(str(body.get("state", "")).removeprefix("INSTRUMENT_STATE_"))
        except ValueError as error:
            raise invalid(f"unknown state {body.get('state')!r}") from error
        self._admin(t.SetMarketState(symbol=symbol, state=state))
        return {"symbol": symbol, "state": str(self._world.exchange.market_state(symbol))}

    def settle(self, _: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Settle `symbol` at `price` (an integer at price scale), for good unless `preliminary`."""
        symbol, price = self._symbol(str(body.get("symbol", ""))), body.get("price")
        if isinstance(price, bool) or not isinstance(price, int):
            raise invalid("price must be an integer at the instrument's price scale")
        method = "SETTLEMENT_PRICE_CALCULATION_METHOD_EVENT_TIER_1"
        preliminary, text = bool(body.get("preliminary", False)), str(body.get("text", ""))
        self._admin(t.Settle(symbol=symbol, price=price, preliminary=preliminary, method=method, text=text))
        return {"symbol": symbol, "price": price, "state": str(self._world.exchange.market_state(symbol))}

    def deposit(self, _: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Give `account` some `amount` of dollars, as decimal text."""
        account = str(body.get("account", ""))
        self._world.roster.deposit(account, str(body.get("amount", "")))
        return {"account": account, "balance": money_text(self._world.balance(account).cash)}

    def revoke(self, _: Request, __: dict[str, Any]) -> dict[str, Any]:
        """Refuse every token issued so far."""
        self._world.issuer.revoke_tokens()
        return {}

    def review(self, _: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Decide a case that waits for a person: `external_id`, `approve`, `firm` (the partner's)."""
        firm = str(body.get("firm", self._world.client.firm))
        case = self._world.cases.review(
            firm, str(body.get("external_id", "")), approve=bool(body.get("approve"))
        )
        return {"external_id": case.external_id, "decision": case.decision}

    def documents(self, request: Request, _: dict[str, Any]) -> dict[str, Any]:
        """Hand in the documents of a capture session, as its applicant."""
        case = self._world.cases.submit_documents(request.path_params["token"])
        return {"external_id": case.external_id, "submitted": True}

    def _symbol(self, symbol: str) -> str:
        if self._world.exchange.market(symbol) is None:
            raise missing(f"instrument {symbol} not found")
        return symbol

    def _admin(self, command: t.Command) -> None:
        for event in self._world.apply(command):
            if isinstance(event, t.CommandRefused):
                raise invalid(event.text)
