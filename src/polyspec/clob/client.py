# Mirrored from client_async.py by `python -m generator.mirror`; do not edit.
"""The client of the Polymarket CLOB."""

from __future__ import annotations

from functools import cached_property

from polyspec.clob.account import Accounts
from polyspec.clob.desk import ClobDesk
from polyspec.clob.heartbeats import Heartbeats
from polyspec.clob.keys import Keys
from polyspec.clob.market_data import MarketData
from polyspec.clob.orders import Orders

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
