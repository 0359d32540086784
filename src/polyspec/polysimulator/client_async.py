"""The client of PolySimulator."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from polyspec_wire.polysimulator import health, identity
from polyspec_wire.polysimulator import models as wire

from polyspec.core.checkup import DEADLINE, Tell, examine
from polyspec.core.findings import Diagnosis
from polyspec.errors import ConfigError
from polyspec.polysimulator.account_async import AsyncAccount
from polyspec.polysimulator.base_async import AsyncBase
from polyspec.polysimulator.books_async import AsyncBooks
from polyspec.polysimulator.compat_async import AsyncCompat
from polyspec.polysimulator.desk_async import AsyncPolySimulatorDesk
from polyspec.polysimulator.exports_async import AsyncExports
from polyspec.polysimulator.keys_async import AsyncKeys
from polyspec.polysimulator.markets_async import AsyncMarkets
from polyspec.polysimulator.naming import MarketLike, WalletLike, read_market, read_wallet
from polyspec.polysimulator.orders_async import AsyncOrders
from polyspec.polysimulator.simulation_async import AsyncSimulation
from polyspec.polysimulator.spot_async import AsyncSpot
from polyspec.polysimulator.wallets_async import AsyncWallets

if TYPE_CHECKING:
    from polyspec.polysimulator.streams_async import AsyncPolySimulatorStreams

__all__ = ["AsyncPolySimulatorClient"]


class AsyncPolySimulatorClient(AsyncBase):
    """Trade Polymarket's prices on PolySimulator, with play money.

    Close it, or use it in an ``async with`` block. One client may be used by many tasks at once. Whatever its
    parts do not wrap is in `polyspec.wire.polysimulator` and goes through `send`.
    """

    def _furnish(self) -> None:
        self.keys = AsyncKeys(self)
        """API keys of the account."""
        self.account = AsyncAccount(self)
        """Balance, positions, history and settlements."""
        self.wallets = AsyncWallets(self)
        """Wallets of the account."""
        self.markets = AsyncMarkets(self)
        """Markets by condition id, and Up/Down rounds."""
        self.books = AsyncBooks(self)
        """Books and prices by token id; open to everybody."""
        self.spot = AsyncSpot(self)
        """What assets cost, and what rounds are measured against; open to everybody."""
        self.orders = AsyncOrders(self)
        """Place, find and cancel orders."""
        self.compat = AsyncCompat(self)
        """The same through routes in Polymarket's own shapes."""
        self.exports = AsyncExports(self)
        """Trades and settlements as files."""
        self.simulation = AsyncSimulation(self)
        """Fills that would have been, and backtests."""
        self.desk = AsyncPolySimulatorDesk(self)
        """The face of this client that all venues have in common."""

    @cached_property
    def stream(self) -> AsyncPolySimulatorStreams:
        """Live streams: prices, books, fills of one's own, and what assets cost."""
        # only who wants streams needs what they are made of
        from polyspec.io.websocket_need import need_websockets

        need_websockets("polysimulator")
        from polyspec.polysimulator.streams_async import AsyncPolySimulatorStreams

        return AsyncPolySimulatorStreams(self)

    async def aclose(self) -> None:
        """Close every stream and every connection this client opened."""
        if "stream" in self.__dict__:
            await self.stream.aclose()
        await super().aclose()

    async def doctor(
        self, markets: Sequence[MarketLike] = (), *, deadline: float = DEADLINE, tell: Tell | None = None
    ) -> Diagnosis:
        """Look for what may be wrong, from the network to the key; sends nothing that changes anything.

        `markets` are those looked at; a check takes `deadline` seconds at most; `tell` is told of findings as
        they come. See docs/doctor.md.
        """
        from polyspec.polysimulator.checkup import Patient
        from polyspec.polysimulator.checkup_money import checks

        if self._http.closed:
            raise ConfigError("this client is closed: make another one")
        patient = Patient(
            base_url=self.base_url,
            session=self.session,
            credentials=self._credentials,
            wallet_id=self.wallet_id,
            beating=self.beating,
            http=self.settings.http,
            replaced=self._http.replaced,
            pacing=self.settings.pacing,
            markets=tuple(read_market(each) for each in markets),
        )
        return await self.run(examine("polysimulator", checks(patient), deadline=deadline, tell=tell))

    async def me(
        self, *, wallet_id: WalletLike | None = None, timeout: float | None = None
    ) -> wire.MeResponse:
        """Return who the key belongs to, its plan and permissions, and the balance of a wallet."""
        call = identity.get_me(wallet_id=read_wallet(wallet_id, self.wallet_id))
        return await self.send(call, timeout=timeout)

    async def health(self, *, timeout: float | None = None) -> wire.HealthResponse:
        """Ask whether the venue is up; needs no credentials."""
        return await self.send(health.health_check(), timeout=timeout)

    async def status(self, *, timeout: float | None = None) -> wire.StatusResponse:
        """Ask how the parts of the venue are."""
        return await self.send(health.get_status(), timeout=timeout)

    async def cohort_status(self, *, timeout: float | None = None) -> wire.CohortStatus:
        """Ask whether there are free seats in the beta; needs no credentials."""
        return await self.send(identity.get_cohort_status(), timeout=timeout)
