"""The venue's world: its engine and its journal, who has which key, and everything the HTTP layer adds.

A world is single-threaded. Whoever touches it from outside the serving thread holds `lock`; the lock of the
feed it mirrors is taken after this one, never before.
"""

from __future__ import annotations

import secrets
import threading
from pathlib import Path

from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.http.jobs import Jobs
from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.http.store import Store
from polyspec.sandbox.polysimulator.archive import Archive
from polyspec.sandbox.polysimulator.backtests import Backtests
from polyspec.sandbox.polysimulator.catalogue import Catalogue
from polyspec.sandbox.polysimulator.engine import EngineSettings, PaperExchange, PaperJournal, Trade
from polyspec.sandbox.polysimulator.engine.units import DOLLAR
from polyspec.sandbox.polysimulator.faults import FaultPlan
from polyspec.sandbox.polysimulator.feed import Feed
from polyspec.sandbox.polysimulator.keys import Keys
from polyspec.sandbox.polysimulator.limits import Limits
from polyspec.sandbox.polysimulator.options import PolySimOptions
from polyspec.sandbox.polysimulator.partners import Partners
from polyspec.sandbox.polysimulator.seeds import FRESH, KEYS, PEOPLE, SeedKey, raw_key
from polyspec.sandbox.polysimulator.streams import Fill, Hub
from polyspec.sandbox.polysimulator.tokens import Tokens
from polyspec.sandbox.polysimulator.turns import Turns
from polyspec.sandbox.polysimulator.updown import UpDown
from polyspec.sandbox.polysimulator.users import User, Users

__all__ = ["PolySimWorld"]


class PolySimWorld:
    """One venue."""

    def __init__(
        self,
        options: PolySimOptions,
        feed: Feed,
        journal: str | Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Open a world that mirrors the markets of `feed`, by its clock if that is handed in."""
        self.options = options
        self.lock = threading.RLock()
        self.journal = PaperJournal(":memory:" if journal is None else journal)
        self.store = Store(self.journal)
        self.hosts: set[str] = set()
        self.secret = secrets.token_urlsafe(24)
        self.clock = clock or Clock()
        runs = self.store.load("run", int)
        self.store.put("run", str(len(runs)), self.clock.now_ns())
        self.seed = self._kept_seed(options.seed or 0)
        """What keys, ids and rounds follow from: that of the first run on this journal."""
        self.jobs = Jobs(self.clock)
        self.faults = FaultPlan()
        self.ids = Seeded(self.seed, f"polysimulator/{len(runs)}")
        """Draws for this run."""
        self.updown = UpDown(self.clock, self.seed, strike_delay=options.strike_delay)
        self.markets = Catalogue(feed, self.updown, self.clock, self.jobs, warm_up=options.warm_up)
        self.engine = PaperExchange(self.markets, self.store, _settings(options))
        self.clock.resume_after(self.engine.latest_ns)
        self.users = Users(self.store, self.clock, self.seed)
        self.keys = Keys(self.store, self.clock, Seeded(self.seed, f"polysimulator/keys/{len(runs)}"))
        self.clock.resume_after(self.keys.latest_ns)
        self.started_ns = self.clock.now_ns()
        self.tokens = Tokens(self.clock, options, self.seed)
        self.limits = Limits(self.clock, enabled=options.rate_limits is not False)
        self._people()
        self._open_services()
        self.jobs.later(options.resting_pause, self._tick)

    def _open_services(self) -> None:
        """Open what is served beside accounts, orders and markets."""
        self.turns = Turns(self)
        """For what writes to an account."""
        self.hub = Hub()
        """Where streams hear of changes and fills."""
        self.markets.listeners.append(self.hub.changed)
        self.engine.listeners.append(self._filled)
        self.archive = Archive(self)
        self.backtests = Backtests(self)
        self.partners = Partners(self)

    def _kept_seed(self, seed: int) -> int:
        """Return the seed of the first run: what was handed out then goes on to hold."""
        kept = self.store.load("seed", int)
        if "seed" not in kept:
            self.store.put("seed", "seed", seed)
        return kept.get("seed", seed)

    def _people(self) -> None:
        """Know the users and keys a sandbox starts with."""
        for person in PEOPLE:
            if self.users.of_email(person.email) is None:
                self.open_account(person.email, plan=person.plan, api_wallet=person.email != FRESH)
        for known in self.users.all():
            # a crash may have come between a user and the wallets
            self.engine.open_user(known.id, known.plan, self.clock.now_ns(), api_wallet=False)
        for each in KEYS:
            raw = raw_key(self.seed, each.name)
            user = self.users.of_email(each.email)
            assert user is not None, each.email
            if self.keys.find(raw) is None:
                self.keys.create(
                    user.id,
                    tier=user.plan,
                    permissions=self._permissions(each, user),
                    name=each.name,
                    raw=raw,
                    expires=self.clock.now_ns() if each.expired else None,
                    active=not each.revoked,
                )

    def _permissions(self, key: SeedKey, user: User) -> tuple[str, ...]:
        """Return what a seeded key may do: those of the free plan only read where they all do."""
        reads_only = user.plan == "free" and self.options.free_tier == "read_only"
        return ("read",) if reads_only else key.permissions

    def open_account(
        self, email: str, *, plan: str = "free", admitted: bool = True, api_wallet: bool = False
    ) -> User:
        """Make a user with the wallets of a plan; the API wallet usually comes with the first key."""
        user = self.users.create(email, plan=plan, admitted=admitted)
        self.engine.open_user(user.id, plan, self.clock.now_ns(), api_wallet=api_wallet)
        return user

    def change_plan(self, user: User, plan: str) -> User:
        """Put a user on another plan; what the wallets hold stays."""
        self.engine.set_tier(user.id, plan, self.clock.now_ns())
        return self.users.change(user, plan=plan)

    def seats(self) -> int:
        """Return how many users have a key that holds."""
        return sum(bool(self.keys.holding(each.id)) for each in self.users.all())

    def _filled(self, trade: Trade) -> None:
        """Let the streams tell of an execution."""
        self.hub.filled(
            Fill(
                user_id=trade.user_id,
                order_id=trade.id,
                condition_id=trade.market_id,
                token_id=trade.token_id,
                side=trade.side,
                outcome=trade.outcome,
                price=trade.price,
                quantity=trade.quantity,
                at_ns=trade.filled_ns,
                resting=not trade.taker,
            )
        )

    # -- time --

    def _tick(self) -> None:
        # first, so that a look that fails is not the last one
        self.jobs.later(self.options.resting_pause, self._tick)
        self.advance()

    def advance(self) -> None:
        """Do what the time that passed makes due: books move, rounds end, resting orders meet the books."""
        self.markets.notice()
        self.engine.advance(self.clock.now_ns())

    def locate(self, host: str) -> None:
        """Tell the world under which name it is served."""
        self.hosts.add(host)

    def close(self) -> None:
        """Close the journal."""
        self.hub.shut()
        with self.lock:
            self.journal.close()


def _settings(options: PolySimOptions) -> EngineSettings:
    return EngineSettings(
        pm_v2=options.pm_v2,
        api_baselines={plan: each.api * DOLLAR for plan, each in options.baselines.items()},
        sandbox_baselines={plan: each.sandbox * DOLLAR for plan, each in options.baselines.items()},
        main_baseline=options.baselines["free"].main * DOLLAR,
        daily_caps={"free": options.daily_cap},
    )
