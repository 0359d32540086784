"""A venue-neutral exchange: deterministic matching in scaled integers over a double-entry ledger.

Commands go in, events come out, and the commands alone rebuild the state. Nothing here
reads a clock, draws a random number or does I/O, but for the journal.
"""

from __future__ import annotations

from . import money, types
from .exchange import Exchange
from .journal import Journal, JournaledExchange, JournalError
from .ledger import CLEARING, EXTERNAL, FEES

__all__ = [
    "CLEARING",
    "EXTERNAL",
    "FEES",
    "Exchange",
    "Journal",
    "JournalError",
    "JournaledExchange",
    "money",
    "types",
]
