"""The sports channel and live data of the sandbox, over real sockets, with the venue's habits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from decimal import Decimal
from typing import Any

import pytest
from clob_door import Door
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from polyspec.sandbox import Sandbox
from polyspec.sandbox.clob.options import ClobOptions

SOON = 5.0
BTC = '{"symbol":"btcusdt"}'


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Return a quiet CLOB that is served, with a clock that stands still."""
    # told what time it is by tests alone: nothing is said by itself
    options = ClobOptions(live_every=3600.0, sports_ping=3600.0, sports_patience=7200.0)
    with Sandbox(venues=("clob",), quiet=True, rate_limits=False, clob=options) as sandbox:
        yield sandbox


@pytest.fixture
def door(sandbox: Sandbox) -> Iterator[Door]:
    """Return a caller of the first funded key."""
    sandbox.clob_venue.faults.clear()
    with closing(Door(sandbox)) as door:
        yield door


@contextmanager
def channel(door: Door, name: str) -> Iterator[ClientConnection]:
    """Connect to a channel; that of live data has said its first, empty frame."""
    with connect(f"{door.venue.ws}/{name}") as socket:
        if name == "live":
            assert socket.recv(timeout=SOON) == ""
        yield socket


def hear(socket: ClientConnection) -> Any:
    """Return the next frame that is JSON."""
    return json.loads(socket.recv(timeout=SOON), parse_float=Decimal)


def ask(socket: ClientConnection, *subscriptions: Any, action: str = "subscribe") -> None:
    """Send a request of live data."""
    socket.send(json.dumps({"action": action, "subscriptions": list(subscriptions)}))


def rest(socket: ClientConnection) -> list[Any]:
    """Return all that is said before the connection is closed."""
    said: list[Any] = []
    with suppress(ConnectionClosed):
        while True:
            said.append(socket.recv(timeout=SOON))
    return said


def refused(socket: ClientConnection) -> Any:
    """Return the answer to nonsense, which shows that nothing else was said before."""
    socket.send("nonsense")
    return hear(socket)


def tick(door: Door) -> None:
    """Have every price told that is subscribed to."""
    with door.world.lock:
        door.world.live.tick()


# -- sports --


def test_games_are_told_whole(door: Door) -> None:
    """Every frame names its game and says how it stands, whatever changed; nothing is said at first."""
    with channel(door, "sports") as socket:
        told = door.control("POST", "games", {"score": "3-16", "period": "Q4"})["games"]
        frame = hear(socket)
        assert frame == told[str(frame["gameId"])]
        assert (frame["score"], frame["period"], frame["live"], frame["ended"]) == ("3-16", "Q4", True, False)
        assert frame["slug"].startswith("nfl-lac-buf-20")
        assert frame["turn"] == "lac"
        door.control("POST", "games", {"ended": True})
        frame = hear(socket)
        assert (frame["status"], frame["live"], frame["ended"]) == ("Final", False, True)
        assert frame["finished_timestamp"].endswith("Z")


def test_games_go_on_by_themselves(door: Door) -> None:
    """One that is over is followed by another, so there is always something."""
    games = door.world.games
    with channel(door, "sports") as socket:
        with door.world.lock:
            for _ in range(60):
                games.step()
        frames = [hear(socket) for _ in range(60)]
    leagues = {each["leagueAbbreviation"] for each in frames}
    assert leagues == {"nfl", "nba", "epl", "cs2"}
    assert any(each["ended"] for each in frames)
    assert all(each["score"].endswith("|Bo3") for each in frames if each["leagueAbbreviation"] == "cs2")
    assert len(games.all) == 4


@pytest.mark.parametrize(
    ("fields", "there", "missing"),
    [
        ("documented", {"gameId", "slug", "homeTeam"}, {"metadataGameId", "last_update"}),
        ("observed", {"metadataGameId", "homeTeam", "finishedTimestamp"}, {"gameId", "slug"}),
        ("schema", {"slug", "last_update", "finished_timestamp"}, {"gameId", "homeTeam", "status"}),
    ],
)
def test_games_have_the_names_of_any_source(
    door: Door, fields: str, there: set[str], missing: set[str]
) -> None:
    """By option, since documents and observations differ."""
    with door.world.lock:
        game = next(iter(door.world.games.all.values()))
        door.world.games.end(game)
        told = game.told(fields, "2026-01-01T00:00:00.000Z")
    assert there <= told.keys()
    assert not missing & told.keys()


def test_pings_want_an_answer() -> None:
    """Each is said after its time; who does not answer in time is hung up on, who does is not."""
    options = ClobOptions(sports_ping=0.05, sports_patience=0.12)
    with Sandbox(venues=("clob",), quiet=True, rate_limits=False, clob=options) as sandbox:
        address = f"{sandbox.clob_venue.ws}/sports"
        with connect(address) as polite, connect(address) as rude:
            for _ in range(8):
                assert polite.recv(timeout=SOON) == "ping"
                polite.send("pong")
            assert set(rest(rude)) == {"ping"}
            assert rude.close_code == 1008


def test_no_ping_is_said_by_option() -> None:
    """Then the protocol's own pings are all there is."""
    options = ClobOptions(sports_ping=0.01, sports_heartbeat="protocol")
    with Sandbox(venues=("clob",), quiet=True, rate_limits=False, clob=options) as sandbox:
        with connect(f"{sandbox.clob_venue.ws}/sports") as socket:
            with pytest.raises(TimeoutError):
                socket.recv(timeout=0.1)


# -- live data --


def test_one_symbol_begins_with_its_past(door: Door) -> None:
    """Then come prices as numbers with all digits beside them, which are the same."""
    with channel(door, "live") as socket:
        ask(socket, {"topic": "crypto_prices", "type": "*", "filters": BTC})
        past = hear(socket)
        assert (past["topic"], past["type"], past["payload"]["symbol"]) == (
            "crypto_prices",
            "subscribe",
            "btcusdt",
        )
        times = [each["timestamp"] for each in past["payload"]["data"]]
        assert times == sorted(set(times))
        tick(door)
        frame = hear(socket)
        assert (frame["topic"], frame["type"]) == ("crypto_prices", "update")
        payload = frame["payload"]
        assert isinstance(payload["value"], Decimal)
        assert Decimal(payload["full_accuracy_value"]) == payload["value"]
        assert times[-1] <= payload["timestamp"] == frame["timestamp"]
        assert abs(payload["value"] / past["payload"]["data"][-1]["value"] - 1) < Decimal("0.01")
        assert "message" in refused(socket)


@pytest.mark.parametrize(
    ("topic", "symbol", "scale", "label"),
    [
        ("crypto_prices_chainlink", "eth/usd", 10**18, "crypto_prices"),
        ("crypto_prices_twap_thirty", "eth/usd", 10**18, "crypto_prices_twap_thirty"),
        ("crypto_prices_twap_sixty", "eth/usd", 10**18, "crypto_prices_twap_sixty"),
        ("equity_prices", "AAPL", 1, "equity_prices"),
    ],
)
def test_every_topic_has_its_form(door: Door, topic: str, symbol: str, scale: int, label: str) -> None:
    """Labels, scales and fields are those that were observed."""
    with channel(door, "live") as socket:
        ask(socket, {"topic": topic, "type": "*", "filters": json.dumps({"symbol": symbol})})
        assert hear(socket)["topic"] == label
        tick(door)
        # json.dumps puts a space after the colon: no update ever comes
        assert "message" in refused(socket)
        ask(socket, {"topic": topic, "type": "update", "filters": f'{{"symbol":"{symbol}"}}'})
        assert "message" in refused(socket)
        tick(door)
        frame = hear(socket)
        payload = frame["payload"]
        assert (frame["topic"], payload["symbol"]) == (topic, symbol.lower())
        assert Decimal(payload["full_accuracy_value"]) / scale == payload["value"]
        assert payload.get("window_s") == {"thirty": 30, "sixty": 60}.get(topic.rpartition("_")[2])
        assert ("is_carried_forward" in payload) == (topic == "equity_prices")


def test_no_filter_means_everything(door: Door) -> None:
    """Of the topic, without a past; a list with commas means nothing at all."""
    with channel(door, "live") as socket:
        ask(socket, {"topic": "crypto_prices", "type": "update", "filters": "btcusdt,ethusdt"})
        assert "message" in refused(socket)
        tick(door)
        assert "message" in refused(socket)
        ask(socket, {"topic": "crypto_prices", "type": "update"}, {"topic": "crypto_prices", "type": "*"})
        assert "message" in refused(socket)
        tick(door)
        symbols = [hear(socket)["payload"]["symbol"] for _ in range(4)]
        assert sorted(symbols) == ["btcusdt", "ethusdt", "solusdt", "xrpusdt"]
        assert "message" in refused(socket)


def test_unsubscribing_names_the_same(door: Door) -> None:
    """Topic, type and filter; the rest goes on."""
    first = {"topic": "crypto_prices", "type": "update", "filters": BTC}
    second = {"topic": "equity_prices", "type": "update", "filters": '{"symbol":"aapl"}'}
    with channel(door, "live") as socket:
        ask(socket, first, second)
        ask(socket, first, action="unsubscribe")
        assert "message" in refused(socket)
        tick(door)
        assert hear(socket)["topic"] == "equity_prices"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("nonsense", None),
        ("[]", None),
        ("{}", None),
        ('{"action": "subscribe"}', None),
        ('{"action": "subscribe", "subscriptions": []}', None),
        ('{"action": "dance", "subscriptions": [{"topic": "comments", "type": "*"}]}', None),
        ('{"action": "subscribe", "subscriptions": [{"topic": "comments"}]}', None),
        (
            '{"action": "subscribe", "subscriptions": [{"topic": "comments", "type": "*", "filters": {}}]}',
            None,
        ),
        ('{"action": "subscribe", "subscriptions": [5]}', None),
        (
            '{"action": "subscribe", "subscriptions": [{"topic": "comments", "type": "*"}, '
            '{"topic": "weather", "type": "*"}]}',
            401,
        ),
    ],
)
def test_what_is_refused_is_refused_whole(door: Door, text: str, status: int | None) -> None:
    """One topic nobody knows costs all the others of its request."""
    with channel(door, "live") as socket:
        socket.send(text)
        frame = hear(socket)
        assert frame.get("statusCode") == status
        assert {"message", "connectionId", "requestId"} <= frame.keys()
        assert "message" in refused(socket)


def test_comments_are_told_to_whom_they_concern(door: Door) -> None:
    """By what they are on; reactions and what is taken back with them."""
    with channel(door, "live") as socket:
        wanted = '{"parentEntityID":7,"parentEntityType":"Event"}'
        ask(socket, {"topic": "comments", "type": "*", "filters": wanted})
        # what is asked comes before what happens
        assert "message" in refused(socket)
        door.control("POST", "comments", {"body": "elsewhere", "parent_id": 8})
        made = door.control("POST", "comments", {"body": "So it goes", "parent_id": 7})["id"]
        frame = hear(socket)
        assert (frame["topic"], frame["type"]) == ("comments", "comment_created")
        assert (frame["payload"]["id"], frame["payload"]["body"]) == (made, "So it goes")
        liked = door.control("POST", "comments", {"react_to": made})["id"]
        frame = hear(socket)
        assert (frame["type"], frame["payload"]["commentID"]) == ("reaction_created", int(made))
        for known, kind in ((liked, "reaction_removed"), (made, "comment_removed")):
            door.control("POST", "comments", {"withdraw": known})
            frame = hear(socket)
            assert (frame["type"], frame["payload"]["id"]) == (kind, known)


def test_a_ping_goes_unanswered(door: Door) -> None:
    """Unless an option says otherwise."""
    with channel(door, "live") as socket:
        socket.send("PING")
        assert "message" in refused(socket)
    options = ClobOptions(live_pongs=True, live_greeting=False)
    with Sandbox(venues=("clob",), quiet=True, rate_limits=False, clob=options) as sandbox:
        with connect(f"{sandbox.clob_venue.ws}/live") as socket:
            socket.send("PING")
            assert socket.recv(timeout=SOON) == "PONG"


def test_prices_come_by_themselves_while_anybody_listens() -> None:
    """On the sandbox's clock."""
    options = ClobOptions(live_every=60.0)
    with Sandbox(venues=("clob",), quiet=True, rate_limits=False, clob=options) as sandbox:
        world = sandbox.clob_venue.world
        with connect(f"{sandbox.clob_venue.ws}/live") as socket:
            ask(socket, {"topic": "crypto_prices", "type": "*", "filters": BTC})
            assert socket.recv(timeout=SOON) == ""
            before = hear(socket)["payload"]["data"][-1]
            with world.lock:
                world.clock.advance(61)
                world.jobs.run_due()
            after = hear(socket)["payload"]
            assert after["timestamp"] >= before["timestamp"] + 61_000
            assert after["value"] != before["value"]


def test_faults_meet_both(door: Door) -> None:
    """By the names of their channels."""
    with channel(door, "sports") as sports, channel(door, "live") as live:
        door.venue.faults.add(kind="ws_lose", operation="WebSocket_Sports")
        door.control("POST", "games", {"score": "1-0"})
        door.control("POST", "games", {"score": "2-0"})
        assert hear(sports)["score"] == "2-0"
        door.venue.faults.add(kind="ws_close", operation="WebSocket_Live", status=1012)
        with pytest.raises(ConnectionClosed):
            refused(live)
