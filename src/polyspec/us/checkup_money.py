"""For whom a US exchange client trades, with which account, and what keeps its money."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define
from polyspec_wire.us_exchange import accounts, positions, refdata, trading
from polyspec_wire.us_exchange import models as wire

from polyspec.core.checkup import Check, Found
from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.findings import Fact, error, info, ok, warning
from polyspec.errors import Forbidden
from polyspec.io.checkups_vault import vaulted
from polyspec.us.checkup import Patient, Visit, not_allowed
from polyspec.us.instrument import Instrument

__all__ = ["checks"]

_TAKING_ORDERS = (wire.InstrumentState.OPEN, wire.InstrumentState.PREOPEN)


def checks(patient: Patient) -> list[Check]:
    """Return what to look at, in order."""
    visit = _MoneyVisit(patient)
    return [
        Check("network", visit.network),
        Check("grpc", visit.grpc),
        Check("extras", visit.extras),
        Check("protos", visit.protos),
        Check("clock", visit.clock, ("network",)),
        *vaulted(patient.session),
        Check("token", visit.token, ("network", "clock")),
        Check("scopes", visit.scopes_granted, ("token",)),
        Check("identity", visit.identity, ("token",)),
        Check("participant", visit.participant, ("token",)),
        Check("account", visit.account, ("participant",)),
        Check("balance", visit.balance, ("participant", "account")),
        Check("orders", visit.orders, ("participant",)),
        Check("markets", visit.markets, ("token",)),
        Check("limits", visit.limits, ("network",)),
    ]


@define
class _MoneyVisit(Visit):
    """An examination that goes on to accounts and orders."""

    def participant(self, found: Found) -> Flow[None]:
        """Ask whether the venue lets this client act for the participant."""
        named = self.patient.participant_id
        if named is None:
            yield Now()
            found.append(
                warning(
                    "participant.missing",
                    "no participant is named, so there is nobody to place orders for",
                    "give participant_id, or set POLYSPEC_US_PARTICIPANT_ID: the venue tells which",
                )
            )
            return
        try:
            users = yield from self.ask(accounts.list_users())
        except Forbidden as refusal:
            found.append(not_allowed(refusal, "the users"))
            return
        if named not in users.users:
            found.append(
                info(
                    "participant.unlisted",
                    f"the venue takes {named}, but does not list it among {len(users.users)} users",
                    participant=named,
                )
            )
        else:
            found.append(ok("participant.ok", f"the venue knows the participant {named}", participant=named))

    def account(self, found: Found) -> Flow[None]:
        """Ask whether the account is visible."""
        if self.patient.participant_id is None:
            return
        try:
            told = yield from self.ask(accounts.list_accounts())
        except Forbidden as refusal:
            found.append(not_allowed(refusal, "the accounts"))
            return
        seen, named = sorted(told.accounts), self.patient.account
        if named is None:
            found.append(
                info(
                    "account.default",
                    f"no account is named: orders use the venue's default, and positions need a name; "
                    f"{len(seen)} are visible",
                    "give account, or set POLYSPEC_US_ACCOUNT",
                    accounts=seen,
                )
            )
        elif named in seen:
            found.append(ok("account.ok", f"the account {named} is visible", account=named))
        else:
            found.append(
                error(
                    "account.invisible",
                    f"the account {named} is not among the {len(seen)} this participant can see",
                    f"use one of them: {', '.join(seen[:5])}" if seen else "ask the venue for one",
                    account=named,
                    accounts=seen,
                )
            )

    def balance(self, found: Found) -> Flow[None]:
        """Read what can be spent, and what keeps the rest."""
        if self.patient.participant_id is None:
            return
        body = wire.GetAccountBalanceRequest(name=self.patient.account or "", currency="USD")
        try:
            held = yield from self.ask(positions.get_account_balance(body))
        except Forbidden as refusal:
            found.append(not_allowed(refusal, "the balance"))
            return
        facts: dict[str, Fact] = {
            "balance": str(held.balance),
            "buying_power": str(held.buying_power),
            "open_orders": str(held.open_orders),
            "unsettled": str(held.unsettled_funds),
        }
        if held.buying_power <= 0:
            found.append(
                warning(
                    "balance.empty",
                    f"there is no buying power: {held.balance} dollars of cash, {held.open_orders} held by "
                    f"orders, {held.unsettled_funds} unsettled",
                    "deposit, cancel orders, or wait until funds are settled",
                    **facts,
                )
            )
        else:
            found.append(ok("balance.ok", f"the buying power is {held.buying_power} dollars", **facts))
        if held.unsettled_funds > 0:
            found.append(
                info(
                    "balance.unsettled",
                    f"{held.unsettled_funds} dollars are not settled yet, and cannot be used",
                    "they settle by themselves",
                    **facts,
                )
            )

    def orders(self, found: Found) -> Flow[None]:
        """Count open orders, and those that this process did not place."""
        if self.patient.participant_id is None:
            return
        try:
            told = yield from self.ask(trading.get_open_orders())
        except Forbidden as refusal:
            found.append(not_allowed(refusal, "the open orders"))
            return
        if not told.orders:
            found.append(ok("orders.none", "there are no open orders"))
            return
        placed = self.patient.shared.ids.known(self.patient.origin)
        strange = [each.clord_id for each in told.orders if each.clord_id not in placed]
        number = len(told.orders)
        if placed and strange:
            found.append(
                warning(
                    "orders.strangers",
                    f"{len(strange)} of {number} open orders were not placed by this program",
                    "find out which program places them: they take buying power and limits",
                    open=number,
                    strangers=len(strange),
                )
            )
        else:
            found.append(info("orders.open", f"there are {number} open orders", open=number))

    # -- markets --

    def _symbols(self, most: int = 5) -> Iterator[str]:
        yield from self.patient.symbols or self.patient.shared.instruments.symbols()[:most]

    def markets(self, found: Found) -> Flow[None]:
        """Compare tick and state of instruments with what orders would be made with."""
        wanted = list(self._symbols())
        if not wanted:
            yield Now()
            found.append(info("market.none", "no market was named, and none is in use"))
            return
        query = wire.ListInstrumentsRequest(symbols=wanted, page_size=1000)
        try:
            page = yield from self.ask(refdata.list_instruments(query))
        except Forbidden as refusal:
            found.append(not_allowed(refusal, "instruments"))
            return
        listed = {each.symbol: Instrument.of(each) for each in page.instruments}
        now: Instant = yield Now()
        for symbol in wanted:
            known = self.patient.shared.instruments.get(symbol, now.monotonic)
            self._market(found, symbol, listed.get(symbol), known)

    def _market(self, found: Found, symbol: str, listed: Instrument | None, known: Instrument | None) -> None:
        if listed is None:
            found.append(
                error(
                    "market.unknown",
                    f"the venue lists no instrument {symbol}",
                    "look for it with instruments.iterate()",
                    symbol=symbol,
                )
            )
            return
        if known is not None and (known.price, known.quantity) != (listed.price, listed.quantity):
            found.append(
                warning(
                    "market.tick_changed",
                    f"tick or limits of {symbol} are not what the client remembers (tick {listed.tick}, not "
                    f"{known.tick})",
                    "instruments.refresh(symbol) reads it anew",
                    symbol=symbol,
                    tick=str(listed.tick),
                    known=str(known.tick),
                )
            )
        state = listed.state.name
        if listed.state not in _TAKING_ORDERS:
            found.append(
                warning(
                    "market.closed",
                    f"{symbol} takes no orders: it is {state}",
                    "choose another one, or wait until it is opened",
                    symbol=symbol,
                    state=state,
                )
            )
        else:
            found.append(
                ok(
                    "market.ok",
                    f"{symbol} is {state} and trades in steps of {listed.tick}",
                    symbol=symbol,
                    state=state,
                    tick=str(listed.tick),
                )
            )
