"""``polyspec watch``: books, trades and the health of a stream as they happen."""

from __future__ import annotations

import argparse
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Final

from polyspec.cli.extras import needing
from polyspec.cli.following import Live, follow, interruptible
from polyspec.cli.showing import shown
from polyspec.cli.watching import VENUES, Watched, watched
from polyspec.core.streams.recording import Header, Input, Player, Recorder
from polyspec.errors import ConfigError

__all__ = ["add_arguments", "run"]

_LINE: Final = "POLYSPEC_SANDBOX"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("venue", choices=[*VENUES], metavar="VENUE", help=", ".join(VENUES))
    parser.add_argument(
        "symbols",
        nargs="*",
        metavar="SYMBOL",
        help="what to watch: symbols of the US exchange, ids of tokens elsewhere; of PolySimulator also "
        "condition ids (default in a sandbox: some it has)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per event")
    parser.add_argument("--record", type=Path, metavar="FILE", help="write what comes in, for replay")
    parser.add_argument("--force", action="store_true", help="with --record: write over a file that is there")
    parser.add_argument(
        "--sandbox", action="store_true", help="watch an exchange of this command's own, on this machine"
    )


def run(arguments: argparse.Namespace) -> int:
    """Watch until it is told to stop, with Ctrl-C."""
    if arguments.force and arguments.record is None:
        raise ConfigError("--force goes with --record")
    venue = watched(arguments.venue)
    with ExitStack() as stack:
        variables = stack.enter_context(_variables(venue, own=arguments.sandbox))
        with needing(venue.name):
            client = stack.enter_context(venue.client(variables))
        stopped = stack.enter_context(interruptible())
        _watch(venue, client, arguments.symbols or _some(venue, client, variables), arguments, stopped)
    return 0


@contextmanager
def _variables(venue: Watched, *, own: bool) -> Iterator[Mapping[str, str]]:
    """Return the environment, or that of a sandbox which runs meanwhile."""
    if not own:
        yield os.environ
        return
    if os.environ.get(_LINE):
        raise ConfigError(f"--sandbox, but {_LINE} is set; unset one of the two")
    with needing("sandbox"):
        from polyspec.sandbox import Sandbox
    with Sandbox(venues=[venue.name]) as sandbox:
        yield {_LINE: json.dumps(sandbox.describe())}


def _some(venue: Watched, client: Any, variables: Mapping[str, str]) -> list[str]:
    try:
        found = venue.some(client, json.loads(variables.get(_LINE) or "{}"))
    except (ValueError, AttributeError):
        found = []
    if not found:
        raise ConfigError(f"say what to watch: polyspec watch {venue.name} SYMBOL")
    return found


def _watch(
    venue: Watched,
    client: Any,
    symbols: list[str],
    arguments: argparse.Namespace,
    stopped: threading.Event,
) -> None:
    now, wall = time.monotonic(), time.time()
    stream = venue.stream(client, symbols)
    keys = venue.keys(stream)
    options = venue.options(client)
    header = Header.begin(venue.name, venue.channel, keys, venue.rhythm, options, wall=wall, monotonic=now)
    feed = venue.feed(header)
    player, live = Player(feed), Live(stream)
    with ExitStack() as stack:
        record = None
        if arguments.record is not None:
            write = stack.enter_context(_file(arguments.record, force=arguments.force))
            recorder = Recorder(header, venue.spelling(header), write)
            record = lambda given: recorder(*given)  # noqa: E731
        show = stack.enter_context(shown(venue, header, feed, as_json=arguments.json))
        moments = stack.enter_context(closing(live.moments(stopped, Input("want", now, (keys,)))))
        follow(moments, player, show, record)


@contextmanager
def _file(path: Path, *, force: bool) -> Iterator[Callable[[bytes], Any]]:
    """Open a file to write whole lines to, each of which is there once it is written."""
    try:
        file = path.open("wb" if force else "xb")
    except FileExistsError:
        raise ConfigError(f"{path} is there already; --force writes over it") from None
    with file:

        def write(line: bytes) -> None:
            file.write(line)
            file.flush()

        yield write
