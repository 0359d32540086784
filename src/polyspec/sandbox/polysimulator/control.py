"""The sandbox's own endpoints of PolySimulator: accounts, keys, sessions, outages, and what it holds."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from polyspec.sandbox.http.control import Control
from polyspec.sandbox.polysimulator.engine.units import DOLLAR, scaled
from polyspec.sandbox.polysimulator.refusals import Refusal, bad_request, gateway, missing
from polyspec.sandbox.polysimulator.users import PLANS, User
from polyspec.sandbox.polysimulator.world import PolySimWorld

__all__ = ["PolySimControl"]


class PolySimControl(Control):
    """The actions of this venue."""

    def __init__(self, world: PolySimWorld) -> None:
        super().__init__(world, gateway)
        self._world = world

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            *super().routes(),
            self.route("/state", self.state, "GET"),
            self.route("/users", self.users, "GET", "POST"),
            self.route("/users/{user_id}", self.user, "GET", "POST"),
            self.route("/users/{user_id}/session", self.session, "POST"),
            self.route("/keys/{key_id}", self.key, "POST"),
            self.route("/markets/{condition_id}", self.market, "POST"),
            self.route("/outage", self.outage, "GET", "POST"),
        ]

    def moved(self) -> None:
        """Let the venue see the time."""
        self._world.advance()

    def state(self, _: Request, __: dict[str, Any]) -> dict[str, Any]:
        """Tell what the sandbox holds, after counting whether it adds up."""
        world = self._world
        world.engine.audit()
        return {
            "now": world.clock.now().isoformat(),
            "faults": world.faults.pending(),
            "fault_hits": world.faults.hits,
            "markets": {each.condition_id: each.status for each in world.markets.markets()},
            "users": len(world.users),
            "outage": world.engine.outage,
        }

    def outage(self, _: Request, body: dict[str, Any]) -> dict[str, bool]:
        """Tell whether what is mirrored is down, or have it go down (`on`) and come back."""
        engine = self._world.engine
        if "on" in body:
            engine.outage = bool(body["on"])
        return {"on": engine.outage}

    def market(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Resolve a market where it is mirrored from, by its `payouts`, and pay them out at once.

        Payouts are decimals, one for each outcome, that make one.
        """
        world = self._world
        market = world.markets.market(request.path_params["condition_id"])
        if market is None:
            raise missing("MARKET_NOT_FOUND", "no such market")
        try:
            world.markets.resolve(market.condition_id, _payouts(body.get("payouts"), len(market.outcomes)))
        except ValueError as error:
            raise bad_request("INVALID_REQUEST", str(error)) from error
        settled = world.engine.settle(world.clock.now_ns())
        return {"condition_id": market.condition_id, "status": "resolved", "settled": len(settled)}

    # -- users --

    def users(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """List the users, or make one: `email`, `plan`, `admitted`."""
        if request.method == "POST":
            email, plan = str(body.get("email", "")), _plan(body.get("plan", "free"))
            if not email or self._world.users.of_email(email) is not None:
                raise bad_request("INVALID_REQUEST", "email is missing or taken")
            admitted = bool(body.get("admitted", True))
            return _shown(self._world.open_account(email, plan=plan, admitted=admitted))
        return {"users": [_shown(each) for each in self._world.users.all()]}

    def user(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Show a user, or change `plan`, `admitted` or `blocked`."""
        user = self._user(request)
        changes = {name: bool(body[name]) for name in ("admitted", "blocked") if name in body}
        if "plan" in body:
            user = self._world.change_plan(user, _plan(body["plan"]))
        return _shown(self._world.users.change(user, **changes) if changes else user)

    def session(self, request: Request, body: dict[str, Any]) -> dict[str, str]:
        """Hand out a session token of a user; `life` in seconds, `claims` replace what it usually says."""
        user = self._user(request)
        try:
            life = None if body.get("life") is None else float(body["life"])
            claims = dict(body.get("claims") or {})
        except (TypeError, ValueError) as error:
            raise bad_request("INVALID_REQUEST", str(error)) from error
        return {"token": self._world.tokens.session(user.auth_id, life=life, **claims)}

    def _user(self, request: Request) -> User:
        text = request.path_params["user_id"]
        found = self._world.users.get(int(text)) if text.isdecimal() and len(text) < 10 else None
        if found is None:
            raise missing("NOT_FOUND", "no such user")
        return found

    # -- keys --

    def key(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Have a key fall back to reading in `beta_until` seconds, as those of the beta do."""
        text = request.path_params["key_id"]
        found = self._world.keys.get(int(text)) if text.isdecimal() and len(text) < 10 else None
        if found is None:
            raise missing("NOT_FOUND", "no such key")
        try:
            until = self._world.clock.now_ns() + int(float(body["beta_until"]) * 10**9)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise bad_request("INVALID_REQUEST", "beta_until must be a number of seconds") from error
        return {"id": self._world.keys.lapse(found, until).id, "beta_until": until}


def _payouts(given: Any, outcomes: int) -> tuple[int, ...]:
    """Return what shares pay in millionths; raises ValueError unless that makes one."""
    try:
        found = [scaled(Decimal(str(each)), DOLLAR) for each in given] if isinstance(given, list) else []
    except InvalidOperation as error:
        raise ValueError("payouts must be a list of decimals") from error
    paid = tuple(each for each in found if each is not None and each >= 0)
    if len(paid) != len(found) or len(paid) != outcomes or sum(paid) != DOLLAR:
        raise ValueError(f"payouts must be {outcomes} decimals, to six places, that make 1")
    return paid


def _plan(given: Any) -> str:
    if given not in PLANS:
        raise Refusal(400, "INVALID_REQUEST", f"plan must be one of {', '.join(PLANS)}")
    return str(given)


def _shown(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "auth_id": user.auth_id,
        "email": user.email,
        "plan": user.plan,
        "admitted": user.admitted,
        "blocked": user.blocked,
    }
