from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import msgspec
import pytest

from polyspec.core.codec import decode
from polyspec.core.nesting import check_depth, read_plain
from polyspec.errors import DecodeError

LIMIT = 100_000
"""What eth-account raises the recursion limit to."""


@pytest.fixture(autouse=True)
def raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the guard believe that some library has raised the limit; the limit itself stays as it is."""
    monkeypatch.setattr("polyspec.core.nesting._USUAL", 0)


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 50_000,
        b'{"a":' * 50_000,
        b'{"a":[' * 20_000,
        b"[" * 50_000 + b"]" * 50_000,
        b'["]",' * 50_000,
        b'["\\"]",' * 50_000,
        b'[{"[":"]"},' * 50_000,
    ],
    ids=range(7),
)
def test_nested_without_end_is_refused(text: bytes) -> None:
    """However the brackets are hidden, what nests too deeply is a DecodeError, at once."""
    start = time.process_time()
    with pytest.raises(RecursionError):
        check_depth(text)
    with pytest.raises(msgspec.DecodeError):
        read_plain(text)
    with pytest.raises(DecodeError):
        decode(text, dict[str, Any])
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "plain",
    [
        [{"a": [], "b": {"c": [1, {}]}}] * 5_000,
        {str(number): [[[[number]]]] for number in range(2_000)},
        ["[[[[{{{{" * 1_000] * 10,
        ["]" * 5_000, '"[' * 5_000, "\\" * 5_000],
        [[]] * 3_000,
    ],
    ids=range(5),
)
def test_what_is_only_long_is_read(plain: Any) -> None:
    """Many brackets beside each other, or in texts, are no depth."""
    assert read_plain(msgspec.json.encode(plain)) == plain


@pytest.mark.parametrize("text", [b'"' + b'\\"' * 500_000, b'"\\' * 500_000, b'["' * 500_000])
def test_looking_takes_no_longer_than_reading(text: bytes) -> None:
    """Texts that are never closed are looked at once."""
    start = time.process_time()
    with pytest.raises(msgspec.DecodeError):
        read_plain(text)
    assert time.process_time() - start < 1


def _said(program: str) -> str:
    """Return what a program prints in a process of its own, which must end well."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_process_survives_with_eth_account() -> None:
    """With eth-account imported, sixty kilobytes of brackets are an error and not the end of the process."""
    said = _said(
        "import eth_account, sys\n"
        f"assert sys.getrecursionlimit() >= {LIMIT}\n"
        "from polyspec.core.codec import decode\n"
        "from polyspec.errors import DecodeError\n"
        "try:\n    decode(b'[' * 60_000, list[str])\n"
        "except DecodeError as error:\n    print(error)\n"
    )
    assert "nested too deeply" in said


def test_the_sandbox_leaves_the_limit_as_it_was() -> None:
    """The sandbox needs eth-account itself, and takes back what that does to the recursion limit."""
    said = _said(
        "import sys\n"
        "from polyspec.sandbox.clob import proof\n"
        "before = sys.getrecursionlimit()\n"
        "proof.load()\n"
        "import eth_account\n"
        "print(sys.getrecursionlimit() == before)\n"
    )
    assert said == "True\n"


_STREAMS = """
import sys
from polyspec.clob import market_feed, user_feed
from polyspec.clob.market import TokenMarkets
from polyspec.core.streams.events import Raw
from polyspec.core.streams.machine import Emit
from polyspec.core.streams.recording import header_of
from polyspec.core.streams.server_sent import ServerSent
from polyspec.errors import DecodeError
from polyspec.polysimulator import executions_feed, prices_feed, spot_feed
from polyspec.polysimulator import market_feed as paper_market, user_feed as paper_user

sys.setrecursionlimit(100_000)
DEEP = b"[" * 150_000
half, nobody = lambda: 0.5, lambda: None

def told(feed, message):
    if isinstance(feed, spot_feed.SpotFeed):
        message = ServerSent("crypto_price", message)
    return any(isinstance(each, Emit) and isinstance(each.event, Raw) for each in feed.heard(message, 1.0))

for name, feed, message in [
    ("market", market_feed.MarketFeed(None, TokenMarkets(300.0), half),
     b'{"event_type":"new_market","fee_schedule":{"x":'),
    ("user", user_feed.UserFeed(None, half), b'{"event_type":"odd","x":'),
    ("prices", prices_feed.PricesFeed(nobody, half), b'{"type":"price","tokens":{"x":'),
    ("spot", spot_feed.SpotFeed(nobody, half), b'{"timestamp":'),
    ("paper market", paper_market.MarketFeed(nobody, half), b'{"event_type":"odd","x":'),
    ("paper user", paper_user.UserFeed(nobody, half), b'{"event_type":"trade","maker_orders":['),
    ("executions", executions_feed.ExecutionsFeed(nobody, half), b'{"type":"odd","x":'),
]:
    print(name, told(feed, message + DEEP))
try:
    header_of(b'{"polyspec":' + DEEP)
except DecodeError:
    print("recording", True)
"""


def test_the_process_survives_what_streams_tell() -> None:
    """A message nested without end is told as it came, whatever raised the recursion limit."""
    assert _said(_STREAMS).splitlines() == [
        f"{name} True"
        for name in (
            "market",
            "user",
            "prices",
            "spot",
            "paper market",
            "paper user",
            "executions",
            "recording",
        )
    ]


_REQUESTS = """
import base64, sys
from polyspec_wire.us_exchange import trading
from polyspec.sandbox.clob import reading
from polyspec.sandbox.us import paging, parsing

sys.setrecursionlimit(100_000)
DEEP = b"[" * 150_000
token = base64.urlsafe_b64encode(DEEP).decode()

for read in (
    lambda: parsing.read_json(trading.INSERT_ORDER, b'{"symbol":' + DEEP),
    lambda: paging._decode(token, "any"),
    lambda: reading.read_json(b'{"x":' + DEEP, dict[str, object], "Invalid payload"),
):
    try:
        read()
    except Exception as refusal:
        print(type(refusal).__name__)
"""


def test_the_sandbox_survives_what_it_is_asked() -> None:
    """A body, or a page token, that is nested without end is refused, whatever raised the recursion limit."""
    assert _said(_REQUESTS) == "Refusal\n" * 3
