"""The client of the Polymarket US exchange."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cached_property
from secrets import SystemRandom
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from polyspec_wire import Call
from polyspec_wire.us_exchange import accounts, health, incentives
from polyspec_wire.us_exchange import models as wire

from polyspec.core.checkup import DEADLINE, Tell, examine
from polyspec.core.findings import Diagnosis
from polyspec.core.sending import Session
from polyspec.errors import ConfigError
from polyspec.io.calls_async import AsyncCalls
from polyspec.io.grpc_channel_async import AsyncChannel
from polyspec.io.http_async import AsyncHttp, read_reply
from polyspec.us.account_async import AsyncBalances, AsyncLedgers, AsyncPositions
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.book_async import AsyncBooks
from polyspec.us.config import ENVIRONMENTS, Environment, Settings, Surroundings, Transport, documented
from polyspec.us.desk_async import AsyncUsDesk
from polyspec.us.downloads import Pieces
from polyspec.us.instruments_async import AsyncInstruments
from polyspec.us.kyc_async import AsyncKyc
from polyspec.us.lines_async import AsyncLines
from polyspec.us.orders_async import AsyncOrders
from polyspec.us.reports_async import AsyncReports
from polyspec.us.rfqs_async import AsyncCombos, AsyncRfqs
from polyspec.us.rpcs import Rpcs
from polyspec.us.session import Shared, open_session, origin_of

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from polyspec.us.protos import Protos
    from polyspec.us.streams_async import AsyncUsStreams

__all__ = ["AsyncUsExchangeClient"]

T = TypeVar("T")


class AsyncUsExchangeClient(AsyncCalls):
    """Trade on the Polymarket US exchange.

    Close it, or use it in an ``async with`` block. One client may be used by many tasks at once.
    """

    def __init__(
        self,
        credentials: PrivateKeyJwt,
        environment: Environment | str,
        *,
        participant_id: str | None = None,
        account: str | None = None,
        settings: Settings | None = None,
        http: httpx.AsyncClient | None = None,
        transport: Transport = "rest",
        protos: Protos | str | Path | None = None,
    ) -> None:
        """Prepare a client; nothing is sent before the first call.

        `participant_id` is the value the venue gave you for the ``x-participant-id`` header (never build it);
        `account` goes into orders and is asked about when a call names no other; `http` replaces the
        connections (and `settings.http`), to go through a proxy or into an ASGI application.

        With ``transport="grpc"`` calls go over gRPC where it has them, and over REST where it has not; needs
        the extra ``grpc``. `protos` is what is spoken there and on streams: the venue's bundle, or where it
        lies; if None what ``polyspec protos use`` chose, and in a sandbox polyspec's own.
        """
        if isinstance(environment, str):
            if environment not in ENVIRONMENTS:
                raise ConfigError(f"environment {environment!r} is none of {', '.join(ENVIRONMENTS)}")
            environment = ENVIRONMENTS[environment]
        settings = settings or Settings()
        chance = SystemRandom().random
        shared = Shared(credentials=credentials, environment=environment, settings=settings, chance=chance)
        lines = AsyncLines(shared, http, transport, protos)
        self._setup(shared, lines, lines.http, participant_id, account)
        self._owns_http = True

    def _setup(
        self,
        shared: Shared,
        lines: AsyncLines,
        http: AsyncHttp,
        participant_id: str | None,
        account: str | None,
    ) -> None:
        self._shared = shared
        self._lines = lines
        self._http = http
        self._owns_http = False
        self.participant_id = participant_id
        """Whom the calls act for."""
        self.account = account
        """Which account orders and queries use unless they name another."""
        self.session: Session = open_session(shared, participant_id, lines.check)
        self.ids = shared.ids
        """The client order ids used lately."""
        self.origin = origin_of(shared, participant_id)
        """Where and for whom calls are made."""
        self.instruments = AsyncInstruments(self, shared.instruments)
        self.book = AsyncBooks(self)
        self.orders = AsyncOrders(self)
        self.reports = AsyncReports(self)
        self.positions = AsyncPositions(self)
        self.balances = AsyncBalances(self)
        self.ledgers = AsyncLedgers(self)
        self.combos = AsyncCombos(self)
        self.rfqs = AsyncRfqs(self)
        self.kyc = AsyncKyc(self)
        self.desk = AsyncUsDesk(self)
        """The face of this client that all venues have in common."""

    @classmethod
    def from_env(
        cls,
        variables: Mapping[str, str] = os.environ,
        *,
        http: httpx.AsyncClient | None = None,
        protos: Protos | str | Path | None = None,
    ) -> Self:
        """Make a client from ``POLYSPEC_US_*`` or ``POLYSPEC_SANDBOX``; ConfigError names what is missing."""
        variables = documented(variables)
        found = Surroundings.read(variables)
        credentials = PrivateKeyJwt.from_file(
            found.private_key_path,
            client_id=found.client_id,
            token_url=found.environment.token_url,
            audience=found.environment.audience,
        )
        return cls(
            credentials,
            found.environment,
            participant_id=found.participant_id,
            account=found.account,
            settings=found.settings,
            http=http,
            transport=found.transport,
            protos=protos,
        )

    def for_participant(self, participant_id: str, account: str | None = None) -> Self:
        """Return a client that acts for another participant over the same connections, token and pacing.

        The connections stay those of this client: closing the other one leaves them open.
        """
        other = type(self).__new__(type(self))
        other._setup(self._shared, self._lines, self._http, participant_id, account)  # noqa: SLF001 - one of our own
        return other

    @property
    def _channel(self) -> AsyncChannel:
        """The channels of gRPC, which close with the client; raises ConfigError where there is no gRPC."""
        return self._lines.channel

    @property
    def _rpcs(self) -> Rpcs:
        """The calls and streams of gRPC."""
        return self._lines.rpcs

    @cached_property
    def stream(self) -> AsyncUsStreams:
        """Live streams: books, and everything of one's own."""
        # who only calls needs no gRPC
        from polyspec.us.streams_async import AsyncUsStreams

        return AsyncUsStreams(self)

    @property
    def settings(self) -> Settings:
        """How this client behaves."""
        return self._shared.settings

    @property
    def environment(self) -> Environment:
        """Where this client connects."""
        return self._shared.environment

    @property
    def credentials(self) -> PrivateKeyJwt:
        """Who this client is; shows nothing secret."""
        return self._shared.credentials

    async def lines(self, call: Call[T], *, timeout: float | None = None) -> AsyncGenerator[T | bytes]:
        """Iterate over a download as it arrives, never holding all of it in memory.

        Yields typed lines, or pieces of the file where the venue sends it bare. Not taken up again once it
        has begun; what the venue reports midway is raised.
        """
        pieces = Pieces(call.operation, self.settings.http.max_body)
        async with self._opened(call, timeout) as response:
            async for chunk in response.aiter_bytes():
                for piece in pieces.feed(chunk):
                    yield piece
            for piece in pieces.end():
                yield piece

    @asynccontextmanager
    async def _opened(self, call: Call[Any], timeout: float | None) -> AsyncIterator[httpx.Response]:
        for renewed in (False, True):
            request = await self.run(self.session.prepare(call, timeout))
            async with self._http.stream(request) as response:
                if response.status_code == 401 and not renewed and self.session.authority.refused(request):
                    continue
                if response.status_code != 200:
                    raise self.session.failure(call, await read_reply(response), time.time())
                yield response
                return

    async def whoami(self) -> wire.GetWhoAmIResponse:
        """Return who the token belongs to."""
        return await self.send(accounts.get_who_am_i())

    async def users(self) -> wire.ListUsersResponse:
        """Return the users this participant can see, as parallel lists."""
        return await self.send(accounts.list_users())

    async def accounts(self, user: str | None = None) -> wire.ListAccountsResponse:
        """Return the accounts of `user` (of everybody if None), as parallel lists."""
        return await self.send(accounts.list_accounts(user=user))

    async def health(self) -> wire.HealthCheckResponse:
        """Ask whether the gateway is up; needs no credentials."""
        return await self.send(health.health_check())

    def incentives(self, symbols: list[str] | None = None) -> AsyncIterator[wire.IncentiveProgram]:
        """Iterate over liquidity programs; needs no credentials."""
        return self.iterate(incentives.list_incentives(symbols=symbols))

    async def doctor(
        self, symbols: Sequence[str] = (), *, deadline: float = DEADLINE, tell: Tell | None = None
    ) -> Diagnosis:
        """Look for what may be wrong, from the network to scopes; sends nothing that changes anything.

        `symbols` are the instruments looked at (default: some of those in use); a check takes `deadline`
        seconds at most; `tell` is told of findings as they come. See docs/doctor.md.
        """
        from polyspec.us.checkup import Patient
        from polyspec.us.checkup_money import checks

        if self._http.closed:
            raise ConfigError("this client is closed: make another one")
        patient = Patient(
            session=self.session,
            shared=self._shared,
            participant_id=self.participant_id,
            account=self.account,
            origin=self.origin,
            grpc=self._lines.check is not None,
            protos=lambda: self._rpcs.protos,
            replaced=self._http.replaced,
            symbols=tuple(symbols),
        )
        return await self.run(examine("us", checks(patient), deadline=deadline, tell=tell))

    async def aclose(self) -> None:
        """Close every stream, and the connections, unless they are another client's."""
        if "stream" in self.__dict__:
            await self.stream.aclose()
        if self._owns_http:
            await self._http.aclose()
            await self._lines.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        # one that could not be made has neither
        shared, whom = getattr(self, "_shared", None), getattr(self, "participant_id", None)
        name = "nowhere" if shared is None else shared.environment.name
        return f"<{type(self).__name__} {name} {whom or 'without participant'}>"
