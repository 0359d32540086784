"""Where the stories play: a sandbox, a peer that trades on it, and what the sandbox says of it."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any, Final

from polyspec import Sandbox
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.seeds import ACCOUNTS, Listing
from polyspec.sandbox.clob.wallets import wallets_of
from tests.interop.driven import Driven

__all__ = ["ONE", "Stage", "Trader", "decimal"]

ONE: Final = 1_000_000
_PATIENCE: Final = 10.0
_UNSETTLED: Final = frozenset({t.TradeStatus.MATCHED, t.TradeStatus.MINED, t.TradeStatus.RETRYING})


def decimal(units: int) -> Decimal:
    """Return base units as shares or dollars."""
    return Decimal(units) / ONE


class Trader:
    """A key that trades from one of its wallets, through the peer."""

    def __init__(self, stage: Stage, place: int, signature_type: int) -> None:
        self._stage = stage
        self.name = f"{place}/{signature_type}"
        self.key = ACCOUNTS[place].private_key
        self.signature_type = signature_type
        wallets = wallets_of(ACCOUNTS[place].wallets.eoa)
        self.address: str = wallets.eoa
        """Whose key it is, with its checksum."""
        self.maker: str = wallets.of_type(signature_type)[0]
        """Where the money is, with its checksum."""
        told = stage.peer(
            "connect", name=self.name, key=self.key, signature_type=signature_type, funder=self.maker
        )
        assert told["address"] == self.address
        self.owner: str = told["key"]
        """The id of its API key."""

    def __call__(self, step: str, **arguments: Any) -> Any:
        """Let the peer do something in this trader's name."""
        return self._stage.peer(step, name=self.name, **arguments)

    def balance(self, token_id: str = "") -> Decimal:
        """Return what the wallet holds: of collateral, or of a token; only what is settled."""
        with self._stage.world.lock:
            return decimal(self._stage.exchange.holding(self.maker.lower(), token_id).balance)


class Stage:
    """One sandbox and one peer; what a test leaves behind is cleared away."""

    def __init__(self, sandbox: Sandbox, peer: Driven) -> None:
        self.sandbox = sandbox
        self.peer = peer
        self.world = sandbox.clob_venue.world
        self.exchange = self.world.exchange
        self._traders: dict[tuple[int, int], Trader] = {}

    def trader(self, place: int = 0, signature_type: int = 0) -> Trader:
        """Return the trader with one of the development keys; logged in once."""
        wanted = place, signature_type
        if wanted not in self._traders:
            self._traders[wanted] = Trader(self, place, signature_type)
        return self._traders[wanted]

    def listing(self, word: str) -> Listing:
        """Return the market whose name has a word."""
        return next(each for each in self.world.listings.values() if word in each.slug)

    # -- what the sandbox says --

    def order(self, order_id: str) -> t.Order:
        """Return an order as the engine has it."""
        with self.world.lock:
            found = self.exchange.order(order_id)
        assert found is not None, order_id
        return found

    def working(self) -> list[str]:
        """Return the ids of all open orders, oldest first."""
        with self.world.lock:
            return [each.id for each in self.exchange.orders(open_only=True)]

    def levels(self, token_id: str) -> tuple[list[tuple[Decimal, Decimal]], list[tuple[Decimal, Decimal]]]:
        """Return the bids and the asks of a book, best first, as prices and sizes."""
        with self.world.lock:
            book = self.exchange.book(token_id)
        assert book is not None
        bids, asks = (
            [(decimal(each.price), decimal(each.size)) for each in side] for side in (book.bids, book.asks)
        )
        return bids, asks

    def trade(self, trade_id: str) -> t.Trade:
        """Return a trade as the engine has it."""
        with self.world.lock:
            found = self.exchange.trade(trade_id)
        assert found is not None, trade_id
        return found

    def settle(self) -> None:
        """Wait until every trade is final."""
        deadline = time.monotonic() + _PATIENCE
        while self._unsettled():
            assert time.monotonic() < deadline, "trades do not settle"
            time.sleep(0.01)

    def _unsettled(self) -> bool:
        with self.world.lock:
            return any(each.status in _UNSETTLED for each in self.exchange.trades())

    def audit(self) -> None:
        """Recount everything the sandbox holds: nothing appeared, nothing vanished."""
        with self.world.lock:
            self.exchange.audit()

    def clear(self) -> None:
        """Cancel what is left, let trades settle, and recount."""
        with self.world.lock:
            for owner in {each.owner for each in self.exchange.orders(open_only=True)}:
                self.world.apply(t.CancelAll(owner=owner))
        self.settle()
        self.audit()
