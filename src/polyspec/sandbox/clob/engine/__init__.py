"""The CLOB's exchange: deterministic matching of binary markets in integers over a ledger of wallets.

Commands go in, events come out, and the commands alone rebuild the state. Nothing here
reads a clock, draws a random number or does I/O, but for the journal.
"""

from __future__ import annotations

from . import types, units
from .exchange import ClobExchange
from .journal import ClobJournal, JournaledClob, JournalError

__all__ = ["ClobExchange", "ClobJournal", "JournalError", "JournaledClob", "types", "units"]
