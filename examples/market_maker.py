"""Quote both sides of a market around its middle, on any venue.

    python examples/market_maker.py sandbox:clob
    python examples/market_maker.py sandbox:us --rounds 20 --size 50
    python examples/market_maker.py us --market SYMBOL          # the real venue, with POLYSPEC_US_* set

Each round it wants a bid and an ask around the middle of what others quote, pushed away from the side it has
traded too much of: it cancels every other order of the account in this market, then places what is missing,
post-only. Whatever ends it - the last round, an error, Ctrl-C - all orders there are cancelled first.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Sequence
from decimal import Decimal
from time import sleep

import polyspec


def middle(book: polyspec.Book, working: Sequence[polyspec.OpenOrder]) -> Decimal | None:
    """Return the middle of what others quote."""
    best: list[Decimal] = []
    for side, levels in (("BUY", book.bids), ("SELL", book.asks)):
        for price, quantity in levels:
            own = sum(order.remaining for order in working if (order.side, order.price) == (side, price))
            if quantity > own:
                best.append(price)
                break
    return (best[0] + best[1]) / 2 if len(best) == 2 else None


class MarketMaker:
    """Keeps one bid and one ask in one market."""

    def __init__(self, desk: polyspec.Desk, market: polyspec.Market, options: argparse.Namespace) -> None:
        self.desk, self.market, self.options = desk, market, options
        self.start = desk.position(market).quantity

    def round(self) -> None:
        """Look once, and see to it that the right two orders work."""
        working = self.desk.open_orders(self.market)
        held = self.desk.position(self.market).quantity
        mid = middle(self.desk.book(self.market), working if self.market.in_book else ())
        print(f"middle {mid}, traded {held - self.start:+}, {len(working)} orders")
        quotes, kept = {} if mid is None else self.wanted(mid, held), set()
        # first all that has to go: a new quote must not meet an old one of its own
        for order in working:
            price, quantity = quotes.get(order.side, (None, 0))
            if order.side not in kept and order.price == price and order.remaining <= quantity:
                kept.add(order.side)
            else:
                self.desk.cancel(order)
        for side, (price, quantity) in quotes.items():
            if side not in kept and quantity:
                self.place(side, price, quantity)

    def wanted(self, mid: Decimal, held: Decimal) -> dict[str, tuple[Decimal, Decimal]]:
        """Return price and quantity of the quotes there should be, by side."""
        limit, half, traded = self.options.limit, self.options.spread / 2, held - self.start
        # at its limit it quotes half a spread away: one side at the middle, the other far off
        middle = mid - traded / limit * half
        sellable = limit + traded if self.market.can_short else min(limit + traded, held)
        quotes = {}
        for side, price, most in (("BUY", middle - half, limit - traded), ("SELL", middle + half, sellable)):
            with contextlib.suppress(polyspec.InvalidOrder):  # close to 0 and 1 there may be no price left
                quantity = self.market.lots(min(self.options.size, most))
                quotes[side] = (self.market.snap(price, side), quantity)
        return quotes

    def place(self, side: str, price: Decimal, quantity: Decimal) -> None:
        """Place a quote, and do not go on before it is known whether it stands."""
        placed = self.desk.place(self.market, side=side, price=price, quantity=quantity, post_only=True)
        while isinstance(placed, polyspec.Unknown):
            print("  not known whether it stands: looking it up before anything else")
            placed = placed.resolve()
        if isinstance(placed, polyspec.Rejected):
            print(f"  {side} {quantity} at {price} refused: {placed.text}")
        else:
            print(f"  {side} {quantity} at {price}")


def read(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Quote both sides of a market around its middle.")
    parser.add_argument("venue", nargs="?", help="us, clob or polysimulator, with sandbox: in front or not")
    parser.add_argument("--market", help="its id at the venue (default: the first with two sides)")
    parser.add_argument("--size", type=Decimal, default=Decimal(20), help="shares per quote")
    parser.add_argument("--limit", type=Decimal, default=Decimal(100), help="shares to be long or short")
    parser.add_argument("--spread", type=Decimal, default=Decimal("0.02"), help="dollars from bid to ask")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between rounds")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Trade until the rounds are over or somebody has enough."""
    options = read(arguments)
    with polyspec.connect(options.venue) as desk:
        two_sided = (each for each in desk.markets(50) if desk.book(each).mid is not None)
        market = desk.market(options.market) if options.market else next(two_sided)
        print(f"{market.name} {market.outcome}, on {desk.name}")
        maker = MarketMaker(desk, market, options)
        try:
            for _ in range(options.rounds):
                maker.round()
                sleep(options.pause)
        except KeyboardInterrupt:
            print("stopping")
        finally:
            desk.cancel_all(market)
        traded, left = desk.position(market).quantity - maker.start, len(desk.open_orders(market))
        print(f"traded {traded:+}, {left} orders left")


if __name__ == "__main__":
    main()
