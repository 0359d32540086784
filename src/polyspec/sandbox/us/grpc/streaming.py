"""Streams: news of the world on one side, a caller on the other, faults between them.

A desk knows what to say, the stream says it. Desks are called under the world's lock and never wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

import grpc
from google.protobuf.message import Message
from polyspec_wire import Operation

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.http.faults import Fault
from polyspec.sandbox.http.refused import Refused
from polyspec.sandbox.http.sockets import Hub, Mailbox
from polyspec.sandbox.us.access import authenticate
from polyspec.sandbox.us.desk import Quote, Rfq
from polyspec.sandbox.us.faults import MESSAGE_KINDS, OPENING_KINDS, stand_in
from polyspec.sandbox.us.grpc.status import Context, refuse
from polyspec.sandbox.us.grpc.tape import Tapes
from polyspec.sandbox.us.grpc.unary import headers_of
from polyspec.sandbox.us.issuer import Caller
from polyspec.sandbox.us.refusals import Refusal, internal, precondition, throttled, unauthenticated
from polyspec.sandbox.us.registry import Asked
from polyspec.sandbox.us.world import World

__all__ = ["Desk", "Floor", "News", "RfqNews", "Stream"]

_LOG: Final = logging.getLogger(__name__)
_HOUR: Final = 3600.0
_MOST_STREAMS: Final = 20
_MOST_NEWS: Final = 20_000
"""Pieces of news a caller may be behind before it counts as too slow."""
_INGRESS, _INGRESS_BURST = 100.0, 6000.0
"""Messages a second a firm may send, on the average of a minute."""


class RfqNews(NamedTuple):
    """Something happened to a request for quotes, or to a quote."""

    event: str
    rfq: Rfq
    quote: Quote | None


News: TypeAlias = "t.Event | RfqNews"


class Desk(Protocol):
    """What is said on one stream."""

    skips: bool
    """Whether a slow caller is skipped to the head; it is disconnected otherwise."""
    finished: bool
    """Whether everything was said."""

    def open(self) -> list[Message]:
        """Return what is said at first, or after a skip."""
        ...

    def hear(self, request: Any) -> list[Message]:
        """Return the answers to a message of the caller; raises Refusal to end the stream."""
        ...

    def tell(self, news: Sequence[News]) -> list[Message]:
        """Return what is said of the news."""
        ...

    def beat(self) -> list[Message]:
        """Return a sign of life."""
        ...


@dataclass(eq=False)
class Floor:
    """What the streams of a server share."""

    world: World
    tapes: Tapes
    say_goaway: Callable[[], None]
    hub: Hub[News] = field(default_factory=Hub)
    open: dict[str, int] = field(default_factory=dict)
    """Streams by firm."""
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when every stream is to end: one that is cancelled instead leaves a traceback behind."""

    def hear(self, events: list[t.Event]) -> None:
        """Pass events of the engine on."""
        self.tapes.record(events)
        self.hub.post(list(events))

    def hear_desk(self, event: str, rfq: Rfq, quote: Quote | None) -> None:
        """Pass events of requests for quotes on."""
        self.hub.post([RfqNews(event, rfq, quote)])

    def enter(self, caller: Caller) -> str:
        """Count a stream in and return its firm; raises Refusal if there are too many."""
        firm = caller.client.participant_firm
        if self.world.limits.enabled and self.open.get(firm, 0) >= _MOST_STREAMS:
            raise Refusal(8, f"too many concurrent streams: at most {_MOST_STREAMS} per firm")
        self.open[firm] = self.open.get(firm, 0) + 1
        return firm

    def leave(self, firm: str) -> None:
        """Count a stream out."""
        self.open[firm] -= 1


class Stream:
    """One streaming call."""

    def __init__(
        self,
        floor: Floor,
        operation: Operation,
        desk: Callable[[Floor, Asked, Any], Desk],
        *,
        talks: bool = False,
        per_second: float | None = None,
    ) -> None:
        self._floor = floor
        self._operation = operation
        self._desk = desk
        self._talks = talks
        """Whether the caller goes on sending."""
        self._per_second = per_second
        """How many a firm may open in a second."""

    async def __call__(self, request: Any, context: Context) -> None:
        """Serve the call until somebody ends it."""
        firm, floor = "", self._floor
        try:
            await self._spoil_opening()
            if self._talks:
                request = await context.read()
                if request is grpc.aio.EOF:
                    return
            box = floor.hub.open(_MOST_NEWS)
            try:
                with floor.world.lock:
                    asked = self._asked(context)
                    firm = floor.enter(asked.caller) if asked.caller else ""
                    desk = self._desk(floor, asked, request)
                    first = desk.open()
                await context.send_initial_metadata(())
                await _Talk(floor, self._operation.id, firm, desk, box, context).run(first, hears=self._talks)
            finally:
                floor.hub.close(box)
        except Refused as refusal:
            await refuse(context, refusal)
        except (asyncio.CancelledError, grpc.aio.AbortError):
            raise
        except Exception:
            _LOG.exception("%s failed", self._operation.id)
            await refuse(context, internal("internal error"))
        finally:
            if firm:
                floor.leave(firm)

    def _asked(self, context: Context) -> Asked:
        world = self._floor.world
        world.jobs.run_due()
        caller, acting = authenticate(world, self._operation, headers_of(context))
        if caller is not None and self._per_second is not None and world.limits.enabled:
            firm = caller.client.participant_firm
            if not world.limits.take(self._operation.id, firm, self._per_second, max(1.0, self._per_second)):
                raise throttled()
        return Asked(world, self._operation, caller, acting)

    async def _spoil_opening(self) -> None:
        world = self._floor.world
        fault = world.faults.take(self._operation.id, *OPENING_KINDS)
        if fault is None:
            return
        if fault.effect == "delay":
            await asyncio.sleep(1.0 if fault.seconds is None else fault.seconds)
            return
        if fault.effect == "hang":
            await asyncio.sleep(_HOUR if fault.seconds is None else fault.seconds)
            raise Refusal(14, "connection reset by peer")
        if fault.effect == "grpc_forgotten":
            raise precondition(fault.message or "resume token has expired")
        if fault.effect == "revoke":
            world.issuer.revoke_tokens()
        raise stand_in(fault)


class _Talk:
    """What is said on a stream that is open."""

    def __init__(
        self, floor: Floor, operation: str, firm: str, desk: Desk, box: Mailbox[News], context: Context
    ) -> None:
        self._floor = floor
        self._operation = operation
        self._firm = firm
        self._desk = desk
        self._box = box
        self._context = context
        self._silent = False
        self._late: list[Message] = []

    async def run(self, first: list[Message], *, hears: bool) -> None:
        """Go on until the desk is finished, the caller leaves, or a fault ends it."""
        beat = self._floor.world.options.heartbeat
        await self._say(first)
        news = asyncio.ensure_future(self._box.wait())
        heard = asyncio.ensure_future(self._context.read()) if hears else None
        closing = asyncio.ensure_future(self._floor.closing.wait())
        try:
            while not self._desk.finished:
                waiting = {news, closing} if heard is None else {news, heard, closing}
                done, _ = await asyncio.wait(waiting, timeout=beat, return_when=asyncio.FIRST_COMPLETED)
                if closing in done:
                    raise Refusal(14, "server is shutting down")
                if not done:
                    await self._say(self._under_lock(self._desk.beat))
                if heard is not None and heard in done:
                    request = heard.result()
                    if request is grpc.aio.EOF:
                        return
                    await self._say(self._under_lock(partial(self._answers, request)))
                    heard = asyncio.ensure_future(self._context.read())
                if news in done:
                    await self._say(self._news())
                    news = asyncio.ensure_future(self._box.wait())
        finally:
            open_: list[asyncio.Task[Any]] = [each for each in (news, heard, closing) if each is not None]
            for each in open_:
                each.cancel()
            await asyncio.gather(*open_, return_exceptions=True)

    def _under_lock(self, say: Callable[[], list[Message]]) -> list[Message]:
        with self._floor.world.lock:
            return say()

    def _answers(self, request: Any) -> list[Message]:
        limits = self._floor.world.limits
        if limits.enabled and not limits.take("ingress", self._firm, _INGRESS, _INGRESS_BURST):
            raise throttled()
        # what happened before comes before: an answer may be a snapshot that holds it already
        return [*self._desk.tell(self._box.take()), *self._desk.hear(request)]

    def _news(self) -> list[Message]:
        if self._box.overflowed:
            return self._too_slow()
        return self._under_lock(lambda: self._desk.tell(self._box.take()))

    def _too_slow(self) -> list[Message]:
        """Return the head, or end the stream: as the caller wished."""
        if not self._desk.skips:
            raise Refusal(8, "slow consumer: client is not reading fast enough")
        with self._floor.world.lock:
            self._box.take()
            self._box.overflowed = False
            return self._desk.open()

    async def _say(self, messages: Sequence[Message]) -> None:
        for message in messages:
            fault = self._floor.world.faults.take(self._operation, *MESSAGE_KINDS)
            if fault is None and not self._silent and not self._late:
                await self._context.write(message)
            else:
                await self._spoilt(message, fault)

    async def _spoilt(self, message: Message, fault: Fault | None) -> None:
        effect = "" if fault is None else fault.effect
        text = "" if fault is None else fault.message
        if effect == "grpc_goaway":
            self._floor.say_goaway()
            await self._floor.closing.wait()
            raise Refusal(14, text or "GOAWAY received")
        if effect == "grpc_unavailable":
            raise Refusal(14, text or "stream dropped")
        if effect == "grpc_expired":
            raise unauthenticated(text or "token is expired")
        if effect == "grpc_slow":
            for each in self._too_slow():
                await self._context.write(each)
            return
        self._silent = self._silent or effect == "grpc_silent"
        if effect == "grpc_reorder":
            self._late.append(message)
            return
        if effect == "grpc_lose" or self._silent:
            return
        await self._context.write(message)
        if effect == "grpc_duplicate":
            await self._context.write(message)
        late, self._late = self._late, []
        for each in late:
            await self._context.write(each)
