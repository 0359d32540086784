"""What a PolySimulator client can spend, which orders rest, and which markets take more."""

from __future__ import annotations

from typing import Any, Final

from attrs import define
from polyspec_wire.polysimulator import account, books, markets, orders, wallets
from polyspec_wire.polysimulator import models as wire

from polyspec.core.checkup import Check, Found
from polyspec.core.effects import Flow, Now
from polyspec.core.findings import Fact, error, info, ok, warning
from polyspec.errors import NotFound
from polyspec.io.checkups_vault import vaulted
from polyspec.polysimulator.checkup import Patient, Visit
from polyspec.polysimulator.ticket import is_ours

__all__ = ["checks"]

_ORDERS: Final = 200


def checks(patient: Patient) -> list[Check]:
    """Return what to look at, in order."""
    visit = _MoneyVisit(patient)
    return [
        Check("network", visit.network),
        Check("extras", visit.extras),
        Check("clock", visit.clock, ("network",)),
        Check("venue", visit.venue, ("network",)),
        *vaulted(patient.session),
        Check("key", visit.key, ("network",)),
        Check("rotation", visit.rotation, ("key",)),
        Check("access token", visit.access_token, ("network",)),
        Check("balance", visit.balance, ("key",)),
        Check("orders", visit.orders, ("key",)),
        Check("markets", visit.markets, ("network",)),
        Check("heartbeats", visit.heartbeats),
        Check("limits", visit.limits, ("network",)),
    ]


@define
class _MoneyVisit(Visit):
    """An examination that goes on to money and orders."""

    def balance(self, found: Found) -> Flow[None]:
        """Read what the wallet in use can spend."""
        if self.patient.credentials.api_key is None:
            return
        chosen = self.patient.wallet_id
        if chosen is None:
            told = yield from self.ask(account.get_balance())
            self._cash(found, "the API wallet", told.balance)
            return
        try:
            wallet = yield from self.ask(wallets.get_wallet(chosen))
        except NotFound:
            found.append(
                error(
                    "wallet.unknown",
                    f"the account has no wallet {chosen}",
                    "leave wallet_id out for the API wallet, or see wallets.list()",
                    wallet_id=chosen,
                )
            )
            return
        if wallet.archived_at is not None or (wallet.status or "").lower() == "archived":
            found.append(
                error(
                    "wallet.archived",
                    f"wallet {chosen} is archived, and takes no orders",
                    "choose another one: wallets.list()",
                    wallet_id=chosen,
                )
            )
            return
        self._cash(found, f"wallet {chosen}", wallet.balance)

    def _cash(self, found: Found, name: str, cash: Any) -> None:
        if cash is not None and cash <= 0:
            found.append(
                warning(
                    "balance.empty",
                    f"{name} has nothing to spend",
                    "close positions, or reset the wallet (which forgets its history)",
                    balance=str(cash),
                )
            )
        else:
            found.append(ok("balance.ok", f"{name} has {cash} play dollars to spend", balance=str(cash)))

    def orders(self, found: Found) -> Flow[None]:
        """Count resting orders of all wallets, and those no polyspec placed."""
        if self.patient.credentials.api_key is None:
            return
        call = orders.list_orders(status=wire.OrderStatus.PENDING, limit=_ORDERS, wallet_id="all")
        listed = (yield from self.ask(call)).orders
        if not listed:
            found.append(ok("orders.none", "no orders rest"))
            return
        strange = [each for each in listed if not is_ours(each.client_order_id)]
        facts: dict[str, Fact] = {"open": len(listed), "strangers": len(strange)}
        if strange:
            found.append(
                warning(
                    "orders.strangers",
                    f"{len(strange)} of {len(listed)} resting orders have names that polyspec does not give",
                    "find out which program places them: heartbeats and cancel_all() end them too",
                    **facts,
                )
            )
        else:
            found.append(info("orders.open", f"{len(listed)} orders rest", **facts))
        held = sum(each.hold_reason is not None for each in listed)
        if held:
            found.append(info("orders.held", f"{held} of them wait until Polymarket is up again", held=held))

    def markets(self, found: Found) -> Flow[None]:
        """Say whether the markets that were named take orders."""
        if not self.patient.markets:
            yield Now()
            found.append(info("market.none", "no market was named"))
        for each in self.patient.markets:
            yield from self._market(found, each)

    def _market(self, found: Found, condition_id: str) -> Flow[None]:
        try:
            market = yield from self.ask(markets.get_market(condition_id))
        except NotFound:
            found.append(
                error(
                    "market.unknown",
                    f"the venue knows no market {condition_id}",
                    "a new one is there half a minute after it opens: markets.get(id, wait=60)",
                    market=condition_id,
                )
            )
            return
        if market.closed or market.archived or market.active is False:
            found.append(
                warning(
                    "market.closed",
                    f"the market {condition_id} takes no orders",
                    "choose another one",
                    market=condition_id,
                )
            )
            return
        tick = None
        if market.clob_token_ids:
            told = yield from self.ask(books.get_tick_size(market.clob_token_ids[0]))
            tick = str(told.minimum_tick_size)
        steps = "" if tick is None else f", in steps of {tick}"
        found.append(
            ok("market.ok", f"the market {condition_id} takes orders{steps}", market=condition_id, tick=tick)
        )
