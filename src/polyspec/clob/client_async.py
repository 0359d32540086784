"""The client of the Polymarket CLOB."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from polyspec.clob.account_async import AsyncAccounts
from polyspec.clob.desk_async import AsyncClobDesk
from polyspec.clob.heartbeats_async import AsyncHeartbeats
from polyspec.clob.keys_async import AsyncKeys
from polyspec.clob.market_data_async import AsyncMarketData
from polyspec.clob.orders_async import AsyncOrders
from polyspec.clob.queries import token_ids
from polyspec.core.checkup import DEADLINE, Tell, examine
from polyspec.core.findings import Diagnosis
from polyspec.errors import ConfigError

if TYPE_CHECKING:
    from polyspec.clob.streams_async import AsyncClobStreams

__all__ = ["AsyncClobClient"]


class AsyncClobClient(AsyncMarketData, AsyncOrders, AsyncHeartbeats, AsyncAccounts, AsyncKeys):
    """Trade on the Polymarket CLOB.

    Close it, or use it in an ``async with`` block. One client may be used by many tasks at once. Methods
    have the names of the venue's own clients; whatever they do not wrap is in `polyspec.wire.clob` and goes
    through `send`.
    """

    @cached_property
    def desk(self) -> AsyncClobDesk:
        """The face of this client that all venues have in common."""
        return AsyncClobDesk(self)

    @cached_property
    def stream(self) -> AsyncClobStreams:
        """Live streams: books and trades of tokens, orders and fills of one's own."""
        # who only calls needs no library of websockets
        from polyspec.io.websocket_need import need_websockets

        need_websockets("clob")
        from polyspec.clob.streams_async import AsyncClobStreams

        return AsyncClobStreams(self)

    async def doctor(
        self, tokens: Sequence[str] = (), *, deadline: float = DEADLINE, tell: Tell | None = None
    ) -> Diagnosis:
        """Look for what may be wrong, from the network to allowances; sends nothing that changes anything.

        `tokens` are ids of tokens whose markets are looked at (default: some of those in use); a check takes
        `deadline` seconds at most; `tell` is told of findings as they come. See docs/doctor.md.
        """
        from polyspec.clob.checkup import Patient
        from polyspec.clob.checkup_orders import checks

        if self._http.closed:
            raise ConfigError("this client is closed: make another one")
        patient = Patient(
            host=self.host,
            session=self.session,
            trial=self._trial,
            creds=self.creds,
            nonce=self._keyring.nonce,
            address=self.address,
            account=self.account,
            chain_id=self.chain_id,
            version=None if self._making is None else self._making.version,
            markets=self._markets,
            beating=self.beating,
            http=self.settings.http,
            replaced=self._http.replaced,
            pacing=self.settings.pacing,
            tokens=tuple(token_ids(tokens)),
        )
        return await self.run(examine("clob", checks(patient), deadline=deadline, tell=tell))

    async def aclose(self) -> None:
        """Close every stream and every connection this client opened."""
        if "stream" in self.__dict__:
            await self.stream.aclose()
        await super().aclose()
