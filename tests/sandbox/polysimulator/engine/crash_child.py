"""Trade on a paper exchange for ever, telling of each order after it is committed."""

from __future__ import annotations

import sys
from itertools import count

from polyspec.sandbox.polysimulator.engine import Idem
from tests.sandbox.polysimulator.engine.paper import Desk


def main(path: str) -> None:
    """Place orders on the journal at a path until killed; print key, number, source and status of each."""
    desk = Desk(path)
    for number in count():
        price = 40 + number % 10
        desk.show(f"0.{price - 2}x50", f"0.{price}x50")
        sells = number % 3 == 2
        side, limit = ("SELL", f"0.{price - 2}") if sells else ("BUY", f"0.{price - number % 2}")
        order_type = "market" if sells else "limit"
        placed = desk.place(
            side, limit, "5", order_type=order_type, idem=Idem(key=f"k{number}", body_hash=str(number))
        )
        sys.stdout.write(f"k{number} {placed.order_id} {placed.source} {placed.status}\n")
        sys.stdout.flush()
        if number % 5 == 0:
            desk.wait(1)


if __name__ == "__main__":
    main(sys.argv[1])
