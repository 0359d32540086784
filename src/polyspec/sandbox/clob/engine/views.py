"""How the state looks from outside: levels of one outcome, a wallet's balance, whose trade it was."""

from __future__ import annotations

from .enums import Side
from .market import Market, mirrored
from .records import BookLevel, Holding, Trade
from .wallet import Asset

__all__ = ["concerns", "holding_of", "levels_of"]


def levels_of(market: Market, outcome: int, side: Side, depth: int | None) -> list[BookLevel]:
    """Return levels of one side as holders of an outcome see them, best first."""
    ladder = market.bids if market.bids_with(outcome, side) else market.asks
    keys = ladder.keys if depth is None else ladder.keys[-depth:] if depth > 0 else []
    levels = [ladder.levels[ladder.sign * key] for key in reversed(keys)]
    return [BookLevel(mirrored(outcome, each.price), each.quantity, len(each.orders)) for each in levels]


def concerns(trade: Trade, owner: str, wallet: str, token_id: str, builder: str) -> bool:
    """Tell whether the taker or some maker of a trade is the one asked for."""
    if not (owner or wallet or token_id or builder):
        return True
    return any(
        owner in ("", party.owner)
        and wallet in ("", party.wallet)
        and token_id in ("", party.token_id)
        and builder in ("", party.builder)
        for party in trade.parties
    )


def holding_of(wallet: str, name: str, asset: Asset) -> Holding:
    """Describe a wallet's balance of one asset."""
    return Holding(
        wallet=wallet,
        asset=name,
        balance=asset.balance,
        active=asset.active,
        matched=asset.matched,
        incoming=asset.incoming,
        available=asset.available,
    )
