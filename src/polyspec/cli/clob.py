"""``polyspec clob book TOKEN``: a readable order book."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from decimal import Decimal

import msgspec
from polyspec_wire.clob import models as wire

from polyspec.clob.client import ClobClient
from polyspec.errors import ConfigError

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    book = actions.add_parser("book", help="show the order book of a token")
    book.add_argument("token", metavar="TOKEN", help="decimal id of the token of one outcome")
    book.add_argument("--depth", type=int, default=10, help="levels of each side (default: 10)")
    book.add_argument("--host", help="address of the CLOB (default: the venue, or POLYSPEC_SANDBOX)")
    book.add_argument("--json", action="store_true", help="print the book as the venue sends it")


def run(arguments: argparse.Namespace) -> int:
    """Show the book."""
    if arguments.depth < 1:
        raise ConfigError("--depth must be 1 or more")
    with _client(arguments.host) as client:
        book = client.get_order_book(arguments.token)
    if arguments.json:
        print(msgspec.json.encode(book).decode())
        return 0
    print("\n".join(_lines(book, arguments.depth)))
    return 0


def _client(host: str | None) -> ClobClient:
    # a book is public: no key is read to show it
    if host is not None:
        return ClobClient(host)
    variables = {
        name: os.environ[name] for name in ("POLYSPEC_SANDBOX", "POLYSPEC_CLOB_HOST") if name in os.environ
    }
    return ClobClient.from_env(variables)


def _lines(book: wire.OrderBookSummary, depth: int) -> list[str]:
    """Lay a book out: asks above, bids below, the best of both next to each other."""
    bids, asks = list(reversed(book.bids))[:depth], list(reversed(book.asks))[:depth]
    lines = [
        f"token {book.asset_id}",
        f"market {book.market}",
        f"{'price':>10} {'shares':>14} {'dollars to here':>18}",
    ]
    lines += reversed(_side(asks, "ask"))
    lines.append("-" * 48 + _spread(bids, asks))
    lines += _side(bids, "bid")
    last = book.last_trade_price or "none"
    return [
        *lines,
        f"tick {book.tick_size}, smallest order {book.min_order_size} shares, last trade {last}"
        + (", neg-risk" if book.neg_risk else ""),
    ]


def _side(levels: Sequence[wire.OrderSummary], name: str) -> list[str]:
    total, lines = Decimal(0), []
    for level in levels:
        total += level.price * level.size
        lines.append(f"{level.price:>10} {level.size:>14} {total:>18,.2f}  {name}")
    return lines or [f"{'':>10} {'':>14} {'':>18}  no {name}s"]


def _spread(bids: Sequence[wire.OrderSummary], asks: Sequence[wire.OrderSummary]) -> str:
    if not bids or not asks:
        return ""
    return f" spread {asks[0].price - bids[0].price}, middle {(asks[0].price + bids[0].price) / 2}"
