"""Clients with one guard off each: what the matrix says must not happen happens to them.

Run as a plugin of pytest (``-p tests.faults.broken``) it takes the guard that POLYSPEC_BROKEN names for each
test, as ``guard=node id`` lines, and turns it off around that test alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from polyspec.core.effects import Flow, Now

__all__ = ["BREAKS", "VARIABLE"]

VARIABLE = "POLYSPEC_BROKEN"
"""Where the plugin finds which guard is off for which test: JSON, guards by node id."""

Break = Callable[[pytest.MonkeyPatch], None]
BREAKS: dict[str, Break] = {}
"""What turns each guard off, by its name."""


def breaks(name: str) -> Callable[[Break], Break]:
    """Give a way to break a client a name."""

    def named(function: Break) -> Break:
        BREAKS[name] = function
        return function

    return named


# -- sending again --


@breaks("repeats")
def _repeats(patch: pytest.MonkeyPatch) -> None:
    """Send whatever failed again, at once and whatever it was."""
    from polyspec.core import sending

    patch.setattr(sending, "may_repeat", lambda *_: True)


@breaks("gives-up")
def _gives_up(patch: pytest.MonkeyPatch) -> None:
    """Send nothing again, not even a cancel."""
    from polyspec.core import sending

    patch.setattr(sending, "may_repeat", lambda *_: False)


@breaks("renames")
def _renames(patch: pytest.MonkeyPatch) -> None:
    """Send an order again under another client order id."""
    from polyspec.polysimulator import placing
    from polyspec.polysimulator.ticket import new_client_order_id

    send = placing._Attempts._send

    def anew(self: Any) -> Flow[Any]:
        if self._number > 1:
            name = new_client_order_id()
            body = self._ticket.body.replace(self._ticket.client_order_id.encode(), name.encode())
            self._ticket = attrs.evolve(self._ticket, client_order_id=name, body=body)
            self._call = placing.order_call(self._ticket)
        return (yield from send(self))

    patch.setattr(placing._Attempts, "_send", anew)


@breaks("trusts-timeouts")
def _trusts_timeouts(patch: pytest.MonkeyPatch) -> None:
    """Take a lost answer for a lost order."""
    from polyspec.clob import resolving as clob
    from polyspec.polysimulator import resolving as sim
    from polyspec.us import resolving as us

    def one(self: Any, unknown: Any, timeout: float) -> Flow[Any]:
        del self, timeout
        yield Now()
        return us._never_arrived(unknown) if unknown.order_id is None else unknown

    def many(made: Callable[[Any], Any]) -> Callable[..., Flow[Any]]:
        def resolve(self: Any, unknowns: Any, deadline: float) -> Flow[Any]:
            del self, deadline
            yield Now()
            return [made(each) for each in unknowns]

        return resolve

    patch.setattr(us.Resolving, "resolve", one)
    patch.setattr(clob.Resolving, "resolve", many(clob._never_arrived))
    patch.setattr(sim.Resolving, "resolve", many(sim._absent))


# -- the plugin --


def _wanted() -> dict[str, str]:
    found: dict[str, str] = json.loads(os.environ.get(VARIABLE, "{}"))
    return found


@pytest.fixture(autouse=True)
def _broken(request: pytest.FixtureRequest) -> Iterator[None]:
    guard = _wanted().get(request.node.nodeid)
    if guard is None:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        BREAKS[guard](patch)
        yield
