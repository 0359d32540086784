# Mirrored from calls_async.py by `python -m generator.mirror`; do not edit.
"""What the client of any venue does with a typed call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from polyspec_wire import Call

from polyspec.core.effects import Flow
from polyspec.core.paging import items, next_page
from polyspec.core.sending import Answer, Session
from polyspec.io.driver import drive
from polyspec.io.http import Http

__all__ = ["Calls"]

T = TypeVar("T")


class Calls:
    """Sends calls over the connections of one client."""

    session: Session
    """What all calls of the client share."""
    _http: Http

    def send(self, call: Call[T], *, timeout: float | None = None) -> T:
        """Send any call of the venue's package in `polyspec_wire` and return its typed answer."""
        return self.exchange(call, timeout=timeout).value

    def exchange(self, call: Call[T], *, timeout: float | None = None) -> Answer[T]:
        """Send any call; the answer comes with status, headers, raw body and the number of attempts."""
        return self.run(self.session.send(call, timeout))

    def run(self, flow: Flow[T]) -> T:
        """Run a flow on this client's connections."""
        return drive(flow, self._http)

    def pages(self, call: Call[T], *, timeout: float | None = None) -> Iterator[T]:
        """Iterate over the pages of a call, one in memory at a time; `timeout` holds for each page."""
        following: Call[T] | None = call
        while following is not None:
            page = self.send(following, timeout=timeout)
            yield page
            following = next_page(following, page)

    def iterate(self, call: Call[Any], *, timeout: float | None = None) -> Iterator[Any]:
        """Iterate over what all pages of a call list, in constant memory."""
        for page in self.pages(call, timeout=timeout):
            yield from items(call, page)
