"""Buy what rises, sell it once it turns, on any venue.

    python examples/momentum.py sandbox:clob --rounds 60
    python examples/momentum.py sandbox:us --budget 25 --rise 0.005
    python examples/momentum.py us --market SYMBOL              # the real venue, with POLYSPEC_US_* set

If the middle has risen by `--rise` within the last `--window` rounds, it buys for `--budget` dollars: an IOC
order that takes what is offered up to `--slip` above the best ask. It sells the same way once the middle has
come down by `--fall` from its top, and, whatever ends it, before it ends.
"""

from __future__ import annotations

import argparse
from collections import abc, deque
from decimal import Decimal
from time import sleep

import polyspec


class Momentum:
    """Watches the middle of one market, and is either in or out."""

    def __init__(self, desk: polyspec.Desk, market: polyspec.Market, options: argparse.Namespace) -> None:
        self.desk, self.market, self.options = desk, market, options
        self.start = desk.position(market).quantity
        self.mids: deque[Decimal] = deque(maxlen=options.window)
        self.top = Decimal(0)

    def bought(self) -> Decimal:
        """Return what it holds, by the venue's word: an answer may know of too few fills."""
        return self.desk.position(self.market).quantity - self.start

    def round(self) -> None:
        """Look once, and get in or out if it is time."""
        book, bought = self.desk.book(self.market), self.bought()
        print(f"middle {book.mid}, holding {bought}")
        if book.mid is None:
            return
        self.mids.append(book.mid)
        self.top = max(self.top, book.mid)
        if not self.market.lots(bought):
            if book.mid - min(self.mids) >= self.options.rise:
                self.buy(book)
        elif self.top - book.mid >= self.options.fall:
            self.sell(book)

    def buy(self, book: polyspec.Book) -> None:
        """Spend the budget, near the best price; to buy again, the market must rise again."""
        price = self.market.snap(min(book.asks[0].price + self.options.slip, self.market.highest), "BUY")
        money = min(self.options.budget, self.desk.balance().available)
        self.take("BUY", price, self.market.lots(money / price))
        self.mids.clear()
        self.top = self.market.lowest

    def sell(self, book: polyspec.Book) -> None:
        """Sell what was bought; what finds no buyer is tried again next round."""
        if book.bid is not None:
            price = self.market.snap(max(book.bid - self.options.slip, self.market.lowest), "SELL")
            self.take("SELL", price, self.market.lots(self.bought()))

    def take(self, side: str, price: Decimal, quantity: Decimal) -> None:
        """Trade now or not at all."""
        if not quantity:
            return
        placed = self.desk.place(self.market, side=side, price=price, quantity=quantity, time_in_force="IOC")
        while isinstance(placed, polyspec.Unknown):
            print("  not known what became of it: looking it up before anything else")
            placed = placed.resolve()
        if isinstance(placed, polyspec.Rejected):
            print(f"  {side} {quantity} at {price} refused: {placed.text}")
        else:
            print(f"  {side} {quantity} at {price} or better: {placed.filled} at once")

    def leave(self) -> None:
        """Sell what is left, with patience: what was just bought may take seconds to be there."""
        tries = 10
        while self.market.lots(self.bought()) and (tries := tries - 1):
            self.sell(self.desk.book(self.market))
            sleep(self.options.pause)


def read(arguments: abc.Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Buy what rises, sell once it turns.")
    parser.add_argument("venue", nargs="?", help="us, clob or polysimulator, with sandbox: in front or not")
    parser.add_argument("--market", help="its id at the venue (default: the first with two sides)")
    parser.add_argument("--budget", type=Decimal, default=Decimal(50), help="dollars to spend at a time")
    parser.add_argument("--rise", type=Decimal, default=Decimal("0.01"), help="dollars up to buy at")
    parser.add_argument("--fall", type=Decimal, default=Decimal("0.01"), help="dollars down to sell at")
    parser.add_argument("--slip", type=Decimal, default=Decimal("0.01"), help="dollars past the best price")
    parser.add_argument("--window", type=int, default=10, help="rounds in which the rise must happen")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between rounds")
    return parser.parse_args(arguments)


def main(arguments: abc.Sequence[str] | None = None) -> None:
    """Trade until the rounds are over or somebody has enough."""
    options = read(arguments)
    with polyspec.connect(options.venue) as desk:
        two_sided = (each for each in desk.markets(50) if desk.book(each).mid is not None)
        market = desk.market(options.market) if options.market else next(two_sided)
        print(f"{market.name} {market.outcome}, on {desk.name}")
        bot = Momentum(desk, market, options)
        try:
            for _ in range(options.rounds):
                bot.round()
                sleep(options.pause)
        except KeyboardInterrupt:
            print("stopping")
        finally:
            bot.leave()
        print(f"holding {bot.bought()}, {len(desk.open_orders(market))} orders left")


if __name__ == "__main__":
    main()
