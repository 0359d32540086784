"""What becomes of a trade after the match: mined, retried, failed, confirmed."""

from __future__ import annotations

from msgspec.structs import replace

from .commands import SetTradeStatus
from .core import Core, Leg, Refused
from .enums import EntryKind, Side, TradeStatus
from .market import Market
from .records import Trade
from .units import UNLIMITED
from .wallet import COLLATERAL

__all__ = ["set_trade_status"]

_NEXT = {
    TradeStatus.MATCHED: (TradeStatus.MINED, TradeStatus.RETRYING, TradeStatus.FAILED),
    TradeStatus.RETRYING: (TradeStatus.MINED, TradeStatus.FAILED),
    TradeStatus.MINED: (TradeStatus.CONFIRMED,),
    TradeStatus.CONFIRMED: (),
    TradeStatus.FAILED: (),
}


def set_trade_status(core: Core, command: SetTradeStatus) -> None:
    """Move a trade's settlement on; mining moves what was traded, failing drops it."""
    trade = core.trades.get(command.trade_id)
    if trade is None:
        raise Refused(f"no trade {command.trade_id}")
    if command.status not in _NEXT[trade.status]:
        raise Refused(f"trade {trade.id} is {trade.status}, it cannot become {command.status}")
    transaction = trade.transaction_hash
    if command.status in (TradeStatus.MINED, TradeStatus.FAILED):
        market = core.markets[trade.condition_id]
        legs = core.legs.pop(trade.id)
        _release(core, market, legs)
        if command.status is TradeStatus.MINED:
            transaction = core.new_transaction(trade.id)
            _move(core, market, trade, legs)
    core.trades[trade.id] = moved = replace(
        trade,
        status=command.status,
        last_update=core.now,
        transaction_hash=transaction,
        text=command.text or trade.text,
    )
    core.events.append(moved)


def _release(core: Core, market: Market, legs: tuple[Leg, ...]) -> None:
    """Forget what was to come: nothing is pending any more."""
    for wallet_name, asset_name, change in legs:
        wallet = core.wallet(wallet_name)
        asset = wallet.asset(asset_name)
        if change > 0:
            asset.incoming -= change
            continue
        asset.matched += change
        if asset_name == COLLATERAL:
            for spender in market.terms.spenders:
                wallet.claims_on(spender).matched += change


def _move(core: Core, market: Market, trade: Trade, legs: tuple[Leg, ...]) -> None:
    """Change the balances; what buyers pay and sellers do not get is behind sets, or fees."""
    core.back(market, _minted(trade))
    for wallet_name, asset_name, change in legs:
        core.post(wallet_name, asset_name, change, EntryKind.TRADE, trade.id)
        if change < 0 and asset_name == COLLATERAL:
            _use_up(core, market, wallet_name, -change)
    core.fees += trade.fee
    core.held += trade.fee
    for party in trade.parties:
        if party.builder_fee:
            core.builder_fees[party.builder] = core.builder_fees.get(party.builder, 0) + party.builder_fee
            core.held += party.builder_fee


def _minted(trade: Trade) -> int:
    """Return the sets a trade mints, negative for merged ones."""
    sets = sum(made.matched for made in trade.makers if made.outcome != trade.outcome)
    return sets if trade.side is Side.BUY else -sets


def _use_up(core: Core, market: Market, wallet_name: str, amount: int) -> None:
    """Lower limited allowances by what their contracts spent."""
    allowances = core.wallet(wallet_name).allowances
    for spender in market.terms.spenders:
        allowed = allowances.get(spender, 0)
        if allowed != UNLIMITED:
            allowances[spender] = max(0, allowed - amount)
