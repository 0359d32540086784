"""What accounts hold, as it changes: positions, the balance ledger, funding transactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from google.protobuf.message import Message
from polyspec_wire.proto.polymarket.v1 import funding_pb2, positions_pb2
from polyspec_wire.proto.polymarket.v1.types_pb2 import Heartbeat
from polyspec_wire.us_exchange import OPERATIONS
from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.http.clock import from_ns
from polyspec.sandbox.us import mapping
from polyspec.sandbox.us.grpc.streaming import Floor, News
from polyspec.sandbox.us.grpc.translate import answered, asked_for
from polyspec.sandbox.us.ownership import own_account
from polyspec.sandbox.us.refusals import invalid
from polyspec.sandbox.us.registry import HANDLERS, Asked

__all__ = ["BalanceLedgerDesk", "FundingDesk", "PositionDesk"]

_LARGEST_PAGE: Final = 1000


class _Deaf:
    """A desk that is asked once."""

    skips = False
    finished = False

    def hear(self, request: Any) -> list[Message]:
        """Hear nothing: the caller has said everything."""
        raise invalid("unexpected message")


def _pages(asked: Asked, operation: str, query: dict[str, Any]) -> Iterator[Any]:
    """Ask a handler of REST for every page."""
    token = ""
    while True:
        paged = {**query, "page_size": _LARGEST_PAGE, "page_token": token}
        found = HANDLERS[operation](replace(asked, operation=OPERATIONS[operation], query=paged))
        yield found
        token = found.next_page_token
        if not token:
            return


class PositionDesk(_Deaf):
    """Positions of a participant's accounts, then those that change."""

    def __init__(
        self, floor: Floor, asked: Asked, request: positions_pb2.CreatePositionSubscriptionRequest
    ) -> None:
        self._asked = asked
        named = [own_account(asked, each) for each in request.accounts]
        self._accounts = named or list(asked.participant.accounts)

    def open(self) -> list[Message]:
        """Return every position."""
        found = [each for account in self._accounts for each in self._positions(account)]
        snapshot = positions_pb2.PositionSnapshot(positions=found)
        return [positions_pb2.CreatePositionSubscriptionResponse(snapshot=snapshot)]

    def tell(self, news: Sequence[News]) -> list[Message]:
        """Return the positions that changed, as they are now."""
        changed = dict.fromkeys(
            (each.account, each.symbol)
            for each in news
            if isinstance(each, t.PositionEntry) and each.account in self._accounts
        )
        if not changed:
            return []
        found = [each for account, symbol in changed for each in self._positions(account, symbol=symbol)]
        update = positions_pb2.PositionUpdate(positions=found)
        return [positions_pb2.CreatePositionSubscriptionResponse(update=update)]

    def beat(self) -> list[Message]:
        """Return a heartbeat."""
        return [positions_pb2.CreatePositionSubscriptionResponse(heartbeat=Heartbeat())]

    def _positions(self, account: str, **query: str) -> list[positions_pb2.Position]:
        pages = _pages(self._asked, "PositionAPI_ListAccountPositions", {"name": account, **query})
        return [answered(positions_pb2.Position, each) for page in pages for each in page.positions]


class BalanceLedgerDesk(_Deaf):
    """Changes of an account's cash: those since a moment, if one is named, then as they happen."""

    def __init__(
        self, floor: Floor, asked: Asked, request: funding_pb2.CreateBalanceLedgerSubscriptionRequest
    ) -> None:
        self._asked = asked
        operation = "FundingAPI_GetAccountBalanceLedger"
        _, query, _ = asked_for(OPERATIONS[operation], request)
        self._account = query["account"]
        self._types = {each.name for each in query.get("entry_types", ())}
        if request.HasField("resume_time"):
            query["start_time"] = from_ns(request.resume_time.ToNanoseconds())
        # asked even if nothing is to be read again: the handler says what may not be asked for
        pages = list(_pages(asked, operation, query))
        self._past: list[m.BalanceLedgerEntry] = []
        if request.HasField("resume_time"):
            self._past = [each for page in pages for each in page.entries]
        self._last = 0
        self._next()

    def open(self) -> list[Message]:
        """Return what happened since the moment that was named."""
        past, self._past = self._past, []
        return [_entries(past[start : start + 100]) for start in range(0, len(past), 100)]

    def tell(self, news: Sequence[News]) -> list[Message]:
        """Return new entries."""
        found = [each for each in self._next() if not self._types or each.type.name in self._types]
        return [_entries([mapping.balance_entry(each) for each in found])] if found else []

    def beat(self) -> list[Message]:
        """Return an empty message."""
        return [_entries([])]

    def _next(self) -> list[t.LedgerEntry]:
        """Return the entries behind the last one, and go on from there."""
        found = self._asked.world.exchange.ledger_entries(self._account, after=self._last)
        self._last = found[-1].sequence if found else self._last
        return found


def _entries(entries: Sequence[m.BalanceLedgerEntry]) -> Message:
    found = [answered(funding_pb2.BalanceLedgerEntry, each) for each in entries]
    return funding_pb2.CreateBalanceLedgerSubscriptionResponse(entries=found)


class FundingDesk(_Deaf):
    """Deposits, withdrawals and transfers; in a sandbox each is complete when it is made."""

    _OPERATION: Final = "FundingAPI_ListFundingTransactions"

    def __init__(
        self, floor: Floor, asked: Asked, request: funding_pb2.CreateFundingTransactionSubscriptionRequest
    ) -> None:
        self._asked = asked
        self._accounts = frozenset(each.rpartition("/")[2] for each in request.account_ids)
        _, self._query, _ = asked_for(OPERATIONS[self._OPERATION], request)
        named = request.HasField("resume_time")
        self._since = from_ns(request.resume_time.ToNanoseconds()) if named else None
        self._seen: set[str] = set()
        if self._since is None:
            self._new()

    def open(self) -> list[Message]:
        """Return what happened since the moment that was named."""
        return self.tell([])

    def tell(self, news: Sequence[News]) -> list[Message]:
        """Return transactions that were not told."""
        if news and not any(isinstance(each, t.LedgerEntry) for each in news):
            return []
        found = self._new()
        return [self._told(found)] if found else []

    def beat(self) -> list[Message]:
        """Return the time to go on from."""
        return [self._told([])]

    def _new(self) -> list[m.FundingTransaction]:
        query = dict(self._query)
        if self._since is not None:
            query["start_time"] = self._since
        found = [
            each
            for page in _pages(self._asked, self._OPERATION, query)
            for each in page.transactions
            if each.transaction_id not in self._seen
            and (not self._accounts or each.account_id.rpartition("/")[2] in self._accounts)
        ]
        self._seen |= {each.transaction_id for each in found}
        return found

    def _told(self, found: Sequence[m.FundingTransaction]) -> Message:
        told = funding_pb2.CreateFundingTransactionSubscriptionResponse()
        told.server_time.FromNanoseconds(self._asked.world.clock.now_ns())
        for each in found:
            transaction = answered(funding_pb2.FundingTransaction, each)
            change = told.changes.add(transaction=transaction)
            change.change_time.CopyFrom(transaction.transact_time)
        return told
