"""Orders on their way to the engine and back: keys that make them repeatable, faults, refusals, answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import msgspec

from polyspec.sandbox.polysimulator.engine import (
    Idem,
    OrderSpec,
    Placed,
    Refused,
    money_text,
    price_text,
    quantity_text,
)
from polyspec.sandbox.polysimulator.refusals import Refusal, invalid
from polyspec.sandbox.polysimulator.views import iso, moment

if TYPE_CHECKING:
    from polyspec.sandbox.polysimulator.registry import Asked

__all__ = [
    "Placing",
    "ack_view",
    "expiration_of",
    "idem_of",
    "key_of",
    "placed_view",
    "refusal_of",
    "submit",
]

_LONGEST_KEY: Final = 256
_HEADER: Final = "idempotency-key"
_SAID_OTHERWISE: Final = {
    "INVALID_ORDER_MIN_SIZE": "ORDER_BELOW_MIN_SIZE",
    "INVALID_POST_ONLY_ORDER": "POST_ONLY_WOULD_CROSS",
}
"""Codes whose header says something else than the body."""


def refusal_of(refused: Refused) -> Refusal:
    """Return what the engine refused as the venue says it."""
    headers: dict[str, str] = {}
    more: dict[str, Any] = {}
    if refused.retry_after is not None:
        headers["retry-after"] = str(refused.retry_after)
        if refused.status == 503:
            more["retry_after"] = refused.retry_after
    return Refusal(
        refused.status,
        _SAID_OTHERWISE.get(refused.code, refused.code),
        refused.message,
        headers=headers,
        more=more,
        details=refused.details,
        shown=refused.code,
    )


def key_of(asked: Asked, client_order_id: str | None) -> str | None:
    """Return the key that makes an order repeatable: of the header, of the body, or the same of both."""
    header = asked.headers.get(_HEADER, "").strip() or None
    given = client_order_id or None
    if header is not None and given is not None and header != given:
        raise invalid("Idempotency-Key and client_order_id differ", field="client_order_id")
    key = given or header
    if key is not None and len(key) > _LONGEST_KEY:
        raise invalid(f"client_order_id has at most {_LONGEST_KEY} characters", field="client_order_id")
    return key


def expiration_of(given: Any) -> str | int | None:
    """Return when an order ends, as it was sent: unix seconds as text or a number; raises Refusal (422)."""
    if given is None or (isinstance(given, str | int) and not isinstance(given, bool)):
        return given
    raise invalid("expiration must be unix seconds as text", field="expiration")


class Placing:
    """The placements of one request, and the fault that meets them."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._world = asked.world
        self._user_id = asked.caller.user.id
        self._effect = "" if asked.fault is None else asked.fault.effect
        if self._effect == "persistence_unknown":
            lost = asked.world.ids.below(2) == 0
            self._effect = f"persistence_unknown_{'lost' if lost else 'stored'}"
        self._stored: list[Placed] = []

    def place(self, spec: OrderSpec, idem: Idem | None) -> Placed:
        """Place an order, or answer a repetition as the first time; raises Refused."""
        engine = self._world.engine
        if self._effect == "persistence_unknown_lost":
            raise self._unknown()
        before = engine.outage
        engine.outage = before or self._effect == "venue_unavailable"
        try:
            placed = engine.place(self._user_id, spec, self._asked.now_ns, idem=idem)
        finally:
            engine.outage = before
        self._stored.append(placed)
        return placed

    def check(self) -> None:
        """Raise Refusal (503) if a fault keeps the client from learning what was stored."""
        if self._effect == "persistence_unknown_stored":
            raise self._unknown()
        late = self._world.options.lock_hold > self._world.options.deadline
        if self._stored and (late or self._effect == "deadline_overshot"):
            raise _overshot(self._stored[0])

    @staticmethod
    def _unknown() -> Refusal:
        return Refusal(503, "PERSISTENCE_UNKNOWN", "it is not known whether the order was stored")


def submit(
    asked: Asked, spec: OrderSpec, *, route: str, view: Callable[[Placed], dict[str, Any]]
) -> dict[str, Any] | Awaitable[dict[str, Any]]:
    """Place one order in its account's turn and answer it; raises Refusal."""
    world, user_id = asked.world, asked.caller.user.id
    idem, placing = idem_of(spec, route), Placing(asked)

    def write() -> dict[str, Any]:
        try:
            placed = placing.place(spec, idem)
        except Refused as refused:
            raise refusal_of(refused) from refused
        placing.check()
        return view(placed)

    if idem is None or world.options.lock_hold <= 0:
        return world.turns.take(user_id, write)
    # who waits for a turn holds the key meanwhile
    try:
        replay = world.engine.claim(user_id, idem, asked.now_ns)
    except Refused as refused:
        raise refusal_of(refused) from refused
    return view(replay) if replay is not None else _claimed(asked, idem, write)


async def _claimed(asked: Asked, idem: Idem, write: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Carry out a write that may wait, and give its key back if nothing came of it."""
    world, user_id = asked.world, asked.caller.user.id
    try:
        answer = world.turns.take(user_id, write)
        return answer if isinstance(answer, dict) else await answer
    finally:
        with world.lock:
            world.engine.release(user_id, idem)


def idem_of(spec: OrderSpec, route: str) -> Idem | None:
    """Return what makes an order repeatable, None if it has no key."""
    if spec.client_order_id is None:
        return None
    # what is the same order is the same request, whatever its spaces
    digest = sha256(msgspec.json.encode(spec)).hexdigest()
    return Idem(key=spec.client_order_id, body_hash=digest, route=route)


def _overshot(placed: Placed) -> Refusal:
    return Refusal(
        503,
        "DEADLINE_OVERSHOT_BUT_PERSISTED",
        "the order was stored, but too late to say more; do not send it again",
        headers={"x-polysim-order-id": str(placed.order_id)},
        more={
            "error_code": "PERSISTED_DO_NOT_RETRY",
            "order_id": placed.order_id,
            "source": placed.source,
        },
    )


# -- answers --


def placed_view(placed: Placed) -> dict[str, Any]:
    """Return an order as its placement is answered."""
    position = placed.position
    told: dict[str, Any] = {
        "order_id": placed.order_id,
        "status": placed.status,
        "order_type": placed.order_type,
        "side": placed.side,
        "outcome": placed.outcome,
        "price": price_text(placed.price),
        "quantity": quantity_text(placed.quantity),
        "notional": money_text(placed.notional),
        "fee": money_text(placed.fee_charged),
        "filled_at": moment(placed.filled_ns),
        "cancelled_reason": placed.cancelled_reason,
        "price_source": placed.price_source,
        "slippage_bps": placed.slippage_bps,
        "quote_age_ms": placed.quote_age_ms,
        "spread_bps": placed.spread_bps,
        "impact_bps": placed.impact_bps,
        "book_walk_levels": placed.book_walk_levels,
        "account_balance": money_text(placed.account_balance),
        "client_order_id": placed.client_order_id,
        "amount_interpreted_as": placed.amount_interpreted_as,
        "is_replay": placed.is_replay,
        "warnings": list(placed.warnings),
    }
    if position is not None:
        told["position"] = {
            "market_id": position.market_id,
            "outcome": position.outcome,
            "quantity": quantity_text(position.quantity),
            "avg_entry_price": price_text(position.avg_entry_price),
            "status": position.status,
        }
    return _there(told)


def ack_view(placed: Placed) -> dict[str, Any]:
    """Return the short form in which an order that rests may be answered."""
    told = {
        "order_id": placed.order_id,
        "client_order_id": placed.client_order_id,
        "status": "accepted",
        "order_type": placed.order_type,
        "side": placed.side,
        "outcome": placed.outcome,
        "market_id": placed.market_id,
        "price_requested": price_text(placed.price),
        "quantity_requested": quantity_text(placed.requested),
        "accepted_at": iso(placed.created_ns),
        "is_replay": placed.is_replay,
    }
    return _there(told)


def _there(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what there is to tell."""
    return {name: value for name, value in told.items() if value is not None}
