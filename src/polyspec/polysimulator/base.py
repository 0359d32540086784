# Mirrored from base_async.py by `python -m generator.mirror`; do not edit.
"""What all parts of the PolySimulator client stand on: who it is, and how it sends."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from secrets import SystemRandom
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import evolve
from polyspec_wire import Call

from polyspec.core.paging import items
from polyspec.core.secret import Secret
from polyspec.core.sending import Session
from polyspec.errors import ConfigError, DecodeError
from polyspec.io.calls import Calls
from polyspec.io.http import Http, read_reply
from polyspec.polysimulator.config import (
    HOST,
    PolySimulatorSettings,
    PolySimulatorSurroundings,
    checked_url,
    documented,
)
from polyspec.polysimulator.credentials import AccessToken, Credentials, as_api_key, hidden
from polyspec.polysimulator.issued import NewKey
from polyspec.polysimulator.manner import PolySimulatorManner
from polyspec.polysimulator.naming import checked_wallet
from polyspec.polysimulator.session import open_session, pacer_for

if TYPE_CHECKING:
    import httpx

__all__ = ["Base"]

T = TypeVar("T")
R = TypeVar("R")


class Base(Calls):
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
        http: httpx.Client | None = None,
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
        self.beating: set[Any] = set()
        """The heartbeats that run."""
        self._http = Http(self.settings.http, http)
        self.session: Session = open_session(
            self.base_url, self._credentials, self.settings, SystemRandom().random
        )
        self._furnish()

    def _furnish(self) -> None:
        """Add the parts of a client."""

    @classmethod
    def from_env(cls, variables: Mapping[str, str] = os.environ, *, http: httpx.Client | None = None) -> Self:
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
    def has_key(self) -> bool:
        """Whether this client has an API key."""
        return self._credentials.api_key is not None

    @property
    def has_access_token(self) -> bool:
        """Whether this client has the dashboard's access token, or somebody to ask for one."""
        return self._credentials.has_token

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

    def use_key(self, api_key: NewKey | str | Secret) -> None:
        """Go on with another key, from the next request on."""
        key, api_key = (api_key.api_key if isinstance(api_key, NewKey) else hidden(api_key)), ""
        held = as_api_key(key)
        if held is None:
            raise ConfigError("api_key must be a key to go on with")
        # what was begun goes on with the new key as well, at the old pace
        self._credentials.api_key = held
        self.session = evolve(
            self.session,
            pacer=pacer_for(self.base_url, self._credentials, self.settings),
            manner=PolySimulatorManner(tier=self.settings.tier, keep_rates=self.settings.rates is not None),
        )

    def once_each(
        self, call: Call[Any], key: Callable[[Any], Hashable], *, timeout: float | None = None
    ) -> Iterator[Any]:
        """Iterate over what all pages list, without what the page before had already."""
        before: set[Hashable] = set()
        for page in self.pages(call, timeout=timeout):
            found = items(call, page)
            for item in found:
                if key(item) not in before:
                    yield item
            before = {key(item) for item in found}

    def by_offset(
        self, make: Callable[[int], Call[T]], read: Callable[[T], list[R]], size: int, timeout: float | None
    ) -> Iterator[R]:
        """Iterate over pages that are asked for by how much came before; one short of `size` is the last."""
        offset, before = 0, list[R]()
        while True:
            found = read(self.send(make(offset), timeout=timeout))
            if found and found == before:
                raise DecodeError("the venue answered the same page twice: paging would not end")
            yield from found
            if len(found) < size:
                return
            offset, before = offset + len(found), found

    @contextmanager
    def open_answer(self, call: Call[Any], *, timeout: float | None = None) -> Iterator[httpx.Response]:
        """Open an answer that is read as it arrives; raises ApiError if there is none to read."""
        for renewed in (False, True):
            request = self.run(self.session.prepare(call, timeout))
            with self._http.stream(request) as response:
                if response.status_code == 401 and not renewed and self.session.authority.refused(request):
                    continue
                if response.status_code != 200:
                    raise self.session.failure(call, read_reply(response), time.time())
                yield response
                return

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._credentials!r} at {self.base_url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection this client opened."""
        self._http.close()
