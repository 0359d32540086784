"""What streams of every venue are made of: what they tell, the books they keep, and how they behave."""

from polyspec.core.streams.backlog import Overflow
from polyspec.core.streams.book import BookState, Level, OrderBook
from polyspec.core.streams.events import (
    Dropped,
    Event,
    Gap,
    Lost,
    Message,
    Raw,
    Resynced,
    Status,
    StreamState,
)
from polyspec.core.streams.rhythm import Rhythm

__all__ = [
    "BookState",
    "Dropped",
    "Event",
    "Gap",
    "Level",
    "Lost",
    "Message",
    "OrderBook",
    "Overflow",
    "Raw",
    "Resynced",
    "Rhythm",
    "Status",
    "StreamState",
]
