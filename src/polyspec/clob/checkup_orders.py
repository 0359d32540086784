"""What is on its way, what is open, what markets take: causes of refused orders that come with trading."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from attrs import define
from polyspec_wire.clob import account, books, markets, orders, trades
from polyspec_wire.clob import models as wire

from polyspec.clob.balances import BalanceAllowance, read_asset
from polyspec.clob.checkup import Patient, dollars
from polyspec.clob.checkup_money import MoneyVisit
from polyspec.clob.positions import is_position_id
from polyspec.clob.unsettled import fills, on_the_way
from polyspec.core.checkup import Check, Found
from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.findings import Fact, error, info, ok, warning
from polyspec.errors import NotFound
from polyspec.io.checkups_vault import vaulted

__all__ = ["checks"]

_DAY: Final = 86_400


def checks(patient: Patient) -> list[Check]:
    """Return what to look at, in order."""
    visit = _OrdersVisit(patient)
    return [
        Check("network", visit.network),
        Check("extras", visit.extras),
        Check("clock", visit.clock, ("network",)),
        Check("protocol", visit.protocol, ("network",)),
        *vaulted(patient.session),
        Check("credentials", visit.credentials, ("network", "clock")),
        Check("restrictions", visit.restrictions, ("credentials",)),
        Check("wallet", visit.wallet, ("credentials",)),
        Check("allowance", visit.allowance, ("credentials",)),
        Check("settlement", visit.settlement, ("credentials",)),
        Check("orders", visit.orders, ("credentials",)),
        Check("markets", visit.markets, ("network",)),
        Check("heartbeats", visit.heartbeats),
        Check("limits", visit.limits, ("network",)),
    ]


@define
class _OrdersVisit(MoneyVisit):
    """An examination that goes on to orders and markets."""

    def settlement(self, found: Found) -> Flow[None]:
        """Look for trades of the last day that the chain does not show yet, or never will."""
        trader = self.patient.account
        if self.signed is None or trader is None:
            return
        since = int((yield from self.now())) - _DAY
        listed, _ = yield from self.pages(trades.get_trades(after=since), most=2)
        tokens = {token for trade in listed for token, _ in fills(trade, trader.maker)}
        moving = {token: on_the_way(listed, trader.maker, token) for token in tokens}
        bought = {token: amount for token, amount in moving.items() if amount > 0}
        if bought:
            found.append(
                info(
                    "balance.unsettled",
                    f"shares of {len(bought)} tokens were bought, and cannot be sold before that is settled",
                    "wait until the trades are CONFIRMED",
                    tokens=sorted(bought),
                )
            )
        for status, code in (("FAILED", "trades.failed"), ("RETRYING", "trades.retrying")):
            number = sum(each.status == wire.TradeStatus[status] for each in listed)
            if number:
                found.append(
                    warning(
                        code,
                        f"{number} trades of the last day are {status}",
                        "what they moved may not be there: compare positions with the wallet",
                        trades=number,
                    )
                )
        if not found:
            found.append(ok("balance.settled", f"none of {len(listed)} trades of the last day is on its way"))

    def orders(self, found: Found) -> Flow[None]:
        """Count open orders, those of strangers, and what they hold."""
        if self.signed is None:
            return
        listed, more = yield from self.pages(orders.get_open_orders())
        if not listed:
            found.append(ok("orders.none", "there are no open orders"))
            return
        trader = self.patient.account
        strange = [
            each
            for each in listed
            if each.owner != self.api_key
            or (trader is not None and each.maker_address.lower() != trader.maker.lower())
        ]
        count = f"{len(listed)}{' or more' if more else ''}"
        if strange:
            found.append(
                warning(
                    "orders.strangers",
                    f"{len(strange)} of {count} open orders were placed with another API key, or from "
                    "another wallet of this account",
                    "find out which program places them: they take balance and limits, and cancel_all() "
                    "ends them too",
                    open=len(listed),
                    strangers=len(strange),
                )
            )
        else:
            found.append(
                info("orders.open", f"there are {count} open orders of this API key", open=len(listed))
            )
        self._held(found, listed)

    def _held(self, found: Found, listed: list[wire.OpenOrder]) -> None:
        trader = self.patient.account
        if self.own is None or trader is None:
            return
        buys = [
            each
            for each in listed
            if each.side == wire.Side.BUY and each.maker_address.lower() == trader.maker.lower()
        ]
        held = sum((each.price * (each.original_size - each.size_matched) for each in buys), Decimal(0))
        free = self.own.balance - held
        facts: dict[str, Fact] = {"held": dollars(held), "balance": dollars(self.own.balance)}
        if held and free <= 0:
            found.append(
                warning(
                    "balance.reserved",
                    f"open buys hold {dollars(held)} of {dollars(self.own.balance)} dollars: another one "
                    "is refused for want of balance",
                    "cancel some, or add collateral",
                    **facts,
                )
            )
        elif held:
            found.append(
                info(
                    "balance.held",
                    f"open buys hold {dollars(held)} dollars, {dollars(free)} are free",
                    **facts,
                )
            )

    # -- markets --

    def markets(self, found: Found) -> Flow[None]:
        """Compare tick and state of markets with what orders would be made with."""
        wanted = list(self.tokens())
        if not wanted:
            found.append(info("market.none", "no market was named, and none is in use"))
        for token in wanted:
            yield from self._market(found, token)

    def _market(self, found: Found, token: str) -> Flow[None]:
        try:
            book = yield from self.ask(self.session, books.get_order_book(token_id=token))
            market = yield from self.ask(self.session, markets.get_market(book.market))
        except NotFound:
            found.append(
                error(
                    "market.unknown",
                    f"the venue has no book of token {token}",
                    "is it a token id (and not a condition id), and is the market still open",
                    token_id=token,
                )
            )
            return
        if self.signed is not None and self.patient.account is not None:
            yield from self._shares(found, token, neg_risk=bool(book.neg_risk))
        now: Instant = yield Now()
        known = self.patient.markets.get(token, now.monotonic)
        if known is not None and Decimal(known.tick.text) != book.tick_size:
            found.append(
                warning(
                    "market.tick_changed",
                    f"the tick of token {token} is {book.tick_size}, not {known.tick.text} as remembered",
                    "get_tick_size(token_id) makes it read the market anew",
                    token_id=token,
                    tick=str(book.tick_size),
                    known=known.tick.text,
                )
            )
        if market.closed or market.accepting_orders is False:
            found.append(
                warning(
                    "market.closed",
                    f"the market of token {token} takes no orders",
                    "choose another one, or wait until it is opened",
                    token_id=token,
                )
            )
            return
        found.append(
            ok(
                "market.ok",
                f"token {token} trades in steps of {book.tick_size}, {book.min_order_size} shares at least"
                + (", in a neg-risk market" if book.neg_risk else ""),
                token_id=token,
                tick=str(book.tick_size),
                neg_risk=bool(book.neg_risk),
            )
        )

    def _shares(self, found: Found, token: str, *, neg_risk: bool) -> Flow[None]:
        """Say whether the exchange of a market may take the shares that are held, to sell them."""
        trader = self.patient.account
        assert trader is not None
        assert self.signed is not None
        if trader.session_key:
            return
        kind, _ = read_asset(None, token)
        call = account.get_balance_allowance(
            asset_type=kind, token_id=token, signature_type=trader.signature_type
        )
        held = BalanceAllowance.of((yield from self.ask(self.signed, call)))
        name = "position" if is_position_id(int(token)) else "neg-risk" if neg_risk else "ordinary"
        contract = self.spenders()[name]
        if held.balance > 0 and held.allowance(contract) <= 0:
            found.append(
                error(
                    "allowance.shares",
                    f"{trader.maker} holds {dollars(held.balance)} shares of token {token}, which cannot be "
                    f"sold, as the {name} exchange may not take them",
                    f"approve {contract} for outcome tokens; polyspec never approves by itself",
                    token_id=token,
                    contract=contract,
                )
            )
