"""The sandbox around the CLOB: which venues it serves, what it tells, its control endpoints."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest
from clob_door import Door

from polyspec.errors import ConfigError
from polyspec.sandbox import Sandbox
from polyspec.sandbox.clob.options import ClobOptions
from polyspec.sandbox.clob.seeds import ACCOUNTS


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "state"),
        ("POST", "faults"),
        ("POST", "clock"),
        ("POST", "fund"),
        ("GET", "modes"),
        ("POST", "modes"),
        ("POST", "tick"),
        ("POST", "markets/0x1"),
        ("POST", "trades/1"),
        ("GET", "wallets/0x1"),
        ("POST", "games"),
        ("POST", "comments"),
    ],
)
def test_control_needs_the_secret(door: Door, method: str, path: str) -> None:
    """Without it, with a wrong one, or with credentials of the venue, nothing happens."""
    for headers in ({}, {"x-sandbox-secret": "guess"}, door.level2(method, f"/_sandbox/{path}")):
        answer = door.raw(method, f"/_sandbox/{path}", headers=headers, json={})
        assert (answer.status_code, set(answer.json())) == (403, {"error"})


def test_venues_have_secrets_of_their_own() -> None:
    """The secret of one venue opens nothing at another."""
    with Sandbox(quiet=True, port=False) as sandbox:
        assert len(set(sandbox.secrets().values())) == 3


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("fund", {}, 400),
        ("fund", {"wallet": "0x1", "collateral": "-1"}, 400),
        ("fund", {"wallet": "0x1", "collateral": "much"}, 400),
        ("fund", {"wallet": "0x1", "sets": str(2**60)}, 400),
        ("tick", {"token_id": "5", "tick": "0.01"}, 404),
        ("tick", {"token_id": "first", "tick": "0.02"}, 400),
        ("tick", {"token_id": "first", "tick": "small"}, 400),
        ("markets/0x1", {"status": "OPEN"}, 404),
        ("markets/first", {"status": "ASLEEP"}, 400),
        ("markets/first", {"payouts": ["1", "1"]}, 400),
        ("markets/first", {"payouts": ["1"]}, 400),
        ("trades/unknown", {"status": "MINED"}, 400),
        ("trades/unknown", {"status": "LOST"}, 400),
        ("games", {"id": 1}, 404),
        ("games", {"id": "first"}, 404),
        ("comments", {"react_to": "1"}, 404),
        ("comments", {"withdraw": 5}, 404),
        ("comments", {"body": "hm", "parent_id": "one"}, 400),
        ("clock", {"advance": -1}, 400),
        ("faults", {"faults": [5]}, 400),
    ],
    ids=str,
)
def test_control_refuses_nonsense(door: Door, path: str, body: Any, status: int) -> None:
    """Impossible orders to the sandbox are refused and change nothing."""
    listing = next(iter(door.world.listings.values()))
    path = path.replace("first", listing.condition_id)
    body = {name: listing.token_ids[0] if value == "first" else value for name, value in body.items()}
    before = told(door)
    headers = {"x-sandbox-secret": door.venue.secret}
    answer = door.raw("POST", f"/_sandbox/{path}", headers=headers, json=body)
    assert (answer.status_code, set(answer.json())) == (status, {"error"})
    assert told(door) == before


def told(door: Door) -> Any:
    """Return what the engine holds of markets and wallets."""
    exchange = door.world.exchange
    statuses = [exchange.market_status(each.condition_id) for each in exchange.markets()]
    return exchange.markets(), statuses, {each: exchange.holdings(each) for each in exchange.wallets()}


def test_the_state_is_told(door: Door) -> None:
    """Markets, open orders, modes and faults, in one answer."""
    door.place()
    told = door.control("GET", "state")
    listing = next(iter(door.world.listings.values()))
    assert told["markets"][listing.condition_id] == {"slug": listing.slug, "status": "OPEN", "open_orders": 1}
    assert told["modes"]["trading"] == "NORMAL"
    assert told["state_hash"] == door.world.exchange.state_hash()


def test_wallets_are_told(door: Door, other: Door) -> None:
    """Balances, orders and trades of any wallet, open or over."""
    other.place("SELL", "0.50")
    order_id = door.place("BUY", "0.50")["orderID"]
    told = door.control("GET", f"wallets/{door.address}")
    assert [each["id"] for each in told["orders"]] == [order_id]
    assert [each["trader_side"] for each in told["trades"]] == ["TAKER"]
    assert door.control("GET", f"wallets/{other.address}")["trades"][0]["trader_side"] == "MAKER"


def test_the_line_has_what_a_client_needs(door: Door) -> None:
    """Where it is, which chain, which keys, and tokens of every kind."""
    told = door.sandbox.describe()
    assert list(told) == ["clob"]
    assert set(told["clob"]) == {
        "rest",
        "ws",
        "chain_id",
        "private_keys",
        "token_ids",
        "neg_risk_token_ids",
        "position_ids",
    }
    assert told["clob"]["chain_id"] == 137
    assert len(told["clob"]["token_ids"]) == 14
    assert len(told["clob"]["neg_risk_token_ids"]) == 6
    assert json.loads(json.dumps(told)) == told


@pytest.mark.parametrize("port", [False, True])
def test_clients_are_handed_out(port: bool) -> None:
    """Each trades with its own funded key, over a port or without one."""
    with Sandbox(venues=("clob",), quiet=True, port=port) as sandbox:
        token = sandbox.clob_venue.token_ids[0]
        with sandbox.clob() as first, sandbox.clob(1) as second:
            first.create_and_post_order(token_id=token, price="0.50", size="10", side="SELL")
            taken = second.create_and_post_order(token_id=token, price="0.50", size="10", side="BUY")
            assert taken.status == "matched"
        world = sandbox.clob_venue.world
        with world.lock:
            (trade,) = world.exchange.trades()
        assert trade.wallet == ACCOUNTS[1].wallets.eoa.lower()
        assert trade.makers[0].wallet == ACCOUNTS[0].wallets.eoa.lower()


@pytest.mark.parametrize("port", [False, True])
def test_asynchronous_clients_are_handed_out(port: bool) -> None:
    """They find the same venue."""

    async def middle(sandbox: Sandbox) -> object:
        async with sandbox.async_clob(2) as client:
            return await client.get_neg_risk(sandbox.clob_venue.neg_risk_token_ids[0])

    with Sandbox(venues=("clob",), quiet=True, port=port) as sandbox:
        assert asyncio.run(middle(sandbox)) is True


def test_venues_can_be_chosen() -> None:
    """Only those named are served, and asking for another says which there are."""
    with Sandbox(venues=("us",), quiet=True, port=False) as sandbox:
        assert set(sandbox.describe()) == {"us_exchange"}
        with pytest.raises(ConfigError, match="does not serve 'clob'"):
            _ = sandbox.clob_venue
    with Sandbox(venues=("clob",), quiet=True, port=False) as sandbox:
        assert set(sandbox.describe()) == {"clob"}
        for ask in (lambda: sandbox.us, lambda: sandbox.asgi):
            with pytest.raises(ConfigError, match="does not serve 'us'"):
                ask()
    for venues in ((), ("moon",)):
        with pytest.raises(ConfigError, match="venues must be"):
            Sandbox(venues=venues)
    with pytest.raises(ConfigError, match="not running"):
        _ = Sandbox().clob_venue


def test_a_sandbox_can_be_started_again() -> None:
    """After it was closed; not while it runs."""
    sandbox = Sandbox(venues=("clob",), quiet=True)
    for _ in range(2):
        with sandbox, pytest.raises(ConfigError, match="already"):
            sandbox.start()


@pytest.mark.parametrize(
    "options",
    [
        {"chain_id": 1},
        {"signer_limits": "strict"},
        {"heartbeat_check": 0},
        {"heartbeat_timeout": -1},
        {"sports_ping": 0},
        {"live_every": -1},
        {"sports_heartbeat": "none"},
        {"sports_fields": "all"},
    ],
    ids=str,
)
def test_impossible_options_are_refused(options: dict[str, Any]) -> None:
    """Before anything is started."""
    with pytest.raises(ConfigError):
        ClobOptions(**options)


def test_options_leave_seed_and_limits_to_the_sandbox() -> None:
    """Unless they say so themselves."""
    with Sandbox(venues=("clob",), quiet=True, port=False, seed=7, rate_limits=False) as sandbox:
        options = sandbox.clob_venue.world.options
        assert (options.seed, options.rate_limits) == (7, False)
    chosen = ClobOptions(seed=8, rate_limits=True)
    with Sandbox(venues=("clob",), quiet=True, port=False, seed=7, rate_limits=False, clob=chosen) as sandbox:
        options = sandbox.clob_venue.world.options
        assert (options.seed, options.rate_limits) == (8, True)


def test_the_other_chain_has_other_domains(open_door: Any) -> None:
    """On the test network a signature for the main one is none."""
    door = open_door(chain_id=80002)
    assert door.sandbox.describe()["clob"]["chain_id"] == 80002
    answer = door.raw("POST", "/auth/api-key", headers=door.level1())
    assert answer.status_code == 401


def test_a_start_needs_no_cryptography() -> None:
    """Books are served before eth-account is imported, or installed; signed requests say what is missing."""
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['eth_account', 'eth_utils', 'eth_keys']))\n"
        "import httpx\n"
        "from polyspec.sandbox import Sandbox\n"
        "from polyspec.sandbox.inside import Inside\n"
        "with Sandbox(port=False) as sandbox:\n"
        "    venue = sandbox.clob_venue\n"
        "    http = httpx.Client(transport=Inside(venue.asgi), base_url=venue.rest)\n"
        "    with http:\n"
        "        print(http.get('/book', params={'token_id': venue.token_ids[0]}).status_code)\n"
        "        print(http.get('/auth/derive-api-key').json()['error'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    words = "the CLOB of the sandbox needs eth-account: pip install 'polyspec[sandbox]'"
    assert (done.stdout, done.returncode) == (f"200\n{words}\n", 0), done.stderr
