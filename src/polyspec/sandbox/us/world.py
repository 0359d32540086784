"""The venue's world: an engine and its journal, who is who, and everything the HTTP layer adds.

A world is single-threaded. Whoever touches it from outside the serving thread holds `lock`; other transports
(streams, tests) go through the same `apply` and hear of every event through `listeners`.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa

from polyspec.sandbox.engine import JournaledExchange
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.http.clock import Clock, from_ns
from polyspec.sandbox.http.jobs import Jobs
from polyspec.sandbox.http.limits import Limits
from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.http.store import Note, Store, encoded
from polyspec.sandbox.us.cases import Cases
from polyspec.sandbox.us.combinations import Combinations
from polyspec.sandbox.us.desk import Desk
from polyspec.sandbox.us.dialect import CURRENT
from polyspec.sandbox.us.entry import Entry
from polyspec.sandbox.us.faults import FaultPlan
from polyspec.sandbox.us.issuer import Client, Issuer, new_key
from polyspec.sandbox.us.listings import SEED_LISTINGS, Listing
from polyspec.sandbox.us.roster import FIRM, PARTICIPANT_FIRM, Participant, Roster
from polyspec.sandbox.us.webhooks import Webhooks

__all__ = ["ALL_SCOPES", "Options", "Participant", "World"]

ALL_SCOPES: Final = frozenset(
    {
        "read:marketdata",
        "read:l2marketdata",
        "read:instruments",
        "read:orders",
        "write:orders",
        "read:reports",
        "read:positions",
        "read:dropcopy",
        "read:accounts",
        "read:funding",
        "write:funding",
        "read:kyc",
        "write:kyc",
        "write:cash-movements",
    }
)
MAKER_FIRM: Final = "LP-Sandbox"

Listener = Callable[[list[t.Event]], None]


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a sandbox behaves where the venue leaves a choice, or where a test wants another answer."""

    seed: int = 0
    dialect: str = CURRENT
    rate_limits: bool = True
    token_life: int = 180
    """Seconds an access token lives."""
    entry_delay: float = 0.0
    """Seconds an order or a replace waits before the engine sees it; beyond five the stopgap rejects it."""
    clearing_delay: float = 1.0
    """Seconds until a trade is cleared."""
    kyc_delay: float = 0.3
    """Seconds from an approval to a participant that can trade."""
    kyc_balance: str = "1000"
    """Dollars a provisioned account starts with. The venue gives nothing; a sandbox has no other bank."""
    heartbeat: float = 5.0
    """Seconds without news after which a stream gives a sign of life. The venue does not say how many."""


class World:
    """One venue."""

    def __init__(
        self, options: Options, journal: JournaledExchange, *, key: rsa.RSAPrivateKey | None = None
    ) -> None:
        self.options = options
        self.dialect = options.dialect
        self.lock = threading.RLock()
        self.journal = journal
        self.exchange = journal.exchange
        self.listeners: list[Listener] = []
        self.hosts: set[str] = set()
        self.rest_url = "http://127.0.0.1"
        self.secret = new_secret()
        self.clock = Clock()
        self.clock.resume_after(self.exchange.now)
        self.jobs = Jobs(self.clock)
        self.store = Store(journal)
        self.limits = Limits(self.clock, enabled=options.rate_limits)
        self.faults = FaultPlan()
        # identifiers must differ from those an earlier run on the same journal gave out
        run = len(self.journal.records("run"))
        self.store.put("run", str(run), self.clock.now_ns())
        self.issuer = Issuer(self.clock, self.rest_url, token_life=options.token_life)
        self.listings = self.store.load("listing", Listing)
        self.roster = Roster(self)
        self.participants = self.roster.participants
        self.prefills: dict[tuple[str, str], Any] = {}
        """One-time passcodes on their way, by (firm, external id); a crash forgets them."""
        self.entry = Entry(self, Seeded(options.seed, f"orders/{run}"))
        self.combos = Combinations(self)
        self._book_times: dict[str, int] = {}
        self.desk = Desk(self.clock, self.jobs, self.store, Seeded(options.seed, f"rfq/{run}"))
        self.desk.execute = self.entry.execute_quote
        ids = Seeded(options.seed, f"kyc/{run}")
        self.webhooks = Webhooks(self.clock, self.jobs, self.store, Seeded(options.seed, f"events/{run}"))
        self.cases = Cases(self.clock, self.jobs, self.store, self.webhooks, ids, delay=options.kyc_delay)
        self.cases.provision = self.roster.provision
        self._seed(key)
        for order in self.exchange.orders(open_only=True):
            self._expire_in_time(order)
        self._schedule_clearing(
            [trade.id for trade in self.exchange.trades() if trade.state is t.TradeState.NEW]
        )

    # -- commands --

    def apply(self, command: t.Command) -> list[t.Event]:
        """Carry out a command, durably, and tell the listeners."""
        return self.apply_all([command])[0]

    def apply_all(self, commands: Sequence[t.Command], notes: Iterable[Note] = ()) -> list[list[t.Event]]:
        """Carry out commands, and note what goes with them, under one commit; tell the listeners."""
        outcome = self.journal.apply_batch(
            [(command, self.clock.now_ns()) for command in commands], [encoded(note) for note in notes]
        )
        for events in outcome:
            trades = [
                event.id for event in events if isinstance(event, t.Trade) and event.state is t.TradeState.NEW
            ]
            self._schedule_clearing(trades)
            for listener in self.listeners:
                listener(events)
            for event in events:
                self._follow(event)
        return outcome

    def _follow(self, event: t.Event) -> None:
        """Note what an event means for later."""
        if isinstance(event, t.BookChange):
            self._book_times[event.symbol] = event.time
        elif isinstance(event, t.MarketSettled) and not event.preliminary:
            symbol = event.symbol
            self.jobs.later(0, lambda: self.combos.settle_after(symbol))
        elif isinstance(event, t.Execution) and event.type in (t.ExecutionType.NEW, t.ExecutionType.REPLACE):
            self._expire_in_time(event.order)

    def _expire_in_time(self, order: t.Order) -> None:
        # the engine looks at the time when a command arrives; an idle book has none
        if order.good_till is not None:
            self.jobs.at(order.good_till, self._advance)

    def _advance(self) -> None:
        self.apply(t.Advance())

    def book_time(self, symbol: str) -> datetime:
        """Return when a book last changed."""
        return from_ns(self._book_times.get(symbol, self.exchange.now))

    def _schedule_clearing(self, trade_ids: list[str]) -> None:
        if trade_ids:
            self.jobs.later(self.options.clearing_delay, lambda: self._clear(trade_ids))

    def _clear(self, trade_ids: list[str]) -> None:
        for trade_id in trade_ids:
            trade = self.exchange.trade(trade_id)
            if trade is not None and trade.state is t.TradeState.NEW:
                self.apply(t.SetTradeState(trade_id=trade_id, state=t.TradeState.CLEARED))

    # -- what must be there --

    def balance(self, account: str) -> t.Balance:
        """Return the balance of an account that exists."""
        known = self.exchange.balance(account)
        assert known is not None, account
        return known

    def statistics(self, symbol: str) -> t.MarketStatistics:
        """Return the statistics of a market that exists."""
        known = self.exchange.statistics(symbol)
        assert known is not None, symbol
        return known

    # -- who is who --

    @property
    def client(self) -> Client:
        """The seeded partner client."""
        return self._client

    def add_client(
        self, name: str, *, firm: str = "", scopes: frozenset[str] = ALL_SCOPES, tier: str = "tier1"
    ) -> Client:
        """Register another API client, of the partner's firm or of one of its own, for this run only."""
        client = Client(
            client_id=Seeded(self.options.seed, f"client/{name}").letters(32),
            key=new_key(),
            firm=firm or FIRM,
            participant_firm=f"{firm}-Participant" if firm else PARTICIPANT_FIRM,
            user=f"firms/{firm or FIRM}/users/{name}",
            scopes=scopes,
            participant=self._client.participant if not firm else None,
            tier=tier,
        )
        self.issuer.register(client)
        return client

    # -- the first morning --

    def _seed(self, key: rsa.RSAPrivateKey | None) -> None:
        for listing in SEED_LISTINGS:
            if listing.symbol not in self.listings:
                self.list_instrument(listing)
        self.trader = self.roster.add("trader-1", dollars="10000", display="Trader One")
        self.counterparty = self.roster.add("trader-2", dollars="10000", display="Trader Two")
        self.maker = self.roster.add(
            "market-maker",
            firm=MAKER_FIRM,
            clearing_firm=MAKER_FIRM,
            dollars="10000000",
            display="Market Maker",
        )
        self._client = Client(
            client_id=Seeded(self.options.seed, "client").letters(32),
            key=key or new_key(),
            firm=FIRM,
            participant_firm=PARTICIPANT_FIRM,
            user=f"firms/{FIRM}/users/api-trading",
            scopes=ALL_SCOPES,
            participant=self.trader.name,
        )
        self.issuer.register(self._client)

    def list_instrument(self, listing: Listing) -> None:
        """List an instrument, durably."""
        state = t.MarketState.OPEN if listing.settlement is not None else listing.state
        commands: list[t.Command] = []
        if self.exchange.market(listing.symbol) is None:
            commands.append(t.AddMarket(market=listing.market, state=state))
        if listing.settlement is not None:
            method = "SETTLEMENT_PRICE_CALCULATION_METHOD_EVENT_TIER_1"
            commands.append(t.Settle(symbol=listing.symbol, price=listing.settlement, method=method))
        if commands:
            self.apply_all(commands)
        self.listings[listing.symbol] = listing
        self.store.put("listing", listing.symbol, listing)

    @property
    def symbols(self) -> list[str]:
        """The symbols that can be traded now, in listing order."""
        return [
            symbol for symbol in self.listings if self.exchange.market_state(symbol) is t.MarketState.OPEN
        ]

    def locate(self, rest_url: str, host: str) -> None:
        """Tell the world where it is served: tokens and assertions are bound to that."""
        self.rest_url = rest_url
        self.hosts.add(host)
        self.issuer.audience = rest_url
        self.issuer.audiences = frozenset(_spellings(rest_url))
        self.issuer.token_urls = frozenset(_spellings(f"{rest_url}/oauth/token"))

    def close(self) -> None:
        """Stop deliveries and close the journal."""
        self.webhooks.close()
        with self.lock:
            self.journal.close()


def new_secret() -> str:
    """Return a fresh secret for the control endpoints."""
    return secrets.token_urlsafe(24)


def _spellings(url: str) -> set[str]:
    """Return an address under every name this machine has, with and without TLS."""
    parts = urlsplit(url)
    port = "" if parts.port is None else f":{parts.port}"
    names = {parts.netloc.removesuffix(port), "127.0.0.1", "localhost"}
    return {f"{scheme}://{name}{port}{parts.path}" for scheme in ("http", "https") for name in names}


def open_journal(path: str | Path | None) -> JournaledExchange:
    """Open the journal at `path`, or one in memory."""
    return JournaledExchange.open(":memory:" if path is None else str(path))
