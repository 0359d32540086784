"""One write at a time, cancels first, and whoever gives up leaves no hole in the line."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable
from typing import Any

import pytest

from polyspec.core.effects import Flow, Now, Sleep, Wait
from polyspec.core.flight import Flight
from polyspec.errors import TimedOut
from polyspec.polysimulator.turns import CANCEL_WAITS, Turns, turns_of
from tests.unit.flows import Running, World, in_task, in_thread, together


class Writes:
    """Notes who writes, and that nobody else does meanwhile."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.busy = 0
        self.most = 0

    def write(self, name: str, seconds: float = 0.0) -> Flow[str]:
        """Write for some seconds."""
        self.busy += 1
        self.most = max(self.most, self.busy)
        try:
            yield Sleep(seconds)
            self.done.append(name)
        finally:
            self.busy -= 1
        return name


@pytest.fixture
def world() -> World:
    """Return clocks that move when told."""
    return World()


@pytest.fixture
def writes() -> Writes:
    """Return what notes the writes."""
    return Writes()


def waiting(world: World, turns: Turns, work: Flow[Any], until: float = 1010.0, **how: bool) -> Running:
    """Begin a flow in its turn, and stop it where it waits for somebody else or does something."""
    running = Running(world, turns.within(work, until, **how))
    while isinstance(running.effect, Now):
        running.step()
    return running


def test_one_after_the_other(world: World, writes: Writes) -> None:
    """Who comes second waits until the first is done, and the third for the second."""
    turns = Turns()
    runs = [waiting(world, turns, writes.write(name)) for name in "abc"]
    assert [type(each.effect) for each in runs] == [Sleep, Wait, Wait]
    assert [each.finish() for each in runs] == ["a", "b", "c"]
    assert writes.most == 1


def test_cancels_first(world: World, writes: Writes) -> None:
    """A cancel goes before every placement that waits, and cancels keep their order."""
    turns = Turns()
    first = waiting(world, turns, writes.write("placing"))
    others = [waiting(world, turns, writes.write(name)) for name in ("b", "c")]
    cancels = [waiting(world, turns, writes.write(name), urgent=True) for name in ("x", "y")]
    for each in (first, *cancels, *others):
        each.finish()
    assert writes.done == ["placing", "x", "y", "b", "c"]
    assert world.monotonic == 1000.0, "somebody went without a turn"
    assert writes.most == 1


def test_too_late(world: World, writes: Writes) -> None:
    """Whose turn does not come in time has done nothing, and leaves the line."""
    turns = Turns()
    first = waiting(world, turns, writes.write("a"), 2000.0)
    second = waiting(world, turns, writes.write("b"), 1005.0)
    third = waiting(world, turns, writes.write("c"), 2000.0)
    with pytest.raises(TimedOut) as caught:
        second.finish()
    assert not caught.value.maybe_executed
    assert world.monotonic == 1005.0
    first.finish()
    third.finish()
    assert writes.done == ["a", "c"]


def test_cancels_do_not_wait_for_ever(world: World, writes: Writes) -> None:
    """A cancel goes after two seconds although a placement hangs, and the line goes on behind it."""
    turns = Turns()
    hanging = waiting(world, turns, writes.write("hangs"), 2000.0)
    cancel = waiting(world, turns, writes.write("cancel"), 2000.0, urgent=True)
    later = waiting(world, turns, writes.write("later"), 2000.0)
    cancel.finish()
    assert world.monotonic == 1000.0 + CANCEL_WAITS
    hanging.finish()
    later.finish()
    assert writes.done == ["cancel", "hangs", "later"]


def test_impatient_cancel(world: World, writes: Writes) -> None:
    """A cancel with less time than that does not go without its turn."""
    turns = Turns()
    hanging = waiting(world, turns, writes.write("hangs"), 2000.0)
    with pytest.raises(TimedOut):
        waiting(world, turns, writes.write("cancel"), 1001.0, urgent=True).finish()
    hanging.finish()
    assert writes.done == ["hangs"]


@pytest.mark.parametrize("who", [0, 1])
def test_given_up(world: World, writes: Writes, who: int) -> None:
    """A flow that is closed, whether it writes or waits, lets the next one in."""
    turns = Turns()
    runs = [waiting(world, turns, writes.write(name)) for name in "abc"]
    gone = runs.pop(who)
    gone.flow.close()
    for each in runs:
        each.finish()
    assert writes.done == [name for place, name in enumerate("abc") if place != who]
    assert writes.most == 1


def test_given_up_as_the_turn_came(world: World, writes: Writes) -> None:
    """A turn that was given to somebody who goes at that moment is given on."""
    turns = Turns()
    first, second, third = (waiting(world, turns, writes.write(name)) for name in "abc")
    first.finish()
    second.flow.close()
    third.finish()
    assert writes.done == ["a", "c"]


def test_failed(world: World, writes: Writes) -> None:
    """A write that fails gives its turn on, and its failure to whoever asked for it."""

    def fail() -> Flow[None]:
        yield Sleep(0)
        raise ValueError("broken")

    turns = Turns()
    first = waiting(world, turns, fail())
    second = waiting(world, turns, writes.write("b"))
    with pytest.raises(ValueError, match="broken"):
        first.finish()
    assert second.finish() == "b"


def test_left_behind(world: World, writes: Writes) -> None:
    """A flow nobody holds any more - its loop was stopped - leaves the line when it is collected."""
    turns = Turns()
    first = waiting(world, turns, writes.write("a"))
    second = waiting(world, turns, writes.write("b"))
    del first
    gc.collect()
    assert second.finish() == "b"


def test_dead_holder(world: World, writes: Writes) -> None:
    """Whoever was to have ended long ago and was never heard of again is passed over."""
    turns = Turns()
    dead = waiting(world, turns, writes.write("dead"), 1003.0)
    living = waiting(world, turns, writes.write("b"), 2000.0)
    assert living.finish() == "b"
    assert 1008 <= world.monotonic < 1009
    assert isinstance(dead.effect, Sleep)


def test_never_begun(world: World, writes: Writes) -> None:
    """A turn that is never taken up costs nothing."""
    turns = Turns()
    turns.within(writes.write("never"), 1010.0)
    gc.collect()
    assert waiting(world, turns, writes.write("a")).finish() == "a"


def test_threads(writes: Writes) -> None:
    """Many threads write one at a time, and all of them do."""
    turns = Turns()

    def work(name: str) -> Callable[[], str]:
        until = time.monotonic() + 20
        return lambda: in_thread(turns.within(writes.write(name, 0.001), until))

    names = [str(number) for number in range(30)]
    assert together([work(name) for name in names]) == names
    assert sorted(writes.done) == sorted(names)
    assert writes.most == 1


def test_tasks_that_are_cancelled(writes: Writes) -> None:
    """Tasks that are cancelled while they wait or write leave no hole; the others write one at a time."""
    turns = Turns()

    async def main() -> None:
        until = time.monotonic() + 20
        tasks = [
            asyncio.create_task(in_task(turns.within(writes.write(str(number), 0.002), until)))
            for number in range(30)
        ]
        await asyncio.sleep(0.01)
        for task in tasks[::3]:
            task.cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        done = [each for each in found if isinstance(each, str)]
        assert len(done) >= 20
        assert all(isinstance(each, str | asyncio.CancelledError) for each in found)

    asyncio.run(main())
    assert writes.most == 1
    assert in_thread(turns.within(writes.write("last"), time.monotonic() + 5)) == "last"


def test_threads_and_tasks_together(writes: Writes) -> None:
    """A line holds for threads and for tasks of several loops at once."""
    turns = Turns()
    until = time.monotonic() + 20

    async def several(name: str) -> None:
        await asyncio.gather(
            *(in_task(turns.within(writes.write(f"{name}{number}", 0.001), until)) for number in range(8))
        )

    def loop(name: str) -> Callable[[], None]:
        return lambda: asyncio.run(several(name))

    def thread(name: str) -> Callable[[], Any]:
        return lambda: in_thread(turns.within(writes.write(name, 0.001), until))

    together([loop("x"), loop("y"), *(thread(str(number)) for number in range(8))])
    assert len(writes.done) == 24
    assert writes.most == 1


def test_lines_of_accounts() -> None:
    """Clients of one account stand in one line, others in others; so many are kept."""
    ours = turns_of("https://a.test", "one")
    assert turns_of("https://a.test", "one") is ours
    assert turns_of("https://b.test", "one") is not ours
    assert turns_of("https://a.test", "two") is not ours
    for number in range(300):
        turns_of("https://a.test", f"many {number}")
    assert turns_of("https://a.test", "one") is not ours


def test_entered_again_by_the_collector(world: World, writes: Writes) -> None:
    """A flow that is collected in the middle of giving the turn on does not break the line."""
    turns = Turns()
    first, second, third = (waiting(world, turns, writes.write(name)) for name in "abc")
    known = Flight.land

    def land(self: Flight[Any], result: Any) -> None:
        # as if the collector ran right here
        third.flow.close()
        known(self, result)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flight, "land", land)
        first.finish()
    assert second.finish() == "b"
    assert waiting(world, turns, writes.write("d")).finish() == "d"
