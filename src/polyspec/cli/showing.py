"""Where what streams tell is shown: a terminal, a pipe, or a program that reads JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from polyspec.cli.extras import needing
from polyspec.cli.following import Show
from polyspec.cli.watching import BookFeed, Watched
from polyspec.cli.watching_lines import JsonLines, PlainLines
from polyspec.core.streams.events import Event
from polyspec.core.streams.recording import Header

__all__ = ["on_terminal", "shown"]


class _Printed:
    """One line an event, handed on at once."""

    def __init__(self, lines: JsonLines | PlainLines) -> None:
        self._line = lines.line

    def tell(self, events: list[Event], now: float) -> None:
        """Print events."""
        del now
        for each in events:
            line = self._line(each)
            if line is not None:
                print(line, flush=True)

    def rest(self, now: float) -> None:
        """Print nothing."""


def on_terminal(*, as_json: bool) -> bool:
    """Tell whether somebody looks at it."""
    return not as_json and sys.stdout.isatty()


@contextmanager
def shown(venue: Watched, header: Header, feed: BookFeed, *, as_json: bool) -> Iterator[Show]:
    """Show what happens where it is wanted; raises ConfigError if a library is missing for that."""
    if as_json:
        yield _Printed(JsonLines(venue, header, feed.books))
    elif not on_terminal(as_json=False):
        yield _Printed(PlainLines(venue, header, feed.books))
    else:
        with needing("cli"):
            from polyspec.cli.watching_view import view
        with view(venue, header, feed) as screen:
            yield screen
