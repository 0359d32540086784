"""``polyspec replay``: what was recorded, played through the same books once more."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import BinaryIO

from polyspec.cli.following import Moment, Show, paced
from polyspec.cli.showing import on_terminal, shown
from polyspec.cli.watching import VENUES, watched
from polyspec.core.streams.recording import Input, Player, header_of, inputs, played
from polyspec.core.streams.spelling import Spelling
from polyspec.errors import DecodeError

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("file", type=Path, metavar="FILE", help="what `polyspec watch --record` wrote")
    parser.add_argument("--json", action="store_true", help="print one JSON object per event")
    parser.add_argument(
        "--speed",
        type=_speed,
        metavar="N|max",
        help="so many times as fast as it happened (default: 1 in a terminal, max elsewhere)",
    )


def _speed(text: str) -> float:
    try:
        found = 0.0 if text == "max" else float(text)
    except ValueError:
        found = -1.0
    if found < 0 or not isfinite(found) or (found == 0 and text != "max"):
        raise argparse.ArgumentTypeError(f"must be a number above 0, or max, not {text!r}")
    return found


def run(arguments: argparse.Namespace) -> int:
    """Play a recording to its end."""
    with arguments.file.open("rb") as file:
        header = header_of(file.readline())
        if header.venue not in VENUES:
            raise DecodeError(f"line 1: a recording of {header.venue!r:.40}, which is no venue known here")
        venue = watched(header.venue)
        if header.channel != venue.channel:
            raise DecodeError(f"line 1: a recording of the channel {header.channel!r:.40}")
        feed = venue.feed(header)
        speed = arguments.speed
        if speed is None and on_terminal(as_json=arguments.json):
            speed = 1.0
        with shown(venue, header, feed, as_json=arguments.json) as show:
            _play(file, venue.spelling(header), Player(feed), show, speed or None)
    return 0


def _play(file: BinaryIO, spelling: Spelling, player: Player, show: Show, speed: float | None) -> None:
    line = 1

    def numbered() -> Iterator[Input]:
        nonlocal line
        for number, given in inputs(file, spelling):
            line = number
            yield given

    moment: Moment
    for moment in paced(numbered(), speed):
        if moment.given is None:
            show.rest(moment.now)
        else:
            show.tell(played(player, line, moment.given), moment.now)
