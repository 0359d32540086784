"""What all parts of the PolySimulator client stand on: who it is, and how it sends."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from secrets import SystemRandom
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import evolve
from polyspec_wire import Call

from polyspec.core.effects import Flow
from polyspec.core.paging import items, next_page
from polyspec.core.secret import Secret
from polyspec.core.sending import Answer, Session
from polyspec.io.driver_async import drive
from polyspec.io.http_async import AsyncHttp
from polyspec.polysimulator.config import (
    HOST,
    PolySimulatorSettings,
    PolySimulatorSurroundings,
    checked_url,
    documented,
)
from polyspec.polysimulator.credentials import AccessToken, Credentials, hidden
from polyspec.polysimulator.manner import PolySimulatorManner
from polyspec.polysimulator.naming import checked_wallet
from polyspec.polysimulator.session import open_session, pacer_for

if TYPE_CHECKING:
    import httpx

__all__ = ["AsyncBase"]

T = TypeVar("T")


class AsyncBase:
    """Sends calls to PolySimulator in the name of one account."""

    # for the repr of a client that could not be made
    base_url: str = ""
    """Where requests go, without ``/v1``."""
    _credentials = Credentials()

    def __init__(
        self,
        api_key: str | Secret | None = None,
        base_url: str = HOST,
        *,
        access_token: AccessToken | None = None,
        wallet_id: int | None = None,
        settings: PolySimulatorSettings | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        """Prepare a client; nothing is sent before the first call.

        Without `api_key` only what is open to everybody works. `access_token` is the dashboard's, or a
        function that returns the one to use now; only what takes no key needs it: the first key, and the
        features of the plan. `wallet_id` is the wallet that orders and reads use unless they name another
        (None is the API wallet); `http` replaces the connections, and `settings.http`.
        """
        # the texts are taken off their names first, or an error would carry them in its traceback
        held, api_key = hidden(api_key), None
        source, access_token = hidden(access_token), None
        self.base_url = checked_url(base_url)
        self.wallet_id = None if wallet_id is None else checked_wallet(wallet_id)
        """The wallet that orders and reads use unless they name another; None is the API wallet."""
        self.settings = settings or PolySimulatorSettings()
        self._credentials = Credentials(held, source)
        self._http = AsyncHttp(self.settings.http, http)
        self.session: Session = open_session(
            self.base_url, self._credentials, self.settings, SystemRandom().random
        )

    @classmethod
    def from_env(
        cls, variables: Mapping[str, str] = os.environ, *, http: httpx.AsyncClient | None = None
    ) -> Self:
        """Make a client from ``POLYSPEC_POLYSIMULATOR_*`` or ``POLYSPEC_SANDBOX``.

        ``POLYSIM_API_KEY`` and ``POLYSIM_BASE_URL`` count where ours are not set. ConfigError says what is
        wrong.
        """
        variables = documented(variables)
        found = PolySimulatorSurroundings.read(variables)
        return cls(
            found.api_key,
            found.base_url,
            access_token=found.access_token,
            settings=found.settings,
            http=http,
        )

    @property
    def tier(self) -> str | None:
        """The plan of the key, as its last answer said; None before it is known."""
        manner = self.session.manner
        assert isinstance(manner, PolySimulatorManner)
        return manner.tier

    @property
    def mark(self) -> str:
        """Something that is the same for all clients with the same key, and tells nothing about it."""
        return self._credentials.mark

    def _use(self, api_key: Secret) -> None:
        # what was begun goes on with the new key, at the old pace
        self._credentials.api_key = api_key
        self.session = evolve(
            self.session,
            pacer=pacer_for(self.base_url, self._credentials, self.settings),
            manner=PolySimulatorManner(tier=self.settings.tier, keep_rates=self.settings.rates is not None),
        )

    async def send(self, call: Call[T], *, timeout: float | None = None) -> T:
        """Send any call of `polyspec_wire.polysimulator` and return its typed answer."""
        return (await self.exchange(call, timeout=timeout)).value

    async def exchange(self, call: Call[T], *, timeout: float | None = None) -> Answer[T]:
        """Send any call; the answer comes with status, headers, raw body and the number of attempts."""
        return await self.run(self.session.send(call, timeout))

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow on this client's connections."""
        return await drive(flow, self._http)

    async def pages(self, call: Call[T], *, timeout: float | None = None) -> AsyncIterator[T]:
        """Iterate over the pages of a call, one in memory at a time; `timeout` holds for each page."""
        following: Call[T] | None = call
        while following is not None:
            page = await self.send(following, timeout=timeout)
            yield page
            following = next_page(following, page)

    async def iterate(self, call: Call[Any], *, timeout: float | None = None) -> AsyncIterator[Any]:
        """Iterate over what all pages of a call list, in constant memory."""
        async for page in self.pages(call, timeout=timeout):
            for item in items(call, page):
                yield item

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._credentials!r} at {self.base_url}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection this client opened."""
        await self._http.aclose()
