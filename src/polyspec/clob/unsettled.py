"""What was matched and is not on the chain yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Context, Decimal, Inexact, InvalidOperation, Rounded
from typing import Final

from polyspec_wire.clob import models as wire

__all__ = ["fills", "on_the_way"]

# nothing rounds, whatever context the calling thread has
_EXACT: Final = Context(prec=200, traps=[Inexact, InvalidOperation, Rounded])
_ON_THE_WAY: Final = (
    wire.TradeStatus.MATCHED,
    wire.TradeStatus.MATCHED_NOT_BROADCASTED,
    wire.TradeStatus.RETRYING,
)
"""States of trades that wallets do not show yet."""


def fills(trade: wire.Trade, wallet: str) -> Iterator[tuple[str, Decimal]]:
    """Give what a wallet gained in a trade by token id, in shares; what it sold is negative."""
    wallet = wallet.lower()
    if trade.trader_side == wire.TraderSide.TAKER:
        # one API key may trade from several wallets
        if trade.maker_address.lower() == wallet:
            yield trade.asset_id, _signed(trade.size, buys=trade.side == wire.Side.BUY)
        return
    # of the resting orders in a trade only some are ours, perhaps of the other outcome
    for each in trade.maker_orders:
        if each.maker_address.lower() == wallet and each.matched_amount is not None:
            yield each.asset_id, _signed(each.matched_amount, buys=_buys(each, trade))


def on_the_way(trades: Iterable[wire.Trade], wallet: str, token_id: str) -> Decimal:
    """Return the shares of a token that a wallet is still to gain from trades; to lose, if negative."""
    total = Decimal(0)
    for trade in trades:
        if trade.status in _ON_THE_WAY:
            for token, shares in fills(trade, wallet):
                total = _EXACT.add(total, shares) if token == token_id else total
    return total


def _buys(order: wire.MakerOrder, trade: wire.Trade) -> bool:
    if order.side is not None:
        return order.side == wire.Side.BUY
    # two orders of one outcome trade if one buys and the other sells; of both outcomes, if both do the same
    return (trade.side == wire.Side.BUY) != (order.asset_id == trade.asset_id)


def _signed(shares: Decimal, *, buys: bool) -> Decimal:
    return shares if buys else _EXACT.minus(shares)
