"""Which wallet holds the money, and what may be taken of it: the commonest causes of refused orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import define
from polyspec_wire.clob import account, trades
from polyspec_wire.clob import models as wire

from polyspec.clob.balances import (
    SIGNATURE_TYPES,
    BalanceAllowance,
    DetectedWallets,
    WalletFunds,
    candidates_of,
)
from polyspec.clob.checkup import Visit, dollars
from polyspec.clob.contracts import VERSIONS, exchange_of
from polyspec.clob.wallets import POLY_1271, Account
from polyspec.core.checkup import Found
from polyspec.core.effects import Flow
from polyspec.core.findings import Fact, Finding, error, info, ok, warning
from polyspec.errors import BadRequest

__all__ = ["MoneyVisit"]

_DAY: Final = 86_400
_POSITIONS: Final = 3
"""The version of orders for tokens that are position ids."""
_COLLATERAL: Final = (
    "only pUSD on the venue's chain counts: USDC.e and other dollars must be turned into it first, and "
    "update_balance_allowance() has the venue look at the chain again"
)


@define
class MoneyVisit(Visit):
    """An examination that goes on to money."""

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
        detected = DetectedWallets(tuple(seen))
        mine = next((each for each in seen if each.signature_type == trader.signature_type), None)
        traded = False
        if mine is not None and detected.funded and mine not in detected.funded:
            # no money left is no wrong wallet, if it has traded
            call = trades.get_trades(maker_address=trader.maker)
            traded = bool((yield from self.ask(self.signed, call)).data)
        self._verdict(found, trader, detected, traded=traded)

    def _verdict(self, found: Found, trader: Account, seen: DetectedWallets, *, traded: bool) -> None:
        mine = next((each for each in seen.wallets if each.signature_type == trader.signature_type), None)
        others = [each for each in seen.funded if each is not mine]
        if mine is None:
            found.append(_unseen(trader))
            return
        self.own = mine.collateral
        facts: dict[str, Fact] = {
            "key": trader.address,
            "maker": trader.maker,
            "signature_type": trader.signature_type,
            "funded": [str(each) for each in seen.funded],
        }
        who = f"the key {trader.address} trades from {trader.maker} (signature type {trader.signature_type})"
        if mine.is_funded:
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
            if trader.signature_type == POLY_1271 and len(mine.addresses) > 1:
                found.append(_forms(trader, mine))
        elif others and traded:
            found.append(
                warning(
                    "wallet.spent",
                    f"{who}, which has traded and holds no dollars now, while there is money in "
                    f"{'; '.join(map(str, others))}",
                    "move the money, or trade from where it is",
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
        try:
            held = self.own or (yield from self._collateral(trader.signature_type))
        except BadRequest as refusal:
            if "signature_type" not in refusal.message:
                raise
            # the look at the wallet has said so
            return
        if held.balance <= 0:
            found.append(info("allowance.moot", f"{trader.maker} holds nothing that could be taken"))
            return
        needed = self.spenders()
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

    def spenders(self) -> dict[str, str]:
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
        fix = (
            f"approve the collateral of {trader.maker} for {contracts}: polyspec never approves by itself, "
            "and update_balance_allowance() has the venue look at the chain again"
        )
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


def _unseen(trader: Account) -> Finding:
    return info(
        "wallet.unseen",
        f"{trader.maker} has signature type {trader.signature_type}, of which the venue shows no wallets",
        "look at its balance and its approvals on the chain",
        maker=trader.maker,
    )


def _forms(trader: Account, wallet: WalletFunds) -> Finding:
    other = next(each for each in wallet.addresses if each != trader.maker)
    return info(
        "wallet.deposit_form",
        f"the venue does not say whether that money is in {trader.maker}, which is used, or in {other}, the "
        "other form of deposit wallets",
        "if orders are refused for want of balance, give the other one as funder",
        used=trader.maker,
        other=other,
    )


def _advice(wallet: WalletFunds) -> str:
    """Say how to trade from another wallet of the key."""
    kind = wallet.signature_type
    told = f"give signature_type={kind} (POLYSPEC_CLOB_SIGNATURE_TYPE={kind})"
    if kind == POLY_1271 and len(wallet.addresses) > 1:
        return f"{told} and as funder the one of both addresses that the venue's site shows"
    return told
