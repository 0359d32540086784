"""Trade on a journalled CLOB for ever, acknowledging each command after it is committed."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from polyspec.sandbox.clob.engine import JournaledClob
from polyspec.sandbox.clob.engine import types as t
from tests.sandbox.clob.engine.flow import START, Flow, opening
from tests.sandbox.clob.engine.oracle_world import World


def main(path: str, seed: int) -> None:
    """Append to the journal at a path until killed; print the number of commands acknowledged."""
    durable = JournaledClob.open(path)
    existing = sum(1 for _ in durable.journal.commands())
    for done, (command, now) in enumerate(stream(World(), Flow(seed)), 1):
        if done > existing:
            durable.apply(command, now)
            sys.stdout.write(f"{done}\n")
            sys.stdout.flush()


def stream(world: World, flow: Flow) -> Iterator[tuple[t.Command, int]]:
    """Yield the opening and then random commands with their times, for ever."""
    for command in opening():
        world.apply(command, START)
        yield command, START
    while True:
        command = flow.next(world)
        world.apply(command, flow.now)
        yield command, flow.now


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
