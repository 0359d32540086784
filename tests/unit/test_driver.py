"""Both drivers: results and failures reach the flow, and whatever ends early is closed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from polyspec.core.effects import Effect, Flow, Instant, Now, Reply, Request, Send, Sleep, Wait
from polyspec.core.flight import Abandoned, Flight
from polyspec.errors import ConnectFailed, TimedOut
from polyspec.io import driver, driver_async
from tests.unit.calls import a_reply, a_request

Drive = Callable[..., Any]
Answer = Reply | BaseException


class _Http:
    """Answers as scripted, in either colour."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.sent: list[Request] = []

    def send(self, request: Request) -> Reply:
        self.sent.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


class _AsyncHttp(_Http):
    async def send(self, request: Request) -> Reply:  # type: ignore[override]
        await asyncio.sleep(0)
        return super().send(request)


def _blocking(flow: Flow[Any], *answers: Answer) -> Any:
    return driver.drive(flow, _Http(*answers))  # type: ignore[arg-type]


def _looping(flow: Flow[Any], *answers: Answer) -> Any:
    return asyncio.run(driver_async.drive(flow, _AsyncHttp(*answers)))  # type: ignore[arg-type]


@pytest.fixture(params=[_blocking, _looping], ids=["sync", "async"])
def drive(request: pytest.FixtureRequest) -> Drive:
    """Give each driver in turn."""
    found: Drive = request.param
    return found


def _send() -> Send:
    return Send(a_request("http://venue.example/"))


def test_results_reach_the_flow(drive: Drive) -> None:
    """Each effect is answered with what it asks for, in order."""

    def flow() -> Flow[list[Any]]:
        now = yield Now()
        slept = yield Sleep(0.001)
        later = yield Now()
        reply = yield _send()
        return [now, slept, later, reply]

    reply = a_reply(200)
    now, slept, later, got = drive(flow(), reply)
    assert isinstance(now, Instant)
    assert slept is None
    assert later.monotonic >= now.monotonic + 0.001
    assert got is reply


def test_flow_that_asks_for_nothing(drive: Drive) -> None:
    """A flow that yields nothing just returns."""

    def flow() -> Flow[int]:
        return 7
        yield Now()  # pragma: no cover

    assert drive(flow()) == 7


def test_failures_reach_the_flow(drive: Drive) -> None:
    """A failure is raised at the very effect, where the flow can handle it and go on."""

    def flow() -> Flow[tuple[str, int]]:
        try:
            yield _send()
        except ConnectFailed as error:
            caught = str(error)
        reply = yield _send()
        return caught, reply.status

    assert drive(flow(), ConnectFailed("refused"), a_reply(200)) == ("refused", 200)


def test_unhandled_failures_come_out(drive: Drive) -> None:
    """What the flow does not handle leaves the driver unchanged, and cleanup has run."""
    cleaned: list[bool] = []

    def flow() -> Flow[None]:
        try:
            yield _send()
        finally:
            cleaned.append(True)

    error = ConnectFailed("refused")
    with pytest.raises(ConnectFailed) as caught:
        drive(flow(), error)
    assert caught.value is error
    assert cleaned == [True]


@pytest.mark.parametrize("error", [ValueError("v"), StopIteration("s"), RuntimeError("r"), OSError("o")])
def test_any_exception_belongs_to_the_flow(error: Exception, drive: Drive) -> None:
    """Foreign exceptions reach the flow too; none is mistaken for its end."""

    def flow() -> Flow[str]:
        try:
            yield _send()
        except Exception as caught:
            return type(caught.__cause__ or caught).__name__
        return "nothing"

    # a coroutine cannot raise StopIteration: Python makes a RuntimeError of it
    assert drive(flow(), error) in (type(error).__name__, "RuntimeError")


def test_errors_of_the_flow_itself(drive: Drive) -> None:
    """An exception of the flow's own making comes out as it is."""

    def flow() -> Flow[None]:
        yield Now()
        raise KeyError("bug")

    with pytest.raises(KeyError, match="bug"):
        drive(flow())


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1)])
def test_interrupts_close_the_flow(error: BaseException) -> None:
    """An interrupt is not the flow's to handle: it is closed, cleans up, and the interrupt goes on."""
    seen: list[str] = []

    def flow() -> Flow[None]:
        try:
            yield _send()
        except Exception:
            seen.append("handled")
        finally:
            seen.append("cleaned")

    with pytest.raises(type(error)):
        _blocking(flow(), error)
    assert seen == ["cleaned"]


@pytest.mark.parametrize(
    "effect",
    [Sleep(30.0), Wait(Flight[int](), 30.0), Wait(Flight[int](), None)],
    ids=["sleep", "wait", "for ever"],
)
def test_cancellation_closes_the_flow(effect: Effect) -> None:
    """A cancelled task leaves its flow at once, however deep, and innermost cleanup comes first."""
    seen: list[str] = []

    def inner() -> Flow[None]:
        try:
            yield effect
        finally:
            seen.append("inner")

    def outer() -> Flow[None]:
        try:
            yield from inner()
        finally:
            seen.append("outer")

    async def main(flow: Flow[None]) -> None:
        task = asyncio.create_task(driver_async.drive(flow, _AsyncHttp()))  # type: ignore[arg-type]
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    # kept here, so that only the driver can have closed it
    flow = outer()
    asyncio.run(main(flow))
    assert seen == ["inner", "outer"]


def test_cancelled_waiter_leaves_the_flight_to_others() -> None:
    """Cancelling one who waits takes the result from nobody else."""

    def waiting(flight: Flight[int]) -> Flow[int]:
        result: int = yield Wait(flight, 5.0)
        return result

    async def main() -> int:
        flight: Flight[int] = Flight()
        http: Any = _AsyncHttp()
        first = asyncio.create_task(driver_async.drive(waiting(flight), http))
        second = asyncio.create_task(driver_async.drive(waiting(flight), http))
        await asyncio.sleep(0.01)
        first.cancel()
        await asyncio.sleep(0.01)
        flight.land(42)
        return await second

    assert asyncio.run(main()) == 42


def test_waiting_for_a_flight(drive: Drive) -> None:
    """Waiting yields what landed, from another thread as well."""
    flight: Flight[str] = Flight()
    threading.Timer(0.02, flight.land, ["landed"]).start()

    def flow() -> Flow[str]:
        result: str = yield Wait(flight, 5.0)
        return result

    assert drive(flow()) == "landed"


def test_waiting_in_vain(drive: Drive) -> None:
    """A wait that takes too long raises TimedOut in the flow, and a leader that gave up Abandoned."""

    def flow() -> Flow[list[str]]:
        seen = []
        given_up: Flight[str] = Flight()
        given_up.crash(Abandoned())
        for flight in (Flight[str](), given_up):
            try:
                yield Wait(flight, 0.02)
            except (TimedOut, Abandoned) as error:
                seen.append(type(error).__name__)
        return seen

    assert drive(flow()) == ["TimedOut", "Abandoned"]


def test_flow_that_will_not_end(drive: Drive) -> None:
    """A flow that asks for more while it is being closed is an error that shows."""

    def flow() -> Flow[None]:
        try:
            yield _send()
        finally:
            yield Now()

    with pytest.raises((RuntimeError, ConnectFailed)):
        drive(flow(), ConnectFailed("refused"))
