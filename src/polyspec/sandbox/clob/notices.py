"""Notifications of a wallet: cancellations, fills, failed fills, resolutions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine import units
from polyspec.sandbox.clob.seeds import Listing
from polyspec.sandbox.http.store import Store

__all__ = ["RESOLUTION", "Notice", "Notices"]

CANCELLATION: Final = 1
FILL: Final = 2
RESOLUTION: Final = 4
FAILED: Final = 8


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something a wallet is told once."""

    id: int
    wallet: str
    owner: str
    type: int
    payload: dict[str, Any]
    timestamp: int
    """Seconds since 1970."""


class Notices:
    """The notifications nobody has dropped yet."""

    def __init__(self, store: Store) -> None:
        self._store = store
        kept = store.load("notice", Notice | None)  # type: ignore[arg-type]
        self._count = len(kept)
        self._notices: dict[int, Notice] = {each.id: each for each in kept.values() if each is not None}

    def of(self, wallet: str) -> list[Notice]:
        """Return the notifications of a wallet, newest first."""
        return [each for each in reversed(self._notices.values()) if each.wallet == wallet]

    def drop(self, wallet: str, ids: Iterable[int]) -> None:
        """Forget notifications of a wallet; unknown ids are ignored."""
        gone = [each for each in ids if each in self._notices and self._notices[each].wallet == wallet]
        for each in gone:
            del self._notices[each]
        self._store.put_all(("notice", str(each), None) for each in gone)

    def add(self, wallet: str, owner: str, kind: int, payload: dict[str, Any], seconds: int) -> None:
        """Tell a wallet something."""
        self._count += 1
        made = Notice(
            id=self._count, wallet=wallet, owner=owner, type=kind, payload=payload, timestamp=seconds
        )
        self._notices[made.id] = made
        self._store.put("notice", str(made.id), made)

    # -- what the engine reports --

    def ended(self, event: t.OrderEvent, listing: Listing) -> None:
        """Tell a wallet that an order of its own is gone."""
        order = event.order
        payload = _order_payload(order, listing) | {"reason": order.text or str(order.status)}
        self.add(order.wallet, order.owner, CANCELLATION, payload, event.time // 10**9)

    def filled(self, order: t.Order, trade: t.Trade, listing: Listing) -> None:
        """Tell a wallet that its order matched, or that the settlement of a match failed."""
        failed = trade.status is t.TradeStatus.FAILED
        payload = _order_payload(order, listing) | {
            "trade_id": trade.id,
            "transaction_hash": trade.transaction_hash,
            "matched_size": _matched(order, trade),
        }
        self.add(order.wallet, order.owner, FAILED if failed else FILL, payload, trade.last_update // 10**9)

    def resolved(
        self, wallet: str, owner: str, listing: Listing, payouts: tuple[int, int], seconds: int
    ) -> None:
        """Tell a wallet that a market it holds shares of is decided."""
        payload = {
            "condition_id": listing.condition_id,
            "market_slug": listing.slug,
            "question": listing.question,
            "payouts": [units.units_text(each) for each in payouts],
        }
        self.add(wallet, owner, RESOLUTION, payload, seconds)


def _matched(order: t.Order, trade: t.Trade) -> str:
    own = [fill.matched for fill in trade.makers if fill.order_id == order.id]
    return units.units_text(sum(own) if own else trade.size)


def _order_payload(order: t.Order, listing: Listing) -> dict[str, Any]:
    return {
        "order_id": order.id,
        "asset_id": order.token_id,
        "market": order.condition_id,
        "market_slug": listing.slug,
        "eventSlug": listing.event_slug,
        "question": listing.question,
        "outcome": listing.outcomes[order.outcome],
        "outcome_index": order.outcome,
        "side": str(order.side),
        "type": str(order.type),
        "price": units.units_text(order.price),
        "original_size": units.units_text(order.size),
        "matched_size": units.units_text(order.matched),
        "remaining_size": units.units_text(order.remaining),
        "trade_id": "",
        "transaction_hash": "",
    }
