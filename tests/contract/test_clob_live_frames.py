"""Frames of the sports channel and of live data, held to their schemas and types, in both directions."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from polyspec_wire.clob import models as wire
from websockets.sync.client import ClientConnection, connect

from polyspec.clob.live_feed import LiveFeed
from polyspec.clob.live_topics import LiveTopic, live_topics
from polyspec.core.streams.machine import Write
from polyspec.sandbox import Sandbox
from polyspec.sandbox.clob.live import PRICES
from polyspec.sandbox.clob.options import ClobOptions
from tests.contract.clob_typed import LIVE_FRAMES
from tests.contract.judging import named_findings
from tests.contract.spec import CLOB

SOON = 5.0
FIELDS = ("documented", "observed", "schema")
SEEN: dict[str, set[str]] = defaultdict(set)
"""Fields of games and where their names are from, and types of live data with the topics they came of."""


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[dict[str, Sandbox]]:
    """Return one for each set of names a game may have; prices come when they are made to."""
    with ExitStack() as stack:
        yield {
            fields: stack.enter_context(
                Sandbox(
                    venues=("clob",),
                    quiet=True,
                    rate_limits=False,
                    clob=ClobOptions(sports_fields=fields, live_every=3600.0),  # type: ignore[arg-type]
                )
            )
            for fields in FIELDS
        }


def hear(socket: ClientConnection) -> Any:
    """Return the next frame that is not empty, its numbers without a float in between."""
    text = socket.recv(timeout=SOON) or socket.recv(timeout=SOON)
    return json.loads(text, parse_float=Decimal)


def plain(value: Any) -> Any:
    """Return what the judge reads: it has no decimals."""
    return json.loads(json.dumps(value, default=float))


@pytest.mark.parametrize("fields", FIELDS)
def test_games(sandboxes: dict[str, Sandbox], fields: str) -> None:
    """Whatever they are called: every field is the spec's, and the type reads all of it."""
    venue = sandboxes[fields].clob_venue
    with connect(f"{venue.ws}/sports") as socket:
        with venue.world.lock:
            for _ in range(40):
                venue.world.games.step()
        for _ in range(40):
            frame = hear(socket)
            if "finishedTimestamp" in frame:
                # read as the other name, which the schema says
                frame["finished_timestamp"] = frame.pop("finishedTimestamp")
            assert named_findings(CLOB, "SportsResult", frame) == [], frame
            read = msgspec.convert(frame, wire.SportsResult)
            assert msgspec.to_builtins(read) == frame
            SEEN["games"] |= frame.keys()
    SEEN["sources"].add(fields)


def test_live_data(sandboxes: dict[str, Sandbox]) -> None:
    """Every type of every topic that this library asks for, as it asks for it; prices keep their digits."""
    venue = sandboxes["documented"].clob_venue
    symbols = {topic: next(iter(known)) for topic, known in PRICES.items()}
    topics = [*(LiveTopic(topic, symbol=symbol) for topic, symbol in symbols.items()), LiveTopic.comments(7)]
    feed = LiveFeed(lambda: 0.5)
    feed.want(list(live_topics(topics)), 0.0)
    with connect(f"{venue.ws}/live") as socket:
        for action in feed.machine.opened(0.0):
            if isinstance(action, Write):
                frame = msgspec.json.decode(msgspec.json.encode(action.data))
                assert named_findings(CLOB, "LiveRequest", frame) == [], frame
                socket.send(json.dumps(frame))
        for _ in symbols:
            judge(hear(socket))
        live = venue.world.live
        with venue.world.lock:
            live.tick()
            made = live.comment("So it goes", 7)
            liked = live.react(made.id)
            live.withdraw(liked.id)
            live.withdraw(made.id)
        for _ in range(len(symbols) + 4):
            judge(hear(socket))
    assert {each.partition(" ")[0] for each in SEEN["live"]} == set(LIVE_FRAMES)
    assert {f"update {topic}" for topic in symbols} <= SEEN["live"]


def judge(frame: Any) -> None:
    """Fail unless a frame is one of live data, and the generated type reads what it says."""
    assert named_findings(CLOB, "LiveEvent", plain(frame)) == [], frame
    text = json.dumps(frame, default=float)
    read = msgspec.json.decode(text, type=wire.LiveEvent)
    assert type(read).__name__ == LIVE_FRAMES[frame["type"]]
    if isinstance(read, wire.LivePriceEvent):
        assert read.payload.value == frame["payload"]["value"]
        assert str(read.payload.full_accuracy_value) == frame["payload"]["full_accuracy_value"]
    SEEN["live"].add(f"{frame['type']} {frame['topic']}")


@pytest.mark.parametrize(
    "text", ["nonsense", '{"action": "subscribe", "subscriptions": [{"topic": "weather", "type": "*"}]}']
)
def test_refusals(sandboxes: dict[str, Sandbox], text: str) -> None:
    """Of what is no request, and of a topic nobody knows."""
    with connect(f"{sandboxes['documented'].clob_venue.ws}/live") as socket:
        socket.send(text)
        frame = hear(socket)
        assert named_findings(CLOB, "LiveRefusal", frame) == []
        assert msgspec.to_builtins(msgspec.convert(frame, wire.LiveRefusal)) == frame


def test_every_field_of_a_game_occurs() -> None:
    """None of the spec is there for nothing but the one another provider has."""
    if SEEN["sources"] != set(FIELDS):
        pytest.skip("only some games were told")
    assert CLOB.schemas["SportsResult"]["properties"].keys() - SEEN["games"] == {"sportradarGameId"}
