"""Show steps as they happen: coloured in a terminal, plain in a pipe, one JSON object a line on request."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from attrs import define, field

from polyspec.errors import PolyspecError

__all__ = ["Step", "Steps"]


@define
class Step:
    """One step under way; what it finds out is shown when it ends."""

    name: str
    facts: dict[str, Any] = field(factory=dict)

    def found(self, **facts: Any) -> None:
        """Note facts to show."""
        self.facts.update(facts)

    def expect(self, holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
        """Raise PolyspecError unless the step did what it says."""
        if not holds:
            raise PolyspecError(otherwise)


class Steps:
    """Prints steps; `as_json` for programs."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._number = 0
        self._print: Callable[[str], None] = print if as_json or not sys.stdout.isatty() else _coloured()
        self._colours = self._print is not print

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Run one step; its failure is shown and raised."""
        self._number += 1
        step, start = Step(name), time.monotonic()
        try:
            yield step
        except BaseException as error:
            self._show(step, start, str(error) or type(error).__name__)
            raise
        self._show(step, start, None)

    def _show(self, step: Step, start: float, error: str | None) -> None:
        seconds = time.monotonic() - start
        if self._as_json:
            line = {
                "step": self._number,
                "name": step.name,
                "ok": error is None,
                "ms": round(seconds * 1000, 1),
            }
            found = {key: str(value) for key, value in step.facts.items()}
            failure = {} if error is None else {"error": error}
            print(msgspec.json.encode(line | found | failure).decode(), flush=True)
            return
        facts = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in step.facts.items())
        mark = "ok" if error is None else "FAILED"
        if self._colours:
            mark = "[green]✔[/]" if error is None else "[red]✘[/]"
            facts = f"[dim]{_escaped(facts)}[/]"
        self._print(f"{self._number:>2}. {mark} {step.name}" + (f": {facts}" if step.facts else ""))


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _coloured() -> Callable[[str], None]:
    try:
        from rich.console import Console
    except ModuleNotFoundError:
        return print
    return Console(highlight=False).print
