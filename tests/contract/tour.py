"""A tour through the whole of the US exchange with the public client, the same for both of its colours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from polyspec_wire.us_exchange import (
    combos,
    funding,
    incentives,
    kyc,
    payments,
    positions,
    refdata,
    report,
    rfqs,
    trading,
    valuations,
)
from polyspec_wire.us_exchange import models as wire
from starlette.types import ASGIApp

from polyspec import Sandbox
from polyspec.errors import ApiError
from polyspec.us.ticket import NewOrder
from tests.contract.colours import Colour

__all__ = ["Tour", "person"]

START = dt.datetime(2026, 5, 2, tzinfo=dt.UTC)


def person(external_id: str) -> wire.StartKYCVerificationRequest:
    """Return somebody who passes the identity check."""
    return wire.StartKYCVerificationRequest(
        external_id=external_id,
        ssn="123456789",
        first_name="Zo\u00eb",
        last_name="Smith",
        date_of_birth="1990-06-15",
        email="zoe@example.com",
        phone_number="+12125551234",
        address=wire.KYCAddressRequest(
            address_line_1="1 Main St", city="New York", state="NY", postal_code="10001", country="US"
        ),
        agreement=wire.KYCAgreement(version="PMX.ISV.SANDBOX.v1.0", signed_at=dt.datetime.now(dt.UTC)),
        ip_address="203.0.113.42",
    )


class Tour:
    """One walk through everything."""

    def __init__(self, colour: Colour, sandbox: Sandbox, app: ASGIApp, folder: Path) -> None:
        self._do: Callable[[Any], Any] = colour.do
        self._sandbox = sandbox
        self._folder = folder
        self.client = colour.connect(sandbox, app)
        other = sandbox.us.world.counterparty
        self.other = self.client.for_participant(other.name, other.accounts[0])
        self.symbol, self.second = sandbox.us.symbols[:2]

    def send(self, call: Any) -> Any:
        """Send a call as the client's `send` does."""
        return self._do(self.client.send(call))

    def refused(self, call: Any, status: int) -> None:
        """Send a call that has to be refused."""
        with pytest.raises(ApiError) as caught:
            self.send(call)
        assert caught.value.status == status

    def walk(self) -> None:
        """Call everything."""
        self.look_around()
        self.trade()
        self.read_reports()
        self.read_money()
        self.ask_for_quotes()
        self.bring_a_customer()
        self.be_refused()

    def look_around(self) -> None:
        """Read what does not depend on orders."""
        do, client = self._do, self.client
        assert do(client.health()).status == "ok"
        assert do(client.whoami()).user
        assert self._sandbox.us.participant_id in do(client.users()).users
        assert do(client.accounts()).accounts
        assert do(client.accounts(user=self._sandbox.us.participant_id)).accounts == [
            self._sandbox.us.account
        ]
        assert do(client.instruments.get(self.symbol)).symbol == self.symbol
        assert len(do(client.instruments.iterate(tradable=True, page_size=3))) > 3
        by_clause = wire.ListInstrumentsRequest(
            states=[wire.InstrumentState.OPEN],
            start_time_gte="2020-01-01",
            filter=wire.InstrumentFilter(
                where_clause=f"symbol = '{self.symbol}'",
                field_filters=[
                    wire.FieldFilter(
                        field="symbol", operator=wire.FilterOperator.EQ, string_value=self.symbol
                    )
                ],
            ),
        )
        assert len(do(client.instruments.iterate(by_clause))) == 1
        assert self.symbol in do(client.instruments.symbols())
        assert self.send(refdata.get_instrument_metadata(wire.GetInstrumentMetadataRequest())).metadata
        assert do(client.instruments.settlement(self.symbol)).stats is None
        assert do(client.incentives())
        assert do(client.incentives([self.symbol, self.second]))

    def trade(self) -> None:
        """Place, change and cancel orders in every way there is."""
        do, client = self._do, self.client
        resting = do(client.orders.place(self.symbol, side="BUY", price="0.50", quantity="10")).unwrap()
        do(client.orders.place(self.symbol, side="BUY", price="0.40", quantity="5", outcome="NO"))
        do(self.other.orders.place(self.symbol, side="SELL", price="0.50", quantity="4")).unwrap()
        whole = NewOrder(
            market=self.symbol,
            side="BUY",
            price="0.30",
            quantity="3",
            time_in_force="GOOD_TILL_TIME",
            good_till=dt.datetime.now(dt.UTC) + dt.timedelta(hours=1),
            post_only=True,
            self_match_prevention_id="desk-1",
            self_match_prevention="CANCEL_RESTING",
            client_account_id="theirs",
            order_capacity="AGENCY",
        )
        kept = do(client.orders.submit(whole)).unwrap()
        stop = NewOrder(market=self.symbol, side="BUY", price="0.70", stop_price="0.70", quantity="1")
        do(client.orders.submit(stop))
        assert do(client.orders.preview(whole))
        listed = do(client.orders.place_list([_new(self.symbol, "0.21"), _new(self.symbol, "0.22")]))
        found = [do(each.resolve()).unwrap() for each in listed]
        do(client.orders.cross(_new(self.second, "0.4"), _new(self.second, "0.4", "SELL"), cross_id="x 1"))
        do(client.orders.replace(kept, price="0.31"))
        amended = wire.CancelReplaceOrderRequest(
            order_id=found[0].order_id, symbol=self.symbol, order_qty=200
        )
        self.send(trading.cancel_replace_order_list(wire.CancelReplaceOrderListRequest(requests=[amended])))
        assert do(client.orders.open([self.symbol], [self._sandbox.us.account]))
        do(client.orders.cancel(kept))
        do(client.orders.cancel_list(found))
        assert do(client.orders.settled(found[0])).state == wire.OrderState.CANCELED
        assert do(client.orders.get(resting)).cum_qty > 0
        assert do(client.book.get(self.symbol, depth=5)).bids
        assert do(client.book.bbo(self.symbol))

    def read_reports(self) -> None:
        """Search and download what happened."""
        do, client = self._do, self.client
        orders = do(client.reports.orders(wire.SearchOrdersRequest(page_size=2, with_last_execution=True)))
        assert len(orders) > 4
        day = wire.Date(year=2026, month=1, day=1)
        narrowed = wire.SearchOrdersRequest(
            start_time=START,
            symbol=self.symbol,
            accounts=[self._sandbox.us.account],
            side=wire.Side.BUY,
            order_state_filter=wire.OrderStateFilter.OPEN,
            start_transact_trade_date=day,
        )
        assert do(client.reports.orders(narrowed))
        executions = do(
            client.reports.executions(
                wire.SearchExecutionsRequest(types=[wire.ExecutionType.PARTIAL_FILL], newest_first=True)
            )
        )
        assert do(client.reports.execution(executions[0].id)).id == executions[0].id
        assert do(client.reports.order(orders[0].id)).id == orders[0].id
        assert do(client.reports.trades())
        assert do(client.reports.trades(wire.SearchTradesRequest(states=[wire.TradeState.NEW], page_size=1)))
        stats = wire.GetTradeStatsRequest(
            symbol=self.symbol, start_time=dt.datetime.now(dt.UTC) - dt.timedelta(hours=1), bars=2
        )
        assert do(client.reports.trade_stats(stats)).stats
        for name, download in (
            ("orders", client.reports.download_orders),
            ("executions", client.reports.download_executions),
            ("trades", client.reports.download_trades),
            ("positions", client.ledgers.download_positions),
            ("balance", client.ledgers.download_balance),
        ):
            assert do(download(self._folder / f"{name}.csv")) > 0
        statement = valuations.download_account_statement({"as_of_date": "2026-10-01"})
        assert do(client.reports.download(statement, self._folder / "statement.csv")) > 0
        assert do(client.lines(report.download_orders(wire.DownloadOrdersRequest(start_time=START))))

    def read_money(self) -> None:
        """Read positions, balances, ledgers and funding."""
        do, client = self._do, self.client
        assert do(client.positions.iterate())
        assert do(client.positions.get(self.symbol))
        account = self._sandbox.us.account
        self.send(
            positions.list_account_positions(
                name=account, as_of_date_year=2026, as_of_date_month=10, as_of_date_day=1, active_only=True
            )
        )
        self.send(positions.list_account_positions(name=account, as_of_time=START, page_size=1))
        assert do(client.balances.get()).buying_power > 0
        assert do(client.balances.all())["USD"].balance > 0
        kinds = [wire.LedgerEntryType.ORDER_EXECUTION, wire.LedgerEntryType.DEPOSIT]
        assert do(client.ledgers.balance(entry_types=kinds, start=START, newest_first=True))
        assert do(client.ledgers.positions(symbol=self.symbol, start=START))
        self.send(funding.list_funding_sources(page_size=10))
        known = self.send(funding.list_funding_accounts(page_size=10)).accounts
        update = wire.FundingAccountUpdate(name="Main", aliases={"short_name": "m"})
        body = wire.UpdateFundingAccountRequest(account=update)
        assert self.send(funding.update_funding_account(known[0].id, body)).account.name == "Main"
        kind = [wire.FundingTransactionType.DEPOSIT]
        assert self.send(funding.list_funding_transactions(transaction_types=kind, newest_first=True))
        self.send(funding.list_transaction_requirements(account_ids=[known[0].id, "another"]))

    def ask_for_quotes(self) -> None:
        """Make a combo, ask for quotes, quote, and trade on one."""
        do, client, other = self._do, self.client, self.other
        combo = do(client.combos.create([(self.symbol, "BUY"), (self.second, "SELL")]))
        assert do(client.combos.get(combo.id)).legs
        assert self.send(combos.get_combos(symbol="caoc-unknown")).combos == []
        assert do(client.rfqs.user_id())
        asked = do(client.rfqs.create(combo.id, quantity="5"))
        spare = do(client.rfqs.create(combo.id, cash="12.5", rest_remainder=True))
        withdrawn = do(other.rfqs.quote(asked, buy_price="0.3", sell_price="0.2"))
        do(other.rfqs.delete_quote(asked, withdrawn))
        quote = do(other.rfqs.quote(asked, buy_price="0.3", post_only=True))
        assert do(client.rfqs.iterate(mine=True))
        assert do(client.rfqs.quotes(asked))
        self.send(rfqs.get_quotes(user_filter=wire.UserFilter.SELF, limit=5, status=wire.QuoteStatus.ACTIVE))
        self.send(rfqs.get_rfqs(status=wire.RFQStatus.OPEN, limit=1))
        do(client.rfqs.accept(asked, quote, "BUY"))
        do(other.rfqs.confirm(asked, quote))
        self._sandbox.us.world.clock.advance(2)
        assert do(client.rfqs.quotes(asked))[0].status == wire.QuoteStatus.EXECUTED
        assert do(client.rfqs.trades())
        do(client.rfqs.delete(spare))

    def bring_a_customer(self) -> None:
        """Take a person from nothing to an order."""
        do, client = self._do, self.client
        phone = wire.StartKYCPrefillRequest(
            phone_number="14155551212", date_of_birth="1990-06-15", user_id="customer 1"
        )
        do(client.kyc.prefill(phone))
        assert do(client.kyc.submit_code("customer 1", "123456")).first_name
        assert do(client.kyc.start(person("customer 1"))).status.decision == "ACCEPT"
        self._sandbox.us.world.clock.advance(1)
        customer = do(client.kyc.wait("customer 1"))
        theirs = client.for_participant(customer.participant_id, customer.account)
        do(theirs.orders.place(self.symbol, side="BUY", price="0.10", quantity="1")).unwrap()
        do(theirs.orders.cancel_all())
        assert do(theirs.orders.open()) == []
        refused = do(client.kyc.webhook("http://127.0.0.1:9/nobody?a=b", signing_secret=f"whsec_{'a' * 32}"))
        assert not refused.validated
        self.refused(kyc.get_kyc_status(external_id="nobody & co"), 404)

    def be_refused(self) -> None:
        """Call what the venue keeps to itself, and what it refuses."""
        for call in (
            refdata.list_sports(),
            refdata.list_sports_teams(),
            refdata.list_sports_team_providers(),
            payments.initialize_aeropay({"user_id": "u"}),
            payments.validate_aeropay_mfa({}),
            payments.list_aeropay_methods(),
            payments.create_aeropay_deposit({"amount": "1.00"}),
            payments.create_aeropay_withdrawal({}),
            payments.create_checkout_payment_session({}),
            payments.create_checkout_instrument({}),
            payments.create_checkout_deposit({}),
            payments.create_checkout_withdrawal({}),
        ):
            self.refused(call, 501)
        self.refused(incentives.get_incentives_earned(start_date="2026-10-01", market_slug=self.symbol), 404)
        self.refused(report.get_order("a/b c"), 404)


def _new(symbol: str, price: str, side: str = "BUY") -> NewOrder:
    return NewOrder(market=symbol, side=side, price=price, quantity="2")
