"""Drive flows by hand: virtual clocks, scripted answers, no network and no event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, TypeVar

from polyspec.core.effects import Do, Effect, Flow, Instant, Now, Reply, Request, Send, Sleep, Wait
from polyspec.errors import TimedOut

T = TypeVar("T")

Handler = Callable[[Request], Reply | Exception]


class World:
    """Clocks that only move when told, and a server that answers as scripted."""

    def __init__(self, handler: Handler | None = None, *, wall: float = 1_800_000_000.0) -> None:
        self.monotonic = 1000.0
        self.wall = wall
        self.handler = handler
        self.requests: list[Request] = []
        self.sleeps: list[float] = []
        self.latency = 0.05

    def pass_time(self, seconds: float) -> None:
        """Let both clocks run."""
        self.monotonic += seconds
        self.wall += seconds

    def answer(self, effect: Effect) -> Any:
        """Perform one effect."""
        if isinstance(effect, Now):
            return Instant(self.monotonic, self.wall)
        if isinstance(effect, Sleep):
            self.sleeps.append(effect.seconds)
            return self.pass_time(effect.seconds)
        if isinstance(effect, Send):
            self.requests.append(effect.request)
            assert self.handler is not None
            self.pass_time(self.latency)
            reply = self.handler(effect.request)
            if isinstance(reply, Exception):
                # an error learns on its way what it is about, and must not take that to another test
                raise copy(reply)
            return reply
        if isinstance(effect, Do):
            return effect.work()
        assert effect.timeout is not None
        try:
            return effect.flight.wait(0)
        except TimeoutError:
            self.pass_time(effect.timeout)
            raise TimedOut("nothing landed") from None

    def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end."""
        result: T = Running(self, flow).finish()
        return result


class Running:
    """A flow that can be stopped at any effect."""

    def __init__(self, world: World, flow: Flow[Any]) -> None:
        self.world = world
        self.flow = flow
        self.effect: Effect | None = None
        self.result: Any = None
        try:
            self.effect = next(flow)
        except StopIteration as stop:
            self.result = stop.value

    def step(self) -> None:
        """Perform the effect the flow waits at."""
        assert self.effect is not None
        try:
            try:
                outcome = self.world.answer(self.effect)
            except Exception as error:
                self.effect = self.flow.throw(error)
            else:
                self.effect = self.flow.send(outcome)
        except StopIteration as stop:
            self.effect, self.result = None, stop.value

    def until(self, kind: type[Any]) -> Running:
        """Go on until the flow waits at such an effect."""
        while not isinstance(self.effect, kind):
            assert self.effect is not None, "the flow ended"
            self.step()
        return self

    def finish(self) -> Any:
        """Go on to the end."""
        while self.effect is not None:
            self.step()
        return self.result


def in_thread(flow: Flow[T]) -> T:
    """Run a flow with real clocks in this thread; it may not send."""
    effect = next(flow)
    while True:
        try:
            try:
                if isinstance(effect, Now):
                    outcome: Any = Instant(time.monotonic(), time.time())
                elif isinstance(effect, Sleep):
                    time.sleep(effect.seconds)
                    outcome = None
                elif isinstance(effect, Do):
                    outcome = effect.work()
                else:
                    assert isinstance(effect, Wait)
                    outcome = effect.flight.wait(effect.timeout)
            except Exception as error:
                effect = flow.throw(error)
            else:
                effect = flow.send(outcome)
        except StopIteration as stop:
            result: T = stop.value
            return result


async def in_task(flow: Flow[T]) -> T:
    """Run a flow with real clocks in this task; it may not send. Being cancelled closes it."""
    try:
        effect = next(flow)
        while True:
            try:
                if isinstance(effect, Now):
                    outcome: Any = Instant(time.monotonic(), time.time())
                elif isinstance(effect, Sleep):
                    await asyncio.sleep(effect.seconds)
                    outcome = None
                else:
                    assert isinstance(effect, Wait)
                    outcome = await effect.flight.wait_async(effect.timeout)
            except Exception as error:
                effect = flow.throw(error)
            else:
                effect = flow.send(outcome)
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        flow.close()


def together(works: Iterable[Callable[[], T]], timeout: float = 30.0) -> list[T]:
    """Run all works at the same moment, each in a thread; raises if one does not end."""
    works = list(works)
    barrier = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(index: int, work: Callable[[], T]) -> None:
        barrier.wait()
        try:
            results[index] = work()
        except BaseException as error:
            results[index] = error

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout)
        assert not thread.is_alive(), "a thread hangs"
    return results
