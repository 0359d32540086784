"""Streams that can be read on: drop copy, trade capture, positions, and the states of instruments.

What happened is sent at least once. Without a token or a moment to go on from, only what happens now is sent,
but for instruments, which come as they are first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Generic, TypeVar

import msgspec
from google.protobuf.message import Message
from polyspec_wire.proto.polymarket.v1 import dropcopy_pb2 as dc
from polyspec_wire.proto.polymarket.v1 import orders_pb2, positions_pb2, refdata_pb2
from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.http.clock import from_ns
from polyspec.sandbox.us import mapping
from polyspec.sandbox.us.grpc.streaming import Floor, News
from polyspec.sandbox.us.grpc.tape import Tape
from polyspec.sandbox.us.grpc.translate import answered
from polyspec.sandbox.us.handlers.refdata import instrument
from polyspec.sandbox.us.refusals import denied, invalid
from polyspec.sandbox.us.registry import Asked

__all__ = ["DropCopyDesk", "InstrumentDesk", "PositionChangeDesk", "TradeCaptureDesk"]

T = TypeVar("T")
_BATCH: Final = 100
_PAGE: Final = 50


class _Reader(Generic[T]):
    """Reads a tape on for one firm."""

    skips = False
    finished = False

    def __init__(self, asked: Asked, request: Any, tape: Tape[T]) -> None:
        self._world = asked.world
        self._tape = tape
        self._symbols = frozenset(request.symbols)
        moment = request.resume_time.ToNanoseconds() if request.HasField("resume_time") else None
        found = tape.place(request.resume_token, moment)
        self._resumed = found is not None
        self._place = tape.end if found is None else found

    def open(self) -> list[Message]:
        """Return what happened since the place to go on from."""
        return self.tell(())

    def hear(self, request: Any) -> list[Message]:
        """Hear nothing: the caller has said everything."""
        raise invalid("unexpected message")

    def tell(self, news: Sequence[News]) -> list[Message]:
        """Return what is on the tape and was not told, in batches; the news only say that there is some."""
        told: list[Message] = []
        while self._place < self._tape.end:
            found: list[Any] = []
            # the token goes with what was looked at, wanted or not
            for moment, item in self._tape.since(self._place, _BATCH):
                self._place += 1
                if (shown := self._shown(moment, item)) is not None:
                    found.append(shown)
            if found:
                told.append(self._batch(self._token, found))
        return told

    def beat(self) -> list[Message]:
        """Return nothing but a current token."""
        return [self._batch(self._token, [])]

    @property
    def _token(self) -> bytes:
        return self._tape.token(self._place)

    def _wanted(self, symbol: str) -> bool:
        return not self._symbols or symbol in self._symbols

    def _shown(self, moment_ns: int, item: T) -> Any:
        """Return what is told of one thing, None if nothing is."""
        raise NotImplementedError

    def _batch(self, token: bytes, found: list[Any]) -> Message:
        raise NotImplementedError


class _FirmReader(_Reader[T]):
    """Reads what happened to the participants of the caller's firm."""

    def __init__(self, asked: Asked, request: Any, tape: Tape[T]) -> None:
        super().__init__(asked, request, tape)
        assert asked.caller is not None
        self._firm = asked.caller.client.participant_firm
        own = {self._firm, asked.caller.client.firm}
        for name in request.firms:
            if name.removeprefix("firms/") not in own:
                raise denied(f"cross-firm request: {name} is not your firm")

    def _is_ours(self, participant: str) -> bool:
        known = self._world.participants.get(participant)
        return known is not None and known.firm == self._firm


class DropCopyDesk(_FirmReader[t.Execution]):
    """Executions of a firm."""

    def __init__(self, floor: Floor, asked: Asked, request: dc.CreateDropCopySubscriptionRequest) -> None:
        super().__init__(asked, request, floor.tapes.executions)

    def _shown(self, moment_ns: int, item: t.Execution) -> Any:
        if not self._wanted(item.order.symbol) or not self._is_ours(item.order.participant):
            return None
        return answered(orders_pb2.Execution, mapping.execution(self._world, item))

    def _batch(self, token: bytes, found: list[Any]) -> Message:
        return dc.CreateDropCopySubscriptionResponse(resume_token=token, executions=found)


class TradeCaptureDesk(_FirmReader[t.Trade]):
    """Trades of a firm, each again when its state changes."""

    def __init__(
        self, floor: Floor, asked: Asked, request: dc.CreateTradeCaptureReportSubscriptionRequest
    ) -> None:
        super().__init__(asked, request, floor.tapes.trades)

    def _shown(self, moment_ns: int, item: t.Trade) -> Any:
        sides = item.aggressor.order.participant, item.passive.order.participant
        ours = [each for each in sides if self._is_ours(each)]
        if not ours or not self._wanted(item.symbol):
            return None
        shown = [mapping.trade(self._world, item, each) for each in ours]
        # the other side is left out unless it is the firm's own as well
        whole = msgspec.structs.replace(
            shown[0],
            aggressor=shown[0].aggressor or shown[-1].aggressor,
            passive=shown[0].passive or shown[-1].passive,
        )
        return answered(orders_pb2.Trade, whole)

    def _batch(self, token: bytes, found: list[Any]) -> Message:
        return dc.CreateTradeCaptureReportSubscriptionResponse(
            resume_token=token, trade_capture_reports=found
        )


class PositionChangeDesk(_FirmReader[t.PositionEntry]):
    """Positions of a firm after each change."""

    def __init__(
        self, floor: Floor, asked: Asked, request: dc.CreatePositionChangeSubscriptionRequest
    ) -> None:
        super().__init__(asked, request, floor.tapes.positions)

    def _shown(self, moment_ns: int, item: t.PositionEntry) -> Any:
        owner = self._world.roster.owner(item.account)
        if owner is None or owner.firm != self._firm or not self._wanted(item.symbol):
            return None
        position = m.Position(
            account=item.account,
            symbol=item.symbol,
            net_position=item.net,
            qty_bought=item.bought,
            qty_sold=item.sold,
            cost=item.cost,
            realized=item.realized,
            update_time=from_ns(item.time),
        )
        change = dc.PositionChange(position=answered(positions_pb2.Position, position))
        change.change_time.FromNanoseconds(item.time)
        return change

    def _batch(self, token: bytes, found: list[Any]) -> Message:
        return dc.CreatePositionChangeSubscriptionResponse(resume_token=token, position_changes=found)


class InstrumentDesk(_Reader[str]):
    """Instruments: as they are, page by page, then as their state changes."""

    def __init__(
        self, floor: Floor, asked: Asked, request: dc.CreateInstrumentStateChangeSubscriptionRequest
    ) -> None:
        super().__init__(asked, request, floor.tapes.instruments)

    def open(self) -> list[Message]:
        """Return every instrument, or what changed since the place to go on from."""
        if self._resumed:
            return self.tell(())
        listed = [each for each in self._world.listings if self._wanted(each)]
        pages = [listed[start : start + _PAGE] for start in range(0, len(listed), _PAGE)]
        return [self._batch(self._token, [self._shown(0, each) for each in page]) for page in pages]

    def _shown(self, moment_ns: int, item: str) -> Any:
        listing = self._world.listings.get(item)
        if listing is None or not self._wanted(item):
            return None
        return answered(refdata_pb2.Instrument, instrument(self._world, listing))

    def _batch(self, token: bytes, found: list[Any]) -> Message:
        return dc.CreateInstrumentStateChangeSubscriptionResponse(resume_token=token, instruments=found)
