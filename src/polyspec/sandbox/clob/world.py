"""The venue's world: the engine and its journal, who has which key, and everything the HTTP layer adds.

A world is single-threaded. Whoever touches it from outside the serving thread holds `lock`; other transports
(streams, tests) go through the same `apply` and hear of every event through `listeners`.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from polyspec.sandbox.clob.beats import Beats
from polyspec.sandbox.clob.chain import exchange_of, spenders, version_of
from polyspec.sandbox.clob.engine import JournaledClob
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.units import to_units
from polyspec.sandbox.clob.faults import FaultPlan
from polyspec.sandbox.clob.games import Games
from polyspec.sandbox.clob.keys import Keys
from polyspec.sandbox.clob.limits import IpLimits, SignerLimits
from polyspec.sandbox.clob.live import Live
from polyspec.sandbox.clob.modes import Modes
from polyspec.sandbox.clob.notices import Notices
from polyspec.sandbox.clob.options import ClobOptions
from polyspec.sandbox.clob.rfq import Rfqs
from polyspec.sandbox.clob.seeds import ACCOUNTS, Listing, seed_listings
from polyspec.sandbox.clob.settling import Settling
from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.http.jobs import Jobs
from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.http.store import Note, Store, encoded

__all__ = ["ClobWorld", "House", "open_clob"]

_COLLATERAL: Final = 10_000_000_000
_SETS: Final = 500_000_000
"""Complete sets of each market a funded wallet starts with, in base units."""

Listener = Callable[[list[t.Event]], None]


@dataclass(frozen=True)
class House:
    """A participant of the sandbox's own; no key stands behind it."""

    owner: str
    """In the place of an API key."""
    wallet: str

    @classmethod
    def named(cls, name: str) -> House:
        """Return the participant of a name."""
        seeded = Seeded(0, f"clob/house/{name}")
        return cls(str(UUID(int=seeded.bits(128), version=4)), f"0x{seeded.hex(40)}")


class ClobWorld:
    """One venue."""

    def __init__(self, options: ClobOptions, journal: JournaledClob) -> None:
        self.options = options
        seed = options.seed or 0
        self.lock = threading.RLock()
        self.journal = journal
        self.exchange = journal.exchange
        self.listeners: list[Listener] = []
        self.hosts: set[str] = set()
        self.secret = secrets.token_urlsafe(24)
        self.clock = Clock()
        self.clock.resume_after(self.exchange.now)
        self.jobs = Jobs(self.clock)
        self.maker = House.named("maker")
        """Quotes the markets, and is the other side of what the venue itself does."""
        self.taker = House.named("taker")
        """Trades with the maker now and then."""
        self.store = Store(journal)
        self.faults = FaultPlan()
        run = len(journal.records("run"))
        self.store.put("run", str(run), self.clock.now_ns())
        self.ids = Seeded(seed, f"clob/{run}")
        self.keys = Keys(self.store, self.clock, options)
        self.modes = Modes(self.clock, self.jobs, self.apply, window=options.post_only_window)
        self.notices = Notices(self.store)
        self.settling = Settling(self)
        self.beats = Beats(self.clock, self.jobs, options, self._silence, Seeded(seed, f"beats/{run}"))
        self.ip_limits = IpLimits(
            self.clock, enabled=options.rate_limits is not False, patience=options.limit_patience
        )
        self.signer_limits = SignerLimits(self.clock)
        self.rfqs = Rfqs(self, Seeded(seed, f"rfqs/{run}"))
        self.games = Games(self.clock, self.jobs, options)
        self.live = Live(self.clock, options)
        self.listings = self.store.load("listing", Listing)
        self._by_token = {token: each for each in self.listings.values() for token in each.token_ids}
        self._signed_requests = 0
        self._due: int | None = None
        self._seed()
        self._resume()

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
            for listener in self.listeners:
                listener(events)
            for event in events:
                self.settling.follow(event)
        self._await_due()
        return outcome

    def _await_due(self) -> None:
        """Let the engine see the time when something is due there: it looks when a command arrives."""
        due = self.exchange.next_due()
        if due is not None and due != self._due:
            self._due = due
            self.jobs.at(due, self.advance)

    def advance(self) -> None:
        """Let the engine see the time."""
        self.apply(t.Advance())

    def _silence(self, owner: str) -> None:
        if self.exchange.orders(owner=owner, open_only=True):
            self.apply(t.CancelAll(owner=owner))

    def lapses(self) -> bool:
        """Count a request with level-2 credentials; tell whether it is one of those to refuse."""
        self._signed_requests += 1
        every = self.options.key_lapse_every
        return every > 0 and self._signed_requests % every == 0

    # -- markets --

    def listing_of(self, token_id: str) -> Listing | None:
        """Return the market of a token."""
        return self._by_token.get(token_id)

    def list_market(self, listing: Listing) -> None:
        """List a market, durably."""
        if self.exchange.market(listing.condition_id) is None:
            terms = t.MarketTerms(
                condition_id=listing.condition_id,
                token_ids=listing.token_ids,
                outcomes=listing.outcomes,
                tick=listing.tick,
                fees=t.FeeSchedule(rate=listing.fee_rate),
                minimum_spend=to_units(self.options.marketable_minimum),
                taker_delay=int(listing.hold * 10**9),
                neg_risk=listing.neg_risk,
                spenders=(self.spender_of(listing),),
            )
            self.apply_all([t.AddMarket(market=terms)], [("listing", listing.condition_id, listing)])
        self._know(listing)

    def hold(self, condition_id: str, seconds: float, *, answers_late: bool = True) -> None:
        """Hold marketable orders of a market; answer them after that, or at once with `delayed`."""
        listing = msgspec.structs.replace(
            self.listings[condition_id], hold=seconds, answers_late=answers_late
        )
        self.apply_all(
            [t.ChangeMarket(condition_id=condition_id, taker_delay=int(seconds * 10**9))],
            [("listing", condition_id, listing)],
        )
        self._know(listing)

    def _know(self, listing: Listing) -> None:
        self.listings[listing.condition_id] = listing
        self._by_token |= dict.fromkeys(listing.token_ids, listing)

    def spender_of(self, listing: Listing) -> str:
        """Return the exchange contract that settles a market, lower case."""
        version = version_of(int(listing.token_ids[0]), 2)
        return exchange_of(version, self.options.chain_id, neg_risk=listing.neg_risk).lower()

    @property
    def open_tokens(self) -> list[str]:
        """The tokens that can be traded now, in listing order."""
        return [
            token
            for each in self.listings.values()
            if self.exchange.market_status(each.condition_id) is t.MarketStatus.OPEN
            for token in each.token_ids
        ]

    # -- the first morning --

    def _seed(self) -> None:
        for listing in seed_listings():
            if listing.condition_id not in self.listings:
                self.list_market(listing)
        if not self.journal.records("funded"):
            commands = [
                command
                for house in (self.maker, self.taker)
                for command in self.funding(house.wallet, 10_000 * _COLLATERAL, 1000 * _SETS)
            ]
            for account in ACCOUNTS:
                wallets = account.wallets
                for wallet in (wallets.eoa, wallets.proxy, wallets.safe, *wallets.deposits):
                    commands += self.funding(wallet.lower(), _COLLATERAL, _SETS)
            self.apply_all(commands, [("funded", "seed", len(ACCOUNTS))])

    def funding(self, wallet: str, collateral: int, sets: int) -> list[t.Command]:
        """Return what gives a wallet collateral, all allowances, and complete sets of every open market."""
        markets = [
            each.condition_id
            for each in self.listings.values()
            if self.exchange.market_status(each.condition_id) is t.MarketStatus.OPEN
        ]
        commands: list[t.Command] = []
        if total := collateral + sets * len(markets):
            commands.append(t.Deposit(wallet=wallet, amount=total))
        for spender in (each.lower() for each in spenders(self.options.chain_id)):
            commands.append(t.SetAllowance(wallet=wallet, spender=spender, amount=t.UNLIMITED))
            commands.append(t.SetApproval(wallet=wallet, spender=spender))
        if sets:
            commands += [t.Split(wallet=wallet, condition_id=each, amount=sets) for each in markets]
        return commands

    def _resume(self) -> None:
        """Take up what an earlier run on the same journal left."""
        if self.exchange.trading_mode is not t.TradingMode.NORMAL:
            # until when was known to that run only
            self.modes.set(t.TradingMode.NORMAL)
        self._await_due()
        for trade in self.exchange.trades():
            self.settling.settle(trade)

    def locate(self, host: str) -> None:
        """Tell the world under which name it is served."""
        self.hosts.add(host)

    def close(self) -> None:
        """Close the journal."""
        with self.lock:
            self.journal.close()


def open_clob(path: str | Path | None) -> JournaledClob:
    """Open the journal at `path`, or one in memory."""
    return JournaledClob.open(":memory:" if path is None else str(path))
