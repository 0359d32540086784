"""What is said to the market data stream: in a talk, or once and for all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from attrs import evolve, field, frozen
from attrs.validators import instance_of

from polyspec.core.streams.machine import Rhythm
from polyspec.errors import ConfigError
from polyspec.us.instrument import Instrument

__all__ = ["EVERYTHING", "MARKET_RHYTHM", "MOST_SYMBOLS", "BookTerms", "MarketWords", "read_symbols"]

EVERYTHING: Final = ""
"""Stands for all symbols where a machine wants a key."""
MOST_SYMBOLS: Final = 1000
"""The most symbols the venue takes on one stream."""
MARKET_RHYTHM: Final = Rhythm(ping=480.0, pong=None, silent=180.0, subscribe=30.0, late=15.0)
"""The venue gives signs of life; 180 s without any, and it counts as dead. Its load balancers close what a
client says nothing on, the strictest of them after ten minutes.
"""
_MOST_DEPTH: Final = 2**31 - 1


@frozen(kw_only=True)
class BookTerms:
    """How books are told."""

    depth: int = 10
    """Levels of a side."""
    unaggregated: bool = field(default=False, validator=instance_of(bool))
    """Every order by itself; levels of books are whole all the same."""
    snapshot_only: bool = field(default=False, validator=instance_of(bool))
    """Each book once, and then the end."""
    skip_to_head: bool = field(default=True, validator=instance_of(bool))
    """Whether the venue leaves out what a slow client did not take; otherwise it hangs up."""
    one_way: bool = field(default=False, validator=instance_of(bool))
    """Whether everything is said in the opening."""

    def __attrs_post_init__(self) -> None:
        depth: object = self.depth
        if not isinstance(depth, int) or isinstance(depth, bool) or not 1 <= depth <= _MOST_DEPTH:
            raise ConfigError(f"depth must be a number of levels, 1 or more, not {depth!r}")

    def paced(self, rhythm: Rhythm) -> Rhythm:
        """Return the rhythm of such a stream: who cannot speak any more neither pings nor asks again.

        Nothing answers pings where there are any.
        """
        rhythm = evolve(rhythm, pong=None)
        return evolve(rhythm, ping=None, late=None) if self.one_way else rhythm


class MarketWords:
    """Requests of one stream."""

    def __init__(self, request: type[Any], terms: BookTerms) -> None:
        """Prepare them; `request` is the message the call takes."""
        self.refused: set[str] = set()
        """Symbols the venue does not have on this stream: there is nothing to be taken back."""
        self._request = request
        self._terms = terms

    def opening(self, keys: list[str]) -> Any:
        """Return what asks for symbols on a new connection; options count in the first message alone."""
        symbols = [each for each in keys if each != EVERYTHING]
        terms = self._terms
        request = self._request(
            unaggregated=terms.unaggregated,
            depth=terms.depth,
            snapshot_only=terms.snapshot_only,
            slow_consumer_skip_to_head=terms.skip_to_head,
        )
        asked = request if terms.one_way else request.subscribe
        asked.symbols.extend(symbols)
        return request

    def begin(self, keys: list[str]) -> list[object]:
        """Ask for symbols, unless the opening did."""
        self.refused.clear()
        return [] if self._terms.one_way else [self.opening(keys)]

    def change(self, added: list[str], removed: list[str]) -> list[object]:
        """Ask for fewer symbols, then for more: there may be no room for both."""
        if self._terms.one_way:
            return []
        asked: list[object] = []
        if removed := [each for each in removed if each not in self.refused]:
            request = self._request()
            request.unsubscribe.symbols.extend(removed)
            asked.append(request)
        self.refused.difference_update(added)
        if added:
            request = self._request()
            request.subscribe.symbols.extend(added)
            asked.append(request)
        return asked

    def ping(self) -> object:
        """Say something, which nothing answers."""
        request = self._request()
        request.keepalive.SetInParent()
        return request


def read_symbols(given: Iterable[str | Instrument]) -> list[str]:
    """Return symbols, each once; raises ConfigError for what is none."""
    if isinstance(given, str):
        raise ConfigError(f"symbols must be several, as in [{given!r}], not one text")
    found = [each.symbol if isinstance(each, Instrument) else each for each in given]
    for each in found:
        if not isinstance(each, str) or not each:
            raise ConfigError(f"a symbol must be a text, not {each!r}")
    return list(dict.fromkeys(found))
