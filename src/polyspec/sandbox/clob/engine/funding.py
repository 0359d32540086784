"""Whether a wallet can pay for its orders, when they are entered and ever after."""

from __future__ import annotations

from itertools import chain

from .core import Core, Refused
from .enums import OrderStatus, RejectReason, Side
from .market import Market
from .matching import Plan
from .pricing import claim_of, cost
from .records import Order
from .units import UNLIMITED
from .wallet import COLLATERAL, Asset, Claims, Wallet

__all__ = ["check_funding", "enforce_cover", "needed", "withdraw_approval"]

_NOT_ENOUGH = "not enough balance / allowance: the "


def needed(order: Order, plan: Plan) -> int:
    """Return what an arriving order needs: its amount at the limit, and the fees of what matches now."""
    if order.side is Side.SELL:
        return order.remaining
    amount = order.maker_amount
    if order.type.rests:
        rest = order.remaining - sum(fill.shares for fill in plan.fills)
        amount = cost(order.remaining, order.price) + claim_of(order, rest) - cost(rest, order.price)
    return amount + plan.fee + plan.builder_fee


def check_funding(core: Core, market: Market, order: Order, amount: int) -> None:
    """Refuse an order that balance and allowances do not cover besides all others of the wallet."""
    wallet = core.wallets.get(order.wallet) or Wallet(order.wallet)
    sells = order.side is Side.SELL
    asset = wallet.assets.get(order.token_id if sells else COLLATERAL) or Asset()
    own = core.claims.get(order.id, 0)
    active = asset.active - own
    if active + asset.matched + amount > asset.balance:
        counted = _counted(active, asset.matched, amount)
        _refuse(f"balance is not enough -> balance: {asset.balance}, {counted}")
    for spender in market.terms.spenders:
        if not sells:
            _check_allowance(wallet, spender, own, amount)
        elif not wallet.approvals.get(spender, False):
            _refuse(f"allowance is not enough -> spender: {spender}, allowance: 0")


def _check_allowance(wallet: Wallet, spender: str, own: int, amount: int) -> None:
    """Refuse an amount that a contract's allowance does not cover besides what it is needed for already."""
    allowed = wallet.allowances.get(spender, 0)
    claims = wallet.claims.get(spender) or Claims()
    active = claims.active - own
    if allowed != UNLIMITED and active + claims.matched + amount > allowed:
        counted = _counted(active, claims.matched, amount)
        _refuse(f"allowance is not enough -> spender: {spender}, allowance: {allowed}, {counted}")


def _refuse(text: str) -> None:
    raise Refused(_NOT_ENOUGH + text, RejectReason.NOT_ENOUGH_BALANCE)


def _counted(active: int, matched: int, amount: int) -> str:
    """Say what was held against a balance, as the venue does."""
    if not active and not matched:
        return f"order amount: {amount}"
    orders = f"sum of active orders: {active}, " if active else ""
    return f"{orders}sum of matched orders: {matched}, order amount (inc. fees): {amount}"


# -- cover that goes away --------------------------------------------------------------------------


def enforce_cover(core: Core) -> None:
    """Cancel the newest orders of every wallet whose means went down, until the rest is covered."""
    for wallet_name, asset_name in list(core.touched):
        wallet = core.wallets[wallet_name]
        asset = wallet.asset(asset_name)
        if asset.active and asset.active + asset.matched > asset.balance:
            for order in list(reversed(asset.orders.values())):
                if not asset.active or asset.active + asset.matched <= asset.balance:
                    break
                _drop(core, order)
        if asset_name == COLLATERAL:
            for spender in wallet.claims:
                _enforce_allowance(core, wallet, spender)


def _enforce_allowance(core: Core, wallet: Wallet, spender: str) -> None:
    """Cancel the newest buy orders that need a contract's allowance until it suffices."""
    claims, allowed = wallet.claims[spender], wallet.allowances.get(spender, 0)
    if allowed == UNLIMITED or claims.active + claims.matched <= allowed:
        return
    for order in list(reversed(wallet.asset(COLLATERAL).orders.values())):
        if claims.active + claims.matched <= allowed:
            return
        if spender in core.markets[order.condition_id].terms.spenders:
            _drop(core, order)


def withdraw_approval(core: Core, wallet: Wallet, spender: str) -> None:
    """Cancel the sell orders, newest first, of markets whose contract may no longer move outcome tokens."""
    tokens = [asset for name, asset in wallet.assets.items() if name != COLLATERAL]
    orders = chain.from_iterable(asset.orders.values() for asset in tokens)
    for order in sorted(orders, key=lambda order: order.sequence, reverse=True):
        if spender in core.markets[order.condition_id].terms.spenders:
            _drop(core, order)


def _drop(core: Core, order: Order) -> None:
    core.end(core.markets[order.condition_id], order, OrderStatus.CANCELED_NOT_ENOUGH_BALANCE)
