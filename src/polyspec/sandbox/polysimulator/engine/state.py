"""Everything a paper exchange knows; it changes by transactions that are on disk before they are seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeVar, cast

import msgspec

from polyspec.sandbox.http.store import Store

from .records import (
    Counters,
    Depletion,
    EquityPoint,
    Heartbeat,
    Idempotent,
    Order,
    OrderStatus,
    Position,
    PositionStatus,
    Record,
    Settlement,
    Trade,
    User,
    Wallet,
)
from .refused import Refused
from .requests import Source

__all__ = ["State", "Tx"]

R = TypeVar("R", bound=Record)
_MODELS: Final[tuple[type[Record], ...]] = (
    Counters,
    User,
    Wallet,
    Order,
    Trade,
    Position,
    Settlement,
    Idempotent,
    Depletion,
    Heartbeat,
    EquityPoint,
)
Sequence = Literal["pending", "filled", "position", "wallet"]


class State:
    """The records by kind and name, and what finds them fast."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tables: dict[str, dict[str, Record]] = {model.kind: {} for model in _MODELS}
        self.pending: dict[int, None] = {}
        """Orders that rest, oldest first."""
        self.opened: dict[tuple[int, str], int] = {}
        """Open positions by wallet and token."""
        self.clients: dict[tuple[int, str], list[tuple[Source, int]]] = {}
        """Rows of the tables by account and the client's id."""
        self.of_user: dict[tuple[int, str], list[str]] = {}
        """Names of an account's records, by kind, oldest first."""
        self.points: dict[int, list[EquityPoint]] = {}
        """What wallets were worth, ascending."""
        for model in _MODELS:
            for record in store.load(model.kind, model).values():
                self._absorb(record)

    def table(self, model: type[R]) -> dict[str, R]:
        """Return all records of a kind by name."""
        return cast("dict[str, R]", self._tables[model.kind])

    def find(self, model: type[R], name: object) -> R | None:
        """Return a record by name."""
        return self.table(model).get(str(name))

    def get(self, model: type[R], name: object) -> R:
        """Return a record that is there."""
        return self.table(model)[str(name)]

    def of(self, model: type[R], user_id: int) -> Iterator[R]:
        """Iterate over an account's records of a kind, oldest first."""
        table = self.table(model)
        return (table[name] for name in self.of_user.get((user_id, model.kind), ()))

    def resting(self) -> list[Order]:
        """Return the orders that rest, oldest first."""
        return [self.get(Order, order_id) for order_id in self.pending]

    @property
    def counters(self) -> Counters:
        """The last number of each sequence."""
        return self.find(Counters, "all") or Counters()

    def commit(self, changed: dict[tuple[str, str], Record]) -> None:
        """Write records under one commit, then let them be seen; raises with nothing changed."""
        self._store.put_all([(kind, name, record) for (kind, name), record in changed.items()])
        for record in changed.values():
            self._absorb(record)

    def _absorb(self, record: Record) -> None:
        table = self._tables[record.kind]
        if record.name not in table:
            self._list(record)
        table[record.name] = record
        if isinstance(record, Order):
            if record.status is OrderStatus.PENDING:
                self.pending[record.id] = None
            else:
                self.pending.pop(record.id, None)
        elif isinstance(record, Position):
            place = record.wallet_id, record.token_id
            if record.status is PositionStatus.OPEN:
                self.opened[place] = record.id
            elif self.opened.get(place) == record.id:
                del self.opened[place]

    def _list(self, record: Record) -> None:
        """Enter a new record into the lists."""
        if isinstance(record, Order | Trade | Position | Settlement | Wallet | Heartbeat):
            self.of_user.setdefault((record.user_id, record.kind), []).append(record.name)
        if isinstance(record, Order | Trade) and record.client_order_id is not None:
            source: Source = "pending" if isinstance(record, Order) else "filled"
            key = record.user_id, record.client_order_id
            self.clients.setdefault(key, []).append((source, record.id))
        if isinstance(record, EquityPoint):
            self.points.setdefault(record.wallet_id, []).append(record)


class Tx:
    """Changes to be: reads see them, nobody else does before the commit."""

    def __init__(self, state: State, now: int) -> None:
        self.state = state
        self.now = now
        self._changed: dict[tuple[str, str], Record] = {}
        self._opened: dict[tuple[int, str], Position] = {}
        """Changed positions that are open, by wallet and token."""

    def find(self, model: type[R], name: object) -> R | None:
        """Return a record by name, as it will be."""
        changed = self._changed.get((model.kind, str(name)))
        return self.state.find(model, name) if changed is None else cast("R", changed)

    def get(self, model: type[R], name: object) -> R:
        """Return a record that is there, as it will be."""
        found = self.find(model, name)
        if found is None:
            raise KeyError(name)
        return found

    def put(self, record: R) -> R:
        """Change or add a record."""
        self._changed[record.kind, record.name] = record
        if isinstance(record, Position):
            self._note(record)
        return record

    def _note(self, position: Position) -> None:
        """Keep apart which positions are open."""
        place = position.wallet_id, position.token_id
        known = self._opened.get(place)
        if position.status is PositionStatus.OPEN:
            self._opened[place] = position
        elif known is not None and known.id == position.id:
            del self._opened[place]

    def change(self, record: R, **changes: object) -> R:
        """Put a copy of a record with some fields changed."""
        return self.put(msgspec.structs.replace(record, **changes))

    def next(self, sequence: Sequence) -> int:
        """Return the next number of a sequence."""
        counters = self.find(Counters, "all") or Counters()
        number: int = getattr(counters, sequence) + 1
        self.change(counters, **{sequence: number})
        return number

    def opened(self, wallet_id: int, token_id: str) -> Position | None:
        """Return a wallet's open position in a token."""
        changed = self._opened.get((wallet_id, token_id))
        if changed is not None:
            return changed
        number = self.state.opened.get((wallet_id, token_id))
        known = None if number is None else self.get(Position, number)
        return known if known is not None and known.status is PositionStatus.OPEN else None

    def user(self, user_id: int) -> User:
        """Return an account; Refused if there is none."""
        found = self.find(User, user_id)
        if found is None:
            raise Refused("ACCOUNT_NOT_FOUND", "There is no such account")
        return found

    def made(self, model: type[R]) -> list[R]:
        """Return the changed records of a kind."""
        return [record for record in self._changed.values() if isinstance(record, model)]

    def commit(self) -> None:
        """Make the changes, durably; nothing happens if there are none."""
        if self._changed:
            self.change(self.find(Counters, "all") or Counters(), at_ns=self.now)
            self.state.commit(self._changed)
