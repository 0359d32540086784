"""What a cancel is aimed at, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from attrs import field, frozen
from polyspec_wire.clob import models as wire
from polyspec_wire.clob import orders

from polyspec.clob.fate import Accepted, Unknown
from polyspec.clob.order import SignedOrder
from polyspec.core.effects import Flow, Instant, Now, Sleep
from polyspec.core.sending import Session
from polyspec.errors import ConfigError

__all__ = ["CANCELS", "Cancelled", "Target", "cancelling", "checked_ids", "order_id_of"]

Target: TypeAlias = str | SignedOrder | Accepted | Unknown[Any] | wire.OpenOrder

CANCELS: Final = 1000
"""The most ids the venue takes in one request."""

# A marketable order that the market holds cannot be cancelled meanwhile: for a quarter of a second, or three.
_HELD: Final = "delayed"
_PAUSE: Final = 0.3
_TRIES: Final = 12

_ID: Final = re.compile(r"0x[0-9a-fA-F]{64}")


def order_id_of(target: Target) -> str:
    """Return the id of an order, whatever stands for it; raises ConfigError for what is none."""
    if isinstance(target, SignedOrder | Accepted | Unknown):
        return target.order_id
    found = target.id if isinstance(target, wire.OpenOrder) else target
    if not isinstance(found, str) or not _ID.fullmatch(found.strip()):
        raise ConfigError(f"an order id is 0x and 64 hex digits, not {found!r}")
    return found.strip().lower()


def checked_ids(targets: Sequence[Target]) -> list[str]:
    """Return the ids of orders, each once, in the order given."""
    if isinstance(targets, str):
        # a text is a sequence too, of letters
        raise ConfigError("give a list of orders; cancel takes one alone")
    return list(dict.fromkeys(order_id_of(each) for each in targets))


@frozen
class Cancelled:
    """What came of a cancel; the venue answers 200 even if nothing was cancelled."""

    canceled: tuple[str, ...]
    """Ids of orders that were open and are not any more."""
    not_canceled: Mapping[str, str] = field(factory=dict)
    """Ids of the others, with the venue's reasons."""

    @classmethod
    def of(cls, *answers: wire.CancelOrdersResponse) -> Cancelled:
        """Put answers together."""
        return cls(
            tuple(order_id for each in answers for order_id in each.canceled or ()),
            {order_id: why for each in answers for order_id, why in (each.not_canceled or {}).items()},
        )

    def __bool__(self) -> bool:
        return not self.not_canceled


def cancelling(session: Session, order_id: str, timeout: float | None) -> Flow[Cancelled]:
    """Cancel an order, again after a moment while the market holds it, and return what came of it."""
    start: Instant = yield Now()
    until = start.monotonic + (session.patience.total if timeout is None else timeout)
    call = orders.cancel_order(wire.CancelOrderPayload(order_id=order_id))
    tries = 1
    while True:
        told = Cancelled.of((yield from session.send(call, until=until)).value)
        held = any(_HELD in why for why in told.not_canceled.values())
        now: Instant = yield Now()
        if not held or tries == _TRIES or now.monotonic + _PAUSE >= until:
            return told
        tries += 1
        yield Sleep(_PAUSE)
