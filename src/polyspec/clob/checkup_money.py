"""Which wallet holds the money, what may be taken of it, and what keeps it: the causes of refused orders."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from attrs import define
from polyspec_wire.clob import account, books, markets, orders, trades
from polyspec_wire.clob import models as wire

from polyspec.clob.balances import (
    SIGNATURE_TYPES,
    BalanceAllowance,
    DetectedWallets,
    WalletFunds,
    candidates_of,
)
from polyspec.clob.checkup import Patient, Visit, dollars
from polyspec.clob.contracts import VERSIONS, exchange_of
from polyspec.clob.unsettled import fills, on_the_way
from polyspec.clob.wallets import POLY_1271, Account
from polyspec.core.checkup import Check, Found
from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.findings import Fact, error, info, ok, warning
from polyspec.errors import BadRequest, NotFound

__all__ = ["checks"]

_DAY: Final = 86_400
_POSITIONS: Final = 3
"""The version of orders for tokens that are position ids."""
_COLLATERAL: Final = (
    "only pUSD on the venue's chain counts: USDC.e and other dollars must be turned into it first, and "
    "update_balance_allowance() has the venue look at the chain again"
)


def checks(patient: Patient) -> list[Check]:
    """Return what to look at, in order."""
    visit = _MoneyVisit(patient)
    return [
        Check("network", visit.network),
        Check("extras", visit.extras),
        Check("clock", visit.clock, ("network",)),
        Check("protocol", visit.protocol, ("network",)),
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
class _MoneyVisit(Visit):
    """An examination that goes on to money and orders."""

    own: BalanceAllowance | None = None
    """What the wallet that trades has."""

    def _collateral(self, kind: int) -> Flow[BalanceAllowance]:
        assert self.signed is not None
        call = account.get_balance_allowance(asset_type=wire.AssetType.COLLATERAL, signature_type=kind)
        return BalanceAllowance.of((yield from self.ask(self.signed, call)))

    # -- which wallet --

    def wallet(self, found: Found) -> Flow[None]:
        """Look into every wallet the key can have, and say whether it trades from the right one."""
        trader = self.patient.account
        if self.signed is None or trader is None:
            return
        seen: list[WalletFunds] = []
        for kind in SIGNATURE_TYPES:
            try:
                held = yield from self._collateral(kind)
            except BadRequest as refusal:
                if "signature_type" not in refusal.message:
                    raise
                continue
            where = candidates_of(trader.address, self.patient.chain_id, kind)
            seen.append(WalletFunds(kind, where, held))
        if trader.session_key:
            found.append(
                info(
                    "wallet.session_key",
                    f"the key {trader.address} trades for the deposit wallet {trader.maker} of another, "
                    "into which the venue gives it no look",
                    "its owner must have let this key in",
                    maker=trader.maker,
                )
            )
            return
        self._verdict(found, trader, DetectedWallets(tuple(seen)))

    def _verdict(self, found: Found, trader: Account, seen: DetectedWallets) -> None:
        mine = next((each for each in seen.wallets if each.signature_type == trader.signature_type), None)
        others = [each for each in seen.funded if each is not mine]
        self.own = None if mine is None else mine.collateral
        facts: dict[str, Fact] = {
            "key": trader.address,
            "maker": trader.maker,
            "signature_type": trader.signature_type,
            "funded": [str(each) for each in seen.funded],
        }
        who = f"the key {trader.address} trades from {trader.maker} (signature type {trader.signature_type})"
        if mine is not None and mine.is_funded:
            held = dollars(mine.collateral.balance)
            found.append(ok("wallet.ok", f"{who}, which holds {held} dollars", **facts))
            if others:
                found.append(
                    info(
                        "wallet.several",
                        f"other wallets of this key hold money too: {'; '.join(map(str, others))}",
                        "orders are paid from the one named above alone",
                        **facts,
                    )
                )
        elif others:
            found.append(
                error(
                    "wallet.wrong",
                    f"{who}, which holds nothing, while there is money in {'; '.join(map(str, others))}",
                    _advice(others[0]),
                    **facts,
                )
            )
        else:
            found.append(
                warning(
                    "wallet.empty",
                    f"{who}, and the venue sees no collateral there, nor in any other wallet of the key",
                    f"send collateral to {trader.maker}, or use the key whose wallet holds it; {_COLLATERAL}",
                    **facts,
                )
            )

    # -- what may be taken --

    def allowance(self, found: Found) -> Flow[None]:
        """Compare what the exchanges may take with what there is."""
        trader = self.patient.account
        if self.signed is None or trader is None or trader.session_key:
            return
        held = self.own or (yield from self._collateral(trader.signature_type))
        if held.balance <= 0:
            found.append(info("allowance.moot", f"{trader.maker} holds nothing that could be taken"))
            return
        needed = self._spenders()
        granted = {name: held.allowance(contract) for name, contract in needed.items()}
        lacking = [name for name, amount in granted.items() if amount <= 0]
        short = [name for name, amount in granted.items() if 0 < amount < held.balance]
        facts: dict[str, Fact] = {name: dollars(amount) for name, amount in granted.items()}
        stray = sorted(
            contract
            for contract, amount in held.allowances.items()
            if amount > 0 and contract not in needed.values()
        )
        if lacking:
            self._lacking(found, trader, needed, lacking, stray, facts)
        for name in short:
            found.append(
                warning(
                    "allowance.low",
                    f"the {name} exchange may take {dollars(granted[name])} of the {dollars(held.balance)} "
                    f"dollars of {trader.maker}: orders for more are refused",
                    f"approve more for {needed[name]}",
                    **facts,
                )
            )
        if not lacking and not short:
            found.append(ok("allowance.ok", f"every exchange may take what {trader.maker} holds", **facts))

    def _spenders(self) -> dict[str, str]:
        """Return the contracts that settle orders, by what their markets are called."""
        version, chain = self.version, self.patient.chain_id
        if version not in VERSIONS or version == 1:
            version = self.patient.version or 2
        return {
            "ordinary": exchange_of(version, chain, neg_risk=False),
            "neg-risk": exchange_of(version, chain, neg_risk=True),
            "position": exchange_of(_POSITIONS, chain, neg_risk=False),
        }

    def _lacking(
        self,
        found: Found,
        trader: Account,
        needed: Mapping[str, str],
        lacking: list[str],
        stray: list[str],
        facts: Mapping[str, Fact],
    ) -> None:
        contracts = ", ".join(f"{needed[name]} ({name} markets)" for name in lacking)
        fix = f"approve the collateral of {trader.maker} for {contracts}; polyspec never approves by itself"
        if stray:
            found.append(
                error(
                    "allowance.wrong_spender",
                    f"{', '.join(stray)} may take the collateral of {trader.maker}, which settles no orders, "
                    f"and the exchange of {' and '.join(lacking)} markets may not",
                    fix,
                    **facts,
                    stray=stray,
                )
            )
        elif len(lacking) == len(needed):
            found.append(
                error(
                    "allowance.missing",
                    f"no exchange may take the collateral of {trader.maker}",
                    fix,
                    **facts,
                )
            )
        else:
            found.append(
                warning(
                    "allowance.partial",
                    f"the exchange of {' and '.join(lacking)} markets may not take the collateral of "
                    f"{trader.maker}: orders there are refused",
                    fix,
                    **facts,
                )
            )

    # -- what is on its way --

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


def _advice(wallet: WalletFunds) -> str:
    """Say how to trade from another wallet of the key."""
    kind = wallet.signature_type
    told = f"give signature_type={kind} (POLYSPEC_CLOB_SIGNATURE_TYPE={kind})"
    if kind == POLY_1271 and len(wallet.addresses) > 1:
        return f"{told} and as funder the one of both addresses that the venue's site shows"
    return told
