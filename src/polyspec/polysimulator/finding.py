"""Read one order by whatever stands for it, though a listing does not say which table it is in."""

from __future__ import annotations

from typing import Any, Final

from polyspec_wire.polysimulator import models as wire
from polyspec_wire.polysimulator import orders

from polyspec.core.effects import Flow
from polyspec.core.sending import Session
from polyspec.errors import NotFound
from polyspec.polysimulator.cancelling import Target, order_id_of
from polyspec.polysimulator.fate import SOURCES, Accepted, OrderId, Unknown

__all__ = ["find_order"]

_LISTED: Final = (Accepted, Unknown, wire.PendingOrderItem, wire.PmOpenOrder)
"""What may name an order without its table."""


def find_order(
    session: Session, target: Target, timeout: float | None, wallet_id: str | None = None
) -> Flow[wire.OrderDetail]:
    """Return an order, open or not; raises NotFound."""
    order_id = order_id_of(target)
    if order_id.source is not None or not isinstance(target, _LISTED):
        return (yield from _read(session, order_id, order_id.source, wallet_id, timeout))
    # the number may be that of two orders
    missing = NotFound(f"neither table has order {order_id} as it was listed", status=404)
    for source in SOURCES:
        try:
            record = yield from _read(session, order_id, source, wallet_id, timeout)
        except NotFound as error:
            missing = error
            continue
        if _is_same(record, target):
            return record
    raise missing


def _read(
    session: Session, order_id: OrderId, source: str | None, wallet_id: str | None, timeout: float | None
) -> Flow[wire.OrderDetail]:
    table = None if source is None else wire.OrderSource(source)
    call = orders.get_order(order_id.number, source=table, wallet_id=wallet_id)
    return (yield from session.send(call, timeout)).value


def _is_same(record: wire.OrderDetail, target: Any) -> bool:
    """Tell whether an order that was read is the one that is meant."""
    if isinstance(target, wire.PmOpenOrder):
        # it came without a table, so it is filled
        its = (record.status, record.market_id, record.side, record.outcome)
        return its == (wire.OrderStatus.FILLED, target.market, target.side, target.outcome)
    if record.client_order_id or target.client_order_id:
        return bool(record.client_order_id == target.client_order_id)
    names = ("market_id", "side", "outcome", "quantity", "created_at")
    return all(getattr(record, name) == getattr(target, name) for name in names)
