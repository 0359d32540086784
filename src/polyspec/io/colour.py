"""What differs between the colours and cannot be mirrored: sleeping, waiting, deadlines, locks."""

from __future__ import annotations

import inspect
import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import Any, Final, TypeVar

from polyspec.core.flight import Flight
from polyspec.errors import ConfigError, TimedOut

__all__ = ["Lock", "deadline", "remaining", "sleep", "wait", "whole", "work"]

T = TypeVar("T")

Lock = threading.Lock
sleep = time.sleep

_until: Final[ContextVar[float]] = ContextVar("until", default=math.inf)


def wait(flight: Flight[Any], timeout: float | None) -> Any:
    """Wait for a flight in this thread; raises TimedOut."""
    try:
        return flight.wait(timeout)
    except TimeoutError as error:
        raise TimedOut("the deadline passed while another call fetched what this one needs") from error


def work(task: Callable[[], Any]) -> Any:
    """Do foreign work in this thread; raises ConfigError if it is work for an event loop."""
    result = task()
    if inspect.isawaitable(result):
        # a coroutine that is never awaited complains, and so does one inside of what is given in its place
        if callable(close := getattr(result, "close", None)):
            close()
        raise ConfigError("this is asynchronous; give it to the asynchronous client")
    return result


def whole(task: Callable[[], T]) -> T:
    """Do work to its end: when this thread is interrupted, it is so once the work is done.

    Only the main thread is ever interrupted (Ctrl-C, signals), so it has another one do the work.
    Interrupted again, it does not wait for it any more.
    """
    if threading.current_thread() is not threading.main_thread():
        return task()
    done: Future[T] = Future()
    doing = threading.Thread(target=copy_context().run, args=(_carried, task, done), name="polyspec-whole")
    try:
        doing.start()
    except RuntimeError:
        # the interpreter ends, or the system has no more threads
        return task()
    try:
        return done.result()
    finally:
        doing.join()


def _carried(task: Callable[[], T], done: Future[T]) -> None:
    try:
        done.set_result(task())
    except BaseException as error:  # raised again where it is waited for
        done.set_exception(error)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Let every socket operation of this thread fail that goes on longer than the block may take.

    A thread cannot be interrupted, and timeouts of single reads do not end an answer that drips for ever.
    """
    token = _until.set(min(_until.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(token)


def remaining() -> float:
    """Return the seconds left to the block this thread is in; infinite outside of any."""
    return _until.get() - time.monotonic()
