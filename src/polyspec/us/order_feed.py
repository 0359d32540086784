"""The order stream without its connection: open orders, then every execution once, and none missed.

The venue does not say on a new connection what happened while there was none. So executions are searched
over REST, and orders looked at that were open and are not any more; what the stream did not tell is told in
its own messages, before it is called live again. A search is a twelfth of what the venue allows in a minute,
so while the stream stands there is one every two minutes. In between, while orders are open, the list of open
orders is read, and executions are searched when it twice shows something the stream did not tell.

Refusals of cancels cannot be read again: what became of the order shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from polyspec.core.effects import Flow
from polyspec.core.sending import Session
from polyspec.core.streams.events import Message, Raw
from polyspec.core.streams.machine import Action, Emit, Resync, Rhythm
from polyspec.errors import AuthError, BadRequest, ConfigError, Forbidden, PolyspecError, StreamError
from polyspec.us.open_orders import OpenOrders, is_open
from polyspec.us.order_reading import Asked, Kinds, OpenList, OrderNews, read_missed, read_open
from polyspec.us.private_feed import ALL, PrivateFeed, nothing
from polyspec.us.proto_words import Recent, part_of, stamp

if TYPE_CHECKING:
    from polyspec.us.protos import Rpc

__all__ = ["ORDER_RHYTHM", "OrderFeed"]

ORDER_RHYTHM: Final = Rhythm(ping=None, silent=180.0, quiet=10.0, late=3.0, audit=120.0)
"""`quiet` is how often open orders are listed while some are known and nothing is told of them, `audit` how
often executions are searched, `late` when a look is repeated that failed or did not explain everything.
"""
_SECOND: Final = 10**9
_SLACK: Final = 60 * _SECOND
"""Nanoseconds by which a search begins earlier: clocks differ, and what happens is not stored at once."""
_LONGEST: Final = 600 * _SECOND
"""How far before the last execution that was heard before a gap a search begins at most."""
_MOST: Final = 50_000
_LOOKS: Final = 3
"""Looks until an order is told as it is, without the executions that brought it there."""
_PAUSE: Final = 1.0
"""Seconds the stream has to tell what the list of open orders shows already."""
_STREAM: Final = "orders"


class OrderFeed(PrivateFeed):
    """Orders of one participant."""

    def __init__(
        self,
        session: Session,
        rpc: Rpc,
        asked: Asked,
        chance: Callable[[], float],
        *,
        rhythm: Rhythm = ORDER_RHYTHM,
    ) -> None:
        filters = {"symbols": list(asked.symbols), "accounts": list(asked.accounts)}
        super().__init__(session, rpc, filters, chance, rhythm, stream=_STREAM)
        order = part_of(rpc.response, "snapshot", "orders")
        self._kinds = Kinds(order, part_of(rpc.response, "update", "executions"))
        self._asked = asked
        self._book = OpenOrders()
        self._told = Recent(_MOST)
        self._begun_on: int | None = None
        """The connection on which the stream began: what it says is open in the beginning is no news."""
        self._floor = 0
        """The venue's nanosecond of the beginning: what was before is no news."""
        self._since = 0
        """The venue's nanosecond up to which everything is known to be told."""
        self._newest = 0
        """The venue's nanosecond of the last execution that was heard."""
        self._rows: dict[str, Any] = {}
        """What the connection, or a list after it, says is open."""
        self._before: frozenset[str] = frozenset()
        """What was known to be open when it said so."""
        self._snapshotted = False
        self._suspects: frozenset[str] = frozenset()
        """Orders of which the last list of open orders showed something that was not told."""
        self._searched: float | None = None
        """When executions were searched, or need not have been."""
        self._looks = 0
        self._looked_on: int | None = None
        """The connection whose snapshot was there when the look began."""

    @property
    def orders(self) -> dict[str, Any]:
        """Open orders as they were told last, by id."""
        return self._book.open

    # -- messages --

    def heard(self, message: Any, now: float) -> list[Action]:
        """Read a message."""
        kind = message.WhichOneof("event")
        if self._begun_on is None:
            # with whatever comes first: should the connection break, what happens from then on is owed
            self._begun_on, self._searched = self.connection, now
            self._floor = self._since = stamp(message, "processed_sent_time") or self.venue_time(now)
        # without the snapshot nothing can be looked up: a connection that keeps it back is given up
        told = kind == "snapshot" or (kind != "heartbeat" and self._snapshotted)
        self.machine.received(now, data=told)
        if kind == "snapshot":
            return self._snapshot(message, now)
        if kind == "update":
            return self._update(message.update, now)
        if kind == "heartbeat":
            return []
        raw: list[Action] = [Emit(Raw(now, message, "an event that these protos do not know"))]
        return raw + self.machine.missed([ALL], "a message that cannot be read", now)

    def _snapshot(self, message: Any, now: float) -> list[Action]:
        orders = message.snapshot.orders
        if not self._snapshotted:
            self._snapshotted, self._before = True, frozenset(self._book.open)
        self._rows |= {each.id: each for each in orders}
        if self._begun_on != self.connection:
            return [Resync((ALL,), "a new snapshot")]
        told = [action for each in orders for action in self._order(each, now)]
        return told + self.machine.synced(ALL, now)

    def _update(self, update: Any, now: float) -> list[Action]:
        actions = [action for each in update.executions for action in self._execution(each, now)]
        if update.HasField("cancel_reject"):
            refused = update.cancel_reject
            name = ("reject", refused.order_id, refused.clord_id, stamp(refused, "transact_time"))
            if self._told.add(name):
                known = self._book.open.get(refused.order_id)
                actions.append(Emit(Message(now, "" if known is None else known.symbol, refused)))
        return actions

    def _execution(self, execution: Any, now: float) -> list[Action]:
        # one without an id may be told again rather than not at all
        if execution.id and not self._told.add(execution.id):
            return []
        at = stamp(execution, "transact_time")
        self._newest = max(self._newest, at)
        if execution.HasField("order"):
            self._book.take(execution.order, at)
        return [Emit(Message(now, execution.order.symbol, execution))]

    def _order(self, order: Any, now: float) -> list[Action]:
        return [Emit(Message(now, order.symbol, order))] if self._book.take(order) else []

    # -- REST --

    def look(self, keys: tuple[str, ...], now: float) -> Flow[Any]:
        """Begin to read what was missed, or whether anything was."""
        del keys
        self._looked_on = self.connection if self._snapshotted else None
        if self._looked_on is None:
            return nothing()
        audit = self.machine.rhythm.audit
        due = audit is not None and self._searched is not None and now >= self._searched + audit
        if ALL in self.machine.unsynced or due:
            self._searched = now
            since, gone = self._since - _SLACK, sorted(self._absent)
            return read_missed(self._session, self._kinds, self._asked, since, gone)
        if not self._book.open and not self._suspects:
            return nothing()
        pause = _PAUSE if self._suspects else 0.0
        return read_open(self._session, self._kinds, self._asked, frozenset(self._book.open), pause)

    def looked(self, keys: tuple[str, ...], found: Any | PolyspecError, now: float) -> list[Action]:
        """Tell what only REST knew, or that the credentials do not hold any more."""
        del keys
        if isinstance(found, AuthError):
            return self.machine.refused(now, found)
        if isinstance(found, OpenList):
            return self._compare(found, now)
        if isinstance(found, OrderNews):
            return self._news(found, now)
        refused = isinstance(found, (Forbidden, BadRequest, ConfigError))
        if refused and ALL in self.machine.unsynced and self._looked_on == self.connection:
            return [*self._leftovers(None, now), *self.given_up(_unreadable(found), now)]
        # looked up again when it is late
        return []

    @property
    def _absent(self) -> frozenset[str]:
        """What was open before and is not among what is open now."""
        return frozenset(each for each in self._before if each in self._book.open and each not in self._rows)

    def _news(self, found: OrderNews, now: float) -> list[Action]:
        news = [each for each in found.executions if stamp(each, "transact_time") >= self._floor - _SECOND]
        actions = [action for each in news for action in self._execution(each, now)]
        if self._looked_on != self.connection:
            # it began before this connection did, and something may have happened in between
            return actions
        asked = {each.id: each for each in found.orders}
        lacking = any(self._book.lacks(each) for each in self._rows.values())
        ended = any(each not in asked or not is_open(asked[each]) for each in self._absent)
        self._looks += 1
        if (lacking or ended) and self._looks < _LOOKS:
            # REST may be a little behind: its executions come with the next look
            return actions
        actions += self._leftovers(found, now)
        self._looks, self._rows, self._before = 0, {}, frozenset()
        self._since = max(self._since, found.at)
        return actions + self.machine.synced(ALL, now)

    def _leftovers(self, found: OrderNews | None, now: float) -> list[Action]:
        """Tell orders as they are, of which no execution says how they got there."""
        actions = [
            action
            for each in self._rows.values()
            if self._book.lacks(each)
            for action in self._order(each, now)
        ]
        asked = {} if found is None else {each.id: each for each in found.orders}
        for order_id in self._absent:
            order = asked.get(order_id)
            if order is not None:
                actions += self._order(order, now)
            if order is None or not is_open(order):
                self._book.close(order_id)
        return actions

    def _compare(self, found: OpenList, now: float) -> list[Action]:
        """Compare what REST says is open with what was told."""
        if self._looked_on != self.connection:
            return []
        listed = {each.id: each for each in found.orders if self._asked.follows(each.symbol)}
        odd = frozenset(each.id for each in listed.values() if self._book.lacks(each))
        odd |= {each for each in found.known if each in self._book.open and each not in listed}
        proven, self._suspects = odd & self._suspects, odd
        if proven:
            self._suspects, self._rows, self._before = frozenset(), listed, found.known
            return self.machine.missed([ALL], "orders got further than was told", now)
        if odd:
            return [Resync((ALL,), "orders may have got further than was told")]
        return []

    def lost(self, reason: str) -> None:
        """Note that looks under way know nothing of the next connection."""
        super().lost(reason)
        if ALL not in self.machine.unsynced:
            # nothing was owed: what the stream told was told whole
            self._since = max(self._since, self._newest - _LONGEST)
        self._snapshotted, self._looks = False, 0
        self._rows, self._before, self._suspects = {}, frozenset(), frozenset()


def _unreadable(cause: PolyspecError) -> StreamError:
    told = StreamError(
        f"executions cannot be read over REST ({cause}): what happened while there was no connection "
        "shows in the orders alone"
    )
    told.__cause__ = cause
    return told
