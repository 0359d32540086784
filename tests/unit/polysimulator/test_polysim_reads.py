"""What the parts of a client ask for is what was meant, and what comes back is complete."""

from __future__ import annotations

import asyncio
import base64
import json
import pickle
import traceback
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError, DecodeError, Forbidden, NotFound
from polyspec.polysimulator.levels import best_ask, best_bid
from polyspec.polysimulator.rounds import Round, read_list
from tests.unit.polysimulator.sim_server import JWT, KEY, Server, async_client, client, market, no, ok

TOKEN = "7" * 40
OTHER = "8" * 40
MARKET = f"0x{1:064x}"


def cursor(offset: int) -> str:
    """Write a cursor as the venue does."""
    return base64.b64encode(str(offset).encode()).decode()


def test_markets_are_walked_to_the_end() -> None:
    """Pages follow each other by their cursor; what moved to the next page meanwhile comes once."""
    pages = [
        ok({"data": [market(1), market(2)], "next_cursor": cursor(2)}),
        ok({"data": [market(2), market(3)], "next_cursor": "LTE="}),
    ]
    server = Server({"GET /v1/markets": [*pages]})
    with client(server) as sim:
        found = [each.question for each in sim.markets.list(q="rain", active_only=True)]
    assert found == ["Q1", "Q2", "Q3"]
    assert server.asked[0] == {"q": "rain", "active_only": "true", "limit": "200", "envelope": "true"}
    assert server.asked[1]["cursor"] == "Mg=="
    assert all("x-api-key" not in each.headers for each in server.requests)


def test_the_other_colour_walks_the_same_way() -> None:
    """Asynchronous iteration is the same."""
    server = Server(
        {
            "GET /v1/account/history": [
                ok({"data": [trade(1), trade(2)], "next_cursor": "2"}),
                ok({"data": [trade(2), trade(3)], "next_cursor": ""}),
            ]
        }
    )

    async def walk() -> list[int]:
        async with async_client(server, wallet_id=5) as sim:
            return [each.order_id async for each in sim.account.history(MARKET, side="buy")]

    assert asyncio.run(walk()) == [1, 2, 3]
    assert server.asked[0] == {
        "market_id": MARKET, "side": "BUY", "limit": "200", "wallet_id": "5", "envelope": "true",
    }  # fmt: skip
    assert server.requests[0].headers["x-api-key"] == KEY


def trade(number: int) -> dict[str, Any]:
    """Return a row of the history."""
    return {
        "order_id": number, "market_id": MARKET, "side": "BUY", "outcome": "Yes", "price": "0.4",
        "quantity": "1", "filled_at": "2026-09-10T00:00:00Z",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("own", "named", "sent"),
    [(None, None, None), (5, None, "5"), (5, "api", "api"), (5, "ALL", "all"), (None, 7, "7"), (5, "9", "9")],
)
def test_which_wallet(own: int | None, named: Any, sent: str | None) -> None:
    """A read is about the wallet it names, or the client's, or the venue's own choice."""
    server = Server({"GET /v1/account/positions": ok([])})
    with client(server, wallet_id=own) as sim:
        assert sim.account.positions("open", wallet_id=named) == []
    assert server.asked[0].get("wallet_id") == sent
    assert server.asked[0]["status"] == "OPEN"


def test_positions_in_an_envelope() -> None:
    """Positions are a list whichever way the venue wraps them."""
    row = {"id": 1, "market_id": MARKET, "outcome": "Yes", "quantity": "1"}
    server = Server({"GET /v1/account/positions": [ok([row]), ok({"data": [row], "next_cursor": ""})]})
    with client(server) as sim:
        assert sim.account.positions() == sim.account.positions()


def test_keys_and_wallets_are_walked_by_offset() -> None:
    """A full page is followed by the next, a short one ends the list."""
    keys = [{"id": number, "is_active": True} for number in range(60)]

    def page(request: httpx.Request) -> httpx.Response:
        start, count = (int(request.url.params[name]) for name in ("offset", "limit"))
        rows = keys[start : start + count]
        if request.url.path == "/v1/keys":
            return ok(rows)
        return ok({"wallets": [row | {"kind": "SANDBOX"} for row in rows]})

    server = Server({"GET /v1/keys": page, "GET /v1/me/wallets": page})
    with client(server) as sim:
        assert [each.id for each in sim.keys.list()] == list(range(60))
        assert [each.id for each in sim.wallets.list()] == list(range(60))
        assert sim.keys.get(57).id == 57
        with pytest.raises(NotFound, match="no key 99"):
            sim.keys.get(99)


ISSUED = {
    "id": 3, "raw_key": "ps_live_" + "cd" * 32, "key_prefix": "ps_live_cdcd", "rate_limit_tier": "pro",
    "permissions": ["read", "trade"], "created_at": "2026-09-10T00:00:00Z",
}  # fmt: skip


def test_the_first_key_and_going_on_with_it() -> None:
    """The first key takes the dashboard's token, is shown nowhere, and is used from then on if wanted."""
    server = Server(
        {
            "POST /v1/keys/bootstrap": ok(ISSUED, 201),
            "POST /v1/keys/3/rotate": ok(ISSUED | {"raw_key": "ps_live_rotated"}),
            "GET /v1/me": ok({"user_id": 1}),
        }
    )
    with client(server, None, access_token=JWT) as sim:
        made = sim.keys.bootstrap("bot", permissions=["read"])
        assert server.requests[0].headers["authorization"] == f"Bearer {JWT}"
        assert server.bodies[0] == {"name": "bot", "permissions": ["read"]}
        assert (made.tier, made.permissions, made.api_key.reveal()) == (
            "pro", ("read", "trade"), ISSUED["raw_key"],
        )  # fmt: skip
        assert "cdcdcdcdcd" not in repr(made)
        sim.use_key(made)
        sim.me()
        assert server.requests[-1].headers["x-api-key"] == ISSUED["raw_key"]
        sim.keys.rotate(made.id)
        sim.me()
        assert server.requests[-1].headers["x-api-key"] == ISSUED["raw_key"]
        sim.keys.rotate(made.id, use=True)
        sim.me()
        assert server.requests[-1].headers["x-api-key"] == "ps_live_rotated"


def test_what_keys_are_not_asked_for() -> None:
    """Nothing is asked of a plan unless it was said: the venue's own default would be the lowest."""
    server = Server({"POST /v1/keys": ok(ISSUED, 201), "DELETE /v1/keys/3": httpx.Response(204)})
    with client(server) as sim:
        sim.keys.create()
        assert server.bodies[0] == {}
        sim.keys.revoke(3)
        for wrong in ({"permissions": "read"}, {"name": "x" * 101}):
            with pytest.raises(ConfigError):
                sim.keys.create(**wrong)  # type: ignore[arg-type]
        for key in (object(), "", None):
            with pytest.raises(ConfigError):
                sim.use_key(key)  # type: ignore[arg-type]
    assert len(server.requests) == 2


def test_a_websocket_token_is_a_secret() -> None:
    """It opens a connection in the account's name, so it is shown nowhere."""
    server = Server({"POST /v1/keys/ws-token": ok({"token": JWT, "expires_in": 60})})
    with client(server) as sim:
        token = sim.keys.ws_token()
    assert (token.token, token.expires_in) == (Secret(JWT), 60)
    assert JWT not in repr(token)


def test_what_only_the_dashboard_may_ask() -> None:
    """A key does not do where the venue wants its dashboard's token, and nothing is sent."""
    server = Server({"GET /v1/account/me/entitlements": ok({"csv": True})})
    with client(server) as sim, pytest.raises(ConfigError, match="access token"):
        sim.account.entitlements()
    assert server.requests == []
    with client(server, access_token=JWT) as sim:
        assert sim.account.entitlements() == {"csv": True}
    assert "x-api-key" not in server.requests[0].headers


def test_prices_of_many_markets() -> None:
    """Fifty markets go in one request, and what is unknown is left out."""

    def answer(request: httpx.Request) -> httpx.Response:
        ids = json.loads(request.content)["market_ids"]
        return ok([{"condition_id": each, "buy": "0.5"} for each in ids if each != MARKET])

    server = Server({"POST /v1/prices/batch": answer})
    wanted = [f"0x{number:064x}" for number in range(120)]
    with client(server) as sim:
        found = sim.markets.prices([*wanted, wanted[0]])
    assert list(found) == [each for each in wanted if each != MARKET]
    assert [len(each["market_ids"]) for each in server.bodies] == [50, 50, 20]
    assert found[wanted[0]].buy == Decimal("0.5")


@pytest.mark.parametrize("tells", [True, False])
def test_prices_within_what_the_plan_allows(tells: bool) -> None:
    """A batch too large for the plan is cut down to what the plan says, or else in halves, once."""

    def answer(request: httpx.Request) -> httpx.Response:
        ids = json.loads(request.content)["market_ids"]
        headers = {"x_ratelimit_tier": "pro"} if tells else {}
        if len(ids) > 5:
            return no(400, "BATCH_LIMIT_EXCEEDED", **headers)
        return ok([{"condition_id": each} for each in ids], **headers)

    tiers = [{"tier": "free", "max_batch_size": 1}, {"tier": "pro", "max_batch_size": 5}]
    server = Server({"POST /v1/prices/batch": answer, "GET /v1/keys/tiers": ok(tiers)})
    wanted = [f"0x{number:064x}" for number in range(12)]
    with client(server) as sim:
        assert list(sim.markets.prices(wanted)) == wanted
        sizes = [len(each["market_ids"]) for each in server.bodies if each]
        assert sizes == ([12, 5, 5, 2] if tells else [12, 6, 3, 3, 3, 3])
        server.requests.clear()
        sim.markets.prices(wanted)
        assert max(len(each["market_ids"]) for each in server.bodies) <= 5


def test_a_single_market_too_many_is_an_error() -> None:
    """What cannot be cut down any more is raised, and not asked for without end."""
    server = Server({"POST /v1/prices/batch": no(400, "BATCH_LIMIT_EXCEEDED")})
    with client(server) as sim, pytest.raises(Exception, match=r"keys\.tiers"):
        sim.markets.prices([MARKET])
    assert len(server.requests) == 1


def test_events_are_walked_by_offset() -> None:
    """Events come in pages until the venue's own total is reached."""
    first = ok({"events": [{"id": n} for n in range(50)], "total": 51})
    server = Server({"GET /v1/events": [first, ok({"events": [{"id": 50}], "total": 51})]})
    with client(server) as sim:
        assert [each["id"] for each in sim.markets.events("rain")] == list(range(51))
    assert [each["offset"] for each in server.asked] == ["0", "50"]


LISTS: list[tuple[Any, tuple[str, ...]]] = [
    (["Up", "Down"], ("Up", "Down")),
    ('["Up", "Down"]', ("Up", "Down")),
    ("Up,Down", ("Up", "Down")),
    (" Up , Down ", ("Up", "Down")),
    ("[0.505, 0.495]", ("0.505", "0.495")),
    ('["0.1000000000000000055", "1"]', ("0.1000000000000000055", "1")),
    ("[0.1000000000000000055]", ("0.1000000000000000055",)),
    ([0.5, 1], ("0.5", "1")),
    (None, ()),
    ("", ()),
    ("[", ()),
    ("[" * 5000, ()),
    ("{}", ("{}",)),
    ({"a": 1}, ()),
    ('["a", {"b": 1}, null]', ("a",)),
    ("x" * 20_000, ()),
    (5, ()),
]


@pytest.mark.parametrize(("given", "expected"), LISTS, ids=[str(each)[:30] for each, _ in LISTS])
def test_lists_in_any_writing(given: Any, expected: tuple[str, ...]) -> None:
    """A list is read from JSON, from a text of JSON and from a text with commas, its digits untouched."""
    assert read_list(given) == expected


ROW = {
    "condition_id": MARKET,
    "asset": "BTC",
    "interval": "5M",
    "start_date": "2026-09-10T00:00:00Z",
    "end_date": "2026-09-10T00:05:00",
    "active": True,
    "closed": False,
    "resolved": False,
    "live_price": {"buy": 0.505, "sell": 0.5},
    "group_item_threshold": "0",
    "event_metadata_ptb": None,
    "markets": [
        {"condition_id": "0xother", "outcomes": ["Nobody"]},
        {
            "condition_id": MARKET,
            "outcomes": '["Up", "Down"]',
            "outcome_prices": '["0.505", "much"]',
            "token_ids": f"{TOKEN},{OTHER}",
        },
    ],
}


def updown(**changes: Any) -> Round:
    """Read one row."""
    server = Server({"GET /v1/markets/updown": ok({"markets": [ROW | changes]})})
    with client(server, None) as sim:
        found = sim.markets.updown("btc", "5m")
    assert server.asked[0] == {"asset": "BTC", "interval": "5M"}
    assert len(found) == 1
    return found[0]


def test_rounds() -> None:
    """A row becomes typed values: labels, prices and tokens side by side, moments with a zone."""
    found = updown()
    assert [(each.label, each.price, each.token_id) for each in found.outcomes] == [
        ("Up", Decimal("0.505"), TOKEN),
        ("Down", None, OTHER),
    ]
    assert found.end == datetime(2026, 9, 10, 0, 5, tzinfo=UTC)
    assert (found.strike, found.buy, found.tradeable) == (None, Decimal("0.505"), True)
    up = found.outcome("UP")
    assert up is not None
    assert up.token_id == TOKEN
    assert found.outcome("Yes") is None
    assert found.row.asset == "BTC"


def test_rounds_that_say_little() -> None:
    """What is missing or malformed is None, and costs no row."""
    found = updown(markets=[], live_price=None, end_date="soon", start_date=None, resolved=True)
    assert (found.outcomes, found.buy, found.end, found.start, found.tradeable) == (
        (),
        None,
        None,
        None,
        False,
    )
    assert updown(group_item_threshold="64000.5").strike == Decimal("64000.5")
    assert updown(group_item_threshold="1", event_metadata_ptb="64000.5").strike == Decimal("64000.5")


@pytest.mark.parametrize("interval", ["daily", "DAILY", "1h", "1H", "30M"])
def test_lengths_of_rounds(interval: str) -> None:
    """The venue minds capitals, people do not; a length of tomorrow is passed on as it is."""
    server = Server({"GET /v1/markets/updown": ok({"markets": []})})
    with client(server) as sim:
        assert sim.markets.updown(interval=interval) == []
    assert server.asked[0]["interval"] in ("daily", "1H", "30M")


def test_books_with_the_best_level_last() -> None:
    """The best levels are found wherever they stand."""
    levels = {
        "bids": [{"price": "0.1", "size": "5"}, {"price": "0.4", "size": "6"}],
        "asks": [{"price": "0.9", "size": "5"}, {"price": "0.5", "size": "7"}],
    }
    server = Server(
        {"GET /v1/book": ok(levels), f"GET /v1/markets/{MARKET}/book": ok({"bids": [], "asks": []})}
    )
    with client(server) as sim:
        book, empty = sim.books.get_order_book(TOKEN), sim.markets.book(MARKET, "No", depth=5)
    bid, ask = best_bid(book), best_ask(book)
    assert bid is not None
    assert ask is not None
    assert (bid.price, bid.size, ask.price, ask.size) == tuple(map(Decimal, ("0.4", "6", "0.5", "7")))
    assert (best_bid(empty), best_ask(empty)) == (None, None)
    assert server.asked[1] == {"outcome": "No", "depth": "5"}


def test_many_tokens_at_once() -> None:
    """Fifty tokens go in one request, each once, and the answers are put together."""

    def mids(request: httpx.Request) -> httpx.Response:
        return ok({each["token_id"]: "0.5" for each in json.loads(request.content)})

    server = Server({"POST /v1/midpoints": mids})
    wanted = [str(10**30 + number) for number in range(70)]
    with client(server) as sim:
        assert list(sim.books.get_midpoints([*wanted, int(wanted[0])])) == wanted
    assert [len(each) for each in server.bodies] == [50, 20]


def test_prices_of_both_sides() -> None:
    """A token without a side is asked for with both."""
    answer = {TOKEN: {"BUY": "0.4"}, OTHER: {"BUY": "0.1", "SELL": "0.2"}, "odd": "0.3"}
    server = Server({"POST /v1/prices": ok(answer)})
    with client(server) as sim:
        found = sim.books.get_prices([(TOKEN, "buy"), OTHER])
    assert found == {TOKEN: {"BUY": Decimal("0.4")}, OTHER: {"BUY": Decimal("0.1"), "SELL": Decimal("0.2")}}
    assert server.bodies[0] == [
        {"token_id": TOKEN, "side": "BUY"},
        {"token_id": OTHER, "side": "BUY"},
        {"token_id": OTHER, "side": "SELL"},
    ]


def test_midpoints_under_either_name() -> None:
    """The middle is read from either of its names, and its absence is an error of the answer."""
    server = Server({"GET /v1/midpoint": [ok({"mid": "0.5"}), ok({"mid_price": "0.6"}), ok({})]})
    with client(server) as sim:
        assert [sim.books.get_midpoint(TOKEN) for _ in range(2)] == [Decimal("0.5"), Decimal("0.6")]
        with pytest.raises(DecodeError, match="midpoint"):
            sim.books.get_midpoint(TOKEN)


def test_numbers_that_are_no_text() -> None:
    """Ticks and past prices are JSON numbers here, and lose nothing on the way."""
    server = Server(
        {
            f"GET /v1/tick-size/{TOKEN}": ok({"minimum_tick_size": 0.001}),
            "GET /v1/time": ok(b"1789000000"),
            "GET /v1/prices-history": ok({"history": [{"t": 1, "p": 0.505}]}),
            "GET /v1/neg-risk": ok({"neg_risk": True}),
            "GET /v1/fee-rate": ok({"base_fee": 1000, "fee_rate_bps": 400}),
        }
    )
    with client(server, None) as sim:
        assert sim.books.get_tick_size(TOKEN) == Decimal("0.001")
        assert sim.books.get_server_time() == 1789000000
        assert sim.books.get_prices_history(TOKEN, start=date(2026, 9, 10), end=1789000000)[0].p == Decimal(
            "0.505"
        )
        assert sim.books.get_neg_risk(TOKEN) is True
        assert sim.books.get_fee_rate(TOKEN).fee_rate_bps == 400
        with pytest.raises(ConfigError, match="not both"):
            sim.books.get_prices_history(TOKEN, interval="1d", start=1)
    assert server.asked[2] == {"market": TOKEN, "startTs": "1788998400", "endTs": "1789000000"}


def test_a_token_that_never_traded() -> None:
    """The price a venue makes up for a token without trades is none."""
    answers = [ok({"price": "0.50", "side": ""}), ok({"price": "0.4", "side": "SELL"})]
    with client(Server({"GET /v1/last-trade-price": [*answers]})) as sim:
        assert sim.books.get_last_trade_price(TOKEN) is None
        last = sim.books.get_last_trade_price(TOKEN)
    assert last is not None
    assert (last.price, last.side) == (Decimal("0.4"), "SELL")


def test_a_strike_that_is_not_known_yet() -> None:
    """No strike yet is None, by condition id or token id; other refusals are raised."""
    server = Server(
        {
            f"GET /prices/ptb/{MARKET}": [no(404, "NOT_FOUND"), ok({"price": 64000.5, "source": "x"})],
            f"GET /prices/ptb/{TOKEN}": no(403, "ACCESS_RESTRICTED"),
        }
    )
    with client(server) as sim:
        assert sim.spot.strike(MARKET) is None
        found = sim.spot.strike(MARKET)
        assert found is not None
        assert found.price == Decimal("64000.5")
        with pytest.raises(Forbidden):
            sim.spot.strike(int(TOKEN))


CALLS: list[tuple[str, Any]] = [
    ("a market", lambda sim: sim.markets.get(TOKEN)),
    ("a market", lambda sim: sim.markets.get("")),
    ("a market", lambda sim: sim.markets.get("a b")),
    ("a market", lambda sim: sim.markets.prices(MARKET)),
    ("an address", lambda sim: sim.markets.by_slug("https://x/y")),
    ("a depth", lambda sim: sim.markets.book(MARKET, depth=0)),
    ("a token", lambda sim: sim.books.get_order_book(MARKET)),
    ("a token", lambda sim: sim.books.get_midpoints(TOKEN)),
    ("a token", lambda sim: sim.books.get_midpoint(True)),
    ("a token", lambda sim: sim.markets.by_token(1.5)),
    ("a side", lambda sim: sim.books.get_price(TOKEN, "HOLD")),
    ("tokens", lambda sim: sim.books.get_prices(TOKEN)),
    ("a symbol", lambda sim: sim.spot.price("../me")),
    ("a status", lambda sim: sim.account.positions("LOST")),
    ("a wallet", lambda sim: sim.account.positions(wallet_id="mine")),
    ("days", lambda sim: sim.account.equity(0)),
    ("a moment", lambda sim: next(sim.account.settlements(start=datetime(2026, 9, 10)))),  # noqa: DTZ001
    ("a moment", lambda sim: next(sim.account.settlements(start=1789000000000))),
    ("one wallet", lambda sim: sim.wallets.get("all")),
    ("a label", lambda sim: sim.wallets.create("x" * 65)),
    ("a key", lambda sim: sim.keys.revoke("abc")),
    ("a wait", lambda sim: sim.markets.get(MARKET, wait=float("nan"))),
    ("markets", lambda sim: sim.simulation.backtests.create([], 1, 2, {})),
    ("a bankroll", lambda sim: sim.simulation.backtests.create([MARKET], 1, 2, {}, initial_bankroll=1.5)),
    ("a job", lambda sim: sim.simulation.backtests.get("")),
    ("a moment", lambda sim: sim.simulation.book(MARKET, None)),
]


@pytest.mark.parametrize(
    "call", [call for _, call in CALLS], ids=[f"{n}-{name}" for n, (name, _) in enumerate(CALLS)]
)
def test_what_cannot_be_meant_is_not_sent(call: Any) -> None:
    """A value that the venue could only refuse, or misread, is refused before anything is sent."""
    server = Server({})
    with client(server) as sim, pytest.raises(ConfigError):
        call(sim)
    assert server.requests == []


def test_backtests() -> None:
    """A backtest is begun under a key of its own, so that a lost answer begins no second one."""
    job = {"job_id": "j-1", "status": "pending"}
    lost = httpx.Response(502, content=b"gone")
    server = Server(
        {
            "POST /v1/simulation/backtests": [lost, ok(job, 202)],
            "GET /v1/simulation/backtests": [
                ok({"data": [job], "next_cursor": "n"}),
                ok({"data": [job | {"job_id": "j-2"}], "next_cursor": None}),
            ],
            "DELETE /v1/simulation/backtests/j-1": httpx.Response(204),
        }
    )
    with client(server) as sim:
        made = sim.simulation.backtests.create(
            [MARKET], date(2026, 9, 1), date(2026, 9, 2), {"kind": "x"}, initial_bankroll="500"
        )
        first, second = server.requests
        assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
        assert first.content == second.content
        assert server.bodies[0]["initial_bankroll"] == "500"
        assert server.bodies[0]["start"] == "2026-09-01T00:00:00Z"
        assert made.job_id == "j-1"
        assert len(list(sim.simulation.backtests.list())) == 2
        assert sim.simulation.backtests.cancel(made) is None  # type: ignore[arg-type]


def test_what_is_secret_cannot_be_written_down_by_accident() -> None:
    """Keys and tokens cannot be pickled, and no text of a client, a part or an error holds them."""
    server = Server(
        {
            "POST /v1/keys": ok(ISSUED, 201),
            "POST /v1/keys/ws-token": ok({"token": JWT}),
            "POST /v1/keys/bootstrap": ok({"id": "no number", "raw_key": ISSUED["raw_key"]}, 201),
        }
    )
    with client(server, access_token=JWT) as sim:
        for secret in (sim.keys.create(), sim.keys.ws_token()):
            with pytest.raises(TypeError):
                pickle.dumps(secret)
        with pytest.raises(DecodeError) as caught:
            sim.keys.bootstrap()
        shown = "".join(
            traceback.TracebackException(
                DecodeError, caught.value, caught.value.__traceback__, capture_locals=True
            ).format()
        )
        shown += repr(sim) + repr(sim.session) + repr(vars(sim)) + repr(vars(sim.keys))
    for hidden in (KEY, JWT, str(ISSUED["raw_key"])):
        assert hidden not in shown
