"""A bad day for three streams at once: all of it is told once, or said to be lost, and each is live again."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final

import pytest
from attrs import evolve

from polyspec.core.streams.events import Gap, Lost, Message, Resynced, StreamState
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us.world import Participant
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.proto_words import name_of
from tests.client.doing_async import sleep
from tests.client.us.private import COPY, ORDER_STREAM, ORDERS, REPLAY, options, trade
from tests.client.us.rig import Venue, open_venue

pytestmark = pytest.mark.anyio

TRADES: Final = "DropCopyAPI_CreateTradeCaptureReportSubscription"
ALL: Final = (ORDER_STREAM, COPY, TRADES)
TOKENS: Final = (COPY, TRADES)
DAY: Final[tuple[tuple[tuple[str, ...], Iterable[str]], ...]] = (
    (("grpc_duplicate", "grpc_unavailable"), ALL),
    (("grpc_goaway",), ALL),
    # what was swapped comes after the next, however many are
    (("grpc_reorder", "grpc_reorder"), TOKENS),
    (("grpc_silent",), ALL),
    # lost, but the next connection goes on from before it
    (("grpc_lose", "grpc_unavailable"), TOKENS),
    # updates come, and the snapshot does not
    (("grpc_unavailable", "grpc_lose"), (ORDER_STREAM,)),
    (("grpc_unavailable", "grpc_forgotten"), TOKENS),
    # so many tokens are refused that there is no other for now; one refusal at the door is not the end
    (("grpc_expired",), ALL),
    (("grpc_expired",), ALL),
    (("grpc_expired",), ALL),
    (("grpc_unavailable", "unauthorized"), ALL),
)
FORGOTTEN: Final = ("grpc_unavailable", "grpc_forgotten", "grpc_forgotten")
_STEP: Final = 10.0


class Day:
    """One client with three streams, and what happens to them."""

    def __init__(self, venue: Venue, client: AsyncUsExchangeClient, person: Participant, symbol: str) -> None:
        self.venue = venue
        self.person = person
        self.symbol = symbol
        orders = evolve(ORDERS, subscribe=1.0)
        replay = evolve(REPLAY, silent=0.4)
        self.streams: dict[str, Any] = {
            ORDER_STREAM: client.stream.orders([symbol], rhythm=orders),
            COPY: client.stream.drop_copy([symbol], rhythm=replay),
            TRADES: client.stream.trade_captures([symbol], rhythm=replay),
        }
        self.happened: list[Any] = []
        with venue.world.lock:
            venue.world.listeners.append(self.happened.extend)

    async def live(self) -> None:
        """Wait until every stream is."""
        latest = time.monotonic() + _STEP
        while not all(each.state is StreamState.LIVE for each in self.streams.values()):
            assert time.monotonic() < latest, [*self.streams.values()]
            await sleep(0.01)

    async def strike(self, kinds: Iterable[str], operations: Iterable[str]) -> None:
        """Have all of it happen while there is trade; return when the streams are well again."""
        for operation in operations:
            for kind in kinds:
                self.venue.sandbox.faults.add(kind=kind, operation=operation, times=1)
        latest = time.monotonic() + _STEP
        while self.venue.sandbox.faults.pending():
            assert time.monotonic() < latest, self.venue.sandbox.faults.pending()
            trade(self.venue, self.person, self.symbol)
            await sleep(0.02)
        trade(self.venue, self.person, self.symbol)
        await self.live()

    def wanted(self, operation: str, *, own: bool = False) -> list[Any]:
        """Return the names of what happened, in order; all of it, or what the participant did."""
        if operation == TRADES:
            made = [each for each in self.happened if isinstance(each, t.Trade)]
            return [each.id if own else (each.id, f"TRADE_STATE_{each.state.name}") for each in made]
        own = own or operation == ORDER_STREAM
        done = [each for each in self.happened if isinstance(each, t.Execution)]
        return [each.id for each in done if not own or each.order.participant == self.person.name]

    async def read(self, operation: str) -> list[Any]:
        """Return what a stream tells, up to what happened last, outside of any gap."""
        events, gaps, last = list[Any](), list[Any](), self.wanted(operation)[-1]
        async for event in self.streams[operation]:
            events.append(event)
            gaps += [event] if isinstance(event, Gap | Resynced | Lost) else []
            whole = not gaps or not isinstance(gaps[-1], Gap)
            if whole and last in names(operation, events[-100:]):
                return events
        raise AssertionError("the stream ended")


def names(operation: str, events: Iterable[Any]) -> list[Any]:
    """Return the names of what was told, in order."""
    natives = [each.native for each in events if isinstance(each, Message)]
    if operation == TRADES:
        return [(each.id, name_of(each, "state")) for each in natives]
    return [each.id for each in natives if each.DESCRIPTOR.name == "Execution"]


def ends(events: Iterable[Any]) -> list[Any]:
    """Return how each gap ended, having made sure that each did."""
    left: list[Gap] = []
    found = []
    for each in events:
        if isinstance(each, Gap):
            left.append(each)
        elif isinstance(each, Resynced | Lost):
            assert [each.gap] == left
            left.clear()
            found.append(type(each))
    assert left == []
    return found


async def test_all_of_it_once_or_lost() -> None:
    """By the venue's own records; only what came in a gap that ended in `Lost` may be missing."""
    with open_venue(venues=["us"], tls=True, heartbeat=0.05, clearing_delay=0.0) as venue:
        person, symbol = venue.person(), venue.market()
        async with AsyncUsExchangeClient(**options(venue, person)) as client:
            day = Day(venue, client, person, symbol)
            for each in day.streams.values():
                await each.__aenter__()
            await day.live()
            for kinds, operations in DAY:
                await day.strike(kinds, operations)
            for operation in ALL:
                events = await day.read(operation)
                assert sorted(names(operation, events)) == sorted(day.wanted(operation))
                assert set(ends(events)) == {Resynced}
            day.happened.clear()
            await day.strike(FORGOTTEN, TOKENS)
            for operation in TOKENS:
                events = await day.read(operation)
                told = names(operation, events)
                assert len(told) == len(set(told))
                assert set(told) <= set(day.wanted(operation))
                own = {each[0] for each in told} if operation == TRADES else set(told)
                assert set(day.wanted(operation, own=True)) <= own
                assert ends(events) == [Lost]
