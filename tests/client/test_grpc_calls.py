"""Unary calls against servers that behave badly: what is certain is said, and what is not is not."""

from __future__ import annotations

import asyncio
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import trading

from polyspec.core.attempt import Verdict, classify
from polyspec.core.effects import Reply, Request, Timeouts
from polyspec.errors import ConfigError, ConnectFailed, DecodeError, TimedOut, TransportError
from polyspec.io.grpc_base import GrpcOptions, GrpcPlace
from polyspec.io.grpc_calls import GrpcHttp
from polyspec.io.grpc_calls_async import AsyncGrpcHttp
from polyspec.io.grpc_channel import Channel
from polyspec.io.grpc_channel_async import AsyncChannel
from polyspec.io.options import HttpOptions
from polyspec.us.protos import ours
from tests.client.rawgrpc import RST_STREAM, frame, headers, raw_server, refusal, success
from tests.stopwatch import Stopwatch

CALL = trading.insert_order(
    wire.InsertOrderRequest(
        type=wire.OrderType.LIMIT,
        side=wire.Side.BUY,
        symbol="tec",
        price=500,
        order_qty=100,
        time_in_force=wire.TimeInForce.GOOD_TILL_CANCEL,
    )
)
SECRET = "Bearer a-token-nobody-should-see"
RPC = ours().rpc("OrderEntryAPI", "InsertOrder")
TIMES = Timeouts(connect=0.5, write=0.5, read=0.5, total=1.0)


class Blocking:
    """Sends with blocking calls."""

    def __init__(self, port: int, **options: Any) -> None:
        place = GrpcPlace(f"127.0.0.1:{port}", tls=False)
        self.channel = Channel(place, GrpcOptions(**options))
        self.http = GrpcHttp(HttpOptions(), None, self.channel, lambda _: RPC)

    def send(self, request: Request) -> Reply:
        """Make a call."""
        return self.http.send(request)

    def close(self) -> None:
        """Close everything."""
        self.http.close()
        self.channel.close()


class Asynchronous:
    """Sends from a loop of its own."""

    def __init__(self, port: int, **options: Any) -> None:
        place = GrpcPlace(f"127.0.0.1:{port}", tls=False)
        self.runner = asyncio.Runner()
        self.channel = AsyncChannel(place, GrpcOptions(**options))
        self.http = AsyncGrpcHttp(HttpOptions(), None, self.channel, lambda _: RPC)

    def send(self, request: Request) -> Reply:
        """Make a call."""
        return self.runner.run(self.http.send(request))

    def close(self) -> None:
        """Close everything."""
        self.runner.run(self.http.aclose())
        self.runner.run(self.channel.aclose())
        self.runner.close()


Sender = Blocking | Asynchronous


@pytest.fixture(params=[Blocking, Asynchronous])
def opened(request: pytest.FixtureRequest) -> Iterator[Callable[..., Sender]]:
    """Open senders that are closed afterwards."""
    senders: list[Sender] = []

    def opener(port: int, **options: Any) -> Sender:
        senders.append(request.param(port, **options))
        return senders[-1]

    yield opener
    for sender in senders:
        sender.close()


def request_for(timeout: Timeouts = TIMES) -> Request:
    """Return the request of an order."""
    return Request(
        method="POST",
        url="https://nowhere.test/v1/trading/orders",
        headers=(("accept", "application/json"), ("Authorization", SECRET), ("X-Participant-Id", "me")),
        body=b"{}",
        timeout=timeout,
        lane="write",
        call=CALL,
    )


def said(error: BaseException) -> str:
    """Return everything an error tells, its causes and the locals of its frames included."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    # what the test itself knows is not what the error tells
    told.stack[:] = [each for each in told.stack if each.filename != __file__]
    return "".join(told.format())


def test_answer_is_the_json_of_the_message(opened: Callable[..., Sender]) -> None:
    """An answer reads as it would over REST, with what is at its default."""
    data = RPC.response(order_id="7").SerializeToString()
    with raw_server(lambda stream: success(stream, data)) as (port, calls):
        sender = opened(port)
        replies = [sender.send(request_for()) for _ in range(3)]
    assert {(each.status, each.body) for each in replies} == {(200, b'{"orderId":"7"}')}
    # one connection, and each call once
    assert calls == [1, 3, 5]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        *((3, 400), (5, 404), (6, 409), (7, 403), (8, 429), (9, 400), (10, 409), (12, 501), (13, 500)),
        *((14, 503), (16, 401), (2, 500)),
    ],
)
def test_status_is_what_the_gateway_makes_of_it(
    opened: Callable[..., Sender], code: int, status: int
) -> None:
    """A status of the venue is the status of HTTP its gateway has for it, in the gateway's body."""
    with raw_server(lambda stream: refusal(stream, code, "no, sir")) as (port, _):
        reply = opened(port).send(request_for())
    assert reply.status == status
    told = msgspec.json.decode(reply.body)
    assert told == {"code": code, "message": "no, sir", "details": []}
    assert (classify(reply) is Verdict.REFUSED) == (status < 500)


def test_status_nobody_knows_proves_nothing(opened: Callable[..., Sender]) -> None:
    """A number that is no status is no refusal, however the library at hand reports it."""
    with raw_server(lambda stream: refusal(stream, 99, "no, sir")) as (port, _):
        try:
            outcome: Reply | TransportError = opened(port).send(request_for())
        except TransportError as error:
            outcome = error
    assert classify(outcome) is Verdict.UNKNOWN


def test_words_beside_a_refusal_are_headers(opened: Callable[..., Sender]) -> None:
    """What the venue asks to wait is read from trailing metadata."""
    with raw_server(lambda stream: refusal(stream, 8, "slow down", ("retry-after", "7"))) as (port, _):
        assert opened(port).send(request_for()).headers["retry-after"] == "7"


def test_words_of_a_refusal_are_cleaned(opened: Callable[..., Sender]) -> None:
    """A message that goes on for ever, or steers a terminal, comes as a short line."""
    text = "%1B[2J%0D%0A" + "x" * 5000
    with raw_server(lambda stream: refusal(stream, 3, text)) as (port, _):
        message = msgspec.json.decode(opened(port).send(request_for()).body)["message"]
    assert message.isprintable()
    assert message.startswith("?[2J??xx")
    assert len(message) == 500


def _page(stream: int, status: str) -> bytes:
    return headers(stream, (":status", status), ("content-type", "text/html"), end=True)


@pytest.mark.parametrize(
    "answer",
    [
        *(lambda stream, status=status: _page(stream, status) for status in ("401", "403", "429", "502")),
        *(lambda stream, code=code: frame(RST_STREAM, stream, bytes((0, 0, 0, code))) for code in range(14)),
        lambda _: b"",
    ],
    ids=["401", "403", "429", "502", *(f"reset-{code}" for code in range(14)), "hangs-up"],
)
def test_what_no_venue_said_proves_nothing(
    opened: Callable[..., Sender], answer: Callable[[int], bytes]
) -> None:
    """A page of a proxy, or a stream that is reset, may hide an order that stands, and is not sent again."""
    with raw_server(answer) as (port, calls):
        with pytest.raises(TransportError) as caught:
            opened(port).send(request_for())
        assert len(calls) == 1
    assert caught.value.maybe_executed
    assert SECRET not in said(caught.value)


def test_too_large_an_answer_is_no_refusal(opened: Callable[..., Sender]) -> None:
    """An answer that is not read for its size was given: the order may stand."""
    with raw_server(lambda stream: success(stream, b"\0" * 5000)) as (port, _):
        with pytest.raises(DecodeError, match="larger") as caught:
            opened(port, max_message=1000).send(request_for())
    assert caught.value.maybe_executed
    assert not caught.value.malformed


def test_garbage_is_no_answer(opened: Callable[..., Sender]) -> None:
    """What is no message of the kind cannot be read, and the order may stand."""
    with raw_server(lambda stream: success(stream, b"\xff" * 40)) as (port, _):
        with pytest.raises(DecodeError, match="InsertOrderResponse") as caught:
            opened(port).send(request_for())
    assert caught.value.malformed
    assert caught.value.maybe_executed


def test_silence_ends_with_the_deadline(opened: Callable[..., Sender]) -> None:
    """A peer that takes a call and says nothing more is given up in time; the order may stand."""
    with raw_server(lambda stream: frame(0, stream)) as (port, _):
        with Stopwatch() as watch:
            with pytest.raises(TimedOut) as caught:
                opened(port).send(request_for())
        assert watch.elapsed > 0.4
        assert watch.seconds < 0.8
    assert caught.value.maybe_executed
    assert SECRET not in said(caught.value)


def test_silent_port_is_no_connection(opened: Callable[..., Sender]) -> None:
    """A port that accepts and says nothing got nothing either."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with Stopwatch() as watch:
            with pytest.raises(ConnectFailed, match="nothing was sent") as caught:
                opened(silent.getsockname()[1]).send(request_for())
        assert watch.elapsed > 0.4
        assert watch.seconds < 0.8
    assert not caught.value.maybe_executed
    assert SECRET not in said(caught.value)


def test_nobody_there_is_told_at_once(opened: Callable[..., Sender]) -> None:
    """Where nobody listens a call fails at once, each time, and was not sent; later it succeeds."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    sender = opened(port)
    for _ in range(2):
        with Stopwatch() as watch:
            with pytest.raises(ConnectFailed):
                sender.send(request_for())
        assert watch.seconds < 0.6


def test_connection_that_broke_meanwhile_is_made_again(opened: Callable[..., Sender]) -> None:
    """Between two calls a connection may end: the next call has a new one, and leaves once."""
    data = RPC.response(order_id="7").SerializeToString()
    goaway = frame(7, 0, b"\0\0\0\1" + b"\0\0\0\0")
    with raw_server(lambda stream: success(stream, data) + goaway) as (port, calls):
        sender = opened(port)
        for _ in range(4):
            assert sender.send(request_for()).status == 200
            # what it was told it heard: a call that crosses the news may have come or not
            assert calls.hung_up.acquire(timeout=20)
    assert calls == [1, 1, 1, 1]


def test_proxies_are_those_that_are_named(
    opened: Callable[..., Sender], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials travel through a proxy that was named, and never through one of the environment."""
    asked: list[bytes] = []
    data = RPC.response(order_id="7").SerializeToString()
    with socket.create_server(("127.0.0.1", 0)) as proxy, raw_server(lambda s: success(s, data)) as (port, _):

        def refuse() -> None:
            line, _ = proxy.accept()
            with line:
                asked.append(line.recv(4096))

        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        for name in ("grpc_proxy", "https_proxy", "http_proxy"):
            monkeypatch.setenv(name, address)
        assert opened(port).send(request_for()).status == 200
        thread = threading.Thread(target=refuse)
        thread.start()
        with pytest.raises(ConnectFailed):
            opened(port, proxy=address).send(request_for())
        thread.join()
    assert asked[0].startswith(f"CONNECT 127.0.0.1:{port} ".encode())
    assert SECRET.encode() not in asked[0]


def test_closed_client_says_so(opened: Callable[..., Sender]) -> None:
    """After the end nothing is sent."""
    with raw_server(lambda _: b"") as (port, calls):
        sender = opened(port)
        if isinstance(sender, Blocking):
            sender.channel.close()
        else:
            sender.runner.run(sender.channel.aclose())
        with pytest.raises(ConfigError, match="closed"):
            sender.send(request_for())
    assert calls == []
