"""Ask the token endpoint of the US exchange for a token, and explain a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec
from attrs import field, frozen

from polyspec.core.attempt import backoff, parse_retry_after
from polyspec.core.clock import ClockOffset
from polyspec.core.effects import Flow, Instant, Now, Reply, Request, Send, Sleep, Timeouts
from polyspec.core.secret import Secret
from polyspec.core.tokens import Token, TokenCache, lifetime, shared_cache
from polyspec.errors import AuthError, DecodeError, PolyspecError, TimedOut, TransportError
from polyspec.us.auth import PrivateKeyJwt

__all__ = ["TokenSource"]

E = TypeVar("E", bound=PolyspecError)

_ATTEMPTS: Final = 4
# One attempt must not eat the time of the next: the endpoint answers in a fraction of a second.
_CONNECT: Final = 3.0
_TOTAL: Final = 6.0
# From here on our clock is the likely reason for a refused assertion.
_SKEW: Final = 30.0
_TRANSIENT: Final = frozenset({408, 425, 429})
# What a header can carry, and nothing that ends one.
_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,16384}")
_JWT: Final = re.compile(r"eyJ[\w-]*(?:\.[\w-]*)*|[\w+/=-]{40,}")


@frozen
class TokenSource:
    """The access tokens of one set of credentials, shared by everything in this process that uses them."""

    credentials: PrivateKeyJwt
    clock: ClockOffset
    chance: Callable[[], float]
    """Uniform in [0, 1): spreads retries and renewals."""
    user_agent: str = "polyspec"
    cache: TokenCache = field()

    @cache.default
    def _shared(self) -> TokenCache:
        return shared_cache(self.credentials.identity, self.chance)

    def token(self, deadline: float) -> Flow[Token]:
        """Return a token that is good now, by the monotonic second `deadline`.

        Raises AuthError if the credentials were refused, else TransportError or DecodeError. The call that
        needed the token was not sent, so none of them says that it may have been executed.
        """
        return self.cache.token(self.request, deadline)

    def refused(self, authorization: str) -> bool:
        """Note that the venue refused this ``Authorization`` header; return whether a new token is worth a try."""
        return self.cache.invalidate(Secret(authorization.partition(" ")[2].strip()))

    def request(self, deadline: float) -> Flow[Token]:
        """Ask for a new token by `deadline`, signing anew for every attempt."""
        attempts = _Attempts(self, deadline)
        try:
            return (yield from attempts.run())
        except PolyspecError as error:
            error.operation = f"POST {urlsplit(self.credentials.token_url).path or '/'}"
            error.attempts = attempts.number
            # about the call that needed a token: that one never left
            error.maybe_executed = False
            raise


class _Attempts:
    """The attempts to get one token."""

    def __init__(self, source: TokenSource, deadline: float) -> None:
        self.source = source
        self.clock = source.clock
        self.deadline = deadline
        self.number = 0
        self.corrected = False

    def run(self) -> Flow[Token]:
        while True:
            outcome = yield from self._once()
            if isinstance(outcome, Token):
                return outcome
            if isinstance(outcome, AuthError | DecodeError) or self.number >= _ATTEMPTS:
                raise outcome
            yield from self._wait(outcome)

    def _once(self) -> Flow[Token | PolyspecError]:
        """Make one attempt: a token, or what went wrong."""
        start: Instant = yield Now()
        left = self.deadline - start.monotonic
        if left <= 0:
            return TimedOut("the deadline passed before the token endpoint gave an access token")
        offset = self.clock.seconds
        request = self._build(start.wall + offset, left)
        self.number += 1
        try:
            reply: Reply = yield Send(request)
        except TransportError as error:
            return error
        end: Instant = yield Now()
        return self._judge(reply, start, end, offset)

    def _build(self, server_time: float, left: float) -> Request:
        call = self.source.credentials.token_call(server_time)
        return Request(
            method=call.operation.method,
            url=self.source.credentials.token_url,
            headers=(
                ("accept", "application/json"),
                ("user-agent", self.source.user_agent),
                ("content-type", "application/json"),
            ),
            body=msgspec.json.encode(call.body),
            timeout=Timeouts(
                connect=min(_CONNECT, left),
                write=min(_CONNECT, left),
                read=min(_TOTAL, left),
                total=min(_TOTAL, left),
            ),
        )
