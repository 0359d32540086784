# Mirrored from driver_async.py by `python -m generator.mirror`; do not edit.
"""Run a flow: perform each effect it asks for and hand back what came of it."""

from __future__ import annotations

import time
from typing import Any, TypeVar

from polyspec.core.effects import Do, Flow, Instant, Now, Send, Sleep, Wait, Whole
from polyspec.io.colour import sleep, wait, whole, work
from polyspec.io.http import Http

__all__ = ["drive"]

T = TypeVar("T")


def drive(flow: Flow[T], http: Http) -> T:
    """Run a flow to its end; being cancelled here closes the flow, which then cleans up."""
    try:
        effect = next(flow)
        while True:
            try:
                # the two that every call asks for, most of them several times, are worth no call of their own
                outcome: Any
                if isinstance(effect, Now):
                    outcome = Instant(time.monotonic(), time.time())
                elif isinstance(effect, Send):
                    outcome = http.send(effect.request)
                else:
                    outcome = _perform(effect, http)
            except Exception as error:  # every failure belongs to the flow
                effect = flow.throw(error)
            else:
                effect = flow.send(outcome)
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        flow.close()


def _perform(effect: Sleep | Do | Wait | Whole, http: Http) -> Any:
    if isinstance(effect, Sleep):
        return sleep(effect.seconds)
    if isinstance(effect, Do):
        return work(effect.work)
    if isinstance(effect, Whole):
        inner: Flow[Any] = effect.flow
        return whole(lambda: drive(inner, http))
    return wait(effect.flight, effect.timeout)
