"""Order entry between HTTP and the engine: wire requests to commands, and the moment in between.

With an entry delay an order or a replace is acknowledged first and reaches the engine later, as at the venue;
until then an order shows as PENDING_NEW. It is journalled before it is acknowledged. The venue lets nothing
into a market that has waited for more than five seconds; its stopgap rejects that. Cancels never wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec
from polyspec_wire.us_exchange import models as m

from polyspec.core.scales import scale_of
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.http.clock import to_ns
from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.us.desk import Quote, Rfq
from polyspec.sandbox.us.refusals import denied, invalid

if TYPE_CHECKING:
    from polyspec.sandbox.us.world import Participant, World

__all__ = ["Entry", "Pending"]

RFQ_TAG = "rfq"
STOPGAP: Final = 5.0
"""Seconds within which an order or a replace is processed or else rejected."""
_STOPGAP_TEXT: Final = "Global Rate Limit Exceeded"
_ORDER, _REPLACE = "pending_order", "pending_replace"


class Pending(msgspec.Struct, kw_only=True):
    """An order that was acknowledged and that the engine has not seen."""

    command: t.PlaceOrder
    due: int
    created: int
    late: bool = False
    """Whether the stopgap will reject it instead."""
    canceled: bool = False
    done: bool = False

    def order(self) -> t.Order:
        """Return the order as the engine would hold it on arrival."""
        asked = {name: getattr(self.command, name) for name in self.command.__struct_fields__}
        asked |= {"price": asked["price"] or 0, "stop_price": asked["stop_price"] or 0}
        return t.Order(
            id=asked.pop("order_id"),
            leaves=self.command.quantity,
            cross_id="",
            create_time=self.created,
            insert_time=self.created,
            last_transact_time=self.created,
            sequence=0,
            **asked,
        )

    @property
    def state(self) -> str:
        """The name of its state at the venue; the engine has none for it."""
        return "PENDING_CANCEL" if self.canceled else "PENDING_NEW"


class PendingReplace(msgspec.Struct, kw_only=True):
    """A replace that was acknowledged and that the engine has not seen."""

    command: t.ReplaceOrder
    due: int
    late: bool = False
    done: bool = False


class Entry:
    """The way of orders into the engine."""

    def __init__(self, world: World, seeded: Seeded) -> None:
        self._world = world
        self._seeded = seeded
        self._delay = world.options.entry_delay
        orders, replaces = world.store.load(_ORDER, Pending), world.store.load(_REPLACE, PendingReplace)
        self.pending = {name: each for name, each in orders.items() if not each.done}
        self._replaces = {name: each for name, each in replaces.items() if not each.done}
        for name, each in self.pending.items():
            self._world.jobs.at(each.due, partial(self._enter, name))
        for name, replace in self._replaces.items():
            self._world.jobs.at(replace.due, partial(self._enter_replace, name))

    def command(self, order: m.InsertOrderRequest, participant: Participant) -> t.PlaceOrder:
        """Turn a wire request into a command; raises Refusal for what no gateway would pass on."""
        _check(order)
        acting = self.acting_for(order.user, participant)
        instruction = order.self_match_prevention_instruction.name
        return t.PlaceOrder(
            participant=acting.name,
            account=self.account(order.account, acting),
            symbol=order.symbol,
            side=t.Side(order.side.name),
            type=t.OrderType(order.type.name),
            time_in_force=t.TimeInForce(order.time_in_force.name),
            quantity=order.order_qty,
            cash_quantity=order.cash_order_qty,
            price=order.price or None,
            stop_price=order.stop_price or None,
            client_order_id=order.clord_id,
            min_quantity=order.min_qty,
            all_or_none=order.all_or_none,
            post_only=order.participate_dont_initiate,
            strict_limit=order.strict_limit,
            best_limit=order.best_limit,
            immediately_executable_limit=order.immediately_executable_limit,
            good_till=None if order.good_till_time is None else to_ns(order.good_till_time),
            self_match_id=order.self_match_prevention_id,
            self_match_instruction=None
            if instruction == "UNDEFINED"
            else t.SelfMatchInstruction(instruction),
            tags=_tags(order, participant),
        )

    def acting_for(self, user: str, participant: Participant) -> Participant:
        """Return the user an order is for: the acting participant or a colleague; raises Refusal (403)."""
        if not user or user == participant.name:
            return participant
        other = self._world.participants.get(user)
        if other is None or other.firm != participant.firm:
            raise denied(f"user {user} is not a user of your firm")
        return other

    def account(self, named: str, participant: Participant) -> str:
        """Return the account to use, the participant's first by default; raises Refusal (403)."""
        if not named:
            return participant.accounts[0]
        if named not in participant.accounts:
            raise denied(f"account {named} is not accessible to {participant.name}")
        return named

    def place(self, commands: Sequence[t.PlaceOrder], *, late: bool = False) -> list[str]:
        """Take orders in and return their ids; whether they stand, their executions tell.

        What is `late` was kept waiting too long already and is rejected by the stopgap.
        """
        if self._delay > 0 and not late:
            return self._hold(commands)
        outcome = self._world.apply_all([_stopped(each) if late else each for each in commands])
        placed = [self._world.exchange.placed(events) for events in outcome]
        return [order.id if order is not None else "" for order in placed]

    def cross(self, command: t.PlaceCross, *, late: bool = False) -> list[t.Event]:
        """Take both orders of a cross in; they never wait, but the stopgap knows when they would have."""
        return self._world.apply(_stopped(command) if late or self._delay > STOPGAP else command)

    def replace(self, commands: Sequence[t.ReplaceOrder], *, late: bool = False) -> None:
        """Change orders, each for itself; what becomes of it, executions and cancel rejects tell."""
        if self._delay <= 0 or late:
            self._world.apply_all([_stopped(each) if late else each for each in commands])
            return
        held = {}
        for command in commands:
            _, due = self._times()
            name = f"1R{self._seeded.letters(10)}"
            held[name] = PendingReplace(command=command, due=due, late=self._delay > STOPGAP)
        self._world.store.put_all((_REPLACE, name, each) for name, each in held.items())
        self._replaces |= held
        for name, each in held.items():
            self._world.jobs.at(each.due, partial(self._enter_replace, name))

    def _times(self) -> tuple[int, int]:
        """Return now, and when what comes in now is entered or, at the latest, rejected."""
        now = self._world.clock.now_ns()
        return now, now + int(min(self._delay, STOPGAP) * 1e9)

    def _hold(self, commands: Sequence[t.PlaceOrder]) -> list[str]:
        held = {}
        for command in commands:
            order_id = f"1P{self._seeded.letters(10)}"
            now, due = self._times()
            placed = msgspec.structs.replace(command, order_id=order_id)
            held[order_id] = Pending(command=placed, due=due, created=now, late=self._delay > STOPGAP)
        self._world.store.put_all((_ORDER, name, each) for name, each in held.items())
        self.pending |= held
        for name, each in held.items():
            self._world.jobs.at(each.due, partial(self._enter, name))
        return list(held)

    def _enter(self, order_id: str) -> None:
        pending = self.pending[order_id]
        commands = [_stopped(pending.command) if pending.late else pending.command]
        if pending.canceled:
            commands.append(t.CancelOrder(participant=pending.command.participant, order_id=order_id))
        done = msgspec.structs.replace(pending, done=True)
        self._world.apply_all(commands, [(_ORDER, order_id, done)])
        del self.pending[order_id]

    def _enter_replace(self, name: str) -> None:
        waiting = self._replaces[name]
        command = _stopped(waiting.command) if waiting.late else waiting.command
        self._world.apply_all([command], [(_REPLACE, name, msgspec.structs.replace(waiting, done=True))])
        del self._replaces[name]

    def find_pending(
        self, participant: str, order_id: str, client_order_id: str, symbol: str = ""
    ) -> tuple[str, Pending] | None:
        """Return an order that waits to be entered, by either id; a named symbol must match."""
        for name, each in self.pending.items():
            if each.command.participant != participant or symbol not in ("", each.command.symbol):
                continue
            if name == order_id or (
                not order_id and client_order_id and client_order_id == each.command.client_order_id
            ):
                return name, each
        return None

    def cancel(self, command: t.CancelOrder) -> None:
        """Cancel an order, one that waits to be entered included; an unknown one changes nothing."""
        found = self.find_pending(
            command.participant, command.order_id, command.client_order_id, command.symbol
        )
        if found is None:
            self._world.apply(command)
            return
        name, pending = found
        canceled = msgspec.structs.replace(pending, canceled=True)
        self._world.store.put(_ORDER, name, canceled)
        self.pending[name] = canceled

    def execute_quote(self, rfq: Rfq, quote: Quote) -> tuple[str, str]:
        """Submit the paired orders of a confirmed quote, maker first; return requester's and maker's id."""
        buying = quote.accepted_side == "BUY"
        market = self._world.exchange.market(rfq.symbol)
        assert market is not None
        price = scale_of(market.price_scale).to_wire(quote.buy_price if buying else quote.sell_price)
        quantity = scale_of(market.quantity_scale).to_wire(
            quote.buy_quantity if buying else quote.sell_quantity
        )
        ids: list[str] = []
        for role, who, rest in (("m", quote, quote.rest), ("r", rfq, rfq.rest)):
            mine = buying if role == "r" else not buying
            client_id = f"{quote.id}-{role}"
            known = self._world.exchange.order_by_client_id(who.participant, client_id)
            if known is not None:
                ids.append(known.id)
                continue
            command = t.PlaceOrder(
                participant=who.participant,
                account=who.account,
                symbol=rfq.symbol,
                side=t.Side.BUY if mine else t.Side.SELL,
                quantity=quantity,
                price=price,
                time_in_force=t.TimeInForce.GOOD_TILL_CANCEL
                if rest or role == "m"
                else t.TimeInForce.IMMEDIATE_OR_CANCEL,
                post_only=role == "m" and quote.post_only,
                client_order_id=client_id,
                tags={RFQ_TAG: rfq.id},
            )
            placed = self._world.exchange.placed(self._world.apply(command))
            ids.append(placed.id if placed is not None else "")
        if not quote.rest:
            self._world.apply(t.CancelOrder(participant=quote.participant, order_id=ids[0]))
        return ids[1], ids[0]


def _check(order: m.InsertOrderRequest) -> None:
    """Refuse what no gateway would pass on; raises Refusal (400)."""
    for name, value in (("type", order.type), ("side", order.side), ("timeInForce", order.time_in_force)):
        if value.endswith("_UNDEFINED"):
            raise invalid(f"{name} is required")
    if not order.symbol:
        raise invalid("symbol is required")
    for name, number in (
        ("orderQty", order.order_qty),
        ("cashOrderQty", order.cash_order_qty),
        ("price", order.price),
        ("stopPrice", order.stop_price),
        ("minQty", order.min_qty),
    ):
        if number < 0:
            raise invalid(f"invalid {name}: must not be negative")
    if bool(order.order_qty) == bool(order.cash_order_qty):
        raise invalid("exactly one of orderQty and cashOrderQty is required")
    if order.time_in_force == m.TimeInForce.GOOD_TILL_TIME and order.good_till_time is None:
        raise invalid("goodTillTime is required with TIME_IN_FORCE_GOOD_TILL_TIME")


def _stopped(request: t.PlaceOrder | t.PlaceCross | t.ReplaceOrder) -> t.Command:
    """Return what the stopgap makes of a request."""
    return t.Refuse(request=request, text=_STOPGAP_TEXT)


def _tags(order: m.InsertOrderRequest, participant: Participant) -> dict[str, str]:
    """Return what only the wire cares about; it travels on the order."""
    tags = {
        "submitting_participant": participant.name,
        "client_account_id": order.client_account_id,
        "client_participant_id": order.client_participant_id,
        "order_capacity": "" if order.order_capacity.name == "UNDEFINED" else order.order_capacity.value,
        "manual_order_indicator": ""
        if order.manual_order_indicator.name == "UNDEFINED"
        else order.manual_order_indicator.value,
        "ignore_price_validity_checks": "1" if order.ignore_price_validity_checks else "",
        "session_id": order.session_id,
    }
    return {name: value for name, value in tags.items() if value}
