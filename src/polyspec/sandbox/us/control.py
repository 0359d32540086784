"""The sandbox's own endpoints, outside the venue's paths: faults, clock, instrument states, settlement.

All but the document capture page need the secret of this run in ``x-sandbox-secret``.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.engine.money import money_text
from polyspec.sandbox.us.faults import Fault
from polyspec.sandbox.us.parsing import read_body
from polyspec.sandbox.us.refusals import Refusal, denied, invalid, missing
from polyspec.sandbox.us.world import World

__all__ = ["control_routes"]

SECRET_HEADER = "x-sandbox-secret"  # noqa: S105 - a name, not a secret
_JSON = "application/json"

Action = Callable[[Request, dict[str, Any]], Any]


def control_routes(world: World) -> list[BaseRoute]:
    """Return the control endpoints of a world."""
    control = _Control(world)
    return [
        Route("/_sandbox/state", control.guarded(control.state), methods=["GET"]),
        Route("/_sandbox/faults", control.guarded(control.faults), methods=["GET", "POST", "DELETE"]),
        Route("/_sandbox/clock", control.guarded(control.clock), methods=["POST"]),
        Route("/_sandbox/instruments/{symbol}/state", control.guarded(control.instrument), methods=["POST"]),
        Route("/_sandbox/settle", control.guarded(control.settle), methods=["POST"]),
        Route("/_sandbox/deposit", control.guarded(control.deposit), methods=["POST"]),
        Route("/_sandbox/tokens", control.guarded(control.revoke), methods=["DELETE"]),
        Route("/_sandbox/kyc", control.guarded(control.review), methods=["POST"]),
        Route("/_sandbox/docv/{token}", control.open(control.documents), methods=["GET", "POST"]),
    ]


class _Control:
    """The actions; each gets the request and its JSON object and returns a JSON object."""

    def __init__(self, world: World) -> None:
        self._world = world

    def guarded(self, action: Action) -> Callable[[Request], Awaitable[Response]]:
        """Demand the secret before an action."""
        return self._endpoint(action, secret=True)

    def open(self, action: Action) -> Callable[[Request], Awaitable[Response]]:
        """Serve an action without the secret."""
        return self._endpoint(action, secret=False)

    def _endpoint(self, action: Action, *, secret: bool) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            try:
                given = request.headers.get(SECRET_HEADER, "")
                if secret and not secrets.compare_digest(given.encode(), self._world.secret.encode()):
                    raise denied(f"missing or wrong {SECRET_HEADER}")
                body = await _object(request)
                with self._world.lock:
                    self._world.jobs.run_due()
                    answer = action(request, body)
                    self._world.jobs.run_due()
            except Refusal as refusal:
                return Response(msgspec.json.encode(refusal.body), refusal.status, media_type=_JSON)
            return Response(msgspec.json.encode(answer), media_type=_JSON)

        return serve

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

    def faults(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Add faults (POST one, or a list under `faults`), list them (GET) or clear them (DELETE)."""
        plan = self._world.faults
        if request.method == "DELETE":
            plan.clear()
        elif request.method == "POST":
            try:
                # all of them are good, or none is added
                made = [Fault.from_json(each) for each in body.get("faults", [body])]
            except (ValueError, TypeError) as error:
                raise invalid(str(error)) from error
            for fault in made:
                plan.add(fault)
        return {"faults": plan.pending(), "hits": plan.hits}

    def clock(self, _: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Move the clock (`advance`), stop it (`frozen`), shift the Date header (`header_offset`)."""
        clock = self._world.clock
        try:
            if "frozen" in body:
                (clock.freeze if body["frozen"] else clock.thaw)()
            if "header_offset" in body:
                clock.header_offset = float(body["header_offset"])
            clock.advance(float(body.get("advance", 0)))
        except (ValueError, TypeError, OverflowError) as error:
            raise invalid(str(error)) from error
        self._world.apply(t.Advance())
        return {"now": clock.now().isoformat(), "header_offset": clock.header_offset}

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


async def _object(request: Request) -> dict[str, Any]:
    raw = await read_body(request)
    if not raw.strip():
        return {}
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise invalid(f"malformed JSON: {error}") from error
    if not isinstance(body, dict):
        raise invalid("expected a JSON object")
    return body
