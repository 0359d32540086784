"""Live streams of what is one's own on the US exchange: orders, executions, trades, positions, money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from polyspec_wire.us_exchange import models as wire

from polyspec.core.streams.backlog import Overflow
from polyspec.core.streams.events import StreamState
from polyspec.core.streams.machine import Rhythm
from polyspec.errors import ConfigError
from polyspec.io.grpc_stream_async import AsyncGrpcStreams
from polyspec.io.inbox_async import AsyncInbox
from polyspec.io.stream_async import ROOM, AsyncStream, AsyncStreams
from polyspec.io.streaming_async import AsyncShell
from polyspec.us.admission import Admitted
from polyspec.us.instrument import Instrument
from polyspec.us.order_feed import ORDER_RHYTHM, OrderFeed
from polyspec.us.order_reading import Asked
from polyspec.us.private_feed import PrivateFeed
from polyspec.us.private_words import kept, names
from polyspec.us.replay_channels import (
    BALANCE_LEDGER,
    DROP_COPY,
    FUNDING,
    POSITION_CHANGES,
    TRADE_CAPTURES,
    Channel,
)
from polyspec.us.replay_feed import REPLAY_RHYTHM, ReplayFeed
from polyspec.us.resume import Cursor, Resume, begin_of, keeper_of
from polyspec.us.rfq_feed import RFQ_RHYTHM, RfqFeed
from polyspec.us.state_feeds import INSTRUMENT_RHYTHM, POSITION_RHYTHM, InstrumentFeed, PositionFeed
from polyspec.us.stream_limits import places_of

if TYPE_CHECKING:
    from polyspec.us.client_async import AsyncUsExchangeClient
    from polyspec.us.protos import Rpc

__all__ = [
    "AsyncInstrumentStream",
    "AsyncOrderStream",
    "AsyncPositionStream",
    "AsyncPrivateStreams",
    "AsyncReplayStream",
    "AsyncRfqStream",
]

_S = TypeVar("_S", bound=AsyncStream)


class AsyncOrderStream(AsyncStream):
    """Orders of a participant: those that are open, then everything that happens to them.

    Of an event, `key` is the symbol and `native` the venue's ``Order`` (open when the stream began),
    ``Execution`` or ``CancelReject``. Every execution is told once. After a gap executions are searched over
    REST, and what the stream missed is told before `Resynced`; what happens meanwhile may come before it. An
    order whose steps cannot be found is told as it is, as an ``Order``. Refusals of cancels cannot be read
    again.
    """

    _feed: OrderFeed

    @property
    def orders(self) -> Mapping[str, Any]:
        """Open orders as they were told last, by id, read or not, as it is at this moment."""
        with self._shell.lock:
            return dict(self._feed.orders)


class AsyncReplayStream(AsyncStream):
    """A stream that is read on from where it was left.

    Everything is told once within a process. Across processes it is told at least once: a cursor moves when
    the event after a batch is asked for, so whoever dies before that reads the batch again.
    """

    _feed: ReplayFeed

    @property
    def cursor(self) -> Cursor:
        """Up to where everything was applied: what to give as `resume` next time."""
        return self._feed.cursor

    @property
    def caught_up(self) -> bool:
        """Whether what happened before the connection was made has come; the venue does not say, so a guess.

        It is taken to have come with a batch without anything in it, or with something newer than the
        connection. Events may still wait to be read; `Status` and `Resynced` come in their place among them.
        """
        return self.state is StreamState.LIVE


class AsyncPositionStream(AsyncStream):
    """Positions, then those that change; of an event, `key` is the symbol and `native` a ``Position``."""

    _feed: PositionFeed

    @property
    def positions(self) -> Mapping[tuple[str, str], Any]:
        """Positions as they were told last, by account and symbol, read or not, as it is at this moment."""
        with self._shell.lock:
            return dict(self._feed.positions)


class AsyncInstrumentStream(AsyncStream):
    """Instruments, then those whose state changes; `key` is the symbol and `native` an ``Instrument``.

    The venue does not say when all of them were told; it is live when nothing more seems to come.
    """

    _feed: InstrumentFeed

    @property
    def instruments(self) -> Mapping[str, Any]:
        """Instruments as they were told last, by symbol, read or not, as it is at this moment."""
        with self._shell.lock:
            return dict(self._feed.instruments)


class AsyncRfqStream(AsyncStream):
    """Requests for quotes, quotes on either side, and trades that came of them.

    Of an event, `key` is the symbol and `native` the whole ``StreamRFQEventsResponse``, whose oneof says what
    happened. The venue tells events in any order, twice or not at all: here each is told once, and what is
    open when the stream begins, or is found over REST after a gap or in a quiet moment, is told in the same
    words. Of several steps of a quote in a gap only the last is told.
    """

    _feed: RfqFeed

    @property
    def rfqs(self) -> Mapping[str, Any]:
        """Requests that are open, by id, read or not, as it is at this moment."""
        with self._shell.lock:
            return dict(self._feed.rfqs)

    @property
    def quotes(self) -> Mapping[str, Any]:
        """Quotes that are neither executed nor deleted, by id, read or not, as it is at this moment."""
        with self._shell.lock:
            return dict(self._feed.quotes)


class AsyncPrivateStreams(AsyncStreams):
    """The streams of one client of what is its own; closed with it.

    A reader may be `room` events behind; `overflow` says what happens then: ``block``, ``drop_oldest`` where
    nothing is lost by it, or ``disconnect``. A firm may have twenty streams at a time. For
    errors see `UsStreams`.
    """

    def __init__(self, client: AsyncUsExchangeClient) -> None:
        super().__init__()
        self._client = client
        self._places = places_of(client.environment.base_url, client.credentials.client_id)

    def orders(
        self,
        symbols: Iterable[str | Instrument] | None = None,
        accounts: Iterable[str] | None = None,
        *,
        overflow: Overflow = "block",
        room: int = ROOM,
        rhythm: Rhythm = ORDER_RHYTHM,
    ) -> AsyncOrderStream:
        """Return a stream of the participant's orders; None for all symbols, or all accounts.

        While orders are open, they are listed over REST after every 10 s in which nothing is told
        (`Rhythm.quiet`), and executions are searched every two minutes in any case (`Rhythm.audit`): a stream
        may stay open and go dumb.
        """
        asked = Asked(names(symbols, "symbols"), names(accounts, "accounts"))
        rpc = self._rpc("OrderEntryAPI", "CreateOrderSubscription", named=True)
        feed = OrderFeed(self._client.session, rpc, asked, self._chance, rhythm=rhythm)
        return self._private(AsyncOrderStream, feed, kept(overflow), room)

    def drop_copy(
        self,
        symbols: Iterable[str | Instrument] | None = None,
        firms: Iterable[str] | None = None,
        *,
        resume: Resume | None = None,
        overflow: Overflow = "block",
        room: int = ROOM,
        rhythm: Rhythm = REPLAY_RHYTHM,
    ) -> AsyncReplayStream:
        """Return a stream of the firm's executions, those of all its users.

        `resume` says where to begin: a token, a moment, a `Cursor`, the path of a file that keeps one, or
        what has ``load`` and ``save``; None is now. A path is read at once and written as events are applied.
        When the venue has forgotten the place it goes on from the time beside it, and when it has forgotten
        that too, from now: `Lost` says so, and what of it could be read over REST is told before. Of an
        event, `key` is the symbol and `native` an ``Execution``.
        """
        filters = {"symbols": names(symbols, "symbols"), "firms": names(firms, "firms")}
        return self._replay(DROP_COPY, filters, resume, overflow, room, rhythm)

    def trade_captures(
        self,
        symbols: Iterable[str | Instrument] | None = None,
        firms: Iterable[str] | None = None,
        *,
        resume: Resume | None = None,
        overflow: Overflow = "block",
        room: int = ROOM,
        rhythm: Rhythm = REPLAY_RHYTHM,
    ) -> AsyncReplayStream:
        """Return a stream of the firm's trades, each once in every state it comes to; for `resume` see above.

        A trade that is busted comes again under its id with ``TRADE_STATE_BUSTED``: it counts no more. Of an
        event, `key` is the symbol and `native` a ``Trade``.
        """
        filters = {"symbols": names(symbols, "symbols"), "firms": names(firms, "firms")}
        return self._replay(TRADE_CAPTURES, filters, resume, overflow, room, rhythm)

    def position_changes(
        self,
        symbols: Iterable[str | Instrument] | None = None,
        firms: Iterable[str] | None = None,
        *,
        resume: Resume | None = None,
        overflow: Overflow = "block",
        room: int = ROOM,
        rhythm: Rhythm = REPLAY_RHYTHM,
    ) -> AsyncReplayStream:
        """Return a stream of the firm's positions after each change; for `resume` see `drop_copy`.

        Nothing over REST tells these: what the venue has forgotten is lost. Of an event, `key` is the symbol
        and `native` a ``PositionChange``.
        """
        filters = {"symbols": names(symbols, "symbols"), "firms": names(firms, "firms")}
        return self._replay(POSITION_CHANGES, filters, resume, overflow, room, rhythm)

    def balance_ledger(
        self,
        account: str | None = None,
        *,
        currency: str | None = None,
        entry_types: Iterable[wire.LedgerEntryType] | None = None,
        resume: Resume | None = None,
        overflow: Overflow = "block",
        room: int = ROOM,
        rhythm: Rhythm = REPLAY_RHYTHM,
    ) -> AsyncReplayStream:
        """Return a stream of changes of an account's cash; for `resume` see `drop_copy`, but for tokens.

        The account is the client's own unless another is named. The venue tells nothing of before May 2026.
        Of an event, `key` is the account and `native` a ``BalanceLedgerEntry``.
        """
        found = account or self._client.account
        if not found:
            raise ConfigError("name an account, here or when the client is made; the venue has no default")
        filters = {"account": found, "currency": currency, "entry_types": [*map(str, entry_types or ())]}
        return self._replay(BALANCE_LEDGER, filters, resume, overflow, room, rhythm, named=True)

    def funding(
        self,
        accounts: Iterable[str] | None = None,
        *,
        types: Iterable[wire.FundingTransactionType] | None = None,
        resume: Resume | None = None,
        overflow: Overflow = "block",
        room: int = ROOM,
        rhythm: Rhythm = REPLAY_RHYTHM,
    ) -> AsyncReplayStream:
        """Return a stream of deposits and withdrawals, each once in every state it comes to.

        The venue looks for them every 15 s. For `resume` see `drop_copy`, but for tokens. Of an event, `key`
        is the account and `native` a ``FundingTransactionChange``.
        """
        given = names(accounts, "accounts")
        filters = {"account_ids": given, "transaction_types": [*map(str, types or ())]}
        return self._replay(FUNDING, filters, resume, overflow, room, rhythm, named=True)

    def instruments(
        self,
        symbols: Iterable[str | Instrument] | None = None,
        *,
        overflow: Overflow = "drop_oldest",
        room: int = ROOM,
        rhythm: Rhythm = INSTRUMENT_RHYTHM,
    ) -> AsyncInstrumentStream:
        """Return a stream of instruments and their states; None for all the venue lists."""
        rpc = self._rpc("DropCopyAPI", "CreateInstrumentStateChangeSubscription")
        given = names(symbols, "symbols")
        feed = InstrumentFeed(self._client.session, rpc, given, self._chance, rhythm=rhythm)
        return self._private(AsyncInstrumentStream, feed, overflow, room, acting=False)

    def positions(
        self,
        accounts: Iterable[str] | None = None,
        *,
        overflow: Overflow = "drop_oldest",
        room: int = ROOM,
        rhythm: Rhythm = POSITION_RHYTHM,
    ) -> AsyncPositionStream:
        """Return a stream of the positions of accounts; None for all of the participant's."""
        rpc = self._rpc("PositionAPI", "CreatePositionSubscription", named=True)
        given = names(accounts, "accounts")
        feed = PositionFeed(self._client.session, rpc, given, self._chance, rhythm=rhythm)
        return self._private(AsyncPositionStream, feed, overflow, room)

    def rfqs(
        self, *, overflow: Overflow = "block", room: int = ROOM, rhythm: Rhythm = RFQ_RHYTHM
    ) -> AsyncRfqStream:
        """Return a stream of requests for quotes, quotes, and trades that came of them."""
        rpc = self._rpc("RFQAPI", "StreamRFQEvents", named=True)
        feed = RfqFeed(self._client.session, rpc, self._chance, rhythm=rhythm)
        return self._private(AsyncRfqStream, feed, kept(overflow), room)

    # -- how --

    def _chance(self) -> float:
        return self._client._shared.chance()  # noqa: SLF001 - one of our own

    def _rpc(self, service: str, method: str, *, named: bool = False) -> Rpc:
        """Find a call; raises ConfigError if it cannot be made, or `named` takes a participant."""
        if named and self._client.participant_id is None:
            raise ConfigError(
                f"{service}.{method} acts for a participant: give participant_id when the client is made"
            )
        return self._client._rpcs.rpc(service, method)  # noqa: SLF001 - one of our own

    def _replay(
        self,
        channel: Channel,
        filters: Mapping[str, Any],
        resume: Resume | None,
        overflow: Overflow,
        room: int,
        rhythm: Rhythm,
        *,
        named: bool = False,
    ) -> AsyncReplayStream:
        rpc = self._rpc(channel.service, channel.method, named=named)
        keeper = keeper_of(resume, channel.stream)
        feed = ReplayFeed(
            self._client.session,
            rpc,
            channel,
            filters,
            self._chance,
            begin=begin_of(resume, keeper),
            keeper=keeper,
            rhythm=rhythm,
        )
        return self._private(AsyncReplayStream, feed, kept(overflow), room)

    def _private(
        self, kind: type[_S], feed: PrivateFeed, overflow: Overflow, room: int, *, acting: bool = True
    ) -> _S:
        client = self._client
        inbox = AsyncInbox(room, overflow)
        acting_for = client.participant_id if acting else None
        # those of whichever key is in use when it connects
        admitted = Admitted(feed, feed.rpc, lambda: client._shared.tokens, acting_for)  # noqa: SLF001
        transport = AsyncGrpcStreams(client._channel)  # noqa: SLF001 - one of our own
        shell = AsyncShell(admitted, transport, client.run, inbox, name=f"polyspec-us-{feed.stream}")
        with self._places.place(feed.machine):
            shell.act(feed.want, {})
        return self._opened(kind(feed, shell, inbox))
