# Mirrored from client_async.py by `python -m generator.mirror`; do not edit.
"""The client of the Polymarket CLOB."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from polyspec.clob.account import Accounts
from polyspec.clob.desk import ClobDesk
from polyspec.clob.heartbeats import Heartbeats
from polyspec.clob.keys import Keys
from polyspec.clob.market_data import MarketData
from polyspec.clob.orders import Orders
from polyspec.clob.queries import token_ids
from polyspec.core.checkup import DEADLINE, Tell, examine
from polyspec.core.findings import Diagnosis
from polyspec.errors import ConfigError

if TYPE_CHECKING:
    from polyspec.clob.streams import ClobStreams

__all__ = ["ClobClient"]


class ClobClient(MarketData, Orders, Heartbeats, Accounts, Keys):
    """Trade on the Polymarket CLOB.

    Close it, or use it in an ``with`` block. One client may be used by many tasks at once. Methods
    have the names of the venue's own clients; whatever they do not wrap is in `polyspec.wire.clob` and goes
    through `send`.
    """

    @cached_property
    def desk(self) -> ClobDesk:
        """The face of this client that all venues have in common."""
        return ClobDesk(self)

    @cached_property
    def stream(self) -> ClobStreams:
        """Live streams: books and trades of tokens, orders and fills of one's own."""
        # who only calls needs no library of websockets
        from polyspec.io.websocket_need import need_websockets

        need_websockets("clob")
        from polyspec.clob.streams import ClobStreams

        return ClobStreams(self)

    def doctor(
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
        return self.run(examine("clob", checks(patient), deadline=deadline, tell=tell))

    def close(self) -> None:
        """Close every stream and every connection this client opened."""
        if "stream" in self.__dict__:
            self.stream.close()
        super().close()
