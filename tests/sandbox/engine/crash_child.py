"""Place orders on a journalled exchange for ever, acknowledging each one after it is committed."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from polyspec.sandbox.engine import JournaledExchange
from polyspec.sandbox.engine import types as t
from tests.sandbox.engine.flow import START, Flow, opening
from tests.sandbox.oracle import Oracle


def main(path: str, seed: int) -> None:
    """Append to the journal at a path until killed; print the number of commands acknowledged."""
    durable = JournaledExchange.open(path)
    existing = sum(1 for _ in durable.journal.commands())
    for done, (command, now) in enumerate(stream(Oracle(), Flow(seed)), 1):
        if done > existing:
            durable.apply(command, now)
            sys.stdout.write(f"{done}\n")
            sys.stdout.flush()


def stream(oracle: Oracle, flow: Flow) -> Iterator[tuple[t.Command, int]]:
    """Yield the opening and then random commands with their times, for ever."""
    for command in opening():
        oracle.apply(command, START)
        yield command, START
    while True:
        command = flow.next(oracle)
        oracle.apply(command, flow.now)
        yield command, flow.now


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
