"""Order entry between HTTP and the engine: wire requests to commands, and the moment in between.

With an entry delay an order is acknowledged first and reaches the engine later, as at the venue; until then
it shows as PENDING_NEW. Such an order is journalled before its id is told to anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from polyspec_wire.us_exchange import models as m

from polyspec.core.scales import scale_of
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us.clock import to_ns
from polyspec.sandbox.us.desk import Quote, Rfq
from polyspec.sandbox.us.refusals import denied, invalid
from polyspec.sandbox.us.seeded import Seeded

if TYPE_CHECKING:
    from polyspec.sandbox.us.world import Participant, World

__all__ = ["Entry", "Pending"]

RFQ_TAG = "rfq"


class Pending(msgspec.Struct, kw_only=True):
    """An order that was acknowledged and that the engine has not seen."""

    command: t.PlaceOrder
    due: int
    created: int
    canceled: bool = False
    done: bool = False


class Entry:
    """The way of orders into the engine."""

    def __init__(self, world: World, seeded: Seeded) -> None:
        self._world = world
        self._seeded = seeded
        self.pending = {
            name: each for name, each in world.store.load("pending_order", Pending).items() if not each.done
        }
        for name, each in self.pending.items():
            self._schedule(name, each)

    def command(self, order: m.InsertOrderRequest, participant: Participant) -> t.PlaceOrder:
        """Turn a wire request into a command; raises Refusal for what no gateway would pass on."""
        for name, value in (("type", order.type), ("side", order.side), ("timeInForce", order.time_in_force)):
            if value.endswith("_UNDEFINED"):
                raise invalid(f"{name} is required")
        if not order.symbol:
            raise invalid("symbol is required")
        if bool(order.order_qty) == bool(order.cash_order_qty):
            raise invalid("exactly one of orderQty and cashOrderQty is required")
        for name, number in (
            ("orderQty", order.order_qty),
            ("price", order.price),
            ("minQty", order.min_qty),
        ):
            if number < 0:
                raise invalid(f"invalid {name}: must not be negative")
        if order.time_in_force == m.TimeInForce.GOOD_TILL_TIME and order.good_till_time is None:
            raise invalid("goodTillTime is required with TIME_IN_FORCE_GOOD_TILL_TIME")
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

    def place(self, commands: list[t.PlaceOrder]) -> list[str]:
        """Take orders in and return their ids; whether they stand, their executions tell."""
        delay = self._world.options.entry_delay
        if delay <= 0:
            outcome = self._world.apply_all(list(commands))
            placed = [self._world.exchange.placed(events) for events in outcome]
            return [order.id if order is not None else "" for order in placed]
        return [self._hold(command, delay) for command in commands]

    def _hold(self, command: t.PlaceOrder, delay: float) -> str:
        order_id = f"1P{self._seeded.letters(10)}"
        now = self._world.clock.now_ns()
        held = msgspec.structs.replace(command, order_id=order_id)
        pending = Pending(command=held, due=now + int(delay * 1e9), created=now)
        self._world.store.put("pending_order", order_id, pending)
        self.pending[order_id] = pending
        self._schedule(order_id, pending)
        return order_id

    def _schedule(self, order_id: str, pending: Pending) -> None:
        self._world.jobs.at(pending.due, lambda: self._enter(order_id))

    def _enter(self, order_id: str) -> None:
        pending = self.pending.pop(order_id, None)
        if pending is None:
            return
        # a crash between the two commits leaves the order in the engine and the record open
        if self._world.exchange.order(order_id) is None:
            commands: list[t.Command] = [pending.command]
            if pending.canceled:
                commands.append(t.CancelOrder(participant=pending.command.participant, order_id=order_id))
            self._world.apply_all(commands)
        pending.done = True
        self._world.store.put("pending_order", order_id, pending)

    def find_pending(
        self, participant: str, order_id: str, client_order_id: str
    ) -> tuple[str, Pending] | None:
        """Return an order that waits to be entered, by either id."""
        for name, each in self.pending.items():
            if each.command.participant != participant:
                continue
            if name == order_id or (
                not order_id and client_order_id and client_order_id == each.command.client_order_id
            ):
                return name, each
        return None

    def cancel(self, command: t.CancelOrder) -> None:
        """Cancel an order, one that waits to be entered included; an unknown one changes nothing."""
        found = self.find_pending(command.participant, command.order_id, command.client_order_id)
        if found is None:
            self._world.apply(command)
            return
        name, pending = found
        pending.canceled = True
        self._world.store.put("pending_order", name, pending)

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
            ids += self.place([command]) if not self._world.options.entry_delay else self._at_once(command)
        if not quote.rest:
            self._world.apply(t.CancelOrder(participant=quote.participant, order_id=ids[0]))
        return ids[1], ids[0]

    def _at_once(self, command: t.PlaceOrder) -> list[str]:
        placed = self._world.exchange.placed(self._world.apply(command))
        return [placed.id if placed is not None else ""]


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
